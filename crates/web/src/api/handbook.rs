//! The handbook: how a company works with Tallyman, written from its configuration; its versions, and who has read which.

use serde::{Deserialize, Serialize};
use tallyman_core::catalogue::Owner;
use tallyman_core::handbook::{Chapter as Says, Mastered as MasteredSays};
use tallyman_engine::handbook::{self, Book, Colleague};
use utoipa::ToSchema;

use super::access::Right;
use super::examples;
use super::inside::Inside;
use super::problem::Problem;
use super::read::{Json, Path};
use super::shape::{At, codes, severities, teams};

/// A card that shows what a failure looks like: the newest of its code.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Example {
    pub card: String,
    /// What was to blame, in codes and numbers.
    pub cause: String,
    pub opened_at: At,
    pub closed_at: Option<At>,
    /// Orders that stand still under it.
    pub orders: u64,
}

/// Something that a team must clear.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Failure {
    #[schema(schema_with = codes)]
    pub code: &'static str,
    #[schema(schema_with = severities)]
    pub severity: &'static str,
    /// What happened.
    pub what: &'static str,
    /// What it means while it stands.
    pub means: &'static str,
    /// What to do.
    pub remedy: &'static str,
    /// What to press, or where to go; the usual one first.
    pub clear: Vec<String>,
    /// What runs again by itself then.
    pub again: &'static str,
    /// By when.
    pub deadline: String,
    /// Who is told.
    pub told: String,
    /// None where it has never happened here.
    pub example: Option<Example>,
}

/// What one team has to know.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Chapter {
    #[schema(schema_with = teams)]
    pub team: &'static str,
    /// When it works.
    pub hours: String,
    /// What holds of every message to it.
    pub told: Vec<String>,
    /// Who to ask: people who act for it here.
    pub people: Vec<String>,
    pub failures: Vec<Failure>,
}

/// Somebody who works by it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Reader {
    pub name: String,
    /// When they said that they have read this version; none if they have not.
    pub read_at: Option<At>,
}

/// What it says otherwise than the version before.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Changes {
    pub added: Vec<String>,
    pub gone: Vec<String>,
}

/// The handbook of one company.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Handbook {
    pub company: String,
    pub version: u64,
    /// Of all that it says.
    pub hash: String,
    /// Since when it says so.
    pub since: At,
    pub chapters: Vec<Chapter>,
    /// Which system is asked where two differ.
    pub masters: Vec<String>,
    /// None for the first version.
    pub changes: Option<Changes>,
    pub readers: Vec<Reader>,
}

impl Handbook {
    pub fn of(company: &str, book: &Book) -> Self {
        let readers = book.people.iter().map(|person| Reader {
            name: person.name.clone(),
            read_at: person.read_at.map(At),
        });
        let others = book.others.iter().map(|(name, at)| Reader {
            name: name.clone(),
            read_at: Some(At(*at)),
        });
        Self {
            company: company.to_owned(),
            version: book.version.number,
            hash: book.version.hash.clone(),
            since: At(book.version.at),
            chapters: book.says.chapters.iter().map(|says| chapter(book, says)).collect(),
            masters: book.says.masters.iter().map(MasteredSays::sentence).collect(),
            changes: book.changes.as_ref().map(|changes| Changes {
                added: changes.added.clone(),
                gone: changes.gone.clone(),
            }),
            readers: readers.chain(others).collect(),
        }
    }
}

fn chapter(book: &Book, says: &Says) -> Chapter {
    let of_team = book.people.iter().filter(|person| person.teams.contains(&says.team));
    let failure = |failure: &tallyman_core::handbook::Failure| {
        let entry = failure.code.entry();
        let example = book.examples.get(&failure.code).map(|stored| Example {
            card: stored.id.clone(),
            cause: stored.card.cause.to_string(),
            opened_at: At(stored.card.opened_at),
            closed_at: stored.closed_at.map(At),
            orders: stored.card.weight.orders,
        });
        Failure {
            code: failure.code.name(),
            severity: entry.severity.name(),
            what: entry.what,
            means: entry.means,
            remedy: entry.remedy,
            clear: failure.clear.clone(),
            again: entry.again.sentence(),
            deadline: failure.deadline.clone(),
            told: failure.told.clone(),
            example,
        }
    };
    Chapter {
        team: says.team.name(),
        hours: says.hours.clone(),
        told: says.told.clone(),
        people: of_team.map(|person| called(person, says.team)).collect(),
        failures: says.failures.iter().map(failure).collect(),
    }
}

fn called(person: &Colleague, team: Owner) -> String {
    if person.stands_in.contains(&team) {
        format!("{} (stands in)", person.name)
    } else {
        person.name.clone()
    }
}

/// Shows a company's handbook
///
/// Written from what is configured: for each team what it must clear, by when and how, each with a real example; who masters what. What it
/// says has a version, which is kept when it is first seen.
#[utoipa::path(get, path = "/companies/{name}/handbook", operation_id = "get_handbook", tag = "handbook",
    params(("name" = String, Path, description = "The company", example = "acme")),
    responses((status = 200, description = "The handbook", body = Handbook, example = json!(examples::handbook())),
        (status = 404, description = "There is no such company", body = Problem, content_type = "application/problem+json")))]
pub async fn get(inside: Inside, Path(name): Path<String>) -> Result<axum::Json<Handbook>, Problem> {
    let merchant = inside.merchant(&name)?;
    inside.leave(Right::Read, &name)?;
    let book = handbook::open(&inside.parts.store, merchant, inside.now()).await?;
    Ok(axum::Json(Handbook::of(merchant.company.as_str(), &book)))
}

/// Which version was read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VersionRead)]
pub struct Seen {
    #[schema(example = 3)]
    pub version: u64,
}

/// Says that the caller has read the handbook
///
/// The version that stands now; an older one is refused. Once is enough.
#[utoipa::path(post, path = "/companies/{name}/handbook/reads", operation_id = "confirm_handbook", tag = "handbook",
    params(("name" = String, Path, description = "The company", example = "acme")),
    request_body(content = Seen, example = json!(serde_json::json!({"version": 3}))),
    responses((status = 200, description = "The handbook, with its readers", body = Handbook, example = json!(examples::handbook())),
        (status = 404, description = "There is no such company", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It is another version by now", body = Problem, content_type = "application/problem+json")))]
pub async fn confirm(inside: Inside, Path(name): Path<String>, Json(seen): Json<Seen>) -> Result<axum::Json<Handbook>, Problem> {
    let merchant = inside.merchant(&name)?;
    let permit = inside.leave(Right::Read, &name)?;
    handbook::confirm(&inside.parts.store, merchant, &permit, seen.version, inside.now()).await?;
    get(inside.clone(), Path(name)).await
}

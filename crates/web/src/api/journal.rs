//! The journal: who did what, page by page, and whether anybody has altered it.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use tallyman_core::access::{HOUSE, person_in};
use tallyman_core::time::{Date, Timestamp, Zone};
use tallyman_engine::board::Page;
use tallyman_engine::journal::{self, Read, Sentence, Wanted};
use tallyman_engine::people;
use tallyman_store::journal::{Seek, VerifyError, verify};
use utoipa::{IntoParams, ToSchema};

use super::access::Right;
use super::examples;
use super::inside::Inside;
use super::problem::Problem;
use super::read::{Query, cursor, limit, placed};
use super::shape::At;

const LINES_A_PAGE: usize = 100;
/// What the journal of people goes by where a company is named.
pub const PEOPLE: &str = "people";

/// Which lines; what is not given is not asked.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Listing {
    /// Whose journal: a company, or `people` for what was done with people (for administrators). The caller's first company if not given.
    pub company: Option<String>,
    /// Who: a part of a person's name, or as the journal names them: `person/ID`, a worker's name. A person's tokens are theirs.
    pub actor: Option<String>,
    /// What the kind of a line begins with: `card`, `hold.placed`.
    pub kind: Option<String>,
    /// What it was done to: a journey, a card, a hold, a connection.
    pub subject: Option<String>,
    /// One day, in the company's zone.
    #[param(value_type = Option<String>, format = Date, example = "2026-11-02")]
    pub day: Option<Date>,
    /// Only what people did who sign in.
    #[serde(default, deserialize_with = "flag")]
    #[param(required = false, value_type = bool)]
    pub people: bool,
    /// `next` of the page before.
    pub after: Option<String>,
    /// Lines a page, at most 200; 100 if not given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// A box that is ticked in a form says `on`.
fn flag<'de, D: serde::Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    match String::deserialize(from)?.as_str() {
        "true" | "on" | "1" => Ok(true),
        "false" | "" | "0" => Ok(false),
        other => Err(serde::de::Error::custom(format!(
            "`people` is true or false, and not {other}"
        ))),
    }
}

/// One line.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct JournalLine {
    /// By which a row of a page keeps its place; nobody else is told.
    #[serde(skip)]
    pub id: i64,
    pub at: At,
    /// As the journal names them.
    pub actor: String,
    /// What they are called, where they are a person.
    pub name: Option<String>,
    pub kind: String,
    pub subject: String,
    /// What it says; for callers with the right `open` where it may name somebody.
    pub what: Option<String>,
    /// Of an act that changed something: what it was. None where there was nothing.
    pub before: Option<String>,
    /// What it is after. None where there is nothing any more.
    pub after: Option<String>,
    /// `said`, `closed` to this caller, `erased` with its key, or `none` where there is no more than its kind.
    pub content: &'static str,
    /// Its number in the chain; none while it is not sealed.
    pub number: Option<u64>,
}

impl JournalLine {
    fn of(line: Read) -> Self {
        let (content, told) = match line.sentence {
            Sentence::Said(told) => ("said", Some(told)),
            Sentence::Closed => ("closed", None),
            Sentence::Erased => ("erased", None),
            Sentence::None => ("none", None),
        };
        Self {
            id: line.id,
            at: At(line.at),
            actor: line.actor,
            name: line.name,
            kind: line.kind,
            subject: line.subject,
            before: told.as_ref().and_then(|told| told.before.clone()),
            after: told.as_ref().and_then(|told| told.after.clone()),
            what: told.map(|told| told.what),
            content,
            number: line.number,
        }
    }
}

/// A page of a journal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct JournalPage {
    pub company: String,
    pub lines: Vec<JournalLine>,
    pub next: Option<String>,
}

/// Whose journal: its company as the store names it, its zone, and how it is called.
fn whose(inside: &Inside, wanted: Option<&str>) -> Result<(String, Zone, String), Problem> {
    if wanted == Some(PEOPLE) {
        inside.leave(Right::People, HOUSE)?;
        return Ok((HOUSE.to_owned(), Zone::utc(), PEOPLE.to_owned()));
    }
    let merchant = match wanted {
        Some(company) => inside.merchant(company)?,
        None => inside.merchants_with(Right::Read)?[0],
    };
    inside.leave(Right::Read, merchant.company.as_str())?;
    let name = merchant.company.to_string();
    Ok((name.clone(), merchant.zone.clone(), name))
}

/// Lists a journal, the newest line first
///
/// What was decided and done, and by whom. A page may hold fewer lines than its limit, and still have a next.
#[utoipa::path(get, path = "/journal", operation_id = "list_journal", tag = "journal", params(Listing),
    responses((status = 200, description = "A page of lines", body = JournalPage, example = json!(examples::journal_page())),
        (status = 404, description = "There is no such company", body = Problem, content_type = "application/problem+json")))]
pub async fn list(inside: Inside, Query(listing): Query<Listing>) -> Result<axum::Json<JournalPage>, Problem> {
    Ok(axum::Json(page_of(&inside, &listing).await?))
}

/// The page that is asked for.
pub async fn page_of(inside: &Inside, listing: &Listing) -> Result<JournalPage, Problem> {
    let (company, zone, called) = whose(inside, listing.company.as_deref())?;
    let within = match listing.day {
        Some(day) => day.starts_in(&zone)..day.plus_days(1).starts_in(&zone),
        None => Timestamp::ZERO..Timestamp::MAX,
    };
    let seek = match (&listing.subject, listing.people) {
        (Some(subject), _) => Seek::Subject(subject.trim().to_owned()),
        (None, true) => Seek::People,
        (None, false) => Seek::All,
    };
    let wanted = Wanted {
        company: company.clone(),
        seek,
        within,
        kind: listing.kind.as_deref().map(|kind| kind.trim().to_owned()),
        actors: match listing.actor.as_deref().map(str::trim) {
            Some(who) => Some(meant(inside, who).await?),
            None => None,
        },
    };
    let after = placed::<(i64, i64)>(listing.after.as_deref())?;
    let after = after.map(|(at, id)| (Timestamp::from_micros(at), id));
    // The journal of people is sealed under nobody's key but theirs, and whoever may see people may read it.
    let opens = company == HOUSE || inside.caller.may(Right::Open, &company, None).is_ok();
    let vault = opens.then_some(&inside.parts.vault);
    let limit = limit(listing.limit, LINES_A_PAGE)?;
    let Page { rows, next } = journal::page(&inside.parts.store, vault, &wanted, after, limit).await?;
    let next = next.map(|(at, id)| cursor(&(at.micros(), id))).transpose()?;
    Ok(JournalPage {
        company: called,
        lines: rows.into_iter().map(JournalLine::of).collect(),
        next,
    })
}

/// Whoever may be meant by what was asked for: somebody by name, or just as the journal names them.
async fn meant(inside: &Inside, who: &str) -> Result<Vec<String>, Problem> {
    let mut actors = vec![who.to_owned()];
    if !who.is_empty() && person_in(who).is_none() {
        actors.extend(people::called(&inside.parts.store, who).await?);
    }
    Ok(actors)
}

#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Whose {
    /// Whose journal; the caller's first company if not given.
    pub company: Option<String>,
}

/// What walking a journal found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VerifiedJournal {
    pub company: String,
    /// Nothing was altered.
    pub whole: bool,
    /// Lines that are linked.
    pub lines: u64,
    /// Lines written since, which are not linked yet and so not proved.
    pub open: u64,
    /// The root over them in hexadecimal, to be compared with one that was kept elsewhere.
    pub root: Option<String>,
    /// What is wrong.
    pub why: Option<String>,
}

/// Verifies a journal
///
/// Walks it from its first line and compares every link and the root. It takes some seconds for a million lines.
#[utoipa::path(get, path = "/journal/verification", operation_id = "verify_journal", tag = "journal", params(Whose),
    responses((status = 200, description = "What was found", body = VerifiedJournal, example = json!(examples::verified_journal())),
        (status = 404, description = "There is no such company", body = Problem, content_type = "application/problem+json")))]
pub async fn verified(inside: Inside, Query(asked): Query<Whose>) -> Result<axum::Json<VerifiedJournal>, Problem> {
    let (company, _, called) = whose(&inside, asked.company.as_deref())?;
    let found = match verify(&inside.parts.store, &company).await {
        Ok(found) => VerifiedJournal {
            company: called,
            whole: true,
            lines: found.lines,
            open: found.open,
            root: Some(HEXLOWER.encode(&found.root)),
            why: None,
        },
        Err(VerifyError::Broken(broken)) => {
            tracing::error!(error = %broken, "the journal of {called} was altered: {broken}");
            VerifiedJournal {
                company: called,
                whole: false,
                lines: 0,
                open: 0,
                root: None,
                why: Some(broken.to_string()),
            }
        }
        Err(VerifyError::Store(error)) => return Err(error.into()),
    };
    Ok(axum::Json(found))
}

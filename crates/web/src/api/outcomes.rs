//! Unknown outcomes: writes of which nobody can tell whether they were carried out, and a person's word about them.

use serde::{Deserialize, Serialize};
use tallyman_engine::answer::{self, Answer, Said};
use tallyman_engine::board::Page;
use tallyman_engine::outcomes::{self, Standing, Waiting};
use tallyman_engine::story::phrase;
use utoipa::{IntoParams, ToSchema};

use super::access::Right;
use super::examples;
use super::inside::Inside;
use super::problem::Problem;
use super::read::{Json, Path, Query, cursor, limit, placed};
use super::shape::At;

const ROWS_A_PAGE: usize = 100;
/// What a person says about how they know.
const REASON_CHARS_MAX: usize = 2_000;

/// How such a write stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stands {
    /// It waits for a person's word.
    Parked,
    /// It is asked about when its time has come.
    Unknown,
    /// It is being asked about.
    Probing,
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Listing {
    pub company: Option<String>,
    /// Only those that stand so.
    #[param(inline)]
    pub state: Option<Stands>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// Rows a page, at most 200; 100 if not given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// One write.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Outcome {
    /// The effect's id, by which it is answered for.
    pub id: String,
    pub company: String,
    /// The order's own number.
    pub reference: Option<String>,
    pub connection: String,
    /// What is written, for people: `despatch in the ledger`.
    pub what: &'static str,
    /// Its kind, for programs.
    pub kind: String,
    /// `parked`, `unknown` or `probing`.
    pub state: &'static str,
    /// When it came to stand so.
    pub since: At,
    /// When it is asked about.
    pub due: Option<At>,
    /// The last instant at which sending may have begun.
    pub began: Option<At>,
    /// How often it was sent.
    pub sends: u32,
    /// What the order is worth, net.
    pub money: String,
    /// The card that it stands under.
    pub card: Option<String>,
    pub code: Option<String>,
    /// Somebody has said that it did not land, and a second person must say the same before it is sent again.
    pub first_word: Option<FirstWord>,
}

/// What a first person has said of a write.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FirstWord {
    pub by: String,
    pub at: At,
}

impl Outcome {
    pub fn of(waiting: &Waiting) -> Self {
        let outcome = &waiting.outcome;
        let card = waiting.card.as_ref();
        Self {
            id: outcome.id.clone(),
            company: waiting.company.clone(),
            reference: Some(outcome.reference.clone()).filter(|reference| !reference.is_empty()),
            connection: outcome.connection.clone(),
            what: phrase(&outcome.name),
            kind: outcome.name.clone(),
            state: waiting.standing.name(),
            since: At(outcome.since),
            due: outcome.due.map(At),
            began: outcome.began.map(At),
            sends: outcome.sends,
            money: outcome.net.to_string(),
            card: card.map(|(id, _)| id.clone()),
            code: card.map(|(_, code)| code.clone()),
            first_word: waiting.first.as_ref().map(|word| FirstWord {
                by: word.actor.clone(),
                at: At(word.at),
            }),
        }
    }
}

/// A page of writes.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OutcomePage {
    pub outcomes: Vec<Outcome>,
    pub next: Option<String>,
}

/// Lists unknown outcomes
///
/// Those that wait for a person's word first.
#[utoipa::path(get, path = "/outcomes", operation_id = "list_outcomes", tag = "outcomes", params(Listing),
    responses((status = 200, description = "A page of writes", body = OutcomePage, example = json!(examples::outcome_page()))))]
pub async fn list(inside: Inside, Query(listing): Query<Listing>) -> Result<axum::Json<OutcomePage>, Problem> {
    let page = page_of(&inside, &listing).await?;
    Ok(axum::Json(OutcomePage {
        outcomes: page.rows.iter().map(Outcome::of).collect(),
        next: page.next,
    }))
}

/// The page of writes that is asked for.
pub async fn page_of(inside: &Inside, listing: &Listing) -> Result<Page<Waiting, String>, Problem> {
    let companies = inside.companies(listing.company.as_deref())?;
    let only = listing.state.map(|state| match state {
        Stands::Parked => Standing::Parked,
        Stands::Unknown => Standing::Unknown,
        Stands::Probing => Standing::Probing,
    });
    let limit = limit(listing.limit, ROWS_A_PAGE)?;
    let after = placed::<(String, String, String)>(listing.after.as_deref())?;
    let after = after.and_then(|(company, standing, id)| Some((company, Standing::named(&standing)?, id)));
    let page = outcomes::page(&inside.parts.store, &companies, only, after, limit).await?;
    let next = page
        .next
        .map(|(company, standing, id)| cursor(&(company, standing.name(), id)));
    Ok(Page {
        rows: page.rows,
        next: next.transpose()?,
    })
}

/// How a person knows.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Word {
    /// For the journal.
    #[schema(example = "Looked in Sage: there is no despatch for it.", min_length = 1, max_length = 2000)]
    reason: String,
}

/// How a person knows, and which document it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Landing {
    /// For the journal.
    #[schema(example = "Sage has it.", min_length = 1, max_length = 2000)]
    reason: String,
    /// The number that the other system gave it, of a write that makes a document with one: a draft, a release.
    #[schema(minimum = 1)]
    number: Option<i64>,
}

/// What the journal keeps.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Answered {
    pub id: String,
    pub said: String,
    /// The word was kept and nothing was sent: a second person, who has looked as well, must say the same.
    pub awaits_second: bool,
}

/// Keeps a person's word about a write.
pub async fn say(inside: &Inside, effect: &str, answer: Answer, reason: &str) -> Result<axum::Json<Answered>, Problem> {
    // Whoever may answer for nothing is not told what is there.
    inside.merchants_with(Right::Answer)?;
    let effect = effect.trim().to_uppercase();
    let company = outcomes::company_of(&inside.parts.store, &effect).await?;
    let company = company.filter(|company| inside.sees(company)).ok_or_else(|| {
        let remedy = "GET /api/v1/outcomes lists those that wait.";
        Problem::not_found("write", &effect, remedy)
    })?;
    let permit = inside.leave(Right::Answer, &company)?;
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
        let detail = format!("Say how you know, in 1 to {REASON_CHARS_MAX} characters: the journal keeps it.");
        return Err(Problem::unreadable("reason", detail));
    }
    let parts = &inside.parts;
    let said = Said { permit: &permit, reason };
    let done = answer::answer(&parts.store, &parts.vault, &*parts.clock, &effect, answer, &said).await;
    let done = done.map_err(|error| Problem::from(error).about(effect.clone()))?;
    Ok(axum::Json(Answered {
        id: effect,
        said: done.sentence,
        awaits_second: done.awaits_second,
    }))
}

macro_rules! answers {
    ($($(#[doc = $doc:tt])+ $name:ident, $path:tt, $id:tt, $body:ident, $example:expr, $answer:expr;)+) => {$(
        $(#[doc = $doc])+
        #[utoipa::path(post, path = $path, operation_id = $id, tag = "outcomes",
            params(("effect" = String, Path, description = "The write's id", example = "KTZ2KQ4WLM5XR7PC")),
            request_body(content = $body, example = json!($example)),
            responses((status = 200, description = "It is kept, and a worker takes it up", body = Answered, example = json!(examples::answered())),
                (status = 404, description = "There is no such write", body = Problem, content_type = "application/problem+json"),
                (status = 422, description = "It does not wait for this answer; the sentence says what to do", body = Problem,
                    content_type = "application/problem+json")))]
        pub async fn $name(
            inside: Inside,
            Path(effect): Path<String>,
            Json(word): Json<$body>,
        ) -> Result<axum::Json<Answered>, Problem> {
            let answer_of: fn(&$body) -> Answer = $answer;
            say(&inside, &effect, answer_of(&word), &word.reason).await
        }
    )+};
}

answers! {
    /// Has the other system asked once more
    ask, "/outcomes/{effect}/ask", "ask_again", Word, examples::word(), |_| Answer::Ask;
    /// Says that it is not there
    ///
    /// Or that what refused it has been put right. It is sent again, after a look where its kind looks. Of a write
    /// to the ledger that may have landed, the first word is only kept: it takes a second person to have it sent again.
    again, "/outcomes/{effect}/again", "send_again", Word, examples::word(), |_| Answer::Again;
    /// Says that it is there
    ///
    /// It is not sent again, and what waits for it goes on. A draft and a release need the number that the other system gave them.
    landed, "/outcomes/{effect}/landed", "has_landed", Landing, examples::landing(),
        |word| word.number.map_or(Answer::Landed, Answer::LandedAs);
}

//! The one thing to fix: what their word means (`word`), tried on everything that stands under the card before it is saved, for all or
//! with one order first; or what a field of an order is to say (`amend`), which is each order's own.

mod amend;
mod word;

use axum::Json;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;

use self::word::Word;
pub use self::word::{Known, known};
use super::{Shown, Tried, answer};
use crate::api::access::Right;
use crate::api::cards;
use crate::api::inside::Inside;
use crate::api::problem::{Kind as Refusal, Problem};
use crate::api::read::{self, Path};
use crate::api::shape::Card;
use crate::api::trials::{self, Trial};
use crate::form::{Form, filled};
use crate::pages::answer::leads_to;
use crate::pages::done::Done;
use crate::pages::trial::How;
use crate::view::field::Wrong;
use crate::view::{Link, words};

/// What was filled in.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Given {
    how: How,
    /// Of a word: what it means.
    ours: String,
    why: String,
    /// Of a field: whose, which, and what it is to say.
    journey: String,
    field: String,
    value: String,
    /// The page of records that it was filled in on.
    after: String,
}

impl Given {
    pub(super) fn after(&self) -> Option<String> {
        filled(&self.after)
    }
}

/// Tries what was filled in, or saves it.
pub async fn take(inside: Inside, Path(id): Path<String>, Form(given): Form<Given>) -> Result<Response, Problem> {
    let (trial, problem) = match carried_out(&inside, &id, &given).await {
        Ok(CameTo::Done(done)) => {
            let page = Link::to(format!("/cards/{id}")).and("after", given.after().as_deref());
            return Ok(leads_to(page, done));
        }
        Ok(CameTo::Trial(trial)) => (Some(trial), None),
        Err(problem) => (None, Some(problem)),
    };
    let tried = Tried {
        problem,
        trial,
        given,
        ..Tried::default()
    };
    Ok(answer(&inside, &id, tried).await?.into_response())
}

enum CameTo {
    Done(Done),
    Trial(Trial),
}

async fn carried_out(inside: &Inside, id: &str, given: &Given) -> Result<CameTo, Problem> {
    let (stored, _) = cards::load(inside, id, Right::Read).await?;
    let card = cards::shown(inside, &stored);
    match (Word::of(&card.cause), given.how) {
        (Some(word), How::Try) => {
            let fix = read::Json(word.fix(&given.ours));
            let Json(trial) = trials::try_fix(inside.clone(), Path(id.to_owned()), fix).await?;
            Ok(CameTo::Trial(trial))
        }
        (Some(word), How::First | How::Save) => word.map(inside, given).await.map(CameTo::Done),
        (None, How::Try) => amend::tried(inside, &stored, given).await.map(CameTo::Trial),
        (None, How::Save) => amend::amend(inside, given).await.map(CameTo::Done),
        (None, How::First) => Err(Problem::new(
            Refusal::Refused,
            "This card waits for no word of theirs.",
            "Amend the field of one order.",
        )),
    }
}

/// The form for it, or what else helps.
pub fn form(inside: &Inside, shown: &Shown, tried: &Tried) -> Markup {
    let card = &shown.card;
    let amends = card.remedies.iter().any(|remedy| remedy.verb == "amend");
    match Word::of(&card.cause) {
        Some(word) => word.form(inside, shown, tried),
        None if amends && shown.may_act => html! {
            (elsewhere(card))
            @if inside.has(Right::Open, &shown.stored.company) { (amend::forms(shown, tried)) } @else { (amend::masked()) }
        },
        None => elsewhere(card),
    }
}

/// Both forms call the reason `why`: the page has other reasons.
fn wrong(tried: &Tried) -> Option<Wrong<'_>> {
    Some(Wrong::of(tried.problem.as_ref())?.renamed("reason", "why"))
}

/// What helps that is done somewhere else.
fn elsewhere(card: &Card) -> Markup {
    let connection = card.cause.connection.as_deref().filter(|_| card.cause.kind == "connection");
    let signs_in = card.remedies.iter().any(|remedy| remedy.verb == "sign_in");
    // What goes again by itself is no unknown outcome, and is not on their page.
    let goes_again = card.remedies.iter().any(|remedy| remedy.verb == "wait");
    html! {
        div.tight {
            p { (words(card.remedy)) }
            @for remedy in &card.remedies {
                @match (remedy.verb, remedy.party) {
                    ("answer", _) if !goes_again => p { a href=(Link::to("/outcomes").and("company", Some(&card.company))) { "Say what became of it" } ", on the page of unknown outcomes." },
                    ("correct", Some(party)) => p.muted { "Corrected in the " (party) ", it is read again by itself." },
                    ("wait", _) => p.muted { "Or nothing: it goes on by itself when the other side is ready." },
                    _ => {},
                }
            }
            @if let Some(connection) = connection {
                p { a href={ "/connections#c-" (connection) } { @if signs_in { "Sign in again" } @else { "See how it stands" } } ", on the page of connections." }
            }
        }
    }
}

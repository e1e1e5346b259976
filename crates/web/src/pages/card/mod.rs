//! Card: the one thing to fix. The form for it, what it holds up, who has done what, and passing it on.
//!
//! `fix` has the forms that put the cause right, `decide` what its owner decides where nothing else helps, `acts` what people do with the card
//! itself, `sort` how cards are put together and taken apart, `parts` the lists.

pub mod acts;
pub mod decide;
pub mod fix;
mod parts;
pub mod sort;

use maud::{Markup, html};
use serde::Deserialize;
use tallyman_engine::desk;
use tallyman_store::tables::cards::Stored;

use super::cards::standing;
use super::done::{Done, notice};
use super::{local, sheet, trial};
use crate::api::access::Right;
use crate::api::acts::may_act_on;
use crate::api::cards::{self, Part};
use crate::api::decisions::Ruled;
use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::api::read::Path;
use crate::api::shape::{Card, History, MemberPage};
use crate::api::trials::Trial;
use crate::api::unlike::{self, Comparison};
use crate::form::Query;
use crate::view::facts::keys;
use crate::view::frame::head;
use crate::view::money::{grouped, pounds};
use crate::view::panel::{note, panel, raw};
use crate::view::time::Local;
use crate::view::{Frame, Kind, Link, Page, Place, capital, count, live, page, problem, state, words};

const ROWS_A_PAGE: u32 = 20;

/// Which part of its lists is looked at, and what has just been done.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Of its records.
    after: Option<String>,
    /// Of its history.
    before: Option<String>,
    done: Option<Done>,
}

/// What was just tried on the page, with what was filled in.
#[derive(Default)]
pub struct Tried {
    pub problem: Option<Problem>,
    pub trial: Option<Trial>,
    pub given: fix::Given,
    /// A decision that left records as they stand.
    pub ruled: Option<Ruled>,
    /// What was filled in of a decision that was refused.
    pub decided: Option<decide::Said>,
}

/// A card with all that its page shows.
pub struct Shown {
    stored: Stored,
    card: Card,
    members: MemberPage,
    history: History,
    local: Local,
    asked: Asked,
    /// Whether whoever looks may act on it now.
    may_act: bool,
    may_comment: bool,
    /// Where a word is what is missing.
    word: fix::Known,
    /// Expected against actual, where it is about what left.
    comparison: Comparison,
    /// Cards that it may be shown under: their ids, and what they are about.
    others: Vec<(String, String)>,
    /// People to whom it may be given, by name; none where names are kept as they are typed.
    people: Vec<String>,
}

/// The page.
pub async fn show(inside: Inside, Path(card): Path<String>, Query(asked): Query<Asked>) -> Result<Page, Problem> {
    render(&inside, &card, asked, &Tried::default()).await
}

/// The page as the answer to something that was tried on it: with a trial, or with what was refused.
pub async fn answer(inside: &Inside, card: &str, tried: Tried) -> Result<Page, Problem> {
    let status = tried
        .problem
        .as_ref()
        .and_then(|problem| axum::http::StatusCode::from_u16(problem.status).ok());
    let asked = Asked {
        after: tried.given.after(),
        ..Asked::default()
    };
    match (render(inside, card, asked, &tried).await, tried.problem) {
        (Ok(page), _) => Ok(page.with(status.unwrap_or_default())),
        // The card cannot be shown either: what was refused first is what there is to say.
        (Err(_), Some(problem)) => Err(problem),
        (Err(problem), None) => Err(problem),
    }
}

async fn load(inside: &Inside, id: &str, asked: Asked) -> Result<Shown, Problem> {
    let (stored, _) = cards::load(inside, id, Right::Read).await?;
    let part = |after: &Option<String>| Part {
        after: after.clone(),
        limit: Some(ROWS_A_PAGE),
    };
    let may_act = stored.closed_at.is_none() && may_act_on(inside, &stored);
    // None of these waits for another.
    let (members, history, card, comparison, (others, people)) = tokio::try_join!(
        async {
            let members = cards::members_of(inside, &stored, part(&asked.after)).await?;
            match may_act {
                true => cards::with_blamed(inside, &stored, members).await,
                false => Ok(members),
            }
        },
        cards::history_of(inside, &stored, part(&asked.before)),
        cards::with_room(inside, &stored),
        unlike::of(inside, &stored),
        async {
            Ok(match may_act {
                true => (sort::others(inside, &stored).await?, who_may(inside, &stored).await?),
                false => (Vec::new(), Vec::new()),
            })
        },
    )?;
    let word = fix::known(inside, &card).await?;
    Ok(Shown {
        may_act,
        people,
        word,
        comparison,
        others,
        may_comment: inside.has(Right::Comment, &stored.company),
        local: local(inside, &card.company),
        stored,
        card,
        members,
        history,
        asked,
    })
}

/// People to whom it may be given.
async fn who_may(inside: &Inside, stored: &Stored) -> Result<Vec<String>, Problem> {
    Ok(desk::who_may_act(&inside.parts.store, &stored.company, stored.card.team, inside.now()).await?)
}

async fn render(inside: &Inside, id: &str, asked: Asked, tried: &Tried) -> Result<Page, Problem> {
    let shown = load(inside, id, asked).await?;
    let card = &shown.card;
    let trail = html! { a href="/cards" { "Exceptions" } " / " (card.company) " / " span.mono { (card.id) } };
    let topic = format!("cards/{}", card.id);
    // A form's answer keeps what was tried on it; around that, the card is current. The page has these parts too, for the answer to find.
    let tried_nothing = tried.problem.is_none() && tried.trial.is_none() && tried.ruled.is_none();
    let part = |id: &str, markup: Markup| {
        if tried_nothing {
            html! { div.part #(id) { (markup) } }
        } else {
            live(&[&topic], id, markup)
        }
    };
    let body = html! {
        (head(Some(trail), html! { (words(card.what)) }, html! { (words(card.means)) }, acts::at_once(&shown)))
        @if let Some(refused) = &tried.problem { (problem::refused(refused)) } @else { (notice(shown.asked.done)) }
        (receipt(&shown))
        (part("facts", first_facts(&shown)))
        (sort::room(&shown))
        div.two {
            div.stack {
                @if proving(card) { (panel("fix", "On its way", None, on_its_way(card))) }
                @else if card.closed_at.is_none() { (panel("fix", "The one thing to fix", None, fix::form(inside, &shown, tried))) }
                @if let Some(trial) = &tried.trial { (trial::of_card(trial)) }
                @if let Some(ruled) = &tried.ruled { (decide::outcome(ruled)) }
                (parts::comparison(inside, &shown.stored.company, &shown.comparison))
                @if shown.may_act && !proving(card) && !card.rulings.is_empty() { (panel("decide", "Decide", Some("where nothing else puts it right"), decide::form(&shown, tried))) }
                (part("records-part", raw("records", "Records", None, html! { (parts::records(inside, &shown)) div.foot { (sheet::links(&Link::to("/sheets/card_records").and("card", Some(&card.id)))) } })))
            }
            div.stack {
                (panel("means", "What to do", None, means(inside, card)))
                (part("history-part", panel("history", "History", None, parts::history(&shown))))
                @if shown.may_act || shown.may_comment {
                    (panel("pass", if shown.may_act { "Pass it on" } else { "Note something" }, None, html! { (acts::forms(&shown)) @if shown.may_act { (sort::forms(&shown)) } }))
                }
            }
        }
    };
    let body = if tried_nothing { live(&[&topic], "card", body) } else { body };
    // The title stands in the browser's own history: a code's sentence, and nothing of a record.
    Ok(page(&Frame::of(inside, Place::Exceptions), card.what, body))
}

fn means(inside: &Inside, card: &Card) -> Markup {
    html! {
        div.tight {
            p { (words(card.remedy)) }
            p.muted { (words(card.again)) }
            @if card.closed_at.is_none() && inside.has(Right::Act, &card.company) {
                p.small { a href={ "/cards/" (card.id) "/capsule" } download { "Export as a capsule" } ": for whoever is to look into it elsewhere. Nobody’s name or address is in it." }
            }
        }
    }
}

/// Nothing stands still any more, and what went on has not proved it yet.
fn proving(card: &Card) -> bool {
    card.life == "verifying"
}

fn on_its_way(card: &Card) -> Markup {
    let waiting = count(card.weight.proving, "record is", "records are");
    html! {
        p.body { "Nothing stands still any more. " b { (waiting) } " on the way to proof; the card closes by itself when each has proved that it went on." }
    }
}

/// Because of what it closed.
fn receipt(shown: &Shown) -> Markup {
    let card = &shown.card;
    html! {
        @if let (Some(closed), Some(receipt)) = (card.closed_at, &card.receipt) {
            (note(Kind::Done, html! { "Closed " (shown.local.at(closed.0)) " because " (receipt) "." @if let Some(by) = &card.put_right_by { " Put right by " (by) "." } }))
        }
    }
}

fn first_facts(shown: &Shown) -> Markup {
    let (card, local) = (&shown.card, &shown.local);
    let (kind, word) = standing(card);
    let due = html! {
        @match card.due {
            Some(due) => span.soon[due.0 <= local.now] { (local.at(due.0)) ", " (local.until(due.0)) },
            None => "–",
        }
    };
    let taken = html! {
        @match (&card.assignee, &card.deputy) {
            (Some(to), Some(deputy)) => { (to) ", else " (deputy) },
            (Some(to), None) => (to),
            (None, _) => span.muted { "nobody yet" },
        }
    };
    let aside = html! {
        @if let Some(aside) = &card.set_aside {
            (local.at(aside.until.0))
            @if let Some(reason) = &aside.reason { ": " (reason) }
        }
    };
    // What belongs to no order, such as a system that does not answer, is not counted among any.
    let still = html! {
        b { (grouped(&card.weight.stopped.to_string())) }
        @if card.weight.orders > 0 { " of " (count(card.weight.orders, "order", "orders")) }
    };
    let to_prove = html! { (grouped(&card.weight.proving.to_string())) };
    let mut pairs = vec![("State", state(kind, word)), ("Cause", html! { (words(&card.cause.said)) })];
    // Of what is over nothing stands still, nothing is at stake and nothing is due.
    let open = card.closed_at.is_none();
    if open && !proving(card) {
        pairs.push(("Records that stand still", still));
    }
    if card.weight.proving > 0 {
        pairs.push(("On their way to proof", to_prove));
    }
    if open && !proving(card) {
        pairs.push(("At stake, net", html! { b { (pounds(&card.weight.money)) } }));
        pairs.push(("Due", due));
    }
    pairs.push(("Team", html! { (capital(card.team)) }));
    pairs.push(("Taken by", taken));
    pairs.push(("Open since", local.at(card.opened_at.0)));
    if card.set_aside.is_some() {
        pairs.push(("Set aside until", aside));
    }
    if let Some(closed) = card.closed_at {
        pairs.push(("Resolved", local.at(closed.0)));
    }
    keys(&pairs)
}

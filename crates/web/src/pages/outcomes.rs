//! Unknown outcomes: writes of which nobody can tell whether they were carried out. What waits for a person's word has the form for it; for
//! all else there is nothing to do, and the page says so.

use axum::Json;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use tallyman_engine::answer::Answer;
use tallyman_engine::outcomes::{Standing, Waiting};
use tallyman_engine::story::phrase;

use super::answer::{above, again, leads_to};
use super::done::Done;
use super::{local, order, sheet};
use crate::api::access::Right;
use crate::api::inside::Inside;
use crate::api::outcomes::{self, Listing};
use crate::api::problem::Problem;
use crate::api::read::Path;
use crate::form::{Form, Query, filled};
use crate::view::facts::facts;
use crate::view::frame::{head, pager};
use crate::view::money::pounds;
use crate::view::panel::empty;
use crate::view::{Frame, Kind, Link, Page, Place, capital, count, live, page, state};

const A_PAGE: u32 = 30;

/// Which writes, and what has just been done.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    company: Option<String>,
    after: Option<String>,
    done: Option<Done>,
}

/// The page.
pub async fn list(inside: Inside, Query(asked): Query<Asked>) -> Result<Page, Problem> {
    render(&inside, &asked, None).await
}

/// What somebody has seen there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    word: Word,
    #[serde(default)]
    reason: String,
    /// Of a document that is there: what the other system calls it.
    #[serde(default)]
    number: String,
    #[serde(default)]
    company: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Ask,
    Again,
    Landed,
}

/// Keeps what somebody says of a write.
pub async fn say(inside: Inside, Path(effect): Path<String>, Form(said): Form<Said>) -> Result<Response, Problem> {
    let company = filled(&said.company);
    match kept(&inside, &effect, &said).await {
        Ok(done) => {
            let page = Link::to("/outcomes").and("company", company.as_deref());
            Ok(leads_to(page, done))
        }
        Err(refused) => {
            let asked = Asked {
                company,
                ..Asked::default()
            };
            let page = render(&inside, &asked, Some(&refused)).await;
            again(page, refused)
        }
    }
}

async fn kept(inside: &Inside, effect: &str, said: &Said) -> Result<Done, Problem> {
    let number = match said.number.trim() {
        "" => None,
        text => {
            let wrong = || Problem::unreadable("number", "The number is that of the document, in digits.");
            Some(text.parse::<i64>().ok().filter(|number| *number > 0).ok_or_else(wrong)?)
        }
    };
    let (answer, done) = match said.word {
        Word::Ask => (Answer::Ask, Done::Asked),
        Word::Again => (Answer::Again, Done::GoesAgain),
        Word::Landed => (number.map_or(Answer::Landed, Answer::LandedAs), Done::Landed),
    };
    let Json(answered) = outcomes::say(inside, effect, answer, &said.reason).await?;
    Ok(if answered.awaits_second { Done::AwaitsSecond } else { done })
}

async fn render(inside: &Inside, asked: &Asked, refused: Option<&Problem>) -> Result<Page, Problem> {
    let listing = Listing {
        company: asked.company.clone(),
        state: None,
        after: asked.after.clone(),
        limit: Some(A_PAGE),
    };
    let found = outcomes::page_of(inside, &listing).await?;
    let link = Link::to("/outcomes").and("company", asked.company.as_deref());
    let sub = "Writes of which nobody can tell yet whether they were carried out. None is sent again until somebody or something has looked.";
    let total = count(found.rows.len() as u64, "write on this page", "writes on this page");
    let body = html! {
        (head(None, html! { "Unknown outcomes" }, html! { (sub) }, sheet::links(&Link::to("/sheets/outcomes").and("company", asked.company.as_deref()))))
        (above(refused, asked.done))
        @if found.rows.is_empty() {
            section.panel aria-label="Writes" {
                (empty("Nothing is unknown", html! { "When an answer is lost, the other system is asked whether the write arrived. What even that does not tell appears here, with the form for a person who has looked." }))
            }
        } @else {
            div.tiles { @for waiting in &found.rows { (one(inside, waiting, asked)) } }
        }
        (pager(&link, asked.after.is_some(), found.next.as_deref(), &total))
    };
    // What was refused stands on the answer to a form, which nothing refreshes.
    let body = if refused.is_none() {
        live(&["outcomes"], "outcomes", body)
    } else {
        body
    };
    Ok(page(&Frame::of(inside, Place::Outcomes), "Unknown outcomes", body))
}

fn one(inside: &Inside, waiting: &Waiting, asked: &Asked) -> Markup {
    let outcome = &waiting.outcome;
    let local = local(inside, &waiting.company);
    let (kind, word) = match (waiting.standing, &waiting.first) {
        (Standing::Parked, Some(_)) => (Kind::Unknown, "Waits for a second word"),
        (Standing::Parked, None) => (Kind::Unknown, "Waits for your word"),
        (Standing::Unknown, _) => (Kind::Unknown, "Asked by itself"),
        (Standing::Probing, _) => (Kind::Unknown, "Being asked now"),
    };
    // Whoever has set its card aside has said nothing of the write.
    let word = if waiting.aside.is_some() {
        format!("{word}, set aside")
    } else {
        word.to_owned()
    };
    let what = capital(phrase(&outcome.name));
    let order = html! {
        @if outcome.reference.is_empty() { "–" } @else { (order::to(inside, &waiting.company, &outcome.journey, &outcome.reference)) " at " (waiting.company) ", " (pounds(&outcome.net.to_string())) }
    };
    let sent = html! {
        @if let Some(began) = outcome.began { (local.exactly(began)) ", " }
        // Of what stands still it is not kept how often it was sent: that is told of the order.
        @if outcome.sends == 0 && waiting.standing == Standing::Parked { "what was tried stands on the order’s page" }
        @else { (count(u64::from(outcome.sends), "time", "times")) }
    };
    // Several writes of one kind may wait, even for orders of one number: their panels differ by the tag.
    let (heading, tag) = (format!("h-{}", outcome.id), format!("tag-{}", outcome.id));
    let mut pairs = vec![
        ("Order", order),
        ("Connection", html! { code { (outcome.connection) } }),
        ("Sent", sent),
        ("So since", local.at(outcome.since)),
        ("Our tag", html! { span.mono #(tag) { (outcome.id) } }),
    ];
    if let Some(due) = outcome.due {
        pairs.push(("Is asked at", local.exactly(due)));
    }
    if let Some(first) = &waiting.first {
        pairs.push(("First word", html! { "not there, " (first.actor) ", " (local.at(first.at)) }));
    }
    if let Some((card, _)) = &waiting.card {
        let until = waiting.aside.map(|until| local.at(until));
        pairs.push((
            "Card",
            html! { a.mono href={ "/cards/" (card) } { (card) } @if let Some(until) = until { ", set aside until " (until) } },
        ));
    }
    html! {
        section.panel id={ "write-" (outcome.id) } aria-labelledby={ (heading) " " (tag) } {
            header { h2 #(heading) { (what) } p { (state(kind, &word)) } }
            div.body.form {
                (facts(&pairs))
                @if waiting.standing != Standing::Parked {
                    p.small.muted { "Nothing to do: the other system is asked, and nothing is sent before that." }
                } @else if inside.has(Right::Answer, &waiting.company) {
                    (word_form(waiting, asked))
                } @else {
                    p.small.muted { "Somebody who may answer for writes looks there, and says what they saw." }
                }
            }
        }
    }
}

fn word_form(waiting: &Waiting, asked: &Asked) -> Markup {
    let id = &waiting.outcome.id;
    let pick = |value: &str, word: &str| {
        let its = format!("{value}-{id}");
        html! { div.pick { input #(its) type="radio" name="word" value=(value) required; label for=(its) { (word) } } }
    };
    let (reason, number) = (format!("reason-{id}"), format!("number-{id}"));
    html! {
        form.form action={ "/outcomes/" (id) } method="post" {
            @if let Some(company) = &asked.company { (crate::view::field::hidden("company", company)) }
            fieldset {
                legend { "What do you see there?" }
                (pick("landed", "It is there, as we wrote it"))
                (pick("again", "It is not there: send it again"))
                (pick("ask", "I cannot tell: have it asked once more"))
            }
            div.field {
                label for=(number) { "Its number there" }
                input #(number) name="number" inputmode="numeric" maxlength="18" autocomplete="off" aria-describedby={ (number) "-help" };
                p.help #{ (number) "-help" } { "Of a draft or a release that is there." }
            }
            div.field {
                label for=(reason) { "How you know" }
                input #(reason) name="reason" maxlength="2000" required autocomplete="off";
            }
            div.acts { button.main { "Give your word" } }
            p.small.muted { "That a write to the ledger did not land takes a second person’s word." }
        }
    }
}

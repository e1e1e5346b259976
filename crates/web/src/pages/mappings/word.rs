//! One word of theirs: what it means, what it has meant and who said so, and the forms to change or withdraw it. What it might mean is tried
//! first, on the same page; what it meant before is put back by the same form.

use axum::Json;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use tallyman_core::mapping::Table;

use super::{connections, noun};
use crate::api::access::Right;
use crate::api::inside::Inside;
use crate::api::mappings::{self, Meaning, Version, Versions, Withdrawal, Word};
use crate::api::problem::Problem;
use crate::api::read;
use crate::api::sheets;
use crate::api::trials;
use crate::api::word_trials::{self, WordTrial};
use crate::form::{Form, Query, filled};
use crate::pages::answer::{above, again, leads_to};
use crate::pages::done::Done;
use crate::pages::local;
use crate::pages::trial::{self, How, buttons};
use crate::view::facts::facts;
use crate::view::field::{Text, Wrong, choice, hidden, options, text};
use crate::view::frame::{head, pager};
use crate::view::panel::{happened, panel};
use crate::view::{Frame, Link, Page, Place, capital, count, live, page};

/// Which word, and what has just been done. Without a word a new one is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    table: Option<String>,
    connection: Option<String>,
    theirs: Option<String>,
    /// What it is to mean, to begin with: what it meant before.
    ours: Option<String>,
    /// Of its history.
    after: Option<String>,
    done: Option<Done>,
}

impl Asked {
    fn of(given: &Given) -> Self {
        Self {
            table: filled(&given.table),
            connection: filled(&given.connection),
            theirs: filled(&given.theirs),
            ours: None,
            after: None,
            done: None,
        }
    }

    fn link(&self) -> Link {
        Link::to("/mappings/words")
            .and("table", self.table.as_deref())
            .and("connection", self.connection.as_deref())
            .and("theirs", self.theirs.as_deref())
    }
}

/// What was filled in.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Given {
    table: String,
    connection: String,
    theirs: String,
    ours: String,
    reason: String,
    how: How,
}

/// What was just tried or refused on the page, with what was filled in.
#[derive(Default)]
struct Tried<'a> {
    given: Option<&'a Given>,
    refused: Option<&'a Problem>,
    trial: Option<WordTrial>,
}

/// The page.
pub async fn show(inside: Inside, Query(asked): Query<Asked>) -> Result<Page, Problem> {
    render(&inside, &asked, &Tried::default()).await
}

/// Tries what it might mean, or says what it means.
pub async fn set(inside: Inside, Form(given): Form<Given>) -> Result<Response, Problem> {
    if given.how == How::Try {
        return try_it(&inside, &given).await;
    }
    let meaning = Meaning {
        table: given.table.clone(),
        connection: given.connection.clone(),
        theirs: given.theirs.clone(),
        ours: given.ours.clone(),
        reason: given.reason.clone(),
        one_first: given.how == How::First,
    };
    let set = mappings::set(inside.clone(), read::Json(meaning)).await;
    answered(&inside, &given, set.map(|Json(meant)| Done::of_meaning(&meant))).await
}

async fn try_it(inside: &Inside, given: &Given) -> Result<Response, Problem> {
    let meaning = trials::Meaning::new(&given.table, &given.connection, &given.theirs, &given.ours);
    match word_trials::try_word(inside.clone(), read::Json(meaning)).await {
        Ok(Json(trial)) => {
            let tried = Tried {
                given: Some(given),
                trial: Some(trial),
                ..Tried::default()
            };
            Ok(render(inside, &Asked::of(given), &tried).await?.into_response())
        }
        Err(refused) => answered(inside, given, Err(refused)).await,
    }
}

/// Takes back what it means.
pub async fn withdraw(inside: Inside, Form(given): Form<Given>) -> Result<Response, Problem> {
    let word = Withdrawal {
        table: given.table.clone(),
        connection: given.connection.clone(),
        theirs: given.theirs.clone(),
        reason: given.reason.clone(),
    };
    let done = mappings::withdraw(inside.clone(), read::Json(word)).await.map(|Json(meant)| {
        if meant.proposed.is_some() {
            Done::Proposed
        } else {
            Done::Withdrawn
        }
    });
    answered(&inside, &given, done).await
}

async fn answered(inside: &Inside, given: &Given, done: Result<Done, Problem>) -> Result<Response, Problem> {
    let asked = Asked::of(given);
    match done {
        Ok(done) => Ok(leads_to(asked.link(), done)),
        Err(refused) => {
            let tried = Tried {
                given: Some(given),
                refused: Some(&refused),
                ..Tried::default()
            };
            let page = render(inside, &asked, &tried).await;
            again(page, refused)
        }
    }
}

/// Versions on a page.
const A_PAGE: u32 = 50;

/// What it means today, and a page of what it has meant.
struct Known {
    now: Option<Version>,
    page: Versions,
}

async fn known(inside: &Inside, asked: &Asked) -> Result<Option<Known>, Problem> {
    let (Some(table), Some(theirs)) = (&asked.table, &asked.theirs) else {
        return Ok(None);
    };
    let word = |after: Option<&String>, limit| Word {
        table: table.clone(),
        connection: asked.connection.clone().unwrap_or_default(),
        theirs: theirs.clone(),
        after: after.cloned(),
        limit: Some(limit),
    };
    let Json(newest) = mappings::history(inside.clone(), read::Query(word(None, 1))).await?;
    let Json(page) = mappings::history(inside.clone(), read::Query(word(asked.after.as_ref(), A_PAGE))).await?;
    Ok(Some(Known {
        now: newest.versions.into_iter().next(),
        page,
    }))
}

async fn render(inside: &Inside, asked: &Asked, tried: &Tried<'_>) -> Result<Page, Problem> {
    let refused = tried.refused;
    let known = match (known(inside, asked).await, refused) {
        (Ok(known), _) => known,
        // What was refused was the word itself: there is no history to show, and the form comes back.
        (Err(_), Some(_)) => None,
        (Err(problem), None) => return Err(problem),
    };
    let now = known.as_ref().and_then(|known| known.now.as_ref());
    let standing = now.and_then(|now| now.ours.as_deref());
    let title = html! { @match &asked.theirs { Some(theirs) => { "What " code { (theirs) } " means" }, None => "Say what a word means" } };
    let table = asked.table.as_deref().and_then(Table::parse);
    let may = match (table, now) {
        (Some(table), Some(now)) => inside.has(Right::to_map(table), &now.company),
        (Some(table), None) => inside.has_anywhere(Right::to_map(table)),
        (None, _) => sheets::may_map(inside).is_ok(),
    };
    let body = html! {
        (head(Some(html! { a href="/mappings" { "Mappings" } }), title, html! {}, html! {}))
        (above(refused, asked.done))
        div.two {
            div.stack {
                @if known.is_some() {
                    (live(&["mappings"], "today-part", panel("now", "Today", None, today(asked, standing))))
                }
                @if let Some(trial) = &tried.trial { (trial::of_word(inside, trial)) }
                @if let Some(known) = &known {
                    (live(&["mappings"], "history-part", panel("history", "History", Some("the newest first"), history(inside, asked, (&known.page, standing), may))))
                }
            }
            div.stack {
                @if may { (panel("change", "Say what it means", None, change(inside, asked, standing, tried))) }
                @if may && standing.is_some() { (panel("withdraw", "Take it back", None, take_back(asked))) }
            }
        }
    };
    let mut frame = Frame::of(inside, Place::Mappings);
    // Which word it is about stands behind the question mark.
    frame.own = frame.own.map(|_| asked.link().to_string());
    Ok(page(&frame, "A word of theirs", body))
}

fn today(asked: &Asked, standing: Option<&str>) -> Markup {
    let table = asked.table.as_deref().unwrap_or_default();
    let waits = Link::to("/cards").and("cause", asked.theirs.as_deref());
    html! {
        (facts(&[
            ("Means", html! { @match standing { Some(ours) => code { (ours) }, None => span.needs { "nothing" } } }),
            ("Table", html! { (noun(table)) }),
            ("Connection", html! { code { (asked.connection.as_deref().unwrap_or_default()) } }),
            ("What waits for it", html! { a href=(waits) { "Open cards that name it" } }),
        ]))
    }
}

fn history(inside: &Inside, asked: &Asked, (versions, standing): (&Versions, Option<&str>), may: bool) -> Markup {
    let back = |ours: &str| {
        let form = asked.link().and("ours", Some(ours));
        html! { " " a.small href={ (form) "#h-change" } { "Put back " (ours) " …" } }
    };
    let one = |version: &Version| {
        let said = html! {
            @match &version.ours { Some(ours) => code { (ours) }, None => span.old { "taken back" } }
            ", by " (version.by) ": “" span.lines { (version.reason) } "”"
            @if let Some(ours) = version.ours.as_deref().filter(|ours| may && standing != Some(*ours)) { (back(ours)) }
        };
        happened(local(inside, &version.company).at(version.since.0), None, said)
    };
    html! {
        @if versions.versions.is_empty() { p.muted { "It has never meant anything." } }
        ol.times { @for version in &versions.versions { (one(version)) } }
        @if asked.after.is_some() || versions.next.is_some() {
            (pager(&asked.link(), asked.after.is_some(), versions.next.as_deref(), &count(versions.versions.len() as u64, "version on this page", "versions on this page")))
        }
    }
}

fn change(inside: &Inside, asked: &Asked, standing: Option<&str>, tried: &Tried<'_>) -> Markup {
    let (none, wrong) = (Given::default(), Wrong::of(tried.refused));
    let given = tried.given.unwrap_or(&none);
    let begins = asked.ours.as_deref().or(standing).unwrap_or_default();
    let known = asked.theirs.is_some() && asked.table.is_some();
    let tables = options(Table::ALL.map(|table| (table.code(), capital(table.noun()))));
    let chosen = |asked: &Option<String>| asked.clone().unwrap_or_default();
    let theirs = Text {
        name: "theirs",
        label: "Their word",
        value: &given.theirs,
        chars_max: 200,
        required: true,
        ..Text::default()
    };
    let ours = Text {
        name: "ours",
        label: "Means",
        value: if given.ours.is_empty() { begins } else { &given.ours },
        help: Some("Our word. Of a unit: how many of the ledger’s stock unit one of theirs is, such as 6 or 1/6."),
        chars_max: 200,
        required: true,
        ..Text::default()
    };
    html! {
        form.form action="/mappings/words" method="post" {
            @if known { (same(asked)) } @else {
                (choice("table", "Table", &tables, &chosen(&asked.table)))
                (choice("connection", "Connection", &connections(inside, None), &chosen(&asked.connection)))
                (text(theirs, wrong))
            }
            (text(ours, wrong))
            (text(Text::reason("reason", &given.reason), wrong))
            (buttons(asked.table.as_deref().unwrap_or_default(), "Try on what came before"))
        }
    }
}

fn same(asked: &Asked) -> Markup {
    html! {
        (hidden("table", asked.table.as_deref().unwrap_or_default()))
        (hidden("connection", asked.connection.as_deref().unwrap_or_default()))
        (hidden("theirs", asked.theirs.as_deref().unwrap_or_default()))
    }
}

fn take_back(asked: &Asked) -> Markup {
    let why = Text {
        id: "why-back",
        label: "Why it is taken back",
        ..Text::reason("reason", "")
    };
    html! {
        form.form action="/mappings/words/withdraw" method="post" {
            (same(asked))
            p.muted { "Orders that need it stop from then on, and say so." }
            (text(why, None))
            div.acts { button { "Take back" } }
        }
    }
}

//! What people do with a card: acknowledge it, work on it, give it to somebody, note something, hand it over, let it stand for a time.
//!
//! What may be done is the engine's to say; a form is shown where it may, and the version that was seen goes along with each.

use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use tallyman_core::card::{Act, Life};
use tallyman_core::catalogue::Owner;
use tallyman_core::time::Timestamp;

use super::{Shown, Tried, answer};
use crate::api::access::Right;
use crate::api::acts;
use crate::api::cards;
use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::api::read::Path;
use crate::form::{Form, filled};
use crate::pages::answer::leads_to;
use crate::pages::done::Done;
use crate::pages::local;
use crate::view::field::{Text, choice, field, hidden, options, text};
use crate::view::{Link, capital};

/// What a form of a card says; each act reads its own fields.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Said {
    version: u64,
    assignee: String,
    deputy: String,
    team: String,
    note: String,
    comment: String,
    until: String,
    reason: String,
}

/// Does one of them.
pub async fn take(inside: Inside, Path((id, act)): Path<(String, String)>, Form(said): Form<Said>) -> Result<Response, Problem> {
    match done(&inside, &id, &act, said).await {
        Ok(done) => Ok(leads_to(Link::to(format!("/cards/{id}")), done)),
        Err(problem) => {
            let tried = Tried {
                problem: Some(problem),
                ..Tried::default()
            };
            Ok(answer(&inside, &id, tried).await?.into_response())
        }
    }
}

async fn done(inside: &Inside, id: &str, act: &str, said: Said) -> Result<Done, Problem> {
    let (act, done) = match act {
        "acknowledge" => (Act::Acknowledge, Done::Acknowledged),
        "fix" => (Act::Fix, Done::TakenOn),
        "take-up" => (Act::TakeUp, Done::TakenUp),
        "comment" => (Act::Comment { text: said.comment }, Done::Noted),
        "assign" => {
            let (to, deputy) = (said.assignee.trim().to_owned(), filled(&said.deputy));
            (Act::Assign { to, deputy }, Done::Assigned)
        }
        "hand-over" => {
            let to = Owner::named(&said.team).ok_or_else(|| Problem::unreadable("team", "Say to which team."))?;
            (Act::HandOver { to, note: said.note }, Done::HandedOver)
        }
        "set-aside" => {
            let until = instant(inside, id, &said.until).await?;
            (
                Act::SetAside {
                    until,
                    reason: said.reason,
                },
                Done::SetAside,
            )
        }
        other => return Err(Problem::not_found("act", other, "The card's page has all of them.")),
    };
    acts::act(inside, id, said.version, act).await.map(|_| done)
}

/// The instant that a field names, in the zone of the card's company.
async fn instant(inside: &Inside, id: &str, given: &str) -> Result<Timestamp, Problem> {
    let (card, _) = cards::load(inside, id, Right::Read).await?;
    let until = local(inside, &card.company).of_field(given);
    until.ok_or_else(|| Problem::unreadable("until", "Say until when, as a day and a time of day."))
}

fn form(shown: &Shown, act: &str, fields: Markup) -> Markup {
    html! {
        form.form action={ "/cards/" (shown.card.id) "/" (act) } method="post" {
            (hidden("version", &shown.card.version.to_string()))
            (fields)
        }
    }
}

/// What takes one press, at the head of the page.
pub fn at_once(shown: &Shown) -> Markup {
    let button = |act, word, main: bool| form(shown, act, html! { button.main[main] { (word) } });
    html! {
        @if shown.may_act {
            @match shown.stored.card.life {
                Life::Open => { (button("acknowledge", "Acknowledge", false)) (button("fix", "I’m on it", true)) },
                Life::Acknowledged => (button("fix", "I’m on it", true)),
                Life::SetAside { .. } => (button("take-up", "Take up again", true)),
                Life::Fixing | Life::Verifying | Life::Resolved => {},
            }
        }
    }
}

fn long<'a>(name: &'a str, label: &'a str, help: Option<&'a str>) -> Text<'a> {
    Text {
        name,
        label,
        help,
        chars_max: 2_000,
        required: true,
        long: true,
        ..Text::default()
    }
}

fn name<'a>(name: &'a str, label: &'a str, value: &'a str, required: bool) -> Text<'a> {
    Text {
        name,
        label,
        value,
        required,
        chars_max: 100,
        ..Text::default()
    }
}

/// One of those who may act on it; a name that is typed where nobody has an account.
fn somebody(shown: &Shown, of: Text<'_>, none: &str) -> Markup {
    if shown.people.is_empty() {
        return text(of, None);
    }
    let people = shown.people.iter().map(|name| (name.clone(), name.clone()));
    let all = options([(String::new(), none.to_owned())].into_iter().chain(people));
    choice(of.name, of.label, &all, of.value)
}

/// What takes words, each folded away until it is wanted.
pub fn forms(shown: &Shown) -> Markup {
    let card = &shown.card;
    let folded = |title: &str, inner: Markup| html! { details.act { summary { (title) } (inner) } };
    let others = Owner::ALL.into_iter().filter(|team| *team != shown.stored.card.team);
    let teams = options(others.map(|team| (team.name(), capital(team.name()))));
    let until = html! {
        input #until name="until" type="datetime-local" required min=(shown.local.for_field(shown.local.now));
    };
    let assign = html! {
        (somebody(shown, name("assignee", "Give it to", card.assignee.as_deref().unwrap_or_default(), true), "Choose …"))
        (somebody(shown, name("deputy", "Who stands in", card.deputy.as_deref().unwrap_or_default(), false), "Nobody"))
        div.acts { button { "Give" } }
    };
    let comment = html! { (text(long("comment", "Comment", None), None)) div.acts { button { "Comment" } } };
    let over = html! {
        (choice("team", "To", &teams, ""))
        (text(long("note", "Note", Some("Why it is theirs.")), None))
        div.acts { button { "Hand over" } }
    };
    let aside = html! {
        (field("until", "Until", until, Some("At most 90 days from now. Then it comes back by itself."), None))
        (text(long("reason", "Why it may stand", None), None))
        div.acts { button { "Set aside" } }
    };
    html! {
        @if shown.may_comment { (form(shown, "comment", comment)) }
        @if shown.may_act { (folded("Give it to somebody …", form(shown, "assign", assign))) }
        @if shown.may_act { (folded("Hand over to another team …", form(shown, "hand-over", over))) }
        @if shown.may_act && !matches!(shown.stored.card.life, Life::SetAside { .. }) { (folded("Set aside …", form(shown, "set-aside", aside))) }
    }
}

//! One person: their levels, sessions and tokens, another link, and the end of their access.

use axum::Json;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use tallyman_store::tables::sign_ins::Session;

use super::people::{grant, link_shown, standing};
use super::{Given, Tab, granting, settings, tokens};
use crate::Provider;
use crate::api::inside::Inside;
use crate::api::people::{self, Account, Giving, Grant, OfProvider, Person, Taking};
use crate::api::problem::Problem;
use crate::api::read::{self, Path};
use crate::api::tokens::{Tokens, Whose};
use crate::form::{Form, Query};
use crate::pages::answer::{above, again, leads_to};
use crate::pages::done::{Asked, Done};
use crate::pages::house_time;
use crate::view::field::{Text, hidden, text};
use crate::view::mark::state;
use crate::view::panel::{panel, raw};
use crate::view::time::Local;
use crate::view::{Link, Page};
use tallyman_engine::people::session;

/// What a form of this page says; each act reads its own fields.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Said {
    level: String,
    company: String,
    operations: Option<String>,
    finance: Option<String>,
    integration: Option<String>,
    subject: String,
    issuer: String,
}

impl Said {
    fn given(&self) -> Given<'_> {
        Given {
            level: &self.level,
            company: &self.company,
            teams: [&self.operations, &self.finance, &self.integration].map(Option::is_some),
        }
    }
}

/// The page.
pub async fn show(inside: Inside, Path(id): Path<String>, Query(asked): Query<Asked>) -> Result<Page, Problem> {
    render(&inside, &id, asked.done, None).await
}

/// Does one thing with a person.
pub async fn take(inside: Inside, Path((id, act)): Path<(String, String)>, Form(said): Form<Said>) -> Result<Response, Problem> {
    if act == "link" {
        let Json(person) = people::get(inside.clone(), Path(id.clone())).await?;
        let Json(link) = people::link(inside.clone(), Path(id)).await?;
        return Ok(link_shown(&inside, &link, &person.name).into_response());
    }
    match done(&inside, &id, &act, &said).await {
        Ok(done) => Ok(leads_to(Link::to(format!("/settings/people/{id}")), done)),
        Err(refused) => {
            let page = render(&inside, &id, None, Some(&refused)).await;
            again(page, refused)
        }
    }
}

async fn done(inside: &Inside, id: &str, act: &str, said: &Said) -> Result<Done, Problem> {
    let (inside, id) = (inside.clone(), Path(id.to_owned()));
    match act {
        "grant" => {
            let giving = Giving {
                level: said.given().level()?,
                company: Some(said.company.clone()),
                teams: said.given().teams(),
            };
            people::grant(inside, id, read::Json(giving)).await.map(|_| Done::Given)
        }
        "revoke" => {
            let taking = Taking {
                level: said.given().level()?,
                company: Some(said.company.clone()),
            };
            people::revoke(inside, id, read::Json(taking)).await.map(|_| Done::Taken)
        }
        "link-account" => {
            let account = Account {
                subject: said.subject.clone(),
            };
            people::link_account(inside, id, read::Json(account))
                .await
                .map(|_| Done::AccountLinked)
        }
        "unlink-account" => {
            let provider = OfProvider {
                issuer: said.issuer.clone(),
            };
            people::unlink_account(inside, id, read::Json(provider))
                .await
                .map(|_| Done::AccountUnlinked)
        }
        "sign-out" => people::sign_out(inside, id).await.map(|_| Done::SignedOut),
        "let-go-of-code" => people::let_go(inside, id).await.map(|_| Done::CodeOff),
        "end" => people::end(inside, id).await.map(|_| Done::Ended),
        other => Err(Problem::not_found("act", other, "The person’s page has all of them.")),
    }
}

async fn render(inside: &Inside, id: &str, done: Option<Done>, refused: Option<&Problem>) -> Result<Page, Problem> {
    let Json(person) = people::get(inside.clone(), Path(id.to_owned())).await?;
    let ended = person.ended.is_some();
    let sessions = if ended {
        Vec::new()
    } else {
        session::of(&inside.parts.store, &inside.caller, id, inside.now()).await?
    };
    let theirs = if ended {
        None
    } else {
        let whose = Whose {
            person: Some(id.to_owned()),
        };
        Some(crate::api::tokens::list(inside.clone(), read::Query(whose)).await?.0)
    };
    let local = house_time(inside);
    let (kind, word) = standing(&person);
    let sub = format!("{} signs in as {}.", person.name, person.sign_in);
    let body = html! {
        p.trail { a href="/settings/people" { "People" } " / " (person.name) }
        (above(refused, done))
        p { (state(kind, word)) @if person.code { " · asked for a code as well" } }
        div.two {
            div.stack {
                (raw("levels", "Levels", None, levels(&person)))
                @if !ended { (raw("sessions", "Open sessions", None, open(&person, &sessions, &local))) }
                @if !ended && (inside.provider().is_some() || !person.accounts.is_empty()) { (raw("accounts", "Single sign-on", None, accounts(&person, inside.provider()))) }
                @if let Some(theirs) = &theirs { (of_tokens(theirs, &local)) }
            }
            div.stack {
                @if !ended {
                    (panel("give", "Give a level", None, html! {
                        form.form action={ "/settings/people/" (person.id) "/grant" } method="post" {
                            (granting(inside, &Given { level: "viewer", company: "", teams: [false; 3] }))
                            div.acts { button.main { "Give" } }
                        }
                    }))
                    (panel("account", "Their account", None, account(&person)))
                }
            }
        }
    };
    Ok(settings(inside, Tab::People, &sub, html! {}, body))
}

fn of_tokens(theirs: &Tokens, local: &Local) -> Markup {
    raw(
        "tokens",
        "Tokens",
        Some("what is said with one is this person’s word"),
        tokens::table(theirs, local, "Has made no token."),
    )
}

fn button(person: &Person, act: &str, word: &str, why: &str) -> Markup {
    html! {
        form.form action={ "/settings/people/" (person.id) "/" (act) } method="post" {
            p.muted.small { (why) }
            div.acts { button { (word) } }
        }
    }
}

fn account(person: &Person) -> Markup {
    html! {
        div.stack {
            (button(person, "link", "Make a link", "For whoever did not use their first link in time, or has forgotten their password. Until the new link is used, their password and their sessions stay as they are."))
            @if person.code { (button(person, "let-go-of-code", "Let go of the code", "The telephone is lost. Their password alone lets them in then.")) }
            details.act {
                summary { "End their access …" }
                (button(person, "end", "End it now", "Sessions, tokens and password are gone at once. What they did keeps their name."))
            }
        }
    }
}

/// What they have, a line each, with the press that takes it away.
fn had([caption, heading]: [&str; 2], all: impl Iterator<Item = (Markup, Markup)>) -> Markup {
    html! {
        table.fold {
            caption.hidden { (caption) }
            thead { tr { th scope="col" { (heading) } th scope="col" { span.hidden { "Take it away" } } } }
            tbody { @for (what, away) in all { tr { td.wide { (what) } td.n { (away) } } } }
        }
    }
}

/// The press that takes it away.
fn take_away(person: &Person, act: &str, which: Markup, what: &str) -> Markup {
    html! {
        form action={ "/settings/people/" (person.id) "/" (act) } method="post" {
            (which)
            button aria-label={ "Take away " (what) } { "Take away" }
        }
    }
}

fn levels(person: &Person) -> Markup {
    let revoke = |one: &Grant| {
        let at = one.company.as_deref();
        let which = html! { (hidden("level", one.level.name())) (hidden("company", at.unwrap_or_default())) };
        take_away(
            person,
            "revoke",
            which,
            &format!("{} at {}", one.level, at.unwrap_or("every company")),
        )
    };
    html! {
        @if person.grants.is_empty() {
            p.body.muted { "They have no level, so they may do nothing. Give one, or end their access." }
        } @else {
            (had(["Levels", "Level"], person.grants.iter().map(|one| (grant(one), html! { @if person.ended.is_none() { (revoke(one)) } }))))
        }
    }
}

/// Whose word they sign in by; and, where somebody vouches for people here, that an account is theirs.
fn accounts(person: &Person, provider: Option<&Provider>) -> Markup {
    let called = |issuer: &str| match provider {
        Some(provider) if provider.issuer == issuer => provider.called.clone(),
        Some(_) | None => issuer.to_owned(),
    };
    let unlink = |issuer: &str| {
        let what = format!("the account of {}", called(issuer));
        take_away(person, "unlink-account", hidden("issuer", issuer), &what)
    };
    let subject = Text {
        name: "subject",
        label: "What it calls them",
        help: Some(
            "The `sub` of its tokens, from its own list of people. Not an e-mail address: somebody else may be given that.",
        ),
        chars_max: 255,
        required: true,
        ..Text::default()
    };
    html! {
        @if person.accounts.is_empty() {
            p.body.muted { "No account of theirs is linked: they sign in with a password." }
        } @else {
            (had(["Accounts", "Vouched for by"], person.accounts.iter().map(|issuer| (html! { (called(issuer)) div.sub.mono { (issuer) } }, unlink(issuer)))))
        }
        @if let Some(provider) = provider {
            form.form.body action={ "/settings/people/" (person.id) "/link-account" } method="post" {
                (text(subject, None))
                div.acts { button { "Link an account of " (provider.called) } }
            }
        }
    }
}

fn open(person: &Person, sessions: &[Session], local: &Local) -> Markup {
    html! {
        @if sessions.is_empty() {
            p.body.muted { "None. When they sign in, it appears here." }
        } @else {
            table.fold {
                caption.hidden { "Open sessions" }
                thead { tr { th scope="col" { "Begun" } th scope="col" { "Last seen" } th scope="col" { "Ends" } } }
                tbody {
                    @for session in sessions {
                        tr { td { (local.at(session.begun_at)) } td data-h="Last seen" { (local.at(session.seen_at)) } td data-h="Ends" { (local.at(session.ends_at)) } }
                    }
                }
            }
            form.body action={ "/settings/people/" (person.id) "/sign-out" } method="post" { button { "Sign out everywhere" } }
        }
    }
}

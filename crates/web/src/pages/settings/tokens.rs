//! Tokens: one's own, for programs that act for somebody with as few of their rights as they need.
//!
//! What opens anything is shown once, on the page that answers the form; it is in no address and kept nowhere.

use std::collections::BTreeSet;

use axum::Json;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use tallyman_core::access::Right;
use tallyman_engine::people::tokens::DAYS_MAX;

use super::access::called;
use super::{Given, Tab, settings, teams_of};
use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::api::read::{self, Path};
use crate::api::tokens::{self, Made, Token, Tokens, Whose, Wish};
use crate::form::{Form, Query};
use crate::pages::answer::{above, again, leads_to};
use crate::pages::done::{Asked, Done};
use crate::pages::{companies, house_time, sheet};
use crate::view::field::{Text, choice, text};
use crate::view::mark::state;
use crate::view::panel::{note, panel, raw};
use crate::view::time::Local;
use crate::view::{Kind, Link, Page};

/// What was filled in. A box of a right or a team that is ticked is there, another is not.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wanted {
    name: String,
    days: String,
    company: String,
    read: Option<String>,
    follow: Option<String>,
    open: Option<String>,
    act: Option<String>,
    map: Option<String>,
    answer: Option<String>,
    connect: Option<String>,
    unmask: Option<String>,
    people: Option<String>,
    approve: Option<String>,
    operations: Option<String>,
    finance: Option<String>,
    integration: Option<String>,
}

impl Wanted {
    fn has(&self, right: Right) -> bool {
        match right {
            Right::Read => &self.read,
            Right::Follow => &self.follow,
            Right::Open => &self.open,
            Right::Act => &self.act,
            Right::Map => &self.map,
            Right::Answer => &self.answer,
            Right::Connect => &self.connect,
            Right::Unmask => &self.unmask,
            Right::People => &self.people,
            Right::Approve => &self.approve,
            Right::Comment | Right::MapMoney | Right::Erase => &None,
        }
        .is_some()
    }

    fn wish(&self) -> Result<Wish, Problem> {
        let given = Given {
            level: "",
            company: "",
            teams: [&self.operations, &self.finance, &self.integration].map(Option::is_some),
        };
        let days = self
            .days
            .trim()
            .parse()
            .map_err(|_| Problem::unreadable("days", format!("Say after how many days it ends: 1 to {DAYS_MAX}.")))?;
        let company = self.company.trim();
        Ok(Wish {
            name: self.name.clone(),
            rights: Right::OF_TOKENS.into_iter().filter(|right| self.has(*right)).collect(),
            companies: (!company.is_empty()).then(|| company.to_owned()).into_iter().collect(),
            teams: given.teams(),
            days,
        })
    }
}

/// The page.
pub async fn list(inside: Inside, Query(asked): Query<Asked>) -> Result<Page, Problem> {
    render(&inside, asked.done, None, &Wanted::default()).await
}

/// Makes one, and shows it, this once.
pub async fn make(inside: Inside, Form(wanted): Form<Wanted>) -> Result<Response, Problem> {
    let made = async { tokens::make(inside.clone(), read::Json(wanted.wish()?)).await };
    match made.await {
        Ok(Json(made)) => Ok(shown(&inside, &made).into_response()),
        Err(refused) => {
            let page = render(&inside, None, Some(&refused), &wanted).await;
            again(page, refused)
        }
    }
}

/// Ends one.
pub async fn end(inside: Inside, Path(token): Path<String>) -> Result<Response, Problem> {
    match tokens::end(inside.clone(), Path(token)).await {
        Ok(_) => Ok(leads_to(Link::to("/settings/tokens"), Done::TokenEnded)),
        Err(refused) => {
            let page = render(&inside, None, Some(&refused), &Wanted::default()).await;
            again(page, refused)
        }
    }
}

const SUB: &str = "For programs that act for you. A token never may more than you, and what is said with it is your word.";

fn shown(inside: &Inside, made: &Made) -> Page {
    let local = house_time(inside);
    let body = html! {
        (note(Kind::Done, html! { "The token " b { (made.token.name) } " is made. It ends by itself " (local.at(made.token.ends.0)) "." }))
        (panel("secret", "Copy it now: it is not shown again", None, html! {
            div.form {
                p { code { (made.secret) } }
                p { "A program sends it as " code { "Authorization: Bearer" } ". If it is lost, end this one and make another." }
                div.acts { a.btn.main href="/settings/tokens" { "I have copied it" } }
            }
        }))
    };
    settings(inside, Tab::Tokens, SUB, html! {}, body)
}

async fn render(inside: &Inside, done: Option<Done>, refused: Option<&Problem>, wanted: &Wanted) -> Result<Page, Problem> {
    let local = house_time(inside);
    if inside.caller.whose().is_none() {
        let body = html! {
            (panel("nobody", "You came in without an account", None, html! {
                p { "Tokens belong to people. Who signs in with a name and a password makes and ends their own here; those of the configuration file stand beside them." }
            }))
        };
        return Ok(settings(inside, Tab::Tokens, SUB, html! {}, body));
    }
    let Json(own) = tokens::list(inside.clone(), read::Query(Whose::default())).await?;
    let body = html! {
        (above(refused, done))
        div.two {
            (raw("own", "Your tokens", None, html! {
                (table(&own, &local, "None yet. Make one for a program, with as few rights as it needs."))
                @if !own.tokens.is_empty() { div.foot { (sheet::links(&Link::to("/sheets/tokens"))) } }
            }))
            (panel("make", "Make a token", None, form(inside, wanted)))
        }
    };
    Ok(settings(inside, Tab::Tokens, SUB, html! {}, body))
}

fn standing(token: &Token) -> (Kind, &'static str) {
    match (token.stands, &token.ended) {
        (true, _) => (Kind::Done, "Stands"),
        (false, Some(_)) => (Kind::None, "Ended"),
        (false, None) => (Kind::None, "Over"),
    }
}

/// Tokens, each with what it may and how to end it.
pub fn table(tokens: &Tokens, local: &Local, none: &str) -> Markup {
    html! {
        @if tokens.tokens.is_empty() {
            p.body.muted { (none) }
        } @else {
            table.fold {
                caption.hidden { "Tokens" }
                thead {
                    tr {
                        th scope="col" { "Name" }
                        th scope="col" { "May" }
                        th scope="col" { "State" }
                        th.n scope="col" { "Ends" }
                        th scope="col" { span.hidden { "End it" } }
                    }
                }
                tbody {
                    @for token in &tokens.tokens {
                        @let (kind, word) = standing(token);
                        tr {
                            td { span.title { (token.name) } }
                            td.wide data-h="May" {
                                (token.rights.iter().map(|right| right.words()).collect::<Vec<_>>().join(", "))
                                @if !token.companies.is_empty() { ", at " (token.companies.iter().cloned().collect::<Vec<_>>().join(", ")) }
                                @if !token.teams.is_empty() { ", for " (teams_of(&token.teams)) }
                            }
                            td data-h="State" { (state(kind, word)) }
                            td.n data-h="Ends" { (local.at(token.ended.unwrap_or(token.ends).0)) }
                            td.n {
                                @if token.stands {
                                    form action={ "/settings/tokens/" (token.id) "/end" } method="post" { button aria-label={ "End " (token.name) } { "End" } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn form(inside: &Inside, wanted: &Wanted) -> Markup {
    let name = Text {
        name: "name",
        label: "Name",
        value: &wanted.name,
        help: Some("What it is for, such as price-sheet."),
        chars_max: 40,
        required: true,
        ..Text::default()
    };
    let days = Text {
        name: "days",
        label: "Ends after days",
        value: if wanted.days.is_empty() { "90" } else { &wanted.days },
        chars_max: 3,
        required: true,
        ..Text::default()
    };
    let own: BTreeSet<Right> = Right::OF_TOKENS
        .into_iter()
        .filter(|right| inside.has_anywhere(*right) || inside.caller.has(*right))
        .collect();
    let companies = companies(inside, Some("Everywhere that you may"));
    html! {
        form.form action="/settings/tokens" method="post" {
            (text(name, None))
            fieldset {
                legend { "It may" }
                @for right in &own {
                    @let id = format!("right-{right}");
                    div.pick { input #(id) type="checkbox" name=(right.name()) checked[wanted.has(*right)]; label for=(id) { (called(*right)) } }
                }
            }
            (choice("company", "Where", &companies, &wanted.company))
            (super::picks([&wanted.operations, &wanted.finance, &wanted.integration].map(Option::is_some)))
            (text(days, None))
            div.acts { button.main { "Make it" } }
        }
    }
}

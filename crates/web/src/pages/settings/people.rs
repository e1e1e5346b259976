//! People: who signs in, what each may, and inviting somebody.
//!
//! Inviting is the one act beside making a token and another link that answers with a page and not with an address: what it shows stands
//! nowhere else, and an address is kept by browsers.

use axum::Json;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use tallyman_core::access::{Level, Right};

use super::{Given, Tab, granting, settings, teams_of};
use crate::api::inside::Inside;
use crate::api::people::{self, Grant, Invitation, Newcomer, Part, People, Person};
use crate::api::problem::Problem;
use crate::api::read;
use crate::form::{Form, Query};
use crate::pages::answer::{above, again};
use crate::pages::done::Done;
use crate::pages::{house_time, sheet};
use crate::view::field::{Text, Wrong, text};
use crate::view::frame::pager;
use crate::view::mark::state;
use crate::view::panel::{empty, note, panel};
use crate::view::{Kind, Link, Page, capital, count, live};

const A_PAGE: u32 = 50;

/// Which page of them, and what has just been done.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    after: Option<String>,
    done: Option<Done>,
}

/// What was filled in of somebody who is to sign in.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wanted {
    name: String,
    sign_in: String,
    level: String,
    company: String,
    operations: Option<String>,
    finance: Option<String>,
    integration: Option<String>,
}

impl Wanted {
    fn given(&self) -> Given<'_> {
        Given {
            level: &self.level,
            company: &self.company,
            teams: [&self.operations, &self.finance, &self.integration].map(Option::is_some),
        }
    }
}

/// The page.
pub async fn list(inside: Inside, Query(asked): Query<Asked>) -> Result<Page, Problem> {
    render(&inside, &asked, None, &Wanted::default()).await
}

/// Invites somebody, and shows the link, this once.
pub async fn invite(inside: Inside, Form(wanted): Form<Wanted>) -> Result<Response, Problem> {
    let invited = async {
        let newcomer = Newcomer {
            name: wanted.name.clone(),
            sign_in: Some(wanted.sign_in.clone()),
            level: wanted.given().level()?,
            company: Some(wanted.company.clone()),
            teams: wanted.given().teams(),
        };
        people::invite(inside.clone(), read::Json(newcomer)).await
    };
    match invited.await {
        Ok(Json(invitation)) => Ok(link_shown(&inside, &invitation, &wanted.name).into_response()),
        Err(refused) => {
            let page = render(&inside, &Asked::default(), Some(&refused), &wanted).await;
            again(page, refused)
        }
    }
}

/// A link for somebody, which nobody will be shown again.
pub fn link_shown(inside: &Inside, invitation: &Invitation, name: &str) -> Page {
    let local = house_time(inside);
    let body = html! {
        (note(Kind::Done, html! { "The link is made. It works once, until " (local.at(invitation.ends.0)) ", and is shown only here." }))
        (panel("link", "Give this link to nobody else", None, html! {
            div.form {
                @let address = inside.address.as_deref();
                p { @if address.is_none() { "Put it behind the address of this console, and send it to " } @else { "Send it to " } b { (name) } ", by a way on which only they read." }
                p { code { (address.unwrap_or_default()) (invitation.path) } }
                p.muted { "Whoever opens it chooses a password. Nobody ever knows somebody else’s." }
                div.acts { a.btn.main href={ "/settings/people/" (invitation.person) } { "Go on to this person" } a.btn href="/settings/people" { "All people" } }
            }
        }))
    };
    settings(
        inside,
        Tab::People,
        "A link that lets its reader choose a password.",
        html! {},
        body,
    )
}

async fn render(inside: &Inside, asked: &Asked, refused: Option<&Problem>, wanted: &Wanted) -> Result<Page, Problem> {
    let sub = "Who signs in, and what each may. Nobody is given a password: a link lets its reader choose one.";
    if !inside.caller.has(Right::People) {
        return Err(people::list(inside.clone(), read::Query(Part::default()))
            .await
            .err()
            .unwrap_or_else(|| Problem::not_found("page", "people", "Ask an administrator.")));
    }
    let part = Part {
        after: asked.after.clone(),
        limit: Some(A_PAGE),
    };
    let Json(found) = people::list(inside.clone(), read::Query(part)).await?;
    let total = count(found.people.len() as u64, "person on this page", "people on this page");
    let link = Link::to("/settings/people");
    let body = html! {
        (above(refused, asked.done))
        div.two {
            section.panel aria-label="People" {
                @if let (true, Some(entrants)) = (found.people.is_empty(), &inside.entrants) {
                    (empty("Nobody has a password here", html! { "People come in by the links that were printed at the start: " (entrants.join(" and ")) "." }))
                } @else if found.people.is_empty() {
                    (empty("Nobody signs in yet", html! { "Invite somebody: they appear here, with what they may." }))
                } @else {
                    (live(&["people"], "people", table(&found)))
                    div.foot { (sheet::links(&Link::to("/sheets/people"))) }
                    (pager(&link, asked.after.is_some(), found.next.as_deref(), &total))
                }
            }
            @if inside.entrants.is_none() { (panel("invite", "Invite somebody", None, form(inside, refused, wanted))) }
        }
    };
    Ok(settings(inside, Tab::People, sub, html! {}, body))
}

/// How somebody stands.
pub fn standing(person: &Person) -> (Kind, &'static str) {
    match (&person.ended, person.set_up) {
        (Some(_), _) => (Kind::None, "Ended"),
        (None, true) => (Kind::Done, "Signs in"),
        (None, false) => (Kind::Waiting, "Invited"),
    }
}

/// A level, where it counts, and for which teams.
pub fn grant(grant: &Grant) -> Markup {
    html! {
        (capital(grant.level.name())) " at " (grant.company.as_deref().unwrap_or("every company"))
        @if !grant.teams.is_empty() { ", for " (teams_of(&grant.teams)) }
    }
}

fn table(found: &People) -> Markup {
    html! {
        table.fold {
            caption.hidden { "People" }
            thead {
                tr {
                    th scope="col" { "Name" }
                    th scope="col" { "Signs in as" }
                    th scope="col" { "May" }
                    th scope="col" { "State" }
                    th.n scope="col" { "Sessions" }
                }
            }
            tbody {
                @for person in &found.people {
                    @let (kind, word) = standing(person);
                    tr {
                        td.wide { a.title href={ "/settings/people/" (person.id) } { (person.name) } }
                        td data-h="Signs in as" { (person.sign_in) }
                        td.wide data-h="May" {
                            @if person.grants.is_empty() { span.muted { "nothing" } }
                            @for one in &person.grants { div { (grant(one)) } }
                        }
                        td data-h="State" { (state(kind, word)) @if person.code { div.sub { "with a code" } } }
                        td.n data-h="Sessions" { (person.sessions) }
                    }
                }
            }
        }
    }
}

fn form(inside: &Inside, refused: Option<&Problem>, wanted: &Wanted) -> Markup {
    let wrong = Wrong::of(refused);
    let name = Text {
        name: "name",
        label: "Name",
        value: &wanted.name,
        help: Some("As colleagues know them."),
        chars_max: 80,
        required: true,
        ..Text::default()
    };
    let sign_in = Text {
        name: "sign_in",
        label: "Signs in as",
        value: &wanted.sign_in,
        help: Some("Left empty, it is made of the name: anna.smith."),
        chars_max: 64,
        ..Text::default()
    };
    let level = if wanted.level.is_empty() {
        Level::Viewer.name()
    } else {
        &wanted.level
    };
    let given = Given { level, ..wanted.given() };
    html! {
        form.form action="/settings/people" method="post" {
            (text(name, wrong))
            (text(sign_in, wrong))
            (granting(inside, &given))
            div.acts { button.main { "Invite" } }
        }
    }
}

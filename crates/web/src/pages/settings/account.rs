//! My account: one's own password and sessions, and whether a code is asked for (`code`).

use axum::Extension;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use tallyman_core::access::Given as Level;
use tallyman_core::access::{Grant, Kind as Who, Where};
use tallyman_engine::people::{self, code as second, session};
use tallyman_store::tables::sign_ins::Session;

use super::{Tab, code, settings, teams_of};
use crate::api::inside::Inside;
use crate::api::problem::{Kind as Refusal, Problem};
use crate::api::read::Path;
use crate::form::{Form, Query, filled};
use crate::guard::{Credentials, Visit};
use crate::pages::answer::{above, again, leads_to};
use crate::pages::done::{Asked, Done};
use crate::pages::house_time;
use crate::view::facts::facts;
use crate::view::field::field;
use crate::view::panel::{panel, raw};
use crate::view::time::Local;
use crate::view::{Link, Page, capital};

pub const SUB: &str = "Your password, your sessions, and the code that your telephone shows beside it.";

/// The page.
pub async fn show(inside: Inside, Extension(visit): Extension<Visit>, Query(asked): Query<Asked>) -> Result<Page, Problem> {
    render(&inside, &visit, asked.done, None, None).await
}

/// What is said to change one's password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub struct Passwords {
    old: String,
    new: String,
    code: String,
}

/// Changes the password.
pub async fn password(
    inside: Inside,
    Extension(visit): Extension<Visit>,
    Form(said): Form<Passwords>,
) -> Result<Response, Problem> {
    own(&inside)?;
    let old = Credentials {
        name: String::new(),
        password: said.old,
        code: filled(&said.code),
        from: None,
    };
    let changed = visit.doorman.change_password(&visit.cookie, &old, &said.new).await;
    let changed = changed.map_err(|why| Problem::new(Refusal::Refused, why, "Nothing was changed."));
    answered(&inside, &visit, changed.map(|()| Done::PasswordChanged)).await
}

/// Ends one session.
pub async fn end_session(
    inside: Inside,
    Extension(visit): Extension<Visit>,
    Path(its): Path<String>,
) -> Result<Response, Problem> {
    let own = own(&inside)?;
    let ended = session::end(&inside.parts.store, &inside.caller, (&own, &its), inside.now()).await;
    answered(&inside, &visit, ended.map(|()| Done::SessionEnded).map_err(Problem::from)).await
}

/// Ends all sessions but this one.
pub async fn end_others(inside: Inside, Extension(visit): Extension<Visit>) -> Result<Response, Problem> {
    let own = own(&inside)?;
    let here = visit.doorman.session(&visit.cookie).await;
    let (store, now) = (&inside.parts.store, inside.now());
    for one in session::of(store, &inside.caller, &own, now).await? {
        if Some(&one.id) != here.as_ref() {
            session::end(store, &inside.caller, (&own, &one.id), now).await?;
        }
    }
    answered(&inside, &visit, Ok(Done::SessionEnded)).await
}

/// Who is here, if they have an account.
pub fn own(inside: &Inside) -> Result<String, Problem> {
    match inside.caller.kind {
        Who::Person => Ok(inside.caller.id.clone()),
        Who::Token | Who::Terminal => Err(Problem::new(
            Refusal::Refused,
            "You came in without an account, so there is nothing to change.",
            "Sign in with a name and a password.",
        )),
    }
}

/// The page, after something was done or refused on it.
pub async fn answered(inside: &Inside, visit: &Visit, done: Result<Done, Problem>) -> Result<Response, Problem> {
    match done {
        Ok(done) => Ok(leads_to(Link::to("/account"), done)),
        Err(refused) => {
            let page = render(inside, visit, None, Some(&refused), None).await;
            again(page, refused)
        }
    }
}

/// The page; `instead` stands where the code is set up or let go of.
pub async fn render(
    inside: &Inside,
    visit: &Visit,
    done: Option<Done>,
    refused: Option<&Problem>,
    instead: Option<Markup>,
) -> Result<Page, Problem> {
    let local = house_time(inside);
    let store = &inside.parts.store;
    let Ok(own) = own(inside) else {
        let body = html! {
            (panel("nobody", "You came in without an account", None, html! { p { "You are here as " b { (inside.caller.name) } ", by a link or a token. Whoever signs in with a name and a password has their account here." } }))
            (panel("may", "What you may", None, grants(inside.caller.grants())))
        };
        return Ok(settings(inside, Tab::Account, SUB, html! {}, body));
    };
    let person = people::one_by_id(store, &own).await?;
    let sign_in = person.map(|person| person.sign_in).unwrap_or_default();
    let sessions = session::of(store, &inside.caller, &own, inside.now()).await?;
    let here = visit.doorman.session(&visit.cookie).await;
    let is_on = second::is_on(store, &inside.caller).await?;
    let has_password = second::has_password(store, &inside.caller).await?;
    let body = html! {
        (above(refused, done))
        div.two {
            div.stack {
                (panel("you", "You", None, facts(&[
                    ("Name", html! { (inside.caller.name) }),
                    ("Signs in as", html! { (sign_in) }),
                    ("May", grants(inside.caller.grants())),
                ])))
                (raw("sessions", "Your sessions", Some("end those that you do not know"), table(&sessions, here.as_deref(), &local)))
            }
            div.stack {
                @if has_password {
                    (panel("code", "A code beside your password", None, instead.unwrap_or_else(|| code::form(is_on))))
                    (panel("password", "Another password", None, password_form(&sign_in, is_on)))
                } @else {
                    (panel("vouched", "Your way in", None, html! { p { "Single sign-on lets you in: there is no password of yours here, and a second factor is theirs to ask for." } }))
                }
            }
        }
    };
    Ok(settings(inside, Tab::Account, SUB, html! {}, body))
}

fn grants(all: &[Grant]) -> Markup {
    html! {
        @for grant in all {
            div {
                @match &grant.given {
                    Level::Level(level) => (capital(level.name())),
                    Level::Rights(rights) => (capital(&rights.iter().map(|right| right.words()).collect::<Vec<_>>().join(", "))),
                }
                " at "
                @match &grant.at { Where::Everywhere => "every company", Where::Only(companies) => (companies.iter().cloned().collect::<Vec<_>>().join(", ")) }
                @if !grant.teams.is_empty() { ", for " (teams_of(&grant.teams)) }
            }
        }
    }
}

fn table(sessions: &[Session], here: Option<&str>, local: &Local) -> Markup {
    html! {
        table.fold {
            caption.hidden { "Your open sessions" }
            thead { tr { th scope="col" { "Begun" } th scope="col" { "Last seen" } th scope="col" { "Ends" } th scope="col" { span.hidden { "End it" } } } }
            tbody {
                @for session in sessions {
                    @let own = here == Some(session.id.as_str());
                    tr {
                        td { (local.at(session.begun_at)) @if own { div.sub { "this one" } } }
                        td data-h="Last seen" { (local.at(session.seen_at)) }
                        td data-h="Ends" { (local.at(session.ends_at)) }
                        td.n {
                            @if !own {
                                form action={ "/account/sessions/" (session.id) "/end" } method="post" { button aria-label={ "End the session that began at " (session.begun_at.local_in(&local.zone)) } { "End" } }
                            }
                        }
                    }
                }
            }
        }
        @if sessions.len() > 1 { form.body action="/account/sessions/end-others" method="post" { button { "End all others" } } }
    }
}

fn password_form(sign_in: &str, is_on: bool) -> Markup {
    let secret = |name: &str, label: &str, kept: &str, help: Option<&str>| {
        let control = html! { input #(name) name=(name) type="password" autocomplete=(kept) required maxlength="200"; };
        field(name, label, control, help, None)
    };
    html! {
        form.form action="/account/password" method="post" {
            p.muted.small { "You sign in as " (sign_in) "." }
            (secret("old", "The one that you have", "current-password", None))
            @if is_on {
                div.field {
                    label for="old-code" { "The code that your app shows" }
                    input #old-code name="code" maxlength="8" autocomplete="one-time-code" inputmode="numeric" required;
                }
            }
            (secret("new", "The new one", "new-password", Some("Twelve characters or more, used nowhere else. Your other sessions end.")))
            div.acts { button.main { "Change it" } }
        }
    }
}

//! Signing in and out, and the first name and password. Who somebody is the doorman says; here is only what they are asked.

use std::net::IpAddr;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;

use crate::form::{Form, Query, filled, written};
use crate::guard::{Credentials, Doorman, Guard, Invited, cookie, next_page, see_other, set_cookie};
use crate::place::{self, Peer};
use crate::view::field::{Text, field, hidden, text};
use crate::view::mark::{Kind, mark};
use crate::view::panel::note;
use crate::view::{Page, alone};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    next: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
    next: Option<String>,
}

impl Given {
    fn credentials(&self, from: Option<IpAddr>) -> Credentials {
        Credentials {
            name: self.name.trim().to_owned(),
            password: self.password.clone(),
            code: filled(&self.code),
            from,
        }
    }
}

fn refused(why: Option<&str>) -> Markup {
    html! { @if let Some(why) = why { div.note.needs role="alert" { (mark(Kind::Needs, None)) div { (why) } } } }
}

fn password(label: &str, kept: &str) -> Markup {
    let control = html! { input #password name="password" type="password" autocomplete=(kept) required maxlength="200"; };
    field("password", label, control, None, None)
}

fn name(value: &str, help: Option<&str>) -> Markup {
    let control = html! { input #name name="name" value=(value) autocomplete="username" required maxlength="100"; };
    field("name", "Name", control, help, None)
}

/// The way to whoever else vouches for people: a link, since no form of ours leads elsewhere.
fn other_way(doorman: &dyn Doorman, asked: &[(&str, &str)]) -> Markup {
    html! {
        @if let Some(called) = doorman.vouched_by() {
            a.btn href={ "/sign-in/with?" (written(asked)) } { "Sign in with " (called) }
            p.or.small.muted { "or" }
        }
    }
}

pub fn form(doorman: &dyn Doorman, next: &str, given_name: &str, why: Option<&str>) -> Page {
    asking(doorman, next, given_name, &refused(why))
}

/// The form with what was done, or refused, above it.
fn asking(doorman: &dyn Doorman, next: &str, given_name: &str, above: &Markup) -> Page {
    let code = Text {
        name: "code",
        label: "Code from your app",
        help: Some("Only if you have set one up."),
        chars_max: 8,
        ..Text::default()
    };
    let body = html! {
        h1 { "Sign in" }
        (above)
        (other_way(doorman, &[("next", next)]))
        form.form action="/sign-in" method="post" {
            (hidden("next", next))
            (name(given_name, None))
            (password("Password", "current-password"))
            (text(code, None))
            button.main { "Sign in" }
        }
        p.small.muted { "Forgotten? An administrator can send you a link that works once. After some wrong tries in a row a name must wait." }
    };
    alone("Sign in", body)
}

/// Asks who it is.
pub async fn ask(State(guard): State<Guard>, Query(asked): Query<Asked>) -> Page {
    form(&*guard.doorman, next_page(asked.next.as_deref()), "", None)
}

/// Lets somebody in, or says why not.
pub async fn take(State(guard): State<Guard>, peer: Peer, headers: HeaderMap, Form(given): Form<Given>) -> Response {
    let next = next_page(given.next.as_deref());
    let from = place::of(&peer, &headers, guard.doorman.proxies());
    match guard.doorman.sign_in(&given.credentials(from)).await {
        Ok(cookie) => let_in(&guard, &cookie, next),
        Err(why) => form(&*guard.doorman, next, &given.name, Some(&why))
            .with(StatusCode::FORBIDDEN)
            .into_response(),
    }
}

pub fn let_in(guard: &Guard, cookie: &str, next: &str) -> Response {
    let mut response = see_other(next);
    if let Some(cookie) = set_cookie(Some(cookie), guard.doorman.reached()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// Lets somebody in by a link that signs in by itself.
pub async fn enter(State(guard): State<Guard>, Path(link): Path<String>) -> Response {
    match guard.doorman.enter(&link).await {
        Some(cookie) => let_in(&guard, &cookie, "/"),
        None => form(&*guard.doorman, "/", "", Some("This link signs nobody in, or not any more."))
            .with(StatusCode::FORBIDDEN)
            .into_response(),
    }
}

/// Signs out.
pub async fn over(State(guard): State<Guard>, headers: HeaderMap) -> Response {
    let reached = guard.doorman.reached();
    if let Some(cookie) = cookie(&headers, reached) {
        guard.doorman.sign_out(cookie).await;
    }
    let mut response = see_other("/sign-in");
    if let Some(none) = set_cookie(None, reached) {
        response.headers_mut().insert(header::SET_COOKIE, none);
    }
    response
}

fn first_form(doorman: &dyn Doorman, link: &str, invited: Option<&Invited>, given_name: &str, why: Option<&str>) -> Page {
    let title = match invited {
        Some(Invited::First) => "Set yourself up".to_owned(),
        Some(Invited::Person { name, .. }) => format!("Welcome, {name}"),
        None => return over_already(),
    };
    let body = html! {
        h1 { (title) }
        p.muted { "This link works once. Choose a password of twelve characters or more that you use nowhere else." }
        (refused(why))
        (other_way(doorman, &[("link", link)]))
        form.form action={ "/set-up/" (link) } method="post" {
            @if let Some(Invited::Person { sign_in, .. }) = invited {
                p { "You sign in as " b { (sign_in) } "." }
                // For whatever keeps their passwords.
                input type="text" name="name" value=(sign_in) autocomplete="username" readonly hidden;
            } @else {
                (name(given_name, Some("As colleagues know you. Anna Smith signs in as anna.smith.")))
            }
            (password("Password", "new-password"))
            button.main { "Set up and sign in" }
        }
    };
    alone("Set yourself up", body)
}

/// To whoever follows a link that stands no more.
fn over_already() -> Page {
    let body = html! {
        h1 { "This link does not count any more" }
        p { "It works once, and for an hour. If you have chosen your password, sign in with it; else ask an administrator for another link." }
        a.btn.main href="/sign-in" { "Sign in" }
    };
    alone("Set yourself up", body).with(StatusCode::FORBIDDEN)
}

/// A link is some letters and digits; whatever else stands there is none.
pub fn link(given: &str) -> &str {
    let plain = given.len() <= 100
        && given
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if plain { given } else { "none" }
}

/// Asks for a password, and of whoever is the first for a name.
pub async fn ask_first(State(guard): State<Guard>, Path(given): Path<String>) -> Page {
    let link = link(&given);
    let invited = guard.doorman.invited(link).await;
    first_form(&*guard.doorman, link, invited.as_ref(), "", None)
}

/// Sets somebody up, or says why not.
pub async fn take_first(State(guard): State<Guard>, Path(its): Path<String>, Form(given): Form<Given>) -> Response {
    let (doorman, link) = (&*guard.doorman, link(&its));
    let invited = doorman.invited(link).await;
    match (doorman.set_up(link, &given.credentials(None)).await, &invited) {
        (Ok(Some(cookie)), _) => let_in(&guard, &cookie, "/"),
        (Ok(None), invited) => {
            let sign_in = match invited {
                Some(Invited::Person { sign_in, .. }) => sign_in.as_str(),
                Some(Invited::First) | None => "",
            };
            asking(
                doorman,
                "/",
                sign_in,
                &note(Kind::Done, html! { "Your password is set. Sign in with it." }),
            )
            .into_response()
        }
        (Err(why), invited) => first_form(doorman, link, invited.as_ref(), &given.name, Some(&why))
            .with(StatusCode::FORBIDDEN)
            .into_response(),
    }
}

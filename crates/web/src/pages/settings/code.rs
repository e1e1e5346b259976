//! A code beside one's password, of an app on one's telephone: set up, and let go of.
//!
//! Its secret is shown once, on the page that answers the form, as a picture to photograph and as text to type. A code is asked for from the
//! moment one of that secret was shown to fit.

use axum::Extension;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use tallyman_engine::people::code::{self, Secret};

use super::account::{SUB, answered, own, render};
use super::{Tab, settings};
use crate::api::inside::Inside;
use crate::api::problem::{Kind as Refusal, Problem};
use crate::form::Form;
use crate::guard::Visit;
use crate::pages::answer::again;
use crate::pages::done::Done;
use crate::view::field::{Text, text};
use crate::view::panel::{note, panel};
use crate::view::{Kind, Page, qr};

/// Draws a secret, and shows it, this once.
pub async fn begin(inside: Inside, Extension(visit): Extension<Visit>) -> Result<Response, Problem> {
    own(&inside)?;
    let parts = &inside.parts;
    match code::begin(&parts.store, &parts.vault, &inside.caller, inside.now()).await {
        Ok(secret) => Ok(secret_shown(&inside, &secret)?.into_response()),
        Err(error) => answered(&inside, &visit, Err(error.into())).await,
    }
}

/// A code that somebody reads off their telephone.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shown {
    code: String,
}

/// A first code was shown: from now on one is asked for.
pub async fn confirm(inside: Inside, Extension(visit): Extension<Visit>, Form(shown): Form<Shown>) -> Result<Response, Problem> {
    own(&inside)?;
    let parts = &inside.parts;
    match code::confirm(&parts.store, &parts.vault, &inside.caller, &shown.code, inside.now()).await {
        Ok(()) => answered(&inside, &visit, Ok(Done::CodeOn)).await,
        Err(error) => {
            let refused = Problem::from(error);
            let page = render(&inside, &visit, None, Some(&refused), Some(confirm_form())).await;
            again(page, refused)
        }
    }
}

/// Codes are not asked for any more.
pub async fn off(inside: Inside, Extension(visit): Extension<Visit>, Form(shown): Form<Shown>) -> Result<Response, Problem> {
    own(&inside)?;
    let parts = &inside.parts;
    let off = code::off(&parts.store, &parts.vault, &inside.caller, &shown.code, inside.now()).await;
    answered(&inside, &visit, off.map(|()| Done::CodeOff).map_err(Problem::from)).await
}

fn digits() -> Markup {
    let code = Text {
        name: "code",
        label: "The code that it shows now",
        chars_max: 8,
        required: true,
        ..Text::default()
    };
    text(code, None)
}

/// The form to set it up, or to let go of it.
pub fn form(is_on: bool) -> Markup {
    html! {
        @if is_on {
            form.form action="/account/code/off" method="post" {
                p { "You are asked for a code when you sign in. Whoever learns your password does not come in with it alone." }
                (digits())
                div.acts { button { "Ask for no code any more" } }
            }
        } @else {
            form.form action="/account/code" method="post" {
                p { "With a code from an app on your telephone, your password alone lets nobody in." }
                div.acts { button.main { "Set it up" } }
            }
        }
    }
}

fn confirm_form() -> Markup {
    html! {
        div.stack {
            form.form action="/account/code/confirm" method="post" {
                p { "Type the code that your app shows for Tallyman. It is asked for once one has fitted." }
                (digits())
                div.acts { button.main { "Confirm" } }
            }
            form.form action="/account/code" method="post" { div.acts { button { "Begin again" } } }
        }
    }
}

fn secret_shown(inside: &Inside, secret: &Secret) -> Result<Page, Problem> {
    let picture =
        qr::picture(&secret.uri).ok_or_else(|| Problem::new(Refusal::Failed, "The picture cannot be drawn.", "Begin again."))?;
    let body = html! {
        (note(Kind::Waiting, html! { "The secret is shown only here. It is asked for once a code of it has fitted." }))
        div.two {
            (panel("secret", "Photograph it with your app", None, html! {
                div.form {
                    (picture)
                    p { "Or type it in: " code { (secret.text.as_str()) } }
                    p.muted.small { "Time-based, six digits, thirty seconds." }
                }
            }))
            (panel("confirm", "Then say what it shows", None, html! {
                form.form action="/account/code/confirm" method="post" { (digits()) div.acts { button.main { "Confirm" } a.btn href="/account" { "Not now" } } }
            }))
        }
    };
    Ok(settings(inside, Tab::Account, SUB, html! {}, body))
}

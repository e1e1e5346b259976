//! The way to whoever else vouches for people, and back. What has to be kept meanwhile is in a cookie of its own, for some minutes.
//!
//! The way is a link and its end a redirect: a form of ours never leads elsewhere, and what comes back is a plain address. Nothing of what a
//! provider says in it is shown.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;

use super::sign_in::{form, let_in, link};
use crate::form::Query;
use crate::guard::{Back, Guard, next_page, see_other};
use crate::safety::Reached;

/// How long the way may take.
const MINUTES_MAX: u32 = 10;
/// A longer address is not kept on the way: they begin at the first page.
const NEXT_BYTES_MAX: usize = 300;
const COOKIE_BYTES_MAX: usize = 600;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    next: Option<String>,
    /// Of an invitation.
    link: Option<String>,
}

/// Where somebody goes on once they are back.
enum Then {
    Page(String),
    /// They come by an invitation.
    Link(String),
}

impl Then {
    fn written(&self) -> String {
        match self {
            Self::Page(next) => format!("p{}", BASE64URL_NOPAD.encode(next.as_bytes())),
            Self::Link(link) => format!("l{}", BASE64URL_NOPAD.encode(link.as_bytes())),
        }
    }

    fn read(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_at_checked(1)?;
        let rest = String::from_utf8(BASE64URL_NOPAD.decode(rest.as_bytes()).ok()?).ok()?;
        match kind {
            "p" => Some(Self::Page(next_page(Some(&rest)).to_owned())),
            "l" => Some(Self::Link(rest)),
            _ => None,
        }
    }
}

/// Sends somebody to be vouched for.
pub async fn leave(State(guard): State<Guard>, Query(asked): Query<Asked>) -> Response {
    let then = match &asked.link {
        Some(its) => Then::Link(link(its).to_owned()),
        None => {
            let next = next_page(asked.next.as_deref());
            Then::Page(if next.len() > NEXT_BYTES_MAX { "/" } else { next }.to_owned())
        }
    };
    match guard.doorman.leave().await {
        Ok((place, secret)) => {
            let kept = format!("{secret}.{}", then.written());
            with_cookie(see_other(&place), Some(&kept), guard.doorman.reached())
        }
        Err(why) => refused(&guard, &why),
    }
}

/// What a provider adds to the address; most of it is not looked at.
#[derive(Debug, Default, Deserialize)]
pub struct Said {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    error: Option<String>,
}

/// Lets somebody in who has come back.
pub async fn back(State(guard): State<Guard>, headers: HeaderMap, Query(said): Query<Said>) -> Response {
    let reached = guard.doorman.reached();
    let response = match let_back_in(&guard, &headers, &said).await {
        Ok(response) => response,
        Err(why) => refused(&guard, &why),
    };
    // It is for one way only.
    with_cookie(response, None, reached)
}

async fn let_back_in(guard: &Guard, headers: &HeaderMap, said: &Said) -> Result<Response, String> {
    let lost = "This is not the way that this browser left by, or it took too long. Start again from here.";
    let kept = cookie(headers, guard.doorman.reached()).ok_or(lost)?;
    let (secret, then) = kept.split_once('.').ok_or(lost)?;
    let then = Then::read(then).ok_or(lost)?;
    if said.error.is_some() || said.code.is_empty() {
        return Err("You were not signed in there. Start again, or sign in with your password.".into());
    }
    let (link, next) = match &then {
        Then::Page(next) => (None, next.as_str()),
        Then::Link(link) => (Some(link.as_str()), "/"),
    };
    let brought = Back {
        state: &said.state,
        code: &said.code,
        link,
    };
    let session = guard.doorman.come_back(secret, &brought).await?;
    Ok(let_in(guard, &session, next))
}

fn refused(guard: &Guard, why: &str) -> Response {
    form(&*guard.doorman, "/", "", Some(why))
        .with(StatusCode::FORBIDDEN)
        .into_response()
}

const fn name(reached: Reached) -> &'static str {
    match reached {
        Reached::Https => "__Secure-tallyman-way",
        Reached::Plain => "tallyman-way",
    }
}

fn cookie(headers: &HeaderMap, reached: Reached) -> Option<&str> {
    let sent = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = sent
        .flat_map(|sent| sent.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(its, _)| *its == name(reached))?;
    (value.len() <= COOKIE_BYTES_MAX).then_some(value)
}

fn with_cookie(mut response: Response, kept: Option<&str>, reached: Reached) -> Response {
    let secure = match reached {
        Reached::Https => "; Secure",
        Reached::Plain => "",
    };
    let (value, seconds) = kept.map_or(("", 0), |kept| (kept, 60 * MINUTES_MAX));
    let text = format!(
        "{}={value}; Path=/sign-in; HttpOnly; SameSite=Lax{secure}; Max-Age={seconds}",
        name(reached)
    );
    if let Ok(text) = HeaderValue::from_str(&text) {
        response.headers_mut().append(header::SET_COOKIE, text);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_somebody_goes_on_is_kept_and_is_a_page_of_ours() {
        for then in [Then::Page("/cards?team=finance".into()), Then::Link("abc-DEF".into())] {
            let text = then.written();
            assert_eq!(Then::read(&text).unwrap().written(), text);
        }
        let elsewhere = Then::Page("//evil.example".into()).written();
        assert!(matches!(Then::read(&elsewhere), Some(Then::Page(page)) if page == "/"));
        assert!(Then::read("").is_none() && Then::read("x").is_none() && Then::read("p!").is_none());
    }
}

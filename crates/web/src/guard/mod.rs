//! The pages' door: whose cookie it is, that a form comes from a page of ours, and no more than so many at once.
//!
//! Who people are and how they sign in is the [`Doorman`]'s; here stands only what a browser needs: a cookie, and where to go without one.
//! A form that was sent from elsewhere is refused before anybody is looked up. What a handler refuses as a [`Problem`] is shown as a page.
//!
//! Not here: what somebody may do. That is asked where it is done, by the same functions for pages and API.

mod doorman;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

use crate::api::inside::Caller;
use crate::api::problem::{Kind, Problem};
use crate::safety::Reached;
use crate::view::{self, Frame, Place};
use crate::{api, within};

pub use self::doorman::{Back, Credentials, Doorman, Invited, Nobody};

/// Pages under way at once, beside the API's own; what comes beyond is told to come again.
const AT_ONCE_MAX: usize = 64;
/// Of those for whoever has not signed in. They have a room of their own: whoever fills it from outside keeps nobody who is in from their work.
const AT_THE_DOOR_MAX: usize = 32;
/// The longest that one of them takes, the reading of a form and a provider's answers included.
const AT_THE_DOOR_FOR: Duration = Duration::from_secs(30);
/// What pages that are open listen to.
pub(crate) const LIVE: &str = "/live";
/// What `console.js` says when it fetches a page again because something has changed.
const BY_ITSELF: &str = "x-by-itself";
/// The longest cookie that is looked at.
const COOKIE_BYTES_MAX: usize = 200;
/// The longest address that somebody is sent back to.
const NEXT_BYTES_MAX: usize = 2_000;

/// By what somebody is here: for the page of their own account, and nothing else.
#[derive(Clone)]
pub struct Visit {
    pub doorman: Arc<dyn Doorman>,
    pub cookie: String,
}

/// What the door needs to know.
#[derive(Clone)]
pub struct Guard {
    pub doorman: Arc<dyn Doorman>,
    room: Arc<Semaphore>,
    answer_max: Duration,
}

impl Guard {
    pub fn new(doorman: Arc<dyn Doorman>) -> Self {
        Self {
            doorman,
            room: Arc::new(Semaphore::new(AT_ONCE_MAX)),
            answer_max: api::ANSWER_MAX,
        }
    }

    /// The same, for whoever has not signed in.
    fn at_the_door(&self) -> Self {
        Self {
            doorman: self.doorman.clone(),
            room: Arc::new(Semaphore::new(AT_THE_DOOR_MAX)),
            answer_max: AT_THE_DOOR_FOR,
        }
    }
}

/// Pages for whoever has signed in, and those for whoever has not.
pub fn before(inner: Router, open: Router, guard: Guard) -> Router {
    let open = open.layer(from_fn_with_state(guard.at_the_door(), through));
    let inner = inner.layer(from_fn_with_state(guard.clone(), signed_in));
    open.merge(inner.layer(from_fn_with_state(guard, through)))
}

/// What is asked of every request for a page.
async fn through(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let mut response = match admitted(&guard, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    match response.extensions_mut().remove::<Problem>() {
        Some(problem) => with_headers(view::problem::alone(&problem).into_response(), &response),
        None => response,
    }
}

async fn admitted(guard: &Guard, request: Request, next: Next) -> Result<Response, Problem> {
    if !is_reading(request.method()) && !is_from_here(request.headers()) {
        return Err(Problem::new(
            Kind::NotAllowed,
            "The form was not sent from a page of this server, so nothing was done.",
            "Open the page here and send the form again.",
        ));
    }
    let busy = |detail: &str| Problem::new(Kind::Unavailable, detail, "Ask again in some seconds.");
    let _place = guard.room.try_acquire().map_err(|_| busy("Too many pages are being made."))?;
    within(guard.answer_max, next.run(request))
        .await
        .ok_or_else(|| busy("It took too long. What was to be written may or may not have been: look before you try again."))
}

fn is_reading(method: &Method) -> bool {
    *method == Method::GET || *method == Method::HEAD
}

/// Whether a browser says that a page of ours sent this: `Sec-Fetch-Site`, else `Origin`. What says neither is no browser that signs in.
fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin"), text("host")) {
        (Some(site), ..) => matches!(site, "same-origin" | "none"),
        (None, Some(origin), Some(host)) => {
            let bare = origin.strip_prefix("https://").or(origin.strip_prefix("http://"));
            bare.is_some_and(|bare| bare.eq_ignore_ascii_case(host))
        }
        (None, Some(_), None) | (None, None, _) => false,
    }
}

/// Whether a page that is open asks, and not a person. Whoever says so wrongly ends their own session sooner.
fn is_by_itself(request: &Request) -> bool {
    is_reading(request.method()) && (request.uri().path() == LIVE || request.headers().contains_key(BY_ITSELF))
}

async fn signed_in(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let cookie = cookie(request.headers(), guard.doorman.reached()).map(str::to_owned);
    let known = match &cookie {
        Some(cookie) if is_by_itself(&request) => guard.doorman.look(cookie).await,
        Some(cookie) => guard.doorman.whose(cookie).await,
        None => None,
    };
    let (Some(token), Some(cookie)) = (known, cookie) else {
        return to_sign_in(request.method(), request.uri());
    };
    request.extensions_mut().insert(Caller(token.clone()));
    let doorman = guard.doorman.clone();
    request.extensions_mut().insert(Visit { doorman, cookie });
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Problem>() {
        Some(problem) => {
            let frame = Frame::bare(&token, Place::Nowhere);
            with_headers(view::problem::framed(&frame, &problem).into_response(), &response)
        }
        None => response,
    }
}

/// A page in the place of an answer, with what its headers said of caching and of coming again.
fn with_headers(mut page: Response, instead_of: &Response) -> Response {
    for name in [header::CACHE_CONTROL, header::RETRY_AFTER] {
        if let Some(value) = instead_of.headers().get(&name) {
            page.headers_mut().insert(name, value.clone());
        }
    }
    page
}

fn to_sign_in(method: &Method, asked: &Uri) -> Response {
    let path = asked.path_and_query().map_or("/", |path| path.as_str());
    // A form that was not taken is not sent again by itself.
    let next = if is_reading(method) && path != "/" { Some(path) } else { None };
    let place = match next {
        Some(next) => format!("/sign-in?{}", crate::form::written(&[("next", next)])),
        None => "/sign-in".to_owned(),
    };
    see_other(&place)
}

/// 303: what there is to see now.
pub fn see_other(place: &str) -> Response {
    match HeaderValue::from_str(place) {
        Ok(place) => (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response(),
        Err(_) => Problem::unreadable("path", "The address cannot be written.").into_response(),
    }
}

/// Where somebody goes on after signing in: a page of ours, whatever they were told.
pub fn next_page(wanted: Option<&str>) -> &str {
    let ours = |path: &&str| {
        let plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        path.starts_with('/') && !path.starts_with("//") && plain && path.len() <= NEXT_BYTES_MAX
    };
    wanted.filter(ours).unwrap_or("/")
}

const fn name(reached: Reached) -> &'static str {
    match reached {
        Reached::Https => "__Host-tallyman",
        Reached::Plain => "tallyman",
    }
}

/// The cookie that was sent.
pub fn cookie(headers: &HeaderMap, reached: Reached) -> Option<&str> {
    let sent = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = sent
        .flat_map(|sent| sent.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(its, _)| *its == name(reached))?;
    (!value.is_empty() && value.len() <= COOKIE_BYTES_MAX).then_some(value)
}

/// The header that hands out a cookie, or takes it back.
pub fn set_cookie(cookie: Option<&str>, reached: Reached) -> Option<HeaderValue> {
    let secure = match reached {
        Reached::Https => "; Secure",
        Reached::Plain => "",
    };
    let (value, over) = match cookie {
        Some(value) => (value, ""),
        None => ("", "; Max-Age=0"),
    };
    let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{over}", name(reached));
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_form_comes_from_a_page_of_ours_or_is_refused() {
        for pairs in [
            &[
                ("sec-fetch-site", "same-origin"),
                ("origin", "https://evil.example"),
                ("host", "a"),
            ][..],
            &[("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080")],
        ] {
            assert!(is_from_here(&headers(pairs)), "{pairs:?}");
        }
        for pairs in [
            &[("sec-fetch-site", "cross-site"), ("origin", "http://a"), ("host", "a")][..],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "null"), ("host", "null")],
            &[("origin", "http://a.evil.example"), ("host", "a")],
            &[("host", "a")],
            &[],
        ] {
            assert!(!is_from_here(&headers(pairs)), "{pairs:?}");
        }
    }

    #[test]
    fn nobody_is_sent_elsewhere_after_signing_in() {
        assert_eq!(next_page(Some("/cards?team=finance")), "/cards?team=finance");
        for elsewhere in ["//evil.example", "/\\evil.example", "https://evil.example", "/a\nb", ""] {
            assert_eq!(next_page(Some(elsewhere)), "/", "{elsewhere}");
        }
    }

    #[test]
    fn the_cookie_of_https_goes_by_nothing_else() {
        let sent = headers(&[("cookie", "a=b; tallyman=one"), ("cookie", "__Host-tallyman=two")]);
        assert_eq!(cookie(&sent, Reached::Plain), Some("one"));
        assert_eq!(cookie(&sent, Reached::Https), Some("two"));
        let set = set_cookie(Some("x"), Reached::Https).unwrap();
        assert_eq!(set, "__Host-tallyman=x; Path=/; HttpOnly; SameSite=Lax; Secure");
    }
}

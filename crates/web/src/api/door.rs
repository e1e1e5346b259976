//! The door: who asks is known before anything else, no more than so many ask at once, and nobody waits for longer than a limit.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tallyman_core::access::Actor;
use tallyman_engine::people::tokens;
use tokio::sync::Semaphore;

use super::access::Access;
use super::etag;
use super::inside::Caller;
use super::problem::{Kind, Problem};
use crate::{Running, within};

/// Requests under way at once; what comes beyond is told to come again.
const AT_ONCE_MAX: usize = 64;
/// How long an answer may take. A test of an alert route waits for somebody else's server.
pub const ANSWER_MAX: Duration = Duration::from_secs(75);
/// The longest token that is looked at.
const TOKEN_BYTES_MAX: usize = 200;

#[derive(Clone)]
struct Door {
    access: Arc<Access>,
    running: Arc<Running>,
    room: Arc<Semaphore>,
}

/// These routes, behind the door.
pub fn before(inner: Router, access: Arc<Access>, running: Arc<Running>) -> Router {
    let door = Door {
        access,
        running,
        room: Arc::new(Semaphore::new(AT_ONCE_MAX)),
    };
    inner.layer(from_fn_with_state(door, through))
}

async fn through(State(door): State<Door>, request: Request, next: Next) -> Response {
    let has = etag::Has::read(request.method(), request.headers());
    let mut response = match (admitted(&door, request, next).await, has) {
        (Ok(response), Some(has)) => etag::named(response, &has).await,
        (Ok(response), None) => response,
        (Err(problem), _) => problem.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

async fn admitted(door: &Door, mut request: Request, next: Next) -> Result<Response, Problem> {
    let Some(token) = whose(door, request.headers()).await? else {
        return Err(Problem::new(
            Kind::NoToken,
            "There is no `Authorization: Bearer` header with a token that is known.",
            "Send a token that was shown when it was made; if it is lost, make another, or draw one with `tallyman api token NAME`.",
        ));
    };
    let busy = |detail: &str| Problem::new(Kind::Unavailable, detail, "Ask again in some seconds.");
    let _place = door
        .room
        .try_acquire()
        .map_err(|_| busy("Too many requests are under way."))?;
    request.extensions_mut().insert(Caller(token));
    within(ANSWER_MAX, next.run(request))
        .await
        .ok_or_else(|| busy("It took too long. What was to be written may or may not have been: look before you try again."))
}

/// Whose token was sent: one of the configuration, or one that somebody made for themselves.
async fn whose(door: &Door, headers: &HeaderMap) -> Result<Option<Arc<Actor>>, Problem> {
    let Some(given) = bearer(headers) else { return Ok(None) };
    if let Some(actor) = door.access.whose(given) {
        return Ok(Some(actor));
    }
    let Some(parts) = door.running.parts() else { return Ok(None) };
    let actor = tokens::whose(&parts.store, given, parts.clock.now()).await?;
    Ok(actor.map(Arc::new))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = given.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= TOKEN_BYTES_MAX).then_some(token)
}

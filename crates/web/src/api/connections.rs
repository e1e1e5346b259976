//! Connections: how each outside system stands, and what is done about one: tested, its work done now, signed in again. Stopping one is a
//! hold ([`super::holds`]).

use serde::{Deserialize, Serialize};
use tallyman_core::access::Permit;
use tallyman_core::flow::Clear;
use tallyman_core::heartbeat::Beat;
use tallyman_engine::connections::{self, Refused, Tested};
use tallyman_engine::glance::Glance;
use tallyman_engine::holds::COUNTED_MAX;
use tallyman_engine::parts::Merchant;
use utoipa::{IntoParams, ToSchema};

use super::access::Right;
use super::examples;
use super::inside::Inside;
use super::overview::glances;
use super::problem::{Kind, Problem};
use super::read::{Json, Path, Query};
use super::shape::At;

#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// One company's.
    pub company: Option<String>,
}

/// Work that comes round.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = SystemRound)]
pub struct Round {
    /// What it is called when it is asked for now.
    pub name: String,
    /// `well`, `late` or `silent`.
    pub beat: &'static str,
    pub done_at: At,
    pub due: At,
    pub every_seconds: u64,
}

/// How fast it may be called.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = SystemRate)]
pub struct Rate {
    /// Calls a minute; none where it is not limited.
    pub a_minute: Option<u32>,
    pub at_once: u32,
    /// Calls of these that are left now.
    pub free: u32,
}

/// One outside system.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = SystemConnection)]
pub struct Connection {
    pub company: String,
    pub name: String,
    /// `channel`, `ledger`, `warehouse` or `alerts`.
    pub role: &'static str,
    /// `well`, `not_asked` yet, `stopped` by a person, `paused` by itself, `down`, `not_signed_in`, or its consent is `lapsing`.
    pub state: &'static str,
    pub paused_until: Option<At>,
    /// Pauses since it last answered well.
    pub failures: u32,
    /// The hold that stops it.
    pub stopped_by: Option<String>,
    pub stopped_until: Option<At>,
    pub rate: Option<Rate>,
    /// Orders with something to write there or to ask; counted as far as 10,000.
    pub queue: u64,
    /// Those of them that a hold keeps.
    pub held: u64,
    /// How long its queues need at the rate of the last hour, as the overview says it: the longest of them. None where nobody can tell.
    pub clears_in_seconds: Option<u64>,
    /// When it last finished a round.
    pub last_success: Option<At>,
    pub next_run: Option<At>,
    pub rounds: Vec<Round>,
    /// Whether calls need a sign-in.
    pub signs_in: bool,
    pub signed_in_until: Option<At>,
    pub consent_until: Option<At>,
    /// Whole days until the consent ends, from two weeks before.
    pub consent_days: Option<u64>,
    /// Open cards of its own.
    pub cards: Vec<String>,
}

impl Connection {
    pub fn of(connection: &connections::Connection, now: tallyman_core::time::Timestamp) -> Self {
        let stopped = connection.stopped.as_ref();
        Self {
            company: connection.company.clone(),
            name: connection.name.clone(),
            role: connection.role.name(),
            state: connection.state(now).name(),
            paused_until: connection.paused.as_ref().map(|(until, _)| At(*until)),
            failures: connection.failures,
            stopped_by: stopped.map(|hold| hold.id.to_string()),
            stopped_until: stopped.map(|hold| At(hold.until)),
            rate: connection.rate.map(|rate| Rate {
                a_minute: rate.a_minute,
                at_once: rate.at_once,
                free: rate.free,
            }),
            queue: connection.queue.min(COUNTED_MAX),
            held: connection.held,
            clears_in_seconds: None,
            last_success: connection.last_success().map(At),
            next_run: connection.next_run().map(At),
            rounds: connection
                .rounds
                .iter()
                .map(|round| Round {
                    name: round.name.clone(),
                    beat: match round.beat {
                        Beat::Well => "well",
                        Beat::Late => "late",
                        Beat::Silent => "silent",
                    },
                    done_at: At(round.done_at),
                    due: At(round.due),
                    every_seconds: round.every.as_secs(),
                })
                .collect(),
            signs_in: connection.signs_in,
            signed_in_until: connection.signed_in_until.map(At),
            consent_until: connection.consent_until.map(At),
            consent_days: connection.consent_days(now),
            cards: connection.cards.iter().map(|(card, _)| card.clone()).collect(),
        }
    }
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Connections {
    pub connections: Vec<Connection>,
}

/// Lists how the outside systems stand
///
/// Health, rate, queue, when each was last asked and is next, and how long its sign-in is good. Nobody is asked.
#[utoipa::path(get, path = "/connections", operation_id = "list_connections", tag = "connections", params(Asked),
    responses((status = 200, description = "The connections", body = Connections, example = json!(examples::connections())),
        (status = 404, description = "There is no such company", body = Problem, content_type = "application/problem+json")))]
pub async fn list(inside: Inside, Query(asked): Query<Asked>) -> Result<axum::Json<Connections>, Problem> {
    let connections = all(&inside, asked.company.as_deref()).await?;
    Ok(axum::Json(Connections { connections }))
}

/// Those of the caller's companies.
pub async fn all(inside: &Inside, company: Option<&str>) -> Result<Vec<Connection>, Problem> {
    let companies = inside.companies(company)?;
    let merchants: Vec<&Merchant> = inside
        .merchants()
        .filter(|merchant| companies.iter().any(|name| name == merchant.company.as_str()))
        .map(|merchant| &**merchant)
        .collect();
    let now = inside.now();
    let found = connections::ask(&inside.parts, &merchants).await?;
    let glances = glances(inside, company).await?;
    let shown = found.iter().map(|connection| {
        let glance = glances.iter().find(|glance| glance.company == connection.company);
        Connection {
            clears_in_seconds: glance.and_then(|glance| clears_in(glance, connection.role)),
            ..Connection::of(connection, now)
        }
    });
    Ok(shown.collect())
}

/// Until the last of the ways on which it is written to is cleared.
fn clears_in(glance: &Glance, role: connections::Role) -> Option<u64> {
    let mut longest = None;
    for arrow in role.ways().iter().filter_map(|way| glance.map.arrow(*way)) {
        match arrow.clear {
            Clear::Nothing => {}
            Clear::In(time) => longest = longest.max(Some(time.as_secs())),
            Clear::NotKnown => return None,
        }
    }
    longest
}

/// The connection's merchant, and leave to act there.
fn to_act_on<'a>(inside: &'a Inside, connection: &str) -> Result<(&'a Merchant, Permit), Problem> {
    let has = |merchant: &&std::sync::Arc<Merchant>| {
        let mut all = merchant.everything();
        all.any(|connector| connector.connection().as_str() == connection)
    };
    let merchant = inside.merchants().find(has);
    let merchant = merchant.ok_or_else(|| Problem::not_found("connection", connection, "Connections lists them."))?;
    Ok((merchant, inside.leave(Right::Connect, merchant.company.as_str())?))
}

/// What came of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TestOfConnection {
    pub connection: String,
    /// Whether it answered as it should.
    pub well: bool,
    /// What that means, for a person.
    pub sentence: String,
    pub took_ms: u64,
}

impl TestOfConnection {
    fn of(connection: String, tested: Tested) -> Self {
        Self {
            connection,
            well: tested.well,
            sentence: tested.sentence,
            took_ms: u64::try_from(tested.took.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// Asks an outside system one small question
///
/// Signed in, and counted against its limit. Nothing is changed there.
#[utoipa::path(post, path = "/connections/{connection}/test", operation_id = "test_connection", tag = "connections",
    params(("connection" = String, Path, description = "As the configuration names it", example = "sage-acme")),
    responses((status = 200, description = "What came of it", body = TestOfConnection, example = json!(examples::test_of_connection())),
        (status = 404, description = "There is no such connection", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It is stopped, or its limit is used up", body = Problem, content_type = "application/problem+json")))]
pub async fn test(inside: Inside, Path(connection): Path<String>) -> Result<axum::Json<TestOfConnection>, Problem> {
    let (merchant, permit) = to_act_on(&inside, &connection)?;
    let tested = connections::test(&inside.parts, merchant, &connection, &permit).await?;
    Ok(axum::Json(TestOfConnection::of(connection, tested)))
}

/// Signs in again at an outside system
///
/// With what is held, and from the configuration if that is refused. When it works, the card that the sign-in was lost goes.
#[utoipa::path(post, path = "/connections/{connection}/sign-in", operation_id = "sign_in_connection", tag = "connections",
    params(("connection" = String, Path, description = "As the configuration names it", example = "sage-acme")),
    responses((status = 200, description = "What came of it", body = TestOfConnection, example = json!(examples::test_of_connection())),
        (status = 404, description = "There is no such connection", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It needs no signing in, or is stopped", body = Problem, content_type = "application/problem+json")))]
pub async fn sign_in(inside: Inside, Path(connection): Path<String>) -> Result<axum::Json<TestOfConnection>, Problem> {
    let (merchant, permit) = to_act_on(&inside, &connection)?;
    let tested = connections::sign_in(&inside.parts, merchant, &connection, &permit).await?;
    Ok(axum::Json(TestOfConnection::of(connection, tested)))
}

/// Which work.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WantedRound)]
pub struct Wanted {
    /// One round alone; all of the connection if not given.
    #[schema(example = "orders", max_length = 40)]
    pub round: Option<String>,
}

/// What is done now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Hurried {
    pub connection: String,
    /// Rounds that were not due, and are now. What was under way or due goes on as it is.
    pub rounds: Vec<&'static str>,
}

/// Has the work of a connection done now
///
/// By whichever worker runs, within seconds; another process's looks every half a minute.
#[utoipa::path(post, path = "/connections/{connection}/run", operation_id = "run_connection", tag = "connections",
    params(("connection" = String, Path, description = "As the configuration names it", example = "sage-acme")),
    request_body(content = Wanted, example = json!({"round": "orders"})),
    responses((status = 200, description = "What is done now", body = Hurried, example = json!(examples::hurried())),
        (status = 404, description = "There is no such connection", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "There is no such round, or the connection is stopped", body = Problem,
            content_type = "application/problem+json")))]
pub async fn run(
    inside: Inside,
    Path(connection): Path<String>,
    Json(wanted): Json<Wanted>,
) -> Result<axum::Json<Hurried>, Problem> {
    let (merchant, permit) = to_act_on(&inside, &connection)?;
    let round = wanted.round.as_deref();
    let rounds = connections::run_now(&inside.parts, merchant, &connection, round, &permit).await?;
    Ok(axum::Json(Hurried { connection, rounds }))
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let detail = refused.to_string();
        match refused {
            Refused::Store(error) => error.into(),
            Refused::NoRound { connection, .. } => Self::refused(&connection, detail).in_field("round"),
            Refused::NoPermits { connection, .. } => {
                Self::new(Kind::Refused, detail, "Nothing was asked. Ask again then.").about(connection)
            }
            Refused::Stopped(connection) | Refused::NoSignIn(connection) | Refused::TellsPeople(connection) => {
                Self::refused(&connection, detail)
            }
        }
    }
}

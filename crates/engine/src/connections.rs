//! Connections: how each outside system stands with us, and what people may do about it.
//!
//! What is shown is read from the store; nobody is asked. A test asks: one small question to the other system, signed in, counted against
//! its limit like any call.

use std::time::Duration;

use tallyman_core::access::{Permit, Right};
use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::flow::Way;
use tallyman_core::heartbeat::Beat;
use tallyman_core::hold::{Hold, Scope};
use tallyman_core::pace::{BURST_MIN, Gcra, Marks, PERMITS_PER_PIECE, Work};
use tallyman_core::role::{Connector, ReadError};
use tallyman_core::time::Timestamp;
use tallyman_store::journal::{Act, Change};
use tallyman_store::tables::{connections, exceptions, feeds, holds, lanes};
use tallyman_store::{Tx, Unit, UnitError};

use crate::holds::COUNTED_MAX;
use crate::leave;
use crate::parts::{Merchant, Parts};
use crate::session::Sessions;
use crate::wire::Wire;
use crate::worker::Feed;

/// People are warned of a consent that ends so many days before.
pub const WARNED_DAYS: [u64; 4] = [14, 7, 3, 1];
const DAY: u64 = 86_400;

/// What a connected system is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Channel,
    Ledger,
    Warehouse,
    /// It tells people.
    Alerts,
}

impl Role {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::Ledger => "ledger",
            Self::Warehouse => "warehouse",
            Self::Alerts => "alerts",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        [Self::Channel, Self::Ledger, Self::Warehouse, Self::Alerts]
            .into_iter()
            .find(|role| role.name() == name)
    }

    /// The ways on which it is written to.
    pub const fn ways(self) -> &'static [Way] {
        match self {
            Self::Channel => &[Way::Acknowledgements, Way::Confirmations],
            Self::Ledger => &[Way::Orders, Way::Despatches],
            Self::Warehouse => &[Way::Releases],
            Self::Alerts => &[],
        }
    }

    fn of(merchant: &Merchant, connection: &str) -> Self {
        let route = merchant.route();
        match connection {
            name if name == route.channel.as_str() => Self::Channel,
            name if name == route.ledger.as_str() => Self::Ledger,
            name if name == route.warehouse.as_str() => Self::Warehouse,
            _ => Self::Alerts,
        }
    }
}

/// Its limit, and what is left of it now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Calls a minute for as long as one likes; none where there is no limit.
    pub a_minute: Option<u32>,
    /// Calls at once after a rest.
    pub at_once: u32,
    /// Calls of these that are left now, for whatever kind of work.
    pub free: u32,
}

/// Work of it that comes round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// What it is called, such as `orders`.
    pub name: String,
    pub beat: Beat,
    /// When it last finished a round.
    pub done_at: Timestamp,
    pub due: Timestamp,
    pub every: Duration,
}

/// How one connection stands.
#[derive(Debug, Clone)]
pub struct Connection {
    pub company: String,
    pub name: String,
    pub role: Role,
    /// It pauses until then by itself, with the kind of its reason.
    pub paused: Option<(Timestamp, String)>,
    /// Pauses since it last answered well.
    pub failures: u32,
    /// Somebody has stopped it.
    pub stopped: Option<Hold>,
    /// None where the other side sets no limit here.
    pub rate: Option<Rate>,
    /// Lanes with something to write or ask, and those of them that a hold keeps; counted as far as [`COUNTED_MAX`].
    pub queue: u64,
    pub held: u64,
    /// False where it was never called, as far as its limit tells.
    pub called: bool,
    pub rounds: Vec<Round>,
    /// Whether calls need a sign-in, and until when the one that is kept is good.
    pub signs_in: bool,
    pub signed_in_until: Option<Timestamp>,
    /// When its consent ends, as far as somebody has said.
    pub consent_until: Option<Timestamp>,
    /// Open cards of its own.
    pub cards: Vec<(String, Code)>,
}

impl Connection {
    /// The last of its rounds that was finished.
    pub fn last_success(&self) -> Option<Timestamp> {
        self.rounds.iter().map(|round| round.done_at).max()
    }

    pub fn next_run(&self) -> Option<Timestamp> {
        self.rounds.iter().map(|round| round.due).min()
    }

    /// Whole days until the consent ends, once people are warned of it; 0 when it ends today or has ended.
    pub fn consent_days(&self, now: Timestamp) -> Option<u64> {
        days_left(self.consent_until?, now)
    }

    /// How it stands.
    pub fn state(&self, now: Timestamp) -> State {
        let has = |code: Code| self.cards.iter().any(|(_, its)| *its == code);
        let state = State::first_of([
            (self.stopped.is_some(), State::Stopped),
            (has(Code::ConsentLost), State::NotSignedIn),
            (has(Code::VendorDown), State::Down),
            (self.paused.is_some(), State::Paused),
            (self.consent_days(now).is_some(), State::Lapsing),
        ]);
        let asked = self.called || self.last_success().is_some();
        if state == State::Well && !asked {
            State::NotAsked
        } else {
            state
        }
    }
}

/// Whole days until a consent ends, once people are warned of it.
fn days_left(until: Timestamp, now: Timestamp) -> Option<u64> {
    let left = until.since(now).as_secs() / DAY;
    (left <= WARNED_DAYS[0]).then_some(left)
}

/// How a system stands with us, in one word: the same wherever it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Stopped,
    NotSignedIn,
    Down,
    Paused,
    Lapsing,
    NotAsked,
    Well,
}

impl State {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::NotSignedIn => "not_signed_in",
            Self::Down => "down",
            Self::Paused => "paused",
            Self::Lapsing => "lapsing",
            Self::NotAsked => "not_asked",
            Self::Well => "well",
        }
    }

    /// What stops it first.
    fn first_of(said: [(bool, Self); 5]) -> Self {
        said.into_iter()
            .find(|(is_so, _)| *is_so)
            .map_or(Self::Well, |(_, state)| state)
    }

    /// Of one that orders go through, as far as it is known without asking how it signs in.
    pub(crate) async fn of(
        tx: &mut Tx<'_>,
        merchant: &Merchant,
        connection: &tallyman_core::ident::Connection,
        now: Timestamp,
    ) -> Result<Self, UnitError> {
        let standing = connections::standing(tx, connection.as_str()).await?;
        let after = |until: fn(&connections::Standing) -> Timestamp| standing.as_ref().is_some_and(|its| until(its) > now);
        let cause = Cause::Connection(connection.clone());
        let company = merchant.company.as_str();
        let mut consents = merchant.promises.consents.iter();
        Ok(Self::first_of([
            (after(|its| its.stopped_until), Self::Stopped),
            (
                exceptions::is_open(tx, company, Code::ConsentLost, &cause).await?,
                Self::NotSignedIn,
            ),
            (exceptions::is_open(tx, company, Code::VendorDown, &cause).await?, Self::Down),
            (after(|its| its.paused_until), Self::Paused),
            (
                consents.any(|(name, until)| name == connection && days_left(*until, now).is_some()),
                Self::Lapsing,
            ),
        ]))
    }
}

struct Ask {
    merchants: Vec<Asked>,
    now: Timestamp,
}

struct Asked {
    company: String,
    connections: Vec<OfOne>,
}

/// As it is configured, with its limit and the rounds that it makes.
type OfOne = (Connection, Option<Gcra>, Vec<(String, String, Duration)>);

impl Unit for Ask {
    type Output = Vec<Connection>;
    const NAME: &'static str = "connections";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Connection>, UnitError> {
        let mut found = Vec::new();
        for asked in &self.merchants {
            let standing = holds::standing(tx, &asked.company).await?;
            for (bare, limit, rounds) in &asked.connections {
                let mut connection = bare.clone();
                self.fill(tx, &mut connection, limit.as_ref(), rounds).await?;
                let stops = |hold: &&Hold| matches!(&hold.scope, Scope::Connection(name) if *name == bare.name);
                let stopped = standing.iter().filter(|hold| hold.stands(self.now)).filter(stops);
                connection.stopped = stopped.max_by_key(|hold| hold.until).cloned();
                found.push(connection);
            }
        }
        Ok(found)
    }
}

impl Ask {
    async fn fill(
        &self,
        tx: &mut Tx<'_>,
        connection: &mut Connection,
        limit: Option<&Gcra>,
        rounds: &[(String, String, Duration)],
    ) -> Result<(), UnitError> {
        let name = connection.name.clone();
        if let Some(standing) = connections::standing(tx, &name).await? {
            connection.failures = standing.failures;
            connection.paused = (standing.paused_until > self.now).then_some((standing.paused_until, standing.why));
        }
        let most = i64::try_from(COUNTED_MAX).unwrap_or(i64::MAX);
        connection.queue = lanes::queue(tx, &name, most).await?;
        connection.held = holds::count_at(tx, &name, most).await?;
        if let (Some(limit), Some(permits)) = (limit, connections::look(tx, &name).await?) {
            let a_minute = 60_000_000u128.checked_div(limit.interval.as_micros());
            connection.rate = Some(Rate {
                a_minute: a_minute.map(|calls| u32::try_from(calls).unwrap_or(u32::MAX)),
                at_once: limit.burst.max(BURST_MIN),
                free: limit.saved(&permits.marks, self.now),
            });
            connection.called = limit.interval.is_zero() || permits.marks != Marks::default();
        }
        for (feed, called, every) in rounds {
            let (Some(due), Some(done_at)) = (feeds::due(tx, feed).await?, feeds::done_at(tx, feed).await?) else {
                continue;
            };
            connection.rounds.push(Round {
                name: called.clone(),
                beat: Beat::of(*every, self.now.since(done_at)),
                done_at,
                due,
                every: *every,
            });
        }
        let cause = Cause::Connection(tallyman_core::ident::Connection::new(name.as_str()));
        for code in [Code::VendorDown, Code::ConsentLost, Code::ConsentLapsing] {
            if exceptions::is_open(tx, &connection.company, code, &cause).await? {
                let id = exceptions::card(&connection.company, code, &cause);
                connection.cards.push((id.to_string(), code));
            }
        }
        Ok(())
    }
}

/// How the connections of some merchants stand.
pub async fn ask(parts: &Parts, merchants: &[&Merchant]) -> Result<Vec<Connection>, UnitError> {
    let now = parts.clock.now();
    let asked = merchants.iter().map(|merchant| Asked {
        company: merchant.company.to_string(),
        connections: merchant
            .everything()
            .map(|connector| bare(parts, merchant, connector))
            .collect(),
    });
    let ask = Ask {
        merchants: asked.collect(),
        now,
    };
    let mut found = parts.store.read(ask).await?;
    let sessions = Sessions::default();
    for connection in &mut found {
        let merchant = merchants
            .iter()
            .find(|merchant| merchant.company.as_str() == connection.company);
        let named = tallyman_core::ident::Connection::new(connection.name.as_str());
        let connector = merchant.and_then(|merchant| merchant.connector(&named));
        if let Some(connector) = connector.filter(|_| connection.signs_in) {
            connection.signed_in_until = sessions.kept_until(parts, connector).await?;
        }
    }
    Ok(found)
}

type Bare = (Connection, Option<Gcra>, Vec<(String, String, Duration)>);

fn bare(parts: &Parts, merchant: &Merchant, connector: &dyn Connector) -> Bare {
    let named = connector.connection();
    let consents = merchant.promises.consents.iter();
    let connection = Connection {
        company: merchant.company.to_string(),
        name: named.to_string(),
        role: Role::of(merchant, named.as_str()),
        paused: None,
        failures: 0,
        stopped: None,
        rate: None,
        queue: 0,
        held: 0,
        called: true,
        rounds: Vec::new(),
        signs_in: connector.sign_in(None).is_some(),
        signed_in_until: None,
        consent_until: consents.filter(|(name, _)| name == named).map(|(_, until)| *until).next(),
        cards: Vec::new(),
    };
    let rounds = rounds_of(merchant, named.as_str()).map(|feed| (feed.name(merchant), feed.kind().to_owned(), feed.every(parts)));
    (connection, parts.pace.limit(merchant, named).copied(), rounds.collect())
}

/// The rounds in which a connection is asked.
fn rounds_of<'a>(merchant: &'a Merchant, connection: &'a str) -> impl Iterator<Item = Feed> + 'a {
    let all = Feed::ALL.into_iter();
    all.filter(move |feed| feed.calls() && feed.connection(merchant).as_str() == connection)
}

/// Why nothing was done, or what came of it.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("There is no round {round} of {connection}; there are {known}.")]
    NoRound {
        connection: String,
        round: String,
        known: String,
    },
    #[error("{0} is stopped: nothing is asked of it. End the hold first.")]
    Stopped(String),
    #[error("The limit of {connection} is used up for now. Ask again in {seconds} s.")]
    NoPermits { connection: String, seconds: u64 },
    #[error("{0} needs no signing in.")]
    NoSignIn(String),
    #[error("{0} tells people: test it as an alert route.")]
    TellsPeople(String),
    #[error(transparent)]
    Store(#[from] UnitError),
}

/// Has work of a connection done now, by whichever worker runs; all of it, or one round. Gives what was not due already.
pub async fn run_now(
    parts: &Parts,
    merchant: &Merchant,
    connection: &str,
    round: Option<&str>,
    permit: &Permit,
) -> Result<Vec<&'static str>, Refused> {
    leave::is_for(permit, Right::Connect, merchant.company.as_str())?;
    let feeds: Vec<Feed> = rounds_of(merchant, connection)
        .filter(|feed| round.is_none_or(|round| round == feed.kind()))
        .collect();
    if feeds.is_empty() {
        let known: Vec<&str> = rounds_of(merchant, connection).map(Feed::kind).collect();
        return Err(Refused::NoRound {
            connection: connection.to_owned(),
            round: round.unwrap_or("at all").to_owned(),
            known: known.join(", "),
        });
    }
    stands_open(parts, connection).await?;
    let hurry = Hurry {
        feeds: feeds.iter().map(|feed| (feed.name(merchant), feed.kind())).collect(),
        company: merchant.company.to_string(),
        connection: connection.to_owned(),
        by: permit.actor().to_owned(),
        now: parts.clock.now(),
    };
    let hurried = parts.store.write(hurry).await?;
    parts.bells.hurry();
    Ok(hurried)
}

struct Hurry {
    feeds: Vec<(String, &'static str)>,
    company: String,
    connection: String,
    by: String,
    now: Timestamp,
}

impl Unit for Hurry {
    type Output = Vec<&'static str>;
    const NAME: &'static str = "run_now";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut hurried = Vec::new();
        for (name, kind) in &self.feeds {
            if feeds::hurry(tx, name, self.now).await? {
                hurried.push(*kind);
            }
        }
        if !hurried.is_empty() {
            let about = (self.company.as_str(), self.connection.as_str(), self.by.as_str());
            asked_for_now(tx, about, &hurried, self.now).await?;
        }
        Ok(hurried)
    }
}

/// Writes that somebody asked for rounds of a connection now: company, connection, and who.
pub(crate) async fn asked_for_now(
    tx: &mut Tx<'_>,
    about: (&str, &str, &str),
    rounds: &[&str],
    now: Timestamp,
) -> Result<(), UnitError> {
    let sentence = format!("Asked for now: {}.", rounds.join(", "));
    told(tx, about, "connection.run_now", &sentence, now).await
}

/// Writes that somebody asked a connection for something: by itself that changes nothing.
async fn told(
    tx: &mut Tx<'_>,
    (company, connection, actor): (&str, &str, &str),
    kind: &'static str,
    what: &str,
    at: Timestamp,
) -> Result<(), UnitError> {
    let act = Act {
        company,
        at,
        actor,
        kind,
        subject: connection,
        what,
        change: Change::NONE,
    };
    act.write(tx).await
}

struct IsStopped(String, Timestamp);

impl Unit for IsStopped {
    type Output = bool;
    const NAME: &'static str = "is_stopped";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, UnitError> {
        let standing = connections::standing(tx, &self.0).await?;
        Ok(standing.is_some_and(|standing| standing.stopped_until > self.1))
    }
}

async fn stands_open(parts: &Parts, connection: &str) -> Result<(), Refused> {
    if parts.store.read(IsStopped(connection.to_owned(), parts.clock.now())).await? {
        return Err(Refused::Stopped(connection.to_owned()));
    }
    Ok(())
}

/// What a test came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tested {
    /// Whether it answered as it should.
    pub well: bool,
    /// What it means, without anything that the other side said.
    pub sentence: String,
    pub took: Duration,
}

/// Takes permits for one small question.
struct TakePermits {
    connection: String,
    limit: Gcra,
    about: (String, String),
    now: Timestamp,
}

impl Unit for TakePermits {
    /// From when there are some, where there are none now.
    type Output = Option<Timestamp>;
    const NAME: &'static str = "take_permits_for_a_test";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Timestamp>, UnitError> {
        let Some(permits) = connections::permits(tx, &self.connection).await? else {
            return Err(UnitError::Refused(format!(
                "connection {} has not been set up",
                self.connection
            )));
        };
        let room = self.limit.room(&permits.marks, Work::Background, self.now);
        if room.permits < PERMITS_PER_PIECE {
            return Ok(Some(room.next));
        }
        let marks = self
            .limit
            .spend(&permits.marks, Work::Background, self.now, PERMITS_PER_PIECE);
        connections::spend(tx, &self.connection, &marks).await?;
        let (company, actor) = (self.about.0.as_str(), self.about.1.as_str());
        told(
            tx,
            (company, &self.connection, actor),
            "connection.tested",
            "Asked whether it answers.",
            self.now,
        )
        .await?;
        Ok(None)
    }
}

/// Asks the other system one small question.
pub async fn test(parts: &Parts, merchant: &Merchant, connection: &str, permit: &Permit) -> Result<Tested, Refused> {
    leave::is_for(permit, Right::Connect, merchant.company.as_str())?;
    let role = Role::of(merchant, connection);
    if role == Role::Alerts {
        return Err(Refused::TellsPeople(connection.to_owned()));
    }
    stands_open(parts, connection).await?;
    let named = tallyman_core::ident::Connection::new(connection);
    let began = parts.clock.now();
    if let Some(limit) = parts.pace.limit(merchant, &named) {
        let take = TakePermits {
            connection: connection.to_owned(),
            limit: *limit,
            about: (merchant.company.to_string(), permit.actor().to_owned()),
            now: began,
        };
        if let Some(next) = parts.store.write(take).await? {
            return Err(Refused::NoPermits {
                connection: connection.to_owned(),
                seconds: next.since(began).as_secs() + 1,
            });
        }
    }
    let sessions = Sessions::default();
    let answered = match role {
        // No record of theirs has this number or key: that there is none is an answer.
        Role::Ledger => {
            let wire = Wire::new(parts, &sessions, &*merchant.ledger, None);
            merchant.ledger.booked(&wire, 0).await.map(drop)
        }
        Role::Warehouse => {
            let wire = Wire::new(parts, &sessions, &*merchant.warehouse, None);
            merchant.warehouse.shipment(&wire, "0").await.map(drop)
        }
        Role::Channel | Role::Alerts => {
            let wire = Wire::new(parts, &sessions, &*merchant.channel, None);
            merchant.channel.order(&wire, "0").await.map(drop)
        }
    };
    let (well, sentence) = match answered {
        Ok(()) => (true, format!("{connection} lets us in and answers.")),
        Err(error) => (false, trouble(connection, &error)),
    };
    Ok(Tested {
        well,
        sentence,
        took: parts.clock.now().since(began),
    })
}

/// What went wrong, for people; what the other side said may name somebody, and is left out.
fn trouble(connection: &str, error: &ReadError) -> String {
    match error {
        ReadError::Lost(lost) => format!("{connection} did not answer: {lost}."),
        ReadError::Throttled { .. } => format!("{connection} is there, and says that we ask too often."),
        ReadError::Refused(refusal) => format!("{connection} answered, and refused the question: {refusal}."),
        ReadError::Unreadable(_) => format!("{connection} answered with something else than was asked for: {error}."),
    }
}

/// Signs in anew with what is held, and from the configuration if that is refused; the card that it was lost goes when this works.
pub async fn sign_in(parts: &Parts, merchant: &Merchant, connection: &str, permit: &Permit) -> Result<Tested, Refused> {
    leave::is_for(permit, Right::Connect, merchant.company.as_str())?;
    let named = tallyman_core::ident::Connection::new(connection);
    let connector = merchant
        .connector(&named)
        .filter(|connector| connector.sign_in(None).is_some())
        .ok_or_else(|| Refused::NoSignIn(connection.to_owned()))?;
    stands_open(parts, connection).await?;
    let began = parts.clock.now();
    let line = SignsIn {
        company: merchant.company.to_string(),
        connection: connection.to_owned(),
        by: permit.actor().to_owned(),
        now: began,
    };
    parts.store.write(line).await?;
    let signed_in = Sessions::default().anew(parts, connector).await;
    let (well, sentence) = match signed_in {
        Ok(()) => (true, format!("Signed in at {connection}.")),
        Err(lost) => (
            false,
            format!(
                "{connection} does not let us in: {lost}. If its consent has ended, give it again there, put what it gives into the configuration, and start the program again."
            ),
        ),
    };
    Ok(Tested {
        well,
        sentence,
        took: parts.clock.now().since(began),
    })
}

struct SignsIn {
    company: String,
    connection: String,
    by: String,
    now: Timestamp,
}

impl Unit for SignsIn {
    type Output = ();
    const NAME: &'static str = "person_signs_in";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let about = (self.company.as_str(), self.connection.as_str(), self.by.as_str());
        told(tx, about, "connection.signed_in", "Asked to sign in anew.", self.now).await
    }
}

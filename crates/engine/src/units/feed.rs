//! Feeds and connections: made known at the start, held by one worker at a time.

use std::time::Duration;

use tallyman_core::ident::Connection;
use tallyman_core::pace::{Gcra, PERMITS_PER_PIECE, Work};
use tallyman_core::time::Timestamp;
use tallyman_store::seal::Wrapped;
use tallyman_store::tables::{connections, feeds};
use tallyman_store::{Isolation, Tx, Unit, UnitError, keys};

/// Makes sure that every connection has its row and its key, and every feed its place. Run at each start.
pub struct SetUp {
    pub now: Timestamp,
    /// Name, company, a key for its sign-in in case it has none yet.
    pub connections: Vec<(String, String, Wrapped)>,
    /// Company, subject, a key for it in case it has none yet.
    pub keys: Vec<(String, String, Wrapped)>,
    pub feeds: Vec<String>,
}

/// The subject under whose key a connection's sign-in is sealed.
pub fn session_subject(connection: &str) -> String {
    format!("connection/{connection}")
}

impl Unit for SetUp {
    type Output = ();
    const NAME: &'static str = "set_up";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        for (name, company, key) in &self.connections {
            connections::add(tx, name, company).await?;
            self.keep_key(tx, company, &session_subject(name), key).await?;
        }
        for (company, subject, key) in &self.keys {
            self.keep_key(tx, company, subject, key).await?;
        }
        for feed in &self.feeds {
            // What left before the connection was made known is not ours: it was released by somebody else.
            feeds::add(tx, feed, Timestamp::ZERO, self.now).await?;
        }
        Ok(())
    }
}

impl SetUp {
    async fn keep_key(&self, tx: &mut Tx<'_>, company: &str, subject: &str, key: &Wrapped) -> Result<(), UnitError> {
        match keys::load(tx, company, subject).await? {
            keys::KeyState::Absent => keys::create(tx, company, subject, key, self.now).await,
            keys::KeyState::Held(_) | keys::KeyState::Destroyed { .. } => Ok(()),
        }
    }
}

pub struct ClaimFeed {
    pub name: String,
    pub worker: String,
    pub now: Timestamp,
    pub until: Timestamp,
    /// What its calls are counted against, and as what. Without permits a round is put off until there are some.
    pub permits: Option<(Connection, Gcra, Work)>,
    /// Whom its calls go to; it is not begun while somebody has stopped that.
    pub calls: Option<Connection>,
}

/// How often a feed of a stopped connection is looked at: somebody may let it go on before its time.
const STOPPED_LOOK: Duration = Duration::from_secs(30);

impl Unit for ClaimFeed {
    /// The feed if it is ours now, and when it is due in any case.
    type Output = (Option<feeds::Held>, Option<Timestamp>);
    const NAME: &'static str = "claim_feed";
    // It is taken by a guarded update, which carries its own proof, and the permits are locked while they are in hand.
    const ISOLATION: Isolation = Isolation::ReadCommitted;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let due = feeds::due(tx, &self.name).await?;
        if due.is_none_or(|due| due > self.now) {
            return Ok((None, due));
        }
        if let Some(connection) = &self.calls
            && let Some(standing) = connections::standing(tx, connection.as_str()).await?
            && standing.stopped_until > self.now
        {
            let until = standing.stopped_until.min(self.now.plus(STOPPED_LOOK));
            feeds::put_off(tx, &self.name, self.now, until).await?;
            return Ok((None, Some(until)));
        }
        let mut spent = None;
        if let Some((connection, limit, work)) = &self.permits
            && let Some(permits) = connections::permits(tx, connection.as_str()).await?
        {
            let room = limit.room(&permits.marks, *work, self.now);
            if room.permits < PERMITS_PER_PIECE {
                feeds::put_off(tx, &self.name, self.now, room.next).await?;
                return Ok((None, Some(room.next)));
            }
            let marks = limit.spend(&permits.marks, *work, self.now, PERMITS_PER_PIECE);
            spent = Some((connection, marks));
        }
        let Some(held) = feeds::claim(tx, &self.name, &self.worker, self.now, self.until).await? else {
            return Ok((None, feeds::due(tx, &self.name).await?));
        };
        if let Some((connection, marks)) = spent {
            connections::spend(tx, connection.as_str(), &marks).await?;
        }
        Ok((Some(held), None))
    }
}

pub struct GiveBackFeed {
    pub name: String,
    pub token: i64,
    pub due: Timestamp,
    pub watermark: Timestamp,
    /// When its round was finished; `None` if it was not.
    pub done: Option<Timestamp>,
}

impl Unit for GiveBackFeed {
    type Output = ();
    const NAME: &'static str = "give_back_feed";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        match self.done {
            Some(now) => feeds::finish(tx, &self.name, self.token, (self.due, self.watermark), now).await,
            None => feeds::give_back(tx, &self.name, self.token, self.due, self.watermark).await,
        }
    }
}

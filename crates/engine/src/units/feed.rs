//! Feeds and connections: made known at the start, held by one worker at a time.

use tallyman_core::ident::Connection;
use tallyman_core::pace::Gcra;
use tallyman_core::time::Timestamp;
use tallyman_store::seal::Wrapped;
use tallyman_store::tables::{connections, feeds};
use tallyman_store::{Tx, Unit, UnitError, keys};

/// Makes sure that every connection has its row and its key, and every feed its place. Run at each start.
pub struct SetUp {
    pub now: Timestamp,
    /// Name, company, a key for its sign-in in case it has none yet.
    pub connections: Vec<(String, String, Wrapped)>,
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
            let subject = session_subject(name);
            if matches!(keys::load(tx, company, &subject).await?, keys::KeyState::Absent) {
                keys::create(tx, company, &subject, key, self.now).await?;
            }
        }
        for feed in &self.feeds {
            // What left before the connection was made known is not ours: it was released by somebody else.
            feeds::add(tx, feed, Timestamp::ZERO, self.now).await?;
        }
        Ok(())
    }
}

pub struct ClaimFeed {
    pub name: String,
    pub worker: String,
    pub now: Timestamp,
    pub until: Timestamp,
    /// What its calls are counted against. A poll is never refused for want of permits: it has its share, and what it takes
    /// is what effects then wait for.
    pub permits: Option<(Connection, Gcra)>,
}

/// What a poll is taken to cost.
const CALLS_PER_ROUND: u32 = 2;

impl Unit for ClaimFeed {
    /// The feed if it is ours now, and when it is due in any case.
    type Output = (Option<feeds::Held>, Option<Timestamp>);
    const NAME: &'static str = "claim_feed";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let held = feeds::claim(tx, &self.name, &self.worker, self.now, self.until).await?;
        let Some(held) = held else {
            return Ok((None, feeds::due(tx, &self.name).await?));
        };
        if let Some((connection, gcra)) = &self.permits
            && let Some(standing) = connections::standing(tx, connection.as_str()).await?
        {
            let (_, arrival, _) = gcra.reserve(standing.arrival, self.now, CALLS_PER_ROUND);
            connections::set_arrival(tx, connection.as_str(), arrival).await?;
        }
        Ok((Some(held), None))
    }
}

pub struct GiveBackFeed {
    pub name: String,
    pub token: i64,
    pub due: Timestamp,
    pub watermark: Timestamp,
}

impl Unit for GiveBackFeed {
    type Output = ();
    const NAME: &'static str = "give_back_feed";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        feeds::give_back(tx, &self.name, self.token, self.due, self.watermark).await
    }
}

//! Receiving: bytes are kept, each once, before anybody reads them.

use std::collections::BTreeSet;

use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::Connection;
use tallyman_core::time::Timestamp;
use tallyman_store::seal::Wrapped;
use tallyman_store::tables::exceptions::{self, GoesOn, Kept};
use tallyman_store::tables::messages::{self, Message};
use tallyman_store::tables::{effects, journeys};
use tallyman_store::{Tx, Unit, UnitError, keys};

/// What the store knows of a record that has come in.
#[derive(Debug, Clone)]
pub enum Known {
    /// These very bytes, which one answer has shown so many times at the most.
    Same { shown: u32 },
    /// Other bytes, or nothing; the subject's key if there is one.
    New(Option<Wrapped>),
    /// Its subject was erased: it is not kept again.
    Erased,
}

/// Asks which records are new. Record, hash and subject of each.
pub struct LookUp {
    pub connection: Connection,
    pub company: String,
    pub records: Vec<(String, String, String)>,
}

impl Unit for LookUp {
    type Output = Vec<Known>;
    const NAME: &'static str = "look_up_messages";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Known>, UnitError> {
        let mut known = Vec::with_capacity(self.records.len());
        for (record, hash, subject) in &self.records {
            known.push(match messages::known(tx, &self.connection, record, hash).await? {
                Some(shown) => Known::Same { shown },
                None => match keys::load(tx, &self.company, subject).await? {
                    keys::KeyState::Held(key) => Known::New(Some(key)),
                    keys::KeyState::Absent => Known::New(None),
                    keys::KeyState::Destroyed { .. } => Known::Erased,
                },
            });
        }
        Ok(known)
    }
}

/// Finds the journeys of this company that these releases belong to.
pub struct LookUpRelease {
    pub company: String,
    pub releases: Vec<String>,
}

impl Unit for LookUpRelease {
    type Output = Vec<Option<String>>;
    const NAME: &'static str = "look_up_release";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut journeys = Vec::with_capacity(self.releases.len());
        for release in &self.releases {
            journeys.push(match Fingerprint::parse(release) {
                Ok(id) => effects::journey(tx, &self.company, &id).await?,
                Err(_) => None,
            });
        }
        Ok(journeys)
    }
}

/// Something that left a warehouse without a tag of ours.
pub struct Stranger {
    pub record: String,
    /// The order numbers it goes by, normalised; empty if they could not be read.
    pub numbers: Vec<String>,
    /// It belongs to no journey, so there is no key for a sentence about it.
    pub code: Code,
    pub cause: Cause,
}

/// Raises a card for each stranger that may be ours: it cannot be read, or goes by one of our order numbers. What the warehouse sent
/// for others (its own portal, another program) is none of our business.
pub struct RaiseStrangers {
    pub company: String,
    pub strangers: Vec<Stranger>,
    /// Records of strangers that can be told whose they are by now.
    pub told: Vec<String>,
    pub now: Timestamp,
}

/// What stands on cards as a stranger, by its record.
pub struct StandingStrangers(pub String);

/// Strangers that are known in one round, the oldest first.
const STRANGERS_MAX: i64 = 400;

impl Unit for StandingStrangers {
    type Output = BTreeSet<String>;
    const NAME: &'static str = "standing_strangers";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut standing = BTreeSet::new();
        for code in [Code::ShipmentUnknown, Code::Unreadable] {
            let members = exceptions::members_under(tx, &self.0, code, STRANGERS_MAX).await?;
            let strangers = members.into_iter().filter(|(journey, _)| journey.is_empty());
            standing.extend(strangers.map(|(_, record)| record));
        }
        Ok(standing)
    }
}

impl Unit for RaiseStrangers {
    type Output = ();
    const NAME: &'static str = "raise_strangers";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        for record in &self.told {
            exceptions::go_on(tx, "", record, GoesOn::Proven("it carries our tag now"), self.now).await?;
        }
        for stranger in &self.strangers {
            let mut ours = stranger.numbers.is_empty();
            for number in &stranger.numbers {
                ours |= journeys::is_known(tx, &self.company, "ledger order", number).await?;
            }
            if ours {
                exceptions::join(
                    tx,
                    &self.company,
                    ("", &stranger.record),
                    &Kept::without_sentence(stranger.code, stranger.cause.clone()),
                    exceptions::SEEN_ALL,
                    self.now,
                )
                .await?;
            }
        }
        Ok(())
    }
}

/// Keeps messages, with the keys of subjects that are new.
pub struct Receive {
    pub now: Timestamp,
    pub company: String,
    pub keys: Vec<(String, Wrapped)>,
    pub messages: Vec<Message>,
    pub shown_again: Vec<ShownAgain>,
}

/// A message that is kept, and that one answer has shown more often than any before.
pub struct ShownAgain {
    pub connection: Connection,
    pub record: String,
    pub hash: String,
    pub shown: u32,
}

impl Unit for Receive {
    type Output = u64;
    const NAME: &'static str = "receive";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, UnitError> {
        for (subject, key) in &self.keys {
            keys::create(tx, &self.company, subject, key, self.now).await?;
        }
        let mut kept = 0;
        for message in &self.messages {
            kept += u64::from(messages::insert(tx, message, self.now).await?);
        }
        for again in &self.shown_again {
            messages::shown(tx, &again.connection, &again.record, &again.hash, again.shown).await?;
        }
        Ok(kept)
    }
}

/// Messages that are kept and not decided, each with its subject's key.
pub struct Undecided {
    pub connection: Connection,
    pub company: String,
    pub limit: i64,
}

impl Unit for Undecided {
    type Output = Vec<(messages::Undecided, Wrapped)>;
    const NAME: &'static str = "undecided";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut found = Vec::new();
        for message in messages::undecided(tx, &self.connection, self.limit).await? {
            if let keys::KeyState::Held(key) = keys::load(tx, &self.company, &message.journey).await? {
                found.push((message, key));
            }
        }
        Ok(found)
    }
}

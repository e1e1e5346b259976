//! The roles, and what every connector is. The engine knows these and no vendor.
//!
//! A function for each effect, its probe beside it. Nothing here waits, retries or remembers: that is the engine's.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::alert::Message;
use crate::document::{Order, Shipment};
use crate::duplicate::Booked;
use crate::effect::{Agreed, Baseline, Confirmation, Despatch, LedgerOrder, LineKey, Probe, Release, Verdict};
use crate::facts::Facts;
use crate::fingerprint::Fingerprint;
use crate::foreign::Gone;
use crate::hindrance::Hindrance;
use crate::ident::{Company, Connection};
use crate::journey::LedgerOrderKey;
use crate::pace::Gcra;
use crate::seam::{Exchange, Io, Lost, Refusal, Reply};
use crate::standing::WarehouseOrder;
use crate::time::Timestamp;

/// What a connection signs in with. Its secrets are given by the configuration and never stored by a connector.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Sent with each call; empty when there is nothing to send.
    pub access: String,
    /// What the next access is had with, where the vendor gives one.
    pub refresh: Option<String>,
    pub expires_at: Option<Timestamp>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Session until {:?}", self.expires_at)
    }
}

/// What every connector is: how it is addressed and how it signs in.
pub trait Connector: Send + Sync {
    fn connection(&self) -> &Connection;
    fn company(&self) -> &Company;
    /// What stands before the path of each call.
    fn base_url(&self) -> &str;
    /// The call that gives a session, from what is held now; `None` where the credential needs no signing in.
    fn sign_in(&self, held: Option<&Session>) -> Option<Exchange>;
    /// What the answer to [`Connector::sign_in`] gives, or what it says instead.
    fn signed_in(&self, held: Option<&Session>, reply: &Reply, now: Timestamp) -> Result<Session, String>;
    /// Headers of each call.
    fn headers(&self, session: &Session) -> Vec<(&'static str, String)>;
}

/// One record as it was received, and our reading of it.
#[derive(Debug, Clone)]
pub struct Received<T> {
    /// The other side's key of the record.
    pub key: String,
    /// Its bytes, kept as evidence.
    pub body: bytes::Bytes,
    pub reading: Result<T, Unreadable>,
    /// How many times the answer showed it.
    pub shown: u32,
}

/// What a warehouse shows when it is asked what has changed.
#[derive(Debug, Default)]
pub struct Changed {
    pub left: Vec<Received<Shipment>>,
    /// How each order that was shown stands, whether it has left or not.
    pub orders: Vec<WarehouseOrder>,
}

/// One key on a source's own list of its records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub key: String,
    /// When the source says that it was made, if that can be read.
    pub made_at: Option<Timestamp>,
    /// Of a shipment: the tag of ours that it carries, if any. What carries none is not ours.
    pub release: Option<String>,
}

/// What a source is asked by the second sweep, in sentences for whoever reads the tally.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    Asked {
        what: &'static str,
        /// What such an answer cannot show.
        beyond: &'static str,
    },
    /// There is nothing to compare with, and why.
    Cannot { why: &'static str },
}

/// A record that could not be read: named, kept, and shown to a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{record}: field {field}: {problem}")]
pub struct Unreadable {
    pub record: String,
    pub field: String,
    pub problem: String,
    pub what: Misread,
}

/// What kind of thing could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misread {
    /// It is missing, or not of the shape that is wanted.
    Shape,
    /// A date that is on no calendar.
    Date,
}

/// Why a reading call gave nothing. Fit for a log: what the other side said is not displayed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    Lost(#[from] Lost),
    #[error("throttled")]
    Throttled { retry_after: Option<std::time::Duration> },
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Without the problem, which may repeat what was there.
    #[error("{}: field {} could not be read", .0.record, .0.field)]
    Unreadable(#[from] Unreadable),
}

/// A draft in the ledger that carries one of our tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaggedDraft {
    pub id: i64,
    pub tag: Fingerprint,
}

#[async_trait]
pub trait Ledger: Connector {
    async fn facts(&self, io: &dyn Io) -> Result<Facts, ReadError>;

    /// Puts in a draft that carries our tag.
    async fn draft(&self, io: &dyn Io, tag: &Fingerprint, order: &LedgerOrder) -> Verdict;
    /// Looks for this order by its reference: ours is landed, another under the same reference is unclear.
    async fn find_draft(&self, io: &dyn Io, tag: &Fingerprint, order: &LedgerOrder) -> Probe;

    /// Makes the draft with this id an order.
    async fn confirm(&self, io: &dyn Io, draft_id: i64) -> Verdict;
    async fn confirmed(&self, io: &dyn Io, draft_id: i64) -> Probe;

    /// Posts one despatch of an order.
    async fn despatch(&self, io: &dyn Io, tag: &Fingerprint, order: &LedgerOrderKey, despatch: &Despatch) -> Verdict;
    /// Whether it is there, by our tag or else by what was there before.
    async fn despatched(
        &self,
        io: &dyn Io,
        tag: &Fingerprint,
        order: &LedgerOrderKey,
        despatch: &Despatch,
        before: Option<&Baseline>,
    ) -> Probe;

    /// All drafts that carry a tag of ours.
    async fn tagged_drafts(&self, io: &dyn Io) -> Result<Vec<TaggedDraft>, ReadError>;
    /// Every order that was made or changed since then, whoever wrote it.
    async fn booked_since(&self, io: &dyn Io, since: Timestamp) -> Result<Vec<Booked>, ReadError>;
    /// One order as it stands now; none where there is none.
    async fn booked(&self, io: &dyn Io, id: i64) -> Result<Option<Booked>, ReadError>;

    /// How far the lines of orders are despatched, of which anything was despatched since then, whoever did.
    async fn gone_since(&self, io: &dyn Io, since: Timestamp) -> Result<Vec<Gone>, ReadError>;
    /// How far the lines of one order are despatched; lines of which nothing has gone are not there.
    async fn gone_of(&self, io: &dyn Io, order: i64) -> Result<Vec<Gone>, ReadError>;

    /// Has an order of ours stand as it was agreed: reads it, and writes only what differs. Refuses what an amendment cannot bring back,
    /// and what may not be changed any more.
    async fn amend_order(&self, io: &dyn Io, order: &LedgerOrderKey, agreed: &Agreed) -> Verdict;
    async fn order_amended(&self, io: &dyn Io, order: &LedgerOrderKey, agreed: &Agreed) -> Probe;

    /// Whether this still stands in the way of writes. What the ledger does not say stands.
    async fn hinders(&self, io: &dyn Io, hindrance: &Hindrance) -> Result<bool, ReadError>;

    /// Removes a draft; one that is gone is done. Refuses, by reading first, what is not a draft any more.
    async fn delete_draft(&self, io: &dyn Io, id: i64) -> Verdict;
}

#[async_trait]
pub trait Warehouse: Connector {
    /// Releases an order under the ledger's number, with our tag as its external reference.
    async fn release(&self, io: &dyn Io, tag: &Fingerprint, number: &str, release: &Release) -> Verdict;
    async fn released(&self, io: &dyn Io, tag: &Fingerprint, number: &str, release: &Release) -> Probe;

    /// Reads stored bytes again.
    fn read_shipment(&self, body: &[u8]) -> Result<Shipment, Unreadable>;
    /// What has changed since then, oldest first.
    async fn shipments(&self, io: &dyn Io, since: Timestamp) -> Result<Changed, ReadError>;

    /// What [`Warehouse::shipment_keys`] asks.
    fn shipments_question(&self) -> Question;
    /// The keys of what has left since then, by another question than [`Warehouse::shipments`] asks.
    async fn shipment_keys(&self, io: &dyn Io, since: Timestamp) -> Result<Vec<Listed>, ReadError>;
    /// One shipment by its key, as it stands now; none where there is none.
    async fn shipment(&self, io: &dyn Io, key: &str) -> Result<Option<Received<Shipment>>, ReadError>;
}

#[async_trait]
pub trait Channel: Connector {
    /// Every order that waits to be acknowledged.
    async fn new_orders(&self, io: &dyn Io) -> Result<Vec<Received<Order>>, ReadError>;
    /// Reads stored bytes again.
    fn read_order(&self, body: &[u8]) -> Result<Order, Unreadable>;

    /// What [`Channel::order_keys`] asks.
    fn orders_question(&self) -> Question;
    /// The keys of the orders that the channel holds for us, by another question than [`Channel::new_orders`] asks. Those made before
    /// then may be left out.
    async fn order_keys(&self, io: &dyn Io, since: Timestamp) -> Result<Vec<Listed>, ReadError>;
    /// One order by its key, as it stands now; none where there is none.
    async fn order(&self, io: &dyn Io, key: &str) -> Result<Option<Received<Order>>, ReadError>;

    async fn acknowledge(&self, io: &dyn Io, source_key: &str, lines: &[LineKey]) -> Verdict;
    async fn acknowledged(&self, io: &dyn Io, source_key: &str, lines: &[LineKey]) -> Probe;

    async fn confirm(&self, io: &dyn Io, confirmation: &Confirmation) -> Verdict;
    async fn confirmed(&self, io: &dyn Io, confirmation: &Confirmation) -> Probe;
}

/// A way to tell people: the fourth role. It is addressed like any other system and takes one kind of write.
#[async_trait]
pub trait Notifier: Connector {
    /// How fast it may be said, for long and at once. Each message takes two permits.
    fn limit(&self) -> &'static Gcra;

    /// Says it, under this id: the same however often it is sent, so that whoever receives it twice can tell.
    async fn tell(&self, io: &dyn Io, id: &Fingerprint, message: &Message) -> Verdict;
}

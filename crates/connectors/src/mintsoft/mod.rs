//! A warehouse that runs Mintsoft, through its REST API with a static key (3pl §3).
//!
//! Its verbs are its own: PUT creates, POST updates, and most refusals come as a success with `Success: false`. An order is known
//! by our number and our tag together; a number alone proves nothing. Shipments are polled: a despatched row is one shipment, and
//! a split order is several rows.
//!
//! Not here: signing in, which would end the sessions of everyone else with the same user; products, stock and goods in.

mod calls;
mod map;
#[cfg(test)]
mod tests;
mod wire;

use async_trait::async_trait;
use tallyman_core::document::Shipment;
use tallyman_core::effect::{Probe, Release, Verdict};
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::{Company, Connection};
use tallyman_core::role::{Changed, Connector, Listed, Question, ReadError, Received, Session, Unreadable, Warehouse};
use tallyman_core::seam::{Exchange, Io, Reply};
use tallyman_core::time::{Timestamp, Zone};

use crate::secret::Secret;

/// One merchant at one warehouse.
pub struct Mintsoft {
    pub connection: Connection,
    pub company: Company,
    pub base_url: String,
    /// A key that never ends, as an administrator sets it for a user.
    pub api_key: Secret,
    /// Given for a user of the warehouse, who sees every merchant; none for a user of the merchant's own, who must not send it.
    pub client_id: Option<i64>,
    /// What the times of orders are local to; nobody says.
    pub zone: Zone,
}

impl Mintsoft {
    pub const BASE_URL: &str = "https://api.mintsoft.co.uk";
    /// What the second sweep asks a warehouse.
    pub const SHIPMENTS_QUESTION: Question = Question::Asked {
        what: "Every warehouse order despatched since a date; its despatch date says the day.",
        beyond: "What left without the reference that our release gave it is not told apart from other people's orders.",
    };

    /// A merchant with a user of its own, times in UTC.
    pub fn new(connection: Connection, company: Company, api_key: impl Into<Secret>, client_id: Option<i64>) -> Self {
        Self {
            connection,
            company,
            base_url: Self::BASE_URL.into(),
            api_key: api_key.into(),
            client_id,
            zone: Zone::utc(),
        }
    }

    /// The same merchant at a stand-in.
    #[must_use]
    pub fn at(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = base_url.into();
        self
    }

    /// The same merchant with times local to a zone.
    #[must_use]
    pub fn in_zone(mut self, zone: Zone) -> Self {
        self.zone = zone;
        self
    }

    /// Whether a row is this merchant's.
    fn owns(&self, client_id: Option<i64>) -> bool {
        self.client_id
            .is_none_or(|ours| client_id.is_none_or(|theirs| theirs == ours))
    }
}

impl Connector for Mintsoft {
    fn connection(&self) -> &Connection {
        &self.connection
    }

    fn company(&self) -> &Company {
        &self.company
    }

    fn base_url(&self) -> &str {
        &self.base_url
    }

    fn sign_in(&self, _held: Option<&Session>) -> Option<Exchange> {
        None
    }

    fn signed_in(&self, _held: Option<&Session>, _reply: &Reply, _now: Timestamp) -> Result<Session, String> {
        Err("a Mintsoft connection has a static key and does not sign in".into())
    }

    fn headers(&self, _session: &Session) -> Vec<(&'static str, String)> {
        vec![
            ("ms-apikey", self.api_key.reveal().to_owned()),
            ("content-type", "application/json".into()),
            ("accept", "application/json".into()),
        ]
    }
}

#[async_trait]
impl Warehouse for Mintsoft {
    async fn release(&self, io: &dyn Io, tag: &Fingerprint, number: &str, release: &Release) -> Verdict {
        calls::release(self, io, tag, number, release).await
    }

    async fn released(&self, io: &dyn Io, tag: &Fingerprint, number: &str, release: &Release) -> Probe {
        calls::released(self, io, tag, number, release).await
    }

    fn read_shipment(&self, body: &[u8]) -> Result<Shipment, Unreadable> {
        map::shipment(self, body)
    }

    async fn shipments(&self, io: &dyn Io, since: Timestamp) -> Result<Changed, ReadError> {
        Ok(calls::shipments(self, io, since).await?)
    }

    fn shipments_question(&self) -> Question {
        Self::SHIPMENTS_QUESTION
    }

    async fn shipment_keys(&self, io: &dyn Io, since: Timestamp) -> Result<Vec<Listed>, ReadError> {
        Ok(calls::shipment_keys(self, io, since).await?)
    }

    async fn shipment(&self, io: &dyn Io, key: &str) -> Result<Option<Received<Shipment>>, ReadError> {
        Ok(calls::shipment(self, io, key).await?)
    }
}

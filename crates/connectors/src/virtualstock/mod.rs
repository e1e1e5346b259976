//! A retailer's orders through Virtualstock's REST API, version 4, as a supplier (virtualstock §3-10, 16).
//!
//! Orders are polled: the list of unacknowledged ones is the queue. An action has no key of its own and no answer that says
//! much, but a line that has been acknowledged or dispatched says so when the order is read: that is how each action is asked
//! about. How much of a line was dispatched is not shown, so a part of one cannot be.
//!
//! Not here: cancellations, returns, stock, products, invoices, and version 3.

mod calls;
mod map;
#[cfg(test)]
mod tests;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use tallyman_core::document::Order;
use tallyman_core::effect::{Confirmation, LineKey, Probe, Verdict};
use tallyman_core::ident::{Company, Connection};
use tallyman_core::role::{Channel, Connector, Listed, Question, ReadError, Received, Session, Unreadable};
use tallyman_core::seam::{Exchange, Io, Method, Reply};
use tallyman_core::time::{Timestamp, Zone};

use crate::http::words;
use crate::read::{read, wanted};
use crate::secret::Secret;

/// One supplier's account.
pub struct Virtualstock {
    pub connection: Connection,
    pub company: Company,
    pub base_url: String,
    pub username: String,
    pub password: Secret,
    /// What the times of orders are local to; nobody says. It also dates a dispatch.
    pub zone: Zone,
}

impl Virtualstock {
    pub const BASE_URL: &str = "https://api.virtualstock.com";
    pub const SANDBOX_URL: &str = "https://api.sandbox.virtualstock.com";
    /// What the second sweep asks an account.
    pub const ORDERS_QUESTION: Question = Question::Asked {
        what: "Retailer by retailer, every order that is new, acknowledged, on backorder or to be cancelled; its order date says the day.",
        beyond: "Orders that are dispatched or cancelled cannot be asked for by day: their list is the whole history. One that somebody \
                 dispatched or cancelled elsewhere before it arrived here is not found.",
    };

    /// An account in production, its times in UTC.
    pub fn new(connection: Connection, company: Company, username: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self {
            connection,
            company,
            base_url: Self::BASE_URL.into(),
            username: username.into(),
            password: password.into(),
            zone: Zone::utc(),
        }
    }

    /// The same account elsewhere: the sandbox, an older host, or a stand-in.
    #[must_use]
    pub fn at(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = base_url.into();
        self
    }

    /// The same account with times local to a zone.
    #[must_use]
    pub fn in_zone(mut self, zone: Zone) -> Self {
        self.zone = zone;
        self
    }
}

/// An access token lives five minutes; we act as if it were less, so that none ends between our check and theirs.
const ACCESS_LIFE: Duration = Duration::from_secs(270);

impl Connector for Virtualstock {
    fn connection(&self) -> &Connection {
        &self.connection
    }

    fn company(&self) -> &Company {
        &self.company
    }

    fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Both addresses are without the slash at the end that all others have.
    fn sign_in(&self, held: Option<&Session>) -> Option<Exchange> {
        let (path, body) = match held.and_then(|session| session.refresh.as_deref()) {
            Some(refresh) => ("/restapi/v4/token/refresh", serde_json::to_vec(&wire::Refresh { refresh })),
            None => {
                let body = wire::Login {
                    username: &self.username,
                    password: self.password.reveal(),
                };
                ("/restapi/v4/token", serde_json::to_vec(&body))
            }
        };
        Some(Exchange {
            method: Method::Post,
            url: format!("{}{path}", self.base_url),
            headers: vec![
                ("content-type", "application/json".into()),
                ("accept", "application/json".into()),
            ],
            body: Some(body.expect("texts are always JSON").into()),
        })
    }

    fn signed_in(&self, held: Option<&Session>, reply: &Reply, now: Timestamp) -> Result<Session, String> {
        if !reply.is_success() {
            return Err(format!("Virtualstock answered {}: {}", reply.status, words(&reply.body)));
        }
        let tokens: wire::Tokens = read("token", &reply.body).map_err(|error| error.to_string())?;
        Ok(Session {
            access: wanted("token", "access", tokens.access).map_err(|error| error.to_string())?,
            // A refreshed access comes without a new refresh token; the old one goes on.
            refresh: tokens.refresh.or_else(|| held.and_then(|session| session.refresh.clone())),
            expires_at: Some(now.plus(ACCESS_LIFE)),
        })
    }

    fn headers(&self, session: &Session) -> Vec<(&'static str, String)> {
        vec![
            ("authorization", format!("Bearer {}", session.access)),
            ("content-type", "application/json".into()),
            ("accept", "application/json".into()),
        ]
    }
}

#[async_trait]
impl Channel for Virtualstock {
    async fn new_orders(&self, io: &dyn Io) -> Result<Vec<Received<Order>>, ReadError> {
        Ok(calls::new_orders(self, io).await?)
    }

    fn read_order(&self, body: &[u8]) -> Result<Order, Unreadable> {
        map::order(self, body)
    }

    fn orders_question(&self) -> Question {
        Self::ORDERS_QUESTION
    }

    async fn order_keys(&self, io: &dyn Io, _since: Timestamp) -> Result<Vec<Listed>, ReadError> {
        Ok(calls::order_keys(self, io).await?)
    }

    async fn order(&self, io: &dyn Io, key: &str) -> Result<Option<Received<Order>>, ReadError> {
        Ok(calls::whole_order(self, io, key).await?)
    }

    async fn acknowledge(&self, io: &dyn Io, source_key: &str, lines: &[LineKey]) -> Verdict {
        calls::acknowledge(self, io, source_key, lines).await
    }

    async fn acknowledged(&self, io: &dyn Io, source_key: &str, lines: &[LineKey]) -> Probe {
        calls::acknowledged(io, source_key, lines).await
    }

    async fn confirm(&self, io: &dyn Io, confirmation: &Confirmation) -> Verdict {
        calls::confirm(self, io, confirmation).await
    }

    async fn confirmed(&self, io: &dyn Io, confirmation: &Confirmation) -> Probe {
        calls::confirmed(io, confirmation).await
    }
}

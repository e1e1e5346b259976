//! The twin as another process: what it says of itself over HTTP.

use anyhow::{Context, ensure};
use serde_json::Value;
use tallyman_core::seam::{Clock, Exchange, Method, Transport};
use tallyman_engine::status::{AskStatus, Status};
use tallyman_store::Store;

use crate::clocks::PacedClock;
use crate::wires::Http;

/// How long the twin may take over an answer about itself, in real time: the auditors read all books.
const ANSWER_MAX: std::time::Duration = std::time::Duration::from_secs(120);

pub struct Far {
    pub address: String,
    http: Http,
}

impl Far {
    pub fn at(address: &str) -> anyhow::Result<Self> {
        Ok(Self {
            address: address.trim_end_matches('/').to_owned(),
            http: Http::new()?,
        })
    }

    pub async fn report(&self) -> anyhow::Result<Value> {
        self.ask("report").await
    }

    pub async fn state(&self) -> anyhow::Result<Value> {
        self.ask("state").await
    }

    async fn ask(&self, what: &str) -> anyhow::Result<Value> {
        let real = PacedClock::system();
        let exchange = Exchange {
            method: Method::Get,
            url: format!("{}/twin/{what}", self.address),
            headers: Vec::new(),
            body: None,
        };
        let reply = tokio::select! {
            biased;
            reply = self.http.exchange(exchange) => reply?,
            () = real.sleep_until(real.now().plus(ANSWER_MAX)) => anyhow::bail!("the twin at {} does not answer", self.address),
        };
        ensure!(reply.status == 200, "the twin at {} answers {}", self.address, reply.status);
        serde_json::from_slice(&reply.body).with_context(|| format!("what answers at {} is no twin", self.address))
    }

    /// Nothing is on its way: not at the twin, not in our lanes, not in our inbox; and how everything stands.
    pub async fn at_rest(&self, store: &Store) -> anyhow::Result<(bool, Status)> {
        let state = self.state().await?;
        let status = store.read(AskStatus).await?;
        let figure = |name: &str| state[name].as_i64().unwrap_or(i64::MAX);
        // Late commits are always about while anybody polls; the time to settle is longer than the latest of them.
        let there = state["all_arrived"] == true && figure("waiting") <= figure("late");
        Ok((there && status.at_rest(), status))
    }
}

//! One merchant's systems, each with the words of its vendor. Addresses are the production ones unless given.

use std::time::Duration;

use serde::Deserialize;
use tallyman_core::pace::{BURST_MIN, Gcra};
use tallyman_core::sku::Collation;
use tallyman_core::time::Zone;

use super::field::{self, Address, Name};
use super::secret::Source;

/// Sage 200 as the ledger.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sage {
    /// What this connection is called; `sage200-` and the company's name if not given.
    pub connection: Option<Name>,
    pub base_url: Option<Address>,
    pub token_url: Option<Address>,
    pub client_id: String,
    pub client_secret: Source,
    /// The first refresh token, from consent. Later ones are kept in the store.
    pub refresh_token: Source,
    /// The GUID of the site.
    pub site: String,
    /// The number of the company within its site.
    pub company_id: i64,
    /// How its database tells stock codes apart.
    #[serde(default)]
    pub collation: Collation,
    /// The day on which the consent ends, as it was agreed with Sage: somebody is told two weeks before. `2027-01-31`.
    pub consent_ends: Option<String>,
    pub limit: Option<Limit>,
}

/// Mintsoft as a warehouse.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mintsoft {
    /// What this connection is called; `mintsoft-` and the company's name if not given.
    pub connection: Option<Name>,
    pub base_url: Option<Address>,
    pub api_key: Source,
    /// Only for a user of the warehouse's own, who sees every merchant.
    pub client_id: Option<i64>,
    /// Until when on a working day it sends what is released, on the clock of the company: `15:30`.
    pub cut_off: Option<String>,
    /// What the times of its orders are local to; UTC if not given.
    #[serde(default, deserialize_with = "field::maybe_zone")]
    pub zone: Option<Zone>,
    pub limit: Option<Limit>,
}

/// Virtualstock as a channel.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Virtualstock {
    /// What this connection is called; `virtualstock-` and the company's name if not given.
    pub connection: Option<Name>,
    pub base_url: Option<Address>,
    pub username: String,
    pub password: Source,
    /// Within how many hours its retailers want an order acknowledged.
    pub acknowledge_within_hours: Option<u16>,
    /// The retailer's numbers for this company as a supplier. Given, an order for another one is stopped.
    #[serde(default)]
    pub suppliers: Vec<String>,
    /// What the times of its orders are local to; UTC if not given.
    #[serde(default, deserialize_with = "field::maybe_zone")]
    pub zone: Option<Zone>,
    pub limit: Option<Limit>,
}

/// How often a system may be called, by all workers together.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    pub calls_per_minute: std::num::NonZeroU32,
    /// How many may follow each other at once after a rest. Each piece of work takes two (a look and a send), and one piece of
    /// each kind of work is kept for it: effects, polls, reference data.
    #[serde(deserialize_with = "burst")]
    pub burst: u32,
}

impl Limit {
    pub fn gcra(&self) -> Gcra {
        Gcra {
            interval: Duration::from_secs(60) / self.calls_per_minute.get(),
            burst: self.burst,
        }
    }
}

/// With fewer, some kind of work would have nothing of its own, and could be kept waiting for ever.
fn burst<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let burst = u32::deserialize(deserializer)?;
    if burst >= BURST_MIN {
        return Ok(burst);
    }
    let words =
        format!("a burst is at least {BURST_MIN}: two calls for each kind of work, which are effects, polls and reference data");
    Err(serde::de::Error::custom(words))
}

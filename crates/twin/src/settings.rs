//! What a twin is made with.

use serde::{Deserialize, Serialize};

use crate::faults::Faults;
use crate::{mintsoft, sage, virtualstock};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Settings {
    pub seed: u64,
    /// Instant at which the twin's day begins; the first order arrives then.
    pub origin: i64,
    pub companies: Vec<Company>,
    pub faults: Faults,
    pub orders: Orders,
    /// Whether vendors' rate limits are enforced. Off only for a bench that says so.
    pub limits: bool,
    /// How Virtualstock's open questions stand.
    #[serde(default)]
    pub virtualstock: virtualstock::Switches,
    /// How Mintsoft's stand.
    #[serde(default)]
    pub mintsoft: mintsoft::Switches,
    /// How Sage's stand.
    #[serde(default)]
    pub sage: sage::Switches,
    /// What is planted, and judged by [`crate::causes::judge`]; nothing unless it is said.
    #[serde(default)]
    pub plant: Option<crate::causes::Plant>,
    /// Of those: the causes of these names only; all of them, where none is named.
    #[serde(default)]
    pub plant_only: Vec<String>,
}

impl Settings {
    /// Whether this cause is planted.
    pub fn plants(&self, cause: &crate::causes::Cause) -> bool {
        let chosen = self.plant_only.is_empty() || self.plant_only.iter().any(|name| name == cause.name);
        self.plant == Some(crate::causes::Plant::Causes) && chosen
    }
}

/// One merchant: a company in Sage, an account at the 3PL, an account at Virtualstock. Its credentials derive from its number, see
/// [`Company::numbered`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Company {
    /// 1, 2, …: the value of `X-Company`.
    pub number: u32,
    pub name: String,
    /// Sage's SOP setting `record_tracking_on_despatch`. When false the despatch views show no courier, consignment number or notes.
    pub records_tracking: bool,
    pub sage_client_id: String,
    pub sage_client_secret: String,
    pub sage_refresh_token: String,
    pub mintsoft_api_key: String,
    pub virtualstock_user: String,
    pub virtualstock_password: String,
}

impl Company {
    pub fn numbered(number: u32, records_tracking: bool) -> Self {
        Self {
            number,
            name: format!("Twin Traders {number} Ltd"),
            records_tracking,
            sage_client_id: format!("sage-client-{number}"),
            sage_client_secret: format!("sage-secret-{number}"),
            sage_refresh_token: format!("sage-refresh-{number}-0"),
            mintsoft_api_key: format!("mintsoft-key-{number}"),
            virtualstock_user: format!("supplier-{number}"),
            virtualstock_password: format!("password-{number}"),
        }
    }
}

/// Which orders arrive, and when.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Orders {
    /// Invoices are read until this many have become orders (over all companies).
    pub count: u32,
    /// How many invoices of the data are passed over first; the simulation starts elsewhere with each seed.
    pub skip_invoices: u32,
    /// Arrivals are squeezed evenly, with their original spacing scaled, into this many microseconds.
    pub within: i64,
    /// false: invoices are dealt to the companies in turn. true: every company gets every order, with equal references (the
    /// simulation, where a mix-up between companies must show); `count` is then per company.
    pub same_for_all: bool,
    /// Orders of a thousand that are planted with a defect (unknown SKU, over-long address, unmapped carrier, in turn, from
    /// a drawn one on).
    pub planted_per_mille: u32,
    /// What is wrong with a SKU or a carrier is put right by the merchant while the day goes on: the retailer's name for an item (ending in
    /// [`crate::world::RENAMED`]) and the service `pigeon` are mapped. Such orders are expected to go the whole way. Simulation only.
    #[serde(default)]
    pub mended: bool,
    /// So many of the orders, spread over all, go to the first company and begin with its best seller, under a new code of the retailer's own
    /// ([`crate::world::BEST_SELLER`], [`crate::world::RENAMED`]) that it has told nobody about. The demo that is watched only.
    #[serde(default)]
    pub relisted: u32,
    /// Orders of a thousand for which someone has keyed another Sage order under the same customer reference by hand before it
    /// arrives (other content). Simulation only.
    pub foreign_per_mille: u32,
    /// Orders of a thousand for which someone keys such an order about when it arrives, so that a look may not see it: what comes of
    /// that is for a search for duplicates to find. Simulation only.
    #[serde(default)]
    pub keyed_late_per_mille: u32,
    /// Leave out invoices with more goods lines than this; 0 is no limit. Simulation only, and counted as declined `too long`.
    pub lines_max: u32,
    /// Sage holds only the items that these orders name. Simulation only, where the whole catalogue would cost more than the rest of
    /// a seed.
    #[serde(default)]
    pub named_items_only: bool,
}

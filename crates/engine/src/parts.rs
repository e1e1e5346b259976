//! What a worker is made of: the store, the seams, and the merchants it works for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tallyman_core::alert::Settings;
use tallyman_core::ident::{Company, Connection};
use tallyman_core::journey::Route;
use tallyman_core::mastership::Model;
use tallyman_core::pace::Gcra;
use tallyman_core::planted::Planted;
use tallyman_core::promise::Promises;
use tallyman_core::role::{Channel, Connector, Ledger, Notifier, Warehouse};
use tallyman_core::seam::{Clock, Hooks, Transport};
use tallyman_core::time::Zone;
use tallyman_store::{Dialect, Store};

use crate::bells::Bells;
use crate::meters::Meters;
use crate::vault::Vault;

/// One merchant and the systems it is connected to.
pub struct Merchant {
    pub company: Company,
    pub zone: Zone,
    pub ledger: Arc<dyn Ledger>,
    pub warehouse: Arc<dyn Warehouse>,
    pub channel: Arc<dyn Channel>,
    /// Send part quantities of a line to the retailer as they leave, although their outcome cannot be asked about.
    pub confirm_parts: bool,
    /// Which system masters what.
    pub masters: Model,
    /// By when what is due, as far as the merchant has said.
    pub promises: Promises,
    /// The channel's numbers for this company as a supplier; empty where nobody has said so, and then orders are not asked whose they are.
    pub suppliers: BTreeSet<String>,
    /// Who is told of its exceptions; nobody, where nothing is configured.
    pub alerts: Option<Alerts>,
}

/// The ways to tell people, and what decides which is taken.
pub struct Alerts {
    pub settings: Settings,
    /// One for each route of the settings.
    pub notifiers: Vec<Arc<dyn Notifier>>,
}

impl Merchant {
    pub fn route(&self) -> Route {
        Route {
            channel: self.channel.connection().clone(),
            ledger: self.ledger.connection().clone(),
            warehouse: self.warehouse.connection().clone(),
        }
    }

    /// Its connections, in the order of an order's way.
    pub fn connectors(&self) -> [&dyn Connector; 3] {
        [&*self.channel, &*self.ledger, &*self.warehouse]
    }

    /// Those, and the ways to tell people.
    pub fn everything(&self) -> impl Iterator<Item = &dyn Connector> {
        let notifiers = self.alerts.iter().flat_map(|alerts| &alerts.notifiers);
        self.connectors()
            .into_iter()
            .chain(notifiers.map(|notifier| &**notifier as &dyn Connector))
    }

    pub fn connector(&self, connection: &Connection) -> Option<&dyn Connector> {
        self.everything().find(|connector| connector.connection() == connection)
    }

    pub fn notifier(&self, connection: &Connection) -> Option<&Arc<dyn Notifier>> {
        let mut notifiers = self.alerts.iter().flat_map(|alerts| &alerts.notifiers);
        notifiers.find(|notifier| notifier.connection() == connection)
    }
}

/// How hard a worker may press.
#[derive(Debug, Clone)]
pub struct Pace {
    /// Calls in flight per connection and worker.
    pub slots: u32,
    /// The vendors' limits, which all workers share; `None` for a bench that says so.
    pub governor: Option<Governor>,
    /// Limits of single connections, in place of their role's.
    pub limits: BTreeMap<Connection, Gcra>,
    pub poll_every: Duration,
    /// How often shipments are asked for, if not as often as orders.
    pub shipments_every: Option<Duration>,
    pub sweep_every: Duration,
    /// How often the ledger is searched for orders that stand beside one of ours.
    pub duplicates_every: Duration,
    pub facts_every: Duration,
    /// How often the keys that a source lists are compared with those that we have; while a gap stands, as often as `keys_again`.
    pub keys_every: Duration,
    pub keys_again: Duration,
    /// How often every feed's last round is looked at.
    pub heartbeat_every: Duration,
    /// How long nothing but failures may be heard of a system before that has a card.
    pub down_after: Duration,
    /// How long before a sign-in lapses somebody should know.
    pub lapses_within: Duration,
    /// Less free space than this on the machine's disk is a fault.
    pub free_disk_bytes_min: u64,
    /// How often what mappings and facts stop is compared with what these have become.
    pub heal_every: Duration,
    /// How often a channel is asked whether it has corrected an order that stands still.
    pub corrections_every: Duration,
    /// How often the ledger is asked whether what it refused writes for is gone.
    pub refusals_every: Duration,
    pub seal_every: Duration,
    /// How often lanes are looked at where other workers share the store, in case a wake-up was lost. In a file, where only a person's
    /// command may write beside us, a tenth as often.
    pub look_every: Duration,
    /// How long what must be read again is looked back for: longer than any list lags.
    pub overlap: Duration,
    /// How long what was said in writes that succeeded is kept; nothing of it, if it is none. What did not simply succeed stays with its
    /// order.
    pub keep_exchanges: Option<Duration>,
}

/// Calls a minute and how many at once, by role.
#[derive(Debug, Clone)]
pub struct Governor {
    pub channel: Gcra,
    pub ledger: Gcra,
    pub warehouse: Gcra,
}

impl Default for Pace {
    fn default() -> Self {
        let a_minute = |calls: u32, burst| Gcra {
            interval: Duration::from_secs(60) / calls,
            burst,
        };
        Self {
            slots: 4,
            governor: Some(Governor {
                // Half of Virtualstock's documented 250, and below the 150 one retailer asks for (virtualstock §16).
                channel: a_minute(130, 20),
                // Sage publishes none; what careful clients choose (sage200 §3.4).
                ledger: a_minute(240, 16),
                // Mintsoft publishes none and answers bursts with 429 (3pl §3.1).
                warehouse: a_minute(240, 10),
            }),
            limits: BTreeMap::new(),
            poll_every: Duration::from_secs(60),
            shipments_every: None,
            sweep_every: Duration::from_secs(600),
            duplicates_every: Duration::from_secs(86_400),
            facts_every: Duration::from_secs(3600),
            keys_every: Duration::from_secs(86_400),
            keys_again: Duration::from_secs(3600),
            heartbeat_every: Duration::from_secs(60),
            down_after: Duration::from_secs(120),
            // New consent needs a person, and getting hold of one takes days (sage200 §3.1).
            lapses_within: Duration::from_secs(14 * 86_400),
            free_disk_bytes_min: 1 << 30,
            heal_every: Duration::from_secs(10),
            corrections_every: Duration::from_secs(600),
            refusals_every: Duration::from_secs(300),
            seal_every: Duration::from_secs(1),
            look_every: Duration::from_secs(1),
            overlap: Duration::from_secs(600),
            keep_exchanges: Some(Duration::from_secs(14 * 86_400)),
        }
    }
}

impl Pace {
    pub fn limit<'a>(&'a self, merchant: &'a Merchant, connection: &Connection) -> Option<&'a Gcra> {
        let governor = self.governor.as_ref()?;
        if let Some(own) = self.limits.get(connection) {
            return Some(own);
        }
        if let Some(notifier) = merchant.notifier(connection) {
            return Some(notifier.limit());
        }
        let route = merchant.route();
        Some(if route.channel == *connection {
            &governor.channel
        } else if route.ledger == *connection {
            &governor.ledger
        } else {
            &governor.warehouse
        })
    }
}

/// What a worker can see of the machine that it runs on.
pub trait Machine: Send + Sync {
    /// What people call it.
    fn name(&self) -> &str;
    /// Space that is left where the database's file lies; none where there is no such file, or it cannot be told.
    fn free_disk_bytes(&self) -> Option<u64>;
}

/// A machine of which nothing can be seen.
pub struct Unseen;

impl Machine for Unseen {
    fn name(&self) -> &str {
        "this machine"
    }

    fn free_disk_bytes(&self) -> Option<u64> {
        None
    }
}

/// Shared by the workers of one process.
pub struct Parts {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub transport: Arc<dyn Transport>,
    pub hooks: Arc<dyn Hooks>,
    pub machine: Arc<dyn Machine>,
    pub vault: Vault,
    pub merchants: Vec<Arc<Merchant>>,
    pub pace: Pace,
    pub bells: Arc<Bells>,
    pub planted: Planted,
    /// What this process has done, counted.
    pub meters: Meters,
}

impl Parts {
    /// How often lanes are looked at although nothing in this process says that they have changed.
    pub fn look_every(&self) -> Option<Duration> {
        if self.store.dialect() == Dialect::Postgres {
            Some(self.pace.look_every)
        } else {
            self.store.has_neighbours().then_some(self.pace.look_every * 10)
        }
    }
}

//! The configuration: what is needed to start, as TOML. All that people decide while it runs is kept in the store instead.
//!
//! Every error names its line. A secret is never written in the file: it is named, and read from the environment or from a file
//! of its own ([`secret`]). Unknown words are refused, since a misspelt limit would be no limit.
//!
//! Not here: what is built from it ([`crate::assemble`]).

pub mod alerts;
pub mod api;
pub mod connection;
pub mod field;
pub mod secret;
pub mod sign_in;

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use tallyman_core::mastership::{Master, Model, Thing};
use tallyman_core::time::{Timestamp, Zone};

pub use alerts::Alerts;
pub use api::Api;
pub use connection::{Limit, Mintsoft, Sage, Virtualstock};
use field::{Address, Name};
pub use secret::{Database, Source};
pub use sign_in::SignIn;

/// A whole configuration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// A file of SQLite, or the address of a PostgreSQL database.
    pub database: Database,
    /// Where `serve` answers `/health` and the API.
    #[serde(default = "listen")]
    pub listen: SocketAddr,
    /// Proxies that stand before it: what they say of whom they ask for is believed.
    #[serde(default)]
    pub proxies: Vec<IpAddr>,
    #[serde(default)]
    pub log: Log,
    /// Where traces are sent; nowhere, if it is not there.
    pub traces: Option<Traces>,
    /// A clock at another pace, for the demo's processes; absent, it is the computer's.
    pub clock: Option<Scaled>,
    #[serde(default)]
    pub postgres: Postgres,
    #[serde(default)]
    pub pace: Pace,
    #[serde(rename = "master_key")]
    pub master_keys: Vec<MasterKey>,
    #[serde(rename = "company")]
    pub companies: Vec<Company>,
    /// Who is told of exceptions; nobody, if it is not there.
    pub alerts: Option<Alerts>,
    /// Who may use the API; nobody, without a token.
    #[serde(default)]
    pub api: Api,
    /// How people sign in beside their own password.
    #[serde(default)]
    pub sign_in: SignIn,
    /// What relative paths are relative to: where the file lies.
    #[serde(skip)]
    pub folder: PathBuf,
}

/// A key that wraps the keys of journeys.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MasterKey {
    /// The highest wraps; lower ones still open what they once wrapped.
    pub number: u32,
    pub key: Source,
}

/// One merchant: a company in the ledger, where its goods are, where it sells.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Company {
    pub name: Name,
    #[serde(default = "london", deserialize_with = "field::zone")]
    pub zone: Zone,
    /// Send part quantities of a line to the retailer as they leave, although their outcome cannot be asked about.
    #[serde(default)]
    pub confirm_parts: bool,
    /// Which system masters what; all of it or none, which is the usual model.
    #[serde(default)]
    pub master: Vec<MasterOf>,
    pub sage200: Sage,
    pub mintsoft: Mintsoft,
    pub virtualstock: Virtualstock,
}

/// A row of the operating model.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MasterOf {
    pub thing: Thing,
    pub system: Master,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    #[serde(default)]
    pub format: Format,
    /// As in `RUST_LOG`, which goes before it.
    pub filter: Option<String>,
}

/// Who collects what was done, and how long it took.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traces {
    /// What takes OTLP over HTTP, without the path.
    pub endpoint: Address,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    #[default]
    Human,
    Json,
}

/// A clock that read `origin` when the computer's read `since`, and has run `pace` times as fast from then on.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scaled {
    pub pace: u32,
    #[serde(deserialize_with = "field::instant")]
    pub origin: Timestamp,
    #[serde(deserialize_with = "field::instant")]
    pub since: Timestamp,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Postgres {
    /// The schema that holds the tables; the server's default if not given.
    pub schema: Option<Name>,
    /// The most connections that one process opens, besides one that listens.
    pub connections: Option<usize>,
}

/// How hard a worker presses; what is not given is as the program comes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// Calls in flight per connection and worker.
    pub calls_at_once: Option<u32>,
    pub poll_seconds: Option<u64>,
    pub facts_seconds: Option<u64>,
    pub sweep_seconds: Option<u64>,
    /// How long nothing but failures may be heard of a system before that has a card.
    pub down_seconds: Option<u64>,
    /// How many days what was said in writes that succeeded is kept; 0 for not at all.
    pub keep_exchanges_days: Option<u32>,
}

fn listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8620))
}

fn london() -> Zone {
    Zone::named("Europe/London").unwrap_or_else(|_| Zone::utc())
}

impl Config {
    /// Reads a file.
    pub fn load(path: &Path) -> anyhow::Result<Config> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("the configuration {} cannot be read", path.display()))?;
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        Config::parse(&text, &path.display().to_string(), folder)
    }

    /// Reads a text that came from `name`. Errors name the line and never repeat it: somebody may have put a secret there.
    pub fn parse(text: &str, name: &str, folder: PathBuf) -> anyhow::Result<Config> {
        let mut config: Config = toml::from_str(text).map_err(|error| {
            let place = error.span().map(|span| place(text, span.start)).unwrap_or_default();
            anyhow::anyhow!("{name}{place}: {}", error.message())
        })?;
        config.folder = folder;
        config.check().with_context(|| format!("{name} cannot be used"))?;
        Ok(config)
    }

    /// What no single field can say.
    fn check(&self) -> anyhow::Result<()> {
        ensure!(
            !self.companies.is_empty(),
            "there is no [[company]]: describe at least one merchant"
        );
        ensure!(
            !self.master_keys.is_empty(),
            "there is no [[master_key]]: make one with `tallyman key` and name where it is kept"
        );
        let mut numbers = BTreeSet::new();
        for key in &self.master_keys {
            ensure!(
                numbers.insert(key.number),
                "two master keys have the number {}: a new key gets a new number",
                key.number
            );
        }
        if let Some(clock) = &self.clock {
            ensure!(clock.pace > 0, "the clock's pace is 0: 1 is real time, 60 an hour a minute");
        }
        let mut companies = BTreeSet::new();
        let mut connections = BTreeSet::new();
        for company in &self.companies {
            if !companies.insert(company.name.as_str()) {
                bail!("two companies have the name {}: each needs its own", company.name.as_str());
            }
            company.model()?;
            for connection in company.connections() {
                if !connections.insert(connection.clone()) {
                    bail!("two connections have the name {connection}: each needs its own, over all companies");
                }
            }
        }
        let companies: Vec<&str> = companies.into_iter().collect();
        if let Some(alerts) = &self.alerts {
            alerts.check(&companies)?;
        }
        self.api.check(&companies)?;
        Ok(())
    }

    /// A path of the file, relative to where the file lies.
    pub fn path(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }

    /// The zone of a company's people; UTC for one that is not configured any more.
    pub fn zone(&self, company: &str) -> Zone {
        let found = self.companies.iter().find(|known| known.name.as_str() == company);
        found.map_or_else(Zone::utc, |known| known.zone.clone())
    }
}

impl Company {
    /// Its operating model; refused where it would leave nobody to ask, or have us overwrite a master.
    pub fn model(&self) -> anyhow::Result<Model> {
        let rows: Vec<(Thing, Master)> = self.master.iter().map(|row| (row.thing, row.system)).collect();
        if rows.is_empty() {
            return Ok(Model::default());
        }
        Model::of(&rows).with_context(|| format!("the operating model of company {} cannot be used", self.name.as_str()))
    }

    /// The names of its connections in the order of an order's way.
    pub fn connections(&self) -> [String; 3] {
        let name = |given: &Option<Name>, kind: &str| match given {
            Some(name) => name.as_str().to_owned(),
            None => format!("{kind}-{}", self.name.as_str()),
        };
        [
            name(&self.virtualstock.connection, "virtualstock"),
            name(&self.sage200.connection, "sage200"),
            name(&self.mintsoft.connection, "mintsoft"),
        ]
    }
}

/// `:line:column` of a byte, counted from 1.
fn place(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!(":{line}:{column}")
}

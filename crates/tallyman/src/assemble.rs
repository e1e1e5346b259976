//! From a configuration to what a worker is made of.
//!
//! Every secret is read here, once, and goes straight to whoever uses it. The transport is an argument: the program gives the real
//! wire, a test the twin's.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use tallyman_connectors::alerts::SigningSecret;
use tallyman_connectors::{ByMail, BySlack, ByTeams, ByWebhook, Mintsoft, Sage, Secret, Virtualstock};
use tallyman_core::calendar::{Calendar, TimeOfDay};
use tallyman_core::ident::{Company, Connection};
use tallyman_core::planted::Planted;
use tallyman_core::promise::{CutOff, Promises};
use tallyman_core::role::Notifier;
use tallyman_core::seam::{MailSecurity, MailServer, NoHooks, Transport};
use tallyman_core::tally::Kind;
use tallyman_core::time::{Date, Zone};
use tallyman_engine::bells::Bells;
use tallyman_engine::meters::Meters;
use tallyman_engine::parts::{Alerts, Merchant, Pace, Parts};
use tallyman_engine::tally::Source;
use tallyman_engine::vault::Vault;
use tallyman_store::seal::MasterKeys;
use tallyman_store::{Location, OpenError, Server, Store};

use crate::chance;
use crate::clocks::PacedClock;
use crate::config::alerts::{Route, Security, connection};
use crate::config::field::Address;
use crate::config::secret::{is_server, master_key};
use crate::config::{self, Config, Database};
use crate::machine::ThisMachine;

/// Everything: the store is opened, nothing has been asked of any vendor.
pub async fn parts(config: &Config, transport: Arc<dyn Transport>) -> anyhow::Result<Parts> {
    let merchants = merchants(config)?;
    let vault = vault(config)?;
    let store = Store::open(&location(config)?).await.map_err(opened)?;
    Ok(around(config, store, vault, merchants, transport))
}

/// Everything around a store that is open already.
pub fn around(
    config: &Config,
    store: Store,
    vault: Vault,
    merchants: Vec<Arc<Merchant>>,
    transport: Arc<dyn Transport>,
) -> Parts {
    Parts {
        store,
        clock: Arc::new(clock(config)),
        transport,
        hooks: Arc::new(NoHooks),
        machine: Arc::new(ThisMachine::new(folder(config))),
        vault,
        merchants,
        pace: pace(config),
        bells: Arc::new(Bells::default()),
        planted: Planted::default(),
        meters: Meters::default(),
    }
}

/// Where the store is.
pub fn location(config: &Config) -> anyhow::Result<Location> {
    let text = match &config.database {
        Database::Written(text) => text.clone(),
        Database::Secret(source) => source.reveal(config).context("the database's address")?,
    };
    if !is_server(&text) {
        return Ok(Location::File(config.path(text.as_ref())));
    }
    let mut server = Server::at(text);
    if server.url.contains("sslmode=require") {
        server.tls = Some(tls()?);
    }
    server.schema = config.postgres.schema.as_ref().map(|name| name.as_str().to_owned());
    if let Some(connections) = config.postgres.connections {
        server.connections = connections.max(1);
    }
    Ok(Location::Postgres(server))
}

/// Where the database's file lies; none where it is a server's.
fn folder(config: &Config) -> Option<PathBuf> {
    match location(config) {
        Ok(Location::File(file)) => file.parent().map(Path::to_owned),
        Ok(_) | Err(_) => None,
    }
}

/// TLS with the certificates that this machine trusts.
fn tls() -> anyhow::Result<Arc<rustls::ClientConfig>> {
    use rustls_platform_verifier::BuilderVerifierExt;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .context("the certificates that this machine trusts cannot be read")?;
    Ok(Arc::new(builder.with_no_client_auth()))
}

/// An error of opening with its remedy.
pub fn opened(error: OpenError) -> anyhow::Error {
    let remedy = match &error {
        OpenError::InUse { .. } => Some("stop the other one first, or use PostgreSQL where several processes share the work"),
        OpenError::Database { .. } => Some("look whether it runs, and whether its address and password are right"),
        OpenError::File { .. } => Some("look whether its folder is there and may be written to"),
        OpenError::SqliteTooOld { .. } | OpenError::Encoding { .. } | OpenError::Address(_) | OpenError::Migration(_) => None,
    };
    let error = anyhow::Error::new(error);
    match remedy {
        Some(remedy) => error.context(format!("the database cannot be opened: {remedy}")),
        None => error.context("the database cannot be opened"),
    }
}

/// What personal data is sealed with.
pub fn vault(config: &Config) -> anyhow::Result<Vault> {
    let mut keys = Vec::new();
    for key in &config.master_keys {
        let name = || format!("master key {}, from {}", key.number, key.key);
        let text = key.key.reveal(config).with_context(name)?;
        keys.push((key.number, master_key(&text).with_context(name)?));
    }
    keys.sort_by_key(|(number, _)| *number);
    let (number, key) = keys.pop().context("there is no master key")?;
    let masters = keys.into_iter().fold(MasterKeys::new(number, key), |masters, (number, key)| {
        masters.with_older(number, key)
    });
    let chance = chance::system().map_err(|error| anyhow::anyhow!("the system gives no randomness for keys: {error}"))?;
    Ok(Vault::new(masters, Box::new(chance)))
}

/// The merchants with their systems, in the order of the configuration.
pub fn merchants(config: &Config) -> anyhow::Result<Vec<Arc<Merchant>>> {
    config
        .companies
        .iter()
        .map(|company| merchant(config, company).map(Arc::new))
        .collect()
}

/// Who gives records, without anybody's secrets: for whoever only reads what was received.
pub fn sources(config: &Config) -> Vec<Source> {
    let of = |company: &config::Company| {
        let [channel, _, warehouse] = company.connections().map(Connection::new);
        let source = |connection, kind, question| Source {
            company: company.name.as_str().to_owned(),
            zone: company.zone.clone(),
            connection,
            kind,
            question,
        };
        [
            source(channel, Kind::Order, Virtualstock::ORDERS_QUESTION),
            source(warehouse, Kind::Shipment, Mintsoft::SHIPMENTS_QUESTION),
        ]
    };
    config.companies.iter().flat_map(of).collect()
}

fn merchant(config: &Config, company: &config::Company) -> anyhow::Result<Merchant> {
    let name = Company::new(company.name.as_str());
    let [channel, ledger, warehouse] = company.connections().map(Connection::new);
    let secret = |source: &config::Source, connection: &Connection, what: &str| {
        let text = source.reveal(config).with_context(|| format!("the {what} of {connection}"))?;
        anyhow::Ok(Secret::new(text))
    };
    let address = |given: &Option<Address>, usual: &str| given.as_ref().map_or(usual, Address::as_str).to_owned();
    let zone = |given: &Option<Zone>| given.clone().unwrap_or_else(Zone::utc);

    let said = &company.sage200;
    let sage = Sage::new(
        ledger.clone(),
        name.clone(),
        said.client_id.clone(),
        secret(&said.client_secret, &ledger, "client secret")?,
        secret(&said.refresh_token, &ledger, "refresh token")?,
        said.site.clone(),
        said.company_id,
    )
    .under(said.collation)
    .at(
        address(&said.base_url, Sage::BASE_URL),
        address(&said.token_url, Sage::TOKEN_URL),
    );
    let said = &company.mintsoft;
    let key = secret(&said.api_key, &warehouse, "API key")?;
    let mintsoft = Mintsoft::new(warehouse, name.clone(), key, said.client_id)
        .at(address(&said.base_url, Mintsoft::BASE_URL))
        .in_zone(zone(&said.zone));
    let said = &company.virtualstock;
    let password = secret(&said.password, &channel, "password")?;
    let virtualstock = Virtualstock::new(channel, name.clone(), said.username.clone(), password)
        .at(address(&said.base_url, Virtualstock::BASE_URL))
        .in_zone(zone(&said.zone));
    Ok(Merchant {
        company: name,
        zone: company.zone.clone(),
        ledger: Arc::new(sage),
        warehouse: Arc::new(mintsoft),
        channel: Arc::new(virtualstock),
        confirm_parts: company.confirm_parts,
        masters: company.model()?,
        promises: promises(company)?,
        suppliers: company.virtualstock.suppliers.iter().map(|id| id.trim().to_owned()).collect(),
        alerts: alerts(config, company.name.as_str())?,
    })
}

/// By when what is due, as far as the configuration says.
fn promises(company: &config::Company) -> anyhow::Result<Promises> {
    let [_, ledger, _] = company.connections().map(Connection::new);
    let hours = company.virtualstock.acknowledge_within_hours;
    let cut_off = company.mintsoft.cut_off.as_deref().map(|text| {
        let at = TimeOfDay::parse(text)
            .with_context(|| format!("the cut-off `{text}` of {} is not a time like 15:30", company.name.as_str()))?;
        let zone = company.zone.clone();
        anyhow::Ok(CutOff {
            at,
            calendar: Calendar {
                zone,
                ..Calendar::usual()
            },
        })
    });
    let consents = company.sage200.consent_ends.as_deref().map(|text| {
        let day = Date::parse(text)
            .with_context(|| format!("the day `{text}` on which the consent of {ledger} ends is not a day like 2027-01-31"))?;
        anyhow::Ok((ledger.clone(), day.starts_in(&company.zone)))
    });
    Ok(Promises {
        acknowledge_within: hours.map(|hours| Duration::from_secs(u64::from(hours) * 3_600)),
        cut_off: cut_off.transpose()?,
        consents: consents.transpose()?.into_iter().collect(),
    })
}

/// Who is told of a company's exceptions; nobody where no route is for it.
fn alerts(config: &Config, company: &str) -> anyhow::Result<Option<Alerts>> {
    let Some(said) = &config.alerts else { return Ok(None) };
    let routes = said.routes.iter().filter(|route| route.is_for(company));
    let notifiers: Vec<_> = routes
        .map(|route| notifier(config, route, company))
        .collect::<anyhow::Result<_>>()?;
    if notifiers.is_empty() {
        return Ok(None);
    }
    Ok(Some(Alerts {
        settings: said.settings(company)?,
        notifiers,
    }))
}

fn notifier(config: &Config, route: &Route, company: &str) -> anyhow::Result<Arc<dyn Notifier>> {
    let shown = route.name().as_str();
    let name = connection(route.name(), company);
    let company = Company::new(company);
    let secret =
        |source: &config::Source, what: &str| source.reveal(config).with_context(|| format!("the {what} of route {shown}"));
    let address = |source: &config::Source| {
        let url = secret(source, "address")?;
        ensure!(
            url.starts_with("https://")
                || ["http://127.0.0.1", "http://localhost"]
                    .iter()
                    .any(|here| url.starts_with(here)),
            "the address of route {shown} begins with https://; http:// is for this machine only"
        );
        Ok(Secret::new(url))
    };
    Ok(match route {
        Route::Slack { url, .. } => Arc::new(BySlack::new(name, company, address(url)?)),
        Route::Teams { url, .. } => Arc::new(ByTeams::new(name, company, address(url)?)),
        Route::Webhook {
            url, secret: signing, ..
        } => {
            let signing = SigningSecret::parse(&secret(signing, "signing secret")?).with_context(|| format!("route {shown}"))?;
            Arc::new(ByWebhook::new(name, company, address(url)?, signing))
        }
        Route::Mail {
            server,
            port,
            security,
            user,
            password,
            certificate,
            from,
            to,
            ..
        } => {
            let (security, usual) = match security {
                Security::Tls => (MailSecurity::Tls, 465),
                Security::StartTls => (MailSecurity::StartTls, 587),
                Security::None => (MailSecurity::None, 25),
            };
            let password = password.as_ref().map(|source| secret(source, "password")).transpose()?;
            let certificate = certificate.as_ref().map(|path| {
                let path = config.path(path);
                std::fs::read_to_string(&path)
                    .with_context(|| format!("the certificate {} of route {shown} cannot be read", path.display()))
            });
            let server = MailServer {
                host: server.clone(),
                port: port.unwrap_or(usual),
                security,
                sign_in: user.clone().zip(password),
                certificate: certificate.transpose()?,
            };
            Arc::new(ByMail::new(name, company, server, from.clone(), to.clone()))
        }
    })
}

/// The clock that everybody is handed.
pub fn clock(config: &Config) -> PacedClock {
    match config.clock {
        None => PacedClock::system(),
        Some(scaled) => PacedClock::scaled(scaled.origin, scaled.since, scaled.pace),
    }
}

fn pace(config: &Config) -> Pace {
    let usual = Pace::default();
    let seconds = |given: Option<u64>, usual: Duration| given.map_or(usual, |seconds| Duration::from_secs(seconds.max(1)));
    let limits = config.companies.iter().flat_map(|company| {
        let [channel, ledger, warehouse] = company.connections().map(Connection::new);
        [
            (channel, company.virtualstock.limit),
            (ledger, company.sage200.limit),
            (warehouse, company.mintsoft.limit),
        ]
    });
    Pace {
        slots: config.pace.calls_at_once.unwrap_or(usual.slots).max(1),
        poll_every: seconds(config.pace.poll_seconds, usual.poll_every),
        facts_every: seconds(config.pace.facts_seconds, usual.facts_every),
        down_after: seconds(config.pace.down_seconds, usual.down_after),
        sweep_every: seconds(config.pace.sweep_seconds, usual.sweep_every),
        keep_exchanges: match config.pace.keep_exchanges_days {
            None => usual.keep_exchanges,
            Some(0) => None,
            Some(days) => Some(Duration::from_secs(u64::from(days) * 86_400)),
        },
        // In real time, whatever the clock's pace: it is our own database that is looked at.
        look_every: usual.look_every * config.clock.map_or(1, |clock| clock.pace),
        limits: limits
            .filter_map(|(connection, limit)| Some((connection, limit?.gcra())))
            .collect(),
        ..usual
    }
}

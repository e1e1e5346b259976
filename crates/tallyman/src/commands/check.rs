//! `tallyman check`: whether a configuration will work, found out before it has to.
//!
//! It reads every secret, opens the database, signs in to each system, asks each the question that a worker asks first, and compares
//! the settings and mappings that orders will need. Nothing is changed anywhere, but that sign-ins are kept: Sage's refresh token is
//! good once, and the next one must not be lost.

use std::fmt::Display;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tallyman_core::facts::Facts;
use tallyman_core::mapping::{Cell, Mappings, Table};
use tallyman_core::quantity::Ratio;
use tallyman_core::role::ReadError;
use tallyman_core::seam::{Lost, Refusal};
use tallyman_engine::known::References;
use tallyman_engine::parts::{Merchant, Parts};
use tallyman_engine::session::Sessions;
use tallyman_engine::wire::Wire;
use tallyman_engine::worker::set_up;
use tallyman_store::Location;

use crate::config::{Config, Source};
use crate::say;
use crate::wires::Http;
use crate::{assemble, logs};

/// How far back the warehouse is asked for shipments: the question is what matters, not the answer.
const LOOK_BACK: Duration = Duration::from_secs(300);

/// Checks the configuration, the database and each system, one line each, and says what to do about what is wrong.
#[derive(Args)]
pub struct Check {
    /// The configuration; tallyman.sample.toml explains it.
    #[arg(long, default_value = "tallyman.toml")]
    config: PathBuf,
}

/// What was found, a line each.
#[derive(Default)]
struct Findings {
    failed: u32,
}

impl Findings {
    fn well(&mut self, what: impl Display, sentence: impl Display) {
        say!("ok    {what}: {sentence}");
    }

    /// Works, but somebody should know.
    fn note(&mut self, what: impl Display, sentence: impl Display) {
        say!("note  {what}: {sentence}");
    }

    fn fail(&mut self, what: impl Display, sentence: impl Display) {
        self.failed += 1;
        say!("FAIL  {what}: {sentence}");
    }
}

impl Check {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let config = Config::load(&self.config)?;
        logs::begin(&config.log, "error")?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let mut findings = Findings::default();
        findings.well(
            self.config.display(),
            format!("{} described", merchants(config.companies.len())),
        );
        runtime.block_on(look(&config, &mut findings));
        Ok(match findings.failed {
            0 => {
                say!("\nEverything that was looked at will do.");
                ExitCode::SUCCESS
            }
            failed => {
                say!("\n{failed} to be put right.");
                ExitCode::FAILURE
            }
        })
    }
}

/// So many merchants, as people say it.
pub(super) fn merchants(count: usize) -> String {
    match count {
        1 => "one merchant".into(),
        count => format!("{count} merchants"),
    }
}

async fn look(config: &Config, findings: &mut Findings) {
    secrets(config, findings);
    if findings.failed > 0 {
        // Without all secrets nobody can be asked, and a sign-in with half of them may lock an account.
        return;
    }
    let Some(parts) = open(config, findings).await else { return };
    alerts(config, &parts, findings);
    let sessions = Sessions::default();
    for merchant in &parts.merchants {
        let facts = ledger(&parts, &sessions, merchant, findings).await;
        warehouse(&parts, &sessions, merchant, findings).await;
        channel(&parts, &sessions, merchant, findings).await;
        if let Some(facts) = facts {
            mapped(&parts, merchant, &facts, findings).await;
        }
    }
}

fn secrets(config: &Config, findings: &mut Findings) {
    let mut read = 0;
    let mut secret = |source: &Source, what: String| {
        match source.reveal(config) {
            Ok(_) => read += 1,
            Err(error) => findings.fail(&what, format!("{error:#}")),
        }
        if let Some(exposed) = source.exposed(config) {
            findings.note(&what, exposed);
        }
    };
    for key in &config.master_keys {
        secret(&key.key, format!("master key {}", key.number));
    }
    for company in &config.companies {
        let [channel, ledger, warehouse] = company.connections();
        secret(&company.sage200.client_secret, format!("client secret of {ledger}"));
        secret(&company.sage200.refresh_token, format!("refresh token of {ledger}"));
        secret(&company.mintsoft.api_key, format!("API key of {warehouse}"));
        secret(&company.virtualstock.password, format!("password of {channel}"));
    }
    for route in config.alerts.iter().flat_map(|alerts| &alerts.routes) {
        for (source, what) in route.secrets() {
            secret(source, what);
        }
    }
    if let Some(source) = config
        .sign_in
        .openid
        .as_ref()
        .and_then(|openid| openid.client_secret.as_ref())
    {
        secret(source, "client secret of the OpenID provider".into());
    }
    if findings.failed > 0 {
        return;
    }
    findings.well("secrets", format!("{read} are there"));
    if let Err(error) = assemble::vault(config) {
        findings.fail("master keys", format!("{error:#}"));
    }
}

/// Whether everybody who owns exceptions is told of them, and whether the calendars know the holidays to come.
fn alerts(config: &Config, parts: &Parts, findings: &mut Findings) {
    let Some(said) = &config.alerts else {
        return findings.note("alerts", "nobody is told of exceptions: describe [alerts] and its routes");
    };
    if let Ok((common, teams)) = said.calendars() {
        let now = parts.clock.now();
        let named = teams.iter().map(|(team, calendar)| (format!("calendar of {team}"), calendar));
        for (name, calendar) in std::iter::once(("calendar".to_owned(), &common)).chain(named) {
            if let Some(stale) = calendar.staleness(now) {
                findings.note(name, stale);
            }
        }
    }
    for merchant in &parts.merchants {
        let what = format!("alerts of {}", merchant.company);
        let Some(alerts) = &merchant.alerts else {
            continue;
        };
        let count = match alerts.settings.routes.len() {
            1 => "one route".to_owned(),
            count => format!("{count} routes"),
        };
        findings.well(what, format!("{count}; `tallyman alerts test` says whether they work"));
    }
}

async fn open(config: &Config, findings: &mut Findings) -> Option<Parts> {
    let located = match assemble::location(config) {
        Ok(Location::File(path)) => format!("a file of SQLite, {}", path.display()),
        Ok(Location::Postgres(_)) => "PostgreSQL".into(),
        Ok(Location::Memory) => "in memory".into(),
        Err(error) => {
            findings.fail("database", format!("{error:#}"));
            return None;
        }
    };
    let opened = match Http::new() {
        Ok(wire) => assemble::parts(config, Arc::new(wire)).await,
        Err(error) => Err(error),
    };
    let parts = match opened {
        Ok(parts) => parts,
        Err(error) => {
            findings.fail("database", format!("{error:#}"));
            return None;
        }
    };
    match set_up(&parts).await {
        Ok(()) => findings.well("database", format!("{located}, its tables are up to date")),
        Err(error) => {
            findings.fail("database", format!("{located} cannot be written to: {error}"));
            return None;
        }
    }
    Some(parts)
}

/// What went wrong with a question, and what to do.
fn trouble(error: &ReadError) -> String {
    let remedy = match error {
        ReadError::Lost(Lost::NotConnected(_)) => "look at base_url, and whether this machine may reach it through the firewall",
        ReadError::Lost(Lost::NotSignedIn { .. }) => {
            "look at its user or client and at their secrets; a refresh token of Sage is good once, so one that was used elsewhere \
             needs a new consent"
        }
        ReadError::Lost(_) => "it was reached and did not answer; try again, and ask the vendor if it stays so",
        ReadError::Throttled { .. } => "it asks for fewer calls; wait a minute, and lower its limit if it happens often",
        ReadError::Refused(Refusal { status: 401 | 403, .. }) => {
            "it is known but not allowed to do this; give it the rights in that system"
        }
        ReadError::Refused(_) => "look at base_url and at the company or client that is configured",
        ReadError::Unreadable(_) => "something else answers there, or it has changed; look at base_url",
    };
    // What an error displays is fit for a log, and leaves out what the other side said. Here somebody has asked for it.
    let said = match error {
        ReadError::Refused(refusal) | ReadError::Lost(Lost::NotSignedIn { said: Some(refusal), .. }) => {
            format!(": {}", refusal.words)
        }
        ReadError::Unreadable(unreadable) => format!(": {}", unreadable.problem),
        ReadError::Lost(_) | ReadError::Throttled { .. } => String::new(),
    };
    format!("{error}{said}. What to do: {remedy}")
}

async fn ledger(parts: &Parts, sessions: &Sessions, merchant: &Merchant, findings: &mut Findings) -> Option<Facts> {
    let wire = Wire::new(parts, sessions, &*merchant.ledger, None);
    let name = merchant.ledger.connection();
    let facts = match merchant.ledger.facts(&wire).await {
        Ok(facts) => facts,
        Err(error) => {
            findings.fail(name, trouble(&error));
            return None;
        }
    };
    findings.well(
        name,
        format!(
            "signed in; {} products, {} customers, {} warehouses, {} tax codes, {} couriers",
            facts.items.len(),
            facts.customers.len(),
            facts.warehouses.len(),
            facts.tax_codes.len(),
            facts.couriers.len()
        ),
    );
    if facts.items.is_empty() {
        findings.fail(
            name,
            "there are no products: look at the site and company_id that are configured",
        );
    }
    if !facts.records_tracking {
        findings.note(
            name,
            "it does not record tracking on despatch. Despatches are then told apart by what was despatched before, and customer \
             service finds no tracking there; switch it on in the settings of sales order processing",
        );
    }
    Some(facts)
}

async fn warehouse(parts: &Parts, sessions: &Sessions, merchant: &Merchant, findings: &mut Findings) {
    let wire = Wire::new(parts, sessions, &*merchant.warehouse, None);
    let since = parts.clock.now().minus(LOOK_BACK);
    match merchant.warehouse.shipments(&wire, since).await {
        Ok(changed) => findings.well(
            merchant.warehouse.connection(),
            format!("it knows us; {} shipments in the last minutes", changed.left.len()),
        ),
        Err(error) => findings.fail(merchant.warehouse.connection(), trouble(&error)),
    }
}

async fn channel(parts: &Parts, sessions: &Sessions, merchant: &Merchant, findings: &mut Findings) {
    let wire = Wire::new(parts, sessions, &*merchant.channel, None);
    let name = merchant.channel.connection();
    match merchant.channel.new_orders(&wire).await {
        Ok(orders) => {
            let unreadable = orders.iter().filter(|order| order.reading.is_err()).count();
            findings.well(name, format!("signed in; {} orders wait to be acknowledged", orders.len()));
            if unreadable > 0 {
                findings.note(
                    name,
                    format!("{unreadable} of them cannot be read and will be shown to a person"),
                );
            }
        }
        Err(error) => findings.fail(name, trouble(&error)),
    }
}

/// Whether what every order needs is mapped, and to something that is there.
async fn mapped(parts: &Parts, merchant: &Merchant, facts: &Facts, findings: &mut Findings) {
    let what = format!("mappings of {}", merchant.company);
    let mappings = match References::default().current(&parts.store, &merchant.company).await {
        Ok(reference) => reference.mappings,
        Err(error) => return findings.fail(what, error),
    };
    let missing = missing(&mappings, merchant, facts);
    for sentence in &missing {
        findings.fail(&what, sentence);
    }
    let astray = astray(&mappings, merchant, facts);
    for sentence in &astray {
        findings.fail(&what, sentence);
    }
    if mappings
        .current(Table::Customer, merchant.channel.connection().as_str())
        .next()
        .is_none()
    {
        findings.note(
            &what,
            "no retailer is mapped to a customer account yet: the first order of each will stop and say so",
        );
    }
    if missing.is_empty() && astray.is_empty() {
        findings.well(
            what,
            "every order's warehouse is mapped, and nothing is mapped to what is not there",
        );
    }
}

/// Whether the ledger has something by this name.
type IsThere<'a> = &'a dyn Fn(&str) -> bool;

/// What is mapped to something that the ledger does not have.
fn astray(mappings: &Mappings, merchant: &Merchant, facts: &Facts) -> Vec<String> {
    let scope = merchant.channel.connection().as_str();
    let mut astray = Vec::new();
    let known: [(Table, IsThere<'_>); 3] = [
        (Table::Customer, &|ours| facts.customers.contains_key(ours)),
        (Table::Tax, &|ours| facts.tax_codes.contains_key(ours)),
        (Table::CarrierLedger, &|ours| facts.couriers.contains_key(ours)),
    ];
    for (table, is_there) in known {
        for row in mappings.current(table, scope) {
            if let Some(ours) = row.ours.as_deref().filter(|ours| !is_there(ours)) {
                astray.push(format!("{} is mapped to {ours}, which the ledger does not have", row.cell));
            }
        }
    }
    for row in mappings.current(Table::Unit, scope) {
        if let Some(Err(error)) = row.ours.as_deref().map(Ratio::parse) {
            astray.push(format!("{} is mapped to what no order can be counted by: {error}", row.cell));
        }
    }
    astray
}

fn missing(mappings: &Mappings, merchant: &Merchant, facts: &Facts) -> Vec<String> {
    let route = merchant.route();
    let cell = |theirs: String| Cell::new(Table::Warehouse, route.channel.as_str(), theirs);
    let mut missing = Vec::new();
    let ledgers = cell(route.warehouse.to_string());
    match mappings.lookup(&ledgers) {
        None => missing.push(format!(
            "there is none for {ledgers}: map it to one of the ledger's warehouses, or every order stops"
        )),
        Some(ours) if !facts.warehouses.contains_key(ours) => {
            missing.push(format!("{ledgers} is mapped to {ours}, which the ledger does not have"));
        }
        Some(_) => {}
    }
    let site = cell(format!("site of {}", route.warehouse));
    match mappings.lookup(&site) {
        None => missing.push(format!(
            "there is none for {site}: map it to the 3PL's own number of its site, or every order stops"
        )),
        Some(ours) if ours.parse::<i64>().is_err() => missing.push(format!("{site} is mapped to {ours}, which is not a number")),
        Some(_) => {}
    }
    missing
}

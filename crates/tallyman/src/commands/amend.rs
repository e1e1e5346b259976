//! `tallyman amend`: a named person puts a field of an order or shipment in the place of what its source cannot correct.
//!
//! What came stays as it came; the amendment lies beside it and can be taken back. Fields that bear VAT are never amended.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{bail, ensure};
use clap::{Args, Subcommand};
use tallyman_core::access::{Actor, Right};
use tallyman_core::amendment::{Amendment, Field};
use tallyman_core::seam::Clock;
use tallyman_core::time::Timestamp;
use tallyman_engine::amend::{self, Told, Wanted};
use tallyman_engine::named;
use tallyman_engine::trial::{self, Fix};
use tallyman_store::Store;
use tallyman_store::tables::exceptions;
use tallyman_store::{Tx, Unit, UnitError};

use super::promise;
use crate::config::Config;
use crate::progress::Progress;
use crate::say;
use crate::{assemble, logs};

/// Orders of a card amended in one command.
const LIST_MAX: i64 = 10_000;

/// Replaces a field of a record that its source cannot correct.
#[derive(Args)]
pub struct Amend {
    #[command(subcommand)]
    what: What,
    /// Where two companies have orders of one number: which.
    #[arg(long, global = true)]
    company: Option<String>,
    /// The configuration; tallyman.sample.toml explains it.
    #[arg(long, default_value = "tallyman.toml", global = true)]
    config: PathBuf,
}

#[derive(Subcommand)]
enum What {
    /// Puts a value in a field of one order, of one of its shipments, or of every order on a card.
    Set(Set),
    /// Shows what was amended of an order, with the original beside it untouched.
    List {
        /// Any number it is known by.
        order: String,
    },
    /// Takes an amendment back: what the source says counts again.
    TakeBack {
        /// Any number the order is known by.
        order: String,
        /// The amendment, as `list` numbers it.
        number: i64,
        #[command(flatten)]
        by: By,
    },
}

#[derive(Args)]
struct Set {
    /// name, company, line_1 to line_4, city, county, postcode, phone, email, contact, reference, service; carrier or tracking of a shipment.
    field: String,
    /// What stands there from now on; empty for nothing.
    value: String,
    /// One order, by any number it is known by.
    #[arg(long, required_unless_present = "card", conflicts_with = "card")]
    order: Option<String>,
    /// Every order on this card, as `tallyman exceptions` prints it.
    #[arg(long)]
    card: Option<String>,
    /// The shipment whose field it is.
    #[arg(long, requires = "order", default_value = "")]
    shipment: String,
    /// Only say what it would heal.
    #[arg(long = "try", requires = "card")]
    only_try: bool,
    #[command(flatten)]
    by: By,
}

#[derive(Args)]
struct By {
    /// Who says so, for the record.
    #[arg(long, value_name = "NAME")]
    by: String,
    /// Why, for the record.
    #[arg(long)]
    reason: String,
}

impl Amend {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let config = Config::load(&self.config)?;
        logs::begin(&config.log, "warn")?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let company = self.company.as_deref();
            match self.what {
                What::Set(set) => set.run(&config, company).await,
                What::List { order } => list(&config, &order, company).await,
                What::TakeBack { order, number, by } => take_back(&config, (&order, company), number, &by).await,
            }
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

async fn to_write(config: &Config) -> anyhow::Result<Store> {
    Store::open_beside(&assemble::location(config)?)
        .await
        .map_err(assemble::opened)
}

impl Set {
    async fn run(self, config: &Config, company: Option<&str>) -> anyhow::Result<()> {
        ensure!(
            !self.by.by.trim().is_empty(),
            "say who amends with --by NAME: the journal keeps it"
        );
        let now = assemble::clock(config).now();
        let by = Actor::terminal(self.by.by.trim());
        let field = Field::named(self.field.trim())?;
        let amendment = Amendment::new(field, &self.value, self.by.by.trim(), &self.by.reason, now)?;
        let (store, vault) = (to_write(config).await?, assemble::vault(config)?);
        if let Some(card) = self.card.as_ref().map(|card| card.trim().to_uppercase()) {
            let card = &card;
            let on_card = store.read(OnCard { card: card.clone() }).await?;
            let Some((company, journeys)) = on_card else {
                bail!("there is no open card {card}; `tallyman exceptions` lists them");
            };
            if self.only_try {
                return try_it(config, (&store, &vault), (card, &company), Fix::Amend(amendment), now).await;
            }
            let (all, mut amended, mut progress) = (journeys.len(), 0, Progress::new());
            for (done, journey) in journeys.iter().enumerate() {
                progress.say(|| format!("{done} of {all} orders amended"));
                let permit = by.may(Right::Act, &company, None)?;
                let wanted = Wanted {
                    company: &company,
                    journey,
                    shipment: "",
                    amendment: &amendment,
                    permit: &permit,
                };
                match amend::amend(&store, &vault, wanted).await {
                    Ok(()) => amended += 1,
                    // It has gone on meanwhile, or was erased: the others are amended all the same.
                    Err(UnitError::Refused(why)) => say!("{why}"),
                    Err(error) => return Err(error.into()),
                }
            }
            let when = promise::when(config, &store).await?;
            say!("{amended} of {all} orders are amended. They are checked again {when}.");
            return Ok(());
        }
        let order = self.order.as_deref().unwrap_or_default();
        let (company, journey) = found(config, &store, order, company).await?;
        let permit = by.may(Right::Act, &company, None)?;
        let wanted = Wanted {
            company: &company,
            journey: &journey,
            shipment: self.shipment.trim(),
            amendment: &amendment,
            permit: &permit,
        };
        amend::amend(&store, &vault, wanted).await?;
        let when = promise::when(config, &store).await?;
        say!("Order {order} is amended; what came stays beside it. It is checked again {when}.");
        Ok(())
    }
}

/// Says what a fix would heal.
pub async fn try_it(
    config: &Config,
    of: (&Store, &tallyman_engine::vault::Vault),
    (card, company): (&str, &str),
    fix: Fix,
    now: Timestamp,
) -> anyhow::Result<()> {
    let merchants = assemble::merchants(config)?;
    let Some(merchant) = merchants.iter().find(|merchant| merchant.company.as_str() == company) else {
        bail!("company {company} is not in the configuration");
    };
    let mut progress = Progress::new();
    let tell = |looked: u64| progress.say(|| format!("{looked} records looked at"));
    let permit = super::at_the_machine().may(fix.right(), company, None)?;
    let tried = trial::try_fix(of, (merchant, &permit), (card, &fix), now, tell).await?;
    say!("Card {card}: {}\nNothing was changed.", tried.sentence());
    Ok(())
}

async fn list(config: &Config, order: &str, company: Option<&str>) -> anyhow::Result<()> {
    let (store, vault) = (to_write(config).await?, assemble::vault(config)?);
    let (company, journey) = found(config, &store, order, company).await?;
    let open = super::at_the_machine().may(Right::Open, &company, None)?;
    let told = amend::told(&store, (&vault, &open), (&company, &journey)).await?;
    if told.is_empty() {
        say!("Nothing of order {order} was amended.");
    }
    let zone = config.zone(&company);
    for Told { stored, amendment, came } in told {
        let of = if stored.record.is_empty() {
            String::new()
        } else {
            format!(" of shipment {}", stored.record)
        };
        let back = stored
            .taken_back_at
            .map_or_else(String::new, |at| format!(", taken back {}", at.local_in(&zone)));
        let said = amendment.map_or_else(
            || "erased".into(),
            |amendment| {
                let value = amendment.value.as_deref().unwrap_or("nothing");
                format!("{value} (by {}: {})", amendment.by, amendment.reason)
            },
        );
        let came = came.map_or_else(String::new, |came| format!("; it came as {came}"));
        say!(
            "{}  {}{of} is {said}, {}{back}{came}",
            stored.place,
            stored.field,
            stored.at.local_in(&zone)
        );
    }
    Ok(())
}

async fn take_back(config: &Config, (order, company): (&str, Option<&str>), number: i64, by: &By) -> anyhow::Result<()> {
    let (store, vault) = (to_write(config).await?, assemble::vault(config)?);
    let (company, journey) = found(config, &store, order, company).await?;
    let now = assemble::clock(config).now();
    let permit = Actor::terminal(by.by.trim()).may(Right::Act, &company, None)?;
    let said = (&permit, by.reason.trim(), now);
    amend::take_back(&store, &vault, (&company, &journey), number, said).await?;
    let when = promise::when(config, &store).await?;
    say!("Amendment {number} of order {order} is taken back. The order is checked again {when}.");
    Ok(())
}

/// The one order that goes by this number, at this company if one is named: company and journey.
pub async fn found(config: &Config, store: &Store, order: &str, company: Option<&str>) -> anyhow::Result<(String, String)> {
    let mut companies: Vec<String> = config.companies.iter().map(|known| known.name.as_str().to_owned()).collect();
    companies.retain(|known| company.is_none_or(|company| company == known));
    let order = named::order(store, order, &companies).await?;
    Ok((order.company, order.journey))
}

/// The orders of a card, and whose it is.
struct OnCard {
    card: String,
}

impl Unit for OnCard {
    type Output = Option<(String, Vec<String>)>;
    const NAME: &'static str = "orders_on_card";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let Some(card) = tallyman_store::tables::cards::load(tx, &self.card).await? else {
            return Ok(None);
        };
        let members = exceptions::members(tx, &self.card, ("", ""), LIST_MAX).await?;
        let mut journeys: Vec<String> = members.into_iter().map(|(journey, _)| journey).collect();
        journeys.dedup();
        // What belongs to no order has no field of one.
        journeys.retain(|journey| !journey.is_empty());
        Ok(Some((card.company, journeys)))
    }
}

//! `tallyman exceptions`: what stands still, and a person's word about it.
//!
//! Both may happen while a worker runs. What a card says is in plain; what is said of a record on it is opened with the record's key.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::ensure;
use clap::{Args, Subcommand, ValueEnum};
use tallyman_core::time::{Timestamp, Zone};
use tallyman_engine::answer::{self, Answer, Said};
use tallyman_engine::told::{self, Told};
use tallyman_store::tables::exceptions::{self, Card};
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::config::Config;
use crate::{assemble, logs};

/// Cards and records shown at once; more are counted.
const SHOWN_MAX: i64 = 1_000;

/// What stands still and why, and a person's word about it.
#[derive(Args)]
pub struct Exceptions {
    #[command(subcommand)]
    what: Option<What>,
    /// The configuration; tallyman.sample.toml explains it.
    #[arg(long, default_value = "tallyman.toml", global = true)]
    config: PathBuf,
}

#[derive(Subcommand)]
enum What {
    /// Shows one card with all that it stops, each with the name of the effect that stands still.
    Show {
        /// As `tallyman exceptions` prints it.
        card: String,
    },
    /// Answers for an effect that was refused, or of which nothing can tell whether it was carried out.
    Answer {
        /// The effect, as `show` prints it.
        effect: String,
        /// What is so.
        answer: Word,
        /// Of what landed: the number that the other system gave it.
        #[arg(long = "as", value_name = "NUMBER")]
        number: Option<i64>,
        /// Who says so, for the journal.
        #[arg(long, value_name = "NAME")]
        by: String,
        /// How you know, for the journal.
        #[arg(long)]
        reason: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Word {
    /// Ask the other system once more.
    Ask,
    /// It is not there, or what refused it is put right: send it again.
    Again,
    /// It is there: do not send it again, and go on.
    Landed,
}

impl Exceptions {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let config = Config::load(&self.config)?;
        logs::begin(&config.log, "warn")?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            match self.what {
                None => list(&config).await,
                Some(What::Show { card }) => show(&config, &card).await,
                Some(What::Answer {
                    effect,
                    answer,
                    number,
                    by,
                    reason,
                }) => say(&config, (&effect, answer, number), &by, &reason).await,
            }
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

async fn to_read(config: &Config) -> anyhow::Result<Store> {
    Store::open_to_read(&assemble::location(config)?)
        .await
        .map_err(assemble::opened)
}

struct List;

impl Unit for List {
    type Output = Vec<Card>;
    const NAME: &'static str = "list_exceptions";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Card>, UnitError> {
        exceptions::open(tx, None, SHOWN_MAX).await
    }
}

fn zone_of<'a>(config: &'a Config, company: &str) -> Option<&'a Zone> {
    let company = config.companies.iter().find(|known| known.name.as_str() == company)?;
    Some(&company.zone)
}

/// A time as the people of a company read it.
fn time(at: Timestamp, config: &Config, company: &str) -> String {
    zone_of(config, company).map_or_else(|| at.to_string(), |zone| at.local_in(zone))
}

async fn list(config: &Config) -> anyhow::Result<()> {
    let cards = to_read(config).await?.read(List).await?;
    if cards.is_empty() {
        println!("Nothing stands still.");
        return Ok(());
    }
    for card in &cards {
        let (since, orders) = (time(card.opened_at, config, &card.company), many(card.journeys));
        println!("{}  {}  {}  {orders} since {since}", card.id, card.company, card.code);
        println!("    {}", card.told());
    }
    println!(
        "\n`tallyman exceptions show ID` lists what a card stops. A mapping that is put right, a correction in the ledger or at the source"
    );
    println!("lets it go on by itself; `tallyman exceptions answer` is for what only a person can settle.");
    Ok(())
}

fn many(orders: i64) -> String {
    match orders {
        0 => "no order".into(),
        1 => "1 order".into(),
        orders => format!("{orders} orders"),
    }
}

async fn show(config: &Config, card: &str) -> anyhow::Result<()> {
    let (store, vault) = (to_read(config).await?, assemble::vault(config)?);
    let cards = store.read(List).await?;
    let found = cards.into_iter().find(|known| known.id.eq_ignore_ascii_case(card.trim()));
    let Some(found) = found else {
        anyhow::bail!("there is no open card {card}; `tallyman exceptions` lists them");
    };
    let members = told::members(&store, &vault, &found, SHOWN_MAX).await?;
    println!("{}", tell(&found, &members, &|at| time(at, config, &found.company)));
    Ok(())
}

/// A card with all that it stops, as lines of text.
pub fn tell(card: &Card, members: &[Told], time: &dyn Fn(Timestamp) -> String) -> String {
    let mut text = format!("{} of {}: {}\n\n  {}\n", card.code, card.company, card.cause, card.told());
    for member in members {
        let what = match (member.reference.as_str(), member.record.as_str()) {
            ("", record) => format!("record {record}"),
            (order, "") => format!("order {order}, as a whole"),
            (order, effect) => format!("order {order}, effect {effect}"),
        };
        text += &format!("\n  {}  {what}", time(member.at));
        if let Some(sentence) = &member.sentence {
            text += &format!("\n      {sentence}");
        }
    }
    text
}

async fn say(config: &Config, (effect, word, number): (&str, Word, Option<i64>), by: &str, reason: &str) -> anyhow::Result<()> {
    ensure!(!by.trim().is_empty(), "say who answers with --by NAME: the journal keeps it");
    ensure!(
        !reason.trim().is_empty(),
        "say how you know with --reason: the journal keeps it"
    );
    let store = Store::open_beside(&assemble::location(config)?)
        .await
        .map_err(assemble::opened)?;
    let vault = assemble::vault(config)?;
    ensure!(
        number.is_none() || matches!(word, Word::Landed),
        "--as NUMBER goes with `landed`"
    );
    let word = match word {
        Word::Ask => Answer::Ask,
        Word::Again => Answer::Again,
        Word::Landed => number.map_or(Answer::Landed, Answer::LandedAs),
    };
    let said = Said {
        by: by.trim(),
        reason: reason.trim(),
    };
    let clock = assemble::clock(config);
    let sentence = answer::answer(&store, &vault, &clock, effect, word, &said).await?;
    println!("{sentence}. A worker that runs takes it up within seconds.");
    Ok(())
}

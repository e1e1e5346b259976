//! `tallyman exceptions`: what stands still, what people do about it, and a person's word about what nothing else can settle.
//!
//! All of it may happen while a worker runs. With `--json` it prints what the API answers. What a card says is in plain; what is said of a record on it is opened with the record's key.

mod acts;
mod decide;
mod history;
mod sorts;
mod typed;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use tallyman_core::access::{Actor, Right};
use tallyman_core::calendar::Calendar;
use tallyman_core::catalogue::{Owner, Severity};
use tallyman_core::finding::Code;
use tallyman_core::time::{Timestamp, Zone};
use tallyman_engine::answer::{self, Answer, Said};
use tallyman_engine::board::{self, LIMIT_MAX, Order, Seek};
use tallyman_engine::outcomes;
use tallyman_engine::told::{self, Told};
use tallyman_store::Store;
use tallyman_store::tables::cards::Stored;
use tallyman_store::tables::exceptions::Card;
use tallyman_web::api::shape::{self, CardPage, Member};

use super::promise;
use crate::config::Config;
use crate::{assemble, logs};
use crate::{put, say};

/// Cards and records shown at once; for more, narrow it down or ask the API.
const SHOWN_MAX: usize = 1_000;
/// Records told of one card; each takes some lines, and what they say of themselves is mostly the same.
const TOLD_MAX: usize = 20;

/// What stands still and why, what people do about it, and a person's word about what nothing else can settle.
#[derive(Args)]
pub struct Exceptions {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    filter: Filter,
    /// As JSON, in the shapes of the API.
    #[arg(long, global = true)]
    json: bool,
    /// The configuration; tallyman.sample.toml explains it.
    #[arg(long, default_value = "tallyman.toml", global = true)]
    config: PathBuf,
}

/// Which cards are listed.
#[derive(Args)]
struct Filter {
    /// Only of this code, such as sku_unknown.
    #[arg(long, value_parser = code)]
    code: Option<Code>,
    /// Only those that this team has: operations, finance or integration.
    #[arg(long, value_parser = acts::team)]
    team: Option<Owner>,
    /// Only this company's.
    #[arg(long)]
    company: Option<String>,
    /// Only of this severity: notice, warning, stopped or critical.
    #[arg(long, value_parser = severity)]
    severity: Option<Severity>,
    /// Only those whose cause holds this.
    #[arg(long)]
    cause: Option<String>,
    /// What they are sorted by.
    #[arg(long, default_value = "oldest")]
    sort: Sort,
}

#[derive(Clone, Copy, ValueEnum)]
enum Sort {
    /// The oldest first.
    Oldest,
    /// The most money at stake first.
    Money,
    /// The earliest deadline of their records first.
    Due,
    /// What is resolved, the last first.
    Resolved,
    /// What is shown under another card that is open, the oldest first.
    Merged,
}

fn code(text: &str) -> Result<Code, String> {
    Code::named(text.trim()).ok_or_else(|| "there is no such code; the list of cards names those that stand".to_owned())
}

fn severity(text: &str) -> Result<Severity, String> {
    Severity::named(text.trim()).ok_or_else(|| format!("there are {}", Severity::ALL.map(Severity::name).join(", ")))
}

#[derive(Subcommand)]
enum What {
    /// Shows one card with all that it stops, each with the name of the effect that stands still.
    Show {
        /// As `tallyman exceptions` prints it.
        card: String,
    },
    /// Shows what was done with a card, by whom and when.
    History {
        /// As `tallyman exceptions` prints it.
        card: String,
    },
    #[command(flatten)]
    Act(acts::Acts),
    /// Says what a fix would heal of a card, and changes nothing.
    Try(sorts::Try),
    #[command(flatten)]
    Sort(sorts::Sorts),
    /// Decides about a card what neither a mapping nor a correction settles; `show` names what it takes.
    Decide(decide::Decide),
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
                None => list(&config, self.filter, self.json).await,
                Some(What::Show { card }) => show(&config, &card, self.json).await,
                Some(What::History { card }) => history::show(&config, &card, self.json).await,
                Some(What::Act(act)) => act.run(&config, self.json).await,
                Some(What::Try(fix)) => fix.run(&config).await,
                Some(What::Sort(sort)) => sort.run(&config, self.json).await,
                Some(What::Decide(decide)) => decide.run(&config).await,
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

/// A card's id, however it was typed.
fn upper(card: &str) -> String {
    card.trim().to_uppercase()
}

/// One card, open or closed.
async fn find(store: &Store, card: &str) -> anyhow::Result<Stored> {
    let found = board::card(store, &upper(card)).await?;
    found.with_context(|| format!("there is no card {card}; `tallyman exceptions` lists them"))
}

/// When a team of a company works, as its alerts count it.
fn hours(config: &Config, company: &str, team: Owner) -> anyhow::Result<Calendar> {
    Ok(match &config.alerts {
        Some(alerts) => alerts.settings(company)?.calendar_of(team).clone(),
        None => Calendar::usual(),
    })
}

fn print_json(shape: &impl Serialize) -> anyhow::Result<()> {
    say!("{}", serde_json::to_string_pretty(shape)?);
    Ok(())
}

fn zone_of<'a>(config: &'a Config, company: &str) -> Option<&'a Zone> {
    let company = config.companies.iter().find(|known| known.name.as_str() == company)?;
    Some(&company.zone)
}

/// A time as the people of a company read it.
fn time(at: Timestamp, config: &Config, company: &str) -> String {
    zone_of(config, company).map_or_else(|| at.to_string(), |zone| at.local_in(zone))
}

async fn list(config: &Config, filter: Filter, json: bool) -> anyhow::Result<()> {
    let mut companies: Vec<String> = config
        .companies
        .iter()
        .map(|company| company.name.as_str().to_owned())
        .collect();
    if let Some(wanted) = &filter.company {
        let all = companies.join(", ");
        companies.retain(|company| company == wanted);
        ensure!(
            !companies.is_empty(),
            "there is no company {wanted} in the configuration; there is {all}"
        );
    }
    let seek = Seek {
        companies,
        code: filter.code,
        team: filter.team,
        severity: filter.severity,
        life: None,
        words: filter.cause,
        order: match filter.sort {
            Sort::Oldest => Order::Oldest,
            Sort::Money => Order::Dearest,
            Sort::Due => Order::Soonest,
            Sort::Resolved => Order::Resolved,
            Sort::Merged => Order::Merged,
        },
    };
    let store = to_read(config).await?;
    let (mut cards, mut next) = (Vec::new(), None);
    while cards.len() < SHOWN_MAX {
        let page = board::cards(&store, &seek, next.take(), LIMIT_MAX).await?;
        cards.extend(page.rows);
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    if json {
        let shown = |card: &Stored| Ok(shape::Card::of(card, &hours(config, &card.company, card.card.team)?));
        let cards = cards.iter().map(shown).collect::<anyhow::Result<_>>()?;
        // The terminal shows no second page.
        return print_json(&CardPage { cards, next: None });
    }
    if cards.is_empty() {
        // Of what is asked for: others may stand still.
        say!(
            "{}",
            match filter.sort {
                Sort::Oldest | Sort::Money | Sort::Due => "Nothing stands still.",
                Sort::Resolved => "No such card is resolved.",
                Sort::Merged => "No card is under another.",
            }
        );
        return Ok(());
    }
    for stored in &cards {
        let card = &stored.card;
        let (since, orders) = (time(card.opened_at, config, &stored.company), many(card.weight.orders));
        let whose = card
            .assignee
            .as_ref()
            .map_or_else(String::new, |whose| format!(" by {whose}"));
        say!(
            "{}  {}  {}  {}, {}{whose}  {orders} since {since}",
            stored.id,
            stored.company,
            card.code,
            card.team,
            card.life.name()
        );
        say!("    {}", card.code.told(&card.cause));
        if let Some(under) = &stored.under {
            say!("    put under card {under}");
        }
    }
    if next.is_some() {
        say!("\nand more; narrow it down with --code, --team, --company or --cause");
    }
    say!(
        "\n`tallyman exceptions show ID` lists what a card stops. A mapping that is put right, a correction in the ledger or at the source"
    );
    say!(
        "lets it go on by itself; `tallyman exceptions answer` and `tallyman exceptions decide` are for what only a person can settle."
    );
    Ok(())
}

fn many(orders: u64) -> String {
    match orders {
        0 => "no order".into(),
        1 => "1 order".into(),
        orders => format!("{orders} orders"),
    }
}

/// A card with its records, as `show --json` prints it.
#[derive(Serialize)]
struct Shown {
    card: shape::Card,
    members: Vec<Member>,
}

async fn show(config: &Config, card: &str, json: bool) -> anyhow::Result<()> {
    let (store, vault) = (to_read(config).await?, assemble::vault(config)?);
    let found = find(&store, card).await?;
    let hours = hours(config, &found.company, found.card.team)?;
    if json {
        let open = super::at_the_machine().may(Right::Open, &found.company, None)?;
        let (mut members, mut next) = (Vec::new(), None);
        while members.len() < SHOWN_MAX {
            let page = board::members(&store, Some((&vault, &open)), &found, next.take(), LIMIT_MAX).await?;
            members.extend(page.rows.into_iter().map(Member::of));
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        let room = board::room(&store, &found.id).await?;
        let card = shape::Card::opened(&found, &hours).in_room(room);
        return print_json(&Shown { card, members });
    }
    let told_of = Card {
        id: found.id.clone(),
        company: found.company.clone(),
        code: found.card.code.name().to_owned(),
        cause: found.card.cause.clone(),
        opened_at: found.card.opened_at,
        journeys: i64::try_from(found.card.weight.orders).unwrap_or(i64::MAX),
    };
    let members = told::members(&store, &vault, &told_of, TOLD_MAX as i64 + 1).await?;
    say!("{}", tell(&told_of, &members, &|at| time(at, config, &found.company)));
    let card = &found.card;
    say!("\n  {}, with {}, version {}", card.life.name(), card.team, card.version);
    if let Some(assignee) = &card.assignee {
        let deputy = card
            .deputy
            .as_ref()
            .map_or_else(String::new, |deputy| format!("; {deputy} stands in"));
        say!("  {assignee} has it{deputy}");
    }
    if let Some(due) = card.due_by(&hours) {
        say!("  due {}", time(due, config, &found.company));
    }
    say!("  {} at stake, {} verifying", card.weight.money, card.weight.proving);
    put!("{}", decide::takes(card.code));
    let room = board::room(&store, &found.id).await?;
    for (says, cards) in [
        ("shown under", room.under.into_iter().collect()),
        ("shown with it:", room.shows),
        ("a part of", room.split_of.into_iter().collect()),
        ("split off it:", room.parts),
    ] {
        if !cards.is_empty() {
            say!("  {says} {}", cards.join(", "));
        }
    }
    Ok(())
}

/// A card with all that it stops, as lines of text.
pub fn tell(card: &Card, members: &[Told], time: &dyn Fn(Timestamp) -> String) -> String {
    let mut text = format!("{} of {}: {}\n\n  {}\n", card.code, card.company, card.cause, card.told());
    let whole = members
        .iter()
        .find(|member| member.record.is_empty() && !member.reference.is_empty());
    let order = whole.map(|member| member.reference.as_str());
    let command = Code::named(&card.code).and_then(|code| typed::command(code, &card.cause, order));
    if let Some(command) = command {
        text += &format!("\n  {command}\n");
    }
    for member in members.iter().take(TOLD_MAX) {
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
    if members.len() > TOLD_MAX {
        text += &format!("\n  and more: --json has the first {SHOWN_MAX}, the card's page in the console all");
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
    let effect = effect.trim().to_uppercase();
    let Some(company) = outcomes::company_of(&store, &effect).await? else {
        bail!("There is no effect {effect}. `tallyman exceptions` lists those that wait.");
    };
    let permit = Actor::terminal(by.trim()).may(Right::Answer, &company, None)?;
    let said = Said {
        permit: &permit,
        reason: reason.trim(),
    };
    let clock = assemble::clock(config);
    let answered = answer::answer(&store, &vault, &clock, &effect, word, &said).await?;
    if answered.awaits_second {
        say!("{}.", answered.sentence);
    } else {
        let when = promise::when(config, &store).await?;
        say!("{}. It is taken up {when}.", answered.sentence);
    }
    Ok(())
}

//! Cards put together and taken apart in the terminal, each with its undoing; and a fix that is only tried on one.

use anyhow::bail;
use clap::{Args, Subcommand};
use tallyman_core::access::{Actor, Right};
use tallyman_core::amendment::{Amendment, Field};
use tallyman_core::cause::Cause;
use tallyman_core::seam::Clock;
use tallyman_engine::sorting::{self, Shown, Sort, Sorted};
use tallyman_engine::trial::Fix;
use tallyman_engine::{board, desk, words};
use tallyman_store::Store;
use tallyman_web::api::shape::Card;

use super::acts::On;
use super::{find, hours, many, print_json, upper};
use crate::assemble;
use crate::commands::{amend, map};
use crate::config::Config;
use crate::say;

/// What might put a card right; without either, everything as it is now.
#[derive(Args)]
pub(super) struct Try {
    /// As `tallyman exceptions` prints it.
    card: String,
    /// Of a card that blames a word: what the word would mean.
    #[arg(long, conflicts_with_all = ["field", "value"])]
    ours: Option<String>,
    /// A field of one order on the card; without --order, the same of every one.
    #[arg(long, requires = "value")]
    field: Option<String>,
    /// The order whose field it is, by any number it is known by.
    #[arg(long, requires = "field")]
    order: Option<String>,
    /// What would stand there; empty for nothing.
    #[arg(long, requires = "field")]
    value: Option<String>,
}

impl Try {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        // Beside whoever works with it, as for a fix that is made.
        let store = to_write(config).await?;
        let vault = assemble::vault(config)?;
        let found = find(&store, &self.card).await?;
        let now = assemble::clock(config).now();
        let fix = match (self.ours, self.field, self.value) {
            (Some(ours), ..) => {
                let Cause::Cell(cell) = &found.card.cause else {
                    bail!(
                        "card {} blames {}, which is no word: try --field and --value",
                        found.id,
                        found.card.cause
                    );
                };
                words::would_mean(&map::known(config, &store).await?, cell, &ours)?;
                Fix::Map {
                    cell: cell.clone(),
                    ours: Some(ours.trim().to_owned()),
                }
            }
            (None, Some(field), Some(value)) => {
                let amendment = Amendment::new(Field::named(field.trim())?, &value, "a trial", "a trial", now)?;
                match &self.order {
                    None => Fix::Amend(amendment),
                    Some(order) => {
                        let (_, journey) = amend::found(config, &store, order, Some(&found.company)).await?;
                        Fix::AmendOne { journey, amendment }
                    }
                }
            }
            (None, ..) => Fix::Nothing,
        };
        amend::try_it(config, (&store, &vault), (&found.id, &found.company), fix, now).await
    }
}

#[derive(Subcommand)]
pub(super) enum Sorts {
    /// Shows a card under another one of the same company: while that is open, it is on no list.
    Merge {
        #[command(flatten)]
        on: On,
        /// The other card.
        under: String,
    },
    /// Shows a card by itself again.
    Unmerge {
        #[command(flatten)]
        on: On,
    },
    /// Takes orders to a card of their own, with the same cause.
    Split {
        #[command(flatten)]
        on: On,
        /// By any number that each is known by.
        #[arg(required = true)]
        orders: Vec<String>,
    },
    /// Puts what was split off back to its card.
    Unsplit {
        #[command(flatten)]
        on: On,
    },
}

impl Sorts {
    fn read(self) -> (On, Sort) {
        match self {
            Self::Merge { on, under } => (on, Sort::Merge { under: upper(&under) }),
            Self::Unmerge { on } => (on, Sort::Unmerge),
            Self::Split { on, orders } => (on, Sort::Split { orders }),
            Self::Unsplit { on } => (on, Sort::Unsplit),
        }
    }

    pub(super) async fn run(self, config: &Config, json: bool) -> anyhow::Result<()> {
        let store = to_write(config).await?;
        let (on, sort) = self.read();
        let id = upper(&on.card);
        let by = Actor::terminal(on.by.trim());
        let (_, permit) = desk::leave(&store, &by, (&id, on.seen), Right::Act).await?;
        let sorted = Sorted {
            card: id.clone(),
            seen: on.seen,
            sort: sort.clone(),
            permit,
            now: assemble::clock(config).now(),
        };
        let shown = sorting::sort(&store, sorted).await?;
        if json {
            let found = find(&store, &shown.card).await?;
            let hours = hours(config, &found.company, found.card.team)?;
            let room = board::room(&store, &found.id).await?;
            return print_json(&Card::opened(&found, &hours).in_room(room));
        }
        say!("{}", done(&sort, &id, &shown));
        Ok(())
    }
}

/// What was done with a card, and on which to look now.
fn done(sort: &Sort, card: &str, now: &Shown) -> String {
    let shown = &now.card;
    match sort {
        Sort::Merge { .. } => format!("Card {card} is shown under card {shown} now."),
        Sort::Unmerge => format!("Card {card} is shown by itself again."),
        Sort::Split { .. } => format!("{} of card {card} went to card {shown}.", many(now.moved)),
        Sort::Unsplit => format!("What was on card {card} went back to card {shown}."),
        Sort::OneFirst => format!("The oldest order of card {card} goes first."),
    }
}

async fn to_write(config: &Config) -> anyhow::Result<Store> {
    Store::open_beside(&assemble::location(config)?)
        .await
        .map_err(assemble::opened)
}

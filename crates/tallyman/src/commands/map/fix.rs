//! A mapping as a fix: what it would heal, and one order before the others.

use tallyman_core::catalogue::Remedy;
use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::mapping::Cell;
use tallyman_core::seam::Clock;
use tallyman_engine::sorting;
use tallyman_engine::trial::Fix;
use tallyman_engine::words;
use tallyman_store::tables::exceptions;
use tallyman_store::{Store, Tx, Unit, UnitError};

use super::{Word, known, to_write};
use crate::assemble;
use crate::commands::amend;
use crate::config::Config;

/// Says what a mapping would heal, card by card.
pub async fn try_it(config: &Config, word: &Word, ours: &str) -> anyhow::Result<()> {
    let (store, vault) = (to_write(config).await?, assemble::vault(config)?);
    let known = known(config, &store).await?;
    let cell = word.cell()?;
    let company = words::company(&cell, &known)?;
    let cards = blaming(&store, company, &cell).await?;
    if cards.is_empty() {
        println!("No card waits for {cell}: this would heal nothing.");
    }
    let now = assemble::clock(config).now();
    for card in cards {
        let fix = Fix::Map {
            cell: cell.clone(),
            ours: Some(ours.trim().to_owned()),
        };
        amend::try_it(config, (&store, &vault), (&card, company), fix, now).await?;
    }
    Ok(())
}

/// Lets the oldest order of each card that waits for this cell go on before the others.
pub async fn one_first(store: &Store, company: &str, cell: &Cell) -> anyhow::Result<()> {
    for card in blaming(store, company, cell).await? {
        if let Some(order) = sorting::one_first(store, &card).await? {
            println!("Of card {card} order {order} goes on first; the others follow when the ledger has it.");
        }
    }
    Ok(())
}

/// The open cards that blame a cell.
async fn blaming(store: &Store, company: &str, cell: &Cell) -> Result<Vec<String>, UnitError> {
    let unit = Blaming {
        company: company.to_owned(),
        cell: cell.clone(),
    };
    store.read(unit).await
}

struct Blaming {
    company: String,
    cell: Cell,
}

impl Unit for Blaming {
    type Output = Vec<String>;
    const NAME: &'static str = "cards_blaming";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<String>, UnitError> {
        let cause = Cause::Cell(self.cell.clone());
        let mut cards = Vec::new();
        for code in Code::ALL {
            let mapped = |remedy: &Remedy| matches!(remedy, Remedy::Map(_));
            if code.entry().remedies.iter().any(mapped) && exceptions::is_open(tx, &self.company, *code, &cause).await? {
                cards.push(exceptions::card(&self.company, *code, &cause).to_string());
            }
        }
        Ok(cards)
    }
}

//! A mapping as a fix: what it would heal, and what it would change in what came before.

use tallyman_core::access::Right;
use tallyman_core::seam::Clock;
use tallyman_engine::sorting;
use tallyman_engine::trial::{Fix, past};
use tallyman_engine::words;

use super::{Word, known, to_write};
use crate::assemble;
use crate::commands::{amend, at_the_machine};
use crate::config::Config;
use crate::say;

/// Says what a mapping would heal, card by card; what could not be set is refused as setting it would be.
pub async fn try_it(config: &Config, word: &Word, ours: &str) -> anyhow::Result<()> {
    let (store, vault) = (to_write(config).await?, assemble::vault(config)?);
    let known = known(config, &store).await?;
    let cell = word.cell()?;
    let (company, _) = words::would_mean(&known, &cell, ours)?;
    let cards = sorting::blaming(&store, company, &cell).await?;
    if cards.is_empty() {
        say!("No card waits for {cell}: this would heal nothing.");
    }
    let now = assemble::clock(config).now();
    for card in cards {
        let fix = Fix::Map {
            cell: cell.clone(),
            ours: Some(ours.trim().to_owned()),
        };
        amend::try_it(config, (&store, &vault), (&card, company), fix, now).await?;
    }
    let merchants = assemble::merchants(config)?;
    if let Some(merchant) = merchants.iter().find(|merchant| merchant.company.as_str() == company) {
        let permit = at_the_machine().may(Right::to_map(cell.table), company, None)?;
        let word = (&cell, Some(ours.trim()));
        let past = past::of((&store, &vault), (merchant, &permit), word, now).await?;
        say!("{}", past.sentence());
    }
    Ok(())
}

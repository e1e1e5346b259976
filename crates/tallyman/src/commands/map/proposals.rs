//! Proposals at the terminal: listed, approved, rejected.
//!
//! Whoever types gives their own name, so what is compared is what they say. It is written down all the same: the record shows two names.

use clap::Args;
use tallyman_core::access::Actor;
use tallyman_core::seam::Clock;
use tallyman_engine::proposals;
use tallyman_store::tables::proposals::Proposal;

use crate::assemble;
use crate::config::Config;
use crate::{put, say};

/// One word about one proposal.
#[derive(Args)]
pub struct Word {
    /// The proposal, as `tallyman map proposals` names it.
    proposal: String,
    /// Who says so, for the record.
    #[arg(long, value_name = "NAME")]
    by: String,
    /// Why, for the record.
    #[arg(long)]
    reason: String,
}

/// What whoever proposed is told to do next.
pub fn waits(proposal: &str) -> String {
    format!(
        "It counts when another person has approved it: `tallyman map approve {proposal} --by NAME --reason WHY`, or the console."
    )
}

pub async fn list(config: &Config, all: bool) -> anyhow::Result<()> {
    let store = super::to_read(config).await?;
    let companies: Vec<String> = config
        .companies
        .iter()
        .map(|company| company.name.as_str().to_owned())
        .collect();
    let found = proposals::list(&store, &companies, !all).await?;
    if found.is_empty() {
        say!("Nothing waits for a second person.");
    }
    for proposal in &found {
        put!("{}", told(config, proposal));
    }
    Ok(())
}

fn told(config: &Config, proposal: &Proposal) -> String {
    let at = proposal.made_at.local_in(&config.zone(&proposal.company));
    let mut text = format!(
        "{}  {}  {}, by {} {at}: {}\n",
        proposal.id,
        proposal.company,
        proposal.state.name(),
        proposal.made_by,
        proposal.reason
    );
    for change in &proposal.changes {
        let of = |word: &Option<String>| word.clone().unwrap_or_else(|| "nothing".into());
        text += &format!("    {}: {} becomes {}\n", change.cell, of(&change.before), of(&change.after));
    }
    if let Some((by, _, reason)) = &proposal.decided {
        text += &format!("    decided by {by}: {reason}\n");
    }
    text
}

pub async fn approve(config: &Config, word: &Word) -> anyhow::Result<()> {
    let store = super::to_write(config).await?;
    let by = Actor::terminal(word.by.trim());
    let id = word.proposal.trim().to_uppercase();
    let done = proposals::approve(&store, &by, &id, word.reason.trim(), assemble::clock(config).now()).await?;
    let when = crate::commands::promise::when(config, &store).await?;
    say!(
        "Approved: {} changes count from now on. What they had stopped goes on by itself {when}.",
        done.changes.len()
    );
    Ok(())
}

pub async fn reject(config: &Config, word: &Word) -> anyhow::Result<()> {
    let store = super::to_write(config).await?;
    let by = Actor::terminal(word.by.trim());
    let id = word.proposal.trim().to_uppercase();
    let done = proposals::reject(&store, &by, &id, word.reason.trim(), assemble::clock(config).now()).await?;
    say!("Proposal {id} is {}. Nothing was changed.", done.state.name());
    Ok(())
}

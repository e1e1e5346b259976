//! `tallyman handbook`: how a company works with Tallyman, as text or JSON; what the console's page shows.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::ensure;
use clap::Args;
use tallyman_core::catalogue::Owner;
use tallyman_core::seam::Clock;
use tallyman_engine::handbook::{Book, open};
use tallyman_store::Store;
use tallyman_web::api::handbook::Handbook as Shape;

use crate::config::Config;
use crate::{assemble, logs};
use crate::{put, say};

/// How a company works with Tallyman: what each team clears, by when and how, each with a real example; who masters what.
///
/// It is written from the configuration. What it says has a version, which is kept when it is first seen.
#[derive(Args)]
pub struct Handbook {
    /// One company alone.
    #[arg(long, value_name = "NAME")]
    company: Option<String>,
    /// One team's chapter alone: operations, finance or integration.
    #[arg(long, value_parser = team)]
    team: Option<Owner>,
    /// As JSON: an array with one object for each company.
    #[arg(long, conflicts_with = "team")]
    json: bool,
    /// The configuration; tallyman.sample.toml explains it.
    #[arg(long, default_value = "tallyman.toml")]
    config: PathBuf,
}

fn team(text: &str) -> Result<Owner, String> {
    Owner::named(text).ok_or_else(|| format!("there is no team {text}; there is {}", Owner::ALL.map(Owner::name).join(", ")))
}

impl Handbook {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let config = Config::load(&self.config)?;
        logs::begin(&config.log, "warn")?;
        let mut merchants = assemble::merchants(&config)?;
        if let Some(company) = &self.company {
            merchants.retain(|merchant| merchant.company.as_str() == company);
            ensure!(!merchants.is_empty(), "there is no company {company} in the configuration");
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let store = Store::open_beside(&assemble::location(&config)?)
                .await
                .map_err(assemble::opened)?;
            let now = assemble::clock(&config).now();
            let mut shapes = Vec::new();
            for merchant in &merchants {
                let book = open(&store, merchant, now).await?;
                if self.json {
                    shapes.push(Shape::of(merchant.company.as_str(), &book));
                } else {
                    put!("{}", told(merchant.company.as_str(), &book, self.team));
                }
            }
            if self.json {
                say!("{}", serde_json::to_string_pretty(&shapes)?);
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}

/// The book as text.
fn told(company: &str, book: &Book, team: Option<Owner>) -> String {
    let mut text = String::new();
    // Writing into a text cannot fail.
    let _ = write_book(&mut text, company, book, team);
    text
}

fn write_book(text: &mut String, company: &str, book: &Book, team: Option<Owner>) -> std::fmt::Result {
    writeln!(text, "Handbook of {company}, version {}\n", book.version.number)?;
    let chapters = book.says.chapters.iter();
    for chapter in chapters.filter(|chapter| team.is_none_or(|team| team == chapter.team)) {
        writeln!(text, "{}", chapter.team.name().to_uppercase())?;
        writeln!(text, "Works {}.", chapter.hours)?;
        for told in &chapter.told {
            writeln!(text, "{told}")?;
        }
        let people = book.people.iter().filter(|person| person.teams.contains(&chapter.team));
        let people: Vec<&str> = people.map(|person| person.name.as_str()).collect();
        if !people.is_empty() {
            writeln!(text, "Ask {}.", people.join(", "))?;
        }
        for failure in &chapter.failures {
            let entry = failure.code.entry();
            writeln!(text, "\n  {} ({}, {})", entry.what, failure.code, entry.severity.name())?;
            writeln!(text, "    {}", entry.means)?;
            writeln!(text, "    To clear it: {}", entry.remedy)?;
            writeln!(text, "    Due {}. {}", failure.deadline, failure.told)?;
            if let Some(example) = book.examples.get(&failure.code) {
                let over = if example.closed_at.is_some() { "resolved" } else { "open" };
                writeln!(text, "    Last seen: {} (card {}, {over})", example.card.cause, example.id)?;
            }
        }
        writeln!(text)?;
    }
    if team.is_none() {
        writeln!(text, "WHO MASTERS WHAT")?;
        for mastered in &book.says.masters {
            writeln!(text, "{}", mastered.sentence())?;
        }
    }
    if let Some(changes) = &book.changes {
        writeln!(text, "\nWHAT IS NEW since version {}", book.version.number - 1)?;
        for line in &changes.added {
            writeln!(text, "+ {line}")?;
        }
        for line in &changes.gone {
            writeln!(text, "- {line}")?;
        }
    }
    Ok(())
}

//! `tallyman person`: a customer's data, found and erased.
//!
//! Whose the orders are is printed for whoever says who they are and why, once the journal has that; else only that they are of several
//! people. Finding may happen while a worker runs. Erasing writes: on SQLite the worker is stopped for it, and when this ends the file has
//! been tidied, so that no copy of a key lies in its log.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand};
use tallyman_core::access::Actor;
use tallyman_core::seam::Clock;
use tallyman_engine::person::{self, ById, Erase, Found, Look, Match, Who, by_person};
use tallyman_engine::vault::Vault;
use tallyman_store::Store;

use crate::config::Config;
use crate::progress::Progress;
use crate::say;
use crate::{assemble, logs};

/// Orders told of in the journal in one unit.
const SHOWN_AT_ONCE: usize = 100;

/// Finds and erases a customer's data.
#[derive(Args)]
pub struct Person {
    #[command(subcommand)]
    what: What,
    /// The configuration; tallyman.sample.toml explains it.
    #[arg(long, default_value = "tallyman.toml", global = true)]
    config: PathBuf,
}

#[derive(Subcommand)]
enum What {
    /// Lists the orders of everybody whose name, e-mail, telephone number or postcode contains these words.
    Find {
        /// At least three characters; several words are looked for as they stand, one after the other.
        #[arg(required = true)]
        words: Vec<String>,
        /// Shows whose each order is, by name and postcode. Who looks, for the journal.
        #[arg(long, value_name = "NAME", requires = "why")]
        by: Option<String>,
        /// Why you need to see it, for the journal.
        #[arg(long, value_name = "WHY", requires = "by")]
        why: Option<String>,
    },
    /// Destroys the keys of orders, so that nobody can read their personal data again: not here, and not in a copy of the database.
    Erase {
        /// Orders by the id that `find` prints.
        #[arg(required_unless_present = "all_found", conflicts_with = "all_found")]
        journeys: Vec<String>,
        /// Everything that `find` would find by these words, if it is all one person's.
        #[arg(long, value_name = "WORDS")]
        all_found: Option<String>,
        /// Who erases, for the journal: an id, not a name that would have to be erased itself one day.
        #[arg(long, value_name = "NAME")]
        by: String,
        /// Do it. Without this it is only said what would be erased.
        #[arg(long)]
        yes: bool,
    },
}

impl Person {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let config = Config::load(&self.config)?;
        logs::begin(&config.log, "warn")?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let vault = assemble::vault(&config)?;
            match self.what {
                What::Find { words, by, why } => find(&config, &vault, &words.join(" "), by.zip(why)).await,
                What::Erase {
                    journeys,
                    all_found,
                    by,
                    yes,
                } => {
                    ensure!(!by.trim().is_empty(), "say who erases with --by NAME: the journal keeps it");
                    erase(&config, &vault, &journeys, all_found.as_deref(), by.trim(), yes).await
                }
            }
        })
    }
}

async fn to_read(config: &Config) -> anyhow::Result<Store> {
    Store::open_to_read(&assemble::location(config)?)
        .await
        .map_err(assemble::opened)
}

async fn find(config: &Config, vault: &Vault, words: &str, look: Option<(String, String)>) -> anyhow::Result<ExitCode> {
    let found = search(&to_read(config).await?, vault, words).await?;
    if found.is_empty() {
        say!("Nobody is found by these words. What was erased cannot be found.");
        return Ok(ExitCode::FAILURE);
    }
    match look {
        Some((by, why)) => {
            ensure!(
                !by.trim().is_empty() && !why.trim().is_empty(),
                "say who looks with --by, and why with --why"
            );
            shown_to(config, &found, by.trim(), &why).await?;
            people(&by_person(found), true);
        }
        None => {
            people(&by_person(found), false);
            say!("\nWhose they are is shown with --by NAME --why WHY, and the journal keeps that.");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The journal has who looks, and why, before there is anything to see. A worker may run meanwhile.
async fn shown_to(config: &Config, found: &[Found], by: &str, why: &str) -> anyhow::Result<()> {
    let store = Store::open_beside(&assemble::location(config)?)
        .await
        .map_err(assemble::opened)?;
    let now = assemble::clock(config).now();
    for page in found.chunks(SHOWN_AT_ONCE) {
        let look = Look {
            found: page.to_vec(),
            actor: Actor::terminal(by),
            why: why.to_owned(),
            now,
        };
        store.write(look).await?;
    }
    Ok(())
}

/// Every order is opened and read, so on a large store this takes a while and says how far it is.
async fn search(store: &Store, vault: &Vault, words: &str) -> anyhow::Result<Vec<Found>> {
    let mut progress = Progress::new();
    let found = person::find(store, vault, words, |seen| progress.say(|| format!("{seen} orders read"))).await?;
    Ok(found)
}

/// Orders, a person at a time; each person with their name, or with a number alone.
fn people(people: &[(Who, Vec<Match>)], named: bool) {
    for (number, (who, orders)) in people.iter().enumerate() {
        if named {
            say!("{}, {}", who.name, who.postcode);
        } else {
            say!("Person {} of {}", number + 1, people.len());
        }
        list(orders);
        say!();
    }
}

/// All that was found, if it is one person's: what is erased cannot be brought back.
fn of_one_person(mut people: Vec<(Who, Vec<Match>)>) -> anyhow::Result<Vec<Match>> {
    match (people.pop(), people.len()) {
        (None, _) => bail!("nobody is found by these words; nothing was erased"),
        (Some((_, orders)), 0) => Ok(orders),
        (Some(_), others) => bail!(
            "these words find {} people, and --all-found erases one. Give words that only one of them has, such as the whole name, the \
             e-mail address or the telephone number, or name the orders by the ids that `tallyman person find` prints; nothing was erased",
            others + 1
        ),
    }
}

fn list(found: &[Match]) {
    say!("{:16}  {:20}  order", "id", "company");
    for one in found {
        say!("{:16}  {:20}  {}", one.journey, one.company, one.reference);
    }
}

async fn erase(
    config: &Config,
    vault: &Vault,
    journeys: &[String],
    all_found: Option<&str>,
    by: &str,
    yes: bool,
) -> anyhow::Result<ExitCode> {
    let store = if yes {
        Store::open(&assemble::location(config)?).await.map_err(assemble::opened)?
    } else {
        to_read(config).await?
    };
    let found = match all_found {
        Some(words) => of_one_person(by_person(search(&store, vault, words).await?))?,
        None => by_id(&store, journeys).await?,
    };
    list(&found);
    if !yes {
        say!(
            "\nNothing was erased. With --yes the personal data of what is listed is destroyed for ever; figures and codes stay."
        );
        return Ok(ExitCode::FAILURE);
    }
    let asked = found.len();
    let erased = store
        .write(Erase {
            journeys: found,
            actor: Actor::terminal(by),
            now: assemble::clock(config).now(),
        })
        .await?;
    say!("\nErased: {erased} of {asked}. The journal says so, and still verifies.");
    if erased < asked as u64 {
        say!("The rest had been erased before.");
    }
    Ok(ExitCode::SUCCESS)
}

async fn by_id(store: &Store, journeys: &[String]) -> anyhow::Result<Vec<Match>> {
    let mut found = Vec::new();
    for journey in journeys {
        let by_id = ById {
            journey: journey.clone(),
        };
        let one = store.read(by_id).await?;
        found.push(one.with_context(|| format!("there is no order with the id {journey}: `tallyman person find` prints ids"))?);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, orders: &[&str]) -> (Who, Vec<Match>) {
        let who = Who {
            name: name.into(),
            postcode: "LS1 4AP".into(),
        };
        let order = |reference: &&str| Match {
            company: "trader-1".into(),
            journey: (*reference).into(),
            reference: (*reference).into(),
        };
        (who, orders.iter().map(order).collect())
    }

    #[test]
    fn all_that_is_found_is_erased_of_one_person_only() {
        let orders = of_one_person(vec![one("Jane Smith", &["1", "2"])]).expect("one person's");
        assert_eq!(orders.len(), 2);
        let refused = of_one_person(vec![one("Jane Smith", &["1"]), one("John Smith", &["2"])]).expect_err("two people's");
        assert!(refused.to_string().contains("find 2 people"), "{refused}");
        assert!(!refused.to_string().contains("Jane"), "an error may be logged: {refused}");
        of_one_person(Vec::new()).expect_err("nobody's");
    }
}

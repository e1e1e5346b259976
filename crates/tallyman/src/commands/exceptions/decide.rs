//! What the owner of a card decides about its records in the terminal.

use anyhow::bail;
use clap::{ArgGroup, Args};
use tallyman_core::access::{Actor, Right};
use tallyman_core::finding::Code;
use tallyman_core::ident::Connection;
use tallyman_core::journey::Route;
use tallyman_core::ruling::{Change, Refused, Ruling, Said};
use tallyman_core::seam::Clock;
use tallyman_engine::desk;
use tallyman_engine::ruling::{Of, decide};
use tallyman_store::Store;

use super::{find, upper};
use crate::assemble;
use crate::commands::amend::found;
use crate::config::Config;
use crate::say;

/// A decision about one order of a card, or about all of its records.
#[derive(Args)]
#[command(group(ArgGroup::new("of").required(true).args(["order", "all"])))]
pub(super) struct Decide {
    /// As `tallyman exceptions` prints it.
    card: String,
    /// The order that it is about, by any number it is known by.
    #[arg(long)]
    order: Option<String>,
    /// It is about every record of the card.
    #[arg(long)]
    all: bool,
    /// settled, declined, keep, restore or amend: whatever the card takes.
    #[arg(long = "as", value_name = "RULING", value_parser = ruling)]
    ruling: Ruling,
    /// Of `settled`: the ledger's number of what shows it.
    #[arg(long, value_name = "NUMBER")]
    document: Option<String>,
    /// Of `amend`: the line whose quantity is another one.
    #[arg(long, requires = "quantity")]
    line: Option<String>,
    /// Of `amend`: what the line is to have, in the ledger's stock unit.
    #[arg(long, requires = "line", conflicts_with = "reference")]
    quantity: Option<String>,
    /// Of `amend`: the customer's own number.
    #[arg(long)]
    reference: Option<String>,
    /// Of `declined`: it is agreed with the retailer. What is declined is never carried out.
    #[arg(long)]
    agreed: bool,
    /// Why, for the journal.
    #[arg(long)]
    reason: String,
    /// Who decides, for the card's history and the journal.
    #[arg(long, value_name = "NAME")]
    by: String,
    /// Only if the card is still at this version, as `show` prints it.
    #[arg(long, value_name = "VERSION")]
    seen: Option<u64>,
}

fn ruling(text: &str) -> Result<Ruling, String> {
    let all: Vec<&str> = Ruling::ALL.iter().map(|ruling| ruling.name()).collect();
    Ruling::named(text.trim()).ok_or_else(|| format!("there are {}", all.join(", ")))
}

impl Decide {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let store = Store::open_beside(&assemble::location(config)?)
            .await
            .map_err(assemble::opened)?;
        let vault = assemble::vault(config)?;
        let card = find(&store, &self.card).await?;
        let of = match &self.order {
            Some(order) => Of::Order(found(config, &store, order, Some(&card.company)).await?.1),
            None => Of::All,
        };
        let change = match (&self.quantity, &self.reference) {
            (Some(quantity), _) => Some(Change::named("quantity", self.line.as_deref(), quantity)?),
            (None, Some(reference)) => Some(Change::named("reference", None, reference)?),
            (None, None) => None,
        };
        let said = Said {
            ruling: self.ruling,
            document: self.document,
            change,
            agreed: self.agreed,
            reason: self.reason.trim().to_owned(),
        };
        if said.suits(card.card.code) == Err(Refused::NotAgreed) {
            bail!("{} With --agreed you say so; nothing was changed.", Refused::NotAgreed);
        }
        let routes = config.companies.iter().map(|company| {
            let [channel, ledger, warehouse] = company.connections().map(Connection::new);
            let route = Route {
                channel,
                ledger,
                warehouse,
            };
            (company.name.as_str().to_owned(), route)
        });
        let id = upper(&self.card);
        let by = Actor::terminal(self.by.trim());
        let (_, permit) = desk::leave(&store, &by, (&id, self.seen), Right::Act).await?;
        let wanted = tallyman_engine::ruling::Decide {
            card: &id,
            seen: self.seen,
            of,
            said: &said,
            permit: &permit,
            routes: &routes.collect(),
            records_max: u64::MAX,
            now: assemble::clock(config).now(),
        };
        let decided = decide((&store, &vault), &wanted).await?;
        say!("{id}: {}", decided.sentence(self.ruling));
        for other in &decided.others {
            say!(
                "  {}: {}",
                if other.reference.is_empty() {
                    "a record"
                } else {
                    &other.reference
                },
                other.sentence
            );
        }
        Ok(())
    }
}

/// What a card of this code takes, as `show` prints it.
pub(super) fn takes(code: Code) -> String {
    let mut text = String::new();
    for ruling in code.entry().rulings {
        let takes = match ruling {
            Ruling::Settled if code.is_witnessed() => " It takes --document NUMBER, and two people.",
            Ruling::Declined => " It takes --agreed.",
            Ruling::Settled | Ruling::Keep | Ruling::Restore | Ruling::Amend => "",
        };
        text += &format!("  may be decided --as {ruling}: {}{takes}\n", ruling.sentence());
    }
    text
}

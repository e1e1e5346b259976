//! What a person does with a card in the terminal: the same acts as by the API, under the name that is given.

use anyhow::Context;
use clap::{Args, Subcommand};
use tallyman_core::access::Actor;
use tallyman_core::card::Act;
use tallyman_core::catalogue::Owner;
use tallyman_core::seam::Clock;
use tallyman_core::time::{Date, Timestamp, Zone};
use tallyman_engine::desk::{self, Done};
use tallyman_store::Store;
use tallyman_web::api::shape::Card;

use super::{find, hours, print_json, upper};
use crate::assemble;
use crate::config::Config;
use crate::say;

/// Which card, and who acts.
#[derive(Args)]
pub(super) struct On {
    /// As `tallyman exceptions` prints it.
    pub(super) card: String,
    /// Who does it, for the card's history and the journal.
    #[arg(long, value_name = "NAME")]
    pub(super) by: String,
    /// Only if the card is still at this version, as `show` prints it.
    #[arg(long, value_name = "VERSION")]
    pub(super) seen: Option<u64>,
}

#[derive(Subcommand)]
pub(super) enum Acts {
    /// Says that somebody has seen a card, so that it is not escalated.
    Ack {
        #[command(flatten)]
        on: On,
    },
    /// Says that somebody works on it.
    Fix {
        #[command(flatten)]
        on: On,
    },
    /// Gives it to somebody.
    Assign {
        #[command(flatten)]
        on: On,
        /// To whom.
        to: String,
        /// Who stands in when they are away.
        #[arg(long)]
        deputy: Option<String>,
    },
    /// Notes something on it.
    Comment {
        #[command(flatten)]
        on: On,
        text: String,
    },
    /// Gives it to another team.
    HandOver {
        #[command(flatten)]
        on: On,
        /// operations, finance or integration.
        #[arg(value_parser = team)]
        to: Owner,
        /// Why.
        note: String,
    },
    /// Lets it stand for a time; it comes back by itself.
    SetAside {
        #[command(flatten)]
        on: On,
        /// A day, such as 2026-11-09, or an instant, such as 2026-11-09T09:00:00Z.
        #[arg(long)]
        until: String,
        /// Why it may stand.
        #[arg(long)]
        reason: String,
    },
    /// Takes it up again before its time.
    TakeUp {
        #[command(flatten)]
        on: On,
    },
}

pub(super) fn team(text: &str) -> Result<Owner, String> {
    Owner::named(text.trim()).ok_or_else(|| format!("there are {}", Owner::ALL.map(Owner::name).join(", ")))
}

impl Acts {
    fn card(&self) -> &str {
        let (Self::Ack { on }
        | Self::Fix { on }
        | Self::Assign { on, .. }
        | Self::Comment { on, .. }
        | Self::HandOver { on, .. }
        | Self::SetAside { on, .. }
        | Self::TakeUp { on }) = self;
        &on.card
    }

    fn read(self, zone: &Zone) -> anyhow::Result<(On, Act)> {
        Ok(match self {
            Self::Ack { on } => (on, Act::Acknowledge),
            Self::Fix { on } => (on, Act::Fix),
            Self::Assign { on, to, deputy } => (on, Act::Assign { to, deputy }),
            Self::Comment { on, text } => (on, Act::Comment { text }),
            Self::HandOver { on, to, note } => (on, Act::HandOver { to, note }),
            Self::SetAside { on, until, reason } => {
                let until = instant(&until, zone)?;
                (on, Act::SetAside { until, reason })
            }
            Self::TakeUp { on } => (on, Act::TakeUp),
        })
    }

    pub(super) async fn run(self, config: &Config, json: bool) -> anyhow::Result<()> {
        let store = Store::open_beside(&assemble::location(config)?)
            .await
            .map_err(assemble::opened)?;
        let company = find(&store, self.card()).await?.company;
        let (on, act) = self.read(&config.zone(&company))?;
        let name = act.name();
        let id = upper(&on.card);
        let by = Actor::terminal(on.by.trim());
        let (_, permit) = desk::leave(&store, &by, (&id, on.seen), act.right()).await?;
        let done = Done {
            card: id,
            seen: on.seen,
            act,
            permit,
            now: assemble::clock(config).now(),
        };
        let after = desk::act(&store, done).await?;
        if json {
            return print_json(&Card::opened(&after, &hours(config, &after.company, after.card.team)?));
        }
        let card = &after.card;
        say!(
            "{}: {name} is kept. The card is {} and with {}, version {}.",
            after.id,
            card.life.name(),
            card.team,
            card.version
        );
        Ok(())
    }
}

/// A day is the instant at which it begins for the card's company.
fn instant(text: &str, zone: &Zone) -> anyhow::Result<Timestamp> {
    match Date::parse(text) {
        Ok(day) => Ok(day.starts_in(zone)),
        Err(_) => Timestamp::parse_rfc3339(text).context("--until is a day, such as 2026-11-09, or an instant with its offset"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_when_it_begins_and_an_instant_is_itself() {
        let zone = &Zone::named("Europe/London").unwrap();
        assert_eq!(instant("2026-07-01", zone).unwrap().to_rfc3339(), "2026-06-30T23:00:00Z");
        assert_eq!(
            instant("2026-07-01T09:00:00+01:00", zone).unwrap().to_rfc3339(),
            "2026-07-01T08:00:00Z"
        );
        assert!(instant("tomorrow", zone).is_err());
    }
}

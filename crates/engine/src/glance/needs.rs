//! Who is needed: the open cards, by when they should be cleared and by what stands under them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use tallyman_core::card::Life;
use tallyman_core::catalogue::Owner;
use tallyman_core::finding::Code;
use tallyman_core::money::Money;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::board::{self, Order};
use tallyman_store::tables::cards::{self, Stored};
use tallyman_store::tables::flow;
use tallyman_store::tables::writes::Write;
use tallyman_store::{Tx, UnitError};

use super::Asked;
use crate::parts::{Merchant, Parts};

/// Cards that a glance looks at. A merchant with more causes than this at once has another trouble than their order.
const CARDS_MAX: i64 = 1_000;
/// Where more orders than this stand still, those of today are not counted apart: that reads each of them.
const STANDING_MAX: u64 = 200;

/// A card, and by when it should be cleared.
#[derive(Debug, Clone)]
pub struct Need {
    pub card: Stored,
    pub due: Option<Timestamp>,
}

impl Need {
    /// A card by itself.
    pub fn of(parts: &Parts, card: Stored) -> Self {
        let hours = crate::board::hours(parts, &card.company, card.card.team);
        Self {
            due: card.card.due_by(hours),
            card,
        }
    }

    pub fn code(&self) -> Code {
        self.card.card.code
    }

    pub fn stopped(&self) -> u64 {
        self.card.card.weight.stopped
    }

    /// By what they are sorted: the earliest deadline first, then the dearest.
    pub fn place(&self) -> (Timestamp, Reverse<Money>, String) {
        let money = self.card.card.weight.money;
        (self.due.unwrap_or(Timestamp::MAX), Reverse(money), self.card.id.clone())
    }

    /// Whether it waits for somebody: nothing that is set aside does, nor what only waits for its proof.
    pub fn waits(&self) -> bool {
        match self.card.card.life {
            Life::Open | Life::Acknowledged | Life::Fixing => true,
            Life::Verifying | Life::SetAside { .. } | Life::Resolved => false,
        }
    }

    /// Whether somebody gave it to whoever is called so, or they stand in.
    pub fn is_given_to(&self, name: &str) -> bool {
        let card = &self.card.card;
        let is = |its: &Option<String>| its.as_deref().is_some_and(|its| its.eq_ignore_ascii_case(name));
        is(&card.assignee) || is(&card.deputy)
    }

    /// Whether it is one of these teams', and was given to nobody.
    pub(super) fn is_free_for(&self, teams: &[Owner]) -> bool {
        let card = &self.card.card;
        card.assignee.is_none() && teams.contains(&card.team)
    }
}

/// What stands still in a company.
#[derive(Debug, Clone)]
pub struct Needs {
    /// Those that people are shown, the earliest deadline first, then the dearest.
    pub cards: Vec<Need>,
    /// Whether there are more than these.
    pub more: bool,
    /// Open cards, without those that are shown under others.
    pub open: u64,
    /// Orders that stand still, each once over all cards, and what they are worth.
    pub orders: u64,
    pub money: Money,
    /// Those of them that were received today; none where they are too many to look at.
    pub of_today: Option<u64>,
}

impl Needs {
    /// Cards that wait for somebody.
    pub fn waiting(&self) -> impl Iterator<Item = &Need> {
        self.cards.iter().filter(|need| need.waits())
    }

    /// The teams that are waited for, in order.
    pub fn teams(&self) -> Vec<Owner> {
        let mut teams: Vec<Owner> = self.waiting().map(|need| need.card.card.team).collect();
        teams.sort_unstable();
        teams.dedup();
        teams
    }
}

pub(super) async fn look(
    tx: &mut Tx<'_>,
    merchant: &Merchant,
    asked: &Asked,
    known: &mut BTreeMap<String, Write>,
) -> Result<Needs, UnitError> {
    let company = merchant.company.as_str();
    let order = Order::Soonest;
    let mut found = board::cards(tx, company, order, (order.start(), ""), CARDS_MAX).await?;
    crate::culprit::call_writes(tx, &mut found, known).await?;
    let more = i64::try_from(found.len()).is_ok_and(|count| count == CARDS_MAX);
    let need = |card: Stored| Need {
        due: asked.hours.get(&card.card.team).and_then(|hours| card.card.due_by(hours)),
        card,
    };
    let mut cards: Vec<Need> = found.into_iter().map(need).collect();
    // What a card is due by is its code's rule where its records have no deadline: the table sorts by theirs alone.
    cards.sort_by_cached_key(Need::place);
    let (money, orders) = cards::at_stake(tx, company).await?;
    let of_today = match orders {
        0 => Some(0),
        1..=STANDING_MAX => {
            let today = asked.now.date_in(&merchant.zone).starts_in(&merchant.zone);
            Some(flow::standing_since(tx, company, today).await?)
        }
        _ => None,
    };
    Ok(Needs {
        of_today,
        cards,
        more,
        open: board::listed(tx, company).await?,
        orders,
        money,
    })
}

//! Cards are put together and taken apart by people who know better than their causes say; each can be undone. And one order of a card
//! may go before the others.
//!
//! The card's history keeps each of them, as it keeps acts ([`crate::desk`]). Orders are named by any number they are known by.

use tallyman_core::access::{Permit, Right};
use tallyman_core::catalogue::Remedy;
use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::mapping::Cell;
use tallyman_core::reference::Reference;
use tallyman_core::time::Timestamp;
use tallyman_store::journal::{Act, Change};
use tallyman_store::tables::cards::{self, Stored};
use tallyman_store::tables::{exceptions, splits};
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::named;
use crate::weigh::COUNTED_AT_ONCE;

/// What a person does with the cards themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sort {
    /// Shows a card under another one: whoever looks at that sees both.
    Merge { under: String },
    /// Shows it by itself again.
    Unmerge,
    /// Takes these orders to a card of their own.
    Split { orders: Vec<String> },
    /// Puts a part back to the card that it was split off.
    Unsplit,
    /// The next fix is tried in earnest with the oldest of its orders; the others follow when that has proved that it went on.
    OneFirst,
}

impl Sort {
    /// As the card's history keeps it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Merge { .. } => "merge",
            Self::Unmerge => "unmerge",
            Self::Split { .. } => "split",
            Self::Unsplit => "unsplit",
            Self::OneFirst => "one_first",
        }
    }
}

/// Orders taken to a card of their own at once.
pub const SPLIT_MAX: usize = 1_000;
/// Cards shown under one.
const UNDER_MAX: i64 = 100;
/// Open parts of one card that are looked through.
const PARTS_MAX: i64 = 100;

/// One sorting by one person.
#[derive(Debug, Clone)]
pub struct Sorted {
    pub card: String,
    /// The card's version as it was seen; a card that has moved since is left as it is. None: as it is now.
    pub seen: Option<u64>,
    pub sort: Sort,
    /// Leave to act on the card; to let one order go first, leave to map is enough.
    pub permit: Permit,
    pub now: Timestamp,
}

/// What there is to look at then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub card: String,
    /// Orders that went from one card to another.
    pub moved: u64,
    /// Of [`Sort::OneFirst`]: the order that goes first, by its own number.
    pub first: Option<String>,
}

/// Sorts cards.
pub async fn sort(store: &Store, sorted: Sorted) -> Result<Shown, UnitError> {
    if sorted.permit.actor().trim().is_empty() {
        return Err(UnitError::Refused(
            "Say who does it: the history of the card keeps it.".into(),
        ));
    }
    store.write(sorted).await
}

/// Lets the oldest order of each card that waits for this cell go before the others, once it means something: cards and orders.
pub async fn one_of_each_first(
    store: &Store,
    (company, cell): (&str, &Cell),
    (permit, now): (&Permit, Timestamp),
) -> Result<Vec<(String, String)>, UnitError> {
    let mut firsts = Vec::new();
    for card in blaming(store, company, cell).await? {
        let sorted = Sorted {
            card,
            seen: None,
            sort: Sort::OneFirst,
            permit: permit.clone(),
            now,
        };
        match sort(store, sorted).await {
            Ok(shown) => firsts.extend(shown.first.map(|order| (shown.card, order))),
            // What stood under it has gone on meanwhile: nothing waits for anything.
            Err(UnitError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(firsts)
}

/// The cards that blame a cell and stop something, with the parts that were split off them.
pub async fn blaming(store: &Store, company: &str, cell: &Cell) -> Result<Vec<String>, UnitError> {
    let unit = Blaming {
        company: company.to_owned(),
        cause: Cause::Cell(cell.clone()),
    };
    store.read(unit).await
}

struct Blaming {
    company: String,
    cause: Cause,
}

impl Unit for Blaming {
    type Output = Vec<String>;
    const NAME: &'static str = "cards_blaming";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<String>, UnitError> {
        let mut cards = Vec::new();
        let mapped = |remedy: &Remedy| matches!(remedy, Remedy::Map(_));
        for code in Code::ALL {
            if !code.entry().remedies.iter().any(mapped) {
                continue;
            }
            let card = exceptions::card(&self.company, *code, &self.cause).to_string();
            if exceptions::is_open(tx, &self.company, *code, &self.cause).await? {
                cards.push(card.clone());
            }
            cards.extend(splits::open_parts(tx, &card, PARTS_MAX).await?);
        }
        Ok(cards)
    }
}

impl Unit for Sorted {
    type Output = Shown;
    const NAME: &'static str = "sort_cards";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Shown, UnitError> {
        let stored = known(tx, &self.card).await?;
        self.may_be(&stored)?;
        // First of all: nothing is done with a card that has moved.
        cards::tell_sorted(tx, &self.card, self.seen, (self.permit.actor(), self.now), self.sort.name()).await?;
        let (shown, before, after) = match &self.sort {
            Sort::Merge { under } => merge(tx, &stored, under).await?,
            Sort::Unmerge => unmerge(tx, &stored).await?,
            Sort::Split { orders } => split(tx, &stored, orders, self.now).await?,
            Sort::Unsplit => unsplit(tx, &stored).await?,
            Sort::OneFirst => one_first(tx, &stored).await?,
        };
        if matches!(self.sort, Sort::Split { .. } | Sort::Unsplit) {
            // Whoever looks at the cards next sees where the orders stand now; what is more than this, the worker counts.
            cards::weigh(tx, &stored.company, COUNTED_AT_ONCE, self.now).await?;
        }
        let act = Act {
            company: &stored.company,
            at: self.now,
            actor: self.permit.actor(),
            kind: "card",
            subject: &self.card,
            what: &format!("Card {}: {} ({}).", self.card, self.sort.name(), shown.card),
            change: Change::to(&before, &after),
        };
        act.write(tx).await?;
        Ok(shown)
    }
}

impl Sorted {
    fn may_be(&self, card: &Stored) -> Result<(), UnitError> {
        let permit = &self.permit;
        let maps = [Right::Map, Right::MapMoney]
            .into_iter()
            .any(|right| permit.is_for(right, &card.company));
        if (self.sort == Sort::OneFirst && maps) || permit.is_for_card(Right::Act, &card.company, card.card.team) {
            return Ok(());
        }
        // Of a card that has moved it is said that it has, as of any other.
        match self.seen {
            Some(seen) if seen != card.card.version => Err(UnitError::Conflict(format!("card {}", card.id))),
            Some(_) | None => refused(format!(
                "Card {} is another team's by now. Look at it again; nothing was changed.",
                card.id
            )),
        }
    }
}

fn refused<T>(why: String) -> Result<T, UnitError> {
    Err(UnitError::Refused(why))
}

fn shown(card: &str) -> Shown {
    Shown {
        card: card.to_owned(),
        moved: 0,
        first: None,
    }
}

async fn known(tx: &mut Tx<'_>, card: &str) -> Result<Stored, UnitError> {
    let unknown = || UnitError::Refused(format!("There is no card {card}. `tallyman exceptions` lists them."));
    cards::load(tx, card).await?.ok_or_else(unknown)
}

/// What there is to look at, and what was another before it was sorted: by ids, as the journal keeps it.
type Done = (Shown, String, String);

/// Where a card is shown.
fn room(under: &str) -> String {
    match under {
        "" => "by itself".into(),
        under => format!("under card {under}"),
    }
}

/// Where orders stand.
fn standing(orders: u64, card: &str) -> String {
    format!("{orders} {} on card {card}", if orders == 1 { "order" } else { "orders" })
}

async fn merge(tx: &mut Tx<'_>, card: &Stored, other: &str) -> Result<Done, UnitError> {
    let id = &card.id;
    let above = known(tx, other).await?;
    let (its_under, _) = splits::room(tx, other).await?.unwrap_or_default();
    if above.id == *id || above.company != card.company {
        return refused("A card is put under another card of the same company.".into());
    }
    if above.closed_at.is_some() {
        return refused(format!("Card {other} is resolved: put it under one that is open."));
    }
    if !its_under.is_empty() {
        return refused(format!(
            "Card {other} is shown under {its_under} itself: put it under that one."
        ));
    }
    if !splits::shown_under(tx, id, 1).await?.is_empty() {
        return refused(format!("Other cards are shown under {id}: take them out first."));
    }
    if splits::shown_under(tx, other, UNDER_MAX).await?.len() as i64 == UNDER_MAX {
        return refused(format!("{UNDER_MAX} cards are shown under {other} already."));
    }
    let (was, _) = splits::room(tx, id).await?.unwrap_or_default();
    splits::put_under(tx, id, other).await?;
    Ok((shown(other), room(&was), room(other)))
}

async fn unmerge(tx: &mut Tx<'_>, card: &Stored) -> Result<Done, UnitError> {
    let (under, _) = splits::room(tx, &card.id).await?.unwrap_or_default();
    if under.is_empty() {
        return refused(format!("Card {} is shown by itself.", card.id));
    }
    splits::put_under(tx, &card.id, "").await?;
    Ok((shown(&card.id), room(&under), room("")))
}

async fn split(tx: &mut Tx<'_>, card: &Stored, orders: &[String], now: Timestamp) -> Result<Done, UnitError> {
    let id = &card.id;
    let (_, split_of) = splits::room(tx, id).await?.unwrap_or_default();
    if !split_of.is_empty() {
        return refused(format!("Card {id} is a part already: split {split_of}."));
    }
    if orders.is_empty() || orders.len() > SPLIT_MAX {
        return refused(format!("Name 1 to {SPLIT_MAX} orders to take to a card of their own."));
    }
    let count = splits::parts(tx, id).await?;
    let part = Fingerprint::derive(&card.company, id, &format!("part {}", count + 1)).to_string();
    splits::open_part(tx, id, &part, now).await?;
    let mut moved = 0;
    for order in orders {
        let Some(journey) = on_card(tx, card, order).await? else {
            return refused(format!("Order {order} does not stand under card {id}."));
        };
        // Named twice, it is there already.
        let there = splits::card_of(tx, id, &journey).await?;
        if there.as_deref() == Some(&part) {
            continue;
        }
        if !splits::split(tx, id, &journey, &part).await? {
            return refused(format!(
                "Order {order} was split off card {id} before: it stands under a part of it."
            ));
        }
        moved += 1;
    }
    let (before, after) = (standing(moved, id), standing(moved, &part));
    Ok((Shown { moved, ..shown(&part) }, before, after))
}

/// The order of this number that the card stops.
async fn on_card(tx: &mut Tx<'_>, card: &Stored, order: &str) -> Result<Option<String>, UnitError> {
    let Ok(reference) = Reference::parse(order.trim()) else {
        return Ok(None);
    };
    for order in named::known(tx, &reference).await? {
        let on_it = order.company == card.company && !exceptions::records_of(tx, &card.id, &order.journey).await?.is_empty();
        if on_it {
            return Ok(Some(order.journey));
        }
    }
    Ok(None)
}

async fn unsplit(tx: &mut Tx<'_>, part: &Stored) -> Result<Done, UnitError> {
    let (_, split_of) = splits::room(tx, &part.id).await?.unwrap_or_default();
    if split_of.is_empty() {
        return refused(format!("Card {} is the whole of its cause.", part.id));
    }
    let journeys = splits::of_part(tx, &part.id, SPLIT_MAX as i64).await?;
    for journey in &journeys {
        splits::take_back(tx, &split_of, journey, &part.id).await?;
        // The card may have been looked at with mappings that its part was not looked at with yet.
        exceptions::put_right(tx, journey).await?;
    }
    let moved = journeys.len() as u64;
    let (before, after) = (standing(moved, &part.id), standing(moved, &split_of));
    Ok((
        Shown {
            moved,
            ..shown(&split_of)
        },
        before,
        after,
    ))
}

async fn one_first(tx: &mut Tx<'_>, card: &Stored) -> Result<Done, UnitError> {
    let oldest = exceptions::members_told(tx, &card.id, 1).await?.into_iter().next();
    let Some(oldest) = oldest.filter(|oldest| !oldest.journey.is_empty()) else {
        return refused(format!("No order stands still under card {}: none can go first.", card.id));
    };
    let ahead = |first: &str| match first {
        "" => "all of them together".to_owned(),
        journey => format!("{journey} before the others"),
    };
    let was = exceptions::first(tx, &card.id).await?;
    exceptions::set_first(tx, &card.id, &oldest.journey).await?;
    let shown = Shown {
        first: Some(oldest.reference),
        ..shown(&card.id)
    };
    Ok((shown, ahead(&was), ahead(&oldest.journey)))
}

//! What will miss the next cut-off: orders that stand still, are not released, and are due by then.

use std::collections::{BTreeMap, BTreeSet};

use tallyman_core::flow::{Clear, Way};
use tallyman_core::time::Timestamp;
use tallyman_store::tables::flow;
use tallyman_store::{Tx, UnitError};

use super::{Map, Needs};
use crate::parts::Merchant;

/// Orders looked at under one card, and cards looked at.
const ORDERS_MAX: i64 = 100;
const CARDS_MAX: usize = 20;

/// What one card holds back from a cut-off.
#[derive(Debug, Clone)]
pub struct AtStop {
    pub card: String,
    pub what: &'static str,
    pub cause: String,
    pub orders: u64,
}

#[derive(Debug, Clone)]
pub struct CutOff {
    pub at: Timestamp,
    pub warehouse: String,
    /// Orders that stand still and are due by then, each once.
    pub orders: u64,
    /// Whether there are more than were looked at.
    pub more: bool,
    /// By card, the most first; an order under two of them is in both.
    pub by_card: Vec<AtStop>,
    /// Releases that go on by themselves, and how long they need.
    pub releases: u64,
    pub clear: Clear,
    /// Releases that were put off, and when the first of them goes.
    pub put_off: u64,
    pub put_off_until: Option<Timestamp>,
}

pub(super) async fn look(
    tx: &mut Tx<'_>,
    merchant: &Merchant,
    now: Timestamp,
    (needs, stuck): (&Needs, &BTreeMap<String, Way>),
    map: &Map,
) -> Result<Option<CutOff>, UnitError> {
    let Some((cut_off, at)) = merchant
        .promises
        .cut_off
        .as_ref()
        .and_then(|cut_off| cut_off.first_after(now).map(|at| (cut_off, at)))
    else {
        return Ok(None);
    };
    let before = cut_off.last_before(now).unwrap_or(Timestamp::ZERO);
    let (mut orders, mut by_card, mut more) = (BTreeSet::new(), Vec::new(), false);
    let concerned = needs.cards.iter().filter(|need| {
        let due = need.card.card.records_due.is_some_and(|due| due <= at);
        due && stuck.get(&need.card.id).is_some_and(|way| way.is_before_release())
    });
    for (index, need) in concerned.enumerate() {
        if index == CARDS_MAX {
            more = true;
            break;
        }
        let found = flow::standing(tx, &need.card.id, &(before..at), ORDERS_MAX).await?;
        more |= i64::try_from(found.len()).is_ok_and(|count| count == ORDERS_MAX);
        let its: BTreeSet<String> = found.into_iter().collect();
        if !its.is_empty() {
            by_card.push(AtStop {
                card: need.card.id.clone(),
                what: need.code().entry().what,
                cause: crate::culprit::said(&need.card),
                orders: its.len() as u64,
            });
        }
        orders.extend(its);
    }
    by_card.sort_by_key(|at| std::cmp::Reverse(at.orders));
    let releases = map.arrow(Way::Releases);
    Ok(Some(CutOff {
        at,
        warehouse: merchant.warehouse.connection().to_string(),
        orders: orders.len() as u64,
        more,
        by_card,
        releases: releases.map_or(0, |arrow| arrow.waiting),
        clear: releases.map_or(Clear::Nothing, |arrow| arrow.clear),
        put_off: releases.map_or(0, |arrow| arrow.put_off),
        put_off_until: releases.and_then(|arrow| arrow.put_off_until),
    }))
}

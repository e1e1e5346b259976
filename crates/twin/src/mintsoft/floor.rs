//! The warehouse floor: pickers take each order through its statuses and despatch it, one in some of them in two parts.
//!
//! What happens to an order is drawn once, when it is created, from a stream of its own (seed, client, order number), so it does not
//! depend on what else the warehouse is doing. The steps wait by the instant at which they are due.

use std::collections::BTreeMap;

use super::books::{Item, Lag, Order, Rows, Status};
use crate::chance::Chance;
use crate::clock::{Instant, MINUTE};
use crate::faults::{Counts, Faults, Kind, Span};
use crate::mishap::Mishaps;

/// From an order's creation to its despatch, or to the despatch of its first part.
const DESPATCH_AFTER: Span = Span::new(10 * MINUTE, 90 * MINUTE);
/// From the first part's despatch to the second's.
const SECOND_PART_AFTER: Span = Span::new(20 * MINUTE, 60 * MINUTE);
/// Of despatched orders, in a thousand: the warehouse's billing marks them soon afterwards.
const INVOICED: u32 = 300;
const INVOICED_AFTER: Span = Span::new(2 * MINUTE, 10 * MINUTE);

/// How often somebody looks whether an order that is held may go on.
const HELD_LOOK: i64 = 10 * MINUTE;

#[derive(Debug, Clone, Copy)]
enum Step {
    Move(Status),
    /// The pickers put something aside for a second part.
    Split,
    Despatch,
    Invoice,
}

pub(super) struct Floor {
    seed: u64,
    split_shipment: u32,
    picking_time: u32,
    stale_view: u32,
    view_lag: Span,
    mishaps: Mishaps,
    counts: Counts,
    /// By instant and a serial number: the order and its step.
    due: BTreeMap<(Instant, u64), (i64, Step)>,
    serial: u64,
    /// Steps before and at a despatch that are still due.
    undespatched: u64,
    last_order: i64,
    last_item: i64,
    chances: BTreeMap<i64, Chance>,
}

impl Floor {
    pub(super) fn new(seed: u64, faults: &Faults, counts: Counts) -> Self {
        Self {
            seed,
            split_shipment: faults.split_shipment,
            picking_time: faults.picking_time,
            stale_view: faults.stale_view,
            view_lag: faults.view_lag,
            mishaps: Mishaps::new(seed, faults, counts.clone()),
            counts,
            due: BTreeMap::new(),
            serial: 0,
            undespatched: 0,
            last_order: 900_000,
            last_item: 4_400_000,
            chances: BTreeMap::new(),
        }
    }

    pub(super) fn next_order_id(&mut self) -> i64 {
        self.last_order += 1;
        self.last_order
    }

    pub(super) fn next_item_id(&mut self) -> i64 {
        self.last_item += 1;
        self.last_item
    }

    /// Steps still to come before every order is despatched.
    pub(super) fn waiting(&self) -> u64 {
        self.undespatched
    }

    /// Takes a new order in: it may not show at once, and its despatch is settled.
    pub(super) fn receive(&mut self, rows: &mut Rows, mut order: Order, now: Instant) {
        let id = order.id;
        let mut chance = Chance::new(self.seed, &format!("floor {} {}", order.client, order.order_number));
        order.lag = self.lag(&mut chance, now).map(|until| Lag { until, before: None });
        let after = self.paced(DESPATCH_AFTER.draw(&mut chance));
        for (share, status) in [
            (20, Status::Printed),
            (50, Status::PickingStarted),
            (75, Status::Picked),
            (90, Status::Packed),
        ] {
            self.wait(now + after * share / 100, id, Step::Move(status));
        }
        if chance.per_mille(self.split_shipment) {
            self.wait(now + after * 60 / 100, id, Step::Split);
        }
        self.wait(now + after, id, Step::Despatch);
        self.chances.insert(id, chance);
        rows.orders.insert(id, order);
    }

    /// An ordinary span of time, at the pace of this floor.
    fn paced(&self, ordinary: i64) -> i64 {
        ordinary * i64::from(self.picking_time) / 1000
    }

    fn wait(&mut self, at: Instant, order: i64, step: Step) {
        self.serial += 1;
        self.undespatched += u64::from(!matches!(step, Step::Invoice));
        self.due.insert((at, self.serial), (order, step));
    }

    /// Lets everything happen that is due.
    pub(super) fn advance(&mut self, rows: &mut Rows, now: Instant) {
        while let Some(next) = self.due.first_entry().filter(|next| next.key().0 <= now) {
            let ((at, _), (id, step)) = next.remove_entry();
            self.undespatched -= u64::from(!matches!(step, Step::Invoice));
            let Some(mut chance) = self.chances.remove(&id) else {
                continue;
            };
            let done = self.take(rows, id, step, &mut chance, at);
            if !done {
                self.chances.insert(id, chance);
            }
        }
    }

    /// One step; true when it was the order's last.
    fn take(&mut self, rows: &mut Rows, id: i64, step: Step, chance: &mut Chance, at: Instant) -> bool {
        let Some(order) = rows.orders.get_mut(&id) else { return true };
        if order.status.is_held() {
            self.wait(at + HELD_LOOK, id, step);
            return false;
        }
        match step {
            Step::Move(status) => {
                self.touch(order, chance, at);
                order.status = status;
                false
            }
            Step::Split => {
                self.split(rows, id, chance, at);
                false
            }
            Step::Despatch => {
                self.touch(order, chance, at);
                for item in &mut order.items {
                    if let Some(renamed) = rows.renamed.get(&(order.client, item.sku.clone())) {
                        item.sku.clone_from(renamed);
                    }
                }
                order.status = Status::Despatched;
                order.despatched = Some(at);
                order.tracking_number = format!("TT{:09}GB", order.id);
                order.mishap = self.mishaps.draw(&format!("parcel {}", order.id), at);
                let invoiced = chance.per_mille(INVOICED);
                if invoiced {
                    self.wait(at + INVOICED_AFTER.draw(chance), id, Step::Invoice);
                }
                !invoiced
            }
            Step::Invoice => {
                self.touch(order, chance, at);
                order.status = Status::Invoiced;
                true
            }
        }
    }

    /// Puts part of the order into an order of its own. The first part keeps the id and what is left; the second part's items have new
    /// ids. An order of a single piece cannot be split and is left whole.
    fn split(&mut self, rows: &mut Rows, id: i64, chance: &mut Chance, at: Instant) {
        let Some(order) = rows.orders.get_mut(&id) else { return };
        let Some((kept, mut moved)) = divide(&order.items, chance) else {
            return;
        };
        self.touch(order, chance, at);
        order.items = kept;
        (order.part, order.number_of_parts) = (1, 2);
        let mut second = order.clone();
        for item in &mut moved {
            item.id = self.next_item_id();
        }
        second.id = self.next_order_id();
        second.items = moved;
        second.part = 2;
        second.created = at;
        second.lag = self.lag(chance, at).map(|until| Lag { until, before: None });
        // The first part's despatch is still due; the second's is counted from it.
        let first = self
            .due
            .iter()
            .find(|(_, (order, step))| *order == id && matches!(step, Step::Despatch))
            .map(|((due, _), _)| *due);
        let due = first.unwrap_or(at) + self.paced(SECOND_PART_AFTER.draw(chance));
        self.wait(due - self.paced(MINUTE), second.id, Step::Move(Status::Packed));
        self.wait(due, second.id, Step::Despatch);
        let stream = format!("floor {} {} part 2", second.client, second.order_number);
        self.chances.insert(second.id, Chance::new(self.seed, &stream));
        rows.orders.insert(second.id, second);
        self.counts.add(Kind::SplitShipment);
    }

    /// Marks a change; lists may show the order as it was for a while. An order that lags already shows this change, too, when it
    /// catches up with the first.
    fn touch(&self, order: &mut Order, chance: &mut Chance, at: Instant) {
        let lags = order.lag.as_ref().is_some_and(|lag| at < lag.until);
        if !lags {
            order.lag = None;
            order.lag = self.lag(chance, at).map(|until| Lag {
                until,
                before: Some(Box::new(order.clone())),
            });
        }
        order.updated = at;
    }

    fn lag(&self, chance: &mut Chance, at: Instant) -> Option<Instant> {
        chance.per_mille(self.stale_view).then(|| at + self.view_lag.draw(chance))
    }
}

/// What stays and what moves: whole items in half of the cases, part of one item's quantity in the other half, where both can be done.
fn divide(items: &[Item], chance: &mut Chance) -> Option<(Vec<Item>, Vec<Item>)> {
    let several: Vec<usize> = items
        .iter()
        .enumerate()
        .filter(|(_, item)| item.quantity > 1)
        .map(|(place, _)| place)
        .collect();
    let within = chance.per_mille(500);
    if (within || items.len() < 2) && !several.is_empty() {
        let place = *chance.pick(&several);
        let moved = u32::try_from(chance.between(1, i64::from(items[place].quantity) - 1)).unwrap_or(1);
        let mut kept = items.to_vec();
        kept[place].quantity -= moved;
        return Some((
            kept,
            vec![Item {
                quantity: moved,
                ..items[place].clone()
            }],
        ));
    }
    if items.len() < 2 {
        return None;
    }
    let kept = chance.between(1, items.len() as i64 - 1) as usize;
    Some((items[..kept].to_vec(), items[kept..].to_vec()))
}

//! What is done to the books, and when: with an order as it comes, or to one once it is far enough.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::Value;

use super::{ALL, Cause, Does, Home, Of, Plant, Word, company};
use crate::clock::{HOUR, Instant};
use crate::mintsoft::Mintsoft;
use crate::mintsoft::books::Item;
use crate::mishap::Mishap;
use crate::retail;
use crate::sage::Sage;
use crate::sage::books::{OpenBy, Order};
use crate::settings::Settings;
use crate::virtualstock::books::Status;
use crate::virtualstock::{NewOrder, Virtualstock};

/// The retailer's own number of an item, and then of another.
const NUMBER: &str = "81234567";
/// How long somebody keeps an order open.
const KEPT_OPEN: i64 = 5 * HOUR;
/// An item that has another's code for its barcode.
const ANOTHER: &str = "ANOTHER-1";
/// What the warehouse calls an item now.
const RENAMED: &str = "RENAMED-BY-THEM";
/// The id of a draft that stays: below all that this Sage gives.
const DRAFT: i64 = 1;
/// More than the ledger keeps of a line.
const WAY_THERE: &str = "past the old mill and the second bridge, up the stairs on the left side";
const END: &str = "-OF-THE-SECOND-OF-NOVEMBER";

/// The causes on their way.
#[derive(Default)]
pub struct Planting {
    /// By name of the cause: company, order reference, and the first line's item.
    pub(super) targets: BTreeMap<&'static str, Target>,
    /// Companies whose orders all name the target's item first.
    alike: BTreeMap<u32, Item1>,
    /// The first order of each company that an old number comes with.
    numbered: BTreeSet<u32>,
    founded: bool,
    /// What waits for an order to be far enough.
    pending: Vec<Pending>,
}

#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) company: u32,
    pub(super) reference: String,
    pub(super) item: String,
}

#[derive(Debug, Clone)]
struct Item1 {
    code: String,
    name: String,
}

struct Pending {
    cause: &'static Cause,
    target: Target,
    ledger: Option<i64>,
    warehouse: Option<i64>,
    looked: Instant,
}

/// An order is looked for no more often.
const LOOK_EVERY: i64 = 5_000_000;

impl Planting {
    pub fn new(settings: &Settings, targets: &BTreeMap<&'static str, usize>) -> Self {
        if settings.plant != Some(Plant::Causes) {
            return Self::default();
        }
        let mut planting = Self::default();
        for cause in ALL.iter().filter(|cause| settings.plants(cause)) {
            let Some(invoice) = targets.get(cause.name) else { continue };
            let invoice = &retail::invoices()[*invoice];
            let lines = retail::rule::judge(invoice, 0).outcome.unwrap_or_default();
            let Some(line) = lines.first() else { continue };
            let target = Target {
                company: company(cause),
                reference: crate::world::reference(invoice),
                item: line.code.to_owned(),
            };
            if matches!(cause.of, Of::Item) {
                let item = Item1 {
                    code: line.code.to_owned(),
                    name: line.name.to_owned(),
                };
                planting.alike.insert(target.company, item);
            }
            planting.targets.insert(cause.name, target.clone());
            if waits(cause.does) {
                planting.pending.push(Pending {
                    cause,
                    target,
                    ledger: None,
                    warehouse: None,
                    looked: i64::MIN,
                });
            }
        }
        planting
    }

    /// An order comes, as its retailer would have it.
    pub fn before(&self, new: &mut NewOrder, sage: &mut Sage, at: Instant) {
        if let (Some(item), Some(line)) = (self.alike.get(&new.company), new.lines.first())
            && !new.lines.iter().any(|line| line.item == item.code)
        {
            let line = crate::virtualstock::NewLine {
                code: item.code.clone(),
                item: item.code.clone(),
                name: item.name.clone(),
                ..line.clone()
            };
            new.lines[0] = line;
        }
        for (name, target) in self.targets.iter().filter(|(_, target)| target.company == new.company) {
            let Some(cause) = ALL.iter().find(|cause| cause.name == *name) else {
                continue;
            };
            let is_target = target.reference == new.order_reference;
            match cause.does {
                Does::NobodysItem if is_target || cause.home == Home::Crowd => {
                    new.lines[0].code = format!("NOSUCH-{}", target.company);
                }
                Does::Service(service) if is_target => new.delivery_service_code = Some(service.into()),
                Does::KeyBefore if is_target => {
                    sage.key_by_hand(new.company, &new.order_reference, at);
                }
                _ => {}
            }
        }
    }

    /// It has come.
    pub fn placed(&mut self, id: i64, virtualstock: &mut Virtualstock) {
        let Some(order) = virtualstock.books.orders.get_mut(&id) else {
            return;
        };
        for (name, target) in self.targets.iter().filter(|(_, target)| target.company == order.company) {
            let Some(cause) = ALL.iter().find(|cause| cause.name == *name) else {
                continue;
            };
            if cause.does == Does::Reissue && self.numbered.insert(order.company) {
                order.lines[0].part_number = NUMBER.into();
            }
            let of_every = cause.of == Of::Every && matches!(cause.does, Does::Slip(..));
            if target.reference != order.order_reference && !of_every {
                continue;
            }
            match cause.does {
                Does::Slip(place, word) => {
                    let word = match word {
                        Word::Text(text) => text.to_owned(),
                        Word::LongNumber => long_number(&order.order_reference),
                        Word::LongLine => format!("Flat {}, {WAY_THERE}", order.order_reference),
                    };
                    order.slips.insert(place.to_owned(), Value::String(word));
                }
                Does::Reissue => order.lines[0].part_number = NUMBER.into(),
                Does::Drop => order.mishap = Some(Mishap::Dropped),
                _ => {}
            }
        }
    }

    /// Whatever can be done by now is done.
    pub fn advance(&mut self, books: (&mut Virtualstock, &mut Sage, &mut Mintsoft), now: Instant) {
        let (virtualstock, sage, mintsoft) = books;
        if !self.founded {
            self.founded = true;
            for (name, target) in &self.targets {
                let Some(cause) = ALL.iter().find(|cause| cause.name == *name) else {
                    continue;
                };
                found(cause.does, target, sage, mintsoft);
            }
        }
        let mut waiting = Vec::new();
        for mut pending in std::mem::take(&mut self.pending) {
            if !pending.attempt(virtualstock, sage, mintsoft, now) {
                waiting.push(pending);
            }
        }
        self.pending = waiting;
    }
}

impl Planting {
    pub(crate) fn item_of(&self, cause: &Cause) -> Option<String> {
        self.targets.get(cause.name).map(|target| target.item.clone())
    }

    /// Whether a cause still waits for its order.
    pub(super) fn is_pending(&self, name: &str) -> bool {
        self.pending.iter().any(|pending| pending.cause.name == name)
    }
}

/// The number of an order that is too long for the ledger.
pub(super) fn long_number(reference: &str) -> String {
    format!("{reference}{END}")
}

/// Whether it waits for an order to be far enough.
fn waits(does: Does) -> bool {
    match does {
        Does::KeyAfter | Does::ChangeQuantityOnceBooked | Does::KeepDraft | Does::Status(_) | Does::OneMore => true,
        Does::OneLess | Does::Substitute | Does::CancelOnceReleased | Does::ForgetReference | Does::NoTracking => true,
        Does::DespatchByHand | Does::EditByHand | Does::KeepOpen => true,
        Does::Slip(..) | Does::Service(_) | Does::NobodysItem | Does::Reissue | Does::KeyBefore | Does::OnHold => false,
        Does::NoPrices | Does::ClosePeriod | Does::SameBarcode | Does::Inactive | Does::NotHeld | Does::Rename => false,
        Does::Drop | Does::Door(_) | Does::Nothing => false,
    }
}

/// What is so before the day begins.
fn found(does: Does, target: &Target, sage: &mut Sage, mintsoft: &mut Mintsoft) {
    let company = target.company;
    let item = sage.code_of(company, &target.item).unwrap_or_else(|| target.item.clone());
    match does {
        Does::OnHold => sage.put_on_hold(company, "VSRETAIL", true),
        Does::NoPrices => sage.allow_prices(company, false),
        Does::ClosePeriod => sage.close_before(company, "2026-12-01"),
        Does::SameBarcode => {
            sage.add_item(company, ANOTHER);
            sage.set_barcode(company, ANOTHER, &item);
        }
        Does::Inactive => drop(sage.set_active(company, &item, false)),
        Does::NotHeld => drop(sage.set_held(company, &item, false)),
        Does::Rename => mintsoft.rename(company, &item, RENAMED),
        _ => {}
    }
}

impl Pending {
    fn attempt(&mut self, virtualstock: &mut Virtualstock, sage: &mut Sage, mintsoft: &mut Mintsoft, now: Instant) -> bool {
        let (company, reference) = (self.target.company, &self.target.reference);
        if self.warehouse.is_none() && now >= self.looked.saturating_add(LOOK_EVERY) {
            self.looked = now;
            let is_ours = |order: &&Order| {
                order.company == company && order.customer_document_no == *reference && !order.is_draft && !order.by_hand
            };
            let ledger = sage.books.orders.values().find(is_ours);
            self.ledger = ledger.map(|order| order.id);
            self.warehouse = ledger.and_then(|ledger| {
                let mut there = mintsoft.books.orders.values();
                let it = there.find(|order| order.client == company && order.order_number == ledger.document_no);
                it.map(|order| order.id)
            });
        }
        let Some(ledger) = self.ledger.and_then(|id| sage.books.orders.get_mut(&id)) else {
            return false;
        };
        let ours = virtualstock.books.orders.values_mut();
        match self.cause.does {
            Does::ChangeQuantityOnceBooked => {
                let order = ours
                    .into_iter()
                    .find(|order| order.company == company && order.order_reference == *reference);
                let Some(order) = order else { return false };
                let more = order.lines[0].quantity + 1;
                order.slips.insert("/items/0/quantity".into(), more.into());
                return true;
            }
            Does::KeepDraft => {
                let mut draft = ledger.clone();
                draft.id = DRAFT;
                draft.is_draft = true;
                draft.document_no = "TBA".into();
                sage.books.orders.insert(DRAFT, draft);
                sage.keep_drafts(company, true);
                return true;
            }
            _ => {}
        }
        let Some(id) = self.warehouse else { return false };
        let Some(order) = mintsoft.books.orders.get_mut(&id) else {
            return false;
        };
        match self.cause.does {
            Does::KeyAfter => return sage.key_by_hand(company, reference, now).is_some(),
            Does::Status(status) => {
                order.status = status;
                order.updated = now;
                return true;
            }
            Does::CancelOnceReleased => {
                let ours = ours
                    .into_iter()
                    .find(|order| order.company == company && order.order_reference == *reference);
                let Some(ours) = ours else { return false };
                // Before it is acknowledged, the acknowledgement would take the place of the cancellation. One that is only asked for is
                // answered by the dispatch: this one somebody has agreed to.
                if ours.lines.iter().any(|line| line.status != Status::OrderAck) {
                    return false;
                }
                ours.lines.iter_mut().for_each(|line| line.status = Status::CancelAck);
                return true;
            }
            Does::DespatchByHand => {
                let ledger = ledger.id;
                return sage.despatch_by_hand(company, ledger, now).is_some();
            }
            Does::EditByHand => {
                ledger.lines[0].quantity += Decimal::ONE;
                ledger.updated = now;
                return true;
            }
            Does::KeepOpen => {
                ledger.open_by = Some(OpenBy {
                    user: "Ann".into(),
                    from: now,
                    until: now + KEPT_OPEN,
                });
                return true;
            }
            _ => {}
        }
        if !order.status.is_shipped() {
            return false;
        }
        match self.cause.does {
            Does::OneMore => order.items[0].quantity += 1,
            Does::OneLess => order.items[0].quantity -= 1,
            Does::ForgetReference => order.external_order_reference.clear(),
            Does::NoTracking => order.tracking_number.clear(),
            Does::Substitute => {
                let items = ours.filter(|other| other.company == company).flat_map(|other| &other.lines);
                let mut codes = items.map(|line| line.item.to_uppercase());
                let is_on = |code: &String| order.items.iter().any(|item| item.sku == *code);
                if let Some(another) = codes.find(|code| !is_on(code)) {
                    order.items[0].sku = another;
                }
            }
            _ => {}
        }
        order.items.retain(|item: &Item| item.quantity > 0);
        order.updated = now;
        true
    }
}

//! The world outside the vendors' programs: what people do, by the clock.
//!
//! Retail customers place orders (made of the real invoices in [`retail`]), a clerk keys an order into Sage by hand, pickers pick. All of
//! it is drawn from the seed when the world is made, waits by the instant at which it is due, and happens when a vendor is next asked
//! ([`advance`]). Pickers live with the warehouse whose orders they take; users who keep a Sage order open live with Sage.
//!
//! The world remembers what it planted, so that auditors know which orders ought to be stopped.
//!
//! Not here: anything that a vendor does by its own rules.

mod people;
mod plan;

pub(crate) use plan::items;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::books::Books;
use crate::causes::Planting;
use crate::chance::Chance;
use crate::clock::{HOUR, Instant};
use crate::retail::{self, rule};
use crate::sage::Sage;
use crate::settings::Settings;
use crate::virtualstock::{NewLine, NewOrder, Virtualstock};

/// Customers are promised their goods at the end of the fifth day.
const PROMISED_AFTER: i64 = 5 * 24 * HOUR;
const DAY: i64 = 24 * HOUR;

/// What is wrong with an order that was planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Defect {
    /// A line names a SKU that nobody has.
    UnknownSku,
    /// An address line of 90 characters.
    LongAddress,
    /// A delivery service that is mapped to no carrier.
    UnmappedCarrier,
    /// The best seller under a new code of the retailer's.
    Relisted,
}

/// An item that one order of eleven names in the data.
pub const BEST_SELLER: &str = "85123A";
const BEST_SELLER_NAME: &str = "WHITE HANGING HEART T-LIGHT HOLDER";
/// How a retailer's own name for one of the merchant's items ends, where such names are mapped during the day.
pub const RENAMED: &str = "-NEW";

impl Defect {
    /// Those that are drawn for single orders.
    const ALL: [Self; 3] = [Self::UnknownSku, Self::LongAddress, Self::UnmappedCarrier];

    /// Whether a mapping puts it right.
    fn can_be_mended(self) -> bool {
        match self {
            Self::UnknownSku | Self::UnmappedCarrier | Self::Relisted => true,
            Self::LongAddress => false,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::UnknownSku => "unknown sku",
            Self::LongAddress => "long address",
            Self::UnmappedCarrier => "unmapped carrier",
            Self::Relisted => "relisted",
        }
    }
}

/// Something that a person will do.
#[derive(Debug, Clone)]
enum Event {
    Arrive {
        company: u32,
        /// Place in the data.
        invoice: usize,
        /// The defect and its number among the planted.
        planted: Option<(Defect, u64)>,
    },
    KeyByHand {
        company: u32,
        reference: String,
    },
}

/// How far the world's day has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Invoices of the data that were looked at. `orders` and `declined` add up to it.
    pub invoices_read: u64,
    /// Invoices that are orders; where every company gets every order, each counts once.
    pub orders: u64,
    pub declined: BTreeMap<String, u64>,
    pub lines_set_aside: BTreeMap<String, u64>,
    /// Orders that will have arrived at the retailers, over all companies.
    pub expected: u64,
    /// Orders that have.
    pub arrived: u64,
    /// Planted orders by defect, to come or arrived.
    pub planted: BTreeMap<String, u64>,
    /// Those that the merchant is to put right, by defect, to come or arrived.
    pub mended: BTreeMap<String, u64>,
    /// Orders under whose reference someone keyed a Sage order by hand.
    pub foreign: u64,
    /// Orders under whose reference someone keys one about when it arrives.
    pub keyed_late: u64,
    pub all_arrived: bool,
    /// What people will still do: arrivals, orders keyed by hand, steps of the warehouse before its despatches.
    pub events_waiting: u64,
}

pub struct World {
    seed: u64,
    mended: bool,
    /// By instant and a serial number.
    due: BTreeMap<(Instant, u64), Event>,
    progress: Progress,
    /// Steps that the warehouse had before it when the world last looked.
    floor_waiting: u64,
    /// Company and order reference of orders that ought to be stopped before they reach the warehouse.
    stopped: BTreeSet<(u32, String)>,
    /// Company and order reference of orders that someone keys late: whether that stops them, the books say.
    keyed_late: BTreeSet<(u32, String)>,
    /// Companies whose Sage records tracking with a despatch.
    tracking: BTreeSet<u32>,
    planting: Planting,
}

impl World {
    pub fn new(settings: &Settings) -> Self {
        let plan::Plan {
            due,
            progress,
            stopped,
            keyed_late,
            targets,
        } = plan::plan(settings);
        let tracking = settings.companies.iter().filter(|company| company.records_tracking);
        Self {
            seed: settings.seed,
            mended: settings.orders.mended,
            due,
            progress,
            floor_waiting: 0,
            stopped,
            keyed_late,
            tracking: tracking.map(|company| company.number).collect(),
            planting: Planting::new(settings, &targets),
        }
    }

    pub fn progress(&self) -> Progress {
        Progress {
            all_arrived: self.progress.arrived == self.progress.expected,
            events_waiting: self.due.len() as u64 + self.floor_waiting,
            ..self.progress.clone()
        }
    }

    /// Whether this order has a planted defect, or a foreign order in Sage under its reference.
    pub fn is_stopped(&self, company: u32, reference: &str) -> bool {
        self.stopped.contains(&(company, reference.to_owned()))
    }

    /// What was planted.
    pub(crate) fn planting(&self) -> &Planting {
        &self.planting
    }

    /// Whether someone keys this order by hand about when it arrives.
    pub fn is_keyed_late(&self, company: u32, reference: &str) -> bool {
        self.keyed_late.contains(&(company, reference.to_owned()))
    }

    /// Whether the company's Sage records tracking with a despatch.
    pub fn records_tracking(&self, company: u32) -> bool {
        self.tracking.contains(&company)
    }

    fn happen(&mut self, event: Event, virtualstock: &mut Virtualstock, sage: &mut Sage, at: Instant) {
        match event {
            Event::Arrive {
                company,
                invoice,
                planted,
            } => {
                let mut order = order((self.seed, self.mended), company, invoice, planted, at);
                self.planting.before(&mut order, sage, at);
                let id = virtualstock.place(order, at);
                self.planting.placed(id, virtualstock);
                self.progress.arrived += 1;
            }
            Event::KeyByHand { company, reference } => {
                sage.key_by_hand(company, &reference, at);
            }
        }
    }
}

/// Lets everything happen that is due, each at its own instant. Books that stand in no relation but through callers are advanced one
/// after the other.
pub fn advance(books: &mut Books, now: Instant) {
    let Books {
        sage,
        virtualstock,
        mintsoft,
        world,
    } = books;
    while let Some(next) = world.due.first_entry().filter(|next| next.key().0 <= now) {
        let ((at, _), event) = next.remove_entry();
        world.happen(event, virtualstock, sage, at);
    }
    mintsoft.advance(now);
    world.planting.advance((virtualstock, sage, mintsoft), now);
    world.floor_waiting = mintsoft.waiting();
}

/// The reference under which an invoice becomes an order; the same at every company.
pub(crate) fn reference(invoice: &retail::Invoice) -> String {
    format!("VS-{}", invoice.number)
}

/// An invoice as the order that a retailer places with this company.
fn order((seed, mended): (u64, bool), company: u32, invoice: usize, planted: Option<(Defect, u64)>, at: Instant) -> NewOrder {
    let invoice = &retail::invoices()[invoice];
    let mut chance = Chance::new(seed, &format!("order {company} {}", invoice.number));
    let country = rule::country_code(&invoice.country);
    let tax_rate = if country == "GB" { 20 } else { 0 };
    let line = |line: rule::Line<'_>| NewLine {
        code: line.code.to_owned(),
        item: line.code.to_owned(),
        name: line.name.to_owned(),
        quantity: line.quantity,
        unit_cost_pennies: line.price_pennies,
        tax_rate,
    };
    let lines = rule::judge(invoice, 0).outcome.expect("only orders are planned to arrive");
    let service = if chance.per_mille(300) { "next-day" } else { "standard" };
    let mut order = NewOrder {
        company,
        order_reference: reference(invoice),
        purchase_order_reference: format!("PO-{}", invoice.number),
        end_user_purchase_order_reference: invoice.number.clone(),
        address: people::address(country, &mut chance),
        delivery_service_code: Some(service.to_owned()),
        promised: (at + PROMISED_AFTER).div_euclid(DAY) * DAY,
        lines: lines.into_iter().map(line).collect(),
    };
    match planted {
        None => {}
        Some((Defect::UnknownSku, number)) => {
            let place = chance.between(0, order.lines.len() as i64 - 1) as usize;
            let line = &mut order.lines[place];
            line.code = if mended {
                format!("{}{RENAMED}", line.code)
            } else {
                format!("NOSUCH-{number}")
            };
        }
        Some((Defect::LongAddress, _)) => order.address.line_1 = people::long_line(&order.address.line_1),
        Some((Defect::Relisted, _)) => relist(&mut order),
        Some((Defect::UnmappedCarrier, _)) => order.delivery_service_code = Some("pigeon".into()),
    }
    order
}

/// The best seller leads, once, and goes by its new code.
fn relist(order: &mut NewOrder) {
    let there = order.lines.iter().position(|line| line.item == BEST_SELLER);
    if let Some(place) = there {
        order.lines.swap(0, place);
    }
    let Some(line) = order.lines.first_mut() else { return };
    if there.is_none() {
        line.item = BEST_SELLER.into();
        line.name = BEST_SELLER_NAME.into();
    }
    line.code = format!("{BEST_SELLER}{RENAMED}");
}

#[cfg(test)]
mod tests;

//! Goods: what cannot leave, and what has left otherwise than it should.

use super::{Again, Deadline, Entry, Owner, Party, Remedy, Severity};
use crate::mapping::Table;
use crate::ruling::Ruling;

const GOODS: Entry = Entry {
    owner: Owner::Operations,
    severity: Severity::Stopped,
    deadline: Deadline::OfRecords,
    what: "",
    means: "",
    remedy: "",
    remedies: &[Remedy::Correct(Party::Warehouse)],
    rulings: &[],
    again: Again::Effect,
};

pub const STOCK_SHORT: Entry = Entry {
    what: "There is less stock than was ordered",
    means: "The order is not released, or only in part.",
    remedy: "Find stock, or agree with the retailer to cancel what cannot be sent.",
    remedies: &[Remedy::Correct(Party::Ledger), Remedy::Decide],
    rulings: &[Ruling::Settled],
    ..GOODS
};

pub const OVERSOLD: Entry = Entry {
    severity: Severity::Critical,
    what: "More was sold than can be allocated",
    means: "Somebody's order cannot be kept; the channel may still be selling.",
    remedy: "Stop the item at the channels, then find stock or cancel the newest orders.",
    remedies: &[Remedy::Decide, Remedy::Correct(Party::Ledger)],
    rulings: &[Ruling::Settled],
    ..GOODS
};

pub const WAREHOUSE_HOLD: Entry = Entry {
    what: "The warehouse holds an order",
    means: "It has the order and does not pick it.",
    remedy: "Ask the warehouse why, and release the hold there.",
    ..GOODS
};

pub const WAREHOUSE_QUERY: Entry = Entry {
    what: "The warehouse has a question",
    means: "It has the order and waits for an answer.",
    remedy: "Answer it in the warehouse's portal.",
    ..GOODS
};

pub const WAREHOUSE_REFUSED: Entry = Entry {
    severity: Severity::Critical,
    what: "The warehouse refuses an order",
    means: "The order is in the ledger and will not be picked.",
    remedy: "Have the warehouse take it in again, or agree with the retailer to cancel, cancel it in the ledger, and settle it here.",
    remedies: &[Remedy::Correct(Party::Warehouse), Remedy::Decide],
    rulings: &[Ruling::Settled],
    ..GOODS
};

pub const OVER_SHIPPED: Entry = Entry {
    severity: Severity::Critical,
    deadline: Deadline::WorkingHours(4),
    what: "The warehouse shipped more than was ordered",
    means: "What was ordered is despatched and confirmed; the excess has left and is in no book.",
    remedy: "Ask the warehouse what left, and book the excess by hand.",
    remedies: &[Remedy::Correct(Party::Warehouse), Remedy::Decide],
    rulings: &[Ruling::Settled],
    again: Again::Shipment,
    ..GOODS
};

pub const SHORT_SHIPPED: Entry = Entry {
    what: "The warehouse shipped less than was ordered",
    means: "What left is despatched; the rest is outstanding and the retailer waits for it.",
    remedy: "Ask the warehouse whether more follows, and agree with the retailer what becomes of the rest.",
    remedies: &[Remedy::Correct(Party::Warehouse), Remedy::Decide],
    rulings: &[Ruling::Settled],
    again: Again::Shipment,
    ..GOODS
};

pub const SUBSTITUTED: Entry = Entry {
    severity: Severity::Critical,
    deadline: Deadline::WorkingHours(4),
    what: "The warehouse shipped another item",
    means: "The customer has something else than the books and the retailer say.",
    remedy: "Decide with the retailer whether the customer keeps it, then book what really left.",
    remedies: &[Remedy::Decide, Remedy::Correct(Party::Warehouse), Remedy::Map(Table::Sku)],
    rulings: &[Ruling::Settled],
    again: Again::Shipment,
    ..GOODS
};

pub const SHIPPED_AFTER_CANCELLATION: Entry = Entry {
    severity: Severity::Critical,
    deadline: Deadline::WorkingHours(4),
    what: "A cancelled order has left",
    means: "Goods are on their way that nobody pays for.",
    remedy: "Ask the carrier to bring it back, or agree with the retailer to keep the order.",
    remedies: &[Remedy::Decide, Remedy::Correct(Party::Warehouse)],
    rulings: &[Ruling::Settled],
    again: Again::Shipment,
    ..GOODS
};

pub const SHIPMENT_UNKNOWN: Entry = Entry {
    deadline: Deadline::WorkingHours(8),
    what: "A shipment belongs to no order of ours",
    means: "Goods have left, and no book knows for whom.",
    remedy: "Ask the warehouse which order it was; book it by hand if it was keyed there.",
    remedies: &[Remedy::Decide, Remedy::Correct(Party::Warehouse)],
    rulings: &[Ruling::Settled],
    again: Again::Shipment,
    ..GOODS
};

pub const TRACKING_MISSING: Entry = Entry {
    what: "A parcel has no tracking number",
    means: "The goods have left; the retailer is not told until there is a number.",
    remedy: "Ask the warehouse for the number; it is read as soon as the shipment shows it.",
    again: Again::Shipment,
    ..GOODS
};

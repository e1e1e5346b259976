//! An order that cannot be taken as it is.

use super::{Again, Deadline, Entry, Owner, Party, Remedy, Severity};
use crate::ruling::Ruling;

const STOPPED: Entry = Entry {
    owner: Owner::Operations,
    severity: Severity::Stopped,
    deadline: Deadline::OfRecords,
    what: "",
    means: "The order waits; nothing of it is in the ledger or at the warehouse.",
    remedy: "",
    remedies: &[Remedy::Correct(Party::Channel), Remedy::Decide],
    rulings: &[Ruling::Declined],
    again: Again::Order,
};

pub const ADDRESS_TOO_LONG: Entry = Entry {
    what: "A delivery address does not fit the ledger",
    means: "The orders wait: cut off, a parcel could go to the wrong door.",
    remedy: "Shorten the field by an amendment, or ask the retailer to.",
    remedies: &[Remedy::Amend, Remedy::Correct(Party::Channel), Remedy::Decide],
    ..STOPPED
};

pub const REFERENCE_TOO_LONG: Entry = Entry {
    what: "An order number is longer than the ledger holds",
    remedy: "Give the order a shorter number by an amendment; the retailer's own stays beside it.",
    remedies: &[Remedy::Amend, Remedy::Correct(Party::Channel), Remedy::Decide],
    ..STOPPED
};

pub const REFERENCE_REUSED: Entry = Entry {
    what: "An order came again with other content",
    means: "The order goes on as it first came; what has changed is not carried out.",
    remedy: "Ask the retailer which is right, and put the difference right by hand.",
    remedies: &[Remedy::Decide, Remedy::Correct(Party::Channel)],
    rulings: &[Ruling::Settled],
    ..STOPPED
};

pub const REFERENCE_TAKEN: Entry = Entry {
    what: "Our number stands on something else already",
    means: "The order is not written there, so that nothing stands twice.",
    remedy: "Compare both in the other system. Is it the same order, answer that it landed; if not, free the number there.",
    remedies: &[
        Remedy::Answer,
        Remedy::Correct(Party::Ledger),
        Remedy::Correct(Party::Warehouse),
    ],
    rulings: &[],
    again: Again::Effect,
    ..STOPPED
};

pub const QUANTITY_NOT_WHOLE: Entry = Entry {
    what: "A quantity cannot be picked",
    remedy: "Map the unit of the code, or ask the retailer to correct the quantity.",
    remedies: &[
        Remedy::Map(crate::mapping::Table::Unit),
        Remedy::Correct(Party::Channel),
        Remedy::Decide,
    ],
    ..STOPPED
};

pub const DATE_INEXPRESSIBLE: Entry = Entry {
    what: "A date cannot be expressed",
    means: "The order waits: its date is no day of the calendar, or lies where no order can.",
    remedy: "Ask the sender to correct the date.",
    ..STOPPED
};

pub const STATUS_UNEXPECTED: Entry = Entry {
    what: "A record has moved on without us",
    means: "Nothing more is written, because somebody else has changed it.",
    remedy: "Look at it in the other system, and say whether it is to be carried out.",
    remedies: &[Remedy::Decide, Remedy::Answer],
    rulings: &[Ruling::Declined, Ruling::Settled],
    ..STOPPED
};

pub const STATUS_UNKNOWN: Entry = Entry {
    owner: Owner::Integration,
    what: "A status is not known",
    means: "It is not known whether these records may be carried out; they wait.",
    remedy: "Look up what the status means, and say so in the connection's profile.",
    remedies: &[Remedy::Configure, Remedy::Decide],
    ..STOPPED
};

pub const UNREADABLE: Entry = Entry {
    owner: Owner::Integration,
    what: "A record cannot be read",
    means: "The record is kept as it came, and waits.",
    remedy: "Look at the field that is named; ask the sender to correct it.",
    remedies: &[
        Remedy::Correct(Party::Channel),
        Remedy::Correct(Party::Warehouse),
        Remedy::Decide,
    ],
    ..STOPPED
};

pub const ITEM_INACTIVE: Entry = Entry {
    what: "An item may not be sold",
    remedy: "Make the item active in the ledger, or map the code to the one that took its place.",
    remedies: &[
        Remedy::Correct(Party::Ledger),
        Remedy::Map(crate::mapping::Table::Sku),
        Remedy::Decide,
    ],
    ..STOPPED
};

pub const ITEM_NOT_HELD: Entry = Entry {
    what: "An item is not held at the warehouse",
    means: "The order waits: the ledger cannot book the item out where it has no holding.",
    remedy: "Give the item a holding at this warehouse in the ledger, or map the code to another item.",
    remedies: &[
        Remedy::Correct(Party::Ledger),
        Remedy::Map(crate::mapping::Table::Sku),
        Remedy::Decide,
    ],
    ..STOPPED
};

pub const REFUSED: Entry = Entry {
    owner: Owner::Integration,
    what: "The other system refuses a write",
    means: "What it refused stands still, and what comes after it in its lane.",
    remedy: "Read its words on the records, put right there what they name, and answer `again`.",
    remedies: &[Remedy::Answer, Remedy::Correct(Party::Ledger)],
    rulings: &[],
    again: Again::Effect,
    ..STOPPED
};

pub const CUT_OFF_NEAR: Entry = Entry {
    severity: Severity::Warning,
    what: "Orders will miss the warehouse's cut-off",
    means: "What is not released before the cut-off ships a working day later.",
    remedy: "Clear first what stops the orders on this card.",
    remedies: &[Remedy::Decide],
    rulings: &[Ruling::Settled, Ruling::Declined],
    ..STOPPED
};

pub const CUT_OFF_MISSED: Entry = Entry {
    severity: Severity::Critical,
    what: "Orders have missed the warehouse's cut-off",
    means: "They ship a working day later than was promised.",
    remedy: "Ask the warehouse to take them still, or tell the retailers the new date.",
    remedies: &[Remedy::Decide, Remedy::Correct(Party::Warehouse)],
    rulings: &[Ruling::Settled, Ruling::Declined],
    ..STOPPED
};

//! Figures, customers, periods, and what stands in the ledger that should not.

use super::{Again, Deadline, Entry, Owner, Party, Remedy, Severity};
use crate::ruling::Ruling;

const FINANCE: Entry = Entry {
    owner: Owner::Finance,
    severity: Severity::Stopped,
    deadline: Deadline::OfRecords,
    what: "",
    means: "",
    remedy: "",
    remedies: &[Remedy::Correct(Party::Ledger), Remedy::Decide],
    rulings: &[Ruling::Declined],
    again: Again::Order,
};

pub const TOTALS_DISAGREE: Entry = Entry {
    what: "An order's figures disagree",
    means: "The order waits; it is not posted under figures that nobody can explain.",
    remedy: "Ask the retailer to correct the order. Figures are never changed here.",
    remedies: &[Remedy::Correct(Party::Channel), Remedy::Decide],
    rulings: &[Ruling::Declined],
    ..FINANCE
};

pub const VAT_DISAGREES: Entry = Entry {
    what: "An order's VAT is not what its rate gives",
    ..TOTALS_DISAGREE
};

pub const CREDIT_HOLD: Entry = Entry {
    what: "A customer account is on hold or over its limit",
    means: "The ledger takes no order for it; all of its orders wait.",
    remedy: "Take the account off hold, or raise its limit, in the ledger. What was refused goes on by itself within minutes of the hold's end; \
             the answer `again` sends it at once.",
    remedies: &[Remedy::Correct(Party::Ledger), Remedy::Answer, Remedy::Decide],
    rulings: &[Ruling::Declined],
    ..FINANCE
};

pub const PERMISSION_MISSING: Entry = Entry {
    owner: Owner::Integration,
    what: "Our user may not do this",
    means: "What needs the permission stands still: prices, holds or documents that our user may not write.",
    remedy: "Give Tallyman's user the permission that is named. What was refused goes on by itself within minutes, or at once on the answer \
             `again`; where a role is named, only on that answer, since nobody can be asked about roles.",
    remedies: &[Remedy::Correct(Party::Ledger), Remedy::Answer, Remedy::Decide],
    rulings: &[Ruling::Declined],
    ..FINANCE
};

pub const PERIOD_NOT_NORMAL: Entry = Entry {
    what: "The date falls in a period that is closed or not open yet",
    means: "What has this date is not posted.",
    remedy: "Open the period: it goes on by itself within minutes, and the answer `again` sends it at once. Or book it in the ledger on \
             another day and answer `landed`.",
    remedies: &[Remedy::Correct(Party::Ledger), Remedy::Answer],
    rulings: &[],
    again: Again::Effect,
    ..FINANCE
};

pub const LEDGER_DUPLICATE: Entry = Entry {
    severity: Severity::Critical,
    deadline: Deadline::WorkingHours(4),
    what: "An order stands in the ledger twice",
    means: "The customer is charged twice, and stock is reserved or sent twice.",
    remedy: "Cancel the one that was keyed by hand, unless it is the right one. Are they two orders, two people say so.",
    remedies: &[Remedy::Correct(Party::Ledger), Remedy::Decide],
    rulings: &[Ruling::Settled],
    again: Again::Sweep,
    ..FINANCE
};

pub const LEDGER_FOREIGN_DESPATCH: Entry = Entry {
    owner: Owner::Operations,
    severity: Severity::Critical,
    deadline: Deadline::WorkingHours(8),
    what: "More is despatched in the ledger than has left",
    means: "The books have less stock than the floor.",
    remedy: "Find out who despatched it by hand, and reverse that despatch; if the goods have left all the same, two people say so.",
    remedies: &[Remedy::Correct(Party::Ledger), Remedy::Decide],
    rulings: &[Ruling::Settled],
    again: Again::Sweep,
};

pub const FOREIGN_WRITE: Entry = Entry {
    severity: Severity::Warning,
    deadline: Deadline::WorkingHours(8),
    what: "Somebody has changed what Tallyman masters",
    means: "Nothing is overwritten; what they changed stands until you decide.",
    remedy: "Keep theirs, restore ours, or amend.",
    remedies: &[Remedy::Decide, Remedy::Correct(Party::Ledger)],
    rulings: &[Ruling::Keep, Ruling::Restore, Ruling::Amend],
    again: Again::Sweep,
    ..FINANCE
};

pub const LEFT_BEHIND: Entry = Entry {
    owner: Owner::Integration,
    severity: Severity::Warning,
    deadline: Deadline::WorkingHours(8),
    what: "Something of ours was left behind in the ledger",
    means: "A draft that belongs to no order stands there; nobody is charged, but it may be confirmed by mistake.",
    remedy: "Delete the draft in the ledger; it could not be deleted by us.",
    remedies: &[Remedy::Correct(Party::Ledger)],
    rulings: &[],
    again: Again::Sweep,
};

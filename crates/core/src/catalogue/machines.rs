//! Answers that nobody has, connections, feeds, and machines.

use super::{Again, Deadline, Entry, Owner, Party, Remedy, Severity};

const MACHINE: Entry = Entry {
    owner: Owner::Integration,
    severity: Severity::Stopped,
    deadline: Deadline::Hours(4),
    what: "",
    means: "",
    remedy: "",
    remedies: &[Remedy::Wait],
    rulings: &[],
    again: Again::Flow,
};

pub const OUTCOME_UNCLEAR: Entry = Entry {
    owner: Owner::Operations,
    deadline: Deadline::OfRecords,
    what: "It is not clear whether a write landed",
    means: "The write may be there and may not; it is not sent again until somebody says.",
    remedy: "Look in the other system for our reference, and say whether it is there.",
    remedies: &[Remedy::Answer],
    again: Again::Effect,
    ..MACHINE
};

pub const PERSON_NEEDED: Entry = Entry {
    owner: Owner::Operations,
    deadline: Deadline::OfRecords,
    what: "Only a person can tell whether a write landed",
    means: "The other system cannot be asked about it.",
    remedy: "Look in the other system, and say whether it is there.",
    remedies: &[Remedy::Answer],
    again: Again::Effect,
    ..MACHINE
};

pub const LOCKED_TOO_LONG: Entry = Entry {
    owner: Owner::Finance,
    deadline: Deadline::OfRecords,
    what: "Somebody keeps a record open",
    means: "What is to be written to the record waits, and goes on by itself when it is closed.",
    remedy: "Ask the person who has it open to close it.",
    remedies: &[Remedy::Correct(Party::Ledger), Remedy::Wait],
    again: Again::Effect,
    ..MACHINE
};

pub const PUT_OFF_TOO_LONG: Entry = Entry {
    deadline: Deadline::OfRecords,
    what: "A write has been put off for hours",
    means: "It is tried again and again, and has not been taken.",
    remedy: "Read why on the record; it goes on by itself when that is over.",
    remedies: &[Remedy::Wait, Remedy::Answer],
    again: Again::Effect,
    ..MACHINE
};

pub const CONSENT_LAPSING: Entry = Entry {
    severity: Severity::Warning,
    deadline: Deadline::WorkingHours(16),
    what: "A sign-in is about to lapse",
    means: "When it has lapsed, everything of this connection stops.",
    remedy: "Sign in again now, while everything still runs.",
    remedies: &[Remedy::SignIn],
    ..MACHINE
};

pub const CONSENT_LOST: Entry = Entry {
    severity: Severity::Critical,
    deadline: Deadline::Hours(1),
    what: "A sign-in is refused",
    means: "Nothing of this connection moves.",
    remedy: "Put a fresh refresh token, or the right password or key, where the configuration names it, see with `tallyman check` that it is taken, and start again.",
    remedies: &[Remedy::SignIn],
    ..MACHINE
};

pub const VENDOR_DOWN: Entry = Entry {
    severity: Severity::Critical,
    deadline: Deadline::Hours(1),
    what: "A system cannot be reached",
    means: "Everything of this connection waits; nothing is lost, and it goes on by itself.",
    remedy: "Look at the vendor's status page; check the network if it says that all is well.",
    ..MACHINE
};

pub const MACHINE_FAULT: Entry = Entry {
    severity: Severity::Critical,
    deadline: Deadline::Hours(1),
    what: "Tallyman's own machine is in trouble",
    means: "Work may stop or be late until it is put right.",
    remedy: "Put right what is named: disk, database, clock or memory.",
    remedies: &[Remedy::Configure],
    ..MACHINE
};

pub const FEED_LATE: Entry = Entry {
    severity: Severity::Warning,
    deadline: Deadline::Hours(2),
    what: "A flow is later than it should be",
    means: "What it should have brought is not here yet.",
    remedy: "Look at what holds it up; it catches up by itself.",
    remedies: &[Remedy::Wait, Remedy::Configure],
    ..MACHINE
};

pub const FEED_SILENT: Entry = Entry {
    severity: Severity::Critical,
    deadline: Deadline::Hours(1),
    what: "A flow is silent",
    means: "It has done nothing for far longer than it should; records may be waiting unseen.",
    remedy: "See that a worker runs, and that the connection is not paused.",
    remedies: &[Remedy::Configure, Remedy::Wait],
    ..MACHINE
};

pub const TALLY_GAP: Entry = Entry {
    severity: Severity::Critical,
    deadline: Deadline::OfRecords,
    what: "A source and we differ in the records of a day",
    means: "It lists records that never arrived, or does not know some that did.",
    remedy: "What is missing is fetched by its key by itself. If a difference stays, ask the source about the records named here.",
    remedies: &[
        Remedy::Wait,
        Remedy::Correct(Party::Channel),
        Remedy::Correct(Party::Warehouse),
    ],
    again: Again::Sweep,
    ..MACHINE
};

pub const ALERT_ROUTE_DOWN: Entry = Entry {
    severity: Severity::Critical,
    deadline: Deadline::Hours(1),
    what: "Alerts cannot be delivered",
    means: "People are not told of new exceptions by this route.",
    remedy: "Put right the route: its address, its password, the server.",
    remedies: &[Remedy::Configure],
    ..MACHINE
};

pub const MASTER_UNCLEAR: Entry = Entry {
    deadline: Deadline::WorkingHours(8),
    what: "Two systems master one thing, or none does",
    means: "The flow that would write it is refused.",
    remedy: "Say in the operating model which system masters it, and answer `again` for what stands still.",
    remedies: &[Remedy::Configure, Remedy::Answer],
    again: Again::Effect,
    ..MACHINE
};

//! A word of theirs that means nothing, or more than one thing, to us.

use super::{Again, Deadline, Entry, Owner, Party, Remedy, Severity};
use crate::mapping::Table;
use crate::ruling::Ruling;

pub const SKU_UNKNOWN: Entry = Entry {
    owner: Owner::Operations,
    severity: Severity::Stopped,
    deadline: Deadline::OfRecords,
    what: "A retailer's item code is not known",
    means: "Every order with this code waits; nothing of it is in the ledger or at the warehouse.",
    remedy: "Map the code to an item of the ledger, or create the item there.",
    remedies: &[Remedy::Map(Table::Sku), Remedy::Correct(Party::Ledger), Remedy::Decide],
    rulings: &[Ruling::Declined],
    again: Again::Order,
};

pub const SKU_AMBIGUOUS: Entry = Entry {
    what: "An item code may mean more than one item",
    means: "Every order with this code waits, because the goods and the books could be of two different items.",
    remedy: "Say which item is meant by mapping the code, or make the codes differ in the ledger.",
    ..SKU_UNKNOWN
};

pub const WAREHOUSE_SKU_UNKNOWN: Entry = Entry {
    what: "The warehouse names an item that we do not know",
    means: "Goods have left or are held under this code, and neither stock nor despatches can be told from it.",
    remedy: "If the warehouse has renamed an item, map its code to ours; if it shipped another item, ask it what left.",
    remedies: &[Remedy::Map(Table::Sku), Remedy::Correct(Party::Warehouse)],
    rulings: &[],
    again: Again::Shipment,
    ..SKU_UNKNOWN
};

pub const RETAILER_NUMBER_REISSUED: Entry = Entry {
    what: "A retailer has given an old item number to another item",
    means: "Orders with this number wait: the old mapping would send the wrong goods.",
    remedy: "Ask the retailer from which day the number means which item, and map it anew.",
    remedies: &[Remedy::Map(Table::Sku), Remedy::Correct(Party::Channel), Remedy::Decide],
    ..SKU_UNKNOWN
};

pub const BARCODE_UNKNOWN: Entry = Entry {
    what: "A barcode belongs to no item, or to several",
    means: "What is known by this barcode only cannot be told from other goods.",
    remedy: "Give the barcode to one item of the ledger, or map it.",
    ..SKU_UNKNOWN
};

pub const SUPPLIER_UNMAPPED: Entry = Entry {
    owner: Owner::Integration,
    severity: Severity::Stopped,
    deadline: Deadline::OfRecords,
    what: "A supplier id of a retailer is not mapped",
    means: "It is not known for which company these orders are; none of them is touched.",
    remedy: "Say in the connection's profile whose supplier id it is.",
    remedies: &[Remedy::Configure, Remedy::Decide],
    rulings: &[Ruling::Declined],
    again: Again::Order,
};

pub const UNIT_UNMAPPED: Entry = Entry {
    what: "How many of ours one of theirs is cannot be told exactly",
    means: "Every order with this code waits: a wrong unit would post and send a wrong quantity.",
    remedy: "Map the unit of this code as a whole number or an exact ratio, such as 6 or 1/6.",
    remedies: &[Remedy::Map(Table::Unit), Remedy::Correct(Party::Channel), Remedy::Decide],
    ..SKU_UNKNOWN
};

pub const WAREHOUSE_UNMAPPED: Entry = Entry {
    owner: Owner::Integration,
    what: "A warehouse is not mapped",
    means: "Nothing can be booked at it or released to it; every order for it waits.",
    remedy: "Map the warehouse to one of the ledger, and its site to the 3PL's own id.",
    remedies: &[Remedy::Map(Table::Warehouse), Remedy::Decide],
    ..SKU_UNKNOWN
};

pub const BIN_UNMAPPED: Entry = Entry {
    owner: Owner::Operations,
    what: "A bin is not known in the ledger",
    means: "Stock of this bin cannot be booked.",
    remedy: "Create the bin with the item's holding in the ledger, or map it to one that is there.",
    remedies: &[Remedy::Correct(Party::Ledger), Remedy::Map(Table::Warehouse), Remedy::Decide],
    ..SKU_UNKNOWN
};

pub const CARRIER_UNMAPPED: Entry = Entry {
    what: "A carrier or delivery service is not mapped",
    means: "Orders for the service are not released, or parcels of the carrier are not confirmed to the retailer.",
    remedy: "Map the service to one of the warehouse, or the warehouse's carrier to the retailer's word for it.",
    remedies: &[Remedy::Map(Table::CarrierOut), Remedy::Map(Table::CarrierIn), Remedy::Decide],
    ..SKU_UNKNOWN
};

pub const CUSTOMER_UNMAPPED: Entry = Entry {
    owner: Owner::Finance,
    what: "A retailer has no customer account",
    means: "None of its orders can be booked.",
    remedy: "Map the retailer to a customer account of the ledger.",
    remedies: &[Remedy::Map(Table::Customer), Remedy::Decide],
    ..SKU_UNKNOWN
};

pub const TAX_UNMAPPED: Entry = Entry {
    owner: Owner::Finance,
    what: "A VAT rate has no tax code",
    means: "Orders with this rate wait; a guessed tax code would be a wrong VAT return.",
    remedy: "Map the rate to the ledger's tax code of the same rate.",
    remedies: &[Remedy::Map(Table::Tax), Remedy::Decide],
    ..SKU_UNKNOWN
};

pub const PAYMENT_UNMAPPED: Entry = Entry {
    owner: Owner::Finance,
    what: "A payment method has no account",
    means: "Receipts paid in this way are not posted.",
    remedy: "Say in the posting rules to which bank account or nominal the method goes.",
    remedies: &[Remedy::Configure, Remedy::Decide],
    ..SKU_UNKNOWN
};

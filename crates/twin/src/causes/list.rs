//! The causes themselves.

use super::{Cause, Does, Door, Home, Of, Wants, Word};
use crate::mintsoft::books::Status;

const OPERATIONS: &str = "operations";
const FINANCE: &str = "finance";
const INTEGRATION: &str = "integration";
/// A GTIN that no item has.
const BARCODE: &str = "5012345678900";
const LONG: &str = "12 Orchard Close, past the old mill and the second bridge, up the stairs on the left side";

const fn slip(name: &'static str, code: &'static str, owner: &'static str, among: u32, place: &'static str, word: Word) -> Cause {
    cause(name, code, owner, Home::Among(among), Does::Slip(place, word), Of::Target)
}

const fn cause(name: &'static str, code: &'static str, owner: &'static str, home: Home, does: Does, of: Of) -> Cause {
    Cause {
        name,
        code,
        owner,
        home,
        does,
        of,
        wants: None,
    }
}

const fn among(name: &'static str, code: &'static str, owner: &'static str, does: Does) -> Cause {
    cause(name, code, owner, Home::Among(1), does, Of::Target)
}

const fn wanting(name: &'static str, code: &'static str, owner: &'static str, orders: u32, of: Of, wants: Wants) -> Cause {
    Cause {
        wants: Some(wants),
        ..cause(name, code, owner, Home::Alone(orders), Does::Nothing, of)
    }
}

/// Nobody answers at this system for two hours.
const fn down(part: &'static str) -> Does {
    Does::Door(Door {
        part,
        from: 45,
        to: 165,
        status: None,
    })
}

const fn door(part: &'static str, from: i64, to: i64, status: Option<u16>) -> Does {
    Does::Door(Door { part, from, to, status })
}

pub const ALL: &[Cause] = &[
    // Words that mean nothing, or two things.
    cause(
        "an item that nobody has, in a fifth of all orders",
        "sku_unknown",
        OPERATIONS,
        Home::Crowd,
        Does::NobodysItem,
        Of::Every,
    ),
    cause(
        "two items under one code",
        "sku_ambiguous",
        OPERATIONS,
        Home::Alone(2),
        Does::SameBarcode,
        Of::Item,
    ),
    cause(
        "an item renamed by the warehouse",
        "warehouse_sku_unknown",
        OPERATIONS,
        Home::Alone(6),
        Does::Rename,
        Of::Item,
    ),
    among(
        "an old number for another item",
        "retailer_number_reissued",
        OPERATIONS,
        Does::Reissue,
    ),
    slip(
        "a barcode of nobody's",
        "barcode_unknown",
        OPERATIONS,
        2,
        "/items/0/supplier_sku_reference",
        Word::Text(BARCODE),
    ),
    slip(
        "an order for another supplier",
        "supplier_unmapped",
        INTEGRATION,
        2,
        "/supplier",
        Word::Text("https://www.the-edge.io/restapi/v4/suppliers/4999/"),
    ),
    wanting(
        "a unit that is a word",
        "unit_unmapped",
        OPERATIONS,
        2,
        Of::Item,
        Wants::Cell("unit", "{item}", Some("a dozen")),
    ),
    wanting(
        "a warehouse without a mapping",
        "warehouse_unmapped",
        INTEGRATION,
        2,
        Of::Every,
        Wants::Cell("warehouse", "{warehouse}", None),
    ),
    among(
        "a service without a mapping",
        "carrier_unmapped",
        OPERATIONS,
        Does::Service("pigeon"),
    ),
    wanting(
        "a retailer without an account",
        "customer_unmapped",
        FINANCE,
        2,
        Of::Every,
        Wants::Cell("customer", "{retailer}", None),
    ),
    wanting(
        "a rate without a tax code",
        "tax_unmapped",
        FINANCE,
        3,
        Of::Rate(20),
        Wants::Cell("tax", "20", None),
    ),
    // Orders that cannot be taken as they are.
    slip(
        "an address that is too long",
        "address_too_long",
        OPERATIONS,
        2,
        "/shipping_address/line_1",
        Word::Text(LONG),
    ),
    slip(
        "a number that is too long",
        "reference_too_long",
        OPERATIONS,
        2,
        "/order_reference",
        Word::LongNumber,
    ),
    cause(
        "a quantity changed once it was booked",
        "reference_reused",
        OPERATIONS,
        Home::Alone(1),
        Does::ChangeQuantityOnceBooked,
        Of::Target,
    ),
    among(
        "an order keyed by hand before it came",
        "reference_taken",
        OPERATIONS,
        Does::KeyBefore,
    ),
    wanting(
        "a thirty-second of an item",
        "quantity_not_whole",
        OPERATIONS,
        1,
        Of::Item,
        Wants::Cell("unit", "{item}", Some("1/32")),
    ),
    Cause {
        of: Of::Named("order_date"),
        ..slip(
            "a day of no calendar",
            "date_inexpressible",
            OPERATIONS,
            2,
            "/order_date",
            Word::Text("2026-02-30T09:15:00"),
        )
    },
    slip(
        "a line that somebody has acknowledged",
        "status_unexpected",
        OPERATIONS,
        2,
        "/items/0/status",
        Word::Text("ORDER_ACK"),
    ),
    slip(
        "a status that nobody knows",
        "status_unknown",
        INTEGRATION,
        2,
        "/status",
        Word::Text("AWAITING_REVIEW"),
    ),
    Cause {
        of: Of::Named("items[].unit_cost_price"),
        ..slip(
            "a price that is a word",
            "unreadable",
            INTEGRATION,
            2,
            "/items/0/unit_cost_price",
            Word::Text("on request"),
        )
    },
    cause(
        "an inactive item",
        "item_inactive",
        OPERATIONS,
        Home::Alone(2),
        Does::Inactive,
        Of::Item,
    ),
    cause(
        "an item without a holding",
        "item_not_held",
        OPERATIONS,
        Home::Alone(2),
        Does::NotHeld,
        Of::Item,
    ),
    wanting(
        "a service that the warehouse does not have",
        "refused",
        INTEGRATION,
        2,
        Of::Every,
        Wants::Cell("carrier-out", "{services}", Some("99")),
    ),
    wanting(
        "an order stopped before the cut-off",
        "cut_off_near",
        OPERATIONS,
        1,
        Of::Target,
        Wants::CutOff("10:00"),
    ),
    cause(
        "an order stopped at the cut-off",
        "cut_off_missed",
        OPERATIONS,
        Home::With("an order stopped before the cut-off"),
        Does::NobodysItem,
        Of::Target,
    ),
    cause(
        "what stops it",
        "sku_unknown",
        OPERATIONS,
        Home::With("an order stopped before the cut-off"),
        Does::Nothing,
        Of::Target,
    ),
    // Money and the ledger.
    slip(
        "a total that is not the sum",
        "totals_disagree",
        FINANCE,
        2,
        "/subtotal",
        Word::Text("1.00"),
    ),
    slip(
        "VAT that is not the rate's",
        "vat_disagrees",
        FINANCE,
        2,
        "/tax",
        Word::Text("0.01"),
    ),
    cause(
        "a customer on hold",
        "credit_hold",
        FINANCE,
        Home::Alone(2),
        Does::OnHold,
        Of::Every,
    ),
    cause(
        "prices that we may not give",
        "permission_missing",
        INTEGRATION,
        Home::Alone(2),
        Does::NoPrices,
        Of::Every,
    ),
    cause(
        "a closed period",
        "period_not_normal",
        FINANCE,
        Home::Alone(2),
        Does::ClosePeriod,
        Of::Every,
    ),
    among(
        "an order keyed by hand after it was booked",
        "ledger_duplicate",
        FINANCE,
        Does::KeyAfter,
    ),
    among(
        "a despatch by hand",
        "ledger_foreign_despatch",
        OPERATIONS,
        Does::DespatchByHand,
    ),
    cause(
        "its goods, which leave afterwards",
        "outcome_unclear",
        OPERATIONS,
        Home::With("a despatch by hand"),
        Does::Nothing,
        Of::Target,
    ),
    among("an edit by hand", "foreign_write", FINANCE, Does::EditByHand),
    cause(
        "a draft that stays",
        "left_behind",
        INTEGRATION,
        Home::Alone(1),
        Does::KeepDraft,
        Of::Target,
    ),
    among("an order kept open", "locked_too_long", FINANCE, Does::KeepOpen),
    // Goods.
    among(
        "an order on hold at the warehouse",
        "warehouse_hold",
        OPERATIONS,
        Does::Status(Status::AwaitingConfirmation),
    ),
    among(
        "an order queried at the warehouse",
        "warehouse_query",
        OPERATIONS,
        Does::Status(Status::QueryRaised),
    ),
    among(
        "an order refused by the warehouse",
        "warehouse_refused",
        OPERATIONS,
        Does::Status(Status::Cancelled),
    ),
    among(
        "goods that are not there",
        "stock_short",
        OPERATIONS,
        Does::Status(Status::Holding),
    ),
    among("one piece more", "over_shipped", OPERATIONS, Does::OneMore),
    among("one piece less", "short_shipped", OPERATIONS, Does::OneLess),
    among("another item than was ordered", "substituted", OPERATIONS, Does::Substitute),
    among(
        "a shipment after the cancellation",
        "shipped_after_cancellation",
        OPERATIONS,
        Does::CancelOnceReleased,
    ),
    Cause {
        of: Of::Parcel,
        ..among(
            "a shipment without our number",
            "shipment_unknown",
            OPERATIONS,
            Does::ForgetReference,
        )
    },
    among("a parcel without a number", "tracking_missing", OPERATIONS, Does::NoTracking),
    // Connections, feeds, and what lasts.
    cause(
        "Sage is down",
        "vendor_down",
        INTEGRATION,
        Home::Alone(3),
        down("/sage/"),
        Of::Named("sage-{}"),
    ),
    cause(
        "Mintsoft is down",
        "vendor_down",
        INTEGRATION,
        Home::Alone(3),
        down("/mintsoft/"),
        Of::Named("mintsoft-{}"),
    ),
    cause(
        "Virtualstock is down",
        "vendor_down",
        INTEGRATION,
        Home::Alone(3),
        down("/virtualstock/"),
        Of::Named("virtualstock-{}"),
    ),
    wanting(
        "a sign-in that is lost",
        "consent_lost",
        INTEGRATION,
        2,
        Of::Named("sage-{}"),
        Wants::SpentSignIn,
    ),
    wanting(
        "a sign-in that ends soon",
        "consent_lapsing",
        INTEGRATION,
        1,
        Of::Named("sage-{}"),
        Wants::ConsentEnds(10),
    ),
    cause(
        "a queue that is late",
        "feed_late",
        INTEGRATION,
        Home::Alone(2),
        door("status=ORDER&limit", 30, 150, Some(404)),
        Of::Named("orders of virtualstock-{}"),
    ),
    cause(
        "a queue that is silent",
        "feed_silent",
        INTEGRATION,
        Home::With("a queue that is late"),
        Does::Nothing,
        Of::Named("orders of virtualstock-{}"),
    ),
    cause(
        "a limit that is met for hours",
        "put_off_too_long",
        INTEGRATION,
        Home::Alone(1),
        door("despatch_line_views", 0, 330, Some(429)),
        Of::Target,
    ),
    cause(
        "the sweep that meets that limit",
        "feed_late",
        INTEGRATION,
        Home::With("a limit that is met for hours"),
        Does::Nothing,
        Of::Named("duplicate sweep of sage-{}"),
    ),
    cause(
        "the sweep that goes on meeting it",
        "feed_silent",
        INTEGRATION,
        Home::With("a limit that is met for hours"),
        Does::Nothing,
        Of::Named("duplicate sweep of sage-{}"),
    ),
    cause(
        "an order that the queue drops",
        "tally_gap",
        INTEGRATION,
        Home::Alone(1),
        Does::Drop,
        Of::Named("2026-11-02"),
    ),
    wanting(
        "a despatch that the ledger masters",
        "master_unclear",
        INTEGRATION,
        2,
        Of::Every,
        Wants::LedgerMastersDespatch,
    ),
];

/// The company where a cause is at home.
pub fn company(cause: &Cause) -> u32 {
    match cause.home {
        Home::Among(company) => company,
        Home::With(other) => ALL.iter().find(|known| known.name == other).map_or(0, company),
        Home::Alone(_) | Home::Crowd => {
            let own = ALL.iter().filter(|known| matches!(known.home, Home::Alone(_) | Home::Crowd));
            let before = own.take_while(|known| known.name != cause.name).count();
            3 + before as u32
        }
    }
}

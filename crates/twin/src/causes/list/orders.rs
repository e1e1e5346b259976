//! Orders that cannot be taken as they are.

use super::{INTEGRATION, OPERATIONS, among, cause, slip, wanting};
use crate::causes::{Cause, Does, Home, Of, Wants, Word};

pub const CAUSES: &[Cause] = &[
    cause(
        "forty addresses that are too long",
        "address_too_long",
        OPERATIONS,
        Home::Alone(40),
        Does::Slip("/shipping_address/line_1", Word::LongLine),
        Of::Every,
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
];

//! Goods that do not leave as they were ordered.

use super::{OPERATIONS, among};
use crate::causes::{Cause, Does, Of};
use crate::mintsoft::books::Status;

pub const CAUSES: &[Cause] = &[
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
];

//! Money and the ledger.

use super::{FINANCE, INTEGRATION, OPERATIONS, among, cause, slip};
use crate::causes::{Cause, Does, Home, Of, Word};

pub const CAUSES: &[Cause] = &[
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
];

//! What a guardrail says: a code, the place to blame, and a sentence with the remedy.
//!
//! A closed list. Evidence in a finding is a name, a code or a number, never an address.

use std::fmt;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    SkuUnknown,
    ItemInactive,
    CustomerUnmapped,
    WarehouseUnmapped,
    TaxUnmapped,
    UnitUnmapped,
    CarrierUnmapped,
    AddressTooLong,
    ReferenceTooLong,
    ReferenceReused,
    ReferenceTaken,
    QuantityNotWhole,
    TotalsDisagree,
    StatusUnexpected,
    Unreadable,
    OverShipped,
    ShippedUnknownSku,
    ShipmentUnknown,
    TrackingMissing,
    Refused,
    OutcomeUnclear,
    PersonNeeded,
    LockedTooLong,
    PutOffTooLong,
    ShortShipped,
    ConsentLost,
    LedgerDuplicate,
    LedgerForeignDespatch,
}

impl Code {
    pub const ALL: [Self; 28] = [
        Self::SkuUnknown,
        Self::ItemInactive,
        Self::CustomerUnmapped,
        Self::WarehouseUnmapped,
        Self::TaxUnmapped,
        Self::UnitUnmapped,
        Self::CarrierUnmapped,
        Self::AddressTooLong,
        Self::ReferenceTooLong,
        Self::ReferenceReused,
        Self::ReferenceTaken,
        Self::QuantityNotWhole,
        Self::TotalsDisagree,
        Self::StatusUnexpected,
        Self::Unreadable,
        Self::OverShipped,
        Self::ShippedUnknownSku,
        Self::ShipmentUnknown,
        Self::TrackingMissing,
        Self::Refused,
        Self::OutcomeUnclear,
        Self::PersonNeeded,
        Self::LockedTooLong,
        Self::PutOffTooLong,
        Self::ShortShipped,
        Self::ConsentLost,
        Self::LedgerDuplicate,
        Self::LedgerForeignDespatch,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::SkuUnknown => "sku_unknown",
            Self::ItemInactive => "item_inactive",
            Self::CustomerUnmapped => "customer_unmapped",
            Self::WarehouseUnmapped => "warehouse_unmapped",
            Self::TaxUnmapped => "tax_unmapped",
            Self::UnitUnmapped => "unit_unmapped",
            Self::CarrierUnmapped => "carrier_unmapped",
            Self::AddressTooLong => "address_too_long",
            Self::ReferenceTooLong => "reference_too_long",
            Self::ReferenceReused => "reference_reused",
            Self::ReferenceTaken => "reference_taken",
            Self::QuantityNotWhole => "quantity_not_whole",
            Self::TotalsDisagree => "totals_disagree",
            Self::StatusUnexpected => "status_unexpected",
            Self::Unreadable => "unreadable",
            Self::OverShipped => "over_shipped",
            Self::ShippedUnknownSku => "shipped_unknown_sku",
            Self::ShipmentUnknown => "shipment_unknown",
            Self::TrackingMissing => "tracking_missing",
            Self::Refused => "refused",
            Self::OutcomeUnclear => "outcome_unclear",
            Self::PersonNeeded => "person_needed",
            Self::LockedTooLong => "locked_too_long",
            Self::PutOffTooLong => "put_off_too_long",
            Self::ShortShipped => "short_shipped",
            Self::ConsentLost => "consent_lost",
            Self::LedgerDuplicate => "ledger_duplicate",
            Self::LedgerForeignDespatch => "ledger_foreign_despatch",
        }
    }

    /// Whether what stops under it rests on mappings and the ledger's reference data, and may pass when those have changed.
    pub fn rests_on_reference(self) -> bool {
        match self {
            Self::SkuUnknown
            | Self::ItemInactive
            | Self::CustomerUnmapped
            | Self::WarehouseUnmapped
            | Self::TaxUnmapped
            | Self::UnitUnmapped
            | Self::CarrierUnmapped
            | Self::QuantityNotWhole => true,
            Self::AddressTooLong
            | Self::ReferenceTooLong
            | Self::ReferenceReused
            | Self::ReferenceTaken
            | Self::TotalsDisagree
            | Self::StatusUnexpected
            | Self::Unreadable
            | Self::OverShipped
            | Self::ShippedUnknownSku
            | Self::ShipmentUnknown
            | Self::TrackingMissing
            | Self::Refused
            | Self::OutcomeUnclear
            | Self::PersonNeeded
            | Self::LockedTooLong
            | Self::PutOffTooLong
            | Self::ShortShipped
            | Self::ConsentLost
            | Self::LedgerDuplicate
            | Self::LedgerForeignDespatch => false,
        }
    }

    /// The code of this name; `None` for a name that a later build has written.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.name() == name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub code: Code,
    /// What to blame, the same for every record that the same thing stops: a mapping cell, a field, a reference.
    pub cause: String,
    /// For the person who must act: what is wrong, and what to do.
    pub sentence: String,
}

impl Finding {
    pub fn new(code: Code, cause: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self {
            code,
            cause: cause.into(),
            sentence: sentence.into(),
        }
    }
}

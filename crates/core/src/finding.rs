//! What a guardrail says: a code, the place to blame, and a sentence with the remedy.
//!
//! A closed list. The sentence is about one record and may repeat what a vendor said of it, so it is only ever kept sealed. Code and
//! cause are kept in plain, and what they say together ([`Code::told`]) is what everybody reads on the card.

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

    /// What is wrong and what to do, for all that stops at this cause.
    pub fn told(self, cause: &str) -> String {
        match self {
            Self::SkuUnknown => format!(
                "There is no mapping for {cause}, and the ledger has no item of this code either. Map it to an item, or create the item in \
                 the ledger."
            ),
            Self::ItemInactive => {
                format!(
                    "This may not be sold: {cause} is inactive in the ledger. Make it active, or map another item in its place."
                )
            }
            Self::CustomerUnmapped | Self::WarehouseUnmapped | Self::TaxUnmapped | Self::CarrierUnmapped => format!(
                "There is no mapping for {cause}, or it leads to nothing that is there. Map it, or create what it is mapped to; what waits \
                 goes on by itself."
            ),
            Self::UnitUnmapped => format!(
                "How many of ours one of theirs is does not come out exactly: {cause}. Map its unit as a whole number or an exact ratio, \
                 such as 6 or 1/6; what waits goes on by itself."
            ),
            Self::AddressTooLong => {
                format!(
                    "An address does not fit: {cause} is longer than the other system takes. Have it shortened at the source."
                )
            }
            Self::ReferenceTooLong => {
                format!("This is longer than the other system takes: {cause}. Have it shortened at the source.")
            }
            Self::ReferenceReused => {
                format!(
                    "An order came again with other content under {cause}. Ask the retailer which is right; nothing was changed."
                )
            }
            Self::ReferenceTaken => {
                format!("Something else stands under {cause} in the other system. Look at it there; nothing was written.")
            }
            Self::QuantityNotWhole => {
                format!("A warehouse cannot pick a part of a unit: {cause}. Correct the quantity at the source.")
            }
            Self::TotalsDisagree => format!("The figures do not agree: {cause}. Nothing is posted until they do."),
            Self::StatusUnexpected => {
                format!("It is not as it should be in the other system: {cause}. Look at it there, and say what is so.")
            }
            Self::Unreadable => format!("Something that came in could not be read: {cause}. Ask whoever sent it to correct it."),
            Self::OverShipped => {
                format!(
                    "More was shipped than was outstanding: {cause}. Ask the warehouse what left, and book the excess by hand."
                )
            }
            Self::ShippedUnknownSku => format!(
                "Something was shipped that is not on its order: {cause}. Ask the warehouse; if it has renamed an item, map its code."
            ),
            Self::ShipmentUnknown => format!(
                "Goods left under a number of ours, without the reference that we gave them: {cause}. Say which order it was."
            ),
            Self::TrackingMissing => format!("There is no tracking number: {cause}. Ask the warehouse for it."),
            Self::Refused => {
                format!("The other system refused it ({cause}). Correct it there or at the source, then have it sent again.")
            }
            Self::OutcomeUnclear => {
                format!(
                    "Whether this was carried out cannot be told: {cause}. Look in the other system and say whether it is there."
                )
            }
            Self::PersonNeeded => format!(
                "Nothing says whether effect {cause} was carried out, and it will not be sent again by itself. Look in the other system and \
                 say whether it is there."
            ),
            Self::LockedTooLong => {
                format!(
                    "Effect {cause} has waited for two hours for a record that somebody has open. Ask them to close it; it goes on by itself."
                )
            }
            Self::PutOffTooLong => format!(
                "Effect {cause} has been put off for two hours. See whether the other system works and what it says; it goes on by itself."
            ),
            Self::ShortShipped => format!(
                "All parts have left and something has not: {cause}. Ask the warehouse whether more follows, and agree with the retailer \
                 what becomes of the rest."
            ),
            Self::ConsentLost => format!(
                "Signing in is refused: {cause}. Nothing goes there and nothing is read from there until somebody signs in anew: put a \
                 fresh refresh token, or the right password or key, where the configuration names it, see with `tallyman check` that it \
                 is taken, and start again."
            ),
            Self::LedgerDuplicate => format!(
                "An order is in the ledger twice: {cause}. Cancel there the one that has not been despatched; if that is ours, have the \
                 warehouse stop it first. Tallyman cancels neither."
            ),
            Self::LedgerForeignDespatch => {
                format!(
                    "More is despatched in the ledger than has left the warehouse: {cause}. Ask who despatched it there and what it was for."
                )
            }
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
    /// What to blame, the same for every record that the same thing stops: a mapping cell, a field, a reference. Names and numbers only,
    /// never a vendor's words or a person's: it is kept in plain.
    pub cause: String,
    /// For the person who must act: what is wrong with this record, and what to do.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_names_what_it_blames_whatever_its_code() {
        for code in Code::ALL {
            let told = code.told("field postcode");
            assert!(told.contains("field postcode") && told.ends_with('.'), "{code}: {told}");
        }
    }
}

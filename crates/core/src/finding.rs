//! What a guardrail says: a code, the place to blame, and a sentence with the remedy.
//!
//! A closed list. The sentence is about one record and may repeat what a vendor said of it, so it is only ever kept sealed. Code and
//! cause are kept in plain, and what they say together ([`Code::told`]) is what everybody reads on the card.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::catalogue::Remedy;
use crate::cause::Cause;

/// What can stop a record, or needs a person. [`Code::entry`] has what is true of every card of a code.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::IntoStaticStr,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Code {
    SkuUnknown,
    SkuAmbiguous,
    WarehouseSkuUnknown,
    RetailerNumberReissued,
    BarcodeUnknown,
    SupplierUnmapped,
    UnitUnmapped,
    WarehouseUnmapped,
    BinUnmapped,
    CarrierUnmapped,
    CustomerUnmapped,
    TaxUnmapped,
    PaymentUnmapped,

    AddressTooLong,
    ReferenceTooLong,
    ReferenceReused,
    ReferenceTaken,
    QuantityNotWhole,
    DateInexpressible,
    StatusUnexpected,
    StatusUnknown,
    Unreadable,
    ItemInactive,
    ItemNotHeld,
    Refused,
    CutOffNear,
    CutOffMissed,

    TotalsDisagree,
    VatDisagrees,
    CreditHold,
    PermissionMissing,
    PeriodNotNormal,
    LedgerDuplicate,
    LedgerForeignDespatch,
    ForeignWrite,
    LeftBehind,

    StockShort,
    Oversold,
    WarehouseHold,
    WarehouseQuery,
    WarehouseRefused,
    OverShipped,
    ShortShipped,
    Substituted,
    ShippedAfterCancellation,
    ShipmentUnknown,
    TrackingMissing,

    OutcomeUnclear,
    PersonNeeded,
    LockedTooLong,
    PutOffTooLong,
    ConsentLapsing,
    ConsentLost,
    VendorDown,
    MachineFault,
    FeedLate,
    FeedSilent,
    TallyGap,
    AlertRouteDown,
    MasterUnclear,
}

impl Code {
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    pub const fn name(self) -> &'static str {
        self.into_str()
    }

    /// Whether what stops under it rests on mappings and the ledger's reference data, and may pass when those have changed.
    pub fn rests_on_reference(self) -> bool {
        let entry = self.entry();
        let by_facts = matches!(self, Self::CreditHold | Self::PermissionMissing);
        by_facts || entry.remedies.iter().any(|remedy| matches!(remedy, Remedy::Map(_)))
    }

    /// What is wrong and what to do, for all that stops at this cause.
    pub fn told(self, cause: &Cause) -> String {
        let entry = self.entry();
        format!("{}: {cause}. {} {}", entry.what, entry.means, entry.remedy)
    }

    /// The code of this name; `None` for a name that a later build has written.
    pub fn named(name: &str) -> Option<Self> {
        name.parse().ok()
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
    /// What to blame, the same for every record that the same thing stops.
    pub cause: Cause,
    /// For the person who must act: what is wrong with this record, and what to do.
    pub sentence: String,
    /// What of the order it is about, where that is neither the whole of it nor an effect: `shipment 77 ABC-1`. It goes off its card by
    /// itself, whatever else of the order stands on one.
    #[serde(default)]
    pub of: String,
}

impl Finding {
    pub fn new(code: Code, cause: Cause, sentence: impl Into<String>) -> Self {
        Self {
            code,
            cause,
            sentence: sentence.into(),
            of: String::new(),
        }
    }

    /// The same, of this part of the order.
    pub fn of(mut self, part: impl Into<String>) -> Self {
        self.of = part.into();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_names_what_it_blames_whatever_its_code() {
        for code in Code::ALL {
            let told = code.told(&Cause::field("", "postcode"));
            assert!(told.contains("field `postcode`") && told.ends_with('.'), "{code}: {told}");
        }
    }
}

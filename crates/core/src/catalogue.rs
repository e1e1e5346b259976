//! The catalogue of failure codes: for each code who must clear it, how urgent it is, what helps, and what runs again.
//!
//! One row a code, in the files below, by what it is about. A row is found by a match that names every code, so the compiler sees to it
//! that each has exactly one owner and at least one remedy. What a card of one code says about its records stands in their findings;
//! what is true of every card of the code stands here. The run-books of the manual are printed from these rows.
//!
//! Not here: who is in a team, and where alerts go. That is the merchant's to say.

mod entry;
mod goods;
mod machines;
mod mappings;
mod money;
mod orders;

pub use entry::{Again, Deadline, Entry, Owner, Party, Remedy, Severity};

use crate::finding::Code;

impl Code {
    /// Its row in the catalogue.
    pub const fn entry(self) -> Entry {
        match self {
            Self::SkuUnknown => mappings::SKU_UNKNOWN,
            Self::SkuAmbiguous => mappings::SKU_AMBIGUOUS,
            Self::WarehouseSkuUnknown => mappings::WAREHOUSE_SKU_UNKNOWN,
            Self::RetailerNumberReissued => mappings::RETAILER_NUMBER_REISSUED,
            Self::BarcodeUnknown => mappings::BARCODE_UNKNOWN,
            Self::SupplierUnmapped => mappings::SUPPLIER_UNMAPPED,
            Self::UnitUnmapped => mappings::UNIT_UNMAPPED,
            Self::WarehouseUnmapped => mappings::WAREHOUSE_UNMAPPED,
            Self::BinUnmapped => mappings::BIN_UNMAPPED,
            Self::CarrierUnmapped => mappings::CARRIER_UNMAPPED,
            Self::CustomerUnmapped => mappings::CUSTOMER_UNMAPPED,
            Self::TaxUnmapped => mappings::TAX_UNMAPPED,
            Self::PaymentUnmapped => mappings::PAYMENT_UNMAPPED,

            Self::AddressTooLong => orders::ADDRESS_TOO_LONG,
            Self::ReferenceTooLong => orders::REFERENCE_TOO_LONG,
            Self::ReferenceReused => orders::REFERENCE_REUSED,
            Self::ReferenceTaken => orders::REFERENCE_TAKEN,
            Self::QuantityNotWhole => orders::QUANTITY_NOT_WHOLE,
            Self::DateInexpressible => orders::DATE_INEXPRESSIBLE,
            Self::StatusUnexpected => orders::STATUS_UNEXPECTED,
            Self::StatusUnknown => orders::STATUS_UNKNOWN,
            Self::Unreadable => orders::UNREADABLE,
            Self::ItemInactive => orders::ITEM_INACTIVE,
            Self::ItemNotHeld => orders::ITEM_NOT_HELD,
            Self::Refused => orders::REFUSED,
            Self::CutOffNear => orders::CUT_OFF_NEAR,
            Self::CutOffMissed => orders::CUT_OFF_MISSED,

            Self::TotalsDisagree => money::TOTALS_DISAGREE,
            Self::VatDisagrees => money::VAT_DISAGREES,
            Self::CreditHold => money::CREDIT_HOLD,
            Self::PermissionMissing => money::PERMISSION_MISSING,
            Self::PeriodNotNormal => money::PERIOD_NOT_NORMAL,
            Self::LedgerDuplicate => money::LEDGER_DUPLICATE,
            Self::LedgerForeignDespatch => money::LEDGER_FOREIGN_DESPATCH,
            Self::ForeignWrite => money::FOREIGN_WRITE,
            Self::LeftBehind => money::LEFT_BEHIND,

            Self::StockShort => goods::STOCK_SHORT,
            Self::Oversold => goods::OVERSOLD,
            Self::WarehouseHold => goods::WAREHOUSE_HOLD,
            Self::WarehouseQuery => goods::WAREHOUSE_QUERY,
            Self::WarehouseRefused => goods::WAREHOUSE_REFUSED,
            Self::OverShipped => goods::OVER_SHIPPED,
            Self::ShortShipped => goods::SHORT_SHIPPED,
            Self::Substituted => goods::SUBSTITUTED,
            Self::ShippedAfterCancellation => goods::SHIPPED_AFTER_CANCELLATION,
            Self::ShipmentUnknown => goods::SHIPMENT_UNKNOWN,
            Self::TrackingMissing => goods::TRACKING_MISSING,

            Self::OutcomeUnclear => machines::OUTCOME_UNCLEAR,
            Self::PersonNeeded => machines::PERSON_NEEDED,
            Self::LockedTooLong => machines::LOCKED_TOO_LONG,
            Self::PutOffTooLong => machines::PUT_OFF_TOO_LONG,
            Self::ConsentLapsing => machines::CONSENT_LAPSING,
            Self::ConsentLost => machines::CONSENT_LOST,
            Self::VendorDown => machines::VENDOR_DOWN,
            Self::MachineFault => machines::MACHINE_FAULT,
            Self::FeedLate => machines::FEED_LATE,
            Self::FeedSilent => machines::FEED_SILENT,
            Self::TallyGap => machines::TALLY_GAP,
            Self::AlertRouteDown => machines::ALERT_ROUTE_DOWN,
            Self::MasterUnclear => machines::MASTER_UNCLEAR,
        }
    }
}

#[cfg(test)]
mod tests;

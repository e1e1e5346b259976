//! Each code of the catalogue has something that produces it: the twin where the flow exists, a fault put in by hand else. One test a
//! code; the compiler sees to it that none is forgotten.
//!
//! A producer brings it about, and sees that there is one card of that code, that it blames what is to blame, and, where a person can
//! put it right here, that putting it right closes it.

mod mappings;
mod money;
mod orders;
mod shared;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use tallyman_core::finding::Code;

fn main() -> ExitCode {
    let trials = Code::ALL.iter().filter_map(|&code| {
        let produce = producer(code)?;
        Some(Trial::test(code.name(), move || {
            produce();
            Ok(())
        }))
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

fn producer(code: Code) -> Option<fn()> {
    match code {
        Code::SkuUnknown => Some(mappings::sku_unknown),
        Code::UnitUnmapped => Some(mappings::unit_unmapped),
        Code::WarehouseUnmapped => Some(mappings::warehouse_unmapped),
        Code::CarrierUnmapped => Some(mappings::carrier_unmapped),
        Code::CustomerUnmapped => Some(mappings::customer_unmapped),
        Code::TaxUnmapped => Some(mappings::tax_unmapped),
        Code::AddressTooLong => Some(orders::address_too_long),
        Code::ReferenceTooLong => Some(orders::reference_too_long),
        Code::ReferenceReused => Some(orders::reference_reused),
        Code::ReferenceTaken => Some(orders::reference_taken),
        Code::QuantityNotWhole => Some(orders::quantity_not_whole),
        Code::StatusUnexpected => Some(orders::status_unexpected),
        Code::Unreadable => Some(orders::unreadable),
        Code::ItemInactive => Some(orders::item_inactive),
        Code::Refused => Some(orders::refused),
        Code::TotalsDisagree => Some(money::totals_disagree),
        Code::LedgerDuplicate => Some(money::ledger_duplicate),
        Code::SkuAmbiguous => Some(mappings::sku_ambiguous),
        Code::RetailerNumberReissued => Some(mappings::retailer_number_reissued),
        Code::BarcodeUnknown => Some(mappings::barcode_unknown),
        Code::SupplierUnmapped => Some(mappings::supplier_unmapped),
        Code::PaymentUnmapped => Some(mappings::payment_unmapped),
        Code::DateInexpressible => Some(orders::date_inexpressible),
        Code::StatusUnknown => Some(orders::status_unknown),
        Code::ItemNotHeld => Some(orders::item_not_held),
        Code::VatDisagrees => Some(money::vat_disagrees),
        Code::CreditHold => Some(money::credit_hold),
        Code::PermissionMissing => Some(money::permission_missing),
        Code::PeriodNotNormal => Some(money::period_not_normal),
        Code::LeftBehind => Some(money::left_behind),

        // Not produced yet.
        Code::WarehouseSkuUnknown
        | Code::BinUnmapped
        | Code::CutOffNear
        | Code::CutOffMissed
        | Code::LedgerForeignDespatch
        | Code::ForeignWrite
        | Code::StockShort
        | Code::Oversold
        | Code::WarehouseHold
        | Code::WarehouseQuery
        | Code::WarehouseRefused
        | Code::OverShipped
        | Code::ShortShipped
        | Code::Substituted
        | Code::ShippedAfterCancellation
        | Code::ShipmentUnknown
        | Code::TrackingMissing
        | Code::OutcomeUnclear
        | Code::PersonNeeded
        | Code::LockedTooLong
        | Code::PutOffTooLong
        | Code::ConsentLapsing
        | Code::ConsentLost
        | Code::VendorDown
        | Code::MachineFault
        | Code::FeedLate
        | Code::FeedSilent
        | Code::TallyGap
        | Code::AlertRouteDown
        | Code::MasterUnclear => None,
    }
}

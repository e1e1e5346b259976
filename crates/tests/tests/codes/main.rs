//! Each code of the catalogue has something that produces it: the twin where the flow exists, a fault put in by hand else. One test a
//! code; the compiler sees to it that none is forgotten.
//!
//! A producer brings it about, and sees that there is one card of that code, that it blames what is to blame, and, where a person can
//! put it right here, that putting it right closes it.

mod cut_off;
mod goods;
mod machines;
mod mappings;
mod model;
mod money;
mod orders;
mod refusals;
mod shared;
mod writes;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use tallyman_core::finding::Code;

fn main() -> ExitCode {
    let trials = Code::ALL.iter().map(|&code| {
        let produce = producer(code);
        Trial::test(code.name(), move || {
            produce();
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

fn producer(code: Code) -> fn() {
    match code {
        Code::SkuUnknown => mappings::sku_unknown,
        Code::WarehouseSkuUnknown => goods::warehouse_sku_unknown,
        Code::OverShipped => goods::over_shipped,
        Code::ShortShipped => goods::short_shipped,
        Code::Substituted => goods::substituted,
        Code::ShippedAfterCancellation => goods::shipped_after_cancellation,
        Code::ShipmentUnknown => goods::shipment_unknown,
        Code::TrackingMissing => goods::tracking_missing,
        Code::WarehouseHold => goods::warehouse_hold,
        Code::WarehouseQuery => goods::warehouse_query,
        Code::WarehouseRefused => goods::warehouse_refused,
        Code::StockShort => goods::stock_short,
        Code::Oversold => goods::oversold,
        Code::BinUnmapped => goods::bin_unmapped,
        Code::OutcomeUnclear => writes::outcome_unclear,
        Code::LedgerForeignDespatch => writes::ledger_foreign_despatch,
        Code::PersonNeeded => writes::person_needed,
        Code::LockedTooLong => writes::locked_too_long,
        Code::PutOffTooLong => writes::put_off_too_long,
        Code::ConsentLapsing => machines::consent_lapsing,
        Code::ConsentLost => machines::consent_lost,
        Code::VendorDown => machines::vendor_down,
        Code::MachineFault => machines::machine_fault,
        Code::FeedLate => machines::feed_late,
        Code::FeedSilent => machines::feed_silent,
        Code::TallyGap => machines::tally_gap,
        Code::AlertRouteDown => machines::alert_route_down,
        Code::ForeignWrite => writes::foreign_write,
        Code::CutOffNear => cut_off::cut_off_near,
        Code::CutOffMissed => cut_off::cut_off_missed,

        Code::MasterUnclear => model::master_unclear,
        Code::UnitUnmapped => mappings::unit_unmapped,
        Code::WarehouseUnmapped => mappings::warehouse_unmapped,
        Code::CarrierUnmapped => mappings::carrier_unmapped,
        Code::CustomerUnmapped => mappings::customer_unmapped,
        Code::TaxUnmapped => mappings::tax_unmapped,
        Code::AddressTooLong => orders::address_too_long,
        Code::ReferenceTooLong => orders::reference_too_long,
        Code::ReferenceReused => orders::reference_reused,
        Code::ReferenceTaken => orders::reference_taken,
        Code::QuantityNotWhole => orders::quantity_not_whole,
        Code::StatusUnexpected => orders::status_unexpected,
        Code::Unreadable => orders::unreadable,
        Code::ItemInactive => orders::item_inactive,
        Code::Refused => orders::refused,
        Code::TotalsDisagree => money::totals_disagree,
        Code::LedgerDuplicate => money::ledger_duplicate,
        Code::SkuAmbiguous => mappings::sku_ambiguous,
        Code::RetailerNumberReissued => mappings::retailer_number_reissued,
        Code::BarcodeUnknown => mappings::barcode_unknown,
        Code::SupplierUnmapped => mappings::supplier_unmapped,
        Code::PaymentUnmapped => mappings::payment_unmapped,
        Code::DateInexpressible => orders::date_inexpressible,
        Code::StatusUnknown => orders::status_unknown,
        Code::ItemNotHeld => orders::item_not_held,
        Code::VatDisagrees => money::vat_disagrees,
        Code::CreditHold => refusals::credit_hold,
        Code::PermissionMissing => refusals::permission_missing,
        Code::PeriodNotNormal => refusals::period_not_normal,
        Code::LeftBehind => money::left_behind,
    }
}

//! Each code of the catalogue has something that produces it: the twin where the flow exists, a fault put in by hand else. One test a
//! code; the compiler sees to it that none is forgotten.
//!
//! A producer brings it about, and sees that there is one card of that code, that it blames what is to blame, and, where a person can
//! put it right here, that putting it right closes it.

mod goods;
mod kit;
mod machines;
mod mappings;
mod model;

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
        Code::WarehouseSkuUnknown => Some(goods::warehouse_sku_unknown),
        Code::OverShipped => Some(goods::over_shipped),
        Code::ShortShipped => Some(goods::short_shipped),
        Code::Substituted => Some(goods::substituted),
        Code::ShippedAfterCancellation => Some(goods::shipped_after_cancellation),
        Code::ShipmentUnknown => Some(goods::shipment_unknown),
        Code::TrackingMissing => Some(goods::tracking_missing),
        Code::WarehouseHold => Some(goods::warehouse_hold),
        Code::WarehouseQuery => Some(goods::warehouse_query),
        Code::WarehouseRefused => Some(goods::warehouse_refused),
        Code::StockShort => Some(goods::stock_short),
        Code::Oversold => Some(goods::oversold),
        Code::BinUnmapped => Some(goods::bin_unmapped),
        Code::OutcomeUnclear => Some(machines::outcome_unclear),
        Code::LedgerForeignDespatch => Some(machines::ledger_foreign_despatch),
        Code::PersonNeeded => Some(machines::person_needed),
        Code::LockedTooLong => Some(machines::locked_too_long),
        Code::PutOffTooLong => Some(machines::put_off_too_long),
        Code::ConsentLapsing => Some(machines::consent_lapsing),
        Code::ConsentLost => Some(machines::consent_lost),
        Code::VendorDown => Some(machines::vendor_down),
        Code::MachineFault => Some(machines::machine_fault),
        Code::FeedLate => Some(machines::feed_late),
        Code::FeedSilent => Some(machines::feed_silent),
        Code::TallyGap => Some(machines::tally_gap),
        Code::AlertRouteDown => Some(machines::alert_route_down),
        Code::ForeignWrite => Some(machines::foreign_write),
        Code::CutOffNear => Some(machines::cut_off_near),
        Code::CutOffMissed => Some(machines::cut_off_missed),

        Code::MasterUnclear => Some(model::master_unclear),

        // Not produced yet.
        Code::SkuAmbiguous
        | Code::RetailerNumberReissued
        | Code::BarcodeUnknown
        | Code::SupplierUnmapped
        | Code::UnitUnmapped
        | Code::WarehouseUnmapped
        | Code::CarrierUnmapped
        | Code::CustomerUnmapped
        | Code::TaxUnmapped
        | Code::PaymentUnmapped
        | Code::AddressTooLong
        | Code::ReferenceTooLong
        | Code::ReferenceReused
        | Code::ReferenceTaken
        | Code::QuantityNotWhole
        | Code::DateInexpressible
        | Code::StatusUnexpected
        | Code::StatusUnknown
        | Code::Unreadable
        | Code::ItemInactive
        | Code::ItemNotHeld
        | Code::Refused
        | Code::TotalsDisagree
        | Code::VatDisagrees
        | Code::CreditHold
        | Code::PermissionMissing
        | Code::PeriodNotNormal
        | Code::LedgerDuplicate
        | Code::LeftBehind => None,
    }
}

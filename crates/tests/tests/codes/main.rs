//! Each code of the catalogue has something that produces it: the twin where the flow exists, a fault put in by hand else. One test a
//! code; the compiler sees to it that none is forgotten.
//!
//! A producer brings it about, and sees that there is one card of that code, that it blames what is to blame, and, where a person can
//! put it right here, that putting it right closes it.

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

        Code::MasterUnclear => Some(model::master_unclear),

        // Not produced yet.
        Code::SkuAmbiguous
        | Code::WarehouseSkuUnknown
        | Code::RetailerNumberReissued
        | Code::BarcodeUnknown
        | Code::SupplierUnmapped
        | Code::UnitUnmapped
        | Code::WarehouseUnmapped
        | Code::BinUnmapped
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
        | Code::CutOffNear
        | Code::CutOffMissed
        | Code::TotalsDisagree
        | Code::VatDisagrees
        | Code::CreditHold
        | Code::PermissionMissing
        | Code::PeriodNotNormal
        | Code::LedgerDuplicate
        | Code::LedgerForeignDespatch
        | Code::ForeignWrite
        | Code::LeftBehind
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
        | Code::AlertRouteDown => None,
    }
}

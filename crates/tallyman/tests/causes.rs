//! A day with causes planted on purpose: the twin's auditor, which reads the API and its own list, finds one card for each and no other.

use std::collections::BTreeSet;

use tallyman::demo::run_planted;
use tallyman::scene;
use tallyman_core::finding::Code;
use tallyman_twin::causes;

/// Enough that every cause finds an order that it fits.
const ORDERS: u32 = 320;

#[test]
fn each_planted_cause_is_one_card_with_its_records_and_told_once() {
    let settings = scene::planted_settings(7, ORDERS).expect("a day");
    let report = run_planted(settings, |_, _| {}).expect("it runs");
    let judgement = report.judgement.as_ref().expect("it is judged");
    assert_eq!(judgement.planted_wrong, 0, "{:#?}", report.complaints(false, false));
    assert_eq!(judgement.planted.len(), causes::ALL.len());
    assert!(judgement.alert_ms_p99.is_some());
    let mut lists = judgement.planted.iter().filter(|planted| planted.code == "address_too_long");
    assert_eq!(
        lists.next().map(|list| (list.cards, list.records)),
        Some((1, 40)),
        "forty addresses are one list"
    );
}

#[test]
fn every_code_is_planted_or_has_a_reason_why_not() {
    let planted: BTreeSet<&str> = causes::ALL.iter().map(|cause| cause.code).collect();
    for code in Code::ALL {
        assert_eq!(planted.contains(code.name()), why_not(*code).is_none(), "{}", code.name());
    }
}

/// Why nothing in the twin's world brings this about on such a day.
fn why_not(code: Code) -> Option<&'static str> {
    match code {
        Code::BinUnmapped => Some("no flow here puts anything into bins yet"),
        Code::PaymentUnmapped => Some("no flow here posts receipts yet"),
        Code::Oversold => Some("no flow here publishes stock yet"),
        Code::MachineFault => Some("the machine is ours, and the twin has no hand in it"),
        Code::AlertRouteDown => Some("the receiver that must hear of every card is the route"),
        Code::PersonNeeded => {
            Some("it takes a split line whose confirmation is lost after it was carried out, in one call of many")
        }
        Code::SkuUnknown | Code::SkuAmbiguous | Code::WarehouseSkuUnknown | Code::RetailerNumberReissued => None,
        Code::BarcodeUnknown | Code::SupplierUnmapped | Code::UnitUnmapped | Code::WarehouseUnmapped => None,
        Code::CarrierUnmapped | Code::CustomerUnmapped | Code::TaxUnmapped => None,
        Code::AddressTooLong | Code::ReferenceTooLong | Code::ReferenceReused | Code::ReferenceTaken => None,
        Code::QuantityNotWhole | Code::DateInexpressible | Code::StatusUnexpected | Code::StatusUnknown => None,
        Code::Unreadable | Code::ItemInactive | Code::ItemNotHeld | Code::Refused => None,
        Code::CutOffNear | Code::CutOffMissed | Code::TotalsDisagree | Code::VatDisagrees | Code::CreditHold => None,
        Code::PermissionMissing | Code::PeriodNotNormal | Code::LedgerDuplicate | Code::LedgerForeignDespatch => None,
        Code::ForeignWrite | Code::LeftBehind | Code::StockShort | Code::WarehouseHold | Code::WarehouseQuery => None,
        Code::WarehouseRefused | Code::OverShipped | Code::ShortShipped | Code::Substituted => None,
        Code::ShippedAfterCancellation | Code::ShipmentUnknown | Code::TrackingMissing | Code::OutcomeUnclear => None,
        Code::LockedTooLong | Code::PutOffTooLong | Code::ConsentLapsing | Code::ConsentLost | Code::VendorDown => None,
        Code::FeedLate | Code::FeedSilent | Code::TallyGap | Code::MasterUnclear => None,
    }
}

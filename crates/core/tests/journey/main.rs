//! What orders and shipments mean: guardrails that stop, and decisions that fill lines, split, overshoot and fall short.

mod again;
mod guardrails;
mod units;

use std::collections::{BTreeMap, BTreeSet};

use tallyman_core::address::{Address, Country};
use tallyman_core::cause::Cause;
use tallyman_core::check::{self, CheckedOrder, Known};
use tallyman_core::document::{Item, LineRef, LineState, Order, OrderLine, Shipment, ShippedLine};
use tallyman_core::effect::{Confirmation, Effect, Kind, RefusedTwice, TaggedAppend};
use tallyman_core::facts::{Facts, TaxCode};
use tallyman_core::finding::{Code, Finding};
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::{Company, Connection};
use tallyman_core::journey::{Decision, Journey, Proof, Route, decide};
use tallyman_core::mapping::{Cell, Mappings, Row, Table};
use tallyman_core::money::{Currency, Money, Rate};
use tallyman_core::quantity::Quantity;
use tallyman_core::reference::Reference;
use tallyman_core::sku::{Collation, Sku};
use tallyman_core::time::{Timestamp, Zone};

fn route() -> Route {
    Route {
        channel: Connection::new("retailer"),
        ledger: Connection::new("books"),
        warehouse: Connection::new("shed"),
    }
}

/// What is mapped, with units of sale: an item code, and how many of ours one of theirs is.
fn mappings(units: &[(&'static str, &'static str)]) -> Mappings {
    let cells = [
        (Table::Customer, "Shop", "SHOP01"),
        (Table::Warehouse, "shed", "MAIN"),
        (Table::Warehouse, "site of shed", "3"),
        (Table::Tax, "20", "1"),
        (Table::CarrierOut, "standard", "12"),
        (Table::CarrierIn, "Fast Parcels", "fast"),
    ];
    let units = units.iter().map(|(sku, ratio)| (Table::Unit, *sku, *ratio));
    Mappings::from_rows(
        cells
            .into_iter()
            .chain(units)
            .zip(1..)
            .map(|((table, theirs, ours), seq)| Row {
                cell: Cell::new(table, "retailer", theirs),
                ours: Some(ours.into()),
                seq,
                at: Timestamp::ZERO,
                actor: "test".into(),
                reason: "test".into(),
            }),
    )
}

fn facts() -> Facts {
    let item = |code: &str, id| {
        let sku = Sku::parse(code).expect("a code");
        (
            sku.key().as_str().to_owned(),
            Item {
                sku,
                ledger_id: id,
                name: code.into(),
                may_be_sold: code != "OLD",
                held_at: None,
            },
        )
    };
    Facts {
        items: BTreeMap::from([item("MUG", 1), item("Plate", 2), item("OLD", 3)]),
        customers: BTreeMap::from([("SHOP01".into(), 7)]),
        warehouses: BTreeMap::from([("MAIN".into(), 8)]),
        tax_codes: BTreeMap::from([(
            "1".into(),
            TaxCode {
                id: 9,
                rate: Rate::parse("20.00").expect("a rate"),
            },
        )]),
        couriers: BTreeMap::new(),
        collation: Collation::default(),
        records_tracking: true,
        ..Facts::default()
    }
}

fn line(reference: &str, sku: &str, quantity: i64) -> OrderLine {
    let (quantity, unit_price) = (Quantity::whole(quantity), Money::from_minor(250));
    OrderLine {
        line: LineRef(reference.into()),
        part_number: format!("part-{sku}"),
        sku: sku.into(),
        first_came_with: None,
        quantity,
        unit_price,
        net: unit_price.checked_mul(quantity).ok(),
        tax: None,
        tax_rate: Rate::parse("20.00").ok(),
        promised: None,
        state: LineState::New,
    }
}

fn order(lines: Vec<OrderLine>) -> Order {
    Order {
        company: Company::new("trader"),
        channel: route().channel,
        source_key: "7001".into(),
        reference: Reference::parse("WEB-1").expect("a reference"),
        retailer: "shop".into(),
        supplier: None,
        unknown_status: None,
        ordered_at: Timestamp::ZERO,
        currency: Currency::GBP,
        service: Some("standard".into()),
        test: false,
        address: Address {
            name: "A Buyer".into(),
            company: None,
            line_1: "1 High Street".into(),
            line_2: None,
            line_3: None,
            line_4: None,
            city: Some("Leeds".into()),
            county: None,
            postcode: Some("LS1 1AA".into()),
            country: Country::GB,
            phone: None,
            email: None,
            contact: None,
        },
        net: Money::sum(lines.iter().filter_map(|line| line.net)).ok(),
        tax: None,
        lines,
    }
}

fn checked(order: &Order) -> Result<CheckedOrder, Vec<Finding>> {
    checked_with(&mappings(&[]), order)
}

fn checked_with(mappings: &Mappings, order: &Order) -> Result<CheckedOrder, Vec<Finding>> {
    let (facts, route, zone) = (facts(), route(), Zone::utc());
    check::order(
        order,
        &Known {
            mappings,
            facts: &facts,
            route: &route,
            zone: &zone,
            suppliers: &BTreeSet::new(),
        },
    )
}

fn codes(order: &Order) -> Vec<Code> {
    checked(order)
        .expect_err("it is stopped")
        .into_iter()
        .map(|finding| finding.code)
        .collect()
}

fn begun(lines: Vec<OrderLine>) -> Journey {
    let order = order(lines);
    decide::on_order(&order, &checked(&order).expect("it passes"), &route()).journey
}

fn shipped(journey: &Journey, key: &str, parts: u32, carrier: &str, lines: &[(&str, i64)]) -> Decision {
    shipped_or_again(journey, key, parts, carrier, lines, How::First { confirm_parts: false })
}

/// What is asked about a shipment.
enum How {
    First {
        confirm_parts: bool,
    },
    /// The confirmation of it that was stopped.
    Again(Fingerprint, Confirmation),
}

/// The same shipment when it comes, or when the confirmation of it that was stopped is decided again.
fn shipped_or_again(journey: &Journey, key: &str, parts: u32, carrier: &str, lines: &[(&str, i64)], how: How) -> Decision {
    let shipment = shipment(key, parts, carrier, lines);
    let (mappings, facts, route, zone) = (mappings(&[]), facts(), route(), Zone::utc());
    let checked = check::shipment(
        &shipment,
        &Known {
            mappings: &mappings,
            facts: &facts,
            route: &route,
            zone: &zone,
            suppliers: &BTreeSet::new(),
        },
    );
    match how {
        How::First { confirm_parts } => decide::on_shipment(journey, &shipment, &checked, confirm_parts),
        How::Again(parked, confirmation) => {
            decide::on_confirmation_again(journey, (&parked, confirmation), &shipment, &checked, false)
        }
    }
}

fn shipment(key: &str, parts: u32, carrier: &str, lines: &[(&str, i64)]) -> Shipment {
    Shipment {
        company: Company::new("trader"),
        warehouse: route().warehouse,
        key: key.into(),
        release: "TAG".into(),
        order_number: "0000000001".into(),
        carrier: carrier.into(),
        tracking: Some("T1".into()),
        tracking_url: None,
        shipped_at: Timestamp::ZERO,
        lines: lines
            .iter()
            .map(|(sku, quantity)| ShippedLine {
                sku: (*sku).into(),
                quantity: Quantity::whole(*quantity),
            })
            .collect(),
        parts,
    }
}

fn kinds(decision: &Decision) -> Vec<Kind> {
    decision.effects.iter().map(|planned| planned.effect.kind()).collect()
}

fn despatched(decision: &Decision) -> Vec<(String, i64)> {
    let despatch = decision.effects.iter().find_map(|planned| match &planned.effect {
        Effect::TaggedAppend(TaggedAppend::Despatch(despatch)) => Some(despatch),
        _ => None,
    });
    let lines = despatch.map(|despatch| despatch.lines.clone()).unwrap_or_default();
    lines
        .into_iter()
        .map(|line| (line.line.0, line.quantity.as_whole().unwrap_or(-1)))
        .collect()
}

#[test]
fn an_order_that_passes_is_drafted_confirmed_and_then_told_to_both_sides() {
    let order = order(vec![line("1", "mug", 3), line("2", "PLATE ", 2)]);
    let decision = decide::on_order(&order, &checked(&order).expect("it passes"), &route());
    assert_eq!(
        kinds(&decision),
        [Kind::Draft, Kind::ConfirmDraft, Kind::Acknowledge, Kind::Release]
    );
    let confirm = decision.effects[1].id;
    assert_eq!(
        decision.effects[2].after,
        [confirm],
        "the retailer is told when the ledger has it"
    );
    assert_eq!(decision.effects[3].after, [confirm], "so is the warehouse");
    assert_eq!(
        decision,
        decide::on_order(&order, &checked(&order).expect("it passes"), &route()),
        "decisions repeat"
    );
}

#[test]
fn every_finding_is_told_at_once() {
    let mut bad = order(vec![line("1", "NOSUCH", 1), line("2", "OLD", 1)]);
    bad.service = Some("pigeon".into());
    bad.address.line_1 = "x".repeat(90);
    assert_eq!(
        codes(&bad),
        [
            Code::CarrierUnmapped,
            Code::AddressTooLong,
            Code::SkuUnknown,
            Code::ItemInactive
        ]
    );
}

#[test]
fn figures_that_disagree_and_lines_that_are_not_new_stop_an_order() {
    let mut wrong = order(vec![line("1", "MUG", 2)]);
    wrong.net = Some(Money::from_minor(501));
    assert_eq!(codes(&wrong), [Code::TotalsDisagree]);
    let mut gone = order(vec![line("1", "MUG", 2), line("2", "MUG", 1)]);
    gone.lines[0].state = LineState::CancelRequested;
    assert_eq!(codes(&gone), [Code::StatusUnexpected]);
}

#[test]
fn a_sku_that_stands_twice_is_filled_line_by_line_and_confirmed_when_it_is_whole() {
    let journey = begun(vec![line("1", "MUG", 3), line("2", "mug", 5)]);
    let first = shipped(&journey, "a", 2, "Fast Parcels", &[("MUG", 4)]);
    assert_eq!(despatched(&first), [("1".into(), 3), ("2".into(), 1)]);
    assert_eq!(kinds(&first), [Kind::Despatch, Kind::Confirm], "only line 1 is whole");
    assert!(first.findings.is_empty(), "{:?}", first.findings);
    let second = shipped(&first.journey, "b", 2, "Fast Parcels", &[("MUG", 2), ("MUG", 2)]);
    assert_eq!(
        despatched(&second),
        [("2".into(), 4)],
        "one line of the ledger's call, however often the SKU is named"
    );
    assert!(second.findings.is_empty(), "{:?}", second.findings);
}

#[test]
fn too_much_too_little_and_what_was_never_ordered_are_found() {
    let journey = begun(vec![line("1", "MUG", 3)]);
    let over = shipped(&journey, "a", 1, "Fast Parcels", &[("MUG", 4)]);
    assert_eq!(despatched(&over), [("1".into(), 3)], "the ledger is told what was ordered");
    let found = |decision: &Decision| decision.findings.iter().map(|finding| finding.code).collect::<Vec<_>>();
    assert_eq!(found(&over), [Code::OverShipped]);
    assert_eq!(
        found(&shipped(&journey, "a", 1, "Fast Parcels", &[("MUG", 2)])),
        [Code::ShortShipped]
    );
    assert_eq!(
        found(&shipped(&journey, "a", 2, "Fast Parcels", &[("MUG", 2)])),
        [],
        "more is to come"
    );
    assert_eq!(
        found(&shipped(&journey, "a", 1, "Fast Parcels", &[("MUG", 3), ("VASE", 1)])),
        [Code::WarehouseSkuUnknown]
    );
}

#[test]
fn a_carrier_without_a_mapping_stops_the_confirmation_and_not_the_despatch() {
    let decision = shipped(&begun(vec![line("1", "MUG", 3)]), "a", 1, "Slow Parcels", &[("MUG", 3)]);
    assert_eq!(kinds(&decision), [Kind::Despatch, Kind::Confirm]);
    assert!(decision.effects[0].parked.is_none());
    assert_eq!(
        decision.effects[1].parked.as_ref().map(|finding| finding.code),
        Some(Code::CarrierUnmapped)
    );
}

#[test]
fn a_stopped_confirmation_is_superseded_once_its_carrier_is_known_and_not_before() {
    let journey = begun(vec![line("1", "MUG", 3)]);
    let stopped = shipped(&journey, "a", 1, "Slow Parcels", &[("MUG", 3)]);
    let parked = &stopped.effects[1];
    let Effect::RefusedTwice(RefusedTwice::Confirm(confirmation)) = &parked.effect else {
        panic!("a confirmation of whole lines: {parked:?}");
    };
    let again = |carrier| {
        let again = How::Again(parked.id, confirmation.clone());
        shipped_or_again(&stopped.journey, "a", 1, carrier, &[("MUG", 3)], again)
    };
    let still = again("Slow Parcels");
    assert_eq!(kinds(&still), []);
    assert_eq!(
        still.findings.first().map(|finding| finding.code),
        Some(Code::CarrierUnmapped)
    );
    let known = again("Fast Parcels");
    let [planned] = &known.effects[..] else {
        panic!("one effect: {known:?}");
    };
    assert_eq!((planned.supersedes, planned.parked.is_none()), (Some(parked.id), true));
    assert_ne!(planned.id, parked.id);
    let Effect::RefusedTwice(RefusedTwice::Confirm(sent)) = &planned.effect else {
        panic!("a confirmation of whole lines: {planned:?}");
    };
    assert_eq!((sent.carrier.as_str(), &sent.lines), ("fast", &confirmation.lines));
    assert_eq!(known.journey, stopped.journey, "nothing is shipped twice by it");
}

#[test]
fn a_database_that_tells_cases_apart_has_two_items_where_another_has_one() {
    let under = |collation| {
        let mut facts = facts();
        facts.collation = collation;
        facts.items = ["MUG", "mug"]
            .into_iter()
            .zip(10..)
            .map(|(code, id)| {
                let sku = Sku::parse(code).expect("a code");
                let item = Item {
                    sku: sku.clone(),
                    ledger_id: id,
                    name: code.into(),
                    may_be_sold: true,
                    held_at: None,
                };
                (sku.key_under(collation).as_str().to_owned(), item)
            })
            .collect();
        let order = order(vec![line("1", "MUG", 1), line("2", "mug ", 2)]);
        let (mappings, route, zone) = (mappings(&[]), route(), Zone::utc());
        let known = Known {
            mappings: &mappings,
            facts: &facts,
            route: &route,
            zone: &zone,
            suppliers: &BTreeSet::new(),
        };
        let checked = check::order(&order, &known).expect("it passes");
        let ids: Vec<i64> = checked.ledger.lines.iter().map(|line| line.product_id).collect();
        let units: Vec<i64> = checked.release.items.iter().map(|item| item.units).collect();
        (ids, units)
    };
    assert_eq!(under(Collation::CaseInsensitive), (vec![11, 11], vec![3]));
    assert_eq!(under(Collation::Exact), (vec![10, 11], vec![1, 2]));
}

//! The auditors themselves: clean books are clean, and whatever is done to them is found and named.

use rust_decimal::Decimal;

use super::clerk::{Clerk, NOON};
use super::{audit, doubled};
use crate::books::Books;
use crate::clock::HOUR;
use crate::faults::{Counts, Faults};
use crate::mintsoft::books as warehouse;
use crate::settings::{Company, Orders, Settings};
use crate::world;

fn orders() -> Orders {
    Orders {
        count: 12,
        skip_invoices: 0,
        within: HOUR,
        same_for_all: true,
        planted_per_mille: 0,
        mended: false,
        relisted: 0,
        foreign_per_mille: 0,
        keyed_late_per_mille: 0,
        lines_max: 0,
        named_items_only: false,
    }
}

#[test]
fn clean_books_are_clean() {
    let clerk = Clerk::after_a_good_day(orders());
    let report = clerk.audit();
    assert!(report.is_clean(), "{report:#?}");
    assert!(report.finished);
    assert_eq!((report.orders, report.complete, report.stopped), (24, 24, 0));
    assert!(report.stages.values().all(|orders| *orders == 24), "{:?}", report.stages);
    assert!(clerk.books.mintsoft.books.orders.len() > 24, "some were split");
    assert!(doubled(&clerk.books).is_empty());
}

#[test]
fn stopped_orders_are_not_missed_but_what_was_shipped_of_them_is() {
    let mut clerk = Clerk::after_a_good_day(Orders {
        planted_per_mille: 150,
        mended: false,
        relisted: 0,
        foreign_per_mille: 150,
        ..orders()
    });
    let report = clerk.audit();
    assert!(report.is_clean(), "{report:#?}");
    assert!(report.stopped > 1 && report.complete == 24 - report.stopped);
    // One of them slips through to the warehouse, and its despatch is forgotten.
    let stopped: Vec<(u32, i64)> = clerk
        .books
        .virtualstock
        .books
        .orders
        .values()
        .filter(|order| {
            clerk.books.world.is_stopped(order.company, &order.order_reference)
                && order.lines.iter().all(|line| !line.part_number.starts_with("NOSUCH"))
        })
        .map(|order| (order.company, order.id))
        .collect();
    let (company, id) = stopped[0];
    clerk.sign_in(company);
    clerk.order_and_release(company, id);
    clerk.wait(3 * HOUR);
    let report = clerk.audit();
    assert_eq!(report.lost.len(), clerk.books.virtualstock.books.orders[&id].lines.len());
    assert!(
        report.lost[0].contains("despatched is less than was shipped"),
        "{:?}",
        report.lost
    );
}

#[test]
fn an_order_that_vanishes_is_lost_line_by_line() {
    let mut clerk = Clerk::after_a_good_day(orders());
    let (id, reference) = (clerk.some_order().id, clerk.some_order().customer_document_no.clone());
    let lines = clerk.some_order().lines.len();
    clerk.books.sage.books.orders.remove(&id);
    let report = clerk.audit();
    assert_eq!(report.lost.len(), lines);
    assert!(
        report
            .lost
            .iter()
            .all(|lost| lost.starts_with(&format!("company 1, {reference}, line "))),
        "{:?}",
        report.lost
    );
    assert!(report.lost[0].contains("sage_ordered is less than was ordered"));
    assert!(
        report
            .doubled
            .iter()
            .any(|doubled| doubled.contains("answers to no order of ours in Sage"))
    );
}

#[test]
fn an_order_that_never_reached_the_warehouse_is_lost() {
    let mut clerk = Clerk::after_a_good_day(orders());
    let number = clerk.some_order().document_no.clone();
    clerk
        .books
        .mintsoft
        .books
        .orders
        .retain(|_, order| order.client != 1 || order.order_number != number);
    assert!(clerk.audit().lost[0].contains("released is less than was ordered"));
}

#[test]
fn a_second_sage_order_is_doubled() {
    let mut clerk = Clerk::after_a_good_day(orders());
    let mut twin = clerk.some_order().clone();
    (twin.id, twin.document_no) = (999_999_999, "0000009999".into());
    clerk.books.sage.books.orders.insert(twin.id, twin);
    let report = clerk.audit();
    assert!(
        report.doubled[0].contains("sage_ordered is more than was ordered"),
        "{:?}",
        report.doubled
    );
    assert_eq!(doubled(&clerk.books), report.doubled);
}

#[test]
fn a_despatch_posted_twice_is_doubled() {
    let mut clerk = Clerk::after_a_good_day(orders());
    let order = clerk.some_order().id;
    let despatches = &mut clerk.books.sage.books.despatches;
    let mut twin = despatches
        .values()
        .find(|despatch| despatch.order_id == order)
        .expect("despatched")
        .clone();
    let items = twin.items.len();
    twin.id = 999_999_999;
    despatches.insert(twin.id, twin);
    let report = clerk.audit();
    assert_eq!(report.doubled.len(), items);
    assert!(
        report
            .doubled
            .iter()
            .all(|doubled| doubled.contains("despatched is more than was ordered"))
    );
    assert!(report.lost.is_empty());
}

#[test]
fn what_was_posted_but_not_shipped_is_named_in_the_middle_of_the_day() {
    let mut clerk = Clerk::after_a_good_day(orders());
    let number = clerk.some_order().document_no.clone();
    for part in clerk
        .books
        .mintsoft
        .books
        .orders
        .values_mut()
        .filter(|part| part.client == 1 && part.order_number == number)
    {
        part.status = warehouse::Status::Picked;
    }
    assert!(doubled(&clerk.books)[0].contains("despatched is more than was shipped"));
}

#[test]
fn an_order_of_nobody_is_named() {
    let mut clerk = Clerk::after_a_good_day(orders());
    clerk.some_order().customer_document_no = "VS-0".into();
    assert!(
        clerk
            .audit()
            .doubled
            .iter()
            .any(|doubled| doubled.contains("answers to no order of the retailer"))
    );
}

#[test]
fn an_order_in_the_wrong_company_is_lost_in_one_and_doubled_in_the_other() {
    let mut clerk = Clerk::after_a_good_day(orders());
    clerk.some_order().company = 2;
    let report = clerk.audit();
    assert!(
        report.lost.iter().all(|lost| lost.starts_with("company 1, ")),
        "{:?}",
        report.lost
    );
    let in_the_other =
        |doubled: &String| doubled.starts_with("company 2, ") && doubled.contains("sage_ordered is more than was ordered");
    assert!(report.doubled.iter().any(in_the_other), "{:?}", report.doubled);
}

#[test]
fn a_moved_penny_is_named() {
    let mut clerk = Clerk::after_a_good_day(orders());
    let line = &mut clerk.some_order().lines[0];
    line.unit_price += Decimal::new(1, 2);
    let moved = line.quantity;
    let report = clerk.audit();
    assert_eq!(Decimal::from(report.moved_pennies), moved);
    assert_eq!(report.money.len(), 2, "the price and the net total: {:?}", report.money);
    assert!(report.lost.is_empty() && report.doubled.is_empty() && report.units.is_empty());
}

#[test]
fn a_wrong_tax_rate_is_named() {
    let mut clerk = Clerk::after_a_good_day(orders());
    clerk.some_order().lines[0].tax_rate = Decimal::from(5);
    assert_eq!(clerk.audit().money.len(), 1);
}

#[test]
fn a_moved_unit_is_named() {
    let mut clerk = Clerk::after_a_good_day(orders());
    clerk.some_order().lines[0].quantity -= Decimal::ONE;
    let report = clerk.audit();
    assert_eq!((report.moved_units, report.units.len()), (1, 1));
    assert!(report.lost[0].contains("sage_ordered is less"));
}

#[test]
fn a_left_draft_is_counted() {
    let mut clerk = Clerk::after_a_good_day(orders());
    let mut draft = clerk.some_order().clone();
    (draft.id, draft.document_no, draft.is_draft) = (999_999_999, "TBA".into(), true);
    clerk.books.sage.books.orders.insert(draft.id, draft);
    let report = clerk.audit();
    assert_eq!((report.orphan_drafts, report.is_clean()), (1, false));
    assert!(report.doubled.is_empty());
}

#[test]
fn a_parcel_number_that_is_missing_or_wrong_is_named() {
    let mut clerk = Clerk::after_a_good_day(orders());
    let mut despatches = clerk
        .books
        .sage
        .books
        .despatches
        .values_mut()
        .filter(|despatch| despatch.company == 1);
    despatches.next().expect("one").consignment_no.clear();
    despatches.next().expect("two").consignment_no = "TT0GB".into();
    let placed = clerk.books.virtualstock.books.orders.values_mut().next().expect("one");
    placed.lines[0].dispatches[0].tracking_number = "TT1GB".into();
    assert_eq!(clerk.audit().tracking.len(), 3);
}

#[test]
fn nothing_is_lost_before_the_day_is_over() {
    let companies = vec![Company::numbered(1, true)];
    let settings = Settings {
        seed: 7,
        origin: NOON,
        companies,
        faults: Faults::none(),
        orders: orders(),
        limits: false,
        virtualstock: crate::virtualstock::Switches::default(),
        mintsoft: crate::mintsoft::Switches::default(),
        sage: crate::sage::Switches::default(),
        plant: None,
        plant_only: Vec::new(),
    };
    let mut books = Books::new(&settings, &Counts::new(&settings));
    world::advance(&mut books, NOON + HOUR / 2);
    let report = audit(&books, NOON + HOUR / 2);
    assert!(report.is_clean() && !report.finished && report.orders > 0);
    world::advance(&mut books, NOON + HOUR);
    let report = audit(&books, NOON + HOUR);
    assert!(report.finished && !report.lost.is_empty());
}

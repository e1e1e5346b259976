//! What the world does, and that it does the same again.

use super::*;
use crate::clock::MINUTE;
use crate::faults::{Counts, Faults};
use crate::settings::{Company, Orders};
use crate::virtualstock::books::{Line, Order};

const NOON: Instant = 1_767_960_000_000_000;

fn settings(orders: Orders) -> Settings {
    let companies = vec![Company::numbered(1, true), Company::numbered(2, false)];
    Settings {
        seed: 7,
        origin: NOON,
        companies,
        faults: Faults::none(),
        orders,
        limits: true,
        virtualstock: crate::virtualstock::Switches::default(),
        mintsoft: crate::mintsoft::Switches::default(),
        sage: crate::sage::Switches::default(),
        plant: None,
        plant_only: Vec::new(),
    }
}

fn orders(count: u32) -> Orders {
    Orders {
        count,
        skip_invoices: 0,
        within: 2 * HOUR,
        same_for_all: false,
        planted_per_mille: 0,
        mended: false,
        relisted: 0,
        foreign_per_mille: 0,
        keyed_late_per_mille: 0,
        lines_max: 0,
        named_items_only: false,
    }
}

fn books(settings: &Settings) -> Books {
    Books::new(settings, &Counts::new(settings))
}

fn arrived(books: &Books) -> Vec<&Order> {
    books.virtualstock.books.orders.values().collect()
}

#[test]
fn orders_arrive_from_the_origin_to_the_end_of_the_time_given() {
    let mut books = books(&settings(orders(50)));
    advance(&mut books, NOON - 1);
    assert!(arrived(&books).is_empty());
    advance(&mut books, NOON);
    assert_eq!(arrived(&books)[0].order_reference, "VS-536365");
    advance(&mut books, NOON + 2 * HOUR - 1);
    assert_eq!(arrived(&books).len(), 49);
    assert!(!books.world.progress().all_arrived);
    advance(&mut books, NOON + 2 * HOUR);
    let progress = books.world.progress();
    assert!(progress.all_arrived && progress.events_waiting == 0);
    assert_eq!((progress.orders, progress.arrived, progress.expected), (50, 50, 50));
    assert_eq!(
        progress.orders + progress.declined.values().sum::<u64>(),
        progress.invoices_read
    );
}

#[test]
fn the_whole_of_the_data_is_accounted_for() {
    let world = World::new(&settings(orders(20_000)));
    let progress = world.progress();
    assert_eq!((progress.invoices_read, progress.orders), (10_783, 8_067));
    assert_eq!(
        progress.declined,
        [("credit", 1_677), ("no goods", 59), ("stock correction", 980)]
            .map(|(name, n)| (name.into(), n))
            .into()
    );
}

#[test]
fn invoices_are_dealt_in_turn_or_every_company_gets_each() {
    let mut books_dealt = books(&settings(orders(10)));
    advance(&mut books_dealt, NOON + 2 * HOUR);
    let companies: Vec<u32> = arrived(&books_dealt).iter().map(|order| order.company).collect();
    assert_eq!(companies, [1, 2, 1, 2, 1, 2, 1, 2, 1, 2]);
    let mut books_same = books(&settings(Orders {
        same_for_all: true,
        ..orders(10)
    }));
    advance(&mut books_same, NOON + 2 * HOUR);
    assert_eq!(books_same.world.progress().expected, 20);
    let of = |company| arrived(&books_same).into_iter().filter(move |order| order.company == company);
    assert!(
        of(1)
            .map(|order| &order.order_reference)
            .eq(of(2).map(|order| &order.order_reference))
    );
}

#[test]
fn defects_are_planted_in_turn_from_a_drawn_one_on_and_remembered() {
    let mut books = books(&settings(Orders {
        planted_per_mille: 1000,
        ..orders(6)
    }));
    advance(&mut books, NOON + 2 * HOUR);
    assert!(books.world.progress().planted.values().all(|planted| *planted == 2));
    let arrived = arrived(&books);
    assert!(
        arrived
            .iter()
            .all(|order| books.world.is_stopped(order.company, &order.order_reference))
    );
    let kinds: Vec<Defect> = arrived
        .iter()
        .zip(1..)
        .map(|(order, number)| {
            let named =
                |line: &Line| line.supplier_sku_reference == format!("NOSUCH-{number}") && line.part_number.starts_with("NOSUCH");
            if order.lines.iter().any(named) {
                Defect::UnknownSku
            } else if order.address.line_1.chars().count() == 90 {
                Defect::LongAddress
            } else {
                assert_eq!(order.delivery_service_code.as_deref(), Some("pigeon"));
                Defect::UnmappedCarrier
            }
        })
        .collect();
    assert_eq!(kinds[..3], kinds[3..], "{kinds:?}");
    assert!(Defect::ALL.iter().all(|kind| kinds[..3].contains(kind)), "{kinds:?}");
}

#[test]
fn each_kind_of_defect_comes_first_in_about_a_third_of_all_days() {
    let first = |seed| {
        let day = Settings {
            seed,
            ..settings(Orders {
                planted_per_mille: 1000,
                ..orders(1)
            })
        };
        plan::plan(&day).progress.planted.into_keys().next()
    };
    let mut met: std::collections::BTreeMap<String, u32> = std::collections::BTreeMap::new();
    for kind in (0..90).filter_map(first) {
        *met.entry(kind).or_default() += 1;
    }
    assert!(met.len() == 3 && met.values().all(|days| *days >= 20), "{met:?}");
}

#[test]
fn relisted_orders_are_spread_over_the_day_and_lead_with_the_best_seller() {
    let mut books = books(&settings(Orders {
        relisted: 6,
        ..orders(9)
    }));
    advance(&mut books, NOON + 2 * HOUR);
    let relisted: Vec<bool> = books
        .virtualstock
        .books
        .orders
        .values()
        .map(|order| {
            let sellers = order.lines.iter().filter(|line| line.item == BEST_SELLER).count();
            let leads = order.lines[0].part_number == format!("{BEST_SELLER}{RENAMED}");
            assert!(!leads || (order.company == 1 && sellers == 1), "{}", order.order_reference);
            leads
        })
        .collect();
    assert_eq!(relisted, [false, true, true, false, true, true, false, true, true]);
    assert_eq!(books.world.progress().planted["relisted"], 6);
}

#[test]
fn a_foreign_order_is_in_sage_before_its_namesake_arrives() {
    let mut books = books(&settings(Orders {
        mended: false,
        foreign_per_mille: 1000,
        ..orders(3)
    }));
    advance(&mut books, NOON);
    assert_eq!(books.world.progress().foreign, 3);
    let keyed = books
        .sage
        .books
        .orders
        .values()
        .find(|order| order.customer_document_no == "VS-536365")
        .expect("keyed by hand");
    assert!(keyed.by_hand && books.world.is_stopped(keyed.company, "VS-536365"));
}

#[test]
fn an_order_keyed_late_is_named_once_it_stands_beside_ours_and_stops_ours_otherwise() {
    let mut books = books(&settings(Orders {
        keyed_late_per_mille: 1000,
        ..orders(3)
    }));
    advance(&mut books, NOON + 3 * HOUR);
    assert_eq!((books.world.progress().keyed_late, books.world.progress().foreign), (3, 0));
    let report = crate::audit::audit(&books, NOON + 3 * HOUR);
    assert!(
        report.doubled_by_hand.is_empty() && report.stopped == 3,
        "nothing was ordered over the API"
    );
    // One comes over the API as well.
    let by_hand = books.sage.books.orders.values().next().expect("keyed").clone();
    let mut ours = by_hand.clone();
    (ours.id, ours.document_no, ours.by_hand) = (1, "ours".into(), false);
    books.sage.books.orders.insert(1, ours);
    let report = crate::audit::audit(&books, NOON + 3 * HOUR);
    let [doubled] = &report.doubled_by_hand[..] else {
        panic!("{:?}", report.doubled_by_hand)
    };
    assert_eq!(doubled.reference, by_hand.customer_document_no);
    assert_eq!(
        (&doubled.ordered, &doubled.by_hand),
        (&vec!["ours".to_owned()], &vec![by_hand.document_no])
    );
    assert_eq!(report.stopped, 2);
}

#[test]
fn tax_is_charged_at_home_only_and_rounded_by_line() {
    let mut books = books(&settings(orders(60)));
    advance(&mut books, NOON + 2 * HOUR);
    for order in arrived(&books) {
        let rate = if order.address.country == "GB" { 20 } else { 0 };
        assert!(order.lines.iter().all(|line| line.tax_rate == rate && line.tax_pennies() == (line.subtotal_pennies() * i64::from(rate) + 50) / 100));
        assert!(order.address.postal_code.chars().count() <= 10 && order.address.full_name.chars().count() <= 60);
    }
    assert!(arrived(&books).iter().any(|order| order.address.country == "FR"));
}

#[test]
fn the_same_seed_makes_the_same_orders_however_often_the_world_is_asked() {
    let chaotic = settings(Orders {
        planted_per_mille: 100,
        skip_invoices: 10_700,
        ..orders(120)
    });
    let (mut at_once, mut step_by_step) = (books(&chaotic), books(&chaotic));
    advance(&mut at_once, NOON + 2 * HOUR);
    for minute in 0..=120 {
        advance(&mut step_by_step, NOON + minute * MINUTE);
    }
    assert_eq!(format!("{:?}", arrived(&at_once)), format!("{:?}", arrived(&step_by_step)));
    assert_eq!(at_once.world.progress(), step_by_step.world.progress());
}

//! What a mapping does not say, or says twice.

use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::mapping::{Cell, Table};

use tallyman_core::finding::Finding;
use tallyman_twin::virtualstock::{NewLine, NewOrder};

use crate::shared::{
    CHANNEL, LEDGER, RETAILER, WAREHOUSE, cell, correct, day, goes_on, map, one_card, one_card_of_the_order, order, slip, unmap,
};

/// A GTIN that no item has.
const BARCODE: &str = "5012345678900";
/// What the warehouse calls its carriers.
const CARRIERS: [&str; 5] = [
    "Royal Mail Tracked 48",
    "Royal Mail Tracked 24",
    "DPD Next Day",
    "Parcelforce Global",
    "Yodel 48",
];
/// The retailer's own number of an item.
const NUMBER: &str = "81234567";

/// The retailer's code is mapped to an item that the ledger does not have.
pub fn sku_unknown() {
    day(async |scene| {
        let cell = cell(Table::Sku, &order(&scene).lines[0].item);
        map(&scene, &cell, "NO-SUCH-ITEM").await;
        let card = one_card_of_the_order(&scene, Code::SkuUnknown).await;
        assert_eq!(card.cause, Cause::Cell(cell.clone()));
        map(&scene, &cell, &cell.theirs).await;
        goes_on(&scene, Code::SkuUnknown).await;
    });
}

/// Somebody has written a word where a number belongs.
pub fn unit_unmapped() {
    wrong_then_right(Code::UnitUnmapped, |sku, _| (cell(Table::Unit, sku), Some("a dozen"), "1"));
}

/// The 3PL's warehouse is taken out of the mapping, or is one that the ledger does not have; then its site is, or is no number.
pub fn warehouse_unmapped() {
    let site = format!("site of {WAREHOUSE}");
    for (theirs, wrong, right) in [
        (WAREHOUSE, None, "MAIN"),
        (WAREHOUSE, Some("NOWHERE"), "MAIN"),
        (&site, None, "3"),
        (&site, Some("Leeds"), "3"),
    ] {
        wrong_then_right(Code::WarehouseUnmapped, |_, _| (cell(Table::Warehouse, theirs), wrong, right));
    }
}

/// The delivery service is taken out of the mapping; then what the warehouse's carriers are called at the retailer.
pub fn carrier_unmapped() {
    wrong_then_right(Code::CarrierUnmapped, |_, service| {
        (cell(Table::CarrierOut, service), None, "12")
    });
    day(async |scene| {
        for carrier in CARRIERS {
            unmap(&scene, &cell(Table::CarrierIn, carrier)).await;
        }
        let card = one_card(&scene, Code::CarrierUnmapped).await;
        let blamed = |carrier: &&&str| card.cause == Cause::Cell(cell(Table::CarrierIn, carrier));
        let carrier = CARRIERS.iter().find(blamed).expect("a carrier");
        map(&scene, &cell(Table::CarrierIn, carrier), "royal-mail").await;
        goes_on(&scene, Code::CarrierUnmapped).await;
        scene
            .work_until("told", async |scene| scene.stands("complete").await == 2)
            .await;
    });
}

/// The retailer has no account, or one that the ledger does not have.
pub fn customer_unmapped() {
    for wrong in [None, Some("NOBODY")] {
        wrong_then_right(Code::CustomerUnmapped, |_, _| {
            (cell(Table::Customer, RETAILER), wrong, "VSRETAIL")
        });
    }
}

/// A rate has no tax code, one that the ledger does not have, or that of another rate.
pub fn tax_unmapped() {
    for wrong in [None, Some("99"), Some("0")] {
        wrong_then_right(Code::TaxUnmapped, |_, _| (cell(Table::Tax, "20"), wrong, "1"));
    }
}

/// A cell says something wrong, or nothing; then it says the right thing. It is chosen by an item of the order and by its service.
fn wrong_then_right(code: Code, choose: impl Fn(&str, &str) -> (Cell, Option<&'static str>, &'static str)) {
    day(async |scene| {
        let order = order(&scene);
        let service = order.delivery_service_code.expect("a service");
        let (cell, wrong, right) = choose(&order.lines[0].item, &service);
        assert_eq!(cell.scope, CHANNEL);
        match wrong {
            Some(wrong) => map(&scene, &cell, wrong).await,
            None => unmap(&scene, &cell).await,
        }
        let card = one_card_of_the_order(&scene, code).await;
        assert_eq!(card.cause, Cause::Cell(cell.clone()));
        map(&scene, &cell, right).await;
        goes_on(&scene, code).await;
    });
}

/// The ledger has two items under one code, told apart by their letters only; then one item under the barcode of another.
pub fn sku_ambiguous() {
    day(async |scene| {
        let code = order(&scene).lines.into_iter().map(|line| line.item);
        let code = code
            .into_iter()
            .find(|code| code.bytes().any(|byte| byte.is_ascii_uppercase()))
            .expect("a letter");
        scene.twin.books().sage.add_item(1, &code.to_ascii_lowercase());
        let card = one_card_of_the_order(&scene, Code::SkuAmbiguous).await;
        assert_eq!(card.cause, Cause::Cell(cell(Table::Sku, &code)));
        map(&scene, &cell(Table::Sku, &code), &code).await;
        goes_on(&scene, Code::SkuAmbiguous).await;
    });
    day(async |scene| {
        let (one, other) = {
            let order = order(&scene);
            (order.lines[0].item.clone(), order.lines[1].item.clone())
        };
        assert!(scene.twin.books().sage.set_barcode(1, &other, &one));
        let card = one_card_of_the_order(&scene, Code::SkuAmbiguous).await;
        assert_eq!(card.cause, Cause::Cell(cell(Table::Sku, &one)));
        assert!(scene.twin.books().sage.set_barcode(1, &other, ""));
        goes_on(&scene, Code::SkuAmbiguous).await;
    });
}

/// A number of the retailer's own comes with one item, and in the next order with another.
pub fn retailer_number_reissued() {
    day(async |scene| {
        let first = order(&scene);
        number(&scene, first.id);
        scene.work_until("taken", async |scene| scene.stands("open").await == 2).await;
        let (old, new) = (first.lines[0].item.clone(), first.lines[1].item.clone());
        let second = NewOrder {
            company: 1,
            order_reference: "VS-LATER".into(),
            purchase_order_reference: "PO-LATER".into(),
            end_user_purchase_order_reference: "LATER".into(),
            address: first.address,
            delivery_service_code: first.delivery_service_code,
            promised: first.lines[1].promised,
            lines: vec![NewLine {
                code: new.clone(),
                item: new.clone(),
                name: "Another".into(),
                quantity: 1,
                unit_cost_pennies: 500,
                tax_rate: 20,
            }],
        };
        let now = scene.twin.state().now;
        let id = scene.twin.books().virtualstock.place(second, now);
        number(&scene, id);
        let card = one_card(&scene, Code::RetailerNumberReissued).await;
        assert_eq!(card.cause, Cause::Cell(cell(Table::Sku, NUMBER)));
        let said = scene.said(&card).await;
        assert!(
            ["VS-LATER line 1", old.as_str(), new.as_str()]
                .iter()
                .all(|part| said.contains(part)),
            "{said}"
        );
        map(&scene, &cell(Table::Sku, NUMBER), &new).await;
        goes_on(&scene, Code::RetailerNumberReissued).await;
    });
}

/// The retailer calls the first line's item by its own number.
fn number(scene: &tallyman_tests::scene::Scene, id: i64) {
    let mut books = scene.twin.books();
    let order = books.virtualstock.books.orders.get_mut(&id).expect("it was placed");
    order.lines[0].part_number = NUMBER.into();
}

/// The retailer names an item by a barcode that the ledger gives to none, and then to one.
pub fn barcode_unknown() {
    day(async |scene| {
        slip(&scene, "/items/0/supplier_sku_reference", BARCODE);
        let card = one_card_of_the_order(&scene, Code::BarcodeUnknown).await;
        assert_eq!(card.cause, Cause::Cell(cell(Table::Sku, BARCODE)));
        let item = order(&scene).lines[0].item.clone();
        assert!(scene.twin.books().sage.set_barcode(1, &item, BARCODE));
        goes_on(&scene, Code::BarcodeUnknown).await;
    });
}

/// An order for another supplier of the retailer's is shown to us.
pub fn supplier_unmapped() {
    day(async |scene| {
        slip(&scene, "/supplier", "https://www.the-edge.io/restapi/v4/suppliers/4999/");
        let card = one_card_of_the_order(&scene, Code::SupplierUnmapped).await;
        assert_eq!(card.cause, Cause::field(CHANNEL, "supplier 4999"));
        correct(&scene);
        goes_on(&scene, Code::SupplierUnmapped).await;
    });
}

/// No flow here posts receipts yet, so nothing of the twin's can bring this about: the finding is put in where such a flow would, by a
/// decision about an order.
pub fn payment_unmapped() {
    day(async |scene| {
        scene.work_until("taken", async |scene| scene.stands("open").await == 2).await;
        let cause = Cause::field(LEDGER, "payment method card");
        let sentence = format!(
            "Order {}: its receipt was paid by card, and no bank account is said for that. Say in the posting rules which one it is.",
            order(&scene).order_reference
        );
        scene
            .inject("trader-1", &Finding::new(Code::PaymentUnmapped, cause.clone(), sentence))
            .await;
        let card = one_card_of_the_order(&scene, Code::PaymentUnmapped).await;
        assert_eq!(card.cause, cause);
    });
}

//! What a mapping does not say, or says twice.

use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::mapping::{Cell, Table};

use crate::shared::{CHANNEL, RETAILER, WAREHOUSE, cell, day, goes_on, map, one_card_of_the_order, order, unmap};

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

/// The 3PL's warehouse is taken out of the mapping.
pub fn warehouse_unmapped() {
    wrong_then_right(Code::WarehouseUnmapped, |_, _| {
        (cell(Table::Warehouse, WAREHOUSE), None, "MAIN")
    });
}

/// The delivery service is taken out of the mapping.
pub fn carrier_unmapped() {
    wrong_then_right(Code::CarrierUnmapped, |_, service| {
        (cell(Table::CarrierOut, service), None, "12")
    });
}

/// The retailer's account is mapped to one that the ledger does not have.
pub fn customer_unmapped() {
    wrong_then_right(Code::CustomerUnmapped, |_, _| {
        (cell(Table::Customer, RETAILER), Some("NOBODY"), "VSRETAIL")
    });
}

/// A rate is mapped to the tax code of another.
pub fn tax_unmapped() {
    wrong_then_right(Code::TaxUnmapped, |_, _| (cell(Table::Tax, "20"), Some("0"), "1"));
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

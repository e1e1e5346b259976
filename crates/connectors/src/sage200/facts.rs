//! What the ledger says about products and where they are held, customers, warehouses, tax codes, couriers, its own settings and our
//! user's rights (sage200 §4, 5.8, 7.1-7.4, 8).

use std::collections::{BTreeMap, BTreeSet};

use tallyman_core::document::Item;
use tallyman_core::facts::{Facts, PRICES, TaxCode};
use tallyman_core::money::Rate;
use tallyman_core::role::Unreadable;
use tallyman_core::seam::{Call, Io};
use tallyman_core::sku::{Collation, Sku};

use super::pages::{Query, all};
use super::wire;
use crate::http::{Trouble, ask, retry_after_header};
use crate::read::{parsed, read_list, wanted};

/// Large pages of expanded rows can time out; these rows are short.
const ROWS: usize = 1_000;

pub async fn facts(io: &dyn Io, collation: Collation) -> Result<Facts, Trouble> {
    let query = |resource, options| Query {
        resource,
        filter: None,
        options,
        key: "id",
        rows: ROWS,
    };
    let products: Vec<wire::Product> = all(
        io,
        &query(
            "products",
            "$select=id,code,name,barcode,product_status_type,allow_sales_order",
        ),
        |row: &wire::Product| row.id,
    )
    .await?;
    let customers: Vec<wire::Customer> = all(
        io,
        &query("customers", "$select=id,reference,on_hold"),
        |row: &wire::Customer| row.id,
    )
    .await?;
    let warehouses: Vec<wire::Named> = all(io, &query("warehouses", "$select=id,name"), |row: &wire::Named| row.id).await?;
    let tax_codes: Vec<wire::TaxCode> = all(io, &query("tax_codes", "$select=id,code,tax_rate"), |row: &wire::TaxCode| {
        row.id
    })
    .await?;
    let couriers: Vec<wire::Named> = all(io, &query("couriers", "$select=id,name"), |row: &wire::Named| row.id).await?;
    let held = held(
        &all(
            io,
            &query("warehouse_holdings", "$select=id,product_id,warehouse_id"),
            |row: &wire::Holding| row.id,
        )
        .await?,
    );
    let forbidden = forbidden(io).await?;
    let settings = ask(io, Call::get("/sop_settings"), retry_after_header).await?;
    let settings: Vec<wire::Settings> = read_list("sop_settings", &settings.body, &["value"])?;
    let mut facts = Facts {
        collation,
        on_hold: customers
            .iter()
            .filter(|customer| customer.on_hold == Some(true))
            .filter_map(|customer| customer.reference.clone())
            .collect(),
        forbidden,
        customers: customers
            .into_iter()
            .filter_map(|customer| Some((customer.reference?, customer.id?)))
            .collect(),
        warehouses: warehouses.into_iter().filter_map(named).collect(),
        couriers: couriers.into_iter().filter_map(named).collect(),
        records_tracking: settings.first().and_then(|settings| settings.record_tracking_on_despatch) == Some(true),
        ..Facts::default()
    };
    facts.take_items(products.into_iter().filter_map(|product| item(product, held.as_ref())));
    for row in tax_codes {
        let (code, tax_code) = tax_code(row)?;
        facts.tax_codes.insert(code, tax_code);
    }
    Ok(facts)
}

type Held = BTreeMap<i64, BTreeSet<i64>>;

/// The warehouses of each product. Every product has one; where no row is shown at all, nothing is known of any.
fn held(rows: &[wire::Holding]) -> Option<Held> {
    let mut held = Held::new();
    for row in rows {
        if let (Some(product), Some(warehouse)) = (row.product_id, row.warehouse_id) {
            held.entry(product).or_default().insert(warehouse);
        }
    }
    Some(held).filter(|held| !held.is_empty())
}

/// What our user may not do. A release that is older than this resource says nothing, and so do we.
pub async fn forbidden(io: &dyn Io) -> Result<BTreeSet<String>, Trouble> {
    Ok(if may_price(io).await? == Some(false) {
        BTreeSet::from([PRICES.to_owned()])
    } else {
        BTreeSet::new()
    })
}

/// Whether our user may give a line its price; none where Sage does not say.
pub async fn may_price(io: &dyn Io) -> Result<Option<bool>, Trouble> {
    const PATH: &str = "/current_user_sop_user_permissions";
    let reply = match ask(io, Call::get(PATH), retry_after_header).await {
        Ok(reply) => reply,
        Err(Trouble::Refused { status: 404, .. }) => return Ok(None),
        Err(trouble) => return Err(trouble),
    };
    let rows: Vec<wire::Permissions> = read_list("permissions", &reply.body, &["value"])?;
    Ok(rows.first().and_then(|row| row.override_prices_discounts))
}

/// A product whose code is not a stock code can be on no order, so it is left out rather than holding up all others.
fn item(product: wire::Product, held: Option<&Held>) -> Option<(Item, Option<String>)> {
    let sku = Sku::parse(&product.code?).ok()?;
    // Inactive ends in "active" too, and a status that we do not know is not one to sell under.
    let active = product.product_status_type.is_none_or(|status| status.ends_with("Active"));
    let ledger_id = product.id?;
    let item = Item {
        sku,
        ledger_id,
        name: product.name.unwrap_or_default(),
        may_be_sold: active && product.allow_sales_order == Some(true),
        held_at: held.map(|held| held.get(&ledger_id).cloned().unwrap_or_default()),
    };
    Some((item, product.barcode))
}

fn named(row: wire::Named) -> Option<(String, i64)> {
    Some((row.name?, row.id?))
}

fn tax_code(row: wire::TaxCode) -> Result<(String, TaxCode), Unreadable> {
    let record = format!("tax code {}", row.code.as_deref().unwrap_or("?"));
    let rate = parsed(&record, "tax_rate", row.tax_rate.as_ref(), Rate::parse)?;
    let id = wanted(&record, "id", row.id)?;
    Ok((wanted(&record, "code", row.code)?, TaxCode { id, rate }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Script;

    #[tokio::test]
    async fn facts_are_read_from_eight_resources() {
        let io = Script::default()
            .reply(
                "GET /products?$select=id,code,name,barcode,product_status_type,allow_sales_order&$orderby=id%20asc&$top=1000",
                200,
                r#"[
                {"id": 11, "code": "lamp-1", "name": "Lamp", "product_status_type": "EnumStockItemStatusTypeActive",
                 "allow_sales_order": true, "barcode": "4006381333931", "addon": 1},
                {"id": 12, "code": "LAMP-2", "product_status_type": "EnumStockItemStatusTypeInactive", "allow_sales_order": true},
                {"id": 13, "code": "LAMP-3", "product_status_type": "Active", "allow_sales_order": false},
                {"id": 14, "code": "tab\there", "allow_sales_order": true}]"#,
            )
            .reply(
                "GET /customers",
                200,
                r#"{"value": [{"id": 21, "reference": "SHOP"}, {"id": 22, "reference": "SLOW", "on_hold": true}]}"#,
            )
            .reply("GET /warehouses", 200, r#"[{"id": 31, "name": "MAIN"}]"#)
            .reply("GET /tax_codes", 200, r#"[{"id": 41, "code": 1, "tax_rate": 20.00}]"#)
            .reply("GET /couriers", 200, r#"[{"id": 51, "name": "Parcels"}]"#)
            .reply(
                "GET /warehouse_holdings?$select=id,product_id,warehouse_id",
                200,
                r#"[{"id": 61, "product_id": 11, "warehouse_id": 31}]"#,
            )
            .reply(
                "GET /current_user_sop_user_permissions",
                200,
                r#"[{"id": 1, "override_prices_discounts": false}]"#,
            )
            .reply(
                "GET /sop_settings",
                200,
                r#"[{"id": 1, "record_tracking_on_despatch": true}]"#,
            );
        let facts = facts(&io, Collation::CaseInsensitive).await.unwrap();
        assert_eq!(facts.items.keys().collect::<Vec<_>>(), ["LAMP-1", "LAMP-2", "LAMP-3"]);
        assert_eq!(
            facts.items.values().map(|item| item.may_be_sold).collect::<Vec<_>>(),
            [true, false, false]
        );
        let held = |code: &str| facts.items[code].held_at.clone();
        assert_eq!(
            (held("LAMP-1"), held("LAMP-2")),
            (Some(BTreeSet::from([31])), Some(BTreeSet::new()))
        );
        assert_eq!(facts.by_barcode("4006381333931"), ["LAMP-1"]);
        assert_eq!(facts.forbidden, BTreeSet::from([PRICES.to_owned()]));
        assert_eq!(
            (facts.customers["SHOP"], facts.on_hold.clone()),
            (21, BTreeSet::from(["SLOW".to_owned()]))
        );
        assert_eq!(facts.warehouses["MAIN"], 31);
        assert_eq!(
            (facts.tax_codes["1"].id, facts.tax_codes["1"].rate),
            (41, Rate::parse("20").unwrap())
        );
        assert_eq!(facts.couriers["Parcels"], 51);
        assert!(facts.records_tracking);
    }

    #[tokio::test]
    async fn a_full_page_is_followed_from_its_greatest_id() {
        let rows: Vec<String> = (1..=1_000).map(|id| format!(r#"{{"id": {id}, "name": "w{id}"}}"#)).collect();
        let io = Script::default()
            .reply(
                "GET /warehouses?$orderby=id%20asc&$top=1000",
                200,
                format!("[{}]", rows.join(",")),
            )
            .reply(
                "GET /warehouses?$filter=id%20gt%201000&",
                200,
                r#"[{"id": 1001, "name": "last"}, {"id": 1001, "name": "last"}]"#,
            );
        let query = Query {
            resource: "warehouses",
            filter: None,
            options: "",
            key: "id",
            rows: ROWS,
        };
        let rows: Vec<wire::Named> = all(&io, &query, |row: &wire::Named| row.id).await.unwrap();
        assert_eq!(rows.len(), 1_001);
    }
}

//! What a company is set up with: products and their stock, the warehouse, customers, tax codes, couriers, settings.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::odata::Row;
use super::values::{number, stamp};
use crate::clock::Instant;
use crate::retail::CatalogueItem;
use crate::settings;

/// What every product has on its shelf at the start: more than any run sells.
pub const STOCK: i64 = 10_000_000;

pub struct Company {
    pub number: u32,
    pub name: String,
    pub records_tracking: bool,
    /// Whether our user may give a line another price than the price book's.
    pub overrides_prices: bool,
    /// Days before this one (`2026-11-02`) are in a closed period; empty where none is closed.
    pub closed_before: String,
    /// Drafts cannot be deleted.
    pub keeps_drafts: bool,
    /// SOP setting `allocate_stock_on_order_entry`. Companies differ: those with an odd number have it on.
    pub allocates_on_entry: bool,
    pub warehouse: i64,
    pub products: BTreeMap<i64, Product>,
    pub customers: Vec<Customer>,
    pub tax_codes: Vec<TaxCode>,
    pub couriers: Vec<Courier>,
    /// Last numbers given.
    pub order_no: u32,
    pub despatch_no: u32,
    unit: i64,
    settings: i64,
    founded: Instant,
    product_rows: Vec<Row>,
}

pub struct Product {
    pub code: String,
    pub name: String,
    /// Sage has one of an item, which may be empty.
    pub barcode: String,
    pub active: bool,
    /// Whether the warehouse has a holding of it, without which none of it can be there.
    pub held: bool,
    holding: i64,
    pub in_stock: Decimal,
    pub allocated: Decimal,
}

pub struct Customer {
    pub id: i64,
    pub reference: &'static str,
    pub name: &'static str,
    pub on_hold: bool,
}

#[derive(Clone)]
pub struct TaxCode {
    pub id: i64,
    pub code: i64,
    pub name: &'static str,
    pub rate: Decimal,
}

pub struct Courier {
    pub id: i64,
    pub name: &'static str,
    pub tracking_url: &'static str,
}

impl Company {
    /// Sets a company up; ids come from the counter that all companies share.
    pub fn found(company: &settings::Company, items: &[CatalogueItem], founded: Instant, mut id: impl FnMut() -> i64) -> Self {
        let customers = [
            ("VSRETAIL", "Virtualstock Retailer", false),
            ("WEBSHOP", "Own web shop", false),
            ("TRADE01", "Harbour Gifts Ltd", false),
            ("STOPPED", "Slow Payers Ltd", true),
        ];
        let couriers = [
            ("Royal Mail", "https://www.royalmail.com/track-your-item#/tracking-results/"),
            ("DPD", "https://track.dpd.co.uk/parcels/"),
            ("Evri", "https://www.evri.com/track/parcel/"),
            ("Palletline", ""),
        ];
        let mut company = Self {
            number: company.number,
            name: company.name.clone(),
            records_tracking: company.records_tracking,
            overrides_prices: true,
            closed_before: String::new(),
            keeps_drafts: false,
            allocates_on_entry: company.number % 2 == 1,
            warehouse: id(),
            products: BTreeMap::new(),
            customers: customers
                .map(|(reference, name, on_hold)| Customer {
                    id: id(),
                    reference,
                    name,
                    on_hold,
                })
                .into(),
            tax_codes: vec![
                TaxCode {
                    id: id(),
                    code: 0,
                    name: "Zero rated",
                    rate: Decimal::ZERO,
                },
                TaxCode {
                    id: id(),
                    code: 1,
                    name: "Standard rate",
                    rate: Decimal::from(20),
                },
            ],
            couriers: couriers
                .map(|(name, tracking_url)| Courier {
                    id: id(),
                    name,
                    tracking_url,
                })
                .into(),
            order_no: 0,
            despatch_no: 0,
            unit: id(),
            settings: id(),
            founded,
            product_rows: Vec::new(),
        };
        for item in items {
            let product = Product {
                code: item.code.chars().take(30).collect(),
                name: item.name.chars().take(60).collect(),
                barcode: String::new(),
                active: true,
                held: true,
                holding: id(),
                in_stock: Decimal::from(STOCK),
                allocated: Decimal::ZERO,
            };
            company.products.insert(id(), product);
        }
        company.write_product_rows();
        company
    }

    /// Products are read often and changed seldom, so their rows are kept.
    fn write_product_rows(&mut self) {
        let rows = self.products.iter().map(|(id, product)| self.product_row(*id, product));
        self.product_rows = rows.collect();
    }

    /// The product with this very code.
    pub fn product_coded(&self, code: &str) -> Option<i64> {
        let mut products = self.products.iter();
        products.find(|(_, product)| product.code == code).map(|(id, _)| *id)
    }

    /// Somebody changes a product. False where there is none.
    pub fn change_product(&mut self, id: i64, change: impl FnOnce(&mut Product)) -> bool {
        let Some(product) = self.products.get_mut(&id) else {
            return false;
        };
        change(product);
        self.write_product_rows();
        true
    }

    /// Somebody creates a product beside the others, held here, without any stock.
    pub fn add_product(&mut self, id: i64, holding: i64, code: &str) {
        let product = Product {
            code: code.into(),
            name: "Added by hand".into(),
            barcode: String::new(),
            active: true,
            held: true,
            holding,
            in_stock: Decimal::ZERO,
            allocated: Decimal::ZERO,
        };
        self.products.insert(id, product);
        self.write_product_rows();
    }

    pub fn customer(&self, id: i64) -> Option<&Customer> {
        self.customers.iter().find(|customer| customer.id == id)
    }

    pub fn tax_code(&self, id: i64) -> Option<&TaxCode> {
        self.tax_codes.iter().find(|tax_code| tax_code.id == id)
    }

    /// The standard rate, which products and customers default to.
    pub fn standard_tax(&self) -> &TaxCode {
        self.tax_codes.last().expect("a company has tax codes")
    }

    pub fn courier(&self, id: i64) -> Option<&Courier> {
        self.couriers.iter().find(|courier| courier.id == id)
    }

    pub fn holding(&self, product: i64) -> i64 {
        self.products.get(&product).map_or(0, |product| product.holding)
    }

    /// Whether a date, as Sage writes dates, falls in a closed period.
    pub fn is_closed(&self, date: &str) -> bool {
        date < self.closed_before.as_str()
    }

    pub fn unit(&self) -> i64 {
        self.unit
    }

    /// The rows of a list of reference data; `None` where the path names none.
    pub fn rows(&self, list: &str) -> Option<Cow<'_, [Row]>> {
        let rows = match list {
            "products" => return Some(Cow::Borrowed(&self.product_rows)),
            "product_views" => self
                .products
                .iter()
                .map(|(id, product)| self.product_view(*id, product))
                .collect(),
            "warehouses" => vec![self.warehouse_row()],
            "warehouse_holdings" => self
                .products
                .iter()
                .filter(|(_, product)| product.held)
                .map(|(id, product)| self.holding_row(*id, product))
                .collect(),
            "customers" => self.customers.iter().map(|customer| self.customer_row(customer)).collect(),
            "tax_codes" => self.tax_codes.iter().map(|tax_code| self.tax_code_row(tax_code)).collect(),
            "couriers" => self.couriers.iter().map(|courier| self.courier_row(courier)).collect(),
            "units" => {
                vec![self.stamped(json!({"id": self.unit, "name": "Each", "multiple_of_base_unit": 1, "each_value": true}))]
            }
            "sop_settings" => vec![self.settings_row()],
            "current_user_sop_user_permissions" => vec![self.permission_row()],
            "ledger_types" => ["Sales", "Purchase", "Nominal", "CashBook", "Stock"]
                .into_iter()
                .zip(1..)
                .map(|(ledger, id)| object(json!({"id": id, "value": ledger, "description": ledger})))
                .collect(),
            "company_details" => vec![self.details_row()],
            _ => return None,
        };
        Some(Cow::Owned(rows))
    }

    pub fn customer_row(&self, customer: &Customer) -> Row {
        self.stamped(json!({
            "id": customer.id, "reference": customer.reference, "name": customer.name, "short_name": customer.reference,
            "balance": number(Decimal::ZERO, 2), "on_hold": customer.on_hold,
            "status_reason": if customer.on_hold { "Account is on hold" } else { "" },
            "account_status_type": if customer.on_hold { "AccountStatusOnHold" } else { "AccountStatusActive" },
            "currency_id": 1, "exchange_rate_type": "ExchangeRateSingle", "credit_limit": number(Decimal::from(1_000_000), 2),
            "country_code_id": 0, "default_tax_code_id": self.standard_tax().id, "vat_number": "", "payment_terms_days": 30,
            "payment_terms_basis": "PaymentDueFromDocumentDate", "terms_agreed": true, "order_priority": "A",
            "use_tax_code_as_default": true, "analysis_code_1": "", "analysis_code_2": "", "analysis_code_3": "", "spare_text_1": "",
        }))
    }

    pub fn tax_code_row(&self, tax_code: &TaxCode) -> Row {
        self.stamped(json!({
            "id": tax_code.id, "code": tax_code.code, "name": tax_code.name, "tax_rate": number(tax_code.rate, 2),
            "terms": "TaxTermsGoodsNotSuppliedToOrFromAnEUCountry", "terms_description": "Not EU", "is_notional_acquisition_tax": false,
        }))
    }

    fn product_row(&self, id: i64, product: &Product) -> Row {
        self.stamped(json!({
            "id": id, "code": product.code, "name": product.name, "description": "", "use_description_on_documents": false, "barcode": product.barcode,
            "allow_sales_order": true, "product_group_id": 0, "tax_code_id": self.standard_tax().id,
            "product_status_type": if product.active { "Active" } else { "Inactive" }, "fulfilment_method_type": "EnumFulfilmentMethodTypeFromStock",
            "manufacturer": "", "part_number": "", "traceable_type": "EnumTraceableTypeNone",
            "standard_cost": number(Decimal::ZERO, 5), "average_buying_price": number(Decimal::ONE, 5), "weight": number(Decimal::ZERO, 4),
            "commodity_code": "", "country_of_origin_id": 0, "base_unit_id": self.unit, "stock_unit_id": self.unit,
            "analysis_code_1": "", "spare_text_1": "",
        }))
    }

    fn product_view(&self, id: i64, product: &Product) -> Row {
        object(json!({
            "id": id, "code": product.code, "name": product.name, "status_type_id": i32::from(!product.active), "status_type": if product.active { "Active" } else { "Inactive" },
            "product_group_product_type": "Stock", "stock_unit_name": "Each", "base_unit_name": "Each", "allow_sales_order": true,
            "average_buying_price": number(Decimal::ONE, 5), "price": number(Decimal::ONE, 5), "description": "", "part_number": "",
            "free_stock_quantity": number(product.in_stock - product.allocated, 5), "actual_quantity": number(product.in_stock, 5),
            "confirmed_quantity_in_stock": number(product.in_stock, 5), "quantity_allocated_sop": number(product.allocated, 5),
        }))
    }

    fn holding_row(&self, id: i64, product: &Product) -> Row {
        let none = number(Decimal::ZERO, 5);
        let in_stock = number(product.in_stock, 5);
        let allocated = number(product.allocated, 5);
        let free = number(product.in_stock - product.allocated, 5);
        self.stamped(json!({
            "id": product.holding, "warehouse_id": self.warehouse, "product_id": id, "warehouse_name": "MAIN",
            "is_default_manufacturing_warehouse": false, "reorder_level": none, "minimum_level": none, "maximum_level": none,
            "quantity_reserved": none, "confirmed_qty_in_stock": in_stock, "unconfirmed_qty_in_stock": none, "quantity_in_stock": in_stock,
            "quantity_in_stock_less_reserved": in_stock, "quantity_on_order": none, "quantity_allocated_stock": none,
            "quantity_allocated_sop": allocated, "quantity_allocated_bom": none, "quantity_allocated": allocated,
            "free_stock_available": free, "free_stock_available_less_reserved": free,
        }))
    }

    fn warehouse_row(&self) -> Row {
        self.stamped(json!({
            "id": self.warehouse, "name": "MAIN", "description": "Main warehouse", "warehouse_type": "EnumWarehouseTypeWarehouse",
            "use_for_sales_trading": true, "postal_name": self.name, "address_1": "Quay 4", "city": "Hull", "postcode": "HU1 1AA",
            "country_code_id": 0,
        }))
    }

    fn courier_row(&self, courier: &Courier) -> Row {
        let is_default = self.couriers.first().is_some_and(|first| first.id == courier.id);
        let tracking_url = courier.tracking_url;
        self.stamped(json!({"id": courier.id, "name": courier.name, "website": "", "tracking_url": tracking_url, "is_default": is_default}))
    }

    fn settings_row(&self) -> Row {
        self.stamped(json!({
            "id": self.settings, "auto_generate_order_return_numbers": true, "order_line_item_type": "EnumSOPOrderLineItemTypeStandard",
            "amend_analysis_codes": true, "amend_header_analysis_codes": true, "amend_nominal_codes": false,
            "allow_payment_with_order": false, "user_logon_as_order_taker": true, "allow_cash_orders": false,
            "are_prices_tax_inclusive": false, "allocate_stock_on_order_entry": self.allocates_on_entry, "update_stock_on_despatch": true,
            "record_cancelled_order_lines": false, "record_tracking_on_despatch": self.records_tracking,
            "add_invoice_credit_note_to_sales_ledger": true, "use_invoice_date_on_stock_history": false,
        }))
    }

    fn permission_row(&self) -> Row {
        self.stamped(json!({
            "id": 1, "user_number": 1, "user_name": "api.user", "view_profit_values": false, "view_price_calculations": true,
            "override_credit_holds": false, "override_prices_discounts": self.overrides_prices, "override_fulfilment_method": false,
            "override_confirmation_method": false, "override_cost_price": false, "generate_purchase_orders": false,
            "rapid_order_warehouse_id": self.warehouse, "trade_order_warehouse_id": self.warehouse,
            "full_order_warehouse_id": self.warehouse, "invoice_warehouse_id": self.warehouse,
        }))
    }

    fn details_row(&self) -> Row {
        self.stamped(json!({
            "id": self.number, "name": self.name, "telephone": "", "email": "", "tax_registration_number": "GB000000000",
            "country_code_id": 0, "is_supplier_payments_enabled": false,
        }))
    }

    fn stamped(&self, row: Value) -> Row {
        let mut row = object(row);
        row.insert("date_time_created".into(), stamp(self.founded).into());
        row.insert("date_time_updated".into(), stamp(self.founded).into());
        row
    }
}

fn object(row: Value) -> Row {
    match row {
        Value::Object(row) => row,
        _ => unreachable!("rows are written as objects"),
    }
}

//! How orders, lines and despatches look in answers.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::books::{Despatch, Item, Line, Order};
use super::odata::{Query, Row};
use super::reference::Company;
use super::values::{number, rounded, stamp};

/// Fields that a filter or order may name, whether or not a row has them.
pub const ORDER_FIELDS: &str = "id customer_id is_draft document_no customer_type document_date document_status \
    despatch_receipt_status invoice_credit_status cancelled_status currency_id exchange_rate subtotal_goods_value \
    subtotal_charge_net_value subtotal_charge_tax_value subtotal_discount_value total_net_value total_tax_value total_gross_value \
    customer_document_no is_credit_limit_exceeded use_invoice_address is_triangulated settlement_discount_days \
    settlement_discount_percent document_discount_percent document_created_by requested_delivery_date promised_delivery_date \
    order_priority external_reference payment_with_order payment_reference date_time_created date_time_updated";
pub const ORDER_CHILDREN: &[&str] = &[
    "lines",
    "customer",
    "delivery_address",
    "memos",
    "currency",
    "payment_method",
    "profitability",
    "cash_account_invoice_address",
];
pub const LINE_FIELDS: &str = "id sop_order_id line_type product_id warehouse_id code description line_quantity to_allocate_quantity \
    line_number tax_code_id nominal_reference nominal_cost_centre nominal_department allocated_quantity available_for_despatch \
    despatch_receipt_quantity invoice_credit_quantity posted_invoice_credit_quantity stock_unit_line_quantity \
    stock_unit_allocated_quantity stock_unit_available_for_despatch stock_unit_despatch_receipt_quantity allocation_status \
    despatch_receipt_status invoice_credit_status selling_unit_id selling_unit_description selling_unit_price pricing_unit_id \
    selling_unit_multiple stock_unit_multiple unit_discount_percent unit_discount_value discounted_unit_price line_tax_value \
    line_total_value requested_delivery_date promised_delivery_date is_complete is_line_deletable date_time_created date_time_updated";
pub const LINE_CHILDREN: &[&str] = &[
    "tax_code",
    "product",
    "warehouse",
    "sop_order",
    "selling_unit",
    "pricing_unit",
    "nominal_code",
];
pub const DESPATCH_FIELDS: &str = "sop_despatch_id sop_despatch_document_no sop_despatch_date sop_despatch_courier_id \
    sop_despatch_courier_name sop_despatch_consignment_no sop_despatch_incoterm sop_despatch_export_reason sop_despatch_pieces \
    sop_despatch_weight sop_despatch_notes sop_despatch_user_name sop_order_id sop_order_document_no sop_order_document_date \
    sop_order_document_status_id sop_order_customer_document_no customer_id customer_reference customer_name";
pub const DESPATCH_LINE_FIELDS: &str = "sop_despatch_line_id sop_despatch_line_quantity sop_despatch_line_is_invoiced sop_despatch_id \
    sop_despatch_document_no sop_despatch_date sop_despatch_user_name sop_order_line_id sop_order_line_type_id \
    sop_order_line_item_code sop_order_line_item_description sop_order_line_print_sequence_number sop_order_line_quantity \
    sop_order_line_despatch_quantity sop_order_id sop_order_document_no sop_order_document_date sop_order_document_status_type \
    sop_order_customer_document_no customer_id customer_reference customer_name product_id product_code product_name \
    warehouse_holding_id warehouse_id warehouse_name sop_despatch_courier_name sop_despatch_consignment_no sop_despatch_incoterm \
    sop_despatch_export_reason sop_despatch_pieces sop_despatch_weight sop_despatch_notes sys_courier_tracking_url date_time_updated";

/// Whether a list of field names holds this one; orders and lines also have numbered analysis and spare fields.
pub fn knows(fields: &str, name: &str) -> bool {
    fields.split_ascii_whitespace().any(|field| field == name) || is_numbered(name)
}

fn is_numbered(name: &str) -> bool {
    ["analysis_code_", "spare_text_", "spare_number_", "spare_date_", "spare_bool_"]
        .iter()
        .any(|prefix| {
            let number = name.strip_prefix(prefix).and_then(|number| number.parse().ok());
            number.is_some_and(|number: u32| (1..=20).contains(&number))
        })
}

/// Net of a line: quantity times unit price, to the penny.
pub fn line_net(line: &Line) -> Decimal {
    rounded(line.quantity * line.unit_price, 2)
}

pub fn line_tax(line: &Line) -> Decimal {
    rounded(line_net(line) * line.tax_rate / Decimal::ONE_HUNDRED, 2)
}

/// The header, without children.
pub fn header(order: &Order) -> Row {
    let net: Decimal = order.lines.iter().map(line_net).sum();
    let tax: Decimal = order.lines.iter().map(line_tax).sum();
    let ordered: Decimal = order.lines.iter().map(|line| line.quantity).sum();
    let despatched: Decimal = order.lines.iter().map(|line| line.despatched).sum();
    let nought = number(Decimal::ZERO, 2);
    let mut row = object(json!({
        "id": order.id, "customer_id": order.customer_id, "is_draft": order.is_draft, "document_no": order.document_no,
        "customer_type": "EnumCustomerTypeCredit", "document_status": "EnumDocumentStatusLive",
        "despatch_receipt_status": progress(despatched, ordered), "invoice_credit_status": "EnumLineStatusNone",
        "cancelled_status": "EnumLineStatusNone", "currency_id": 1, "exchange_rate": number(Decimal::ONE, 6),
        "subtotal_goods_value": number(net, 2), "subtotal_charge_net_value": nought, "subtotal_charge_tax_value": nought,
        "subtotal_discount_value": nought, "total_net_value": number(net, 2), "total_tax_value": number(tax, 2),
        "total_gross_value": number(net + tax, 2), "customer_document_no": order.customer_document_no,
        "is_credit_limit_exceeded": false, "use_invoice_address": false, "is_triangulated": false, "settlement_discount_days": 0,
        "settlement_discount_percent": nought, "document_discount_percent": nought, "document_created_by": "api.user",
        "order_priority": "A", "external_reference": "", "payment_with_order": false, "payment_reference": "",
        "spare_text_1": order.spare_text_1, "analysis_code_1": "", "analysis_code_2": "", "analysis_code_3": "", "spare_text_2": "",
        "spare_text_3": "", "date_time_created": stamp(order.created), "date_time_updated": stamp(order.updated),
        // An add-on of this merchant; it stands in no description.
        "x_quayside_route": "",
    }));
    row.extend(order.fields.clone());
    row
}

/// One field of the header, without writing the others where it is one that lists are often filtered by.
pub fn header_field(order: &Order, name: &str) -> Option<Value> {
    Some(match name {
        "id" => order.id.into(),
        "customer_id" => order.customer_id.into(),
        "is_draft" => order.is_draft.into(),
        "document_no" => order.document_no.as_str().into(),
        "customer_document_no" => order.customer_document_no.as_str().into(),
        "spare_text_1" => order.spare_text_1.as_str().into(),
        "date_time_created" => stamp(order.created).into(),
        "date_time_updated" => stamp(order.updated).into(),
        _ => return header(order).remove(name),
    })
}

/// The header with the children that the query asks for.
pub fn order(order: &Order, company: &Company, query: &Query) -> Row {
    let mut row = header(order);
    let mut child = |name: &str, value: &dyn Fn() -> Value| {
        if query.expands(name) {
            row.insert(name.into(), value());
        }
    };
    child("lines", &|| lines(order, company));
    child("customer", &|| customer(order, company));
    child("delivery_address", &|| Value::Object(order.delivery_address.clone()));
    child("memos", &|| Value::Array(Vec::new()));
    child("currency", &|| currency());
    row
}

/// The whole document, as POST and PUT answer it.
pub fn document(order: &Order, company: &Company) -> Row {
    let mut row = header(order);
    row.insert("lines".into(), lines(order, company));
    row.insert("customer".into(), customer(order, company));
    row.insert("delivery_address".into(), Value::Object(order.delivery_address.clone()));
    row.insert("currency".into(), currency());
    row.insert("memos".into(), Value::Array(Vec::new()));
    row
}

fn lines(order: &Order, company: &Company) -> Value {
    let rows = order.lines.iter().enumerate().map(|(index, row)| {
        let mut row = line(order, index, row, company);
        if let Some(tax_code) = order.lines.get(index).and_then(|line| company.tax_code(line.tax_code_id)) {
            row.insert("tax_code".into(), Value::Object(company.tax_code_row(tax_code)));
        }
        Value::Object(row)
    });
    rows.collect()
}

fn customer(order: &Order, company: &Company) -> Value {
    company
        .customer(order.customer_id)
        .map_or(Value::Null, |customer| Value::Object(company.customer_row(customer)))
}

fn currency() -> Value {
    json!({"id": 1, "name": "Pound Sterling", "symbol": "£", "is_base_currency": true})
}

pub fn line(order: &Order, index: usize, line: &Line, company: &Company) -> Row {
    let quantity = |value: Decimal| number(value, 5);
    let one = number(Decimal::ONE, 7);
    let nought = quantity(Decimal::ZERO);
    let mut row = object(json!({
        "id": line.id, "sop_order_id": order.id, "line_type": "EnumLineTypeStandard", "product_id": line.product_id,
        "warehouse_id": line.warehouse_id, "code": line.code, "description": line.description, "use_description": false,
        "line_quantity": quantity(line.quantity), "to_allocate_quantity": nought, "line_number": index + 1,
        "tax_code_id": line.tax_code_id, "nominal_reference": "41000", "nominal_cost_centre": "", "nominal_department": "",
        "allocated_quantity": quantity(line.allocated), "available_for_despatch": quantity(line.allocated),
        "despatch_receipt_quantity": quantity(line.despatched), "invoice_credit_quantity": nought, "posted_invoice_credit_quantity": nought,
    }));
    row.extend(object(json!({
        "stock_unit_line_quantity": quantity(line.quantity), "stock_unit_to_allocate_quantity": nought,
        "stock_unit_allocated_quantity": quantity(line.allocated), "stock_unit_available_for_despatch": quantity(line.allocated),
        "stock_unit_despatch_receipt_quantity": quantity(line.despatched), "stock_unit_invoice_credit_quantity": nought,
        "stock_unit_posted_invoice_credit_quantity": nought, "allocation_status": progress(line.allocated + line.despatched, line.quantity),
        "despatch_receipt_status": progress(line.despatched, line.quantity), "invoice_credit_status": "EnumLineStatusNone",
        "selling_unit_id": company.unit(), "selling_unit_description": "Each", "selling_unit_price": quantity(line.unit_price),
        "selling_unit_price_overridden": true, "pricing_unit_id": company.unit(), "pricing_unit_description": "Each",
        "line_unit_precision": nought, "stock_unit_precision": nought, "selling_unit_multiple": one, "stock_unit_multiple": one,
        "unit_discount_percent": number(Decimal::ZERO, 2), "unit_discount_value": nought, "cost_price": nought,
        "discounted_unit_price": number(line.unit_price, 2), "fulfilment_method": "EnumFulfilmentMethodTypeFromStock",
        "line_tax_value": number(line_tax(line), 2), "line_total_value": number(line_net(line), 2), "picking_list_comment": "",
        "despatch_note_comment": "", "has_pop_order": false, "is_complete": false, "is_line_deletable": line.despatched.is_zero(),
        "analysis_code_1": "", "spare_text_1": "", "date_time_created": stamp(order.created), "date_time_updated": stamp(order.updated),
    })));
    row.extend(line.fields.clone());
    row
}

pub fn despatch(despatch: &Despatch, order: &Order, company: &Company) -> Row {
    let mut row = despatch_head(despatch, order, company);
    row.insert("sop_despatch_courier_id".into(), despatch.courier_id.into());
    row.insert("sop_order_document_status_id".into(), 0.into());
    row
}

pub fn despatch_line(despatch: &Despatch, item: &Item, order: &Order, company: &Company) -> Row {
    let mut row = despatch_head(despatch, order, company);
    row.insert("sop_despatch_line_id".into(), item.id.into());
    row.insert("sop_despatch_line_quantity".into(), number(item.quantity, 5));
    row.insert("sop_despatch_line_is_invoiced".into(), false.into());
    row.insert("sop_order_line_id".into(), item.line_id.into());
    row.insert("sop_order_document_status_type".into(), "Live".into());
    row.insert("date_time_updated".into(), stamp(despatch.when).into());
    if let Some((index, line)) = order.lines.iter().enumerate().find(|(_, line)| line.id == item.line_id) {
        let name = company
            .products
            .get(&line.product_id)
            .map_or("", |product| product.name.as_str());
        row.extend(object(json!({
            "sop_order_line_type_id": 0, "sop_order_line_item_code": line.code,
            "sop_order_line_item_description": line.description.chars().take(60).collect::<String>(),
            "sop_order_line_print_sequence_number": index + 1, "sop_order_line_quantity": number(line.quantity, 5),
            "sop_order_line_despatch_quantity": number(line.despatched, 5), "product_id": line.product_id, "product_code": line.code,
            "product_name": name, "warehouse_holding_id": company.holding(line.product_id), "warehouse_id": line.warehouse_id,
            "warehouse_name": "MAIN",
        })));
    }
    if let Some(courier) = company
        .courier(despatch.courier_id)
        .filter(|courier| !courier.tracking_url.is_empty())
    {
        row.insert("sys_courier_tracking_url".into(), courier.tracking_url.into());
    }
    row
}

fn despatch_head(despatch: &Despatch, order: &Order, company: &Company) -> Row {
    let customer = company.customer(order.customer_id);
    let mut row = object(json!({
        "sop_despatch_id": despatch.id, "sop_despatch_document_no": despatch.document_no, "sop_despatch_date": despatch.date,
        "sop_despatch_consignment_no": despatch.consignment_no, "sop_despatch_notes": despatch.notes, "sop_despatch_pieces": 0,
        "sop_despatch_weight": number(Decimal::ZERO, 3), "sop_despatch_user_name": "api.user", "sop_order_id": order.id,
        "sop_order_document_no": order.document_no, "sop_order_customer_document_no": order.customer_document_no,
        "customer_id": order.customer_id, "customer_reference": customer.map_or("", |customer| customer.reference),
        "customer_name": customer.map_or("", |customer| customer.name),
    }));
    if let Some(date) = order.fields.get("document_date") {
        row.insert("sop_order_document_date".into(), date.clone());
    }
    if let Some(courier) = company.courier(despatch.courier_id) {
        row.insert("sop_despatch_courier_name".into(), courier.name.into());
    }
    row
}

fn progress(done: Decimal, whole: Decimal) -> &'static str {
    if done.is_zero() {
        "EnumLineStatusNone"
    } else if done < whole {
        "EnumLineStatusPartially"
    } else {
        "EnumLineStatusFully"
    }
}

fn object(row: Value) -> Row {
    match row {
        Value::Object(row) => row,
        _ => unreachable!("rows are written as objects"),
    }
}

//! The words and fields in which Virtualstock shows an order.

use serde::Serialize;
use serde_json::Value;

use super::books::{Address, Line, Order, Status, order_status};
use super::{BODY_HOST, naive};

/// An order with what the retailer has made of it.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Row<'a> {
    Plain(Box<Shown<'a>>),
    WithSlips(Value),
}

/// `statuses`, one for each line, take the place of the lines' own where a list is behind.
pub(super) fn shown<'a>(order: &'a Order, statuses: Option<&[Status]>) -> Row<'a> {
    let plain = Shown::of(order, statuses);
    if order.slips.is_empty() {
        return Row::Plain(Box::new(plain));
    }
    let mut value = serde_json::to_value(&plain).expect("an order is always JSON");
    for (place, slip) in &order.slips {
        if let Some(there) = value.pointer_mut(place) {
            *there = slip.clone();
        }
    }
    Row::WithSlips(value)
}

/// An order as it is shown, its fields in the documentation's order.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    url: String,
    retailer: String,
    order_reference: &'a str,
    order_date: String,
    status: &'static str,
    channel: Option<&'a str>,
    purchase_order_reference: &'a str,
    end_user_purchase_order_reference: &'a str,
    additional_order_reference: Option<&'a str>,
    comment: &'static str,
    test_flag: bool,
    supplier: String,
    items: Vec<Item<'a>>,
    currency_code: &'static str,
    subtotal: String,
    tax: String,
    total: String,
    shipping_address: Shipping<'a>,
    retailer_data: Retailer,
    delivery_service_code: Option<&'a str>,
}

#[derive(Serialize)]
struct Item<'a> {
    url: String,
    part_number: &'a str,
    retailer_sku_reference: &'a str,
    supplier_sku_reference: &'a str,
    line_reference: &'a str,
    quantity: u32,
    name: &'a str,
    description: &'static str,
    status: &'static str,
    unit_cost_price: String,
    subtotal: String,
    tax: String,
    tax_rate: String,
    total: String,
    promised_date: String,
    retailer_additional_reference: Option<&'a str>,
}

#[derive(Serialize)]
struct Shipping<'a> {
    full_name: &'a str,
    line_1: &'a str,
    line_2: Option<&'a str>,
    city: &'a str,
    state: Option<&'a str>,
    postal_code: &'a str,
    country: &'a str,
    phone: &'a str,
    email: Option<&'a str>,
}

#[derive(Serialize)]
struct Retailer {
    uuid: String,
    name: String,
    email: &'static str,
    phone: &'static str,
    tax_code: &'static str,
    address: RetailerAddress,
}

#[derive(Default, Serialize)]
struct RetailerAddress {
    line_1: &'static str,
    line_2: &'static str,
    city: &'static str,
    state: &'static str,
    country: &'static str,
    postal_code: &'static str,
}

impl<'a> Shown<'a> {
    fn of(order: &'a Order, statuses: Option<&[Status]>) -> Self {
        let own = order.statuses();
        let statuses = statuses.unwrap_or(&own);
        let (subtotal, tax) = (order.subtotal_pennies(), order.tax_pennies());
        Self {
            url: format!("{BODY_HOST}/restapi/v4/orders/{}/", order.id),
            retailer: format!("{BODY_HOST}/restapi/v4/customers/{}/", retailer_id(order.company)),
            order_reference: &order.order_reference,
            order_date: naive(order.placed),
            status: order_status(statuses.iter().copied()).key(),
            channel: None,
            purchase_order_reference: &order.purchase_order_reference,
            end_user_purchase_order_reference: &order.end_user_purchase_order_reference,
            additional_order_reference: None,
            comment: "",
            test_flag: false,
            supplier: format!("{BODY_HOST}/restapi/v4/suppliers/{}/", supplier_id(order.company)),
            items: order
                .lines
                .iter()
                .zip(statuses)
                .map(|(line, status)| Item::of(line, *status))
                .collect(),
            currency_code: "GBP",
            subtotal: pounds(subtotal),
            tax: pounds(tax),
            total: pounds(subtotal + tax),
            shipping_address: Shipping::of(&order.address),
            retailer_data: Retailer {
                uuid: format!("11111111-2222-4333-8444-{:012}", order.company),
                name: retailer_name(order.company),
                email: "",
                phone: "",
                tax_code: "",
                address: RetailerAddress {
                    country: "GB",
                    ..RetailerAddress::default()
                },
            },
            delivery_service_code: order.delivery_service_code.as_deref(),
        }
    }
}

impl<'a> Item<'a> {
    fn of(line: &'a Line, status: Status) -> Self {
        let (subtotal, tax) = (line.subtotal_pennies(), line.tax_pennies());
        Self {
            url: format!("{BODY_HOST}/restapi/v4/items/{}/", line.id),
            part_number: &line.part_number,
            retailer_sku_reference: &line.part_number,
            supplier_sku_reference: &line.supplier_sku_reference,
            line_reference: &line.line_reference,
            quantity: line.quantity,
            name: &line.name,
            description: "",
            status: status.key(),
            unit_cost_price: pounds(line.unit_cost_pennies),
            subtotal: pounds(subtotal),
            tax: pounds(tax),
            tax_rate: format!("{}.00", line.tax_rate),
            total: pounds(subtotal + tax),
            promised_date: naive(line.promised),
            retailer_additional_reference: None,
        }
    }
}

impl<'a> Shipping<'a> {
    fn of(address: &'a Address) -> Self {
        Self {
            full_name: &address.full_name,
            line_1: &address.line_1,
            line_2: address.line_2.as_deref(),
            city: &address.city,
            state: address.state.as_deref(),
            postal_code: &address.postal_code,
            country: &address.country,
            phone: &address.phone,
            email: address.email.as_deref(),
        }
    }
}

/// `20.00`.
fn pounds(pennies: i64) -> String {
    format!("{}.{:02}", pennies / 100, pennies % 100)
}

pub(super) fn retailer_id(company: u32) -> u32 {
    300 + company
}

pub(super) fn retailer_name(company: u32) -> String {
    format!("Twin Retail {company}")
}

pub(super) fn supplier_id(company: u32) -> u32 {
    4100 + company
}

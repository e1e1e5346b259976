//! What a supplier does to the lines of an order: acknowledge, backorder, dispatch, agree to a cancellation.
//!
//! A request is carried out whole or not at all: it works on a copy of the lines, item by item, and the first refusal drops the copy.

use serde_json::{Map, Value, json};

use super::Switches;
use super::books::{Dispatch, Line, Order, Status};
use super::carriers::CARRIERS;
use crate::call::Response;
use crate::clock::Instant;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Acknowledge,
    Backorder,
    Dispatch,
    CancelAcknowledge,
}

impl Action {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "acknowledge" => Some(Self::Acknowledge),
            "backorder" => Some(Self::Backorder),
            "dispatch" => Some(Self::Dispatch),
            "cancel_acknowledge" => Some(Self::CancelAcknowledge),
            _ => None,
        }
    }

    fn to(self) -> Status {
        match self {
            Self::Acknowledge => Status::OrderAck,
            Self::Backorder => Status::Backorder,
            Self::Dispatch => Status::Dispatch,
            Self::CancelAcknowledge => Status::CancelAck,
        }
    }

    /// Fields beyond `part_number`, `line_ref` and `quantity`: name, whether required, greatest length.
    fn fields(self) -> &'static [(&'static str, bool, usize)] {
        match self {
            Self::Acknowledge => &[
                ("sub_status", false, 100),
                ("supplier_dispatch_date", false, 19),
                ("supplier_delivery_date", false, 19),
                ("fulfillment_route", false, 255),
                ("comment", false, 255),
            ],
            Self::Backorder => &[
                ("sub_status", true, 100),
                ("supplier_dispatch_date", true, 19),
                ("supplier_delivery_date", false, 19),
                ("fulfillment_route", false, 255),
                ("comment", false, 255),
            ],
            Self::Dispatch => &[
                ("supplier_dispatch_date", true, 10),
                ("supplier_delivery_date", false, 10),
                ("carrier", true, 255),
                ("tracking_number", true, 100),
                ("tracking_url", false, 255),
            ],
            Self::CancelAcknowledge => &[("comment", false, 255)],
        }
    }
}

/// One entry of `items`, its fields as text. Numbers are taken as text and the other way round, as the real one seems to do.
struct Item {
    part_number: String,
    line_ref: String,
    quantity: i64,
    fields: Map<String, Value>,
}

impl Item {
    fn field(&self, name: &str) -> &str {
        self.fields.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

/// The lines as they are after the action, or the 400 that refuses all of it.
pub(super) fn carry_out(
    action: Action,
    body: &Map<String, Value>,
    order: &Order,
    switches: &Switches,
    now: Instant,
) -> Result<Vec<Line>, Response> {
    let items = read_items(action, body)?;
    let mut lines = order.lines.clone();
    for item in &items {
        let found = lines
            .iter_mut()
            .find(|line| line.line_reference == item.line_ref && line.part_number == item.part_number);
        let Some(line) = found else {
            return Err(refused(&format!(
                "Validation error: Item '{}' with line reference '{}' not found",
                item.part_number, item.line_ref
            )));
        };
        step(action, line, item, switches, now)?;
    }
    Ok(lines)
}

fn step(action: Action, line: &mut Line, item: &Item, switches: &Switches, now: Instant) -> Result<(), Response> {
    let allowed = match line.status {
        Status::Order => match action {
            Action::Acknowledge => true,
            Action::Backorder => switches.backorder_unacknowledged,
            Action::Dispatch => switches.dispatch_unacknowledged,
            Action::CancelAcknowledge => switches.unasked_cancel_acknowledge,
        },
        Status::OrderAck => match action {
            Action::Acknowledge => switches.repeated_acknowledge,
            Action::Backorder | Action::Dispatch => true,
            Action::CancelAcknowledge => switches.unasked_cancel_acknowledge,
        },
        Status::Backorder => match action {
            Action::Acknowledge | Action::Dispatch => true,
            Action::Backorder => false,
            Action::CancelAcknowledge => switches.unasked_cancel_acknowledge,
        },
        // To dispatch is to say no to the cancellation.
        Status::Cancel => matches!(action, Action::Dispatch | Action::CancelAcknowledge),
        Status::Dispatch | Status::CancelAck => false,
    };
    if !allowed {
        let (line, from, to) = (&line.line_reference, line.status.key(), action.to().key());
        return Err(refused(&format!(
            "Not allowed to change state of item {line} from {from} to {to}"
        )));
    }
    let verb = match action {
        Action::Acknowledge => "Acknowledge",
        Action::Backorder => "Backorder",
        Action::Dispatch => "Dispatch",
        Action::CancelAcknowledge => "Cancel",
    };
    if item.quantity <= 0 {
        return Err(refused(&format!(
            "Validation error: {verb} quantity value can't be less or equal zero"
        )));
    }
    let left = line.quantity - line.dispatched;
    let Some(quantity) = u32::try_from(item.quantity).ok().filter(|quantity| *quantity <= left) else {
        return Err(refused(&format!(
            "Validation error: {verb} quantity value {} is bigger than allowed for item",
            item.quantity
        )));
    };
    if action != Action::Dispatch {
        if quantity < left && !switches.partial_quantities {
            return Err(refused(&format!(
                "Validation error: Partial {} not allowed item {}",
                verb.to_lowercase(),
                line.line_reference
            )));
        }
        line.status = action.to();
        return Ok(());
    }
    let carrier = item.field("carrier");
    if switches.known_carriers_only && !CARRIERS.iter().any(|(_, slug, _)| *slug == carrier) {
        return Err(refused(&format!(
            "Validation error: Unknown carrier '{carrier}' for item {}",
            line.line_reference
        )));
    }
    line.dispatched += quantity;
    line.dispatches.push(Dispatch {
        quantity,
        carrier: carrier.to_owned(),
        tracking_number: item.field("tracking_number").to_owned(),
        date: item.field("supplier_dispatch_date").to_owned(),
        when: now,
    });
    if line.dispatched == line.quantity {
        line.status = Status::Dispatch;
    } else if line.status == Status::Order {
        line.status = Status::OrderAck;
    }
    Ok(())
}

/// Plain text, the one shape that order actions refuse with.
fn refused(text: &str) -> Response {
    Response::text(400, "text/html; charset=utf-8", text)
}

/// Field validation answers with the framework's shape: a list with one object for each item, empty where nothing is wrong.
fn read_items(action: Action, body: &Map<String, Value>) -> Result<Vec<Item>, Response> {
    let Some(given) = body.get("items") else {
        return Err(Response::json(400, &json!({"items": ["This field is required."]})));
    };
    let Some(given) = given.as_array() else {
        return Err(Response::json(
            400,
            &json!({"items": ["Expected a list of items but got another type."]}),
        ));
    };
    if given.is_empty() {
        return Err(Response::json(400, &json!({"items": ["This list may not be empty."]})));
    }
    let mut items = Vec::new();
    let mut faults = Vec::new();
    for given in given {
        let mut wrong = Map::new();
        let mut fields = Map::new();
        let always = [("part_number", true, 255), ("line_ref", true, 100), ("quantity", true, 20)];
        for (name, required, length_max) in always.iter().chain(action.fields()) {
            match read_field(given.get(*name), *required, *length_max) {
                Ok(value) => fields.extend(value.map(|value| ((*name).to_owned(), Value::String(value)))),
                Err(text) => wrong.extend([((*name).to_owned(), json!([text]))]),
            }
        }
        check_dates(action, &fields, &mut wrong);
        let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let quantity = text("quantity").parse();
        if quantity.is_err() && !wrong.contains_key("quantity") {
            wrong.insert("quantity".into(), json!(["A valid integer is required."]));
        }
        items.push(Item {
            part_number: text("part_number"),
            line_ref: text("line_ref"),
            quantity: quantity.unwrap_or(0),
            fields,
        });
        faults.push(wrong);
    }
    if faults.iter().any(|wrong| !wrong.is_empty()) {
        return Err(Response::json(400, &json!({"items": faults})));
    }
    Ok(items)
}

fn read_field(value: Option<&Value>, required: bool, length_max: usize) -> Result<Option<String>, String> {
    let text = match value {
        None | Some(Value::Null) if required => return Err("This field is required.".into()),
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => return Err("Not a valid string.".into()),
    };
    if text.is_empty() && required {
        return Err("This field may not be blank.".into());
    }
    if text.chars().count() > length_max {
        return Err(format!("Ensure this field has no more than {length_max} characters."));
    }
    Ok(Some(text))
}

/// Dispatches are dated by day, everything else to the second without a zone.
fn check_dates(action: Action, fields: &Map<String, Value>, wrong: &mut Map<String, Value>) {
    for name in ["supplier_dispatch_date", "supplier_delivery_date"] {
        let Some(text) = fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()) else {
            continue;
        };
        let (format, words) = match action {
            Action::Dispatch => (
                "%Y-%m-%d",
                "Date has wrong format. Use one of these formats instead: YYYY-MM-DD.",
            ),
            Action::Acknowledge | Action::Backorder | Action::CancelAcknowledge => (
                "%Y-%m-%dT%H:%M:%S",
                "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm:ss.",
            ),
        };
        if jiff::fmt::strtime::parse(format, text).is_err() {
            wrong.insert(name.into(), json!([words]));
        }
    }
}

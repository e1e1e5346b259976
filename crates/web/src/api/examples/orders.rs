//! Examples of orders: their journeys, amendments, retries, and what was said of them.

use serde_json::{Value, json};
use tallyman_core::amendment::Field;
use tallyman_core::effect::Kind;
use tallyman_engine::retry::{Configuration, Fate, Plan, Step};

use super::{EFFECT, JOURNEY, MORNING, NOON, ORDER};
use crate::api::problem::Problem;
use crate::api::shape::At;
use crate::api::{amendments as amended, exchanges as said, journeys as story, orders, retry};

pub fn vat_bearing() -> Value {
    let refused = Field::named("quantity")
        .err()
        .map(|refused| Problem::from(refused).about(ORDER));
    serde_json::to_value(refused).unwrap_or_default()
}

pub fn wish() -> Value {
    json!({"field": "line_1", "value": "1 High Street", "reason": "The retailer cannot correct it."})
}

pub fn amendments() -> amended::Amendments {
    amended::Amendments {
        company: "acme".into(),
        journey: JOURNEY.into(),
        amendments: vec![amended::Amended {
            number: 1,
            shipment: None,
            field: "line_1".into(),
            came: Some("1 Hihg Street".into()),
            value: Some("1 High Street".into()),
            by: Some("console".into()),
            reason: Some("The retailer cannot correct it.".into()),
            at: At(MORNING),
            taken_back_at: None,
        }],
    }
}

pub fn go() -> Value {
    json!({"number": "4f1c0a7be2d9", "configuration": "as_it_was", "reason": "The account is open again."})
}

pub fn retry_plan() -> retry::RetryPlan {
    let step = |kind: Kind, fate: Fate| Step {
        effect: EFFECT.into(),
        name: kind.name().into(),
        connection: "sage200-acme".into(),
        fate,
    };
    let plan = Plan {
        journey: JOURNEY.into(),
        reference: ORDER.into(),
        configuration: Configuration::AsItWas,
        steps: vec![
            step(Kind::ConfirmDraft, Fate::Landed("order 0000012345".into())),
            step(Kind::Despatch, Fate::Again),
        ],
        number: "4f1c0a7be2d9".into(),
    };
    retry::RetryPlan::of("acme", &plan)
}

pub fn order_page() -> orders::OrderPage {
    orders::OrderPage {
        orders: vec![orders::Order {
            id: JOURNEY.into(),
            company: "acme".into(),
            reference: ORDER.into(),
            channel: "virtualstock-acme".into(),
            stage: "open".into(),
            stands_still: false,
            received_at: At(MORNING),
            money: "120.00".into(),
        }],
        next: None,
    }
}

pub fn sought_orders() -> orders::Found {
    orders::Found {
        orders: vec![orders::Hit {
            id: JOURNEY.into(),
            company: "acme".into(),
            reference: ORDER.into(),
            by: Some("0000012345".into()),
            received_at: At(MORNING),
            money: "120.00".into(),
        }],
        more: false,
    }
}

pub fn journeys() -> story::Journeys {
    story::Journeys {
        journeys: vec![story::Journey {
            id: JOURNEY.into(),
            company: "acme".into(),
            reference: ORDER.into(),
            source_key: "536365".into(),
            stage: "open",
            standing: "under way",
            money: "120.00".into(),
            due: Some(At(NOON)),
            ledger_order: Some("0000012345".into()),
            warehouse_order: Some("4711".into()),
            lines: vec![story::Line {
                line: "1".into(),
                item: "85123A".into(),
                ordered: "6".into(),
                shipped: "0".into(),
                despatched: "0".into(),
                confirmed: "0".into(),
            }],
            parcels: Vec::new(),
            open: Vec::new(),
            for_customer: "Your order VS-536365 is being prepared in our warehouse.".into(),
            held: Vec::new(),
            to_do: vec!["Nothing, unless it takes too long: the warehouse has it, and its shipment is waited for.".into()],
            story: vec![story::Happened {
                at: At(MORNING),
                what: "The order in the ledger is 0000012345.".into(),
            }],
            erased: false,
            masked: false,
        }],
    }
}

pub fn exchanges() -> said::Exchanges {
    let call = said::Call {
        at: At(MORNING),
        request: "POST /sop_despatch_receipts".into(),
        body: "{\n  \"sop_order_return_id\": 236991\n}".into(),
        status: Some(200),
        answer: "{}".into(),
    };
    let attempt = said::Attempt {
        id: EFFECT.into(),
        what: "despatch in the ledger",
        connection: "sage-acme".into(),
        by: "send".into(),
        outcome: "done".into(),
        at: At(MORNING),
        calls: vec![call],
        difference: None,
    };
    said::Exchanges {
        attempts: vec![attempt],
        unmasked_until: None,
    }
}

//! Examples of writes of which nobody knew whether they were carried out.

use serde_json::{Value, json};
use tallyman_core::effect::Kind;
use tallyman_core::finding::Code;

use super::{CARD, EFFECT, MORNING, NOON, ORDER};
use crate::api::shape::At;
use crate::api::{outcomes, put_off};

pub fn landing() -> Value {
    json!({"reason": "Sage has it.", "number": 4711})
}

pub fn outcome_page() -> outcomes::OutcomePage {
    outcomes::OutcomePage {
        outcomes: vec![outcomes::Outcome {
            id: EFFECT.into(),
            company: "acme".into(),
            reference: Some(ORDER.into()),
            connection: "sage200-acme".into(),
            what: "despatch in the ledger",
            kind: Kind::Despatch.name().into(),
            state: "parked",
            since: At(MORNING),
            due: None,
            began: None,
            sends: 1,
            money: "120.00".into(),
            card: Some(CARD.into()),
            code: Some(Code::OutcomeUnclear.name().into()),
            first_word: Some(outcomes::FirstWord {
                by: "finance".into(),
                at: At(NOON),
            }),
        }],
        next: None,
    }
}

pub fn put_off_page() -> put_off::PutOffPage {
    put_off::PutOffPage {
        retries: vec![put_off::PutOff {
            id: EFFECT.into(),
            company: "acme".into(),
            reference: Some(ORDER.into()),
            connection: "sage200-acme".into(),
            what: "despatch in the ledger",
            kind: Kind::Despatch.name().into(),
            because: "was put off: somebody has the record open",
            since: At(MORNING),
            due: At(NOON),
            sends: 0,
            pauses: 3,
            money: "120.00".into(),
        }],
        next: None,
    }
}

pub fn word() -> Value {
    json!({"reason": "Looked in Sage: there is no despatch for it."})
}

pub fn answered() -> outcomes::Answered {
    outcomes::Answered {
        id: EFFECT.into(),
        said: format!(
            "console says that {} goes again: Looked in Sage: there is no despatch for it.",
            Kind::Despatch.name()
        ),
        awaits_second: false,
    }
}

//! Examples of what words mean.

use serde_json::{Value, json};
use tallyman_core::mapping::Table;

use super::{JOURNEY, MORNING, ORDER};
use crate::api::shape::At;
use crate::api::{mappings, sheets, word_trials};

fn version() -> mappings::Version {
    mappings::Version {
        company: "acme".into(),
        table: Table::CarrierOut.code(),
        connection: "virtualstock-acme".into(),
        theirs: "pigeon".into(),
        ours: Some("12".into()),
        since: At(MORNING),
        by: "console".into(),
        reason: "The buyer says so.".into(),
    }
}

pub fn mapping_page() -> mappings::MappingPage {
    mappings::MappingPage {
        mappings: vec![version()],
        next: None,
    }
}

pub fn versions() -> mappings::Versions {
    mappings::Versions {
        versions: vec![version()],
        next: None,
    }
}

pub fn meaning() -> Value {
    json!({
        "table": "carrier-out", "connection": "virtualstock-acme", "theirs": "pigeon", "ours": "12", "reason": "The buyer says so."
    })
}

pub fn tried_meaning() -> Value {
    json!({"table": "carrier-out", "connection": "virtualstock-acme", "theirs": "pigeon", "ours": "12"})
}

pub fn word_trial() -> word_trials::WordTrial {
    let point = word_trials::Point {
        what: "The order".into(),
        before: "stops: Order VS-536365: there is no mapping for carrier service `pigeon` of `virtualstock-acme`.".into(),
        after: "goes on".into(),
    };
    let example = word_trials::Example {
        journey: JOURNEY.into(),
        reference: ORDER.into(),
        money: "49.50".into(),
        points: vec![point],
    };
    word_trials::WordTrial {
        company: "acme".into(),
        table: Table::CarrierOut.code(),
        connection: "virtualstock-acme".into(),
        theirs: "pigeon".into(),
        before: None,
        after: Some("12".into()),
        takes_two: false,
        cards: vec![super::trial()],
        past: word_trials::Past {
            looked_at: 500,
            differ: 1,
            money: "49.50".into(),
            examples: vec![example],
        },
    }
}

pub fn withdrawal() -> Value {
    json!({"table": "carrier-out", "connection": "virtualstock-acme", "theirs": "pigeon", "reason": "No longer offered."})
}

pub fn meant() -> mappings::Meant {
    mappings::Meant {
        company: "acme".into(),
        table: Table::CarrierOut.code(),
        connection: "virtualstock-acme".into(),
        theirs: "pigeon".into(),
        before: None,
        after: Some("12".into()),
        changed: true,
        proposed: None,
        first: Vec::new(),
    }
}

pub fn withdrawn() -> mappings::Meant {
    mappings::Meant {
        before: Some("12".into()),
        after: None,
        ..meant()
    }
}

pub fn csv() -> &'static str {
    "company,table,connection,theirs,ours\r\nacme,carrier-out,virtualstock-acme,pigeon,12\r\n"
}

pub fn planned() -> sheets::Planned {
    sheets::Planned {
        written: false,
        adds: 1,
        changes: 0,
        withdraws: 0,
        proposed: 0,
        proposals: Vec::new(),
        stays: 17,
        first: vec![sheets::Changed {
            company: "acme".into(),
            table: Table::CarrierOut.code(),
            connection: "virtualstock-acme".into(),
            theirs: "pigeon".into(),
            before: None,
            after: Some("12".into()),
        }],
    }
}

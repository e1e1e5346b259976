//! Examples of proposals.

use serde_json::{Value, json};

use super::{CARD, EFFECT, MORNING, NOON};
use crate::api::mappings::Meant;
use crate::api::proposals::{Decided, Heals, Proposal, Proposals, WithEffect};
use crate::api::shape::At;
use crate::api::sheets::Changed;

fn proposal() -> Proposal {
    Proposal {
        id: EFFECT.into(),
        company: "acme".into(),
        state: "open",
        changes: vec![Changed {
            company: "acme".into(),
            table: "tax",
            connection: "virtualstock-acme".into(),
            theirs: "20".into(),
            before: Some("1".into()),
            after: Some("2".into()),
        }],
        by: "person/MFRGGZDFMZTWQ2LK".into(),
        at: At(MORNING),
        reason: "The ledger's code has changed.".into(),
        decided: None,
        may_approve: true,
        own: false,
    }
}

pub fn proposals() -> Proposals {
    Proposals {
        proposals: vec![proposal()],
        next: None,
    }
}

pub fn with_effect() -> WithEffect {
    WithEffect {
        proposal: proposal(),
        heals: vec![Heals {
            card: CARD.into(),
            of: 36,
            heals: 36,
        }],
        approvers: 2,
    }
}

pub fn word() -> Value {
    json!({"reason": "Checked against the ledger's list of tax rates."})
}

pub fn instead() -> Value {
    json!({"ours": "T20", "reason": "The rate is T20 in this ledger."})
}

pub fn edited() -> Meant {
    Meant {
        company: "acme".into(),
        table: "tax",
        connection: "virtualstock-acme".into(),
        theirs: "20.00".into(),
        before: None,
        after: Some("T20".into()),
        proposed: Some("QY3T7M2K5WZ4XR6B".into()),
        changed: false,
        first: Vec::new(),
    }
}

pub fn decided() -> Proposal {
    Proposal {
        state: "approved",
        decided: Some(Decided {
            by: "person/ONSWG4TFOQQGC3DM".into(),
            at: At(NOON),
            reason: "Checked against the ledger's list of tax rates.".into(),
        }),
        may_approve: false,
        ..proposal()
    }
}

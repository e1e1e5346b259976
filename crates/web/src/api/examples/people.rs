//! Examples of people, their tokens and their deputies.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tallyman_core::access::{Level, Right};
use tallyman_core::catalogue::Owner;

use super::{MORNING, NOON};
use crate::api::deputies::{Colleague, Deputies, Deputy};
use crate::api::people::{Grant, Invitation, People, Person};
use crate::api::shape::At;
use crate::api::tokens::{Ended, Made, Token, Tokens};

const PERSON: &str = "MFRGGZDFMZTWQ2LK";
const OTHER: &str = "ONSWG4TFOQQGC3DM";
const TOKEN: &str = "NB2HI4DTHIXS653X";

const PROVIDER: &str = "https://login.example.com";

pub fn account() -> Value {
    json!({"subject": "248289761001"})
}

pub fn of_provider() -> Value {
    json!({"issuer": PROVIDER})
}

pub fn person() -> Person {
    Person {
        id: PERSON.into(),
        name: "Maya Lindqvist".into(),
        sign_in: "maya.lindqvist".into(),
        added: At(MORNING),
        ended: None,
        grants: vec![Grant {
            level: Level::Operations,
            company: Some("acme".into()),
            teams: BTreeSet::from([Owner::Operations]),
        }],
        set_up: true,
        code: true,
        accounts: vec![PROVIDER.into()],
        sessions: 1,
    }
}

pub fn people() -> People {
    People {
        people: vec![person()],
        next: None,
    }
}

pub fn newcomer() -> Value {
    json!({"name": "Maya Lindqvist", "level": "operations", "company": "acme", "teams": ["operations"]})
}

pub fn invitation() -> Invitation {
    Invitation {
        person: PERSON.into(),
        path: "/set-up/Zk1t".into(),
        ends: At(NOON),
    }
}

pub fn giving() -> Value {
    json!({"level": "operations", "company": "acme", "teams": []})
}

pub fn taking() -> Value {
    json!({"level": "operations", "company": "acme"})
}

fn token() -> Token {
    Token {
        id: TOKEN.into(),
        owner: PERSON.into(),
        name: "price-sheet".into(),
        rights: BTreeSet::from([Right::Read, Right::Map]),
        companies: BTreeSet::from(["acme".to_owned()]),
        teams: BTreeSet::new(),
        made: At(MORNING),
        ends: At(NOON),
        ended: None,
        stands: true,
    }
}

pub fn tokens() -> Tokens {
    Tokens { tokens: vec![token()] }
}

pub fn wish() -> Value {
    json!({"name": "price-sheet", "rights": ["read", "map"], "companies": ["acme"], "days": 90})
}

pub fn made() -> Made {
    Made {
        secret: "3q2-7w".into(),
        token: token(),
    }
}

pub fn ended() -> Ended {
    Ended { id: TOKEN.into() }
}

pub fn deputies() -> Deputies {
    let deputy = Deputy {
        id: TOKEN.into(),
        person: PERSON.into(),
        stands_for: Some(OTHER.into()),
        team: None,
        company: None,
        from: At(MORNING),
        until: At(NOON),
        by: format!("person/{OTHER}"),
        ended: None,
    };
    Deputies {
        deputies: vec![deputy],
        colleagues: vec![Colleague {
            person: PERSON.into(),
            name: "Maya Lindqvist".into(),
        }],
    }
}

pub fn naming() -> Value {
    json!({"person": PERSON, "stands_for": OTHER, "from": "2026-11-23", "until": "2026-11-27"})
}

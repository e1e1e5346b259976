//! Examples of connections, holds and the ways to tell people.

use serde_json::{Value, json};

use super::{EFFECT, MORNING, NOON};
use crate::api::shape::At;
use crate::api::{connections as systems, holds as held, routes as route};

pub fn routes() -> route::Routes {
    route::Routes {
        routes: vec![route::Route {
            name: "integration-mail".into(),
            company: "acme".into(),
            team: "integration",
            deputy: None,
        }],
    }
}

pub fn tests() -> route::Tests {
    route::Tests {
        tests: vec![route::Tested {
            route: "integration-mail".into(),
            company: "acme".into(),
            taken: true,
            why: None,
        }],
    }
}

pub fn connections() -> systems::Connections {
    let round = systems::Round {
        name: "facts".into(),
        beat: "well",
        done_at: At(MORNING),
        due: At(NOON),
        every_seconds: 3_600,
    };
    let connection = systems::Connection {
        company: "acme".into(),
        name: "sage-acme".into(),
        role: "ledger",
        state: "well",
        paused_until: None,
        failures: 0,
        stopped_by: None,
        stopped_until: None,
        rate: Some(systems::Rate {
            a_minute: Some(240),
            at_once: 16,
            free: 16,
        }),
        queue: 3,
        held: 0,
        clears_in_seconds: Some(1),
        last_success: Some(At(MORNING)),
        next_run: Some(At(NOON)),
        rounds: vec![round],
        signs_in: true,
        signed_in_until: Some(At(NOON)),
        consent_until: None,
        consent_days: None,
        cards: Vec::new(),
    };
    systems::Connections {
        connections: vec![connection],
    }
}

pub fn test_of_connection() -> systems::TestOfConnection {
    systems::TestOfConnection {
        connection: "sage-acme".into(),
        well: true,
        sentence: "sage-acme lets us in and answers.".into(),
        took_ms: 180,
    }
}

pub fn hurried() -> systems::Hurried {
    systems::Hurried {
        connection: "virtualstock-acme".into(),
        rounds: vec!["orders"],
    }
}

pub fn hold() -> held::Hold {
    held::Hold {
        id: EFFECT.into(),
        company: "acme".into(),
        kind: "writes",
        what: "sage-acme".into(),
        said: "all writes to sage-acme are held".into(),
        reason: "Month end: finance closes the period.".into(),
        by: "person/QJ5ZV2LAW7NDKX3E".into(),
        by_name: Some("Maya Lindqvist".into()),
        from: At(MORNING),
        until: At(NOON),
        ended_at: None,
        ended_by: None,
        ended_by_name: None,
        waits: Some(12),
    }
}

pub fn holds() -> held::Holds {
    held::Holds {
        holds: vec![hold()],
        over: Vec::new(),
    }
}

pub fn wanted_hold() -> Value {
    json!({
        "company": "acme",
        "kind": "writes",
        "what": "sage-acme",
        "reason": "Month end: finance closes the period.",
        "until": At(NOON),
    })
}

//! Examples of what is in force and what was done: handbook, settings, drill, journal.

use tallyman_core::finding::Code;
use tallyman_core::mastership::Model;

use super::{CARD, EFFECT, MORNING, NOON};
use crate::api::shape::At;
use crate::api::{drill as drilled, handbook as book, journal as account, masters as model, settings};

pub fn handbook() -> book::Handbook {
    book::Handbook {
        company: "acme".into(),
        version: 3,
        hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        since: At(MORNING),
        chapters: vec![book::Chapter {
            team: "operations",
            hours: "Monday to Friday, 09:00 to 17:30 (Europe/London), not on the bank holidays of England and Wales".into(),
            told: vec!["Its routes: operations-mail.".into()],
            people: vec!["Jo".into()],
            failures: vec![],
        }],
        masters: vec!["The channel masters orders; Tallyman carries it to the ledger and the warehouse.".into()],
        changes: Some(book::Changes::default()),
        readers: vec![book::Reader {
            name: "Jo".into(),
            read_at: Some(At(NOON)),
        }],
    }
}

pub fn in_force() -> settings::InForce {
    settings::InForce {
        company: "acme".into(),
        alerts: None,
        hours: vec![settings::Hours {
            team: "operations",
            hours: "Monday to Friday, 09:00 to 17:30 (Europe/London), not on the bank holidays of England and Wales".into(),
            own: false,
            key: "[alerts.calendar]".into(),
            open: true,
            next: Some(At(MORNING)),
            closed: vec!["2026-12-25".into()],
        }],
        faults: vec![settings::Fault {
            key: "[alerts]".into(),
            sentence: "Nobody is told of anything: no way to tell people is configured for this company.".into(),
        }],
    }
}

pub fn drill() -> drilled::MaybeDrill {
    drilled::MaybeDrill {
        drill: Some(drilled::Drill {
            begun_at: At(MORNING),
            pace: 30,
            score: drilled::Score {
                planted: 1,
                opened: 1,
                cleared: 1,
                wrong_fixes: 0,
                usual_seconds: Some(420),
                longest_seconds: Some(420),
            },
            responses: vec![drilled::Response {
                planted: "a service without a mapping".into(),
                company: "trader-1".into(),
                code: Code::CarrierUnmapped.name(),
                card: Some(CARD.into()),
                opened_at: Some(At(MORNING)),
                taken_up_at: Some(At(MORNING)),
                taken_up_by: Some("jo".into()),
                cleared_at: Some(At(NOON)),
                cleared_by: Some("jo".into()),
                wrong_fixes: 0,
            }],
        }),
    }
}

pub fn masters() -> model::Masters {
    model::Masters::of("acme", &Model::default())
}

pub fn journal_page() -> account::JournalPage {
    let line = account::JournalLine {
        id: 4_711,
        at: At(MORNING),
        actor: "person/QJ5ZV2LAW7NDKX3E".into(),
        name: Some("Maya Lindqvist".into()),
        kind: "hold.placed".into(),
        subject: EFFECT.into(),
        what: Some("Until 2026-11-02T12:00:00Z: all writes to sage-acme are held. Month end.".into()),
        before: None,
        after: Some("held until 2026-11-02T12:00:00Z".into()),
        content: "said",
        number: Some(4_711),
    };
    account::JournalPage {
        company: "acme".into(),
        lines: vec![line],
        next: None,
    }
}

pub fn verified_journal() -> account::VerifiedJournal {
    account::VerifiedJournal {
        company: "acme".into(),
        whole: true,
        lines: 4_712,
        open: 0,
        root: Some("8f3c1b2a9d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8".into()),
        why: None,
    }
}

//! Examples of cards: shown, decided, sorted, tried.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tallyman_core::calendar::Calendar;
use tallyman_core::card::{Act, Card as CoreCard, Life, Weight};
use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::money::Money;
use tallyman_core::ruling::Ruling;
use tallyman_engine::board;
use tallyman_engine::ruling::Decided;
use tallyman_store::tables::cards::Stored;

use super::{CARD, JOURNEY, MORNING, NOON, ORDER, cell};
use crate::api::shape::{Acted, At, Card, CardPage, History, Member, MemberPage};
use crate::api::{decisions, sorting, summary as numbers, trials, unlike};

pub fn card() -> Card {
    let code = Code::CarrierUnmapped;
    let card = CoreCard {
        code,
        cause: Cause::Cell(cell()),
        team: code.entry().owner,
        life: Life::Acknowledged,
        assignee: Some("jo".into()),
        deputy: Some("sam".into()),
        escalations: 0,
        opened_at: MORNING,
        weight: Weight {
            stopped: 36,
            proving: 1,
            orders: 36,
            money: Money::from_minor(125_000),
        },
        records_due: Some(NOON),
        version: 3,
    };
    let stored = Stored {
        id: CARD.into(),
        company: "acme".into(),
        card,
        closed_at: None,
        under: None,
        shows: 0,
        write: None,
    };
    Card::of(&stored, &Calendar::usual())
}

pub fn card_in_room() -> Card {
    card().in_room(board::Room {
        shows: vec![JOURNEY.into()],
        ..board::Room::default()
    })
}

pub fn comparison() -> unlike::Comparison {
    let item = |item: &str, ordered: &str, left: &str, difference: &str, verdict| unlike::Item {
        item: item.into(),
        ordered: ordered.into(),
        left: left.into(),
        despatched: ordered.into(),
        difference: difference.into(),
        verdict,
    };
    unlike::Comparison {
        orders: vec![unlike::Compared {
            journey: JOURNEY.into(),
            reference: ORDER.into(),
            items: vec![item("22423", "3", "4", "1", "more"), item("85123A", "6", "6", "0", "same")],
        }],
    }
}

pub fn decision() -> Value {
    json!({"version": 3, "as": "declined", "order": ORDER, "agreed": true, "reason": "The retailer has cancelled it by telephone."})
}

pub fn decided() -> decisions::Ruled {
    let decided = Decided {
        records: 1,
        ..Decided::default()
    };
    decisions::Ruled::of(Ruling::Declined, decided, card_in_room())
}

pub fn one_first() -> sorting::OneFirst {
    sorting::OneFirst {
        order: Some(ORDER.into()),
        card: card_in_room(),
    }
}

pub fn fix() -> Value {
    json!({"map": {"table": "sku", "connection": "virtualstock-acme", "theirs": "MUG-BL", "ours": "MUG-BLUE"}})
}

/// An order that a fix would heal.
const HEALED: &str = "VS-536366";

pub fn trial() -> trials::Trial {
    trials::Trial {
        card: CARD.into(),
        of: 37,
        heals: 36,
        others: vec![trials::Other {
            reference: Some(ORDER.into()),
            sentence: Some("Item `CASE` of `virtualstock-acme` is not mapped.".into()),
        }],
        example: Some(HEALED.into()),
        item: Some(trials::Named {
            sku: "MUG-BLUE".into(),
            name: "Mug, blue, 300 ml".into(),
        }),
        sold: Some(vec![trials::Sold {
            reference: HEALED.into(),
            part_number: "81234567".into(),
            quantity: "2".into(),
            unit_price: "4.95".into(),
        }]),
    }
}

pub fn card_page() -> CardPage {
    CardPage {
        cards: vec![card()],
        next: Some("WyJvbGRlc3QiLDEsIkEiXQ".into()),
    }
}

pub fn member_page() -> MemberPage {
    MemberPage {
        members: vec![Member {
            journey: Some(JOURNEY.into()),
            reference: Some(ORDER.into()),
            record: None,
            stand: "stopped".into(),
            sentence: Some("Line 1: carrier service `pigeon` of `virtualstock-acme` is not mapped.".into()),
            blamed: None,
            net: Some("114.50".into()),
            since: At(MORNING),
            due: Some(At(NOON)),
            proof: None,
            proof_of: None,
            ended_at: None,
        }],
        next: None,
    }
}

pub fn history() -> History {
    let told = |version, act: &Act| board::Acted {
        version,
        at: MORNING,
        actor: "console".into(),
        act: serde_json::to_string(act).unwrap_or_default(),
    };
    let comment = Act::Comment {
        text: "Asked the buyer which service is meant.".into(),
    };
    let acts = [told(3, &comment), told(2, &Act::Acknowledge)];
    History {
        acts: acts.iter().map(|told| Acted::of(told, true)).collect(),
        meant: Vec::new(),
        next: None,
    }
}

pub fn summary() -> numbers::Summary {
    let count = numbers::Count {
        cards: 1,
        stopped: 36,
        proving: 1,
    };
    let one = |name: &str| BTreeMap::from([(name.to_owned(), count.clone())]);
    let card = card();
    numbers::Summary {
        companies: vec![numbers::OfCompany {
            company: "acme".into(),
            money: card.weight.money,
            orders: 36,
            all: count.clone(),
            by_team: one(card.team),
            by_severity: one(card.severity),
            by_code: one(card.code),
        }],
    }
}

pub fn capsule() -> Value {
    json!({
        "format": 1,
        "version": "0.1.0",
        "made_at": At(MORNING),
        "card": {"id": CARD, "code": "sku_unmapped", "cause": {"cell": {"table": "sku", "scope": "virtualstock-acme", "theirs": "P-1"}}},
        "records": [{"reference": ORDER, "found": [{"code": "sku_unmapped", "cause": "P-1"}]}],
        "left_out": 0,
    })
}

//! The examples of the description, built from the shapes themselves, so that none shows a field that is not there.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tallyman_core::access::{self, Denied};
use tallyman_core::amendment::Field;
use tallyman_core::calendar::Calendar;
use tallyman_core::card::{Act, Card as CoreCard, Life, Weight};
use tallyman_core::cause::Cause;
use tallyman_core::effect::Kind;
use tallyman_core::finding::Code;
use tallyman_core::mapping::{Cell, Table};
use tallyman_core::mastership::Model;
use tallyman_core::money::Money;
use tallyman_core::ruling::Ruling;
use tallyman_core::time::Timestamp;
use tallyman_engine::board;
use tallyman_engine::retry::{Configuration, Fate, Plan, Step};
use tallyman_engine::ruling::Decided;
use tallyman_store::tables::cards::Stored;

use super::access::Right;
use super::problem::{self, Problem};
use super::shape::{Acted, At, Card, CardPage, History, Member, MemberPage};
use super::{
    amendments as amended, decisions, drill as drilled, handbook as book, masters as model, retries, settings, sorting, trials,
    unlike,
};
use super::{connections as systems, exchanges as said, holds as held, journal as account};
use super::{
    heartbeats, journeys as story, mappings, outcomes, overview as glance, routes as route, sheets, summary as numbers,
    tally as count,
};

pub mod people;
pub mod proposals;

const CARD: &str = "MHRV3TDXWWQ7JJ6N";
const EFFECT: &str = "KTZ2KQ4WLM5XR7PC";
const JOURNEY: &str = "QJ5ZV2LAW7NDKX3E";
const ORDER: &str = "VS-536365";
/// 2026-11-02T09:00:00Z
const MORNING: Timestamp = Timestamp::from_micros(1_793_610_000_000_000);
const NOON: Timestamp = Timestamp::from_micros(1_793_620_800_000_000);

fn cell() -> Cell {
    Cell::new(Table::CarrierOut, "virtualstock-acme", "pigeon")
}

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

pub fn decision() -> Value {
    json!({"version": 3, "as": "declined", "order": ORDER, "reason": "The retailer has cancelled it by telephone."})
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
    json!({"map": {"table": "carrier-out", "connection": "virtualstock-acme", "theirs": "pigeon", "ours": "12"}})
}

pub fn trial() -> trials::Trial {
    trials::Trial {
        card: CARD.into(),
        of: 37,
        heals: 36,
        others: vec![trials::Other {
            reference: Some(ORDER.into()),
            sentence: Some("Item `CASE` of `virtualstock-acme` is not mapped.".into()),
        }],
    }
}

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

pub fn retry_plan() -> retries::RetryPlan {
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
    retries::RetryPlan::of("acme", &plan)
}

pub fn masters() -> model::Masters {
    model::Masters::of("acme", &Model::default())
}

pub fn landing() -> Value {
    json!({"reason": "Sage has it.", "number": 4711})
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

pub fn overview() -> glance::Overview {
    let card = card();
    glance::Overview {
        companies: vec![glance::CompanyOverview {
            company: "acme".into(),
            made_at: At(MORNING),
            today: vec![glance::TodaysTally {
                source: "virtualstock-acme".into(),
                kind: "order",
                received: 1_284,
                posted: 1_206,
                open: 71,
                declined: 7,
                nowhere: 0,
                gaps: 0,
                compared_at: Some(At(MORNING)),
                why: None,
            }],
            orders: card.weight.orders,
            money: card.weight.money.clone(),
            cards: 1,
            unknown_outcomes: 0,
            systems: vec![glance::FlowSystem {
                role: "channel",
                connection: "virtualstock-acme".into(),
                answered_at: Some(At(MORNING)),
                paused_until: None,
                failures: 0,
            }],
            flows: vec![glance::Flow {
                name: "confirmations",
                an_hour: 171,
                waiting: 2,
                stopped: card.weight.stopped,
                card: Some(card.id.clone()),
                clear_seconds: Some(42),
            }],
            cut_off: Some(glance::NextCutOff {
                at: At(NOON),
                orders: 9,
                more: false,
                releases: 2,
            }),
            through_the_day: glance::ThroughTheDay {
                day: "2026-11-02".into(),
                begins: At(MORNING),
                by_hour: vec![18, 43, 80],
                usual: None,
            },
            feeds: vec![glance::FeedAge {
                name: "orders of virtualstock-acme".into(),
                every_seconds: 60,
                done_at: Some(At(MORNING)),
                beat: "well",
            }],
            needs: vec![card],
        }],
    }
}

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

pub fn tally() -> count::Tally {
    count::Tally {
        sources: vec![count::OfSource {
            company: "acme".into(),
            source: "virtualstock-acme".into(),
            kind: "order",
            day: "2026-11-02".into(),
            received: 60,
            posted: 58,
            open: 1,
            declined: 1,
            repeats: 0,
            adds_up: true,
            whole: false,
            nowhere: Vec::new(),
            again: Vec::new(),
            late: Vec::new(),
            question: Some("by retailer, all that is new"),
            beyond: "what somebody else dispatched before it arrived",
            compared_at: Some(At(NOON)),
            compared_whole: false,
            listed: Some(61),
            why: None,
            gaps: vec![count::Named {
                key: "536366".into(),
                problem: "missing",
                found_at: At(NOON),
                cleared_at: None,
                why: String::new(),
            }],
        }],
    }
}

pub fn heartbeats() -> heartbeats::Heartbeats {
    heartbeats::Heartbeats {
        well: true,
        feeds: vec![heartbeats::Feed {
            name: "orders of virtualstock-acme".into(),
            beat: "well",
            quiet_seconds: 41,
            late_seconds: 0,
        }],
        connections: vec![heartbeats::Connection {
            name: "sage200-acme".into(),
            paused_seconds: 0,
            failures: 0,
        }],
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
        }],
    }
}

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

pub fn moved() -> Problem {
    let detail = "The card has changed since you saw it (version 3, now 4). Look at it again; nothing was changed.";
    let remedy = "Get the card again, look at its history, and act on the version that it has now.";
    Problem::new(problem::Kind::Moved, detail, remedy).about(CARD)
}

pub fn refused() -> Problem {
    let detail = "ours, text `six`: a unit is mapped to how many of the ledger's stock unit one of theirs is, such as 6 or 1/6.";
    let problem = Problem::new(
        problem::Kind::Refused,
        detail,
        "Correct it and ask again; nothing was changed.",
    );
    problem.about("unit of item `CASE` of `virtualstock-acme`").in_field("ours")
}

/// Of every operation.
pub fn unreadable() -> Value {
    let problem = Problem::unreadable("tema", "unknown field `tema`, expected one of `team`, `code`");
    serde_json::to_value(problem).unwrap_or_default()
}

/// Of every operation.
pub fn not_allowed() -> Value {
    let denied = Denied {
        kind: access::Kind::Token,
        name: "console".into(),
        right: Right::Act,
        company: "acme".into(),
        why: access::Why::NoRight,
    };
    serde_json::to_value(Problem::from(denied)).unwrap_or_default()
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

pub fn records_of_day() -> count::RecordsOfDay {
    let record = count::OfDay {
        key: "536365".into(),
        received_at: At(MORNING),
        made_at: Some(At(MORNING)),
        journey: Some(JOURNEY.into()),
        reference: Some(ORDER.into()),
        stand: Some("open"),
        on_a_card: true,
    };
    count::RecordsOfDay {
        records: vec![record],
        next: None,
    }
}

pub fn compared_now() -> count::ComparedNow {
    count::ComparedNow {
        company: "acme".into(),
        hurried: vec!["virtualstock-acme".into(), "mintsoft-acme".into()],
    }
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
        root: Some("8f3c1b2a9d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8".into()),
        why: None,
    }
}

pub fn list_csv() -> &'static str {
    "card,company,code\nMHRV3TDXWWQ7JJ6N,acme,carrier_unmapped\n"
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

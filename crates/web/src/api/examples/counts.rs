//! Examples of what is counted: the overview, the tally, heartbeats.

use super::{JOURNEY, MORNING, NOON, ORDER, card};
use crate::api::shape::At;
use crate::api::{heartbeats, overview as glance, tally as count};

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
                uncompared: 0,
                why: None,
            }],
            orders: card.weight.orders,
            money: card.weight.money.clone(),
            cards: 1,
            unknown_outcomes: 0,
            systems: vec![glance::FlowSystem {
                role: "channel",
                connection: "virtualstock-acme".into(),
                state: "well",
                answered_at: Some(At(MORNING)),
                paused_until: None,
                failures: 0,
            }],
            flows: vec![glance::Flow {
                name: "confirmations",
                an_hour: 171,
                waiting: 2,
                put_off: 1,
                put_off_until: Some(At(NOON)),
                stopped: card.weight.stopped,
                card: Some(card.id.clone()),
                held_until: None,
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
            uncompared: 0,
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

pub fn list_csv() -> &'static str {
    "card,company,code\nMHRV3TDXWWQ7JJ6N,acme,carrier_unmapped\n"
}

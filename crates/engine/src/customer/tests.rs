//! What is told of each state that an order can be in.

use tallyman_core::document::LineRef;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::hold::{Hold, Scope};
use tallyman_core::ident::{Company, Connection, JourneyId};
use tallyman_core::journey::{Journey, LedgerOrderKey, Line, Route};
use tallyman_core::money::Money;
use tallyman_core::quantity::{Quantity, Ratio};
use tallyman_core::sku::Sku;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::holds;

use super::*;
use crate::sight::Sight;

/// An order as far as its sentence looks at it: nothing has happened yet.
fn story() -> Story {
    let names = |name: &str| Connection::new(name);
    let company = Company::new("acme");
    Story {
        sight: Sight::Open,
        journey: Journey {
            id: JourneyId::derive(&company, &names("shop"), "1"),
            company,
            route: Route {
                channel: names("shop"),
                ledger: names("books"),
                warehouse: names("shed"),
            },
            source_key: "1".into(),
            reference: "A-1".into(),
            stage: Stage::Open,
            lines: vec![line(0)],
            draft_id: None,
            ledger_order: None,
            release_id: None,
            shipments: Vec::new(),
            net: Money::ZERO,
            due_by: Some(Timestamp::parse_rfc3339("2026-11-05T17:00:00Z").expect("an instant")),
        },
        received_at: Timestamp::parse_rfc3339("2026-11-02T09:00:00Z").expect("an instant"),
        tags: Vec::new(),
        lines: Vec::new(),
        asked: Vec::new(),
        parcels: Vec::new(),
        proofs: Vec::new(),
        open: Vec::new(),
        stopped_by: Vec::new(),
        cards: Vec::new(),
        codes: Vec::new(),
        settled: Vec::new(),
        held: Vec::new(),
        erased: false,
    }
}

/// Two of something, of which so many have left.
fn line(left: i64) -> Line {
    let pieces = Quantity::whole;
    Line {
        line: LineRef("1".into()),
        part_number: "P".into(),
        sku: Sku::parse("P").expect("an item"),
        unit: Ratio::default(),
        ordered: pieces(2),
        shipped: pieces(left),
        despatched: pieces(0),
        confirmed: pieces(0),
    }
}

fn in_ledger(story: &mut Story) {
    story.journey.ledger_order = Some(LedgerOrderKey {
        id: 1,
        number: "0000000001".into(),
        lines: Vec::new(),
    });
}

fn released(story: &mut Story) {
    in_ledger(story);
    story.journey.release_id = Some(1);
}

fn left(story: &mut Story, count: i64) {
    released(story);
    story.journey.lines = vec![line(count)];
}

fn held(story: &mut Story) {
    let at = Timestamp::ZERO;
    story.held = vec![holds::Waiting {
        effect: "E".into(),
        connection: "books".into(),
        since: at,
        hold: Hold {
            id: Fingerprint::derive("acme", "a hold", "placed"),
            company: "acme".into(),
            scope: Scope::Writes("books".into()),
            reason: "The stock is counted.".into(),
            by: "ann".into(),
            from: at,
            until: Timestamp::MAX,
            ended_at: None,
            ended_by: None,
        },
    }];
}

/// Each way in which an order can stand, and what the customer is told of it.
#[test]
fn the_sentence_is_true_of_each_state() {
    type Put = fn(&mut Story);
    let table: [(&str, Put, &str); 19] = [
        (
            "it has come",
            |_| {},
            "Your order A-1 has arrived here and is being taken in. It is due by 5 November.",
        ),
        (
            "its guardrails stopped it",
            |story| (story.journey.stage, story.codes) = (Stage::Stopped, vec![Code::SkuUnknown]),
            "Your order A-1 has arrived here, and our team is sorting out a problem before it goes on.",
        ),
        (
            "nothing stops it any more",
            |story| story.journey.stage = Stage::Stopped,
            "Your order A-1 has arrived here and is being taken in. It is due by 5 November.",
        ),
        (
            "declined before anything was written",
            |story| story.journey.stage = Stage::Declined,
            "Your order A-1 was not carried out. The shop that you ordered from can tell you more.",
        ),
        (
            "in the ledger",
            in_ledger,
            "Your order A-1 has been taken in and goes to our warehouse next. It is due by 5 November.",
        ),
        (
            "somebody holds what would be written next",
            |story| {
                in_ledger(story);
                held(story);
            },
            "Your order A-1 has arrived here, and waits for our team to let it go on.",
        ),
        (
            "in the warehouse",
            released,
            "Your order A-1 is being prepared in our warehouse. It is due by 5 November.",
        ),
        (
            "its cut-off is near",
            |story| {
                released(story);
                story.codes = vec![Code::CutOffNear];
            },
            "Your order A-1 is being prepared in our warehouse. It is due by 5 November.",
        ),
        (
            "its cut-off was missed",
            |story| {
                released(story);
                story.codes = vec![Code::CutOffMissed];
            },
            "Your order A-1 is being prepared in our warehouse.",
        ),
        (
            "its cut-off was missed, and that is settled",
            |story| {
                released(story);
                story.settled = vec![Code::CutOffMissed];
            },
            "Your order A-1 is being prepared in our warehouse.",
        ),
        (
            "the warehouse refuses it",
            |story| {
                released(story);
                story.codes = vec![Code::WarehouseRefused];
            },
            "Your order A-1 has arrived here, and our team is sorting out a problem before it goes on.",
        ),
        (
            "the warehouse refused it, and that was settled",
            |story| {
                released(story);
                story.settled = vec![Code::WarehouseRefused];
            },
            DECIDED,
        ),
        (
            "there was too little of it, and that was settled",
            |story| {
                released(story);
                story.settled = vec![Code::StockShort];
            },
            DECIDED,
        ),
        (
            "settled, and it has left all the same",
            |story| {
                left(story, 2);
                story.settled = vec![Code::WarehouseRefused];
            },
            "Your order A-1 is on its way to you.",
        ),
        (
            "a part has left",
            |story| left(story, 1),
            "A part of your order A-1 is on its way to you; the rest follows.",
        ),
        (
            "less has left, and a person is needed",
            |story| {
                left(story, 1);
                story.codes = vec![Code::ShortShipped];
            },
            "A part of your order A-1 is on its way to you; our team is sorting out a problem with the rest.",
        ),
        (
            "less has left, and that is settled",
            |story| {
                left(story, 1);
                story.settled = vec![Code::ShortShipped];
            },
            "A part of your order A-1 is on its way to you; the shop that you ordered from can tell you about the rest.",
        ),
        (
            "all is done",
            |story| {
                left(story, 2);
                story.journey.stage = Stage::Complete;
            },
            "Your order A-1 is on its way to you.",
        ),
        (
            "erased while it was under way",
            |story| {
                released(story);
                story.erased = true;
            },
            "Your order A-1 was closed some time ago; its details are no longer kept.",
        ),
    ];
    for (name, put, said) in table {
        let mut story = story();
        put(&mut story);
        assert_eq!(sentence(&story, &Zone::utc()), said, "{name}");
    }
}

const DECIDED: &str = "Your order A-1 was stopped in our warehouse, and our team has decided what becomes of it. \
                       The shop that you ordered from can tell you more.";

#[test]
fn parcels_that_left_together_are_said_together() {
    let parcel = |carrier: &str, tracking: &str, day: &str| Parcel {
        carrier: Some(carrier.into()),
        tracking: Some(tracking.into()),
        left_at: Some(Timestamp::parse_rfc3339(day).expect("an instant")),
        ..Parcel::default()
    };
    let parcels = [
        parcel("dpd", "A1", "2026-11-05T09:00:00Z"),
        parcel("dpd", "A2", "2026-11-05T15:00:00Z"),
        parcel("Royal Mail", "B1", "2026-11-06T09:00:00Z"),
    ];
    assert_eq!(
        with(&parcels, &Zone::utc()),
        " with Royal Mail (left on 6 November), parcel number B1, and with dpd (left on 5 November), parcel numbers A1 and A2"
    );
    assert_eq!(with(&[Parcel::default()], &Zone::utc()), "");
}

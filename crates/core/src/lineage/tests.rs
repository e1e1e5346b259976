use super::*;
use crate::document::LineRef;
use crate::duplicate::BookedLine;
use crate::effect::AgreedLine;
use crate::ident::{Company, Connection, JourneyId};
use crate::journey::{Route, Stage};

/// An order of two lines of five, and how it stands in the ledger.
fn scene() -> (Journey, Agreed, Booked) {
    let (company, channel) = (Company::new("north"), Connection::new("shop"));
    let journey = Journey {
        id: JourneyId::derive(&company, &channel, "77"),
        company,
        route: Route {
            channel,
            ledger: Connection::new("books"),
            warehouse: Connection::new("hands"),
        },
        source_key: "77".into(),
        reference: "VS-1".into(),
        stage: Stage::Open,
        lines: Vec::new(),
        draft_id: Some(900),
        ledger_order: Some(LedgerOrderKey {
            id: 900,
            number: "00900".into(),
            lines: vec![(LineRef("1".into()), 901), (LineRef("2".into()), 902)],
        }),
        release_id: None,
        shipments: Vec::new(),
        net: Money::ZERO,
        due_by: None,
    };
    let agreed = |line: &str, product_id| AgreedLine {
        line: LineRef(line.into()),
        product_id,
        code: format!("P{product_id}"),
        quantity: Quantity::whole(5),
        unit_price: Money::from_minor(250),
    };
    let booked = |id, product_id| BookedLine {
        id,
        product_id,
        quantity: Quantity::whole(5),
        unit_price: Money::from_minor(250),
        despatched: Quantity::ZERO,
    };
    let agreed = Agreed {
        customer_id: 7,
        reference: "VS-1".into(),
        lines: vec![agreed("1", 11), agreed("2", 12)],
    };
    let booked = Booked {
        id: 900,
        number: "00900".into(),
        customer_id: 7,
        reference: "vs-1 ".into(),
        tag: None,
        standing: Standing::Order,
        lines: Some(vec![booked(901, 11), booked(902, 12)]),
    };
    (journey, agreed, booked)
}

fn changed(change: impl FnOnce(&mut Booked)) -> (Option<Finding>, Result<Gap, Finding>) {
    let (journey, agreed, mut booked) = scene();
    change(&mut booked);
    let key = journey.ledger_order.as_ref().expect("it has one");
    (compare(&journey, &agreed, &booked), gap(key, &agreed, Some(&booked)))
}

fn line(booked: &mut Booked, index: usize) -> &mut BookedLine {
    &mut booked.lines.as_mut().expect("lines")[index]
}

#[test]
fn what_stands_as_agreed_leaves_nothing_to_find_and_nothing_to_write() {
    assert_eq!(changed(|_| ()), (None, Ok(Gap::default())));
}

#[test]
fn only_what_differs_is_written() {
    let (found, gap) = changed(|booked| {
        line(booked, 1).quantity = Quantity::whole(6);
        line(booked, 1).despatched = Quantity::whole(2);
        booked.reference = "ANOTHER".into();
    });
    let said = found.expect("it was changed").sentence;
    assert!(
        said.contains("line 2 (P12) was 5 and is 6") && said.contains("is ANOTHER"),
        "{said}"
    );
    let gap = gap.expect("it can be brought back");
    assert_eq!(gap.reference.as_deref(), Some("VS-1"));
    let only = LineGap {
        id: 902,
        quantity: Some(Quantity::whole(5)),
        unit_price: None,
        outstanding: Quantity::whole(3),
    };
    assert_eq!(gap.lines, [only]);
}

/// Each with what its owner is told to do there.
#[test]
fn what_no_amendment_brings_back_is_refused_with_what_to_do() {
    type Change = fn(&mut Booked);
    let cases: [(Change, &str); 7] = [
        (|booked| booked.standing = Standing::Cancelled, "enter it anew"),
        (|booked| booked.standing = Standing::Draft, "enter it anew"),
        (|booked| booked.customer_id = 8, "another customer's"),
        (
            |booked| {
                booked.lines.as_mut().expect("lines").remove(0);
            },
            "line 1 (P11) was taken off: add 5",
        ),
        (|booked| line(booked, 0).product_id = 13, "put P11 there"),
        (
            |booked| {
                let more = BookedLine {
                    id: 903,
                    ..line(booked, 0).clone()
                };
                booked.lines.as_mut().expect("lines").push(more);
            },
            "1 more lines stand there",
        ),
        (
            |booked| {
                line(booked, 0).quantity = Quantity::whole(9);
                line(booked, 0).despatched = Quantity::whole(6);
            },
            "6 is despatched already",
        ),
    ];
    for (change, says) in cases {
        let refused = changed(change).1.expect_err(says);
        assert_eq!(
            (refused.code, refused.sentence.contains(says)),
            (Code::ForeignWrite, true),
            "{}",
            refused.sentence
        );
        assert!(refused.sentence.contains("by hand"), "{}", refused.sentence);
    }
    let (journey, agreed, _) = scene();
    assert!(
        gap(journey.ledger_order.as_ref().expect("a key"), &agreed, None).is_err(),
        "it is gone"
    );
}

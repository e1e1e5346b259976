use std::collections::BTreeSet;

use super::*;
use crate::access::{Actor, Grant, Right, Where};
use crate::effect::AgreedLine;
use crate::ident::{Company, Connection, JourneyId};
use crate::journey::{Line, Route, Stage};
use crate::money::Money;
use crate::quantity::Ratio;
use crate::sku::Sku;

fn said(ruling: Ruling) -> Said {
    Said {
        ruling,
        document: None,
        change: None,
        agreed: true,
        reason: "the buyer agrees".into(),
    }
}

#[test]
fn a_card_takes_what_its_row_of_the_catalogue_says() {
    for &code in Code::ALL {
        for &ruling in Ruling::ALL {
            let said = Said {
                document: (ruling == Ruling::Settled).then(|| "000123".into()),
                change: (ruling == Ruling::Amend).then(|| Change::Reference("PO-1".into())),
                ..said(ruling)
            };
            let taken = code.entry().rulings.contains(&ruling);
            assert_eq!(said.suits(code).is_ok(), taken, "{code} {ruling}");
        }
    }
}

#[test]
fn what_left_and_is_in_no_book_needs_a_document() {
    assert_eq!(said(Ruling::Settled).suits(Code::OverShipped), Err(Refused::NoDocument));
    assert_eq!(said(Ruling::Settled).suits(Code::ShortShipped), Ok(()));
    for (document, fits) in [
        ("000123", true),
        ("GDN 12", true),
        ("SO-2026/17", true),
        (" ", false),
        ("12\n3", false),
        ("not-a-number!!", false),
        ("despatch", false),
        ("12!", false),
        (&"9".repeat(31), false),
    ] {
        let said = Said {
            document: Some(document.into()),
            ..said(Ruling::Settled)
        };
        assert_eq!(said.suits(Code::OverShipped).is_ok(), fits, "{document:?}");
    }
    let declined = Said {
        document: Some("000123".into()),
        ..said(Ruling::Declined)
    };
    assert!(matches!(declined.suits(Code::SkuUnknown), Err(Refused::Document { .. })));
}

#[test]
fn nothing_is_declined_that_nobody_has_agreed() {
    let unsaid = |ruling| Said {
        agreed: false,
        ..said(ruling)
    };
    assert_eq!(unsaid(Ruling::Declined).suits(Code::SkuUnknown), Err(Refused::NotAgreed));
    assert_eq!(
        unsaid(Ruling::Keep).suits(Code::ForeignWrite),
        Ok(()),
        "of nothing else it is asked"
    );
}

#[test]
fn why_is_said() {
    for reason in ["  ", &"a".repeat(2_001)] {
        let said = Said {
            reason: reason.into(),
            ..said(Ruling::Keep)
        };
        assert_eq!(said.suits(Code::ForeignWrite), Err(Refused::Unsaid));
    }
}

#[test]
fn a_second_word_is_another_persons() {
    let leave = |actor: Actor| actor.may(Right::Answer, "acme", None).expect("leave");
    let terminal = |name: &str| leave(Actor::terminal(name));
    assert_eq!(word(None, &terminal("Ann")), Ok(Word::First));
    assert_eq!(word(Some("Ann"), &terminal("Ben")), Ok(Word::Second));
    assert!(matches!(
        word(Some("Ann"), &terminal(" ANN")),
        Err(Refused::SamePerson { .. })
    ));
    // A token of the configuration may be in the hand of either.
    let answers = Grant::rights(&BTreeSet::from([Right::Answer]), Where::Everywhere, BTreeSet::new());
    let console = leave(Actor::token("console", answers.clone()));
    for first in [None, Some("Ann")] {
        assert_eq!(word(first, &console), Err(Refused::Nobodys(Nobodys)));
    }
    let hers = leave(Actor::token_of("P1", "script", vec![answers]));
    assert_eq!(word(Some("Ann"), &hers), Ok(Word::Second));
}

#[test]
fn a_quantity_and_a_number_may_be_amended_and_nothing_that_bears_vat() {
    let quantity = Change::Quantity {
        line: LineRef("1".into()),
        quantity: Quantity::whole(4),
    };
    assert_eq!(Change::named("quantity", Some(" 1 "), "4"), Ok(quantity));
    assert_eq!(
        Change::named("reference", None, " PO-7 "),
        Ok(Change::Reference("PO-7".into()))
    );
    assert_eq!(Change::named("quantity", None, "4"), Err(Refused::NoLine));
    for wrong in ["0", "-1", "four"] {
        assert_eq!(Change::named("quantity", Some("1"), wrong), Err(Refused::Quantity));
    }
    assert_eq!(Change::named("reference", None, &"9".repeat(31)), Err(Refused::Reference));
    for bears in ["price", "unit_price", "tax_rate"] {
        let refused = Change::named(bears, Some("1"), "1.00").expect_err(bears);
        assert!(matches!(&refused, Refused::VatBearing { .. }), "{refused}");
    }
    assert!(matches!(Change::named("colour", None, "red"), Err(Refused::Unknown { .. })));
}

#[test]
fn what_has_left_is_not_amended_away() {
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
        lines: vec![Line {
            line: LineRef("1".into()),
            part_number: "A".into(),
            sku: Sku::parse("A").unwrap(),
            unit: Ratio::ONE,
            ordered: Quantity::whole(5),
            shipped: Quantity::whole(3),
            despatched: Quantity::ZERO,
            confirmed: Quantity::ZERO,
        }],
        draft_id: None,
        ledger_order: None,
        release_id: None,
        shipments: Vec::new(),
        net: Money::ZERO,
        due_by: None,
    };
    let agreed = Agreed {
        customer_id: 1,
        reference: "VS-1".into(),
        lines: vec![AgreedLine {
            line: LineRef("1".into()),
            product_id: 2,
            code: "A".into(),
            quantity: Quantity::whole(5),
            unit_price: Money::ZERO,
        }],
    };
    let to = |line: &str, quantity| {
        let change = Change::Quantity {
            line: LineRef(line.into()),
            quantity: Quantity::whole(quantity),
        };
        change.over(&agreed, &journey)
    };
    assert_eq!(to("1", 3).expect("so many have left").lines[0].quantity, Quantity::whole(3));
    assert!(matches!(to("1", 2), Err(Refused::Left { .. })));
    assert!(matches!(to("9", 4), Err(Refused::Line { .. })));
}

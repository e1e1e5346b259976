use proptest::prelude::*;

use super::{Act, Card, Life, Refused, Weight};
use crate::catalogue::Owner;
use crate::cause::Cause;
use crate::finding::Code;
use crate::mapping::{Cell, Table};
use crate::money::Money;
use crate::time::Timestamp;

const NOW: Timestamp = Timestamp::from_micros(1_000_000);

fn card() -> Card {
    Card {
        code: Code::SkuUnknown,
        cause: Cause::Cell(Cell::new(Table::Sku, "vs-acme", "ABC-1")),
        team: Owner::Operations,
        life: Life::Open,
        assignee: None,
        deputy: None,
        escalations: 0,
        opened_at: NOW,
        weight: Weight {
            stopped: 2,
            proving: 0,
            orders: 2,
            money: Money::ZERO,
        },
        records_due: None,
        version: 7,
    }
}

#[test]
fn an_act_on_what_has_moved_is_refused() {
    let moved = card().act(&Act::Acknowledge, 6, NOW).unwrap_err();
    assert_eq!(moved, Refused::Moved { seen: 6, now: 7 });
    assert_eq!(card().act(&Act::Acknowledge, 7, NOW).unwrap().version, 8);
}

#[test]
fn who_is_handed_a_card_finds_it_open_and_free() {
    let taken = card()
        .act(
            &Act::Assign {
                to: "Ann".into(),
                deputy: Some("Bob".into()),
            },
            7,
            NOW,
        )
        .unwrap();
    assert_eq!(
        (taken.life.clone(), taken.assignee.as_deref()),
        (Life::Acknowledged, Some("Ann"))
    );
    let over = Act::HandOver {
        to: Owner::Finance,
        note: "It is the tax code.".into(),
    };
    let handed = taken.act(&over, 8, NOW).unwrap();
    assert_eq!(
        (handed.life.clone(), handed.assignee.clone(), handed.team),
        (Life::Open, None, Owner::Finance)
    );
    assert_eq!(handed.act(&over, 9, NOW), Err(Refused::SameTeam { team: Owner::Finance }));
}

#[test]
fn nobody_sets_a_card_aside_for_ever_or_without_a_reason() {
    let aside = |days: i64, reason: &str| Act::SetAside {
        until: Timestamp::from_micros(NOW.micros() + days * super::DAY_MICROS),
        reason: reason.into(),
    };
    assert_eq!(card().act(&aside(91, "holidays"), 7, NOW), Err(Refused::Until { days: 90 }));
    assert_eq!(card().act(&aside(0, "holidays"), 7, NOW), Err(Refused::Past));
    assert_eq!(card().act(&aside(-1, "holidays"), 7, NOW), Err(Refused::Past));
    assert!(card().act(&aside(7, "  "), 7, NOW).is_err());
    let stands = card().act(&aside(7, "holidays"), 7, NOW).unwrap();
    assert!(!stands.expired(NOW));
    assert!(stands.expired(Timestamp::from_micros(NOW.micros() + 7 * super::DAY_MICROS)));
    assert_eq!(stands.follow(), stands.life, "records that stand still leave it where it is");
    assert_eq!(stands.act(&Act::TakeUp, 8, NOW).unwrap().life, Life::Open);
}

#[test]
fn only_its_records_resolve_it_and_a_returning_cause_opens_it() {
    let mut card = card();
    (card.weight.stopped, card.weight.proving) = (0, 2);
    card.life = card.follow();
    assert_eq!(card.life, Life::Verifying);
    card.weight.proving = 0;
    card.life = card.follow();
    assert_eq!(card.life, Life::Resolved);
    assert!(card.act(&Act::Acknowledge, 7, NOW).is_err());
    assert!(
        card.act(
            &Act::Comment {
                text: "Thank you.".into()
            },
            7,
            NOW
        )
        .is_ok()
    );
    card.weight.stopped = 1;
    assert_eq!(card.follow(), Life::Open);
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        Just(Act::Acknowledge),
        Just(Act::Fix),
        Just(Act::TakeUp),
        "[a-z]{0,3}".prop_map(|to| Act::Assign { to, deputy: None }),
        "[a-z]{0,3}".prop_map(|text| Act::Comment { text }),
        "[a-z]{0,3}".prop_map(|note| Act::HandOver {
            to: Owner::Finance,
            note
        }),
        (-1_i64..100, "[a-z]{0,3}").prop_map(|(days, reason)| Act::SetAside {
            until: Timestamp::from_micros(NOW.micros() + days * super::DAY_MICROS),
            reason,
        }),
    ]
}

proptest! {
    /// No sequence of acts closes a card while a record stands still.
    #[test]
    fn no_act_resolves_a_card(acts in prop::collection::vec(act(), 0..20)) {
        let mut card = card();
        for act in acts {
            if let Ok(next) = card.act(&act, card.version, NOW) {
                prop_assert_eq!(next.version, card.version + 1);
                card = next;
            }
            prop_assert!(!matches!(card.life, Life::Resolved | Life::Verifying));
            prop_assert_eq!(card.follow(), card.life.clone());
        }
    }
}

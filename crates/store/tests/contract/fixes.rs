//! What people put right: amendments beside what came, cards taken apart and put together, a first person's word, records to decide again.

use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::{Company, Connection, JourneyId};
use tallyman_core::journey::{Journey, Route, Stage};
use tallyman_core::money::Money;
use tallyman_core::time::Timestamp;
use tallyman_store::seal::Sealed;
use tallyman_store::tables::amendments::{self, Stored};
use tallyman_store::tables::board::{self, Member, Order};
use tallyman_store::tables::exceptions::{self, Kept, PutRight};
use tallyman_store::tables::words::{self, Word};
use tallyman_store::tables::{cards, journeys, splits};
use tallyman_store::{Tx, Unit, UnitError};

use crate::kit::Bench;
use crate::on_every_store;

on_every_store! {
    an_amendment_has_its_place_and_is_taken_back_once,
    a_record_that_was_split_off_stands_under_its_part_alone_until_it_is_put_back,
    what_is_shown_under_an_open_card_is_on_no_list,
    a_first_word_stands_until_it_is_forgotten,
    a_record_is_decided_again_as_often_as_it_was_put_right,
    the_source_that_was_asked_the_longest_ago_is_asked_first,
    the_others_wait_while_the_first_has_not_proved_that_it_went_on,
    a_sorting_moves_the_version_and_a_card_that_has_moved_refuses_it,
}

const COMPANY: &str = "acme";
const NOW: Timestamp = Timestamp::from_micros(1_000);
const LATER: Timestamp = Timestamp::from_micros(2_000);
const ALL: i64 = 100;

fn id(number: &str) -> JourneyId {
    JourneyId::derive(&Company::new(COMPANY), &Connection::new("shop"), number)
}

fn journey(number: &str) -> String {
    id(number).to_string()
}

fn finding(item: &str) -> Kept {
    Kept::without_sentence(Code::SkuUnknown, Cause::Item(item.into()))
}

fn card(item: &str) -> String {
    exceptions::card(COMPANY, Code::SkuUnknown, &Cause::Item(item.into())).to_string()
}

/// An order stands still as a whole under the card of an item.
async fn stop(tx: &mut Tx<'_>, number: &str, item: &str) -> Result<(), UnitError> {
    let order = Journey {
        id: id(number),
        company: Company::new(COMPANY),
        route: Route {
            channel: Connection::new("shop"),
            ledger: Connection::new("books"),
            warehouse: Connection::new("shed"),
        },
        source_key: format!("key-{number}"),
        reference: number.to_owned(),
        stage: Stage::Stopped,
        lines: Vec::new(),
        draft_id: None,
        ledger_order: None,
        release_id: None,
        shipments: Vec::new(),
        net: Money::from_minor(100),
        due_by: None,
    };
    journeys::insert(tx, &order, None, (NOW, NOW)).await?;
    exceptions::join(tx, COMPANY, (&journey(number), ""), &finding(item), (0, 0), NOW).await?;
    cards::weigh(tx, COMPANY, ALL, NOW).await.map(drop)
}

/// A story, told in one transaction.
macro_rules! story {
    ($case:ident, $unit:ident, $tx:ident, $body:block) => {
        struct $unit;

        impl Unit for $unit {
            type Output = ();
            const NAME: &'static str = stringify!($case);

            async fn run(&self, $tx: &mut Tx<'_>) -> Result<(), UnitError> {
                $body
                Ok(())
            }
        }

        async fn $case(bench: Bench) {
            bench.program().await.write($unit).await.unwrap();
        }
    };
}

story!(an_amendment_has_its_place_and_is_taken_back_once, Amending, tx, {
    let new = |place, field: &str| Stored {
        place,
        record: String::new(),
        field: field.to_owned(),
        at: NOW,
        taken_back_at: None,
        body: Some(b"sealed".to_vec()),
    };
    assert_eq!(amendments::next(tx, "J1").await?, 1);
    amendments::add(tx, "J1", &new(1, "line_1")).await?;
    amendments::add(tx, "J1", &new(2, "city")).await?;
    let taken = amendments::add(tx, "J1", &new(2, "city")).await;
    assert!(matches!(taken, Err(UnitError::Conflict(_))), "{taken:?}");
    assert_eq!(amendments::next(tx, "J2").await?, 1, "each order has places of its own");
    assert!(amendments::take_back(tx, "J1", 1, LATER).await?);
    assert!(!amendments::take_back(tx, "J1", 1, LATER).await?, "it is taken back once");
    assert!(!amendments::take_back(tx, "J1", 9, LATER).await?);
    let gone = Stored {
        taken_back_at: Some(LATER),
        ..new(1, "line_1")
    };
    assert_eq!(amendments::of_journey(tx, "J1").await?, [gone, new(2, "city")]);
});

/// The records on a card, by order, as a page of them shows them.
async fn on(tx: &mut Tx<'_>, card: &str) -> Result<Vec<String>, UnitError> {
    let members = board::members(tx, card, &Member::start(), ALL).await?;
    let mut orders: Vec<String> = members.into_iter().map(|member| member.reference).collect();
    orders.sort();
    Ok(orders)
}

story!(
    a_record_that_was_split_off_stands_under_its_part_alone_until_it_is_put_back,
    Splitting,
    tx,
    {
        for number in ["1", "2", "3"] {
            stop(tx, number, "MUG").await?;
        }
        let (whole, part) = (card("MUG"), "PART".to_owned());
        assert_eq!(splits::parts(tx, &whole).await?, 0);
        splits::open_part(tx, &whole, &part, LATER).await?;
        assert!(splits::split(tx, &whole, &journey("1"), &part).await?);
        assert!(!splits::split(tx, &whole, &journey("1"), &part).await?, "it is there already");
        assert!(!splits::split(tx, &whole, &journey("9"), &part).await?, "no such record");
        assert_eq!(
            (on(tx, &whole).await?, on(tx, &part).await?),
            (vec!["2".into(), "3".into()], vec!["1".into()])
        );
        assert_eq!(splits::room(tx, &part).await?, Some((String::new(), whole.clone())));
        assert_eq!(
            (splits::parts(tx, &whole).await?, splits::open_parts(tx, &whole, ALL).await?),
            (1, vec![part.clone()])
        );
        assert_eq!(splits::of_part(tx, &part, ALL).await?, [journey("1")]);
        // What comes of that order later stands under the part as well, and is known by the card of its cause.
        exceptions::join(tx, COMPANY, (&journey("1"), "E"), &finding("MUG"), (0, 0), LATER).await?;
        assert_eq!(on(tx, &part).await?, ["1", "1"]);
        let named = exceptions::cards_of(tx, &journey("1"), "").await?;
        assert_eq!(named, [(whole.clone(), Code::SkuUnknown.name().to_owned())]);
        cards::weigh(tx, COMPANY, ALL, LATER).await?;
        let weight = |stored: Option<cards::Stored>| stored.map(|stored| (stored.card.weight.stopped, stored.card.weight.orders));
        assert_eq!(weight(cards::load(tx, &whole).await?), Some((2, 2)));
        assert_eq!(weight(cards::load(tx, &part).await?), Some((2, 1)));
        splits::take_back(tx, &whole, &journey("1"), &part).await?;
        cards::weigh(tx, COMPANY, ALL, LATER).await?;
        assert_eq!((on(tx, &whole).await?.len(), on(tx, &part).await?.len()), (4, 0));
        assert_eq!(weight(cards::load(tx, &whole).await?), Some((4, 3)));
        assert_eq!(
            splits::open_parts(tx, &whole, ALL).await?,
            Vec::<String>::new(),
            "nothing stands under it"
        );
    }
);

story!(what_is_shown_under_an_open_card_is_on_no_list, Merging, tx, {
    stop(tx, "1", "MUG").await?;
    stop(tx, "2", "TEE").await?;
    let (mug, tee) = (card("MUG"), card("TEE"));
    let listed = async |tx: &mut Tx<'_>| {
        let mut seen = Vec::new();
        for order in [Order::Oldest, Order::Dearest, Order::Soonest] {
            let page = board::cards(tx, COMPANY, order, (order.start(), ""), ALL).await?;
            seen.push(page.into_iter().map(|card| card.id).collect::<Vec<_>>());
        }
        seen.dedup_by_key(|ids| ids.len());
        Ok::<_, UnitError>(seen.concat())
    };
    assert_eq!(listed(tx).await?.len(), 2);
    splits::put_under(tx, &mug, &tee).await?;
    assert_eq!(listed(tx).await?, std::slice::from_ref(&tee));
    assert_eq!(splits::shown_under(tx, &tee, ALL).await?, std::slice::from_ref(&mug));
    // What it was shown under is resolved: it stands for itself again.
    let proof = exceptions::GoesOn::Proven("seen there");
    exceptions::go_on(tx, &journey("2"), "", proof, LATER).await?;
    cards::weigh(tx, COMPANY, ALL, LATER).await?;
    assert_eq!(listed(tx).await?, std::slice::from_ref(&mug));
    splits::put_under(tx, &mug, "").await?;
    assert_eq!(splits::shown_under(tx, &tee, ALL).await?, Vec::<String>::new());
});

story!(a_first_word_stands_until_it_is_forgotten, Wording, tx, {
    let effect = Fingerprint::derive(COMPANY, "effect", "1");
    let word = |actor: &str, at| Word {
        answer: "again".into(),
        actor: actor.into(),
        at,
    };
    let reason = Sealed::from_stored(b"sealed".to_vec());
    assert_eq!(words::load(tx, &effect).await?, None);
    words::put(tx, &effect, &word("ann", NOW), &reason).await?;
    words::put(tx, &effect, &word("ben", LATER), &reason).await?;
    assert_eq!(
        words::load(tx, &effect).await?,
        Some(word("ben", LATER)),
        "in the place of the one before"
    );
    assert_eq!(words::load(tx, &Fingerprint::derive(COMPANY, "effect", "2")).await?, None);
    words::forget(tx, &effect).await?;
    assert_eq!(words::load(tx, &effect).await?, None);
});

story!(a_record_is_decided_again_as_often_as_it_was_put_right, PuttingRight, tx, {
    stop(tx, "1", "MUG").await?;
    stop(tx, "2", "MUG").await?;
    assert_eq!(exceptions::to_decide(tx, COMPANY, ALL).await?, []);
    assert_eq!(exceptions::put_right(tx, &journey("1")).await?, 1);
    let record = |times| PutRight {
        card: card("MUG"),
        code: Code::SkuUnknown.name().into(),
        journey: journey("1"),
        effect: String::new(),
        times,
    };
    assert_eq!(exceptions::to_decide(tx, COMPANY, ALL).await?, [record(1)]);
    assert_eq!(exceptions::to_decide(tx, "other", ALL).await?, []);
    // Put right once more while it was decided: it is decided once more.
    exceptions::put_right(tx, &journey("1")).await?;
    exceptions::decided(tx, &record(1)).await?;
    assert_eq!(exceptions::to_decide(tx, COMPANY, ALL).await?, [record(2)]);
    exceptions::decided(tx, &record(2)).await?;
    assert_eq!(exceptions::to_decide(tx, COMPANY, ALL).await?, []);
    let proof = exceptions::GoesOn::Proven("seen there");
    exceptions::go_on(tx, &journey("1"), "", proof, LATER).await?;
    assert_eq!(
        exceptions::put_right(tx, &journey("1")).await?,
        0,
        "what has gone on is not decided again"
    );
});

story!(the_source_that_was_asked_the_longest_ago_is_asked_first, Asking, tx, {
    stop(tx, "1", "MUG").await?;
    stop(tx, "2", "MUG").await?;
    let to_ask = async |tx: &mut Tx<'_>, before| {
        let found = exceptions::to_ask(tx, COMPANY, Code::SkuUnknown, before, ALL).await?;
        Ok::<_, UnitError>(found.into_iter().map(|(_, key)| key).collect::<Vec<_>>())
    };
    let mut both = to_ask(tx, NOW).await?;
    both.sort();
    assert_eq!(both, ["key-1", "key-2"]);
    exceptions::asked(tx, &journey("1"), LATER).await?;
    assert_eq!(to_ask(tx, NOW).await?, ["key-2"]);
    assert_eq!(to_ask(tx, LATER).await?, ["key-2", "key-1"]);
    assert_eq!(exceptions::to_ask(tx, COMPANY, Code::AddressTooLong, LATER, ALL).await?, []);
    assert_eq!(exceptions::to_ask(tx, "other", Code::SkuUnknown, LATER, ALL).await?, []);
});

story!(
    the_others_wait_while_the_first_has_not_proved_that_it_went_on,
    GoingFirst,
    tx,
    {
        stop(tx, "1", "MUG").await?;
        stop(tx, "2", "MUG").await?;
        let mug = card("MUG");
        let behind = async |tx: &mut Tx<'_>| {
            let behind = exceptions::behind(tx, COMPANY, 5, 5, ALL).await?;
            Ok::<_, UnitError>(behind.into_iter().map(|card| card.first).collect::<Vec<_>>())
        };
        assert_eq!(behind(tx).await?, [None]);
        assert!(exceptions::set_first(tx, &mug, &journey("1")).await?);
        assert!(!exceptions::set_first(tx, "NO-SUCH-CARD", &journey("1")).await?);
        assert_eq!(behind(tx).await?, [Some(journey("1"))]);
        let proof = Fingerprint::derive(COMPANY, "effect", "1");
        exceptions::go_on(tx, &journey("1"), "", exceptions::GoesOn::UntilDone(&proof), LATER).await?;
        assert_eq!(behind(tx).await?, [], "the others wait");
        exceptions::prove(tx, &proof, "order SO-1", LATER).await?;
        assert_eq!(behind(tx).await?, [Some(journey("1"))]);
        let records = exceptions::records_of(tx, &mug, &journey("1")).await?;
        assert_eq!(records, [(String::new(), "proven".to_owned())]);
    }
);

story!(
    a_sorting_moves_the_version_and_a_card_that_has_moved_refuses_it,
    Telling,
    tx,
    {
        stop(tx, "1", "MUG").await?;
        let mug = card("MUG");
        let before = cards::load(tx, &mug)
            .await?
            .map(|stored| stored.card.version)
            .unwrap_or_default();
        cards::tell_sorted(tx, &mug, Some(before), ("ann", LATER), "split").await?;
        let after = cards::load(tx, &mug)
            .await?
            .map(|stored| stored.card.version)
            .unwrap_or_default();
        assert_eq!(after, before + 1);
        let stale = cards::tell_sorted(tx, &mug, Some(before), ("ben", LATER), "merge").await;
        assert!(matches!(stale, Err(UnitError::Conflict(_))), "{stale:?}");
        cards::tell_sorted(tx, &mug, None, ("ben", LATER), "merge").await?;
        let told = cards::told(tx, &mug, 2).await?;
        let told: Vec<(&str, &str)> = told.iter().map(|told| (told.actor.as_str(), told.act.as_str())).collect();
        assert_eq!(told, [("ben", "\"merge\""), ("ann", "\"split\"")]);
    }
);

//! What was decided about a record keeps just that off its card, for as long as it counts.

use tallyman_core::cause::Cause;
use tallyman_core::effect::{Effect, Lane, Planned, Set, State};
use tallyman_core::finding::Code;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::Connection;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::exceptions::{self, GoesOn, Kept};
use tallyman_store::tables::rulings::{self, Stored};
use tallyman_store::tables::{board, effects};
use tallyman_store::{Tx, Unit, UnitError};

use crate::kit::Bench;
use crate::on_every_store;

on_every_store! {
    what_was_decided_is_left_alone_and_what_is_found_otherwise_is_not,
}

const COMPANY: &str = "acme";
const NOW: Timestamp = Timestamp::from_micros(1_000);
const RECORD: (&str, &str) = ("J1", "books writing of 900");

async fn what_was_decided_is_left_alone_and_what_is_found_otherwise_is_not(bench: Bench) {
    bench.program().await.write(Deciding).await.unwrap();
}

fn found(mark: &str) -> Kept {
    Kept {
        mark: mark.into(),
        ..Kept::without_sentence(Code::ForeignWrite, Cause::order("1"))
    }
}

fn ruling(mark: &str) -> Stored {
    Stored {
        mark: mark.into(),
        ruling: "keep".into(),
        document: String::new(),
        first_by: "ann".into(),
        second_by: String::new(),
        counts: true,
        effect: String::new(),
        at: NOW,
        reason: Some(b"sealed".to_vec()),
    }
}

/// Finds it again, and says whether it stands on its card then; it goes off once more.
async fn stands(tx: &mut Tx<'_>, mark: &str) -> Result<bool, UnitError> {
    exceptions::join(tx, COMPANY, RECORD, &found(mark), exceptions::SEEN_ALL, NOW).await?;
    let card = exceptions::card(COMPANY, Code::ForeignWrite, &Cause::order("1")).to_string();
    let members = board::members(tx, &card, &board::Member::start(), 10).await?;
    let stands = members.iter().any(|member| member.stand == "stopped");
    if stands {
        let all = rulings::of_card(tx, &card, NOW, ("", ""), 10).await?;
        assert_eq!((all.len(), all[0].mark.as_str()), (1, mark));
        assert_eq!(rulings::of_order(tx, &card, NOW, RECORD.0, 10).await?, all);
        let seen = (RECORD.0, RECORD.1, NOW);
        assert!(exceptions::leave(tx, &card, seen, GoesOn::Proven("a test"), NOW).await?);
        assert!(
            !exceptions::leave(tx, &card, seen, GoesOn::Proven("a test"), NOW).await?,
            "it has left"
        );
    }
    Ok(stands)
}

struct Deciding;

impl Unit for Deciding {
    type Output = ();
    const NAME: &'static str = "deciding";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        assert!(stands(tx, "six").await?);
        rulings::put(tx, COMPANY, RECORD, Code::ForeignWrite, &ruling("six")).await?;
        assert_eq!(
            rulings::load(tx, COMPANY, RECORD, Code::ForeignWrite).await?,
            Some(ruling("six"))
        );
        assert!(!stands(tx, "six").await?);
        assert!(stands(tx, "seven").await?, "something else is found");

        let first = Stored {
            counts: false,
            ..ruling("seven")
        };
        rulings::put(tx, COMPANY, RECORD, Code::ForeignWrite, &first).await?;
        assert!(stands(tx, "seven").await?, "a second person is awaited");
        assert!(
            stands(tx, "six").await?,
            "the newest stands in the place of what was said before"
        );

        let id = Fingerprint::derive(COMPANY, "J1", "agreed");
        let planned = Planned {
            id,
            lane: Lane {
                connection: Connection::new("books"),
                subject: "J1".into(),
            },
            after: vec![],
            effect: Effect::Set(Set::DeleteDraft { id: 1 }),
            parked: None,
            supersedes: None,
        };
        effects::insert(tx, COMPANY, "J1", &planned, b"", NOW).await?;
        let restored = Stored {
            effect: id.to_string(),
            ..ruling("seven")
        };
        rulings::put(tx, COMPANY, RECORD, Code::ForeignWrite, &restored).await?;
        assert!(!stands(tx, "seven").await?, "it is on its way");
        effects::set_state(tx, &id, &State::Done, NOW).await?;
        assert!(stands(tx, "seven").await?, "it is over: the same again is another matter");
        Ok(())
    }
}

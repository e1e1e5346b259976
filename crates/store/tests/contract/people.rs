//! People who sign in: names, grants, credentials, sessions, invitations and wrong tries.

use std::collections::BTreeSet;
use std::time::Duration;

use tallyman_core::access::Level;
use tallyman_core::access::tries::{FORGOTTEN_AFTER, Tries};
use tallyman_core::catalogue::Owner;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::people::{self, Granted, Person};
use tallyman_store::tables::sign_ins::{self, Hash, Session};
use tallyman_store::{Tx, Unit, UnitError};

use crate::kit::Bench;
use crate::on_every_store;

on_every_store! {
    two_of_one_name_are_two_and_a_name_to_sign_in_with_is_free_again_once_its_owner_has_ended,
    a_grant_is_given_once_and_taken_once,
    a_code_counts_once_and_a_new_secret_does_not_slip_under_it,
    a_session_is_there_until_it_ends,
    an_invitation_is_redeemed_once_and_in_time,
    what_is_over_is_swept_and_nothing_else,
    a_step_that_two_use_at_once_is_used_by_one,
}

const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);
const HOUR: Duration = Duration::from_secs(3_600);

fn person(id: &str, sign_in: &str) -> Person {
    Person {
        id: id.to_owned(),
        name: "Anna Smith".to_owned(),
        sign_in: sign_in.to_owned(),
        added_at: NOW,
        ended_at: None,
    }
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

story!(
    two_of_one_name_are_two_and_a_name_to_sign_in_with_is_free_again_once_its_owner_has_ended,
    Names,
    tx,
    {
        assert!(!people::anybody(tx).await?);
        let (one, two) = (person("P1", "anna"), person("P2", "anna.smith"));
        assert!(people::add(tx, &one).await? && people::add(tx, &two).await?);
        assert!(!people::add(tx, &person("P3", "anna")).await?, "the name is taken");
        assert!(!people::add(tx, &person("P1", "other")).await?, "the id is taken");
        assert_eq!(people::named(tx, "anna").await?, Some(one.clone()));
        assert!(people::end(tx, "P1", NOW).await? && !people::end(tx, "P1", NOW).await?);
        assert_eq!(people::named(tx, "anna").await?, None);
        let third = person("P3", "anna");
        assert!(people::add(tx, &third).await?);
        assert_eq!(people::named(tx, "anna").await?, Some(third.clone()));
        let ended = Person {
            ended_at: Some(NOW),
            ..one
        };
        assert_eq!(people::list(tx, ("", ""), 10).await?, [ended.clone(), third, two.clone()]);
        assert_eq!(people::list(tx, ("anna", "P3"), 10).await?, [two]);
        assert_eq!(people::load(tx, "P1").await?, Some(ended));
        assert!(people::anybody(tx).await?);
    }
);

story!(a_grant_is_given_once_and_taken_once, Grants, tx, {
    let at = |company: &str, teams: &[Owner]| Granted {
        level: Level::Operations,
        company: company.to_owned(),
        teams: BTreeSet::from_iter(teams.iter().copied()),
    };
    people::grant(tx, "P1", &at("", &[]), "P0", NOW).await?;
    people::grant(tx, "P1", &at("acme", &[]), "P0", NOW).await?;
    people::grant(tx, "P1", &at("acme", &[Owner::Finance, Owner::Integration]), "P0", NOW).await?;
    let both = [at("", &[]), at("acme", &[Owner::Finance, Owner::Integration])];
    assert_eq!(people::grants(tx, "P1").await?, both);
    assert_eq!(people::grants(tx, "P2").await?, []);
    assert!(people::revoke(tx, "P1", Level::Operations, "").await?);
    assert!(!people::revoke(tx, "P1", Level::Operations, "").await?);
    assert!(!people::revoke(tx, "P1", Level::Viewer, "acme").await?);
    assert_eq!(people::grants(tx, "P1").await?, both[1..]);
});

story!(a_code_counts_once_and_a_new_secret_does_not_slip_under_it, Codes, tx, {
    assert!(!people::set_code(tx, "P1", b"secret").await?, "there is no password yet");
    people::set_password(tx, "P1", "hash", NOW).await?;
    assert!(!people::use_step(tx, "P1", 7).await?, "there is no secret yet");
    assert!(people::set_code(tx, "P1", b"secret").await? && people::set_code(tx, "P1", b"another").await?);
    let code = people::credential(tx, "P1").await?.unwrap().code.unwrap();
    assert_eq!((code.sealed.as_slice(), code.confirmed), (&b"another"[..], false));
    assert!(people::use_step(tx, "P1", 7).await?);
    assert!(!people::use_step(tx, "P1", 7).await? && !people::use_step(tx, "P1", 6).await?);
    assert!(people::use_step(tx, "P1", 8).await?);
    assert!(!people::set_code(tx, "P1", b"third").await?, "codes are asked for by now");
    people::set_password(tx, "P1", "hash 2", NOW).await?;
    let kept = people::credential(tx, "P1").await?.unwrap();
    let code = kept.code.unwrap();
    assert_eq!((kept.password.as_str(), code.confirmed, code.step), ("hash 2", true, 8));
    assert!(people::drop_code(tx, "P1").await? && !people::drop_code(tx, "P1").await?);
    assert_eq!(people::credential(tx, "P1").await?.unwrap().code, None);
    people::drop_credential(tx, "P1").await?;
    assert_eq!(people::credential(tx, "P1").await?, None);
});

fn session(id: &str, person: &str, ends_at: Timestamp) -> Session {
    Session {
        id: id.to_owned(),
        person: person.to_owned(),
        begun_at: NOW,
        seen_at: NOW,
        ends_at,
    }
}

fn hash(number: u8) -> Hash {
    [number; 32]
}

story!(a_session_is_there_until_it_ends, Sessions, tx, {
    let end = NOW.plus(HOUR);
    for (number, person) in [(1, "P1"), (2, "P1"), (3, "P1"), (4, "P2")] {
        sign_ins::begin(tx, &hash(number), &session(&format!("S{number}"), person, end)).await?;
    }
    let first = session("S1", "P1", end);
    assert_eq!(sign_ins::session(tx, &hash(1), NOW).await?, Some(first.clone()));
    assert_eq!(sign_ins::session(tx, &hash(1), end).await?, None, "it is over");
    assert_eq!(sign_ins::session(tx, &hash(9), NOW).await?, None);
    let (later, longer) = (NOW.plus(HOUR / 2), end.plus(HOUR / 2));
    sign_ins::seen(tx, &hash(1), later, longer).await?;
    // A look that was begun before comes after: nothing goes back.
    sign_ins::seen(tx, &hash(1), NOW, end).await?;
    let seen = sign_ins::session(tx, &hash(1), end).await?.unwrap();
    assert_eq!((seen.seen_at, seen.ends_at), (later, longer));
    assert!(!sign_ins::end_one(tx, "S2", "P2").await?, "it is another's");
    assert!(sign_ins::end_one(tx, "S2", "P1").await?);
    assert_eq!(sign_ins::sessions(tx, "P1", NOW).await?.len(), 2);
    assert_eq!(sign_ins::end_others(tx, "P1", "S1").await?, 1);
    assert_eq!(
        sign_ins::end(tx, &hash(1)).await?.map(|ended| ended.id),
        Some("S1".to_owned())
    );
    assert_eq!(sign_ins::end(tx, &hash(1)).await?, None);
    assert_eq!(sign_ins::sessions(tx, "P2", NOW).await?, [session("S4", "P2", end)]);
});

story!(an_invitation_is_redeemed_once_and_in_time, Invitations, tx, {
    let end = NOW.plus(HOUR);
    sign_ins::invite(tx, &hash(1), "P1", (NOW, end)).await?;
    assert_eq!(sign_ins::invited(tx, &hash(1), NOW).await?.as_deref(), Some("P1"));
    assert_eq!(sign_ins::invited(tx, &hash(1), end).await?, None);
    assert_eq!(sign_ins::redeem(tx, &hash(1), end).await?, None, "too late");
    sign_ins::invite(tx, &hash(2), "P1", (NOW, end)).await?;
    assert_eq!(sign_ins::redeem(tx, &hash(1), NOW).await?, None, "the second takes its place");
    assert_eq!(sign_ins::redeem(tx, &hash(2), NOW).await?.as_deref(), Some("P1"));
    assert_eq!(sign_ins::redeem(tx, &hash(2), NOW).await?, None, "once");
    sign_ins::invite(tx, &hash(3), "P1", (NOW, end)).await?;
    sign_ins::drop_invitations(tx, "P1").await?;
    assert_eq!(sign_ins::redeem(tx, &hash(3), NOW).await?, None);
});

story!(what_is_over_is_swept_and_nothing_else, Sweep, tx, {
    let end = NOW.plus(HOUR);
    sign_ins::begin(tx, &hash(1), &session("S1", "P1", NOW)).await?;
    sign_ins::begin(tx, &hash(2), &session("S2", "P1", end)).await?;
    let old = Tries {
        wrong: 3,
        mark: NOW.minus(FORGOTTEN_AFTER),
    };
    let new = Tries { wrong: 4, mark: NOW };
    sign_ins::keep_tries(tx, "old", Some(old)).await?;
    sign_ins::keep_tries(tx, "new", Some(old)).await?;
    sign_ins::keep_tries(tx, "new", Some(new)).await?;
    sign_ins::sweep(tx, NOW).await?;
    assert_eq!(sign_ins::tries(tx, "old").await?, None);
    assert_eq!(sign_ins::tries(tx, "new").await?, Some(new));
    sign_ins::keep_tries(tx, "new", None).await?;
    assert_eq!(sign_ins::tries(tx, "new").await?, None);
    // The row itself is gone, and not only over.
    let long_ago = NOW.minus(HOUR);
    assert_eq!(sign_ins::session(tx, &hash(1), long_ago).await?, None);
    assert!(sign_ins::session(tx, &hash(2), long_ago).await?.is_some());
});

struct Begin;

impl Unit for Begin {
    type Output = ();
    const NAME: &'static str = "begin";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        people::set_password(tx, "P1", "hash", NOW).await?;
        assert!(people::set_code(tx, "P1", b"secret").await?);
        Ok(())
    }
}

struct UseStep;

impl Unit for UseStep {
    type Output = bool;
    const NAME: &'static str = "use step";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, UnitError> {
        people::use_step(tx, "P1", 7).await
    }
}

async fn a_step_that_two_use_at_once_is_used_by_one(bench: Bench) {
    let store = bench.program().await;
    store.write(Begin).await.unwrap();
    let used = futures_util::future::join_all((0..8).map(|_| store.write(UseStep))).await;
    let used = used.into_iter().filter(|used| matches!(used, Ok(true))).count();
    assert_eq!(used, 1);
}

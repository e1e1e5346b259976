//! People come in, are made to wait, are let go: as they, and those who are not them, would try it.
//!
//! In memory, with passwords that cost nothing to hash; what hashing costs in earnest is tested beside it (`engine::people::password`).

mod acting;
mod gate;
mod single;

use std::time::Duration;

use tallyman_core::access::single::Identity;
use tallyman_core::access::{Actor, HOUSE, IDLE_MAX, Level, Right, SESSION_MAX};
use tallyman_core::catalogue::Owner;
use tallyman_engine::people::invitations::{self, For, Said, SignsInAs};
use tallyman_engine::people::sign_in::Refused;
use tallyman_engine::people::{self, code, password, session};
use tallyman_store::journal;
use tallyman_store::tables::people::Granted;

use gate::{Gate, Line, PASSWORD, code_of, granted, play};

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn whoever_was_invited_chooses_a_password_once_and_comes_in() {
    play(async {
        let gate = Gate::open();
        let (id, link) = gate.invite("Anna Smith", &[granted(Level::Operations, "acme")]).await;
        assert!(
            matches!(gate.sign_in("anna.smith", PASSWORD).await, Err(Refused::Wrong)),
            "not yet"
        );
        let For::Person(shown) = gate.look(&link).await.expect("it stands") else {
            panic!("it is for a person")
        };
        assert_eq!((shown.id.as_str(), shown.name.as_str()), (id.as_str(), "Anna Smith"));
        gate.set_up(&link, PASSWORD).await.expect("a password is chosen");
        let again = gate.set_up(&link, "another long password").await.unwrap_err();
        assert!(again.contains("once"), "{again}");
        assert_eq!(gate.look(&link).await, None);

        let cookie = gate.sign_in("Anna.Smith ", PASSWORD).await.expect("she comes in").token;
        let signed = gate.whose(&cookie).await.expect("it is hers");
        assert_eq!(
            (signed.actor.id.as_str(), signed.actor.name.as_str()),
            (id.as_str(), "Anna Smith")
        );
        assert!(signed.actor.may(Right::Act, "acme", Some(Owner::Operations)).is_ok());
        assert!(signed.actor.may(Right::Read, "beta", None).is_err());
        assert!(gate.whose(&format!("{}x", *cookie)).await.is_none());
    });
}

#[test]
fn a_link_counts_for_an_hour_and_only_the_last_one_does() {
    play(async {
        let mut gate = Gate::open();
        let (id, first) = gate.invite("Anna", &[granted(Level::Viewer, HOUSE)]).await;
        let second = gate.again(&id).await;
        assert!(gate.set_up(&first, PASSWORD).await.is_err(), "another took its place");
        gate.later(60 * MINUTE);
        assert!(gate.set_up(&second, PASSWORD).await.is_err(), "it is too late");
        let third = gate.again(&id).await;
        gate.later(59 * MINUTE);
        assert!(gate.set_up(&third, "short").await.unwrap_err().contains("12 characters"));
        gate.set_up(&third, PASSWORD)
            .await
            .expect("what was refused did not use it up");
    });
}

#[test]
fn where_nobody_is_a_link_makes_the_first_administrator_and_no_second() {
    play(async {
        let gate = Gate::open();
        let old = gate.first().await.expect("nobody is there");
        let link = gate.first().await.expect("still nobody");
        let said = |name: &str| Said {
            password: PASSWORD,
            first: Some((SignsInAs::read(name, None).unwrap(), vec![Level::Operations])),
        };
        assert_eq!(
            gate.look(&old).await,
            None,
            "each start draws another, and the one before is over"
        );
        assert_eq!(gate.look(&link).await, Some(For::Everything));
        let nameless = gate.set_up(&link, PASSWORD).await.unwrap_err();
        assert!(nameless.contains("who you are"), "{nameless}");
        assert!(
            SignsInAs::read("Zoë Quay", None).is_err(),
            "she has to say what she signs in with"
        );
        let named = SignsInAs::read("Zoë Quay", Some("zoe")).unwrap();
        let said_well = Said {
            password: PASSWORD,
            first: Some((named, vec![Level::Operations])),
        };
        let id = invitations::set_up(gate.office(), &link, said_well, gate.now)
            .await
            .expect("she is the first");
        let cookie = gate.sign_in("zoe", PASSWORD).await.expect("she comes in").token;
        let zoe = gate.whose(&cookie).await.expect("it is hers").actor;
        assert!(zoe.may(Right::People, HOUSE, None).is_ok() && zoe.may(Right::Act, "acme", None).is_ok());
        assert_eq!(gate.first().await, None, "somebody is there");
        assert!(
            invitations::set_up(gate.office(), &link, said("Eve"), gate.now)
                .await
                .is_err()
        );
        let listed = people::page(&gate.store, ("", ""), 10, gate.now).await.unwrap();
        assert_eq!(listed.iter().map(|one| one.person.id.clone()).collect::<Vec<_>>(), [id]);
    });
}

#[test]
fn a_wrong_password_and_an_unknown_name_are_answered_alike_and_cost_alike() {
    play(async {
        let gate = Gate::open();
        gate.person("Anna", &[granted(Level::Viewer, HOUSE)]).await;
        let (before, known) = (gate.passwords.compared(), gate.sign_in("anna", "a wrong password").await);
        let unknown = gate.sign_in("nobody", "a wrong password").await;
        let (known, unknown) = (known.err().unwrap(), unknown.err().unwrap());
        assert!(matches!((&known, &unknown), (Refused::Wrong, Refused::Wrong)));
        let noise = gate.sign_in("no\0body/'; --", "a wrong password").await;
        assert!(matches!(noise, Err(Refused::Wrong)), "nor is what nobody could be called");
        assert_eq!(known.to_string(), unknown.to_string());
        assert_eq!(gate.passwords.compared() - before, 3, "one is hashed for each");
        let (invited, _) = gate.invite("Ben", &[granted(Level::Viewer, HOUSE)]).await;
        assert!(
            matches!(gate.sign_in("ben", "").await, Err(Refused::Wrong)),
            "{invited} has chosen none yet"
        );
    });
}

#[test]
fn whoever_guesses_waits_longer_and_longer_and_the_owner_elsewhere_does_not() {
    play(async {
        let mut gate = Gate::open();
        gate.person("Anna", &[granted(Level::Viewer, HOUSE)]).await;
        gate.from = Some("203.0.113.66".parse().unwrap());
        let mut pauses = Vec::new();
        for _ in 0..8 {
            let refused = gate.sign_in("anna", "a wrong password").await.err().unwrap();
            if let Refused::Wait { until } = refused {
                // Neither the right password nor asking again and again moves the wait.
                let compared = gate.passwords.compared();
                for password in [PASSWORD, "a wrong password"] {
                    let still = gate.sign_in("anna", password).await.err().unwrap();
                    assert!(matches!(still, Refused::Wait { until: same } if same == until));
                }
                assert_eq!(gate.passwords.compared(), compared, "nothing is compared while one waits");
                pauses.push(until.since(gate.now).as_secs());
                gate.now = until;
                let wrong = gate.sign_in("anna", "a wrong password").await;
                assert!(matches!(wrong, Err(Refused::Wrong)), "when it is over, one more is looked at");
            } else {
                assert!(matches!(refused, Refused::Wrong));
                assert!(pauses.is_empty(), "five are free, and then each waits");
            }
        }
        assert_eq!(pauses, [15, 30, 60]);

        let here = gate.from.replace("198.51.100.7".parse().unwrap());
        gate.sign_in("anna", PASSWORD).await.expect("she is elsewhere");
        gate.from = here;
        assert!(matches!(gate.sign_in("anna", PASSWORD).await, Err(Refused::Wait { .. })));
        gate.later(15 * MINUTE);
        gate.sign_in("anna", PASSWORD).await.expect("nobody is locked out for ever");
        for _ in 0..5 {
            let wrong = gate.sign_in("anna", "a wrong password").await;
            assert!(matches!(wrong, Err(Refused::Wrong)), "being right began the count again");
        }
    });
}

#[test]
fn a_thousand_tries_at_one_instant_are_a_thousand() {
    play(async {
        let mut gate = Gate::open();
        gate.from = Some("203.0.113.66".parse().unwrap());
        gate.person("Anna", &[granted(Level::Viewer, HOUSE)]).await;
        let before = gate.passwords.compared();
        let tries = (0..1_000).map(|_| gate.sign_in("anna", "a wrong password"));
        let answers = futures_util::future::join_all(tries).await;
        let looked_at = answers.iter().filter(|answer| matches!(answer, Err(Refused::Wrong))).count();
        assert_eq!(looked_at, 5);
        assert_eq!(gate.passwords.compared() - before, 5);
    });
}

#[test]
fn a_session_ends_when_nothing_is_done_when_it_is_old_and_when_it_is_ended() {
    play(async {
        let mut gate = Gate::open();
        let id = gate.person("Anna", &[granted(Level::Viewer, HOUSE)]).await;
        let idle = gate.sign_in("anna", PASSWORD).await.unwrap().token;
        gate.later(IDLE_MAX - MINUTE);
        assert!(gate.whose(&idle).await.is_some());
        gate.later(IDLE_MAX - MINUTE);
        assert!(gate.whose(&idle).await.is_some(), "something was done in between");
        gate.later(IDLE_MAX);
        assert!(gate.whose(&idle).await.is_none());

        let busy = gate.sign_in("anna", PASSWORD).await.unwrap().token;
        let begun = gate.now;
        while gate.now.since(begun) < SESSION_MAX {
            assert!(gate.whose(&busy).await.is_some(), "after {:?}", gate.now.since(begun));
            gate.later(30 * MINUTE);
        }
        assert!(gate.whose(&busy).await.is_none(), "twelve hours are over");

        let [one, two, three] = gate.three_sessions("anna").await;
        session::sign_out(&gate.store, &one, gate.now).await.unwrap();
        let anna = gate.whose(&two).await.unwrap();
        assert!(gate.whose(&one).await.is_none());
        let open = session::of(&gate.store, &anna.actor, &id, gate.now).await.unwrap();
        assert_eq!(open.len(), 2);
        let other = open.iter().find(|open| open.id != anna.session).unwrap();
        session::end(&gate.store, &anna.actor, (&id, &other.id), gate.now)
            .await
            .unwrap();
        assert!(gate.whose(&three).await.is_none() && gate.whose(&two).await.is_some());
        assert_eq!(session::end_all(&gate.store, &gate.admin, &id, gate.now).await.unwrap(), 1);
        assert!(gate.whose(&two).await.is_none());
    });
}

#[test]
fn what_is_taken_away_is_not_used_any_more_by_whoever_is_signed_in() {
    play(async {
        let gate = Gate::open();
        let id = gate
            .person("Anna", &[granted(Level::Operations, "acme"), granted(Level::Viewer, HOUSE)])
            .await;
        let cookie = gate.sign_in("anna", PASSWORD).await.unwrap().token;
        assert!(
            gate.whose(&cookie)
                .await
                .unwrap()
                .actor
                .may(Right::Answer, "acme", None)
                .is_ok()
        );
        people::revoke(&gate.store, &gate.admin, &id, (Level::Operations, "acme"), gate.now)
            .await
            .unwrap();
        let anna = gate.whose(&cookie).await.unwrap().actor;
        assert!(anna.may(Right::Answer, "acme", None).is_err() && anna.may(Right::Read, "acme", None).is_ok());
        people::end(&gate.store, &gate.admin, &id, gate.now).await.unwrap();
        assert!(gate.whose(&cookie).await.is_none());
        assert!(matches!(gate.sign_in("anna", PASSWORD).await, Err(Refused::Wrong)));
        assert!(people::end(&gate.store, &gate.admin, &id, gate.now).await.is_err(), "once");
    });
}

#[test]
fn nobody_gives_what_reaches_further_than_they_do() {
    play(async {
        let gate = Gate::open();
        gate.person("Anna", &[granted(Level::Administrator, "acme")]).await;
        let boss = gate.person("Boss", &[granted(Level::Administrator, HOUSE)]).await;
        let viewer = gate.person("Vic", &[granted(Level::Viewer, "acme")]).await;
        let cookie = gate.sign_in("anna", PASSWORD).await.unwrap().token;
        let anna = gate.whose(&cookie).await.unwrap().actor;
        let give = |to: String, granted: Granted| {
            let (store, anna, now) = (gate.store.clone(), anna.clone(), gate.now);
            async move { people::grant(&store, &anna, &to, granted, now).await.is_ok() }
        };
        assert!(give(viewer.clone(), granted(Level::Finance, "acme")).await);
        assert!(!give(viewer.clone(), granted(Level::Finance, "beta")).await);
        assert!(!give(viewer.clone(), granted(Level::Finance, HOUSE)).await);
        // Nor are whoever reaches further signed out, ended or given another password by them.
        assert!(session::end_all(&gate.store, &anna, &boss, gate.now).await.is_err());
        assert!(people::end(&gate.store, &anna, &boss, gate.now).await.is_err());
        assert!(
            invitations::again(&gate.store, &gate.vault, &anna, &boss, gate.now)
                .await
                .is_err()
        );
        let operations = Actor::person("P1", "Otto", vec![granted(Level::Operations, HOUSE).grant()]);
        assert!(people::end(&gate.store, &operations, &viewer, gate.now).await.is_err());
        people::end(&gate.store, &anna, &viewer, gate.now)
            .await
            .expect("he is hers to end");
    });
}

#[test]
fn a_code_is_asked_for_once_it_was_shown_and_counts_once() {
    play(async {
        let mut gate = Gate::open();
        let id = gate.person("Anna", &[granted(Level::Viewer, HOUSE)]).await;
        let cookie = gate.sign_in("anna", PASSWORD).await.unwrap().token;
        let anna = gate.whose(&cookie).await.unwrap().actor;
        let secret = code::begin(&gate.store, &gate.vault, &anna, gate.now).await.unwrap();
        assert!(
            secret.uri.starts_with("otpauth://totp/Tallyman:anna?secret="),
            "{}",
            *secret.uri
        );
        gate.sign_in("anna", PASSWORD)
            .await
            .expect("it is not asked for before it was shown to fit");
        let wrong = code::confirm(&gate.store, &gate.vault, &anna, "000000", gate.now).await;
        assert!(wrong.is_err() || code_of(&secret, gate.now) == "000000");
        let shown = code_of(&secret, gate.now);
        code::confirm(&gate.store, &gate.vault, &anna, &shown, gate.now)
            .await
            .unwrap();

        assert!(matches!(gate.sign_in("anna", PASSWORD).await, Err(Refused::WantsCode)));
        let replayed = gate.with_code("anna", PASSWORD, &shown).await;
        assert!(matches!(replayed, Err(Refused::Wrong)), "the code that confirmed it was used");
        gate.later(MINUTE);
        let shown = code_of(&secret, gate.now);
        assert!(matches!(
            gate.with_code("anna", "a wrong password", &shown).await,
            Err(Refused::Wrong)
        ));
        gate.with_code("anna", PASSWORD, &shown).await.expect("she comes in");
        assert!(
            matches!(gate.with_code("anna", PASSWORD, &shown).await, Err(Refused::Wrong)),
            "once"
        );
        assert!(
            code::begin(&gate.store, &gate.vault, &anna, gate.now).await.is_err(),
            "no other slips under it"
        );

        code::let_go(&gate.store, &gate.admin, &id, gate.now).await.unwrap();
        gate.sign_in("anna", PASSWORD).await.expect("the telephone was lost");
    });
}

#[test]
fn whoever_found_a_session_open_does_not_guess_its_code_away() {
    play(async {
        let mut gate = Gate::open();
        let id = gate.person("Anna", &[granted(Level::Viewer, HOUSE)]).await;
        let cookie = gate.sign_in("anna", PASSWORD).await.unwrap().token;
        let anna = gate.whose(&cookie).await.unwrap().actor;
        let secret = code::begin(&gate.store, &gate.vault, &anna, gate.now).await.unwrap();
        let shown = code_of(&secret, gate.now);
        code::confirm(&gate.store, &gate.vault, &anna, &shown, gate.now)
            .await
            .unwrap();
        let off = async |gate: &Gate, given: &str| {
            let off = code::off(&gate.store, &gate.vault, &anna, given, gate.now).await;
            off.map_err(|error| error.to_string())
        };
        // The one that was used fits no more, so these are all wrong.
        for _ in 0..5 {
            assert!(off(&gate, &shown).await.unwrap_err().contains("does not fit"));
        }
        gate.later(MINUTE / 10);
        let right = code_of(&secret, gate.now.plus(MINUTE / 2));
        let refused = off(&gate, &right).await.unwrap_err();
        assert!(refused.contains("too many wrong tries"), "{refused}");

        // A link, which whoever found it has, does not take the code's place by somebody else's word either.
        let link = gate.again(&id).await;
        let identity = Identity {
            issuer: "https://login.example.com".into(),
            subject: "248".into(),
        };
        let entered = people::single::sign_in(&gate.store, &gate.vault, identity, Some(&link), gate.now).await;
        let refused = entered.err().expect("refused").to_string();
        assert!(refused.contains("asked for a code"), "{refused}");

        // A code that changes the password is used, as one that signs in.
        gate.later(MINUTE);
        let shown = code_of(&secret, gate.now);
        let open = gate.whose(&cookie).await.unwrap();
        let tried = gate.tried("anna", PASSWORD, Some(&shown));
        let new = "another long password";
        password::change(gate.office(), (&open.actor, &open.session), (tried, new), gate.now)
            .await
            .expect("changed");
        assert!(matches!(gate.with_code("anna", new, &shown).await, Err(Refused::Wrong)));
        gate.later(MINUTE);
        off(&gate, &code_of(&secret, gate.now))
            .await
            .expect("it is hers, and the wait is over");
        gate.sign_in("anna", new).await.expect("no code is asked for");
    });
}

#[test]
fn of_two_who_show_one_code_at_once_one_comes_in() {
    play(async {
        let mut gate = Gate::open();
        gate.person("Anna", &[granted(Level::Viewer, HOUSE)]).await;
        let cookie = gate.sign_in("anna", PASSWORD).await.unwrap().token;
        let anna = gate.whose(&cookie).await.unwrap().actor;
        let secret = code::begin(&gate.store, &gate.vault, &anna, gate.now).await.unwrap();
        let shown = code_of(&secret, gate.now);
        code::confirm(&gate.store, &gate.vault, &anna, &shown, gate.now)
            .await
            .unwrap();
        gate.later(MINUTE);
        let shown = code_of(&secret, gate.now);
        let one = gate.with_code("anna", PASSWORD, &shown);
        let both = futures_util::future::join(one, gate.with_code("anna", PASSWORD, &shown)).await;
        assert_eq!([both.0.is_ok(), both.1.is_ok()].iter().filter(|came| **came).count(), 1);
    });
}

#[test]
fn another_password_takes_the_old_one_and_ends_what_else_is_open() {
    play(async {
        let gate = Gate::open();
        gate.person("Anna", &[granted(Level::Viewer, HOUSE)]).await;
        gate.person("Ben", &[granted(Level::Viewer, HOUSE)]).await;
        let [here, elsewhere, _] = gate.three_sessions("anna").await;
        let anna = gate.whose(&here).await.unwrap();
        let change = async |name: &str, old: &str, new: &str| {
            let tried = gate.tried(name, old, None);
            password::change(gate.office(), (&anna.actor, &anna.session), (tried, new), gate.now).await
        };
        let new = "another long password";
        assert!(matches!(change("anna", "a wrong password", new).await, Err(Refused::Wrong)));
        assert!(
            matches!(change("ben", PASSWORD, new).await, Err(Refused::Wrong)),
            "it is Ben's"
        );
        assert!(matches!(change("anna", PASSWORD, "short").await, Err(Refused::Store(_))));
        change("anna", PASSWORD, new).await.expect("it is changed");
        assert!(gate.whose(&here).await.is_some() && gate.whose(&elsewhere).await.is_none());
        assert!(matches!(gate.sign_in("anna", PASSWORD).await, Err(Refused::Wrong)));
        gate.sign_in("anna", new).await.expect("it is the new one now");
        gate.sign_in("ben", PASSWORD).await.expect("his is as it was");
    });
}

#[test]
fn two_of_one_name_are_two_and_one_name_to_sign_in_with_is_ones() {
    play(async {
        let gate = Gate::open();
        let first = gate.person("Anna Smith", &[granted(Level::Operations, "acme")]).await;
        let taken = gate.try_invite("Anna Smith", None).await.unwrap_err();
        assert!(taken.contains("anna.smith already"), "{taken}");
        let (second, link) = gate.try_invite("Anna Smith", Some("anna.s")).await.unwrap();
        gate.set_up(&link, PASSWORD).await.unwrap();
        let [one, two] = [
            gate.sign_in("anna.smith", PASSWORD).await,
            gate.sign_in("anna.s", PASSWORD).await,
        ];
        let [one, two] = [one.unwrap().token, two.unwrap().token];
        let [one, two] = [gate.whose(&one).await.unwrap().actor, gate.whose(&two).await.unwrap().actor];
        assert_eq!((&one.id, &two.id), (&first, &second));
        assert_eq!(one.name, two.name);
        assert_ne!(one.journalled(), two.journalled());
        let actors = [one.journalled(), two.journalled(), "console".into()];
        let names = people::names(&gate.store, &actors).await.unwrap();
        assert_eq!(names.len(), 2, "a token is no person: {names:?}");
        assert_eq!(names[&two.journalled()], "Anna Smith");
    });
}

#[test]
fn a_password_that_was_kept_cheaply_is_kept_at_todays_cost_when_it_is_next_shown() {
    play(async {
        let gate = Gate::open();
        gate.person("Anna", &[granted(Level::Viewer, HOUSE)]).await;
        gate.passwords.costs(2);
        gate.sign_in("anna", PASSWORD).await.expect("it fits as it was");
        let hashed = gate.passwords.hashed();
        gate.sign_in("anna", PASSWORD).await.expect("and as it is now");
        assert_eq!(gate.passwords.hashed(), hashed, "once is enough");
    });
}

#[test]
fn all_of_it_is_in_the_journal_with_ids_and_no_secret() {
    play(async {
        let gate = Gate::open();
        let id = gate.person("Anna Smith", &[granted(Level::Operations, "acme")]).await;
        let cookie = gate.sign_in("anna.smith", PASSWORD).await.unwrap().token;
        session::sign_out(&gate.store, &cookie, gate.now).await.unwrap();
        people::end(&gate.store, &gate.admin, &id, gate.now).await.unwrap();
        let lines = gate.lines().await;
        let said: Vec<(&str, &str, &str)> = lines
            .iter()
            .map(|line| (line.actor.as_str(), line.kind.as_str(), line.told.what.as_str()))
            .collect();
        let anna = format!("person/{id}");
        let session = said[3].2.to_owned();
        assert_eq!(
            said,
            [
                ("admin", "person.added", "added"),
                ("admin", "person.granted", "operations at acme"),
                (anna.as_str(), "person.set_up", "a password was chosen by a link"),
                (anna.as_str(), "session.begun", session.as_str()),
                (anna.as_str(), "session.ended", session.as_str()),
                ("admin", "person.ended", "access ended, with 0 open sessions and 0 tokens"),
            ]
        );
        let changed: Vec<_> = lines.iter().map(Line::changed).collect();
        assert_eq!(
            changed,
            [
                (None, Some("no password")),
                (None, Some("operations at acme")),
                (Some("no password"), Some("the password that was chosen")),
                (None, Some("open")),
                (Some("open"), None),
                (Some("operations at acme"), None),
            ],
            "what was, and what is"
        );
        assert!(lines.iter().all(|line| line.subject == anna));
        let all = format!("{lines:?}").to_lowercase();
        for secret in ["anna.smith", "anna smith", PASSWORD, &cookie.to_lowercase()] {
            assert!(!all.contains(secret), "{secret} is in {all}");
        }
        let found = journal::verify(&gate.store, HOUSE).await.expect("it is whole");
        assert_eq!(found.lines, lines.len() as u64, "each line is sealed when its act is done");
    });
}

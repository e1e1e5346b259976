//! Tokens and deputies: whoever acts for somebody never may more than they, and not for longer.

use std::collections::BTreeSet;
use std::time::Duration;

use tallyman_core::access::single::Identity;
use tallyman_core::access::{Actor, HOUSE, Level, Right};
use tallyman_core::catalogue::Owner;
use tallyman_engine::people;
use tallyman_engine::people::deputies::{self, Wanted as Naming};
use tallyman_engine::people::tokens::{self, Wanted};
use tallyman_engine::people::{code, invitations, single};
use tallyman_store::tables::deputies::For;

use super::gate::{Gate, PASSWORD, granted, play};

const DAY: Duration = Duration::from_secs(24 * 3_600);

fn wanted(name: &str, rights: &[Right]) -> Wanted {
    Wanted {
        name: name.to_owned(),
        rights: rights.iter().copied().collect(),
        companies: BTreeSet::new(),
        teams: BTreeSet::new(),
        days: 30,
    }
}

async fn signed_in(gate: &Gate, name: &str) -> Actor {
    let cookie = gate.sign_in(name, PASSWORD).await.expect("signed in").token;
    gate.whose(&cookie).await.expect("a session").actor
}

#[test]
fn a_token_may_what_its_owner_may_while_they_may_it_and_until_it_ends() {
    play(async {
        let mut gate = Gate::open();
        let id = gate
            .person("Anna", &[granted(Level::Operations, "acme"), granted(Level::Viewer, HOUSE)])
            .await;
        let anna = signed_in(&gate, "anna").await;
        let make = async |gate: &Gate, wanted: Wanted| tokens::make(&gate.store, &gate.vault, &anna, wanted, gate.now).await;
        for (beyond, said) in [
            (wanted("sheets", &[Right::Read, Right::Approve]), "never may more"),
            (wanted("sheets", &[]), "Say what it may"),
            (wanted("sheets", &[Right::Erase]), "No token may"),
            (wanted("Price Sheet", &[Right::Read]), "A token's name"),
            (
                Wanted {
                    days: 400,
                    ..wanted("sheets", &[Right::Read])
                },
                "ends after",
            ),
        ] {
            let refused = make(&gate, beyond).await.err().expect("refused").to_string();
            assert!(refused.contains(said), "{refused}");
        }
        let made = make(&gate, wanted("sheets", &[Right::Read, Right::Map])).await.expect("made");
        let again = make(&gate, wanted("sheets", &[Right::Read]))
            .await
            .err()
            .expect("refused")
            .to_string();
        assert!(again.contains("already"), "{again}");
        let whose = async |gate: &Gate| tokens::whose(&gate.store, &made.secret, gate.now).await.expect("looked up");
        let token = whose(&gate).await.expect("it stands");
        assert_eq!(token.journalled(), format!("person/{id}/sheets"));
        assert_eq!(token.whose(), Some(id.as_str()));
        assert!(token.may(Right::Map, "acme", None).is_ok() && token.may(Right::Read, "beta", None).is_ok());
        assert!(token.may(Right::Map, "beta", None).is_err(), "she may not there either");
        assert!(token.may(Right::Act, "acme", None).is_err(), "she has not given it that");
        assert!(
            tokens::whose(&gate.store, "another", gate.now)
                .await
                .expect("looked up")
                .is_none()
        );

        let actors = [token.journalled()];
        let names = people::names(&gate.store, &actors).await.expect("read");
        assert_eq!(names[&actors[0]], "Anna (token sheets)");

        // What is taken from her is taken from it.
        people::revoke(&gate.store, &gate.admin, &id, (Level::Operations, "acme"), gate.now)
            .await
            .expect("taken");
        assert!(whose(&gate).await.expect("it stands").may(Right::Map, "acme", None).is_err());

        gate.later(30 * DAY);
        assert!(whose(&gate).await.is_none(), "it has ended by itself");
        let second = make(&gate, wanted("sheets", &[Right::Read]))
            .await
            .expect("its name is free again");
        tokens::end(&gate.store, &anna, &second.token.id, gate.now)
            .await
            .expect("ended");
        let until = second.token.ends_at.to_rfc3339();
        let may = format!("may read until {until}");
        assert_eq!(gate.last("token.made").await.changed(), (None, Some(may.as_str())));
        assert_eq!(gate.last("token.ended").await.changed(), (Some(may.as_str()), None));
        assert!(tokens::end(&gate.store, &anna, &second.token.id, gate.now).await.is_err());
        assert!(
            tokens::whose(&gate.store, &second.secret, gate.now)
                .await
                .expect("looked up")
                .is_none()
        );

        let third = make(&gate, wanted("pager", &[Right::Read])).await.expect("made");
        people::end(&gate.store, &gate.admin, &id, gate.now).await.expect("ended");
        assert!(
            tokens::whose(&gate.store, &third.secret, gate.now)
                .await
                .expect("looked up")
                .is_none()
        );
    });
}

#[test]
fn nobody_makes_or_ends_a_token_of_somebody_they_may_not_change() {
    play(async {
        let gate = Gate::open();
        let anna_id = gate.person("Anna", &[granted(Level::Operations, "acme")]).await;
        gate.person("Ben", &[granted(Level::Operations, "acme")]).await;
        let (anna, ben) = (signed_in(&gate, "anna").await, signed_in(&gate, "ben").await);
        let made = tokens::make(&gate.store, &gate.vault, &anna, wanted("sheets", &[Right::Read]), gate.now)
            .await
            .expect("made");
        let (store, vault) = (&gate.store, &gate.vault);
        let others = tokens::make_for(store, vault, (&ben, &anna_id), wanted("mine", &[Right::Read]), gate.now).await;
        assert!(others.is_err(), "it is Anna's to make");
        assert!(tokens::of(store, &ben, &anna_id).await.is_err());
        assert!(tokens::end(store, &ben, &made.token.id, gate.now).await.is_err());
        // With a token of her own, too: it has not the right.
        let token = tokens::whose(store, &made.secret, gate.now)
            .await
            .expect("looked up")
            .expect("it stands");
        assert!(
            tokens::make_for(store, vault, (&token, &anna_id), wanted("more", &[Right::Read]), gate.now)
                .await
                .is_err()
        );
        // Whoever held its secret would speak as her: an administrator, too, may not make one for her.
        gate.person("Maya", &[granted(Level::Administrator, HOUSE)]).await;
        let maya = signed_in(&gate, "maya").await;
        let made_for_her = tokens::make_for(store, vault, (&maya, &anna_id), wanted("theirs", &[Right::Read]), gate.now);
        let refused = made_for_her.await.err().expect("refused").to_string();
        assert!(refused.contains("they make it themselves"), "{refused}");
        let (_, all) = tokens::of(store, &gate.admin, &anna_id)
            .await
            .expect("an administrator sees them");
        assert_eq!(all.len(), 1);
        tokens::end(store, &gate.admin, &made.token.id, gate.now)
            .await
            .expect("and ends them");
    });
}

#[test]
fn a_deputy_may_what_they_stand_in_for_from_the_first_day_to_the_last() {
    play(async {
        let mut gate = Gate::open();
        let anna = gate.person("Anna", &[granted(Level::Finance, "acme")]).await;
        let ben = gate.person("Ben", &[granted(Level::Operations, "acme")]).await;
        let cara = gate.person("Cara", &[granted(Level::Viewer, "acme")]).await;
        let name = async |gate: &Gate, by: &Actor, person: &str, stands_for: For| {
            let wanted = Naming {
                person: person.to_owned(),
                stands_for,
                from: gate.now.plus(DAY),
                until: gate.now.plus(3 * DAY),
            };
            deputies::name(&gate.store, &gate.vault, by, wanted, gate.now).await
        };
        let finance = || For::Team(Owner::Finance, "acme".into());
        let refused = name(&gate, &gate.admin, &cara, finance()).await.unwrap_err().to_string();
        assert!(refused.contains("does not act"), "{refused}");
        let refused = name(&gate, &gate.admin, &anna, For::Person(anna.clone()))
            .await
            .unwrap_err()
            .to_string();
        assert!(refused.contains("themselves"), "{refused}");
        let own = signed_in(&gate, "ben").await;
        assert!(
            name(&gate, &own, &ben, For::Person(anna.clone())).await.is_err(),
            "an administrator says so"
        );

        name(&gate, &gate.admin, &cara, For::Person(anna.clone()))
            .await
            .expect("named");
        let team = name(&gate, &gate.admin, &ben, finance()).await.expect("named");
        let money = |actor: &Actor| actor.may(Right::MapMoney, "acme", None).is_ok();
        let acts = |actor: &Actor| actor.may(Right::Act, "acme", Some(Owner::Finance)).is_ok();
        assert!(
            !money(&signed_in(&gate, "cara").await) && !acts(&signed_in(&gate, "ben").await),
            "not yet"
        );
        gate.later(DAY);
        let (as_ben, as_cara) = (signed_in(&gate, "ben").await, signed_in(&gate, "cara").await);
        assert!(money(&as_cara) && acts(&as_cara));
        assert_eq!(as_cara.journalled(), format!("person/{cara}"), "under her own name");
        assert!(acts(&as_ben) && !money(&as_ben), "for the team's cards, by his own rights");
        assert!(as_ben.may(Right::Act, "beta", Some(Owner::Finance)).is_err());

        deputies::end(&gate.store, &gate.admin, &team, gate.now).await.expect("ended");
        let (named, ended) = (gate.last("deputy.named").await, gate.last("deputy.ended").await);
        let span = named.told.after.as_deref().expect("from when until when");
        assert!(span.starts_with("from 20") && span.contains(" until 20"), "{span}");
        assert_eq!((named.changed(), ended.changed()), ((None, Some(span)), (Some(span), None)));
        assert!(!acts(&signed_in(&gate, "ben").await));
        assert!(deputies::end(&gate.store, &gate.admin, &team, gate.now).await.is_err());
        gate.later(2 * DAY);
        assert!(!money(&signed_in(&gate, "cara").await), "it has ended by itself");
        assert_eq!(
            deputies::list(&gate.store, &gate.admin, gate.now)
                .await
                .expect("listed")
                .len(),
            2
        );
        let hers = deputies::list(&gate.store, &as_cara, gate.now).await.expect("listed");
        assert_eq!(hers.len(), 1, "what concerns her");
    });
}

#[test]
fn what_lets_a_deputy_in_is_handed_out_by_nobody_whom_they_outreach() {
    play(async {
        let mut gate = Gate::open();
        gate.person("Adam", &[granted(Level::Administrator, "acme")]).await;
        let pat = gate.person("Pat", &[granted(Level::Operations, "acme")]).await;
        let quin = gate.person("Quin", &[granted(Level::Finance, "beta")]).await;
        let adam = signed_in(&gate, "adam").await;
        let link = async |gate: &Gate| {
            invitations::again(&gate.store, &gate.vault, &adam, &pat, gate.now)
                .await
                .map(drop)
        };
        link(&gate).await.expect("Pat is his to let in");
        let wanted = Naming {
            person: pat.clone(),
            stands_for: For::Person(quin),
            from: gate.now,
            until: gate.now.plus(DAY),
        };
        deputies::name(&gate.store, &gate.vault, &gate.admin, wanted, gate.now)
            .await
            .expect("named");
        // While Pat stands in for somebody at beta, whoever is let in as Pat acts there.
        let account = || Identity {
            issuer: "https://login.example.com".into(),
            subject: "248".into(),
        };
        assert!(link(&gate).await.is_err());
        assert!(single::link(&gate.store, &adam, &pat, account(), gate.now).await.is_err());
        let code = code::let_go(&gate.store, &adam, &pat, gate.now)
            .await
            .unwrap_err()
            .to_string();
        assert!(!code.contains("not asked"), "refused before it is looked at: {code}");
        gate.later(2 * DAY);
        let adam = signed_in(&gate, "adam").await;
        single::link(&gate.store, &adam, &pat, account(), gate.now)
            .await
            .expect("it is over");
    });
}

#[test]
fn everybody_names_who_stands_in_for_themselves_and_for_nobody_else() {
    play(async {
        let mut gate = Gate::open();
        let anna = gate.person("Anna", &[granted(Level::Finance, "acme")]).await;
        let ben = gate.person("Ben", &[granted(Level::Viewer, "acme")]).await;
        let cara = gate.person("Cara", &[granted(Level::Viewer, "acme")]).await;
        let (as_anna, as_cara) = (signed_in(&gate, "anna").await, signed_in(&gate, "cara").await);
        let name = async |gate: &Gate, by: &Actor, stands_for: For| {
            let wanted = Naming {
                person: ben.clone(),
                stands_for,
                from: gate.now,
                until: gate.now.plus(3 * DAY),
            };
            deputies::name(&gate.store, &gate.vault, by, wanted, gate.now).await
        };
        let others = deputies::colleagues(&gate.store, &as_anna).await.expect("listed");
        let ids: Vec<&str> = others.iter().map(|person| &*person.id).collect();
        assert!(
            ids.contains(&&*ben) && ids.contains(&&*cara) && !ids.contains(&&*anna),
            "{ids:?}"
        );

        // A token of hers has fewer rights than she has, and must not give all of them to somebody.
        let token = Actor::token_of(&anna, "sheets", as_anna.grants().to_vec());
        assert!(name(&gate, &token, For::Person(anna.clone())).await.is_err());
        assert!(deputies::colleagues(&gate.store, &token).await.expect("listed").is_empty());
        assert!(
            name(&gate, &as_cara, For::Person(anna.clone())).await.is_err(),
            "not for others"
        );
        let team = For::Team(Owner::Finance, "acme".into());
        assert!(name(&gate, &as_anna, team).await.is_err(), "a team is not hers");

        let id = name(&gate, &as_anna, For::Person(anna.clone())).await.expect("named");
        let acts = |actor: &Actor| actor.may(Right::Act, "acme", Some(Owner::Finance)).is_ok();
        let as_ben = signed_in(&gate, "ben").await;
        assert!(acts(&as_ben));
        assert_eq!(gate.last("deputy.named").await.actor, format!("person/{anna}"));

        assert!(deputies::end(&gate.store, &as_cara, &id, gate.now).await.is_err());
        assert!(
            deputies::end(&gate.store, &as_ben, &id, gate.now).await.is_err(),
            "he does not say when he stops"
        );
        deputies::end(&gate.store, &as_anna, &id, gate.now).await.expect("ended");
        assert!(!acts(&signed_in(&gate, "ben").await));
        gate.later(DAY);
    });
}

#[test]
fn a_link_to_choose_another_password_loses_its_force_when_its_person_may_more() {
    play(async {
        let gate = Gate::open();
        let id = gate.person("Anna", &[granted(Level::Viewer, "acme")]).await;
        let link = gate.again(&id).await;
        people::grant(&gate.store, &gate.admin, &id, granted(Level::Administrator, HOUSE), gate.now)
            .await
            .expect("given");
        assert_eq!(gate.look(&link).await, None, "whoever has it would be an administrator");
        // The first link of somebody new stands while what they are to have is being said.
        let (new, first) = gate.invite("Ben", &[granted(Level::Viewer, "acme")]).await;
        people::grant(&gate.store, &gate.admin, &new, granted(Level::Finance, "acme"), gate.now)
            .await
            .expect("given");
        gate.set_up(&first, PASSWORD).await.expect("it stands");
    });
}

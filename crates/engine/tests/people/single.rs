//! Signing in by another's word: who is linked comes in, and nobody else does.

use tallyman_core::access::single::Identity;
use tallyman_core::access::{Actor, HOUSE, Level};
use tallyman_engine::people::{self, single};

use super::gate::{Gate, PASSWORD, granted, play};

const ISSUER: &str = "https://login.example.com";

fn identity(subject: &str) -> Identity {
    Identity {
        issuer: ISSUER.into(),
        subject: subject.into(),
    }
}

async fn enter(gate: &Gate, subject: &str, link: Option<&str>) -> Result<String, String> {
    let signed = single::sign_in(&gate.store, &gate.vault, identity(subject), link, gate.now).await;
    match signed {
        Ok(signed) => {
            let known = gate.whose(&signed.token).await.expect("the session stands");
            Ok(known.actor.id)
        }
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn an_invitation_links_whoever_follows_it_once() {
    play(async {
        let gate = Gate::open();
        let (anna, link) = gate.invite("Anna", &[granted(Level::Viewer, HOUSE)]).await;
        assert!(enter(&gate, "248", None).await.unwrap_err().contains("Nobody here is linked"));
        assert_eq!(enter(&gate, "248", Some(&link)).await.as_deref(), Ok(&*anna));
        assert_eq!(enter(&gate, "248", None).await.as_deref(), Ok(&*anna));
        // The link is used up, for whoever else has it.
        assert!(enter(&gate, "999", Some(&link)).await.unwrap_err().contains("once"));
        assert!(enter(&gate, "999", None).await.is_err());
        // It is not her password's link any more, either.
        assert!(gate.set_up(&link, PASSWORD).await.is_err());
        // Another issuer's 248 is somebody else.
        let elsewhere = Identity {
            issuer: "https://other.example.com".into(),
            subject: "248".into(),
        };
        assert!(
            single::sign_in(&gate.store, &gate.vault, elsewhere, None, gate.now)
                .await
                .is_err()
        );
    });
}

#[test]
fn an_account_is_one_persons_and_an_administrator_gives_and_takes_it() {
    play(async {
        let gate = Gate::open();
        let (anna, _) = gate.invite("Anna", &[granted(Level::Viewer, HOUSE)]).await;
        let (ben, link) = gate.invite("Ben", &[granted(Level::Administrator, HOUSE)]).await;
        let (store, now) = (&gate.store, gate.now);
        single::link(store, &gate.admin, &anna, identity("248"), now).await.unwrap();
        assert_eq!(enter(&gate, "248", None).await.as_deref(), Ok(&*anna));
        // Ben's invitation does not make her account his, and stays good for what it is.
        assert!(enter(&gate, "248", Some(&link)).await.unwrap_err().contains("somebody else"));
        assert!(single::link(store, &gate.admin, &ben, identity("248"), now).await.is_err());
        assert_eq!(enter(&gate, "7", Some(&link)).await.as_deref(), Ok(&*ben));

        // Whoever may not change people may not say whose an account is.
        let viewer = Actor::person(&anna, "Anna", vec![granted(Level::Viewer, HOUSE).grant()]);
        assert!(single::link(store, &viewer, &anna, identity("9"), now).await.is_err());
        assert!(single::unlink(store, &viewer, &ben, ISSUER, now).await.is_err());

        let cookie = single::sign_in(store, &gate.vault, identity("248"), None, now)
            .await
            .unwrap()
            .token;
        single::unlink(store, &gate.admin, &anna, ISSUER, now).await.unwrap();
        assert!(gate.whose(&cookie).await.is_none(), "she is signed out");
        assert!(enter(&gate, "248", None).await.is_err());
        assert!(
            single::unlink(store, &gate.admin, &anna, ISSUER, now).await.is_err(),
            "there is none any more"
        );
    });
}

#[test]
fn whoever_has_ended_does_not_come_in_by_anybodys_word() {
    play(async {
        let gate = Gate::open();
        let (anna, link) = gate.invite("Anna", &[granted(Level::Viewer, HOUSE)]).await;
        enter(&gate, "248", Some(&link)).await.unwrap();
        people::end(&gate.store, &gate.admin, &anna, gate.now).await.unwrap();
        assert!(enter(&gate, "248", None).await.is_err());
        // The account is free for whom it is given to next.
        let (again, link) = gate.invite("Anna", &[granted(Level::Viewer, HOUSE)]).await;
        assert_eq!(enter(&gate, "248", Some(&link)).await.as_deref(), Ok(&*again));
        assert_ne!(again, anna);
    });
}

#[test]
fn the_first_link_is_not_for_single_sign_on() {
    play(async {
        let gate = Gate::open();
        let link = gate.first().await.expect("nobody is there");
        let refused = enter(&gate, "248", Some(&link)).await.unwrap_err();
        assert!(refused.contains("first person"), "{refused}");
        // And it is as good as before.
        assert!(gate.look(&link).await.is_some());
    });
}

#[test]
fn what_is_no_identity_is_refused() {
    play(async {
        let gate = Gate::open();
        for subject in ["", "a\nb", &"x".repeat(256)] {
            assert!(
                enter(&gate, subject, None).await.unwrap_err().contains("no identity"),
                "{subject:?}"
            );
        }
    });
}

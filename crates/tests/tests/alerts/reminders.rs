//! What is said again of a consent as its end comes near.

use std::collections::BTreeSet;

use tallyman_core::catalogue::Owner;
use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::ident::Connection;
use tallyman_core::seam::Clock;

use crate::scene::{Letter, Scene, at, play, route};
use crate::{A_MINUTE, AN_HOUR, FRIDAY, begins};

/// A consent is told of when its card opens, and 7, 3 and 1 days before it ends; each once, whoever starts again meanwhile.
#[test]
fn a_consent_that_ends_is_said_again_as_it_comes_near() {
    play(async {
        let ends = at("2026-12-04T10:00:00Z");
        let (mut scene, letterbox) = Scene::at(FRIDAY, vec![route("it", Owner::Integration)]);
        scene.consents = vec![(Connection::new("sage-1"), ends)];
        let sage = Cause::Connection(Connection::new("sage-1"));
        scene.open_about(Code::ConsentLapsing, sage, "consent of sage-1").await;
        let days_before = |letter: &Letter| ends.since(letter.at).as_secs_f64() / (24.0 * 3600.0);
        let mut said = Vec::new();
        // Every worker begins anew, six times a day.
        while scene.clock.now() < ends {
            scene.work_for(4 * AN_HOUR).await;
            let letters = letterbox.empty();
            said.extend(letters.into_iter().filter(|letter| letter.subject.contains("sage-1")));
        }
        let days: Vec<f64> = said
            .iter()
            .map(days_before)
            .map(|days| (days * 10.0).round() / 10.0)
            .collect();
        assert_eq!(days, [14.0, 7.0, 3.0, 1.0], "{said:?}");
        begins(&said[0], "it", "A sign-in is about to lapse (1 record).");
        let again = "A sign-in is about to lapse, on 2026-12-04 10:00 Europe/London: this is said again";
        begins(&said[1], "it", &format!("{again} 7 days before."));
        begins(&said[3], "it", &format!("{again} a day before."));
        let subjects: BTreeSet<&str> = said.iter().map(|letter| letter.subject.as_str()).collect();
        assert_eq!(subjects.len(), 1, "one conversation: {subjects:?}");

        // Somebody consents anew: nothing more comes near.
        scene.consents.clear();
        scene.resolve("consent of sage-1").await;
        scene.work_for(A_MINUTE).await;
        let over = letterbox.empty();
        assert_eq!(over.len(), 1, "{over:?}");
        begins(&over[0], "it", "Recovered");
    });
}

/// What comes near at night is said in the morning, and what is not escalated does not become so by being said again.
#[test]
fn a_reminder_of_the_night_waits_for_the_morning_and_goes_to_its_own_route() {
    play(async {
        let ends = at("2026-11-26T03:00:00Z");
        let routes = vec![route("it", Owner::Integration), route("ops", Owner::Operations)];
        let (mut scene, letterbox) = Scene::at(FRIDAY, routes);
        scene.consents = vec![(Connection::new("sage-1"), ends)];
        let sage = Cause::Connection(Connection::new("sage-1"));
        scene.open_about(Code::ConsentLapsing, sage, "consent of sage-1").await;
        scene.work_until(at("2026-11-25T12:00:00Z")).await;
        let letters = letterbox.empty();
        let said = letters.iter().filter(|letter| letter.subject.contains("sage-1"));
        let said: Vec<(&str, String)> = said.map(|letter| (letter.route.as_str(), letter.at.to_rfc3339())).collect();
        let hours: Vec<(&str, &str)> = said.iter().map(|(route, at)| (*route, &at[..13])).collect();
        // Six days before it is not a week any more; a Monday and a Wednesday follow.
        assert_eq!(
            hours,
            [("it", "2026-11-20T10"), ("it", "2026-11-23T09"), ("it", "2026-11-25T09")],
            "{letters:?}"
        );
    });
}

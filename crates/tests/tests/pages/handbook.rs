//! The handbook and the settings: what they say is what is in force, a version is read by people, and print has the same page.

use tallyman_core::finding::Code;
use tallyman_tests::morning::{ALL, FIRST, READER, morning};
use tallyman_tests::scene::play;

use super::visitor::{Console, hidden};

#[test]
fn the_handbook_has_every_code_with_a_real_example_and_knows_who_has_read_it() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let page = console.get(READER, "/handbook").await.page();
        for code in Code::ALL {
            assert!(page.contains(&format!("id=\"code-{code}\"")), "{code} is missing");
        }
        for said in [
            "Operations",
            "Who masters what",
            "never happened here",
            "Version 1",
            "Stands since",
        ] {
            assert!(page.contains(said), "{said}: {page}");
        }
        let id = morning.id().await;
        assert!(page.contains(&format!("/cards/{id}")), "a real example: {page}");

        // Whoever reads it says so, once, of the version that stands.
        assert!(page.contains("I have read version 1"), "{page}");
        let version = hidden(&page, "version");
        let read = |version: &str| vec![("version".to_owned(), version.to_owned())];
        let post = async |who: &str, form: Vec<(String, String)>| {
            let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            console.post(who, "/handbook/trader-1/read", &form).await
        };
        let old = post(READER, read("7")).await.with(422);
        assert!(
            old.contains("version 1 by now") && old.contains("I have read version 1"),
            "{old}"
        );
        for _ in 0..2 {
            let place = post(READER, read(&version)).await.leads_to();
            assert_eq!(place, "/handbook?company=trader-1&done=read-handbook");
        }
        let page = console.get(READER, "/handbook?company=trader-1").await.page();
        assert!(page.contains("You have read version 1"), "{page}");
        let other = console.get(ALL, "/handbook").await.page();
        assert!(
            other.contains("I have read version 1") && other.contains(">reader<"),
            "{other}"
        );
        console.get(FIRST, "/handbook?company=trader-2").await.with(404);

        let api = morning.api.get(READER, "/companies/trader-1/handbook").await.ok();
        assert_eq!((&api["version"], &api["changes"]), (&1.into(), &serde_json::Value::Null));
        assert_eq!(api["readers"].as_array().map(Vec::len), Some(1));
        let again = morning
            .api
            .post(ALL, "/companies/trader-1/handbook/reads", r#"{"version":1}"#)
            .await
            .ok();
        assert_eq!(again["readers"].as_array().map(Vec::len), Some(2));
    });
}

#[test]
fn settings_show_what_is_in_force_and_what_is_wrong_with_it() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        assert_eq!(console.get(ALL, "/settings").await.leads_to(), "/account");
        let alerts = console.get(ALL, "/settings/alerts?company=trader-2").await.page();
        assert!(
            alerts.contains("Nobody is told of anything") && alerts.contains("[alerts]"),
            "{alerts}"
        );
        let calendars = console.get(READER, "/settings/calendars").await.page();
        for said in [
            "Operations",
            "Monday to Friday, 09:00 to 17:30",
            "[alerts.calendar]",
            "Closed next",
        ] {
            assert!(calendars.contains(said), "{said}: {calendars}");
        }
        let retention = console.get(READER, "/settings/retention").await.page();
        assert!(retention.contains("tallyman person erase"), "{retention}");
        console.get(FIRST, "/settings/alerts?company=trader-2").await.with(404);
        let none = console
            .post(ALL, "/settings/alerts/nobody/test", &[("company", "trader-1")])
            .await
            .with(404);
        assert!(none.contains("nobody"), "{none}");
        console
            .post(READER, "/settings/alerts/nobody/test", &[("company", "trader-1")])
            .await
            .with(403);

        let force = morning.api.get(READER, "/companies/trader-1/settings").await.ok();
        assert_eq!(
            (&force["alerts"], &force["faults"][0]["key"]),
            (&serde_json::Value::Null, &"[alerts]".into())
        );
    });
}

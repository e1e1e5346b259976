//! The handbook and the settings: what they say is what is in force, a version is read by people, and print has the same page.

use tallyman_core::catalogue::Owner;
use tallyman_core::finding::Code;
use tallyman_tests::morning::{ALL, FINANCE, FIRST, READER, morning};
use tallyman_tests::scene::play;

use super::visitor::{Console, hidden, links};

#[test]
fn the_handbook_has_every_code_with_a_real_example_and_knows_who_has_read_it() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let page = console.get(READER, "/handbook?part=book").await.page();
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
        // The journal has the version and each reader, once, with what that changed.
        let told = morning
            .api
            .get(ALL, "/journal?company=trader-1&kind=handbook_published")
            .await
            .ok();
        let lines = told["lines"].as_array().expect("lines");
        assert_eq!(lines.len(), 1, "it is published once: {told}");
        let line = &lines[0];
        assert_eq!(
            (&line["actor"], &line["subject"]),
            (&"tallyman".into(), &"handbook".into()),
            "{line}"
        );
        assert_eq!(
            (&line["before"], &line["after"]),
            (&serde_json::Value::Null, &"version 1".into()),
            "{line}"
        );
        let told = morning
            .api
            .get(ALL, "/journal?company=trader-1&kind=handbook_read")
            .await
            .ok();
        let lines = told["lines"].as_array().expect("lines");
        assert_eq!(lines.len(), 1, "who says so twice has read it once: {told}");
        let line = &lines[0];
        assert_eq!(
            (&line["actor"], &line["before"], &line["after"]),
            (&"reader".into(), &"not read".into(), &"read".into()),
            "{line}"
        );
        assert!(line["what"].as_str().is_some_and(|what| what.contains("version 1")), "{line}");

        let again = morning
            .api
            .post(ALL, "/companies/trader-1/handbook/reads", r#"{"version":1}"#)
            .await
            .ok();
        assert_eq!(again["readers"].as_array().map(Vec::len), Some(2));
    });
}

#[test]
fn a_chapter_is_a_page_and_the_readers_own_comes_first() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let whole = console.get(READER, "/handbook?part=book").await.page();
        let mut found = 0;
        for team in Owner::ALL {
            let page = console.get(READER, &format!("/handbook?part={team}")).await.page();
            for code in Code::ALL {
                let is_its = code.entry().owner == team;
                found += usize::from(is_its);
                assert_eq!(page.contains(&format!("id=\"code-{code}\"")), is_its, "{team}: {code}");
            }
            assert!(page.len() < whole.len(), "{team}");
            // Each is closed, and whoever confirms does so from wherever they are.
            assert!(
                page.contains("<details class=\"failure\">") && !page.contains("class=\"failure\" open"),
                "{page}"
            );
            assert!(page.contains("I have read version 1"), "{page}");
        }
        assert_eq!(found, Code::ALL.len());
        let masters = console.get(READER, "/handbook?part=masters").await.page();
        assert!(
            masters.contains("id=\"masters\"") && !masters.contains("class=\"failure\""),
            "{masters}"
        );

        // Whoever acts for finance opens the book at finance, and finds the others from there.
        let own = console.get(FINANCE, "/handbook").await.page();
        let first = Code::ALL
            .iter()
            .find(|code| code.entry().owner == Owner::Finance)
            .expect("a code");
        assert!(own.contains(&format!("id=\"code-{first}\"")), "{own}");
        let chapters: Vec<String> = links(&own).into_iter().filter(|link| link.contains("part=")).collect();
        assert_eq!(chapters[0], "/handbook?company=trader-1&part=book");
        assert_eq!(chapters[1], "/handbook?company=trader-1&part=finance");
        assert_eq!(chapters.len(), Owner::ALL.len() + 2, "{chapters:?}");
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

//! Who may do what, on every route: one table, compared with what is answered.
//!
//! The routers say which routes there are. One without a line in the table fails, and so does a line without a route: a new page or act is
//! not added without saying for whom it is.

mod asked;
mod table;

use tallyman_core::access::{Actor, Grant, Level, Right, Where};
use tallyman_tests::morning::{ALL, morning};
use tallyman_tests::scene::play;
use tallyman_web::api::access::{Access, Hash};

use self::asked::{Ask, Names, console};
use self::table::{API, For, PAGES};
use super::visitor::{Answer, Console};

/// Whether somebody was let through: to an answer, or to a refusal that has nothing to do with who they are.
fn was_let_through(answer: &Answer, what: &str) -> bool {
    let status = answer.status.as_u16();
    assert!(
        status < 500 && status != 401 && status != 405,
        "{what}: {status} {}",
        answer.text
    );
    status != 403
}

fn listed(table: &[(&str, &str, &str, For)]) -> Vec<String> {
    let mut all: Vec<String> = table.iter().map(|(method, path, ..)| format!("{method} {path}")).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[test]
fn every_route_of_the_api_is_for_the_levels_of_the_table() {
    play(async {
        let document = serde_json::to_value(tallyman_web::api::document()).expect("a document");
        let mut described = Vec::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            let methods = item.as_object().expect("methods").keys();
            described.extend(methods.map(|method| format!("{} {path}", method.to_uppercase())));
        }
        described.sort_unstable();
        assert_eq!(listed(API), described, "say for whom each route is");

        let morning = morning().await;
        let everywhere = console(&morning, &Where::Everywhere).await;
        let names = Names::of(&morning, &Console::of(&morning).await).await;
        let (console, names) = (&everywhere, &names);
        let ask = Ask { console, names };
        for (method, path, said, levels) in API {
            for (level, expected) in Level::ALL.into_iter().zip(levels) {
                let what = format!("{level}: {method} {path}");
                let answer = ask.api(level, (method, path, said)).await;
                assert_eq!(was_let_through(&answer, &what), *expected == 1, "{what}: {}", answer.text);
                // Who is let through finds what is there: else nothing was shown by letting them.
                let named = ["{card}", "{effect}", "{reference}", "{proposal}"]
                    .iter()
                    .any(|name| path.contains(name));
                assert!(!named || answer.status != 404, "{what}: {}", answer.text);
            }
        }
    });
}

#[test]
fn every_page_is_for_the_levels_of_the_table() {
    play(async {
        let morning = morning().await;
        let everywhere = console(&morning, &Where::Everywhere).await;
        let names = Names::of(&morning, &Console::of(&morning).await).await;
        let (console, names) = (&everywhere, &names);
        let ask = Ask { console, names };
        let mut there = Vec::new();
        let forms = tallyman_web::form_paths();
        for path in tallyman_web::page_paths() {
            for method in ["GET", "POST"] {
                // The address of a form shows nothing to anybody: it leads to the form's page.
                if method == "GET" && forms.iter().any(|(form, _)| *form == path) {
                    continue;
                }
                if ask.page(Level::Viewer, (method, path, "")).await.status != 405 {
                    there.push(format!("{method} {path}"));
                }
            }
        }
        there.sort_unstable();
        assert_eq!(listed(PAGES), there, "say for whom each page is");
        for (method, path, said, levels) in PAGES {
            for (level, expected) in Level::ALL.into_iter().zip(levels) {
                let what = format!("{level}: {method} {path}");
                let answer = ask.page(level, (method, path, said)).await;
                assert_eq!(was_let_through(&answer, &what), *expected == 1, "{what}: {}", answer.text);
            }
        }
    });
}

/// Reloaded, or gone back to: a page that answered a form stands where its form does.
#[test]
fn the_address_of_a_form_leads_to_the_page_that_has_it() {
    play(async {
        let morning = morning().await;
        let everywhere = console(&morning, &Where::Everywhere).await;
        let names = Names::of(&morning, &Console::of(&morning).await).await;
        let ask = Ask {
            console: &everywhere,
            names: &names,
        };
        let forms = tallyman_web::form_paths();
        assert!(forms.len() > 20, "{forms:?}");
        for (form, page) in forms {
            let place = ask.page(Level::Viewer, ("GET", form, "")).await.leads_to();
            assert_eq!(place, ask.put_into(page), "{form}");
            assert!(
                PAGES.iter().any(|(method, path, ..)| (*method, *path) == ("GET", page)),
                "{page}"
            );
        }
    });
}

#[test]
fn what_belongs_to_another_company_is_not_there_at_any_level() {
    play(async {
        let morning = morning().await;
        let other = console(&morning, &Where::company("trader-2")).await;
        let names = Names::of(&morning, &Console::of(&morning).await).await;
        let (console, names) = (&other, &names);
        let ask = Ask { console, names };
        let of_card = |path: &str| {
            ["{card}", "{effect}", "{journey}", "{proposal}"]
                .iter()
                .any(|name| path.contains(name))
        };
        for level in Level::ALL {
            for (method, path, said, levels) in API.iter().filter(|row| of_card(row.1)) {
                let may = levels[Level::ALL.iter().position(|one| *one == level).expect("a level")] == 1;
                let answer = ask.api(level, (method, path, said)).await;
                let status = answer.status.as_u16();
                assert!(status == 404 || (!may && status == 403), "{level}: {method} {path}: {status}");
            }
            for (method, path, said, _) in PAGES.iter().filter(|row| of_card(row.1)) {
                let answer = ask.page(level, (method, path, said)).await;
                assert!(answer.status.is_client_error(), "{level}: {method} {path}: {}", answer.text);
            }
        }
    });
}

/// Pages that name orders beside those of the card, and what is asked of them.
const NAME_ORDERS: [(&str, &str); 3] = [
    ("/outcomes", "company=trader-1"),
    ("/journal", "company=trader-1&kind=order"),
    ("/tally", "company=trader-1&kind=order"),
];

/// A way that only refuses is not shown; and who takes it all the same is told in words what they may not.
#[test]
fn nobody_is_shown_the_way_to_what_they_may_not_see() {
    play(async {
        let morning = morning().await;
        let everywhere = console(&morning, &Where::Everywhere).await;
        let names = Names::of(&morning, &Console::of(&morning).await).await;
        let ask = Ask {
            console: &everywhere,
            names: &names,
        };
        for level in Level::ALL {
            let page = ask.page(level, ("GET", "/settings/access", "")).await.page();
            let finds = level.rights().contains(&Right::Follow);
            assert_eq!(page.contains("id=\"find\""), finds, "{level}: {page}");
            assert_eq!(page.contains("href=\"/orders\""), finds, "{level}: {page}");
            let card = ask.page(level, ("GET", "/cards/{card}", "")).await.page();
            assert_eq!(card.contains("href=\"/orders/"), finds, "{level}: {card}");
            // Wherever else an order is named: that is a way for whoever may take it, and a name for the others.
            for (path, asked) in NAME_ORDERS {
                let page = ask.page_at(level, path, asked).await.page();
                assert_eq!(page.contains("href=\"/orders/"), finds, "{level}: {path}: {page}");
            }
            let people = level.rights().contains(&Right::People);
            assert_eq!(page.contains("href=\"/settings/people\""), people, "{level}: {page}");
        }
        let order = ask.page(Level::Viewer, ("GET", "/orders/{journey}", "")).await.with(403);
        assert!(order.contains("viewer may not see orders at trader-1."), "{order}");
        assert!(order.contains("customer service, operations, finance, integrator"), "{order}");
    });
}

/// One who may act at one company only acts there: what they may not elsewhere takes nothing from them.
#[test]
fn a_right_at_one_company_is_a_right_there() {
    play(async {
        let morning = morning().await;
        let grants = vec![
            Grant::level(Level::Viewer, Where::Everywhere, Default::default()),
            Grant::level(Level::Operations, Where::company("trader-1"), Default::default()),
        ];
        let known = Access::of(vec![(Hash::of("anna"), Actor::person("P1", "Anna", grants))]);
        let console = Console::knowing(&morning.scene, known).await;
        let version = morning.card().await["version"].to_string();
        let path = format!("/cards/{}", morning.id().await);
        let page = console.get("anna", &path).await.page();
        assert!(page.contains("Acknowledge") && page.contains("Save for all"), "{page}");
        let done = console
            .post("anna", &format!("{path}/acknowledge"), &[("version", &version)])
            .await;
        assert_eq!(done.leads_to(), format!("{path}?done=acknowledged"));
        let cards = morning.api.get(ALL, "/cards?company=trader-2").await.ok();
        let (other, version) = (
            cards["cards"][0]["id"].as_str().expect("an id"),
            cards["cards"][0]["version"].to_string(),
        );
        let page = console.get("anna", &format!("/cards/{other}")).await.page();
        assert!(!page.contains("Acknowledge") && !page.contains("Save for all"), "{page}");
        let refused = console
            .post("anna", &format!("/cards/{other}/acknowledge"), &[("version", &version)])
            .await;
        refused.with(403);
    });
}

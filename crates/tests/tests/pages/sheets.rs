//! Lists as sheets: each with the filters of its page, and no more in it than the page shows.

use std::collections::BTreeSet;

use http::header;
use serde_json::json;
use tallyman_core::access::Level;
use tallyman_tests::morning::{ALL, FIRST, READER, morning};
use tallyman_tests::scene::play;

use super::people::house;
use super::visitor::{Console, links};

/// The lists that the API says there are.
fn described() -> BTreeSet<String> {
    let document = serde_json::to_value(tallyman_web::api::document()).expect("a document");
    let list = &document["paths"]["/sheets/{list}"]["get"]["parameters"][0]["schema"]["enum"];
    let names = list.as_array().expect("the lists").iter();
    names.map(|name| name.as_str().expect("a name").to_owned()).collect()
}

#[test]
fn whoever_has_tokens_has_them_as_a_sheet() {
    play(async {
        let morning = morning().await;
        let house = house(&morning, &[("Maya Lindqvist", Level::Integrator)]).await;
        let wish = json!({"name": "price-sheet", "rights": ["read"], "days": 1});
        house.api.post("maya", "/tokens", wish).await.ok();
        let page = house.console.get("maya", "/settings/tokens").await.page();
        assert!(links(&page).iter().any(|link| link.starts_with("/sheets/tokens")), "{page}");
        let sheet = house.console.get("maya", "/sheets/tokens?format=csv").await.text;
        assert!(sheet.lines().count() == 2 && sheet.contains("price-sheet"), "{sheet}");
    });
}

#[test]
fn an_order_is_looked_up_in_a_sheet_by_whoever_may_follow_it() {
    play(async {
        let morning = morning().await;
        let people = [("Vic Hale", Level::Viewer), ("Cleo Marsh", Level::CustomerService)];
        let house = house(&morning, &people).await;
        let order = morning.orders.first().expect("an order");
        let sheet = format!("/sheets/orders?company=trader-1&number={order}&format=csv");
        house.console.get("vic", &sheet).await.with(403);
        let found = house.console.get("cleo", &sheet).await.text;
        assert!(found.lines().count() == 2 && found.contains(order.as_str()), "{found}");
    });
}

#[test]
fn every_list_comes_as_a_sheet_with_its_filters() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let card = morning.id().await;
        // These are asked for by those who have them.
        let mut asked = BTreeSet::from(["journal", "people", "tokens"].map(str::to_owned));
        for (list, rows) in [
            ("cards?company=trader-1", 1),
            (&*format!("card_records?card={card}"), morning.orders.len()),
            ("outcomes?", 0),
            ("tally?company=trader-1", 2),
            ("tally_records?company=trader-1&kind=order", 12),
            ("connections?company=trader-1", 3),
            ("holds?", 0),
            ("orders?company=trader-1", 12),
            (
                &*format!("orders?company=trader-1&number={}", morning.orders.first().expect("an order")),
                1,
            ),
            ("work?company=trader-1", 1),
            ("proposals?all=true", 0),
            ("deputies?", 0),
            ("retries?", 0),
            ("mappings?company=trader-1&table=sku&words=NO-SUCH", 1),
        ] {
            asked.extend(list.split('?').next().map(str::to_owned));
            let sheet = console.get(ALL, &format!("/sheets/{list}&format=csv")).await;
            assert_eq!(sheet.status, 200, "{list}: {}", sheet.text);
            assert_eq!(sheet.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
            assert!(
                sheet.headers[header::CONTENT_DISPOSITION]
                    .to_str()
                    .is_ok_and(|name| name.starts_with("attachment"))
            );
            assert_eq!(sheet.text.lines().count(), rows + 1, "{list}: {}", sheet.text);
            let book = console.get(ALL, &format!("/sheets/{list}&format=xlsx")).await;
            assert!(book.status == 200 && book.text.starts_with("PK"), "{list}");
        }
        assert_eq!(asked, described(), "ask for each sheet");
        // Each page has the way to its sheet, with the filters that are set.
        for (page, sheet) in [
            ("/cards?team=operations", "/sheets/cards?team=operations"),
            ("/work", "/sheets/work"),
            ("/orders?company=trader-1", "/sheets/orders?company=trader-1"),
            ("/proposals?all=true", "/sheets/proposals?all=true"),
            ("/journal?kind=order", "/sheets/journal?kind=order"),
            ("/mappings?table=sku", "/sheets/mappings?table=sku"),
            ("/connections", "/sheets/connections"),
            ("/tally?company=trader-1", "/sheets/tally?company=trader-1"),
        ] {
            let found = links(&console.get(ALL, page).await.page());
            assert!(found.iter().any(|link| link.starts_with(sheet)), "{page}: {found:?}");
        }
        let shown = console.get(ALL, &format!("/sheets/card_records?card={card}")).await.text;
        let bare = console.get(READER, &format!("/sheets/card_records?card={card}")).await.text;
        assert!(
            shown.contains("which the ledger does not have") && !bare.contains("which the ledger does not have"),
            "{shown}{bare}"
        );
        for (who, path, status) in [
            (ALL, "/sheets/cards?tema=finance", 400),
            (ALL, "/sheets/cards?format=pdf", 400),
            (ALL, "/sheets/kitchen", 400),
            (FIRST, "/sheets/journal?company=trader-2", 404),
            (READER, "/sheets/people", 403),
        ] {
            let answer = console.get(who, path).await;
            assert_eq!(answer.status, status, "{path}: {}", answer.text);
        }
        let own = console.get(FIRST, "/sheets/cards").await.text;
        assert!(own.contains("trader-1") && !own.contains("trader-2"), "{own}");
    });
}

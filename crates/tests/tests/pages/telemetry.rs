//! What monitoring reads: for whom, how old it may be, and that nothing of it names a customer.

use axum::body::Body;
use http::{Request, header};
use tallyman_tests::morning::{ALL, FIRST, READER, morning};
use tallyman_tests::scene::play;

use super::visitor::{Answer, Console};

async fn asked(console: &Console, path: &str, token: Option<&str>) -> Answer {
    let mut request = Request::get(path);
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    console.call(request.body(Body::empty()).expect("a request")).await
}

#[test]
fn figures_are_for_whoever_may_read_and_of_their_companies() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        assert_eq!(asked(&console, "/metrics", None).await.status.as_u16(), 401);
        assert_eq!(asked(&console, "/health/business", Some("nobody")).await.status.as_u16(), 401);
        let all = asked(&console, "/metrics", Some(READER)).await;
        assert_eq!(all.status.as_u16(), 200, "{}", all.text);
        assert!(
            all.headers[header::CONTENT_TYPE]
                .to_str()
                .is_ok_and(|kind| kind.starts_with("application/openmetrics-text")),
        );
        let stopped = morning.orders.len();
        for line in [
            r#"tallyman_open_cards{company="trader-1",code="sku_unknown",team="operations"} 1"#.to_owned(),
            format!(r#"tallyman_stopped_records{{company="trader-1",code="sku_unknown",team="operations"}} {stopped}"#),
            r#"tallyman_due_today{company="trader-2""#.to_owned(),
            r#"tallyman_posted_today{company="trader-1",source="virtualstock-1",kind="order"}"#.to_owned(),
            r#"tallyman_feed_age_seconds{feed="orders of virtualstock-1"}"#.to_owned(),
            "# EOF".to_owned(),
        ] {
            assert!(all.text.contains(&line), "{line}: {}", all.text);
        }
        let first = asked(&console, "/metrics", Some(FIRST)).await.text;
        assert!(
            first.contains("trader-1") && !first.contains("trader-2") && !first.contains("-2\""),
            "{first}"
        );

        let business = asked(&console, "/health/business", Some(FIRST)).await;
        let business: serde_json::Value = serde_json::from_str(&business.text).expect("JSON");
        let orders = &business["sources"][0];
        assert_eq!((&orders["company"], &orders["kind"]), (&"trader-1".into(), &"order".into()));
        let sum = orders["posted"].as_u64().expect("posted") + orders["open"].as_u64().expect("open");
        assert_eq!(orders["due"], sum, "{business}");
        assert_eq!(business["sources"].as_array().map(Vec::len), Some(2));

        for (path, said) in [("/health/live", "live"), ("/health/ready", "ready")] {
            let answer = asked(&console, path, None).await;
            assert_eq!(answer.status.as_u16(), 200, "{path}");
            assert!(answer.text.contains(said), "{}", answer.text);
        }
    });
}

#[test]
fn no_figure_names_a_customer() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let told =
            asked(&console, "/metrics", Some(READER)).await.text + &asked(&console, "/health/business", Some(READER)).await.text;
        let books = morning.scene.twin.books();
        let mut looked_for = 0;
        for order in books.virtualstock.books.orders.values() {
            let address = &order.address;
            let words = [
                &address.full_name,
                &address.line_1,
                &address.postal_code,
                &address.phone,
                &order.order_reference,
            ];
            for word in words.into_iter().chain(&address.email).filter(|word| word.len() > 3) {
                looked_for += 1;
                assert!(!told.contains(word.as_str()), "{word} stands in {told}");
            }
        }
        assert!(looked_for > 50, "{looked_for} words are not enough to say anything");
    });
}

#[test]
fn whoever_searches_faster_than_anybody_reads_is_told_to_wait() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        for _ in 0..20 {
            console.get(FIRST, "/orders?q=nothing-like-it").await.page();
        }
        let refused = console.get(FIRST, "/orders?q=nothing-like-it").await.with(429);
        assert!(refused.contains("Too many at a time"), "{refused}");
        console.get(ALL, "/orders?q=nothing-like-it").await.page();
        // Looking at the page without a question is no search.
        console.get(FIRST, "/orders").await.page();
    });
}

/// Of whatever list, from pages and from the API alike: what is not taken yet is under way.
#[test]
fn two_sheets_of_a_person_are_under_way_at_most() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let begins = async |path: &str| {
            let request = Request::get(path).header(header::COOKIE, format!("tallyman={FIRST}"));
            console.answer(request.body(Body::empty()).expect("a request")).await
        };
        let under_way = [begins("/sheets/cards").await, begins("/mappings/export").await];
        for answer in &under_way {
            assert_eq!(answer.status().as_u16(), 200, "{answer:?}");
        }
        let refused = console.get(FIRST, "/sheets/holds").await.with(429);
        assert!(refused.contains("Two exports of yours are under way"), "{refused}");
        for path in ["/api/v1/sheets/cards", "/api/v1/mappings/export"] {
            assert_eq!(asked(&console, path, Some(FIRST)).await.status.as_u16(), 429, "{path}");
            assert_eq!(asked(&console, path, Some(READER)).await.status.as_u16(), 200, "{path}");
        }
        drop(under_way);
        let sheet = asked(&console, "/api/v1/sheets/cards", Some(FIRST)).await;
        assert!(sheet.text.contains("card,company,"), "{}", sheet.text);
    });
}

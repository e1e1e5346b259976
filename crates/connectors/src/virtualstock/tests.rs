//! What is read from their orders, and what each action and its probe make of each answer.

use proptest::prelude::*;
use tallyman_core::document::LineState;
use tallyman_core::effect::state::{Doubt, Obstacle};
use tallyman_core::effect::{Confirmation, LineKey, Probe, Receipt, Verdict};
use tallyman_core::finding::Code;
use tallyman_core::ident::{Company, Connection};
use tallyman_core::money::Money;
use tallyman_core::quantity::Quantity;
use tallyman_core::role::{Channel, Connector, ReadError, Session};
use tallyman_core::seam::{Lost, Refusal, Reply};
use tallyman_core::time::{Timestamp, Zone};

use super::Virtualstock;
use crate::testing::Script;

fn account() -> Virtualstock {
    Virtualstock::new(Connection::new("vs"), Company::new("north"), "user", "pass")
}

fn order(id: u32, status: &str) -> String {
    serde_json::json!({
        "url": format!("https://elsewhere.example/restapi/v4/orders/{id}/"),
        "retailer": "https://elsewhere.example/restapi/v4/customers/300/",
        "retailer_data": {"uuid": "u", "name": "Lamp Hall"},
        "order_reference": format!("W-{id}"),
        "order_date": "2026-07-01T12:30:00",
        "test_flag": false,
        "currency_code": "GBP",
        "subtotal": "60.00", "tax": "12.00", "total": "72.00",
        "delivery_service_code": "express",
        "shipping_address": {"full_name": "Ida Byrne", "line_1": "14 Mill Row", "line_2": "", "city": "Leeds", "state": null,
            "postal_code": "LS1 4AB", "country": "United Kingdom", "phone": 7000000000u64, "email": null},
        "items": [
            {"part_number": "8123", "supplier_sku_reference": "LAMP-1", "line_reference": "01", "quantity": 2, "status": status,
             "unit_cost_price": "20.00", "subtotal": "40.00", "tax": "8.00", "tax_rate": "20.00",
             "promised_date": "2026-07-08T00:00:00"},
            {"part_number": "8124", "supplier_sku_reference": null, "line_reference": "2", "quantity": "1", "status": status,
             "unit_cost_price": 20.00, "subtotal": null, "tax": null, "tax_rate": null, "promised_date": null, "brand_new": [1]}],
    })
    .to_string()
}

fn page(next: bool, rows: &[String]) -> String {
    let next = if next {
        "\"https://elsewhere.example/?offset=1\""
    } else {
        "null"
    };
    format!(
        r#"{{"count": 1, "next": {next}, "previous": null, "results": [{}]}}"#,
        rows.join(", ")
    )
}

fn lines() -> Vec<LineKey> {
    let key = |line: &str, part: &str, quantity| LineKey {
        line: tallyman_core::document::LineRef(line.into()),
        part_number: part.into(),
        quantity: Quantity::whole(quantity),
    };
    vec![key("01", "8123", 2), key("2", "8124", 1)]
}

fn confirmation() -> Confirmation {
    Confirmation {
        source_key: "77".into(),
        shipment: "900".into(),
        carrier: "dpd".into(),
        tracking: "155".into(),
        tracking_url: None,
        shipped_at: Timestamp::parse_rfc3339("2026-07-02T23:30:00Z").unwrap(),
        lines: lines(),
    }
}

#[test]
fn an_order_is_read_in_our_words() {
    let account = account().in_zone(Zone::named("Europe/London").unwrap());
    let order = account.read_order(order(77, "ORDER").as_bytes()).unwrap();
    assert_eq!(
        (order.source_key.as_str(), order.reference.as_str(), order.retailer.as_str()),
        ("77", "W-77", "Lamp Hall")
    );
    // Half past twelve on a summer's day in London.
    assert_eq!(order.ordered_at.to_rfc3339(), "2026-07-01T11:30:00Z");
    assert_eq!(order.address.country.as_str(), "GB");
    assert_eq!(
        (order.address.line_2, order.address.phone.as_deref()),
        (None, Some("7000000000"))
    );
    assert_eq!(order.net, Some(Money::from_minor(6000)));
    let [first, second] = order.lines.as_slice() else {
        panic!("two lines")
    };
    assert_eq!(
        (first.line.0.as_str(), first.sku.as_str(), first.part_number.as_str()),
        ("01", "LAMP-1", "8123")
    );
    assert_eq!(
        (second.sku.as_str(), second.quantity, second.unit_price),
        ("8124", Quantity::whole(1), Money::from_minor(2000))
    );
    assert_eq!((&first.state, second.net, second.promised), (&LineState::New, None, None));
}

#[test]
fn an_unreadable_order_names_record_field_and_problem_and_no_person() {
    let account = account();
    let refused = |from: &str, to: &str| {
        account
            .read_order(order(77, "ORDER").replace(from, to).as_bytes())
            .unwrap_err()
    };
    let error = refused("\"unit_cost_price\":\"20.00\"", "\"unit_cost_price\":null");
    assert_eq!(
        error.to_string(),
        "order 77 (W-77): field items[0].unit_cost_price: it is missing"
    );
    let error = refused("\"quantity\":2", "\"quantity\":0");
    assert_eq!(error.field, "items[0].quantity");
    let error = refused("\"line_reference\":\"2\"", "\"line_reference\":\"01\"");
    assert_eq!(error.problem, "line 01 is there twice");
    let error = refused("United Kingdom", "Ruritania");
    assert_eq!(error.field, "shipping_address.country");
    let error = refused("\"W-77\"", "\"\"");
    assert_eq!(error.to_string(), "order 77: field order_reference: it is missing");
    let address = r#"{"url": "x/orders/77/", "items": [], "shipping_address": "14 Mill Row"}"#;
    assert!(
        !account
            .read_order(address.as_bytes())
            .unwrap_err()
            .to_string()
            .contains("Mill")
    );
}

#[tokio::test]
async fn all_pages_are_read_and_what_has_moved_on_is_left() {
    let io = Script::default()
        .reply(
            "GET /restapi/v4/orders/?status=ORDER&limit=100&offset=0",
            200,
            page(true, &[order(1, "ORDER"), order(2, "ORDER_ACK")]),
        )
        .reply(
            "GET /restapi/v4/orders/?status=ORDER&limit=100&offset=2",
            200,
            page(false, &[order(1, "ORDER"), order(3, "ORDER"), "{\"items\": 5}".into()]),
        );
    let received = account().new_orders(&io).await.unwrap();
    assert_eq!(
        received.iter().map(|row| row.key.as_str()).take(2).collect::<Vec<_>>(),
        ["1", "3"]
    );
    assert_eq!(&received[0].body[..], order(1, "ORDER").as_bytes());
    assert_eq!(account().read_order(&received[0].body).as_ref(), received[0].reading.as_ref());
    let lost = &received[2];
    assert!(lost.key.starts_with("unreadable-") && lost.reading.is_err());
    assert_eq!(received.len(), 3);
    assert_eq!(received.iter().map(|row| row.shown).collect::<Vec<_>>(), [2, 1, 1]);
}

#[tokio::test]
async fn keys_are_listed_by_retailer_and_status() {
    let customers =
        |next: &str, id: &str| format!(r#"{{"next": {next}, "results": [{{"url": "x", "id": {id}, "name": "Lamp Hall"}}]}}"#);
    let list = |retailer: u32, status: &str, offset: u32| {
        format!("GET /restapi/v4/orders/?status={status}&retailer_id={retailer}&limit=100&offset={offset}")
    };
    let mut io = Script::default()
        .reply(
            "GET /restapi/v4/customers/?limit=100&offset=0",
            200,
            customers("\"more\"", "300"),
        )
        .reply(
            "GET /restapi/v4/customers/?limit=100&offset=100",
            200,
            customers("null", "\"301\""),
        )
        .reply(&list(300, "ORDER", 0), 200, page(true, &[order(1, "ORDER")]))
        .reply(&list(300, "ORDER", 1), 200, page(false, &[order(2, "ORDER")]))
        // Acknowledged between the two questions.
        .reply(
            &list(300, "ORDER_ACK", 0),
            200,
            page(false, &[order(1, "ORDER_ACK"), "{}".into()]),
        );
    for (retailer, status) in [
        (300, "BACKORDER"),
        (300, "CANCEL"),
        (301, "ORDER"),
        (301, "ORDER_ACK"),
        (301, "BACKORDER"),
    ] {
        io = io.reply(&list(retailer, status, 0), 200, page(false, &[]));
    }
    io = io.reply(&list(301, "CANCEL", 0), 200, page(false, &[order(9, "CANCEL")]));
    let account = account().in_zone(Zone::named("Europe/London").unwrap());
    let listed = account.order_keys(&io, Timestamp::ZERO).await.unwrap();
    let keys: Vec<&str> = listed.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(&keys[..3], ["1", "2", "9"]);
    assert!(keys[3].starts_with("unreadable-") && keys.len() == 4, "{keys:?}");
    assert_eq!(listed[0].made_at.unwrap().to_rfc3339(), "2026-07-01T11:30:00Z");
    assert_eq!((listed[3].made_at, &listed[0].release), (None, &None));
}

#[tokio::test]
async fn an_order_is_had_by_its_key_as_the_queue_would_show_it() {
    let path = "GET /restapi/v4/orders/77/";
    let io = Script::default().reply(path, 200, order(77, "ORDER"));
    let one = account().order(&io, "77").await.unwrap().unwrap();
    assert_eq!((one.key.as_str(), one.shown), ("77", 1));
    assert_eq!(one.reading.unwrap().source_key, "77");
    let io = Script::default().reply(path, 404, r#"{"detail": "Not found."}"#);
    assert!(account().order(&io, "77").await.unwrap().is_none());
    let io = Script::default().reply(path, 403, "no");
    assert!(matches!(
        account().order(&io, "77").await,
        Err(ReadError::Refused(Refusal { status: 403, .. }))
    ));
}

#[tokio::test]
async fn a_limit_says_how_long_it_lasts() {
    let throttled = r#"{"detail": "Request was throttled. Expected available in 17.0 seconds."}"#;
    let io = Script::default().reply("GET /restapi/v4/orders/", 429, throttled);
    let Err(ReadError::Throttled { retry_after }) = account().new_orders(&io).await else {
        panic!("throttled")
    };
    assert_eq!(retry_after.map(|pause| pause.as_secs()), Some(18));
}

#[tokio::test]
async fn an_acknowledgement_echoes_the_lines_and_believes_no_refusal() {
    let path = "POST /restapi/v4/orders/77/acknowledge/";
    let io = Script::default().reply(path, 200, "whatever");
    assert_eq!(
        account().acknowledge(&io, "77", &lines()).await,
        Verdict::Done(Receipt::Acknowledged)
    );
    let sent = serde_json::json!({"items": [
        {"part_number": "8123", "line_ref": "01", "quantity": 2}, {"part_number": "8124", "line_ref": "2", "quantity": 1}]});
    assert_eq!(io.sent().to_string(), sent.to_string());

    let verdict = async |status, body: &str| {
        let io = Script::default().reply(path, status, body);
        account().acknowledge(&io, "77", &lines()).await
    };
    let invalid = verdict(400, "Validation error: no").await;
    assert!(matches!(invalid, Verdict::Unknown(Doubt::NotAtomic(words)) if words.contains("Validation")));
    assert!(matches!(verdict(500, "").await, Verdict::Unknown(Doubt::Unreadable(_))));
    assert!(
        matches!(verdict(404, r#"{"detail": "Not found."}"#).await, Verdict::Refused(finding) if finding.code == Code::Refused)
    );
    assert!(matches!(
        verdict(401, "{}").await,
        Verdict::NotDone {
            obstacle: Obstacle::SignedOut(Some(401)),
            ..
        }
    ));
    assert!(matches!(
        verdict(429, "").await,
        Verdict::NotDone {
            obstacle: Obstacle::Throttled,
            ..
        }
    ));
    let io = Script::default().lose(path, Lost::NoAnswer("timed out".into()));
    assert!(matches!(
        account().acknowledge(&io, "77", &lines()).await,
        Verdict::Unknown(Doubt::NoAnswer(_))
    ));
}

#[tokio::test]
async fn lines_say_whether_an_action_has_landed() {
    // Status of both lines; what an acknowledgement and a confirmation then are: landed, absent or unclear.
    let table = [
        ("ORDER", "ORDER", 'a', 'u'),
        ("ORDER_ACK", "BACKORDER", 'l', 'a'),
        ("ORDER_ACK", "ORDER", 'u', 'u'),
        ("ORDER_ACK", "DISPATCH", 'l', 'u'),
        ("DISPATCH", "DISPATCH", 'l', 'l'),
        ("DISPATCH", "RMA", 'l', 'l'),
        ("CANCEL", "ORDER_ACK", 'u', 'u'),
        ("CANCEL_ACK", "CANCEL_ACK", 'u', 'u'),
        ("SOMETHING_NEW", "ORDER", 'u', 'u'),
    ];
    let short = |probe: &Probe| match probe {
        Probe::Landed(_) => 'l',
        Probe::Absent(None) => 'a',
        Probe::Unclear(finding) if [Code::StatusUnexpected, Code::ShippedAfterCancellation].contains(&finding.code) => 'u',
        other => panic!("{other:?}"),
    };
    for (first, second, acknowledged, confirmed) in table {
        let body = order(77, first).replacen(&format!("\"status\":\"{first}\""), "\"status\":\"?\"", 1);
        let body = body
            .replace(&format!("\"status\":\"{first}\""), &format!("\"status\":\"{second}\""))
            .replace("\"?\"", &format!("\"{first}\""));
        let io = || Script::default().reply("GET /restapi/v4/orders/77/", 200, body.as_str());
        assert_eq!(
            short(&account().acknowledged(&io(), "77", &lines()).await),
            acknowledged,
            "{first} {second}"
        );
        assert_eq!(
            short(&account().confirmed(&io(), &confirmation()).await),
            confirmed,
            "{first} {second}"
        );
    }
    let io = Script::default().reply("GET /restapi/v4/orders/77/", 404, "");
    assert!(matches!(account().confirmed(&io, &confirmation()).await, Probe::Unclear(_)));
    let io = Script::default().reply("GET /restapi/v4/orders/77/", 502, "");
    assert!(matches!(
        account().confirmed(&io, &confirmation()).await,
        Probe::NotAsked {
            obstacle: Obstacle::Read,
            ..
        }
    ));
    let io = Script::default().reply("GET /restapi/v4/orders/77/", 200, r#"{"items": []}"#);
    assert!(matches!(account().acknowledged(&io, "77", &lines()).await, Probe::Unclear(_)));
}

#[tokio::test]
async fn a_dispatch_is_dated_by_the_local_calendar() {
    let io = Script::default().reply("POST /restapi/v4/orders/77/dispatch/", 201, "");
    let account = account().in_zone(Zone::named("Europe/London").unwrap());
    assert_eq!(account.confirm(&io, &confirmation()).await, Verdict::Done(Receipt::Confirmed));
    let first = &io.sent()["items"][0];
    let expected = serde_json::json!({"part_number": "8123", "line_ref": "01", "quantity": 2,
        "supplier_dispatch_date": "2026-07-03",
        "carrier": "dpd", "tracking_number": "155"});
    assert_eq!(first.to_string(), expected.to_string());
}

#[test]
fn a_session_is_refreshed_and_then_begun_again() {
    let account = account().at("https://stand-in.example");
    let now = Timestamp::ZERO;
    let reply = |status, body: &str| Reply {
        status,
        headers: vec![],
        body: body.to_owned().into(),
    };
    let login = account.sign_in(None).unwrap();
    assert_eq!(login.url, "https://stand-in.example/restapi/v4/token");
    assert_eq!(login.body.unwrap(), r#"{"username":"user","password":"pass"}"#);
    let session = account
        .signed_in(None, &reply(200, r#"{"refresh": "r1", "access": "a1"}"#), now)
        .unwrap();
    assert_eq!(account.headers(&session)[0], ("authorization", "Bearer a1".into()));
    assert_eq!(session.expires_at.unwrap().since(now).as_secs(), 270);
    let refresh = account.sign_in(Some(&session)).unwrap();
    assert_eq!(
        (refresh.url.as_str(), refresh.body.unwrap()),
        (
            "https://stand-in.example/restapi/v4/token/refresh",
            r#"{"refresh":"r1"}"#.into()
        )
    );
    let next = account
        .signed_in(Some(&session), &reply(200, r#"{"access": "a2"}"#), now)
        .unwrap();
    assert_eq!((next.access.as_str(), next.refresh.as_deref()), ("a2", Some("r1")));
    let stale = reply(401, r#"{"detail": "Token is invalid or expired", "code": "token_not_valid"}"#);
    assert_eq!(
        account.signed_in(Some(&session), &stale, now),
        Err("Virtualstock answered 401: Token is invalid or expired".into())
    );
    assert_eq!(
        account.sign_in(Some(&Session::default())).unwrap().url,
        "https://stand-in.example/restapi/v4/token"
    );
}

/// One character of an order changed, anywhere.
fn bent() -> impl Strategy<Value = Vec<u8>> {
    let whole = order(77, "ORDER").into_bytes();
    (0..whole.len(), any::<u8>()).prop_map(move |(at, byte)| {
        let mut bent = whole.clone();
        bent[at] = byte;
        bent
    })
}

proptest! {
    #[test]
    fn noise_is_refused_without_a_panic(noise in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(account().read_order(&noise).is_err());
    }

    #[test]
    fn a_bent_order_is_read_or_refused(bent in bent()) {
        let _ = account().read_order(&bent);
        let _ = super::map::glance(&bent);
    }
}

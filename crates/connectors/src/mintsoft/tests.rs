//! What is read from their orders, and what a release and its probe make of each answer.

use proptest::prelude::*;
use serde_json::{Value, json};
use tallyman_core::address::{Address, Country};
use tallyman_core::cause::Cause;
use tallyman_core::effect::state::{Doubt, Obstacle};
use tallyman_core::effect::{Probe, Receipt, Release, ReleasedItem, Verdict};
use tallyman_core::finding::Code;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::{Company, Connection};
use tallyman_core::money::Currency;
use tallyman_core::quantity::Quantity;
use tallyman_core::role::{ReadError, Warehouse};
use tallyman_core::seam::{Lost, Refusal};
use tallyman_core::sku::Sku;
use tallyman_core::time::{Timestamp, Zone};

use super::Mintsoft;
use crate::testing::Script;

const NUMBER: &str = "0000081234";
const SEARCH: &str = "GET /api/Order/Search?OrderNumber=0000081234";

fn site() -> Mintsoft {
    Mintsoft::new(Connection::new("ms"), Company::new("north"), "key", None)
}

fn tag() -> Fingerprint {
    Fingerprint::derive("north", "vs/77", "release")
}

fn release() -> Release {
    let item = |sku, units| ReleasedItem {
        sku: Sku::parse(sku).unwrap(),
        units,
    };
    Release {
        service_id: 12,
        warehouse_id: 3,
        address: Address {
            name: "Ida Byrne".into(),
            company: None,
            line_1: "14 Mill Row".into(),
            line_2: None,
            line_3: None,
            line_4: None,
            city: Some("Leeds".into()),
            county: None,
            postcode: Some("LS1 4AB".into()),
            country: Country::GB,
            phone: None,
            email: None,
            contact: None,
        },
        currency: Currency::GBP,
        items: vec![item("TEE-M", 2), item("TEE-L", 1)],
    }
}

fn row(id: i64, items: &[(&str, i64)]) -> Value {
    let items: Vec<_> = items
        .iter()
        .map(|(sku, quantity)| json!({"ID": 1, "SKU": sku, "Quantity": quantity, "Commited": quantity}))
        .collect();
    json!({
        "ID": id, "OrderNumber": NUMBER, "ExternalOrderReference": tag().as_str(), "OrderStatusId": 4, "ClientId": 5,
        "DespatchDate": "2026-09-24T11:20:22.7476691", "CourierServiceName": "Next day", "TrackingNumber": "JD1",
        "TrackingURL": "",
        "Part": 1, "NumberOfParts": 1, "LastUpdated": "2026-09-24T11:20:23", "OrderItems": items,
    })
}

#[tokio::test]
async fn a_release_is_an_order_under_our_number_with_our_tag() {
    let reply = r#"[{"OrderId": 900123, "OrderNumber": "0000081234", "Success": true, "OrderStatusId": 1, "Message": null}]"#;
    let io = Script::default().reply("PUT /api/Order", 200, reply);
    assert_eq!(
        site().release(&io, &tag(), NUMBER, &release()).await,
        Verdict::Done(Receipt::Release { id: 900123 })
    );
    let expected = json!({
        "OrderNumber": NUMBER, "ExternalOrderReference": tag().as_str(), "FirstName": "Ida", "LastName": "Byrne",
        "CompanyName": "",
        "Address1": "14 Mill Row", "Address2": "", "Address3": "", "Town": "Leeds", "County": "", "PostCode": "LS1 4AB",
        "Country": "GB",
        "Email": "", "Phone": "", "WarehouseId": 3, "CourierServiceId": 12, "Currency": "GBP",
        "OrderItems": [{"SKU": "TEE-M", "Quantity": 2}, {"SKU": "TEE-L", "Quantity": 1}],
    });
    assert_eq!(io.sent(), expected);
}

#[tokio::test]
async fn a_refusal_is_asked_about_before_it_is_believed() {
    let verdict = async |status, body: &str| {
        let io = Script::default().reply("PUT /api/Order", status, body);
        site().release(&io, &tag(), NUMBER, &release()).await
    };
    let single = r#"{"OrderId": 7, "Success": true}"#;
    assert_eq!(verdict(200, single).await, Verdict::Done(Receipt::Release { id: 7 }));
    let exists = r#"[{"OrderId": 0, "Success": false, "Message": "Order already exists"}]"#;
    assert!(matches!(verdict(200, exists).await, Verdict::Unknown(Doubt::NotAtomic(_))));
    let courier = r#"[{"OrderId": 0, "Success": false, "Message": "CourierService not found."}]"#;
    let Verdict::Unknown(Doubt::Refused(finding)) = verdict(200, courier).await else {
        panic!("refused")
    };
    assert!(
        finding.code == Code::Refused && matches!(finding.cause, Cause::Refusal { status: 200, .. }),
        "{finding:?}"
    );
    assert!(finding.sentence.contains("CourierService not found"), "{finding:?}");
    assert!(matches!(
        verdict(200, "<html>1015</html>").await,
        Verdict::Unknown(Doubt::Unreadable(_))
    ));
    assert!(matches!(verdict(200, "[]").await, Verdict::Unknown(Doubt::Unreadable(_))));
    assert!(matches!(
        verdict(200, r#"[{"OrderId": 0, "Success": true}]"#).await,
        Verdict::Unknown(Doubt::Unreadable(_))
    ));
    // The words for a number that is in use are nobody's list, and an order may be there after a 400.
    let unique = r#"[{"OrderId": 0, "Success": false, "Message": "Duplicate value for a unique field"}]"#;
    assert!(matches!(verdict(200, unique).await, Verdict::Unknown(Doubt::Refused(_))));
    assert!(matches!(verdict(400, "{}").await, Verdict::Unknown(Doubt::Refused(_))));
    assert!(matches!(verdict(405, "").await, Verdict::Refused(_)));
    assert!(matches!(verdict(409, "").await, Verdict::Unknown(Doubt::NotAtomic(_))));
    assert!(matches!(verdict(503, "").await, Verdict::Unknown(Doubt::Unreadable(_))));
    assert!(matches!(
        verdict(401, "").await,
        Verdict::NotDone {
            obstacle: Obstacle::SignedOut(Some(401)),
            ..
        }
    ));
    let Verdict::NotDone {
        obstacle: Obstacle::Throttled,
        retry_after,
        ..
    } = verdict(429, "<html>").await
    else {
        panic!("throttled")
    };
    assert_eq!(retry_after.map(|pause| pause.as_secs()), Some(5));
    let io = Script::default().lose("PUT /api/Order", Lost::NotConnected("refused".into()));
    assert!(matches!(
        site().release(&io, &tag(), NUMBER, &release()).await,
        Verdict::NotDone {
            obstacle: Obstacle::Down,
            ..
        }
    ));
    let io = Script::default().lose("PUT /api/Order", Lost::TooLarge { limit_bytes: 1 });
    assert!(matches!(
        site().release(&io, &tag(), NUMBER, &release()).await,
        Verdict::Unknown(Doubt::NoAnswer(_))
    ));
}

#[tokio::test]
async fn an_address_that_does_not_fit_is_not_sent() {
    let mut release = release();
    release.address.line_1 = "x".repeat(101);
    let verdict = site().release(&Script::default(), &tag(), NUMBER, &release).await;
    assert!(
        matches!(verdict, Verdict::Refused(finding) if finding.code == Code::AddressTooLong && !finding.sentence.contains("xx"))
    );
}

async fn asked(site: &Mintsoft, rows: &[Value]) -> Probe {
    let io = Script::default().reply(SEARCH, 200, Value::from(rows).to_string());
    site.released(&io, &tag(), NUMBER, &release()).await
}

fn with(mut row: Value, changes: &[(&str, Value)]) -> Value {
    for (field, value) in changes {
        row[*field] = value.clone();
    }
    row
}

#[tokio::test]
async fn an_order_is_ours_by_number_tag_and_items() {
    let whole = || row(11, &[("TEE-L", 1), ("tee-m", 2)]);
    let landed = Probe::Landed(Receipt::Release { id: 11 });
    assert_eq!(asked(&site(), &[]).await, Probe::Absent(None));
    assert_eq!(asked(&site(), &[whole()]).await, landed);
    // The same row twice is one order.
    assert_eq!(asked(&site(), &[whole(), whole()]).await, landed);
    let lower = with(whole(), &[("ExternalOrderReference", json!(tag().as_str().to_lowercase()))]);
    assert_eq!(asked(&site(), &[lower]).await, landed);
    // Searches are not always exact.
    let longer = with(whole(), &[("OrderNumber", json!("00000812345"))]);
    assert_eq!(asked(&site(), &[longer]).await, Probe::Absent(None));
    // Parts of one order make it up together.
    let part = |id, items: &[(&str, i64)]| with(row(id, items), &[("NumberOfParts", json!(2))]);
    assert_eq!(
        asked(&site(), &[part(12, &[("TEE-M", 1), ("TEE-L", 1)]), part(11, &[("TEE-M", 1)])]).await,
        landed
    );
    let single = row(11, &[("TEE-M", 1), ("TEE-L", 1)]);
    let twice = read_again(&[single.clone(), row(12, &[("TEE-M", 1)])], single, None).await;
    let other_tag = asked(&site(), &[with(whole(), &[("ExternalOrderReference", json!("SO-1"))])]).await;
    let other_items = read_again(&[row(11, &[("TEE-M", 2)])], row(11, &[("TEE-M", 2)]), None).await;
    let merged = asked(&site(), &[with(whole(), &[("OrderNumber", json!("0000081234+0000081235"))])]).await;
    for probe in [twice, other_tag, other_items, merged] {
        assert!(
            matches!(&probe, Probe::Unclear(finding) if finding.code == Code::ReferenceTaken),
            "{probe:?}"
        );
    }
    // Another merchant's order with the same number is none of ours.
    let site = Mintsoft {
        client_id: Some(6),
        ..site()
    };
    assert_eq!(asked(&site, &[whole()]).await, Probe::Absent(None));
}

/// A search whose rows do not match is followed by a look at the order itself, and at its parts.
async fn read_again(listed: &[Value], current: Value, parts: Option<&[Value]>) -> Probe {
    let mut io = Script::default().reply(SEARCH, 200, Value::from(listed).to_string()).reply(
        "GET /api/Order/11",
        200,
        current.to_string(),
    );
    if let Some(parts) = parts {
        io = io.reply("GET /api/Order/11/Splits", 200, Value::from(parts).to_string());
    }
    site().released(&io, &tag(), NUMBER, &release()).await
}

#[tokio::test]
async fn a_list_that_lags_behind_a_split_is_not_believed() {
    let part = |id, items: &[(&str, i64)]| with(row(id, items), &[("NumberOfParts", json!(2))]);
    let (first, second) = (part(11, &[("TEE-M", 1)]), part(12, &[("TEE-M", 1), ("TEE-L", 1)]));
    let parts = [first.clone(), second.clone()];
    // One part is hidden; or the original is shown as it was, beside the part that was taken from it.
    let before = row(11, &[("TEE-M", 2), ("TEE-L", 1)]);
    // Whether the part that is asked about is among its parts is not said.
    for parts in [&parts[..], &parts[1..]] {
        for listed in [vec![first.clone()], vec![before.clone(), second.clone()]] {
            let probe = read_again(&listed, first.clone(), Some(parts)).await;
            assert_eq!(probe, Probe::Landed(Receipt::Release { id: 11 }));
        }
    }
}

#[tokio::test]
async fn items_that_a_search_leaves_out_are_looked_up() {
    let mut bare = row(11, &[]);
    bare.as_object_mut().unwrap().remove("OrderItems");
    let io = Script::default()
        .reply(SEARCH, 200, json!({"data": [bare]}).to_string())
        .reply("GET /api/Order/11", 200, row(11, &[("TEE-M", 2), ("TEE-L", 1)]).to_string());
    assert_eq!(
        site().released(&io, &tag(), NUMBER, &release()).await,
        Probe::Landed(Receipt::Release { id: 11 })
    );
    let io = Script::default().reply(SEARCH, 200, "<html>");
    let probe = site().released(&io, &tag(), NUMBER, &release()).await;
    assert!(matches!(
        probe,
        Probe::NotAsked {
            obstacle: Obstacle::Throttled,
            ..
        }
    ));
    let io = Script::default().lose(SEARCH, Lost::LeaseShort);
    let probe = site().released(&io, &tag(), NUMBER, &release()).await;
    assert!(matches!(
        probe,
        Probe::NotAsked {
            obstacle: Obstacle::Lease,
            ..
        }
    ));
}

fn since() -> Timestamp {
    Timestamp::parse_rfc3339("2026-09-24T10:00:00.5Z").unwrap()
}

#[tokio::test]
async fn what_has_left_is_a_shipment_and_its_bytes_are_kept() {
    let gone = row(11, &[("TEE-M", 2), ("TEE-L", 0)]);
    let picking = with(row(12, &[("TEE-M", 1)]), &[("OrderStatusId", json!(16))]);
    let undated = with(row(13, &[("TEE-M", 1)]), &[("DespatchDate", json!("0001-01-01T00:00:00"))]);
    let billed = with(row(14, &[("TEE-M", 1)]), &[("OrderStatusId", json!(6))]);
    let body = Value::from(vec![gone.clone(), picking, undated, billed]).to_string();
    let path = "GET /api/Order/List?SinceLastUpdated=2026-09-24T10%3A00%3A00&PageNo=1&Limit=100\
                &IncludeOrderItems=true&SortOldestFirst=true";
    let io = Script::default().reply(path, 200, body).reply(
        "GET /api/Order/List?SinceLastUpdated=2026-09-24T10%3A00%3A00&PageNo=2&",
        200,
        "[]",
    );
    let received = site().shipments(&io, since()).await.unwrap().left;
    assert_eq!(
        received.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(),
        ["11", "13", "14"]
    );
    assert_eq!(received[0].body, gone.to_string());
    let shipment = received[0].reading.as_ref().unwrap();
    assert_eq!(
        (shipment.release.as_str(), shipment.order_number.as_str()),
        (tag().as_str(), NUMBER)
    );
    assert_eq!(
        (
            shipment.carrier.as_str(),
            shipment.tracking.as_deref(),
            &shipment.tracking_url
        ),
        ("Next day", Some("JD1"), &None)
    );
    assert_eq!(shipment.shipped_at.to_rfc3339(), "2026-09-24T11:20:22.747669Z");
    assert_eq!(
        shipment
            .lines
            .iter()
            .map(|line| (line.sku.as_str(), line.quantity))
            .collect::<Vec<_>>(),
        [("TEE-M", Quantity::whole(2))]
    );
    assert_eq!(site().read_shipment(&received[0].body).as_ref(), Ok(shipment));
    let error = received[1].reading.as_ref().unwrap_err();
    assert_eq!(
        error.to_string(),
        "warehouse order 13 (0000081234): field DespatchDate: it is missing"
    );
}

fn at(id: i64, second: i64) -> Value {
    let updated = format!("2026-09-24T11:{:02}:{:02}.1234567", second / 60, second % 60);
    with(row(id, &[("TEE-M", 1)]), &[("LastUpdated", json!(updated))])
}

fn page(ids: std::ops::Range<i64>) -> String {
    Value::from(ids.map(|id| at(id, 300 - id)).collect::<Vec<_>>()).to_string()
}

fn call(number: u32) -> String {
    format!("GET /api/Order/List?SinceLastUpdated=2026-09-24T10%3A00%3A00&PageNo={number}&")
}

#[tokio::test]
async fn a_window_of_several_pages_is_read_twice_whatever_it_is_sorted_by() {
    // By id: the first page ends with a change later than any of the second's.
    let io = Script::default()
        .reply(&call(1), 200, page(1..101))
        .reply(&call(2), 200, page(101..131))
        .reply(&call(3), 200, "[]")
        // Meanwhile the first has changed and moved to the end, or so it seems: what was skipped at the page's end comes now.
        .reply(&call(1), 200, page(2..102))
        .reply(&call(2), 200, page(102..133))
        .reply(&call(3), 200, "[]");
    let received = site().shipments(&io, since()).await.unwrap().left;
    assert_eq!(received.len(), 132);
    assert!(
        received.iter().all(|row| row.shown == 1),
        "we asked twice, and were shown each once"
    );
}

#[tokio::test]
async fn a_row_that_one_list_shows_twice_is_one_shipment_and_says_so() {
    let twice = Value::from(vec![
        row(11, &[("TEE-M", 2)]),
        row(11, &[("TEE-M", 2)]),
        row(12, &[("TEE-M", 1)]),
    ]);
    let shown = async |io: Script| {
        let received = site().shipments(&io, since()).await.unwrap().left;
        let shown = received.into_iter().map(|row| (row.key, row.shown));
        shown.collect::<Vec<_>>()
    };
    let (eleven, twelve) = ("11".to_owned(), "12".to_owned());
    let io = Script::default()
        .reply(&call(1), 200, twice.to_string())
        .reply(&call(2), 200, "[]");
    assert_eq!(shown(io).await, [(eleven.clone(), 2), (twelve.clone(), 1)]);
    // The last page again, behind the end, says nothing.
    let io = Script::default()
        .reply(&call(1), 200, twice.to_string())
        .reply(&call(2), 200, twice.to_string())
        .reply(&call(3), 200, twice.to_string());
    assert_eq!(shown(io).await, [(eleven.clone(), 2), (twelve, 1)]);
    // The first of the two ends a page, and the second begins the next.
    let half = Value::from(vec![row(11, &[("TEE-M", 2)])]).to_string();
    let other = Value::from(vec![row(10, &[("TEE-M", 1)]), row(11, &[("TEE-M", 2)])]).to_string();
    let io = Script::default()
        .reply(&call(1), 200, other)
        .reply(&call(2), 200, half)
        .reply(&call(3), 200, "[]");
    assert_eq!(shown(io).await, [("10".to_owned(), 1), (eleven, 2)]);
}

#[tokio::test]
async fn keys_are_listed_by_the_date_of_despatch() {
    let picking = with(row(12, &[("TEE-M", 1)]), &[("OrderStatusId", json!(16))]);
    let strange = with(row(13, &[("TEE-M", 1)]), &[("ExternalOrderReference", Value::Null)]);
    let rows = Value::from(vec![row(11, &[("TEE-M", 2)]), picking, strange]).to_string();
    let path = "GET /api/Order/List?SinceDespatchDate=2026-09-24T10%3A00%3A00&PageNo=1&Limit=100\
                &IncludeOrderItems=true&SortOldestFirst=true";
    let io = Script::default().reply(path, 200, rows).reply(
        "GET /api/Order/List?SinceDespatchDate=2026-09-24T10%3A00%3A00&PageNo=2&",
        200,
        "[]",
    );
    let listed = site().shipment_keys(&io, since()).await.unwrap();
    let keys: Vec<_> = listed.iter().map(|one| (one.key.as_str(), one.release.as_deref())).collect();
    assert_eq!(keys, [("11", Some(tag().as_str())), ("13", Some(""))]);
    assert_eq!(listed[0].made_at.unwrap().to_rfc3339(), "2026-09-24T11:20:22.747669Z");
}

#[tokio::test]
async fn a_shipment_is_had_by_its_key_once_it_has_left() {
    let path = "GET /api/Order/11";
    let io = Script::default().reply(path, 200, row(11, &[("TEE-M", 2)]).to_string());
    let one = site().shipment(&io, "11").await.unwrap().unwrap();
    assert_eq!((one.key.as_str(), one.reading.unwrap().key.as_str()), ("11", "11"));
    let picking = with(row(11, &[("TEE-M", 1)]), &[("OrderStatusId", json!(16))]);
    let io = Script::default().reply(path, 200, picking.to_string());
    assert!(site().shipment(&io, "11").await.unwrap().is_none());
    let io = Script::default().reply(path, 404, "");
    assert!(site().shipment(&io, "11").await.unwrap().is_none());
}

#[tokio::test]
async fn a_short_page_is_not_the_end_of_a_list() {
    let io = Script::default()
        .reply(&call(1), 200, page(1..4))
        .reply(&call(2), 200, page(4..7))
        .reply(&call(3), 200, "[]")
        .reply(&call(1), 200, page(1..4))
        .reply(&call(2), 200, page(4..7))
        .reply(&call(3), 200, "[]");
    assert_eq!(site().shipments(&io, since()).await.unwrap().left.len(), 6);
}

#[tokio::test]
async fn the_last_page_again_is_the_end_of_a_list_unless_something_new_follows() {
    let io = Script::default()
        .reply(&call(1), 200, page(1..4))
        .reply(&call(2), 200, page(1..4))
        .reply(&call(3), 200, page(1..4));
    assert_eq!(site().shipments(&io, since()).await.unwrap().left.len(), 3);
    // Three new rows have come to the front of the list: what was the first page is now the second.
    let io = Script::default()
        .reply(&call(1), 200, page(1..4))
        .reply(&call(2), 200, page(1..4))
        .reply(&call(3), 200, page(4..6))
        .reply(&call(4), 200, "[]")
        .reply(&call(1), 200, page(6..9))
        .reply(&call(2), 200, page(1..4))
        .reply(&call(3), 200, page(4..6))
        .reply(&call(4), 200, "[]");
    assert_eq!(site().shipments(&io, since()).await.unwrap().left.len(), 8);
}

#[tokio::test]
async fn what_changed_since_is_asked_for_so_that_no_zone_is_too_late() {
    let asked = async |zone: &str, since: &str, expected: &str| {
        let path = format!("GET /api/Order/List?SinceLastUpdated={}&", crate::http::encoded(expected));
        let io = Script::default().reply(&path, 200, "[]");
        let site = site().in_zone(Zone::named(zone).unwrap());
        let since = Timestamp::parse_rfc3339(since).unwrap();
        assert!(site.shipments(&io, since).await.unwrap().left.is_empty());
    };
    // It may read the time as London's or as UTC, whatever we were told.
    asked("UTC", "2026-07-06T09:30:00Z", "2026-07-06T09:30:00").await;
    asked("Europe/London", "2026-07-06T09:30:00Z", "2026-07-06T09:30:00").await;
    asked("America/New_York", "2026-07-06T09:30:00Z", "2026-07-06T05:30:00").await;
    // In the hour that comes twice, what was asked for never goes back: nothing falls between two rounds.
    asked("Europe/London", "2026-10-25T00:59:00Z", "2026-10-25T00:59:00").await;
    asked("Europe/London", "2026-10-25T01:01:00Z", "2026-10-25T01:01:00").await;
}

#[tokio::test]
async fn a_web_page_instead_of_a_list_is_the_limit() {
    let io = Script::default().reply("GET /api/Order/List", 200, "<!doctype html>");
    assert!(matches!(
        site().shipments(&io, since()).await,
        Err(ReadError::Throttled { retry_after: Some(_) })
    ));
    let io = Script::default().reply("GET /api/Order/List", 500, "");
    assert!(matches!(
        site().shipments(&io, since()).await,
        Err(ReadError::Refused(Refusal { status: 500, .. }))
    ));
}

fn bent() -> impl Strategy<Value = Vec<u8>> {
    let whole = row(11, &[("TEE-M", 2)]).to_string().into_bytes();
    (0..whole.len(), any::<u8>()).prop_map(move |(at, byte)| {
        let mut bent = whole.clone();
        bent[at] = byte;
        bent
    })
}

proptest! {
    #[test]
    fn noise_is_refused_without_a_panic(noise in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(site().read_shipment(&noise).is_err());
    }

    #[test]
    fn a_bent_row_is_read_or_refused(bent in bent()) {
        let _ = site().read_shipment(&bent);
    }
}

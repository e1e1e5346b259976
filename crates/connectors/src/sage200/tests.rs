//! What each effect sends, and what it and its probe make of each answer.

mod amend;
mod despatch;

use serde_json::{Value, json};
use tallyman_core::address::{Address, Country};
use tallyman_core::cause::Cause;
use tallyman_core::document::LineRef;
use tallyman_core::duplicate::Standing;
use tallyman_core::effect::state::{Doubt, Obstacle};
use tallyman_core::effect::{Baseline, Despatch, DespatchedLine, LedgerLine, LedgerOrder, Probe, Receipt, Verdict};
use tallyman_core::finding::Code;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::foreign::Gone;
use tallyman_core::hindrance::Hindrance;
use tallyman_core::ident::{Company, Connection};
use tallyman_core::journey::LedgerOrderKey;
use tallyman_core::money::Money;
use tallyman_core::quantity::Quantity;
use tallyman_core::role::{Connector, Ledger, TaggedDraft};
use tallyman_core::seam::{Lost, Reply};
use tallyman_core::time::{Date, Timestamp};

use super::Sage;
use crate::testing::Script;

fn sage() -> Sage {
    Sage::new(
        Connection::new("sage"),
        Company::new("north"),
        "cid",
        "s&cret",
        "r0",
        "0f4c6f2e",
        7,
    )
}

fn tag() -> Fingerprint {
    Fingerprint::derive("north", "vs/77", "draft")
}

fn order() -> LedgerOrder {
    let line = |line: &str, product_id, quantity, price: &str| LedgerLine {
        line: LineRef(line.into()),
        product_id,
        code: format!("P{product_id}"),
        warehouse_id: 301,
        quantity: Quantity::whole(quantity),
        unit_price: Money::parse(price).unwrap(),
        tax_code_id: 2,
    };
    let address = Address {
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
    };
    LedgerOrder {
        customer_id: 41007,
        reference: "O'B-1".into(),
        ordered_on: Date::parse("2026-11-20").unwrap(),
        promised_on: None,
        address: address.fit_sage().unwrap(),
        lines: vec![line("01", 51, 2, "12.49"), line("2", 52, 1, "0.12345")],
        net: Money::parse("25.10345").unwrap(),
    }
}

fn row(id: i64, draft: bool, spare: &str) -> Value {
    json!({
        "id": id, "document_no": if draft { "TBA".to_owned() } else { format!("00{id}") }, "is_draft": draft,
        "customer_id": 41007,
        "customer_document_no": "o'b-1 ", "spare_text_1": spare, "total_net_value": 25.10345, "addon_field": {"x": 1},
        "lines": [
            {"id": id + 2, "product_id": 52, "line_quantity": "1.00000", "selling_unit_price": "0.12345", "spare_text_1": "2"},
            {"id": id + 1, "product_id": 51, "line_quantity": 2, "selling_unit_price": "12.490000", "spare_text_1": "01"}],
    })
}

fn with(mut row: Value, changes: &[(&str, Value)]) -> Value {
    for (field, value) in changes {
        row[*field] = value.clone();
    }
    row
}

const FIND: &str = "GET /sop_orders?$filter=customer_document_no%20eq%20%27O%27%27B-1%27%20and%20customer_id%20eq%2041007\
                    &$expand=lines&$orderby=id%20asc&$top=1000";

async fn found(rows: &[Value]) -> Probe {
    let io = Script::default().reply(FIND, 200, Value::from(rows).to_string());
    sage().find_draft(&io, &tag(), &order()).await
}

#[tokio::test]
async fn a_draft_carries_our_tag_and_our_lines() {
    let io = Script::default().reply("POST /sop_orders", 200, row(900, true, tag().as_str()).to_string());
    assert_eq!(
        sage().draft(&io, &tag(), &order()).await,
        Verdict::Done(Receipt::Draft { id: 900 })
    );
    let line = |line: &str, product: i64, quantity: i64, price: Value| {
        json!({"line_type": "EnumLineTypeStandard", "product_id": product, "warehouse_id": 301, "code": format!("P{product}"),
            "line_quantity": quantity, "to_allocate_quantity": quantity, "selling_unit_price": price, "tax_code_id": 2,
            "spare_text_1": line})
    };
    let address = json!({"postal_name": "Ida Byrne", "address_1": "14 Mill Row", "city": "Leeds", "country": "United Kingdom",
        "postcode": "LS1 4AB"});
    let expected = json!({"customer_id": 41007, "customer_document_no": "O'B-1", "spare_text_1": tag().as_str(),
        "is_editing": true,
        "document_date": "2026-11-20T00:00:00Z", "use_invoice_address": false, "delivery_address": address,
        "lines": [line("01", 51, 2, json!(12.49)), line("2", 52, 1, json!(0.12345))]});
    assert_eq!(io.sent(), expected);
}

#[tokio::test]
async fn a_draft_with_another_total_goes_no_further() {
    let verdict = async |status, body: Value| {
        let mut io = Script::default().reply("POST /sop_orders", status, body.to_string());
        // What a refusal was about is asked.
        match status {
            400 => io = io.reply("GET /customers/41007", 404, ""),
            401 => io = io.reply("GET /current_user_sop_user_permissions", 401, ""),
            _ => {}
        }
        sage().draft(&io, &tag(), &order()).await
    };
    let dear = with(row(900, true, tag().as_str()), &[("total_net_value", json!(25.11))]);
    assert!(matches!(verdict(200, dear).await, Verdict::Refused(finding) if finding.code == Code::TotalsDisagree));
    let hold = json!({"Message": "The customer account is on hold."});
    let Verdict::Refused(finding) = verdict(400, hold).await else {
        panic!("refused")
    };
    assert!(
        finding.code == Code::Refused && matches!(finding.cause, Cause::Refusal { status: 400, .. }),
        "{finding:?}"
    );
    assert!(finding.sentence.contains("The customer account is on hold"), "{finding:?}");
    assert!(matches!(
        verdict(200, json!({"id": 1})).await,
        Verdict::Unknown(Doubt::Unreadable(_))
    ));
    assert!(matches!(
        verdict(504, json!(null)).await,
        Verdict::Unknown(Doubt::Unreadable(_))
    ));
    assert!(matches!(
        verdict(401, json!(null)).await,
        Verdict::NotDone {
            obstacle: Obstacle::SignedOut(Some(401)),
            ..
        }
    ));
    let io = Script::default().lose("POST /sop_orders", Lost::NoAnswer("broken".into()));
    assert!(matches!(
        sage().draft(&io, &tag(), &order()).await,
        Verdict::Unknown(Doubt::NoAnswer(_))
    ));
}

#[tokio::test]
async fn what_a_refusal_was_about_is_asked_and_not_read_from_its_words() {
    let refused = async |status, question: &str, answer: &str| {
        let io = Script::default()
            .reply("POST /sop_orders", status, r#"{"Message": "No."}"#)
            .reply(question, 200, answer);
        match sage().draft(&io, &tag(), &order()).await {
            Verdict::Refused(finding) => Some((finding.code, finding.cause)),
            _ => None,
        }
    };
    const CUSTOMER: &str = "GET /customers/41007";
    const RIGHTS: &str = "GET /current_user_sop_user_permissions";
    let held = refused(400, CUSTOMER, r#"{"id": 41007, "reference": "SHOP", "on_hold": true}"#).await;
    assert_eq!(held, Some((Code::CreditHold, Cause::Account("SHOP".into()))));
    let free = refused(400, CUSTOMER, r#"{"id": 41007, "reference": "SHOP", "on_hold": false}"#).await;
    assert_eq!(free.map(|(code, _)| code), Some(Code::Refused));
    let without = refused(401, RIGHTS, r#"[{"id": 1, "override_prices_discounts": false}]"#).await;
    let right = Cause::field(sage().connection.as_str(), "override_prices_discounts");
    assert_eq!(without, Some((Code::PermissionMissing, right)));
    assert_eq!(
        refused(401, RIGHTS, r#"[{"id": 1, "override_prices_discounts": true}]"#).await,
        None
    );
}

/// Whether it is asked, and what is believed: only a plain word that it is gone.
#[tokio::test]
async fn what_was_refused_stands_until_sage_says_that_its_reason_is_gone() {
    const CUSTOMER: &str = "GET /customers?$filter=reference%20eq%20%27SHOP%27&$select=id,reference,on_hold&";
    const RIGHTS: &str = "GET /current_user_sop_user_permissions";
    const LEDGERS: &str = "GET /ledger_types";
    const DAY: &str = "POST /transaction_date_validation";
    let hold = Hindrance::Hold { account: "SHOP".into() };
    let day = Hindrance::Period {
        day: "2026-11-22".parse().unwrap(),
    };
    let asked = async |hindrance: &Hindrance, answers: &[(&str, u16, &str)]| {
        let script = answers.iter().fold(Script::default(), |script, (call, status, body)| {
            script.reply(call, *status, *body)
        });
        sage().hinders(&script, hindrance).await
    };
    for (answer, stands) in [
        (r#"[{"id": 1, "reference": "SHOP", "on_hold": true}]"#, true),
        (r#"[{"id": 1, "reference": "SHOP", "on_hold": false}]"#, false),
        (r#"[{"id": 1, "reference": "SHOP"}]"#, true),
        (r#"[{"id": 1, "reference": "ANOTHER", "on_hold": false}]"#, true),
        ("[]", true),
    ] {
        assert_eq!(asked(&hold, &[(CUSTOMER, 200, answer)]).await.unwrap(), stands, "{answer}");
    }
    for (status, answer, stands) in [
        (200, r#"[{"id": 1, "override_prices_discounts": false}]"#, true),
        (200, r#"[{"id": 1, "override_prices_discounts": true}]"#, false),
        (200, "[]", true),
        (404, "", true),
    ] {
        assert_eq!(asked(&Hindrance::Prices, &[(RIGHTS, status, answer)]).await.unwrap(), stands);
    }
    let stock = (LEDGERS, 200, r#"[{"value": "Stock"}, {"value": "Sales"}]"#);
    for (answer, stands) in [
        (r#"{"classification": "Unacceptable"}"#, true),
        (r#"{"classification": "Acceptable"}"#, false),
        ("{}", true),
    ] {
        assert_eq!(asked(&day, &[stock, (DAY, 200, answer)]).await.unwrap(), stands, "{answer}");
    }
    assert!(asked(&day, &[(LEDGERS, 200, r#"[{"value": "Sales"}]"#)]).await.unwrap());
    assert!(asked(&day, &[stock, (DAY, 500, "")]).await.is_err());
}

#[tokio::test]
async fn a_draft_is_found_by_tag_and_content() {
    let ours = tag().to_string();
    let landed = |id| Probe::Landed(Receipt::Draft { id });
    assert_eq!(found(&[]).await, Probe::Absent(None));
    assert_eq!(found(&[row(900, true, &ours)]).await, landed(900));
    assert_eq!(
        found(&[row(900, true, &ours.to_lowercase()), row(950, true, &ours)]).await,
        landed(900)
    );
    // One that was confirmed by hand comes first: confirming the other draft, too, would double the order.
    assert_eq!(found(&[row(900, true, &ours), row(950, false, &ours)]).await, landed(950));
    // Someone's unfinished draft, another customer's order and another reference are not in the way.
    let customer = with(row(920, false, ""), &[("customer_id", json!(5))]);
    let reference = with(row(930, false, ""), &[("customer_document_no", json!("O'B-10"))]);
    assert_eq!(found(&[row(910, true, ""), customer, reference]).await, Probe::Absent(None));

    let taken = async |rows: &[Value]| match found(rows).await {
        Probe::Unclear(finding) if finding.code == Code::ReferenceTaken => finding.sentence,
        other => panic!("{other:?}"),
    };
    assert!(
        taken(&[row(900, true, &ours), row(910, false, "")])
            .await
            .contains("order 00910")
    );
    assert!(taken(&[row(910, false, "AAAAAAAAAAAAAAAA")]).await.contains("order 00910"));
    let changed = with(
        row(900, true, &ours),
        &[(
            "lines",
            json!([{"id": 1, "product_id": 51, "line_quantity": 2, "selling_unit_price": 1}]),
        )],
    );
    assert!(taken(&[changed]).await.contains("changed"));
    assert!(
        taken(&[row(900, false, &ours), row(950, false, &ours)])
            .await
            .contains("00900 and 00950")
    );
    let dear = with(row(900, true, &ours), &[("total_net_value", json!(30))]);
    assert!(matches!(found(&[dear]).await, Probe::Unclear(finding) if finding.code == Code::TotalsDisagree));
}

#[tokio::test]
async fn a_question_without_an_answer_was_not_asked() {
    let io = Script::default().lose(FIND, Lost::NoAnswer("timed out".into()));
    assert!(matches!(
        sage().find_draft(&io, &tag(), &order()).await,
        Probe::NotAsked {
            obstacle: Obstacle::Read,
            ..
        }
    ));
    let io = Script::default().answer(
        FIND,
        Ok(Reply {
            status: 429,
            headers: vec![("retry-after".into(), "7".into())],
            body: "".into(),
        }),
    );
    let Probe::NotAsked {
        obstacle: Obstacle::Throttled,
        retry_after,
        ..
    } = sage().find_draft(&io, &tag(), &order()).await
    else {
        panic!("throttled")
    };
    assert_eq!(retry_after.map(|pause| pause.as_secs()), Some(7));
    let io = Script::default().reply(FIND, 200, "<html>");
    assert!(matches!(
        sage().find_draft(&io, &tag(), &order()).await,
        Probe::NotAsked {
            obstacle: Obstacle::Read,
            ..
        }
    ));
}

fn receipt() -> Receipt {
    Receipt::Order {
        id: 900,
        number: "00900".into(),
        lines: vec![(LineRef("2".into()), 902), (LineRef("01".into()), 901)],
    }
}

#[tokio::test]
async fn no_refusal_of_a_confirmation_is_believed() {
    let verdict = async |status, body: Value| {
        let io = Script::default().reply("PUT /sop_orders/900", status, body.to_string());
        let verdict = sage().confirm(&io, 900).await;
        assert_eq!(io.sent().to_string(), r#"{"is_editing":false}"#);
        verdict
    };
    assert_eq!(verdict(200, row(900, false, tag().as_str())).await, Verdict::Done(receipt()));
    assert!(matches!(
        verdict(200, row(900, true, tag().as_str())).await,
        Verdict::Unknown(Doubt::NotAtomic(_))
    ));
    assert!(matches!(
        verdict(200, json!({"id": 900, "document_no": "00900", "is_draft": false})).await,
        Verdict::Unknown(Doubt::Unreadable(_))
    ));
    assert!(matches!(
        verdict(200, row(901, false, tag().as_str())).await,
        Verdict::Unknown(Doubt::Unreadable(_))
    ));
    for status in [400, 403, 404] {
        assert!(matches!(
            verdict(status, json!({"Message": "no"})).await,
            Verdict::Unknown(Doubt::NotAtomic(_))
        ));
    }
    assert!(matches!(
        verdict(500, json!(null)).await,
        Verdict::Unknown(Doubt::Unreadable(_))
    ));
}

#[tokio::test]
async fn an_order_says_whether_it_was_confirmed() {
    let probe = async |status, body: Value| {
        let io = Script::default().reply("GET /sop_orders/900?$expand=lines", status, body.to_string());
        sage().confirmed(&io, 900).await
    };
    assert_eq!(probe(200, row(900, false, tag().as_str())).await, Probe::Landed(receipt()));
    assert_eq!(probe(200, row(900, true, tag().as_str())).await, Probe::Absent(None));
    assert!(matches!(probe(404, json!(null)).await, Probe::Unclear(_)));
    assert!(matches!(
        probe(503, json!(null)).await,
        Probe::NotAsked {
            obstacle: Obstacle::Read,
            ..
        }
    ));
}

#[tokio::test]
async fn drafts_with_a_tag_are_listed() {
    let io = Script::default().reply(
        "GET /sop_orders?$filter=document_no%20eq%20%27TBA%27&$orderby=id%20asc&$top=1000",
        200,
        Value::from(vec![
            row(1, true, tag().as_str()),
            row(2, true, "by hand"),
            row(3, false, tag().as_str()),
        ])
        .to_string(),
    );
    assert_eq!(sage().tagged_drafts(&io).await.unwrap(), [TaggedDraft { id: 1, tag: tag() }]);
}

#[tokio::test]
async fn what_was_written_since_then_is_listed_whoever_wrote_it() {
    let cancelled = with(
        row(4, false, ""),
        &[("document_status", json!("EnumDocumentStatusCancelled"))],
    );
    let live = with(
        row(2, false, "by hand"),
        &[("document_status", json!("EnumDocumentStatusLive"))],
    );
    let bare = json!({"id": 5, "document_no": "005"});
    let io = Script::default().reply(
        "GET /sop_orders?$filter=date_time_updated%20ge%202026-11-20T09%3A00%3A00Z&$expand=lines&$orderby=id%20asc&$top=200",
        200,
        Value::from(vec![
            row(1, true, tag().as_str()),
            live,
            row(3, false, tag().as_str()),
            cancelled,
            bare,
        ])
        .to_string(),
    );
    let since = Timestamp::parse_rfc3339("2026-11-20T09:00:00.7Z").unwrap();
    let booked = sage().booked_since(&io, since).await.unwrap();
    let standing: Vec<_> = booked.iter().map(|booked| (booked.id, booked.standing)).collect();
    assert_eq!(
        standing,
        [
            (1, Standing::Draft),
            (2, Standing::Order),
            (3, Standing::Order),
            (4, Standing::Cancelled),
            (5, Standing::Order)
        ]
    );
    assert_eq!((booked[1].tag, booked[2].tag), (None, Some(tag())));
    let second = (booked[1].customer_id, booked[1].number.as_str(), booked[1].reference.as_str());
    assert_eq!(second, (41007, "002", "o'b-1 "));
    assert_eq!((booked[4].customer_id, booked[4].reference.as_str()), (0, ""));
}

#[tokio::test]
async fn one_order_is_read_by_its_id_or_is_gone() {
    let read = async |status, body: Value| {
        let io = Script::default().reply("GET /sop_orders/900?$expand=lines", status, body.to_string());
        sage().booked(&io, 900).await
    };
    let booked = read(200, row(900, false, tag().as_str()))
        .await
        .unwrap()
        .expect("it is there");
    assert_eq!((booked.id, booked.tag, booked.standing), (900, Some(tag()), Standing::Order));
    assert_eq!(read(404, json!(null)).await.unwrap(), None);
    assert!(read(500, json!(null)).await.is_err());
}

#[tokio::test]
async fn only_a_draft_is_deleted() {
    let read = |status, body: &str| Script::default().reply("GET /sop_orders/900", status, body);
    let draft = || read(200, r#"{"id": 900, "is_draft": true}"#);
    let deleted = Verdict::Done(Receipt::Deleted);
    assert_eq!(
        sage()
            .delete_draft(&draft().reply("DELETE /sop_orders/900", 200, ""), 900)
            .await,
        deleted
    );
    assert_eq!(
        sage()
            .delete_draft(&draft().reply("DELETE /sop_orders/900", 404, ""), 900)
            .await,
        deleted
    );
    assert_eq!(sage().delete_draft(&read(404, ""), 900).await, deleted);
    let verdict = sage()
        .delete_draft(&read(200, r#"{"id": 900, "is_draft": false, "document_no": "1"}"#), 900)
        .await;
    assert!(matches!(verdict, Verdict::Refused(finding) if finding.code == Code::StatusUnexpected));
    assert!(matches!(
        sage().delete_draft(&read(200, "{}"), 900).await,
        Verdict::Refused(_)
    ));
    assert!(matches!(
        sage().delete_draft(&read(500, ""), 900).await,
        Verdict::NotDone {
            obstacle: Obstacle::Read,
            ..
        }
    ));
    let locked = draft().reply("DELETE /sop_orders/900", 400, r#"{"Message": "locked by another user"}"#);
    assert!(matches!(
        sage().delete_draft(&locked, 900).await,
        Verdict::NotDone {
            obstacle: Obstacle::Locked,
            ..
        }
    ));
    let kept = draft().reply("DELETE /sop_orders/900", 400, r#"{"Message": "No."}"#);
    assert!(matches!(sage().delete_draft(&kept, 900).await, Verdict::Refused(finding) if finding.code == Code::LeftBehind));
    let lost = draft().lose("DELETE /sop_orders/900", Lost::NoAnswer("x".into()));
    assert!(matches!(sage().delete_draft(&lost, 900).await, Verdict::Unknown(_)));
}

#[test]
fn each_refresh_token_is_used_once() {
    let sage = sage().at("https://stand-in.example/v1", "https://stand-in.example/token");
    let first = sage.sign_in(None).unwrap();
    assert_eq!(
        first.body.unwrap(),
        "grant_type=refresh_token&client_id=cid&client_secret=s%26cret&refresh_token=r0"
    );
    let reply = |status, body: &str| Reply {
        status,
        headers: vec![],
        body: body.to_owned().into(),
    };
    let token = r#"{"access_token": "a1", "refresh_token": "r1", "expires_in": 28800, "token_type": "Bearer"}"#;
    let session = sage.signed_in(None, &reply(200, token), Timestamp::ZERO).unwrap();
    assert_eq!((session.access.as_str(), session.refresh.as_deref()), ("a1", Some("r1")));
    assert_eq!(session.expires_at.unwrap().since(Timestamp::ZERO).as_secs(), 28740);
    let next = sage.sign_in(Some(&session)).unwrap();
    assert!(next.body.unwrap().ends_with(b"refresh_token=r1"));
    let denied = reply(
        403,
        r#"{"error": "invalid_grant", "error_description": "Unknown or invalid refresh token."}"#,
    );
    let error = sage.signed_in(Some(&session), &denied, Timestamp::ZERO).unwrap_err();
    assert_eq!(error, "Sage ID answered 403: Unknown or invalid refresh token");
    let headers = sage.headers(&session);
    assert!(headers.contains(&("x-site", "0f4c6f2e".into())) && headers.contains(&("x-company", "7".into())));
}

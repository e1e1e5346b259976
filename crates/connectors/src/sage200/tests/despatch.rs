//! Despatches: what is sent, and how one is known again.

use super::*;

fn key() -> LedgerOrderKey {
    LedgerOrderKey {
        id: 900,
        number: "00900".into(),
        lines: vec![(LineRef("01".into()), 901), (LineRef("2".into()), 902)],
    }
}

fn despatch(tagged: bool) -> Despatch {
    let line = |line: &str, quantity| DespatchedLine {
        line: LineRef(line.into()),
        quantity: Quantity::whole(quantity),
    };
    Despatch {
        shipment: "11".into(),
        despatched_on: Date::parse("2026-11-22").unwrap(),
        courier_id: Some(4),
        tracking: Some("JD1".into()),
        lines: vec![line("01", 1), line("2", 1)],
        tagged,
    }
}

#[tokio::test]
async fn a_despatch_carries_our_tag_where_it_is_kept() {
    let verdict = async |tagged, status, body: &str| {
        let mut io = Script::default().reply("POST /sop_confirm_despatch", status, body);
        if status == 400 && !["in use", "editing"].iter().any(|word| body.contains(word)) {
            io = io.reply("GET /ledger_types", 404, "");
        }
        let verdict = sage().despatch(&io, &tag(), &key(), &despatch(tagged)).await;
        let tracking = json!([{"sop_order_return_id": 900, "courier_id": 4, "consignment_no": "JD1", "notes": tag().as_str()}]);
        let mut expected = json!({"sop_order_return_id": 900, "despatch_receipt_date": "2026-11-22T00:00:00Z",
            "confirmation_intent_type": "ConfirmOnDespatch", "items": [{"id": 901, "quantity": 1}, {"id": 902, "quantity": 1}]});
        if tagged {
            expected["tracking_items"] = tracking;
        }
        assert_eq!(io.sent(), expected);
        verdict
    };
    assert_eq!(
        verdict(true, 200, r#"{"sop_order_return_id": 900}"#).await,
        Verdict::Done(Receipt::Despatch)
    );
    assert_eq!(verdict(false, 200, "{}").await, Verdict::Done(Receipt::Despatch));
    assert!(matches!(
        verdict(true, 200, "<html>").await,
        Verdict::Unknown(Doubt::Unreadable(_))
    ));
    let locked = r#"{"Message": "The order is in use by JSMITH."}"#;
    let verdict_of_locked = verdict(true, 400, locked).await;
    assert!(matches!(verdict_of_locked, Verdict::NotDone { obstacle: Obstacle::Locked, why, .. } if why.contains("JSMITH")));
    // Nobody has written down what Sage says then: several ways to say it are known, and one status.
    let editing = r#"{"Message": "JSMITH is currently editing this sales order."}"#;
    let unsaid = r#"{"Message": "The order could not be opened. Please try again later."}"#;
    for (status, words) in [(409, locked), (400, editing), (423, unsaid)] {
        let verdict = verdict(true, status, words).await;
        assert!(
            matches!(
                verdict,
                Verdict::NotDone {
                    obstacle: Obstacle::Locked,
                    ..
                }
            ),
            "{status} {words}"
        );
    }
    // What we do not know is a refusal in their words, which a person answers.
    assert!(
        matches!(verdict(true, 400, unsaid).await, Verdict::Refused(finding) if finding.sentence.contains("could not be opened"))
    );
    let short = r#"{"Message": "Not enough is allocated."}"#;
    assert!(matches!(verdict(true, 400, short).await, Verdict::Refused(finding) if finding.code == Code::Refused));
    assert!(matches!(verdict(true, 502, "").await, Verdict::Unknown(Doubt::Unreadable(_))));
}

#[tokio::test]
async fn a_refused_despatch_is_one_of_a_closed_period_if_sage_says_so_of_its_date() {
    let refused = async |classification: &str| {
        let answer = json!({"classification": classification, "message": "?"}).to_string();
        let ledgers = r#"[{"id": 1, "value": "Sales"}, {"id": 2, "value": "Stock"}]"#;
        let io = Script::default()
            .reply("POST /sop_confirm_despatch", 400, r#"{"Message": "No."}"#)
            .reply("GET /ledger_types", 200, ledgers)
            .reply("POST /transaction_date_validation", 200, answer);
        match sage().despatch(&io, &tag(), &key(), &despatch(true)).await {
            Verdict::Refused(finding) => (finding.code, finding.cause.to_string()),
            other => panic!("{other:?}"),
        }
    };
    let closed = (Code::PeriodNotNormal, format!("`{}` on 2026-11-22", sage().connection));
    assert_eq!(refused("Unacceptable").await, closed);
    assert_eq!(refused("Acceptable").await.0, Code::Refused);
}

#[tokio::test]
async fn what_sage_cannot_take_is_not_sent() {
    let mut long = despatch(true);
    long.tracking = Some("J".repeat(61));
    let verdict = sage().despatch(&Script::default(), &tag(), &key(), &long).await;
    assert!(matches!(verdict, Verdict::Refused(finding) if finding.code == Code::ReferenceTooLong));
    let mut strange = despatch(true);
    strange.lines[0].line = LineRef("9".into());
    let verdict = sage().despatch(&Script::default(), &tag(), &key(), &strange).await;
    assert!(matches!(verdict, Verdict::Refused(finding) if finding.code == Code::StatusUnexpected));
}

async fn despatched(tagged: bool, before: Option<&Baseline>, gone: &[(i64, i64, &str)]) -> Probe {
    let rows: Vec<_> = gone
        .iter()
        .enumerate()
        .map(|(index, (line, quantity, notes))| {
            json!({"sop_despatch_line_id": index + 1, "sop_order_id": 900, "sop_order_line_id": line,
                "sop_despatch_line_quantity": quantity, "sop_despatch_notes": notes})
        })
        .collect();
    let path = "GET /sop_order_despatch_line_views?$filter=sop_order_id%20eq%20900&$orderby=sop_despatch_line_id%20asc&$top=5000";
    let io = Script::default().reply(path, 200, Value::from(rows).to_string());
    sage().despatched(&io, &tag(), &key(), &despatch(tagged), before).await
}

fn baseline(sums: &[(i64, i64)]) -> Baseline {
    Baseline {
        despatched: sums
            .iter()
            .map(|(line, quantity)| (*line, Quantity::whole(*quantity)))
            .collect(),
    }
}

#[tokio::test]
async fn a_despatch_is_known_by_tag_or_by_what_had_gone_before() {
    let ours = tag().to_string();
    let noted = format!("tracked {}", ours.to_lowercase());
    let other = "AAAAAAAAAAAAAAAA";
    let absent = |sums: &[(i64, i64)]| Probe::Absent(Some(baseline(sums)));
    let landed = Probe::Landed(Receipt::Despatch);
    let before = baseline(&[(901, 1), (902, 0)]);
    // The look: what has gone so far is the answer.
    for tagged in [true, false] {
        assert_eq!(despatched(tagged, None, &[]).await, absent(&[]));
        assert_eq!(
            despatched(tagged, None, &[(901, 1, other), (901, 2, other)]).await,
            absent(&[(901, 3)])
        );
        assert_eq!(despatched(tagged, None, &[(901, 1, &ours)]).await, landed);
        assert_eq!(despatched(tagged, Some(&before), &[(901, 1, &noted)]).await, landed);
        assert_eq!(despatched(tagged, Some(&before), &[(901, 1, "")]).await, absent(&[(901, 1)]));
    }
    // Exactly ours since, and something else since.
    let exactly = [(901, 1, ""), (901, 1, ""), (902, 1, "")];
    let foreign = [(901, 1, ""), (902, 1, other)];
    assert_eq!(despatched(false, Some(&before), &exactly).await, landed);
    assert_eq!(despatched(true, Some(&before), &foreign).await, absent(&[(901, 1), (902, 1)]));
    for probe in [
        despatched(true, Some(&before), &exactly).await,
        despatched(false, Some(&before), &foreign).await,
    ] {
        assert!(
            matches!(&probe, Probe::Unclear(finding) if finding.code == Code::OutcomeUnclear),
            "{probe:?}"
        );
    }
}

#[tokio::test]
async fn all_that_has_gone_is_one_list_or_that_of_one_order() {
    let row = |id: i64, line: i64, all: Value| {
        json!({"sop_despatch_line_id": id, "sop_order_id": 900, "sop_order_document_no": "00900", "sop_order_line_id": line,
            "sop_despatch_line_quantity": 1, "sop_order_line_despatch_quantity": all})
    };
    let rows = json!([row(1, 901, json!("3.00000")), row(2, 902, json!(null))]).to_string();
    let gone = |line, quantity| Gone {
        order: 900,
        number: "00900".into(),
        line,
        quantity: Quantity::whole(quantity),
    };
    // All despatches of the line count, and at least the one that is shown.
    let expected = [gone(901, 3), gone(902, 1)];
    let list = "GET /sop_order_despatch_line_views?$filter=";
    let end = "&$orderby=sop_despatch_line_id%20asc&$top=5000";
    let since = format!("{list}date_time_updated%20ge%202026-11-20T09%3A00%3A00Z{end}");
    let io = Script::default().reply(&since, 200, &*rows);
    let at = Timestamp::parse_rfc3339("2026-11-20T09:00:00Z").unwrap();
    assert_eq!(sage().gone_since(&io, at).await.unwrap(), expected);
    let io = Script::default().reply(&format!("{list}sop_order_id%20eq%20900{end}"), 200, &*rows);
    assert_eq!(sage().gone_of(&io, 900).await.unwrap(), expected);
    let io = Script::default().reply(list, 200, r#"[{"sop_despatch_line_id": 1, "sop_order_id": 900}]"#);
    assert!(
        sage().gone_of(&io, 900).await.is_err(),
        "a row that names no line tells nothing"
    );
}

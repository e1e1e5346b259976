//! An order that somebody has changed: what is written of it, and what each answer means.

use tallyman_core::effect::Agreed;

use super::*;

const READ: &str = "GET /sop_orders/900?$expand=lines";
const PUT: &str = "PUT /sop_orders/900";

fn key() -> LedgerOrderKey {
    LedgerOrderKey {
        id: 900,
        number: "00900".into(),
        lines: vec![(LineRef("01".into()), 901), (LineRef("2".into()), 902)],
    }
}

fn agreed() -> Agreed {
    Agreed::of(&order())
}

/// As it was agreed.
fn as_agreed() -> Value {
    row(900, false, tag().as_str())
}

/// Of the first line there are three more, of which one is despatched, and the number is another.
fn changed() -> Value {
    let mut row = with(as_agreed(), &[("customer_document_no", json!("X"))]);
    row["lines"][1]["line_quantity"] = json!(5);
    row["lines"][1]["despatch_receipt_quantity"] = json!("1.00000");
    row
}

fn done() -> Verdict {
    Verdict::Done(Receipt::Amended { number: "00900".into() })
}

async fn amend(io: &Script) -> Verdict {
    sage().amend_order(io, &key(), &agreed()).await
}

#[tokio::test]
async fn only_what_differs_is_written_and_only_after_a_look() {
    let io = Script::default()
        .reply(READ, 200, changed().to_string())
        .reply(PUT, 200, as_agreed().to_string());
    assert_eq!(amend(&io).await, done());
    let line = json!({"id": 901, "line_quantity": 2, "to_allocate_quantity": 1});
    assert_eq!(io.sent(), json!({"customer_document_no": "O'B-1", "lines": [line]}));

    let stands = Script::default().reply(READ, 200, as_agreed().to_string());
    assert_eq!(amend(&stands).await, done(), "there is nothing to write");
}

#[tokio::test]
async fn a_price_is_put_back_by_itself() {
    let mut row = as_agreed();
    row["lines"][0]["selling_unit_price"] = json!("9.99");
    let io = Script::default()
        .reply(READ, 200, row.to_string())
        .reply(PUT, 200, as_agreed().to_string());
    assert_eq!(amend(&io).await, done());
    assert_eq!(io.sent(), json!({"lines": [{"id": 902, "selling_unit_price": 0.12345}]}));
}

/// Nothing is sent.
#[tokio::test]
async fn what_cannot_be_brought_back_is_refused() {
    let gone = Script::default().reply(READ, 404, "");
    let cancelled = with(as_agreed(), &[("document_status", json!("EnumDocumentStatusCancelled"))]);
    let cancelled = Script::default().reply(READ, 200, cancelled.to_string());
    let mut short = as_agreed();
    short["lines"].as_array_mut().unwrap().remove(0);
    let short = Script::default().reply(READ, 200, short.to_string());
    for io in [gone, cancelled, short] {
        let Verdict::Refused(finding) = amend(&io).await else {
            panic!("it was sent")
        };
        assert_eq!(finding.code, Code::ForeignWrite);
        assert!(finding.sentence.contains("by hand"), "{}", finding.sentence);
    }
    let unread = Script::default().reply(READ, 500, "");
    assert!(matches!(
        amend(&unread).await,
        Verdict::NotDone {
            obstacle: Obstacle::Read,
            ..
        }
    ));
}

#[tokio::test]
async fn a_refusal_is_read_after_before_it_is_believed() {
    let refused = |words: &str| {
        let words = json!({"Message": words}).to_string();
        Script::default()
            .reply(READ, 200, changed().to_string())
            .reply(PUT, 400, words)
    };
    let then = |io: Script, row: Value| io.reply(READ, 200, row.to_string());
    assert_eq!(
        amend(&then(refused("An error occurred."), as_agreed())).await,
        done(),
        "it was carried out"
    );

    let locked = amend(&then(refused("Order is in use by JANE."), changed())).await;
    assert!(
        matches!(
            locked,
            Verdict::NotDone {
                obstacle: Obstacle::Locked,
                ..
            }
        ),
        "{locked:?}"
    );

    let said = |verdict: Verdict| match verdict {
        Verdict::Refused(finding) => finding.sentence,
        other => panic!("{other:?}"),
    };
    let untouched = said(amend(&then(refused("No."), changed())).await);
    assert!(
        untouched.contains("(No)") && untouched.contains("nothing was changed"),
        "{untouched}"
    );
    // The header is saved, and then a line is refused.
    let half = with(changed(), &[("customer_document_no", json!("O'B-1"))]);
    let half = said(amend(&then(refused("in use"), half)).await);
    assert!(half.contains("only a part"), "{half}");

    let unread = refused("No.").reply(READ, 500, "");
    assert!(matches!(amend(&unread).await, Verdict::Unknown(Doubt::NotAtomic(_))));
}

#[tokio::test]
async fn no_answer_and_an_answer_that_shows_something_else_are_questions() {
    let io = Script::default().reply(READ, 200, changed().to_string());
    let lost = io.lose(PUT, Lost::NoAnswer("x".into()));
    assert!(matches!(amend(&lost).await, Verdict::Unknown(Doubt::NoAnswer(_))));
    let io = Script::default().reply(READ, 200, changed().to_string());
    let shown = io.reply(PUT, 200, changed().to_string());
    assert!(matches!(amend(&shown).await, Verdict::Unknown(Doubt::Unreadable(_))));
}

#[tokio::test]
async fn the_order_says_whether_it_landed() {
    let asked = async |status, row: Value| {
        let io = Script::default().reply(READ, status, row.to_string());
        sage().order_amended(&io, &key(), &agreed()).await
    };
    let receipt = Receipt::Amended { number: "00900".into() };
    assert_eq!(asked(200, as_agreed()).await, Probe::Landed(receipt));
    assert_eq!(asked(200, changed()).await, Probe::Absent(None));
    assert!(matches!(asked(404, json!(null)).await, Probe::Unclear(_)));
    assert!(matches!(asked(500, json!(null)).await, Probe::NotAsked { .. }));
}

use std::time::Duration;

use serde_json::{Value, json};
use tallyman_core::alert::message::Grown;
use tallyman_core::alert::{About, Message, What};
use tallyman_core::catalogue::Owner;
use tallyman_core::effect::{Obstacle, Receipt, Verdict};
use tallyman_core::finding::Code;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::{Company, Connection};
use tallyman_core::role::Notifier;
use tallyman_core::seam::{Lost, MailSecurity, MailServer, Reply};
use tallyman_core::time::{Timestamp, Zone};

use super::*;
use crate::testing::Script;

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

fn about() -> About {
    About {
        card: "CARDCARDCARDCARD".into(),
        episode: 1,
        code: Code::SkuUnknown,
        team: Owner::Operations,
        cause: "SKU ABC-1 <blue> of shop".into(),
        records: 37,
        opened_at: at("2026-11-20T09:58:00Z"),
        deadline: Some(at("2026-11-23T14:00:00Z")),
    }
}

fn message(what: What) -> Message {
    Message {
        company: Company::new("acme"),
        what,
        at: at("2026-11-20T09:58:01Z"),
        zone: Zone::named("Europe/London").unwrap(),
        public_url: "https://tallyman.example.com".into(),
    }
}

fn digest() -> Message {
    let grown = |card: &str, said, records| Grown {
        card: card.into(),
        code: Code::CarrierUnmapped,
        cause: "service Next Day".into(),
        said,
        records,
    };
    message(What::Digest {
        items: vec![grown("AAAAAAAAAAAAAAAA", 3, 40), grown("BBBBBBBBBBBBBBBB", 0, 1)],
        more: 2,
    })
}

fn id() -> Fingerprint {
    Fingerprint::derive("acme", "card", "opened")
}

fn names() -> (Connection, Company) {
    (Connection::new("ops/acme"), Company::new("acme"))
}

fn by_mail() -> ByMail {
    let (connection, company) = names();
    let server = MailServer {
        host: "mail.example.com".into(),
        port: 587,
        security: MailSecurity::StartTls,
        sign_in: None,
        certificate: None,
    };
    ByMail::new(
        connection,
        company,
        server,
        "Tallyman <tallyman@example.com>",
        vec!["ops@example.com".into()],
    )
}

fn slack() -> BySlack {
    let (connection, company) = names();
    BySlack::new(connection, company, "https://hooks.example.com/services/x".into())
}

fn pretty(body: &Value) -> String {
    serde_json::to_string_pretty(body).unwrap()
}

#[test]
fn what_people_are_sent() {
    let texts = [
        message(What::Opened(about())),
        message(What::Escalated(about())),
        message(What::Recovered(about())),
        digest(),
        message(What::Test { route: "ops".into() }),
    ]
    .map(|message| {
        let mail = by_mail().mail(&id(), &message);
        format!(
            "Subject: {}\nMessage-ID: {}\nReferences: {:?}\n\n{}",
            mail.subject, mail.message_id, mail.references, mail.text
        )
    });
    insta::assert_snapshot!("mail", texts.join("\n════════\n"));
    insta::assert_snapshot!("slack_opened", pretty(&slack::body(&id(), &message(What::Opened(about())))));
    insta::assert_snapshot!("slack_digest", pretty(&slack::body(&id(), &digest())));
    insta::assert_snapshot!("teams_opened", pretty(&teams::body(&id(), &message(What::Opened(about())))));
    insta::assert_snapshot!("teams_digest", pretty(&teams::body(&id(), &digest())));
    insta::assert_snapshot!("webhook_opened", pretty(&webhook::body(&message(What::Opened(about())))));
    insta::assert_snapshot!("webhook_digest", pretty(&webhook::body(&digest())));
}

#[test]
fn a_card_keeps_one_conversation_until_it_opens_again() {
    let mail = |what| by_mail().mail(&id(), &message(what));
    let (opened, recovered) = (mail(What::Opened(about())), mail(What::Recovered(about())));
    assert_eq!((opened.subject, opened.references), (recovered.subject, recovered.references));
    let again = mail(What::Opened(About { episode: 2, ..about() }));
    assert_ne!(again.references, mail(What::Opened(about())).references);
}

/// The example of the specification's own libraries.
#[test]
fn the_signature_is_that_of_standard_webhooks() {
    let secret = SigningSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    assert_eq!(
        secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#),
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    );
    for wrong in ["", "whsec_", "whsec_c2hvcnQ=", "whsec_%%%"] {
        assert!(SigningSecret::parse(wrong).is_err(), "{wrong} was taken");
    }
}

#[tokio::test]
async fn what_an_answer_proves() {
    let tell = async |script: Script| slack().tell(&script, &id(), &message(What::Opened(about()))).await;
    let taken = tell(Script::default().reply("POST ", 200, "ok")).await;
    assert_eq!(taken, Verdict::Done(Receipt::Told));
    for status in [400, 403, 404, 410] {
        match tell(Script::default().reply("POST ", status, "no_service")).await {
            Verdict::Refused(finding) => {
                assert_eq!(finding.code, Code::AlertRouteDown);
                assert!(
                    finding.sentence.contains("ops/acme") && finding.sentence.contains("no_service"),
                    "{finding:?}"
                );
                assert!(!finding.sentence.contains("hooks.example.com"), "the address is a secret");
            }
            other => panic!("{status} is {other:?}"),
        }
    }
    let throttled = Reply {
        status: 429,
        headers: vec![("retry-after".into(), "30".into())],
        body: "".into(),
    };
    match tell(Script::default().answer("POST ", Ok(throttled))).await {
        Verdict::NotDone {
            retry_after, obstacle, ..
        } => assert_eq!((retry_after, obstacle), (Some(Duration::from_secs(30)), Obstacle::Throttled)),
        other => panic!("{other:?}"),
    }
    let lost = tell(Script::default().lose("POST ", Lost::NoAnswer("reset".into()))).await;
    assert!(matches!(lost, Verdict::Unknown(_)), "{lost:?}");
    let failed = tell(Script::default().reply("POST ", 502, "<html>")).await;
    assert!(matches!(failed, Verdict::Unknown(_)), "{failed:?}");
}

/// What a chat would read as its own is shown as it is.
#[test]
fn causes_are_shown_as_they_are_written() {
    let odd = About {
        cause: "SKU <!channel> [x](y) *b*".into(),
        ..about()
    };
    let slack = slack::body(&id(), &message(What::Opened(odd.clone()))).to_string();
    assert!(
        !slack.replace("plain_text", "").contains("*Cause:* SKU <!channel>"),
        "{slack}"
    );
    assert!(slack.contains("&lt;!channel&gt;"), "{slack}");
    let teams = teams::body(&id(), &message(What::Opened(odd)));
    let shown = teams["attachments"][0]["content"]["body"][2]["facts"][1].clone();
    assert_eq!(shown, json!({"title": "Cause", "value": "SKU <!channel> \\[x\\](y) \\*b\\*"}));
}

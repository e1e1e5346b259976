//! `tallyman exceptions` as a person uses it: cards are found, taken up and handed over, and their history says who did.

use std::process::{Command, Output};

use serde_json::Value;
use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::mapping::{Cell, Table};
use tallyman_core::time::Timestamp;
use tallyman_store::tables::cards;
use tallyman_store::tables::exceptions::{self, Kept};
use tallyman_store::{Location, Store, Tx, Unit, UnitError};

const CONFIGURATION: &str = r#"
database = "tallyman.db"

[[master_key]]
number = 1
key = { file = "master-key" }

[[company]]
name = "acme"
[company.sage200]
client_id = "a"
client_secret = { env = "NO_SECRET_IS_NEEDED" }
refresh_token = { env = "NO_SECRET_IS_NEEDED" }
site = "00000000-0000-0000-0000-000000000000"
company_id = 1
[company.mintsoft]
api_key = { env = "NO_SECRET_IS_NEEDED" }
[company.virtualstock]
username = "a"
password = { env = "NO_SECRET_IS_NEEDED" }
"#;

/// Four causes, one of them with two records.
struct Fill;

impl Unit for Fill {
    type Output = ();
    const NAME: &'static str = "fill";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let at = Timestamp::parse_rfc3339("2026-11-02T09:00:00Z").expect("an instant");
        let cell = Cause::Cell(Cell::new(Table::Sku, "virtualstock-acme", "MUG"));
        let cards = [
            (Code::SkuUnknown, cell.clone(), "1"),
            (Code::SkuUnknown, cell, "2"),
            (Code::CreditHold, Cause::Account("A1".into()), "3"),
            (Code::StockShort, Cause::order("VS-7"), "mintsoft-acme order 7"),
            (Code::OverShipped, Cause::order("VS-8"), "shipment 8 MUG"),
        ];
        for (code, cause, record) in cards {
            let kept = Kept::without_sentence(code, cause);
            exceptions::join(tx, "acme", ("", record), &kept, exceptions::SEEN_ALL, at).await?;
        }
        cards::weigh(tx, "acme", 100, at).await.map(drop)
    }
}

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    async fn filled() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("tallyman.toml"), CONFIGURATION).unwrap();
        std::fs::write(folder.path().join("master-key"), "07".repeat(32)).unwrap();
        let store = Store::open(&Location::File(folder.path().join("tallyman.db"))).await.unwrap();
        store.write(Fill).await.unwrap();
        Self { folder }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.types("exceptions", arguments)
    }

    fn types(&self, what: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tallyman"));
        command.arg(what).args(arguments);
        command.arg("--config").arg(self.folder.path().join("tallyman.toml"));
        command.output().unwrap()
    }

    #[track_caller]
    fn says(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        let told = self.says(&[arguments, &["--json"]].concat());
        serde_json::from_str(&told).unwrap()
    }

    #[track_caller]
    fn refuses(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    }
}

#[tokio::test]
async fn a_card_is_found_taken_up_and_handed_over_and_its_history_says_who_did() {
    let desk = Desk::filled().await;
    assert_eq!(desk.json(&[])["cards"].as_array().unwrap().len(), 4);
    let cards = desk.json(&["--code", "sku_unknown", "--team", "operations", "--company", "acme"]);
    let card = &cards["cards"][0];
    assert_eq!(
        (&card["weight"]["stopped"], &card["cause"]["theirs"]),
        (&2.into(), &"MUG".into())
    );
    assert_eq!(desk.says(&["--team", "integration"]), "Nothing stands still.\n");
    assert!(desk.refuses(&["--company", "beta"]).contains("there is acme"));
    let id = card["id"].as_str().unwrap();

    let said = desk.says(&["ack", &id.to_lowercase(), "--by", "jo", "--seen", "1"]);
    assert_eq!(
        said,
        format!("{id}: acknowledge is kept. The card is acknowledged and with operations, version 2.\n")
    );
    let refused = desk.refuses(&["fix", id, "--by", "sam", "--seen", "1"]);
    assert!(refused.contains("version 1, now 2"), "{refused}");
    desk.says(&["assign", id, "jo", "--deputy", "sam", "--by", "jo"]);
    desk.says(&["comment", id, "Asked the buyer.", "--by", "jo"]);
    let late = desk.refuses(&["set-aside", id, "--until", "2020-01-01", "--reason", "later", "--by", "jo"]);
    assert!(late.contains("Choose a later end"), "{late}");
    let handed = desk.json(&["hand-over", id, "finance", "Yours.", "--by", "jo"]);
    assert_eq!(
        (&handed["team"], &handed["life"], &handed["version"]),
        (&"finance".into(), &"open".into(), &5.into())
    );

    let history = desk.json(&["history", id]);
    let acts: Vec<(&str, &str)> = history["acts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|act| (act["act"].as_str().unwrap(), act["actor"].as_str().unwrap()))
        .collect();
    assert_eq!(
        acts,
        [
            ("hand_over", "jo"),
            ("comment", "jo"),
            ("assign", "jo"),
            ("acknowledge", "jo")
        ]
    );
    assert!(desk.says(&["history", id]).contains("jo  hand_over to finance: Yours."));
    let shown = desk.json(&["show", id]);
    assert_eq!(shown["members"].as_array().unwrap().len(), 2);
    let told = desk.says(&["show", id]);
    assert!(
        told.contains("record 1") && told.contains("open, with finance, version 5"),
        "{told}"
    );
    let command = "tallyman map set sku virtualstock-acme MUG OURS --by NAME --reason WHY";
    assert!(told.contains(command), "{told}");
    assert!(desk.refuses(&["show", "AAAAAAAAAAAAAAAA"]).contains("there is no card"));
}

#[tokio::test]
async fn what_was_put_under_another_card_is_found_and_brought_back() {
    let desk = Desk::filled().await;
    let card = |code: &str| desk.json(&["--code", code])["cards"][0]["id"].as_str().unwrap().to_owned();
    let (above, part) = (card("credit_hold"), card("stock_short"));
    assert_eq!(desk.says(&["--sort", "merged"]), "No card is under another.\n");
    desk.says(&["merge", &part, &above, "--by", "jo"]);
    assert!(!desk.says(&[]).contains(&part));
    let merged = desk.says(&["--sort", "merged"]);
    assert!(
        merged.contains(&part) && merged.contains(&format!("put under card {above}")),
        "{merged}"
    );
    desk.says(&["unmerge", &part, "--by", "jo"]);
    assert_eq!(desk.says(&["--sort", "merged"]), "No card is under another.\n");
    assert!(desk.says(&[]).contains(&part));
}

#[tokio::test]
async fn its_owner_decides_about_a_card_and_two_do_where_goods_are_in_no_book() {
    let desk = Desk::filled().await;
    let card = |code: &str| desk.json(&["--code", code])["cards"][0]["id"].as_str().unwrap().to_owned();
    let short = card("stock_short");
    assert!(
        desk.says(&["show", &short])
            .contains("may be decided --as settled: It was put right outside")
    );
    let decide = |card: &str, rest: &[&str]| {
        let named = ["decide", card, "--all", "--reason", "found on a shelf"];
        [&named, rest].concat().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let says = |card: &str, rest: &[&str]| desk.says(&decide(card, rest).iter().map(String::as_str).collect::<Vec<_>>());
    let refuses = |card: &str, rest: &[&str]| desk.refuses(&decide(card, rest).iter().map(String::as_str).collect::<Vec<_>>());

    let moved = refuses(&short, &["--as", "settled", "--by", "jo", "--seen", "9"]);
    assert!(moved.contains("version 9, now 1"), "{moved}");
    assert!(refuses(&short, &["--as", "keep", "--by", "jo"]).contains("It takes settled"));
    assert!(refuses(&short, &["--as", "ignored", "--by", "jo"]).contains("there are settled, declined, keep"));
    assert_eq!(
        says(&short, &["--as", "settled", "--by", "jo"]),
        format!("{short}: 1 record is settled.\n")
    );
    let shown = desk.json(&["show", &short]);
    assert_eq!(
        (&shown["members"][0]["stand"], &shown["members"][0]["proof"]),
        (&"proven".into(), &"settled by jo".into())
    );
    let told = desk.says(&["history", &short]);
    assert!(
        told.contains("jo  decide as settled: found on a shelf"),
        "what has no key keeps why with the card: {told}"
    );

    let over = card("over_shipped");
    assert!(desk.says(&["show", &over]).contains("--document NUMBER, and two people"));
    assert!(refuses(&over, &["--as", "settled", "--by", "jo"]).contains("document"));
    let with = ["--as", "settled", "--document", "GDN 12", "--by"];
    let first = says(&over, &[&with[..], &["jo"]].concat());
    assert!(first.contains("a second person has to say the same"), "{first}");
    assert!(refuses(&over, &[&with[..], &["Jo"]].concat()).contains("has said so already"));
    says(&over, &[&with[..], &["sam"]].concat());
    let shown = desk.json(&["show", &over]);
    assert_eq!(shown["members"][0]["proof"], "settled by jo and sam, document GDN 12");
}

#[tokio::test]
async fn its_history_says_what_its_word_was_said_to_mean() {
    let desk = Desk::filled().await;
    let id = desk.json(&["--code", "sku_unknown"])["cards"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(desk.says(&["history", &id]), "Nothing was done with it yet.\n");
    desk.says(&["ack", &id, "--by", "jo"]);
    for (word, ours) in [("MUG", "MUG-1"), ("TEE", "TEE-1"), ("mug", "MUG-2")] {
        let said = [
            "set",
            "sku",
            "virtualstock-acme",
            word,
            ours,
            "--by",
            "sam",
            "--reason",
            "Asked the buyer.",
        ];
        let output = desk.types("map", &said);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let told = desk.says(&["history", &id]);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 3, "nothing of another word: {told}");
    for (line, said) in lines.iter().zip([
        "sam  said that mug means MUG-2: Asked the buyer.",
        "sam  said that MUG means MUG-1: Asked the buyer.",
        "jo  acknowledge",
    ]) {
        assert!(line.ends_with(said), "{said}: {told}");
    }
    let history = desk.json(&["history", &id]);
    let ours: Vec<&str> = history["meant"]
        .as_array()
        .unwrap()
        .iter()
        .map(|meant| meant["ours"].as_str().unwrap())
        .collect();
    assert_eq!((ours, history["acts"].as_array().unwrap().len()), (vec!["MUG-2", "MUG-1"], 1));
}

#[tokio::test]
async fn nothing_is_declined_that_nobody_says_is_agreed() {
    let desk = Desk::filled().await;
    let id = desk.json(&["--code", "credit_hold"])["cards"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let shown = desk.says(&["show", &id]);
    assert!(
        shown.contains("may be decided --as declined") && shown.contains("It takes --agreed."),
        "{shown}"
    );
    let decline = [
        "decide",
        id.as_str(),
        "--all",
        "--as",
        "declined",
        "--by",
        "jo",
        "--reason",
        "cancelled",
    ];
    let refused = desk.refuses(&decline);
    assert!(
        refused.contains("Agree it with the retailer first") && refused.contains("--agreed"),
        "it names what is missing: {refused}"
    );
    assert_eq!(desk.json(&["show", &id])["card"]["version"], 1, "nothing was changed");
    // What is said is heard: its record belongs to no order, and that is what is refused now.
    let agreed = desk.run(&[&decline[..], &["--agreed"]].concat());
    let said = String::from_utf8_lossy(&agreed.stderr) + String::from_utf8_lossy(&agreed.stdout);
    assert!(!said.contains("Agree it with the retailer"), "{said}");
}

#[test]
fn a_token_is_printed_once_with_the_lines_that_let_it_in() {
    let draw = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tallyman"));
        let output = command
            .args(["api", "token", "console", "--may", "read,act"])
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let (one, other) = (draw(), draw());
    assert!(one.starts_with("tly_") && one.contains("may = [\"read\", \"act\"]"), "{one}");
    assert_ne!(one.lines().next(), other.lines().next(), "each is drawn anew");
}

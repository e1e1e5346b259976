//! `tallyman tally` as a person meets it: a table, the keys that are missing, and how it ends; beside a worker, and when nobody reads it.

use std::path::Path;
use std::process::{Command, Output};

use tallyman_core::ident::{Company, Connection, JourneyId};
use tallyman_core::journey::{Journey, Route, Stage};
use tallyman_core::money::Money;
use tallyman_core::tally::{Kind, Problem};
use tallyman_core::time::{Date, Timestamp};
use tallyman_store::tables::messages::{self, Message};
use tallyman_store::tables::tally::{self, Swept};
use tallyman_store::tables::{feeds, journeys};
use tallyman_store::{Location, Store, Tx, Unit, UnitError};

/// Two merchants; nobody's secret is there, and none is needed.
const CONFIG: &str = r#"
database = "tallyman.db"

[[master_key]]
number = 1
key = { env = "TALLYMAN_NO_SUCH_KEY" }

[[company]]
name = "acme"

[company.sage200]
client_id = "id"
client_secret = { env = "NO_SUCH_SECRET" }
refresh_token = { env = "NO_SUCH_SECRET" }
site = "00000000-0000-0000-0000-000000000000"
company_id = 1

[company.mintsoft]
api_key = { env = "NO_SUCH_SECRET" }

[company.virtualstock]
username = "acme-api"
password = { env = "NO_SUCH_SECRET" }
"#;

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

/// Two orders of a day, one of them late and declined, the other waiting; and a key that never came, or did after all.
struct Fill {
    fetched: bool,
}

impl Unit for Fill {
    type Output = ();
    const NAME: &'static str = "fill";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let (company, channel) = (Company::new("acme"), Connection::new("virtualstock-acme"));
        let day = Date::parse("2026-11-02").unwrap();
        let source = (&channel, Kind::Order);
        for (record, received_at, shown) in [("7000001", "2026-11-02T09:00:00Z", 1), ("7000002", "2026-11-02T09:05:00Z", 3)] {
            let id = JourneyId::derive(&company, &channel, record);
            let message = Message {
                connection: channel.clone(),
                record: record.into(),
                hash: "hash".into(),
                company: company.clone(),
                kind: "order",
                journey: id.to_string(),
                made_at: Some(at("2026-11-02T06:00:00Z")),
                shown,
                body: vec![1],
            };
            messages::insert(tx, &message, at(received_at)).await?;
            if record == "7000001" {
                messages::decide(tx, &channel, record, "hash", at(received_at)).await?;
                let connection = Connection::new;
                let journey = Journey {
                    id,
                    company: company.clone(),
                    route: Route {
                        channel: channel.clone(),
                        ledger: connection("sage200-acme"),
                        warehouse: connection("mintsoft-acme"),
                    },
                    source_key: record.into(),
                    reference: "W-1".into(),
                    stage: Stage::Declined,
                    lines: Vec::new(),
                    draft_id: None,
                    ledger_order: None,
                    release_id: None,
                    shipments: Vec::new(),
                    net: Money::ZERO,
                    due_by: None,
                };
                journeys::insert(tx, &journey, None, (at(received_at), at(received_at))).await?;
            }
        }
        tally::open(tx, source, ("7000003", Problem::Missing), day, at("2026-11-03T02:00:00Z")).await?;
        if self.fetched {
            let why = "it was fetched by its key";
            tally::clear(tx, source, ("7000003", Problem::Missing), why, at("2026-11-03T02:01:00Z")).await?;
        }
        let swept = Swept {
            at: at("2026-11-03T02:00:00Z"),
            listed: 3,
            why: String::new(),
        };
        tally::put_swept(tx, source, day, &swept).await?;
        feeds::add(
            tx,
            "order keys of virtualstock-acme",
            Timestamp::MAX,
            at("2026-11-02T06:00:00Z"),
        )
        .await
    }
}

async fn fill(folder: &Path, fetched: bool) {
    std::fs::write(folder.join("tallyman.toml"), CONFIG).unwrap();
    let store = Store::open(&Location::File(folder.join("tallyman.db"))).await.unwrap();
    store.write(Fill { fetched }).await.unwrap();
}

fn tally_of(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tallyman"));
    command
        .args(["tally", "--day", "2026-11-02", "--config"])
        .arg(folder.join("tallyman.toml"))
        .args(arguments);
    command
}

fn tallied(folder: &Path, arguments: &[&str]) -> Output {
    tally_of(folder, arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_is_named_and_ends_with_one() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path(), false).await;
    let told = tallied(folder.path(), &[]);
    let (out, error) = (text(&told.stdout), text(&told.stderr));
    assert_eq!(told.status.code(), Some(1), "{out}{error}");
    for line in [
        "day         source                       received  posted    open  declined  repeats",
        "2026-11-02  orders of virtualstock-acme         2       0       1         1        2",
        "2026-11-02  shipments of mintsoft-acme          0       0       0         0        0",
        "  asked     Retailer by retailer, every order",
        "  compared  at 2026-11-03 02:00:00, when the day was over: 3 keys of it are listed there",
        "  GAP       7000003: on the source's list, and never received (found 2026-11-03 02:00:00)",
        "  late      7000001: made 2026-11-02 06:00:00, received 2026-11-02 09:00:00",
        "  again     7000002: 2 times more in one answer",
        "  compared  not yet",
        "It does NOT come out even",
    ] {
        assert!(out.contains(line), "no line with `{line}` in\n{out}");
    }

    let told = tallied(folder.path(), &["--json", "--company", "acme"]);
    assert_eq!(told.status.code(), Some(1));
    let pages: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    let orders = &pages[0];
    assert_eq!(
        (
            orders["received"].as_u64(),
            orders["open"].as_u64(),
            orders["declined"].as_u64(),
            orders["repeats"].as_u64()
        ),
        (Some(2), Some(1), Some(1), Some(2))
    );
    assert_eq!(
        (&orders["adds_up"], &orders["gaps"][0]["key"]),
        (&true.into(), &"7000003".into())
    );
    assert_eq!(orders["gaps"][0]["problem"], "missing");
    assert!(
        orders["question"]["asked"]["beyond"].as_str().unwrap().contains("dispatched"),
        "{orders}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mended_gap_is_named_and_ends_with_nought() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path(), true).await;
    let told = tallied(folder.path(), &["--compare"]);
    let (out, error) = (text(&told.stdout), text(&told.stderr));
    assert_eq!(told.status.code(), Some(0), "{out}{error}");
    assert!(
        out.contains("mended    7000003: ") && out.contains("no more since 2026-11-03 02:01:00: it was fetched by its key"),
        "{out}"
    );
    assert!(out.contains("It adds up, and no gap stands."), "{out}");
    assert!(error.contains("as soon as a worker runs"), "{error}");
    let due = {
        let store = Store::open(&Location::File(folder.path().join("tallyman.db"))).await.unwrap();
        store.read(Due).await.unwrap()
    };
    assert!(due.is_some_and(|due| due < Timestamp::MAX), "nobody was asked to compare");

    let told = tallied(folder.path(), &["--company", "nobody"]);
    assert!(
        !told.status.success() && text(&told.stderr).contains("there is acme"),
        "{}",
        text(&told.stderr)
    );
}

/// More orders of the day than may stand otherwise before a worker counts them.
struct BusyDay;

impl Unit for BusyDay {
    type Output = ();
    const NAME: &'static str = "busy_day";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let (company, channel) = (Company::new("acme"), Connection::new("virtualstock-acme"));
        for number in 0..150 {
            let record = format!("{}", 7_100_000 + number);
            let message = Message {
                connection: channel.clone(),
                hash: "hash".into(),
                company: company.clone(),
                kind: "order",
                journey: JourneyId::derive(&company, &channel, &record).to_string(),
                made_at: None,
                shown: 1,
                body: vec![1],
                record,
            };
            messages::insert(tx, &message, at("2026-11-02T09:00:00Z")).await?;
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_day_is_read_beside_a_worker_that_has_not_counted_it_yet() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tallyman.toml"), CONFIG).unwrap();
    let worker = Store::open(&Location::File(folder.path().join("tallyman.db"))).await.unwrap();
    worker.write(BusyDay).await.unwrap();
    let told = tallied(folder.path(), &["--json"]);
    let (out, error) = (text(&told.stdout), text(&told.stderr));
    assert_eq!(told.status.code(), Some(0), "{out}{error}");
    let pages: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    let orders = &pages[0];
    assert_eq!((orders["received"].as_u64(), orders["open"].as_u64()), (Some(150), Some(150)));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_as_it_would_when_nobody_reads_it_to_the_end() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path(), true).await;
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let told = tally_of(folder.path(), &[]).stdout(writer).output().unwrap();
    assert_eq!((told.status.code(), text(&told.stderr)), (Some(0), String::new()));
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_full_disk_does_not_take_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path(), true).await;
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let told = tally_of(folder.path(), &[]).stdout(full).output().unwrap();
    let error = text(&told.stderr);
    assert_eq!(told.status.code(), Some(1), "{error}");
    assert!(error.contains("could be written: No space left"), "{error}");
}

struct Due;

impl Unit for Due {
    type Output = Option<Timestamp>;
    const NAME: &'static str = "due";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        feeds::due(tx, "order keys of virtualstock-acme").await
    }
}

//! The plug is pulled: Tallyman is killed with SIGKILL again and again while real orders travel, and started again over the same
//! database. The twin is another process and stays up, as vendors do. At the end its auditors find nothing lost and nothing doubled.
//!
//! `TALLYMAN_KILLS` says how often on each store: few for the gate, 200 for the soak
//! (`TALLYMAN_KILLS=200 cargo xtask test killed`).

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tallyman::chance::Seeded;
use tallyman::clocks::PacedClock;
use tallyman::demo::Day;
use tallyman_core::seam::Clock;
use tallyman_store::{Location, Server, Store, Tx, Unit, UnitError, params};

const PROGRAM: &str = env!("CARGO_BIN_EXE_tallyman");
const KILLS: u32 = 12;
/// More is a soak, which takes its time: at a slower pace a busy machine stands still for less of the twin's time.
const KILLS_IN_GATE_MAX: u32 = 50;
/// A victim lives at most so long, in real milliseconds.
const LIFE_MS: (u64, u64) = (60, 1200);
/// How long it is looked for something being sent before the kill.
const LOOK_MAX: Duration = Duration::from_millis(4000);
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// A child that does not outlive the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Scene {
    kills: u32,
    pace: u32,
    _twin: Running,
    address: String,
    day: Day,
    database: String,
    schema: Option<String>,
}

/// Effects that the worker of this name was sending when it was last heard of.
struct SentBy(String);

impl Unit for SentBy {
    type Output = i64;
    const NAME: &'static str = "sent_by";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<i64, UnitError> {
        let counted =
            "select count(*) from lane join effect on effect.id = lane.head where lane.worker = $1 and effect.state = 'sending'";
        tx.query_one(counted, params![self.0]).await?.get(0)
    }
}

impl Scene {
    fn new(database: String, schema: Option<String>) -> Self {
        let kills = std::env::var("TALLYMAN_KILLS").map_or(KILLS, |kills| kills.parse().expect("TALLYMAN_KILLS is a number"));
        let pace = if kills > KILLS_IN_GATE_MAX { 60 } else { 120 };
        // Orders keep arriving for as long as there is killing, about one in half a second.
        let seconds = kills * 5 / 4;
        let mut twin = Command::new(PROGRAM);
        twin.args([
            "twin",
            "--listen",
            "127.0.0.1:0",
            "--faults",
            "harsh",
            "--seed",
            "11",
            "--with-parent",
        ]);
        twin.args(["--orders", &(40 + seconds * 2).to_string(), "--pace", &pace.to_string()]);
        twin.args(["--within-minutes", &(1 + seconds * pace / 60).to_string()]);
        let mut twin = Running(twin.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap());
        let mut lines = BufReader::new(twin.0.stdout.take().unwrap()).lines();
        let mut line = || lines.next().unwrap().unwrap();
        let address = line().strip_prefix("listening on ").unwrap().to_owned();
        let day = Day::parse(&line()).unwrap();
        Self {
            kills,
            pace,
            _twin: twin,
            address,
            day,
            database,
            schema,
        }
    }

    /// Tallyman, which works until everything has come to rest.
    fn tallyman(&self) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(["demo", "--until-quiet", "--twin", &self.address, "--database", &self.database]);
        command.args([
            "--origin",
            &self.day.origin.to_string(),
            "--since",
            &self.day.since.to_string(),
        ]);
        command.args(["--pace", &self.pace.to_string()]);
        if let Some(schema) = &self.schema {
            command.args(["--schema", schema]);
        }
        command.env("RUST_LOG", "error").stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn location(&self) -> Location {
        match &self.schema {
            None => Location::File(self.database.clone().into()),
            Some(schema) => Location::Postgres(Server {
                schema: Some(schema.clone()),
                connections: 1,
                ..Server::at(&self.database)
            }),
        }
    }

    /// Kills as often as is wanted, and says how often something was being sent.
    async fn kill(&self) -> u32 {
        let real = PacedClock::system();
        let mut chance = Seeded::new(11, &self.database);
        let mut store = None;
        let mut sending = 0;
        for round in 0..self.kills {
            let mut victim = Running(self.tallyman().spawn().unwrap());
            let name = format!("demo-{}", victim.0.id());
            let life = Duration::from_millis(chance.between(LIFE_MS.0, LIFE_MS.1));
            real.sleep_until(real.now().plus(life)).await;
            assert!(victim.0.try_wait().unwrap().is_none(), "the victim ended by itself");
            if store.is_none() {
                store = Store::open_to_read(&self.location()).await.ok();
            }
            // Two in three while something is being sent, if that can be seen; the others wherever they are.
            let until = real.now().plus(LOOK_MAX);
            let behind = sending * 3 < (round + 1) * 2;
            while behind && self.sent_by(store.as_ref(), &name).await == 0 && real.now() < until {
                real.sleep_until(real.now().plus(LOOK_EVERY)).await;
            }
            victim.0.kill().unwrap();
            victim.0.wait().unwrap();
            sending += u32::from(self.sent_by(store.as_ref(), &name).await > 0);
        }
        sending
    }

    /// Nought while the store is not there yet.
    async fn sent_by(&self, store: Option<&Store>, name: &str) -> i64 {
        match store {
            Some(store) => store.read(SentBy(name.to_owned())).await.unwrap_or(0),
            None => 0,
        }
    }

    async fn kill_and_audit(self, name: &str) {
        let began = PacedClock::system().now();
        let sending = self.kill().await;
        let kills = self.kills;
        println!("{name}: {kills} kills, {sending} of them while an effect was being sent");
        let report = tempfile::NamedTempFile::new().unwrap();
        let ended = self
            .tallyman()
            .arg("--report")
            .arg(report.path())
            .stderr(Stdio::inherit())
            .status()
            .unwrap();
        let report = std::fs::read_to_string(report.path()).unwrap();
        let took = PacedClock::system().now().since(began).as_secs();
        let read: serde_json::Value = serde_json::from_str(&report).expect("the last run wrote its report");
        println!(
            "{name}: {} journeys complete, {} unknown outcomes, {} probes, lost {}, doubled {}, in {took} s",
            read["journeys_complete"], read["unknown_outcomes"], read["probes"], read["lost"], read["doubled"]
        );
        assert!(ended.success(), "{report}");
        assert_eq!(
            (&read["lost"], &read["doubled"]),
            (&serde_json::json!([]), &serde_json::json!([]))
        );
        assert!(
            sending * 2 >= kills,
            "only {sending} of {kills} kills came while an effect was being sent"
        );
    }
}

#[tokio::test]
async fn killed_on_a_file_it_loses_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("tallyman.db").display().to_string();
    Scene::new(database, None).kill_and_audit("a file").await;
}

#[tokio::test]
async fn killed_on_postgresql_it_loses_and_doubles_nothing() {
    let Ok(address) = std::env::var("TALLYMAN_TEST_POSTGRES") else {
        let left_out = std::env::var("TALLYMAN_TEST_WITHOUT_POSTGRES").is_ok_and(|value| value == "1");
        assert!(
            left_out,
            "TALLYMAN_TEST_POSTGRES names no server; set TALLYMAN_TEST_WITHOUT_POSTGRES=1 to leave it out"
        );
        return;
    };
    let schema = "t_killed";
    let (client, connection) = tokio_postgres::connect(&address, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let make = format!("set client_min_messages = error; drop schema if exists {schema} cascade; create schema {schema}");
    client.batch_execute(&make).await.unwrap();
    Scene::new(address, Some(schema.into())).kill_and_audit("PostgreSQL").await;
}

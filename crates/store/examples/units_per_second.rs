//! How many units a second the store commits, and what they cost in processor time.
//!
//! A unit is three statements: an update, an insert and a journal line. `cargo run --release --example units_per_second --
//! FOLDER [POSTGRES-URL]` measures memory, a file in FOLDER (which should lie on a real disk) and, if given, a PostgreSQL server,
//! in a schema that it drops and makes anew.

#![expect(clippy::disallowed_methods, reason = "speed is measured in real time")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use tallyman_core::time::Timestamp;
use tallyman_store::journal::{self, Commitment, Content, Line, SealJournal};
use tallyman_store::{Location, Migration, Server, Store, Tx, Unit, UnitError, params};

const TASKS: usize = 64;
const LASTS: Duration = Duration::from_secs(3);

const TABLES: &[Migration] = &[
    tallyman_store::MIGRATIONS[0],
    Migration {
        number: 2,
        name: "tables of the measurement",
        sql: "
            create table stock (item text not null primary key, quantity {bigint} not null) {strict};
            create table movement (id text not null primary key, item text not null, quantity {bigint} not null) {strict};",
    },
];

/// Moves stock: one row changed, one added, one line in the journal.
struct Move {
    task: usize,
    number: u64,
}

impl Unit for Move {
    type Output = ();
    const NAME: &'static str = "move";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        const CHANGE: &str = "update stock set quantity = quantity - $2 where item = $1";
        const ADD: &str = "insert into movement (id, item, quantity) values ($1, $2, $3)";
        let item = format!("item {}", self.task);
        let id = format!("{}-{}", self.task, self.number);
        tx.execute(CHANGE, params![item, 1_i64]).await?;
        tx.execute(ADD, params![id, item, 1_i64]).await?;
        let commitment = Commitment::open(id.as_bytes());
        let at = Timestamp::from_micros(self.number as i64);
        let line = Line {
            company: "acme",
            at,
            actor: "bench",
            kind: "moved",
            subject: &item,
            commitment,
            content: Content::Nothing,
        };
        journal::write(tx, &line).await
    }
}

struct AddItem(String);

impl Unit for AddItem {
    type Output = u64;
    const NAME: &'static str = "add item";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, UnitError> {
        tx.execute("insert into stock (item, quantity) values ($1, 1000000)", params![self.0])
            .await
    }
}

struct Look(String);

impl Unit for Look {
    type Output = i64;
    const NAME: &'static str = "look";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<i64, UnitError> {
        tx.query_one("select quantity from stock where item = $1", params![self.0])
            .await?
            .get(0)
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("name a folder to measure in")?);
    let file = folder.join("units_per_second.db");
    for end in ["", "-wal", "-shm", ".lock"] {
        let path = format!("{}{end}", file.display());
        if std::fs::exists(&path)? {
            std::fs::remove_file(path)?;
        }
    }
    measure("memory", &Location::Memory).await?;
    measure("file", &Location::File(file)).await?;
    if let Some(url) = arguments.next() {
        let schema = "units_per_second".to_owned();
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await?;
        tokio::spawn(connection);
        client
            .batch_execute(&format!("drop schema if exists {schema} cascade; create schema {schema}"))
            .await?;
        measure(
            "postgres",
            &Location::Postgres(Server {
                schema: Some(schema),
                ..Server::at(url)
            }),
        )
        .await?;
    }
    Ok(())
}

async fn measure(name: &str, location: &Location) -> Result<(), Box<dyn std::error::Error>> {
    let store = Store::open_with(location, TABLES).await?;
    for task in 0..TASKS {
        store.write(AddItem(format!("item {task}"))).await?;
    }
    let (units, wall, cpu) = timed(&store, TASKS, |store, task, number| async move {
        store.write(Move { task, number }).await
    })
    .await?;
    report(name, "units", units, wall, cpu);
    println!(
        "{name:>9}  {:.1} units to a commit",
        store.commits() as f64 / store.transactions() as f64
    );

    let (began, cpu) = (Instant::now(), cpu_time());
    let mut lines = 0;
    loop {
        let run = store
            .write(SealJournal {
                company: "acme".to_owned(),
                now: Timestamp::ZERO,
                limit: 1_000,
            })
            .await?;
        lines += run.sealed;
        if !run.more {
            break;
        }
    }
    report(name, "lines sealed", lines, began.elapsed(), cpu_time() - cpu);

    let (reads, wall, cpu) = timed(&store, TASKS, |store, task, _| async move {
        store.read(Look(format!("item {task}"))).await.map(drop)
    })
    .await?;
    report(name, "reads", reads, wall, cpu);
    let (alone, wall, cpu) = timed(&store, 1, |store, task, number| async move {
        let number = 1_000_000_000 + number;
        store.write(Move { task, number }).await
    })
    .await?;
    report(name, "units, one task", alone, wall, cpu);
    Ok(())
}

/// Runs `work` from so many tasks for a while; says how often, how long, and how much processor time.
async fn timed<W, F>(store: &Store, tasks: usize, work: W) -> Result<(u64, Duration, Duration), Box<dyn std::error::Error>>
where
    W: Fn(Store, usize, u64) -> F + Copy + Send + Sync + 'static,
    F: Future<Output = Result<(), UnitError>> + Send,
{
    let (began, cpu) = (Instant::now(), cpu_time());
    let running: Vec<_> = (0..tasks)
        .map(|task| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut done = 0;
                while began.elapsed() < LASTS {
                    work(store.clone(), task, done).await?;
                    done += 1;
                }
                Ok::<u64, UnitError>(done)
            })
        })
        .collect();
    let mut done = 0;
    for task in running {
        done += task.await??;
    }
    Ok((done, began.elapsed(), cpu_time() - cpu))
}

/// The processor time of this process so far, as the system counts it in hundredths of a second.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Duration::from_millis(ticks * 10)
}

fn report(name: &str, what: &str, count: u64, wall: Duration, cpu: Duration) {
    let per_second = count as f64 / wall.as_secs_f64();
    let micros = cpu.as_secs_f64() * 1e6 / count.max(1) as f64;
    println!("{name:>9}  {per_second:>9.0} {what} a second, {micros:.0} µs of processor time each");
}

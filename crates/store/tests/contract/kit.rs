//! A store of each kind for one test alone, and a few units to try it with.

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex};

use tallyman_core::seam::Rng;
use tallyman_store::{Location, Migration, Row, Server, Store, Tx, Unit, UnitError, Value, params};
use tempfile::TempDir;

/// Tables that only these tests use.
pub const TABLES: &[Migration] = &[Migration {
    number: 1,
    name: "tables of the tests",
    sql: "
        create table word (id {bigint} not null primary key, word text not null, note text, bytes {blob}) {strict};
        create table half (id {bigint} not null, side text not null, primary key (id, side)) {strict};
        create table parent (id {bigint} not null primary key) {strict};
        create table child (
            id {bigint} not null primary key,
            parent {bigint} not null references parent (id) deferrable initially deferred
        ) {strict};
        create table counter (name text not null primary key, value {bigint} not null) {strict};
        create table lane (
            id text not null primary key,
            head {bigint} not null,
            last {bigint} not null,
            held_by text
        ) {strict};",
}];

/// A store and what keeps it apart from every other test's.
pub struct Bench {
    pub store: Store,
    pub location: Location,
    _folder: Option<TempDir>,
}

impl Bench {
    pub async fn memory() -> Bench {
        Bench::open(Location::Memory, None).await
    }

    pub async fn file() -> Bench {
        let folder = tempfile::tempdir().unwrap();
        Bench::open(Location::File(path_in(&folder)), Some(folder)).await
    }

    /// Nothing if PostgreSQL is left out on purpose.
    pub async fn postgres(test: &str) -> Option<Bench> {
        let server = fresh_schema(test).await?;
        Some(Bench::open(Location::Postgres(server), None).await)
    }

    async fn open(location: Location, folder: Option<TempDir>) -> Bench {
        let store = Store::open_with(&location, TABLES).await.unwrap();
        Bench {
            store,
            location,
            _folder: folder,
        }
    }

    /// Another store of the same kind, with the program's own tables.
    pub async fn program(&self) -> Store {
        match &self.location {
            Location::Memory => Store::memory().unwrap(),
            Location::File(path) => Store::open(&Location::File(path.with_extension("program"))).await.unwrap(),
            Location::Postgres(server) => {
                let schema = server.schema.as_deref().unwrap_or_default();
                let server = fresh_schema(&format!("{}_p", schema.trim_start_matches("t_"))).await.unwrap();
                Store::open(&Location::Postgres(server)).await.unwrap()
            }
        }
    }

    /// A second store at the same place, as another process would open it. In memory there is none.
    pub async fn second(&self) -> Option<Store> {
        match self.location {
            Location::Postgres(_) => Some(Store::open_with(&self.location, TABLES).await.unwrap()),
            Location::Memory | Location::File(_) => None,
        }
    }
}

pub fn path_in(folder: &TempDir) -> PathBuf {
    folder.path().join("tallyman.db")
}

/// An empty schema of this test's own.
pub async fn fresh_schema(test: &str) -> Option<Server> {
    let Ok(url) = std::env::var("TALLYMAN_TEST_POSTGRES") else {
        let left_out = std::env::var("TALLYMAN_TEST_WITHOUT_POSTGRES").is_ok_and(|value| value == "1");
        assert!(
            left_out,
            "TALLYMAN_TEST_POSTGRES names no server; set TALLYMAN_TEST_WITHOUT_POSTGRES=1 to leave PostgreSQL out"
        );
        return None;
    };
    // PostgreSQL cuts names after 63 characters; the end is what tells tests apart.
    let name: String = test
        .replace("::", "_")
        .chars()
        .rev()
        .take(55)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect();
    let schema = format!("t_{name}");
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let make = format!("set client_min_messages = error; drop schema if exists \"{schema}\" cascade; create schema \"{schema}\"");
    client.batch_execute(&make).await.unwrap();
    Some(Server {
        schema: Some(schema),
        ..Server::at(url)
    })
}

/// Inserts a word, and then does as told.
#[derive(Clone)]
pub struct Put {
    pub id: i64,
    pub word: &'static str,
    pub then: Then,
    pub gate: Gate,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Then {
    Succeed,
    Refuse,
    Panic,
    SwallowAnError,
    WaitForSomethingElse,
    WaitAtTheGate,
}

pub fn put(id: i64, word: &'static str) -> Put {
    Put {
        id,
        word,
        then: Then::Succeed,
        gate: Gate::default(),
    }
}

impl Put {
    pub fn then(self, then: Then) -> Put {
        Put { then, ..self }
    }

    pub fn at(self, gate: &Gate) -> Put {
        Put {
            then: Then::WaitAtTheGate,
            gate: gate.clone(),
            ..self
        }
    }
}

pub const PUT: &str = "insert into word (id, word) values ($1, $2)";

impl Unit for Put {
    type Output = i64;
    const NAME: &'static str = "put a word";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<i64, UnitError> {
        tx.execute(PUT, params![self.id, self.word]).await?;
        match self.then {
            Then::Succeed => {}
            Then::Refuse => return Err(UnitError::Refused("no".to_owned())),
            Then::Panic => panic!("the unit fell over"),
            Then::SwallowAnError => drop(tx.execute(PUT, params![self.id, self.word]).await),
            Then::WaitForSomethingElse => std::future::pending().await,
            Then::WaitAtTheGate => self.gate.pass(),
        }
        Ok(self.id)
    }
}

/// Holds a unit up in the middle until the test lets it go on.
#[derive(Clone, Default)]
pub struct Gate(Arc<(Mutex<GateState>, Condvar)>);

#[derive(Default)]
struct GateState {
    reached: bool,
    open: bool,
}

impl Gate {
    /// Called by the unit. It blocks its thread, as a unit must not wait for anything.
    pub fn pass(&self) {
        let (state, moved) = &*self.0;
        let mut state = state.lock().unwrap();
        state.reached = true;
        moved.notify_all();
        drop(moved.wait_while(state, |state| !state.open).unwrap());
    }

    /// Waits until the unit is at the gate.
    pub fn reached(&self) {
        let (state, moved) = &*self.0;
        drop(moved.wait_while(state.lock().unwrap(), |state| !state.reached).unwrap());
    }

    pub fn open(&self) {
        let (state, moved) = &*self.0;
        state.lock().unwrap().open = true;
        moved.notify_all();
    }
}

/// Runs one statement that answers with rows.
pub struct Ask(pub &'static str, pub Vec<Value<'static>>);

impl Unit for Ask {
    type Output = Vec<Row>;
    const NAME: &'static str = "ask";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Row>, UnitError> {
        tx.query(self.0, &self.1).await
    }
}

/// Runs one statement that changes rows.
pub struct Do(pub &'static str, pub Vec<Value<'static>>);

impl Unit for Do {
    type Output = u64;
    const NAME: &'static str = "do";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, UnitError> {
        tx.execute(self.0, &self.1).await
    }
}

/// The ids of the words that are there.
pub async fn ids(store: &Store) -> Vec<i64> {
    let rows = store.read(Ask("select id from word order by id", vec![])).await.unwrap();
    rows.iter().map(|row| row.get(0).unwrap()).collect()
}

/// Counts, so that a test has the same keys each time.
pub struct Counting(pub u8);

impl Rng for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.0;
            self.0 = self.0.wrapping_add(1);
        }
    }
}

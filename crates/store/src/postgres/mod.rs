//! PostgreSQL: each unit in a task of its own, so that a caller who goes away cannot leave half a transaction behind.
//!
//! Units are serializable and run again when the server says that they met others; claims may ask for less (see
//! [`Isolation`]). Time-outs here are in real time, because the server's are.

mod listen;
mod transaction;
mod values;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio::task::{AbortHandle, JoinError};
use tokio_postgres::{Config, IsolationLevel, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::migrate::{self, Applied, Migration};
use crate::real_time;
use crate::signal::Signal;
use crate::{Dialect, Isolation, OpenError, Tx, Unit, UnitError};

pub(crate) use transaction::Transaction;

/// How long a unit may take from its first statement to its last.
const UNIT_MAX: Duration = Duration::from_secs(30);

/// How long a unit waits for a free connection.
const POOL_WAIT_MAX: Duration = Duration::from_secs(30);

/// How long the server may take to answer, for what is no statement of a unit: to begin, to commit, to roll back. The kernel
/// would notice a machine that is gone, but not a server, or a proxy before it, that takes what is sent and says nothing.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// How long bringing the tables up to date may take; another process may be at it.
const MIGRATE_MAX: Duration = Duration::from_secs(3_600);

/// How long it may take to reach the server.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// How often a unit is run when it keeps meeting others.
const RUNS_MAX: u32 = 24;

/// After so many runs a unit takes turns with others of this process that fare no better. Where everything meets everything
/// this is what lets each of them through.
const RUNS_BEFORE_TURNS: u32 = 3;

/// "tallyman" in ASCII: the advisory lock under which tables are brought up to date.
const MIGRATION_LOCK: &str = "select pg_advisory_xact_lock(8385552907158843758)";

/// The statements that make text columns sort by code point, as SQLite's do, whatever language the database was created
/// with: keyset pages would differ otherwise. A column that does so already is not touched, so a full table pays nothing.
const SORT_BY_CODE_POINT: &str = "
    select format('alter table %s %s', attrelid::regclass,
                  string_agg(format('alter column %I type text collate \"C\"', attname), ', ' order by attnum))
    from pg_attribute
    join pg_class on pg_class.oid = attrelid
    where relnamespace = current_schema()::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
      and atttypid = 'text'::regtype and attcollation <> '\"C\"'::regcollation
    group by attrelid
    order by attrelid::regclass::text";

/// A PostgreSQL server and how to use it.
#[derive(Clone)]
pub struct Server {
    /// `postgres://user:password@host/database` or `host=… user=…`.
    pub url: String,
    /// How to speak TLS, if the address asks for it.
    pub tls: Option<Arc<rustls::ClientConfig>>,
    /// The schema that holds the tables; the server's default if not given.
    pub schema: Option<String>,
    /// The most connections this process opens, besides one that listens.
    pub connections: usize,
    /// How this process shows among the server's connections.
    pub application_name: String,
    /// How long the server may take to begin, to commit or to roll back, and to say that a connection still stands.
    pub answer_max: Duration,
}

impl Server {
    /// A server by its address, with the settings most people want.
    pub fn at(url: impl Into<String>) -> Server {
        Server {
            url: url.into(),
            tls: None,
            schema: None,
            connections: 8,
            application_name: "tallyman".to_owned(),
            answer_max: ANSWER_MAX,
        }
    }
}

impl fmt::Debug for Server {
    /// The address may carry a password, so it is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("schema", &self.schema)
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}

/// A pool of connections to one server.
pub(crate) struct Postgres {
    pool: Pool,
    signal: Arc<Signal>,
    listener: AbortHandle,
    answer_max: Duration,
}

impl Postgres {
    pub(crate) async fn open(server: &Server, signal: Arc<Signal>, migrations: &[Migration]) -> Result<Postgres, OpenError> {
        let config = configure(server)?;
        // Verified asks the server before a connection is handed out again; Fast hands out dead ones.
        let recycling = ManagerConfig {
            recycling_method: RecyclingMethod::Verified,
        };
        let channel = quoted(
            &server
                .schema
                .as_ref()
                .map_or("tallyman".to_owned(), |schema| format!("tallyman_{schema}")),
        );
        let (manager, listener) = match &server.tls {
            None => (
                Manager::from_config(config.clone(), NoTls, recycling),
                tokio::spawn(listen::forever(config, NoTls, channel, signal.clone())),
            ),
            Some(tls) => {
                let tls = MakeRustlsConnect::new(rustls::ClientConfig::clone(tls));
                (
                    Manager::from_config(config.clone(), tls.clone(), recycling),
                    tokio::spawn(listen::forever(config, tls, channel, signal.clone())),
                )
            }
        };
        let listener = listener.abort_handle();
        let pool = Pool::builder(manager)
            .max_size(server.connections)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(POOL_WAIT_MAX))
            .create_timeout(Some(CONNECT_MAX))
            .recycle_timeout(Some(server.answer_max));
        let pool = pool
            .build()
            .map_err(|error| OpenError::database("set up its connections", error))?;
        let postgres = Postgres {
            pool,
            signal,
            listener,
            answer_max: server.answer_max,
        };
        let no_answer = |doing| move || OpenError::database(doing, NoAnswer);
        real_time::within(server.answer_max, postgres.check_encoding())
            .await
            .ok_or_else(no_answer("say how it keeps text"))??;
        real_time::within(MIGRATE_MAX, postgres.migrate(migrations))
            .await
            .ok_or_else(no_answer("bring its tables up to date"))??;
        Ok(postgres)
    }

    pub(crate) async fn write<U: Unit>(&self, unit: U) -> Result<U::Output, UnitError> {
        let isolation = match U::ISOLATION {
            Isolation::Serializable => IsolationLevel::Serializable,
            Isolation::ReadCommitted => IsolationLevel::ReadCommitted,
        };
        self.spawn(
            unit,
            Mode {
                isolation,
                read_only: false,
                answer_max: self.answer_max,
            },
        )
        .await
    }

    pub(crate) async fn read<U: Unit>(&self, unit: U) -> Result<U::Output, UnitError> {
        // One moment for all of the unit's statements, as on SQLite; it needs no re-runs.
        self.spawn(
            unit,
            Mode {
                isolation: IsolationLevel::RepeatableRead,
                read_only: true,
                answer_max: self.answer_max,
            },
        )
        .await
    }

    async fn spawn<U: Unit>(&self, unit: U, mode: Mode) -> Result<U::Output, UnitError> {
        let (pool, signal) = (self.pool.clone(), self.signal.clone());
        let task = tokio::spawn(async move { run_until_settled(&pool, &unit, mode, &signal).await });
        task.await.unwrap_or_else(|error| Err(ended_early::<U>(error)))
    }

    async fn check_encoding(&self) -> Result<(), OpenError> {
        let failed = |error| OpenError::database("say how it keeps text", error);
        let row = self
            .client()
            .await?
            .query_one("select current_setting('server_encoding')", &[])
            .await
            .map_err(failed)?;
        match row.try_get::<_, String>(0).map_err(failed)? {
            utf8 if utf8 == "UTF8" => Ok(()),
            found => Err(OpenError::Encoding { found }),
        }
    }

    async fn migrate(&self, migrations: &[Migration]) -> Result<(), OpenError> {
        let failed = |error| OpenError::database("bring its tables up to date", error);
        let mut client = self.client().await?;
        let tx = client.transaction().await.map_err(failed)?;
        tx.batch_execute(MIGRATION_LOCK).await.map_err(failed)?;
        tx.batch_execute(&migrate::fill_in(migrate::CREATE_TABLE, Dialect::Postgres))
            .await
            .map_err(failed)?;
        let mut applied = Vec::new();
        for row in tx.query(migrate::LOAD, &[]).await.map_err(failed)? {
            applied.push(Applied {
                number: row.try_get(0).map_err(failed)?,
                name: row.try_get(1).map_err(failed)?,
                checksum: row.try_get(2).map_err(failed)?,
            });
        }
        for migration in migrate::outstanding(&applied, migrations)? {
            tx.batch_execute(&migration.text(Dialect::Postgres)).await.map_err(failed)?;
            let checksum = migration.checksum();
            tx.execute(migrate::RECORD, &[&migration.number, &migration.name, &checksum])
                .await
                .map_err(failed)?;
        }
        for alter in tx.query(SORT_BY_CODE_POINT, &[]).await.map_err(failed)? {
            tx.batch_execute(alter.try_get(0).map_err(failed)?).await.map_err(failed)?;
        }
        tx.commit().await.map_err(failed)
    }

    async fn client(&self) -> Result<deadpool_postgres::Client, OpenError> {
        self.pool
            .get()
            .await
            .map_err(|error| OpenError::database("be reached", error))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

#[derive(Clone, Copy)]
struct Mode {
    isolation: IsolationLevel,
    read_only: bool,
    answer_max: Duration,
}

/// The server took what was sent and said nothing, for as long as it may.
#[derive(Debug, thiserror::Error)]
#[error("the server did not answer in time")]
struct NoAnswer;

fn configure(server: &Server) -> Result<Config, OpenError> {
    let mut config: Config = server.url.parse().map_err(OpenError::Address)?;
    let statement_ms = UNIT_MAX.as_millis();
    let mut options = config.get_options().map(|given| format!("{given} ")).unwrap_or_default();
    options += &format!(
        "-c statement_timeout={statement_ms} -c idle_in_transaction_session_timeout={statement_ms} -c client_min_messages=warning"
    );
    if let Some(schema) = &server.schema {
        // An identifier in quotes, and then as the options want it: a backslash before what would end the word.
        options += &format!(" -c search_path={}", quoted(schema).replace('\\', "\\\\").replace(' ', "\\ "));
    }
    config.options(options);
    config.application_name(&server.application_name);
    config.connect_timeout(CONNECT_MAX);
    // A server that is gone without a word must show within half a minute, also while it commits: by default that takes hours.
    config.keepalives_idle(Duration::from_secs(10));
    config.keepalives_interval(Duration::from_secs(5));
    config.keepalives_retries(3);
    config.tcp_user_timeout(Duration::from_secs(30));
    Ok(config)
}

/// A name as an identifier.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Runs a unit until it is committed, refused, or has met others too often.
async fn run_until_settled<U: Unit>(pool: &Pool, unit: &U, mode: Mode, signal: &Signal) -> Result<U::Output, UnitError> {
    static TURNS: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    for run in 0..RUNS_MAX {
        pause(run).await;
        let _turn = if run < RUNS_BEFORE_TURNS {
            None
        } else {
            Some(TURNS.lock().await)
        };
        match run_once(pool, unit, mode, signal).await {
            Err(UnitError::Contended) => tracing::debug!(unit = U::NAME, run, "{} met other work and runs again", U::NAME),
            settled => return settled,
        }
    }
    Err(UnitError::Contended)
}

/// Waits a little longer before each further run, and not the same time in every task.
async fn pause(run: u32) {
    static SPREAD: AtomicU64 = AtomicU64::new(0);
    if run > 0 {
        let spread = SPREAD.fetch_add(7, Ordering::Relaxed) % 11;
        real_time::pause(Duration::from_millis((1 << run.min(6)) + spread)).await;
    }
}

async fn run_once<U: Unit>(pool: &Pool, unit: &U, mode: Mode, signal: &Signal) -> Result<U::Output, UnitError> {
    let mut client = pool
        .get()
        .await
        .map_err(|error| UnitError::database("give a connection", error))?;
    let mut answered = true;
    let outcome = run_on(&mut client, unit, mode, signal, &mut answered).await;
    if !answered {
        // Whoever takes it next would wait as long for nothing. The server ends a transaction whose connection is gone.
        drop(deadpool_postgres::Object::take(client));
    }
    outcome
}

/// Runs a unit once. `answered` becomes false when this connection is not to be used any more.
async fn run_on<U: Unit>(
    client: &mut deadpool_postgres::Client,
    unit: &U,
    mode: Mode,
    signal: &Signal,
    answered: &mut bool,
) -> Result<U::Output, UnitError> {
    let begin = client
        .build_transaction()
        .isolation_level(mode.isolation)
        .read_only(mode.read_only)
        .start();
    let Some(begun) = real_time::within(mode.answer_max, begin).await else {
        *answered = false;
        return Err(UnitError::database("begin a transaction", NoAnswer));
    };
    let transaction = Transaction::new(begun.map_err(|error| UnitError::database("begin a transaction", error))?);
    let mut tx = Tx::postgres(&transaction);
    let outcome = match real_time::within(UNIT_MAX, unit.run(&mut tx)).await {
        Some(Ok(output)) => tx.usable().map(|()| output),
        Some(Err(error)) => Err(error),
        None => Err(UnitError::TimedOut {
            unit: U::NAME,
            limit_ms: UNIT_MAX.as_millis() as u64,
        }),
    };
    let written = tx.written();
    match outcome {
        Ok(output) => {
            let committed = real_time::within(mode.answer_max, transaction.commit(U::NAME)).await;
            committed.unwrap_or_else(|| {
                *answered = false;
                // It may have been carried out, and its answer be what was lost.
                Err(UnitError::Uncertain {
                    unit: U::NAME,
                    source: Arc::new(NoAnswer),
                })
            })?;
            if let Some(touched) = written {
                signal.committed(1, &touched);
            }
            Ok(output)
        }
        Err(error) => {
            *answered = real_time::within(mode.answer_max, transaction.roll_back()).await.is_some();
            Err(error)
        }
    }
}

fn ended_early<U: Unit>(error: JoinError) -> UnitError {
    match error.try_into_panic() {
        Ok(panic) => UnitError::Panicked {
            unit: U::NAME,
            message: crate::sqlite::words(&*panic),
        },
        // The runtime is being shut down.
        Err(_) => UnitError::Closed,
    }
}

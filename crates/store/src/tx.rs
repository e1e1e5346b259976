//! A transaction, the same for both databases.
//!
//! SQL is one `&'static str` per statement with `$1` parameters. A caught error must mean the same on both sides, and
//! PostgreSQL gives up a transaction at its first refused statement; so here too: after a statement has failed the
//! transaction is lost, whatever the unit does next.

use tallyman_core::topic::{Kind, Topic, Topics};

use crate::postgres;
use crate::sqlite::{self, Access};
use crate::{Row, UnitError, Value};

/// The most rows one query may return. More is an error: ask in pages.
pub const ROWS_MAX: usize = 100_000;

/// Which database this is, for the few statements that need to know. Each `match` on it says why beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite, in memory or in a file.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// One transaction. What it did is committed when its unit returns `Ok`, and gone otherwise.
pub struct Tx<'a> {
    driver: Driver<'a>,
    lost: Option<UnitError>,
    changed: bool,
    touched: Topics,
}

enum Driver<'a> {
    Sqlite(&'a mut sqlite::Session, Access),
    Postgres(&'a postgres::Transaction<'a>),
}

impl<'a> Tx<'a> {
    pub(crate) fn sqlite(session: &'a mut sqlite::Session, access: Access) -> Tx<'a> {
        Tx {
            driver: Driver::Sqlite(session, access),
            lost: None,
            changed: false,
            touched: Topics::none(),
        }
    }

    pub(crate) fn postgres(transaction: &'a postgres::Transaction<'a>) -> Tx<'a> {
        Tx {
            driver: Driver::Postgres(transaction),
            lost: None,
            changed: false,
            touched: Topics::none(),
        }
    }

    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        match self.driver {
            Driver::Sqlite(..) => Dialect::Sqlite,
            Driver::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Runs an `insert`, `update` or `delete` and says how many rows it touched.
    pub async fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, UnitError> {
        self.usable()?;
        let done = match &mut self.driver {
            Driver::Sqlite(session, access) => session.execute(*access, sql, params),
            Driver::Postgres(transaction) => transaction.execute(sql, params).await,
        };
        self.changed |= matches!(done, Ok(1..));
        self.keep_loss(done)
    }

    /// Runs a statement that answers with rows: a `select`, or a change with `returning`. At most [`ROWS_MAX`] rows.
    pub async fn query(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<Vec<Row>, UnitError> {
        self.usable()?;
        let answer = match &mut self.driver {
            Driver::Sqlite(session, access) => session.query(*access, sql, params),
            Driver::Postgres(transaction) => transaction.query(sql, params).await,
        };
        if let Ok(rows) = &answer {
            self.changed |= !rows.is_empty() && may_change(sql);
        }
        self.keep_loss(answer)
    }

    /// Like [`Tx::query`] for at most one row. Two are an error.
    pub async fn query_opt(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<Option<Row>, UnitError> {
        let mut rows = self.query(sql, params).await?.into_iter();
        match (rows.next(), rows.next()) {
            (first, None) => Ok(first),
            (_, Some(_)) => Err(UnitError::Misused {
                what: "more than one row came back",
                statement: sql,
            }),
        }
    }

    /// Like [`Tx::query`] for exactly one row, such as a `select count(*)`.
    pub async fn query_one(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<Row, UnitError> {
        self.query_opt(sql, params).await?.ok_or(UnitError::Misused {
            what: "no row came back",
            statement: sql,
        })
    }

    /// Names what a statement has changed, for whoever shows it. It counts once this is committed.
    pub fn touched(&mut self, topic: Topic) {
        self.touched.add(topic);
    }

    /// Runs a change of one row that ends with `returning company, …`, the second being its name, and names it as a topic. False if no
    /// row was changed.
    pub async fn change(&mut self, kind: Kind, sql: &'static str, params: &[Value<'_>]) -> Result<bool, UnitError> {
        let row = self.query_opt(sql, params).await?;
        if let Some(row) = &row {
            self.touched(Topic::one(kind, row.get(0)?, row.get(1)?));
        }
        Ok(row.is_some())
    }

    /// What was changed, if rows were: then others need waking, also for what has no name.
    pub(crate) fn written(&self) -> Option<Topics> {
        self.changed.then(|| self.touched.clone())
    }

    /// The failure that lost this transaction, if a unit swallowed it.
    pub(crate) fn usable(&self) -> Result<(), UnitError> {
        self.lost.clone().map_or(Ok(()), Err)
    }

    fn keep_loss<T>(&mut self, result: Result<T, UnitError>) -> Result<T, UnitError> {
        if let Err(error) = &result {
            self.lost = Some(error.clone());
        }
        result
    }
}

/// Whether a statement that returned rows may have changed them. A `with` that only selects may be taken for a change,
/// which costs a wake-up and nothing else.
fn may_change(sql: &str) -> bool {
    !sql.trim_start().starts_with("select")
}

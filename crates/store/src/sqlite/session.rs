//! One connection with its statements, and a clock that stops what takes too long.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Statement as Prepared};

use super::numbered::numbered;
use crate::real_time::{Stopwatch, micros};
use crate::row::Columns;
use crate::tx::ROWS_MAX;
use crate::{OpenError, Row, UnitError, Value};

/// How many prepared statements a connection keeps. The program has a few hundred.
const STATEMENTS_MAX: usize = 1_000;

/// How many steps of SQLite's machine pass between two looks at the clock: some tens of microseconds.
const STEPS_BETWEEN_LOOKS: i32 = 2_000;

/// Whether a transaction may change anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

/// One connection with its statements.
pub(crate) struct Session {
    connection: Connection,
    /// By the address of the text, which never moves.
    statements: BTreeMap<(usize, usize), Statement>,
    limit: Option<Limit>,
}

/// What is remembered of a statement. The prepared form itself lives in the driver's cache.
struct Statement {
    text: Box<str>,
    columns: Option<Columns>,
}

/// The longest a unit may run, and the moment at which the current one is stopped.
struct Limit {
    unit: Duration,
    epoch: Stopwatch,
    /// Microseconds after `epoch`; `u64::MAX` while no unit runs.
    deadline: Arc<AtomicU64>,
}

impl Session {
    /// Takes a connection that is set up. Without a limit units may run for ever, which is what virtual time wants.
    pub(crate) fn new(mut connection: Connection, limit: Option<Duration>) -> Result<Session, OpenError> {
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        // Otherwise SQLite looks at what is bound when it plans, to `limit` for one, and plans anew each time that it changes. Our plans are
        // ranges of indices, whatever is bound; planning was a fifth of what a page took.
        connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
            .map_err(|error| OpenError::database("set up a connection", error))?;
        let limit = match limit {
            None => None,
            Some(unit) => Some(Limit::install(&mut connection, unit)?),
        };
        Ok(Session {
            connection,
            statements: BTreeMap::new(),
            limit,
        })
    }

    pub(crate) fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Starts the clock for one unit.
    pub(crate) fn start_clock(&self) {
        if let Some(limit) = &self.limit {
            limit.deadline.store(limit.elapsed() + micros(limit.unit), Ordering::Relaxed);
        }
    }

    /// Stops it, so that our own `commit` is never interrupted.
    pub(crate) fn stop_clock(&self) {
        if let Some(limit) = &self.limit {
            limit.deadline.store(u64::MAX, Ordering::Relaxed);
        }
    }

    /// Whether the current unit has used up its time.
    pub(crate) fn out_of_time(&self) -> bool {
        self.limit
            .as_ref()
            .is_some_and(|limit| limit.elapsed() > limit.deadline.load(Ordering::Relaxed))
    }

    /// The limit for one unit in milliseconds, for the error sentence.
    pub(crate) fn limit_ms(&self) -> u64 {
        self.limit.as_ref().map_or(0, |limit| micros(limit.unit) / 1_000)
    }

    /// Runs one of our own statements (`begin`, `savepoint`), prepared once.
    pub(crate) fn control(&self, sql: &'static str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.raw_execute().map(drop)
    }

    /// Whether SQLite has given up the whole transaction by itself, as it does when the disk is full.
    pub(crate) fn transaction_gone(&self) -> bool {
        self.connection.is_autocommit()
    }

    pub(crate) fn execute(&mut self, access: Access, sql: &'static str, params: &[Value<'_>]) -> Result<u64, UnitError> {
        let (_, mut prepared) = self.prepare(access, sql, params)?;
        let rows = prepared.raw_execute().map_err(|error| UnitError::statement(sql, error))?;
        Ok(rows as u64)
    }

    pub(crate) fn query(&mut self, access: Access, sql: &'static str, params: &[Value<'_>]) -> Result<Vec<Row>, UnitError> {
        let refused = |error| UnitError::statement(sql, error);
        let (statement, mut prepared) = self.prepare(access, sql, params)?;
        let columns = statement
            .columns
            .get_or_insert_with(|| prepared.column_names().map(Box::from).collect())
            .clone();
        let mut answer = prepared.raw_query();
        let mut rows = Vec::new();
        while let Some(row) = answer.next().map_err(refused)? {
            if rows.len() == ROWS_MAX {
                return Err(UnitError::Misused {
                    what: "more rows came back than one query may return",
                    statement: sql,
                });
            }
            let mut values = Vec::with_capacity(columns.len());
            for index in 0..columns.len() {
                values.push(cell(row.get_ref(index).map_err(refused)?, &columns[index])?);
            }
            rows.push(Row::new(columns.clone(), values));
        }
        Ok(rows)
    }

    /// The prepared statement with its parameters bound.
    fn prepare(
        &mut self,
        access: Access,
        sql: &'static str,
        params: &[Value<'_>],
    ) -> Result<(&mut Statement, rusqlite::CachedStatement<'_>), UnitError> {
        if self.out_of_time() {
            // The group turns this into the error with the unit's name.
            return Err(UnitError::Misused {
                what: "the unit has used up its time",
                statement: sql,
            });
        }
        let statement = self
            .statements
            .entry((sql.as_ptr() as usize, sql.len()))
            .or_insert_with(|| Statement {
                text: numbered(sql).into_boxed_str(),
                columns: None,
            });
        let mut prepared = self
            .connection
            .prepare_cached(&statement.text)
            .map_err(|error| UnitError::statement(sql, error))?;
        if access == Access::Read && !prepared.readonly() {
            return Err(UnitError::Misused {
                what: "a read may not write",
                statement: sql,
            });
        }
        bind(&mut prepared, sql, params)?;
        Ok((statement, prepared))
    }
}

impl Limit {
    fn install(connection: &mut Connection, unit: Duration) -> Result<Limit, OpenError> {
        let deadline = Arc::new(AtomicU64::new(u64::MAX));
        let epoch = Stopwatch::start();
        let watched = deadline.clone();
        connection
            .progress_handler(
                STEPS_BETWEEN_LOOKS,
                Some(move || {
                    let deadline = watched.load(Ordering::Relaxed);
                    deadline != u64::MAX && epoch.micros() > deadline
                }),
            )
            .map_err(|error| OpenError::database("watch the time that statements take", error))?;
        Ok(Limit { unit, epoch, deadline })
    }

    fn elapsed(&self) -> u64 {
        self.epoch.micros()
    }
}

fn bind(prepared: &mut Prepared<'_>, sql: &'static str, params: &[Value<'_>]) -> Result<(), UnitError> {
    if prepared.parameter_count() != params.len() {
        return Err(UnitError::Misused {
            what: "the statement and its parameters do not agree in number",
            statement: sql,
        });
    }
    for (index, value) in params.iter().enumerate() {
        if matches!(value, Value::Text(text) if text.contains('\0')) {
            // PostgreSQL cannot store it, so it is refused here as well.
            return Err(UnitError::Misused {
                what: "a text has a zero character in it",
                statement: sql,
            });
        }
        prepared
            .raw_bind_parameter(index + 1, Bound(value))
            .map_err(|error| UnitError::statement(sql, error))?;
    }
    Ok(())
}

/// A parameter on its way to SQLite, not copied.
struct Bound<'v>(&'v Value<'v>);

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
            Value::Null => ValueRef::Null,
        }))
    }
}

fn cell(value: ValueRef<'_>, column: &str) -> Result<Value<'static>, UnitError> {
    let wrong = |found| UnitError::Column {
        column: column.to_owned(),
        expected: "a whole number, text or bytes",
        found,
    };
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Text(bytes) => {
            let text = std::str::from_utf8(bytes).map_err(|_| wrong("text that is not UTF-8"))?;
            Value::Text(Cow::Owned(text.to_owned()))
        }
        ValueRef::Blob(bytes) => Value::Blob(Cow::Owned(bytes.to_vec())),
        // Sums of whole numbers stay whole; a division or an average became floating point and needs a cast.
        ValueRef::Real(_) => return Err(wrong("a floating-point number")),
    })
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    const MADE: &str = "create table word (id integer primary key, word text, at integer); \
        create index word_late on word (word, id) where at < id - 5;";
    const PAGE: &str = "select id from word where word = $1 and id > $2 order by id limit $3";

    #[test]
    fn a_statement_is_planned_once_whatever_is_bound() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(MADE).unwrap();
        let mut session = Session::new(connection, None).unwrap();
        for limit in [25, 100, 500] {
            let params = [Value::Text("carrier".into()), Value::Int(limit), Value::Int(limit)];
            session.query(Access::Read, PAGE, &params).unwrap();
        }
        let prepared = session.connection.prepare_cached(&numbered(PAGE)).unwrap();
        assert_eq!(prepared.get_status(StatementStatus::RePrepare), 0);
    }
}

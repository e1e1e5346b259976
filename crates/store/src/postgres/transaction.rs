//! A transaction on a PostgreSQL connection: statements prepared once per connection, parameters not boxed.

use std::pin::pin;

use futures_util::TryStreamExt;
use tokio_postgres::error::SqlState;

use super::values::{self, Bound};
use crate::row::Columns;
use crate::tx::ROWS_MAX;
use crate::{Row, UnitError, Value};

/// A transaction. Dropped without a commit it is rolled back by the driver.
pub(crate) struct Transaction<'a> {
    inner: deadpool_postgres::Transaction<'a>,
}

impl<'a> Transaction<'a> {
    pub(crate) fn new(inner: deadpool_postgres::Transaction<'a>) -> Transaction<'a> {
        Transaction { inner }
    }

    pub(crate) async fn execute(&self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, UnitError> {
        let statement = self.prepare(sql, params).await?;
        let done = self.inner.execute_raw(&statement, params.iter().map(Bound)).await;
        done.map_err(|error| classify(sql, error))
    }

    pub(crate) async fn query(&self, sql: &'static str, params: &[Value<'_>]) -> Result<Vec<Row>, UnitError> {
        let refused = |error| classify(sql, error);
        let statement = self.prepare(sql, params).await?;
        let columns: Columns = statement.columns().iter().map(|column| Box::from(column.name())).collect();
        let mut answer = pin!(
            self.inner
                .query_raw(&statement, params.iter().map(Bound))
                .await
                .map_err(refused)?
        );
        let mut rows = Vec::new();
        while let Some(row) = answer.try_next().await.map_err(refused)? {
            if rows.len() == ROWS_MAX {
                return Err(UnitError::Misused {
                    what: "more rows came back than one query may return",
                    statement: sql,
                });
            }
            rows.push(Row::new(columns.clone(), values::cells(&row)?));
        }
        Ok(rows)
    }

    async fn prepare(&self, sql: &'static str, params: &[Value<'_>]) -> Result<tokio_postgres::Statement, UnitError> {
        // The cache never shrinks; that is sound because the texts are the program's own constants.
        let statement = self.inner.prepare_cached(sql).await.map_err(|error| classify(sql, error))?;
        if statement.params().len() != params.len() {
            return Err(UnitError::Misused {
                what: "the statement and its parameters do not agree in number",
                statement: sql,
            });
        }
        if params
            .iter()
            .any(|value| matches!(value, Value::Text(text) if text.contains('\0')))
        {
            return Err(UnitError::Misused {
                what: "a text has a zero character in it",
                statement: sql,
            });
        }
        Ok(statement)
    }

    /// Commits. If the server cannot be asked whether it did, that is said.
    pub(crate) async fn commit(self, unit: &'static str) -> Result<(), UnitError> {
        self.inner.commit().await.map_err(|error| match error.code() {
            Some(code) if met_others(code) => UnitError::Contended,
            Some(_) => UnitError::database("commit", error),
            // No answer from the server: lost on the way there or on the way back.
            None => UnitError::Uncertain {
                unit,
                source: std::sync::Arc::new(error),
            },
        })
    }

    pub(crate) async fn roll_back(self) {
        if let Err(error) = self.inner.rollback().await {
            // The server ends a transaction whose connection is gone; the pool drops such a connection.
            tracing::debug!(%error, "a transaction could not be rolled back");
        }
    }
}

fn met_others(code: &SqlState) -> bool {
    [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(code)
}

fn classify(sql: &'static str, error: tokio_postgres::Error) -> UnitError {
    match error.code() {
        Some(code) if met_others(code) => UnitError::Contended,
        Some(_) => UnitError::statement(sql, error),
        None if error.is_closed() => UnitError::database("be reached", error),
        None => UnitError::statement(sql, error),
    }
}

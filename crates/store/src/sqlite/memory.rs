//! SQLite in memory, called inline on the caller's thread: no threads, no files, nothing left to chance.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::group::{self, request};
use super::session::Session;
use crate::signal::Signal;
use crate::{OpenError, Unit, UnitError};

/// A database that lives as long as its store.
pub(crate) struct Memory {
    session: Mutex<Session>,
    signal: Arc<Signal>,
}

impl Memory {
    pub(crate) fn open(signal: Arc<Signal>) -> Result<Memory, OpenError> {
        let open = |error| OpenError::database("open a database in memory", error);
        let connection = Connection::open_in_memory().map_err(open)?;
        connection
            .execute_batch("pragma foreign_keys = on; pragma temp_store = memory;")
            .map_err(open)?;
        Ok(Memory {
            session: Mutex::new(Session::new(connection, None)?),
            signal,
        })
    }

    pub(crate) async fn write<U: Unit>(&self, unit: U) -> Result<U::Output, UnitError> {
        // In production others run while a unit waits for its turn and while its answer travels back, and the caller may be
        // gone by then. The two pauses let the same happen here.
        tokio::task::yield_now().await;
        let (job, answer) = request(unit);
        group::drain(&mut self.session(), &mut vec![job], &self.signal);
        tokio::task::yield_now().await;
        answer.await.unwrap_or(Err(UnitError::Closed))
    }

    pub(crate) async fn read<U: Unit>(&self, unit: U) -> Result<U::Output, UnitError> {
        tokio::task::yield_now().await;
        group::read(&mut self.session(), &unit)
    }

    /// A panic of a unit is caught before it gets here, so a poisoned lock still guards a sound session.
    pub(crate) fn session(&self) -> MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! The store: everything that is kept, in one of two databases, behind one layer.
//!
//! A unit of work is a value with a name ([`Unit`]). It runs in one transaction over [`Tx`], and its SQL is the same text
//! for SQLite and PostgreSQL. [`Store::write`] commits it or leaves nothing behind; [`Store::read`] sees one consistent
//! moment. SQLite in memory serves simulation and tests, a SQLite file is the default in production, PostgreSQL lets
//! several machines share the work.
//!
//! Beside the transactions live the things that every table relies on: migrations, sealing of personal data ([`seal`],
//! [`keys`]) and the [`journal`].
//!
//! Not here: rules. What should change was decided before a unit is built; a unit only writes it down.

mod error;
pub mod journal;
pub mod keys;
mod migrate;
mod postgres;
mod real_time;
mod row;
pub mod seal;
mod signal;
mod sqlite;
mod store;
pub mod tables;
mod tx;
mod unit;
mod value;

pub use error::{OpenError, UnitError};
pub use migrate::{MIGRATIONS, Migration};
pub use row::{FromValue, Row};
pub use signal::{Changes, Told};
pub use store::{Location, Server, Store};
pub use tx::{Dialect, ROWS_MAX, Tx};
pub use unit::{Isolation, Unit};
pub use value::{ToValue, Value};

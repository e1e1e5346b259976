//! A unit of work: a value with a name that is written in one transaction or not at all.

use crate::{Tx, UnitError};

/// A unit of work. It may run more than once before it is committed, so it touches nothing but `tx`, and everything it needs
/// (the time, ids, randomness) is a field of it.
///
/// ```
/// use tallyman_store::{Tx, Unit, UnitError, params};
///
/// struct Rename {
///     company: String,
///     name: String,
/// }
///
/// impl Unit for Rename {
///     type Output = u64;
///     const NAME: &'static str = "rename";
///
///     async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, UnitError> {
///         const RENAME: &str = "update company set name = $2 where id = $1";
///         tx.execute(RENAME, params![self.company, self.name]).await
///     }
/// }
/// ```
pub trait Unit: Send + Sync + 'static {
    /// What the caller is told once it is committed.
    type Output: Send + 'static;

    /// Its name in logs, metrics and errors.
    const NAME: &'static str;

    /// How far it is kept apart from others on PostgreSQL.
    const ISOLATION: Isolation = Isolation::Serializable;

    /// Does the work. An error rolls all of it back. It waits for nothing but `tx`: on SQLite that never waits, and a unit
    /// that waits for something else is refused.
    fn run(&self, tx: &mut Tx<'_>) -> impl Future<Output = Result<Self::Output, UnitError>> + Send;
}

/// How far a unit is kept apart from others. On SQLite, units that write run one after the other, whatever they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// As if units ran one after the other; what would break that runs again.
    Serializable,
    /// Each statement sees what is committed when it starts. For claims, whose guarded updates carry their own proof.
    ReadCommitted,
}

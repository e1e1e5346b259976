//! What can go wrong with a unit of work or with opening a store: one variant for each thing a caller can act on.

use std::path::PathBuf;
use std::sync::Arc;

use tallyman_core::access::Denied;

/// A cause from a database driver. Shared, because one failed commit fails every unit of its group.
pub(crate) type Cause = Arc<dyn std::error::Error + Send + Sync>;

impl From<Denied> for UnitError {
    fn from(denied: Denied) -> Self {
        Self::Denied(Box::new(denied))
    }
}

/// Why a unit of work left nothing behind (or, for [`UnitError::Uncertain`], may have).
#[derive(Debug, Clone, thiserror::Error)]
pub enum UnitError {
    /// What the unit was decided on has moved: read again and decide again.
    #[error("{0} has changed since it was read")]
    Conflict(String),

    /// The unit looked at the store and declined. The sentence is for a person.
    #[error("{0}")]
    Refused(String),

    /// Whoever asked may not do it.
    #[error(transparent)]
    Denied(Box<Denied>),

    /// Other transactions kept touching the same rows. Nothing is wrong: try again later.
    #[error("other work kept changing the same rows; nothing was written")]
    Contended,

    /// The unit took longer than the store allows.
    #[error("{unit} took longer than {limit_ms} ms; nothing was written")]
    TimedOut {
        /// The unit's name.
        unit: &'static str,
        /// The limit in force.
        limit_ms: u64,
    },

    /// The unit panicked; what it wrote was rolled back.
    #[error("{unit} panicked: {message}")]
    Panicked {
        /// The unit's name.
        unit: &'static str,
        /// What it said.
        message: String,
    },

    /// No answer came to a commit: the unit may or may not have been written. Look before trying again.
    #[error("the database's answer was lost while {unit} was being committed; it may or may not have been written")]
    Uncertain {
        /// The unit's name.
        unit: &'static str,
        /// What the driver said.
        #[source]
        source: Cause,
    },

    /// A statement was refused by the database.
    #[error("the database refused: {statement}")]
    Statement {
        /// The text of the statement; never its parameters.
        statement: &'static str,
        /// What the driver said.
        #[source]
        source: Cause,
    },

    /// The database itself failed: the disk is full, the server is gone.
    #[error("the database could not {doing}")]
    Database {
        /// What was being done, to finish the sentence.
        doing: &'static str,
        /// What the driver said.
        #[source]
        source: Cause,
    },

    /// A statement was called in a way that cannot work: a fault in our code.
    #[error("{what}: {statement}")]
    Misused {
        /// What is wrong.
        what: &'static str,
        /// The text of the statement.
        statement: &'static str,
    },

    /// A cell is not what the caller asked for.
    #[error("column {column} should be {expected} but is {found}")]
    Column {
        /// The column's name in the answer.
        column: String,
        /// What was asked for.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },

    /// A column was asked for that the statement does not select.
    #[error("there is no column {index}, the answer has {columns}")]
    NoColumn {
        /// The position asked for, from 0.
        index: usize,
        /// How many columns there are.
        columns: usize,
    },

    /// The store is closed.
    #[error("the store is closed")]
    Closed,
}

impl UnitError {
    pub(crate) fn statement(statement: &'static str, source: impl std::error::Error + Send + Sync + 'static) -> UnitError {
        UnitError::Statement {
            statement,
            source: Arc::new(source),
        }
    }

    pub(crate) fn database(doing: &'static str, source: impl std::error::Error + Send + Sync + 'static) -> UnitError {
        UnitError::Database {
            doing,
            source: Arc::new(source),
        }
    }
}

/// Why a store could not be opened. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has the file open.
    #[error("{path} is in use by another process: only one may open it (the lock is {lock})")]
    InUse {
        /// The database file.
        path: PathBuf,
        /// The lock file beside it.
        lock: PathBuf,
    },

    /// The SQLite built into this program can corrupt a database in WAL mode.
    #[error("this program was built with SQLite {found}; versions before 3.51.3 can damage a database, so it will not start")]
    SqliteTooOld {
        /// The version found.
        found: &'static str,
    },

    /// The PostgreSQL database cannot hold every character.
    #[error(
        "the PostgreSQL database keeps text as {found}: create it with `create database … template template0 encoding 'UTF8'`"
    )]
    Encoding {
        /// The encoding found.
        found: String,
    },

    /// The address of the PostgreSQL server cannot be read.
    #[error("the address of the PostgreSQL server cannot be read")]
    Address(#[source] tokio_postgres::Error),

    /// A migration that was applied once has since been edited, or the database is from a newer program.
    #[error("{0}")]
    Migration(String),

    /// A file could not be used.
    #[error("{path} cannot be opened")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },

    /// The database failed while it was being opened.
    #[error("the database could not {doing}")]
    Database {
        /// What was being done, to finish the sentence.
        doing: &'static str,
        /// What the driver said.
        #[source]
        source: Cause,
    },
}

impl OpenError {
    pub(crate) fn database(doing: &'static str, source: impl std::error::Error + Send + Sync + 'static) -> OpenError {
        OpenError::Database {
            doing,
            source: Arc::new(source),
        }
    }
}

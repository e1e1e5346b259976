//! The store: one way in for everything that is kept, whichever database keeps it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::migrate::{self, MIGRATIONS, Migration};
use crate::postgres::Postgres;
use crate::signal::{Signal, Told, Whose};
use crate::sqlite::{File, Memory, Session};
use crate::{Changes, Dialect, OpenError, Unit, UnitError};

pub use crate::postgres::Server;

/// Where a store keeps things.
#[derive(Debug, Clone)]
pub enum Location {
    /// SQLite in memory: for simulation and tests.
    Memory,
    /// A file of SQLite: one process, the default.
    File(PathBuf),
    /// A PostgreSQL database that several processes may share.
    Postgres(Server),
}

/// A store that is open. Cheap to clone; closed when its last clone is dropped.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    backend: Backend,
    signal: Arc<Signal>,
}

enum Backend {
    Memory(Memory),
    File(File),
    Postgres(Postgres),
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.inner.backend {
            Backend::Memory(_) => "memory",
            Backend::File(_) => "file",
            Backend::Postgres(_) => "postgres",
        };
        write!(f, "Store({kind})")
    }
}

impl Store {
    /// Opens the store and brings its tables up to date.
    pub async fn open(location: &Location) -> Result<Store, OpenError> {
        Store::open_with(location, MIGRATIONS).await
    }

    /// Opens the store with other tables than the program's, for tests of the layer itself.
    pub async fn open_with(location: &Location, migrations: &'static [Migration]) -> Result<Store, OpenError> {
        let signal = Arc::new(Signal::default());
        let backend = match location {
            Location::Memory => Backend::Memory(open_memory(signal.clone(), migrations)?),
            Location::File(path) => Backend::File(File::open(path, signal.clone(), |session| {
                migrate::sqlite(session, migrations)
            })?),
            Location::Postgres(server) => Backend::Postgres(Postgres::open(server, signal.clone(), migrations).await?),
        };
        Ok(Store {
            inner: Arc::new(Inner { backend, signal }),
        })
    }

    /// Opens the store for a person's command, beside the process that works with it if there is one. What is written is seen by that
    /// process at its next look.
    pub async fn open_beside(location: &Location) -> Result<Store, OpenError> {
        match location {
            Location::File(path) => {
                let signal = Arc::new(Signal::default());
                let prepare = |session: &mut Session| migrate::sqlite(session, MIGRATIONS);
                let backend = Backend::File(File::open_beside(path, signal.clone(), prepare, |session| {
                    migrate::sqlite_is_current(session, MIGRATIONS)
                })?);
                Ok(Store {
                    inner: Arc::new(Inner { backend, signal }),
                })
            }
            Location::Memory | Location::Postgres(_) => Store::open(location).await,
        }
    }

    /// Opens the store to look at it, beside the process that works with it: on SQLite nothing can be written, and the file may be
    /// in use.
    pub async fn open_to_read(location: &Location) -> Result<Store, OpenError> {
        match location {
            Location::File(path) => Ok(Store {
                inner: Arc::new(Inner {
                    backend: Backend::File(File::open_to_read(path)?),
                    signal: Arc::new(Signal::default()),
                }),
            }),
            Location::Memory | Location::Postgres(_) => Store::open(location).await,
        }
    }

    /// A store in memory, called inline on the caller's thread. Two of them share nothing.
    pub fn memory() -> Result<Store, OpenError> {
        let signal = Arc::new(Signal::default());
        let backend = Backend::Memory(open_memory(signal.clone(), MIGRATIONS)?);
        Ok(Store {
            inner: Arc::new(Inner { backend, signal }),
        })
    }

    /// Runs a unit and commits it. Once this was polled the unit may be committed even if the caller goes away; it is never
    /// half done.
    pub async fn write<U: Unit>(&self, unit: U) -> Result<U::Output, UnitError> {
        match &self.inner.backend {
            Backend::Memory(memory) => memory.write(unit).await,
            Backend::File(file) => file.write(unit).await,
            Backend::Postgres(postgres) => postgres.write(unit).await,
        }
    }

    /// Runs a unit that only reads, on one consistent moment. It is refused if it tries to write.
    pub async fn read<U: Unit>(&self, unit: U) -> Result<U::Output, UnitError> {
        match &self.inner.backend {
            Backend::Memory(memory) => memory.read(unit).await,
            Backend::File(file) => file.read(unit).await,
            Backend::Postgres(postgres) => postgres.read(unit).await,
        }
    }

    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        match self.inner.backend {
            Backend::Memory(_) | Backend::File(_) => Dialect::Sqlite,
            Backend::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Whether other processes may write here: their commits wake nobody in this one, or may be missed.
    pub fn has_neighbours(&self) -> bool {
        match self.inner.backend {
            Backend::Memory(_) => false,
            Backend::File(_) | Backend::Postgres(_) => true,
        }
    }

    /// A subscription that wakes on every commit that changed something: of this process, and on PostgreSQL of the others too
    /// unless a signal is lost.
    pub fn changed(&self) -> Changes {
        Changes::new(self.inner.signal.clone())
    }

    /// The names of what is changed, by the same commits.
    pub fn told(&self) -> Told {
        Told::new(self.inner.signal.clone(), Whose::Anybodys)
    }

    /// How many units this process has committed that changed something.
    pub fn commits(&self) -> u64 {
        self.inner.signal.units()
    }

    /// How many commits the database made for them: fewer than [`Store::commits`] where units shared one.
    pub fn transactions(&self) -> u64 {
        self.inner.signal.groups()
    }
}

fn open_memory(signal: Arc<Signal>, migrations: &[Migration]) -> Result<Memory, OpenError> {
    let memory = Memory::open(signal)?;
    migrate::sqlite(&mut memory.session(), migrations)?;
    Ok(memory)
}

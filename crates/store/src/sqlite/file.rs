//! SQLite in a file: one thread that writes, a few connections that read, one process.
//!
//! A read runs on its caller's own thread: handing it to another and back takes longer than most reads do.
//!
//! Only the writer's connection can write, so only it makes checkpoints: its own commits do, once the log has grown by
//! four thousand pages. Readers open the file read-only. A lock file beside the database keeps a second worker out; it is let
//! go by the system when the process ends, however it ends. A person's command may write beside the worker: a guest, whose few units
//! take their turn with the writer's by SQLite's own lock.

use std::fs::TryLockError;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{Semaphore, mpsc};

use super::group::{self, Job, request};
use super::session::Session;
use crate::real_time::{Stopwatch, micros, pause_thread};
use crate::signal::Signal;
use crate::{OpenError, Unit, UnitError};

/// How long a unit may take. It holds up every other unit, so this is short; reading happens before.
const WRITE_MAX: Duration = Duration::from_secs(5);

/// How long a unit that only reads may take. It holds up nobody, but keeps the log from being folded back.
const READ_MAX: Duration = Duration::from_secs(30);

/// The most units that share one commit.
const GROUP_MAX: usize = 256;

/// The most units that wait in a queue; more callers wait for room.
const QUEUE_MAX: usize = 4_096;

/// A commit costs the same whatever it carries. So a writer that is busy waits for more to carry: while units keep coming, none of
/// these gaps apart, and never longer than that in all. Against a vendor's call it is nothing, and one that comes alone never waits.
const GAP: Duration = Duration::from_millis(3);
const GATHER_MAX: Duration = Duration::from_millis(25);

/// So many units in one commit, or waiting for the next, are a busy writer.
const BUSY: usize = 4;

/// How many reads run at once.
const READERS: usize = 4;

/// The oldest SQLite without the fault that can damage a database in WAL mode.
const SQLITE_OLDEST: i32 = 3_051_003;

/// A database file with its connections.
pub(crate) struct File {
    readers: Readers,
    writes: Option<mpsc::Sender<Box<dyn Job>>>,
    writer: Option<JoinHandle<()>>,
    /// Held until the writer has ended.
    _lock: Option<std::fs::File>,
}

impl File {
    /// Opens the file, creating it if need be. `prepare` runs on the writer's connection before anyone else can use it.
    pub(crate) fn open(
        path: &Path,
        signal: Arc<Signal>,
        prepare: impl FnOnce(&mut Session) -> Result<(), OpenError>,
    ) -> Result<File, OpenError> {
        if rusqlite::version_number() < SQLITE_OLDEST {
            return Err(OpenError::SqliteTooOld {
                found: rusqlite::version(),
            });
        }
        let lock = lock(path)?;
        let mut writer = Session::new(connect_writer(path)?, Some(WRITE_MAX))?;
        prepare(&mut writer)?;

        let (writes, queue) = mpsc::channel(QUEUE_MAX);
        let writer = Some(start("store-writer", move || write_all(writer, queue, &signal))?);
        Ok(File {
            readers: Readers::open(path, READERS)?,
            writes: Some(writes),
            writer,
            _lock: Some(lock),
        })
    }

    /// Opens the file whether or not another process works with it. If one does, this is its guest: its tables are not touched.
    /// `check` runs on the writer's connection in place of `prepare` then.
    pub(crate) fn open_beside(
        path: &Path,
        signal: Arc<Signal>,
        prepare: impl FnOnce(&mut Session) -> Result<(), OpenError>,
        check: impl FnOnce(&mut Session) -> Result<(), OpenError>,
    ) -> Result<File, OpenError> {
        match File::open(path, signal.clone(), prepare) {
            Err(OpenError::InUse { .. }) => {}
            opened => return opened,
        }
        let mut writer = Session::new(connect_writer(path)?, Some(WRITE_MAX))?;
        check(&mut writer)?;
        let (writes, queue) = mpsc::channel(QUEUE_MAX);
        let writer = Some(start("store-guest", move || write_all(writer, queue, &signal))?);
        Ok(File {
            readers: Readers::open(path, 1)?,
            writes: Some(writes),
            writer,
            _lock: None,
        })
    }

    /// Opens a file that may be in use by another process, for reading alone: without its lock and without a writer.
    pub(crate) fn open_to_read(path: &Path) -> Result<File, OpenError> {
        // Asked about and not opened: closing a file gives up all locks that this process has on it, SQLite's too.
        std::fs::metadata(path).map_err(|source| OpenError::File {
            path: path.to_owned(),
            source,
        })?;
        Ok(File {
            readers: Readers::open(path, 1)?,
            writes: None,
            writer: None,
            _lock: None,
        })
    }

    pub(crate) async fn write<U: Unit>(&self, unit: U) -> Result<U::Output, UnitError> {
        let (job, answer) = request(unit);
        let queue = self.writes.as_ref().ok_or(UnitError::Closed)?;
        queue.send(job).await.map_err(|_| UnitError::Closed)?;
        answer.await.unwrap_or(Err(UnitError::Closed))
    }

    pub(crate) async fn read<U: Unit>(&self, unit: U) -> Result<U::Output, UnitError> {
        self.readers.read(unit).await
    }
}

impl Drop for File {
    /// Lets the queue run dry and waits for the writer, so that the file may be opened again at once. The readers go first: the last
    /// connection to close folds the log back, and that should be the writer's.
    fn drop(&mut self) {
        self.readers.close();
        self.writes = None;
        let Some(writer) = self.writer.take() else { return };
        // The last handle may be dropped by a unit on that thread, which cannot wait for itself.
        if writer.thread().id() != std::thread::current().id() && writer.join().is_err() {
            tracing::error!("the store's writer panicked");
        }
    }
}

/// The writer's life: take whatever waits, commit it together, again.
fn write_all(mut session: Session, mut queue: mpsc::Receiver<Box<dyn Job>>, signal: &Signal) {
    let mut waiting = Vec::with_capacity(GROUP_MAX);
    let mut last = 0;
    while queue.blocking_recv_many(&mut waiting, GROUP_MAX) > 0 {
        if last.max(waiting.len()) >= BUSY {
            gather(&mut queue, &mut waiting);
        }
        last = waiting.len();
        group::drain(&mut session, &mut waiting, signal);
    }
}

/// Waits for more units to share the next commit.
fn gather(queue: &mut mpsc::Receiver<Box<dyn Job>>, waiting: &mut Vec<Box<dyn Job>>) {
    let began = Stopwatch::start();
    while waiting.len() < GROUP_MAX && began.micros() < micros(GATHER_MAX) {
        pause_thread(GAP);
        let before = waiting.len();
        while waiting.len() < GROUP_MAX
            && let Ok(job) = queue.try_recv()
        {
            waiting.push(job);
        }
        if waiting.len() == before {
            return;
        }
    }
}

/// Connections that read, each lent to one unit at a time.
struct Readers {
    room: Semaphore,
    idle: Mutex<Vec<Session>>,
}

impl Readers {
    fn open(path: &Path, count: usize) -> Result<Readers, OpenError> {
        let open = |_| Session::new(connect_reader(path)?, Some(READ_MAX));
        let idle: Vec<Session> = (0..count).map(open).collect::<Result<_, _>>()?;
        Ok(Readers {
            room: Semaphore::new(count),
            idle: Mutex::new(idle),
        })
    }

    async fn read<U: Unit>(&self, unit: U) -> Result<U::Output, UnitError> {
        let _room = self.room.acquire().await.map_err(|_| UnitError::Closed)?;
        let mut session = self.idle().pop().ok_or(UnitError::Closed)?;
        let outcome = blocking(|| group::read(&mut session, &unit));
        self.idle().push(session);
        outcome
    }

    fn close(&self) {
        self.room.close();
        self.idle().clear();
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Session>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs what may wait for the disk. Other tasks of this thread are moved to another meanwhile, where there is one.
fn blocking<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

fn start(name: &str, life: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, OpenError> {
    let started = std::thread::Builder::new().name(name.to_owned()).spawn(life);
    started.map_err(|error| OpenError::database("start its threads", error))
}

fn lock(path: &Path) -> Result<std::fs::File, OpenError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let lock = PathBuf::from(name);
    let failed = |source| OpenError::File {
        path: lock.clone(),
        source,
    };
    let file = std::fs::File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&lock)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
            path: path.to_owned(),
            lock,
        }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

fn connect_writer(path: &Path) -> Result<Connection, OpenError> {
    // Full: a commit is on the disk when it is answered. `busy_timeout` is for backups and guests, the only others who may lock the file.
    // Secure delete: a key that is destroyed is overwritten, in its page and in pages that have become free since.
    const SETTINGS: &str = "
        pragma busy_timeout = 10000;
        pragma journal_mode = wal;
        pragma synchronous = full;
        pragma foreign_keys = on;
        pragma secure_delete = on;
        pragma temp_store = memory;
        pragma cache_size = -8192;
        pragma wal_autocheckpoint = 4000;
        pragma journal_size_limit = 67108864;";
    connect(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        SETTINGS,
    )
}

fn connect_reader(path: &Path) -> Result<Connection, OpenError> {
    const SETTINGS: &str = "
        pragma busy_timeout = 10000;
        pragma query_only = on;
        pragma temp_store = memory;
        pragma cache_size = -1024;";
    connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY, SETTINGS)
}

fn connect(path: &Path, flags: OpenFlags, settings: &str) -> Result<Connection, OpenError> {
    // Each connection belongs to one thread, so SQLite need not lock it.
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| OpenError::database("open its file", error))?;
    connection
        .execute_batch(settings)
        .map_err(|error| OpenError::database("set up a connection", error))?;
    Ok(connection)
}

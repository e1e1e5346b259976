//! A private PostgreSQL for one run of the tests: its own folder, its own port, its own password, gone afterwards.
//!
//! It refuses to run as root, so as root it is started as another user. It commits as durably as a real one (`fsync` stays on), and
//! its text order is a language's and not the bytes', as on most merchants' servers: a statement that forgets its collation
//! gives another order here, not first at a merchant's.
//!
//! Not here: what the tests do with it. They make a schema or a database of their own each.

use std::fs::File;
use std::io::Read;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::apt;
use crate::run::{self, Stop, Stopwatch, id, is_root};

/// A server that has not answered by then will not.
const START_LIMIT: Duration = Duration::from_secs(60);
const INITDB_LIMIT: Duration = Duration::from_secs(120);
const STOP_SECONDS: &str = "30";
/// Another program may take the free port between our looking and the server's listening.
const ATTEMPTS: usize = 3;
/// How much of the server's log is shown when it fails.
const LOG_LINES: usize = 30;
const USER: &str = "tallyman";

/// Finds the folder with `initdb` and `pg_ctl`; as root it installs them if there is none.
pub fn binaries() -> Result<PathBuf> {
    if let Some(folder) = find() {
        return Ok(folder);
    }
    if !is_root()? {
        bail!(
            "PostgreSQL's server programs (initdb, pg_ctl) are missing. Install them (on Debian: the package `postgresql`), or run this as \
             root and it will, or name a database in {}",
            crate::test::DATABASE_VARIABLE
        );
    }
    println!("── PostgreSQL is missing: installing it with apt-get");
    apt::install("postgresql")?;
    find().context("the package `postgresql` was installed, but initdb and pg_ctl are not where they should be")
}

/// The newest version under Debian's folder, else what the search path has.
fn find() -> Option<PathBuf> {
    let mut folders: Vec<(u32, PathBuf)> = Vec::new();
    for entry in std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten() {
        let version = entry.file_name().to_string_lossy().parse().unwrap_or(0);
        folders.push((version, entry.path().join("bin")));
    }
    folders.sort();
    let newest_first = folders.into_iter().rev().map(|(_, folder)| folder);
    let search_path = std::env::var_os("PATH").unwrap_or_default();
    newest_first.chain(std::env::split_paths(&search_path)).find(|folder| {
        ["initdb", "pg_ctl", "postgres"]
            .iter()
            .all(|name| folder.join(name).is_file())
    })
}

/// The user that the server runs as.
enum Account {
    /// Whoever runs the tests.
    Ours,
    /// As root: this one.
    Other { name: &'static str, user: u32, group: u32 },
}

impl Account {
    fn choose() -> Result<Self> {
        if !is_root()? {
            return Ok(Self::Ours);
        }
        for name in ["postgres", "nobody"] {
            if let (Ok(user), Ok(group)) = (id(&["-u", name]), id(&["-g", name])) {
                return Ok(Self::Other { name, user, group });
            }
        }
        bail!("PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody` to run it as")
    }

    fn own(&self, path: &Path) -> Result<()> {
        if let Self::Other { name, user, group } = self {
            std::os::unix::fs::chown(path, Some(*user), Some(*group))
                .with_context(|| format!("{} could not be given to {name}", path.display()))?;
        }
        Ok(())
    }

    /// A command that runs as this user, and that is told to stop if we die without having stopped it.
    fn command(&self, program: &Path) -> Result<Command> {
        let setpriv = {
            let mut command = Command::new("setpriv");
            command.arg("--version");
            run::answers(command)
        };
        let mut command = match self {
            Self::Ours if setpriv => {
                let mut command = Command::new("setpriv");
                command.args(["--pdeathsig", "INT", "--"]);
                command
            }
            Self::Ours => return Ok(Command::new(program)),
            Self::Other { user, group, .. } if setpriv => {
                let mut command = Command::new("setpriv");
                command.args([format!("--reuid={user}"), format!("--regid={group}")]);
                command.args(["--clear-groups", "--pdeathsig", "INT", "--"]);
                command
            }
            Self::Other { name, .. } => {
                let mut command = Command::new("runuser");
                command.args(["-u", name, "--"]);
                command
            }
        };
        command.arg(program);
        Ok(command)
    }
}

/// A database cluster in a temporary folder, not running yet.
struct Cluster {
    account: Account,
    programs: PathBuf,
    folder: TempDir,
    password: String,
}

impl Cluster {
    fn make(programs: &Path, stop: &Stop) -> Result<Self> {
        let account = Account::choose()?;
        let folder = tempfile::Builder::new()
            .prefix("tallyman-pg-")
            .tempdir()
            .context("no temporary folder could be made")?;
        account.own(folder.path())?;
        let cluster = Self {
            account,
            programs: programs.to_path_buf(),
            folder,
            password: password()?,
        };
        cluster.initialise(stop)?;
        Ok(cluster)
    }

    fn initialise(&self, stop: &Stop) -> Result<()> {
        let secret = self.folder.path().join("password");
        std::fs::write(&secret, &self.password).context("the password file could not be written")?;
        self.account.own(&secret)?;
        let mut command = self.account.command(&self.programs.join("initdb"))?;
        command.arg("--pgdata").arg(self.data()).arg("--pwfile").arg(&secret);
        command.args([
            "--username",
            USER,
            "--auth",
            "scram-sha-256",
            "--encoding",
            "UTF8",
            "--locale",
            "C",
        ]);
        if self.has_icu() {
            command.args(["--locale-provider", "icu", "--icu-locale", "en-GB"]);
        }
        command
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(self.log()?)
            .stderr(self.log()?);
        let mut child = command.spawn().context("initdb could not be started")?;
        let status = run::wait(&mut child, "initdb", stop, INITDB_LIMIT)?;
        std::fs::remove_file(&secret).context("the password file could not be removed")?;
        if !status.success() {
            bail!("initdb failed ({status}):\n{}", self.log_text());
        }
        Ok(())
    }

    /// A language's text order as a database's default came with version 15.
    fn has_icu(&self) -> bool {
        let mut command = Command::new(self.programs.join("initdb"));
        command.arg("--help");
        run::output(command).is_ok_and(|help| help.contains("--icu-locale"))
    }

    fn spawn(&self, port: u16) -> Result<Child> {
        let mut command = self.account.command(&self.programs.join("postgres"))?;
        command
            .arg("-D")
            .arg(self.data())
            .args(["-p", &port.to_string()])
            .arg("-k")
            .arg(self.folder.path());
        command.args(["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"]);
        command
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(self.log()?)
            .stderr(self.log()?);
        command.spawn().context("postgres could not be started")
    }

    /// Whether the server answers within its time; `false` when it gave up by itself, as it does when its port was taken.
    fn ready(&self, child: &mut Child, port: u16, stop: &Stop) -> Result<bool> {
        let watch = Stopwatch::start();
        while watch.elapsed() < START_LIMIT {
            if child.try_wait().context("postgres cannot be waited for")?.is_some() {
                return Ok(false);
            }
            if stop.asked() {
                bail!("interrupted while PostgreSQL started");
            }
            let mut command = Command::new(self.programs.join("pg_isready"));
            command.args(["--quiet", "--host", "127.0.0.1", "--port", &port.to_string()]);
            if run::answers(command) {
                return Ok(true);
            }
            run::pause();
        }
        bail!(
            "PostgreSQL did not answer within {} s:\n{}",
            START_LIMIT.as_secs(),
            self.log_text()
        )
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log(&self) -> Result<File> {
        let path = self.folder.path().join("log");
        File::options()
            .create(true)
            .append(true)
            .open(path)
            .context("PostgreSQL's log could not be opened")
    }

    fn log_text(&self) -> String {
        let text = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
    }
}

/// A running server. Dropped without having been stopped (a failure on the way, a panic) it is ended at once.
pub struct Server {
    cluster: Cluster,
    child: Option<Child>,
    address: String,
}

impl Server {
    /// Makes a fresh cluster and starts it on a free port.
    pub fn start(programs: &Path, stop: &Stop) -> Result<Self> {
        let watch = Stopwatch::start();
        let cluster = Cluster::make(programs, stop)?;
        let mut server = Self {
            cluster,
            child: None,
            address: String::new(),
        };
        for attempt in 1..=ATTEMPTS {
            let port = free_port()?;
            let child = server.child.insert(server.cluster.spawn(port)?);
            if server.cluster.ready(child, port, stop)? {
                server.address = format!("postgres://{USER}:{}@127.0.0.1:{port}/postgres", server.cluster.password);
                println!(
                    "── PostgreSQL from {}, private, port {port}, up in {watch}",
                    programs.display()
                );
                return Ok(server);
            }
            println!("   PostgreSQL did not start on port {port} (attempt {attempt} of {ATTEMPTS})");
        }
        bail!("PostgreSQL did not start:\n{}", server.cluster.log_text())
    }

    /// Where tests connect, as a superuser: they make databases and schemas.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Ends the server's sessions, waits for it and removes its folder.
    pub fn stop(mut self) -> Result<()> {
        let mut command = self.cluster.account.command(&self.cluster.programs.join("pg_ctl"))?;
        command
            .args([
                "stop",
                "--silent",
                "--wait",
                "--mode",
                "fast",
                "--timeout",
                STOP_SECONDS,
                "--pgdata",
            ])
            .arg(self.cluster.data());
        command.current_dir(self.cluster.folder.path());
        // Ctrl-C reaches the server as well as us: it may be gone already, and then pg_ctl finds nothing to stop.
        let gone = self
            .child
            .as_mut()
            .is_some_and(|child| matches!(child.try_wait(), Ok(Some(_))));
        if !gone {
            run::output(command).with_context(|| format!("PostgreSQL did not stop:\n{}", self.cluster.log_text()))?;
        }
        if let Some(mut child) = self.child.take() {
            child.wait().context("PostgreSQL cannot be waited for")?;
        }
        println!("── PostgreSQL stopped");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // Nothing in this cluster is worth a clean end; what matters is that no process stays behind.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A port that nobody listens on at this moment.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no free port")?;
    Ok(listener.local_addr()?.port())
}

/// Other users of the machine can reach the port: without a password they could run programs as the server's user.
fn password() -> Result<String> {
    let mut bytes = [0_u8; 16];
    File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut bytes))
        .context("no randomness for a password")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

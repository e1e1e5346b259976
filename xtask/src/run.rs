//! Running other programs: where the house stands, one step with its time, and waiting that ends.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use tempfile::TempDir;

/// How often a waiting loop looks. Short against anything a person notices, long against the cost of looking.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The folder of the workspace.
///
/// Asked at run time, not at build time: the gate keeps its build outside the checkout, where another checkout may find it.
pub fn root() -> Result<PathBuf> {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").context("run this as `cargo xtask`")?;
    let here = PathBuf::from(here);
    Ok(here.parent().context("xtask lies in a workspace")?.to_path_buf())
}

/// What cargo tells the program that it runs of itself. Build scripts look at some of it: handed on, it would build their packages, and
/// all above them, anew whenever a chore follows a build by hand, or the other way round.
const TOLD_BY_CARGO: [&str; 3] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"];

/// A command for the cargo that started us.
pub fn cargo<A: AsRef<OsStr>>(arguments: &[A]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments);
    for (name, _) in std::env::vars_os() {
        if TOLD_BY_CARGO.iter().any(|told| name.to_string_lossy().starts_with(told)) {
            command.env_remove(&name);
        }
    }
    command
}

/// Whether a program answers when it is called with these arguments.
pub fn answers(mut command: Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// A number that `id` prints, for example the user id of a name.
pub fn id(arguments: &[&str]) -> Result<u32> {
    let mut command = Command::new("id");
    command.args(arguments);
    output(command)?.trim().parse().context("`id` did not print a number")
}

/// Whether we may install what is missing.
pub fn is_root() -> Result<bool> {
    Ok(id(&["-u"])? == 0)
}

/// What a variable of the environment says, if it says anything.
pub fn given(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|given| !given.is_empty())
}

/// Where a program is that is called by its name alone.
pub fn on_search_path(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

/// A folder of ours that is kept from run to run; it may not be there yet.
pub fn cache(name: &str) -> Result<PathBuf> {
    let ours = given("XDG_CACHE_HOME").map(PathBuf::from);
    let caches = ours.or_else(|| given("HOME").map(|home| PathBuf::from(home).join(".cache")));
    let caches = caches.context("there is no place to keep what is fetched: set HOME or XDG_CACHE_HOME")?;
    Ok(caches.join("tallyman").join(name))
}

/// A folder to work in, on the same disk as this one, gone when it is dropped.
pub fn folder_in(folder: &Path) -> Result<TempDir> {
    let made = tempfile::Builder::new().prefix("fetching-").tempdir_in(folder);
    made.with_context(|| format!("no folder could be made in {}", folder.display()))
}

/// What a program printed, if it succeeded.
pub fn output(mut command: Command) -> Result<String> {
    let name = name_of(&command);
    let output = command.output().with_context(|| format!("{name} could not be started"))?;
    if !output.status.success() {
        bail!(
            "{name} failed ({}): {}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    String::from_utf8(output.stdout).with_context(|| format!("{name} did not print text"))
}

/// Builds a program of ours and says where it lies.
///
/// Built as a part of the whole workspace: its dependencies then have the features that they have for the tests, and what the
/// tests have compiled is used again.
pub fn program(name: &str) -> Result<PathBuf> {
    let mut command = cargo(&[
        "build",
        "--workspace",
        "--bin",
        name,
        "--message-format",
        "json-render-diagnostics",
    ]);
    command.current_dir(root()?).stderr(Stdio::inherit());
    let messages = output(command).with_context(|| format!("{name} could not be built"))?;
    let executable = messages.lines().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let ours = message.get("target")?.get("name")? == name;
        let path = message.get("executable")?.as_str()?;
        ours.then(|| PathBuf::from(path))
    });
    executable.with_context(|| format!("cargo built no program {name}"))
}

/// Runs one program in the workspace's folder as a named step, its output passed through.
pub fn step(title: &str, mut command: Command) -> Result<()> {
    let watch = Stopwatch::start();
    println!("── {title}");
    let name = name_of(&command);
    let status = command
        .current_dir(root()?)
        .status()
        .with_context(|| format!("{name} could not be started"))?;
    if !status.success() {
        return Err(Failed {
            title: title.to_owned(),
            status,
        }
        .into());
    }
    println!("   done in {watch}");
    Ok(())
}

/// A program that a step ran and that did not succeed. Its exit code is ours, so that whoever calls a chore can tell what it said.
#[derive(Debug)]
pub struct Failed {
    title: String,
    status: ExitStatus,
}

impl std::fmt::Display for Failed {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} ({})", self.title, self.status)
    }
}

impl std::error::Error for Failed {}

/// The code to exit with after an error.
pub fn exit_code(error: &anyhow::Error) -> ExitCode {
    let code = error.downcast_ref::<Failed>().and_then(|failed| failed.status.code());
    // Above a byte there is none, and a program that a signal has ended has none at all.
    code.and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from)
}

fn name_of(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

/// How long something took, for people to read.
pub struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "a chore tells a person how long it took; nothing is decided by it"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    #[expect(clippy::disallowed_methods, reason = "waiting for another program happens in real time")]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

impl std::fmt::Display for Stopwatch {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:.1} s", self.elapsed().as_secs_f64())
    }
}

/// Waits a moment, in real time.
#[expect(clippy::disallowed_methods, reason = "waiting for another program happens in real time")]
pub fn pause() {
    std::thread::sleep(LOOK_EVERY);
}

/// Set when a person or the system asks us to stop: interrupt (Ctrl-C), terminate, hang-up.
#[derive(Clone)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// From here on such a request no longer ends this program at once; its waits notice it and it tidies up behind itself.
    pub fn on_request() -> Result<Self> {
        let asked = Arc::new(AtomicBool::new(false));
        for signal in [
            signal_hook::consts::SIGINT,
            signal_hook::consts::SIGTERM,
            signal_hook::consts::SIGHUP,
        ] {
            signal_hook::flag::register(signal, Arc::clone(&asked)).context("signals could not be watched")?;
        }
        Ok(Self(asked))
    }

    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Waits for a child until it ends, somebody asks us to stop, or the limit has passed; in both latter cases the child is ended.
pub fn wait(child: &mut Child, name: &str, stop: &Stop, limit: Duration) -> Result<ExitStatus> {
    let watch = Stopwatch::start();
    loop {
        if let Some(status) = child.try_wait().with_context(|| format!("{name} cannot be waited for"))? {
            return Ok(status);
        }
        if stop.asked() {
            end(child).with_context(|| format!("{name} could not be ended"))?;
            return Err(anyhow!("{name} was interrupted"));
        }
        if watch.elapsed() > limit {
            end(child).with_context(|| format!("{name} could not be ended"))?;
            return Err(anyhow!("{name} took longer than {} s and was ended", limit.as_secs()));
        }
        pause();
    }
}

/// Asks a child to stop, and ends it if it has not within ten seconds: a test runner ends its own tests when it is asked.
fn end(child: &mut Child) -> io::Result<()> {
    let mut ask = Command::new("kill");
    ask.args(["-TERM", &child.id().to_string()]);
    // The answer does not matter: what could not be asked is ended below.
    let _ = answers(ask);
    let watch = Stopwatch::start();
    while watch.elapsed() < Duration::from_secs(10) {
        if child.try_wait()?.is_some() {
            return Ok(());
        }
        pause();
    }
    child.kill()?;
    child.wait()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_programs_exit_code_is_handed_on() {
        let ended = |script: &str| {
            let status = Command::new("sh").args(["-c", script]).status().unwrap();
            let title = "a step".into();
            exit_code(&anyhow::Error::new(Failed { title, status }).context("while it ran"))
        };
        assert_eq!(ended("exit 3"), ExitCode::from(3));
        assert_eq!(ended("kill -9 $$"), ExitCode::FAILURE);
        assert_eq!(exit_code(&anyhow!("something else")), ExitCode::FAILURE);
    }
}

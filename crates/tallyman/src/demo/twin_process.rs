//! The twin as a process that the demo starts: the same program with another command.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::Context;

use super::Day;

pub struct Wanted<'a> {
    pub seed: u64,
    pub orders: u32,
    pub relisted: u32,
    pub faults: &'a str,
    pub pace: u32,
    pub within_minutes: u32,
    /// The file in which it is kept, for a twin that stays up when this program ends, as vendors do: until the file names it no
    /// more, or nobody has called for a while.
    pub stays: Option<&'a Path>,
}

pub struct TwinProcess {
    pub address: String,
    pub day: Day,
    child: Child,
    stays: bool,
}

/// How long a twin that stays up waits for a caller.
const IDLE_MINUTES: u32 = 15;

impl TwinProcess {
    /// Starts it on a free port and waits until it listens.
    pub fn start(wanted: &Wanted<'_>) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("where this program lies")?;
        let mut command = Command::new(program);
        command.args(["twin", "--listen", "127.0.0.1:0", "--faults", wanted.faults]);
        for (flag, value) in [
            ("--seed", wanted.seed),
            ("--orders", wanted.orders.into()),
            ("--relisted", wanted.relisted.into()),
            ("--pace", wanted.pace.into()),
            ("--within-minutes", wanted.within_minutes.into()),
        ] {
            command.arg(flag).arg(value.to_string());
        }
        if let Some(file) = wanted.stays {
            command.arg("--kept-in").arg(file);
            command.arg("--idle-minutes").arg(IDLE_MINUTES.to_string());
            // Nothing of ours is kept open by it: whoever reads our output must see its end when we end.
            command.stdin(Stdio::null()).stderr(Stdio::null());
            apart(&mut command);
        } else {
            command.arg("--with-parent").stdin(Stdio::piped());
        }
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .context("the twin could not be started")?;
        let mut lines = BufReader::new(child.stdout.take().context("the twin's output")?).lines();
        let mut line = || {
            lines
                .next()
                .context("the twin ended while it started")?
                .context("the twin's output")
        };
        let address = line()?
            .strip_prefix("listening on ")
            .context("the twin does not say where it listens")?
            .to_owned();
        let day = Day::parse(&line()?)?;
        Ok(Self {
            address,
            day,
            child,
            stays: wanted.stays.is_some(),
        })
    }
}

impl Drop for TwinProcess {
    fn drop(&mut self) {
        if !self.stays {
            // An error means that it has ended already.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Ctrl-C at the terminal goes to a whole group of processes: the twin gets one of its own, so that it is for us alone.
#[cfg(unix)]
fn apart(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(not(unix))]
fn apart(_command: &mut Command) {}

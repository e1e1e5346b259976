//! Processes: starting ours, and what the system says that one has used.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;

use super::part::Part;

/// Ticks a second of the processor times in `/proc`: fixed at 100 for programs on Linux, whatever the kernel's own.
const TICKS_A_SECOND: u64 = 100;

/// A part of the bench in a process of its own. It ends when this is dropped.
pub struct Running {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
    /// Held open: a part that serves ends when its input does.
    _input: Option<ChildStdin>,
}

impl Running {
    /// Starts this very program again, to do one part.
    pub fn start(part: &Part) -> Result<Self> {
        let program = std::env::current_exe().context("where this program lies")?;
        let mut child = Command::new(program)
            .args(["bench", "--part", &serde_json::to_string(part)?])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("a process for {part:?} could not be started"))?;
        let output = BufReader::new(child.stdout.take().context("its output is piped")?);
        let input = child.stdin.take();
        Ok(Self {
            child,
            output,
            _input: input,
        })
    }

    /// The next thing that the part says.
    pub fn hear<T: DeserializeOwned>(&mut self) -> Result<T> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        anyhow::ensure!(
            !line.is_empty(),
            "a part of the bench ended without a word; its complaint stands above"
        );
        serde_json::from_str(&line).with_context(|| format!("a part of the bench said: {line}"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It is ours and does nothing that matters any more; if it has ended already, so much the better.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for whoever started us to go away.
pub fn until_input_ends() {
    let mut line = String::new();
    while std::io::stdin().read_line(&mut line).is_ok_and(|read| read > 0) {
        line.clear();
    }
}

/// The processor time that this process has used, in all its threads.
pub fn cpu() -> Result<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").context("the bench reads /proc, which only Linux has")?;
    // The name before it may hold spaces, but ends with the last parenthesis; the 12th and 13th field after it are what we want.
    let (_, rest) = stat.rsplit_once(')').context("/proc/self/stat")?;
    let ticks: u64 = rest
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|field| field.parse::<u64>().unwrap_or(0))
        .sum();
    Ok(Duration::from_millis(ticks * 1000 / TICKS_A_SECOND))
}

/// The most memory that this process has held at once, in MB (1,000,000 bytes).
pub fn peak_mb() -> Result<f64> {
    held_mb("VmHWM:")
}

/// The memory that it holds now.
pub fn resident_mb() -> Result<f64> {
    held_mb("VmRSS:")
}

fn held_mb(name: &str) -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let held = status.lines().find_map(|line| line.strip_prefix(name));
    let kib: f64 = held
        .and_then(|held| held.split_whitespace().next())
        .with_context(|| format!("/proc/self/status says no {name}"))?
        .parse()?;
    Ok(kib * 1024.0 / 1e6)
}

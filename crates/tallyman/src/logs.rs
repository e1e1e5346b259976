//! Logs: to standard error, for people or as JSON. What personal data and secrets must never be in is seen to where lines are
//! written, not here.

use std::io::IsTerminal;

use tallyman_engine::traces::TARGET;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt, registry};

use crate::config::{Format, Log};
use crate::traces::Traces;

/// Begins to log; a second time nothing happens. `RUST_LOG` goes before what is configured.
pub fn begin(log: &Log, usual: &str) -> anyhow::Result<()> {
    begin_with(log, usual, None)
}

/// The same, and spans are taken in for traces.
pub fn begin_with(log: &Log, usual: &str, traces: Option<&Traces>) -> anyhow::Result<()> {
    let asked = std::env::var(EnvFilter::DEFAULT_ENV)
        .ok()
        .filter(|asked| !asked.trim().is_empty());
    let written = asked.as_deref().or(log.filter.as_deref()).unwrap_or(usual);
    let filter =
        EnvFilter::try_new(written).map_err(|error| anyhow::anyhow!("the log's filter `{written}` cannot be read: {error}"))?;
    // A line says what it says by itself, whether or not somebody collects traces.
    let filter = filter.add_directive(format!("{TARGET}=off").parse()?);
    let lines = fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let lines = match log.format {
        Format::Human => lines.boxed(),
        Format::Json => lines.json().flatten_event(true).boxed(),
    };
    let all = registry().with(lines.with_filter(filter)).with(traces.map(Traces::layer));
    if let Err(error) = all.try_init() {
        tracing::debug!(%error, "logs had begun already");
    }
    Ok(())
}

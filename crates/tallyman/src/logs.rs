//! Logs: to standard error, for people or as JSON. What personal data and secrets must never be in is seen to where lines are
//! written, not here.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{Format, Log};

/// Begins to log; a second time nothing happens. `RUST_LOG` goes before what is configured.
pub fn begin(log: &Log, usual: &str) -> anyhow::Result<()> {
    let asked = std::env::var(EnvFilter::DEFAULT_ENV)
        .ok()
        .filter(|asked| !asked.trim().is_empty());
    let written = asked.as_deref().or(log.filter.as_deref()).unwrap_or(usual);
    let filter =
        EnvFilter::try_new(written).map_err(|error| anyhow::anyhow!("the log's filter `{written}` cannot be read: {error}"))?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let begun = match log.format {
        Format::Human => lines.try_init(),
        Format::Json => lines.json().flatten_event(true).try_init(),
    };
    if let Err(error) = begun {
        tracing::debug!(%error, "logs had begun already");
    }
    Ok(())
}

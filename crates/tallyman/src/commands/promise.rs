//! When what a command has written is taken up: a promise that only holds while a worker runs.

use tallyman_core::seam::Clock;
use tallyman_engine::health;
use tallyman_store::Store;

use crate::assemble;
use crate::config::Config;

/// As the end of a sentence.
pub async fn when(config: &Config, store: &Store) -> anyhow::Result<&'static str> {
    soon(config, store, "within seconds").await
}

/// The same, where a running worker takes it up so soon.
pub async fn soon(config: &Config, store: &Store, soon: &'static str) -> anyhow::Result<&'static str> {
    let now = assemble::clock(config).now();
    Ok(if health::is_worked_at(store, now).await? {
        soon
    } else {
        "as soon as a worker runs: none does now"
    })
}

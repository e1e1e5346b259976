//! `tallyman serve` and `tallyman worker`: the program at work, until it is asked to stop.
//!
//! Asked once, it begins nothing new and waits for what is under way to be recorded, so that a restart leaves no questions behind.
//! It waits no longer than a call may take; what is cut off then is asked about by whoever comes next.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use tallyman_core::effect::rule::CALL_TIMEOUT;
use tallyman_engine::parts::Parts;
use tallyman_engine::people::invitations;
use tallyman_engine::worker::{Worker, set_up};
use tallyman_web::Running;
use tallyman_web::house::House;
use tallyman_web::safety::Reached;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::check::merchants;
use super::people;
use crate::config::Config;
use crate::traces::Traces;
use crate::wires::Http;
use crate::{assemble, logs};

/// What the listener gets to finish its answers.
const ANSWERS_MAX: Duration = Duration::from_secs(5);

/// Works, and answers `/health`, the API and the console.
#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    common: Common,
}

/// Works without a listener: one more beside `serve`, on PostgreSQL.
#[derive(Args)]
pub struct Work {
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
struct Common {
    /// The configuration; tallyman.sample.toml explains it.
    #[arg(long, default_value = "tallyman.toml")]
    config: PathBuf,
    /// What this worker is called in the journal; its process's number if not given.
    #[arg(long)]
    name: Option<String>,
}

/// What stands before any work is done.
struct Begun {
    config: Config,
    name: String,
    /// Ends before the runtime that sends its last spans.
    _traces: Option<Traces>,
    runtime: Runtime,
}

impl Common {
    fn load(&self) -> anyhow::Result<Begun> {
        let config = Config::load(&self.config)?;
        let name = self.name.clone().unwrap_or_else(|| format!("worker-{}", std::process::id()));
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let begin = |traces| Traces::begin(traces, &name, runtime.handle().clone());
        let traces = config.traces.as_ref().map(begin).transpose()?;
        logs::begin_with(&config.log, "info", traces.as_ref())?;
        Ok(Begun {
            config,
            name,
            _traces: traces,
            runtime,
        })
    }
}

impl Serve {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let begun = self.common.load()?;
        let (config, name) = (&begun.config, begun.name.clone());
        // Before anything that takes time: whoever asks hears that we are starting, and not that nobody is there.
        let listener = TcpListener::bind(config.listen).with_context(|| {
            format!(
                "{} cannot be listened on: is another one running, or is it somebody else's?",
                config.listen
            )
        })?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        begun.runtime.block_on(async {
            let stop = until_asked()?;
            let running = Arc::new(Running::default());
            running.stands_at(config.public_url());
            let listener = tokio::net::TcpListener::from_std(listener)?;
            tracing::info!(%address, "listening on http://{address}/health");
            let mut over = stop.clone();
            let access = Arc::new(config.api.access());
            let vouches = config.vouches(Arc::new(Http::new()?))?;
            let answering = tokio::spawn(tallyman_web::serve(
                listener,
                running.clone(),
                access,
                Arc::new(
                    House::new(running.clone(), reached(config))
                        .vouched_by(vouches)
                        .behind(config.proxies.clone()),
                ),
                async move {
                    // An error means that nobody can ask us to stop any more, which is as good as being asked.
                    let _ = over.wait_for(|asked| *asked).await;
                },
            ));
            let ready = async |parts: Arc<Parts>| {
                invite_the_first(config, &parts).await;
                running.begun(parts);
            };
            let worked = work(config, name, stop, ready).await;
            if within(ANSWERS_MAX, answering).await.is_none() {
                tracing::debug!("somebody kept a connection open; it is closed");
            }
            worked
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Work {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let begun = self.common.load()?;
        let name = begun.name.clone();
        begun
            .runtime
            .block_on(async { work(&begun.config, name, until_asked()?, async |_| ()).await })?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Where nobody signs in yet, a link lets whoever reads this log set everything up. There is no password before it.
async fn invite_the_first(config: &Config, parts: &Parts) {
    match invitations::first(&parts.store, &parts.vault, parts.clock.now()).await {
        Ok(None) => {}
        Ok(Some(link)) => tracing::info!(
            "nobody signs in yet: {} lets its first reader set everything up, once and within an hour",
            people::address(config, &link)
        ),
        // The work does not wait for it.
        Err(error) => tracing::error!(error = %error, "nobody could be invited to set everything up: {error}"),
    }
}

/// How people reach the pages: as the links in their mail say.
fn reached(config: &Config) -> Reached {
    if config.public_url().starts_with("https://") {
        Reached::Https
    } else {
        Reached::Plain
    }
}

async fn work(
    config: &Config,
    name: String,
    mut stop: watch::Receiver<bool>,
    begun: impl AsyncFnOnce(Arc<Parts>),
) -> anyhow::Result<()> {
    let parts = Arc::new(assemble::parts(config, Arc::new(Http::new()?)).await?);
    set_up(&parts)
        .await
        .context("the connections could not be made known to the database")?;
    begun(parts.clone()).await;
    tracing::info!(worker = %name, "{name} works for {}", merchants(parts.merchants.len()));
    let worker = Worker::new(name, parts.clone());
    let mut working = tokio::spawn(async move { worker.run().await });
    tokio::select! {
        biased;
        asked = stop.wait_for(|asked| *asked) => drop(asked),
        ended = &mut working => anyhow::bail!("the worker fell over: {}", ended.err().map_or_else(|| "it ended".into(), |error| error.to_string())),
    }
    tracing::info!("asked to stop: what is under way is finished first");
    parts.bells.close();
    let patience = CALL_TIMEOUT / config.clock.map_or(1, |clock| clock.pace) + ANSWERS_MAX;
    match within(patience, &mut working).await {
        Some(_) => tracing::info!("stopped with nothing under way"),
        None => {
            working.abort();
            tracing::warn!("stopped although something was under way: it is asked about at the next start");
        }
    }
    Ok(())
}

/// Becomes true when the system or a person asks us to stop.
fn until_asked() -> anyhow::Result<watch::Receiver<bool>> {
    let (asked, stop) = watch::channel(false);
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        .context("the system's request to stop cannot be heard")?;
    tokio::spawn(async move {
        #[cfg(unix)]
        tokio::select! {
            biased;
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
        // Nobody listens only if everything has stopped already.
        let _ = asked.send(true);
    });
    Ok(stop)
}

#[expect(clippy::disallowed_methods, reason = "whoever asked us to stop waits in real time")]
async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(limit, work).await.ok()
}

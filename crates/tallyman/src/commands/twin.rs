//! `tallyman twin`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use tallyman_core::seam::Clock;
use tallyman_core::time::Timestamp;
use tallyman_twin::clock::Clock as TwinClock;
use tallyman_twin::settings::{Company, Settings};
use tallyman_twin::wire::Twin as Vendors;
use tokio::net::TcpListener;

use crate::clocks::{PacedClock, system_now};
use crate::demo::{Day, instant};
use crate::say;
use crate::scene;

/// How often it is looked whether anybody still calls.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Serves the vendors: simulators of Sage 200, Mintsoft and Virtualstock with real orders, people and faults.
///
/// What they have in their books is at `/twin/report` (with the auditors' findings) and, shorter, at `/twin/state`.
#[derive(Args)]
pub struct Twin {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:9100")]
    listen: SocketAddr,
    /// What people, faults and latencies are drawn from.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Invoices are read until this many have become orders.
    #[arg(long, default_value_t = 120)]
    orders: u32,
    /// How much goes wrong: none, usual, harsh.
    #[arg(long, default_value = "usual", value_parser = ["none", "usual", "harsh"])]
    faults: String,
    /// How many merchants the orders are dealt to. Every second one's Sage records no tracking.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=50))]
    companies: u32,
    /// When the vendors' day begins, as they read the clock.
    #[arg(long, value_parser = instant)]
    origin: Option<Timestamp>,
    /// When it began by this computer's clock; now, if not given.
    #[arg(long, value_parser = instant)]
    since: Option<Timestamp>,
    /// How fast the vendors' clock runs: 60 is an hour a minute.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pace: u32,
    /// The time on their clock within which all orders arrive.
    #[arg(long, default_value_t = 120)]
    within_minutes: u32,
    /// So many of the orders begin with a best seller that the first merchant's retailer lists under a new code, and has told nobody.
    #[arg(long, default_value_t = 0)]
    relisted: u32,
    /// Without the vendors' rate limits, for a bench that says so.
    #[arg(long)]
    no_limits: bool,
    /// Answers come at once, for a bench that says so.
    #[arg(long)]
    no_latency: bool,
    /// End by itself after so many real minutes in which nobody has called.
    #[arg(long)]
    idle_minutes: Option<u32>,
    /// End when this file, once it has named this twin, does so no more.
    #[arg(long, value_name = "FILE", hide = true)]
    kept_in: Option<PathBuf>,
    /// End when standard input does: with the program that started this one, however that ends.
    #[arg(long, hide = true)]
    with_parent: bool,
}

impl Twin {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        runtime.block_on(self.serve())?;
        // Not waited for: the thread that may still be reading standard input.
        runtime.shutdown_background();
        Ok(ExitCode::SUCCESS)
    }

    fn settings(&self) -> anyhow::Result<Settings> {
        let mut settings = scene::demo_settings(self.seed, self.orders, &self.faults)
            .ok_or_else(|| anyhow::anyhow!("there is no fault set {}", self.faults))?;
        if let Some(origin) = self.origin {
            settings.origin = origin.micros();
        }
        settings.companies = (1..=self.companies)
            .map(|number| Company::numbered(number, number % 2 == 1))
            .collect();
        settings.orders.within = i64::from(self.within_minutes.max(1)) * 60 * 1_000_000;
        settings.orders.relisted = self.relisted;
        settings.limits = !self.no_limits;
        settings.faults.latency = !self.no_latency;
        Ok(settings)
    }

    async fn serve(&self) -> anyhow::Result<()> {
        let settings = self.settings()?;
        let listener = TcpListener::bind(self.listen)
            .await
            .map_err(|error| anyhow::anyhow!("{} cannot be listened on: {error}", self.listen))?;
        // The data is read before the day begins, not within its first minutes.
        tallyman_twin::retail::invoices();
        let day = Day {
            origin: Timestamp::from_micros(settings.origin),
            since: self.since.unwrap_or_else(system_now),
            pace: self.pace,
        };
        let now = day.clock().now();
        let twin = Vendors::new(settings, TwinClock::starting_at(now.micros(), self.pace));
        let address = listener.local_addr()?;
        say!("listening on http://{address}\nits day: {day}\nto work with it: tallyman demo --twin http://{address} {day}");
        let over = {
            let (twin, named) = (twin.clone(), format!("http://{address}"));
            async move {
                tokio::select! {
                    biased;
                    _ = tokio::signal::ctrl_c() => {}
                    () = idle(&twin, self.idle_minutes) => {}
                    () = forgotten(self.kept_in.as_deref(), &named) => {}
                    () = parent_gone(self.with_parent) => {}
                }
            }
        };
        tallyman_twin::server::serve(twin, listener, over).await;
        Ok(())
    }
}

/// Ready when nobody has called for so long.
async fn idle(twin: &Vendors, minutes: Option<u32>) {
    let Some(minutes) = minutes else {
        return std::future::pending().await;
    };
    let allowed = Duration::from_secs(60) * minutes;
    let real = PacedClock::system();
    let (mut calls, mut since) = (0, real.now());
    loop {
        real.sleep_until(real.now().plus(LOOK_EVERY)).await;
        let seen: u64 = twin.calls().by_vendor.values().sum();
        if seen != calls {
            (calls, since) = (seen, real.now());
        } else if real.now().since(since) > allowed {
            return;
        }
    }
}

/// Ready when a file has named this address and does so no more: the demo that kept it there is over, or has begun anew.
async fn forgotten(file: Option<&Path>, address: &str) {
    let Some(file) = file else {
        return std::future::pending().await;
    };
    let real = PacedClock::system();
    let mut was_kept = false;
    loop {
        real.sleep_until(real.now().plus(LOOK_EVERY)).await;
        let kept = std::fs::read_to_string(file).is_ok_and(|text| text.contains(address));
        if was_kept && !kept {
            return;
        }
        was_kept |= kept;
    }
}

/// Ready when standard input has ended, which the system sees to when the program that holds its other end is gone.
async fn parent_gone(watched: bool) {
    if !watched {
        return std::future::pending().await;
    }
    let (gone, heard) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _ = gone.send(());
    });
    let _ = heard.await;
}

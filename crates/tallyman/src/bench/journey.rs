//! The bench `journey`: starts the processes, one after the other, and puts their figures together.

use std::path::PathBuf;

use anyhow::Result;
use tallyman_engine::parts::Pace;

use super::figures::{self, Figure};
use super::machine;
use super::part::{Grown, Part, Run};
use super::process::Running;
use super::record::STEPS;
use crate::clocks::system_now;
use crate::say;

/// What is measured with.
#[derive(Debug, Clone)]
pub struct Bench {
    pub orders: u32,
    /// Journeys in the store while memory and start are measured; 0 leaves these two figures out.
    pub stored: u32,
    /// Calls in flight for each connection.
    pub slots: u32,
    /// Where the files go while it runs; they are removed afterwards.
    pub folder: PathBuf,
}

/// Orders that a worker on the filled store takes through.
const GROWN_ORDERS: u32 = 200;

/// What a bench came to.
pub struct Measured {
    pub figures: Vec<Figure>,
    /// Journeys that made other calls than they should, and marks that are missed.
    pub complaints: Vec<String>,
}

/// Runs it and prints its table.
pub fn run(bench: &Bench) -> Result<Measured> {
    std::fs::create_dir_all(&bench.folder)?;
    let outcome = measure(bench);
    std::fs::remove_dir_all(&bench.folder)?;
    outcome
}

fn measure(bench: &Bench) -> Result<Measured> {
    let Bench {
        orders, stored, slots, ..
    } = *bench;
    say!(
        "{orders} orders of the data's own mix, all arrived; 6 connections with {slots} call slots each; governor off; the twin in its own \
         process without limits, latency or faults, despatching at once; SQLite file, synchronous = full"
    );
    let start_twin = |skip| twin(orders.max(GROWN_ORDERS), skip);
    let (mut first, mut fresh) = (start_twin(0)?, start_twin(0)?);
    let mut running = Running::start(&Part::Run {
        address: first.hear()?,
        fresh: fresh.hear()?,
        folder: bench.folder.clone(),
        orders,
        slots,
    })?;
    let run: Run = running.hear()?;
    drop((running, first, fresh));
    print_calls(&run);
    let mut figures = of_run(&run);
    if stored > 0 {
        figures.extend(of_grown(bench)?);
    }
    say!("{}", machine::in_words(system_now()));
    figures::print(&figures);
    let mut complaints = other_calls(&run);
    complaints.extend(figures::missed(&figures));
    Ok(Measured { figures, complaints })
}

fn twin(orders: u32, skip: u32) -> Result<Running> {
    Running::start(&Part::Twin { orders, skip })
}

fn print_calls(run: &Run) {
    say!("calls, with the bytes of their bodies there and back:");
    for (step, (calls, bytes)) in &run.calls {
        say!(
            "  {step:<32} {calls:>7}  {:>8.1} kB each",
            *bytes as f64 / *calls as f64 / 1e3
        );
    }
    say!(
        "{} of {} journeys made exactly the {} calls of a journey, each once",
        run.exact,
        run.complete,
        STEPS.len()
    );
}

/// What is not as the list of calls says. An average of nine could hide one journey with ten calls and one with eight.
fn other_calls(run: &Run) -> Vec<String> {
    let mut complaints = run.deviations.clone();
    if run.exact != run.complete {
        let count = run.complete.abs_diff(run.exact);
        complaints.push(format!(
            "{count} journeys did not make the {} calls of a journey, each once",
            STEPS.len()
        ));
    }
    complaints
}

fn of_run(run: &Run) -> Vec<Figure> {
    let orders = run.complete as f64;
    let calls: u64 = run.calls.values().map(|(calls, _)| calls).sum();
    let steps = (calls + run.records) as f64;
    let polls = calls - run.journey_calls;
    vec![
        Figure::new(
            "orders_per_s",
            orders / run.seconds,
            "complete journeys a second; chase 1,000",
        ),
        Figure::new("steps_per_s", steps / run.seconds, "calls and durable records a second"),
        Figure::new(
            "floor_ratio",
            run.floor_seconds / run.seconds,
            "the same calls and bytes from a bare loop, against this",
        )
        .at_least(0.5),
        Figure::new("floor_orders_per_s", orders / run.floor_seconds, "that bare loop"),
        Figure::new(
            "calls_per_order",
            run.journey_calls as f64 / orders,
            "calls of the journeys themselves",
        )
        .at_most(STEPS.len() as f64),
        Figure::new("polls_per_order", polls as f64 / orders, "all other calls"),
        Figure::new(
            "records_per_order",
            run.records as f64 / orders,
            "messages, decisions, claims, outcomes, baselines",
        ),
        Figure::new("commits_per_order", run.commits as f64 / orders, "durable commits").at_most(0.2),
        Figure::new(
            "bytes_per_order",
            run.stored_bytes as f64 / orders,
            "growth of the store's file",
        ),
        Figure::new(
            "cpu_s_per_1000",
            run.cpu_seconds / orders * 1e3,
            "processor seconds of Tallyman for 1,000 orders",
        ),
        Figure::new(
            "cpu_us_per_step",
            run.cpu_seconds / steps * 1e6,
            "processor microseconds a step",
        )
        .at_most(250.0),
        Figure::new(
            "run_mb",
            run.peak_mb,
            "most memory during the run, the bench's own recording included",
        ),
    ]
}

fn of_grown(bench: &Bench) -> Result<Vec<Figure>> {
    let mut filling = Running::start(&Part::Fill {
        folder: bench.folder.clone(),
        journeys: bench.stored,
    })?;
    let journeys: i64 = filling.hear()?;
    drop(filling);
    say!("{journeys} journeys are stored; a worker starts on them and takes {GROWN_ORDERS} more through");
    // Other invoices than those of the run, which this store knows.
    let mut twin = twin(GROWN_ORDERS, bench.orders + bench.orders / 2)?;
    let mut running = Running::start(&Part::Grown {
        address: twin.hear()?,
        folder: bench.folder.clone(),
        orders: GROWN_ORDERS,
        // As it is shipped: this is about what it holds, not how hard it presses.
        slots: Pace::default().slots,
        started: system_now().micros(),
    })?;
    let grown: Grown = running.hear()?;
    Ok(vec![
        Figure::new("rss_mb", grown.peak_mb, "most memory of a worker on the filled store").at_most(64.0),
        Figure::new("start_ms", grown.start_ms, "from the start of the process until it can work").at_most(50.0),
    ])
}

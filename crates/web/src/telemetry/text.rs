//! The figures as text: a register of what stands, of the day, and of what was done since this process began.

use std::fmt::Error as NotWritten;

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::{MetricType, TypedMetric};
use prometheus_client::registry::{Registry, Unit};
use tallyman_core::finding::Code;
use tallyman_engine::meters::{BOUNDS_MS, Counted, Timing};
use tallyman_engine::telemetry::{Business, Standing};

/// What the caller may see.
pub struct Seen<'a> {
    pub company: &'a dyn Fn(&str) -> bool,
    pub connection: &'a dyn Fn(&str) -> bool,
    pub feed: &'a dyn Fn(&str) -> bool,
}

type Labels = Vec<(&'static str, String)>;
type Gauges = Family<Labels, Gauge>;
type Counters = Family<Labels, Counter>;

/// How long things took, as it was counted.
#[derive(Debug, Default)]
struct Took(std::sync::Mutex<Timing>);

impl TypedMetric for Took {
    const TYPE: MetricType = MetricType::Histogram;
}

impl EncodeMetric for Took {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), NotWritten> {
        let timing = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let bounds = BOUNDS_MS.iter().map(|bound| *bound as f64 / 1_000.0).chain([f64::INFINITY]);
        let buckets: Vec<(f64, u64)> = bounds.zip(timing.buckets).collect();
        encoder.encode_histogram::<NoLabelSet>(timing.sum.as_secs_f64(), timing.count, &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}

fn set(gauges: &Gauges, labels: Labels, value: u64) {
    gauges.get_or_create(&labels).set(i64::try_from(value).unwrap_or(i64::MAX));
}

fn add(gauges: &Gauges, labels: Labels, value: u64) {
    gauges.get_or_create(&labels).inc_by(i64::try_from(value).unwrap_or(i64::MAX));
}

/// A new register each time: what is not there any more is not said any more.
pub fn written(standing: &Standing, business: &[Business], counted: &Counted, seen: &Seen<'_>) -> Result<String, NotWritten> {
    let mut all = Registry::with_prefix("tallyman");
    cards(&mut all, standing, seen);
    work(&mut all, standing, seen);
    day(&mut all, business, seen);
    done(&mut all, counted, seen);
    let mut text = String::new();
    encode(&mut text, &all)?;
    Ok(text)
}

/// Whose a card is: its code's team, unless it was handed over. A later build's code is nobody's that is known here.
fn owner(code: &str, handed_to: &str) -> String {
    let own = || Code::named(code).map_or("unknown", |code| code.entry().owner.name());
    if handed_to.is_empty() { own() } else { handed_to }.to_owned()
}

fn cards(all: &mut Registry, standing: &Standing, seen: &Seen<'_>) {
    let (open, stopped) = (Gauges::default(), Gauges::default());
    for company in standing.companies.iter().filter(|company| (seen.company)(&company.name)) {
        for card in &company.cards {
            let labels = vec![
                ("company", company.name.clone()),
                ("code", card.code.clone()),
                ("team", owner(&card.code, &card.team)),
            ];
            // Those that were handed over and those that came to a team by their code are its alike.
            add(&open, labels.clone(), card.cards);
            add(&stopped, labels, card.stopped);
        }
    }
    all.register(
        "open_cards",
        "Cards that are open, by code and by the team that has them",
        open,
    );
    all.register("stopped_records", "Records that stand still under open cards", stopped);
}

fn work(all: &mut Registry, standing: &Standing, seen: &Seen<'_>) {
    let (queue, quiet, late) = (Gauges::default(), Gauges::default(), Gauges::default());
    let (paused, failures) = (Gauges::default(), Gauges::default());
    for company in standing.companies.iter().filter(|company| (seen.company)(&company.name)) {
        for (state, count) in &company.queues {
            set(
                &queue,
                vec![("company", company.name.clone()), ("state", state.clone())],
                *count,
            );
        }
    }
    for feed in standing.health.feeds.iter().filter(|feed| (seen.feed)(&feed.name)) {
        let labels = vec![("feed", feed.name.clone())];
        set(&quiet, labels.clone(), feed.quiet_seconds);
        set(&late, labels, feed.late_seconds);
    }
    for connection in standing
        .health
        .connections
        .iter()
        .filter(|known| (seen.connection)(&known.name))
    {
        let labels = vec![("connection", connection.name.clone())];
        set(&paused, labels.clone(), connection.paused_seconds);
        set(&failures, labels, u64::from(connection.failures));
    }
    all.register("queued_writes", "Writes that are not done, by how they stand", queue);
    all.register_with_unit("feed_age", "How long ago a feed last finished a round", Unit::Seconds, quiet);
    all.register_with_unit(
        "feed_late",
        "How long a feed has been due and nobody worked at it",
        Unit::Seconds,
        late,
    );
    all.register_with_unit(
        "connection_paused",
        "For how long nothing is sent to a connection",
        Unit::Seconds,
        paused,
    );
    all.register(
        "connection_failures",
        "Pauses since a connection last answered well",
        failures,
    );
}

fn day(all: &mut Registry, business: &[Business], seen: &Seen<'_>) {
    let (due, posted, open, gaps) = (Gauges::default(), Gauges::default(), Gauges::default(), Gauges::default());
    for source in business.iter().filter(|source| (seen.company)(&source.company)) {
        let labels = vec![
            ("company", source.company.clone()),
            ("source", source.source.clone()),
            ("kind", source.kind.clone()),
        ];
        set(&due, labels.clone(), source.due);
        set(&posted, labels.clone(), source.posted);
        set(&open, labels.clone(), source.open);
        set(&gaps, labels, source.gaps);
    }
    all.register("due_today", "Records that came today and are to be carried out", due);
    all.register("posted_today", "Of those, what the ledger has", posted);
    all.register("open_today", "Of those, what is under way or stands still", open);
    all.register(
        "gaps_today",
        "Keys that a source lists for today and that never arrived",
        gaps,
    );
}

fn done(all: &mut Registry, counted: &Counted, seen: &Seen<'_>) {
    let (attempts, calls) = (Counters::default(), Family::<Labels, Took>::default());
    for ((connection, kind, outcome), count) in counted.attempts.iter().filter(|(key, _)| (seen.connection)(&key.0)) {
        let labels = vec![
            ("connection", connection.clone()),
            ("kind", kind.clone()),
            ("outcome", (*outcome).to_owned()),
        ];
        attempts.get_or_create(&labels).inc_by(*count);
    }
    for ((connection, answered), timing) in counted.calls.iter().filter(|(key, _)| (seen.connection)(&key.0)) {
        let labels = vec![("connection", connection.clone()), ("answered", (*answered).to_owned())];
        let took = calls.get_or_create(&labels);
        timing.clone_into(&mut took.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    }
    all.register(
        "attempts",
        "Attempts at writes since this process began, by what they came to",
        attempts,
    );
    all.register_with_unit(
        "calls",
        "Calls since this process began, and how long their answers took",
        Unit::Seconds,
        calls,
    );
}

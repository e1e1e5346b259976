//! Traces: the spans of `tallyman_engine::traces`, sent to a collector as OTLP over HTTP. Off, unless the configuration names one.
//!
//! Work never waits for it. Spans stand in a queue of a fixed length, from which a thread of its own sends them; what finds it full, or what
//! a collector does not take in time, is lost. At a clean stop what still stands there is sent, within a limit.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use opentelemetry::trace::TracerProvider;
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider};
use tallyman_engine::traces::TARGET;
use tokio::runtime::Handle;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::registry::LookupSpan;

use crate::config;
use crate::wires::Http;

/// What waits to be sent: some megabytes at the most.
const QUEUE_SPANS_MAX: usize = 8_192;
const BATCH_SPANS_MAX: usize = 512;
const SENT_EVERY: Duration = Duration::from_secs(5);
/// How long a collector may take to accept a batch.
const EXPORT_MAX: Duration = Duration::from_secs(5);
/// How long the end waits for what is still to be sent.
const END_MAX: Duration = Duration::from_secs(3);
const NAME: &str = "tallyman";

/// Spans are sent for as long as this is there.
pub struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// Begins to send what [`Traces::layer`] takes in; `who` is the process. The runtime is the one that sends, and outlives this.
    pub fn begin(traces: &config::Traces, who: &str, runtime: Handle) -> anyhow::Result<Self> {
        let collector = Collector {
            http: Arc::new(Http::new()?),
            runtime,
            failing: AtomicBool::new(false),
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(collector)
            .with_endpoint(format!("{}/v1/traces", traces.endpoint.as_str()))
            .with_timeout(EXPORT_MAX)
            // What was not taken is lost: while it was tried again, the queue would fill up.
            .with_retry_policy(RetryPolicy::disabled())
            .build()?;
        let limits = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE_SPANS_MAX)
            .with_max_export_batch_size(BATCH_SPANS_MAX)
            .with_scheduled_delay(SENT_EVERY)
            .build();
        let resource = Resource::builder_empty()
            .with_service_name(NAME)
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .with_attribute(KeyValue::new("service.instance.id", who.to_owned()))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(BatchSpanProcessor::builder(exporter).with_batch_config(limits).build())
            .with_sampler(Sampler::AlwaysOn)
            .with_resource(resource)
            .build();
        Ok(Self { provider })
    }

    /// Takes in the spans that are made for traces, and nothing else that is logged: lines may name what traces must not.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let scope = InstrumentationScope::builder(NAME).build();
        let ours = filter_fn(|known: &Metadata<'_>| known.is_span() && known.target() == TARGET);
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer_with_scope(scope))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_level(false)
            .with_target(false)
            .with_filter(ours.with_max_level_hint(LevelFilter::INFO))
    }
}

impl Drop for Traces {
    /// Sends what is left.
    fn drop(&mut self) {
        if let Err(error) = self.provider.shutdown_with_timeout(END_MAX) {
            tracing::debug!(%error, "the last spans were not sent");
        }
    }
}

/// The way to whoever collects, over our own wire: no redirects, no proxy of the environment.
struct Collector {
    http: Arc<Http>,
    runtime: Handle,
    /// Whether it is known that it does not take anything.
    failing: AtomicBool,
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Collector")
    }
}

impl Collector {
    fn failed(&self, why: String) -> HttpError {
        self.note(Some(&why));
        why.into()
    }

    /// Said when it begins and when it is over, and not for every batch.
    fn note(&self, trouble: Option<&str>) {
        match (trouble, self.failing.swap(trouble.is_some(), Ordering::Relaxed)) {
            (Some(why), false) => tracing::warn!("traces are not taken, and are lost until they are: {why}"),
            (None, true) => tracing::info!("traces are taken again"),
            (Some(_), true) | (None, false) => {}
        }
    }
}

#[async_trait]
impl HttpClient for Collector {
    /// Called on a thread without a runtime, which waits for ours.
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let http = self.http.clone();
        let sent = self
            .runtime
            .spawn(within(EXPORT_MAX, async move { http.pass_on(request).await }));
        let answer = match sent.await {
            Ok(Some(Ok(answer))) => answer,
            Ok(Some(Err(lost))) => return Err(self.failed(lost.to_string())),
            Ok(None) => return Err(self.failed(format!("no answer came within {} s", EXPORT_MAX.as_secs()))),
            Err(ended) => return Err(self.failed(ended.to_string())),
        };
        if answer.status().is_success() {
            self.note(None);
        } else {
            self.note(Some(&format!("the collector answered {}", answer.status())));
        }
        Ok(answer)
    }
}

#[expect(clippy::disallowed_methods, reason = "a collector is waited for in real time")]
async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(limit, work).await.ok()
}

//! `tallyman exchanges`: a short scenario, and everything that was said in it.
//!
//! One day without faults for the ordinary calls, one harsh day for probes, refusals, sweeps and what else only trouble brings.

use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use anyhow::ensure;
use async_trait::async_trait;
use clap::Args;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tallyman_core::seam::{Exchange, Lost, Reply, Transport};

use crate::demo::{ADDRESS, run_virtual_over};
use crate::say;
use crate::scene;

/// Orders of the day without faults, and of the harsh one.
const DAYS: [(&str, u32); 2] = [("none", 10), ("harsh", 60)];

/// What is said to each vendor and answered, as JSON lines, for `cargo xtask conform`.
#[derive(Args)]
pub struct Exchanges {}

/// One exchange, in the form that `conform` reads.
#[derive(Serialize)]
struct Recorded {
    vendor: &'static str,
    method: &'static str,
    path: String,
    query: String,
    request_body: Option<Box<RawValue>>,
    status: u16,
    response_body: Option<Box<RawValue>>,
}

/// A wire that writes down what goes over it.
struct Listening {
    wire: Arc<dyn Transport>,
    heard: Arc<Mutex<Vec<Recorded>>>,
}

#[async_trait]
impl Transport for Listening {
    async fn exchange(&self, exchange: Exchange) -> Result<Reply, Lost> {
        let (method, url, body) = (exchange.method.as_str(), exchange.url.clone(), exchange.body.clone());
        let reply = self.wire.exchange(exchange).await?;
        let path = url.strip_prefix(ADDRESS).unwrap_or(&url);
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let vendor = match path.split('/').nth(1) {
            Some("sage") => "sage200",
            Some("sage-id") => "sage-id",
            Some("virtualstock") => "virtualstock",
            _ => "mintsoft",
        };
        let recorded = Recorded {
            vendor,
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            request_body: body.as_deref().and_then(json),
            status: reply.status,
            response_body: json(&reply.body),
        };
        self.heard
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .push(recorded);
        Ok(reply)
    }
}

/// The body with its digits as they travelled; nothing if it is not JSON.
fn json(body: &[u8]) -> Option<Box<RawValue>> {
    let text = std::str::from_utf8(body).ok()?;
    serde_json::from_str::<Value>(text).ok()?;
    // On one line, whatever it came as.
    RawValue::from_string(text.replace(['\n', '\r'], " ")).ok()
}

impl Exchanges {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let heard = Arc::new(Mutex::new(Vec::new()));
        for (faults, orders) in DAYS {
            let settings =
                scene::demo_settings(7, orders, faults).ok_or_else(|| anyhow::anyhow!("there is no fault set {faults}"))?;
            let keep = heard.clone();
            let report = run_virtual_over(settings, |wire| Arc::new(Listening { wire, heard: keep }), |_, _| {})?;
            ensure!(
                report.quiet,
                "the day with {orders} orders and {faults} faults did not come to rest"
            );
        }
        for recorded in heard.lock().unwrap_or_else(std::sync::PoisonError::into_inner).iter() {
            say!("{}", serde_json::to_string(recorded)?);
        }
        Ok(ExitCode::SUCCESS)
    }
}

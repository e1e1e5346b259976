//! Keeps every exchange, and sorts them: which step of a journey each was, and which journey's.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use serde_json::Value;
use tallyman_core::seam::{Exchange, Lost, Method, Reply, Transport};

use crate::wires::Http;

/// The steps of a journey that goes well, in its order, each one call. Anything else that a journey calls is one too many.
pub const STEPS: [Step; 9] = [
    Step::LookForDraft,
    Step::Draft,
    Step::Confirm,
    Step::Acknowledge,
    Step::LookForRelease,
    Step::Release,
    Step::LookForDespatch,
    Step::Despatch,
    Step::Dispatch,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    SignIn,
    LookForDraft,
    Draft,
    Confirm,
    Acknowledge,
    LookForRelease,
    Release,
    LookForDespatch,
    Despatch,
    Dispatch,
    /// What comes round whether there are orders or not.
    Poll,
    /// A call that no part of a journey that goes well should make.
    Other,
}

impl Step {
    pub fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign in",
            Self::LookForDraft => "ledger: look for the order",
            Self::Draft => "ledger: draft",
            Self::Confirm => "ledger: confirm",
            Self::Acknowledge => "channel: acknowledge",
            Self::LookForRelease => "warehouse: look for the order",
            Self::Release => "warehouse: release",
            Self::LookForDespatch => "ledger: look for the despatch",
            Self::Despatch => "ledger: despatch",
            Self::Dispatch => "channel: dispatch",
            Self::Poll => "polls, facts, sweeps",
            Self::Other => "other",
        }
    }

    /// The step that this call is, and what its order is known by in it: a reference, a number or an id, with the system's letter.
    fn of(method: Method, path: &str, body: &[u8]) -> (Self, Option<String>) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        let field = |system: &str, name: &str| {
            let body: Value = serde_json::from_slice(body).ok()?;
            Some(format!("{system} {}", plain(body.get(name)?)))
        };
        match (method, &segments[..]) {
            (Method::Post, ["sage-id", ..] | ["virtualstock", "restapi", _, "token", ..]) => (Self::SignIn, None),
            (Method::Get, ["sage", .., "sop_orders"]) => match between(query, "customer_document_no%20eq%20%27", "%27") {
                Some(reference) => (Self::LookForDraft, Some(format!("reference {reference}"))),
                None => (Self::Poll, None),
            },
            (Method::Post, ["sage", .., "sop_orders"]) => (Self::Draft, field("reference", "customer_document_no")),
            (Method::Put, ["sage", .., "sop_orders", id]) => (Self::Confirm, Some(format!("id {id}"))),
            (Method::Post, ["virtualstock", .., id, "acknowledge"]) => (Self::Acknowledge, Some(format!("channel {id}"))),
            (Method::Post, ["virtualstock", .., id, "dispatch"]) => (Self::Dispatch, Some(format!("channel {id}"))),
            (Method::Get, ["mintsoft", .., "Search"]) => (
                Self::LookForRelease,
                between(query, "OrderNumber=", "&").map(|number| format!("number {number}")),
            ),
            (Method::Put, ["mintsoft", .., "Order"]) => (Self::Release, field("number", "OrderNumber")),
            (Method::Get, ["sage", .., "sop_order_despatch_line_views"]) => (
                Self::LookForDespatch,
                between(query, "sop_order_id%20eq%20", "&").map(|id| format!("id {}", id.split('%').next().unwrap_or_default())),
            ),
            (Method::Post, ["sage", .., "sop_confirm_despatch"]) => (Self::Despatch, field("id", "sop_order_return_id")),
            (Method::Get, ["mintsoft", .., "List"] | ["virtualstock", .., "orders"] | ["sage", ..]) => (Self::Poll, None),
            _ => (Self::Other, None),
        }
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    Some(rest.split_once(end).map_or(rest, |(found, _)| found))
}

/// A text or a number, as a text.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// One exchange that was answered.
pub struct Kept {
    pub exchange: Exchange,
    pub reply: Reply,
}

/// The real wire, with an ear to it. Bodies are shared, not copied: listening costs next to nothing.
pub struct Recorder {
    wire: Http,
    kept: Mutex<Vec<Kept>>,
}

#[async_trait]
impl Transport for Recorder {
    async fn exchange(&self, exchange: Exchange) -> Result<Reply, Lost> {
        let reply = self.wire.exchange(exchange.clone()).await?;
        let kept = Kept {
            exchange,
            reply: reply.clone(),
        };
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(kept);
        Ok(reply)
    }
}

impl Recorder {
    pub fn new() -> anyhow::Result<Self> {
        Ok(Self {
            wire: Http::new()?,
            kept: Mutex::default(),
        })
    }

    pub fn wire(&self) -> &Http {
        &self.wire
    }

    pub fn take(&self) -> Vec<Kept> {
        std::mem::take(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Where each name of an order leads. References and ids are unique in this twin; the ledger's numbers are each company's own, and
/// stand here with the company's.
type Known = BTreeMap<String, usize>;

/// What was said in a run, sorted.
#[derive(Default)]
pub struct Sorted {
    /// The calls of each journey, in their order.
    pub journeys: Vec<Vec<(Step, Kept)>>,
    pub sign_ins: Vec<Kept>,
    /// How many calls were made of each step, and the bytes of their bodies, there and back.
    pub counts: BTreeMap<Step, (u64, u64)>,
}

/// Sorts the exchanges of a run with a twin that listens at `address`.
pub fn sort(kept: Vec<Kept>, address: &str) -> Sorted {
    let mut sorted = Sorted::default();
    let mut known = Known::new();
    for kept in kept {
        let Exchange { method, url, body, .. } = &kept.exchange;
        let path = url.strip_prefix(address).unwrap_or(url);
        let (step, name) = Step::of(*method, path, body.as_deref().unwrap_or_default());
        let count = sorted.counts.entry(step).or_default();
        count.0 += 1;
        count.1 += (body.as_ref().map_or(0, bytes::Bytes::len) + kept.reply.body.len()) as u64;
        if step == Step::SignIn {
            sorted.sign_ins.push(kept);
            continue;
        }
        let company = company(&kept.exchange);
        if step == Step::Poll && path.contains("/restapi/") {
            learn_channel_ids(&mut known, &mut sorted.journeys, &kept.reply.body);
        }
        let Some(name) = name else { continue };
        let name = if name.starts_with("number ") {
            format!("{company} {name}")
        } else {
            name
        };
        let journey = place(&mut known, &mut sorted.journeys, name);
        if matches!(step, Step::Draft | Step::Confirm)
            && let Ok(reply) = serde_json::from_slice::<Value>(&kept.reply.body)
        {
            if let Some(id) = reply.get("id") {
                known.insert(format!("id {}", plain(id)), journey);
            }
            if let Some(number) = reply.get("document_no") {
                known.insert(format!("{company} number {}", plain(number)), journey);
            }
        }
        sorted.journeys[journey].push((step, kept));
    }
    sorted.journeys.retain(|calls| !calls.is_empty());
    sorted
}

fn place(known: &mut Known, journeys: &mut Vec<Vec<(Step, Kept)>>, name: String) -> usize {
    *known.entry(name).or_insert_with(|| {
        journeys.push(Vec::new());
        journeys.len() - 1
    })
}

/// The channel's list shows each order's own id, in its address, beside the reference that the ledger knows it by.
fn learn_channel_ids(known: &mut Known, journeys: &mut Vec<Vec<(Step, Kept)>>, list: &[u8]) {
    let list: Value = serde_json::from_slice(list).unwrap_or_default();
    for row in list.get("results").and_then(Value::as_array).into_iter().flatten() {
        let (Some(Value::String(url)), Some(reference)) = (row.get("url"), row.get("order_reference")) else {
            continue;
        };
        let id = url.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let journey = place(known, journeys, format!("reference {}", plain(reference)));
        known.insert(format!("channel {id}"), journey);
    }
}

/// The number of the company that this call was made for, where the twin's credentials tell it.
fn company(exchange: &Exchange) -> String {
    let header = |wanted: &str| {
        exchange
            .headers
            .iter()
            .find(|(name, _)| *name == wanted)
            .map(|(_, value)| value)
    };
    match (header("x-company"), header("ms-apikey")) {
        (Some(number), _) => number.clone(),
        (None, Some(key)) => key.rsplit('-').next().unwrap_or_default().to_owned(),
        (None, None) => String::new(),
    }
}

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
            (Method::Get, ["sage", .., "sop_order_despatch_line_views"]) => match between(query, "sop_order_id%20eq%20", "&") {
                Some(id) => (
                    Self::LookForDespatch,
                    Some(format!("id {}", id.split('%').next().unwrap_or_default())),
                ),
                None => (Self::Poll, None),
            },
            (Method::Post, ["sage", .., "sop_confirm_despatch"]) => (Self::Despatch, field("id", "sop_order_return_id")),
            (Method::Get, ["mintsoft", .., "List"] | ["virtualstock", .., "orders" | "customers"] | ["sage", ..]) => {
                (Self::Poll, None)
            }
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
    /// What the retailer calls each of these journeys.
    pub references: Vec<String>,
    /// Calls that are no poll and belong to no journey.
    pub strays: Vec<String>,
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
        let Some(name) = name else {
            if step != Step::Poll {
                sorted.strays.push(format!("{} ({method:?} {path})", step.name()));
            }
            continue;
        };
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
    let mut references = vec![String::new(); sorted.journeys.len()];
    for (name, journey) in &known {
        if let Some(reference) = name.strip_prefix("reference ") {
            reference.clone_into(&mut references[*journey]);
        }
    }
    (sorted.references, sorted.journeys) = references
        .into_iter()
        .zip(sorted.journeys)
        .filter(|(_, calls)| !calls.is_empty())
        .unzip();
    sorted
}

impl Sorted {
    /// How many journeys made exactly the steps, each once.
    pub fn exact(&self) -> u64 {
        self.journeys.iter().filter(|calls| is_exact(calls)).count() as u64
    }

    /// The journeys that made other calls, each with them, and the calls that are no journey's: as sentences.
    pub fn deviations(&self) -> Vec<String> {
        let journeys = self.references.iter().zip(&self.journeys);
        let others = journeys.filter(|(_, calls)| !is_exact(calls)).map(|(reference, calls)| {
            let calls: Vec<&str> = calls.iter().map(|(step, _)| step.name()).collect();
            format!("{reference} made these calls: {}", calls.join(", "))
        });
        let strays = self.strays.iter().map(|call| format!("a call of no journey: {call}"));
        others.chain(strays).collect()
    }
}

/// Each step once and nothing else. Steps that do not wait for each other may change places.
fn is_exact(calls: &[(Step, Kept)]) -> bool {
    let mut steps: Vec<Step> = calls.iter().map(|(step, _)| *step).collect();
    steps.sort_unstable();
    let mut wanted = STEPS;
    wanted.sort_unstable();
    steps == wanted
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TWIN: &str = "http://twin";

    fn call(method: Method, path: &str, body: &Value, answer: &Value) -> Kept {
        Kept {
            exchange: Exchange {
                method,
                url: format!("{TWIN}/{path}"),
                headers: vec![("x-company", "1".into()), ("ms-apikey", "key-1".into())],
                body: Some(body.to_string().into_bytes().into()),
            },
            reply: Reply {
                status: 200,
                headers: Vec::new(),
                body: answer.to_string().into_bytes().into(),
            },
        }
    }

    /// The retailer's list, then a journey by the book of the order `R-1`.
    fn journey() -> Vec<Kept> {
        let none = json!({});
        let list = json!({ "results": [{ "url": "https://retailer/orders/77/", "order_reference": "R-1" }] });
        let drafted = json!({ "id": 5, "document_no": "S-5" });
        vec![
            call(Method::Get, "virtualstock/restapi/v4/orders/?status=ORDER", &none, &list),
            call(
                Method::Get,
                "sage/v1/sop_orders?$filter=customer_document_no%20eq%20%27R-1%27",
                &none,
                &none,
            ),
            call(
                Method::Post,
                "sage/v1/sop_orders",
                &json!({ "customer_document_no": "R-1" }),
                &drafted,
            ),
            call(Method::Put, "sage/v1/sop_orders/5", &none, &drafted),
            call(Method::Post, "virtualstock/restapi/v4/orders/77/acknowledge", &none, &none),
            call(Method::Get, "mintsoft/api/Order/Search?OrderNumber=S-5&x=1", &none, &none),
            call(Method::Put, "mintsoft/api/Order", &json!({ "OrderNumber": "S-5" }), &none),
            call(
                Method::Get,
                "sage/v1/sop_order_despatch_line_views?$filter=sop_order_id%20eq%205",
                &none,
                &none,
            ),
            call(
                Method::Post,
                "sage/v1/sop_confirm_despatch",
                &json!({ "sop_order_return_id": 5 }),
                &none,
            ),
            call(Method::Post, "virtualstock/restapi/v4/orders/77/dispatch", &none, &none),
        ]
    }

    #[test]
    fn a_journey_by_the_book_deviates_in_nothing() {
        let sorted = sort(journey(), TWIN);
        assert_eq!((sorted.exact(), sorted.deviations()), (1, Vec::new()));
    }

    #[test]
    fn a_call_too_many_and_one_too_few_are_named_with_the_journey() {
        let mut calls = journey();
        let draft = calls.remove(2);
        calls.insert(
            2,
            call(
                Method::Post,
                "sage/v1/sop_orders",
                &json!({ "customer_document_no": "R-1" }),
                &json!({}),
            ),
        );
        calls.insert(3, draft);
        let sorted = sort(calls, TWIN);
        assert_eq!(sorted.exact(), 0);
        let [said] = &sorted.deviations()[..] else {
            panic!("{:?}", sorted.deviations())
        };
        assert!(
            said.starts_with("R-1 made these calls: ledger: look for the order, ledger: draft, ledger: draft,"),
            "{said}"
        );

        let mut calls = journey();
        calls.pop();
        let sorted = sort(calls, TWIN);
        assert_eq!((sorted.exact(), sorted.deviations().len()), (0, 1));
    }

    #[test]
    fn what_comes_round_is_no_journeys_and_no_stray() {
        let mut calls = journey();
        let none = json!({});
        // The second sweep asks which retailers there are, and then for the orders of each.
        for path in [
            "virtualstock/restapi/v4/customers/?limit=100&offset=0",
            "virtualstock/restapi/v4/orders/?status=ORDER&retailer_id=300",
            "mintsoft/api/Order/List?PageNo=1",
            "sage/v1/sop_orders?$top=500",
        ] {
            calls.push(call(Method::Get, path, &none, &none));
        }
        let sorted = sort(calls, TWIN);
        assert_eq!((sorted.exact(), sorted.deviations()), (1, Vec::new()));
        // The retailer's list is the fifth.
        assert_eq!(sorted.counts[&Step::Poll].0, 5);
    }

    #[test]
    fn a_call_that_is_no_journeys_is_named() {
        let mut calls = journey();
        calls.push(call(Method::Delete, "sage/v1/sop_orders/9", &json!({}), &json!({})));
        let sorted = sort(calls, TWIN);
        assert_eq!(sorted.exact(), 1);
        assert_eq!(
            sorted.deviations(),
            ["a call of no journey: other (Delete /sage/v1/sop_orders/9)"]
        );
    }
}

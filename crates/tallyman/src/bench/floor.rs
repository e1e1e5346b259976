//! The floor: the calls of a recorded run, made again by a bare loop against a fresh twin of the same settings, and the bytes that the
//! run stored, in as few commits as the writer could make.
//!
//! The loop knows nothing: it sends the bytes that were sent, in each journey's own order, as many journeys at a time as the run had
//! call slots. Only what the fresh twin names anew (ids, numbers, tokens) is put in place of what the first one had named.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use bytes::Bytes;
use futures_util::future::join_all;
use serde_json::Value;
use tallyman_core::seam::{Exchange, Transport};
use tallyman_store::{Location, Migration, Store, Tx, Unit, UnitError, params};

use super::record::{Kept, Sorted, Step};
use crate::clocks::system_now;
use crate::wires::Http;

/// Units that the writer takes into one commit at most.
const UNITS_A_COMMIT: usize = 256;

/// A text that the first twin made up, and where in its answer it stood.
struct Named {
    old: String,
    pointer: String,
}

/// The vendors that know a name: others may use the same figures for something else.
fn knows(url: &str, pointer: &str) -> bool {
    url.contains("/sage/") || (url.contains("/mintsoft/") && pointer.ends_with("/document_no"))
}

/// One call of a journey, ready to be made again.
struct Again {
    exchange: Exchange,
    /// What later calls need of the answer.
    names: Vec<Named>,
    status: u16,
}

/// Journeys, ready to be travelled again.
pub struct Floor {
    sign_ins: Vec<Kept>,
    journeys: Vec<Vec<Again>>,
}

impl Floor {
    /// Finds what has to be put in place of what. Done before the clock starts.
    pub fn prepare(sorted: Sorted) -> Self {
        let journeys = sorted.journeys.into_iter().map(prepare).collect();
        Self {
            sign_ins: sorted.sign_ins,
            journeys,
        }
    }

    /// How long it takes, in seconds: the calls over `wire` to the twin at `address` instead of `before`, while `records` records of
    /// `bytes` bytes together are written beside them to a new file in `folder`.
    pub async fn run(
        self,
        wire: &Http,
        (before, address): (&str, &str),
        concurrency: usize,
        (records, bytes): (usize, u64),
        folder: &Path,
    ) -> Result<f64> {
        let mut tokens = Vec::new();
        for kept in &self.sign_ins {
            tokens.extend(sign_in(wire, kept, before, address).await?);
        }
        let journeys: Vec<Mutex<Vec<Again>>> = self
            .journeys
            .into_iter()
            .map(|calls| Mutex::new(calls.into_iter().map(|call| call.moved(before, address, &tokens)).collect()))
            .collect();
        let store = Store::open_with(&Location::File(folder.join("floor.db")), TABLE).await?;
        let began = system_now();
        let next = AtomicUsize::new(0);
        let loops = (0..concurrency).map(|_| async {
            while let Some(journey) = journeys.get(next.fetch_add(1, Ordering::Relaxed)) {
                let calls = std::mem::take(&mut *journey.lock().unwrap_or_else(PoisonError::into_inner));
                travel(wire, calls).await?;
            }
            anyhow::Ok(())
        });
        let (calls, written) = tokio::join!(join_all(loops), write(&store, records, bytes));
        written?;
        calls.into_iter().collect::<Result<Vec<()>>>()?;
        Ok(system_now().since(began).as_secs_f64())
    }
}

async fn travel(wire: &Http, calls: Vec<Again>) -> Result<()> {
    let mut renamed: Vec<(String, String, String)> = Vec::new();
    for call in calls {
        let known: Vec<(&str, &str)> = renamed
            .iter()
            .filter(|(pointer, old, new)| old != new && knows(&call.exchange.url, pointer))
            .map(|(_, old, new)| (old.as_str(), new.as_str()))
            .collect();
        let reply = wire.exchange(renamed_exchange(call.exchange.clone(), &known)).await?;
        anyhow::ensure!(
            reply.status == call.status,
            "the floor's {:?} was answered {} and not {}: {}",
            call.exchange,
            reply.status,
            call.status,
            String::from_utf8_lossy(&reply.body[..reply.body.len().min(300)])
        );
        if !call.names.is_empty() {
            let body: Value = serde_json::from_slice(&reply.body).context("an answer of the twin's")?;
            for Named { old, pointer } in call.names {
                let new = body
                    .pointer(&pointer)
                    .map(plain)
                    .context("the fresh twin's answer has another shape")?;
                renamed.push((pointer, old, new));
            }
        }
    }
    Ok(())
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn prepare(calls: Vec<(Step, Kept)>) -> Vec<Again> {
    let mut again: Vec<Again> = Vec::with_capacity(calls.len());
    let later: Vec<(String, String)> = calls
        .iter()
        .map(|(_, kept)| (kept.exchange.url.clone(), said(&kept.exchange)))
        .collect();
    let mut seen = Vec::new();
    for (place, (step, kept)) in calls.into_iter().enumerate() {
        let mut names = Vec::new();
        // Only these two answers name anything that a later call says.
        if matches!(step, Step::Draft | Step::Confirm)
            && let Ok(body) = serde_json::from_slice::<Value>(&kept.reply.body)
        {
            leaves(&body, &mut String::new(), &mut |pointer, value| {
                let old = plain(value);
                let is_name = pointer.ends_with("/id") || pointer.ends_with("/document_no");
                if is_name
                    && !seen.contains(&old)
                    && later[place + 1..]
                        .iter()
                        .any(|(url, said)| knows(url, pointer) && has_token(said, &old))
                {
                    seen.push(old.clone());
                    names.push(Named {
                        old,
                        pointer: pointer.to_owned(),
                    });
                }
            });
        }
        again.push(Again {
            exchange: kept.exchange,
            names,
            status: kept.reply.status,
        });
    }
    again
}

fn leaves(value: &Value, pointer: &mut String, found: &mut impl FnMut(&str, &Value)) {
    let length = pointer.len();
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                pointer.push('/');
                pointer.push_str(name);
                leaves(value, pointer, found);
                pointer.truncate(length);
            }
        }
        Value::Array(values) => {
            for (place, value) in values.iter().enumerate() {
                pointer.push_str(&format!("/{place}"));
                leaves(value, pointer, found);
                pointer.truncate(length);
            }
        }
        Value::String(_) | Value::Number(_) => found(pointer, value),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Everything that a request says after the address.
fn said(exchange: &Exchange) -> String {
    let body = exchange.body.as_deref().unwrap_or_default();
    format!("{}\n{}", exchange.url, String::from_utf8_lossy(body))
}

/// Stands around a name that was put in, so that a later one that is equal to it does not find it. No request of ours holds it.
const DONE: char = '\u{1}';

/// Where in `text` this token stands, not as a part of a longer one. Behind a percent sign two digits are an escape's.
fn token_at(text: &str, token: &str, from: usize) -> Option<usize> {
    let mut from = from;
    while let Some(at) = text[from..].find(token).map(|at| from + at) {
        let before = &text.as_bytes()[..at];
        let escaped = before.len() >= 3 && before[before.len() - 3] == b'%';
        let apart = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != DONE as u8);
        if (escaped || apart(before.last())) && apart(text.as_bytes().get(at + token.len())) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

fn has_token(text: &str, token: &str) -> bool {
    token_at(text, token, 0).is_some()
}

fn rename(text: &str, names: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (old, new) in names {
        let mut from = 0;
        while let Some(at) = token_at(&text, old, from) {
            text.replace_range(at..at + old.len(), &format!("{DONE}{new}{DONE}"));
            from = at + new.len() + 2;
        }
    }
    text.replace(DONE, "")
}

fn renamed_exchange(exchange: Exchange, names: &[(&str, &str)]) -> Exchange {
    if names.is_empty() {
        return exchange;
    }
    let body = exchange
        .body
        .as_deref()
        .map(|body| Bytes::from(rename(&String::from_utf8_lossy(body), names)));
    Exchange {
        url: rename(&exchange.url, names),
        body,
        ..exchange
    }
}

impl Again {
    /// The same call to another address, with the tokens that are good there.
    fn moved(mut self, before: &str, address: &str, tokens: &[(String, String)]) -> Self {
        self.exchange.url = self.exchange.url.replacen(before, address, 1);
        for (_, value) in &mut self.exchange.headers {
            if let Some((old, new)) = tokens.iter().find(|(old, _)| value.contains(old)) {
                *value = value.replace(old, new);
            }
        }
        self
    }
}

/// Whatever is as long as this in an answer to signing in is a token.
const TOKEN_LENGTH_MIN: usize = 16;

/// Signs in as the run did; gives its tokens and those that take their place.
async fn sign_in(wire: &Http, kept: &Kept, before: &str, address: &str) -> Result<Vec<(String, String)>> {
    let mut exchange = kept.exchange.clone();
    exchange.url = exchange.url.replacen(before, address, 1);
    let reply = wire.exchange(exchange).await?;
    anyhow::ensure!(reply.is_success(), "the floor could not sign in: {}", reply.status);
    let (old, new): (Value, Value) = (
        serde_json::from_slice(&kept.reply.body)?,
        serde_json::from_slice(&reply.body)?,
    );
    let mut tokens = Vec::new();
    leaves(&old, &mut String::new(), &mut |pointer, old| {
        let old = plain(old);
        if let (true, Some(new)) = (old.len() >= TOKEN_LENGTH_MIN, new.pointer(pointer)) {
            tokens.push((old, plain(new)));
        }
    });
    Ok(tokens)
}

const TABLE: &[Migration] = &[Migration {
    number: 1,
    name: "floor",
    sql: "create table record (id {serial}, body {blob} not null) {strict};",
}];

struct Put(Arc<Vec<u8>>);

impl Unit for Put {
    type Output = ();
    const NAME: &'static str = "floor";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        const PUT: &str = "insert into record (body) values ($1)";
        for _ in 0..UNITS_A_COMMIT {
            tx.execute(PUT, params![*self.0]).await?;
        }
        Ok(())
    }
}

/// The writer with nothing else to do: full groups, one after the other.
async fn write(store: &Store, records: usize, bytes: u64) -> Result<()> {
    let size = usize::try_from(bytes)? / records.max(1);
    let body = Arc::new(vec![0x5a; size]);
    for _ in 0..records.div_ceil(UNITS_A_COMMIT) {
        store.write(Put(body.clone())).await?;
    }
    Ok(())
}

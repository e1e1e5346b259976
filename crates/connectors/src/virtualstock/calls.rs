//! One function for each effect, its probe beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tallyman_core::cause::Cause;
use tallyman_core::document::Order;
use tallyman_core::effect::state::Doubt;
use tallyman_core::effect::{Confirmation, LineKey, Probe, Receipt, Verdict};
use tallyman_core::finding::{Code, Finding};
use tallyman_core::role::{Listed, Received};
use tallyman_core::seam::{Call, Io, Method, Reply};

use super::{Virtualstock, map, wire};
use crate::http::{Trouble, ask, encoded, refusal, retry_after_header, words};
use crate::read::{read, unreadable, wanted};

/// Rows of a page. No maximum is described; a shorter page than asked for is followed, too.
const LIMIT: usize = 100;
const PAGES_MAX: usize = 200;

/// `GET /restapi/v4/orders/?status=ORDER`, all pages before anything is done: acknowledging an order takes it out of the list,
/// and what is counted off from a list that shrinks is skipped (§6).
pub async fn new_orders(account: &Virtualstock, io: &dyn Io) -> Result<Vec<Received<Order>>, Trouble> {
    let mut received: Vec<Received<Order>> = Vec::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut offset = 0;
    for _ in 0..PAGES_MAX {
        let call = Call::get(format!(
            "/restapi/v4/orders/?status={}&limit={LIMIT}&offset={offset}",
            wire::ORDER
        ));
        let reply = ask(io, call, retry_after).await?;
        let page: wire::Page = read("the list of orders", &reply.body)?;
        for row in &page.results {
            let body = row.get().as_bytes();
            let (key, waits) = map::glance(body);
            // The list may be behind its orders, and one that moves up a page is shown twice.
            match seen.get(&key) {
                Some(place) => received[*place].shown += 1,
                None if waits => {
                    seen.insert(key.clone(), received.len());
                    received.push(row_of(account, key, body));
                }
                None => {}
            }
        }
        offset += page.results.len();
        if page.results.is_empty() || page.next.is_none() {
            return Ok(received);
        }
    }
    Err(too_long("the list of orders"))
}

fn row_of(account: &Virtualstock, key: String, body: &[u8]) -> Received<Order> {
    Received {
        key,
        body: bytes::Bytes::copy_from_slice(body),
        reading: map::order(account, body),
        shown: 1,
    }
}

/// `GET /restapi/v4/orders/?retailer_id=…&status=…` for each retailer and each status in which an order is not finished: the second
/// question, which goes by retailers where the first goes by the account's queue, and finds what left the queue without us (§6).
pub async fn order_keys(account: &Virtualstock, io: &dyn Io) -> Result<Vec<Listed>, Trouble> {
    let mut listed = BTreeMap::new();
    for retailer in retailers(io).await? {
        for status in wire::UNFINISHED {
            let filter = format!("status={status}&retailer_id={}", encoded(&retailer));
            let mut offset = 0;
            loop {
                let path = format!("/restapi/v4/orders/?{filter}&limit={LIMIT}&offset={offset}");
                let reply = ask(io, Call::get(path), retry_after).await?;
                let page: wire::Page = read("the list of orders", &reply.body)?;
                for row in &page.results {
                    let one = map::listed(account, row.get().as_bytes());
                    listed.insert(one.key.clone(), one);
                }
                offset += page.results.len();
                if page.results.is_empty() || page.next.is_none() {
                    break;
                }
                if offset > LIMIT * PAGES_MAX {
                    return Err(too_long("the list of orders"));
                }
            }
        }
    }
    Ok(listed.into_values().collect())
}

/// `GET /restapi/v4/customers/`: the retailers that the account trades with.
async fn retailers(io: &dyn Io) -> Result<BTreeSet<String>, Trouble> {
    const WHAT: &str = "the list of retailers";
    let mut found = BTreeSet::new();
    for page in 0..PAGES_MAX {
        let path = format!("/restapi/v4/customers/?limit={LIMIT}&offset={}", page * LIMIT);
        let reply = ask(io, Call::get(path), retry_after).await?;
        let page: wire::Customers = read(WHAT, &reply.body)?;
        for customer in &page.results {
            found.insert(wanted(WHAT, "id", customer.id.clone())?);
        }
        if page.results.is_empty() || page.next.is_none() {
            return Ok(found);
        }
    }
    Err(too_long(WHAT))
}

fn too_long(what: &str) -> Trouble {
    unreadable(what, ".", format!("it has more than {PAGES_MAX} pages")).into()
}

/// `GET /restapi/v4/orders/{id}/`, as it is received.
pub async fn whole_order(account: &Virtualstock, io: &dyn Io, key: &str) -> Result<Option<Received<Order>>, Trouble> {
    match ask(io, one(key), retry_after).await {
        Ok(reply) => Ok(Some(row_of(account, key.to_owned(), &reply.body))),
        Err(Trouble::Refused { status: 404, .. }) => Ok(None),
        Err(trouble) => Err(trouble),
    }
}

fn one(source_key: &str) -> Call {
    Call::get(format!("/restapi/v4/orders/{}/", encoded(source_key)))
}

/// `POST …/acknowledge/`. Cannot be undone.
pub async fn acknowledge(account: &Virtualstock, io: &dyn Io, source_key: &str, lines: &[LineKey]) -> Verdict {
    act(
        account,
        io,
        source_key,
        "acknowledge",
        &map::acknowledgement(lines),
        Receipt::Acknowledged,
    )
    .await
}

pub async fn acknowledged(io: &dyn Io, source_key: &str, lines: &[LineKey]) -> Probe {
    match order(io, source_key).await {
        Ok(Some(order)) => map::acknowledged(source_key, lines, &order),
        Ok(None) => gone(source_key),
        Err(trouble) => trouble.probe(),
    }
}

/// `POST …/dispatch/`.
pub async fn confirm(account: &Virtualstock, io: &dyn Io, confirmation: &Confirmation) -> Verdict {
    act(
        account,
        io,
        &confirmation.source_key,
        "dispatch",
        &map::dispatch(account, confirmation),
        Receipt::Confirmed,
    )
    .await
}

pub async fn confirmed(io: &dyn Io, confirmation: &Confirmation) -> Probe {
    match order(io, &confirmation.source_key).await {
        Ok(Some(order)) => map::confirmed(&confirmation.source_key, &confirmation.lines, &order),
        Ok(None) => gone(&confirmation.source_key),
        Err(trouble) => trouble.probe(),
    }
}

/// Any good answer is a success, whatever its body says (§9).
async fn act<T: serde::Serialize>(
    account: &Virtualstock,
    io: &dyn Io,
    source_key: &str,
    action: &str,
    body: &wire::Action<T>,
    receipt: Receipt,
) -> Verdict {
    let call = Call::write(
        Method::Post,
        format!("/restapi/v4/orders/{}/{action}/", encoded(source_key)),
        body,
    );
    match ask(io, call, retry_after).await {
        Ok(_) => Verdict::Done(receipt),
        Err(trouble) => trouble.verdict(|status, words| match status {
            // Nobody may do this, or there is no such order: no line was looked at.
            403..=405 => Verdict::Refused(refusal(
                &account.connection,
                &format!("to {action} order {source_key}"),
                status,
                &words,
            )),
            // A refusal names one line and has no code; whether the others were carried out is not said (§16).
            _ => Verdict::Unknown(Doubt::NotAtomic(format!("{status}: {words}"))),
        }),
    }
}

async fn order(io: &dyn Io, source_key: &str) -> Result<Option<wire::Glance>, Trouble> {
    match ask(io, one(source_key), retry_after).await {
        Ok(reply) => Ok(Some(read(&format!("order {source_key}"), &reply.body)?)),
        Err(Trouble::Refused { status: 404, .. }) => Ok(None),
        Err(trouble) => Err(trouble),
    }
}

fn gone(source_key: &str) -> Probe {
    let sentence = format!("Order {source_key} is not at the retailer any more. Ask the retailer what became of it.");
    Probe::Unclear(Finding::new(Code::StatusUnexpected, Cause::order(source_key), sentence))
}

/// How long a limit lasts stands in a sentence: "Expected available in 17.0 seconds."
fn retry_after(reply: &Reply) -> Option<Duration> {
    let said = words(&reply.body);
    let in_words = said.split_once("available in ").and_then(|(_, rest)| {
        let seconds: u64 = rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
        // A second more: a fraction of one may have been cut off.
        Some(Duration::from_secs(seconds.saturating_add(1)))
    });
    in_words.or_else(|| retry_after_header(reply))
}

//! One function for each effect, its probe beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::value::RawValue;
use tallyman_core::cause::Cause;
use tallyman_core::document::Shipment;
use tallyman_core::effect::state::Doubt;
use tallyman_core::effect::{Probe, Release, Verdict};
use tallyman_core::finding::{Code, Finding};
use tallyman_core::fingerprint::{ContentHash, Fingerprint};
use tallyman_core::role::{Changed, Listed, Received};
use tallyman_core::seam::{Call, Io, Method, Reply};
use tallyman_core::standing::WarehouseOrder;
use tallyman_core::time::{Timestamp, Zone};

use super::{Mintsoft, map, wire};
use crate::http::{Trouble, ask, encoded, refusal};
use crate::read::{read, read_list, unreadable};

/// The most rows of a page that have been seen.
const ROWS: usize = 100;
const PAGES_MAX: usize = 200;

/// The limit answers `Retry-After: 0`, which only leads into it again.
fn pause(_: &Reply) -> Option<Duration> {
    Some(Duration::from_secs(5))
}

/// A web page instead of JSON, with a good status, is the limit in other clothes.
fn is_json(reply: &Reply) -> bool {
    let first = reply.body.iter().find(|byte| !byte.is_ascii_whitespace());
    first.is_some_and(|byte| b"[{\"".contains(byte)) || reply.body.trim_ascii() == b"null"
}

async fn look_up(io: &dyn Io, path: String) -> Result<Reply, Trouble> {
    let reply = ask(io, Call::get(path), pause).await?;
    if is_json(&reply) {
        Ok(reply)
    } else {
        Err(Trouble::Throttled {
            retry_after: pause(&reply),
        })
    }
}

/// `PUT /api/Order`, which creates.
pub async fn release(site: &Mintsoft, io: &dyn Io, tag: &Fingerprint, number: &str, release: &Release) -> Verdict {
    let address = match release.address.fit_mintsoft() {
        Ok(address) => address,
        Err(fields) => {
            let cause = fields.first().map_or("address", |field| field.field);
            let said = fields.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            return Verdict::Refused(Finding::new(
                Code::AddressTooLong,
                Cause::field(site.connection.as_str(), cause),
                format!("Order {number}: {said}"),
            ));
        }
    };
    let body = map::new_order(site, tag, number, release, &address);
    let what = format!("the release of order {number}");
    match ask(io, Call::write(Method::Put, "/api/Order", &body), pause).await {
        Ok(reply) => outcomes(&what, &reply)
            .and_then(|outcomes| Ok(map::outcome(site, number, &outcomes)?))
            .unwrap_or_else(|trouble| trouble.verdict(|_, words| Verdict::Unknown(Doubt::Unreadable(words)))),
        Err(trouble) => trouble.verdict(|status, words| match status {
            // There is nothing at that address for such a call; no order was looked at.
            405 => Verdict::Refused(refusal(&site.connection, &what, status, &words)),
            // The request was not understood, most likely before anything was made; nobody says so.
            400 | 415 => Verdict::Unknown(Doubt::Refused(refusal(&site.connection, &what, status, &words))),
            // These have been seen after an order was created.
            _ => Verdict::Unknown(Doubt::NotAtomic(format!("{status}: {words}"))),
        }),
    }
}

/// Newer accounts answer a list, older ones a single outcome.
fn outcomes(what: &str, reply: &Reply) -> Result<Vec<wire::Outcome>, Trouble> {
    let is_list = reply.body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    Ok(if is_list {
        read(what, &reply.body)?
    } else {
        vec![read(what, &reply.body)?]
    })
}

/// `GET /api/Order/Search`: an order counts as ours by its number and our tag, and with the items that we sent.
pub async fn released(site: &Mintsoft, io: &dyn Io, tag: &Fingerprint, number: &str, release: &Release) -> Probe {
    compared(site, io, tag, number, release).await.unwrap_or_else(Trouble::probe)
}

async fn compared(site: &Mintsoft, io: &dyn Io, tag: &Fingerprint, number: &str, release: &Release) -> Result<Probe, Trouble> {
    let rows = search(io, number).await?;
    let probe = map::released(site, tag, number, release, &rows)?;
    // A list lags behind, and not all its rows by as much: an order that is just being split can show one part as it was and
    // another not at all. So what a list finds different is looked at again by id, which is current.
    let Some(id) = map::first_of(tag, number, &rows).filter(|_| matches!(probe, Probe::Unclear(_))) else {
        return Ok(probe);
    };
    let current = by_id(io, number, id).await?;
    // Two orders that are not parts of one are two, however often they are read.
    let others = rows.iter().any(|row| {
        row.id
            .is_some_and(|other| !current.iter().any(|known| known.id == Some(other)))
    });
    if others {
        Ok(probe)
    } else {
        Ok(map::released(site, tag, number, release, &current)?)
    }
}

/// `GET /api/Order/{id}` and, for an order of several parts, `/Splits`: all parts, this one too.
async fn by_id(io: &dyn Io, number: &str, id: i64) -> Result<Vec<wire::Order>, Trouble> {
    let record = format!("warehouse order {number}");
    let reply = look_up(io, format!("/api/Order/{id}")).await?;
    let whole: wire::Order = read(&record, &reply.body)?;
    if whole.number_of_parts.unwrap_or(1) <= 1 {
        return Ok(vec![whole]);
    }
    let reply = look_up(io, format!("/api/Order/{id}/Splits")).await?;
    let mut parts: Vec<wire::Order> = read_list(&record, &reply.body, &wire::WRAPPERS)?;
    // Whether the part that was asked about is among them is not said.
    parts.retain(|part| part.id != Some(id));
    parts.push(whole);
    Ok(parts)
}

async fn search(io: &dyn Io, number: &str) -> Result<Vec<wire::Order>, Trouble> {
    let record = format!("warehouse order {number}");
    let reply = look_up(io, format!("/api/Order/Search?OrderNumber={}", encoded(number))).await?;
    let mut rows: Vec<wire::Order> = read_list(&record, &reply.body, &wire::WRAPPERS)?;
    // Whether a search shows items is not said; without them an order cannot be compared.
    for row in rows
        .iter_mut()
        .filter(|row| row.order_items.is_none() && row.order_number.as_deref() == Some(number))
    {
        let Some(id) = row.id else { continue };
        let reply = look_up(io, format!("/api/Order/{id}")).await?;
        let whole: wire::Order = read(&record, &reply.body)?;
        row.order_items = whole.order_items;
    }
    Ok(rows)
}

/// `GET /api/Order/List`: the rows that have left, and how each row stands.
///
/// By what the list is sorted is not said, and may be the id as well as the last change: a page says nothing about where the next
/// begins, so pages are counted over one window. Where it is the last change, a row that changes while we read moves to the end and
/// all behind it up a place, which skips a row. So a window of several pages is read twice; a row would have to stand at the end of a
/// page at the wrong moment both times, and in every later window that still holds it.
pub async fn shipments(site: &Mintsoft, io: &dyn Io, since: Timestamp) -> Result<Changed, Trouble> {
    let mut rows = Rows::default();
    if rows.read(site, io, since).await? > 1 {
        let mut again = Rows::default();
        again.read(site, io, since).await?;
        rows.take_in(again);
    }
    Ok(rows.in_order())
}

/// `GET /api/Order/List?SinceDespatchDate=`: the second question, which goes by the date of despatch where the first goes by the last
/// change. What is older, should the filter be ignored, is left out by whoever compares.
pub async fn shipment_keys(site: &Mintsoft, io: &dyn Io, since: Timestamp) -> Result<Vec<Listed>, Trouble> {
    let mut listed: BTreeMap<String, Listed> = BTreeMap::new();
    read_window(site, io, ("SinceDespatchDate", since), |body, _| {
        let (key, left) = name_of(site, body);
        // What is no shipment, or cannot be told whose it is, is a matter for intake.
        if left && let Ok(shipment) = map::shipment(site, body) {
            let one = Listed {
                key: key.clone(),
                made_at: Some(shipment.shipped_at),
                release: Some(shipment.release),
            };
            listed.insert(key.clone(), one);
        }
        key
    })
    .await?;
    Ok(listed.into_values().collect())
}

/// `GET /api/Order/{id}`, if it has left.
pub async fn shipment(site: &Mintsoft, io: &dyn Io, key: &str) -> Result<Option<Received<Shipment>>, Trouble> {
    match look_up(io, format!("/api/Order/{}", encoded(key))).await {
        Ok(reply) => Ok(match name_of(site, &reply.body) {
            (key, true) => Some(received(site, key, &reply.body)),
            (_, false) => None,
        }),
        Err(Trouble::Refused { status: 404, .. }) => Ok(None),
        Err(trouble) => Err(trouble),
    }
}

/// The key of a row, and whether it is this merchant's and has left.
fn name_of(site: &Mintsoft, body: &[u8]) -> (String, bool) {
    match map::glance(body) {
        Ok(glance) => (
            glance.id.map_or_else(|| unnamed(body), |id| id.to_string()),
            map::has_left(glance.order_status_id) && site.owns(glance.client_id),
        ),
        // What it is cannot be told, so it is kept and shown.
        Err(_) => (unnamed(body), true),
    }
}

/// How an order of this merchant stands; none for a row that cannot be told whose it is.
fn standing_of(site: &Mintsoft, body: &[u8]) -> Option<WarehouseOrder> {
    let glance = map::glance(body).ok().filter(|glance| site.owns(glance.client_id))?;
    Some(WarehouseOrder {
        key: glance.id?.to_string(),
        state: map::standing(&glance),
        number: glance.order_number.unwrap_or_default(),
        release: glance.external_order_reference.unwrap_or_default(),
    })
}

fn received(site: &Mintsoft, key: String, body: &[u8]) -> Received<Shipment> {
    Received {
        key,
        body: bytes::Bytes::copy_from_slice(body),
        reading: map::shipment(site, body),
        shown: 1,
    }
}

/// Rows that have left, each once, in the order in which they were first seen.
#[derive(Default)]
struct Rows {
    received: BTreeMap<String, Received<Shipment>>,
    order: Vec<String>,
    standing: BTreeMap<String, WarehouseOrder>,
}

impl Rows {
    /// Reads a window to its end, and says how many pages showed something new.
    async fn read(&mut self, site: &Mintsoft, io: &dyn Io, since: Timestamp) -> Result<usize, Trouble> {
        read_window(site, io, ("SinceLastUpdated", since), |body, counts| {
            let (key, left) = name_of(site, body);
            // A later page shows a later state.
            if let Some(order) = standing_of(site, body) {
                self.standing.insert(key.clone(), order);
            }
            if left {
                self.keep(received(site, key.clone(), body), counts);
            }
            key
        })
        .await
    }

    /// A later page shows a later state. What is shown again as it was is counted, where that says anything.
    fn keep(&mut self, mut row: Received<Shipment>, counts: bool) {
        match self.received.get(&row.key) {
            Some(known) if known.body == row.body => row.shown = known.shown + u32::from(counts),
            Some(_) => {}
            None => self.order.push(row.key.clone()),
        }
        self.received.insert(row.key.clone(), row);
    }

    /// What a second reading shows: that it shows it again is our own doing.
    fn take_in(&mut self, again: Rows) {
        let Changed { left, orders } = again.in_order();
        self.standing
            .extend(orders.into_iter().map(|order| (order.key.clone(), order)));
        for mut row in left {
            match self.received.get(&row.key) {
                Some(known) if known.body == row.body => row.shown = known.shown.max(row.shown),
                Some(_) => {}
                None => self.order.push(row.key.clone()),
            }
            self.received.insert(row.key.clone(), row);
        }
    }

    fn in_order(mut self) -> Changed {
        Changed {
            left: self.order.iter().filter_map(|key| self.received.remove(key)).collect(),
            orders: self.standing.into_values().collect(),
        }
    }
}

/// Reads a window to its end: hands on each row, and whether it says anything that it is shown, and is given its key. Says how many pages
/// showed something new.
///
/// How many rows make a full page is not said either, so a short page is not the end. An empty one is, and so are two in a row
/// with nothing that had not been seen in this reading: what stands behind the end may be the last page again, and one such page
/// may be rows that have moved. So a page that is the one before it says nothing.
async fn read_window(
    site: &Mintsoft,
    io: &dyn Io,
    question: (&str, Timestamp),
    mut take: impl FnMut(&[u8], bool) -> String + Send,
) -> Result<usize, Trouble> {
    let mut seen = BTreeSet::new();
    let mut before: BTreeSet<Box<str>> = BTreeSet::new();
    let (mut pages, mut stale) = (0, 0);
    for page in 1..=PAGES_MAX {
        let rows = list(site, io, question, page).await?;
        let this: BTreeSet<Box<str>> = rows.iter().map(|row| row.get().into()).collect();
        let counts = this != before;
        let mut news = false;
        for row in &rows {
            news |= seen.insert(take(row.get().as_bytes(), counts));
        }
        if news {
            (pages, stale) = (pages + 1, 0);
        } else {
            stale += 1;
        }
        if rows.is_empty() || stale == 2 {
            return Ok(pages);
        }
        before = this;
    }
    let what = format!("it has more than {PAGES_MAX} pages");
    Err(unreadable("the list of warehouse orders", ".", what).into())
}

/// A page of what has changed (`SinceLastUpdated`) or left (`SinceDespatchDate`) since then.
async fn list(site: &Mintsoft, io: &dyn Io, (by, since): (&str, Timestamp), page: usize) -> Result<Vec<Box<RawValue>>, Trouble> {
    let since = asked_since(since, &site.zone);
    let client = site.client_id.map(|id| format!("&ClientId={id}")).unwrap_or_default();
    let path = format!(
        "/api/Order/List?{by}={}&PageNo={page}&Limit={ROWS}&IncludeOrderItems=true&SortOldestFirst=true{client}",
        encoded(&since)
    );
    let reply = look_up(io, path).await?;
    Ok(read_list("the list of warehouse orders", &reply.body, &wire::WRAPPERS)?)
}

/// The earlier of the time in UTC and in their zone. To ask too early costs rows that are known already. To ask too late, because the
/// zone is not the one that they read it in or because an hour comes twice in autumn, would lose what changed in between.
fn asked_since(since: Timestamp, zone: &Zone) -> String {
    let local = since.local_in(zone).min(since.local_in(&Zone::utc()));
    local.replace(' ', "T")
}

fn unnamed(body: &[u8]) -> String {
    format!("unreadable-{}", ContentHash::of(body))
}

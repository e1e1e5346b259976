//! Orders as Virtualstock shows them: one by its id, and the list with its filters and pages.

use serde::Serialize;

use super::books::{Order, Rows, Status, order_status};
use super::show::{Row, retailer_id, shown, supplier_id};
use crate::call::Response;
use crate::chance::Chance;
use crate::clock::Instant;
use crate::faults::{Counts, Kind};
use crate::mishap;

/// The host that `next` and `previous` name, whatever host was called.
const PAGE_HOST: &str = "https://api.virtualstock.com";
const LIMIT_DEFAULT: usize = 10;
const LIMIT_MAX: usize = 1000;

#[derive(Serialize)]
struct Page<'a> {
    count: usize,
    next: Option<String>,
    previous: Option<String>,
    results: Vec<Row<'a>>,
}

/// How a list may mislead: per mille of reads.
pub(super) struct Misleading {
    pub(super) duplicate: u32,
    pub(super) reordered: u32,
    pub(super) chance: Chance,
    pub(super) counts: Counts,
}

/// `GET /restapi/v4/orders/`. Unknown filters are ignored, as is a filter that another account's id would need.
pub(super) fn list(rows: &Rows, company: u32, query: &[(String, String)], now: Instant, misleading: &mut Misleading) -> Response {
    let filter = |name: &str| {
        query
            .iter()
            .rev()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    };
    let number = |name: &str| filter(name).and_then(|value| value.parse::<usize>().ok());
    let limit = number("limit")
        .filter(|limit| *limit > 0)
        .unwrap_or(LIMIT_DEFAULT)
        .min(LIMIT_MAX);
    let offset = number("offset").unwrap_or(0);

    let mut behind = false;
    let mut found: Vec<&Order> = Vec::new();
    for order in rows.orders.values().filter(|order| order.company == company) {
        if filter("order_reference").is_some_and(|reference| order.order_reference != reference)
            || filter("part_number").is_some_and(|part| order.lines.iter().all(|line| line.part_number != part))
            || filter("retailer_id").is_some_and(|id| id != retailer_id(company).to_string())
            || filter("supplier_id").is_some_and(|id| id != supplier_id(company).to_string())
        {
            continue;
        }
        let shown = shown_status(order, now);
        let matches = |status: Status| filter("status").is_none_or(|wanted| wanted == status.key());
        let stale = order.behind(now).is_some();
        behind |= stale && (matches(shown) || matches(order_status(order.lines.iter().map(|line| line.status))));
        if matches(shown) {
            let polled = filter("status").is_some() && filter("retailer_id").is_none();
            found.extend(std::iter::repeat_n(order, mishap::times(order.mishap, polled, now)));
        }
    }
    if behind {
        misleading.counts.add(Kind::StaleView);
    }
    let count = found.len();
    let mut page: Vec<&Order> = found.into_iter().skip(offset).take(limit).collect();
    mislead(&mut page, misleading);
    let results: Vec<Row<'_>> = page.into_iter().map(|order| shown(order, order.behind(now))).collect();
    let after = offset.saturating_add(limit);
    let next = (after < count).then(|| page_url(query, limit, after));
    let previous = (offset > 0).then(|| page_url(query, limit, offset.saturating_sub(limit)));
    Response::json(
        200,
        &Page {
            count,
            next,
            previous,
            results,
        },
    )
}

/// A row may come twice, and the rows of a page in another order.
fn mislead(page: &mut Vec<&Order>, misleading: &mut Misleading) {
    if page.is_empty() {
        return;
    }
    if misleading.chance.per_mille(misleading.duplicate) {
        let row = misleading.chance.between(0, page.len() as i64 - 1) as usize;
        page.insert(row, page[row]);
        misleading.counts.add(Kind::DuplicateListing);
    }
    if page.len() > 1 && misleading.chance.per_mille(misleading.reordered) {
        page.reverse();
        misleading.counts.add(Kind::ReorderedListing);
    }
}

fn shown_status(order: &Order, now: Instant) -> Status {
    match order.behind(now) {
        Some(statuses) => order_status(statuses.iter().copied()),
        None => order_status(order.lines.iter().map(|line| line.status)),
    }
}

/// The same query with another offset, its names in order, as the framework writes it.
fn page_url(query: &[(String, String)], limit: usize, offset: usize) -> String {
    let mut pairs: Vec<(String, String)> = query
        .iter()
        .filter(|(name, _)| name != "limit" && name != "offset")
        .cloned()
        .collect();
    pairs.push(("limit".into(), limit.to_string()));
    if offset > 0 {
        pairs.push(("offset".into(), offset.to_string()));
    }
    pairs.sort();
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
        .collect();
    format!("{PAGE_HOST}/restapi/v4/orders/?{}", pairs.join("&"))
}

fn escape(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let escaped = text.bytes().map(|byte| {
        if plain(byte) {
            (byte as char).to_string()
        } else {
            format!("%{byte:02X}")
        }
    });
    escaped.collect()
}

//! Reads a whole collection, page after page.
//!
//! Each page begins behind the greatest key of the one before, instead of skipping rows by number: a row that goes away between
//! two pages would make a count skip another one. No next-link is described, so a page that is not full is the last.

use serde::de::DeserializeOwned;
use tallyman_core::seam::{Call, Io};

use crate::http::{Trouble, ask, encoded, retry_after_header};
use crate::read::{read_list, unreadable};

/// No collection of a company is longer than this many pages; one that is has lost its way.
const PAGES_MAX: usize = 200;

/// What to read. Sage takes 500 rows where no number is given, and at most 5,000.
pub struct Query<'a> {
    pub resource: &'a str,
    pub filter: Option<&'a str>,
    /// Further options, such as `$expand=lines`.
    pub options: &'a str,
    /// The field whose values grow from row to row.
    pub key: &'a str,
    pub rows: usize,
}

/// Every row, by rising key, each once.
pub async fn all<T: DeserializeOwned>(io: &dyn Io, query: &Query<'_>, key: fn(&T) -> Option<i64>) -> Result<Vec<T>, Trouble> {
    let mut found: Vec<T> = Vec::new();
    let mut last = 0;
    for _ in 0..PAGES_MAX {
        let rows: Vec<T> = page(io, query, last).await?;
        let full = rows.len() >= query.rows;
        let mut keyed = Vec::with_capacity(rows.len());
        for row in rows {
            let key = key(&row).ok_or_else(|| unreadable(query.resource, query.key, "it is missing"))?;
            keyed.push((key, row));
        }
        keyed.sort_by_key(|(key, _)| *key);
        // A row may be listed twice, or again; only what is new counts.
        let before = last;
        for (key, row) in keyed {
            if key > last {
                last = key;
                found.push(row);
            }
        }
        if !full {
            return Ok(found);
        }
        if last == before {
            return Err(unreadable(query.resource, query.key, "its pages repeat themselves").into());
        }
    }
    Err(unreadable(query.resource, ".", format!("it has more than {PAGES_MAX} pages")).into())
}

async fn page<T: DeserializeOwned>(io: &dyn Io, query: &Query<'_>, after: i64) -> Result<Vec<T>, Trouble> {
    let Query {
        resource,
        options,
        key,
        rows,
        ..
    } = query;
    let behind = (after > 0).then(|| format!("{key} gt {after}"));
    let filter = query
        .filter
        .map(str::to_owned)
        .into_iter()
        .chain(behind)
        .collect::<Vec<_>>()
        .join(" and ");
    let filter = if filter.is_empty() {
        filter
    } else {
        format!("$filter={}&", encoded(&filter))
    };
    let options = if options.is_empty() {
        String::new()
    } else {
        format!("{options}&")
    };
    let call = Call::get(format!("/{resource}?{filter}{options}$orderby={key}%20asc&$top={rows}"));
    let reply = ask(io, call, retry_after_header).await?;
    Ok(read_list(resource, &reply.body, &["value"])?)
}

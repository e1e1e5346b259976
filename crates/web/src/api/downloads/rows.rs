//! A list as rows of text, and how its pages become one.

use tallyman_core::time::Zone;

use crate::api::shape::At;

/// Rows of a sheet. What is beyond is named in its last row, and found by narrower filters.
pub const ROWS_MAX: usize = 50_000;
/// Rows fetched at once.
pub const A_PAGE: u32 = 200;

/// A list as rows of text.
pub struct Sheet {
    pub header: &'static [&'static str],
    pub rows: Vec<Vec<String>>,
    /// There is more than a sheet takes.
    pub cut: bool,
}

pub fn text(value: impl ToString) -> String {
    value.to_string()
}

pub fn maybe(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// In UTC, as the API writes it: a sheet is read by programs, too.
pub fn at(at: At) -> String {
    at.0.local_in(&Zone::utc())
}

pub fn maybe_at(instant: Option<At>) -> String {
    instant.map(at).unwrap_or_default()
}

/// Fetches page after page, until there are no more or enough.
macro_rules! all_pages {
    ($listing:ident, $fetch:expr, $rows:expr, $row:expr) => {{
        let mut found = Vec::new();
        let mut cut = false;
        $listing.limit = Some(A_PAGE);
        loop {
            let page = $fetch;
            let next = page.next.clone();
            found.extend($rows(page).into_iter().map($row));
            $listing.after = next;
            if $listing.after.is_none() {
                break;
            }
            if found.len() >= ROWS_MAX {
                cut = true;
                break;
            }
        }
        found.truncate(ROWS_MAX);
        (found, cut)
    }};
}
pub(super) use all_pages;

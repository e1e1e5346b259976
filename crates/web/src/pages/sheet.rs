//! The links to a list as a sheet: the same list, the same filters. What is in a sheet is `api::downloads`' to say.

use maud::{Markup, html};

use crate::view::Link;

/// To the list as CSV and as XLSX. `link` is the address of the sheet with the filters of the list.
pub fn links(link: &Link) -> Markup {
    html! {
        @for (format, word) in [("csv", "CSV"), ("xlsx", "XLSX")] {
            a.btn href=(link.clone().and("format", Some(format))) download { (word) }
        }
    }
}

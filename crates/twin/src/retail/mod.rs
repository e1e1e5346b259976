//! Real orders to work with: the invoices of a web gift retailer, and the written rule that makes orders of them.
//!
//! The data travels inside the program (see `data/README.md` for its origin and licence) and is parsed once for a process. [`rule`]
//! decides what is an order; nothing is left out silently.
//!
//! Not here: when an order arrives, at which company and with what address (the world).

mod read;
pub mod rule;

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A row of the data as it stands: one line of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Stock code in its own letter case.
    pub code: String,
    pub name: String,
    /// Below zero on credits and downward stock corrections.
    pub quantity: i64,
    /// Pounds, with as many places as the data has.
    pub price: rust_decimal::Decimal,
}

/// All rows of one invoice number, in data order even where other invoices stand between them.
#[derive(Debug, Clone)]
pub struct Invoice {
    pub number: String,
    /// Local time of its first row, to the minute.
    pub placed: jiff::civil::DateTime,
    /// The data's own word for the country.
    pub country: String,
    pub rows: Vec<Row>,
}

/// An item that the merchants of this world sell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueItem {
    /// The spelling that the data uses first. No other item has this code in other letter case.
    pub code: String,
    pub name: String,
}

/// Every invoice, in the order in which the data first names them.
pub fn invoices() -> &'static [Invoice] {
    static INVOICES: OnceLock<Vec<Invoice>> = OnceLock::new();
    INVOICES.get_or_init(read::invoices)
}

/// Every stock code that is goods, once whatever its letter case, ordered by code.
pub fn catalogue() -> Vec<CatalogueItem> {
    static CATALOGUE: OnceLock<Vec<CatalogueItem>> = OnceLock::new();
    CATALOGUE.get_or_init(read_catalogue).clone()
}

/// An item's name is the first that a sale gave it. Corrections hold remarks ("damaged", "?") in the place of the name, so they are
/// only asked when no sale names the item.
fn read_catalogue() -> Vec<CatalogueItem> {
    struct Seen<'a> {
        code: &'a str,
        sold_as: Option<&'a str>,
        noted_as: Option<&'a str>,
    }
    let mut seen: BTreeMap<String, Seen> = BTreeMap::new();
    for row in invoices()
        .iter()
        .flat_map(|invoice| &invoice.rows)
        .filter(|row| rule::is_goods(&row.code))
    {
        let item = seen.entry(row.code.to_ascii_uppercase()).or_insert(Seen {
            code: &row.code,
            sold_as: None,
            noted_as: None,
        });
        let name = Some(row.name.as_str()).filter(|name| !name.is_empty());
        if rule::line(row).is_ok() {
            item.sold_as = item.sold_as.or(name);
        }
        item.noted_as = item.noted_as.or(name);
    }
    seen.into_values()
        .map(|item| CatalogueItem {
            code: item.code.to_owned(),
            name: item.sold_as.or(item.noted_as).unwrap_or(item.code).to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_row_of_the_data_is_read() {
        assert_eq!(invoices().len(), 10_783);
        assert_eq!(invoices().iter().map(|invoice| invoice.rows.len()).sum::<usize>(), 209_029);
        assert_eq!(invoices()[0].number, "536365");
        assert_eq!(invoices()[0].placed.to_string(), "2010-12-01T08:26:00");
    }

    #[test]
    fn rows_of_one_invoice_belong_together_although_others_stand_between() {
        let numbers: BTreeSet<&str> = invoices().iter().map(|invoice| invoice.number.as_str()).collect();
        assert_eq!(numbers.len(), invoices().len());
    }

    #[test]
    fn the_catalogue_has_each_item_once_whatever_its_letter_case() {
        let catalogue = catalogue();
        let codes: BTreeSet<String> = catalogue.iter().map(|item| item.code.to_ascii_uppercase()).collect();
        assert_eq!(codes.len(), catalogue.len());
        assert_eq!(catalogue.len(), 3_401);
        assert!(
            catalogue
                .iter()
                .all(|item| rule::is_goods(&item.code) && !item.name.is_empty())
        );
        let heart = catalogue
            .iter()
            .find(|item| item.code.eq_ignore_ascii_case("85123a"))
            .expect("in the data");
        assert_eq!(
            (heart.code.as_str(), heart.name.as_str()),
            ("85123A", "WHITE HANGING HEART T-LIGHT HOLDER")
        );
    }
}

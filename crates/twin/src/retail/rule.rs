//! The written rule: which invoices of the data are orders, and which of their lines are goods.
//!
//! 1. An invoice whose number starts with `C` gives money back: declined, `credit`. Its lines are not looked at.
//! 2. Of every other invoice, each line is goods or set aside, for the first reason that holds:
//!    - `not goods`: the code is not five digits and at most two letters (postage, bank charges, discounts, manual entries, vouchers);
//!    - `zero price`: nothing was paid, so it is a correction of stock, whatever its sign;
//!    - `not a sale`: the quantity is nought or below.
//! 3. An invoice without a goods line left is declined: `stock correction` when a code of goods was among the lines set aside,
//!    `no goods` otherwise.
//! 4. What remains is an order. Its lines keep their order, quantity, price and letter case, and a code may stand in it twice.
//!
//! So orders + declined = invoices read, and goods lines + lines set aside + lines of credits = rows read, always.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{Invoice, Row};

/// Why a line is not part of its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SetAside {
    NotGoods,
    ZeroPrice,
    NotASale,
}

impl SetAside {
    pub fn name(self) -> &'static str {
        match self {
            Self::NotGoods => "not goods",
            Self::ZeroPrice => "zero price",
            Self::NotASale => "not a sale",
        }
    }
}

/// Why an invoice is not an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Declined {
    Credit,
    NoGoods,
    StockCorrection,
    /// Only by a setting of the simulation: more goods lines than it wants.
    TooLong,
}

impl Declined {
    pub fn name(self) -> &'static str {
        match self {
            Self::Credit => "credit",
            Self::NoGoods => "no goods",
            Self::StockCorrection => "stock correction",
            Self::TooLong => "too long",
        }
    }
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    pub code: &'a str,
    pub name: &'a str,
    pub quantity: u32,
    pub price_pennies: i64,
}

/// What the rule makes of an invoice.
#[derive(Debug, Clone)]
pub struct Judged<'a> {
    pub outcome: Result<Vec<Line<'a>>, Declined>,
    /// Lines set aside, by reason; empty for a credit.
    pub set_aside: BTreeMap<SetAside, u64>,
}

/// Five digits and at most two letters.
pub fn is_goods(code: &str) -> bool {
    let Some((digits, letters)) = code.split_at_checked(5) else {
        return false;
    };
    digits.bytes().all(|byte| byte.is_ascii_digit())
        && letters.len() <= 2
        && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// A row as a line of an order, or why it is not one.
pub fn line(row: &Row) -> Result<Line<'_>, SetAside> {
    if !is_goods(&row.code) {
        return Err(SetAside::NotGoods);
    }
    if row.price.is_zero() {
        return Err(SetAside::ZeroPrice);
    }
    if row.quantity <= 0 {
        return Err(SetAside::NotASale);
    }
    let pennies = row
        .price
        .checked_mul(Decimal::ONE_HUNDRED)
        .filter(|pennies| pennies.fract().is_zero());
    Ok(Line {
        code: &row.code,
        name: &row.name,
        quantity: u32::try_from(row.quantity).expect("no sale in the data is of thousands of millions"),
        price_pennies: pennies
            .and_then(|pennies| pennies.to_i64())
            .expect("goods in the data are priced in whole pennies"),
    })
}

/// Judges an invoice. `lines_max` is the simulation's limit of goods lines; 0 is no limit.
pub fn judge(invoice: &Invoice, lines_max: u32) -> Judged<'_> {
    let mut set_aside = BTreeMap::new();
    if invoice.number.starts_with('C') {
        return Judged {
            outcome: Err(Declined::Credit),
            set_aside,
        };
    }
    let mut lines = Vec::new();
    for row in &invoice.rows {
        match line(row) {
            Ok(line) => lines.push(line),
            Err(reason) => *set_aside.entry(reason).or_insert(0) += 1,
        }
    }
    let outcome = if lines.is_empty() {
        let only_charges = set_aside.keys().all(|reason| *reason == SetAside::NotGoods);
        Err(if only_charges {
            Declined::NoGoods
        } else {
            Declined::StockCorrection
        })
    } else if lines_max > 0 && lines.len() > lines_max as usize {
        Err(Declined::TooLong)
    } else {
        Ok(lines)
    };
    Judged { outcome, set_aside }
}

/// ISO 3166 two-letter code for the data's word. The two words that are no country are read as home (`Unspecified`) and as Belgium
/// (`European Community`, whose offices are there).
pub fn country_code(word: &str) -> &'static str {
    match word {
        "Australia" => "AU",
        "Austria" => "AT",
        "Bahrain" => "BH",
        "Belgium" | "European Community" => "BE",
        "Brazil" => "BR",
        "Canada" => "CA",
        "Channel Islands" => "JE",
        "Cyprus" => "CY",
        "Czech Republic" => "CZ",
        "Denmark" => "DK",
        "EIRE" => "IE",
        "Finland" => "FI",
        "France" => "FR",
        "Germany" => "DE",
        "Greece" => "GR",
        "Hong Kong" => "HK",
        "Iceland" => "IS",
        "Israel" => "IL",
        "Italy" => "IT",
        "Japan" => "JP",
        "Lebanon" => "LB",
        "Lithuania" => "LT",
        "Netherlands" => "NL",
        "Norway" => "NO",
        "Poland" => "PL",
        "Portugal" => "PT",
        "Saudi Arabia" => "SA",
        "Singapore" => "SG",
        "Spain" => "ES",
        "Sweden" => "SE",
        "Switzerland" => "CH",
        "USA" => "US",
        "United Arab Emirates" => "AE",
        "United Kingdom" | "Unspecified" => "GB",
        other => unreachable!("the retail data has no country {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::invoices;
    use super::*;

    #[test]
    fn codes_of_goods_are_five_digits_and_at_most_two_letters() {
        for goods in ["22423", "85123A", "85123a", "15056BL"] {
            assert!(is_goods(goods), "{goods}");
        }
        for other in [
            "POST",
            "M",
            "m",
            "C2",
            "BANK CHARGES",
            "gift_0001_20",
            "DCGS0003",
            "1234",
            "12345ABC",
            "12345-",
            "",
        ] {
            assert!(!is_goods(other), "{other}");
        }
    }

    #[test]
    fn orders_and_declined_are_all_invoices_and_no_line_is_lost() {
        let (mut orders, mut goods, mut credit_rows) = (0, 0, 0);
        let mut declined = BTreeMap::new();
        let mut set_aside = BTreeMap::new();
        for invoice in invoices() {
            let judged = judge(invoice, 0);
            for (reason, lines) in judged.set_aside {
                *set_aside.entry(reason.name()).or_insert(0) += lines;
            }
            match judged.outcome {
                Ok(lines) => {
                    orders += 1;
                    goods += lines.len() as u64;
                }
                Err(reason) => {
                    *declined.entry(reason.name()).or_insert(0) += 1;
                    credit_rows += if reason == Declined::Credit {
                        invoice.rows.len() as u64
                    } else {
                        0
                    };
                }
            }
            country_code(&invoice.country);
        }
        assert_eq!(orders, 8_067);
        assert_eq!(
            declined,
            BTreeMap::from([("credit", 1_677), ("no goods", 59), ("stock correction", 980)])
        );
        assert_eq!(orders + declined.values().sum::<u64>(), 10_783);
        assert_eq!(goods + set_aside.values().sum::<u64>() + credit_rows, 209_029);
    }

    #[test]
    fn an_order_keeps_letter_case_and_repeated_codes() {
        let repeated = invoices()
            .iter()
            .filter_map(|invoice| judge(invoice, 0).outcome.ok())
            .find(|lines| {
                let codes: std::collections::BTreeSet<&str> = lines.iter().map(|line| line.code).collect();
                codes.len() < lines.len()
            });
        assert!(repeated.is_some());
    }

    #[test]
    fn an_invoice_over_the_simulations_limit_is_declined_by_name() {
        assert_eq!(judge(&invoices()[0], 6).outcome.expect_err("seven lines").name(), "too long");
        assert!(judge(&invoices()[0], 7).outcome.is_ok());
    }
}

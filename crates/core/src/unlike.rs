//! What an order was to be, against what left for it, item by item: for whoever has to say which of the two is right.
//!
//! It counts in the ledger's unit. What the warehouse sent under a code that the order does not hold has a row of its own, and so has what
//! left beyond what was ordered; nothing is added up that is not the same item.
//!
//! Not here: what the ledger says somebody else has despatched. It is asked by the sweep ([`crate::foreign`]) and not kept.

use std::collections::BTreeMap;

use crate::journey::Journey;
use crate::quantity::Quantity;

/// How an item compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As much has left as was ordered.
    Same,
    /// Some of it has not left yet.
    Less,
    /// More has left than was ordered.
    More,
    /// It has left, and was not ordered.
    NotOrdered,
}

impl Verdict {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Less => "less",
            Self::More => "more",
            Self::NotOrdered => "not_ordered",
        }
    }
}

/// One item of an order, expected and actual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The ledger's code; the warehouse's where the order has no such item.
    pub code: String,
    pub ordered: Quantity,
    /// What has left the warehouse, as it says.
    pub left: Quantity,
    /// What of it is despatched in the ledger, as its answers and probes say.
    pub despatched: Quantity,
    /// What has left less what was ordered; it keeps its sign.
    pub difference: Quantity,
}

impl Item {
    pub fn verdict(&self) -> Verdict {
        match (self.ordered.is_zero(), self.difference) {
            (true, difference) if difference.is_positive() => Verdict::NotOrdered,
            (_, difference) if difference.is_positive() => Verdict::More,
            (_, difference) if difference.is_negative() => Verdict::Less,
            (_, _) => Verdict::Same,
        }
    }
}

#[derive(Clone, Copy)]
struct Sums {
    ordered: Quantity,
    left: Quantity,
    despatched: Quantity,
}

/// The items of an order, expected and actual: what does not match first. Nothing for an order of which nothing has left, where there is
/// nothing to compare, and for figures beyond what a quantity holds.
pub fn compare(journey: &Journey) -> Vec<Item> {
    let mut sums: BTreeMap<String, Sums> = BTreeMap::new();
    let mut add = |code: &str, ordered: Quantity, left: Quantity, despatched: Quantity| -> Option<()> {
        let nothing = Sums {
            ordered: Quantity::ZERO,
            left: Quantity::ZERO,
            despatched: Quantity::ZERO,
        };
        let sum = sums.entry(code.to_owned()).or_insert(nothing);
        sum.ordered = sum.ordered.checked_add(ordered).ok()?;
        sum.left = sum.left.checked_add(left).ok()?;
        sum.despatched = sum.despatched.checked_add(despatched).ok()?;
        Some(())
    };
    for line in &journey.lines {
        if add(line.sku.as_str(), line.ordered, line.shipped, line.despatched).is_none() {
            return Vec::new();
        }
    }
    let beyond = journey
        .shipments
        .iter()
        .flat_map(|shipment| shipment.strange.iter().chain(&shipment.over));
    for (code, quantity) in beyond {
        if add(code, Quantity::ZERO, *quantity, Quantity::ZERO).is_none() {
            return Vec::new();
        }
    }
    if sums.values().all(|sum| sum.left.is_zero()) {
        return Vec::new();
    }
    let mut items: Vec<Item> = sums
        .into_iter()
        .filter_map(|(code, sum)| {
            Some(Item {
                difference: sum.left.checked_sub(sum.ordered).ok()?,
                ordered: sum.ordered,
                left: sum.left,
                despatched: sum.despatched,
                code,
            })
        })
        .collect();
    items.sort_by(|one, other| (other.verdict(), &one.code).cmp(&(one.verdict(), &other.code)));
    items
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::LineRef;
    use crate::ident::{Company, Connection, JourneyId};
    use crate::journey::{Line, Route, ShipmentState, Stage};
    use crate::money::Money;
    use crate::quantity::Ratio;
    use crate::sku::Sku;

    fn line(number: &str, sku: &str, ordered: i64, shipped: i64) -> Line {
        Line {
            line: LineRef(number.into()),
            part_number: sku.into(),
            sku: Sku::parse(sku).unwrap(),
            unit: Ratio::ONE,
            ordered: Quantity::whole(ordered),
            shipped: Quantity::whole(shipped),
            despatched: Quantity::ZERO,
            confirmed: Quantity::ZERO,
        }
    }

    fn journey(lines: Vec<Line>, strange: &[(&str, i64)], over: &[(&str, i64)]) -> Journey {
        let of = |pairs: &[(&str, i64)]| {
            let pairs = pairs
                .iter()
                .map(|(code, units)| ((*code).to_owned(), Quantity::whole(*units)));
            pairs.collect()
        };
        let (company, channel) = (Company::new("north"), Connection::new("shop"));
        Journey {
            id: JourneyId::derive(&company, &channel, "7"),
            company,
            route: Route {
                channel,
                ledger: Connection::new("books"),
                warehouse: Connection::new("shed"),
            },
            source_key: "7".into(),
            reference: "A-7".into(),
            stage: Stage::Open,
            lines,
            draft_id: None,
            ledger_order: None,
            release_id: None,
            shipments: vec![ShipmentState {
                key: "1".into(),
                strange: of(strange),
                over: of(over),
                ..ShipmentState::default()
            }],
            net: Money::ZERO,
            due_by: None,
        }
    }

    fn told(journey: &Journey) -> Vec<(String, &'static str, String)> {
        let items = compare(journey);
        items
            .iter()
            .map(|item| (item.code.clone(), item.verdict().name(), item.difference.to_string()))
            .collect()
    }

    #[test]
    fn what_left_otherwise_than_it_was_ordered_comes_first_and_keeps_its_sign() {
        let lines = vec![
            line("1", "A", 3, 3),
            line("2", "B", 5, 2),
            line("3", "B", 1, 1),
            line("4", "C", 2, 2),
        ];
        let journey = journey(lines, &[("PIGEON", 1)], &[("C", 4)]);
        let row = |code: &str, verdict, difference: &str| (code.to_owned(), verdict, difference.to_owned());
        assert_eq!(
            told(&journey),
            vec![
                row("PIGEON", "not_ordered", "1"),
                row("C", "more", "4"),
                row("B", "less", "-3"),
                row("A", "same", "0"),
            ]
        );
    }

    #[test]
    fn there_is_nothing_to_compare_before_anything_has_left() {
        assert!(compare(&journey(vec![line("1", "A", 3, 0)], &[], &[])).is_empty());
    }

    #[test]
    fn figures_that_cannot_be_added_are_not_shown_wrong() {
        let huge = Quantity::from_hundred_thousandths(i64::MAX);
        let mut beyond = journey(vec![line("1", "A", 1, 1)], &[], &[]);
        beyond.shipments[0].over = vec![("A".into(), huge)];
        assert!(compare(&beyond).is_empty());
    }
}

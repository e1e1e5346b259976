//! Despatches in the ledger that are not ours: more has gone there than has left the warehouse.
//!
//! Every despatch of ours follows a shipment, so what the ledger says has gone of a line can never be more than what was shipped of
//! it, whatever of ours is still on its way. Where it is, somebody despatched it in the ledger.
//!
//! Not here: a despatch of somebody's that is no more than what was shipped. Ours of that shipment finds it when it looks.

use std::collections::BTreeMap;

use crate::cause::Cause;
use crate::finding::{Code, Finding};
use crate::journey::Journey;
use crate::quantity::Quantity;

/// How much of one line of an order has gone, as the ledger says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// The ledger's id and number of the order, and its id of the line.
    pub order: i64,
    pub number: String,
    pub line: i64,
    pub quantity: Quantity,
}

/// Whether more of this journey's order has gone than was shipped.
pub fn compare(journey: &Journey, gone: &[Gone]) -> Option<Finding> {
    let order = journey.ledger_order.as_ref()?;
    let mut totals: BTreeMap<i64, Quantity> = BTreeMap::new();
    for gone in gone.iter().filter(|gone| gone.order == order.id) {
        let total = totals.entry(gone.line).or_insert(Quantity::ZERO);
        *total = gone.quantity.max(*total);
    }
    let more: Vec<String> = journey
        .lines
        .iter()
        .filter_map(|line| {
            let gone = totals.get(&journey.ledger_line(&line.line)?)?;
            gone.above(line.shipped)
                .filter(|above| above.is_positive())
                .map(|_| format!("{gone} of line {} where {} left", line.line, line.shipped))
        })
        .collect();
    if more.is_empty() {
        return None;
    }
    let sentence = format!(
        "More of order {} is despatched in the ledger, as {}, than has left the warehouse: {}. Somebody despatched it there. Ask who \
         did and what it was for: if those goods have not left, take them back into stock in the ledger; if they have, have the \
         warehouse send no more of them.",
        journey.reference,
        order.number,
        more.join(", ")
    );
    Some(Finding::new(
        Code::LedgerForeignDespatch,
        Cause::order(&journey.reference),
        sentence,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::LineRef;
    use crate::ident::{Company, Connection, JourneyId};
    use crate::journey::{LedgerOrderKey, Line, Route, Stage};
    use crate::money::Money;
    use crate::quantity::Ratio;
    use crate::sku::Sku;

    fn journey(shipped: [i64; 2]) -> Journey {
        let (company, channel) = (Company::new("north"), Connection::new("shop"));
        let line = |number: &str, shipped| Line {
            line: LineRef(number.into()),
            part_number: "A".into(),
            sku: Sku::parse("A").unwrap(),
            unit: Ratio::ONE,
            ordered: Quantity::whole(5),
            shipped: Quantity::whole(shipped),
            despatched: Quantity::ZERO,
            confirmed: Quantity::ZERO,
        };
        Journey {
            id: JourneyId::derive(&company, &channel, "77"),
            company,
            route: Route {
                channel,
                ledger: Connection::new("books"),
                warehouse: Connection::new("hands"),
            },
            source_key: "77".into(),
            reference: "VS-1".into(),
            stage: Stage::Open,
            lines: vec![line("1", shipped[0]), line("2", shipped[1])],
            draft_id: Some(900),
            ledger_order: Some(LedgerOrderKey {
                id: 900,
                number: "00900".into(),
                lines: vec![(LineRef("1".into()), 901), (LineRef("2".into()), 902)],
            }),
            release_id: None,
            shipments: Vec::new(),
            net: Money::ZERO,
            due_by: None,
        }
    }

    fn gone(order: i64, line: i64, quantity: i64) -> Gone {
        Gone {
            order,
            number: format!("00{order}"),
            line,
            quantity: Quantity::whole(quantity),
        }
    }

    #[test]
    fn what_left_may_be_despatched_and_is_posted_once_it_is() {
        assert_eq!(compare(&journey([3, 0]), &[]), None);
        assert_eq!(compare(&journey([3, 0]), &[gone(900, 901, 3), gone(900, 901, 2)]), None);
        assert_eq!(
            compare(&journey([0, 0]), &[gone(910, 901, 3), gone(900, 903, 1)]),
            None,
            "not of ours"
        );
    }

    #[test]
    fn of_the_rows_of_a_line_the_highest_counts_in_whatever_order_they_come() {
        for rows in [[4, 3], [3, 4]] {
            let gone = rows.map(|quantity| gone(900, 901, quantity));
            let finding = compare(&journey([3, 0]), &gone).expect("more than left");
            assert!(finding.sentence.contains("4 of line 1 where 3 left"), "{}", finding.sentence);
        }
    }

    #[test]
    fn more_than_left_names_the_line_and_both_figures() {
        let finding = compare(&journey([3, 1]), &[gone(900, 901, 3), gone(900, 902, 4)]).expect("more than left");
        assert_eq!(finding.code, Code::LedgerForeignDespatch);
        assert!(finding.sentence.contains("4 of line 2 where 1 left"), "{}", finding.sentence);
        assert!(!finding.sentence.contains("of line 1"), "{}", finding.sentence);
    }
}

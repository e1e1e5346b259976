//! Duplicates: two orders in the ledger for one of ours.
//!
//! Every draft is looked for before it is sent, but no look sees what the ledger's list does not show yet, and no fence stands
//! around a ledger: a person may key an order in the same minute. What remains is found by a sweep. It sees what was written since
//! the last one, suspects ([`suspect`]), reads both orders by their ids, which no list delays, and judges ([`compare`]).
//!
//! Not here: drafts. They are no orders, and the draft sweep deletes those that carry our tag.

use crate::cause::Cause;
use crate::finding::{Code, Finding};
use crate::fingerprint::Fingerprint;
use crate::journey::Journey;
use crate::money::Money;
use crate::quantity::Quantity;
use crate::sku::upper;

/// An order as it stands in the ledger, as far as it could be somebody's twin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    pub id: i64,
    pub number: String,
    /// Nought where the ledger names none.
    pub customer_id: i64,
    /// The customer's own order number.
    pub reference: String,
    /// Ours, if it carries one.
    pub tag: Option<Fingerprint>,
    pub standing: Standing,
    /// Its lines, where they were shown and could be read.
    pub lines: Option<Vec<BookedLine>>,
}

/// What a line of it stands for, by the ledger's id of the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookedLine {
    pub id: i64,
    pub product_id: i64,
    pub quantity: Quantity,
    pub unit_price: Money,
    /// How much of it has gone, as the order itself says.
    pub despatched: Quantity,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Draft,
    Order,
    Cancelled,
}

/// What an order of the ledger that goes by our tag or our reference is to one of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspicion {
    /// It is ours, or stands in the way of ours, which its look then says.
    None,
    /// Ours has a draft and is about to become an order: it must be looked at again when it has.
    Later,
    /// Ours is there, and this is another.
    Another,
}

/// What this order may be to that journey.
pub fn suspect(booked: &Booked, journey: &Journey) -> Suspicion {
    if booked.standing != Standing::Order {
        return Suspicion::None;
    }
    match (&journey.ledger_order, journey.draft_id) {
        (Some(ours), _) if ours.id == booked.id => Suspicion::None,
        (Some(_), _) => Suspicion::Another,
        // It was confirmed, and that has not been recorded yet.
        (None, Some(draft)) if draft == booked.id => Suspicion::None,
        (None, Some(_)) => Suspicion::Later,
        // Nothing of ours is there yet: the look before our draft will find it.
        (None, None) => Suspicion::None,
    }
}

/// Whether these two, as both stand now, are one order twice. One that is gone, a draft or cancelled is no order.
pub fn compare(journey: &Journey, ours: Option<&Booked>, other: Option<&Booked>) -> Option<Finding> {
    let stands = |booked: &&Booked| booked.standing == Standing::Order;
    let (ours, other) = (ours.filter(stands)?, other.filter(stands)?);
    if ours.id == other.id {
        return None;
    }
    let same_tag = ours.tag.is_some() && ours.tag == other.tag;
    let same_reference = ours.customer_id == other.customer_id && ours.customer_id != 0 && named_alike(ours, other);
    if !same_tag && !same_reference {
        return None;
    }
    let whose = if same_tag {
        "which carries the same mark"
    } else {
        "which Tallyman did not write"
    };
    let sentence = format!(
        "Order {} is in the ledger twice: as {}, which went to the warehouse, and as {}, {whose}. Cancel in the ledger the one that \
         has not been despatched; if that is {}, have the warehouse stop it first. Tallyman cancels neither.",
        journey.reference, ours.number, other.number, ours.number
    );
    Some(Finding::new(
        Code::LedgerDuplicate,
        Cause::order(&journey.reference),
        sentence,
    ))
}

/// As the ledgers compare it: without case, and without blanks around it.
fn named_alike(one: &Booked, other: &Booked) -> bool {
    let reference = one.reference.trim();
    !reference.is_empty() && upper(reference) == upper(other.reference.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ident::{Company, Connection, JourneyId};
    use crate::journey::{LedgerOrderKey, Route, Stage};

    fn journey(draft_id: Option<i64>, order: Option<i64>) -> Journey {
        let (company, channel) = (Company::new("north"), Connection::new("shop"));
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
            lines: Vec::new(),
            draft_id,
            ledger_order: order.map(|id| LedgerOrderKey {
                id,
                number: format!("00{id}"),
                lines: Vec::new(),
            }),
            release_id: None,
            shipments: Vec::new(),
            net: Money::ZERO,
            due_by: None,
        }
    }

    fn booked(id: i64, reference: &str) -> Booked {
        Booked {
            id,
            number: format!("00{id}"),
            customer_id: 5,
            reference: reference.into(),
            tag: None,
            standing: Standing::Order,
            lines: None,
        }
    }

    fn tagged(id: i64, reference: &str) -> Booked {
        Booked {
            tag: Some(Fingerprint::derive("north", "shop/77", "draft")),
            ..booked(id, reference)
        }
    }

    #[test]
    fn only_another_order_than_ours_is_suspected() {
        let other = booked(910, "VS-1");
        let confirmed = journey(Some(900), Some(900));
        assert_eq!(suspect(&other, &confirmed), Suspicion::Another);
        assert_eq!(suspect(&tagged(900, "VS-1"), &confirmed), Suspicion::None);
        for standing in [Standing::Draft, Standing::Cancelled] {
            let other = Booked {
                standing,
                ..other.clone()
            };
            assert_eq!(suspect(&other, &confirmed), Suspicion::None, "{standing:?}");
        }
    }

    #[test]
    fn what_may_yet_become_a_duplicate_is_looked_at_again() {
        let drafted = journey(Some(900), None);
        assert_eq!(suspect(&booked(910, "VS-1"), &drafted), Suspicion::Later);
        assert_eq!(
            suspect(&tagged(900, "VS-1"), &drafted),
            Suspicion::None,
            "confirmed, not yet recorded"
        );
        assert_eq!(suspect(&booked(910, "VS-1"), &journey(None, None)), Suspicion::None);
    }

    #[test]
    fn one_customer_and_number_twice_is_a_duplicate_that_names_both() {
        let journey = journey(Some(900), Some(900));
        let found = |other: &Booked| compare(&journey, Some(&tagged(900, "VS-1")), Some(other));
        let finding = found(&booked(910, "vs-1  ")).expect("a duplicate");
        assert_eq!((finding.code, &finding.cause), (Code::LedgerDuplicate, &Cause::order("VS-1")));
        assert!(
            finding.sentence.contains("00900") && finding.sentence.contains("00910"),
            "{}",
            finding.sentence
        );
        let customer = Booked {
            customer_id: 6,
            ..booked(910, "VS-1")
        };
        assert_eq!(found(&customer), None, "another customer's number");
        assert_eq!(found(&booked(910, "VS-10")), None);
        assert_eq!(found(&tagged(900, "VS-1")), None, "it is ours itself");
    }

    #[test]
    fn one_tag_twice_is_a_duplicate_under_whatever_number() {
        let (journey, ours) = (journey(Some(900), Some(900)), tagged(900, "VS-1"));
        let finding = compare(&journey, Some(&ours), Some(&tagged(910, "VS-1 copy"))).expect("a duplicate");
        assert!(finding.sentence.contains("the same mark"), "{}", finding.sentence);
    }

    #[test]
    fn what_is_gone_or_cancelled_is_no_duplicate_any_more() {
        let (journey, ours, other) = (journey(Some(900), Some(900)), tagged(900, "VS-1"), booked(910, "VS-1"));
        let cancelled = |booked: &Booked| Booked {
            standing: Standing::Cancelled,
            ..booked.clone()
        };
        assert!(compare(&journey, Some(&ours), Some(&other)).is_some());
        assert_eq!(compare(&journey, Some(&ours), None), None);
        assert_eq!(compare(&journey, None, Some(&other)), None);
        assert_eq!(compare(&journey, Some(&ours), Some(&cancelled(&other))), None);
        assert_eq!(compare(&journey, Some(&cancelled(&ours)), Some(&other)), None);
    }
}

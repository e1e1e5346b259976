//! What customer service tells the customer: one sentence that is true of the order as it stands, and where its parcels can be followed.
//!
//! Nothing is promised that nobody has promised: a day is named where the order is due by one, a parcel number where there is one. While the
//! order stands still, no day is: nobody knows whether it can be kept.

use tallyman_core::journey::Stage;
use tallyman_core::quantity::Quantity;
use tallyman_core::time::Zone;

use crate::story::{Parcel, Story};

/// The sentence.
pub fn sentence(story: &Story, zone: &Zone) -> String {
    let journey = &story.journey;
    let order = format!("Your order {}", journey.reference);
    if story.erased {
        let how = match journey.stage {
            Stage::Complete => "completed",
            Stage::Declined | Stage::Open | Stage::Stopped => "closed",
        };
        return format!("{order} was {how} some time ago; its details are no longer kept.");
    }
    let left = journey.lines.iter().any(|line| line.shipped > Quantity::ZERO);
    let all = left && journey.lines.iter().all(|line| line.shipped >= line.ordered);
    let by = journey
        .due_by
        .map(|due| format!(" It is due by {}.", due.date_in(zone).in_words()))
        .unwrap_or_default();
    match journey.stage {
        Stage::Declined => format!("{order} was not carried out. The shop that you ordered from can tell you more."),
        Stage::Complete | Stage::Open if all => format!("{order} is on its way to you{}.", with(&story.parcels)),
        Stage::Complete | Stage::Open if left => {
            let rest = if story.stands_still() {
                "our team is sorting out a problem with the rest"
            } else {
                "the rest follows"
            };
            format!(
                "A part of your order {} is on its way to you{}; {rest}.",
                journey.reference,
                with(&story.parcels)
            )
        }
        Stage::Complete => format!("{order} is complete."),
        Stage::Stopped | Stage::Open if story.stands_still() => {
            format!("{order} has arrived here, and our team is sorting out a problem before it goes on.")
        }
        Stage::Open if journey.ledger_order.is_some() => format!("{order} is being prepared in our warehouse.{by}"),
        Stage::Open | Stage::Stopped => format!("{order} has arrived here and is being taken in.{by}"),
    }
}

/// `with dpd, parcel number 1550…`; nothing of what is not known.
fn with(parcels: &[Parcel]) -> String {
    let told = parcels.iter().filter_map(|parcel| match (&parcel.carrier, &parcel.tracking) {
        (Some(carrier), Some(number)) => Some(format!("with {carrier}, parcel number {number}")),
        (Some(carrier), None) => Some(format!("with {carrier}")),
        (None, Some(number)) => Some(format!("under the parcel number {number}")),
        (None, None) => None,
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        String::new()
    } else {
        format!(" {}", told.join(", and "))
    }
}

//! What customer service tells the customer: one sentence that is true of the order as it stands, and where its parcels can be followed.
//!
//! Nothing is promised that nobody has promised: a day is named where the order is due by one, a parcel number where there is one. While the
//! order stands still, no day is: nobody knows whether it can be kept.

use std::collections::BTreeMap;

use tallyman_core::finding::Code;
use tallyman_core::journey::Stage;
use tallyman_core::standing;
use tallyman_core::time::{Date, Zone};

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
    let left = story.has_left();
    let all = left && journey.lines.iter().all(|line| line.shipped >= line.ordered);
    // What the warehouse has missed is kept by nobody, whether or not people have settled it.
    let missed = |codes: &[Code]| codes.contains(&Code::CutOffMissed);
    let by = journey
        .due_by
        .filter(|_| !missed(&story.codes) && !missed(&story.settled))
        .map(|due| format!(" It is due by {}.", due.date_in(zone).in_words()))
        .unwrap_or_default();
    match journey.stage {
        Stage::Declined => format!("{order} was not carried out. The shop that you ordered from can tell you more."),
        Stage::Complete | Stage::Open if all => format!("{order} is on its way to you{}.", with(&story.parcels, zone)),
        Stage::Complete | Stage::Open if left => {
            let rest = if story.stands_still() {
                "our team is sorting out a problem with the rest"
            } else if story.settled.iter().any(|code| leaves_a_rest(*code)) {
                "the shop that you ordered from can tell you about the rest"
            } else {
                "the rest follows"
            };
            format!(
                "A part of your order {} is on its way to you{}; {rest}.",
                journey.reference,
                with(&story.parcels, zone)
            )
        }
        Stage::Complete => format!("{order} is complete."),
        Stage::Stopped | Stage::Open if story.stands_still() => {
            format!("{order} has arrived here, and our team is sorting out a problem before it goes on.")
        }
        Stage::Open if story.is_decided() => {
            format!(
                "{order} was stopped in our warehouse, and our team has decided what becomes of it. The shop that you ordered from can \
                 tell you more."
            )
        }
        Stage::Open if !story.held.is_empty() && journey.release_id.is_none() => {
            format!("{order} has arrived here, and waits for our team to let it go on.")
        }
        Stage::Open if journey.release_id.is_some() => format!("{order} is being prepared in our warehouse.{by}"),
        Stage::Open if journey.ledger_order.is_some() => format!("{order} has been taken in and goes to our warehouse next.{by}"),
        Stage::Open | Stage::Stopped => format!("{order} has arrived here and is being taken in.{by}"),
    }
}

/// What, once it is settled, says that no rest follows by itself.
fn leaves_a_rest(code: Code) -> bool {
    matches!(code, Code::ShortShipped | Code::Substituted | Code::Oversold) || standing::CODES.contains(&code)
}

/// `with DPD (left on 5 November), parcel number 1550…`; nothing of what is not known. Parcels that left together are said together. A carrier is
/// said as the retailer was told of it, which is what the mappings say: no name is made up of its code.
fn with(parcels: &[Parcel], zone: &Zone) -> String {
    let mut together: BTreeMap<(Option<&str>, Option<Date>), Vec<&str>> = BTreeMap::new();
    for parcel in parcels {
        let carrier = parcel.carrier.as_deref();
        let left = parcel.left_at.map(|at| at.date_in(zone));
        together
            .entry((carrier, left))
            .or_default()
            .extend(parcel.tracking.as_deref());
    }
    let told = together.iter().filter_map(|((carrier, left), numbers)| {
        let left = left.map(|left| format!(" (left on {})", left.in_words())).unwrap_or_default();
        let word = if numbers.len() == 1 { "number" } else { "numbers" };
        let numbers = numbers.join(" and ");
        match (carrier, numbers.is_empty()) {
            (Some(carrier), false) => Some(format!("with {carrier}{left}, parcel {word} {numbers}")),
            (Some(carrier), true) => Some(format!("with {carrier}{left}")),
            (None, false) => Some(format!("under the parcel {word} {numbers}{left}")),
            (None, true) => None,
        }
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        String::new()
    } else {
        format!(" {}", told.join(", and "))
    }
}

#[cfg(test)]
mod tests;

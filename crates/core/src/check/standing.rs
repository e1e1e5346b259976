//! Whether an order may be carried out at all: whose it is, when it was made, how far it is said to be, and whether our user may write
//! what it says. Nothing here looks at goods or figures.

use std::collections::BTreeSet;

use super::{Known, Stopped, line_of, whole};
use crate::cause::Cause;
use crate::document::{LineState, Order};
use crate::facts::PRICES;
use crate::finding::{Code, Finding};
use crate::time::{Date, Timestamp};

/// No order is older than the oldest ledger, or from the next century: a date outside is a slip, or a field that was never filled in.
const YEARS: std::ops::Range<i16> = 2000..2100;
/// A status that is longer is no key of anything.
const STATUS_CHARS_MAX: usize = 40;

pub(super) fn of(order: &Order, known: &Known<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(supplier(order, known));
    findings.extend(dates(order, known));
    findings.extend(statuses(order));
    findings.extend(permissions(order, known));
    findings
}

/// An order for a supplier that is not this company is somebody else's.
fn supplier(order: &Order, known: &Known<'_>) -> Option<Finding> {
    let said = order.supplier.as_ref()?;
    if known.suppliers.is_empty() || known.suppliers.contains(said) {
        return None;
    }
    let sentence = format!(
        "{}: its field supplier says {said}, which is not among the supplier ids of {}. If it is this company's, add it to the \
         connection's suppliers; if not, ask the retailer whose order it is.",
        whole(order),
        order.channel
    );
    let cause = Cause::field(order.channel.as_str(), format!("supplier {said}"));
    Some(Finding::new(Code::SupplierUnmapped, cause, sentence))
}

/// Dates that are days of the calendar, and yet no day on which an order can be made or promised.
fn dates(order: &Order, known: &Known<'_>) -> Vec<Finding> {
    let outside = |at: Timestamp| Some(at.date_in(known.zone)).filter(|date: &Date| !YEARS.contains(&date.year()));
    let finding = |field: &str, stopped: Stopped<'_>, date: Date| {
        let sentence = format!("{stopped}: its {field} is {date}, when no order can be. Ask the retailer to correct the field.");
        Finding::new(Code::DateInexpressible, Cause::field(order.channel.as_str(), field), sentence)
    };
    let ordered = outside(order.ordered_at).map(|date| finding("order_date", whole(order), date));
    let mut promised = order.lines.iter().filter_map(|line| Some((line, outside(line.promised?)?)));
    let promised = promised
        .next()
        .map(|(line, date)| finding("promised_date", line_of(order, line), date));
    ordered.into_iter().chain(promised).collect()
}

/// A line that has moved on was moved by somebody else. A status that is on nobody's list is not guessed at.
fn statuses(order: &Order) -> Vec<Finding> {
    let mut findings = Vec::new();
    let moved = |state: &LineState| !matches!(state, LineState::New | LineState::Other(_));
    if let Some(line) = order.lines.iter().find(|line| moved(&line.state)) {
        let sentence = format!(
            "{} is not new at the retailer any more ({:?}). Say whether it is to be carried out; nothing was posted.",
            line_of(order, line),
            line.state
        );
        findings.push(Finding::new(
            Code::StatusUnexpected,
            Cause::order(order.reference.as_str()),
            sentence,
        ));
    }
    let mut said = BTreeSet::new();
    let lines = order.lines.iter().filter_map(|line| match &line.state {
        LineState::Other(status) => Some((line_of(order, line), status)),
        LineState::New
        | LineState::Acknowledged
        | LineState::Confirmed
        | LineState::CancelRequested
        | LineState::Cancelled
        | LineState::Returned => None,
    });
    let header = order.unknown_status.iter().map(|status| (whole(order), status));
    for (stopped, status) in header.chain(lines) {
        if !said.insert(status) {
            continue;
        }
        let sentence = format!(
            "{stopped} has status {status}, which is not known. Ask the retailer what it means and whether the order is to be carried \
             out; nothing was posted."
        );
        // A key is a name, and may stand on a card. Whatever else is written there may be anything.
        let is_key = status.len() <= STATUS_CHARS_MAX
            && status
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        let field = if is_key { format!("status {status}") } else { "status".into() };
        let cause = Cause::field(order.channel.as_str(), field);
        findings.push(Finding::new(Code::StatusUnknown, cause, sentence));
    }
    findings
}

/// Every line has the retailer's price, so our user must be allowed to give one.
fn permissions(order: &Order, known: &Known<'_>) -> Option<Finding> {
    if !known.facts.forbidden.contains(PRICES) {
        return None;
    }
    let ledger = known.route.ledger.as_str();
    let sentence = format!(
        "{}: our user of {ledger} may not give lines their prices. Give that user the permission {PRICES} there.",
        whole(order)
    );
    Some(Finding::new(Code::PermissionMissing, Cause::field(ledger, PRICES), sentence))
}

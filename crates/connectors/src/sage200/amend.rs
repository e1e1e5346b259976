//! An order of ours that somebody has changed in Sage is put as its owner wants it.
//!
//! `PUT /sop_orders/{id}` takes what changes, a line by its id, and saves line by line: no refusal says that nothing was done (§3.3). So
//! the order is read before, which says what differs and whether an amendment can bring it back, and read again after every answer that is
//! not simply good. The document is never locked by us.

use tallyman_core::cause::Cause;
use tallyman_core::duplicate::Booked;
use tallyman_core::effect::state::{Doubt, Obstacle};
use tallyman_core::effect::{Agreed, Probe, Receipt, Verdict};
use tallyman_core::facts::PRICES;
use tallyman_core::finding::{Code, Finding};
use tallyman_core::journey::LedgerOrderKey;
use tallyman_core::lineage::{Gap, LineGap, gap, refused};
use tallyman_core::seam::{Call, Io, Method};

use super::{Sage, calls, facts, map, wire};
use crate::http::{Trouble, ask, retry_after_header};
use crate::read::{number, read};

pub async fn amend(sage: &Sage, io: &dyn Io, order: &LedgerOrderKey, agreed: &Agreed) -> Verdict {
    let before = match calls::booked(io, order.id).await {
        Ok(before) => before,
        Err(trouble) => return trouble.not_done(),
    };
    let wanted = match gap(order, agreed, before.as_ref()) {
        Ok(gap) if gap.is_empty() => return done(order),
        Ok(gap) => gap,
        Err(finding) => return Verdict::Refused(finding),
    };
    let call = Call::write(Method::Put, format!("/sop_orders/{}", order.id), &amendment(&wanted));
    match ask(io, call, retry_after_header).await {
        Ok(reply) => match read::<wire::Order>(&format!("order {}", order.number), &reply.body) {
            Ok(row) => match gap(order, agreed, map::booked(&row).as_ref()) {
                Ok(left) if left.is_empty() => done(order),
                Ok(_) | Err(_) => Verdict::Unknown(Doubt::Unreadable(format!("order {} was not shown as agreed", order.number))),
            },
            Err(unreadable) => Verdict::Unknown(Doubt::Unreadable(unreadable.to_string())),
        },
        Err(Trouble::Refused { status, words }) => after_refusal(io, order, (agreed, before), status, words).await,
        Err(signed_out @ Trouble::SignedOut { .. }) => match without_right(sage, io, order, &wanted).await {
            Some(finding) => Verdict::Refused(finding),
            None => signed_out.not_done(),
        },
        Err(trouble) => trouble.not_carried_out_or_unknown(),
    }
}

/// Whether it stands as agreed. What stands otherwise may be written again: these are values, and no more.
pub async fn amended(io: &dyn Io, order: &LedgerOrderKey, agreed: &Agreed) -> Probe {
    match calls::booked(io, order.id).await {
        Ok(now) => match gap(order, agreed, now.as_ref()) {
            Ok(gap) if gap.is_empty() => Probe::Landed(receipt(order)),
            Ok(_) => Probe::Absent(None),
            Err(finding) => Probe::Unclear(finding),
        },
        Err(trouble) => trouble.probe(),
    }
}

fn receipt(order: &LedgerOrderKey) -> Receipt {
    Receipt::Amended {
        number: order.number.clone(),
    }
}

fn done(order: &LedgerOrderKey) -> Verdict {
    Verdict::Done(receipt(order))
}

fn amendment(gap: &Gap) -> wire::Amendment<'_> {
    let line = |line: &LineGap| wire::AmendedLine {
        id: line.id,
        line_quantity: line.quantity.map(number),
        // What is added to a line is not reserved by itself, and what is not reserved is not despatched (§5.6).
        to_allocate_quantity: line.quantity.map(|_| number(line.outstanding)),
        selling_unit_price: line.unit_price.map(number),
    };
    wire::Amendment {
        customer_document_no: gap.reference.as_deref(),
        lines: gap.lines.iter().map(line).collect(),
    }
}

/// A refusal says nothing of what was saved before it. The call is over, so what stands now is what there is.
async fn after_refusal(
    io: &dyn Io,
    order: &LedgerOrderKey,
    (agreed, before): (&Agreed, Option<Booked>),
    status: u16,
    words: String,
) -> Verdict {
    let now = match calls::booked(io, order.id).await {
        Ok(now) => now,
        Err(_) => return Verdict::Unknown(Doubt::NotAtomic(format!("{status}: {words}"))),
    };
    let untouched = now == before;
    match gap(order, agreed, now.as_ref()) {
        Ok(left) if left.is_empty() => done(order),
        Ok(_) if untouched && calls::is_lock(status, &words) => Verdict::NotDone {
            why: words,
            retry_after: None,
            obstacle: Obstacle::Locked,
        },
        Ok(_) => {
            let so_far = if untouched {
                "nothing was changed"
            } else {
                "only a part of it was changed"
            };
            Verdict::Refused(refused(order, &format!("Sage refused it ({words}), and {so_far}")))
        }
        Err(finding) => Verdict::Refused(finding),
    }
}

/// A 401 that a new sign-in does not cure may be a right that our user lacks, where a price is to be written (§3.4).
async fn without_right(sage: &Sage, io: &dyn Io, order: &LedgerOrderKey, wanted: &Gap) -> Option<Finding> {
    let prices = wanted.lines.iter().any(|line| line.unit_price.is_some());
    if !prices || !facts::forbidden(io).await.ok()?.contains(PRICES) {
        return None;
    }
    let sentence = format!(
        "{} does not let our user give the lines of order {} their prices. Give that user the permission {PRICES} there, and answer `again`.",
        sage.connection, order.number
    );
    Some(Finding::new(
        Code::PermissionMissing,
        Cause::field(sage.connection.as_str(), PRICES),
        sentence,
    ))
}

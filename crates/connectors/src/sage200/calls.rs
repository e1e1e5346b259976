//! One function for each effect, its probe beside it.

use tallyman_core::cause::{Cause, RecordKind};
use tallyman_core::duplicate::Booked;
use tallyman_core::effect::state::{Doubt, Obstacle};
use tallyman_core::effect::{Baseline, Despatch, LedgerOrder, Probe, Receipt, Verdict};
use tallyman_core::finding::{Code, Finding};
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::foreign::Gone;
use tallyman_core::journey::LedgerOrderKey;
use tallyman_core::role::TaggedDraft;
use tallyman_core::seam::{Call, Io, Method};
use tallyman_core::time::Timestamp;

use super::pages::{Query, all};
use super::{Sage, despatch as despatches, map, refused, wire};
use crate::http::{Trouble, ask, quoted, retry_after_header};
use crate::read::read;

/// The most rows that Sage gives on one page; an order of 674 lines despatched whole is more than the default.
const DESPATCH_ROWS: usize = 5_000;
const ORDER_ROWS: usize = 1_000;
/// With all their lines: a page of orders must not be larger than what is taken in.
const ORDER_ROWS_WITH_LINES: usize = 200;

/// `POST /sop_orders` with `is_editing`: a draft, so that its total can be compared before it counts (§5.5).
pub async fn draft(sage: &Sage, io: &dyn Io, tag: &Fingerprint, order: &LedgerOrder) -> Verdict {
    let call = Call::write(Method::Post, "/sop_orders", &map::new_order(tag, order));
    let what = format!("the draft of order {}", order.reference);
    match ask(io, call, retry_after_header).await {
        Ok(reply) => read(&what, &reply.body)
            .and_then(|reply| map::drafted(order, &reply))
            .unwrap_or_else(|unreadable| Verdict::Unknown(Doubt::Unreadable(unreadable.to_string()))),
        // A refusal is believed: were a draft there all the same, it would be swept.
        Err(Trouble::Refused { status, words }) => refused::order(sage, io, order, status, &words).await,
        Err(signed_out @ Trouble::SignedOut { .. }) => match refused::without_right(sage, io, order).await {
            Some(refused) => refused,
            None => signed_out.not_done(),
        },
        Err(trouble) => trouble.not_carried_out_or_unknown(),
    }
}

/// All orders of the customer under this reference, with their lines.
pub async fn find_draft(io: &dyn Io, tag: &Fingerprint, order: &LedgerOrder) -> Probe {
    let filter = format!(
        "customer_document_no eq {} and customer_id eq {}",
        quoted(&order.reference),
        order.customer_id
    );
    let query = Query {
        resource: "sop_orders",
        filter: Some(&filter),
        options: "$expand=lines",
        key: "id",
        rows: ORDER_ROWS,
    };
    match all(io, &query, |row: &wire::Order| row.id).await {
        Ok(rows) => map::found(tag, order, &rows).unwrap_or_else(|unreadable| Trouble::from(unreadable).probe()),
        Err(trouble) => trouble.probe(),
    }
}

/// `PUT /sop_orders/{id}` without `is_editing`: the recorded draft becomes an order.
///
/// The call saves line by line, so no refusal says that nothing was done (§3.3): each is a question.
pub async fn confirm(io: &dyn Io, draft_id: i64) -> Verdict {
    let body = wire::Confirmation { is_editing: false };
    let call = Call::write(Method::Put, format!("/sop_orders/{draft_id}"), &body);
    let not_atomic = |status, words| Verdict::Unknown(Doubt::NotAtomic(format!("{status}: {words}")));
    match ask(io, call, retry_after_header).await {
        Ok(reply) => read(&format!("order with id {draft_id}"), &reply.body)
            .and_then(|reply| map::confirmation(draft_id, &reply))
            .unwrap_or_else(|unreadable| Trouble::from(unreadable).verdict(not_atomic)),
        Err(trouble) => trouble.verdict(not_atomic),
    }
}

pub async fn confirmed(io: &dyn Io, draft_id: i64) -> Probe {
    match order(io, draft_id, "?$expand=lines").await {
        Ok(Some(row)) => match map::order_receipt(draft_id, &row) {
            Ok(Some(receipt)) => Probe::Landed(receipt),
            Ok(None) => Probe::Absent(None),
            Err(unreadable) => Trouble::from(unreadable).probe(),
        },
        Ok(None) => {
            let sentence = format!(
                "The draft with id {draft_id} is not in Sage any more. \
                 If someone deleted it on purpose, withdraw this order; if not, enter it by hand."
            );
            Probe::Unclear(Finding::new(
                Code::StatusUnexpected,
                Cause::record(RecordKind::Draft, draft_id.to_string()),
                sentence,
            ))
        }
        Err(trouble) => trouble.probe(),
    }
}

/// One order by id; none where Sage has none.
async fn order(io: &dyn Io, id: i64, options: &str) -> Result<Option<wire::Order>, Trouble> {
    match ask(io, Call::get(format!("/sop_orders/{id}{options}")), retry_after_header).await {
        Ok(reply) => Ok(Some(read(&format!("order with id {id}"), &reply.body)?)),
        Err(Trouble::Refused { status: 404, .. }) => Ok(None),
        Err(trouble) => Err(trouble),
    }
}

/// `POST /sop_confirm_despatch`: one call for one shipment of one order (§5.6).
///
/// We take it that this call is atomic, so that a refusal is one; nobody says so. The daily comparison of what left with what is
/// booked would show if it were not.
pub async fn despatch(sage: &Sage, io: &dyn Io, tag: &Fingerprint, order: &LedgerOrderKey, despatch: &Despatch) -> Verdict {
    let body = match despatches::new_despatch(tag, order, despatch) {
        Ok(body) => body,
        Err(finding) => return Verdict::Refused(finding),
    };
    let what = format!("the despatch of shipment {} of order {}", despatch.shipment, order.number);
    match ask(
        io,
        Call::write(Method::Post, "/sop_confirm_despatch", &body),
        retry_after_header,
    )
    .await
    {
        // The reply echoes the request and has no number: what matters is that it is one of Sage's.
        Ok(reply) => match read::<serde_json::Value>(&what, &reply.body) {
            Ok(_) => Verdict::Done(Receipt::Despatch),
            Err(unreadable) => Verdict::Unknown(Doubt::Unreadable(unreadable.to_string())),
        },
        Err(Trouble::Refused { status, words }) if is_lock(status, &words) => locked(words),
        Err(Trouble::Refused { status, words }) => {
            refused::despatch(sage, io, &what, despatch.despatched_on, (status, &words)).await
        }
        Err(trouble) => trouble.not_carried_out_or_unknown(),
    }
}

/// Words for a lock that we do not know make a refusal: a card with those words, and nothing is sent again before a person says so.
pub fn is_lock(status: u16, words: &str) -> bool {
    status == LOCKED || is_locked(words)
}

fn locked(words: String) -> Verdict {
    Verdict::NotDone {
        why: words,
        retry_after: None,
        obstacle: Obstacle::Locked,
    }
}

/// What this status is for, if Sage should use it.
const LOCKED: u16 = 423;

/// What Sage answers when someone has a document open is not described; these are the words such programs use.
fn is_locked(words: &str) -> bool {
    let words = words.to_lowercase();
    [
        "locked",
        "in use",
        "being edited",
        "is editing",
        "currently editing",
        "exclusive access",
        "being amended",
        "being processed",
        "another user",
    ]
    .iter()
    .any(|phrase| words.contains(phrase))
}

/// Asks the view of an order's despatches, never the document, which would lock it.
pub async fn despatched(
    io: &dyn Io,
    tag: &Fingerprint,
    order: &LedgerOrderKey,
    despatch: &Despatch,
    before: Option<&Baseline>,
) -> Probe {
    let filter = format!("sop_order_id eq {}", order.id);
    match all(io, &despatch_lines(&filter), |row: &wire::DespatchLine| {
        row.sop_despatch_line_id
    })
    .await
    {
        Ok(rows) => despatches::despatched(tag, order, despatch, before, &rows)
            .unwrap_or_else(|unreadable| Trouble::from(unreadable).probe()),
        Err(trouble) => trouble.probe(),
    }
}

/// Whether drafts can be filtered is not known; that they all have the same number is.
pub async fn tagged_drafts(io: &dyn Io) -> Result<Vec<TaggedDraft>, Trouble> {
    let rows = orders(io, &format!("document_no eq {}", quoted(wire::NO_NUMBER)), ("", ORDER_ROWS)).await?;
    Ok(rows.iter().filter_map(map::tagged_draft).collect())
}

/// Orders whose stamp has moved since then (§10.1), in whole seconds. The stamp moves when an order is made, confirmed or amended.
pub async fn booked_since(io: &dyn Io, since: Timestamp) -> Result<Vec<Booked>, Trouble> {
    let filter = format!("date_time_updated ge {}", map::moment(since));
    let rows = orders(io, &filter, ("$expand=lines", ORDER_ROWS_WITH_LINES)).await?;
    Ok(rows.iter().filter_map(map::booked).collect())
}

async fn orders(io: &dyn Io, filter: &str, (options, rows): (&str, usize)) -> Result<Vec<wire::Order>, Trouble> {
    let query = Query {
        resource: "sop_orders",
        filter: Some(filter),
        options,
        key: "id",
        rows,
    };
    all(io, &query, |row: &wire::Order| row.id).await
}

/// By its id, which no list delays. A plain read takes no lock (§3.5).
pub async fn booked(io: &dyn Io, id: i64) -> Result<Option<Booked>, Trouble> {
    Ok(order(io, id, "?$expand=lines").await?.as_ref().and_then(map::booked))
}

/// One list for all orders: each row of it says how much of its order's line has gone in all.
pub async fn gone_since(io: &dyn Io, since: Timestamp) -> Result<Vec<Gone>, Trouble> {
    gone(io, format!("date_time_updated ge {}", map::moment(since))).await
}

pub async fn gone_of(io: &dyn Io, order: i64) -> Result<Vec<Gone>, Trouble> {
    gone(io, format!("sop_order_id eq {order}")).await
}

async fn gone(io: &dyn Io, filter: String) -> Result<Vec<Gone>, Trouble> {
    let rows = all(io, &despatch_lines(&filter), |row: &wire::DespatchLine| {
        row.sop_despatch_line_id
    })
    .await?;
    Ok(rows.iter().map(despatches::gone).collect::<Result<_, _>>()?)
}

fn despatch_lines(filter: &str) -> Query<'_> {
    Query {
        resource: "sop_order_despatch_line_views",
        filter: Some(filter),
        options: "",
        key: "sop_despatch_line_id",
        rows: DESPATCH_ROWS,
    }
}

/// `DELETE /sop_orders/{id}`, after reading that it is a draft still: what it does to an order is not described.
pub async fn delete_draft(sage: &Sage, io: &dyn Io, id: i64) -> Verdict {
    match order(io, id, "").await {
        Ok(Some(row)) if map::is_draft(&row) => {}
        Ok(Some(row)) => {
            let number = row.document_no.unwrap_or_default();
            let sentence = format!(
                "Order {number} was to be deleted as a draft left behind, but someone has confirmed it. \
                 Look whether it is there twice."
            );
            return Verdict::Refused(Finding::new(
                Code::StatusUnexpected,
                Cause::record(RecordKind::Draft, id.to_string()),
                sentence,
            ));
        }
        Ok(None) => return Verdict::Done(Receipt::Deleted),
        Err(trouble) => return trouble.not_done(),
    }
    match ask(io, Call::delete(format!("/sop_orders/{id}")), retry_after_header).await {
        Ok(_) | Err(Trouble::Refused { status: 404, .. }) => Verdict::Done(Receipt::Deleted),
        Err(trouble) => trouble.verdict(|status, words| {
            if is_lock(status, &words) {
                locked(words)
            } else {
                refused::deletion(sage, id, &words)
            }
        }),
    }
}

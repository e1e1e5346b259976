//! What a refusal was about. Its words are not described (§16), so they are not read for it: what Sage does describe is asked instead,
//! and only an answer that says so makes it a cause of its own. Everything else stays a refusal in Sage's own words.
//!
//! These are questions after the fact: a write that was refused is refused whatever comes of them. The same are asked again later, to see
//! whether it would be taken now.

use tallyman_core::cause::{Cause, RecordKind};
use tallyman_core::effect::{LedgerOrder, Verdict};
use tallyman_core::facts::PRICES;
use tallyman_core::finding::{Code, Finding};
use tallyman_core::hindrance::Hindrance;
use tallyman_core::seam::{Call, Io, Method};
use tallyman_core::time::Date;

use super::pages::{Query, all};
use super::{Sage, facts, map, wire};
use crate::http::{Trouble, ask, quoted, refusal, retry_after_header};
use crate::read::{read, read_list};

/// The user's role is without the module (§3.4).
const NO_MODULE: u16 = 403;

/// What becomes of it once that is put right.
const GOES_ON: &str = "it then goes on by itself within minutes, and `again` sends it at once.";

/// A refusal of which nothing more is known.
pub fn plainly(sage: &Sage, what: &str, status: u16, words: &str) -> Finding {
    if status != NO_MODULE {
        return refusal(&sage.connection, what, status, words);
    }
    let sentence = format!(
        "{} does not let our user write {what}: {words}. Give that user a role with the module there, and answer `again`: nobody can be asked \
         whether it has one.",
        sage.connection
    );
    Finding::new(
        Code::PermissionMissing,
        Cause::field(sage.connection.as_str(), "role of our user"),
        sentence,
    )
}

/// Why an order was not taken: is its customer on hold?
pub async fn order(sage: &Sage, io: &dyn Io, order: &LedgerOrder, status: u16, words: &str) -> Verdict {
    let what = format!("the draft of order {}", order.reference);
    let finding = match customer(io, order.customer_id).await {
        Some(wire::Customer {
            reference: Some(account),
            on_hold: Some(true),
            ..
        }) => {
            let sentence = format!(
                "{} refused {what}: {words}. Customer account {account} is on hold there. Take it off hold: {GOES_ON}",
                sage.connection
            );
            Finding::new(Code::CreditHold, Cause::Account(account), sentence)
        }
        _ => plainly(sage, &what, status, words),
    };
    Verdict::Refused(finding)
}

/// A 401 that a new sign-in does not cure may be a right that our user lacks (§3.4). None where it has it, or nobody can say.
pub async fn without_right(sage: &Sage, io: &dyn Io, order: &LedgerOrder) -> Option<Verdict> {
    if !facts::forbidden(io).await.ok()?.contains(PRICES) {
        return None;
    }
    let sentence = format!(
        "{} does not let our user give the lines of order {} their prices. Give that user the permission {PRICES} there: {GOES_ON}",
        sage.connection, order.reference
    );
    Some(Verdict::Refused(Finding::new(
        Code::PermissionMissing,
        Cause::field(sage.connection.as_str(), PRICES),
        sentence,
    )))
}

/// Why a despatch was not posted: does its date fall in a period that is not open?
pub async fn despatch(sage: &Sage, io: &dyn Io, what: &str, date: Date, (status, words): (u16, &str)) -> Verdict {
    let finding = if matches!(is_closed(io, date).await, Ok(Some(true))) {
        let sentence = format!(
            "{} refused {what}: {words}. Its date, {date}, falls in a period that is not open in the ledger of stock. Open the period: \
             {GOES_ON} Or book it there on another day, and answer `landed`.",
            sage.connection
        );
        let cause = Cause::Day {
            source: sage.connection.clone(),
            day: date,
        };
        Finding::new(Code::PeriodNotNormal, cause, sentence)
    } else {
        plainly(sage, what, status, words)
    };
    Verdict::Refused(finding)
}

/// Why a draft of ours could not be deleted is all one: it stands there, and somebody must take it away.
pub fn deletion(sage: &Sage, id: i64, words: &str) -> Verdict {
    let sentence = format!(
        "Draft {id} was left behind in {} and could not be deleted: {words}. Delete it there; nobody has confirmed it.",
        sage.connection
    );
    Verdict::Refused(Finding::new(
        Code::LeftBehind,
        Cause::record(RecordKind::Draft, id.to_string()),
        sentence,
    ))
}

async fn customer(io: &dyn Io, id: i64) -> Option<wire::Customer> {
    let reply = ask(io, Call::get(format!("/customers/{id}")), retry_after_header)
        .await
        .ok()?;
    read("the customer of a refused order", &reply.body).ok()
}

/// Whether what such a refusal was about still stands in the way. What Sage does not say stands.
pub async fn hinders(io: &dyn Io, hindrance: &Hindrance) -> Result<bool, Trouble> {
    match hindrance {
        Hindrance::Hold { account } => Ok(is_on_hold(io, account).await? != Some(false)),
        Hindrance::Prices => Ok(facts::may_price(io).await? != Some(true)),
        Hindrance::Period { day } => Ok(is_closed(io, *day).await? != Some(false)),
    }
}

/// By its reference, as cards know it; none where there is no such account any more.
async fn is_on_hold(io: &dyn Io, account: &str) -> Result<Option<bool>, Trouble> {
    let query = Query {
        resource: "customers",
        filter: Some(&format!("reference eq {}", quoted(account))),
        options: "$select=id,reference,on_hold",
        key: "id",
        rows: 10,
    };
    let rows = all(io, &query, |row: &wire::Customer| row.id).await?;
    let ours = rows.into_iter().find(|row| row.reference.as_deref() == Some(account));
    Ok(ours.and_then(|row| row.on_hold))
}

/// `POST /transaction_date_validation` for the ledgers that are named after stock, which a despatch is posted to (§4, 9): whether one of
/// them takes nothing on this date. None where Sage names no such ledger, or does not say how the date stands.
async fn is_closed(io: &dyn Io, date: Date) -> Result<Option<bool>, Trouble> {
    let mut closed = None;
    for ledger_type in ledgers_of_stock(io).await? {
        let question = wire::DateQuestion {
            date: map::stamp(date),
            ledger_type: &ledger_type,
        };
        let call = Call::question(Method::Post, "/transaction_date_validation", &question);
        let reply = ask(io, call, retry_after_header).await?;
        let answer: wire::DateAnswer = read("the validation of a date", &reply.body)?;
        match answer.classification.as_deref() {
            Some(wire::UNACCEPTABLE) => return Ok(Some(true)),
            Some(_) => closed = Some(false),
            None => return Ok(None),
        }
    }
    Ok(closed)
}

async fn ledgers_of_stock(io: &dyn Io) -> Result<Vec<String>, Trouble> {
    let reply = ask(io, Call::get("/ledger_types"), retry_after_header).await?;
    let rows: Vec<wire::LedgerType> = read_list("ledger_types", &reply.body, &["value"])?;
    let values = rows.into_iter().filter_map(|row| row.value);
    Ok(values.filter(|value| value.to_lowercase().contains("stock")).collect())
}

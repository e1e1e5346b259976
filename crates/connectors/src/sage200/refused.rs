//! What a refusal was about. Its words are not described (§16), so they are not read for it: what Sage does describe is asked instead,
//! and only an answer that says so makes it a cause of its own. Everything else stays a refusal in Sage's own words.
//!
//! These are questions after the fact: a write that was refused is refused whatever comes of them.

use tallyman_core::cause::{Cause, RecordKind};
use tallyman_core::effect::{LedgerOrder, Verdict};
use tallyman_core::facts::PRICES;
use tallyman_core::finding::{Code, Finding};
use tallyman_core::seam::{Call, Io, Method};
use tallyman_core::time::Date;

use super::{Sage, facts, map, wire};
use crate::http::{Trouble, ask, refusal, retry_after_header};
use crate::read::{read, read_list};

/// The user's role is without the module (§3.4).
const NO_MODULE: u16 = 403;

/// A refusal of which nothing more is known.
pub fn plainly(sage: &Sage, what: &str, status: u16, words: &str) -> Finding {
    if status != NO_MODULE {
        return refusal(&sage.connection, what, status, words);
    }
    let sentence = format!(
        "{} does not let our user write {what}: {words}. Give that user a role with the module there, then try again.",
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
                "{} refused {what}: {words}. Customer account {account} is on hold there. Take it off hold, and answer `again`.",
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
        "{} does not let our user give the lines of order {} their prices. Give that user the permission {PRICES} there, and answer \
         `again`.",
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
    let finding = if is_unacceptable(io, date).await {
        let sentence = format!(
            "{} refused {what}: {words}. Its date, {date}, falls in a period that is not open in the ledger of stock. Open the period, and \
             answer `again`; or book it there on another day.",
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

/// `POST /transaction_date_validation` for the ledgers that are named after stock, which a despatch is posted to (§4, 9).
async fn is_unacceptable(io: &dyn Io, date: Date) -> bool {
    for ledger_type in ledgers_of_stock(io).await.unwrap_or_default() {
        let question = wire::DateQuestion {
            date: map::stamp(date),
            ledger_type: &ledger_type,
        };
        let call = Call::question(Method::Post, "/transaction_date_validation", &question);
        let Ok(reply) = ask(io, call, retry_after_header).await else {
            return false;
        };
        let answer = read::<wire::DateAnswer>("the validation of a date", &reply.body);
        if answer.is_ok_and(|answer| answer.classification.as_deref() == Some(wire::UNACCEPTABLE)) {
            return true;
        }
    }
    false
}

async fn ledgers_of_stock(io: &dyn Io) -> Result<Vec<String>, Trouble> {
    let reply = ask(io, Call::get("/ledger_types"), retry_after_header).await?;
    let rows: Vec<wire::LedgerType> = read_list("ledger_types", &reply.body, &["value"])?;
    let values = rows.into_iter().filter_map(|row| row.value);
    Ok(values.filter(|value| value.to_lowercase().contains("stock")).collect())
}

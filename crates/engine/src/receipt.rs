//! The receipt of a card: because of what it closed.
//!
//! A card closes when each of its records has its proof ([`crate::weigh`]); the last of them is what closed it. For a card of a few records
//! that one is named, with the numbers that the ledger knows its order by. Of many, the receipts stand with the records.

use tallyman_store::tables::board::{self, Member};
use tallyman_store::tables::cards::Stored;
use tallyman_store::tables::journeys;
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::cards::journey_id;

/// Records that are looked through for the last of them.
const RECORDS_MAX: i64 = 200;

struct Last(String);

impl Unit for Last {
    type Output = Option<String>;
    const NAME: &'static str = "receipt_of_card";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<String>, UnitError> {
        let members = board::members(tx, &self.0, ("", ""), RECORDS_MAX).await?;
        if members.len() as i64 == RECORDS_MAX {
            return Ok(Some("each of its records has its own proof, which stands with it".into()));
        }
        let Some(last) = members.iter().max_by_key(|member| (member.ended_at, &member.journey)) else {
            return Ok(None);
        };
        let ledger = if last.journey.is_empty() {
            None
        } else {
            let stored = journeys::load(tx, &journey_id(&last.journey)?).await?;
            stored.and_then(|stored| stored.journey.ledger_order)
        };
        let known = ledger.map(|order| (order.number, order.id));
        Ok(said(last, known))
    }
}

fn said(last: &Member, ledger: Option<(String, i64)>) -> Option<String> {
    if last.proof.is_empty() {
        return None;
    }
    // Some receipts name no number of their own.
    let proof = match (last.proof.as_str(), ledger) {
        ("despatch posted", Some((number, id))) => format!("ledger order {number}, id {id}, was despatched"),
        (proof, Some((number, id))) if proof.starts_with("order ") => format!("ledger order {number} was written, id {id}"),
        (proof, Some((number, id))) => format!("{proof} (ledger order {number}, id {id})"),
        (proof, None) => proof.to_owned(),
    };
    Some(if last.reference.is_empty() {
        proof
    } else {
        format!("of {}: {proof}", last.reference)
    })
}

/// Because of what a card closed, as the end of a sentence that begins with when; nothing while it is open, or where nothing says so.
pub async fn of(store: &Store, card: &Stored) -> Result<Option<String>, UnitError> {
    if card.closed_at.is_none() {
        return Ok(None);
    }
    store.read(Last(card.id.clone())).await
}

#[cfg(test)]
mod tests {
    use tallyman_core::time::Timestamp;

    use super::*;

    fn proven(reference: &str, proof: &str) -> Member {
        Member {
            journey: String::new(),
            reference: reference.into(),
            effect: String::new(),
            sentence: None,
            at: Timestamp::from_micros(0),
            stand: "proven".into(),
            due: None,
            proof_of: String::new(),
            proof: proof.into(),
            ended_at: None,
        }
    }

    #[test]
    fn a_receipt_names_what_the_ledger_knows_it_by() {
        let order = || Some(("0000012345".to_owned(), 236_991));
        for (proof, ledger, told) in [
            (
                "despatch posted",
                order(),
                Some("of A-7: ledger order 0000012345, id 236991, was despatched"),
            ),
            (
                "order 0000012345, id 236991",
                order(),
                Some("of A-7: ledger order 0000012345 was written, id 236991"),
            ),
            (
                "settled by jo",
                order(),
                Some("of A-7: settled by jo (ledger order 0000012345, id 236991)"),
            ),
            ("despatch posted", None, Some("of A-7: despatch posted")),
            ("", order(), None),
        ] {
            assert_eq!(said(&proven("A-7", proof), ledger).as_deref(), told);
        }
        assert_eq!(
            said(&proven("", "the route takes alerts"), None).as_deref(),
            Some("the route takes alerts")
        );
    }
}

//! The receipt of a card: because of what it closed.
//!
//! A card closes when each of its records has its proof ([`crate::weigh`]); the last of them is what closed it, and is named with the numbers
//! that the ledger knows its order by. The receipts of all the others stand with the records.

use std::collections::BTreeMap;

use tallyman_store::tables::board::{self, Proof};
use tallyman_store::tables::cards::Stored;
use tallyman_store::{Store, Tx, Unit, UnitError};

/// Of each of these cards that has a proof, by its id.
struct Last(Vec<String>);

impl Unit for Last {
    type Output = BTreeMap<String, String>;
    const NAME: &'static str = "receipts_of_cards";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut receipts = BTreeMap::new();
        for card in &self.0 {
            let last = board::last_proof(tx, card).await?;
            if let Some(receipt) = last.and_then(said) {
                receipts.insert(card.clone(), receipt);
            }
        }
        Ok(receipts)
    }
}

fn said(last: Proof) -> Option<String> {
    if last.said.is_empty() {
        return None;
    }
    // Some receipts name no number of their own.
    let proof = match (last.said.as_str(), last.ledger) {
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

/// Because of what each of these cards closed, by its id: the end of a sentence that begins with when. Nothing of one that is open, or where
/// nothing says so.
pub async fn of(store: &Store, cards: &[Stored]) -> Result<BTreeMap<String, String>, UnitError> {
    let closed = cards.iter().filter(|card| card.closed_at.is_some());
    let closed: Vec<String> = closed.map(|card| card.id.clone()).collect();
    if closed.is_empty() {
        return Ok(BTreeMap::new());
    }
    store.read(Last(closed)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proven(reference: &str, said: &str, ledger: Option<(String, i64)>) -> Proof {
        Proof {
            journey: String::new(),
            reference: reference.into(),
            said: said.into(),
            ledger,
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
            assert_eq!(said(proven("A-7", proof, ledger)).as_deref(), told);
        }
        assert_eq!(
            said(proven("", "the route takes alerts", None)).as_deref(),
            Some("the route takes alerts")
        );
    }
}

//! The receipt of a card: because of what it closed, and who had put it right.
//!
//! A card closes when each of its records has its proof ([`crate::weigh`]); the last of them is what closed it, and is named with the numbers
//! that the ledger knows its order by. The receipts of all the others stand with the records. Where a word was what was missing, whoever said
//! last what it means has put it right; else whoever did something with the card last.

use std::collections::BTreeMap;

use tallyman_store::tables::board::{self, Proof};
use tallyman_store::tables::cards::Stored;
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::words::{self, AllKnown};

/// Why a card is closed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The end of a sentence that begins with when; nothing where no proof says so.
    pub because: Option<String>,
    /// None where nobody of ours did anything about it.
    pub by: Option<String>,
}

/// Of each of these cards, by its id.
struct Last(Vec<String>);

impl Unit for Last {
    type Output = BTreeMap<String, Receipt>;
    const NAME: &'static str = "receipts_of_cards";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut receipts = BTreeMap::new();
        for card in &self.0 {
            let receipt = Receipt {
                because: board::last_proof(tx, card).await?.and_then(said),
                by: board::last_actor(tx, card).await?,
            };
            receipts.insert(card.clone(), receipt);
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

/// Why each of these cards is closed, by its id; nothing of one that is open.
pub async fn of(store: &Store, known: &AllKnown, cards: &[Stored]) -> Result<BTreeMap<String, Receipt>, UnitError> {
    let closed: Vec<&Stored> = cards.iter().filter(|card| card.closed_at.is_some()).collect();
    if closed.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut receipts = store.read(Last(closed.iter().map(|card| card.id.clone()).collect())).await?;
    for card in closed {
        let meant = known.get(&card.company).map(|known| words::meant(known, card));
        if let (Some(row), Some(receipt)) = (meant.and_then(|rows| rows.first().copied()), receipts.get_mut(&card.id)) {
            receipt.by = Some(row.actor.clone());
        }
    }
    Ok(receipts)
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

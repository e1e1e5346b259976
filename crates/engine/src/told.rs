//! What a card stops, for a person: what was said of each record, opened with the key of its journey.

use std::collections::BTreeMap;

use tallyman_core::finding::Code;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::exceptions::{self, Card, Member};
use tallyman_store::{Store, Tx, Unit, UnitError, keys};

use crate::vault::Vault;

/// One record under a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The order's own number; empty for what belongs to no order of ours.
    pub reference: String,
    /// The effect or the record; empty where the whole order is stopped.
    pub record: String,
    /// Nothing where there is no more to say than the card does, or where the order was erased.
    pub sentence: Option<String>,
    pub at: Timestamp,
}

struct Members {
    company: String,
    card: String,
    limit: i64,
}

impl Unit for Members {
    /// With the keys of their journeys that are there.
    type Output = (Vec<Member>, BTreeMap<String, keys::KeyState>);
    const NAME: &'static str = "members_of_card";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let members = exceptions::members_told(tx, &self.card, self.limit).await?;
        let held = keys::load_all(tx, &self.company, members.iter().map(|member| member.journey.as_str())).await?;
        Ok((members, held))
    }
}

/// What stands under a card, the oldest first.
pub async fn members(store: &Store, vault: &Vault, card: &Card, limit: i64) -> Result<Vec<Told>, UnitError> {
    let unit = Members {
        company: card.company.clone(),
        card: card.id.clone(),
        limit,
    };
    let (members, held) = store.read(unit).await?;
    // Sealed under the card of its cause, wherever people have put the record.
    let code = Code::named(&card.code);
    let of_cause = code.map_or_else(
        || card.id.clone(),
        |code| exceptions::card(&card.company, code, &card.cause).to_string(),
    );
    let mut told = Vec::with_capacity(members.len());
    for member in members {
        let sentence = match (member.sentence, held.get(&member.journey)) {
            (Some(sealed), Some(keys::KeyState::Held(wrapped))) => {
                let key = vault.unwrap(&card.company, &member.journey, wrapped)?;
                Some(vault.sentence(&key, &of_cause, sealed)?)
            }
            _ => None,
        };
        told.push(Told {
            reference: member.reference,
            record: member.effect,
            sentence,
            at: member.at,
        });
    }
    Ok(told)
}

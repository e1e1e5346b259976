//! A drill while it runs: what was planted, and how people have responded so far ([`tallyman_core::drill`]).
//!
//! A program either runs a drill or works for merchants: what is planted is part of the program from its start, and never of a configuration.

use tallyman_core::cause::Cause;
use tallyman_core::drill::{Planted, Response, Seen, respond};
use tallyman_core::time::Timestamp;
use tallyman_store::tables::{board, handbook, mappings};
use tallyman_store::{Store, Tx, Unit, UnitError};

/// Acts of one card that are looked through.
const ACTS_MAX: i64 = 1_000;

/// What this program was started to plant.
#[derive(Debug)]
pub struct Drill {
    pub planted: Vec<Planted>,
    pub begun_at: Timestamp,
    /// How fast its clock runs: 60 is an hour a minute.
    pub pace: u32,
}

struct Look(Vec<Planted>, Timestamp);

impl Unit for Look {
    type Output = Vec<Response>;
    const NAME: &'static str = "look_at_drill";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut responses = Vec::new();
        for planted in &self.0 {
            let company = planted.company.as_str();
            let seen = match handbook::newest(tx, company, planted.code).await? {
                None => None,
                Some(stored) => {
                    let mut acts: Vec<_> = board::acts(tx, &stored.id, i64::MAX, ACTS_MAX)
                        .await?
                        .into_iter()
                        .map(|told| (told.at, told.actor, name(&told.act)))
                        .collect();
                    acts.reverse();
                    let words = match &stored.card.cause {
                        // What was laid before the drill began is the table as it was.
                        Cause::Cell(cell) => mappings::load(tx, company)
                            .await?
                            .into_iter()
                            .filter(|row| row.cell == *cell && row.at > self.1)
                            .map(|row| (row.at, row.actor))
                            .collect(),
                        _ => Vec::new(),
                    };
                    Some(Seen {
                        card: stored.id,
                        opened_at: stored.card.opened_at,
                        closed_at: stored.closed_at,
                        acts,
                        words,
                    })
                }
            };
            responses.push(respond(planted, seen.as_ref()));
        }
        Ok(responses)
    }
}

/// An act by its name; a life is kept as its name alone.
fn name(kept: &str) -> String {
    serde_json::from_str::<String>(kept).unwrap_or_else(|_| "act".to_owned())
}

/// How people have responded so far.
pub async fn look(store: &Store, drill: &Drill) -> Result<Vec<Response>, UnitError> {
    store.read(Look(drill.planted.clone(), drill.begun_at)).await
}

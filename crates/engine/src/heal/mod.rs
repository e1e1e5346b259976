//! Healing: what stands still is decided again when what it rests on has changed.
//!
//! A reconciler. Each open card knows with which mappings and facts all that it stops was last checked; a card that is behind, and that
//! the change may concern, has its members decided again in the order of their names. A record that somebody has put right is decided
//! again by itself. What passes goes on and leaves its cards, what does not stays where it is. What becomes of the card then follows
//! from its records ([`crate::weigh`]). What the ledger refused for a reason that it can be asked about goes again when that is gone
//! ([`refusals`]).

mod judge;
pub(crate) mod read;
pub mod refusals;

use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::journey::Decision;
use tallyman_core::mapping::Table;
use tallyman_store::tables::exceptions::{self, Behind, Kept, PutRight, Seen};
use tallyman_store::{Tx, Unit, UnitError};

pub use judge::{Desk, Judged};

use crate::holds;
use crate::intake::{Decided, Of, RoundError, write};
use crate::known::Reference;
use crate::units::Home;
use crate::weigh;

/// Cards looked at in one go, and members of one decided between two looks at the clock of the feed.
const CARDS_AT_ONCE: i64 = 100;
const MEMBERS_AT_ONCE: i64 = 100;

/// One round: what was set aside or held until now goes on, what was put right is decided again, and every card that is behind is brought up to date.
pub async fn round((worker, merchant): Of<'_>) -> Result<(), RoundError> {
    let store = &worker.parts.store;
    weigh::take_up_expired(store, merchant.company.as_str(), worker.parts.clock.now()).await?;
    holds::round(&worker.parts, merchant.company.as_str()).await?;
    loop {
        let reference = worker.references.current(store, &merchant.company).await?;
        if reference.facts.is_none() {
            return Ok(());
        }
        put_right((worker, merchant), &reference).await?;
        let behind = Find {
            company: merchant.company.to_string(),
            numbers: reference.numbers,
        };
        let behind = store.read(behind).await?;
        if behind.is_empty() {
            return Ok(());
        }
        for card in behind {
            let seen = reference.numbers;
            if may_concern(&card, &reference) {
                tracing::info!(code = %card.code, cause = %card.cause, "what {} stops is decided again", card.code);
                if first((worker, merchant), &reference, &card).await? == Rest::Waits {
                    continue;
                }
                members((worker, merchant), &reference, &card).await?;
            }
            let (id, over) = (card.id, card.first.is_some());
            store.write(SetSeen { id, seen, over }).await?;
        }
    }
}

/// What becomes of the other records of a card.
#[derive(PartialEq, Eq)]
enum Rest {
    Follows,
    Waits,
}

/// The record with which a fix is tried in earnest goes before the others, which follow when it has proved that it went on. Where it
/// does not pass, they stay as they are: the card has been looked at, and waits for another fix.
async fn first((worker, merchant): Of<'_>, reference: &Reference, card: &Behind) -> Result<Rest, UnitError> {
    let Some(first) = &card.first else {
        return Ok(Rest::Follows);
    };
    let records = Records {
        card: card.id.clone(),
        journey: first.clone(),
    };
    let store = &worker.parts.store;
    let stand = |records: &[(String, String)], name: &str| records.iter().any(|(_, stand)| stand == name);
    let before = store.read(records.clone()).await?;
    let stopped: Vec<(String, String)> = before
        .iter()
        .filter(|(_, stand)| stand == "stopped")
        .map(|(record, _)| (first.clone(), record.clone()))
        .collect();
    again((worker, merchant), reference, Code::named(&card.code), &stopped).await?;
    let after = store.read(records).await?;
    if stand(&after, "stopped") {
        let looked = SetSeen {
            id: card.id.clone(),
            seen: reference.numbers,
            over: false,
        };
        store.write(looked).await?;
        return Ok(Rest::Waits);
    }
    Ok(if stand(&after, "proving") {
        Rest::Waits
    } else {
        Rest::Follows
    })
}

/// Whether what has changed since may let anything under this card pass.
fn may_concern(card: &Behind, reference: &Reference) -> bool {
    let Some(code) = Code::named(&card.code).filter(|code| code.rests_on_reference()) else {
        return false;
    };
    let mapped = |cell: &tallyman_core::mapping::Cell| match code {
        // It blames the item: another item may stand in its place.
        Code::ItemInactive | Code::ItemNotHeld | Code::Substituted => cell.table == Table::Sku,
        _ => matches!(&card.cause, Cause::Cell(blamed) if blamed == cell),
    };
    let newer = |seq: u64| i64::try_from(seq).is_ok_and(|seq| seq > card.mappings_seen);
    card.facts_seen < reference.numbers.1 || reference.mappings.rows().any(|row| newer(row.seq) && mapped(&row.cell))
}

async fn members((worker, merchant): Of<'_>, reference: &Reference, card: &Behind) -> Result<(), UnitError> {
    let code = Code::named(&card.code);
    let (mut journey, mut effect) = (String::new(), String::new());
    loop {
        let page = Members {
            card: card.id.clone(),
            after: (journey, effect),
        };
        let page = worker.parts.store.read(page).await?;
        let Some(last) = page.last().cloned() else {
            return Ok(());
        };
        again((worker, merchant), reference, code, &page).await?;
        (journey, effect) = last;
    }
}

/// Records that somebody has put right, whatever card they stand under.
async fn put_right((worker, merchant): Of<'_>, reference: &Reference) -> Result<(), UnitError> {
    let store = &worker.parts.store;
    loop {
        let unit = ToDecide {
            company: merchant.company.to_string(),
        };
        let records = store.read(unit).await?;
        if records.is_empty() {
            return Ok(());
        }
        for record in &records {
            let member = [(record.journey.clone(), record.effect.clone())];
            again((worker, merchant), reference, Code::named(&record.code), &member).await?;
        }
        store.write(WereDecided(records)).await?;
    }
}

/// Decides records again, and writes what has changed.
async fn again(
    (worker, merchant): Of<'_>,
    reference: &Reference,
    code: Option<Code>,
    members: &[(String, String)],
) -> Result<(), UnitError> {
    let desk = Desk::of(worker, merchant, reference);
    for (journey, effect) in members {
        let healed = async {
            for judged in desk.judge(code, journey, effect).await? {
                if judged.changes {
                    let Judged {
                        key,
                        decision,
                        home,
                        references,
                        ..
                    } = judged;
                    let decided = decided(decision, home, references);
                    write((worker, merchant), reference, &key, decided).await?;
                } else if judged.says_otherwise {
                    let company = merchant.company.to_string();
                    let findings = judged.decision.findings.iter();
                    let findings = findings
                        .map(|finding| worker.parts.vault.kept(&company, &judged.key, finding))
                        .collect();
                    let record = (journey.clone(), effect.clone());
                    worker
                        .parts
                        .store
                        .write(SayAgain {
                            company,
                            record,
                            findings,
                        })
                        .await?;
                }
            }
            Ok(())
        };
        match healed.await {
            Ok(()) => {}
            // Moved by somebody else meanwhile: the card stays behind, and the next round looks at it again.
            Err(conflict @ UnitError::Conflict(_)) => return Err(conflict),
            Err(error) => tracing::error!(%journey, error = %error, "journey {journey} could not be decided again: {error}"),
        }
    }
    for connector in merchant.connectors() {
        worker.parts.bells.ring(connector.connection());
    }
    Ok(())
}

/// No message: what was decided before is decided again.
fn decided(decision: Decision, home: Home, references: Vec<(&'static str, String)>) -> Decided {
    Decided {
        decision,
        home,
        message: None,
        references,
    }
}

/// The same record stands under the same cards: only what is said of it is another thing.
struct SayAgain {
    company: String,
    record: (String, String),
    findings: Vec<Kept>,
}

impl Unit for SayAgain {
    type Output = ();
    const NAME: &'static str = "say_again";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let (journey, effect) = &self.record;
        for finding in &self.findings {
            exceptions::say_again(tx, &self.company, (journey, effect), finding).await?;
        }
        Ok(())
    }
}

struct Find {
    company: String,
    numbers: Seen,
}

impl Unit for Find {
    type Output = Vec<Behind>;
    const NAME: &'static str = "cards_behind";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Behind>, UnitError> {
        exceptions::behind(tx, &self.company, self.numbers.0, self.numbers.1, CARDS_AT_ONCE).await
    }
}

struct SetSeen {
    id: String,
    seen: Seen,
    /// The first record has proved that it went on, and the others have followed.
    over: bool,
}

impl Unit for SetSeen {
    type Output = ();
    const NAME: &'static str = "card_seen";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        if self.over {
            exceptions::set_first(tx, &self.id, "").await?;
        }
        exceptions::set_seen(tx, &self.id, self.seen.0, self.seen.1).await
    }
}

struct Members {
    card: String,
    after: (String, String),
}

impl Unit for Members {
    type Output = Vec<(String, String)>;
    const NAME: &'static str = "card_members";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        exceptions::members(tx, &self.card, (&self.after.0, &self.after.1), MEMBERS_AT_ONCE).await
    }
}

#[derive(Clone)]
struct Records {
    card: String,
    journey: String,
}

impl Unit for Records {
    type Output = Vec<(String, String)>;
    const NAME: &'static str = "records_of_journey_on_card";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        exceptions::records_of(tx, &self.card, &self.journey).await
    }
}

struct ToDecide {
    company: String,
}

impl Unit for ToDecide {
    type Output = Vec<PutRight>;
    const NAME: &'static str = "records_put_right";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        exceptions::to_decide(tx, &self.company, MEMBERS_AT_ONCE).await
    }
}

struct WereDecided(Vec<PutRight>);

impl Unit for WereDecided {
    type Output = ();
    const NAME: &'static str = "records_were_decided";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        for record in &self.0 {
            exceptions::decided(tx, record).await?;
        }
        Ok(())
    }
}

//! Cards that a sweep keeps: put up when something is found to be so, and taken off when it is no more.
//!
//! A sweep compares what should be with what is, and does the same whatever woke it: it asks what stands on its open cards, judges
//! that again together with what is new, and writes only what has changed. What its owner has decided about ([`crate::ruling`]) is left
//! alone while it is found as it was.

use tallyman_core::finding::{Code, Finding};
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::JourneyId;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::exceptions::{self, GoesOn, Kept};
use tallyman_store::{Tx, Unit, UnitError, keys};

use crate::intake::Of;
use crate::vault::{About, Entry};

/// Cards that are judged again in one round, the oldest first: each costs a call or two, and a round has its time.
const JUDGED_AGAIN_MAX: i64 = 400;

/// What a sweep has found of one record of one journey.
pub struct Card<'a> {
    pub journey: &'a JourneyId,
    /// What the other side's record goes by on the card.
    pub record: String,
    /// `None`: nothing, or nothing any more.
    pub finding: Option<Finding>,
    /// What the journal says when it is taken off.
    pub gone: &'static str,
}

/// What stands on the company's open cards of this code: each journey with the id that its record ends in after this prefix.
pub async fn standing((worker, merchant): Of<'_>, code: Code, prefix: &str) -> Result<Vec<(JourneyId, i64)>, UnitError> {
    let unit = Standing {
        company: merchant.company.to_string(),
        code,
        prefix: prefix.to_owned(),
    };
    worker.parts.store.read(unit).await
}

/// Puts the card up or takes it off, if that is not how it stands.
pub async fn settle((worker, merchant): Of<'_>, card: Card<'_>, on_card: bool) -> Result<(), UnitError> {
    if card.finding.is_some() == on_card {
        return Ok(());
    }
    let parts = &*worker.parts;
    let company = merchant.company.as_str();
    let now = parts.clock.now();
    let key = parts
        .store
        .read(KeyOf {
            company: company.to_owned(),
            journey: card.journey.clone(),
        })
        .await?;
    let (kept, entry) = match key {
        keys::KeyState::Held(wrapped) => {
            let key = parts.vault.unwrap(company, card.journey.as_str(), &wrapped)?;
            let about = About {
                company,
                subject: card.journey.as_str(),
                key: &key,
                at: now,
                actor: &worker.name,
            };
            match &card.finding {
                Some(finding) => (
                    Some(parts.vault.kept(company, &key, finding)),
                    Some(parts.vault.entry(&about, "sweep.found", &finding.sentence)),
                ),
                None => (None, Some(parts.vault.entry(&about, "sweep.gone", card.gone))),
            }
        }
        // Nothing is said any more about an order that was erased; its card says what must be done.
        keys::KeyState::Absent | keys::KeyState::Destroyed { .. } => {
            let bare = |finding: Finding| Kept::without_sentence(finding.code, finding.cause);
            (card.finding.map(bare), None)
        }
    };
    if let Some(finding) = &kept {
        let asked = Ruled {
            company: company.to_owned(),
            journey: card.journey.clone(),
            record: card.record.clone(),
            finding: finding.clone(),
        };
        if parts.store.read(asked).await? {
            return Ok(());
        }
    }
    let write = Settle {
        company: company.to_owned(),
        journey: card.journey.clone(),
        record: card.record,
        finding: kept,
        gone: card.gone,
        entry,
        now,
    };
    parts.store.write(write).await
}

/// Whether the owner has decided about just this: then it is found in every round, and nothing is to be written.
struct Ruled {
    company: String,
    journey: JourneyId,
    record: String,
    finding: Kept,
}

impl Unit for Ruled {
    type Output = bool;
    const NAME: &'static str = "is_ruled";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, UnitError> {
        self.finding
            .is_ruled(tx, &self.company, (self.journey.as_str(), &self.record))
            .await
    }
}

struct Settle {
    company: String,
    journey: JourneyId,
    record: String,
    finding: Option<Kept>,
    gone: &'static str,
    entry: Option<Entry>,
    now: Timestamp,
}

impl Unit for Settle {
    type Output = ();
    const NAME: &'static str = "settle_card";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let journey = self.journey.as_str();
        match &self.finding {
            Some(finding) => {
                exceptions::join(
                    tx,
                    &self.company,
                    (journey, &self.record),
                    finding,
                    exceptions::SEEN_ALL,
                    self.now,
                )
                .await?
            }
            None => exceptions::go_on(tx, journey, &self.record, GoesOn::Proven(self.gone), self.now).await?,
        }
        match &self.entry {
            Some(entry) => entry.write(tx).await,
            None => Ok(()),
        }
    }
}

struct Standing {
    company: String,
    code: Code,
    prefix: String,
}

impl Unit for Standing {
    type Output = Vec<(JourneyId, i64)>;
    const NAME: &'static str = "standing_cards";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut standing = Vec::new();
        for (journey, record) in exceptions::members_under(tx, &self.company, self.code, JUDGED_AGAIN_MAX).await? {
            if let Some(id) = record.strip_prefix(&self.prefix).and_then(|id| id.parse().ok()) {
                standing.push((journey_id(&journey)?, id));
            }
        }
        Ok(standing)
    }
}

struct KeyOf {
    company: String,
    journey: JourneyId,
}

impl Unit for KeyOf {
    type Output = keys::KeyState;
    const NAME: &'static str = "key_of_journey";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<keys::KeyState, UnitError> {
        keys::load(tx, &self.company, self.journey.as_str()).await
    }
}

pub fn journey_id(text: &str) -> Result<JourneyId, UnitError> {
    Fingerprint::parse(text)
        .map(JourneyId::from_fingerprint)
        .map_err(|error| UnitError::Refused(error.to_string()))
}

//! The story of a journey: what happened, in the order in which it happened, for a person who asks about one order.

use std::collections::BTreeMap;

use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::JourneyId;
use tallyman_core::reference::Reference;
use tallyman_core::time::Timestamp;
use tallyman_store::journal::{self, Kept};
use tallyman_store::tables::{attempts, effects, exceptions, journeys};
use tallyman_store::{Store, Tx, Unit, UnitError, keys};

use crate::vault::Vault;

/// One line of the story.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    pub at: Timestamp,
    pub what: String,
}

pub struct Story {
    pub journey: tallyman_core::journey::Journey,
    pub lines: Vec<Line>,
    /// Effects that are not done, and how they stand.
    pub open: Vec<(String, String)>,
    pub stopped_by: Vec<String>,
    pub erased: bool,
}

struct Tell {
    reference: String,
}

struct Told {
    journey: journeys::Stored,
    effects: Vec<effects::Stored>,
    attempts: Vec<attempts::Told>,
    stopped: Vec<(String, String, Timestamp)>,
    journal: Vec<journal::Written>,
    key: keys::KeyState,
}

impl Unit for Tell {
    type Output = Vec<Told>;
    const NAME: &'static str = "tell_story";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Told>, UnitError> {
        let mut told = Vec::new();
        for id in journeys::find(tx, &self.reference).await? {
            let fingerprint = Fingerprint::parse(&id).map_err(|error| UnitError::Refused(error.to_string()))?;
            let Some(journey) = journeys::load(tx, &JourneyId::from_fingerprint(fingerprint)).await? else {
                continue;
            };
            told.push(Told {
                effects: effects::of_journey(tx, &id).await?,
                attempts: attempts::of_journey(tx, &id).await?,
                stopped: exceptions::of_journey(tx, &id).await?,
                journal: journal::of_subject(tx, journey.journey.company.as_str(), &id).await?,
                key: keys::load(tx, journey.journey.company.as_str(), &id).await?,
                journey,
            });
        }
        Ok(told)
    }
}

/// Every journey known by this reference, each with its story.
pub async fn tell(store: &Store, vault: &Vault, reference: &str) -> Result<Vec<Story>, UnitError> {
    let reference = Reference::parse(reference)
        .map_err(|error| UnitError::Refused(error.to_string()))?
        .normalised();
    let told = store.read(Tell { reference }).await?;
    told.into_iter().map(|told| story(vault, told)).collect()
}

fn story(vault: &Vault, told: Told) -> Result<Story, UnitError> {
    let journey = told.journey.journey;
    let key = match &told.key {
        keys::KeyState::Held(wrapped) => Some(vault.unwrap(journey.company.as_str(), journey.id.as_str(), wrapped)?),
        keys::KeyState::Absent | keys::KeyState::Destroyed { .. } => None,
    };
    let mut lines: Vec<Line> = Vec::new();
    for entry in &told.journal {
        let what = match (&entry.content, &key) {
            (Some(Kept::Open(text)), _) => text.clone(),
            (Some(Kept::Sealed(sealed)), Some(key)) => match key.open(journal::content_place(journey.id.as_str()), sealed) {
                Ok(text) => String::from_utf8_lossy(&text).into_owned(),
                Err(error) => format!("{} ({error})", entry.kind),
            },
            (Some(Kept::Sealed(_)) | None, _) => format!("{} (erased)", entry.kind),
        };
        lines.push(Line {
            at: Timestamp::from_micros(entry.at),
            what,
        });
    }
    let names: BTreeMap<&str, &str> = told
        .effects
        .iter()
        .map(|effect| (effect.id.as_str(), effect.name.as_str()))
        .collect();
    for attempt in &told.attempts {
        let name = names.get(attempt.effect.as_str()).copied().unwrap_or("effect");
        lines.push(Line {
            at: attempt.at,
            what: format!("{name}: {} – {}: {}", attempt.what, attempt.outcome, attempt.words),
        });
    }
    lines.sort();
    let open = told
        .effects
        .iter()
        .filter(|effect| !effect.state.is_final())
        .map(|effect| (effect.name.clone(), effect.state.name().to_owned()))
        .collect();
    let stopped_by = told.stopped.into_iter().map(|(_, sentence, _)| sentence).collect();
    Ok(Story {
        journey,
        lines,
        open,
        stopped_by,
        erased: key.is_none(),
    })
}

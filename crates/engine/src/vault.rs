//! The vault: how the engine seals what it keeps, and opens it again.
//!
//! Keys are random, one per subject, and stored wrapped; the vault holds the master keys and the chance they are drawn with.

use std::sync::Mutex;

use tallyman_core::cause::Cause;
use tallyman_core::finding::{Code, Finding};
use tallyman_core::fingerprint::{ContentHash, Fingerprint};
use tallyman_core::seam::Rng;
use tallyman_core::time::Timestamp;
use tallyman_store::UnitError;
use tallyman_store::journal::{self, Change, Commitment, Content, Line};
use tallyman_store::seal::{MasterKeys, Place, Sealed, SubjectKey, Wrapped};
use tallyman_store::tables::exceptions::{self, Kept};

pub struct Vault {
    masters: MasterKeys,
    chance: Mutex<Box<dyn Rng>>,
}

/// A line for the journal, sealed and ready to be written inside a unit.
#[derive(Debug, Clone)]
pub struct Entry {
    pub company: String,
    pub at: Timestamp,
    pub actor: String,
    pub kind: &'static str,
    pub subject: String,
    commitment: Commitment,
    content: Sealed,
}

/// What the lines of one occasion have in common.
pub struct About<'a> {
    pub company: &'a str,
    /// A journey, under whose key the sentences are sealed.
    pub subject: &'a str,
    pub key: &'a SubjectKey,
    pub at: Timestamp,
    pub actor: &'a str,
}

impl Entry {
    pub async fn write(&self, tx: &mut tallyman_store::Tx<'_>) -> Result<(), UnitError> {
        let line = Line {
            company: &self.company,
            at: self.at,
            actor: &self.actor,
            kind: self.kind,
            subject: &self.subject,
            commitment: self.commitment,
            content: Content::Sealed(&self.content),
        };
        journal::write(tx, &line).await
    }
}

/// Where one of our tables keeps sealed bytes.
pub fn place<'a>(table: &'a str, row: &'a str) -> Place<'a> {
    Place {
        table,
        row,
        field: "body",
    }
}

/// Where an attempt keeps what was said.
fn words_place(effect: &str) -> Place<'_> {
    Place {
        field: "words",
        ..place("attempt", effect)
    }
}

/// Where a card keeps what is said of one of its records.
fn sentence_place(card: &str) -> Place<'_> {
    Place {
        field: "sentence",
        ..place("exception_member", card)
    }
}

/// Of what is said of an attempt so much is kept; the whole is in the exchange.
const WORDS_CHARS_MAX: usize = 500;

impl Vault {
    pub fn new(masters: MasterKeys, chance: Box<dyn Rng>) -> Self {
        Self {
            masters,
            chance: Mutex::new(chance),
        }
    }

    fn with_chance<T>(&self, draw: impl FnOnce(&mut dyn Rng) -> T) -> T {
        let mut chance = self.chance.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        draw(&mut **chance)
    }

    /// So many bytes that nobody can guess: a salt, a secret that is given out.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.with_chance(|chance| chance.fill(&mut bytes));
        bytes
    }

    /// A new key for a subject, and how it is stored.
    pub fn draw(&self, company: &str, subject: &str) -> (SubjectKey, Wrapped) {
        self.with_chance(|chance| {
            let key = SubjectKey::draw(chance);
            let wrapped = self.masters.wrap(company, subject, &key, chance);
            (key, wrapped)
        })
    }

    pub fn unwrap(&self, company: &str, subject: &str, wrapped: &Wrapped) -> Result<SubjectKey, UnitError> {
        self.masters
            .unwrap(company, subject, wrapped)
            .map_err(|error| UnitError::Refused(format!("the key of {subject} cannot be opened: {error}")))
    }

    /// The same key wrapped under the newest master key; nothing if it is already.
    pub fn rewrap(&self, company: &str, subject: &str, wrapped: &Wrapped) -> Result<Option<Wrapped>, UnitError> {
        if !self.masters.is_outdated(wrapped) {
            return Ok(None);
        }
        let key = self.unwrap(company, subject, wrapped)?;
        Ok(Some(
            self.with_chance(|chance| self.masters.wrap(company, subject, &key, chance)),
        ))
    }

    /// The number of the newest master key, which wraps.
    pub fn master(&self) -> u32 {
        self.masters.current()
    }

    pub fn seal(&self, key: &SubjectKey, place: Place<'_>, plain: &[u8]) -> Sealed {
        self.with_chance(|chance| key.seal(place, plain, chance))
    }

    /// What was sealed, or a sentence that says what is wrong with it.
    pub fn open(&self, key: &SubjectKey, place: Place<'_>, sealed: Vec<u8>) -> Result<Vec<u8>, UnitError> {
        let name = format!("{} {}", place.table, place.row);
        key.open(place, &Sealed::from_stored(sealed))
            .map(|plain| plain.to_vec())
            .map_err(|error| UnitError::Refused(format!("{name} cannot be opened: {error}")))
    }

    /// A finding as it is kept, its sentence sealed under the key of the journey that it stops.
    pub fn kept(&self, company: &str, key: &SubjectKey, finding: &Finding) -> Kept {
        let card = exceptions::card(company, finding.code, &finding.cause);
        Kept {
            code: finding.code,
            cause: finding.cause.clone(),
            sentence: Some(self.seal(key, sentence_place(card.as_str()), finding.sentence.as_bytes())),
            mark: mark(key, finding.code, &finding.cause, &finding.sentence),
            of: finding.of.clone(),
        }
    }

    /// What was said of a record on a card.
    pub fn sentence(&self, key: &SubjectKey, card: &str, sealed: Vec<u8>) -> Result<String, UnitError> {
        self.open(key, sentence_place(card), sealed).map(text)
    }

    pub fn seal_words(&self, key: &SubjectKey, effect: &Fingerprint, words: &str) -> Sealed {
        let words: String = words.chars().take(WORDS_CHARS_MAX).collect();
        self.seal(key, words_place(effect.as_str()), words.as_bytes())
    }

    /// What was said of an attempt.
    pub fn words(&self, key: &SubjectKey, effect: &str, sealed: Vec<u8>) -> Result<String, UnitError> {
        self.open(key, words_place(effect), sealed).map(text)
    }

    /// A journal line. The sentence is sealed; the journal itself holds only its commitment.
    pub fn entry(&self, about: &About<'_>, kind: &'static str, sentence: &str) -> Entry {
        Entry {
            company: about.company.to_owned(),
            at: about.at,
            actor: about.actor.to_owned(),
            kind,
            subject: about.subject.to_owned(),
            commitment: Commitment::under(about.key, sentence.as_bytes()),
            content: self.seal(about.key, journal::content_place(about.subject), sentence.as_bytes()),
        }
    }

    /// The line of what a person did, with what that changed.
    pub fn act(&self, about: &About<'_>, kind: &'static str, sentence: &str, change: Change<'_>) -> Entry {
        self.entry(about, kind, &change.told(sentence))
    }
}

/// Stands for a finding: the same for the same, and nothing to anybody without the key.
pub fn mark(key: &SubjectKey, code: Code, cause: &Cause, sentence: &str) -> String {
    let marked = exceptions::marked(code, cause, sentence);
    ContentHash::from_bytes(*Commitment::under(key, marked.as_bytes()).as_bytes()).to_string()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}

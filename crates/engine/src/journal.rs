//! The journal as people read it: page by page, the newest first, each line with its sentence where whoever reads may see it.
//!
//! A line's sentence may lie sealed under the key of what it is about; it is opened for those who may, and gone with that key. What cannot
//! be found by an index (a kind, an actor) is looked for in bounded steps: a page may be short, and still have a next.

use std::collections::BTreeMap;
use std::ops::Range;

use tallyman_core::time::Timestamp;
use tallyman_store::journal::{self, Entry, Kept, Seek, Told};
use tallyman_store::{Store, Tx, Unit, UnitError, keys};

use crate::board::Page;
use crate::people;
use crate::vault::Vault;

/// Lines read in one transaction, where most of them may not be wanted.
const AT_ONCE: usize = 500;
/// Lines looked at for one page.
const LOOKED_MAX: usize = 5_000;

/// Which lines of a company's journal.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// `access::HOUSE` for what was done with people.
    pub company: String,
    pub seek: Seek,
    pub within: Range<Timestamp>,
    /// What the kind begins with: `card`, `hold.placed`.
    pub kind: Option<String>,
    /// Whoever may be meant: actors as the journal names them, a person with all of their tokens.
    pub actors: Option<Vec<String>>,
}

/// Whether an actor is this one, or a token of theirs.
fn is(actor: &str, wanted: &str) -> bool {
    actor
        .strip_prefix(wanted)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A line, for a person.
#[derive(Debug, Clone)]
pub struct Read {
    /// Its place among all lines that were written.
    pub id: i64,
    pub at: Timestamp,
    /// As the journal names them.
    pub actor: String,
    /// What they are called, where they are a person.
    pub name: Option<String>,
    pub kind: String,
    pub subject: String,
    pub sentence: Sentence,
    /// Its number in the chain; none while it is not sealed.
    pub number: Option<u64>,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sentence {
    Said(Told),
    /// It may name somebody, and whoever asks may not see that.
    Closed,
    /// Its key was destroyed.
    Erased,
    /// Nothing but its kind.
    None,
}

/// Where a page ends: instant and place.
pub type Place = (Timestamp, i64);

/// A page of lines. `vault` opens what is sealed, for those who may see it.
pub async fn page(
    store: &Store,
    vault: Option<&Vault>,
    wanted: &Wanted,
    after: Option<Place>,
    limit: usize,
) -> Result<Page<Read, Place>, UnitError> {
    let mut found: Vec<(Entry, keys::KeyState)> = Vec::new();
    let (mut after, mut looked) = (after, 0);
    let picks = wanted.kind.is_some() || wanted.actors.is_some();
    let at_once = if picks { AT_ONCE } else { limit + 1 };
    let next = loop {
        let unit = ReadPage {
            wanted: wanted.clone(),
            after,
            limit: i64::try_from(at_once).unwrap_or(i64::MAX),
        };
        let (last, full, lines) = store.read(unit).await?;
        looked += at_once;
        let room = limit - found.len();
        if lines.len() > room {
            let at = lines[room - 1].0.at;
            let id = lines[room - 1].0.id;
            found.extend(lines.into_iter().take(room));
            break Some((at, id));
        }
        found.extend(lines);
        match last.filter(|_| full) {
            None => break None,
            Some(place) if looked >= LOOKED_MAX || found.len() == limit => break Some(place),
            Some(place) => after = Some(place),
        }
    };
    let actors: Vec<String> = found.iter().map(|(entry, _)| entry.actor.clone()).collect();
    let names = people::names(store, &actors).await?;
    let rows = found
        .into_iter()
        .map(|(entry, key)| read(vault, &wanted.company, &names, entry, &key));
    Ok(Page {
        rows: rows.collect::<Result<_, _>>()?,
        next,
    })
}

fn read(
    vault: Option<&Vault>,
    company: &str,
    names: &BTreeMap<String, String>,
    entry: Entry,
    key: &keys::KeyState,
) -> Result<Read, UnitError> {
    let sentence = match (entry.content, key, vault) {
        (None, ..) => Sentence::None,
        (Some(Kept::Open(text)), ..) => Sentence::Said(Told::read(&text)),
        (Some(Kept::Sealed(_)), keys::KeyState::Destroyed { .. } | keys::KeyState::Absent, _) => Sentence::Erased,
        (Some(Kept::Sealed(_)), keys::KeyState::Held(_), None) => Sentence::Closed,
        (Some(Kept::Sealed(sealed)), keys::KeyState::Held(wrapped), Some(vault)) => {
            let key = vault.unwrap(company, &entry.subject, wrapped)?;
            match key.open(journal::content_place(&entry.subject), &sealed) {
                Ok(text) => Sentence::Said(Told::read(&String::from_utf8_lossy(&text))),
                Err(_) => Sentence::Erased,
            }
        }
    };
    Ok(Read {
        id: entry.id,
        at: entry.at,
        name: names.get(&entry.actor).cloned(),
        actor: entry.actor,
        kind: entry.kind,
        subject: entry.subject,
        sentence,
        number: entry.number,
    })
}

struct ReadPage {
    wanted: Wanted,
    after: Option<Place>,
    limit: i64,
}

impl Unit for ReadPage {
    /// The last place that was looked at, whether there may be more behind it, and the lines that are wanted.
    type Output = (Option<Place>, bool, Vec<(Entry, keys::KeyState)>);
    const NAME: &'static str = "page_of_journal";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let Wanted {
            company,
            seek,
            within,
            kind,
            actors,
        } = &self.wanted;
        let lines = journal::page(tx, company, seek, within, self.after, self.limit).await?;
        let full = i64::try_from(lines.len()).is_ok_and(|count| count == self.limit);
        let last = lines.last().map(|line| (line.at, line.id));
        let is_wanted = |line: &Entry| {
            kind.as_ref().is_none_or(|kind| line.kind.starts_with(kind.as_str()))
                && actors
                    .as_ref()
                    .is_none_or(|actors| actors.iter().any(|wanted| is(&line.actor, wanted)))
                && within.contains(&line.at)
        };
        let wanted: Vec<Entry> = lines.into_iter().filter(is_wanted).collect();
        let sealed = wanted.iter().filter(|line| matches!(line.content, Some(Kept::Sealed(_))));
        let held = keys::load_all(tx, company, sealed.map(|line| line.subject.as_str())).await?;
        let with_key = |line: Entry| {
            let key = held.get(&line.subject).cloned().unwrap_or(keys::KeyState::Absent);
            (line, key)
        };
        Ok((last, full, wanted.into_iter().map(with_key).collect()))
    }
}

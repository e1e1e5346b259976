//! A store with many journeys in it: those of a run, copied with new names until there are enough.
//!
//! So every row has the size and the neighbours that a real journey gives it. What is sealed in the copies opens with no key, since it
//! is bound to its place; nobody asks for it, because these journeys are complete. The originals go: a fresh twin gives the same ids again.

use anyhow::Result;
use tallyman_store::journal::SealJournal;
use tallyman_store::{Store, Tx, Unit, UnitError, params};

use crate::clocks::system_now;
use crate::remark;

/// Rows copied in one unit, which has a time limit.
const ROWS_A_UNIT: i64 = 2_000;
/// Journal lines sealed in one unit.
const LINES_A_UNIT: u32 = 5_000;
/// Ids are base32; the last characters of a copy's say which copy it is.
const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// How many rows there are; how they are copied (`$1` ends the names of this copy, `$2` and `$3` are the rows to copy); how the originals
/// go. Statements of SQLite alone: the bench's store is a file.
const COPIES: [(&str, &str, &str); 8] = [
    // Keys have no number of their own: they go by their journeys', and so before these.
    (
        "select coalesce(max(rowid), 0) from journey",
        "insert into subject_key (company, subject, wrapped, created_at) select k.company, substr(k.subject, 1, 12) || $1, k.wrapped, \
         k.created_at from journey j join subject_key k on k.company = j.company and k.subject = j.id where j.rowid between $2 and $3 \
         on conflict do nothing",
        "delete from subject_key where (company, subject) in (select company, id from journey where rowid between $1 and $2)",
    ),
    (
        "select coalesce(max(rowid), 0) from journey",
        "insert into journey (id, company, channel, source_key, reference, stage, version, state, document, received_at, updated_at) \
         select substr(id, 1, 12) || $1, company, channel, source_key || $1, reference || $1, stage, version, state, document, received_at, \
         updated_at from journey where rowid between $2 and $3 on conflict do nothing",
        "delete from journey where rowid between $1 and $2",
    ),
    (
        "select coalesce(max(rowid), 0) from journey_reference",
        "insert into journey_reference (company, reference, kind, journey) select company, reference || $1, kind, substr(journey, 1, 12) || $1 \
         from journey_reference where rowid between $2 and $3 on conflict do nothing",
        "delete from journey_reference where rowid between $1 and $2",
    ),
    (
        "select coalesce(max(rowid), 0) from message",
        "insert into message (connection, record, hash, company, kind, journey, received_at, decided_at, body) select connection, record || $1, \
         hash, company, kind, substr(journey, 1, 12) || $1, received_at, decided_at, body from message where rowid between $2 and $3 \
         on conflict do nothing",
        "delete from message where rowid between $1 and $2",
    ),
    (
        "select coalesce(max(rowid), 0) from effect",
        "insert into effect (id, company, journey, connection, subject, place, name, state, due, began, sends, absents, pauses, waits, body, \
         baseline, receipt, updated_at) select substr(id, 1, 12) || $1, company, substr(journey, 1, 12) || $1, connection, subject || $1, \
         place, name, state, due, began, sends, absents, pauses, waits, body, baseline, receipt, updated_at from effect \
         where rowid between $2 and $3 on conflict do nothing",
        "delete from effect where rowid between $1 and $2",
    ),
    (
        "select coalesce(max(rowid), 0) from effect_after",
        "insert into effect_after (done, effect) select substr(done, 1, 12) || $1, substr(effect, 1, 12) || $1 from effect_after \
         where rowid between $2 and $3 on conflict do nothing",
        "delete from effect_after where rowid between $1 and $2",
    ),
    (
        "select coalesce(max(rowid), 0) from lane",
        "insert into lane (connection, subject, head, due, token, worker) select connection, subject || $1, head, due, token, worker from lane \
         where rowid between $2 and $3 and head = '' on conflict do nothing",
        "delete from lane where rowid between $1 and $2 and head = ''",
    ),
    (
        "select coalesce(max(id), 0) from journal_line",
        "insert into journal_line (company, at, actor, kind, subject, commitment, content) select company, at, actor, kind, \
         substr(subject, 1, 12) || $1, commitment, content from journal_line where id between $2 and $3",
        // The originals' lines are links of the chain: they stay.
        "update journal_line set content = null where id between $1 and $2",
    ),
];

struct Count(&'static str);

impl Unit for Count {
    type Output = i64;
    const NAME: &'static str = "bench_count";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<i64, UnitError> {
        tx.query_one(self.0, params![]).await?.get(0)
    }
}

struct Copy {
    sql: &'static str,
    suffix: String,
    from: i64,
    to: i64,
}

impl Unit for Copy {
    type Output = ();
    const NAME: &'static str = "bench_copy";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        tx.execute(self.sql, params![self.suffix, self.from, self.to]).await.map(drop)
    }
}

struct Remove {
    sql: &'static str,
    from: i64,
    to: i64,
}

impl Unit for Remove {
    type Output = ();
    const NAME: &'static str = "bench_remove";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        tx.execute(self.sql, params![self.from, self.to]).await.map(drop)
    }
}

/// The feeds come round at once, as after a night.
struct Rested;

impl Unit for Rested {
    type Output = ();
    const NAME: &'static str = "bench_rested";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        const RESTED: &str = "update feed set due = 0";
        tx.execute(RESTED, params![]).await.map(drop)
    }
}

/// Fills the store until it holds `wanted` journeys, and has its journal sealed; says how many it holds.
pub async fn fill(store: &Store, wanted: u32) -> Result<i64> {
    const JOURNEYS: &str = "select count(*) from journey";
    let journeys = store.read(Count(JOURNEYS)).await?;
    anyhow::ensure!(journeys > 0, "there is no journey to copy");
    let mut last = Vec::new();
    for (rows, ..) in COPIES {
        last.push(store.read(Count(rows)).await?);
    }
    let copies = (i64::from(wanted) / journeys).max(1);
    for copy in 1..=copies {
        for ((_, sql, _), last) in COPIES.iter().zip(&last) {
            for (from, to) in pieces(*last) {
                let suffix = suffix(copy);
                store.write(Copy { sql, suffix, from, to }).await?;
            }
        }
        if copy % 10 == 0 {
            remark!("   {} of {wanted} journeys are stored", journeys * copy);
        }
    }
    for ((.., sql), last) in COPIES.iter().zip(&last) {
        for (from, to) in pieces(*last) {
            store.write(Remove { sql, from, to }).await?;
        }
    }
    store.write(Rested).await?;
    for company in ["trader-1", "trader-2"] {
        let seal = || SealJournal {
            company: company.to_owned(),
            now: system_now(),
            limit: LINES_A_UNIT,
        };
        while store.write(seal()).await?.more {}
    }
    Ok(store.read(Count(JOURNEYS)).await?)
}

/// The rows up to `last`, in pieces for a unit each.
fn pieces(last: i64) -> impl Iterator<Item = (i64, i64)> {
    (0..=last / ROWS_A_UNIT).map(move |piece| (piece * ROWS_A_UNIT + 1, ((piece + 1) * ROWS_A_UNIT).min(last)))
}

/// Four characters, so that with the twelve that are kept an id stays as long as it was.
fn suffix(copy: i64) -> String {
    let digit = |place: u32| {
        let digit = (copy >> (5 * place)) & 31;
        char::from(DIGITS[usize::try_from(digit).unwrap_or(0)])
    };
    [3, 2, 1, 0].into_iter().map(digit).collect()
}

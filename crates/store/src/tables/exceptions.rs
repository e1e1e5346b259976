//! Exceptions: one row per cause, with the records it stops.
//!
//! A card is its code and its cause. What is said of one record lies with the record, sealed under its journey's key; there is no
//! column for a sentence in plain. A record that stands still is a member; when it goes on it stays one, and keeps the proof that it did.
//!
//! Not here: the card in people's hands, and what its members come to ([`super::cards`]).

use tallyman_core::cause::Cause;
use tallyman_core::finding::{Code, Finding};
use tallyman_core::fingerprint::{ContentHash, Fingerprint};
use tallyman_core::time::Timestamp;

use super::{messages, rulings};
use tallyman_core::topic::{Kind, Topic};

use crate::seal::Sealed;
use crate::{Row, Tx, UnitError, params};

const OPEN: &str = "insert into exception (id, company, code, cause, opened_at, mappings_seen, facts_seen) \
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do update set closed_at = null, opened_at = excluded.opened_at, \
     mappings_seen = excluded.mappings_seen, facts_seen = excluded.facts_seen where exception.closed_at is not null";
// What was counted as neither is counted anew: else what stops and goes on between two counts leaves its card open for ever.
const JOIN: &str = "insert into exception_member (exception, journey, effect, sentence, at, mark, due_by, reference, rank) \
     values ($1, $2, $3, $4, $5, $6, coalesce((select due_by from journey where id = $2), 9223372036854775807), \
     coalesce((select reference from journey where id = $2), ''), -coalesce((select net from journey where id = $2), 0)) \
     on conflict (exception, journey, effect) do update set stand = 'stopped', sentence = excluded.sentence, at = excluded.at, \
     mark = excluded.mark, due_by = excluded.due_by, rank = excluded.rank, proof_of = '', proof = '', ended_at = 0, \
     weighed = case when exception_member.weighed in ('stopped', 'proving') then exception_member.weighed else '' end \
     where exception_member.stand <> 'stopped'";
const COUNTS: &str = "select e.company, e.code, count(distinct e.id), count(distinct m.journey) from exception e \
     join exception_member m on m.exception = e.id where m.stand = 'stopped' group by e.company, e.code order by e.company, e.code";
const STOPPED: &str = "select count(distinct j.id) from journey j join exception_member m on m.journey = j.id \
     where m.stand = 'stopped' and j.stage in ('open', 'stopped')";
const OF_JOURNEY: &str = "select e.id, e.code, e.cause, m.sentence from exception_member m join exception e on e.id = m.exception \
     where m.journey = $1 and m.stand = 'stopped' order by m.at, e.code limit 1000";

/// The numbers of the mappings and facts that something was checked with.
pub type Seen = (i64, i64);

/// For findings that rest on neither: no later number changes them.
pub const SEEN_ALL: Seen = (i64::MAX, i64::MAX);

/// A finding as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub code: Code,
    pub cause: Cause,
    /// What is said of the record, under the key of the journey it belongs to. What has no key, because it belongs to no journey of ours
    /// or to one that was erased, has no sentence: its card says what there is to say.
    pub sentence: Option<Sealed>,
    /// Stands for all that was found: the same finding of the same record has the same mark. Under the journey's key where there is one,
    /// so that it says nothing about a person.
    pub mark: String,
    /// What of the order it is about, where that is neither the whole of it nor an effect.
    pub of: String,
}

impl Kept {
    pub fn without_sentence(code: Code, cause: Cause) -> Self {
        Self {
            sentence: None,
            mark: plain_mark(code, &cause),
            code,
            cause,
            of: String::new(),
        }
    }

    /// Whether somebody has decided about just this: then it stands on no card.
    pub async fn is_ruled(&self, tx: &mut Tx<'_>, company: &str, record: (&str, &str)) -> Result<bool, UnitError> {
        rulings::stands(tx, company, record, self.code, &self.mark).await
    }

    pub fn is_of(&self, finding: &Finding) -> bool {
        (self.code, &self.cause) == (finding.code, &finding.cause)
    }
}

/// What stands for a finding of which nothing is said that its card does not say.
pub fn plain_mark(code: Code, cause: &Cause) -> String {
    ContentHash::of(marked(code, cause, "").as_bytes()).to_string()
}

/// What a mark is made of.
pub fn marked(code: Code, cause: &Cause, sentence: &str) -> String {
    format!("{code}\n{}\n{sentence}", cause.key())
}

/// The card that a finding goes under. The same cause is the same card.
pub fn card(company: &str, code: Code, cause: &Cause) -> Fingerprint {
    Fingerprint::derive(company, &cause.key(), code.name())
}

/// Puts a record under the card of its cause, unless its owner has decided about just this; a cause that returns opens its card again. `seen` is what it was checked with, which is
/// what stands now: the caller has made sure.
pub async fn join(
    tx: &mut Tx<'_>,
    company: &str,
    (journey, effect): (&str, &str),
    finding: &Kept,
    seen: Seen,
    now: Timestamp,
) -> Result<(), UnitError> {
    if finding.is_ruled(tx, company, (journey, effect)).await? {
        return Ok(());
    }
    let id = card(company, finding.code, &finding.cause).to_string();
    let id = super::splits::card_of(tx, &id, journey).await?.unwrap_or(id);
    tx.touched(Topic::one(Kind::Card, company, &id));
    tx.execute(
        OPEN,
        params![
            id,
            company,
            finding.code.name(),
            to_text(&finding.cause)?,
            now.micros(),
            seen.0,
            seen.1
        ],
    )
    .await?;
    tx.execute(
        JOIN,
        params![id, journey, effect, finding.sentence, now.micros(), finding.mark],
    )
    .await?;
    messages::may_stand_otherwise(tx, journey).await
}

/// Open cards: company, code, how many, how many journeys they stop.
pub async fn counts(tx: &mut Tx<'_>) -> Result<Vec<(String, String, i64, i64)>, UnitError> {
    let rows = tx.query(COUNTS, params![]).await?;
    rows.iter()
        .map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .collect()
}

/// Journeys that are not complete and stand under an open card.
pub async fn stopped(tx: &mut Tx<'_>) -> Result<i64, UnitError> {
    tx.query_one(STOPPED, params![]).await?.get(0)
}

/// A card that a journey or one of its effects stands under.
#[derive(Debug, Clone)]
pub struct Stop {
    pub card: String,
    pub code: String,
    pub cause: Cause,
    pub sentence: Option<Vec<u8>>,
}

/// What stops a journey, the oldest first.
pub async fn of_journey(tx: &mut Tx<'_>, journey: &str) -> Result<Vec<Stop>, UnitError> {
    let rows = tx.query(OF_JOURNEY, params![journey]).await?;
    rows.iter()
        .map(|row| {
            Ok(Stop {
                card: row.get(0)?,
                code: row.get(1)?,
                cause: from_text(row.get(2)?),
                sentence: row.get(3)?,
            })
        })
        .collect()
}

/// What a card says. A code that a later build has written has no words here.
pub fn told(code: &str, cause: &Cause) -> String {
    Code::named(code).map_or_else(|| format!("{code}: {cause}"), |code| code.told(cause))
}

const CARDS_OF: &str = "select case when e.split_of = '' then e.id else e.split_of end, e.code from exception_member m join exception e on e.id = m.exception \
     where m.journey = $1 and m.effect = $2 and m.stand = 'stopped' order by 1";
const MARKS_OF: &str = "select mark from exception_member where journey = $1 and effect = $2 and stand = 'stopped'";
const SAY_AGAIN: &str = "update exception_member set sentence = $4, mark = $5 where exception in (select id from exception where id = $1 or split_of = $1) \
     and journey = $2 and effect = $3 and stand = 'stopped' and mark <> $5";
const GO_ON: &str = "update exception_member set stand = $3, proof_of = $4, proof = $5, ended_at = $6 \
     where journey = $1 and effect = $2 and stand = 'stopped'";
const PROVE: &str =
    "update exception_member set stand = 'proven', proof = $2, ended_at = $3 where proof_of = $1 and stand = 'proving'";
const PROVE_BY: &str = "update exception_member set proof_of = $2 where proof_of = $1 and stand = 'proving'";
const END: &str = "update exception_member set stand = 'proven', proof = $2, ended_at = $3 where journey = $1 and stand in ('stopped', 'proving')";

/// The cards that a record stands under, each with its code and by the name of its cause wherever people have put it: a journey with one of its effects, or with none where all of it is stopped.
pub async fn cards_of(tx: &mut Tx<'_>, journey: &str, effect: &str) -> Result<Vec<(String, String)>, UnitError> {
    let rows = tx.query(CARDS_OF, params![journey, effect]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// The marks of all that is said of a record that stands still.
pub async fn marks_of(tx: &mut Tx<'_>, journey: &str, effect: &str) -> Result<Vec<String>, UnitError> {
    let rows = tx.query(MARKS_OF, params![journey, effect]).await?;
    rows.iter().map(|row| Ok(row.get::<&str>(0)?.to_owned())).collect()
}

/// What is said of a record that stands still under the same card as before, and since as long: its cause is the same, and not its sentence.
pub async fn say_again(tx: &mut Tx<'_>, company: &str, (journey, effect): (&str, &str), finding: &Kept) -> Result<(), UnitError> {
    let id = card(company, finding.code, &finding.cause).to_string();
    let said = tx
        .execute(SAY_AGAIN, params![id, journey, effect, finding.sentence, finding.mark])
        .await?;
    if said > 0 {
        tx.touched(Topic::one(Kind::Card, company, &id));
    }
    Ok(())
}

/// How a record that stood still goes on.
#[derive(Debug, Clone, Copy)]
pub enum GoesOn<'a> {
    /// It has proved that it did when this effect has its receipt.
    UntilDone(&'a Fingerprint),
    /// This is the proof.
    Proven(&'a str),
}

impl<'a> GoesOn<'a> {
    fn columns(&self) -> (&'static str, &'a str, &'a str) {
        match self {
            Self::UntilDone(effect) => ("proving", effect.as_str(), ""),
            Self::Proven(proof) => ("proven", "", proof),
        }
    }
}

/// A record does not stand still any more, under whichever cards it stood.
pub async fn go_on(tx: &mut Tx<'_>, journey: &str, effect: &str, how: GoesOn<'_>, now: Timestamp) -> Result<(), UnitError> {
    let (stand, proof_of, proof) = how.columns();
    let moved = tx
        .execute(GO_ON, params![journey, effect, stand, proof_of, proof, now.micros()])
        .await?;
    moved_of(tx, journey, moved).await
}

/// Where any of a journey's records stands otherwise now, the journey may in the tally.
async fn moved_of(tx: &mut Tx<'_>, journey: &str, moved: u64) -> Result<(), UnitError> {
    match moved {
        0 => Ok(()),
        _ => messages::may_stand_otherwise(tx, journey).await,
    }
}

const LEAVE: &str = "update exception_member set stand = $5, proof_of = $6, proof = $7, ended_at = $8 \
     where exception = $1 and journey = $2 and effect = $3 and at = $4 and stand = 'stopped'";

/// A record does not stand still under this card any more, as it was put there at `since`. False if it has gone on or stands anew.
pub async fn leave(
    tx: &mut Tx<'_>,
    card: &str,
    (journey, effect, since): (&str, &str, Timestamp),
    how: GoesOn<'_>,
    now: Timestamp,
) -> Result<bool, UnitError> {
    let (stand, proof_of, proof) = how.columns();
    let (since, now) = (since.micros(), now.micros());
    let left = tx
        .execute(LEAVE, params![card, journey, effect, since, stand, proof_of, proof, now])
        .await?;
    moved_of(tx, journey, left).await?;
    Ok(left == 1)
}

/// The effect has its receipt: what waited for it is proven.
pub async fn prove(tx: &mut Tx<'_>, effect: &Fingerprint, proof: &str, now: Timestamp) -> Result<(), UnitError> {
    tx.execute(PROVE, params![effect.as_str(), proof, now.micros()])
        .await
        .map(drop)
}

/// Another effect has taken the place of this one, and gives the proof in its stead.
pub async fn prove_by(tx: &mut Tx<'_>, old: &Fingerprint, new: &Fingerprint) -> Result<(), UnitError> {
    tx.execute(PROVE_BY, params![old.as_str(), new.as_str()]).await.map(drop)
}

/// Nothing of a journey stands still or has anything to prove any more.
pub async fn end(tx: &mut Tx<'_>, journey: &str, proof: &str, now: Timestamp) -> Result<(), UnitError> {
    let moved = tx.execute(END, params![journey, proof, now.micros()]).await?;
    moved_of(tx, journey, moved).await
}

/// A cause as it is kept.
fn to_text(cause: &Cause) -> Result<String, UnitError> {
    serde_json::to_string(cause).map_err(|error| UnitError::Refused(format!("a cause cannot be written: {error}")))
}

/// A cause as it was kept. What was kept before causes were typed is shown as it is.
pub fn from_text(text: &str) -> Cause {
    serde_json::from_str(text).unwrap_or_else(|_| Cause::Machine(text.to_owned()))
}

/// Not a card whose first record was put right and has not proved it yet: the others wait for that.
const OPEN_CARDS: &str = "select id, code, cause, mappings_seen, facts_seen, first_of from exception \
     where company = $1 and closed_at is null and (mappings_seen < $2 or facts_seen < $3) and not (first_of <> '' and exists \
     (select 1 from exception_member m where m.exception = exception.id and m.journey = first_of and m.stand = 'proving')) \
     order by opened_at, id limit $4";
const SEEN: &str = "update exception set mappings_seen = $2, facts_seen = $3 where id = $1";
const MEMBERS: &str = "select journey, effect from exception_member where exception = $1 and stand = 'stopped' and (journey > $2 or (journey = $2 and effect > $3)) \
     order by journey, effect limit $4";

/// An open card that has not been looked at since mappings or facts have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    pub id: String,
    pub code: String,
    pub cause: Cause,
    pub mappings_seen: i64,
    pub facts_seen: i64,
    /// The record with which the fix is tried in earnest before the others follow.
    pub first: Option<String>,
}

/// Open cards whose members were checked with older mappings or facts than these.
pub async fn behind(tx: &mut Tx<'_>, company: &str, mappings: i64, facts: i64, limit: i64) -> Result<Vec<Behind>, UnitError> {
    let rows = tx.query(OPEN_CARDS, params![company, mappings, facts, limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(Behind {
                id: row.get(0)?,
                code: row.get(1)?,
                cause: from_text(row.get(2)?),
                mappings_seen: row.get(3)?,
                facts_seen: row.get(4)?,
                first: Some(row.get::<String>(5)?).filter(|first| !first.is_empty()),
            })
        })
        .collect()
}

/// Notes that all that a card stops was checked with these.
pub async fn set_seen(tx: &mut Tx<'_>, id: &str, mappings: i64, facts: i64) -> Result<(), UnitError> {
    tx.execute(SEEN, params![id, mappings, facts]).await.map(drop)
}

/// A page of what a card stops: journey and effect (empty where the whole order is stopped).
pub async fn members(tx: &mut Tx<'_>, id: &str, after: (&str, &str), limit: i64) -> Result<Vec<(String, String)>, UnitError> {
    let rows = tx.query(MEMBERS, params![id, after.0, after.1, limit]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// An open card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub id: String,
    pub company: String,
    pub code: String,
    pub cause: Cause,
    pub opened_at: Timestamp,
    /// Orders that it stops.
    pub journeys: i64,
}

impl Card {
    pub fn told(&self) -> String {
        told(&self.code, &self.cause)
    }
}

/// One record under a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Empty for what belongs to no order of ours.
    pub journey: String,
    /// The order's own number; empty for what belongs to no order of ours.
    pub reference: String,
    /// The effect that stands still; empty where the whole order is stopped.
    pub effect: String,
    pub sentence: Option<Vec<u8>>,
    pub at: Timestamp,
}

const LIST: &str = "select e.id, e.company, e.code, e.cause, e.opened_at, \
     (select count(distinct m.journey) from exception_member m where m.exception = e.id and m.stand = 'stopped') \
     from exception e where e.closed_at is null and ($2 = '' or e.code = $2) \
     and exists (select 1 from exception_member m where m.exception = e.id and m.stand = 'stopped') order by e.opened_at, e.id limit $1";
const MEMBERS_TOLD: &str = "select m.journey, coalesce(j.reference, ''), m.effect, m.sentence, m.at from exception_member m \
     left join journey j on j.id = m.journey where m.exception = $1 and m.stand = 'stopped' order by m.at, m.journey, m.effect limit $2";

/// Open cards, of one code or of all, the oldest first.
pub async fn open(tx: &mut Tx<'_>, code: Option<Code>, limit: i64) -> Result<Vec<Card>, UnitError> {
    let rows = tx.query(LIST, params![limit, code.map_or("", Code::name)]).await?;
    rows.iter()
        .map(|row| {
            Ok(Card {
                id: row.get(0)?,
                company: row.get(1)?,
                code: row.get(2)?,
                cause: from_text(row.get(3)?),
                opened_at: Timestamp::from_micros(row.get(4)?),
                journeys: row.get(5)?,
            })
        })
        .collect()
}

const MEMBERS_BY_NAME: &str = "select m.journey, coalesce(j.reference, ''), m.effect, m.sentence, m.at from exception_member m \
     left join journey j on j.id = m.journey where m.exception = $1 and m.stand = 'stopped' \
     and (m.journey > $2 or (m.journey = $2 and m.effect > $3)) order by m.journey, m.effect limit $4";

/// A page of what stands still under a card, by name.
pub async fn members_by_name(tx: &mut Tx<'_>, id: &str, after: (&str, &str), limit: i64) -> Result<Vec<Member>, UnitError> {
    let rows = tx.query(MEMBERS_BY_NAME, params![id, after.0, after.1, limit]).await?;
    rows.iter().map(member).collect()
}

const MEMBERS_OF: &str = "select m.journey, coalesce(j.reference, ''), m.effect, m.sentence, m.at from exception_member m \
     left join journey j on j.id = m.journey where m.exception = $1 and m.journey = $2 and m.stand = 'stopped' order by m.effect limit $3";

/// What of one order stands still under a card.
pub async fn members_of(tx: &mut Tx<'_>, id: &str, journey: &str, limit: i64) -> Result<Vec<Member>, UnitError> {
    let rows = tx.query(MEMBERS_OF, params![id, journey, limit]).await?;
    rows.iter().map(member).collect()
}

fn member(row: &Row) -> Result<Member, UnitError> {
    Ok(Member {
        journey: row.get(0)?,
        reference: row.get(1)?,
        effect: row.get(2)?,
        sentence: row.get(3)?,
        at: Timestamp::from_micros(row.get(4)?),
    })
}

/// What a card stops, for people.
pub async fn members_told(tx: &mut Tx<'_>, id: &str, limit: i64) -> Result<Vec<Member>, UnitError> {
    let rows = tx.query(MEMBERS_TOLD, params![id, limit]).await?;
    rows.iter().map(member).collect()
}

const MEMBERS_UNDER: &str = "select m.journey, m.effect from exception_member m join exception e on e.id = m.exception \
     where e.company = $1 and e.code = $2 and m.stand = 'stopped' order by m.at, m.journey, m.effect limit $3";
/// What stands on a company's open cards of one code, the oldest first: journey and record of each.
pub async fn members_under(tx: &mut Tx<'_>, company: &str, code: Code, limit: i64) -> Result<Vec<(String, String)>, UnitError> {
    let rows = tx.query(MEMBERS_UNDER, params![company, code.name(), limit]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

const STOPS: &str = "select journey from exception_member where exception = $1 and stand = 'stopped' limit 1";

/// Whether anything stands still under the card of this company, code and cause. Its life follows a little later.
pub async fn is_open(tx: &mut Tx<'_>, company: &str, code: Code, cause: &Cause) -> Result<bool, UnitError> {
    let id = card(company, code, cause);
    Ok(tx.query_opt(STOPS, params![id.as_str()]).await?.is_some())
}

const TO_DECIDE: &str = "select m.exception, e.code, m.journey, m.effect, m.again from exception_member m \
     join exception e on e.id = m.exception where m.again <> 0 and e.company = $1 order by m.exception, m.journey, m.effect limit $2";
const DECIDED: &str =
    "update exception_member set again = 0 where exception = $1 and journey = $2 and effect = $3 and again = $4";
const FIRST: &str = "update exception set first_of = $2 where id = $1 and closed_at is null returning company, id";
const FIRST_OF: &str = "select first_of from exception where id = $1";
const RECORDS_OF: &str =
    "select effect, stand from exception_member where exception = $1 and journey = $2 order by effect limit 1000";

/// A record that somebody has put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutRight {
    pub card: String,
    pub code: String,
    pub journey: String,
    pub effect: String,
    /// How often it was put right since it was last decided.
    pub times: i64,
}

/// Records of a company that are to be decided again.
pub async fn to_decide(tx: &mut Tx<'_>, company: &str, limit: i64) -> Result<Vec<PutRight>, UnitError> {
    let rows = tx.query(TO_DECIDE, params![company, limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(PutRight {
                card: row.get(0)?,
                code: row.get(1)?,
                journey: row.get(2)?,
                effect: row.get(3)?,
                times: row.get(4)?,
            })
        })
        .collect()
}

/// It was decided again, unless it was put right once more meanwhile.
pub async fn decided(tx: &mut Tx<'_>, record: &PutRight) -> Result<(), UnitError> {
    tx.execute(DECIDED, params![record.card, record.journey, record.effect, record.times])
        .await
        .map(drop)
}

/// With which record of an open card the next fix is tried in earnest; empty for all at once.
pub async fn set_first(tx: &mut Tx<'_>, card: &str, journey: &str) -> Result<bool, UnitError> {
    tx.change(Kind::Card, FIRST, params![card, journey]).await
}

/// The record with which the next fix is tried; empty for all at once.
pub async fn first(tx: &mut Tx<'_>, card: &str) -> Result<String, UnitError> {
    tx.query_one(FIRST_OF, params![card]).await?.get(0)
}

/// What of a journey is on a card, and how each stands: `stopped`, `proving`, `proven`.
pub async fn records_of(tx: &mut Tx<'_>, card: &str, journey: &str) -> Result<Vec<(String, String)>, UnitError> {
    let rows = tx.query(RECORDS_OF, params![card, journey]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

const PUT_RIGHT: &str = "update exception_member set again = again + 1 where journey = $1 and stand = 'stopped'";

/// All that stands still of a journey is to be decided again.
pub async fn put_right(tx: &mut Tx<'_>, journey: &str) -> Result<u64, UnitError> {
    tx.execute(PUT_RIGHT, params![journey]).await
}

const ENDED: &str = "select ended_at from exception_member where journey = '' and effect = $1 and stand = 'proven' \
     order by ended_at desc limit 1";

/// When something that belongs to no journey last went off its card; none if it never stood on one.
pub async fn ended_at(tx: &mut Tx<'_>, record: &str) -> Result<Option<Timestamp>, UnitError> {
    let row = tx.query_opt(ENDED, params![record]).await?;
    row.map(|row| row.get(0).map(Timestamp::from_micros)).transpose()
}

const TO_ASK: &str = "select m.journey, j.source_key from exception_member m join exception e on e.id = m.exception \
     join journey j on j.id = m.journey where e.company = $1 and e.code = $2 and m.effect = '' and m.stand = 'stopped' \
     and j.stage = 'stopped' and m.asked_at <= $3 order by m.asked_at, m.journey limit $4";
const ASKED: &str = "update exception_member set asked_at = $2 where journey = $1 and effect = '' and stand = 'stopped'";

/// Orders that stand still under this code and whose source was not asked since then: journey and the channel's key, the longest ago first.
pub async fn to_ask(
    tx: &mut Tx<'_>,
    company: &str,
    code: Code,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<(String, String)>, UnitError> {
    let rows = tx
        .query(TO_ASK, params![company, code.name(), before.micros(), limit])
        .await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

pub async fn asked(tx: &mut Tx<'_>, journey: &str, now: Timestamp) -> Result<(), UnitError> {
    tx.execute(ASKED, params![journey, now.micros()]).await.map(drop)
}

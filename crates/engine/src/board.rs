//! The board: cards and their records as people look for them, page by page.
//!
//! Reading changes nothing. What a card comes to is kept on it, so nothing is counted here; only the money at stake over all cards is, since
//! an order that stands under two of them is at stake once.
//!
//! Not here: what people do with a card ([`crate::desk`]), and the shapes in which it is served (`web`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use tallyman_core::access::{Permit, Right};
use tallyman_core::calendar::Calendar;
use tallyman_core::card::Life;
use tallyman_core::catalogue::{Owner, Severity};
use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::money::Money;
use tallyman_store::tables::board::{self, Open};
use tallyman_store::tables::cards::{self, Stored};
use tallyman_store::tables::{exceptions, splits};
use tallyman_store::{Store, Tx, Unit, UnitError, keys};

pub use tallyman_store::tables::board::{Member, Order};
pub use tallyman_store::tables::cards::{Aside, Told as Acted};

use crate::culprit;
use crate::leave;
use crate::parts::Parts;
use crate::vault::Vault;

/// Rows of one page at most.
pub const LIMIT_MAX: usize = 200;
/// Cards looked through for a page of a filtered list: what has not been reached by then is for the next page.
const SCANNED_MAX: usize = 2_000;

/// Which cards.
#[derive(Debug, Clone, Default)]
pub struct Seek {
    pub companies: Vec<String>,
    pub code: Option<Code>,
    pub team: Option<Owner>,
    pub severity: Option<Severity>,
    /// The name of a life; of open cards only.
    pub life: Option<&'static str>,
    /// What the cause holds, whatever the case.
    pub words: Option<String>,
    pub order: Order,
}

/// Cards that are offered to choose from.
const BESIDE_MAX: i64 = 30;

/// Some rows, and where the next page begins; `None` after the last.
#[derive(Debug, Clone)]
pub struct Page<T, K> {
    pub rows: Vec<T>,
    pub next: Option<K>,
}

/// What a card is sorted by, and its id.
pub type CardKey = (i64, String);

struct Cards {
    companies: Vec<String>,
    order: Order,
    after: CardKey,
    limit: i64,
}

impl Unit for Cards {
    type Output = Vec<Stored>;
    const NAME: &'static str = "page_of_cards";

    /// Each company's own list is a range of an index: what is first in all is among the first of each.
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Stored>, UnitError> {
        let mut found = Vec::new();
        for company in &self.companies {
            found.extend(board::cards(tx, company, self.order, (self.after.0, &self.after.1), self.limit).await?);
        }
        found.sort_by(|one, other| self.order.compare(one, other));
        found.truncate(usize::try_from(self.limit).unwrap_or(usize::MAX));
        Ok(found)
    }
}

impl Seek {
    fn words(&self) -> String {
        self.words.as_deref().unwrap_or_default().trim().to_lowercase()
    }

    fn wants(&self, stored: &Stored, words: &str) -> bool {
        let card = &stored.card;
        self.code.is_none_or(|code| code == card.code)
            && self.team.is_none_or(|team| team == card.team)
            && self.severity.is_none_or(|severity| severity == card.code.entry().severity)
            && self.life.is_none_or(|life| life == card.life.name())
            && (words.is_empty() || holds(words, &card.cause.to_string()) || holds(words, &culprit::said(stored)))
    }
}

fn holds(words: &str, text: &str) -> bool {
    text.to_lowercase().contains(words)
}

/// A page of cards. Of a list that is filtered it may hold fewer rows than the limit, and still have a next.
pub async fn cards(store: &Store, seek: &Seek, after: Option<CardKey>, limit: usize) -> Result<Page<Stored, CardKey>, UnitError> {
    let Page { rows, next } = found(store, seek, after, limit).await?;
    let rows = culprit::called(store, rows).await?;
    Ok(Page { rows, next })
}

async fn found(store: &Store, seek: &Seek, after: Option<CardKey>, limit: usize) -> Result<Page<Stored, CardKey>, UnitError> {
    let limit = limit.clamp(1, LIMIT_MAX);
    let words = seek.words();
    // One more than the page holds tells whether there is a next. What is filtered out has to be made up for: more at once then.
    let mut at_once = limit + 1;
    let mut after = after.unwrap_or((seek.order.start(), String::new()));
    let mut rows = Vec::new();
    let mut scanned = 0;
    loop {
        let unit = Cards {
            companies: seek.companies.clone(),
            order: seek.order,
            after: after.clone(),
            limit: at_once as i64,
        };
        let mut found = store.read(unit).await?;
        if !words.is_empty() {
            // A write is looked for by what its card shows of it.
            found = culprit::called(store, found).await?;
        }
        let (count, last_of_all) = (found.len(), found.len() < at_once);
        for (index, card) in found.into_iter().enumerate() {
            after = (seek.order.key(&card), card.id.clone());
            if seek.wants(&card, &words) {
                rows.push(card);
            }
            if rows.len() == limit {
                let more = !last_of_all || index + 1 < count;
                return Ok(Page {
                    rows,
                    next: more.then_some(after),
                });
            }
        }
        scanned += count;
        at_once = (at_once * 2).min(LIMIT_MAX);
        if last_of_all {
            return Ok(Page { rows, next: None });
        }
        if scanned >= SCANNED_MAX {
            return Ok(Page { rows, next: Some(after) });
        }
    }
}

struct Beside {
    company: String,
    card: String,
}

impl Unit for Beside {
    type Output = Vec<(String, Code, Cause)>;
    const NAME: &'static str = "cards_beside";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        board::beside(tx, &self.company, &self.card, BESIDE_MAX).await
    }
}

/// Other open cards of the same company, to choose one from: the oldest, each with what it is about.
pub async fn beside(store: &Store, card: &Stored) -> Result<Vec<(String, Code, Cause)>, UnitError> {
    let unit = Beside {
        company: card.company.clone(),
        card: card.id.clone(),
    };
    store.read(unit).await
}

/// How people have put a card together with others, and taken it apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Room {
    /// The card that it is shown under.
    pub under: Option<String>,
    /// Whether that card is open: then this one is on no list by itself.
    pub hidden: bool,
    /// The cards that are shown under it.
    pub shows: Vec<String>,
    /// The card that it is a part of.
    pub split_of: Option<String>,
    /// The open cards that were split off it.
    pub parts: Vec<String>,
}

struct InRoom(String);

impl Unit for InRoom {
    type Output = Room;
    const NAME: &'static str = "room_of_card";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Room, UnitError> {
        let (under, split_of) = splits::room(tx, &self.0).await?.unwrap_or_default();
        let above = if under.is_empty() {
            None
        } else {
            cards::load(tx, &under).await?
        };
        let filled = |id: String| Some(id).filter(|id| !id.is_empty());
        Ok(Room {
            hidden: above.is_some_and(|above| above.closed_at.is_none()),
            under: filled(under),
            shows: splits::shown_under(tx, &self.0, LIMIT_MAX as i64).await?,
            split_of: filled(split_of),
            parts: splits::open_parts(tx, &self.0, LIMIT_MAX as i64).await?,
        })
    }
}

/// How a card stands to others.
pub async fn room(store: &Store, card: &str) -> Result<Room, UnitError> {
    store.read(InRoom(card.to_owned())).await
}

struct One(String);

impl Unit for One {
    type Output = Option<Stored>;
    const NAME: &'static str = "one_card";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let Some(mut card) = cards::load(tx, &self.0).await? else {
            return Ok(None);
        };
        culprit::call_writes(tx, std::slice::from_mut(&mut card), &mut BTreeMap::new()).await?;
        Ok(Some(card))
    }
}

/// One card, open or closed.
pub async fn card(store: &Store, id: &str) -> Result<Option<Stored>, UnitError> {
    store.read(One(id.to_owned())).await
}

/// When teams work that said nothing else.
static USUAL: LazyLock<Calendar> = LazyLock::new(Calendar::usual);

/// When the team of a company works, as its alerts count it.
pub fn hours<'a>(parts: &'a Parts, company: &str, team: Owner) -> &'a Calendar {
    let merchant = parts.merchants.iter().find(|merchant| merchant.company.as_str() == company);
    let alerts = merchant.and_then(|merchant| merchant.alerts.as_ref());
    alerts.map_or(&*USUAL, |alerts| alerts.settings.calendar_of(team))
}

/// What a card's records are sorted by: the dearest order first.
pub use tallyman_store::tables::board::Rank as MemberKey;

struct Members {
    company: String,
    card: String,
    after: MemberKey,
    limit: i64,
    with_keys: bool,
}

impl Unit for Members {
    type Output = (Vec<Member>, BTreeMap<String, keys::KeyState>);
    const NAME: &'static str = "page_of_members";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let members = board::members(tx, &self.card, &self.after, self.limit).await?;
        let said = members.iter().filter(|member| self.with_keys && member.sentence.is_some());
        let held = keys::load_all(tx, &self.company, said.map(|member| member.journey.as_str())).await?;
        Ok((members, held))
    }
}

/// A record with what is said of it; nothing where it was not asked to be opened, or where its order was erased.
#[derive(Debug, Clone)]
pub struct Said {
    pub member: Member,
    pub sentence: Option<String>,
}

/// A page of a card's records. What is said of them is opened with this vault, by leave to open it there; without these it stays sealed.
pub async fn members(
    store: &Store,
    opened: Option<(&Vault, &Permit)>,
    card: &Stored,
    after: Option<MemberKey>,
    limit: usize,
) -> Result<Page<Said, MemberKey>, UnitError> {
    let limit = limit.clamp(1, LIMIT_MAX);
    let vault = match opened {
        Some((vault, permit)) => {
            leave::is_for(permit, Right::Open, &card.company)?;
            Some(vault)
        }
        None => None,
    };
    let unit = Members {
        company: card.company.clone(),
        card: card.id.clone(),
        after: after.unwrap_or_else(Member::start),
        limit: limit as i64 + 1,
        with_keys: vault.is_some(),
    };
    let (mut members, held) = store.read(unit).await?;
    let more = members.len() > limit;
    members.truncate(limit);
    let last = members.last().map(Member::rank);
    let next = last.filter(|_| more);
    // Sealed under the card of its cause, wherever people have put the record.
    let of_cause = exceptions::card(&card.company, card.card.code, &card.card.cause).to_string();
    let mut rows = Vec::with_capacity(members.len());
    for mut member in members {
        let sentence = match (vault, member.sentence.take(), held.get(&member.journey)) {
            (Some(vault), Some(sealed), Some(keys::KeyState::Held(wrapped))) => {
                let key = vault.unwrap(&card.company, &member.journey, wrapped)?;
                Some(vault.sentence(&key, &of_cause, sealed)?)
            }
            _ => None,
        };
        rows.push(Said { member, sentence });
    }
    Ok(Page { rows, next })
}

struct Acts {
    card: String,
    before: i64,
    limit: i64,
}

impl Unit for Acts {
    type Output = Vec<Acted>;
    const NAME: &'static str = "acts_on_card";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Acted>, UnitError> {
        board::acts(tx, &self.card, self.before, self.limit).await
    }
}

/// A page of what was done with a card, the newest first; its key is the version of the last.
pub async fn history(store: &Store, card: &str, before: Option<u64>, limit: usize) -> Result<Page<Acted, u64>, UnitError> {
    let limit = limit.clamp(1, LIMIT_MAX);
    let unit = Acts {
        card: card.to_owned(),
        before: before.and_then(|before| i64::try_from(before).ok()).unwrap_or(i64::MAX),
        limit: limit as i64 + 1,
    };
    let mut rows = store.read(unit).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().map(|last| last.version).filter(|_| more);
    Ok(Page { rows, next })
}

/// A company's open cards in numbers.
#[derive(Debug, Clone)]
pub struct Summary {
    pub company: String,
    /// What stands still, net, each order once over all cards; and how many orders that is.
    pub money: Money,
    pub orders: u64,
    pub open: Vec<Open>,
}

struct Summarise(String);

impl Unit for Summarise {
    type Output = Summary;
    const NAME: &'static str = "summary_of_cards";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Summary, UnitError> {
        let (money, orders) = cards::at_stake(tx, &self.0).await?;
        Ok(Summary {
            company: self.0.clone(),
            money,
            orders,
            open: board::open(tx, &self.0).await?,
        })
    }
}

/// How far the open cards of some companies are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    pub open: u64,
    /// Those that people may leave alone for a while.
    pub aside: u64,
    /// Those under which nothing stands still any more.
    pub proving: u64,
}

struct HowFar(Vec<String>);

impl Unit for HowFar {
    type Output = Standing;
    const NAME: &'static str = "how_far_cards_are";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Standing, UnitError> {
        let mut all = Standing::default();
        for company in &self.0 {
            for (life, cards) in board::lives(tx, company).await? {
                all.open += cards;
                match life.as_str() {
                    "set_aside" => all.aside += cards,
                    "verifying" => all.proving += cards,
                    _ => {}
                }
            }
        }
        Ok(all)
    }
}

/// How many open cards the lists of these companies have, and how many of them wait for nobody.
pub async fn how_far(store: &Store, companies: Vec<String>) -> Result<Standing, UnitError> {
    store.read(HowFar(companies)).await
}

struct SetAside(Vec<String>);

impl Unit for SetAside {
    type Output = BTreeMap<String, Aside>;
    const NAME: &'static str = "who_set_cards_aside";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        cards::set_aside(tx, self.0.iter().cloned()).await
    }
}

/// Who has set those of these cards aside that are, by their ids.
pub async fn set_aside(store: &Store, cards: &[Stored]) -> Result<BTreeMap<String, Aside>, UnitError> {
    let aside = cards.iter().filter(|card| matches!(card.card.life, Life::SetAside { .. }));
    let ids: Vec<String> = aside.map(|card| card.id.clone()).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    store.read(SetAside(ids)).await
}

struct HowMany(Vec<String>);

impl Unit for HowMany {
    type Output = u64;
    const NAME: &'static str = "number_of_cards";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, UnitError> {
        let mut all = 0;
        for company in &self.0 {
            all += board::listed(tx, company).await?;
        }
        Ok(all)
    }
}

/// How many open cards the lists of these companies have; cheap, whatever stands under them.
pub async fn how_many(store: &Store, companies: Vec<String>) -> Result<u64, UnitError> {
    store.read(HowMany(companies)).await
}

/// How the cards of one company stand.
pub async fn summary(store: &Store, company: &str) -> Result<Summary, UnitError> {
    store.read(Summarise(company.to_owned())).await
}

//! Holds: placed and ended by people, and let go of when they are over.
//!
//! The claim passes over what is held ([`crate::units::claim`]): its lane waits until the hold ends. A hold that is ended before its time,
//! or that is over, is let go of here, in bounded units: each lane that waits for it is due again, unless it has moved meanwhile. Whoever
//! is cut short leaves the rest to the reconciler, which comes round with healing.

use tallyman_core::access::{Permit, Right};
use tallyman_core::hold::{self, Hold, Scope};
use tallyman_core::ident::Connection;
use tallyman_core::time::Timestamp;
use tallyman_store::journal::{Act, Change};
use tallyman_store::tables::holds;
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::leave;
use crate::parts::{Merchant, Parts};

/// Lanes let go in one unit.
const AT_ONCE: i64 = 500;
/// Holds that are over, and are still shown.
const OVER_SHOWN: i64 = 30;
/// Lanes that wait are counted as far as this.
pub const COUNTED_MAX: u64 = 10_000;

/// Why nothing was held, or let go.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Wrong(#[from] hold::Wrong),
    #[error("There is no connection {name} at {company}; there are {known}.")]
    NoConnection { company: String, name: String, known: String },
    #[error("{company} has no channel {name}; orders come from {known}.")]
    NoChannel { company: String, name: String, known: String },
    #[error("There is no hold {0}. Connections shows those that stand.")]
    NotThere(String),
    #[error("The hold {0} is over already.")]
    Over(String),
    #[error(transparent)]
    Store(#[from] UnitError),
}

/// What somebody wants held.
#[derive(Debug, Clone)]
pub struct Wish {
    pub scope: Scope,
    pub reason: String,
    pub until: Timestamp,
}

/// Places a hold. What is under way already goes on.
pub async fn place(parts: &Parts, merchant: &Merchant, permit: &Permit, wish: Wish) -> Result<Hold, Refused> {
    let (company, now) = (merchant.company.as_str(), parts.clock.now());
    leave::is_for(permit, Right::Connect, company)?;
    known(merchant, &wish.scope)?;
    let hold = hold::place(company, wish.scope, &wish.reason, permit.actor(), now, wish.until)?;
    parts.store.write(Place { hold: hold.clone() }).await?;
    Ok(hold)
}

/// Only what is there can be held: a slip of the keys would hold nothing, and look as if it did.
fn known(merchant: &Merchant, scope: &Scope) -> Result<(), Refused> {
    let company = merchant.company.to_string();
    match scope {
        Scope::Connection(name) | Scope::Writes(name) => {
            let all: Vec<String> = merchant
                .everything()
                .map(|connector| connector.connection().to_string())
                .collect();
            if all.contains(name) {
                return Ok(());
            }
            let (name, known) = (name.clone(), all.join(", "));
            Err(Refused::NoConnection { company, name, known })
        }
        Scope::Retailer(name) => {
            let known = merchant.channel.connection().to_string();
            if known == *name {
                return Ok(());
            }
            let name = name.clone();
            Err(Refused::NoChannel { company, name, known })
        }
        // The ledger's items change; one that it does not have yet may be held before it comes.
        Scope::Item(_) => Ok(()),
    }
}

struct Place {
    hold: Hold,
}

impl Unit for Place {
    type Output = ();
    const NAME: &'static str = "place_hold";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let hold = &self.hold;
        if !holds::insert(tx, hold).await? {
            return Ok(());
        }
        if let Scope::Connection(name) = &hold.scope {
            stop(tx, &hold.company, name, hold.from).await?;
        }
        let sentence = format!("Until {}: {}. {}", hold.until, hold.scope.said(), hold.reason);
        let after = held(hold);
        let said = (&*sentence, Change::made(&after));
        told(tx, hold, (hold.by.as_str(), "hold.placed"), said, hold.from).await
    }
}

/// A connection is stopped for as long as any of its holds says so.
async fn stop(tx: &mut Tx<'_>, company: &str, connection: &str, now: Timestamp) -> Result<(), UnitError> {
    let standing = holds::standing(tx, company).await?;
    let mine = standing.iter().filter(|hold| hold.stands(now));
    let until = mine.filter(|hold| matches!(&hold.scope, Scope::Connection(name) if name == connection));
    let until = until.map(|hold| hold.until).max().unwrap_or(now);
    holds::stop(tx, connection, until).await
}

fn held(hold: &Hold) -> String {
    format!("held until {}", hold.until)
}

/// Writes the line of a hold that is over.
async fn over(tx: &mut Tx<'_>, hold: &Hold, actor: &str, sentence: &str, now: Timestamp) -> Result<(), UnitError> {
    let (before, after) = (held(hold), format!("let go at {now}"));
    let said = (sentence, Change::to(&before, &after));
    told(tx, hold, (actor, "hold.ended"), said, now).await
}

async fn told(
    tx: &mut Tx<'_>,
    hold: &Hold,
    (actor, kind): (&str, &'static str),
    (what, change): (&str, Change<'_>),
    at: Timestamp,
) -> Result<(), UnitError> {
    let act = Act {
        company: &hold.company,
        at,
        actor,
        kind,
        subject: hold.id.as_str(),
        what,
        change,
    };
    act.write(tx).await
}

/// Ends a hold before its time, and lets go of what waits for it.
pub async fn end(parts: &Parts, company: &str, id: &str, permit: &Permit) -> Result<Hold, Refused> {
    leave::is_for(permit, Right::Connect, company)?;
    let now = parts.clock.now();
    let unit = End {
        company: company.to_owned(),
        id: id.to_owned(),
        by: permit.actor().to_owned(),
        now,
    };
    let hold = match parts.store.write(unit).await? {
        Ended::NotThere => return Err(Refused::NotThere(id.to_owned())),
        Ended::Over => return Err(Refused::Over(id.to_owned())),
        Ended::Now(hold) => *hold,
    };
    let_go(parts, &hold).await?;
    Ok(hold)
}

struct End {
    company: String,
    id: String,
    by: String,
    now: Timestamp,
}

enum Ended {
    NotThere,
    Over,
    Now(Box<Hold>),
}

impl Unit for End {
    type Output = Ended;
    const NAME: &'static str = "end_hold";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Ended, UnitError> {
        let Some(hold) = holds::load(tx, &self.company, &self.id).await? else {
            return Ok(Ended::NotThere);
        };
        if !hold.stands(self.now) || !holds::end(tx, &hold, &self.by, self.now).await? {
            return Ok(Ended::Over);
        }
        if let Scope::Connection(name) = &hold.scope {
            stop(tx, &hold.company, name, self.now).await?;
        }
        let sentence = format!("Ended before its time: {}.", hold.scope.said());
        over(tx, &hold, &self.by, &sentence, self.now).await?;
        Ok(Ended::Now(Box::new(hold)))
    }
}

/// Lets go of what waits for it, page by page, and says that it is over.
async fn let_go(parts: &Parts, hold: &Hold) -> Result<(), UnitError> {
    loop {
        let unit = LetGo {
            hold: hold.clone(),
            now: parts.clock.now(),
        };
        let (woken, over) = parts.store.write(unit).await?;
        for connection in &woken {
            parts.bells.ring(&Connection::new(connection.as_str()));
        }
        if over {
            if let Scope::Connection(name) = &hold.scope {
                parts.bells.ring(&Connection::new(name.as_str()));
                parts.bells.hurry();
            }
            return Ok(());
        }
    }
}

struct LetGo {
    hold: Hold,
    now: Timestamp,
}

impl Unit for LetGo {
    /// Connections at which something became due, and whether nothing waits any more.
    type Output = (Vec<String>, bool);
    const NAME: &'static str = "let_go";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut woken = holds::release(tx, &self.hold, self.now, AT_ONCE).await?;
        let is_over = woken.len() < usize::try_from(AT_ONCE).unwrap_or(usize::MAX);
        woken.sort();
        woken.dedup();
        // One that was ended by somebody has had its line.
        let by_itself = holds::load(tx, &self.hold.company, self.hold.id.as_str())
            .await?
            .is_some_and(|hold| hold.ended_at.is_none());
        if is_over && holds::let_go(tx, &self.hold, self.now).await? && by_itself {
            let sentence = format!("Its time was over: {}.", self.hold.scope.said());
            over(tx, &self.hold, "tallyman", &sentence, self.now).await?;
        }
        Ok((woken, is_over))
    }
}

/// Lets go of every hold that is over. Almost always there is none.
pub async fn round(parts: &Parts, company: &str) -> Result<(), UnitError> {
    let unit = Standing {
        company: company.to_owned(),
        over: 0,
    };
    let now = parts.clock.now();
    let (standing, _) = parts.store.read(unit).await?;
    for (hold, _) in standing.iter().filter(|(hold, _)| !hold.stands(now)) {
        let_go(parts, hold).await?;
    }
    Ok(())
}

/// A hold, and how many lanes wait because of it, counted as far as [`COUNTED_MAX`].
pub type Counted = (Hold, u64);

struct Standing {
    company: String,
    over: i64,
}

impl Unit for Standing {
    type Output = (Vec<Counted>, Vec<Hold>);
    const NAME: &'static str = "standing_holds";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut counted = Vec::new();
        for hold in holds::standing(tx, &self.company).await? {
            let waits = holds::count(tx, &hold, i64::try_from(COUNTED_MAX).unwrap_or(i64::MAX)).await?;
            counted.push((hold, waits));
        }
        let over = match self.over {
            0 => Vec::new(),
            limit => holds::over(tx, &self.company, limit).await?,
        };
        Ok((counted, over))
    }
}

/// What is held at a company, and the last that are over.
pub async fn of_company(store: &Store, company: &str) -> Result<(Vec<Counted>, Vec<Hold>), UnitError> {
    let company = company.to_owned();
    let over = OVER_SHOWN;
    store.read(Standing { company, over }).await
}

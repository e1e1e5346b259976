//! The handbook as it stands now: what it says, in which version, who works by it, who has read it, and a real example of each failure.
//!
//! What it says follows the configuration ([`tallyman_core::handbook`]). Whoever opens it when it says something new has that kept as the next
//! version; so a version exists from the first time that anybody could have read it.

use std::collections::{BTreeMap, BTreeSet};

use tallyman_core::access::{Permit, Right, person};
use tallyman_core::catalogue::Owner;
use tallyman_core::finding::Code;
use tallyman_core::handbook::{Changes, Handbook, Rules, changes, write};
use tallyman_core::time::Timestamp;
use tallyman_store::journal::{Act, Change};
use tallyman_store::tables::cards::Stored;
use tallyman_store::tables::deputies::{self, For};
use tallyman_store::tables::handbook::{self, Version};
use tallyman_store::tables::people;
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::leave;
use crate::parts::Merchant;

/// People that are looked through for a company's teams.
const PEOPLE_MAX: i64 = 500;
/// Readers of a version that are named.
const READERS_MAX: i64 = 1_000;
/// Who keeps a version: what is configured says something new, and whoever opens it first only meets it.
const BY_ITSELF: &str = "tallyman";
/// Somebody else may keep the same version at the same time, this often.
const CONFLICTS_MAX: u32 = 5;

/// Somebody who works by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colleague {
    /// As the journal names them.
    pub actor: String,
    pub name: String,
    /// The teams that they act for; none for those who only look on.
    pub teams: BTreeSet<Owner>,
    /// Those of them for which they only stand in for somebody, now.
    pub stands_in: BTreeSet<Owner>,
    /// When they said that they have read this version.
    pub read_at: Option<Timestamp>,
}

/// All of it.
pub struct Book {
    pub says: Handbook,
    pub version: Version,
    /// What it says otherwise than the version before; nothing for the first.
    pub changes: Option<Changes>,
    /// The newest card of each code that there has ever been.
    pub examples: BTreeMap<Code, Stored>,
    pub people: Vec<Colleague>,
    /// Others who have read it, such as tokens.
    pub others: Vec<(String, Timestamp)>,
}

fn says(merchant: &Merchant) -> Handbook {
    write(Rules {
        company: &merchant.company,
        alerts: merchant.alerts.as_ref().map(|alerts| &alerts.settings),
        masters: &merchant.masters,
    })
}

/// The handbook of a merchant, now.
pub async fn open(store: &Store, merchant: &Merchant, now: Timestamp) -> Result<Book, UnitError> {
    let says = says(merchant);
    let company = merchant.company.to_string();
    let version = kept(store, &company, &says, now).await?;
    let read = Read {
        company,
        number: version.number,
        now,
    };
    let read = store.read(read).await?;
    let mut readers: BTreeMap<String, Timestamp> = read.readers.into_iter().collect();
    let people = read
        .people
        .into_iter()
        .map(|colleague| Colleague {
            read_at: readers.remove(&colleague.actor),
            ..colleague
        })
        .collect();
    Ok(Book {
        changes: read.before.map(|before| changes(&before.says, &version.says)),
        examples: read.examples,
        people,
        others: readers.into_iter().collect(),
        says,
        version,
    })
}

/// The version that says this, kept if it is new.
async fn kept(store: &Store, company: &str, says: &Handbook, now: Timestamp) -> Result<Version, UnitError> {
    let hash = says.hash().to_string();
    let mut conflicts = 0;
    loop {
        let latest = store.read(Latest(company.to_owned())).await?;
        let number = match latest {
            Some(latest) if latest.hash == hash => return Ok(latest),
            Some(latest) => latest.number + 1,
            None => 1,
        };
        let version = Version {
            number,
            hash: hash.clone(),
            says: says.lines(),
            at: now,
        };
        let keep = Keep {
            company: company.to_owned(),
            version: version.clone(),
        };
        match store.write(keep).await {
            Ok(()) => return Ok(version),
            // Somebody has just kept it: it is read again.
            Err(UnitError::Conflict(_) | UnitError::Contended) if conflicts < CONFLICTS_MAX => conflicts += 1,
            Err(error) => return Err(error),
        }
    }
}

struct Latest(String);

impl Unit for Latest {
    type Output = Option<Version>;
    const NAME: &'static str = "latest_handbook";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        handbook::latest(tx, &self.0).await
    }
}

struct Keep {
    company: String,
    version: Version,
}

impl Unit for Keep {
    type Output = ();
    const NAME: &'static str = "keep_handbook";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let said = handbook::latest(tx, &self.company).await?;
        if said.as_ref().is_some_and(|said| said.number >= self.version.number) {
            return Err(UnitError::Conflict("the handbook".into()));
        }
        handbook::add(tx, &self.company, &self.version).await?;
        let number = |version: &Version| format!("version {}", version.number);
        let (before, after) = (said.as_ref().map(number), number(&self.version));
        let differ = changes(said.as_ref().map_or(&[], |said| &said.says), &self.version.says);
        let what = format!(
            "{after} of the handbook, as it is configured: lines that are new {}, not said any more {}",
            differ.added.len(),
            differ.gone.len()
        );
        let act = Act {
            company: &self.company,
            at: self.version.at,
            actor: BY_ITSELF,
            kind: "handbook_published",
            subject: "handbook",
            what: &what,
            change: Change {
                before: before.as_deref(),
                after: Some(&after),
            },
        };
        act.write(tx).await
    }
}

struct Read {
    company: String,
    number: u64,
    now: Timestamp,
}

struct Found {
    before: Option<Version>,
    readers: Vec<(String, Timestamp)>,
    people: Vec<Colleague>,
    examples: BTreeMap<Code, Stored>,
}

impl Unit for Read {
    type Output = Found;
    const NAME: &'static str = "read_handbook";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Found, UnitError> {
        let before = match self.number.checked_sub(1) {
            Some(before) if before > 0 => handbook::one(tx, &self.company, before).await?,
            Some(_) | None => None,
        };
        let mut examples = BTreeMap::new();
        for code in Code::ALL {
            if let Some(card) = handbook::newest(tx, &self.company, *code).await? {
                examples.insert(*code, card);
            }
        }
        Ok(Found {
            before,
            readers: handbook::readers(tx, &self.company, self.number, READERS_MAX).await?,
            people: colleagues(tx, &self.company, self.now).await?,
            examples,
        })
    }
}

/// Everybody who works at a company now: what they were given there, and whom they stand in for.
async fn colleagues(tx: &mut Tx<'_>, company: &str, now: Timestamp) -> Result<Vec<Colleague>, UnitError> {
    let mut all: BTreeMap<String, Colleague> = BTreeMap::new();
    // Who signs in first is shown first.
    let mut order = Vec::new();
    for found in people::list(tx, ("", ""), PEOPLE_MAX).await? {
        if found.ended_at.is_some() {
            continue;
        }
        let mut is_there = false;
        let mut teams = BTreeSet::new();
        for granted in people::grants(tx, &found.id).await? {
            let grant = granted.grant();
            if !grant.at.covers(company) {
                continue;
            }
            is_there = true;
            if grant.has(Right::Act) {
                let all_teams = BTreeSet::from(Owner::ALL);
                teams.extend(if grant.teams.is_empty() { all_teams } else { grant.teams });
            }
        }
        if is_there {
            order.push(found.id.clone());
            let colleague = Colleague {
                actor: person(&found.id),
                name: found.name,
                teams,
                stands_in: BTreeSet::new(),
                read_at: None,
            };
            all.insert(found.id, colleague);
        }
    }
    for deputy in deputies::after(tx, now, PEOPLE_MAX).await? {
        if deputy.ended_at.is_some() || deputy.from_at > now {
            continue;
        }
        let teams: BTreeSet<Owner> = match &deputy.stands_for {
            For::Team(team, at) if at.is_empty() || at == company => BTreeSet::from([*team]),
            For::Team(..) => BTreeSet::new(),
            For::Person(id) => all.get(id).map(|known| known.teams.clone()).unwrap_or_default(),
        };
        if let Some(colleague) = all.get_mut(&deputy.person) {
            colleague.stands_in.extend(teams.difference(&colleague.teams).copied());
            colleague.teams.extend(teams);
        }
    }
    Ok(order.iter().filter_map(|id| all.remove(id)).collect())
}

/// Somebody says that they have read a version. Only the one that stands now counts.
pub async fn confirm(store: &Store, merchant: &Merchant, permit: &Permit, number: u64, now: Timestamp) -> Result<(), UnitError> {
    leave::is_for(permit, Right::Read, merchant.company.as_str())?;
    let version = kept(store, merchant.company.as_str(), &says(merchant), now).await?;
    if version.number != number {
        return Err(UnitError::Refused(format!(
            "The handbook is version {} by now, and you have read version {number}. Read what has changed, and confirm that.",
            version.number
        )));
    }
    let confirm = Confirm {
        company: merchant.company.to_string(),
        number,
        actor: permit.actor().to_owned(),
        now,
    };
    store.write(confirm).await
}

struct Confirm {
    company: String,
    number: u64,
    actor: String,
    now: Timestamp,
}

impl Unit for Confirm {
    type Output = ();
    const NAME: &'static str = "confirm_handbook";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        if !handbook::read(tx, &self.company, self.number, &self.actor, self.now).await? {
            return Ok(());
        }
        let what = format!("version {}", self.number);
        let act = Act {
            company: &self.company,
            at: self.now,
            actor: &self.actor,
            kind: "handbook_read",
            subject: "handbook",
            what: &what,
            change: Change::to("not read", "read"),
        };
        act.write(tx).await
    }
}

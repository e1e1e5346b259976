//! What a scene reads and writes behind the product's back.

use tallyman_core::finding::Code;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::JourneyId;
use tallyman_core::journey::Journey;
use tallyman_core::mapping::Row;
use tallyman_store::seal::Wrapped;
use tallyman_store::tables::exceptions::{self, Member};
use tallyman_store::tables::{journeys, mappings};
use tallyman_store::{Tx, Unit, UnitError, keys, params};

/// With which mappings and facts something that is found now was found.
pub struct Latest(pub String);

impl Unit for Latest {
    type Output = exceptions::Seen;
    const NAME: &'static str = "latest_reference";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        mappings::latest(tx, &self.0).await
    }
}

/// The first journey of a company, with its key.
pub struct First(pub String);

impl Unit for First {
    type Output = (Journey, Wrapped);
    const NAME: &'static str = "first_journey";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        const FIRST: &str = "select id from journey where company = $1 order by id limit 1";
        let id = tx.query_one(FIRST, params![self.0]).await?.get::<&str>(0)?.to_owned();
        let parsed = Fingerprint::parse(&id).expect("a name");
        let stored = journeys::load(tx, &JourneyId::from_fingerprint(parsed))
            .await?
            .expect("a journey");
        match keys::load(tx, &self.0, &id).await? {
            keys::KeyState::Held(key) => Ok((stored.journey, key)),
            keys::KeyState::Absent | keys::KeyState::Destroyed { .. } => Err(UnitError::Refused("it has no key".into())),
        }
    }
}

/// How many records of the first company stand still under a code, or go on and have not proved it.
pub struct Unproven(pub Code);

impl Unit for Unproven {
    type Output = i64;
    const NAME: &'static str = "unproven_records";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<i64, UnitError> {
        const UNPROVEN: &str = "select count(*) from exception_member m join exception e on e.id = m.exception \
             where e.company = 'trader-1' and e.code = $1 and m.stand in ('stopped', 'proving')";
        tx.query_one(UNPROVEN, params![self.0.name()]).await?.get(0)
    }
}

/// What a card names.
pub struct Members {
    pub card: String,
}

impl Unit for Members {
    type Output = Vec<Member>;
    const NAME: &'static str = "members_of_card";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Member>, UnitError> {
        exceptions::members_told(tx, &self.card, 1_000).await
    }
}

/// What a word means to a company from now on.
pub struct Map {
    pub company: String,
    pub row: Row,
}

impl Unit for Map {
    type Output = ();
    const NAME: &'static str = "map_cell";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        mappings::insert(tx, &self.company, &self.row).await
    }
}

//! Who people are by another's word: an issuer and what it calls them. One person may have several; each is one person's.

use tallyman_core::access::single::Identity;
use tallyman_core::time::Timestamp;
use tallyman_core::topic::{Kind, Topic};

use crate::{Tx, UnitError, params};

const LINK: &str =
    "insert into identity (issuer, subject, person, linked_at) values ($1, $2, $3, $4) on conflict (issuer, subject) do nothing";
const WHOSE: &str = "select person from identity where issuer = $1 and subject = $2";
const OF: &str = "select issuer, subject from identity where person = $1 order by issuer, subject limit 100";
const UNLINK: &str = "delete from identity where person = $1 and issuer = $2";
const DROP: &str = "delete from identity where person = $1";

/// Says whose it is. False if it is somebody's already, whoever's.
pub async fn link(tx: &mut Tx<'_>, identity: &Identity, person: &str, now: Timestamp) -> Result<bool, UnitError> {
    tx.touched(Topic::of(Kind::Person));
    Ok(tx
        .execute(LINK, params![identity.issuer, identity.subject, person, now])
        .await?
        == 1)
}

pub async fn whose(tx: &mut Tx<'_>, identity: &Identity) -> Result<Option<String>, UnitError> {
    tx.query_opt(WHOSE, params![identity.issuer, identity.subject])
        .await?
        .map(|row| row.get(0))
        .transpose()
}

pub async fn of(tx: &mut Tx<'_>, person: &str) -> Result<Vec<Identity>, UnitError> {
    let rows = tx.query(OF, params![person]).await?;
    let read = |row: &crate::Row| {
        Ok(Identity {
            issuer: row.get(0)?,
            subject: row.get(1)?,
        })
    };
    rows.iter().map(read).collect()
}

/// Takes away what an issuer calls them; how many names that were.
pub async fn unlink(tx: &mut Tx<'_>, person: &str, issuer: &str) -> Result<u64, UnitError> {
    tx.touched(Topic::of(Kind::Person));
    tx.execute(UNLINK, params![person, issuer]).await
}

/// All of a person's.
pub async fn drop_all(tx: &mut Tx<'_>, person: &str) -> Result<(), UnitError> {
    tx.execute(DROP, params![person]).await.map(drop)
}

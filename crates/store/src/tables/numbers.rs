//! Retailers' own item numbers: which code of ours each came with when it first came.

use tallyman_core::time::Timestamp;

use crate::{Tx, UnitError, params};

const FIRST: &str = "select sku from retailer_number where company = $1 and connection = $2 and number = $3";
const ADD: &str = "insert into retailer_number (company, connection, number, sku, first_at) values ($1, $2, $3, $4, $5) \
     on conflict (company, connection, number) do nothing";

/// What this number came with when it first came; none if it never came.
pub async fn first(tx: &mut Tx<'_>, company: &str, connection: &str, number: &str) -> Result<Option<String>, UnitError> {
    let row = tx.query_opt(FIRST, params![company, connection, number]).await?;
    row.map(|row| Ok(row.get::<&str>(0)?.to_owned())).transpose()
}

/// It comes with this, unless it came before.
pub async fn add(
    tx: &mut Tx<'_>,
    (company, connection): (&str, &str),
    number: &str,
    sku: &str,
    now: Timestamp,
) -> Result<(), UnitError> {
    tx.execute(ADD, params![company, connection, number, sku, now.micros()])
        .await
        .map(drop)
}

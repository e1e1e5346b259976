//! What is kept of people, and where to look for it.

use std::path::{Path, PathBuf};

use tallyman_core::document::Order;
use tallyman_core::journey::Stage;
use tallyman_engine::vault::place;
use tallyman_store::keys::{self, KeyState};
use tallyman_store::seal::Wrapped;
use tallyman_store::tables::journeys;
use tallyman_store::{Tx, Unit, UnitError, journal, params};

use crate::scene::Scene;

/// Who an order goes to, in words that are nobody else's.
pub struct Customer {
    pub journey: String,
    pub complete: bool,
    pub name: String,
    pub postcode: String,
    pub phone: String,
    pub words: Vec<(&'static str, String)>,
}

struct All;

impl Unit for All {
    type Output = Vec<(journeys::Sealed, Wrapped, Stage)>;
    const NAME: &'static str = "all orders";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut all = Vec::new();
        for row in journeys::documents(tx, "", 1_000).await? {
            let KeyState::Held(key) = keys::load(tx, &row.company, &row.id).await? else {
                continue;
            };
            let id = tallyman_core::fingerprint::Fingerprint::parse(&row.id).unwrap();
            let id = tallyman_core::ident::JourneyId::from_fingerprint(id);
            let stage = journeys::load(tx, &id).await?.unwrap().journey.stage;
            all.push((row, key, stage));
        }
        Ok(all)
    }
}

/// Everybody, out of their sealed orders.
pub async fn customers(scene: &Scene) -> Vec<Customer> {
    let vault = &scene.parts.vault;
    let mut customers = Vec::new();
    for (row, wrapped, stage) in scene.parts.store.read(All).await.unwrap() {
        let key = vault.unwrap(&row.company, &row.id, &wrapped).unwrap();
        let bytes = vault.open(&key, place("journey", &row.id), row.document).unwrap();
        let address = serde_json::from_slice::<Order>(&bytes).unwrap().address;
        let mut words = vec![("name", address.name.clone()), ("first line", address.line_1)];
        words.extend(address.line_2.map(|line| ("second line", line)));
        words.extend(address.postcode.clone().map(|word| ("postcode", word)));
        words.extend(address.email.map(|word| ("e-mail address", word)));
        words.extend(address.phone.clone().map(|word| ("telephone number", word)));
        // A town, or a flat's number, is found by chance in other people's words; a whole line is not.
        words.retain(|(_, word)| word.chars().count() >= 6);
        customers.push(Customer {
            journey: row.id,
            complete: stage == Stage::Complete,
            name: address.name,
            postcode: address.postcode.unwrap_or_default(),
            phone: address.phone.unwrap_or_default(),
            words,
        });
    }
    customers
}

struct KeyOf {
    company: String,
    journey: String,
}

impl Unit for KeyOf {
    type Output = (Vec<u8>, Vec<u8>);
    const NAME: &'static str = "key of an order";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let KeyState::Held(key) = keys::load(tx, &self.company, &self.journey).await? else {
            panic!("there is no key");
        };
        let id = tallyman_core::fingerprint::Fingerprint::parse(&self.journey).unwrap();
        let id = tallyman_core::ident::JourneyId::from_fingerprint(id);
        Ok((key.as_bytes().to_vec(), journeys::document(tx, &id).await?.unwrap()))
    }
}

/// The wrapped key of an order, and the order as it lies sealed.
pub async fn key_of(scene: &Scene, company: &str, journey: &str) -> (Vec<u8>, Vec<u8>) {
    let unit = KeyOf {
        company: company.into(),
        journey: journey.into(),
    };
    scene.parts.store.read(unit).await.unwrap()
}

struct Lines {
    company: String,
    journey: String,
}

impl Unit for Lines {
    type Output = Vec<journal::Written>;
    const NAME: &'static str = "an order's journal lines";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        journal::of_subject(tx, &self.company, &self.journey).await
    }
}

/// What the journal says of an order.
pub async fn journal_of(scene: &Scene, company: &str, journey: &str) -> Vec<journal::Written> {
    let unit = Lines {
        company: company.into(),
        journey: journey.into(),
    };
    scene.parts.store.read(unit).await.unwrap()
}

/// What was decided about an order, by whom, and whether why is gone.
pub struct RulingOf(pub String);

impl Unit for RulingOf {
    type Output = (String, String, bool);
    const NAME: &'static str = "ruling of an order";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        const OF: &str = "select ruling, first_by, reason from ruling where journey = $1";
        let row = tx.query_one(OF, params![self.0]).await?;
        Ok((row.get(0)?, row.get(1)?, row.get::<Option<Vec<u8>>>(2)?.is_none()))
    }
}

/// Where the bytes of a database are looked for.
pub enum Raw {
    File(PathBuf),
    Rows { url: String, schema: String },
}

impl Raw {
    /// Fails if any of these is found.
    pub async fn holds_none_of(&self, needles: &[(String, Vec<u8>)]) {
        match self {
            Self::File(folder) => {
                let files = files(folder, "tallyman.db");
                assert!(files.iter().any(|(_, bytes)| bytes.len() > 100_000), "the file was not found");
                for (name, bytes) in &files {
                    for (what, needle) in needles {
                        assert!(!holds(bytes, needle), "{name} holds {what}");
                    }
                }
            }
            Self::Rows { url, schema } => {
                let rows = rows(url, schema).await;
                assert!(rows.iter().any(|row| row.starts_with("journey")), "no row was read");
                for row in &rows {
                    for (what, needle) in needles {
                        let plain = String::from_utf8_lossy(needle);
                        let hex: String = needle.iter().map(|byte| format!("{byte:02x}")).collect();
                        assert!(!row.contains(&*plain) && !row.contains(&hex), "a row holds {what}: {row}");
                    }
                }
            }
        }
    }
}

/// The files of a database, its log among them.
fn files(folder: &Path, name: &str) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let found = entry.file_name().to_string_lossy().into_owned();
        if found.starts_with(name) {
            files.push((found, std::fs::read(entry.path()).unwrap()));
        }
    }
    files
}

pub fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    assert!(!needle.is_empty());
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// Every row of every table of a schema, as text with its table's name before it.
async fn rows(url: &str, schema: &str) -> Vec<String> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let tables = "select table_name::text from information_schema.tables where table_schema = $1 order by 1";
    let mut all = Vec::new();
    for table in client.query(tables, &[&schema]).await.unwrap() {
        let table: String = table.get(0);
        let rows = client
            .query(&format!("select t::text from {schema}.\"{table}\" t"), &[])
            .await
            .unwrap();
        all.extend(rows.iter().map(|row| format!("{table}: {}", row.get::<_, String>(0))));
    }
    all
}

//! Migrations: forward only, checksummed, one text for both databases.
//!
//! A migration is applied once, in order, inside a transaction, and its checksum is kept. One that is edited afterwards
//! stops the program: what a database went through must stay readable in the source. Where the two databases need other
//! words for the same thing, the text has a placeholder:
//!
//! | placeholder | SQLite | PostgreSQL |
//! |---|---|---|
//! | `{bigint}` | `integer` | `bigint` |
//! | `{blob}` | `blob` | `bytea` |
//! | `{strict}` | `strict` | nothing |
//! | `{clustered}` | `strict, without rowid` | nothing |
//! | `{serial}` | `integer primary key` | `bigint generated always as identity primary key` |
//!
//! One difference stays: in a table whose whole key is one `{bigint}`, SQLite takes null for "the next number" where
//! PostgreSQL refuses it. Nobody binds null to a key.
//!
//! On PostgreSQL, text columns are made to sort by code point afterwards, as SQLite's do.
//!
//! This is a runner of our own rather than a crate's, because the crate writes the computer's time beside each migration
//! (a simulation must not), and because the placeholders would be ours either way.

use sha2::{Digest, Sha256};

use crate::sqlite::Session;
use crate::{Dialect, OpenError};

/// One step of the tables' history.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its place in the order, from 1 without gaps.
    pub number: i64,
    /// What it is about; also the end of its file's name.
    pub name: &'static str,
    /// Its text, with placeholders.
    pub sql: &'static str,
}

/// The history of the program's tables. A new one goes to the end; none is ever changed.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        name: "base",
        sql: include_str!("../migrations/0001_base.sql"),
    },
    Migration {
        number: 2,
        name: "journeys",
        sql: include_str!("../migrations/0002_journeys.sql"),
    },
    Migration {
        number: 3,
        name: "healing",
        sql: include_str!("../migrations/0003_healing.sql"),
    },
    Migration {
        number: 4,
        name: "permits",
        sql: include_str!("../migrations/0004_permits.sql"),
    },
    Migration {
        number: 5,
        name: "sealed_words",
        sql: include_str!("../migrations/0005_sealed_words.sql"),
    },
    Migration {
        number: 6,
        name: "cards",
        sql: include_str!("../migrations/0006_cards.sql"),
    },
    Migration {
        number: 7,
        name: "alerts",
        sql: include_str!("../migrations/0007_alerts.sql"),
    },
    Migration {
        number: 8,
        name: "tally",
        sql: include_str!("../migrations/0008_tally.sql"),
    },
    Migration {
        number: 9,
        name: "fixes",
        sql: include_str!("../migrations/0009_fixes.sql"),
    },
    Migration {
        number: 10,
        name: "numbers",
        sql: include_str!("../migrations/0010_numbers.sql"),
    },
    Migration {
        number: 11,
        name: "rulings",
        sql: include_str!("../migrations/0011_rulings.sql"),
    },
    Migration {
        number: 12,
        name: "asked",
        sql: include_str!("../migrations/0012_asked.sql"),
    },
    Migration {
        number: 13,
        name: "people",
        sql: include_str!("../migrations/0013_people.sql"),
    },
    Migration {
        number: 14,
        name: "console",
        sql: include_str!("../migrations/0014_console.sql"),
    },
    Migration {
        number: 15,
        name: "handbook",
        sql: include_str!("../migrations/0015_handbook.sql"),
    },
    Migration {
        number: 16,
        name: "tokens",
        sql: include_str!("../migrations/0016_tokens.sql"),
    },
    Migration {
        number: 17,
        name: "counters",
        sql: include_str!("../migrations/0017_counters.sql"),
    },
    Migration {
        number: 18,
        name: "identities",
        sql: include_str!("../migrations/0018_identities.sql"),
    },
    Migration {
        number: 19,
        name: "holds",
        sql: include_str!("../migrations/0019_holds.sql"),
    },
    Migration {
        number: 20,
        name: "captures",
        sql: include_str!("../migrations/0020_captures.sql"),
    },
    Migration {
        number: 21,
        name: "proposals",
        sql: include_str!("../migrations/0021_proposals.sql"),
    },
    Migration {
        number: 22,
        name: "clustered",
        sql: include_str!("../migrations/0022_clustered.sql"),
    },
    Migration {
        number: 23,
        name: "bare",
        sql: include_str!("../migrations/0023_bare.sql"),
    },
    Migration {
        number: 24,
        name: "dearest",
        sql: include_str!("../migrations/0024_dearest.sql"),
    },
    Migration {
        number: 25,
        name: "ranges",
        sql: include_str!("../migrations/0025_ranges.sql"),
    },
    Migration {
        number: 26,
        name: "again",
        sql: include_str!("../migrations/0026_again.sql"),
    },
    Migration {
        number: 27,
        name: "lives",
        sql: include_str!("../migrations/0027_lives.sql"),
    },
];

/// What is kept about a migration that was applied.
pub(crate) struct Applied {
    pub(crate) number: i64,
    pub(crate) name: String,
    pub(crate) checksum: String,
}

pub(crate) const CREATE_TABLE: &str = "create table if not exists migration (number {bigint} not null primary key, name text not null, checksum text not null) {strict}";
pub(crate) const LOAD: &str = "select number, name, checksum from migration order by number";
pub(crate) const RECORD: &str = "insert into migration (number, name, checksum) values ($1, $2, $3)";

impl Migration {
    /// The text for one database.
    pub fn text(&self, dialect: Dialect) -> String {
        fill_in(self.sql, dialect)
    }

    /// What is compared to see that it was not edited: the hash of its text before the placeholders are filled in.
    pub fn checksum(&self) -> String {
        Sha256::digest(self.sql).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The text with the database's own words for the placeholders.
pub(crate) fn fill_in(sql: &str, dialect: Dialect) -> String {
    let words = match dialect {
        Dialect::Sqlite => [
            ("{bigint}", "integer"),
            ("{blob}", "blob"),
            ("{strict}", "strict"),
            ("{clustered}", "strict, without rowid"),
            ("{serial}", "integer primary key"),
        ],
        Dialect::Postgres => [
            ("{bigint}", "bigint"),
            ("{blob}", "bytea"),
            ("{strict}", ""),
            ("{clustered}", ""),
            ("{serial}", "bigint generated always as identity primary key"),
        ],
    };
    words
        .iter()
        .fold(sql.to_owned(), |text, (placeholder, word)| text.replace(placeholder, word))
}

/// Which migrations are still to be applied, or why the database cannot be used.
pub(crate) fn outstanding<'m>(applied: &[Applied], all: &'m [Migration]) -> Result<&'m [Migration], OpenError> {
    if applied.len() > all.len() {
        let newest = &applied[applied.len() - 1];
        return Err(OpenError::Migration(format!(
            "the database has been through migration {} ({}), which this program does not know: it belongs to a newer version",
            newest.number, newest.name
        )));
    }
    for (done, known) in applied.iter().zip(all) {
        if done.number != known.number || done.name != known.name || done.checksum != known.checksum() {
            return Err(OpenError::Migration(format!(
                "migration {} ({}) was applied to this database and has been changed since: put its text back and add a new one",
                done.number, done.name
            )));
        }
    }
    Ok(&all[applied.len()..])
}

/// Brings a SQLite database up to date.
pub(crate) fn sqlite(session: &mut Session, migrations: &[Migration]) -> Result<(), OpenError> {
    let connection = session.connection();
    let failed = |error: rusqlite::Error| OpenError::database("bring its tables up to date", error);
    // Dropping the transaction without a commit rolls it back: all of the outstanding ones are applied, or none.
    let tx = connection
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .map_err(failed)?;
    tx.execute_batch(&fill_in(CREATE_TABLE, Dialect::Sqlite)).map_err(failed)?;
    let applied = load(&tx).map_err(failed)?;
    for migration in outstanding(&applied, migrations)? {
        tx.execute_batch(&migration.text(Dialect::Sqlite)).map_err(failed)?;
        tx.execute(
            RECORD,
            rusqlite::params![migration.number, migration.name, migration.checksum()],
        )
        .map_err(failed)?;
    }
    tx.commit().map_err(failed)
}

fn load(connection: &rusqlite::Connection) -> rusqlite::Result<Vec<Applied>> {
    let mut statement = connection.prepare(LOAD)?;
    let applied = statement.query_map([], |row| {
        Ok(Applied {
            number: row.get(0)?,
            name: row.get(1)?,
            checksum: row.get(2)?,
        })
    })?;
    applied.collect()
}

/// Makes sure that a database which another process works with has the tables that this program knows.
pub(crate) fn sqlite_is_current(session: &mut Session, migrations: &[Migration]) -> Result<(), OpenError> {
    let failed = |error: rusqlite::Error| OpenError::database("read which tables it has", error);
    let applied = load(session.connection()).map_err(failed)?;
    match outstanding(&applied, migrations)? {
        [] => Ok(()),
        [next, ..] => Err(OpenError::Migration(format!(
            "the process that works with this database is of an older version, without migration {} ({}): stop it first",
            next.number, next.name
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Migration = Migration {
        number: 1,
        name: "first",
        sql: "create table a (b {bigint}) {strict};",
    };

    fn applied(migration: &Migration) -> Applied {
        Applied {
            number: migration.number,
            name: migration.name.to_owned(),
            checksum: migration.checksum(),
        }
    }

    #[test]
    fn the_program_counts_its_migrations_without_gaps() {
        for (place, migration) in MIGRATIONS.iter().enumerate() {
            assert_eq!(migration.number, place as i64 + 1, "{}", migration.name);
        }
    }

    #[test]
    fn placeholders_become_each_databases_own_words() {
        assert_eq!(FIRST.text(Dialect::Sqlite), "create table a (b integer) strict;");
        assert_eq!(FIRST.text(Dialect::Postgres), "create table a (b bigint) ;");
    }

    #[test]
    fn only_what_is_new_is_applied() {
        let second = Migration {
            number: 2,
            name: "second",
            sql: "",
        };
        let all = [FIRST, second];
        assert_eq!(outstanding(&[], &all).unwrap().len(), 2);
        assert_eq!(outstanding(&[applied(&FIRST)], &all).unwrap()[0].name, "second");
    }

    #[test]
    fn an_edited_or_unknown_migration_is_refused() {
        let edited = Migration {
            sql: "create table a (b text);",
            ..FIRST
        };
        assert!(
            outstanding(&[applied(&FIRST)], &[edited])
                .unwrap_err()
                .to_string()
                .contains("changed since")
        );
        assert!(
            outstanding(&[applied(&FIRST)], &[])
                .unwrap_err()
                .to_string()
                .contains("newer version")
        );
    }
}

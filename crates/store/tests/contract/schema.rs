//! The program's tables are the same on both databases: the two catalogues are read and compared.

use std::collections::BTreeSet;

use tallyman_store::{Location, Store};

use crate::kit::{Ask, fresh_schema};

/// Table, column, type, whether it must be there, place in the primary key.
const COLUMNS_SQLITE: &str = "select m.name || '.' || c.name || ' ' || lower(c.type)
        || case when c.\"notnull\" = 1 or c.pk > 0 then ' not null' else '' end
        || case when c.pk > 0 then ' key ' || c.pk else '' end
    from sqlite_schema m join pragma_table_info(m.name) c
    where m.type = 'table' and m.name not like 'sqlite_%'";
const COLUMNS_POSTGRES: &str = "select t.relname || '.' || a.attname || ' ' || format_type(a.atttypid, null)
        || case when a.attnotnull then ' not null' else '' end
        || coalesce(' key ' || array_position(k.conkey, a.attnum), '')
    from pg_class t
    join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
    left join pg_constraint k on k.conrelid = t.oid and k.contype = 'p'
    where t.relnamespace = current_schema()::regnamespace and t.relkind = 'r'";

/// Index, whether unique, columns; without those that only carry a primary key.
const INDEXES_SQLITE: &str = "select m.name || '.' || i.name || case when i.\"unique\" = 1 then ' unique' else '' end
        || case when i.partial = 1 then ' partial' else '' end || ' '
        || (select group_concat(coalesce(name, '?'), ',') from (select name from pragma_index_info(i.name) order by seqno))
    from sqlite_schema m join pragma_index_list(m.name) i
    where m.type = 'table' and i.origin = 'c'";
const INDEXES_POSTGRES: &str = "select t.relname || '.' || c.relname || case when i.indisunique then ' unique' else '' end
        || case when i.indpred is not null then ' partial' else '' end || ' '
        || (select string_agg(coalesce(a.attname, '?'), ',' order by k.place)
            from unnest(i.indkey) with ordinality k (number, place)
            left join pg_attribute a on a.attrelid = t.oid and a.attnum = k.number)
    from pg_index i
    join pg_class t on t.oid = i.indrelid
    join pg_class c on c.oid = i.indexrelid
    where t.relnamespace = current_schema()::regnamespace
      and not exists (select 1 from pg_constraint where conindid = c.oid)";

/// No text column may sort by a language.
const SORTED_BY_LANGUAGE: &str = "select t.relname || '.' || a.attname
    from pg_class t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
    where t.relnamespace = current_schema()::regnamespace and t.relkind = 'r'
      and a.attcollation <> 0 and a.attcollation <> '\"C\"'::regcollation";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tables_are_the_same_on_both_databases() {
    let Some(server) = fresh_schema("the_tables_are_the_same").await else {
        return;
    };
    let sqlite = Store::memory().unwrap();
    let postgres = Store::open(&Location::Postgres(server)).await.unwrap();

    let expected: BTreeSet<String> = lines(&sqlite, COLUMNS_SQLITE)
        .await
        .into_iter()
        .map(in_postgres_words)
        .collect();
    assert!(expected.len() > 30, "the catalogue was not read: {expected:?}");
    assert_same(&expected, &lines(&postgres, COLUMNS_POSTGRES).await);
    let indexes = lines(&sqlite, INDEXES_SQLITE).await;
    assert!(indexes.len() > 2, "the indexes were not read: {indexes:?}");
    assert_same(&indexes, &lines(&postgres, INDEXES_POSTGRES).await);
    assert_eq!(lines(&postgres, SORTED_BY_LANGUAGE).await, BTreeSet::new());
}

/// `journal_line.id integer not null` is `journal_line.id bigint not null` there.
fn in_postgres_words(line: String) -> String {
    line.replacen(" integer", " bigint", 1).replacen(" blob", " bytea", 1)
}

async fn lines(store: &Store, sql: &'static str) -> BTreeSet<String> {
    let rows = store.read(Ask(sql, vec![])).await.unwrap();
    rows.iter().map(|row| row.get(0).unwrap()).collect()
}

fn assert_same(sqlite: &BTreeSet<String>, postgres: &BTreeSet<String>) {
    let only_sqlite: Vec<_> = sqlite.difference(postgres).collect();
    let only_postgres: Vec<_> = postgres.difference(sqlite).collect();
    assert!(
        only_sqlite.is_empty() && only_postgres.is_empty(),
        "only on SQLite: {only_sqlite:#?}\nonly on PostgreSQL: {only_postgres:#?}"
    );
}

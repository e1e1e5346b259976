//! The contract of the store: what holds on SQLite in memory, on a SQLite file and on PostgreSQL alike.
//!
//! Each case is one function over an open store, and runs three times. The PostgreSQL server is named by
//! `TALLYMAN_TEST_POSTGRES`; without it those runs fail and say so, unless `TALLYMAN_TEST_WITHOUT_POSTGRES` is `1`.

mod alerts;
mod board;
mod cards;
mod changes;
mod claims;
mod fixes;
mod guests;
mod journal;
mod kit;
mod listed;
mod mappings;
mod migrations;
mod people;
mod permits;
mod records;
mod rulings;
mod schema;
mod silence;
mod statements;
mod tally;
mod values;
mod work;

/// One test for each kind of store for each case: `on_every_store! { case_one, case_two }`.
macro_rules! on_every_store {
    ($($case:ident),* $(,)?) => {
        mod memory {
            $(
                #[tokio::test]
                async fn $case() {
                    super::$case(crate::kit::Bench::memory().await).await;
                }
            )*
        }

        mod file {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    super::$case(crate::kit::Bench::file().await).await;
                }
            )*
        }

        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let name = concat!(module_path!(), "_", stringify!($case));
                    if let Some(bench) = crate::kit::Bench::postgres(name).await {
                        super::$case(bench).await;
                    }
                }
            )*
        }
    };
}

pub(crate) use on_every_store;

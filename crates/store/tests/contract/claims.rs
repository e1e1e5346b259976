//! Claims: over eight connections every lane hands out each of its places once, and in order.
//!
//! This is the generic shape of a claim. It cannot be seen in a simulation, where one thing happens at a time.

use std::collections::BTreeMap;
use std::sync::Mutex;

use tallyman_store::{Dialect, Isolation, Tx, Unit, UnitError, params};

use crate::kit::{Bench, Do};
use crate::on_every_store;

on_every_store! { every_head_is_handed_out_once_and_in_order }

const LANES: i64 = 40;
const PLACES: i64 = 10;

/// Takes up to a few lanes that nobody holds.
struct Claim {
    worker: String,
}

/// One guarded update of the lane's own row. The row is locked before it is updated so that two workers do not queue for the
/// same one, and it is looked at again by the update, so that what was taken meanwhile is left alone.
const CLAIM_POSTGRES: &str = "update lane set held_by = $1
    where id in (select id from lane where held_by is null and head <= last order by head, id limit 4 for update skip locked)
      and held_by is null
    returning id, head";
/// SQLite has one writer, so there is nobody to skip and no word for it.
const CLAIM_SQLITE: &str = "update lane set held_by = $1
    where id in (select id from lane where held_by is null and head <= last order by head, id limit 4)
      and held_by is null
    returning id, head";

impl Unit for Claim {
    type Output = Vec<(String, i64)>;
    const NAME: &'static str = "claim";
    const ISOLATION: Isolation = Isolation::ReadCommitted;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<(String, i64)>, UnitError> {
        let claim = match tx.dialect() {
            Dialect::Sqlite => CLAIM_SQLITE,
            Dialect::Postgres => CLAIM_POSTGRES,
        };
        let rows = tx.query(claim, params![self.worker]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }
}

/// Moves a lane on and lets it go.
struct Finish {
    worker: String,
    lane: String,
    place: i64,
}

impl Unit for Finish {
    type Output = ();
    const NAME: &'static str = "finish";
    const ISOLATION: Isolation = Isolation::ReadCommitted;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        const FINISH: &str = "update lane set head = $3 + 1, held_by = null where id = $1 and held_by = $2 and head = $3";
        match tx.execute(FINISH, params![self.lane, self.worker, self.place]).await? {
            1 => Ok(()),
            _ => Err(UnitError::Conflict(format!("lane {}", self.lane))),
        }
    }
}

async fn every_head_is_handed_out_once_and_in_order(bench: Bench) {
    let insert = "insert into lane (id, head, last) values ($1, 1, $2)";
    for lane in 0..LANES {
        bench
            .store
            .write(Do(insert, vec![format!("lane {lane}").into(), PLACES.into()]))
            .await
            .unwrap();
    }
    let handed_out = Mutex::new(BTreeMap::<String, Vec<i64>>::new());
    let work = |worker: usize| {
        let (store, handed_out) = (bench.store.clone(), &handed_out);
        async move {
            let worker = format!("worker {worker}");
            // Others may hold all that is left; whoever holds it finishes it.
            loop {
                let claimed = store.write(Claim { worker: worker.clone() }).await.unwrap();
                if claimed.is_empty() {
                    break;
                }
                for (lane, place) in claimed {
                    handed_out.lock().unwrap().entry(lane.clone()).or_default().push(place);
                    store
                        .write(Finish {
                            worker: worker.clone(),
                            lane,
                            place,
                        })
                        .await
                        .unwrap();
                }
            }
        }
    };
    futures_util::future::join_all((0..8).map(work)).await;
    let handed_out = handed_out.into_inner().unwrap();
    assert_eq!(handed_out.len() as i64, LANES);
    for (lane, places) in handed_out {
        assert_eq!(places, (1..=PLACES).collect::<Vec<_>>(), "{lane}");
    }
}

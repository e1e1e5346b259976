//! Claims: over eight connections every lane hands out each of its places once, and in order.
//!
//! Once in the generic shape of a claim, and once with the program's own lanes. No simulation can see a fault here, since one
//! thing happens at a time there.

use std::collections::BTreeMap;
use std::sync::Mutex;

use tallyman_core::cause::Cause;
use tallyman_core::effect::{Effect, Lane, Planned, Set, State};
use tallyman_core::finding::{Code, Finding};
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::Connection;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::{effects, lanes};
use tallyman_store::{Dialect, Isolation, Tx, Unit, UnitError, params};

use crate::kit::{Bench, Do};
use crate::on_every_store;

on_every_store! {
    every_head_is_handed_out_once_and_in_order,
    the_programs_lanes_hand_out_every_head_once_and_in_order,
    nothing_waits_behind_what_was_withdrawn,
    what_supersedes_stands_where_the_other_stood,
}

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

const CONNECTION: &str = "retailer";
const NOW: Timestamp = Timestamp::from_micros(1_000);
const LEASE_ENDS: Timestamp = Timestamp::from_micros(2_000);

fn effect(lane: i64, place: i64) -> Fingerprint {
    Fingerprint::derive("acme", &format!("order {lane}"), &place.to_string())
}

struct JoinLane(i64);

impl Unit for JoinLane {
    type Output = ();
    const NAME: &'static str = "join lane";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        lanes::join(tx, CONNECTION, &format!("order {}", self.0), &effect(self.0, 1), NOW).await
    }
}

struct ClaimLanes(Connection);

impl Unit for ClaimLanes {
    type Output = Vec<lanes::Held>;
    const NAME: &'static str = "claim lanes";
    const ISOLATION: Isolation = Isolation::ReadCommitted;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<lanes::Held>, UnitError> {
        lanes::claim(tx, &self.0, "worker", NOW, LEASE_ENDS, 4).await
    }
}

struct GiveBack {
    held: lanes::Held,
    next: Option<Fingerprint>,
}

impl Unit for GiveBack {
    type Output = ();
    const NAME: &'static str = "give lane back";
    const ISOLATION: Isolation = Isolation::ReadCommitted;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        lanes::give_back(
            tx,
            CONNECTION,
            &self.held.subject,
            self.held.token,
            self.next.as_ref().map(|next| (next, NOW)),
        )
        .await
    }
}

async fn the_programs_lanes_hand_out_every_head_once_and_in_order(bench: Bench) {
    let store = bench.program().await;
    for lane in 0..LANES {
        store.write(JoinLane(lane)).await.unwrap();
    }
    let handed_out = Mutex::new(BTreeMap::<i64, i64>::new());
    let work = async || {
        loop {
            let claimed = store.write(ClaimLanes(Connection::new(CONNECTION))).await.unwrap();
            if claimed.is_empty() {
                break;
            }
            for held in claimed {
                let lane: i64 = held.subject.trim_start_matches("order ").parse().unwrap();
                let place = {
                    let mut handed_out = handed_out.lock().unwrap();
                    let place = handed_out.entry(lane).or_insert(0);
                    *place += 1;
                    *place
                };
                assert_eq!(
                    held.head,
                    effect(lane, place),
                    "lane {lane} handed out something else than its place {place}"
                );
                let next = (place < PLACES).then(|| effect(lane, place + 1));
                store.write(GiveBack { held, next }).await.unwrap();
            }
        }
    };
    futures_util::future::join_all((0..8).map(|_| work())).await;
    let expected: BTreeMap<i64, i64> = (0..LANES).map(|lane| (lane, PLACES)).collect();
    assert_eq!(handed_out.into_inner().unwrap(), expected);
}

/// Two effects of one lane, the first of which nothing can move.
struct PlanTwo;

impl Unit for PlanTwo {
    type Output = ();
    const NAME: &'static str = "plan two";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let stopped = Finding::new(Code::PersonNeeded, Cause::Effect(effect(1, 1)), "Somebody must answer.");
        for (place, parked) in [(1, Some(stopped)), (2, None)] {
            let planned = Planned {
                id: effect(1, place),
                lane: Lane {
                    connection: Connection::new(CONNECTION),
                    subject: "order 1".into(),
                },
                after: Vec::new(),
                effect: Effect::Set(Set::DeleteDraft { id: place }),
                parked,
                supersedes: None,
            };
            let inserted = effects::insert(tx, "acme", "journey", &planned, b"", NOW).await?;
            let due = inserted.and_then(|(_, state)| state.due()).unwrap_or(Timestamp::MAX);
            lanes::join(tx, CONNECTION, "order 1", &planned.id, due).await?;
        }
        Ok(())
    }
}

struct Withdraw(Fingerprint);

impl Unit for Withdraw {
    type Output = ();
    const NAME: &'static str = "withdraw";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        effects::withdraw(tx, &self.0, "somebody", NOW).await
    }
}

async fn nothing_waits_behind_what_was_withdrawn(bench: Bench) {
    let store = bench.program().await;
    let claimed = async || store.write(ClaimLanes(Connection::new(CONNECTION))).await.unwrap();
    store.write(PlanTwo).await.unwrap();
    assert!(claimed().await.is_empty(), "its head can only be moved by a person");
    store.write(Withdraw(effect(1, 1))).await.unwrap();
    let held = claimed().await;
    assert_eq!(held.iter().map(|held| held.head).collect::<Vec<_>>(), [effect(1, 2)]);
    // A lane that is held is its holder's to move on.
    store.write(Withdraw(effect(1, 2))).await.unwrap();
    let held = held.into_iter().next().unwrap();
    store.write(GiveBack { held, next: None }).await.unwrap();
    assert!(claimed().await.is_empty());
}

/// Puts another effect in the place of the first of the two.
struct Supersede;

impl Unit for Supersede {
    type Output = State;
    const NAME: &'static str = "supersede";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<State, UnitError> {
        let (old, new) = (effect(1, 1), effect(1, 3));
        let planned = Planned {
            id: new,
            lane: Lane {
                connection: Connection::new(CONNECTION),
                subject: "order 1".into(),
            },
            after: Vec::new(),
            effect: Effect::Set(Set::DeleteDraft { id: 3 }),
            parked: None,
            supersedes: Some(old),
        };
        let (_, state) = effects::supersede(tx, &old, &planned, b"", NOW).await?;
        lanes::pass(tx, CONNECTION, "order 1", &old, Some((&new, NOW))).await?;
        Ok(effects::load(tx, &old).await?.map_or(state, |stored| stored.state))
    }
}

async fn what_supersedes_stands_where_the_other_stood(bench: Bench) {
    let store = bench.program().await;
    let claimed = async || store.write(ClaimLanes(Connection::new(CONNECTION))).await.unwrap();
    store.write(PlanTwo).await.unwrap();
    let old = store.write(Supersede).await.unwrap();
    assert_eq!(old, State::Superseded { by: effect(1, 3) });
    let again = store.write(Supersede).await.unwrap_err();
    assert!(matches!(again, UnitError::Conflict(_)), "it is not parked any more: {again}");
    let held = claimed().await.into_iter().next().unwrap();
    assert_eq!(held.head, effect(1, 3), "before what stood behind the other");
    // When it is done, the lane goes on to what stood behind the other.
    store.write(GiveBack { held, next: None }).await.unwrap();
    assert_eq!(store.read(Next(3)).await.unwrap(), Some(effect(1, 2)));
}

/// What follows an effect of the lane.
struct Next(i64);

impl Unit for Next {
    type Output = Option<Fingerprint>;
    const NAME: &'static str = "next";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Fingerprint>, UnitError> {
        let after = effects::load(tx, &effect(1, self.0)).await?.unwrap();
        let next = effects::next_open(tx, CONNECTION, "order 1", after.place).await?;
        Ok(next.map(|(id, _)| id))
    }
}

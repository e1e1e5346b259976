//! One thing that happens in a merchant's day, and what Tallyman makes of it: the engine, connectors and store on the twin, at
//! virtual time. What many things at once come to is the simulation's to find out.

mod card;
mod fix;
mod heartbeat;
mod holds;
mod tally;
mod units;

use std::time::Duration;

use tallyman_core::effect::State;
use tallyman_core::finding::Code;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::ident::JourneyId;
use tallyman_core::seam::Clock;
use tallyman_engine::person::{Erase, Match};
use tallyman_engine::units::LookUpRelease;
use tallyman_store::tables::{effects, journeys};
use tallyman_store::{Tx, Unit, UnitError, params};

use tallyman_tests::scene::{Scene, play, settings};

const A_MINUTE: Duration = Duration::from_secs(60);

#[test]
fn orders_that_came_before_the_facts_are_decided_when_the_facts_come() {
    play(async {
        let mut scene = Scene::new(settings());
        scene.pace.poll_every = 60 * A_MINUTE;
        let opens = scene.twin.state().now + 5 * 60_000_000;
        let opens = tallyman_core::time::Timestamp::from_micros(opens);
        scene.closed_until = Some(("/products", opens));
        scene
            .work_until("received", async |scene| scene.status().await.undecided == 2)
            .await;
        scene
            .work_until("decided", async |scene| scene.status().await.undecided == 0)
            .await;
        let waited = scene.clock.now().since(opens);
        assert!(waited < 2 * A_MINUTE, "decided {waited:?} after the facts could be read");
        assert_eq!(scene.stands("open").await, 2);
    });
}

#[test]
fn a_release_of_another_company_is_nobodys() {
    play(async {
        let scene = Scene::new(settings());
        scene.work_until("released", async |scene| released(scene).len() == 2).await;
        let tags = released(&scene);
        let journeys = async |company: &str| {
            let look_up = LookUpRelease {
                company: company.into(),
                releases: tags.clone(),
            };
            scene.store.read(look_up).await.unwrap()
        };
        let (first, second) = (journeys("trader-1").await, journeys("trader-2").await);
        assert!(first[0].is_some() && first[1].is_none(), "{first:?}");
        assert!(second[0].is_none() && second[1].is_some(), "{second:?}");
    });
}

/// The tags that the warehouse knows our releases by, in the order of the companies.
fn released(scene: &Scene) -> Vec<String> {
    let books = scene.twin.books();
    let mut orders: Vec<_> = books.mintsoft.books.orders.values().collect();
    orders.sort_by_key(|order| order.client);
    orders.iter().map(|order| order.external_order_reference.clone()).collect()
}

#[test]
fn a_stopped_order_that_was_never_released_may_be_erased_and_leaves_no_lane_behind() {
    play(async {
        let mut settings = settings();
        settings.orders.foreign_per_mille = 1000;
        let scene = Scene::new(settings);
        let stopped = async |scene: &Scene| scene.cards(Code::ReferenceTaken).await.len() == 2;
        scene.work_until("stopped", stopped).await;
        let found = matches(&scene).await;
        assert_eq!(erase(&scene, &found).await.unwrap(), 2);
        for one in &found {
            let about = scene
                .store
                .read(Left {
                    journey: one.journey.clone(),
                })
                .await
                .unwrap();
            assert!(!about.states.is_empty());
            assert!(
                about.states.iter().all(|state| matches!(state, State::Withdrawn { .. })),
                "{:?}",
                about.states
            );
            assert_eq!(about.heads, 0, "a lane waits for what was withdrawn");
        }
    });
}

#[test]
fn a_stopped_order_that_the_warehouse_has_is_not_erased() {
    play(async {
        let scene = Scene::new(settings());
        let answered = async |scene: &Scene| {
            let effects = scene.status().await.effects;
            effects.get("done").copied().unwrap_or(0) == 8 && released(scene).len() == 2
        };
        scene.work_until("released", answered).await;
        let found = matches(&scene).await;
        let refused = erase(&scene, &found).await.unwrap_err().to_string();
        assert!(refused.contains("still under way"), "{refused}");
        // Somebody's answer is wanted for another effect of it: it is stopped, and all the same the warehouse will ship it.
        scene
            .store
            .write(Park {
                journey: found[0].journey.clone(),
            })
            .await
            .unwrap();
        let refused = erase(&scene, &found[..1]).await.unwrap_err().to_string();
        assert!(refused.contains("the warehouse has it"), "{refused}");
        assert!(matches(&scene).await.len() == 2 && scene.stands("open").await == 2);
    });
}

async fn erase(scene: &Scene, found: &[Match]) -> Result<u64, UnitError> {
    let erase = Erase {
        journeys: found.to_vec(),
        actor: tallyman_core::access::Actor::terminal("data-protection"),
        now: scene.clock.now(),
    };
    scene.store.write(erase).await
}

async fn matches(scene: &Scene) -> Vec<Match> {
    scene.store.read(All).await.unwrap()
}

struct All;

impl Unit for All {
    type Output = Vec<Match>;
    const NAME: &'static str = "all_journeys";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Match>, UnitError> {
        let mut all = Vec::new();
        for row in tx.query("select id from journey order by company", params![]).await? {
            let id = Fingerprint::parse(row.get(0)?).map_err(|error| UnitError::Refused(error.to_string()))?;
            let stored = journeys::load(tx, &JourneyId::from_fingerprint(id))
                .await?
                .expect("it is there");
            all.push(Match {
                company: stored.journey.company.to_string(),
                journey: stored.journey.id.to_string(),
                reference: stored.journey.reference,
            });
        }
        Ok(all)
    }
}

/// What is left of a journey: how its effects stand, and how many lanes still begin with one.
struct Left {
    journey: String,
}

struct About {
    states: Vec<State>,
    heads: i64,
}

impl Unit for Left {
    type Output = About;
    const NAME: &'static str = "what_is_left";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<About, UnitError> {
        const HEADS: &str = "select count(*) from lane l join effect e on e.id = l.head where e.journey = $1";
        let effects = effects::of_journey(tx, &self.journey).await?;
        Ok(About {
            states: effects.into_iter().map(|effect| effect.state).collect(),
            heads: tx.query_one(HEADS, params![self.journey]).await?.get(0)?,
        })
    }
}

/// Stops the acknowledgement of a journey, as if only a person could answer for it.
struct Park {
    journey: String,
}

impl Unit for Park {
    type Output = ();
    const NAME: &'static str = "park_acknowledgement";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        const PARK: &str = "update effect set state = 'parked' where journey = $1 and name = 'channel.acknowledge'";
        assert_eq!(tx.execute(PARK, params![self.journey]).await?, 1);
        Ok(())
    }
}

//! A morning that was played at virtual time, and is then looked at in real time: a card with its orders, behind the pages.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tallyman_core::access::Level;
use tallyman_core::calendar::{Calendar, TimeOfDay};
use tallyman_core::effect::Kind;
use tallyman_core::finding::Code;
use tallyman_core::promise::CutOff;
use tallyman_core::seam::Clock;
use tallyman_engine::parts::Parts;
use tallyman_engine::weigh;
use tallyman_tests::doorman::{ByToken, LINK};
use tallyman_tests::morning::{ALL, Api, Morning, access, access_of, morning, morning_of, running};
use tallyman_tests::parked::{Undo, Undone};
use tallyman_tests::scene::Door;
use tallyman_tests::site::Site;
use tallyman_tests::slack::{self, by_slack};
use tallyman_web::Running;
use tallyman_web::guard::Doorman;
use tallyman_web::house::House;
use tallyman_web::safety::Reached;

/// Longer than a glance counts, of which the overview and my work are made.
const A_GLANCE: Duration = Duration::from_secs(6);
const A_DAY: Duration = Duration::from_secs(86_400);

pub struct Played {
    pub morning: Morning,
    pub running: Arc<Running>,
    parts: Arc<Parts>,
    site: Site,
    /// The first merchant's card.
    pub card: String,
    /// One of its orders, by our own id.
    pub journey: String,
}

pub async fn played() -> Played {
    played_with(12).await
}

/// The same with so many orders at each merchant.
pub async fn played_with(orders: u32) -> Played {
    behind(morning_of(orders).await, by_token).await
}

/// The same where people sign in who were invited.
pub async fn house() -> Played {
    let house = |running| Arc::new(House::new(running, Reached::Plain)) as Arc<dyn Doorman>;
    behind(morning().await, house).await
}

/// The same where teams are told by Slack, which takes what it is told.
pub async fn told() -> Played {
    let mut morning = morning().await;
    tell_by_slack(&mut morning);
    behind(morning, by_token).await
}

fn tell_by_slack(morning: &mut Morning) {
    let scene = &mut morning.scene;
    scene.alerts = Some(by_slack);
    scene.closed_until = Some((slack::PATH, scene.clock.now().plus(A_DAY)));
    scene.door = Door::Answers(200);
}

/// Who does everything on the pictures.
const SOMEBODY: &str = "Tom Okafor";

/// The same at the end of the day, with something of all that pages show: the second merchant's item was mapped and its orders have
/// gone their way, a confirmation has been lost at each merchant, and somebody has commented, amended, held and set aside.
pub async fn full() -> Played {
    let mut morning = morning().await;
    tell_by_slack(&mut morning);
    morning.api = Api::with(running(&morning.scene, "api").await, access_of(SOMEBODY));
    let word = json!({
        "table": "sku", "connection": "virtualstock-2", "theirs": morning.item, "ours": morning.item, "reason": "The integrator’s slip."
    });
    morning.api.post(ALL, "/mappings/set", word).await.ok();
    let (scene, api) = (&morning.scene, &morning.api);
    scene
        .work_until("worker-2", async |scene| {
            let mut done = scene.stands("complete").await > 12;
            for company in ["trader-1", "trader-2"] {
                done = done && whole(api, company).await.len() > 2;
            }
            done
        })
        .await;
    for company in ["trader-1", "trader-2"] {
        // The newest stays as it is.
        let done = whole(api, company).await;
        let [_, lost, locked, ..] = done.as_slice() else {
            panic!("only {done:?}")
        };
        let now = scene.clock.now();
        let undo = |journey: &String, kind, to| Undo {
            journey: journey.clone(),
            kind,
            to,
            now,
        };
        let pauses = 3;
        let due = morning.in_hours(1);
        for undone in [
            undo(lost, Kind::Confirm, Undone::Unanswered),
            undo(locked, Kind::Despatch, Undone::PutOff { pauses, due }),
        ] {
            scene.store.write(undone).await.expect("undone");
        }
        weigh::round(&scene.store, company, now).await.expect("weighed");
    }

    let of_first = morning.card().await;
    let act = format!("/cards/{}/comment", of_first["id"].as_str().expect("an id"));
    let said = json!({"version": of_first["version"], "text": "The retailer sends a new list of items today."});
    api.post(ALL, &act, said).await.ok();
    let wish = json!({"company": "trader-1", "field": "city", "value": "Hull", "reason": "The retailer cannot correct it."});
    let order = morning.orders.first().expect("an order");
    api.post(ALL, &format!("/journeys/{order}/amendments"), wish).await.ok();
    let until = morning.in_hours(20).to_rfc3339();
    let hold = json!({
        "company": "trader-2", "kind": "writes", "what": "mintsoft-2", "reason": "The warehouse counts its stock.", "until": until
    });
    api.post(ALL, "/holds", hold).await.ok();
    let cards = api.get(ALL, "/cards?company=trader-2").await.ok();
    let mut cards = cards["cards"].as_array().expect("cards").iter();
    let lost = cards
        .find(|card| card["code"] == Code::OutcomeUnclear.name())
        .expect("its card");
    let aside = format!("/cards/{}/set-aside", lost["id"].as_str().expect("an id"));
    let later = json!({"version": lost["version"], "until": until, "reason": "The retailer looks tomorrow."});
    api.post(ALL, &aside, later).await.ok();
    // The overview says what will miss it; while the day was played it made no card.
    morning.scene.promises.cut_off = Some(CutOff {
        at: TimeOfDay::parse("17:00").expect("a time"),
        calendar: Calendar::usual(),
    });
    behind(morning, |_| Arc::new(ByToken(access_of(SOMEBODY))) as Arc<dyn Doorman>).await
}

/// Orders of a company that have gone all the way, by our own ids, the newest first.
async fn whole(api: &Api, company: &str) -> Vec<String> {
    let found = api.get(ALL, &format!("/orders?company={company}&limit=50")).await.ok();
    let orders = found["orders"].as_array().expect("orders").iter();
    let whole = orders.filter(|order| order["stage"] == "complete");
    whole.map(|order| order["id"].as_str().expect("an id").to_owned()).collect()
}

fn by_token(_: Arc<Running>) -> Arc<dyn Doorman> {
    Arc::new(ByToken(access()))
}

async fn behind(morning: Morning, door: impl FnOnce(Arc<Running>) -> Arc<dyn Doorman>) -> Played {
    let card = morning.id().await;
    let members = morning.api.get(ALL, &format!("/cards/{card}/members")).await.ok();
    let journey = members["members"][0]["journey"].as_str().expect("an order").to_owned();
    let running = Arc::new(Running::default());
    let parts = morning.scene.parts("console").await;
    running.begun(parts.clone());
    let doorman = door(running.clone());
    let site = Site::of(tallyman_web::with_pages(running.clone(), Arc::new(access()), doorman)).await;
    Played {
        morning,
        running,
        parts,
        site,
        card,
        journey,
    }
}

impl Played {
    pub fn at(&self, path: &str) -> String {
        self.site.at(path)
    }

    /// The program ends, as for an update.
    pub fn close(&self) {
        self.parts.bells.close();
        self.site.close();
    }

    /// Signs in whoever opens it.
    pub fn link(&self) -> String {
        self.at(&format!("/enter/{LINK}"))
    }

    /// An order of the first merchant's that has gone all the way, by our own id.
    pub async fn gone_all_the_way(&self) -> String {
        whole(&self.morning.api, "trader-1").await.remove(0)
    }

    /// Invites somebody to everything that a level may: where the link leads with which they choose their password.
    pub async fn invite(&self, name: &str, level: Level) -> String {
        let newcomer = json!({"name": name, "level": level.name()});
        let invited = self.morning.api.post(ALL, "/people", newcomer).await.ok();
        self.at(invited["path"].as_str().expect("a path"))
    }

    /// The workers' part, at virtual time, until this is so.
    pub async fn work_until(&self, what: &str, is_so: impl AsyncFn() -> bool) {
        tokio::time::pause();
        self.morning.scene.work_until(what, async |_| is_so().await).await;
        tokio::time::resume();
    }

    /// What is told of at a glance is looked at again.
    pub async fn another_glance(&self) {
        tokio::time::pause();
        let clock = &self.morning.scene.clock;
        clock.sleep_until(clock.now().plus(A_GLANCE)).await;
        tokio::time::resume();
    }
}

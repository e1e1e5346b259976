//! A day on which one item stops orders of both merchants, and somebody who asks the API about it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::scene::{Scene, settings};
use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode, header};
use serde_json::Value;
use tallyman_core::access::{Actor, Grant, Where};
use tallyman_core::catalogue::Owner;
use tallyman_core::mapping::{Cell, Table};
use tallyman_core::seam::Clock;
use tallyman_core::time::Timestamp;
use tallyman_web::Running;
use tallyman_web::api::access::{Access, Hash, Right, Token};
use tower::ServiceExt;

const AN_HOUR: Duration = Duration::from_secs(3600);
/// Larger than any answer of these tests.
const ANSWER_BYTES_MAX: usize = 10_000_000;
/// What a slip of the integrator's says; the ledger has no such item.
const NO_ITEM: &str = "NO-SUCH-ITEM";
/// Sees everything and may do everything.
pub const ALL: &str = "token-of-all";
/// May only read.
pub const READER: &str = "token-of-reader";
/// May say what words mean, and not open what is sealed.
pub const MAPPER: &str = "token-of-mapper";
/// Sees the first merchant alone.
pub const FIRST: &str = "token-of-first";
/// Acts for finance alone.
pub const FINANCE: &str = "token-of-finance";
/// Two people's own, for what takes two: each sees everything and may do everything.
pub const ANNA: &str = "token-of-anna";
pub const BEN: &str = "token-of-ben";

fn token(secret: &str, may: &[Right]) -> Token {
    Token {
        name: secret.trim_start_matches("token-of-").to_owned(),
        hash: Hash::of(secret),
        may: may.iter().copied().collect(),
        teams: BTreeSet::new(),
        companies: BTreeSet::new(),
    }
}

pub fn access() -> Access {
    access_of("all")
}

/// The same, where whoever may do everything is called so.
pub fn access_of(name: &str) -> Access {
    let all = Right::OF_TOKENS;
    let nobodys = [
        Token {
            name: name.to_owned(),
            ..token(ALL, &all)
        },
        token(READER, &[Right::Read]),
        token(MAPPER, &[Right::Read, Right::Map]),
        Token {
            companies: BTreeSet::from(["trader-1".to_owned()]),
            ..token(FIRST, &all)
        },
        Token {
            teams: BTreeSet::from([Owner::Finance]),
            ..token(FINANCE, &all)
        },
    ];
    let everywhere = Grant::rights(&BTreeSet::from(all), Where::Everywhere, BTreeSet::new());
    let own = [("P1", ANNA), ("P2", BEN)]
        .map(|(person, secret)| (Hash::of(secret), Actor::token_of(person, "script", vec![everywhere.clone()])));
    let nobodys = nobodys.into_iter().map(|token| (token.hash, token.actor()));
    Access::of(nobodys.chain(own).collect())
}

/// A program that has begun to work with the scene's store.
pub async fn running(scene: &Scene, who: &str) -> Arc<Running> {
    let running = Arc::new(Running::default());
    running.begun(scene.parts(who).await);
    running
}

/// An answer, its body read as JSON where it is.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    /// The body, of an answer that went well.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text);
        serde_json::from_str(&self.text).expect("JSON")
    }

    /// The problem, of an answer that did not, by its status.
    #[track_caller]
    pub fn refused(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(self.headers[header::CACHE_CONTROL], "no-store");
        let problem: Value = serde_json::from_str(&self.text).expect("JSON");
        for said in ["type", "title", "detail", "remedy"] {
            let text = problem[said].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{said} is missing: {problem}");
        }
        assert_eq!(problem["status"], status);
        problem
    }
}

/// The API, as somebody with a token calls it.
#[derive(Clone)]
pub struct Api {
    router: Router,
}

impl Api {
    /// Of a program that works with the scene's store.
    pub async fn of(scene: &Scene) -> Self {
        Self::with(running(scene, "api").await, access())
    }

    pub fn with(running: Arc<Running>, access: Access) -> Self {
        Self {
            router: tallyman_web::router(running, Arc::new(access)),
        }
    }

    pub async fn call(&self, request: Request<Body>) -> Answer {
        let answer = self.router.clone().oneshot(request).await.expect("a router answers always");
        let (head, body) = answer.into_parts();
        let bytes = axum::body::to_bytes(body, ANSWER_BYTES_MAX).await.expect("a body");
        Answer {
            status: head.status,
            headers: head.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    pub async fn get(&self, token: &str, path: &str) -> Answer {
        let request = Request::get(format!("/api/v1{path}")).header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.call(request.body(Body::empty()).expect("a request")).await
    }

    pub async fn post(&self, token: &str, path: &str, body: impl ToString) -> Answer {
        self.send(token, path, "application/json", body.to_string()).await
    }

    pub async fn send(&self, token: &str, path: &str, kind: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post(format!("/api/v1{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, kind);
        self.call(request.body(body.into()).expect("a request")).await
    }
}

/// What stands when the morning is over.
pub struct Morning {
    pub scene: Scene,
    pub api: Api,
    /// The item that both merchants' mappings mistake.
    pub item: String,
    /// The first merchant's orders with it.
    pub orders: BTreeSet<String>,
}

/// Orders have come, and those with one item stand still: a card at each merchant.
pub async fn morning() -> Morning {
    morning_of(12).await
}

/// The same with so many orders at each merchant.
pub async fn morning_of(orders: u32) -> Morning {
    let mut settings = settings();
    settings.orders.count = orders;
    let mut scene = Scene::new(settings);
    // All orders arrive before the ledger's items are read, so that all meet the same mappings.
    scene.closed_until = Some(("/products", scene.clock.now().plus(3 * AN_HOUR)));
    scene
        .work_until("received", async |scene| {
            scene.status().await.undecided == 2 * i64::from(orders)
        })
        .await;
    let (item, orders) = shared(&scene);
    for number in [1, 2] {
        let cell = Cell::new(Table::Sku, format!("virtualstock-{number}"), &item);
        scene.map_at(&format!("trader-{number}"), &cell, Some(NO_ITEM)).await;
    }
    let api = Api::of(&scene).await;
    let expected = orders.len();
    scene
        .work_until("stopped", async |scene| {
            let weighed = async || {
                let cards = api.get(ALL, "/cards").await.ok();
                let cards = cards["cards"].as_array().expect("cards").clone();
                cards.len() == 2 && cards.iter().all(|card| card["weight"]["stopped"] == expected)
            };
            scene.status().await.undecided == 0 && weighed().await
        })
        .await;
    Morning {
        scene,
        api,
        item,
        orders,
    }
}

/// The item that most of the first merchant's orders name, and those orders.
fn shared(scene: &Scene) -> (String, BTreeSet<String>) {
    let books = scene.twin.books();
    let mut naming: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let ours = books.virtualstock.books.orders.values().filter(|order| order.company == 1);
    for order in ours {
        for line in &order.lines {
            let orders = naming.entry(line.item.to_uppercase()).or_default();
            orders.insert(order.order_reference.clone());
        }
    }
    let most = naming.into_iter().max_by_key(|(_, orders)| orders.len()).expect("an item");
    assert!(most.1.len() > 1, "no item is in two orders: {most:?}");
    most
}

impl Morning {
    pub fn in_hours(&self, hours: u32) -> Timestamp {
        self.scene.clock.now().plus(hours * AN_HOUR)
    }

    pub async fn card_by_id(&self, id: &str) -> Value {
        self.api.get(ALL, &format!("/cards/{id}")).await.ok()
    }

    /// The card of the first merchant.
    pub async fn card(&self) -> Value {
        let cards = self.api.get(ALL, "/cards?company=trader-1").await.ok();
        cards["cards"][0].clone()
    }

    pub async fn id(&self) -> String {
        self.card().await["id"].as_str().expect("an id").to_owned()
    }
}

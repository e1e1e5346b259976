//! A morning that was played at virtual time, and is then looked at in real time: a card with its orders, behind the pages.

use std::sync::Arc;

use tallyman_engine::parts::Parts;
use tallyman_tests::doorman::{ByToken, LINK};
use tallyman_tests::morning::{ALL, Morning, access, morning_of};
use tallyman_web::Running;

use tallyman_tests::site::Site;

pub struct Played {
    pub morning: Morning,
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
    let morning = morning_of(orders).await;
    let card = morning.id().await;
    let members = morning.api.get(ALL, &format!("/cards/{card}/members")).await.ok();
    let journey = members["members"][0]["journey"].as_str().expect("an order").to_owned();
    let running = Arc::new(Running::default());
    let parts = morning.scene.parts("console").await;
    running.begun(parts.clone());
    let doorman = Arc::new(ByToken(access()));
    let site = Site::of(tallyman_web::with_pages(running, Arc::new(access()), doorman)).await;
    Played {
        morning,
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
}

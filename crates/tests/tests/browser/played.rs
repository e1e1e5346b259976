//! A morning that was played at virtual time, and is then looked at in real time: a card with its orders, behind the pages.

use std::sync::Arc;

use tallyman_tests::doorman::{ByToken, LINK};
use tallyman_tests::morning::{ALL, Morning, access, morning};
use tallyman_web::Running;

use tallyman_tests::site::Site;

pub struct Played {
    pub morning: Morning,
    site: Site,
    /// The first merchant's card.
    pub card: String,
    /// One of its orders, by our own id.
    pub journey: String,
}

pub async fn played() -> Played {
    let morning = morning().await;
    let card = morning.id().await;
    let members = morning.api.get(ALL, &format!("/cards/{card}/members")).await.ok();
    let journey = members["members"][0]["journey"].as_str().expect("an order").to_owned();
    let running = Arc::new(Running::default());
    running.begun(morning.scene.parts("console").await);
    let doorman = Arc::new(ByToken(access()));
    let site = Site::of(tallyman_web::with_pages(running, Arc::new(access()), doorman)).await;
    Played {
        morning,
        site,
        card,
        journey,
    }
}

impl Played {
    pub fn at(&self, path: &str) -> String {
        self.site.at(path)
    }

    /// Signs in whoever opens it.
    pub fn link(&self) -> String {
        self.at(&format!("/enter/{LINK}"))
    }
}

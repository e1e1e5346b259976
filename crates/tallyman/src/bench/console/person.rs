//! Who looks at the screens: a real administrator with a password, who signs in at the console's own door.

use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use axum::Router;
use tallyman_engine::parts::Parts;
use tallyman_engine::people::{invitations, session};
use tallyman_web::Running;
use tallyman_web::api::access::Access;
use tallyman_web::guard::{Credentials, Doorman};
use tallyman_web::house::House;
use tallyman_web::safety::Reached;

/// Over plain HTTP on this machine a cookie has no prefix.
const COOKIE: &str = "tallyman";

/// Everything that is served, and whoever has just signed in.
#[derive(Clone)]
pub struct Visit {
    pub router: Router,
    /// As a browser sends it.
    pub cookie: String,
    /// Their own id.
    pub person: String,
}

impl Visit {
    pub async fn begin(parts: &Arc<Parts>) -> Result<Self> {
        let running = Arc::new(Running::default());
        running.begun(parts.clone());
        let house = Arc::new(House::new(running.clone(), Reached::Plain));
        let token = house.sign_in(&credentials()).await.map_err(|said| anyhow!(said))?;
        let signed = session::whose(&parts.store, &token, parts.clock.now()).await?;
        let signed = signed.context("whoever has just signed in is not known")?;
        Ok(Self {
            router: tallyman_web::with_pages(running, Arc::new(Access::default()), house),
            cookie: format!("{COOKIE}={token}"),
            person: signed.actor.id.clone(),
        })
    }
}

/// Makes the first person, unless there is one.
pub async fn set_up(parts: &Arc<Parts>) -> Result<()> {
    if let Some(link) = invitations::first(&parts.store, &parts.vault, parts.clock.now()).await? {
        let running = Arc::new(Running::default());
        running.begun(parts.clone());
        let house = House::new(running, Reached::Plain);
        house
            .set_up(&link.token, &credentials())
            .await
            .map_err(|said| anyhow!(said))?;
    }
    Ok(())
}

/// Of a store that is thrown away, behind no socket.
fn credentials() -> Credentials {
    Credentials {
        name: "bench".into(),
        password: "a year of orders at once".into(),
        code: None,
        from: None,
    }
}

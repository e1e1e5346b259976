//! Who looks at the screens: real administrators with passwords, who sign in at the console's own door.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use axum::Router;
use tallyman_core::access::{Actor, Level};
use tallyman_core::seam::Clock;
use tallyman_engine::parts::Parts;
use tallyman_engine::people::invitations::{self, SignsInAs, Wanted};
use tallyman_engine::people::session;
use tallyman_store::tables::people::Granted;
use tallyman_web::Running;
use tallyman_web::api::access::Access;
use tallyman_web::guard::{Credentials, Doorman};
use tallyman_web::house::House;
use tallyman_web::safety::Reached;

/// One person may search twenty times a second, and the bench asks fifty times.
const PEOPLE: u64 = 4;
/// Over plain HTTP on this machine a cookie has no prefix.
const COOKIE: &str = "tallyman";

/// Everything that is served, and those who have just signed in.
pub struct Visit {
    pub router: Router,
    pub clock: Arc<dyn Clock>,
    people: Vec<Person>,
}

#[derive(Clone)]
pub struct Person {
    pub id: String,
    /// As a browser sends it.
    pub cookie: String,
}

impl Visit {
    pub async fn begin(parts: &Arc<Parts>) -> Result<Self> {
        let running = Arc::new(Running::default());
        running.begun(parts.clone());
        // As the program does when it starts.
        running.look().await;
        let house = Arc::new(House::new(running.clone(), Reached::Plain));
        let mut people = Vec::new();
        for number in 0..PEOPLE {
            let token = house.sign_in(&credentials(number)).await.map_err(|said| anyhow!(said))?;
            let signed = session::whose(&parts.store, &token, parts.clock.now()).await?;
            let signed = signed.context("whoever has just signed in is not known")?;
            people.push(Person {
                id: signed.actor.id.clone(),
                cookie: format!("{COOKIE}={token}"),
            });
        }
        let router = tallyman_web::with_pages(running, Arc::new(Access::default()), house);
        let clock = parts.clock.clone();
        Ok(Self { router, clock, people })
    }

    /// Who asks the request of this number: each in turn.
    pub fn who(&self, number: u64) -> Person {
        self.people[(number % PEOPLE) as usize].clone()
    }
}

/// Makes them.
pub async fn set_up(parts: &Arc<Parts>) -> Result<()> {
    let running = Arc::new(Running::default());
    running.begun(parts.clone());
    let house = House::new(running, Reached::Plain);
    let terminal = Actor::terminal("bench");
    for number in 0..PEOPLE {
        let granted = |level| Granted {
            level,
            company: String::new(),
            teams: BTreeSet::new(),
        };
        let given = credentials(number);
        let wanted = Wanted {
            name: SignsInAs::read(&given.name, None).map_err(|said| anyhow!(said))?,
            grants: [Level::Administrator, Level::Integrator, Level::Operations]
                .map(granted)
                .to_vec(),
        };
        let (_, link) = invitations::invite(&parts.store, &parts.vault, &terminal, wanted, parts.clock.now()).await?;
        house.set_up(&link.token, &given).await.map_err(|said| anyhow!(said))?;
    }
    Ok(())
}

/// Of a store that is thrown away, behind no socket.
fn credentials(number: u64) -> Credentials {
    Credentials {
        name: format!("bench{number}"),
        password: "a year of orders at once".into(),
        code: None,
        from: None,
    }
}

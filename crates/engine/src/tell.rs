//! A test of one way to tell people: something is said by it now, and what came of it.
//!
//! It goes straight to the route, past lanes and limits: whoever asks wants the answer of this try. The journal has who asked; nothing else is
//! kept of it.

use tallyman_core::access::{Permit, Right};
use tallyman_core::alert::plan;
use tallyman_core::effect::rule::LEASE;
use tallyman_core::effect::{Effect, Set, Verdict};
use tallyman_core::ident::Connection;
use tallyman_core::time::Timestamp;
use tallyman_store::journal::{Act, Change};
use tallyman_store::{Tx, Unit, UnitError};

use crate::leave;
use crate::parts::{Merchant, Parts};
use crate::session::Sessions;
use crate::wire::Wire;

/// Why a route has not taken a test, as a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotTaken(pub String);

/// Writes that somebody tests a route, before anybody is told: people are reached by it.
struct Asked {
    company: String,
    route: String,
    by: String,
    now: Timestamp,
}

impl Unit for Asked {
    type Output = ();
    const NAME: &'static str = "test_of_alert_route";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let act = Act {
            company: &self.company,
            at: self.now,
            actor: &self.by,
            kind: "alert.tested",
            subject: &self.route,
            what: "A test message was asked for.",
            change: Change::NONE,
        };
        act.write(tx).await
    }
}

/// What a route is called in the configuration: its connection is one company's.
pub fn name_of(route: &Connection) -> &str {
    route.as_str().split('/').next().unwrap_or_default()
}

/// Says a test by a merchant's route, with leave to act there.
pub async fn test(parts: &Parts, permit: &Permit, merchant: &Merchant, route: &Connection) -> Result<(), NotTaken> {
    let not = |why: &str| NotTaken(why.to_owned());
    leave::is_for(permit, Right::Act, merchant.company.as_str()).map_err(|error| NotTaken(error.to_string()))?;
    let (Some(alerts), Some(notifier)) = (&merchant.alerts, merchant.notifier(route)) else {
        return Err(not("it is not configured"));
    };
    let now = parts.clock.now();
    let message = plan::test(&alerts.settings, &merchant.company, route, now);
    let planned = plan::effect(&merchant.company, route, message);
    let Effect::Set(Set::Alert(message)) = &planned.effect else {
        return Err(not("it is no alert"));
    };
    let asked = Asked {
        company: merchant.company.to_string(),
        route: route.to_string(),
        by: permit.actor().to_owned(),
        now,
    };
    parts.store.write(asked).await.map_err(|error| NotTaken(error.to_string()))?;
    let sessions = Sessions::default();
    let wire = Wire::new(parts, &sessions, &**notifier, Some(now.plus(LEASE)));
    match notifier.tell(&wire, &planned.id, message).await {
        Verdict::Done(_) => Ok(()),
        Verdict::Refused(finding) => Err(NotTaken(finding.sentence)),
        Verdict::Unknown(doubt) => Err(NotTaken(format!("there was no answer: {}", doubt.words()))),
        Verdict::NotDone { why, .. } => Err(NotTaken(why)),
    }
}

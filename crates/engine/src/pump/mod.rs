//! The pump: takes what is due from the lanes of one connection, has it written or asked about, and records what came of it.
//!
//! A claim is a durable record that something is about to be sent; an outcome is the other. Between the two stands one call, so
//! whoever dies there leaves a question and not a loss. [`attempt`] makes one attempt; [`say`] is the one place that knows which
//! role's function belongs to which effect.

mod attempt;
mod say;

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tallyman_core::effect::rule::LEASE;
use tallyman_core::ident::Connection;
use tallyman_core::seam::Point;
use tallyman_store::Dialect;

use crate::bells::earlier;
use crate::parts::Merchant;
use crate::units::ClaimLanes;
use crate::worker::Worker;

/// How long to wait before looking again after the store has refused something.
const STORE_PAUSE: std::time::Duration = std::time::Duration::from_secs(1);

/// Runs one connection's lanes until it is dropped, or until closing time and what was under way is recorded.
pub async fn run(worker: &Worker, merchant: &Arc<Merchant>, connection: &Connection) {
    let parts = &*worker.parts;
    let bell = parts.bells.bell(connection);
    let mut attempts = FuturesUnordered::new();
    let mut look = true;
    let mut next = None;
    loop {
        if parts.bells.closing() && attempts.is_empty() {
            return;
        }
        let rung = bell.listen();
        tokio::pin!(rung);
        // Listening begins before looking, so that what is rung in between is heard.
        rung.as_mut().enable();
        let free = parts
            .pace
            .slots
            .saturating_sub(u32::try_from(attempts.len()).unwrap_or(u32::MAX));
        if look && free > 0 && !parts.bells.closing() {
            let now = parts.clock.now();
            let claim = ClaimLanes {
                connection: connection.clone(),
                company: merchant.company.to_string(),
                worker: worker.name.clone(),
                now,
                until: now.plus(LEASE),
                slots: free,
                limit: parts.pace.limit(merchant, connection).copied(),
                planted: parts.planted,
            };
            match parts.store.write(claim).await {
                Ok(claims) => {
                    next = claims.next;
                    if !claims.claimed.is_empty() {
                        parts.hooks.at(Point::AfterClaim).await;
                    }
                    for claimed in claims.claimed {
                        attempts.push(attempt::make(worker, merchant, connection, claimed));
                    }
                }
                Err(error) => {
                    tracing::error!(%connection, error = %error, "claiming at {connection} failed: {error}");
                    next = earlier(next, Some(now.plus(STORE_PAUSE))).map(|next| next.max(now.plus(STORE_PAUSE)));
                }
            }
        }
        if parts.store.dialect() == Dialect::Postgres {
            // What other processes have put into our lanes is known to them; a wake-up tells us, and this makes up for a lost one.
            next = earlier(next, Some(parts.clock.now().plus(parts.pace.look_every)));
        }
        let full = u32::try_from(attempts.len()).unwrap_or(u32::MAX) >= parts.pace.slots;
        tokio::select! {
            biased;
            Some(()) = attempts.next(), if !attempts.is_empty() => look = true,
            () = &mut rung, if !full => look = true,
            () = parts.clock.sleep_until(next.unwrap_or(tallyman_core::time::Timestamp::MAX)), if next.is_some() && !full => look = true,
        }
    }
}

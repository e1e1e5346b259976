//! The pump: takes what is due from the lanes of one connection, has it written or asked about, and records what came of it.
//!
//! A claim is a durable record that something is about to be sent; an outcome is the other. Between the two stands one call, so
//! whoever dies there leaves a question and not a loss. [`attempt`] makes one attempt; [`say`] is the one place that knows which
//! role's function belongs to which effect. [`tell`] is an attempt at an alert, which belongs to no order.

mod attempt;
mod say;
mod tell;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use tallyman_core::effect::rule::LEASE;
use tallyman_core::ident::Connection;
use tallyman_core::seam::Point;
use tallyman_core::time::Timestamp;

use crate::bells::earlier;
use crate::parts::Merchant;
use crate::units::{ClaimLanes, Claims};
use crate::worker::Worker;

/// How long to wait before looking again after the store has refused something.
const STORE_PAUSE: std::time::Duration = std::time::Duration::from_secs(1);

/// Runs one connection's lanes until it is dropped, or until closing time and what was under way is recorded.
pub async fn run(worker: &Worker, merchant: &Arc<Merchant>, connection: &Connection) {
    let parts = &*worker.parts;
    let bell = parts.bells.bell(connection);
    let mut attempts = FuturesUnordered::new();
    // A claim waits for its commit; what was claimed before goes on meanwhile.
    let mut claiming: Option<Pin<Box<dyn Future<Output = Claims> + Send + '_>>> = None;
    let mut look = true;
    let mut next = None;
    let mut rung = Box::pin(bell.listen());
    // Listening begins before looking, and again before the next look, so that what is rung in between is heard.
    rung.as_mut().enable();
    loop {
        let closing = parts.bells.closing();
        if closing && attempts.is_empty() && claiming.is_none() {
            return;
        }
        let busy = u32::try_from(attempts.len()).unwrap_or(u32::MAX);
        let free = parts.pace.slots.saturating_sub(busy);
        if look && free > 0 && claiming.is_none() && !closing {
            look = false;
            claiming = Some(Box::pin(claim(worker, merchant, connection, free)));
        }
        if let Some(every) = parts.look_every() {
            // What other processes have put into our lanes is known to them; a wake-up tells us, and this makes up for a lost one.
            next = earlier(next, Some(parts.clock.now().plus(every)));
        }
        let may_look = free > 0 && claiming.is_none();
        let claimed = async {
            match claiming.as_mut() {
                Some(claim) => claim.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            Some(()) = attempts.next(), if !attempts.is_empty() => {
                // Outcomes that were committed together make room for one claim together.
                while let Some(Some(())) = attempts.next().now_or_never() {}
                look = true;
            }
            claims = claimed => {
                claiming = None;
                next = claims.next;
                for claimed in claims.claimed {
                    attempts.push(attempt::make(worker, merchant, connection, claimed));
                }
            }
            () = &mut rung, if free > 0 => {
                rung.set(bell.listen());
                rung.as_mut().enable();
                look = true;
            }
            () = parts.clock.sleep_until(next.unwrap_or(Timestamp::MAX)), if next.is_some() && may_look => look = true,
        }
    }
}

/// Takes what is due, as far as there are slots. A store that refuses is asked again after a pause.
async fn claim(worker: &Worker, merchant: &Arc<Merchant>, connection: &Connection, slots: u32) -> Claims {
    let parts = &*worker.parts;
    let now = parts.clock.now();
    let claim = ClaimLanes {
        connection: connection.clone(),
        company: merchant.company.to_string(),
        worker: worker.name.clone(),
        now,
        until: now.plus(LEASE),
        slots,
        limit: parts.pace.limit(merchant, connection).copied(),
        planted: parts.planted,
    };
    match parts.store.write(claim).await {
        Ok(claims) => {
            if !claims.claimed.is_empty() {
                parts.hooks.at(Point::AfterClaim).await;
            }
            claims
        }
        Err(error) => {
            tracing::error!(%connection, error = %error, "claiming at {connection} failed: {error}");
            Claims {
                claimed: Vec::new(),
                next: Some(now.plus(STORE_PAUSE)),
            }
        }
    }
}

//! The wire to the twin, with a door that a test may close.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use tallyman::clocks::PacedClock;
use tallyman::wires::ToTwin;
use tallyman_core::seam::{Clock, Exchange, Lost, Reply, Transport};
use tallyman_core::time::Timestamp;

/// What becomes of calls while the door is closed.
#[derive(Debug, Clone, Copy)]
pub enum Door {
    /// No connection is made.
    Shut,
    /// Somebody else answers, with this status.
    Answers(u16),
    /// They are carried out, and nothing comes back.
    Swallows,
}

/// The wire to the twin, with a door that may be closed.
pub struct Doorway {
    pub twin: ToTwin,
    pub clock: Arc<PacedClock>,
    pub closed_until: Option<(&'static str, Timestamp)>,
    pub door: Door,
}

/// What a closed door goes by.
fn called(exchange: &Exchange) -> String {
    format!("{} {}", exchange.method.as_str(), exchange.url)
}

#[async_trait]
impl Transport for Doorway {
    async fn exchange(&self, exchange: Exchange) -> Result<Reply, Lost> {
        match self.closed_until {
            Some((part, until)) if called(&exchange).contains(part) && self.clock.now() < until => match self.door {
                Door::Shut => Err(Lost::NotConnected("the door is closed".into())),
                Door::Answers(status) => Ok(Reply {
                    status,
                    headers: Vec::new(),
                    body: Bytes::from_static(br#"{"message": "not now"}"#),
                }),
                Door::Swallows => {
                    let _carried_out = self.twin.exchange(exchange).await;
                    Err(Lost::NoAnswer("it was swallowed".into()))
                }
            },
            _ => self.twin.exchange(exchange).await,
        }
    }
}

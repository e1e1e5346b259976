//! The one way out: every call of every connector goes through here.
//!
//! It signs in, sends, waits no longer than the time-out, and keeps what was said as evidence. A write is refused before it is
//! sent when the lease it is made under has too little time left: after that another worker may be sending the same.
//!
//! A poll reads page after page, and one answer that is lost must not cost all of them: what only reads is asked again at once.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use serde::Serialize;
use tallyman_core::effect::rule::{CALL_TIMEOUT, LEASE_MARGIN};
use tallyman_core::ident::Connection;
use tallyman_core::planted::Bug;
use tallyman_core::role::Connector;
use tallyman_core::seam::{Call, Exchange, Intent, Io, Lost, Mail, Method, Point, Posted, Reply};
use tallyman_core::time::Timestamp;
use tracing::Instrument;

use crate::parts::Parts;
use crate::session::Sessions;
use crate::traces;

/// Of each body this much is kept as evidence.
const EVIDENCE_BYTES_MAX: usize = 16 * 1024;
/// Of a write that succeeded less is kept: a look into it is wanted rarely, and there are many.
const CAPTURE_BYTES_MAX: usize = 4 * 1024;
/// And the last of its exchanges: what was sent, and what was looked at just before.
const CAPTURES_MAX: usize = 3;
/// And of each attempt this many exchanges.
const EXCHANGES_MAX: usize = 20;

/// After these pauses a poll's call is made again; then the round is given up, and comes round later.
const AGAIN_AFTER: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];

/// The wire to one connection, for one attempt or one poll.
pub struct Wire<'a> {
    parts: &'a Parts,
    sessions: &'a Sessions,
    connector: &'a dyn Connector,
    /// Until when a write may be under way; `None` for polls, which only read.
    lease_until: Option<Timestamp>,
    /// Whether what is heard says if the system answers at all.
    watched: bool,
    said: Mutex<Vec<Said>>,
}

/// One exchange as it was; most attempts succeed, and what they said is not wanted.
struct Said {
    at: Timestamp,
    call: Call,
    reply: Result<Reply, Lost>,
}

/// One exchange as it is kept: no headers, so no credentials.
#[derive(Debug, Clone, Serialize)]
pub struct Evidence {
    pub at: i64,
    pub request: String,
    pub body: String,
    pub status: Option<u16>,
    pub answer: String,
}

impl<'a> Wire<'a> {
    pub fn new(parts: &'a Parts, sessions: &'a Sessions, connector: &'a dyn Connector, lease_until: Option<Timestamp>) -> Self {
        Self {
            parts,
            sessions,
            connector,
            lease_until,
            watched: true,
            said: Mutex::new(Vec::new()),
        }
    }

    /// The same, to a route of alerts: that has a card of its own when it does not take them.
    pub fn to_a_route(mut self) -> Self {
        self.watched = false;
        self
    }

    /// What was said, as bytes to be sealed; `None` if nothing was.
    pub fn evidence(&self) -> Option<Vec<u8>> {
        self.kept(EXCHANGES_MAX, EVIDENCE_BYTES_MAX)
    }

    /// What of it is kept when all went well.
    pub fn capture(&self) -> Option<Vec<u8>> {
        self.kept(CAPTURES_MAX, CAPTURE_BYTES_MAX)
    }

    fn kept(&self, exchanges_max: usize, bytes_max: usize) -> Option<Vec<u8>> {
        let said = self.said.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if said.is_empty() {
            return None;
        }
        let cut = |body: &[u8]| cut(body, bytes_max);
        let evidence: Vec<Evidence> = said[said.len().saturating_sub(exchanges_max)..]
            .iter()
            .map(|Said { at, call, reply }| Evidence {
                at: at.micros(),
                request: format!("{} {}", call.method.as_str(), call.path),
                body: cut(call.body.as_deref().unwrap_or_default()),
                status: reply.as_ref().ok().map(|reply| reply.status),
                answer: match reply {
                    Ok(reply) => cut(&reply.body),
                    Err(lost) => lost.to_string(),
                },
            })
            .collect();
        serde_json::to_vec(&evidence).ok()
    }

    /// Polls are no attempts, and their pages are large: nothing is kept of them.
    fn keep(&self, call: Call, reply: &Result<Reply, Lost>) {
        let mut said = self.said.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if self.lease_until.is_some() && said.len() < EXCHANGES_MAX {
            said.push(Said {
                at: self.parts.clock.now(),
                call,
                reply: reply.clone(),
            });
        }
    }

    fn lease_covers_a_call(&self) -> bool {
        let needed = self.parts.clock.now().plus(CALL_TIMEOUT).plus(LEASE_MARGIN);
        self.lease_until.is_none_or(|until| needed <= until) || self.parts.planted.is(Bug::LeaseIgnored)
    }
}

fn cut(body: &[u8], bytes_max: usize) -> String {
    String::from_utf8_lossy(&body[..body.len().min(bytes_max)]).into_owned()
}

/// Whether the same question may be answered a moment later.
fn may_pass(reply: &Result<Reply, Lost>) -> bool {
    match reply {
        Ok(reply) => matches!(reply.status, 500 | 502..=504),
        Err(Lost::NotConnected(_) | Lost::NoAnswer(_)) => true,
        Err(Lost::NotSignedIn { .. } | Lost::LeaseShort | Lost::TooLarge { .. }) => false,
    }
}

impl Wire<'_> {
    async fn send_once(&self, call: &Call) -> Result<Reply, Lost> {
        let mut refused = None;
        loop {
            let session = self.sessions.get(self.parts, self.connector, refused.as_ref()).await?;
            if call.intent == Intent::Write {
                self.parts.hooks.at(Point::BeforeSend).await;
                if !self.lease_covers_a_call() {
                    return Err(Lost::LeaseShort);
                }
            }
            let mut headers = self.connector.headers(&session);
            headers.extend(call.headers.iter().cloned());
            if call.body.is_some() {
                headers.push(("content-type", "application/json".into()));
            }
            let url = format!("{}{}", self.connector.base_url(), call.path);
            let asked = self.parts.clock.now();
            let request = Exchange {
                method: call.method,
                url,
                headers,
                body: call.body.clone(),
            };
            let reply = exchange(self.parts, self.connector.connection(), request).await;
            let took = self.parts.clock.now().since(asked);
            self.parts.meters.called(self.connector.connection(), &reply, took);
            if self.watched {
                self.sessions.pulses.note(self.parts, self.connector, &reply).await;
            }
            self.keep(call.clone(), &reply);
            // A 401 proves that nothing was carried out. Once, it may be an expired session; twice, it is a permission.
            if refused.is_none()
                && reply.as_ref().is_ok_and(|reply| reply.status == 401)
                && self.connector.sign_in(None).is_some()
            {
                refused = Some(session);
                continue;
            }
            return reply;
        }
    }
}

#[async_trait]
impl Io for Wire<'_> {
    async fn send(&self, call: Call) -> Result<Reply, Lost> {
        let mut reply = self.send_once(&call).await;
        if self.lease_until.is_some() || call.intent == Intent::Write {
            return reply;
        }
        for pause in AGAIN_AFTER {
            if !may_pass(&reply) {
                break;
            }
            self.parts.clock.sleep_until(self.parts.clock.now().plus(pause)).await;
            reply = self.send_once(&call).await;
        }
        reply
    }

    async fn post(&self, mail: Mail) -> Result<Posted, Lost> {
        self.parts.hooks.at(Point::BeforeSend).await;
        if !self.lease_covers_a_call() {
            return Err(Lost::LeaseShort);
        }
        // As evidence it is an exchange like any other: what was said, and what was answered.
        let call = Call {
            method: Method::Post,
            path: format!("mail {}", mail.message_id),
            body: Some(mail.text.clone().into()),
            headers: Vec::new(),
            intent: Intent::Write,
        };
        let until = self.parts.clock.now().plus(CALL_TIMEOUT);
        let span = traces::mail(self.connector.connection());
        let posted = tokio::select! {
            biased;
            posted = self.parts.transport.deliver(mail).instrument(span.clone()) => posted,
            () = self.parts.clock.sleep_until(until) => Err(Lost::NoAnswer(format!("none came within {} s", CALL_TIMEOUT.as_secs()))),
        };
        let reply = posted.clone().map(|Posted { code, words }| Reply {
            status: code,
            headers: Vec::new(),
            body: words.into(),
        });
        traces::answered(&span, &reply);
        self.keep(call, &reply);
        posted
    }

    fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }
}

/// One exchange, no longer than the time-out.
pub async fn exchange(parts: &Parts, connection: &Connection, exchange: Exchange) -> Result<Reply, Lost> {
    let until = parts.clock.now().plus(CALL_TIMEOUT);
    let span = traces::call(exchange.method, connection);
    let reply = tokio::select! {
        biased;
        reply = parts.transport.exchange(exchange).instrument(span.clone()) => reply,
        () = parts.clock.sleep_until(until) => Err(Lost::NoAnswer(format!("none came within {} s", CALL_TIMEOUT.as_secs()))),
    };
    traces::answered(&span, &reply);
    reply
}

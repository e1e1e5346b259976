//! The seams to the world: time, chance, one HTTP exchange, and what a connector sees of it.
//!
//! [`Transport`] is the wire itself: bytes out, bytes in. The binary gives the real one, the simulation the twin. [`Io`] is what a
//! connector gets: the engine's code over a transport, which signs in, keeps limits and time-outs, and refuses to send what its
//! lease no longer covers.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;

use crate::time::Timestamp;

/// The only way to know the time and the only way to wait.
#[async_trait]
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
    async fn sleep_until(&self, until: Timestamp);
}

/// The only source of chance: keys, nonces.
pub trait Rng: Send {
    fn fill(&mut self, bytes: &mut [u8]);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// One HTTP request with an absolute address.
#[derive(Clone)]
pub struct Exchange {
    pub method: Method,
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<Bytes>,
}

impl fmt::Debug for Exchange {
    /// Headers carry tokens and bodies carry people: neither is printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.as_str(), self.url)
    }
}

#[derive(Clone)]
pub struct Reply {
    pub status: u16,
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {} bytes", self.status, self.body.len())
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// The only loss on the wire that proves that nothing arrived.
    #[error("no connection was made: {0}")]
    NotConnected(String),
    /// The connection broke, or no answer came in time.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// Nothing was sent, because the lease had too little time left for the call and its answer.
    #[error("not sent: the lease was running out")]
    LeaseShort,
    /// Nothing was sent, because we could not sign in.
    #[error("not sent: signing in failed: {why}")]
    NotSignedIn { why: String, said: Option<Refusal> },
    /// The answer is larger than we accept.
    #[error("the answer is larger than {limit_bytes} bytes")]
    TooLarge { limit_bytes: usize },
}

/// A no of the other side. Its words may name a person, so only the status is displayed, and with it logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it answered {status}")]
pub struct Refusal {
    pub status: u16,
    pub words: String,
}

impl Lost {
    pub fn may_have_arrived(&self) -> bool {
        match self {
            Self::NoAnswer(_) | Self::TooLarge { .. } => true,
            Self::NotConnected(_) | Self::LeaseShort | Self::NotSignedIn { .. } => false,
        }
    }
}

/// The seam to the world: one exchange, in bytes, or one mail. No redirects, cookies, pools or retries of its own.
#[async_trait]
pub trait Transport: Send + Sync {
    async fn exchange(&self, exchange: Exchange) -> Result<Reply, Lost>;

    /// Hands a mail to its server. Most wires carry none.
    async fn deliver(&self, _mail: Mail) -> Result<Posted, Lost> {
        Err(Lost::NotConnected("this wire carries no mail".into()))
    }
}

/// One mail, and the server that takes it.
#[derive(Clone)]
pub struct Mail {
    pub server: MailServer,
    /// An address, perhaps with a name before it: `Tallyman <tallyman@example.com>`.
    pub from: String,
    pub to: Vec<String>,
    pub subject: String,
    /// Without angle brackets; the same whenever this mail is sent again.
    pub message_id: String,
    /// What it belongs to, without angle brackets.
    pub references: Vec<String>,
    /// Further headers, names and values.
    pub headers: Vec<(&'static str, String)>,
    /// What its date says.
    pub at: Timestamp,
    pub text: String,
}

/// How a mail server is reached and signed in to.
#[derive(Clone)]
pub struct MailServer {
    pub host: String,
    pub port: u16,
    pub security: MailSecurity,
    /// User and password.
    pub sign_in: Option<(String, String)>,
    /// A certificate in PEM to trust beside those of the machine, for a server of the merchant's own.
    pub certificate: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailSecurity {
    /// TLS from the first byte, usually on port 465.
    Tls,
    /// TLS before anything is said that matters, usually on port 587. Never without, if the server has none.
    StartTls,
    /// None: for a relay on this machine.
    None,
}

impl fmt::Debug for Mail {
    /// Neither people nor passwords are printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mail {} by {}:{}", self.message_id, self.server.host, self.server.port)
    }
}

/// What a mail server says to a mail: 250 when it has taken it over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    pub code: u16,
    pub words: String,
}

/// Whether a call may change something at the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    Read,
    Write,
}

/// A request as a connector writes it: relative to its connection, without credentials.
#[derive(Clone)]
pub struct Call {
    pub method: Method,
    /// After the connection's base address, with the query, percent-encoded.
    pub path: String,
    pub body: Option<Bytes>,
    /// Headers of this call alone, beside those of the connection.
    pub headers: Vec<(&'static str, String)>,
    pub intent: Intent,
}

impl Call {
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::Get,
            path: path.into(),
            body: None,
            headers: Vec::new(),
            intent: Intent::Read,
        }
    }

    /// A question that needs a body.
    pub fn question(method: Method, path: impl Into<String>, body: &impl serde::Serialize) -> Self {
        Self {
            intent: Intent::Read,
            ..Self::write(method, path, body)
        }
    }

    pub fn write(method: Method, path: impl Into<String>, body: &impl serde::Serialize) -> Self {
        let body = serde_json::to_vec(body).expect("our own requests are always JSON");
        Self {
            method,
            path: path.into(),
            body: Some(body.into()),
            headers: Vec::new(),
            intent: Intent::Write,
        }
    }

    pub fn delete(path: impl Into<String>) -> Self {
        Self {
            method: Method::Delete,
            path: path.into(),
            body: None,
            headers: Vec::new(),
            intent: Intent::Write,
        }
    }
}

/// What a connector sees of the world.
#[async_trait]
pub trait Io: Send + Sync {
    async fn send(&self, call: Call) -> Result<Reply, Lost>;
    /// Hands a mail over; a write.
    async fn post(&self, _mail: Mail) -> Result<Posted, Lost> {
        Err(Lost::NotConnected("no mail goes this way".into()))
    }
    fn now(&self) -> Timestamp;
}

/// A place where the simulation may stop or stall a worker. Production passes [`NoHooks`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    AfterPoll,
    AfterReceive,
    AfterDecide,
    AfterClaim,
    AfterLook,
    AfterBaseline,
    BeforeSend,
    AfterAnswer,
    AfterOutcome,
    AfterProbe,
    BeforeSession,
    AfterSession,
}

impl Point {
    pub const ALL: [Self; 12] = [
        Self::AfterPoll,
        Self::AfterReceive,
        Self::AfterDecide,
        Self::AfterClaim,
        Self::AfterLook,
        Self::AfterBaseline,
        Self::BeforeSend,
        Self::AfterAnswer,
        Self::AfterOutcome,
        Self::AfterProbe,
        Self::BeforeSession,
        Self::AfterSession,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::AfterPoll => "after_poll",
            Self::AfterReceive => "after_receive",
            Self::AfterDecide => "after_decide",
            Self::AfterClaim => "after_claim",
            Self::AfterLook => "after_look",
            Self::AfterBaseline => "after_baseline",
            Self::BeforeSend => "before_send",
            Self::AfterAnswer => "after_answer",
            Self::AfterOutcome => "after_outcome",
            Self::AfterProbe => "after_probe",
            Self::BeforeSession => "before_session",
            Self::AfterSession => "after_session",
        }
    }
}

#[async_trait]
pub trait Hooks: Send + Sync {
    async fn at(&self, point: Point);
}

pub struct NoHooks;

#[async_trait]
impl Hooks for NoHooks {
    async fn at(&self, _point: Point) {}
}

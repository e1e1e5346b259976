//! The wire to the real world (mail goes by [`super::smtp`]): one HTTP exchange over reqwest, and a strict word on what its loss proves.
//!
//! Everything that could send a request a second time, or send it elsewhere, is off: redirects (an answer like any other here),
//! retries, cookies, and proxies from the environment, since a variable that was set for another program must not lead a merchant's
//! orders through a stranger. Answers come as they are, never unpacked.
//!
//! Only HTTP/1.1 is spoken. One connection then carries one exchange at a time, so a connection that breaks casts doubt on that one
//! alone, and a fault server of plain sockets can show every way in which it breaks (`crates/tests/tests/http_faults/`).
//!
//! A connection is used again for a few seconds. What closes it in between is one of two things. Seen before our first byte is handed to
//! it, hyper takes another connection: the request is still whole in its hands, so nothing was sent. Seen later, it is
//! [`Lost::NoAnswer`], because some of it may have arrived.
//!
//! Not here: how long an answer may take (the engine's, on its own clock), signing in, limits.

use std::sync::{Once, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::{HeaderName, HeaderValue};
use reqwest::redirect;
use tallyman_core::seam::{Exchange, Lost, Mail, Method, Posted, Reply, Transport};

use super::smtp;

/// Larger answers are not read to their end.
pub const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How long it may take to be connected, TLS included. In real time, as the network's is; what takes longer proves that nothing was sent.
const CONNECT_MAX: Duration = Duration::from_secs(15);

/// Shorter than any server in common use keeps an idle connection (the shortest is five seconds): a request that meets a connection
/// while it is being closed costs a question later on.
const IDLE_MAX: Duration = Duration::from_secs(4);

/// Makes ring the provider of TLS for this process. Whatever speaks TLS calls it first; a second call changes nothing.
pub fn install_tls() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // Refused only if there is a provider already, and then there is one.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// HTTP/1.1 to whatever address an exchange names.
pub struct Http {
    /// For `http` addresses: the twin's, or a proxy of the merchant's own that speaks TLS for us.
    plain: reqwest::Client,
    /// For `https`. Reading the system's certificates takes a while and fails where there are none, so it waits until one is needed.
    secure: OnceLock<Result<reqwest::Client, String>>,
}

impl Http {
    pub fn new() -> anyhow::Result<Self> {
        install_tls();
        Ok(Self {
            plain: builder().tls_certs_only(std::iter::empty()).build()?,
            secure: OnceLock::new(),
        })
    }

    fn client(&self, url: &reqwest::Url) -> Result<&reqwest::Client, Lost> {
        match url.scheme() {
            "http" => Ok(&self.plain),
            "https" => self
                .secure
                .get_or_init(|| builder().https_only(true).build().map_err(|error| words(&error)))
                .as_ref()
                .map_err(|error| Lost::NotConnected(format!("TLS could not be set up: {error}"))),
            other => Err(Lost::NotConnected(format!("{other} is no way to reach a vendor; use https"))),
        }
    }
}

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("tallyman/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .no_proxy()
        .http1_only()
        .connect_timeout(CONNECT_MAX)
        .pool_idle_timeout(IDLE_MAX)
        .tcp_nodelay(true)
}

impl Http {
    /// A request as it is, and its answer; for what is no exchange with a vendor.
    pub async fn pass_on(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, Lost> {
        let request = reqwest::Request::try_from(request).map_err(|error| lost(&error))?;
        let client = self.client(request.url())?;
        let response = client.execute(request).await.map_err(|error| lost(&error))?;
        let mut answer = http::Response::new(Bytes::new());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = response.headers().clone();
        *answer.body_mut() = body(response).await?;
        Ok(answer)
    }
}

#[async_trait]
impl Transport for Http {
    async fn exchange(&self, exchange: Exchange) -> Result<Reply, Lost> {
        let request = request(exchange)?;
        let response = self
            .client(request.url())?
            .execute(request)
            .await
            .map_err(|error| lost(&error))?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), text(value)))
            .collect();
        let body = body(response).await?;
        Ok(Reply { status, headers, body })
    }

    async fn deliver(&self, mail: Mail) -> Result<Posted, Lost> {
        smtp::deliver(mail).await
    }
}

/// The request in reqwest's words. What cannot be said in them was not sent.
fn request(exchange: Exchange) -> Result<reqwest::Request, Lost> {
    let url = reqwest::Url::parse(&exchange.url).map_err(|error| Lost::NotConnected(format!("{}: {error}", exchange.url)))?;
    let mut request = reqwest::Request::new(method(exchange.method), url);
    for (name, value) in exchange.headers {
        let unsayable = || Lost::NotConnected(format!("the header {name} holds what a header may not"));
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unsayable())?;
        let value = HeaderValue::from_str(&value).map_err(|_| unsayable())?;
        request.headers_mut().append(header, value);
    }
    *request.body_mut() = exchange.body.map(reqwest::Body::from);
    Ok(request)
}

fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Patch => http::Method::PATCH,
        Method::Delete => http::Method::DELETE,
    }
}

fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// Reads the answer's body as far as it is accepted.
async fn body(mut response: reqwest::Response) -> Result<Bytes, Lost> {
    let too_large = Lost::TooLarge {
        limit_bytes: BODY_BYTES_MAX,
    };
    if response.content_length().is_some_and(|length| length > BODY_BYTES_MAX as u64) {
        return Err(too_large);
    }
    let mut read = BytesMut::new();
    // Once a head has arrived the request has too, whatever breaks now.
    while let Some(chunk) = response.chunk().await.map_err(|error| Lost::NoAnswer(words(&error)))? {
        if read.len() + chunk.len() > BODY_BYTES_MAX {
            return Err(too_large);
        }
        read.extend_from_slice(&chunk);
    }
    Ok(read.freeze())
}

/// What this error proves. Only a connection that was never made (no such host, refused, out of time, no TLS) proves that nothing arrived.
fn lost(error: &reqwest::Error) -> Lost {
    if error.is_connect() || error.is_builder() {
        Lost::NotConnected(words(error))
    } else {
        Lost::NoAnswer(words(error))
    }
}

/// The chain of causes, without the address: its query may name a person.
fn words(error: &reqwest::Error) -> String {
    let mut words = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        words.push(error.to_string());
        cause = error.source();
    }
    if words.is_empty() {
        words.push(
            if error.is_timeout() {
                "out of time"
            } else {
                "the connection failed"
            }
            .to_owned(),
        );
    }
    words.join(": ")
}

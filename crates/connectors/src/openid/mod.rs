//! OpenID Connect: who somebody is by a provider's word. Authorization code with PKCE, state and nonce.
//!
//! The protocol, the tokens and their checks are the crate `openidconnect`'s; the wire is ours, like any vendor's: what is sent and how long
//! it may take is not the library's to decide. What a provider says of itself (its addresses and keys) is read again after a while, and
//! once more at once when a token is signed with a key that is not known.
//!
//! Not here: whose an identity is, cookies, and pages.

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreJwsSigningAlgorithm, CoreProviderMetadata};
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, DiscoveryError, HttpRequest, HttpResponse,
    IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, SignatureVerificationError,
    TokenResponse, http,
};
use tallyman_core::access::single::{Identity, NotVouched, Vouches, Way};
use tallyman_core::seam::{Exchange, Lost, Method, Transport};
use tallyman_core::time::Timestamp;

use crate::Secret;

/// How long what a provider says of itself is believed.
const KNOWN_FOR: Duration = Duration::from_secs(3_600);
/// A token that says it was made later than this from now was made by a clock that is wrong.
const AHEAD_MAX: Duration = Duration::from_secs(60);
/// Nobody takes longer than this on the way.
const AGE_MAX: Duration = Duration::from_secs(15 * 60);
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// Algorithms whose tokens are believed: those with a key that only the provider has. `none` and shared secrets are not among them.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 4] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// A provider, and what we are to it.
pub struct OpenId {
    called: String,
    issuer: IssuerUrl,
    client: ClientId,
    secret: Option<Secret>,
    /// Where it sends browsers back to.
    back: RedirectUrl,
    wire: Wire,
    known: Mutex<Option<(Timestamp, Arc<CoreProviderMetadata>)>>,
}

/// How a provider is reached.
#[derive(Clone)]
struct Wire(Arc<dyn Transport>);

impl OpenId {
    /// The issuer and the address to come back to are checked; nothing is asked yet.
    pub fn new(
        called: &str,
        issuer: &str,
        (client, secret): (&str, Option<Secret>),
        back: &str,
        transport: Arc<dyn Transport>,
    ) -> Result<Self, String> {
        let wrong = |what: &str| format!("{what} is no address like https://login.example.com");
        let issuer = IssuerUrl::new(issuer.to_owned()).map_err(|_| wrong(issuer))?;
        let host = issuer.url().host_str().unwrap_or_default();
        let here = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        if issuer.url().scheme() != "https" && !here {
            return Err(format!("{} has to be reached by https", issuer.as_str()));
        }
        Ok(Self {
            called: called.to_owned(),
            issuer,
            client: ClientId::new(client.to_owned()),
            secret,
            back: RedirectUrl::new(back.to_owned()).map_err(|_| wrong(back))?,
            wire: Wire(transport),
            known: Mutex::new(None),
        })
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Option<(Timestamp, Arc<CoreProviderMetadata>)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the provider says of itself, no older than this.
    async fn known(&self, now: Timestamp, at_most: Duration) -> Result<Arc<CoreProviderMetadata>, NotVouched> {
        if let Some((read_at, known)) = &*self.kept()
            && now.since(*read_at) < at_most
        {
            return Ok(known.clone());
        }
        let ask = |request| self.wire.clone().ask(request);
        let read = CoreProviderMetadata::discover_async(self.issuer.clone(), &ask).await;
        let known = Arc::new(read.map_err(|error| match error {
            DiscoveryError::Request(lost) => lost.into(),
            DiscoveryError::Response(status, ..) => NotVouched::Refused(status.as_u16()),
            DiscoveryError::Validation(_) => NotVouched::Untrusted("issuer"),
            _ => NotVouched::Unreadable,
        })?);
        *self.kept() = Some((now, known.clone()));
        Ok(known)
    }

    async fn token(&self, way: &Way, code: &str, known: &CoreProviderMetadata) -> Result<CoreIdToken, NotVouched> {
        let secret = self
            .secret
            .as_ref()
            .map(|secret| ClientSecret::new(secret.reveal().to_owned()));
        let client =
            CoreClient::from_provider_metadata(known.clone(), self.client.clone(), secret).set_redirect_uri(self.back.clone());
        let ask = |request| self.wire.clone().ask(request);
        let answered = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_| NotVouched::Unreadable)?
            .set_pkce_verifier(PkceCodeVerifier::new(way.verifier()))
            .request_async(&ask)
            .await
            .map_err(|error| match error {
                RequestTokenError::Request(lost) => lost.into(),
                RequestTokenError::ServerResponse(_) => NotVouched::Refused(400),
                RequestTokenError::Parse(..) | RequestTokenError::Other(_) => NotVouched::Unreadable,
            })?;
        answered.id_token().cloned().ok_or(NotVouched::Unreadable)
    }

    fn checked(&self, token: &CoreIdToken, way: &Way, known: &CoreProviderMetadata, now: Timestamp) -> Result<Identity, Wrong> {
        let client = CoreClient::from_provider_metadata(known.clone(), self.client.clone(), None);
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(ALGORITHMS)
            // Whoever else a token is for could bring it here.
            .set_other_audience_verifier_fn(|_| false)
            .set_time_fn(move || instant(now))
            .set_issue_time_verifier_fn(move |issued| {
                let (newest, oldest) = (instant(now.plus(AHEAD_MAX)), instant(now.minus(AGE_MAX)));
                if (oldest..=newest).contains(&issued) {
                    Ok(())
                } else {
                    Err("it was not issued just now".to_owned())
                }
            });
        let claims = token.claims(&verifier, &Nonce::new(way.nonce()))?;
        if claims.authorized_party().is_some_and(|party| **party != *self.client) {
            return Err(Wrong::Claim("authorised party"));
        }
        Ok(Identity {
            issuer: claims.issuer().as_str().to_owned(),
            subject: claims.subject().as_str().to_owned(),
        })
    }
}

fn instant(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.micros()).unwrap_or_default()
}

/// Why a token is not believed.
enum Wrong {
    /// It may have been signed with a key that is newer than what is known.
    Key,
    Claim(&'static str),
}

impl From<ClaimsVerificationError> for Wrong {
    fn from(error: ClaimsVerificationError) -> Self {
        match error {
            ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => Self::Key,
            ClaimsVerificationError::SignatureVerification(_) => Self::Claim("signature"),
            ClaimsVerificationError::Expired(_) => Self::Claim("expiry"),
            ClaimsVerificationError::InvalidAudience(_) => Self::Claim("audience"),
            ClaimsVerificationError::InvalidIssuer(_) => Self::Claim("issuer"),
            ClaimsVerificationError::InvalidNonce(_) => Self::Claim("nonce"),
            ClaimsVerificationError::InvalidSubject(_) => Self::Claim("subject"),
            _ => Self::Claim("claims"),
        }
    }
}

impl Wire {
    async fn ask(self, request: HttpRequest) -> Result<HttpResponse, Gone> {
        let (head, body) = request.into_parts();
        let method = if head.method == http::Method::GET {
            Method::Get
        } else {
            Method::Post
        };
        let mut headers = Vec::new();
        for name in ["accept", "authorization", "content-type"] {
            if let Some(value) = head.headers.get(name).and_then(|value| value.to_str().ok()) {
                headers.push((name, value.to_owned()));
            }
        }
        let exchange = Exchange {
            method,
            url: head.uri.to_string(),
            headers,
            body: (!body.is_empty()).then(|| body.into()),
        };
        let reply = self.0.exchange(exchange).await.map_err(|_: Lost| Gone)?;
        if reply.body.len() > ANSWER_BYTES_MAX {
            return Err(Gone);
        }
        let mut response = http::Response::builder().status(reply.status);
        if let Some(kind) = reply.header("content-type") {
            response = response.header("content-type", kind);
        }
        response.body(reply.body.to_vec()).map_err(|_| Gone)
    }
}

/// There was no answer, or none of a size that anybody reads. What a vendor said stands in no error.
#[derive(Debug, thiserror::Error)]
#[error("there was no answer")]
struct Gone;

impl From<Gone> for NotVouched {
    fn from(_: Gone) -> Self {
        Self::Silent
    }
}

#[async_trait]
impl Vouches for OpenId {
    fn called(&self) -> &str {
        &self.called
    }

    fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    async fn leads_to(&self, way: &Way, now: Timestamp) -> Result<String, NotVouched> {
        let known = self.known(now, KNOWN_FOR).await?;
        let client =
            CoreClient::from_provider_metadata((*known).clone(), self.client.clone(), None).set_redirect_uri(self.back.clone());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(way.verifier()));
        let (state, nonce) = (way.state(), way.nonce());
        let (place, ..) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .set_pkce_challenge(challenge)
            .url();
        Ok(place.to_string())
    }

    async fn vouches(&self, way: &Way, code: &str, now: Timestamp) -> Result<Identity, NotVouched> {
        let known = self.known(now, KNOWN_FOR).await?;
        let token = self.token(way, code, &known).await?;
        let checked = match self.checked(&token, way, &known, now) {
            Err(Wrong::Key) => {
                let newest = self.known(now, Duration::ZERO).await?;
                self.checked(&token, way, &newest, now)
            }
            checked => checked,
        };
        checked.map_err(|wrong| match wrong {
            Wrong::Key => NotVouched::Untrusted("signature"),
            Wrong::Claim(claim) => NotVouched::Untrusted(claim),
        })
    }
}

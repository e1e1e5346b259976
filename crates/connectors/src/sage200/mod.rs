//! Sage 200 as the ledger, over its native REST API (Professional and Standard; sage200 §1-5).
//!
//! Nothing there takes an idempotency key, so the shape of each write is its safety: an order is a draft first, which is harmless
//! when it is lost, and only a recorded draft is confirmed; a despatch carries our tag in its tracking notes, or is known by what
//! had been despatched before. Documents are never locked by us: a lost answer would leave a lock that nobody can break.
//!
//! Not here: invoices, returns and stock, and units other than the one a product is sold in.

mod amend;
mod calls;
mod despatch;
mod facts;
mod map;
mod pages;
mod refused;
#[cfg(test)]
mod tests;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use tallyman_core::duplicate::Booked;
use tallyman_core::effect::{Agreed, Baseline, Despatch, LedgerOrder, Probe, Verdict};
use tallyman_core::facts::Facts;
use tallyman_core::fingerprint::Fingerprint;
use tallyman_core::foreign::Gone;
use tallyman_core::hindrance::Hindrance;
use tallyman_core::ident::{Company, Connection};
use tallyman_core::journey::LedgerOrderKey;
use tallyman_core::role::{Connector, Ledger, ReadError, Session, TaggedDraft};
use tallyman_core::seam::{Exchange, Io, Method, Reply};
use tallyman_core::sku::Collation;
use tallyman_core::time::Timestamp;

use crate::http::{encoded, words};
use crate::read::{read, wanted};
use crate::secret::Secret;

/// One company of one Sage 200 site.
pub struct Sage {
    pub connection: Connection,
    pub company: Company,
    pub base_url: String,
    pub token_url: String,
    pub client_id: String,
    pub client_secret: Secret,
    /// The refresh token that consent gave. Each one is good once: later ones are held by the session.
    pub refresh_token: Secret,
    /// The GUID of the site.
    pub site: String,
    /// The number of the company within its site.
    pub company_id: i64,
    /// How the site's database tells codes apart.
    pub collation: Collation,
}

impl Sage {
    /// Sage 200 Professional. Standard is under `…/uk/sage200/accounts/v1`.
    pub const BASE_URL: &str = "https://api.columbus.sage.com/uk/sage200extra/accounts/v1";
    pub const TOKEN_URL: &str = "https://id.sage.com/oauth/token";

    /// A company at the usual addresses.
    pub fn new(
        connection: Connection,
        company: Company,
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
        refresh_token: impl Into<Secret>,
        site: impl Into<String>,
        company_id: i64,
    ) -> Self {
        Self {
            connection,
            company,
            base_url: Self::BASE_URL.into(),
            token_url: Self::TOKEN_URL.into(),
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            refresh_token: refresh_token.into(),
            site: site.into(),
            company_id,
            collation: Collation::default(),
        }
    }

    /// The same company in a database that tells codes apart in this way.
    #[must_use]
    pub fn under(mut self, collation: Collation) -> Self {
        self.collation = collation;
        self
    }

    /// The same company elsewhere: Standard, or a stand-in.
    #[must_use]
    pub fn at(mut self, base_url: impl Into<String>, token_url: impl Into<String>) -> Self {
        self.base_url = base_url.into();
        self.token_url = token_url.into();
        self
    }
}

/// An access token is given up this long before it ends, so that none ends between our check and theirs.
const TOKEN_MARGIN: Duration = Duration::from_secs(60);

impl Connector for Sage {
    fn connection(&self) -> &Connection {
        &self.connection
    }

    fn company(&self) -> &Company {
        &self.company
    }

    fn base_url(&self) -> &str {
        &self.base_url
    }

    fn sign_in(&self, held: Option<&Session>) -> Option<Exchange> {
        let held = held.and_then(|session| session.refresh.as_deref());
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", &self.client_id),
            ("client_secret", self.client_secret.reveal()),
            ("refresh_token", held.unwrap_or(self.refresh_token.reveal())),
        ];
        let body = form.map(|(name, value)| format!("{name}={}", encoded(value))).join("&");
        Some(Exchange {
            method: Method::Post,
            url: self.token_url.clone(),
            headers: vec![
                ("content-type", "application/x-www-form-urlencoded".into()),
                ("accept", "application/json".into()),
            ],
            body: Some(body.into()),
        })
    }

    fn signed_in(&self, held: Option<&Session>, reply: &Reply, now: Timestamp) -> Result<Session, String> {
        if !reply.is_success() {
            return Err(format!("Sage ID answered {}: {}", reply.status, words(&reply.body)));
        }
        let token: wire::Token = read("token", &reply.body).map_err(|error| error.to_string())?;
        let access = wanted("token", "access_token", token.access_token).map_err(|error| error.to_string())?;
        let lasts = Duration::from_secs(token.expires_in.and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(0));
        Ok(Session {
            access,
            // Each refresh gives the next refresh token and ends the last one.
            refresh: token
                .refresh_token
                .or_else(|| held.and_then(|session| session.refresh.clone())),
            expires_at: Some(now.plus(lasts.saturating_sub(TOKEN_MARGIN.min(lasts / 2)))),
        })
    }

    fn headers(&self, session: &Session) -> Vec<(&'static str, String)> {
        vec![
            ("authorization", format!("Bearer {}", session.access)),
            ("x-site", self.site.clone()),
            ("x-company", self.company_id.to_string()),
            ("content-type", "application/json".into()),
            ("accept", "application/json".into()),
        ]
    }
}

#[async_trait]
impl Ledger for Sage {
    async fn facts(&self, io: &dyn Io) -> Result<Facts, ReadError> {
        Ok(facts::facts(io, self.collation).await?)
    }

    async fn draft(&self, io: &dyn Io, tag: &Fingerprint, order: &LedgerOrder) -> Verdict {
        calls::draft(self, io, tag, order).await
    }

    async fn find_draft(&self, io: &dyn Io, tag: &Fingerprint, order: &LedgerOrder) -> Probe {
        calls::find_draft(io, tag, order).await
    }

    async fn confirm(&self, io: &dyn Io, draft_id: i64) -> Verdict {
        calls::confirm(io, draft_id).await
    }

    async fn confirmed(&self, io: &dyn Io, draft_id: i64) -> Probe {
        calls::confirmed(io, draft_id).await
    }

    async fn despatch(&self, io: &dyn Io, tag: &Fingerprint, order: &LedgerOrderKey, despatch: &Despatch) -> Verdict {
        calls::despatch(self, io, tag, order, despatch).await
    }

    async fn despatched(
        &self,
        io: &dyn Io,
        tag: &Fingerprint,
        order: &LedgerOrderKey,
        despatch: &Despatch,
        before: Option<&Baseline>,
    ) -> Probe {
        calls::despatched(io, tag, order, despatch, before).await
    }

    async fn tagged_drafts(&self, io: &dyn Io) -> Result<Vec<TaggedDraft>, ReadError> {
        Ok(calls::tagged_drafts(io).await?)
    }

    async fn booked_since(&self, io: &dyn Io, since: Timestamp) -> Result<Vec<Booked>, ReadError> {
        Ok(calls::booked_since(io, since).await?)
    }

    async fn booked(&self, io: &dyn Io, id: i64) -> Result<Option<Booked>, ReadError> {
        Ok(calls::booked(io, id).await?)
    }

    async fn gone_since(&self, io: &dyn Io, since: Timestamp) -> Result<Vec<Gone>, ReadError> {
        Ok(calls::gone_since(io, since).await?)
    }

    async fn gone_of(&self, io: &dyn Io, order: i64) -> Result<Vec<Gone>, ReadError> {
        Ok(calls::gone_of(io, order).await?)
    }

    async fn amend_order(&self, io: &dyn Io, order: &LedgerOrderKey, agreed: &Agreed) -> Verdict {
        amend::amend(self, io, order, agreed).await
    }

    async fn order_amended(&self, io: &dyn Io, order: &LedgerOrderKey, agreed: &Agreed) -> Probe {
        amend::amended(io, order, agreed).await
    }

    async fn hinders(&self, io: &dyn Io, hindrance: &Hindrance) -> Result<bool, ReadError> {
        Ok(refused::hinders(io, hindrance).await?)
    }

    async fn delete_draft(&self, io: &dyn Io, id: i64) -> Verdict {
        calls::delete_draft(self, io, id).await
    }
}

//! Sage ID: refresh tokens that rotate, access tokens that end, and which company a token may enter.

use std::collections::BTreeMap;

use http::HeaderMap;
use sha2::Digest;

use crate::call::{Request, Response, pairs};
use crate::clock::{Instant, SECOND};
use crate::settings::Settings;

/// The one site of this Sage: the value of `X-Site`.
pub const SITE: &str = "0f4c6f2e-5a1b-4c3d-8e7f-000000000001";

pub struct Gate {
    seed: u64,
    clients: BTreeMap<String, Client>,
    refresh: BTreeMap<String, Refresh>,
    access: BTreeMap<String, Access>,
    issued: u64,
    life: i64,
    grace: i64,
}

struct Client {
    secret: String,
    company: u32,
}

struct Refresh {
    client: String,
    /// When it was first exchanged.
    used: Option<Instant>,
}

struct Access {
    company: u32,
    until: Instant,
}

impl Gate {
    pub fn new(settings: &Settings) -> Self {
        let client = |company: &crate::settings::Company| {
            let client = Client {
                secret: company.sage_client_secret.clone(),
                company: company.number,
            };
            (company.sage_client_id.clone(), client)
        };
        let refresh = |company: &crate::settings::Company| {
            let refresh = Refresh {
                client: company.sage_client_id.clone(),
                used: None,
            };
            (company.sage_refresh_token.clone(), refresh)
        };
        Self {
            seed: settings.seed,
            clients: settings.companies.iter().map(client).collect(),
            refresh: settings.companies.iter().map(refresh).collect(),
            access: BTreeMap::new(),
            issued: 0,
            life: settings.faults.sage_token_life,
            grace: settings.faults.sage_refresh_grace,
        }
    }

    /// `POST /oauth/token`: only the exchange of a refresh token; consent in a browser is a person's affair.
    pub fn token(&mut self, request: &Request, now: Instant) -> Response {
        let form: BTreeMap<String, String> = pairs(&String::from_utf8_lossy(&request.body)).into_iter().collect();
        let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        if field("grant_type") != "refresh_token" {
            return refusal(403, "unsupported_grant_type", "Unsupported grant type.");
        }
        let Some(client) = self
            .clients
            .get(field("client_id"))
            .filter(|client| client.secret == field("client_secret"))
        else {
            return refusal(401, "access_denied", "Unauthorized");
        };
        let company = client.company;
        let valid = |refresh: &&mut Refresh| {
            refresh.client == field("client_id") && refresh.used.is_none_or(|used| now < used.saturating_add(self.grace))
        };
        let Some(refresh) = self.refresh.get_mut(field("refresh_token")).filter(valid) else {
            return refusal(403, "invalid_grant", "Unknown or invalid refresh token.");
        };
        refresh.used.get_or_insert(now);
        let next = Refresh {
            client: refresh.client.clone(),
            used: None,
        };
        self.issued += 1;
        let refresh_token = self.secret("refresh");
        let access_token = self.secret("access");
        self.refresh.insert(refresh_token.clone(), next);
        self.access.retain(|_, access| access.until > now);
        self.access.insert(
            access_token.clone(),
            Access {
                company,
                until: now.saturating_add(self.life),
            },
        );
        Response::json(
            200,
            &serde_json::json!({
                "access_token": access_token,
                "refresh_token": refresh_token,
                "expires_in": self.life / SECOND,
                "token_type": "Bearer",
                "scope": "openid profile email offline_access",
            }),
        )
    }

    /// The company whose user shows this token, whatever company the call is for.
    pub fn user(&self, headers: &HeaderMap, now: Instant) -> Option<u32> {
        let access = self.access.get(bearer(headers)?)?;
        (access.until > now).then_some(access.company)
    }

    /// The company that this call may enter: a live token, and headers that name the site and the token's own company.
    pub fn company(&self, headers: &HeaderMap, now: Instant) -> Option<u32> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let company = self.user(headers, now)?;
        let named = header("x-site").eq_ignore_ascii_case(SITE) && header("x-company") == company.to_string();
        named.then_some(company)
    }

    /// Forgets the token that this call shows.
    pub fn forget(&mut self, headers: &HeaderMap) {
        if let Some(token) = bearer(headers) {
            self.access.remove(token);
        }
    }

    fn secret(&self, kind: &str) -> String {
        use std::fmt::Write;
        let digest = sha2::Sha256::digest(format!("{} {kind} {}", self.seed, self.issued).as_bytes());
        let mut text = String::new();
        for byte in &digest[..20] {
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")
}

fn refusal(status: u16, error: &str, description: &str) -> Response {
    Response::json(status, &serde_json::json!({"error": error, "error_description": description}))
}

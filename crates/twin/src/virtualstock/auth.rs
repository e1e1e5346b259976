//! Who is asking: token pairs that live 5 minutes and 4 hours, and the account's limit of calls in a minute.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use sha2::Digest;

use crate::call::{Request, Response};
use crate::chance::Chance;
use crate::clock::{HOUR, Instant, MINUTE, SECOND};
use crate::faults::{Counts, Kind};
use crate::settings::Settings;

const ACCESS_LIFE: i64 = 5 * MINUTE;
const REFRESH_LIFE: i64 = 4 * HOUR;
const CALLS_A_MINUTE: u32 = 250;

struct Account {
    company: u32,
    user: String,
    password: String,
}

struct Grant {
    company: u32,
    until: Instant,
}

pub(super) struct Auth {
    seed: u64,
    accounts: Vec<Account>,
    access: BTreeMap<String, Grant>,
    refresh: BTreeMap<String, Grant>,
    issued: u64,
    /// Every token that was issued, with its company: what no longer opens anything still tells who calls.
    owners: BTreeMap<String, u32>,
    limits: bool,
    /// By company: the minute, and the calls in it.
    minutes: BTreeMap<u32, (i64, u32)>,
    expired_token: u32,
    chance: Chance,
    /// Of calls in a thousand that are throttled although the minute has room.
    throttled: u32,
    throttle: Chance,
    counts: Counts,
}

impl Auth {
    pub(super) fn new(settings: &Settings, counts: Counts) -> Self {
        let account = |company: &crate::settings::Company| Account {
            company: company.number,
            user: company.virtualstock_user.clone(),
            password: company.virtualstock_password.clone(),
        };
        Self {
            seed: settings.seed,
            accounts: settings.companies.iter().map(account).collect(),
            access: BTreeMap::new(),
            refresh: BTreeMap::new(),
            issued: 0,
            owners: BTreeMap::new(),
            limits: settings.limits,
            minutes: BTreeMap::new(),
            expired_token: settings.faults.expired_token,
            chance: Chance::new(settings.seed, "virtualstock-tokens"),
            throttled: settings.faults.throttled_virtualstock,
            throttle: Chance::new(settings.seed, "virtualstock-throttle"),
            counts,
        }
    }

    /// `POST /restapi/v4/token`.
    pub(super) fn log_in(&mut self, body: &Map<String, Value>, now: Instant) -> Response {
        let (user, password) = match (text(body, "username"), text(body, "password")) {
            (Ok(user), Ok(password)) => (user, password),
            (user, password) => return missing([("username", user.is_err()), ("password", password.is_err())]),
        };
        let Some(account) = self
            .accounts
            .iter()
            .find(|account| account.user == user && account.password == password)
        else {
            return Response::json(401, &json!({"detail": "No active account found with the given credentials"}));
        };
        let company = account.company;
        let refresh = self.issue("refresh", company);
        self.refresh.retain(|_, grant| now < grant.until);
        self.refresh.insert(
            refresh.clone(),
            Grant {
                company,
                until: now + REFRESH_LIFE,
            },
        );
        let access = self.grant_access(company, now);
        Response::json(200, &json!({"refresh": refresh, "access": access}))
    }

    /// `POST /restapi/v4/token/refresh`: a new access token, the same refresh token.
    pub(super) fn renew(&mut self, body: &Map<String, Value>, now: Instant) -> Response {
        let Ok(refresh) = text(body, "refresh") else {
            return missing([("refresh", true)]);
        };
        let Some(company) = self
            .refresh
            .get(refresh)
            .filter(|grant| now < grant.until)
            .map(|grant| grant.company)
        else {
            return Response::json(
                401,
                &json!({"detail": "Token is invalid or expired", "code": "token_not_valid"}),
            );
        };
        let access = self.grant_access(company, now);
        Response::json(200, &json!({"access": access}))
    }

    fn grant_access(&mut self, company: u32, now: Instant) -> String {
        let access = self.issue("access", company);
        self.access.retain(|_, grant| now < grant.until);
        self.access.insert(
            access.clone(),
            Grant {
                company,
                until: now + ACCESS_LIFE,
            },
        );
        access
    }

    fn issue(&mut self, kind: &str, company: u32) -> String {
        self.issued += 1;
        let digest = sha2::Sha256::digest(format!("{} {kind} {}", self.seed, self.issued));
        let token = digest
            .iter()
            .take(20)
            .fold(format!("{kind}."), |token, byte| format!("{token}{byte:02x}"));
        self.owners.insert(token.clone(), company);
        token
    }

    /// The company that a token was issued to, whether or not it still opens anything.
    pub(super) fn owner(&self, token: &str) -> Option<u32> {
        self.owners.get(token).copied()
    }

    /// The company that asks, or the answer that it gets instead. Limits come after the token, as in the framework below the real one.
    pub(super) fn admit(&mut self, request: &Request, now: Instant) -> Result<u32, Response> {
        let header = request.headers.get("authorization").and_then(|value| value.to_str().ok());
        let Some(token) = header.and_then(|value| value.strip_prefix("Bearer ")) else {
            return Err(Response::json(
                401,
                &json!({"detail": "Authentication credentials were not provided."}),
            ));
        };
        let Some(company) = self
            .access
            .get(token)
            .filter(|grant| now < grant.until)
            .map(|grant| grant.company)
        else {
            return Err(stale_token());
        };
        if self.chance.per_mille(self.expired_token) {
            self.access.remove(token);
            self.counts.add(Kind::ExpiredToken);
            return Err(stale_token());
        }
        self.count_call(company, now)?;
        Ok(company)
    }

    fn count_call(&mut self, company: u32, now: Instant) -> Result<(), Response> {
        let minute = now.div_euclid(MINUTE);
        let (current, calls) = self.minutes.entry(company).or_insert((minute, 0));
        if *current != minute {
            (*current, *calls) = (minute, 0);
        }
        let full = self.limits && *calls >= CALLS_A_MINUTE;
        if !full && !self.throttle.per_mille(self.throttled) {
            *calls += 1;
            return Ok(());
        }
        self.counts.add(Kind::ThrottledVirtualstock);
        let seconds = ((minute + 1) * MINUTE - now + SECOND - 1) / SECOND;
        let detail = format!("Request was throttled. Expected available in {seconds}.0 seconds.");
        let mut response = Response::json(429, &json!({"detail": detail}));
        response.headers.push(("retry-after", seconds.to_string()));
        Err(response)
    }
}

fn text<'a>(body: &'a Map<String, Value>, name: &str) -> Result<&'a str, ()> {
    body.get(name).and_then(Value::as_str).ok_or(())
}

fn missing<const N: usize>(fields: [(&str, bool); N]) -> Response {
    let missing = fields.into_iter().filter(|(_, missing)| *missing);
    let body: Map<String, Value> = missing
        .map(|(name, _)| (name.to_owned(), json!(["This field is required."])))
        .collect();
    Response::json(400, &body)
}

fn stale_token() -> Response {
    let messages = json!([{"token_class": "AccessToken", "token_type": "access", "message": "Token is invalid or expired"}]);
    let detail = "Given token not valid for any token type";
    Response::json(
        401,
        &json!({"detail": detail, "code": "token_not_valid", "messages": messages}),
    )
}

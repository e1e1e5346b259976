//! People of every level, who ask for every route with something in the place of what varies in it.

use axum::body::Body;
use http::{Request, header};
use tallyman_core::access::{Actor, Grant, Level, Where};
use tallyman_core::finding::Code;
use tallyman_core::ident::Company;
use tallyman_core::mapping::{Cell, Table};
use tallyman_core::seam::Clock;
use tallyman_engine::mappings;
use tallyman_engine::words::{self, Said};
use tallyman_tests::morning::{FIRST, Morning};
use tallyman_tests::parked::Stop;
use tallyman_web::api::access::{Access, Hash};

use crate::visitor::{Answer, Console, encoded};

/// What somebody proposes that a tax rate means.
async fn proposal(morning: &Morning) -> String {
    let store = &morning.scene.store;
    let companies = [(Company::new("trader-1"), vec!["virtualstock-1".to_owned()])];
    let known = mappings::known(store, &companies).await.expect("known");
    let cell = Cell::new(Table::Tax, "virtualstock-1", "a rate");
    let said = Said {
        by: &Actor::terminal("somebody"),
        reason: "a test",
        at: morning.scene.clock.now(),
    };
    let done = words::set(store, &known, &cell, "1", &said).await.expect("proposed");
    done.proposed.expect("it takes two people")
}

/// Which act is tried, where a path leaves it open.
fn act(path: &str) -> &'static str {
    match path {
        "/cards/{card}/{act}" => "acknowledge",
        "/connections/{connection}/{act}" => "test",
        "/proposals/{proposal}/{act}" => "approve",
        "/settings/people/{person}/{act}" => "revoke",
        other => panic!("say which act of {other} is tried"),
    }
}

/// What stands in the place of what varies in a path.
pub struct Names(Vec<(&'static str, String)>);

impl Names {
    pub async fn of(morning: &Morning, console: &Console) -> Self {
        let reference = morning.orders.first().expect("an order").clone();
        let stop = Stop {
            reference: reference.to_uppercase(),
            code: Code::OutcomeUnclear,
            in_ledger: false,
            now: morning.scene.clock.now(),
        };
        let stopped = morning.scene.store.write(stop).await.expect("stopped");
        let effect = stopped
            .into_iter()
            .find(|(company, _)| company == "trader-1")
            .expect("its own")
            .1;
        let found = console
            .get(FIRST, &format!("/orders?q={}", encoded(&reference)))
            .await
            .leads_to();
        Self(vec![
            ("{card}", morning.id().await),
            ("{item}", morning.item.clone()),
            ("{effect}", effect.to_string()),
            ("{journey}", found.trim_start_matches("/orders/").to_owned()),
            ("{reference}", reference),
            ("{number}", "1".to_owned()),
            ("{name}", "trader-1".to_owned()),
            ("{company}", "trader-1".to_owned()),
            ("{how}", "unmerge".to_owned()),
            ("{route}", "nobody".to_owned()),
            ("{connection}", "virtualstock-1".to_owned()),
            ("{hold}", "AAAAAAAAAAAAAAAA".to_owned()),
            ("{list}", "cards".to_owned()),
            ("{proposal}", proposal(morning).await),
            ("{person}", "AAAAAAAAAAAAAAAA".to_owned()),
            ("{known}", "AAAAAAAAAAAAAAAA".to_owned()),
            ("{token}", "AAAAAAAAAAAAAAAA".to_owned()),
            ("{deputy}", "AAAAAAAAAAAAAAAA".to_owned()),
            ("{session}", "AAAAAAAAAAAAAAAA".to_owned()),
        ])
    }

    fn put_into(&self, text: &str) -> String {
        self.0
            .iter()
            .fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }
}

fn secret(level: Level) -> String {
    format!("cookie-of-{level}")
}

/// A person of each level, who may be asked for by a cookie and, in the place of a token of theirs, by the same words.
fn people(at: &Where) -> Access {
    let known = Level::ALL.into_iter().map(|level| {
        let grant = Grant::level(level, at.clone(), Default::default());
        let actor = Actor::person(level.name(), level.name(), vec![grant]);
        (Hash::of(&secret(level)), actor)
    });
    Access::of(known.collect())
}

/// The console of a house in which a person of each level is, at these companies.
pub async fn console(morning: &Morning, at: &Where) -> Console {
    Console::knowing(&morning.scene, people(at)).await
}

/// Asks as a person of some level does.
pub struct Ask<'a> {
    pub console: &'a Console,
    pub names: &'a Names,
}

impl Ask<'_> {
    /// An address, from its path.
    pub fn put_into(&self, path: &str) -> String {
        self.names.put_into(path)
    }

    pub async fn api(&self, level: Level, (method, path, said): (&str, &str, &str)) -> Answer {
        let said = self.names.put_into(said);
        let mut path = format!("/api/v1{}", self.names.put_into(path));
        let kind = if said.starts_with('{') {
            "application/json"
        } else {
            "text/csv"
        };
        if path.ends_with("/mappings/import") {
            path += "?dry_run=true";
        }
        let body = match method {
            "GET" => {
                path = format!("{path}?{}", said.replace(' ', "%20"));
                Body::empty()
            }
            _ => Body::from(said),
        };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, kind)
            .header(header::AUTHORIZATION, format!("Bearer {}", secret(level)));
        self.console.call(request.body(body).expect("a request")).await
    }

    /// A page with what is asked of it.
    pub async fn page_at(&self, level: Level, path: &str, asked: &str) -> Answer {
        self.console.get(&secret(level), &format!("{path}?{asked}")).await
    }

    pub async fn page(&self, level: Level, (method, path, said): (&str, &str, &str)) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(self.names.put_into(&with_act(path)))
            .header(header::COOKIE, format!("tallyman={}", secret(level)))
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = Body::from(self.names.put_into(said));
        self.console.call(request.body(body).expect("a request")).await
    }
}

fn with_act(path: &str) -> String {
    if path.contains("{act}") {
        path.replace("{act}", act(path))
    } else {
        path.to_owned()
    }
}

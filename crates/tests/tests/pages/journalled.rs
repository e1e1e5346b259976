//! Every act of the API leaves a line in the journal: what it was about, who did it and when; of those that say so here, what it was before
//! and after.
//!
//! The document of the API says which acts there are: a new one fails here until it is carried out here. Forms of the console are the
//! same acts, but for those of a person's own account, which are not here.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tallyman_core::access::single::Identity;
use tallyman_core::access::{Actor, Level};
use tallyman_core::effect::Kind;
use tallyman_core::finding::Code;
use tallyman_core::seam::Clock;
use tallyman_core::time::Timestamp;
use tallyman_engine::people::{code, single};
use tallyman_store::tables::people;
use tallyman_store::{Tx, Unit, UnitError};
use tallyman_tests::morning::{ALL, Morning, morning};
use tallyman_tests::parked::{InDoubt, Stop};
use tallyman_tests::scene::{Door, play};
use tallyman_tests::{slack, telephone};
use tallyman_twin::virtualstock::books::Order;
use tallyman_web::Provider;

use super::people::{House, house};

/// Acts that change nothing.
const TRIALS: [&str; 2] = ["/cards/{card}/try", "/mappings/try"];
/// Whoever does it, by their tokens.
const MAYA: &str = "maya";
const IRA: &str = "ira";
const FAY: &str = "fay";
const ADA: &str = "ada";

/// The lines of which kind, in whose journal, an act leaves.
struct Told {
    company: &'static str,
    kind: &'static str,
    /// Whether it says what it was to before and after.
    changes: bool,
}

const fn told(company: &'static str, kind: &'static str) -> Told {
    Told {
        company,
        kind,
        changes: false,
    }
}

const fn changed(company: &'static str, kind: &'static str) -> Told {
    Told {
        company,
        kind,
        changes: true,
    }
}

struct Acts {
    morning: Morning,
    house: House,
    done: BTreeSet<&'static str>,
}

impl Acts {
    async fn lines(&self, told: &Told) -> Vec<Value> {
        let path = format!("/journal?company={}&kind={}&limit=200", told.company, told.kind);
        let found = self.morning.api.get(ALL, &path).await.ok();
        found["lines"].as_array().expect("lines").clone()
    }

    /// Somebody's act, on what the names say, and the line that it must leave.
    async fn act(&mut self, by: &str, route: &'static str, names: &[(&str, &str)], said: Value, expected: Told) -> Value {
        let path = names
            .iter()
            .fold(route.to_owned(), |path, (name, value)| path.replace(name, value));
        let body = if said.is_null() { String::new() } else { said.to_string() };
        let kind = if body.starts_with('"') {
            "text/csv"
        } else {
            "application/json"
        };
        let body = said.as_str().map_or(body, ToOwned::to_owned);
        let before = self.lines(&expected).await.len();
        let answer = self.house.api.send(by, &path, kind, body).await;
        assert_eq!(answer.status, 200, "{route}: {}", answer.text);
        let after = self.lines(&expected).await;
        assert!(after.len() > before, "{route} leaves no line of {}", expected.kind);
        let newest = &after[0];
        let name = newest["name"].as_str().unwrap_or_default().to_lowercase();
        assert!(name.starts_with(by), "{route} was done by {by}: {newest}");
        let said = |name: &str| newest[name].as_str().is_some_and(|said| !said.is_empty());
        assert!(said("at") && said("what") && said("subject"), "{route}: {newest}");
        if expected.changes {
            assert!(
                newest["before"].is_string() && newest["after"].is_string(),
                "{route}: {newest}"
            );
        }
        self.done.insert(route.split('?').next().expect("a path"));
        answer.ok()
    }

    /// A card's own version, with more beside it.
    async fn seen(&self, card: &str, more: Value) -> Value {
        let mut said = json!({"version": self.morning.card_by_id(card).await["version"]});
        for (name, value) in more.as_object().into_iter().flatten() {
            said[name] = value.clone();
        }
        said
    }

    async fn on_card(&mut self, route: &'static str, card: &str, more: Value) -> Value {
        let said = self.seen(card, more).await;
        self.act(MAYA, route, &[("{card}", card)], said, told("trader-1", "card"))
            .await
    }
}

async fn on_cards(acts: &mut Acts) {
    let card = acts.morning.id().await;
    let later = acts.morning.in_hours(20).to_rfc3339();
    acts.on_card("/cards/{card}/acknowledge", &card, json!({})).await;
    acts.on_card("/cards/{card}/fix", &card, json!({})).await;
    acts.on_card("/cards/{card}/assign", &card, json!({"to": "Maya Lindqvist"}))
        .await;
    acts.on_card("/cards/{card}/comment", &card, json!({"text": "Asked."})).await;
    let aside = json!({"until": later, "reason": "They answer then."});
    acts.on_card("/cards/{card}/set-aside", &card, aside).await;
    acts.on_card("/cards/{card}/take-up", &card, json!({})).await;

    let order = acts.morning.orders.first().expect("an order").clone();
    let split = json!({"orders": [order]});
    acts.on_card("/cards/{card}/split", &card, split).await;
    let whole = acts.morning.card_by_id(&card).await;
    let part = whole["room"]["parts"][0].as_str().expect("a part").to_owned();
    acts.on_card("/cards/{card}/merge", &part, json!({"under": card})).await;
    acts.on_card("/cards/{card}/unmerge", &part, json!({})).await;
    acts.on_card("/cards/{card}/unsplit", &part, json!({})).await;
    acts.on_card("/cards/{card}/one-first", &card, json!({})).await;
}

/// What is decided of an order, and what takes its card to another team.
async fn at_the_end(acts: &mut Acts) {
    let all = acts
        .morning
        .api
        .get(ALL, "/cards?company=trader-2&code=sku_unknown")
        .await
        .ok();
    let card = all["cards"][0]["id"].as_str().expect("a card").to_owned();
    let names = [("{card}", card.as_str())];
    // One of which nothing is in doubt.
    let order = acts.morning.orders.iter().nth(1).expect("an order").clone();
    let decided = json!({"as": "declined", "order": order, "agreed": true, "reason": "Cancelled."});
    let said = acts.seen(&card, decided).await;
    acts.act(
        MAYA,
        "/cards/{card}/decisions",
        &names,
        said,
        told("trader-2", "order.declined"),
    )
    .await;
    let said = acts.seen(&card, json!({"to": "finance", "note": "Yours."})).await;
    acts.act(MAYA, "/cards/{card}/hand-over", &names, said, told("trader-2", "card"))
        .await;
}

async fn on_outcomes(acts: &mut Acts) {
    let orders = [acts.morning.orders.first(), acts.morning.orders.last()].map(|order| order.expect("an order").to_uppercase());
    let mut stopped = Vec::new();
    for reference in orders {
        let stop = Stop {
            reference,
            code: Code::OutcomeUnclear,
            in_ledger: false,
            now: acts.morning.scene.clock.now(),
        };
        stopped.extend(acts.morning.scene.store.write(stop).await.expect("stopped"));
    }
    let mut of_first = stopped.iter().filter(|(company, _)| company == "trader-1");
    for route in ["/outcomes/{effect}/again", "/outcomes/{effect}/ask"] {
        let effect = of_first.next().expect("a write").1.to_string();
        let said = json!({"reason": "I have looked."});
        acts.act(
            MAYA,
            route,
            &[("{effect}", &effect)],
            said,
            changed("trader-1", "effect.answered"),
        )
        .await;
    }
    // What is there is opened, so this one is a write of the flow's own.
    let goes_on = |order: &&Order| order.company == 2 && !acts.morning.orders.contains(&order.order_reference);
    let reference = {
        let books = acts.morning.scene.twin.books();
        let mut orders = books.virtualstock.books.orders.values();
        orders.find(goes_on).expect("one that nothing stops").order_reference.clone()
    };
    let landed = InDoubt {
        company: "trader-2".into(),
        reference: reference.to_uppercase(),
        kind: Kind::Acknowledge,
        now: acts.morning.scene.clock.now(),
    };
    let effect = acts.morning.scene.store.write(landed).await.expect("in doubt").to_string();
    let said = json!({"reason": "I have looked."});
    let route = "/outcomes/{effect}/landed";
    acts.act(
        MAYA,
        route,
        &[("{effect}", &effect)],
        said,
        changed("trader-2", "effect.answered"),
    )
    .await;
}

async fn on_mappings(acts: &mut Acts) {
    let item = acts.morning.item.clone();
    let word =
        |ours: &str| json!({"table": "sku", "connection": "virtualstock-1", "theirs": item, "ours": ours, "reason": "A slip."});
    acts.act(MAYA, "/mappings/set", &[], word(&item), changed("trader-1", "mapping.set"))
        .await;
    let gone = json!({"table": "sku", "connection": "virtualstock-1", "theirs": item, "reason": "It is not sold."});
    acts.act(MAYA, "/mappings/withdraw", &[], gone, told("trader-1", "mapping.withdrawn"))
        .await;
    let sheet = json!(format!(
        "company,table,connection,theirs,ours\ntrader-1,sku,virtualstock-1,{item},{item}\n"
    ));
    acts.act(
        MAYA,
        "/mappings/import?reason=A+sheet",
        &[],
        sheet,
        told("trader-1", "mapping.set"),
    )
    .await;
}

async fn on_proposals(acts: &mut Acts) {
    for (route, kind) in [
        ("/proposals/{proposal}/approve", "proposal.approved"),
        ("/proposals/{proposal}/reject", "proposal.rejected"),
    ] {
        let rate = json!({"table": "tax", "connection": "virtualstock-1", "theirs": kind, "ours": "1", "reason": "The list."});
        let made = acts
            .act(IRA, "/mappings/set", &[], rate, told("trader-1", "proposal.made"))
            .await;
        let id = made["proposed"].as_str().expect("an id").to_owned();
        let said = json!({"reason": "I have looked."});
        acts.act(FAY, route, &[("{proposal}", &id)], said, changed("trader-1", kind))
            .await;
    }
}

/// Two lines: of the one that is over, and of the one in its place.
async fn on_an_edited_proposal(acts: &mut Acts) {
    let rate = json!({"table": "tax", "connection": "virtualstock-1", "theirs": "edited", "ours": "1", "reason": "The list."});
    let made = acts
        .act(IRA, "/mappings/set", &[], rate, told("trader-1", "proposal.made"))
        .await;
    let id = made["proposed"].as_str().expect("an id").to_owned();
    let instead = json!({"ours": "0", "reason": "It is the other."});
    let before = acts.lines(&told("trader-1", "proposal.made")).await.len();
    let route = "/proposals/{proposal}/edit";
    acts.act(
        FAY,
        route,
        &[("{proposal}", &id)],
        instead,
        changed("trader-1", "proposal.rejected"),
    )
    .await;
    assert_eq!(acts.lines(&told("trader-1", "proposal.made")).await.len(), before + 1);
}

async fn on_orders(acts: &mut Acts) {
    let order = acts.morning.orders.first().expect("an order").clone();
    let names = [("{reference}", order.as_str()), ("{number}", "1")];
    let wish = json!({"company": "trader-1", "field": "city", "value": "Hull", "reason": "They cannot correct it."});
    let amendments = "/journeys/{reference}/amendments";
    acts.act(MAYA, amendments, &names, wish, changed("trader-1", "amended")).await;
    let back = json!({"company": "trader-1", "reason": "They have corrected it."});
    let route = "/journeys/{reference}/amendments/{number}/take-back";
    acts.act(MAYA, route, &names, back, changed("trader-1", "amendment.taken_back"))
        .await;

    let path = format!("/journeys/{order}/retry?company=trader-1&configuration=as_it_is_now");
    let plan = acts.house.api.get(MAYA, &path).await.ok();
    let go = json!({"company": "trader-1", "number": plan["number"], "configuration": "as_it_is_now", "reason": "It is mapped."});
    acts.act(
        MAYA,
        "/journeys/{reference}/retry",
        &names,
        go,
        changed("trader-1", "order.retried"),
    )
    .await;
    let journey = plan["journey"].as_str().expect("an id").to_owned();
    let said = json!({"reason": "The carrier asks."});
    let route = "/orders/{journey}/exchanges/unmask";
    acts.act(
        MAYA,
        route,
        &[("{journey}", &journey)],
        said,
        changed("trader-1", "exchange.unmasked"),
    )
    .await;
}

async fn on_connections(acts: &mut Acts) {
    let sage = [("{connection}", "sage-1")];
    let kind = |kind| told("trader-1", kind);
    acts.act(
        IRA,
        "/connections/{connection}/test",
        &sage,
        Value::Null,
        kind("connection.tested"),
    )
    .await;
    acts.act(
        IRA,
        "/connections/{connection}/sign-in",
        &sage,
        Value::Null,
        kind("connection.signed_in"),
    )
    .await;
    let run = json!({"round": "facts"});
    acts.act(IRA, "/connections/{connection}/run", &sage, run, kind("connection.run_now"))
        .await;
    let compare = json!({"company": "trader-1"});
    acts.act(MAYA, "/tally/compare", &[], compare, kind("connection.run_now"))
        .await;
    let route = [("{route}", "slack-trader-1")];
    acts.act(MAYA, "/alert-routes/{route}/test", &route, Value::Null, kind("alert.tested"))
        .await;

    let until = acts.morning.in_hours(4).to_rfc3339();
    let wish = json!({"company": "trader-1", "kind": "writes", "what": "sage-1", "reason": "Month end", "until": until});
    let held = acts.act(IRA, "/holds", &[], wish, kind("hold.placed")).await;
    let id = held["id"].as_str().expect("an id").to_owned();
    let company = json!({"company": "trader-1"});
    acts.act(IRA, "/holds/{hold}/end", &[("{hold}", &id)], company, kind("hold.ended"))
        .await;
    let read = json!({"version": 1});
    acts.act(
        MAYA,
        "/companies/{name}/handbook/reads",
        &[("{name}", "trader-1")],
        read,
        kind("handbook_read"),
    )
    .await;
}

/// A password that was kept long ago. Nothing is hashed at virtual time, so nobody signs in by it.
struct Password(String);

impl Unit for Password {
    type Output = ();
    const NAME: &'static str = "password";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        people::set_password(tx, &self.0, "no hash", Timestamp::from_micros(0)).await
    }
}

/// Somebody comes in by an account elsewhere, and has a code beside a password here.
async fn signs_in_by_another(acts: &Acts, id: &str, issuer: &str) {
    let (store, now) = (&acts.morning.scene.store, acts.morning.scene.clock.now());
    let vault = &acts.morning.scene.parts("people").await.vault;
    let identity = Identity {
        issuer: issuer.into(),
        subject: "248".into(),
    };
    single::sign_in(store, vault, identity, None, now).await.expect("vouched for");
    let vic = Actor::person(id, "Vic View", Vec::new());
    let none = code::begin(store, vault, &vic, now)
        .await
        .err()
        .expect("there is no password");
    assert!(none.to_string().contains("no password here"), "{none}");
    store.write(Password(id.to_owned())).await.expect("kept");
    let secret = code::begin(store, vault, &vic, now).await.expect("a secret");
    let shown = telephone::code(&secret.text, now);
    code::confirm(store, vault, &vic, &shown, now).await.expect("it fits");
}

async fn on_people(acts: &mut Acts) {
    let invited = json!({"name": "Vic View", "level": "viewer", "company": "trader-1"});
    let kind = |kind| told("people", kind);
    let vic = acts.act(ADA, "/people", &[], invited, kind("person.added")).await;
    let vic = vic["person"].as_str().expect("an id").to_owned();
    let names = [("{person}", vic.as_str())];
    acts.act(
        ADA,
        "/people/{person}/link",
        &names,
        Value::Null,
        kind("person.invited_again"),
    )
    .await;
    let level = json!({"level": "finance", "company": "trader-2"});
    acts.act(
        ADA,
        "/people/{person}/grant",
        &names,
        level.clone(),
        changed("people", "person.granted"),
    )
    .await;
    acts.act(
        ADA,
        "/people/{person}/revoke",
        &names,
        level,
        changed("people", "person.revoked"),
    )
    .await;
    let issuer = "https://login.example.com";
    acts.house.running.vouched_by(Provider {
        called: "Contoso".into(),
        issuer: issuer.into(),
    });
    let account = json!({"subject": "248"});
    acts.act(ADA, "/people/{person}/link-account", &names, account, kind("person.linked"))
        .await;
    signs_in_by_another(acts, &vic, issuer).await;
    acts.act(
        ADA,
        "/people/{person}/let-go-of-code",
        &names,
        Value::Null,
        changed("people", "person.code_let_go"),
    )
    .await;
    acts.act(ADA, "/people/{person}/sign-out", &names, Value::Null, kind("session.ended"))
        .await;
    let account = json!({"issuer": issuer});
    acts.act(
        ADA,
        "/people/{person}/unlink-account",
        &names,
        account,
        kind("person.unlinked"),
    )
    .await;

    let maya = acts.house.ids[0].clone();
    let days = json!({"person": vic, "stands_for": maya, "from": "2036-11-03", "until": "2036-11-07"});
    let named = acts.act(ADA, "/deputies", &[], days, kind("deputy.named")).await;
    let deputy = named["deputies"][0]["id"]
        .as_str()
        .or(named["id"].as_str())
        .expect("an id")
        .to_owned();
    acts.act(
        ADA,
        "/deputies/{deputy}/end",
        &[("{deputy}", &deputy)],
        Value::Null,
        kind("deputy.ended"),
    )
    .await;
    let token = json!({"name": "price-sheet", "rights": ["read"], "days": 1});
    let made = acts.act(MAYA, "/tokens", &[], token, kind("token.made")).await;
    let token = made["token"]["id"].as_str().expect("an id").to_owned();
    acts.act(
        MAYA,
        "/tokens/{token}/end",
        &[("{token}", &token)],
        Value::Null,
        kind("token.ended"),
    )
    .await;
    acts.act(
        ADA,
        "/people/{person}/end",
        &names,
        Value::Null,
        told("people", "person.ended"),
    )
    .await;
}

#[test]
fn every_act_of_the_api_is_told_with_who_did_it() {
    play(async {
        let mut morning = morning().await;
        let scene = &mut morning.scene;
        scene.alerts = Some(slack::by_slack);
        scene.closed_until = Some((slack::PATH, Timestamp::MAX));
        scene.door = Door::Answers(200);
        let people = [
            ("Maya Lindqvist", Level::Operations),
            ("Ira Novak", Level::Integrator),
            ("Fay Jones", Level::Finance),
            ("Ada Bell", Level::Administrator),
        ];
        let house = house(&morning, &people).await;
        let mut acts = Acts {
            morning,
            house,
            done: BTreeSet::from(TRIALS),
        };
        on_cards(&mut acts).await;
        on_outcomes(&mut acts).await;
        on_mappings(&mut acts).await;
        on_proposals(&mut acts).await;
        on_an_edited_proposal(&mut acts).await;
        on_orders(&mut acts).await;
        on_connections(&mut acts).await;
        on_people(&mut acts).await;
        at_the_end(&mut acts).await;

        let document = serde_json::to_value(tallyman_web::api::document()).expect("a document");
        let paths = document["paths"].as_object().expect("paths");
        let acts_of_it = paths.iter().filter(|(_, methods)| methods["post"].is_object());
        let described: BTreeSet<&str> = acts_of_it.map(|(path, _)| path.as_str()).collect();
        assert_eq!(acts.done, described, "carry out each act here");
    });
}

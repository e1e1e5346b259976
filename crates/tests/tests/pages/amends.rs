//! A card of addresses that are too long: each order's own text is looked at, shortened, tried and amended by itself, by whoever may open it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tallyman_core::finding::Code;
use tallyman_tests::morning::{ALL, Api, READER, access};
use tallyman_tests::scene::{Scene, play, settings};
use tallyman_web::api::access::{Access, Hash, Right, Token};

use super::visitor::Console;

/// Acts, and may not open what is sealed.
const ACTOR: &str = "token-of-actor";
const FITS: &str = "1 High Street";

struct Day {
    scene: Scene,
    api: Api,
    console: Console,
    /// The card of the first merchant.
    card: String,
    /// What the retailer says in the first line of each of its orders, by our own id.
    lines: BTreeMap<String, String>,
}

fn actor() -> Access {
    Access::new(vec![Token {
        name: "actor".into(),
        hash: Hash::of(ACTOR),
        may: [Right::Read, Right::Act].into(),
        teams: BTreeSet::new(),
        companies: BTreeSet::new(),
    }])
}

/// Several orders of the first merchant stand still, each for its own first line.
async fn day() -> Day {
    let mut settings = settings();
    settings.orders.count = 16;
    settings.orders.planted_per_mille = 1000;
    let scene = Scene::new(settings);
    let api = Api::of(&scene).await;
    let path = format!("/cards?company=trader-1&code={}", Code::AddressTooLong.name());
    let card = async || api.get(ALL, &path).await.ok()["cards"][0].clone();
    scene
        .work_until("stopped", async |_| card().await["weight"]["stopped"].as_u64() >= Some(2))
        .await;
    let id = card().await["id"].as_str().expect("an id").to_owned();
    let members = api.get(ALL, &format!("/cards/{id}/members")).await.ok();
    let members = members["members"].as_array().expect("members");
    let lines = members.iter().map(|member| {
        let books = scene.twin.books();
        let mut orders = books.virtualstock.books.orders.values();
        let order = orders.find(|order| is_its(order, member)).expect("it is the retailer's");
        (text(member, "journey"), order.address.line_1.clone())
    });
    let lines = lines.collect();
    Day {
        console: Console::knowing(&scene, access()).await,
        scene,
        api,
        card: id,
        lines,
    }
}

fn is_its(order: &tallyman_twin::virtualstock::books::Order, member: &Value) -> bool {
    order.company == 1 && member["reference"] == *order.order_reference
}

fn text(member: &Value, field: &str) -> String {
    member[field].as_str().expect("a text").to_owned()
}

impl Day {
    fn path(&self) -> String {
        format!("/cards/{}", self.card)
    }

    async fn send(&self, how: &str, journey: &str, value: &str) -> super::visitor::Answer {
        let form = [
            ("how", how),
            ("journey", journey),
            ("field", "line_1"),
            ("value", value),
            ("why", "The retailer cannot."),
        ];
        self.console.post(ALL, &format!("{}/fix-it", self.path()), &form).await
    }
}

#[test]
fn each_order_begins_with_its_own_text_and_is_amended_by_itself() {
    play(async {
        let day = day().await;
        let (one, others) = day
            .lines
            .iter()
            .next()
            .map(|(one, _)| (one, day.lines.iter().skip(1)))
            .expect("an order");
        let page = day.console.get(ALL, &day.path()).await.page();
        for line in day.lines.values() {
            let has = line.encode_utf16().count();
            assert!(has > 60, "{line}");
            for shown in [
                format!("value=\"{line}\" maxlength=\"300\" required"),
                format!("{has} of at most 60 characters"),
            ] {
                assert!(page.contains(&shown), "{shown}: {page}");
            }
        }
        assert!(
            page.contains("pattern=\".{0,60}\" title=\"At most 60 characters\" data-room=\"60\""),
            "{page}"
        );
        assert!(!page.contains("Try on all"), "each has its own text: {page}");

        // Tried: of that order alone, and nothing is written. What the others say stays in their forms.
        let tried = day.send("try", one, FITS).await.page();
        assert!(tried.contains("Heals 1 of 1."), "{tried}");
        assert!(
            tried.contains(&format!("value=\"{FITS}\"")),
            "what was filled in stays: {tried}"
        );
        for (_, line) in others.clone() {
            assert!(tried.contains(&format!("value=\"{line}\"")), "{line}: {tried}");
        }
        let still = day.send("try", one, &"x".repeat(61)).await.page();
        assert!(
            still.contains("Heals 0 of 1.") && still.contains("takes 60 characters"),
            "{still}"
        );
        let empty = day.send("save", one, " ").await.with(422);
        assert!(
            empty.contains("must not be empty") && empty.matches("-wrong\"").count() > 0,
            "it is said at the field of that order: {empty}"
        );

        let saved = day.send("save", one, FITS).await.leads_to();
        assert_eq!(
            saved,
            format!("{}?done=amended", day.path()),
            "no address names what was said"
        );
        let stands = async || {
            let members = day.api.get(ALL, &format!("{}/members", day.path())).await.ok();
            let members = members["members"].as_array().expect("members").clone();
            let stopped = members.into_iter().filter(|member| member["stand"] == "stopped");
            stopped.map(|member| text(&member, "journey")).collect::<Vec<_>>()
        };
        day.scene.work_until("gone on", async |_| !stands().await.contains(one)).await;
        let stopped = stands().await;
        assert!(
            others.clone().all(|(journey, _)| stopped.contains(journey)),
            "of the others nothing was amended: {stopped:?}"
        );
        let page = day.console.get(ALL, &day.path()).await.page();
        for (_, line) in others {
            assert!(page.contains(&format!("value=\"{line}\"")), "{line}: {page}");
        }
        assert!(!page.contains(FITS), "it is not on the card any more: {page}");

        // The journal has it masked for whoever may not open it.
        let journal = day.api.get(READER, "/journal?company=trader-1&kind=amended").await.ok();
        assert!(!journal.to_string().contains(FITS), "{journal}");
    });
}

#[test]
fn another_field_of_one_order_is_amended_as_well() {
    play(async {
        let day = day().await;
        let one = day.lines.keys().next().expect("an order");
        let form = [
            ("how", "save"),
            ("journey", one.as_str()),
            ("field", "line_2"),
            ("value", "Past the mill"),
            ("why", ""),
        ];
        let refused = day
            .console
            .post(ALL, &format!("{}/fix-it", day.path()), &form)
            .await
            .with(422);
        assert!(
            refused.contains("id=\"other-why-wrong\"") && refused.contains("value=\"Past the mill\""),
            "{refused}"
        );
        let form = [
            ("how", "save"),
            ("journey", one.as_str()),
            ("field", "line_2"),
            ("value", "Past the mill"),
            ("why", "It goes there."),
        ];
        day.console
            .post(ALL, &format!("{}/fix-it", day.path()), &form)
            .await
            .leads_to();
        let page = day.console.get(ALL, &day.path()).await.page();
        assert!(
            page.contains("line 2 “Past the mill”"),
            "what stands beside it is shown: {page}"
        );
    });
}

#[test]
fn whoever_may_not_open_an_order_sees_that_it_is_masked() {
    play(async {
        let day = day().await;
        let actor = Console::knowing(&day.scene, actor()).await;
        let masked = actor.get(ACTOR, &day.path()).await.page();
        assert!(masked.contains("names a customer and is masked"), "{masked}");
        let bare = day.console.get(READER, &day.path()).await.page();
        for page in [&masked, &bare] {
            assert!(!page.contains("/fix-it\""), "{page}");
            for line in day.lines.values() {
                assert!(!page.contains(line.as_str()), "{line}: {page}");
            }
        }
        let form = [
            ("how", "save"),
            ("journey", day.lines.keys().next().expect("one").as_str()),
            ("field", "line_1"),
            ("value", FITS),
            ("why", "x"),
        ];
        actor.post(ACTOR, &format!("{}/fix-it", day.path()), &form).await.with(403);
    });
}

#[test]
fn the_same_is_there_by_the_api() {
    play(async {
        let day = day().await;
        let members = format!("{}/members", day.path());
        let shown = day.api.get(ALL, &members).await.ok();
        let first = &shown["members"][0];
        let line = &day.lines[&text(first, "journey")];
        assert_eq!(
            (&first["blamed"]["field"], &first["blamed"]["text"]),
            (&json!("line_1"), &json!(line))
        );
        assert_eq!(first["blamed"]["room"], 60);
        let bare = day.api.get(READER, &members).await.ok();
        assert!(bare["members"][0].get("blamed").is_none(), "{bare}");

        let one = json!({"amend": {"order": first["reference"], "field": "line_1", "value": FITS}});
        let tried = day.api.post(ALL, &format!("{}/try", day.path()), one).await.ok();
        assert_eq!((&tried["of"], &tried["heals"]), (&1.into(), &1.into()), "{tried}");
        let unknown = json!({"amend": {"order": "NO-SUCH-ORDER", "field": "line_1", "value": FITS}});
        day.api.post(ALL, &format!("{}/try", day.path()), unknown).await.refused(404);
        let all = json!({"amend": {"field": "line_1", "value": FITS}});
        let tried = day.api.post(ALL, &format!("{}/try", day.path()), all).await.ok();
        assert_eq!(tried["of"], day.lines.len(), "{tried}");
    });
}

#[test]
fn what_was_amended_stands_beside_what_came_and_is_taken_back() {
    play(async {
        let day = day().await;
        let (one, came) = day.lines.iter().next().expect("an order");
        let path = format!("/orders/{one}");
        let before = day.console.get(ALL, &path).await.page();
        assert!(!before.contains("Amended here"), "nothing was: {before}");
        day.send("save", one, FITS).await.leads_to();
        let page = day.console.get(ALL, &path).await.page();
        for said in [FITS, came.as_str(), "The retailer cannot."] {
            assert!(page.contains(said), "{said}: {page}");
        }
        let action = page
            .split("action=\"")
            .filter_map(|rest| rest.split('"').next())
            .find(|action| action.ends_with("/take-back"))
            .expect("a form");
        let silent = day.console.post(ALL, action, &[("why", " ")]).await;
        assert!(silent.status.is_client_error(), "{}", silent.text);
        let done = day
            .console
            .post(ALL, action, &[("why", "It was another order.")])
            .await
            .leads_to();
        assert_eq!(done, format!("{path}?done=amendment-back"));
        let page = day.console.get(ALL, &path).await.page();
        assert!(page.contains("Taken back") && !page.contains("/take-back"), "{page}");
    });
}

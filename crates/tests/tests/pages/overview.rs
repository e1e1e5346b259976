//! The overview and my work: what they say of a day, to whom, and that they lead to the cards.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_core::ident::Connection;
use tallyman_core::seam::Clock;
use tallyman_core::tally::Tally;
use tallyman_core::time::{Date, Timestamp};
use tallyman_engine::pulse;
use tallyman_engine::tally::{self, Source, books};
use tallyman_store::tables::exceptions::{self, Kept};
use tallyman_store::tables::tally as tables;
use tallyman_store::{Tx, Unit, UnitError};
use tallyman_tests::doorman::ByToken;
use tallyman_tests::morning::{ALL, FINANCE, FIRST, READER, access, morning, running};
use tallyman_tests::scene::play;

use super::visitor::{Console, links};

#[test]
fn whoever_comes_first_sees_what_was_looked_at_when_the_program_started() {
    play(async {
        let morning = morning().await;
        let running = running(&morning.scene, "console").await;
        let clock = &morning.scene.clock;
        let looked = clock.now();
        running.look().await;
        clock.sleep_until(looked.plus(Duration::from_secs(3))).await;
        let console = Console::with(running, access(), Arc::new(ByToken(access())));
        let page = console.get(ALL, "/").await.page();
        let seen = format!("Seen <time datetime=\"{}\"", looked.to_rfc3339());
        assert!(page.contains(&seen), "{seen}: {page}");
    });
}

#[test]
fn the_first_line_says_what_is_not_where_it_should_be() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let page = console.get(ALL, "/").await.page();
        let shown = morning.api.get(ALL, "/overview").await.ok();
        let orders: u64 = shown["companies"]
            .as_array()
            .expect("companies")
            .iter()
            .map(|company| company["orders"].as_u64().expect("a number"))
            .sum();
        assert!(orders > 0, "{shown}");
        assert!(
            page.contains("All but ") && page.contains(&format!("{orders} orders, £")),
            "{orders}: {page}"
        );
        for part in [
            "Flow now",
            "Who is needed",
            "Orders through the day",
            "Time to clear",
            "Age of every feed",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
        // Two companies: each has its own map, and one of them can be looked at alone.
        assert_eq!(page.matches("class=\"map\"").count(), 2);
        let one = console.get(ALL, "/?company=trader-1").await.page();
        // Who is needed stands before more than one map.
        let is_first = |page: &str| page.find("Who is needed") < page.find("Flow now");
        assert!(is_first(&page) && !is_first(&one), "{page}");
        assert_eq!(one.matches("class=\"map\"").count(), 1);
        // One press leads from here to the card.
        let card = format!("/cards/{}", morning.id().await);
        assert!(links(&one).contains(&card), "{card}: {one}");
        assert!(
            one.contains("class=\"stuck\""),
            "orders stand still, so their way is red: {one}"
        );

        // Whoever sees one company sees nothing of the other, in no part.
        let first = console.get(FIRST, "/").await.page();
        assert!(!first.contains("trader-2") && first.contains("trader-1"), "{first}");
        console.get(FIRST, "/?company=trader-2").await.with(404);
        console.get(ALL, "/?compny=trader-1").await.with(400);
    });
}

/// Nothing but failures is heard of the first merchant's ledger.
struct LedgerDown(Timestamp);

impl Unit for LedgerDown {
    type Output = ();
    const NAME: &'static str = "ledger_down";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let ledger = Connection::new("sage-1");
        let record = pulse::record(&ledger);
        let kept = Kept::without_sentence(Code::VendorDown, Cause::Connection(ledger));
        exceptions::join(tx, "trader-1", ("", &record), &kept, exceptions::SEEN_ALL, self.0).await
    }
}

/// What the page begins with.
fn first_line(page: &str) -> &str {
    let line = page.split("<h1 class=\"sentence\">").nth(1).expect("a first line");
    line.split("</h1>").next().expect("it ends")
}

#[test]
fn the_first_line_names_a_system_that_does_not_answer() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let scene = &morning.scene;
        scene.store.write(LedgerDown(scene.clock.now())).await.expect("it is written");
        let page = console.get(ALL, "/?company=trader-1").await.page();
        let line = first_line(&page);
        assert!(
            line.contains("sage-1</a> does not answer: ") && line.contains(" for it") && !line.contains("All but"),
            "{line}"
        );
        assert!(
            page.contains("orders stand still. "),
            "what stands under cards is said beside it: {page}"
        );
        // The other merchant's ledger answers.
        let other = console.get(ALL, "/?company=trader-2").await.page();
        assert!(first_line(&other).contains("All but "), "{other}");
        let both = console.get(ALL, "/").await.page();
        assert!(first_line(&both).contains("sage-1</a> does not answer"), "{both}");
    });
}

#[test]
fn what_is_open_today_is_told_apart_and_each_figure_leads_to_its_records() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let page = console.get(ALL, "/?company=trader-1").await.page();
        let shown = morning.api.get(ALL, "/overview?company=trader-1").await.ok();
        let (open, still) = (&shown["companies"][0]["today"][0]["open"], &shown["companies"][0]["orders"]);
        assert!(
            page.contains(&format!("{open} of today’s orders are open: {still} stand still")),
            "{page}"
        );
        let records = links(&page)
            .into_iter()
            .find(|link| link.contains("stand=open"))
            .expect("the figure leads there");
        let tally = console.get(ALL, records.split('#').next().expect("an address")).await.page();
        assert!(tally.contains("id=\"records\""), "{tally}");
    });
}

#[test]
fn the_tally_of_the_overview_is_that_of_the_day() {
    play(async {
        let morning = morning().await;
        let overview = morning.api.get(ALL, "/overview?company=trader-1").await.ok();
        let tally = morning.api.get(ALL, "/tally?company=trader-1").await.ok();
        let of = |answer: &serde_json::Value, list: &str| {
            let all = answer[list].as_array().expect("a list").clone();
            all.into_iter()
                .map(|one| {
                    [
                        one["received"].clone(),
                        one["posted"].clone(),
                        one["open"].clone(),
                        one["declined"].clone(),
                    ]
                })
                .collect::<Vec<_>>()
        };
        let shown = of(&overview["companies"][0], "today");
        assert_eq!(shown, of(&tally, "sources"), "{tally}");
        assert!(shown[0][0].as_u64() > Some(0), "{overview}");
        let company = &overview["companies"][0];
        let orders = company["flows"][0].clone();
        assert_eq!(orders["name"], "orders");
        assert_eq!(
            orders["stopped"], company["orders"],
            "what stands still is orders that nothing was written for"
        );
        assert_eq!(orders["card"], json!(morning.id().await));
        let by_hour: u64 = company["through_the_day"]["by_hour"]
            .as_array()
            .expect("hours")
            .iter()
            .filter_map(|hour| hour.as_u64())
            .sum();
        assert_eq!(by_hour, shown[0][0].as_u64().expect("a number"));
    });
}

#[test]
fn a_glance_that_is_a_little_old_is_shown_while_the_next_is_made() {
    play(async {
        let morning = morning().await;
        let at = async || morning.api.get(ALL, "/overview?company=trader-1").await.ok()["companies"][0]["made_at"].clone();
        let first = at().await;
        assert_eq!(at().await, first);
        let clock = &morning.scene.clock;
        clock.sleep_until(clock.now().plus(Duration::from_millis(2_100))).await;
        assert_eq!(at().await, first);
        clock.sleep_until(clock.now().plus(Duration::from_millis(100))).await;
        let second = at().await;
        assert_ne!(second, first);
        // After a while nobody is shown what was.
        clock.sleep_until(clock.now().plus(Duration::from_secs(60))).await;
        assert_ne!(at().await, second);
    });
}

#[test]
fn my_work_is_what_my_team_has_until_somebody_takes_it() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let card = format!("/cards/{}", morning.id().await);
        let page = console.get(ALL, "/work").await.page();
        assert!(links(&page).contains(&card) && page.contains("autofocus"), "{page}");
        assert!(page.contains("stand still, £"), "each has its reason: {page}");
        // Operations has it, and not finance; and whoever may only read acts for nobody.
        for who in [FINANCE, READER] {
            let page = console.get(who, "/work").await.page();
            assert!(
                page.contains("Nothing waits for you") && !links(&page).contains(&card),
                "{page}"
            );
        }
        let version = morning.card().await["version"].to_string();
        let given = [("version", version.as_str()), ("assignee", "Finance"), ("deputy", "")];
        console.post(ALL, &format!("{card}/assign"), &given).await.leads_to();
        let clock = &morning.scene.clock;
        clock.sleep_until(clock.now().plus(Duration::from_secs(6))).await;
        let page = console.get(FINANCE, "/work").await.page();
        assert!(page.contains("Given to me") && links(&page).contains(&card), "{page}");
        let page = console.get(ALL, "/work").await.page();
        assert!(!links(&page).contains(&card), "somebody has it: {page}");
        let listed = morning.api.get(FINANCE, "/work").await.ok();
        assert_eq!(format!("/cards/{}", listed["cards"][0]["id"].as_str().expect("an id")), card);
    });
}

/// What a page's table of cards is headed by.
fn headings(page: &str) -> Vec<&str> {
    let head = page
        .split("<thead>")
        .find(|part| part.contains("At stake"))
        .expect("a table of cards");
    let head = head.split("</thead>").next().expect("it ends");
    let cells = head
        .split("<th ")
        .skip(2)
        .filter_map(|cell| cell.split('>').nth(1)?.split('<').next());
    cells.collect()
}

#[test]
fn a_card_stands_in_the_same_table_on_every_page_that_lists_it() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let id = morning.id().await;
        let row = |page: &str| {
            let row = page
                .split("<tr ")
                .find(|row| row.contains(&format!("id=\"card-{id}\"")))
                .map(str::to_owned);
            row.unwrap_or_else(|| panic!("{id} has no line: {page}"))
        };
        let waiting = ["Cause", "Team", "Orders", "At stake, £", "Due"];
        for path in ["/", "/work", "/cards"] {
            let page = console.get(ALL, path).await.page();
            let mut named = headings(&page);
            named.retain(|name| *name != "Open for");
            assert_eq!(named, waiting, "{path}");
            let row = row(&page);
            for name in &waiting[1..] {
                assert!(row.contains(&format!("data-h=\"{name}\"")), "{path}: {name}: {row}");
            }
        }
    });
}

#[test]
fn what_waits_stands_beside_the_rail_of_every_page() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        for path in ["/", "/work", "/cards", "/orders", "/mappings"] {
            let page = console.get(FIRST, path).await.page();
            let counted = page
                .split("class=\"count needs\">")
                .nth(1)
                .and_then(|rest| rest.split('<').next());
            assert_eq!(counted, Some("1"), "{path}: {page}");
        }
    });
}

/// A day, record by record.
struct OneByOne(Source, Date);

impl Unit for OneByOne {
    type Output = Tally;
    const NAME: &'static str = "one_by_one";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Tally, UnitError> {
        let span = self.1.starts_in(&self.0.zone)..self.1.plus_days(1).starts_in(&self.0.zone);
        let mut tally = Tally::default();
        let records = tables::of_day(tx, (&self.0.connection, self.0.kind), &span, None, 10_000).await?;
        records.iter().for_each(|record| tally.count(self.0.kind, record));
        Ok(tally)
    }
}

#[test]
fn a_tally_that_is_kept_is_the_tally_that_is_counted_whatever_has_happened_since() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let scene = &morning.scene;
        let parts = scene.parts("tally").await;
        let sources: Vec<Source> = parts.merchants.iter().flat_map(|merchant| Source::of(merchant)).collect();
        let day = scene.clock.now().date_in(&sources[0].zone);
        let compared = async || {
            let mut open = 0;
            for source in &sources {
                let kept = tally::ask(&scene.store, source, day, scene.clock.now())
                    .await
                    .expect("a tally")
                    .tally;
                let counted = scene.store.read(OneByOne(source.clone(), day)).await.expect("a tally");
                let figures = |tally: &Tally| (tally.received, tally.posted, tally.open, tally.declined, tally.late.len());
                assert_eq!(figures(&kept), figures(&counted), "{source:?}");
                open += kept.open;
            }
            open
        };
        let before = compared().await;
        for source in &sources {
            scene.store.write(books::Count(source.clone())).await.expect("it is counted");
        }
        assert_eq!(compared().await, before, "now from the counters");

        // What has stood still goes on, and the counters were written before that.
        let card = morning.id().await;
        let path = format!("/cards/{card}");
        let form = [
            ("how", "save"),
            ("ours", morning.item.as_str()),
            ("why", "the integrator's slip"),
        ];
        console.post(ALL, &format!("{path}/fix-it"), &form).await.leads_to();
        let done = async || morning.card_by_id(&card).await["life"] == "resolved";
        scene.work_until("healed", async |_| done().await).await;
        assert!(compared().await < before, "some were posted");
    });
}

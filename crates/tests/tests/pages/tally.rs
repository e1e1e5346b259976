//! The tally of a day: what it shows, to whom, and where it leads.

use std::time::Duration;

use tallyman_core::seam::Clock;
use tallyman_core::time::{Date, Timestamp};
use tallyman_engine::tally::Source;
use tallyman_store::tables::tally::{self, Swept};
use tallyman_store::{Tx, Unit, UnitError};
use tallyman_tests::morning::{ALL, FIRST, READER, morning};
use tallyman_tests::scene::play;

use super::visitor::{Console, links};

#[test]
fn the_tally_of_a_day_leads_to_its_keys() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let page = console.get(ALL, "/tally").await.page();
        assert!(page.contains("records came in"), "{page}");
        let open = links(&page)
            .into_iter()
            .find(|link| link.contains("stand=open"))
            .expect("open ones");
        let keys = console.get(ALL, open.trim_end_matches("#records")).await.page();
        assert_eq!(keys.matches("on a card").count(), morning.orders.len(), "{keys}");
        assert!(links(&keys).iter().any(|link| link.starts_with("/orders/")), "{keys}");
        let done = console
            .post(ALL, "/tally/compare", &[("company", "trader-1"), ("day", "")])
            .await;
        assert_eq!(done.leads_to(), "/tally?done=compared");
        let asked = morning
            .api
            .get(ALL, "/journal?company=trader-1&kind=connection.run_now")
            .await
            .ok();
        let said: Vec<&str> = asked["lines"]
            .as_array()
            .expect("lines")
            .iter()
            .filter_map(|line| line["what"].as_str())
            .collect();
        assert!(
            !said.is_empty()
                && said
                    .iter()
                    .all(|said| said.starts_with("Asked for now: ") && said.contains(" keys")),
            "{asked}"
        );
        console
            .post(READER, "/tally/compare", &[("company", "trader-1"), ("day", "")])
            .await
            .with(403);
        assert!(!console.get(FIRST, "/tally").await.page().contains("trader-2"));
        let long_ago = console.get(ALL, "/tally?day=2020-01-01").await.page();
        assert!(long_ago.contains("Nothing came in on this day"), "{long_ago}");
        // Nobody knows that nothing is missing where the source's own list was not compared.
        assert_eq!(long_ago.matches("title=\"Not compared yet\"").count(), 4, "{long_ago}");
    });
}

/// A source's own list of a day was compared at this instant.
struct Compared(Source, Date, Timestamp);

impl Unit for Compared {
    type Output = ();
    const NAME: &'static str = "compared";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let swept = Swept {
            at: self.2,
            listed: 0,
            why: String::new(),
        };
        tally::put_swept(tx, (&self.0.connection, self.0.kind), self.1, &swept).await
    }
}

#[test]
fn what_came_after_the_comparison_is_not_proved_by_it() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let scene = &morning.scene;
        let parts = scene.parts("reader").await;
        let sources = Source::of(&parts.merchants[0]);
        let day = scene.clock.now().date_in(&sources[0].zone);
        let compared = async |at: Timestamp| {
            for source in &sources {
                let compared = Compared(source.clone(), day, at);
                scene.store.write(compared).await.expect("it is written");
            }
            // A glance that was made before is not shown any more.
            scene.clock.sleep_until(scene.clock.now().plus(Duration::from_secs(60))).await;
            let page = console.get(ALL, "/tally?company=trader-1").await.page();
            let tile = page.split("id=\"order-virtualstock-1\"").nth(1).expect("its tile").to_owned();
            let tile = tile.split("</section>").next().expect("it ends").to_owned();
            (tile, console.get(ALL, "/?company=trader-1").await.page())
        };
        let came = console.get(ALL, "/tally?company=trader-1").await.page();
        assert!(came.contains("records came in"), "{came}");

        let (tile, overview) = compared(day.starts_in(&sources[0].zone)).await;
        assert!(
            tile.contains("Not all of it compared") && tile.contains(" came after"),
            "{tile}"
        );
        assert!(!tile.contains("Comes out even"), "{tile}");
        assert!(
            overview.contains(" orders have come since") && !overview.contains("no source lists a record"),
            "{overview}"
        );

        let (tile, overview) = compared(scene.clock.now()).await;
        assert!(tile.contains("Comes out even") && !tile.contains("came after"), "{tile}");
        assert!(
            overview.contains("no source lists a record") && !overview.contains("come since"),
            "{overview}"
        );
    });
}

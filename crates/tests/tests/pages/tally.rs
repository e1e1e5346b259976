//! The tally of a day: what it shows, to whom, and where it leads.

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
        console
            .post(READER, "/tally/compare", &[("company", "trader-1"), ("day", "")])
            .await
            .with(403);
        assert!(!console.get(FIRST, "/tally").await.page().contains("trader-2"));
        assert!(
            console
                .get(ALL, "/tally?day=2020-01-01")
                .await
                .page()
                .contains("Nothing came in on this day")
        );
    });
}

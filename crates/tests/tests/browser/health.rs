//! `/health`, as somebody sees it who is called at night and opens it on a telephone.

use std::sync::Arc;

use tallyman_tests::morning::morning;
use tallyman_web::Running;
use tallyman_web::api::access::Access;

use super::faults;
use super::kit::{View, browse_after};
use tallyman_tests::site::Site;

#[test]
fn health_can_be_read_in_a_browser() {
    browse_after(morning, async |browser, morning| {
        let running = Arc::new(Running::default());
        let site = Site::of(tallyman_web::router(running.clone(), Arc::new(Access::default()))).await;
        browser.look(View::ALL[2]).await;
        browser.open(&site.at("/health")).await;
        browser.shows("\"status\":\"starting\"").await;
        // The browser says of a 503 that it is one, and of nothing else.
        let lines = faults::console(browser).await;
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].contains("503"), "{lines:?}");
        running.begun(morning.scene.parts("worker").await);
        browser.open(&site.at("/health")).await;
        browser.shows("\"status\":\"ok\"").await;
        assert_eq!(faults::console(browser).await, Vec::<String>::new());
    });
}

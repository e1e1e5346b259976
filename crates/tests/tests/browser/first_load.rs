//! What the first page costs a browser that has never been here: bytes over the wire, and the time until something is painted.
//!
//! The bytes are held. The time is a figure, which a loaded machine may make larger: it is kept ([`figures`]), and fails nothing here.

use serde_json::json;

use super::figures;
use super::kit::{View, browse_after};
use super::played::played;

/// Of the page and all that it loads, headers too.
const BYTES_MAX: f64 = 200_000.0;

const LOADED: &str = "
    const done = arguments[arguments.length - 1];
    const loaded = () => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
    new PerformanceObserver((list) => {
        const first = list.getEntries().find(entry => entry.name === 'first-contentful-paint');
        if (first) {
            document.fonts.ready.then(() => done({
                bytes: loaded().reduce((sum, one) => sum + one.transferSize, 0), parts: loaded().length, paint_ms: first.startTime
            }));
        }
    }).observe({type: 'paint', buffered: true});";

#[test]
fn the_first_page_is_small() {
    browse_after(played, async |browser, day| {
        browser.look(View::ALL[0]).await;
        // The link signs in and leads to the overview: nothing of it is kept by this browser yet.
        browser.open(&day.link()).await;
        browser.shows("Flow now").await;
        let loaded = browser.run_until_done(LOADED, json!([])).await;
        let bytes = loaded["bytes"].as_f64().expect("a number of bytes");
        assert!(
            loaded["parts"].as_u64() > Some(2),
            "the style sheet and the type were loaded: {loaded}"
        );
        assert!(bytes > 10_000.0 && bytes < BYTES_MAX, "{loaded}");
        figures::keep(&json!({"first_load_kb": bytes / 1_000.0, "first_contentful_paint_ms": loaded["paint_ms"]}));
    });
}

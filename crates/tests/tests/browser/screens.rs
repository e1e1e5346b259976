//! Every page, in every view: nothing is wrong with it. With `TALLYMAN_TEST_PICTURES` (`cargo xtask screens`) a picture of each is kept.

use std::sync::Arc;

use tallyman_tests::scene::{Scene, settings};
use tallyman_web::Running;
use tallyman_web::api::access::Access;

use super::faults;
use super::kit::{View, browse};
use super::site::Site;

/// What a picture is called, the address, and whether it is a page of ours; the browser itself shows what is JSON.
const PAGES: [(&str, &str, bool); 1] = [("health", "/health", false)];

#[test]
fn every_page_is_sound_in_every_view() {
    browse(async |browser| {
        let running = Arc::new(Running::default());
        running.begun(Scene::new(settings()).parts("worker").await);
        let site = Site::of(tallyman_web::router(running, Arc::new(Access::default()))).await;
        for (name, address, ours) in PAGES {
            for view in View::ALL {
                browser.look(view).await;
                browser.open(&site.at(address)).await;
                if ours {
                    faults::none(browser, name).await;
                } else {
                    assert_eq!(faults::console(browser).await, Vec::<String>::new(), "{name} at {view}");
                    browser.keep_picture(name).await;
                }
            }
        }
    });
}

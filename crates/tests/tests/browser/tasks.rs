//! What people come to the console for, as they would do it: each screen's main task, by mouse and by keyboard alone, wide and narrow, light and
//! dark.
//!
//! A task is a function, and [`tasks`] makes two tests of it, each on a day of its own. It ends with what is true by then, asked of the API as any
//! program would; that the page it ends on has no fault, and that the browser had nothing to say all the while, holds of each.
//!
//! Not here: what has no task, since it is only read (`screens`), and the drill, which is begun at the terminal.

mod books;
mod cards;
mod connections;
mod mappings;
mod orders;
mod own;
mod people;

use tallyman_tests::doorman::PASSWORD;

use super::faults;
use super::hand::Hand;
use super::kit::{Browser, View, browse_after};
use super::played::Played;

/// How a task is done.
#[derive(Clone, Copy)]
struct Way {
    hand: Hand,
    view: View,
}

/// At a desk in the light, and on what is small and dark.
const STRAIGHT: [Way; 2] = [Way::by(Hand::Mouse, View::DESK), Way::by(Hand::Keyboard, View::ALL[3])];
/// The other way round.
const CROSSED: [Way; 2] = [Way::by(Hand::Mouse, View::ALL[2]), Way::by(Hand::Keyboard, View::ALL[1])];

impl Way {
    const fn by(hand: Hand, view: View) -> Self {
        Self { hand, view }
    }
}

/// Makes two tests of each task: on which day, in which ways, and which they are.
macro_rules! tasks {
    ($day:path, $ways:path: $($task:ident),+ $(,)?) => { $(
        mod $task {
            #[test]
            fn by_mouse() {
                crate::tasks::done($ways[0], $day, super::$task);
            }

            #[test]
            fn by_keyboard() {
                crate::tasks::done($ways[1], $day, super::$task);
            }
        }
    )+ };
}
use tasks;

/// Does a task on a day of its own.
fn done(way: Way, day: impl AsyncFnOnce() -> Played, task: impl AsyncFnOnce(&Browser, &Played)) {
    browse_after(day, async |browser, day| {
        browser.look(way.view).await;
        browser.by(way.hand);
        task(browser, &day).await;
        let faults = faults::of(browser).await;
        assert!(faults.is_empty(), "{}", faults::told(browser, "the task’s end", &faults));
    });
}

/// Somebody signs in by name.
async fn signs_in(browser: &Browser, day: &Played, name: &str, password: &str) {
    browser.open(&day.at("/sign-in")).await;
    browser.fill("Name", name).await;
    browser.fill("Password", password).await;
    browser.press("Sign in").await;
    browser.shows("Sign out").await;
}

/// Somebody who was invited comes in by their link, and chooses a password.
pub async fn comes_in(browser: &Browser, link: &str) {
    browser.open(link).await;
    browser.shows("This link works once").await;
    browser.fill("Password", PASSWORD).await;
    browser.press("Set up and sign in").await;
    browser.shows("Sign out").await;
}

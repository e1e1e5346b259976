//! Parts of a page that keep current: by names of what they show. When one of them changes, the page is fetched again and the part is
//! put in the place of itself, as it stands then (`assets/console.js`). Without a script it is what it was when the page was made.
//!
//! A name is a kind, or one of a kind: `cards`, `cards/C7Q2` ([`tallyman_core::topic`]). What is no name is heard by nobody.

use maud::{Markup, html};
use tallyman_core::topic::Kind;

/// A part with an id of its own on the page that listens to these names. Rows within it have ids, so that they stay where they are.
pub fn live(topics: &[&str], id: &str, markup: Markup) -> Markup {
    debug_assert!(topics.iter().all(|topic| is_name(topic)), "{topics:?}");
    html! { div.part #(id) data-live=(topics.join(" ")) { (markup) } }
}

fn is_name(topic: &str) -> bool {
    let kind = topic.split_once('/').map_or(topic, |(kind, _)| kind);
    Kind::named(kind).is_some() && !topic.contains([' ', ','])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_says_what_it_listens_to() {
        let part = live(&["cards", "journeys/abc"], "list", html! { p { "one" } });
        assert_eq!(
            part.into_string(),
            r#"<div class="part" id="list" data-live="cards journeys/abc"><p>one</p></div>"#
        );
        assert!(is_name("feeds") && !is_name("card") && !is_name("cards/a b"));
    }
}

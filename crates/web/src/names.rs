//! People are named by id wherever the journal is: a name is nobody's alone, and may change. Whoever looks at a page reads the name.
//!
//! This puts the names into a page when it is made, in one place, so that no page can forget to. It changes what people read, and no address or
//! field of a form: an id with which an attribute's value begins stays what it is.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use maud::Escaper;
use tallyman_engine::people;

use crate::Running;

/// The longest page that is looked through.
const PAGE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// What every such id begins with, and how long what follows is.
const PERSON: &str = "person/";
const ID_CHARS: usize = 16;
/// Ids that are looked up for one page.
const IDS_MAX: usize = 500;

/// Puts names into the page that follows, if it is one.
pub async fn put_in(State(running): State<Arc<Running>>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let kind = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("text/html")) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, PAGE_BYTES_MAX).await else {
        tracing::error!("a page was longer than {PAGE_BYTES_MAX} bytes, and is not shown");
        return Response::from_parts(head, Body::empty());
    };
    let Ok(page) = std::str::from_utf8(&bytes) else {
        return Response::from_parts(head, Body::from(bytes));
    };
    let found = ids(page);
    let (false, Some(parts)) = (found.is_empty(), running.parts()) else {
        return Response::from_parts(head, Body::from(bytes));
    };
    let names = match people::names(&parts.store, &found).await {
        Ok(names) => names,
        Err(error) => {
            // The page is right without them.
            tracing::warn!(error = %error, "the names of people could not be read: {error}");
            BTreeMap::new()
        }
    };
    head.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(head, Body::from(named(page, &names)))
}

/// Where an id stands that is read by people, and where it ends.
fn spans(page: &str) -> impl Iterator<Item = (usize, usize)> {
    page.match_indices(PERSON).filter_map(|(at, _)| {
        let id = page.get(at + PERSON.len()..at + PERSON.len() + ID_CHARS)?;
        let of_id = |byte: u8| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte);
        let begins_a_value = page[..at].ends_with('"');
        if begins_a_value || !id.bytes().all(of_id) {
            return None;
        }
        let end = at + PERSON.len() + ID_CHARS;
        let rest = &page[end..];
        if rest.bytes().next().is_some_and(of_id) {
            return None;
        }
        // The name of a token, which ends where another sign begins; a full stop at the end is the sentence's.
        let token = rest.strip_prefix('/').map_or(0, |rest| {
            let of_name = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(*c);
            let name: String = rest.chars().take_while(of_name).collect();
            name.trim_end_matches('.').len()
        });
        Some((at, if token > 0 { end + 1 + token } else { end }))
    })
}

fn ids(page: &str) -> Vec<String> {
    let mut all: Vec<String> = spans(page).map(|(from, to)| page[from..to].to_owned()).collect();
    all.sort_unstable();
    all.dedup();
    all.truncate(IDS_MAX);
    all
}

fn named(page: &str, names: &BTreeMap<String, String>) -> String {
    let mut text = String::with_capacity(page.len());
    let mut done = 0;
    for (from, to) in spans(page) {
        if let Some(name) = names.get(&page[from..to]) {
            text.push_str(&page[done..from]);
            // Writing to a text cannot fail.
            let _ = Escaper::new(&mut text).write_str(name);
            done = to;
        }
    }
    text.push_str(&page[done..]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "person/MFRGGZDFMZTWQ2LK";

    #[test]
    fn what_people_read_has_names_and_what_a_form_sends_does_not() {
        let page = format!("<p>{ID} and {ID}/sheets. And \"{ID}\"</p><input value=\"{ID}\"><i aria-label=\"End {ID}\"></i>");
        assert_eq!(ids(&page), [ID.to_owned(), format!("{ID}/sheets")]);
        let names = BTreeMap::from([
            (ID.to_owned(), "A <b>".to_owned()),
            (format!("{ID}/sheets"), "A (token sheets)".to_owned()),
        ]);
        assert_eq!(
            named(&page, &names),
            format!(
                "<p>A &lt;b&gt; and A (token sheets). And \"{ID}\"</p><input value=\"{ID}\"><i aria-label=\"End A &lt;b&gt;\"></i>"
            )
        );
    }

    #[test]
    fn what_is_no_id_and_who_is_not_known_stays() {
        for page in ["person/", "person/short", &format!("{ID}X"), "person/mfrggzdfmztwq2lk"] {
            assert!(ids(page).is_empty(), "{page}");
        }
        assert_eq!(named(&format!(">{ID}<"), &BTreeMap::new()), format!(">{ID}<"));
    }
}

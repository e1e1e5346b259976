//! Drill: failures planted on purpose, how far people are with each, and what it came to. It runs apart from every real company.

use axum::Json;
use maud::{Markup, html};

use super::{another_link, local};
use crate::api::drill::{self, Drill, Response};
use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::view::facts::keys;
use crate::view::frame::head;
use crate::view::panel::{empty, raw};
use crate::view::time::{Local, lasting};
use crate::view::{Frame, Kind, Page, Place, count, live, page, state};

/// The page.
pub async fn show(inside: Inside) -> Result<Page, Problem> {
    let Json(found) = drill::get(inside.clone()).await?;
    let about = "Failures planted on purpose, in companies that are made for it: who clears what, how fast, and how often a fix did not hold.";
    let body = html! {
        (head(None, html! { "Drill" }, html! { (about) }, html! {}))
        (another_link(&inside))
        @match &found.drill {
            Some(drill) => (live(&["cards"], "drill", running(&inside, drill))),
            None => section.panel { (empty("No drill runs here", html! {
                "This program works for real companies, and nothing is ever planted there. Start a drill beside it with "
                code { "tallyman drill" } ": it makes up companies on simulators of their own, plants what you choose (" code { "tallyman drill --list" }
                " names everything), and serves a console like this one. It ends when you stop it, and leaves nothing behind."
            })) },
        }
    };
    Ok(page(&Frame::of(&inside, Place::Drill), "Drill", body))
}

fn running(inside: &Inside, drill: &Drill) -> Markup {
    let score = &drill.score;
    let time = |seconds: Option<u64>| seconds.map_or_else(|| "–".to_owned(), lasting);
    html! {
        (keys(&[
            ("Cleared", html! { b { (score.cleared) } " of " (score.planted) }),
            ("Usual time to clear", html! { (time(score.usual_seconds)) }),
            ("Longest", html! { (time(score.longest_seconds)) }),
            ("Wrong fixes", html! { (score.wrong_fixes) }),
            ("Clock", html! { (count(u64::from(drill.pace), "times as fast as yours", "times as fast as yours")) }),
        ]))
        (raw("planted", "What was planted", Some("times are of the drill’s clock"), html! {
            table.fold {
                caption.hidden { "What was planted" }
                thead {
                    tr {
                        th scope="col" { "State" }
                        th scope="col" { "Failure" }
                        th scope="col" { "Taken up" }
                        th scope="col" { "Cleared by" }
                        th.n scope="col" { "Time to clear" }
                        th.n scope="col" { "Wrong fixes" }
                    }
                }
                tbody { @for response in &drill.responses { (row(response, &local(inside, &response.company))) } }
            }
        }))
    }
}

fn row(response: &Response, local: &Local) -> Markup {
    let (kind, word) = match (&response.card, &response.cleared_at, &response.taken_up_at) {
        (None, ..) => (Kind::None, "Not seen yet"),
        (Some(_), Some(_), _) => (Kind::Done, "Cleared"),
        (Some(_), None, Some(_)) => (Kind::Waiting, "Taken up"),
        (Some(_), None, None) => (Kind::Needs, "Needs someone"),
    };
    let took = response
        .opened_at
        .zip(response.cleared_at)
        .map(|(opened, cleared)| lasting(cleared.0.since(opened.0).as_secs()));
    html! {
        tr {
            td { (state(kind, word)) }
            td.wide data-h="Failure" {
                @match &response.card {
                    Some(card) => a.title href={ "/cards/" (card) } { (response.planted) },
                    None => (response.planted),
                }
                div.sub { (response.code) ", " (response.company) }
            }
            td data-h="Taken up" {
                @match (&response.taken_up_at, &response.taken_up_by) {
                    (Some(at), Some(who)) => { (local.at(at.0)) ", " (who) },
                    _ => "–",
                }
            }
            td data-h="Cleared by" {
                @match (&response.cleared_at, &response.cleared_by) {
                    (Some(_), Some(who)) => (who),
                    (Some(_), None) => "by itself",
                    (None, _) => "–",
                }
            }
            td.n data-h="Time to clear" { (took.unwrap_or_else(|| "–".into())) }
            td.n data-h="Wrong fixes" { (response.wrong_fixes) }
        }
    }
}

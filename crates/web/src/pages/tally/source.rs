//! What a source's own list says, against what came from it.

use maud::{Markup, html};

use crate::api::access::Right;
use crate::api::inside::Inside;
use crate::api::tally::{Named, OfSource};
use crate::pages::local;
use crate::view::facts::facts;
use crate::view::field::hidden;
use crate::view::money::grouped;
use crate::view::panel::note;
use crate::view::time::Local;
use crate::view::{Kind, capital, count, state};

/// Whether its records are proved. What came after the last comparison is not: no list says anything of it.
pub fn proved(source: &OfSource) -> (Kind, &'static str) {
    match source.compared_at {
        _ if !source.whole => (Kind::Needs, "Does not come out even"),
        None => (Kind::None, "Not compared yet"),
        Some(_) if source.uncompared > 0 => (Kind::Waiting, "Not all of it compared"),
        Some(_) => (Kind::Done, "Comes out even"),
    }
}

/// What the source's own list says, and what came again or late.
pub fn tile(inside: &Inside, source: &OfSource) -> Markup {
    let local = local(inside, &source.company);
    let id = format!("{}-{}", source.kind, source.source);
    let compared = html! {
        @match source.compared_at {
            Some(at) => { (local.at(at.0)) @if source.compared_whole { ", when the day was over" } @else { ", before the day was over" } },
            None => "not yet",
        }
    };
    let mut pairs = vec![("Compared", compared)];
    if let Some(question) = source.question {
        pairs.push(("Asked", html! { (question) }));
    }
    pairs.push(("Not seen", html! { (source.beyond) }));
    if let Some(listed) = source.listed {
        pairs.push(("On its list", html! { (count(listed.unsigned_abs(), "key", "keys")) }));
    }
    if let Some(at) = source.compared_at.filter(|_| source.uncompared > 0) {
        let came = grouped(&source.uncompared.to_string());
        pairs.push(("Not compared", html! { "since " (local.at(at.0)) ": " (came) " came after" }));
    }
    let (kind, word) = proved(source);
    html! {
        section.panel id=(id) aria-labelledby={ "h-" (id) } {
            header { h2 id={ "h-" (id) } { (capital(source.kind)) "s of " (source.source) } p { (state(kind, word)) } }
            div.body.stack {
                (facts(&pairs))
                @if let Some(why) = &source.why { (note(Kind::Waiting, local.told(why))) }
                (keys("Nothing accounts for", source.nowhere.iter().map(|key| html! { span.mono { (key) } }).collect()))
                (keys("Missing or unknown there", source.gaps.iter().map(|gap| gap_line(gap, &local)).collect()))
                (keys("Came again", source.again.iter().map(|again| html! {
                    span.mono { (again.key) } ": " @if again.same > 0 { (again.same) " more in one answer " } @if again.other > 0 { (again.other) " with other content" }
                }).collect()))
                (keys("Came late", source.late.iter().map(|late| html! {
                    span.mono { (late.key) } ": made " (local.at(late.made_at.0)) ", received " (local.at(late.received_at.0))
                }).collect()))
                @if inside.has(Right::Act, &source.company) && source.question.is_some() {
                    form.acts action="/tally/compare" method="post" {
                        (hidden("company", &source.company))
                        (hidden("day", &source.day))
                        button { "Compare now" }
                    }
                }
            }
        }
    }
}

fn gap_line(gap: &Named, local: &Local) -> Markup {
    html! {
        span.mono { (gap.key) }
        @if gap.problem == "missing" { " is on its list and never arrived" } @else { " arrived, and is not known there" }
        " (found " (local.at(gap.found_at.0))
        @if let Some(at) = gap.cleared_at { ", no more since " (local.at(at.0)) }
        ")" @if !gap.why.is_empty() { ": " (local.told(&gap.why)) }
    }
}

/// Keys of one sort, folded away where they are many.
fn keys(title: &str, lines: Vec<Markup>) -> Markup {
    const SHOWN: usize = 5;
    html! {
        @if !lines.is_empty() {
            div.tight {
                h3 { (title) ": " (lines.len()) }
                ul { @for line in lines.iter().take(SHOWN) { li { (line) } } }
                @if lines.len() > SHOWN {
                    details.more {
                        summary { "All of them" }
                        ul { @for line in lines.iter().skip(SHOWN) { li { (line) } } }
                    }
                }
            }
        }
    }
}

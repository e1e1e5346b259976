//! What stands on a card: its records page by page, what of its orders left otherwise than it should, its history.

use std::cmp::Reverse;

use maud::{Markup, html};
use tallyman_core::ruling::Ruling;
use tallyman_core::time::Timestamp;

use super::Shown;
use crate::api::access::Right;
use crate::api::inside::Inside;
use crate::api::mappings::Version;
use crate::api::shape::{Acted, Member};
use crate::api::unlike::{Compared, Comparison};
use crate::pages::order;
use crate::view::frame::pager;
use crate::view::money::grouped;
use crate::view::panel::{happened, raw};
use crate::view::time::Local;
use crate::view::{Kind, Link, capital, count, mark, state, words};

/// Expected against actual, item by item, for the first of its orders that stand still.
pub fn comparison(inside: &Inside, company: &str, comparison: &Comparison) -> Markup {
    html! {
        @for (index, order) in comparison.orders.iter().enumerate() {
            (raw(&format!("compared-{index}"), "Expected against actual", Some(&format!("order {}, in the ledger’s unit", order.reference)), compared(inside, company, order)))
        }
    }
}

fn compared(inside: &Inside, company: &str, order: &Compared) -> Markup {
    let verdict = |item: &str| match item {
        "same" => (Kind::Done, "As ordered"),
        "less" => (Kind::Waiting, "Less has left"),
        "more" => (Kind::Needs, "More has left"),
        _ => (Kind::Needs, "Not ordered"),
    };
    html! {
        table.fold {
            caption.hidden { "Expected against actual of order " (order.reference) }
            thead {
                tr {
                    th scope="col" { "Item" }
                    th.n scope="col" { "Ordered" }
                    th.n scope="col" { "Left" }
                    th.n scope="col" { "In the ledger" }
                    th.n scope="col" { "Difference" }
                    th scope="col" { "So" }
                }
            }
            tbody {
                @for item in &order.items {
                    @let (kind, word) = verdict(item.verdict);
                    tr {
                        td.wide { (order::titled(inside, company, &order.journey, &item.item)) }
                        td.n data-h="Ordered" { (grouped(&item.ordered)) }
                        td.n data-h="Left" { (grouped(&item.left)) }
                        td.n data-h="In the ledger" { (grouped(&item.despatched)) }
                        td.n data-h="Difference" { (signed(&item.difference)) }
                        td data-h="So" { (state(kind, word)) }
                    }
                }
            }
        }
    }
}

/// A difference keeps its sign.
fn signed(figure: &str) -> String {
    match figure {
        "0" => "0".into(),
        figure if figure.starts_with('-') => grouped(figure),
        figure => format!("+{}", grouped(figure)),
    }
}

impl Shown {
    /// Those of this page of its records that stand still.
    pub(super) fn stopped(&self) -> impl Iterator<Item = &Member> {
        self.members.members.iter().filter(|member| member.stand == "stopped")
    }
}

fn stand(member: &Member) -> (Kind, &'static str) {
    match member.stand.as_str() {
        "proven" => (Kind::Done, "Proven"),
        "proving" => (Kind::Waiting, "Proving"),
        _ => (Kind::Needs, "Stands still"),
    }
}

/// Its records, each with its order, what is said of it, and its proof.
pub fn records(inside: &Inside, shown: &Shown) -> Markup {
    let link = Link::to(format!("/cards/{}", shown.card.id)).and("before", shown.asked.before.as_deref());
    let members = &shown.members;
    let alike = alike(&members.members);
    let total = count(
        members.members.len() as u64,
        "record on this page, the dearest order first",
        "records on this page, the dearest order first",
    );
    html! {
        @if members.members.is_empty() {
            p.body.muted { "It is about no single record." }
        } @else {
            table.fold {
                caption.hidden { "Records on this card, the dearest order first" }
                thead {
                    tr {
                        th scope="col" { span.hidden { "State" } }
                        th scope="col" { "Order" }
                        th scope="col" { "Proof" }
                        th.n scope="col" { "Worth, £" }
                        th.n scope="col" { "Since" }
                        th.n scope="col" { "Due" }
                    }
                }
                tbody { @for member in &members.members { (record(inside, shown, member, alike)) } }
            }
            (pager(&link, shown.asked.after.is_some(), members.next.as_deref(), &total))
        }
    }
}

/// Up to so many records each say all that there is to say.
const FEW: usize = 5;

/// Whether the same is said of all of many records, but for whose it is.
fn alike(members: &[Member]) -> bool {
    let mut said = members
        .iter()
        .filter_map(|member| member.sentence.as_deref())
        .map(but_for_whose);
    let first = said.next();
    members.len() > FEW && said.all(|other| Some(other) == first)
}

/// A sentence begins with the order, and the line, that it is about.
fn but_for_whose(sentence: &str) -> &str {
    sentence.split_once(": ").map_or(sentence, |(_, what)| what)
}

fn record(inside: &Inside, shown: &Shown, member: &Member, alike: bool) -> Markup {
    let (company, local) = (&shown.stored.company, &shown.local);
    let open = inside.has(Right::Open, company);
    let (kind, word) = stand(member);
    let name = member
        .reference
        .as_deref()
        .or(member.record.as_deref())
        .unwrap_or("no order of ours");
    html! {
        tr {
            td.m { (mark(kind, Some(word))) }
            td.wide data-h="Order" {
                @match &member.journey {
                    Some(journey) => (order::titled(inside, company, journey, name)),
                    None => (name),
                }
                // Where all say the same: two lines of it, and the whole on the order's own page. Else what differs may stand at its end.
                @if let Some(sentence) = member.sentence.as_ref().filter(|_| open) { div.sub.two-lines[alike] title=(sentence) { (words(sentence)) } }
            }
            td.wide data-h="Proof" { @if let Some(proof) = &member.proof { (proof) } @else { span.muted { "not yet" } } }
            td.n data-h="Worth, £" { @match &member.net { Some(net) => (grouped(net)), None => "–" } }
            td.n data-h="Since" { (local.at(member.since.0)) }
            td.n data-h="Due" { @match member.due { Some(due) => (local.at(due.0)), None => "–" } }
        }
    }
}

/// What was done with it and with its word, the newest first.
pub fn history(shown: &Shown) -> Markup {
    let link = Link::to(format!("/cards/{}", shown.card.id)).and("after", shown.asked.after.as_deref());
    let local = &shown.local;
    let act = |acted: &Acted| html! { (said(acted, local)) @if let Some(text) = &acted.text { ": “" span.lines { (text) } "”" } };
    let acts = shown.history.acts.iter().map(|acted| (acted.at.0, act(acted)));
    // On the first page of what was done, which it is shown with.
    let meant = shown.history.meant.iter();
    let mut done: Vec<(Timestamp, Markup)> = meant.map(|version| (version.since.0, says(version))).chain(acts).collect();
    done.sort_by_key(|(at, _)| Reverse(*at));
    html! {
        ol.times {
            @for (at, what) in &done { (happened(local.at(*at), None, html! { (what) })) }
            @if shown.history.next.is_none() { (happened(local.at(shown.card.opened_at.0), Some(Kind::Needs), html! { "Opened" })) }
        }
        @if let Some(next) = &shown.history.next { p.small { a href=(link.and("before", Some(next))) { "Earlier" } } }
    }
}

fn says(version: &Version) -> Markup {
    html! {
        (version.by)
        @match &version.ours {
            Some(ours) => { " said that " code { (version.theirs) } " means " code { (ours) } },
            None => { " took back what " code { (version.theirs) } " means" },
        }
        ": “" span.lines { (version.reason) } "”"
    }
}

fn ruling_done(ruling: Option<&str>) -> &'static str {
    ruling.and_then(Ruling::named).map_or("decided", Ruling::done)
}

fn said(acted: &Acted, local: &Local) -> Markup {
    let (who, to) = (&acted.actor, acted.to.as_deref().unwrap_or_default());
    html! {
        @match acted.act.as_str() {
            "acknowledge" => { (who) " acknowledged it" },
            "fix" => { (who) " works on it" },
            "assign" => { (who) " gave it to " (to) @if let Some(deputy) = &acted.deputy { ", with " (deputy) " standing in" } },
            "comment" => { (who) " noted" },
            "hand_over" => { (who) " handed it over to " (capital(to)) },
            "set_aside" => { (who) " set it aside" @if let Some(until) = acted.until { " until " (local.at(until.0)) } },
            "take_up" => { (who) " took it up again" },
            "decide" => {
                (who) " " (ruling_done(acted.ruling)) @if let Some(document) = &acted.document { ", by document " code { (document) } }
            },
            "merge" => { (who) " put it under another card" },
            "unmerge" => { (who) " let it stand by itself again" },
            "split" => { (who) " took orders to a card of their own" },
            "unsplit" => { (who) " put it back to its card" },
            "one_first" => { (who) " let one order go first" },
            "verifying" => "Nothing stands still any more; the proof is on its way",
            "resolved" => "Resolved: each record has proved that it went on",
            "open" => "It is open again",
            other => { (capital(other)) ", " (who) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::shape::At;

    fn member(sentence: String) -> Member {
        Member {
            journey: None,
            reference: None,
            record: None,
            stand: "stopped".into(),
            sentence: Some(sentence),
            blamed: None,
            net: None,
            since: At(Timestamp::ZERO),
            due: None,
            proof: None,
            proof_of: None,
            ended_at: None,
        }
    }

    #[test]
    fn only_what_is_said_of_all_of_many_records_is_shortened() {
        let same = |order: u32| member(format!("Order {order} line {order}: there is no mapping."));
        let many: Vec<Member> = (1..=6).map(same).collect();
        assert!(alike(&many));
        assert!(!alike(&many[..FEW]), "of few each says all");
        let other = member("Order 7: line 1 was 24 and is 12.".into());
        assert!(!alike(&[many, vec![other]].concat()), "what differs may stand at the end");
    }
}

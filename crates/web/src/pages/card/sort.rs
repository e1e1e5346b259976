//! Cards put together and taken apart by people who know better than their causes say, each with its undoing on the card that was moved.

use std::collections::BTreeSet;

use axum::Json;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;
use tallyman_engine::board;
use tallyman_store::tables::cards::Stored;

use super::{Shown, Tried, answer};
use crate::api::acts::Seen;
use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::api::read::{self, Path};
use crate::api::shape::Card;
use crate::api::sorting::{self, Orders, Under};
use crate::form::Form;
use crate::guard::see_other;
use crate::pages::done::Done;
use crate::view::field::{Text, hidden, text};
use crate::view::panel::note;
use crate::view::{Kind, Link};

/// A form's fields as they came: a form of orders has the same name many times.
type Fields = Vec<(String, String)>;

struct Said {
    version: u64,
    under: String,
    orders: Vec<String>,
}

fn read_fields(fields: Fields) -> Result<Said, Problem> {
    let mut said = Said {
        version: 0,
        under: String::new(),
        orders: Vec::new(),
    };
    for (name, value) in fields {
        match name.as_str() {
            "version" => {
                let version = value.parse();
                said.version = version.map_err(|_| Problem::unreadable("version", "The version is a number."))?;
            }
            "under" => said.under = value,
            "order" => said.orders.push(value),
            other => return Err(Problem::unreadable(other, format!("There is no field {other} here."))),
        }
    }
    Ok(said)
}

/// Puts it together or takes it apart, and leads to the card that there is to look at then.
pub async fn take(
    inside: Inside,
    Path((id, how)): Path<(String, String)>,
    Form(fields): Form<Fields>,
) -> Result<Response, Problem> {
    match done(&inside, &id, &how, fields).await {
        Ok((card, done)) => {
            let page = Link::to(format!("/cards/{}", card.id)).and("done", Some(done.name()));
            Ok(see_other(&page.to_string()))
        }
        Err(problem) => {
            let tried = Tried {
                problem: Some(problem),
                ..Tried::default()
            };
            Ok(answer(&inside, &id, tried).await?.into_response())
        }
    }
}

async fn done(inside: &Inside, id: &str, how: &str, fields: Fields) -> Result<(Card, Done), Problem> {
    let said = read_fields(fields)?;
    let (inside, card, version) = (inside.clone(), Path(id.to_owned()), said.version);
    let (Json(card), done) = match how {
        "merge" => {
            let under = Under {
                version,
                under: said.under,
            };
            (sorting::merge(inside, card, read::Json(under)).await?, Done::Merged)
        }
        "unmerge" => (
            sorting::unmerge(inside, card, read::Json(Seen { version })).await?,
            Done::Unmerged,
        ),
        "split" if said.orders.is_empty() => return Err(Problem::unreadable("order", "Choose at least one order.")),
        "split" => {
            let orders = Orders {
                version,
                orders: said.orders,
            };
            (sorting::split(inside, card, read::Json(orders)).await?, Done::Split)
        }
        "unsplit" => (
            sorting::unsplit(inside, card, read::Json(Seen { version })).await?,
            Done::Unsplit,
        ),
        other => return Err(Problem::not_found("way to sort", other, "The card’s page has all of them.")),
    };
    Ok((card, done))
}

/// Other open cards of the same company, to choose from.
pub async fn others(inside: &Inside, card: &Stored) -> Result<Vec<(String, String)>, Problem> {
    let others = board::beside(&inside.parts.store, card).await?;
    let told = |(id, code, cause): (String, Code, Cause)| (id, format!("{}: {cause}", code.entry().what));
    Ok(others.into_iter().map(told).collect())
}

fn form(shown: &Shown, how: &str, fields: Markup) -> Markup {
    html! {
        form.form action={ "/cards/" (shown.card.id) "/sort/" (how) } method="post" {
            (hidden("version", &shown.card.version.to_string()))
            (fields)
        }
    }
}

/// How it lies to other cards, with the undoing of what people have done.
pub fn room(shown: &Shown) -> Markup {
    let card = &shown.card;
    let to = |id: &str| html! { a.mono href={ "/cards/" (id) } { (id) } };
    let all = |ids: &[String]| html! { @for (index, id) in ids.iter().enumerate() { @if index > 0 { ", " } (to(id)) } };
    let undo = |how, word| html! { @if shown.may_act { (form(shown, how, html! { div.acts { button { (word) } } })) } };
    let Some(room) = &card.room else { return html! {} };
    html! {
        @if let Some(under) = &room.under {
            (note(Kind::Waiting, html! {
                @if room.hidden {
                    p { "It is shown under card " (to(under)) " and stands on no list by itself while that is open." }
                } @else {
                    p { "It was shown under card " (to(under)) ", which is resolved: it stands on the lists by itself again." }
                }
                (undo("unmerge", "Show it by itself again"))
            }))
        }
        @if let Some(whole) = &room.split_of {
            (note(Kind::Waiting, html! {
                p { "Its orders were taken from card " (to(whole)) "." }
                @if card.closed_at.is_none() { (undo("unsplit", "Put them back")) }
            }))
        }
        @if !room.shows.is_empty() { (note(Kind::Waiting, html! { "Shown under it: " (all(&room.shows)) ". Each can be shown by itself again on its own page." })) }
        @if !room.parts.is_empty() { (note(Kind::Waiting, html! { "Taken from it: " (all(&room.parts)) ". Each can be put back on its own page." })) }
    }
}

/// What can be done, each folded away until it is wanted.
pub fn forms(shown: &Shown) -> Markup {
    let room = shown.card.room.as_ref();
    let is_under = room.is_some_and(|room| room.under.is_some());
    html! {
        @if !is_under && !shown.others.is_empty() {
            details.act { summary { "Show it under another card …" } (form(shown, "merge", under(shown))) }
        }
        @if orders(shown).len() > 1 {
            details.act { summary { "Take orders to a card of their own …" } (form(shown, "split", apart(shown))) }
        }
    }
}

fn under(shown: &Shown) -> Markup {
    let field = Text {
        name: "under",
        label: "The other card",
        help: Some("Its id. It keeps its records; whoever looks at the other card sees both."),
        chars_max: 16,
        required: true,
        list: Some("others"),
        ..Text::default()
    };
    html! {
        (text(field, None))
        datalist #others { @for (id, told) in &shown.others { option value=(id) { (told) } } }
        div.acts { button { "Show it there" } }
    }
}

/// Orders of this page of records that stand still, each once.
fn orders(shown: &Shown) -> BTreeSet<&str> {
    let stopped = shown.members.members.iter().filter(|member| member.stand == "stopped");
    stopped.filter_map(|member| member.reference.as_deref()).collect()
}

fn apart(shown: &Shown) -> Markup {
    html! {
        fieldset.picks {
            legend { "Which orders" }
            @for order in orders(shown) {
                label.pick { input type="checkbox" name="order" value=(order); span { (order) } }
            }
        }
        @if shown.members.next.is_some() { p.help { "These are the orders of this page of records." } }
        div.acts { button { "Take them out" } }
    }
}

//! A field of an order's: what it is to say in the place of what came. Each order has its own text, so each is looked at, tried and amended by
//! itself: a form for each begins with what stands there. Another field of an order may be amended as well, where a part of it is to go there.
//!
//! What stands there names a customer: it is shown to whoever may open it, and goes back in the body of a form and in no address.

use maud::{Markup, html};
use tallyman_core::amendment::{Field, Of};
use tallyman_engine::trial::Fix;
use tallyman_store::tables::cards::Stored;

use super::{Given, wrong};
use crate::api::access::Right;
use crate::api::amendments::{self, Wish};
use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::api::shape::{Blamed, Member};
use crate::api::trials::{self, Trial};
use crate::pages::card::{Shown, Tried};
use crate::pages::done::Done;
use crate::view::capital;
use crate::view::field::{Text, Wrong, choice_as, hidden, options, text};

/// Tries it on the order that was chosen.
pub async fn tried(inside: &Inside, card: &Stored, given: &Given) -> Result<Trial, Problem> {
    let (order, permit) = inside.order_of(&given.journey, Right::Act).await?;
    let fix = Fix::AmendOne {
        amendment: trials::amendment(inside, &permit, &given.field, &given.value)?,
        journey: order.journey,
    };
    trials::tried(inside, card, &fix).await
}

/// Amends the order that was chosen.
pub async fn amend(inside: &Inside, given: &Given) -> Result<Done, Problem> {
    let (order, _) = inside.order_of(&given.journey, Right::Act).await?;
    let wish = Wish::new("", &given.field, &given.value, &given.why);
    let amended = amendments::amend_order(inside, order, &given.journey, &wish).await;
    amended.map(|_| Done::Amended)
}

/// To whoever may act, and not open what is sealed.
pub fn masked() -> Markup {
    html! { p.muted { "What stands in the field names a customer and is masked: it takes the right to open orders to see it, and to amend it." } }
}

/// A form for each order of this page of records, and one for another field of theirs.
pub fn forms(shown: &Shown, tried: &Tried) -> Markup {
    let named = |member: &Member| Some((member.journey.clone()?, member.reference.clone()?));
    let members = shown.members.members.iter();
    let orders: Vec<(&Member, &Blamed)> = members.filter_map(|member| Some((member, member.blamed.as_ref()?))).collect();
    let chosen = &tried.given.journey;
    html! {
        @if orders.is_empty() {
            p.muted.small { "No order on this page of records can be amended." }
        } @else {
            @for (index, (member, its)) in orders.iter().enumerate() {
                @let given = (member.journey.as_ref() == Some(chosen) && tried.given.field == its.stands.field).then_some(tried);
                @let open = if chosen.is_empty() { index == 0 } else { given.is_some() };
                details.act open[open] {
                    summary { "Order " (member.reference.as_deref().unwrap_or_default()) @if let Some(room) = its.room.filter(|room| *room > 0) { ": " (filled(its, room)) } }
                    (one(shown, index, member, its, given))
                }
            }
            @let orders = options(orders.iter().filter_map(|(member, _)| named(member)));
            @let given = orders.iter().any(|(journey, _)| journey == chosen) && blames(shown).is_none_or(|field| field != tried.given.field);
            details.act open[given] {
                summary { "Another field of an order …" }
                (other(shown, &orders, given.then_some(tried)))
            }
        }
    }
}

fn blames(shown: &Shown) -> Option<&'static str> {
    let card = &shown.stored.card;
    Field::blamed(card.code, &card.cause).map(Field::name)
}

fn filled(blamed: &Blamed, room: usize) -> String {
    format!("{} of at most {room} characters", blamed.stands.text.encode_utf16().count())
}

/// The blamed field of one order.
fn one(shown: &Shown, index: usize, member: &Member, blamed: &Blamed, tried: Option<&Tried>) -> Markup {
    let field = blamed.stands.field;
    let (value_id, why_id) = (format!("value-{index}"), format!("why-{index}"));
    let nothing = Given::default();
    let given = tried.map_or(&nothing, |tried| &tried.given);
    let value = Text {
        name: "value",
        id: &value_id,
        label: &capital(field),
        value: if tried.is_some() { &given.value } else { &blamed.stands.text },
        help: Some("What came stays beside it untouched."),
        chars_max: 300,
        room: blamed.room.filter(|room| *room > 0),
        required: Field::named(field).is_ok_and(|field| !field.may_be_empty()),
        ..Text::default()
    };
    html! {
        (form(shown, html! {
            (hidden("journey", member.journey.as_deref().unwrap_or_default()))
            (hidden("field", field))
            (text(value, tried.and_then(wrong)))
            @if blamed.room == Some(0) { p.muted.small { "Fields beside it fill the line that they share: shorten one of those first." } }
            @if !blamed.beside.is_empty() {
                p.small.muted { "Beside it: " @for (index, beside) in blamed.beside.iter().enumerate() { @if index > 0 { "; " } (capital(beside.field).to_lowercase()) " “" (beside.text) "”" } "." }
            }
            (why(&why_id, given, tried.and_then(wrong)))
        }))
    }
}

/// Any other field of any of these orders.
fn other(shown: &Shown, orders: &[(String, String)], tried: Option<&Tried>) -> Markup {
    let nothing = Given::default();
    let given = tried.map_or(&nothing, |tried| &tried.given);
    let all = Field::ALL
        .iter()
        .filter(|field| field.of() == Of::Order && Some(field.name()) != blames(shown));
    let fields = options(all.map(|field| (field.name(), capital(field.name()))));
    let value = Text {
        name: "value",
        id: "other-value",
        label: "Says from now on",
        value: &given.value,
        help: Some("What came stays beside it untouched. What bears VAT is not amended here."),
        chars_max: 300,
        ..Text::default()
    };
    form(
        shown,
        html! {
            (choice_as("other-order", "journey", "Order", orders, &given.journey))
            (choice_as("other-field", "field", "Field", &fields, &given.field))
            (text(value, tried.and_then(wrong)))
            (why("other-why", given, tried.and_then(wrong)))
        },
    )
}

fn why(id: &str, given: &Given, wrong: Option<Wrong<'_>>) -> Markup {
    text(
        Text {
            id,
            ..Text::reason("why", &given.why)
        },
        wrong,
    )
}

/// Trying writes nothing, and may be done with a text that is still too long: it says by how much.
fn form(shown: &Shown, fields: Markup) -> Markup {
    html! {
        form.form action={ "/cards/" (shown.card.id) "/fix-it" } method="post" {
            // Its answer is this page of the records again.
            (hidden("after", shown.asked.after.as_deref().unwrap_or_default()))
            (fields)
            div.acts {
                button.main name="how" value="try" formnovalidate { "Try on this order" }
                button name="how" value="save" { "Amend this order" }
            }
        }
    }
}

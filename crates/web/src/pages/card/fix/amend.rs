//! A field of an order's: what it is to say in the place of what came. Tried on all records of the card, amended one order at a time.

use maud::{Markup, html};
use tallyman_core::amendment::Field;

use super::{Given, wrong};
use crate::api::access::Right;
use crate::api::amendments::{self, Wish};
use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::api::trials::{Fix, Value};
use crate::pages::card::{Shown, Tried};
use crate::pages::done::Done;
use crate::view::capital;
use crate::view::field::{Text, choice, options, text};

/// What is tried on the card's records.
pub fn fix(given: &Given) -> Fix {
    Fix::Amend(Value::new(&given.field, &given.value))
}

/// Amends the order that was chosen.
pub async fn amend(inside: &Inside, given: &Given) -> Result<Done, Problem> {
    let (order, _) = inside.order_of(&given.journey, Right::Act).await?;
    let wish = Wish::new(&given.shipment, &given.field, &given.value, &given.why);
    let amended = amendments::amend_order(inside, order, &given.journey, &wish).await;
    amended.map(|_| Done::Amended)
}

pub fn form(shown: &Shown, tried: &Tried) -> Markup {
    let given = &tried.given;
    let stopped = shown.stopped();
    let orders = options(stopped.filter_map(|member| Some((member.journey.clone()?, member.reference.clone()?))));
    let fields = options(Field::ALL.iter().map(|field| (field.name(), capital(field.name()))));
    let of_cause = shown.card.cause.field.as_deref().unwrap_or_default();
    let chosen = if given.field.is_empty() { of_cause } else { &given.field };
    let value = Text {
        name: "value",
        label: "Says from now on",
        value: &given.value,
        help: Some("What came stays beside it untouched. What bears VAT is not amended here."),
        chars_max: 300,
        ..Text::default()
    };
    let shipment = Text {
        name: "shipment",
        label: "Shipment",
        value: &given.shipment,
        help: Some("Only for a carrier or a tracking number."),
        chars_max: 100,
        ..Text::default()
    };
    html! {
        form.form.act action={ "/cards/" (shown.card.id) "/fix-it" } method="post" {
            (choice("field", "Field", &fields, chosen))
            (text(value, wrong(tried)))
            div.acts { button.main name="how" value="try" formnovalidate { "Try on all " (shown.card.weight.stopped) } }
            @if orders.is_empty() {
                p.muted.small { "No order on this page of records stands still." }
            } @else {
                (choice("journey", "Order", &orders, &given.journey))
                (text(shipment, wrong(tried)))
                (text(Text::reason("why", &given.why), wrong(tried)))
                div.acts { button name="how" value="save" { "Amend this order" } }
            }
        }
    }
}

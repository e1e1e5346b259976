//! What people hold: placed with a reason and an end, ended before its time, and listed, with those that are over.

use axum::Json;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use tallyman_core::role::Connector;

use super::answer;
use crate::api::access::Right;
use crate::api::connections::Connection;
use crate::api::holds::{self, Hold, What};
use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::api::read::{self, Path};
use crate::api::shape::At;
use crate::form::Form;
use crate::pages::done::Done;
use crate::pages::{companies, first_company, local, sheet};
use crate::view::field::{Text, Wrong, choice, field, hidden, options, text};
use crate::view::panel::{empty, raw};
use crate::view::{Link, capital};

/// What a form for a hold says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Said {
    company: String,
    kind: String,
    what: String,
    reason: String,
    until: String,
}

impl Said {
    /// That this connection is to be stopped, as far as it is one that somebody sees.
    pub fn to_stop(inside: &Inside, connection: &str) -> Self {
        let has = |connector: &dyn Connector| connector.connection().as_str() == connection;
        let whose = inside.merchants().find(|merchant| merchant.connectors().into_iter().any(has));
        whose.map_or_else(Self::default, |merchant| Self {
            company: merchant.company.to_string(),
            kind: What::Connection.name().to_owned(),
            what: connection.to_owned(),
            ..Self::default()
        })
    }
}

/// Places a hold.
pub async fn place(inside: Inside, Form(said): Form<Said>) -> Result<Response, Problem> {
    let done = placed(&inside, &said).await;
    answer(&inside, done, &said).await
}

async fn placed(inside: &Inside, said: &Said) -> Result<Done, Problem> {
    let kind = What::ALL.into_iter().find(|kind| kind.name() == said.kind);
    let kind = kind.ok_or_else(|| Problem::unreadable("kind", "Say what is to be held."))?;
    let until = local(inside, &said.company).of_field(&said.until);
    let until = until.ok_or_else(|| Problem::unreadable("until", "Say until when, as a day and a time of day."))?;
    let wanted = holds::Wanted {
        company: said.company.clone(),
        kind,
        what: said.what.clone(),
        reason: said.reason.clone(),
        until: At(until),
    };
    let Json(_) = holds::place(inside.clone(), read::Json(wanted)).await?;
    Ok(if kind == What::Connection { Done::Stopped } else { Done::Held })
}

/// Which company's hold is ended.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ended {
    company: String,
}

/// Ends a hold before its time.
pub async fn end(inside: Inside, Path(hold): Path<String>, Form(ended): Form<Ended>) -> Result<Response, Problem> {
    let whose = read::Json(holds::Whose { company: ended.company });
    let done = holds::end(inside.clone(), Path(hold), whose).await.map(|_| Done::LetGo);
    answer(&inside, done, &Said::default()).await
}

/// What is held now.
pub fn standing(inside: &Inside, held: &[Hold]) -> Markup {
    let body = if held.is_empty() {
        empty(
            "Nothing is held",
            html! { "Whoever may can hold an item, a retailer’s orders, or all writes to a system, with a reason and an end. What is held waits, is not lost, and goes on by itself." },
        )
    } else {
        html! {
            table.fold {
                caption.hidden { "What is held" }
                thead { tr {
                    th scope="col" { "What waits" } th scope="col" { "Why" } th.n scope="col" { "Orders" }
                    th.n scope="col" { "Until" } th scope="col" { span.hidden { "Acts" } }
                } }
                tbody { @for hold in held { (row(inside, hold)) } }
            }
            div.foot { (sheet::links(&Link::to("/sheets/holds"))) }
        }
    };
    raw("holds", "Held", Some("ends by itself"), body)
}

fn row(inside: &Inside, hold: &Hold) -> Markup {
    let local = local(inside, &hold.company);
    html! {
        tr id={ "hold-" (hold.id) } {
            td.wide { (capital(&hold.said)) div.sub { (hold.company) ", since " (local.at(hold.from.0)) } }
            td.wide data-h="Why" { (hold.reason) div.sub { (hold.by) } }
            td.n data-h="Orders" { (hold.waits.unwrap_or(0)) }
            td.n data-h="Until" { (local.at(hold.until.0)) div.sub { (local.until(hold.until.0)) } }
            td {
                @if inside.has(Right::Connect, &hold.company) {
                    form action={ "/holds/" (hold.id) "/end" } method="post" {
                        (hidden("company", &hold.company))
                        button aria-label={ "End: " (hold.said) } { "End" }
                    }
                }
            }
        }
    }
}

/// The last that are over.
pub fn over(inside: &Inside, over: &[Hold]) -> Markup {
    let body = html! {
        table.fold {
            caption.hidden { "Holds that are over" }
            thead { tr { th scope="col" { "What waited" } th scope="col" { "Why" } th.n scope="col" { "Ended" } } }
            tbody {
                @for hold in over {
                    @let local = local(inside, &hold.company);
                    tr id={ "over-" (hold.id) } {
                        td.wide { (capital(&hold.said)) div.sub { (hold.company) } }
                        td.wide data-h="Why" { (hold.reason) }
                        td.n data-h="Ended" {
                            (local.at(hold.ended_at.unwrap_or(hold.until).0))
                            div.sub { @if let Some(by) = &hold.ended_by { "by " (by) } @else { "by itself" } }
                        }
                    }
                }
            }
        }
    };
    raw("over", "Held before", Some("the last that are over"), body)
}

/// The form for another.
pub fn form(inside: &Inside, found: &[Connection], refused: Option<&Problem>, wish: &Said) -> Markup {
    let wrong = Wrong::of(refused);
    let companies = companies(inside, None);
    let kinds = options([
        ("writes", "All writes to a system"),
        ("item", "Orders with an item"),
        ("retailer", "Orders from a channel"),
        ("connection", "A connection as a whole: stop it"),
    ]);
    let first = first_company(inside);
    let local = local(inside, if wish.company.is_empty() { &first } else { &wish.company });
    let until = html! {
        input #until name="until" type="datetime-local" required value=(wish.until) min=(local.for_field(local.now));
    };
    let wrong_until = wrong.filter(|wrong| wrong.field == "until").map(|wrong| wrong.sentence);
    let what = Text {
        name: "what",
        label: "Which",
        value: &wish.what,
        help: Some("A connection’s name, or the item’s code in the ledger."),
        chars_max: 200,
        required: true,
        list: Some("connections"),
        ..Text::default()
    };
    let reason = Text {
        name: "reason",
        label: "Why",
        value: &wish.reason,
        help: Some("Whoever meets an order that waits reads it. Name no customer."),
        chars_max: 500,
        required: true,
        ..Text::default()
    };
    let body = html! {
        form.form.body action="/holds" method="post" {
            (choice("company", "Company", &companies, &wish.company))
            (choice("kind", "What", &kinds, &wish.kind))
            (text(what, wrong))
            datalist #connections { @for connection in found { option value=(connection.name) label={ (connection.name) " (" (connection.company) ", " (connection.role) ")" } {} } }
            (text(reason, wrong))
            (field("until", "Until", until, Some("At most 31 days from now. Then it ends by itself, and what waited goes on."), wrong_until))
            div.acts { button { "Hold" } }
            p.small.muted { "What is under way goes on; what may have been sent is asked about as ever. Orders are still received and checked." }
        }
    };
    raw("hold", "Hold something", Some("or stop a connection"), body)
}

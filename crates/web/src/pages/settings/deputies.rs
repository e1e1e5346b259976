//! Deputies: somebody stands in for a person or a team from a day to a day. It begins and ends by itself.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use tallyman_core::access::{Actor, Kind as Acts, Right, person};
use tallyman_core::catalogue::Owner;
use tallyman_core::time::Date;
use tallyman_engine::people as engine;

use super::{Tab, settings};
use crate::api::deputies::{self, Deputies, Deputy, Naming};
use crate::api::inside::Inside;
use crate::api::people::{self, Part, Person};
use crate::api::problem::Problem;
use crate::api::read::{self, Path};
use crate::form::{Form, Query};
use crate::pages::answer::{above, again, leads_to};
use crate::pages::done::{Asked, Done};
use crate::pages::{companies, house_time, sheet};
use crate::view::field::{choice, field, options};
use crate::view::mark::state;
use crate::view::panel::{panel, raw};
use crate::view::time::Local;
use crate::view::{Kind, Link, Page, capital};

/// What was filled in. `for` is a person's id, or a team after `team:`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wanted {
    person: String,
    #[serde(rename = "for")]
    stands_for: String,
    company: String,
    from: String,
    until: String,
}

/// The page.
pub async fn list(inside: Inside, Query(asked): Query<Asked>) -> Result<Page, Problem> {
    render(&inside, asked.done, None, &Wanted::default()).await
}

/// Names one.
pub async fn name(inside: Inside, Form(wanted): Form<Wanted>) -> Result<Response, Problem> {
    let team = wanted.stands_for.strip_prefix("team:").map(str::to_owned);
    let naming = Naming {
        person: wanted.person.clone(),
        team: team.as_deref().and_then(Owner::named),
        // Whoever may name nobody for others is not asked for whom.
        stands_for: team.is_none().then(|| wanted.stands_for.clone()),
        company: Some(wanted.company.clone()),
        from: wanted.from.clone(),
        until: wanted.until.clone(),
    };
    let named = deputies::name(inside.clone(), read::Json(naming)).await;
    answered(&inside, named.map(|_| Done::DeputyNamed), &wanted).await
}

/// Ends one before its time.
pub async fn end(inside: Inside, Path(deputy): Path<String>) -> Result<Response, Problem> {
    let ended = deputies::end(inside.clone(), Path(deputy)).await;
    answered(&inside, ended.map(|_| Done::DeputyEnded), &Wanted::default()).await
}

async fn answered(inside: &Inside, done: Result<Done, Problem>, wanted: &Wanted) -> Result<Response, Problem> {
    match done {
        Ok(done) => Ok(leads_to(Link::to("/settings/deputies"), done)),
        Err(refused) => {
            let page = render(inside, None, Some(&refused), wanted).await;
            again(page, refused)
        }
    }
}

async fn render(inside: &Inside, done: Option<Done>, refused: Option<&Problem>, wanted: &Wanted) -> Result<Page, Problem> {
    let Json(found) = deputies::list(inside.clone()).await?;
    let may = inside.caller.has(Right::People);
    let others = if may {
        let part = Part {
            after: None,
            limit: Some(200),
        };
        let Json(all) = people::list(inside.clone(), read::Query(part)).await?;
        all.people.into_iter().filter(|person| person.ended.is_none()).collect()
    } else {
        Vec::new()
    };
    let sub =
        "Somebody stands in for a person or a team from a day to a day. They act under their own name, and it ends by itself.";
    let names = names(inside, &found).await?;
    let local = house_time(inside);
    let body = html! {
        (above(refused, done))
        div.two {
            (raw("deputies", "Who stands in", Some("also those whose time ended within a month"), html! {
                (table(&found, &names, &local, &inside.caller))
                @if !found.deputies.is_empty() { div.foot { (sheet::links(&Link::to("/sheets/deputies"))) } }
            }))
            (panel("name", "Name a deputy", None, html! {
                @if may { (form(&for_whom(inside, &others, wanted), &people_of(&others), &local, wanted)) }
                @else if inside.caller.kind == Acts::Person { (form(&own(&found), &colleagues(&found), &local, wanted)) }
                @else { p.muted { "Whoever signs in names here who stands in for them. For others an administrator does." } }
            }))
        }
    };
    Ok(settings(inside, Tab::Deputies, sub, html! {}, body))
}

async fn names(inside: &Inside, found: &Deputies) -> Result<BTreeMap<String, String>, Problem> {
    let ids = found
        .deputies
        .iter()
        .flat_map(|one| [Some(&one.person), one.stands_for.as_ref()])
        .flatten();
    let all: Vec<String> = ids.map(|id| person(id)).collect();
    Ok(engine::names(&inside.parts.store, &all).await?)
}

fn standing(deputy: &Deputy, local: &Local) -> (Kind, &'static str) {
    match () {
        () if deputy.ended.is_some() => (Kind::None, "Ended"),
        () if deputy.until.0 <= local.now => (Kind::None, "Over"),
        () if deputy.from.0 > local.now => (Kind::Waiting, "Begins"),
        () => (Kind::Done, "Stands in"),
    }
}

/// The last day that counts, as the form asks for it: it is over when that day is.
fn last_day(deputy: &Deputy, local: &Local) -> Date {
    deputy.until.0.minus(Duration::from_micros(1)).date_in(&local.zone)
}

/// Whether somebody may end it: those who change people, and whoever is stood in for.
fn may_end(deputy: &Deputy, caller: &Actor) -> bool {
    let own = caller.kind == Acts::Person && deputy.stands_for.as_deref() == Some(&caller.id);
    own || caller.has(Right::People)
}

fn table(found: &Deputies, names: &BTreeMap<String, String>, local: &Local, caller: &Actor) -> Markup {
    let may = found.deputies.iter().any(|deputy| may_end(deputy, caller));
    let name = |id: &str| names.get(&person(id)).cloned().unwrap_or_else(|| id.to_owned());
    html! {
        @if found.deputies.is_empty() {
            p.body.muted { "Nobody stands in for anybody. Before somebody is away, name who takes their cards." }
        } @else {
            table.fold {
                caption.hidden { "Deputies" }
                thead {
                    tr {
                        th scope="col" { "Deputy" }
                        th scope="col" { "For" }
                        th scope="col" { "State" }
                        th.n scope="col" { "From" }
                        th.n scope="col" { "Until" }
                        @if may { th scope="col" { span.hidden { "End it" } } }
                    }
                }
                tbody {
                    @for deputy in &found.deputies {
                        @let (kind, word) = standing(deputy, local);
                        tr {
                            td { span.title { (name(&deputy.person)) } }
                            td.wide data-h="For" {
                                @match (&deputy.stands_for, deputy.team) {
                                    (Some(id), _) => (name(id)),
                                    (None, Some(team)) => { "team " (team) ", at " (deputy.company.as_deref().unwrap_or("every company")) },
                                    (None, None) => "–",
                                }
                            }
                            td data-h="State" { (state(kind, word)) }
                            td.n data-h="From" { (local.day(deputy.from.0.date_in(&local.zone))) }
                            td.n data-h="Until" {
                                @match deputy.ended {
                                    Some(ended) => { "ended " (local.at(ended.0)) },
                                    None => { "to " (local.day(last_day(deputy, local))) },
                                }
                            }
                            @if may {
                                td.n {
                                    @if may_end(deputy, caller) && deputy.ended.is_none() && deputy.until.0 > local.now {
                                        form action={ "/settings/deputies/" (deputy.id) "/end" } method="post" { button aria-label={ "End: " (name(&deputy.person)) } { "End" } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

type Options = Vec<(String, String)>;

fn people_of(others: &[Person]) -> Options {
    options(others.iter().map(|person| (person.id.clone(), person.name.clone())))
}

fn colleagues(found: &Deputies) -> Options {
    options(found.colleagues.iter().map(|one| (one.person.clone(), one.name.clone())))
}

/// For themselves.
fn own(found: &Deputies) -> Markup {
    html! {
        p.muted { "They may what you may, under their own name, until it ends. For others an administrator names somebody." }
        @if found.colleagues.is_empty() { p.muted { "There is nobody else yet." } }
    }
}

/// For whom, where it may be for anybody.
fn for_whom(inside: &Inside, others: &[Person], wanted: &Wanted) -> Markup {
    let mut stood_for = options(Owner::ALL.map(|team| (format!("team:{team}"), format!("Team {}", capital(team.name())))));
    stood_for.extend(people_of(others));
    let companies = companies(inside, Some("Every company"));
    html! {
        (choice("for", "For whom", &stood_for, &wanted.stands_for))
        (choice("company", "Of a team: at which company", &companies, &wanted.company))
    }
}

fn form(for_whom: &Markup, people: &Options, local: &Local, wanted: &Wanted) -> Markup {
    let day = local.for_field(local.now);
    let today = day.get(..10).unwrap_or_default();
    let from = if wanted.from.is_empty() { today } else { &wanted.from };
    html! {
        form.form action="/settings/deputies" method="post" {
            (choice("person", "Who stands in", people, &wanted.person))
            (for_whom)
            (field("from", "First day", html! { input #from name="from" type="date" required value=(from); }, None, None))
            (field("until", "Last day", html! { input #until name="until" type="date" required min=(today) value=(wanted.until); }, Some("It counts."), None))
            div.acts { button.main { "Name" } }
        }
    }
}

//! Alert rules: who is told of what and when, as in force; each way to tell people can be tried.

use axum::Json;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::{Asked, Tab, company, faults, key, settings as framed, whose};
use crate::api::access::Right;
use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::api::read::Path;
use crate::api::routes::{self, Tested};
use crate::api::settings::{self, AlertRules, InForce};
use crate::form::{Form, Query};
use crate::pages::answer::again;
use crate::view::facts::facts;
use crate::view::field::hidden;
use crate::view::money::pounds;
use crate::view::panel::{empty, note, panel, raw};
use crate::view::{Kind, Page, capital, problem};

/// The page.
pub async fn show(inside: Inside, Query(asked): Query<Asked>) -> Result<Page, Problem> {
    render(&inside, &asked, &[], None).await
}

/// A test by one route, now. What came of it is on the page that answers: nothing is kept of it.
pub async fn test(inside: Inside, Path(route): Path<String>, Form(asked): Form<Asked>) -> Result<Response, Problem> {
    match routes::test(inside.clone(), Path(route)).await {
        Ok(Json(tests)) => Ok(render(&inside, &asked, &tests.tests, None).await?.into_response()),
        Err(refused) => {
            let page = render(&inside, &asked, &[], Some(&refused)).await;
            again(page, refused)
        }
    }
}

async fn render(inside: &Inside, asked: &Asked, tested: &[Tested], refused: Option<&Problem>) -> Result<Page, Problem> {
    let company = company(inside, asked);
    let Json(force) = settings::get(inside.clone(), Path(company.clone())).await?;
    let body = html! {
        (whose(inside, Tab::Alerts, &company))
        @if let Some(refused) = refused { (problem::refused(refused)) }
        @for tested in tested { (outcome(tested)) }
        (faults(&force.faults))
        @match &force.alerts {
            Some(rules) => (in_force(inside, &force, rules)),
            None => section.panel { (empty("Nobody is told of anything", html! {
                "The ways to tell people appear here: mail, Slack, Teams or a web hook, one for each team. Describe " code { "[alerts]" }
                " and its routes in the configuration file; the sample beside it shows each."
            })) },
        }
    };
    Ok(framed(inside, Tab::Alerts, "Who is told of what, and when.", html! {}, body))
}

fn outcome(tested: &Tested) -> Markup {
    match &tested.why {
        None => note(
            Kind::Done,
            html! { "Route " b { (tested.route) } " took a test for " (tested.company) ". Whether it has reached people, only they can say." },
        ),
        Some(why) => note(
            Kind::Needs,
            html! { "Route " b { (tested.route) } " did not take a test for " (tested.company) ": " (why) },
        ),
    }
}

fn in_force(inside: &Inside, force: &InForce, rules: &AlertRules) -> Markup {
    let escalation = match &rules.escalation {
        Some(escalation) => format!(
            "after {} minutes that nobody has taken up what is {} or worse",
            escalation.after_minutes, escalation.severity
        ),
        None => "nothing is escalated".into(),
    };
    let when = html! {
        (facts(&[
            ("Digest", html! { "at most one a route in " (rules.digest_minutes) " minutes" }),
            ("Told of singly", html! { (rules.opened_max) " new cards in that time; more stand in the digest" }),
            ("Escalated", html! { (escalation) }),
            ("Quiet", html! { @match &rules.quiet { Some(quiet) => { (quiet) ": only what is critical is told of" }, None => "never" } }),
            ("Tested", html! { "every day at " (rules.test_at) }),
            ("Links begin with", html! { code { (rules.public_url) } }),
        ]))
        (key("[alerts]"))
    };
    html! {
        (raw("routes", "Routes", Some("the ways to tell a team"), routes_of(inside, force, rules)))
        (raw("rules", "Rules", Some("which cards go where"), rules_of(rules)))
        (panel("when", "When", None, when))
    }
}

fn routes_of(inside: &Inside, force: &InForce, rules: &AlertRules) -> Markup {
    html! {
        table.fold {
            caption.hidden { "Routes" }
            thead { tr { th scope="col" { "Route" } th scope="col" { "Team" } th scope="col" { "If nobody takes it up" } th scope="col" { span.hidden { "Test" } } } }
            tbody {
                @for route in &rules.routes {
                    tr {
                        td.wide { b { (route.name) } }
                        td data-h="Team" { (capital(route.team)) }
                        td data-h="If nobody takes it up" { (route.deputy.as_deref().unwrap_or("the team’s next route, or integration")) }
                        td {
                            @if inside.has(Right::Act, &force.company) {
                                form action={ "/settings/alerts/" (route.name) "/test" } method="post" data-awaits=(route.name) {
                                    (hidden("company", &force.company))
                                    button { "Test " span.hidden { (route.name) } }
                                }
                            }
                        }
                    }
                }
            }
        }
        div.foot { (key("[[alerts.route]]")) }
    }
}

fn rules_of(rules: &AlertRules) -> Markup {
    html! {
        @if rules.rules.is_empty() {
            p.body { "There is no rule of your own: each card goes to the routes of the team that has it." }
        } @else {
            table.fold {
                caption.hidden { "Rules" }
                thead { tr { th scope="col" { "Cards" } th scope="col" { "At least so bad" } th.n scope="col" { "At least at stake" } th scope="col" { "Go to" } } }
                tbody {
                    @for rule in &rules.rules {
                        tr {
                            td.wide data-h="Cards" { @if rule.codes.is_empty() { "of every code" } @else { @for code in &rule.codes { code { (code) } " " } } }
                            td data-h="At least so bad" { (rule.severity.unwrap_or("–")) }
                            td.n data-h="At least at stake" { @match &rule.money { Some(money) => (pounds(money)), None => "–" } }
                            td data-h="Go to" { @if rule.routes.is_empty() { "nobody" } @else { (rule.routes.join(", ")) } }
                        }
                    }
                }
            }
        }
        div.foot { (key("[[alerts.rule]]")) }
    }
}

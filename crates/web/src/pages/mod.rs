//! The console's pages: every screen is a GET that renders whole, every act a POST that answers 303 to a page that says what happened.
//!
//! A file a screen. A handler fetches what the API fetches, by the functions of [`crate::api`], which ask whether the caller may; then it
//! is rendered ([`crate::view`]). What is refused comes back as the page on which it was tried, with the sentence above it (`answer`).
//!
//! Filters stand in the address, personal data never does, and nothing needs a script.
//!
//! Not here: rules, SQL, and who somebody is ([`crate::guard`]).

mod answer;
mod card;
mod cards;
mod connections;
mod done;
mod drill;
mod exceptions;
mod exchanges;
mod handbook;
mod help;
mod journal;
mod journey;
mod mappings;
mod order;
mod orders;
mod outcomes;
mod overview;
mod proposals;
mod retries;
mod rounds;
mod settings;
mod sheet;
mod sign_in;
mod stays;
mod tally;
mod trial;
mod vouched;
mod work;

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::{Method, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use axum::{Extension, Router};
use maud::{Markup, html};
use tallyman_core::time::Zone;

use crate::api::inside::{FormOf, Inside, Shared};
use crate::api::problem::{Kind, Problem};
use crate::api::{capsules, downloads, sheets};
use crate::guard::{self, Doorman, Guard};
use crate::live;
use crate::names;
use crate::view;
use crate::view::field::options;
use crate::view::panel::note;
use crate::view::time::Local;

/// A router that knows its paths: what is not in this list cannot be reached.
struct Pages {
    router: Router<Shared>,
    paths: Vec<&'static str>,
    /// The addresses of forms, each with the page that has it.
    forms: Vec<(&'static str, &'static str)>,
}

impl Pages {
    /// Takes a form that stands on this page. Whoever opens its address, since they reload or come back, is led to the page.
    fn form(mut self, path: &'static str, page: &'static str, takes: MethodRouter<Shared>) -> Self {
        self.forms.push((path, page));
        let takes = takes.get(answer::to_its_page).layer(Extension(FormOf(page)));
        self.route(path, takes)
    }

    fn route(mut self, path: &'static str, methods: MethodRouter<Shared>) -> Self {
        self.paths.push(path);
        self.router = self.router.route(path, methods);
        self
    }
}

/// The paths of all pages for whoever has signed in.
pub(crate) fn paths() -> Vec<&'static str> {
    pages().paths
}

/// The addresses of forms, each with the page that has it.
pub(crate) fn forms() -> Vec<(&'static str, &'static str)> {
    pages().forms
}

fn pages() -> Pages {
    let none = Pages {
        router: Router::new(),
        paths: Vec::new(),
        forms: Vec::new(),
    };
    none.route("/", get(overview::show))
        .route("/work", get(work::list))
        .route("/cards", get(exceptions::list))
        .route("/cards/{card}", get(card::show))
        .form("/cards/{card}/fix-it", "/cards/{card}", post(card::fix::take))
        .form("/cards/{card}/decide", "/cards/{card}", post(card::decide::take))
        .form("/cards/{card}/sort/{how}", "/cards/{card}", post(card::sort::take))
        .form("/cards/{card}/{act}", "/cards/{card}", post(card::acts::take))
        .route("/outcomes", get(outcomes::list))
        .route("/retries", get(retries::list))
        .form("/outcomes/{effect}", "/outcomes", post(outcomes::say))
        .route("/orders", get(orders::find))
        .route("/orders/{journey}", get(journey::show))
        .form("/orders/{journey}/retry", "/orders/{journey}", post(journey::retry::take))
        .form(
            "/orders/{journey}/amendments/{number}/take-back",
            "/orders/{journey}",
            post(journey::amended::take_back),
        )
        .form("/orders/{journey}/unmask", "/orders/{journey}", post(exchanges::unmask))
        .route("/cards/{card}/capsule", get(capsules::get))
        .route("/connections", get(connections::list))
        .form("/connections/{connection}/{act}", "/connections", post(connections::act))
        .form("/holds", "/connections", post(connections::holds::place))
        .form("/holds/{hold}/end", "/connections", post(connections::holds::end))
        .route("/journal", get(journal::list))
        .route("/sheets/{list}", get(downloads::get))
        .route("/tally", get(tally::show))
        .form("/tally/compare", "/tally", post(tally::compare))
        .route("/mappings", get(mappings::list))
        .route("/mappings/words", get(mappings::word::show).post(mappings::word::set))
        .form("/mappings/words/withdraw", "/mappings/words", post(mappings::word::withdraw))
        .route("/mappings/export", get(sheets::export))
        .route("/mappings/import", get(mappings::sheet::ask).post(mappings::sheet::plan))
        .form(
            "/mappings/import/carry-out",
            "/mappings/import",
            post(mappings::sheet::carry_out),
        )
        .route("/proposals", get(proposals::list))
        .route("/proposals/{proposal}", get(proposals::show))
        .form(
            "/proposals/{proposal}/{act}",
            "/proposals/{proposal}",
            post(proposals::decide),
        )
        .route("/settings", get(settings::first))
        .route("/settings/access", get(settings::access::show))
        .route("/settings/people", get(settings::people::list).post(settings::people::invite))
        .route("/settings/people/{person}", get(settings::person::show))
        .form(
            "/settings/people/{person}/{act}",
            "/settings/people/{person}",
            post(settings::person::take),
        )
        .route(
            "/settings/deputies",
            get(settings::deputies::list).post(settings::deputies::name),
        )
        .form(
            "/settings/deputies/{deputy}/end",
            "/settings/deputies",
            post(settings::deputies::end),
        )
        .route("/settings/tokens", get(settings::tokens::list).post(settings::tokens::make))
        .form(
            "/settings/tokens/{token}/end",
            "/settings/tokens",
            post(settings::tokens::end),
        )
        .route("/account", get(settings::account::show))
        .form("/account/password", "/account", post(settings::account::password))
        .form(
            "/account/sessions/end-others",
            "/account",
            post(settings::account::end_others),
        )
        .form(
            "/account/sessions/{session}/end",
            "/account",
            post(settings::account::end_session),
        )
        .form("/account/code", "/account", post(settings::code::begin))
        .form("/account/code/confirm", "/account", post(settings::code::confirm))
        .form("/account/code/off", "/account", post(settings::code::off))
        .route("/settings/alerts", get(settings::alerts::show))
        .form(
            "/settings/alerts/{route}/test",
            "/settings/alerts",
            post(settings::alerts::test),
        )
        .route("/settings/calendars", get(settings::calendars::show))
        .route("/settings/retention", get(settings::retention::show))
        .route("/drill", get(drill::show))
        .route("/handbook", get(handbook::show))
        .form("/handbook/{company}/read", "/handbook", post(handbook::confirm))
        .route("/help", get(help::show))
}

/// All pages behind their door.
pub(crate) fn router(shared: Shared, doorman: Arc<dyn Doorman>) -> Router {
    let running = shared.running.clone();
    let inner = pages()
        .router
        .fallback(nothing)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(shared.clone(), glanced))
        .with_state(shared.clone())
        .merge(live::router(shared, doorman.clone()));
    let guard = Guard::new(doorman);
    let open = Router::new()
        .route("/sign-in", get(sign_in::ask).post(sign_in::take))
        .route("/sign-out", post(sign_in::over))
        .route("/sign-in/with", get(vouched::leave))
        .route("/sign-in/back", get(vouched::back))
        .route("/set-up/{link}", get(sign_in::ask_first).post(sign_in::take_first))
        .route("/enter/{link}", get(sign_in::enter))
        .method_not_allowed_fallback(wrong_method)
        .with_state(guard.clone());
    guard::before(inner, open, guard).layer(from_fn_with_state(running, names::put_in))
}

/// Looks at the caller's companies before a page is made, so that the rail of every page knows what waits. A page does not fail for that.
async fn glanced(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    if head.method == Method::GET
        && let Ok(inside) = Inside::from_request_parts(&mut head, &shared).await
    {
        inside.glances.look(&inside.parts, inside.merchants()).await;
    }
    next.run(Request::from_parts(head, body)).await
}

async fn nothing(uri: Uri) -> Problem {
    Problem::not_found("page", uri.path(), "The rail leads to all of them.")
}

async fn wrong_method(method: Method, uri: Uri) -> Problem {
    let detail = format!("{method} is not known at {}.", uri.path());
    Problem::new(Kind::WrongMethod, detail, "Go back to the page that you came from.")
}

/// How to be the second person where one is needed and nobody has a password: in a demo and in a drill.
fn another_link(inside: &Inside) -> Markup {
    let others = inside.entrants.iter().flatten().filter(|name| **name != inside.caller.name);
    html! {
        @for name in others {
            (note(view::Kind::None, html! {
                "What takes two people can be tried here by one: open the link for " b { (name) } " that was printed at the start, and this browser is "
                (name) "’s. Your own link makes it yours again."
            }))
        }
    }
}

/// Now, for what belongs to no company: as the first that is seen keeps time.
fn house_time(inside: &Inside) -> Local {
    local(inside, &first_company(inside))
}

/// The first company that somebody sees.
fn first_company(inside: &Inside) -> String {
    let first = inside.merchants().next();
    first.map(|merchant| merchant.company.to_string()).unwrap_or_default()
}

/// The companies that somebody sees, as choices of a form; before them the word for all, where all may be meant.
fn companies(inside: &Inside, all: Option<&str>) -> Vec<(String, String)> {
    let each = inside.merchants().map(|merchant| merchant.company.as_str());
    options(
        all.map(|all| ("", all))
            .into_iter()
            .chain(each.map(|company| (company, company))),
    )
}

/// Now, at a company.
fn local(inside: &Inside, company: &str) -> Local {
    let merchant = inside.merchants().find(|merchant| merchant.company.as_str() == company);
    let zone = merchant.map_or_else(Zone::utc, |merchant| merchant.zone.clone());
    Local::new(inside.now(), zone)
}

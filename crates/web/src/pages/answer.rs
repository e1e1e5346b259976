//! What answers a form: the page that it leads to, which says what was done; or the page on which it was tried, with what was refused above.

use axum::Extension;
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::done::{Done, notice};
use crate::api::inside::FormOf;
use crate::api::problem::Problem;
use crate::guard::see_other;
use crate::view::{Link, Page, problem};

/// Leads to the page that says what was done.
pub fn leads_to(page: Link, done: Done) -> Response {
    see_other(&page.and("done", Some(done.name())).to_string())
}

/// Leads whoever opens a form's address to the page that has the form.
pub async fn to_its_page(Extension(page): Extension<FormOf>, uri: Uri) -> Response {
    see_other(&page.at(&uri))
}

/// The page on which it was tried, once more. Where that cannot be shown either, what was refused first is what there is to say.
pub fn again(page: Result<Page, Problem>, refused: Problem) -> Result<Response, Problem> {
    match page {
        Ok(page) => Ok(page.with(problem::status(&refused)).into_response()),
        Err(_) => Err(refused),
    }
}

/// What stands above the page: what was refused, else what was done, if anything was.
pub fn above(refused: Option<&Problem>, done: Option<Done>) -> Markup {
    html! { @match refused { Some(refused) => (problem::refused(refused)), None => (notice(done)) } }
}

//! The ways to tell people, and whether they take a message now.

use serde::Serialize;
use tallyman_engine::tell;
use utoipa::ToSchema;

use super::access::Right;
use super::examples;
use super::inside::Inside;
use super::problem::Problem;
use super::read::Path;
use super::shape::teams;

/// One way to tell a team of one company's cards.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Route {
    /// As the configuration names it.
    pub name: String,
    pub company: String,
    #[schema(schema_with = teams)]
    pub team: &'static str,
    /// Who is told when nobody behind this one takes a card up.
    pub deputy: Option<String>,
}

impl Route {
    pub fn of(company: &str, route: &tallyman_core::alert::Route) -> Self {
        Self {
            name: tell::name_of(&route.connection).to_owned(),
            company: company.to_owned(),
            team: route.team.name(),
            deputy: route.deputy.as_ref().map(|deputy| tell::name_of(deputy).to_owned()),
        }
    }
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Routes {
    pub routes: Vec<Route>,
}

/// Lists the ways to tell people
///
/// As many as the configuration names for the caller's companies, so they come on one page.
#[utoipa::path(get, path = "/alert-routes", operation_id = "list_routes", tag = "alerts",
    responses((status = 200, description = "The routes, by company", body = Routes, example = json!(examples::routes()))))]
pub async fn list(inside: Inside) -> Result<axum::Json<Routes>, Problem> {
    let mut routes = Vec::new();
    for merchant in inside.merchants_with(Right::Read)? {
        let own = merchant.alerts.iter().flat_map(|alerts| &alerts.settings.routes);
        routes.extend(own.map(|route| Route::of(merchant.company.as_str(), route)));
    }
    Ok(axum::Json(Routes { routes }))
}

/// What came of a test.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Tested {
    pub route: String,
    pub company: String,
    /// Whether the route took it. Whether it has reached people, only they can say.
    pub taken: bool,
    /// Why not.
    pub why: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Tests {
    pub tests: Vec<Tested>,
}

/// Sends a test by a route
///
/// Now, past queues and limits, for each company that it serves. Nothing is kept of it.
#[utoipa::path(post, path = "/alert-routes/{route}/test", operation_id = "test_route", tag = "alerts",
    params(("route" = String, Path, description = "As the configuration names it", example = "integration-mail")),
    responses((status = 200, description = "What came of it", body = Tests, example = json!(examples::tests())),
        (status = 404, description = "There is no such route", body = Problem, content_type = "application/problem+json")))]
pub async fn test(inside: Inside, Path(name): Path<String>) -> Result<axum::Json<Tests>, Problem> {
    let mut tests = Vec::new();
    for merchant in inside.merchants_with(Right::Act)? {
        let permit = inside.leave(Right::Act, merchant.company.as_str())?;
        let own = merchant.alerts.iter().flat_map(|alerts| &alerts.settings.routes);
        for route in own.filter(|route| tell::name_of(&route.connection) == name) {
            let said = tell::test(&inside.parts, &permit, merchant, &route.connection).await;
            tests.push(Tested {
                route: name.clone(),
                company: merchant.company.to_string(),
                taken: said.is_ok(),
                why: said.err().map(|not| not.to_string()),
            });
        }
    }
    if tests.is_empty() {
        return Err(Problem::not_found(
            "alert route",
            &name,
            "GET /api/v1/alert-routes lists them.",
        ));
    }
    Ok(axum::Json(Tests { tests }))
}

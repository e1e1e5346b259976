//! Deputies: who stands in for whom, from a day to a day.

use serde::{Deserialize, Serialize};
use tallyman_core::access::{HOUSE, Kind};
use tallyman_core::catalogue::Owner;
use tallyman_core::time::{Date, Zone};
use tallyman_engine::people::deputies::{self, Wanted};
use tallyman_store::tables::deputies::{Deputy as Stored, For};
use tallyman_store::tables::people::Person as People;
use utoipa::ToSchema;

use super::examples::people as examples;
use super::inside::Inside;
use super::problem::Problem;
use super::read::{Json, Path};
use super::shape::{At, teams};
use super::tokens::Ended;

/// Somebody who stands in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Deputy {
    pub id: String,
    /// The id of who stands in.
    pub person: String,
    /// The id of the person for whom.
    pub stands_for: Option<String>,
    /// The team for which.
    #[schema(schema_with = teams)]
    pub team: Option<Owner>,
    /// Of a team: at this company; at every company without one.
    pub company: Option<String>,
    pub from: At,
    pub until: At,
    /// Who said so, as the journal keeps it.
    pub by: String,
    /// Since when somebody has ended it, before its time.
    pub ended: Option<At>,
}

impl Deputy {
    pub fn of(deputy: &Stored) -> Self {
        let (stands_for, team, company) = match &deputy.stands_for {
            For::Person(id) => (Some(id.clone()), None, None),
            For::Team(team, company) => (None, Some(*team), Some(company.clone()).filter(|company| company != HOUSE)),
        };
        Self {
            id: deputy.id.clone(),
            person: deputy.person.clone(),
            stands_for,
            team,
            company,
            from: At(deputy.from_at),
            until: At(deputy.until_at),
            by: deputy.given_by.clone(),
            ended: deputy.ended_at.map(At),
        }
    }
}

/// Somebody who can be named.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Colleague {
    pub person: String,
    pub name: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Deputies {
    pub deputies: Vec<Deputy>,
    /// Whom a person who has signed in may name to stand in for themselves; nobody for a token.
    pub colleagues: Vec<Colleague>,
}

/// Lists deputies
///
/// Whoever stands in, will, or did within a month; for callers without the right `people` only where it concerns them.
#[utoipa::path(get, path = "/deputies", operation_id = "list_deputies", tag = "people",
    responses((status = 200, description = "The deputies", body = Deputies, example = json!(examples::deputies()))))]
pub async fn list(inside: Inside) -> Result<axum::Json<Deputies>, Problem> {
    let all = deputies::list(&inside.parts.store, &inside.caller, inside.now()).await?;
    let others = deputies::colleagues(&inside.parts.store, &inside.caller).await?;
    let colleague = |person: People| Colleague {
        person: person.id,
        name: person.name,
    };
    Ok(axum::Json(Deputies {
        deputies: all.iter().map(Deputy::of).collect(),
        colleagues: others.into_iter().map(colleague).collect(),
    }))
}

/// Who is to stand in for whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Naming {
    /// The id of who stands in.
    pub person: String,
    /// The id of the person for whom; or else a team is named. The caller, where neither is.
    pub stands_for: Option<String>,
    #[schema(schema_with = teams)]
    pub team: Option<Owner>,
    /// Of a team: at this company; at every company without one.
    pub company: Option<String>,
    /// The first day.
    #[schema(example = "2026-11-23")]
    pub from: String,
    /// The last day, which counts.
    #[schema(example = "2026-11-27")]
    pub until: String,
}

fn day(field: &str, text: &str) -> Result<Date, Problem> {
    Date::parse(text.trim()).map_err(|_| Problem::unreadable(field, "Name a day, such as 2026-11-23."))
}

/// Whose days they are: the company's, or the first that the caller sees.
fn zone(inside: &Inside, company: &str) -> Zone {
    let mut merchants = inside.merchants();
    let own = inside.merchants().find(|merchant| merchant.company.as_str() == company);
    own.or(merchants.next())
        .map_or_else(Zone::utc, |merchant| merchant.zone.clone())
}

/// Names a deputy
///
/// It begins and ends by itself. A person who has signed in says who stands in for themselves; for others, and for a team, it takes the right
/// `people`. Whoever stands in for a person may what that person was given; whoever stands in for a team acts on its cards by
/// their own rights. Both act under their own name.
#[utoipa::path(post, path = "/deputies", operation_id = "name_deputy", tag = "people",
    request_body(content = Naming, example = json!(examples::naming())),
    responses((status = 200, description = "It is kept", body = Ended, example = json!(examples::ended())),
        (status = 404, description = "There is no such company", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "They cannot stand in; the sentence says why", body = Problem,
            content_type = "application/problem+json")))]
pub async fn name(inside: Inside, Json(said): Json<Naming>) -> Result<axum::Json<Ended>, Problem> {
    let company = match said.company.as_deref().map(str::trim).filter(|company| !company.is_empty()) {
        Some(company) => inside.merchant(company)?.company.to_string(),
        None => HOUSE.to_owned(),
    };
    let zone = zone(&inside, &company);
    let stands_for = match (said.stands_for.filter(|id| !id.trim().is_empty()), said.team) {
        (Some(id), None) => For::Person(id.trim().to_owned()),
        (None, Some(team)) => For::Team(team, company),
        (None, None) if inside.caller.kind == Kind::Person => For::Person(inside.caller.id.clone()),
        (Some(_), Some(_)) | (None, None) => {
            return Err(Problem::unreadable(
                "stands_for",
                "Name a person or a team for whom they stand in, and not both.",
            ));
        }
    };
    let wanted = Wanted {
        person: said.person.trim().to_owned(),
        stands_for,
        from: day("from", &said.from)?.starts_in(&zone),
        until: day("until", &said.until)?.plus_days(1).starts_in(&zone),
    };
    let parts = &inside.parts;
    let id = deputies::name(&parts.store, &parts.vault, &inside.caller, wanted, inside.now()).await?;
    Ok(axum::Json(Ended { id }))
}

/// Ends a deputy's time
///
/// Before it ends by itself; of those who stand in for the caller, or with the right `people`.
#[utoipa::path(post, path = "/deputies/{deputy}/end", operation_id = "end_deputy", tag = "people",
    params(("deputy" = String, Path, description = "Its id", example = "NB2HI4DTHIXS653X")),
    responses((status = 200, description = "It is over", body = Ended, example = json!(examples::ended())),
        (status = 422, description = "It is over already", body = Problem, content_type = "application/problem+json")))]
pub async fn end(inside: Inside, Path(deputy): Path<String>) -> Result<axum::Json<Ended>, Problem> {
    deputies::end(&inside.parts.store, &inside.caller, &deputy, inside.now()).await?;
    Ok(axum::Json(Ended { id: deputy }))
}

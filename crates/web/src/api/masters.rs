//! The operating model of a company: which system masters what, and which of our flows carry it where.

use serde::Serialize;
use tallyman_core::mastership::{self, Model};
use utoipa::ToSchema;

use super::access::Right;
use super::examples;
use super::inside::Inside;
use super::problem::Problem;
use super::read::Path;

/// A flow that carries a thing from its master to another system.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Flow {
    /// The kind of write.
    pub kind: &'static str,
    /// The role that it is written into: `ledger`, `warehouse` or `channel`.
    pub into: &'static str,
}

/// Who masters one thing.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Mastered {
    /// A field, a movement, a moment: `products`, `despatch-moment` and so on.
    pub thing: &'static str,
    /// `ledger`, `warehouse`, `channel` or `tallyman`.
    pub master: &'static str,
    pub flows: Vec<Flow>,
}

/// The operating model of one company.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Masters {
    pub company: String,
    pub masters: Vec<Mastered>,
}

impl Masters {
    pub fn of(company: &str, model: &Model) -> Self {
        let flow = |(kind, into): (tallyman_core::effect::Kind, mastership::Master)| Flow {
            kind: kind.name(),
            into: into.name(),
        };
        let mastered = |(thing, master): (mastership::Thing, mastership::Master)| Mastered {
            thing: thing.name(),
            master: master.name(),
            flows: mastership::flows(thing).map(flow).collect(),
        };
        Self {
            company: company.to_owned(),
            masters: model.rows().map(mastered).collect(),
        }
    }
}

/// Shows a company's operating model
///
/// Which system is asked where two differ. A flow that would write a thing into its own master is refused when the configuration is read
/// and before every write.
#[utoipa::path(get, path = "/companies/{name}/masters", operation_id = "get_masters", tag = "journeys",
    params(("name" = String, Path, description = "The company", example = "acme")),
    responses((status = 200, description = "The model", body = Masters, example = json!(examples::masters())),
        (status = 404, description = "There is no such company", body = Problem, content_type = "application/problem+json")))]
pub async fn get(inside: Inside, Path(name): Path<String>) -> Result<axum::Json<Masters>, Problem> {
    let merchant = inside.merchant(&name)?;
    inside.leave(Right::Read, merchant.company.as_str())?;
    Ok(axum::Json(Masters::of(merchant.company.as_str(), &merchant.masters)))
}

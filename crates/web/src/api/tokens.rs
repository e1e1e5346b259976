//! Tokens that people make for themselves: listed, made, ended. What a token may is held against its owner at each use.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use tallyman_core::access::Right;
use tallyman_core::catalogue::Owner;
use tallyman_engine::people::tokens::{self, Wanted};
use tallyman_store::tables::tokens::Token as Stored;
use utoipa::{IntoParams, ToSchema};

use super::examples::people as examples;
use super::inside::Inside;
use super::problem::{Kind, Problem};
use super::read::{Json, Path, Query};
use super::shape::At;

/// A token, and never the secret itself.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Token {
    pub id: String,
    /// The person whose it is: what is said with it is their word.
    pub owner: String,
    pub name: String,
    #[schema(value_type = Vec<String>)]
    pub rights: BTreeSet<Right>,
    /// All of its owner's, if there is none.
    pub companies: BTreeSet<String>,
    /// All of its owner's, if there is none.
    #[schema(value_type = Vec<String>)]
    pub teams: BTreeSet<Owner>,
    pub made: At,
    pub ends: At,
    pub ended: Option<At>,
    /// Whether it still opens anything.
    pub stands: bool,
}

impl Token {
    pub fn of(inside: &Inside, token: &Stored) -> Self {
        Self {
            id: token.id.clone(),
            owner: token.owner.clone(),
            name: token.name.clone(),
            rights: token.rights.clone(),
            companies: token.companies.clone(),
            teams: token.teams.clone(),
            made: At(token.made_at),
            ends: At(token.ends_at),
            ended: token.ended_at.map(At),
            stands: token.stands(inside.now()),
        }
    }
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Tokens {
    pub tokens: Vec<Token>,
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Whose {
    /// The person whose they are; the caller's own without one.
    pub person: Option<String>,
}

/// Whose tokens it is about: those of a person who is named, or else the caller's own.
fn owner(inside: &Inside, person: Option<&str>) -> Result<String, Problem> {
    let named = person.map(str::trim).filter(|person| !person.is_empty());
    if named.is_some_and(|person| !person.chars().all(|letter| letter.is_ascii_alphanumeric())) {
        return Err(Problem::unreadable(
            "person",
            "An id of a person has letters and digits only.",
        ));
    }
    named.or(inside.caller.whose()).map(str::to_owned).ok_or_else(|| {
        let remedy = "Name the `person`: a token of the configuration belongs to nobody.";
        Problem::new(Kind::Unreadable, "Whose tokens is not said.", remedy).in_field("person")
    })
}

/// Lists tokens
///
/// The caller's own, or a person's whom they may change. Those of the configuration are not among them.
#[utoipa::path(get, path = "/tokens", operation_id = "list_tokens", tag = "people", params(Whose),
    responses((status = 200, description = "The tokens, the newest first", body = Tokens, example = json!(examples::tokens()))))]
pub async fn list(inside: Inside, Query(whose): Query<Whose>) -> Result<axum::Json<Tokens>, Problem> {
    let owner = owner(&inside, whose.person.as_deref())?;
    let (_, all) = tokens::of(&inside.parts.store, &inside.caller, &owner).await?;
    let tokens = all.iter().map(|token| Token::of(&inside, token)).collect();
    Ok(axum::Json(Tokens { tokens }))
}

/// A token that somebody wants.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TokenWish)]
pub struct Wish {
    #[schema(max_length = 40)]
    pub name: String,
    /// Never more than its owner's.
    #[schema(value_type = Vec<String>)]
    pub rights: BTreeSet<Right>,
    /// At these companies only.
    #[serde(default)]
    pub companies: BTreeSet<String>,
    /// Acts on cards of these teams only.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub teams: BTreeSet<Owner>,
    /// It ends by itself after so many days.
    #[schema(minimum = 1, maximum = 366)]
    pub days: u64,
}

/// A token that was made.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Made {
    /// What is sent as `Authorization: Bearer`. It is shown this once.
    pub secret: String,
    pub token: Token,
}

/// Makes a token
///
/// Of one's own: whoever has its secret speaks as its owner, so nobody makes one for somebody else.
#[utoipa::path(post, path = "/tokens", operation_id = "make_token", tag = "people",
    request_body(content = Wish, example = json!(examples::wish())),
    responses((status = 200, description = "The token, shown once", body = Made, example = json!(examples::made())),
        (status = 404, description = "There is no such company", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It would have more than its owner, or its name is taken", body = Problem,
            content_type = "application/problem+json")))]
pub async fn make(inside: Inside, Json(wish): Json<Wish>) -> Result<axum::Json<Made>, Problem> {
    for company in &wish.companies {
        inside.merchant(company)?;
    }
    let wanted = Wanted {
        name: wish.name.trim().to_owned(),
        rights: wish.rights,
        companies: wish.companies,
        teams: wish.teams,
        days: wish.days,
    };
    let parts = &inside.parts;
    let made = tokens::make(&parts.store, &parts.vault, &inside.caller, wanted, inside.now()).await?;
    Ok(axum::Json(Made {
        secret: made.secret.to_string(),
        token: Token::of(&inside, &made.token),
    }))
}

/// What was ended.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Ended {
    pub id: String,
}

/// Ends a token
///
/// It opens nothing from then on.
#[utoipa::path(post, path = "/tokens/{token}/end", operation_id = "end_token", tag = "people",
    params(("token" = String, Path, description = "Its id", example = "NB2HI4DTHIXS653X")),
    responses((status = 200, description = "It is over", body = Ended, example = json!(examples::ended())),
        (status = 422, description = "There is none that stands", body = Problem, content_type = "application/problem+json")))]
pub async fn end(inside: Inside, Path(token): Path<String>) -> Result<axum::Json<Ended>, Problem> {
    tokens::end(&inside.parts.store, &inside.caller, &token, inside.now()).await?;
    Ok(axum::Json(Ended { id: token }))
}

//! People who sign in: listed, invited by a link, given levels and relieved of them, signed out, ended.
//!
//! It takes the right `people` wherever the person reaches. Nobody's password is ever seen here: a link lets its reader choose one, once and
//! within an hour.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use tallyman_core::access::single::Identity;
use tallyman_core::access::{HOUSE, Level};
use tallyman_core::catalogue::Owner;
use tallyman_engine::people::invitations::{self, Link as Drawn, SignsInAs, Wanted};
use tallyman_engine::people::{self, Listed, code, session, single};
use tallyman_store::tables::people::Granted;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::{IntoParams, ToSchema};

use super::examples::people as examples;
use super::inside::Inside;
use super::problem::Problem;
use super::read::{Json, Path, Query, cursor, limit, placed};
use super::shape::At;

const PEOPLE_A_PAGE: usize = 100;

/// The levels of the table of rights.
pub fn levels() -> ObjectBuilder {
    let text = ObjectBuilder::new().schema_type(SchemaType::new(Type::String));
    text.enum_values(Some(Level::ALL.map(Level::name)))
}

/// A level that somebody has.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Grant {
    #[schema(schema_with = levels)]
    pub level: Level,
    /// None: at every company.
    pub company: Option<String>,
    /// The teams whose cards they act on; none for those of the level.
    #[schema(value_type = Vec<String>)]
    pub teams: BTreeSet<Owner>,
}

/// Somebody who signs in, or did.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Person {
    pub id: String,
    pub name: String,
    pub sign_in: String,
    pub added: At,
    /// Since when they may not come in any more.
    pub ended: Option<At>,
    pub grants: Vec<Grant>,
    /// Whether they have chosen a password.
    pub set_up: bool,
    /// Whether they are asked for a code as well.
    pub code: bool,
    /// Whose accounts they sign in with, by how a provider's tokens name it. What it calls them is not told.
    pub accounts: Vec<String>,
    /// Their open sessions.
    pub sessions: usize,
}

impl Person {
    pub fn of(listed: &Listed) -> Self {
        let person = &listed.person;
        let grant = |granted: &Granted| Grant {
            level: granted.level,
            company: Some(granted.company.clone()).filter(|company| company != HOUSE),
            teams: granted.teams.clone(),
        };
        Self {
            id: person.id.clone(),
            name: person.name.clone(),
            sign_in: person.sign_in.clone(),
            added: At(person.added_at),
            ended: person.ended_at.map(At),
            grants: listed.grants.iter().map(grant).collect(),
            set_up: listed.set_up,
            code: listed.code,
            accounts: listed.issuers.clone(),
            sessions: listed.sessions,
        }
    }
}

/// Some people, by what they sign in with.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct People {
    pub people: Vec<Person>,
    /// `after` of the next page; none on the last.
    pub next: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Part {
    /// `next` of an earlier page.
    pub after: Option<String>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// Lists people
///
/// Those whose access was ended stay, so that what they did keeps its name. Whom the caller may not change is left out.
#[utoipa::path(get, path = "/people", operation_id = "list_people", tag = "people", params(Part),
    responses((status = 200, description = "A page of people", body = People, example = json!(examples::people()))))]
pub async fn list(inside: Inside, Query(part): Query<Part>) -> Result<axum::Json<People>, Problem> {
    let limit = limit(part.limit, PEOPLE_A_PAGE)?;
    let after = placed::<(String, String)>(part.after.as_deref())?.unwrap_or_default();
    let after = (after.0.as_str(), after.1.as_str());
    let (listed, next) = people::list(&inside.parts.store, &inside.caller, after, limit as i64, inside.now()).await?;
    Ok(axum::Json(People {
        people: listed.iter().map(Person::of).collect(),
        next: next.map(|place| cursor(&place)).transpose()?,
    }))
}

/// The person of this id, if the caller may change them.
pub async fn load(inside: &Inside, id: &str) -> Result<Listed, Problem> {
    let found = people::one(&inside.parts.store, &inside.caller, id, inside.now()).await?;
    found.ok_or_else(|| Problem::not_found("person", id, "GET /api/v1/people lists them."))
}

/// Gets a person
#[utoipa::path(get, path = "/people/{person}", operation_id = "get_person", tag = "people",
    params(("person" = String, Path, description = "Their id", example = "MFRGGZDFMZTWQ2LK")),
    responses((status = 200, description = "The person", body = Person, example = json!(examples::person())),
        (status = 404, description = "There is no such person", body = Problem, content_type = "application/problem+json")))]
pub async fn get(inside: Inside, Path(person): Path<String>) -> Result<axum::Json<Person>, Problem> {
    Ok(axum::Json(Person::of(&load(&inside, &person).await?)))
}

/// Somebody who is to sign in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Newcomer {
    /// What colleagues call them.
    #[schema(max_length = 80)]
    pub name: String,
    /// What they sign in with; made of the name, if it is not given.
    pub sign_in: Option<String>,
    /// What they may first; more can be given then.
    #[schema(schema_with = levels)]
    pub level: Level,
    /// At this company only; at every company without one.
    pub company: Option<String>,
    /// Acts on cards of these teams; on those of the level without any.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub teams: BTreeSet<Owner>,
}

/// A link that lets its reader choose a password, once.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Invitation {
    /// The person whom it is for.
    pub person: String,
    /// The path of the link, on the address by which people reach this server. It is shown once, and kept nowhere.
    pub path: String,
    pub ends: At,
}

impl Invitation {
    fn of(person: String, link: &Drawn) -> Self {
        Self {
            person,
            path: format!("/set-up/{}", link.token),
            ends: At(link.ends_at),
        }
    }
}

/// What was given at which company; what is not in the configuration is not there.
fn granted(inside: &Inside, level: Level, company: Option<&str>, teams: BTreeSet<Owner>) -> Result<Granted, Problem> {
    let company = match company.map(str::trim).filter(|company| !company.is_empty()) {
        Some(company) => inside.merchant(company)?.company.to_string(),
        None => HOUSE.to_owned(),
    };
    Ok(Granted { level, company, teams })
}

/// Invites a person
///
/// Nobody is given a password that somebody else knows: the link that is answered lets its reader choose one.
#[utoipa::path(post, path = "/people", operation_id = "invite_person", tag = "people",
    request_body(content = Newcomer, example = json!(examples::newcomer())),
    responses((status = 200, description = "The link", body = Invitation, example = json!(examples::invitation())),
        (status = 404, description = "There is no such company", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The name cannot be signed in with, or is somebody's", body = Problem,
            content_type = "application/problem+json")))]
pub async fn invite(inside: Inside, Json(said): Json<Newcomer>) -> Result<axum::Json<Invitation>, Problem> {
    let granted = granted(&inside, said.level, said.company.as_deref(), said.teams)?;
    inside.leave(tallyman_core::access::Right::People, &granted.company)?;
    let sign_in = said.sign_in.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let name = SignsInAs::read(&said.name, sign_in).map_err(|why| Problem::refused(&said.name, why).in_field("name"))?;
    let wanted = Wanted {
        name,
        grants: vec![granted],
    };
    let parts = &inside.parts;
    let (id, link) = invitations::invite(&parts.store, &parts.vault, &inside.caller, wanted, inside.now()).await?;
    Ok(axum::Json(Invitation::of(id, &link)))
}

/// Gives a person another link
///
/// The first was not used in time, or the password is forgotten. Until it is used all stays. It loses its force when they are given more.
#[utoipa::path(post, path = "/people/{person}/link", operation_id = "link_person", tag = "people",
    params(("person" = String, Path, description = "Their id", example = "MFRGGZDFMZTWQ2LK")),
    responses((status = 200, description = "The link", body = Invitation, example = json!(examples::invitation())),
        (status = 404, description = "There is no such person", body = Problem, content_type = "application/problem+json")))]
pub async fn link(inside: Inside, Path(person): Path<String>) -> Result<axum::Json<Invitation>, Problem> {
    let found = load(&inside, &person).await?;
    let parts = &inside.parts;
    let link = invitations::again(&parts.store, &parts.vault, &inside.caller, &person, inside.now()).await?;
    Ok(axum::Json(Invitation::of(found.person.id, &link)))
}

/// A level, and where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Giving {
    #[schema(schema_with = levels)]
    pub level: Level,
    /// At this company only; at every company without one.
    pub company: Option<String>,
    /// Acts on cards of these teams; on those of the level without any.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub teams: BTreeSet<Owner>,
}

/// Gives a person a level
///
/// Or other teams with one that they have. Whoever gives must be allowed to change people at least as widely.
#[utoipa::path(post, path = "/people/{person}/grant", operation_id = "grant_level", tag = "people",
    params(("person" = String, Path, description = "Their id", example = "MFRGGZDFMZTWQ2LK")),
    request_body(content = Giving, example = json!(examples::giving())),
    responses((status = 200, description = "The person as they are then", body = Person, example = json!(examples::person())),
        (status = 404, description = "There is no such person or company", body = Problem, content_type = "application/problem+json")))]
pub async fn grant(inside: Inside, Path(person): Path<String>, Json(said): Json<Giving>) -> Result<axum::Json<Person>, Problem> {
    load(&inside, &person).await?;
    let granted = granted(&inside, said.level, said.company.as_deref(), said.teams)?;
    people::grant(&inside.parts.store, &inside.caller, &person, granted, inside.now()).await?;
    Ok(axum::Json(Person::of(&load(&inside, &person).await?)))
}

/// An account of whoever vouches for people here.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// What the provider calls them (`sub`); not an e-mail address that somebody may have been given.
    #[schema(example = "248289761001", max_length = 255)]
    pub subject: String,
}

/// Links an account of single sign-on to a person
///
/// They sign in with it from then on. Only where the configuration names a provider, and only its accounts. Whoever has a link of an
/// invitation can say so themselves.
#[utoipa::path(post, path = "/people/{person}/link-account", operation_id = "link_account", tag = "people",
    params(("person" = String, Path, description = "Their id", example = "MFRGGZDFMZTWQ2LK")),
    request_body(content = Account, example = json!(examples::account())),
    responses((status = 200, description = "The person as they are then", body = Person, example = json!(examples::person())),
        (status = 404, description = "There is no such person", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No provider is configured, or the account is somebody else's", body = Problem,
            content_type = "application/problem+json")))]
pub async fn link_account(
    inside: Inside,
    Path(person): Path<String>,
    Json(said): Json<Account>,
) -> Result<axum::Json<Person>, Problem> {
    load(&inside, &person).await?;
    let none = || {
        Problem::refused(
            &person,
            "Nobody else vouches for people here: `[sign_in.openid]` of the configuration names who does.",
        )
    };
    let identity = Identity {
        issuer: inside.provider().ok_or_else(none)?.issuer.clone(),
        subject: said.subject.trim().to_owned(),
    };
    single::link(&inside.parts.store, &inside.caller, &person, identity, inside.now()).await?;
    Ok(axum::Json(Person::of(&load(&inside, &person).await?)))
}

/// Whose accounts are taken away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfProvider {
    /// As the person's `accounts` name it.
    #[schema(example = "https://login.example.com")]
    pub issuer: String,
}

/// Takes a person's accounts of a provider away
///
/// They are signed out everywhere, since nobody can tell which session began by it.
#[utoipa::path(post, path = "/people/{person}/unlink-account", operation_id = "unlink_account", tag = "people",
    params(("person" = String, Path, description = "Their id", example = "MFRGGZDFMZTWQ2LK")),
    request_body(content = OfProvider, example = json!(examples::of_provider())),
    responses((status = 200, description = "The person as they are then", body = Person, example = json!(examples::person())),
        (status = 404, description = "There is no such person", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "They have no account of that provider", body = Problem, content_type = "application/problem+json")))]
pub async fn unlink_account(
    inside: Inside,
    Path(person): Path<String>,
    Json(said): Json<OfProvider>,
) -> Result<axum::Json<Person>, Problem> {
    load(&inside, &person).await?;
    single::unlink(&inside.parts.store, &inside.caller, &person, said.issuer.trim(), inside.now()).await?;
    Ok(axum::Json(Person::of(&load(&inside, &person).await?)))
}

/// A level that is taken, and where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Taking {
    #[schema(schema_with = levels)]
    pub level: Level,
    /// The company that it was given at; none where it was given at every company.
    pub company: Option<String>,
}

/// Takes a level from a person
///
/// It counts for whatever they do next, and for their tokens.
#[utoipa::path(post, path = "/people/{person}/revoke", operation_id = "revoke_level", tag = "people",
    params(("person" = String, Path, description = "Their id", example = "MFRGGZDFMZTWQ2LK")),
    request_body(content = Taking, example = json!(examples::taking())),
    responses((status = 200, description = "The person as they are then", body = Person, example = json!(examples::person())),
        (status = 404, description = "There is no such person", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "They have not got it", body = Problem, content_type = "application/problem+json")))]
pub async fn revoke(inside: Inside, Path(person): Path<String>, Json(said): Json<Taking>) -> Result<axum::Json<Person>, Problem> {
    load(&inside, &person).await?;
    let company = said.company.as_deref().map(str::trim).unwrap_or(HOUSE);
    let store = &inside.parts.store;
    people::revoke(store, &inside.caller, &person, (said.level, company), inside.now()).await?;
    // Whoever has nothing left is still there, for whoever may change people at all.
    Ok(axum::Json(Person::of(&load(&inside, &person).await?)))
}

macro_rules! acts {
    ($($(#[doc = $doc:tt])+ $name:ident, $path:tt, $id:tt, $act:expr;)+) => {$(
        $(#[doc = $doc])+
        #[utoipa::path(post, path = $path, operation_id = $id, tag = "people",
            params(("person" = String, Path, description = "Their id", example = "MFRGGZDFMZTWQ2LK")),
            responses((status = 200, description = "The person as they are then", body = Person, example = json!(examples::person())),
                (status = 404, description = "There is no such person", body = Problem, content_type = "application/problem+json"),
                (status = 422, description = "There is nothing to end", body = Problem, content_type = "application/problem+json")))]
        pub async fn $name(inside: Inside, Path(person): Path<String>) -> Result<axum::Json<Person>, Problem> {
            let found = load(&inside, &person).await?;
            let act: Does = $act;
            act.carry_out(&inside, &person).await?;
            let after = people::one(&inside.parts.store, &inside.caller, &person, inside.now()).await?;
            Ok(axum::Json(Person::of(&after.unwrap_or(found))))
        }
    )+};
}

enum Does {
    SignOut,
    LetGo,
    End,
}

impl Does {
    async fn carry_out(&self, inside: &Inside, person: &str) -> Result<(), Problem> {
        let (store, caller, now) = (&inside.parts.store, &inside.caller, inside.now());
        match self {
            Self::SignOut => session::end_all(store, caller, person, now).await.map(drop)?,
            Self::LetGo => code::let_go(store, caller, person, now).await?,
            Self::End => people::end(store, caller, person, now).await.map(drop)?,
        }
        Ok(())
    }
}

acts! {
    /// Signs a person out everywhere
    sign_out, "/people/{person}/sign-out", "sign_person_out", Does::SignOut;
    /// Lets go of a person's code
    ///
    /// Their telephone is lost: from then on they sign in with their password alone, until they set a code up again.
    let_go, "/people/{person}/let-go-of-code", "let_go_of_code", Does::LetGo;
    /// Ends a person's access
    ///
    /// Their sessions, tokens, password and links are gone at once. Their name stays, for what they did.
    end, "/people/{person}/end", "end_person", Does::End;
}

//! Holds: what people keep from being sent for a while. To stop a connection is one of them, and to let it go on ends that.

use serde::{Deserialize, Serialize};
use tallyman_core::hold::{Hold as Held, Scope};
use tallyman_engine::holds::{self, Refused, Wish};
use tallyman_engine::people;
use tallyman_store::{Store, UnitError};
use utoipa::ToSchema;

use super::access::Right;
use super::connections::Asked;
use super::examples;
use super::inside::Inside;
use super::problem::{Kind, Problem};
use super::read::{Json, Path, Query};
use super::shape::At;

/// What is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = WhatIsHeld)]
pub enum What {
    /// A connection is stopped: neither written to nor asked.
    Connection,
    /// All writes to a connection: the ledger, or one warehouse's site.
    Writes,
    /// All writes for orders that come from a channel.
    Retailer,
    /// All writes for orders with an item of the ledger.
    Item,
}

impl What {
    pub const ALL: [Self; 4] = [Self::Connection, Self::Writes, Self::Retailer, Self::Item];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Writes => "writes",
            Self::Retailer => "retailer",
            Self::Item => "item",
        }
    }

    fn scope(self, what: String) -> Scope {
        match self {
            Self::Connection => Scope::Connection(what),
            Self::Writes => Scope::Writes(what),
            Self::Retailer => Scope::Retailer(what),
            Self::Item => Scope::Item(what),
        }
    }
}

/// One hold.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Hold {
    pub id: String,
    pub company: String,
    /// `connection`, `writes`, `retailer` or `item`.
    pub kind: &'static str,
    /// The connection's name, or the item's code.
    pub what: String,
    /// What waits, for a person.
    pub said: String,
    pub reason: String,
    /// As the journal names them.
    pub by: String,
    /// What they are called, where they are a person.
    pub by_name: Option<String>,
    pub from: At,
    /// It ends by itself then.
    pub until: At,
    pub ended_at: Option<At>,
    /// Nobody, where it ended by itself.
    pub ended_by: Option<String>,
    pub ended_by_name: Option<String>,
    /// Orders whose next write waits because of it; counted as far as 10,000. None of one that is over.
    pub waits: Option<u64>,
}

impl Hold {
    pub fn of(hold: &Held, waits: Option<u64>) -> Self {
        Self {
            id: hold.id.to_string(),
            company: hold.company.clone(),
            kind: hold.scope.kind(),
            what: hold.scope.what().to_owned(),
            said: hold.scope.said(),
            reason: hold.reason.clone(),
            by: hold.by.clone(),
            by_name: None,
            from: At(hold.from),
            until: At(hold.until),
            ended_at: hold.ended_at.map(At),
            ended_by: hold.ended_by.clone(),
            ended_by_name: None,
            waits,
        }
    }

    /// With the names of those who placed and ended them.
    pub async fn named(store: &Store, mut holds: Vec<Self>) -> Result<Vec<Self>, UnitError> {
        let ids = holds
            .iter()
            .flat_map(|hold| [Some(&hold.by), hold.ended_by.as_ref()])
            .flatten();
        let names = people::names(store, &ids.cloned().collect::<Vec<_>>()).await?;
        for hold in &mut holds {
            hold.by_name = names.get(&hold.by).cloned();
            hold.ended_by_name = hold.ended_by.as_ref().and_then(|by| names.get(by).cloned());
        }
        Ok(holds)
    }
}

/// What is held, and the last that are over.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Holds {
    pub holds: Vec<Hold>,
    /// The last thirty of each company, the newest first.
    pub over: Vec<Hold>,
}

/// Lists what people hold
#[utoipa::path(get, path = "/holds", operation_id = "list_holds", tag = "connections", params(Asked),
    responses((status = 200, description = "What is held, and what was", body = Holds, example = json!(examples::holds())),
        (status = 404, description = "There is no such company", body = Problem, content_type = "application/problem+json")))]
pub async fn list(inside: Inside, Query(asked): Query<Asked>) -> Result<axum::Json<Holds>, Problem> {
    Ok(axum::Json(all(&inside, asked.company.as_deref()).await?))
}

/// Those of the caller's companies.
pub async fn all(inside: &Inside, company: Option<&str>) -> Result<Holds, Problem> {
    let now = inside.now();
    let mut found = Holds {
        holds: Vec::new(),
        over: Vec::new(),
    };
    for company in inside.companies(company)? {
        let (standing, over) = holds::of_company(&inside.parts.store, &company).await?;
        let (stands, ended): (Vec<_>, Vec<_>) = standing.into_iter().partition(|(hold, _)| hold.stands(now));
        found
            .holds
            .extend(stands.iter().map(|(hold, waits)| Hold::of(hold, Some(*waits))));
        found.over.extend(ended.iter().map(|(hold, _)| Hold::of(hold, None)));
        found.over.extend(over.iter().map(|hold| Hold::of(hold, None)));
    }
    let store = &inside.parts.store;
    found.holds = Hold::named(store, found.holds).await?;
    found.over = Hold::named(store, found.over).await?;
    Ok(found)
}

/// One of them, as it is answered.
async fn one(inside: &Inside, hold: Hold) -> Result<axum::Json<Hold>, Problem> {
    let mut named = Hold::named(&inside.parts.store, vec![hold]).await?;
    Ok(axum::Json(named.remove(0)))
}

/// What is to be held, why and for how long.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WantedHold)]
pub struct Wanted {
    #[schema(example = "acme")]
    pub company: String,
    pub kind: What,
    /// The connection's name, or the item's code in the ledger.
    #[schema(example = "sage-acme", max_length = 200)]
    pub what: String,
    /// Why, for whoever meets an order that waits. No customer's name: everybody reads it.
    #[schema(example = "Month end: finance closes the period.", max_length = 500)]
    pub reason: String,
    /// At most 31 days from now: then it ends by itself.
    pub until: At,
}

/// Holds something
///
/// What is under way already goes on, and what may have been sent is asked about as ever. What is held stays ready, is not sent, and goes on
/// by itself when the hold ends.
#[utoipa::path(post, path = "/holds", operation_id = "place_hold", tag = "connections",
    request_body(content = Wanted, example = json!(examples::wanted_hold())),
    responses((status = 200, description = "The hold", body = Hold, example = json!(examples::hold())),
        (status = 404, description = "There is no such company", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It has no reason, no end, or there is no such thing to hold", body = Problem,
            content_type = "application/problem+json")))]
pub async fn place(inside: Inside, Json(wanted): Json<Wanted>) -> Result<axum::Json<Hold>, Problem> {
    let merchant = inside.merchant(&wanted.company)?;
    let permit = inside.leave(Right::Connect, merchant.company.as_str())?;
    let wish = Wish {
        scope: wanted.kind.scope(wanted.what.trim().to_owned()),
        reason: wanted.reason,
        until: wanted.until.0,
    };
    let hold = holds::place(&inside.parts, merchant, &permit, wish).await?;
    one(&inside, Hold::of(&hold, Some(0))).await
}

/// Whose.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WhoseHold)]
pub struct Whose {
    #[schema(example = "acme")]
    pub company: String,
}

/// Ends a hold before its time
///
/// What waited for it goes on at once.
#[utoipa::path(post, path = "/holds/{hold}/end", operation_id = "end_hold", tag = "connections",
    params(("hold" = String, Path, description = "Its id", example = "KTZ2KQ4WLM5XR7PC")),
    request_body(content = Whose, example = json!({"company": "acme"})),
    responses((status = 200, description = "The hold as it was", body = Hold, example = json!(examples::hold())),
        (status = 404, description = "There is no such hold", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It is over already", body = Problem, content_type = "application/problem+json")))]
pub async fn end(inside: Inside, Path(hold): Path<String>, Json(whose): Json<Whose>) -> Result<axum::Json<Hold>, Problem> {
    let company = inside.merchant(&whose.company)?.company.to_string();
    let permit = inside.leave(Right::Connect, &company)?;
    let ended = holds::end(&inside.parts, &company, &hold, &permit).await?;
    one(&inside, Hold::of(&ended, None)).await
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let detail = refused.to_string();
        let remedy = "Nothing was held. Correct it and ask again.";
        match refused {
            Refused::Store(error) => error.into(),
            Refused::Wrong(wrong) => Self::new(Kind::Refused, detail, remedy).in_field(wrong.field()),
            Refused::NoConnection { .. } | Refused::NoChannel { .. } => Self::new(Kind::Refused, detail, remedy).in_field("what"),
            Refused::NotThere(hold) => Self::not_found("hold", &hold, "Connections shows those that stand."),
            Refused::Over(hold) => Self::new(Kind::Refused, detail, "There is nothing to do: what waited goes on.").about(hold),
        }
    }
}

//! What a handler is given: the running program, and who asks.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts as Head;
use tallyman_core::access::{Actor, Permit};
use tallyman_core::ident::Company;
use tallyman_core::mapping::Table;
use tallyman_core::time::Timestamp;
use tallyman_engine::known::References;
use tallyman_engine::mappings;
use tallyman_engine::named::{self, Order};
use tallyman_engine::parts::{Merchant, Parts};
use tallyman_engine::words::AllKnown;

use super::access::Right;
use super::problem::{Kind, Problem};
use crate::Running;

/// What all requests share.
#[derive(Clone)]
pub struct Shared {
    pub running: Arc<Running>,
    /// Mappings that were read, while they stand.
    pub references: Arc<References>,
}

impl Shared {
    pub fn of(running: Arc<Running>) -> Self {
        Self {
            running,
            references: Arc::new(References::default()),
        }
    }
}

/// Who asks; put into the request by the door, so a handler that asks for it never runs without.
#[derive(Clone)]
pub struct Caller(pub Arc<Actor>);

impl Deref for Caller {
    type Target = Actor;

    fn deref(&self) -> &Actor {
        &self.0
    }
}

/// The program and who asks, as a handler is given them.
#[derive(Clone)]
pub struct Inside {
    pub parts: Arc<Parts>,
    pub caller: Caller,
    references: Arc<References>,
}

impl FromRequestParts<Shared> for Inside {
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Head, shared: &Shared) -> Result<Self, Problem> {
        let not_asked = || Problem::new(Kind::NoToken, "Nobody asked.", "Send a token.");
        let caller = head.extensions.get::<Caller>().cloned().ok_or_else(not_asked)?;
        let starting = || Problem::new(Kind::Unavailable, "The program is starting.", "Ask again in some seconds.");
        Ok(Self {
            parts: shared.running.parts().ok_or_else(starting)?,
            caller,
            references: shared.references.clone(),
        })
    }
}

impl Inside {
    pub fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// Whether the caller has it at each company that is there for them. A token has its rights at all of its companies alike; a person who
    /// has one at some of them only is refused it, until what is done asks about its own company.
    pub fn has(&self, right: Right) -> bool {
        let mut here = self.merchants().peekable();
        here.peek().is_some() && here.all(|merchant| self.caller.may(right, merchant.company.as_str(), None).is_ok())
    }

    /// Refused without the right.
    pub fn may(&self, right: Right) -> Result<(), Problem> {
        if self.has(right) {
            Ok(())
        } else {
            Err(Problem::missing_right(&self.caller.name, right))
        }
    }

    /// Leave to do this at a company, in the caller's name.
    pub fn leave(&self, right: Right, company: &str) -> Result<Permit, Problem> {
        let leave = self.caller.may(right, company, None);
        leave.map_err(|_| Problem::missing_right(&self.caller.name, right))
    }

    /// Refused without the right to say what words of this table mean; what is no table has no word that could mean anything.
    pub fn may_map(&self, table: &str) -> Result<(), Problem> {
        self.may(Table::parse(table).map_or(Right::Map, Right::to_map))
    }

    /// Refused without the right to say what any word means.
    pub fn may_map_all(&self) -> Result<(), Problem> {
        self.may(Right::Map)?;
        self.may(Right::MapMoney)
    }

    pub fn sees(&self, company: &str) -> bool {
        self.caller.sees(company)
    }

    /// The merchants that the caller may see.
    pub fn merchants(&self) -> impl Iterator<Item = &Arc<Merchant>> {
        let all = self.parts.merchants.iter();
        all.filter(|merchant| self.sees(merchant.company.as_str()))
    }

    /// The companies that are asked for: this one, or all that the caller may see. What they may not see is not there.
    pub fn companies(&self, wanted: Option<&str>) -> Result<Vec<String>, Problem> {
        let all: Vec<String> = self.merchants().map(|merchant| merchant.company.to_string()).collect();
        match wanted {
            None => Ok(all),
            Some(wanted) if all.iter().any(|company| company == wanted) => Ok(vec![wanted.to_owned()]),
            Some(wanted) => {
                Err(Problem::not_found("company", wanted, format!("There is {}.", all.join(", "))).in_field("company"))
            }
        }
    }

    /// The merchant of this name, if the caller may see it.
    pub fn merchant(&self, company: &str) -> Result<&Arc<Merchant>, Problem> {
        let found = self.merchants().find(|merchant| merchant.company.as_str() == company);
        found.ok_or_else(|| {
            let all: Vec<&str> = self.merchants().map(|merchant| merchant.company.as_str()).collect();
            Problem::not_found("company", company, format!("There is {}.", all.join(", "))).in_field("company")
        })
    }

    /// The one order of this number, at this company if one is named.
    pub async fn order(&self, number: &str, company: Option<&str>) -> Result<Order, Problem> {
        Ok(named::order(&self.parts.store, number, &self.companies(company)?).await?)
    }

    /// The order of our own id, if the caller may see it.
    pub async fn order_of(&self, journey: &str) -> Result<Order, Problem> {
        let order = named::of_id(&self.parts.store, journey).await?;
        order.filter(|order| self.sees(&order.company)).ok_or_else(|| {
            let remedy = "Look for it by any of its numbers.";
            Problem::not_found("order", journey, remedy)
        })
    }

    /// What the words of those companies mean.
    pub async fn known(&self) -> Result<AllKnown, Problem> {
        let companies: Vec<(Company, Vec<String>)> = self
            .merchants()
            .map(|merchant| {
                let connections = merchant.connectors().map(|connector| connector.connection().to_string());
                (merchant.company.clone(), connections.to_vec())
            })
            .collect();
        Ok(mappings::known_from(&self.parts.store, &self.references, &companies).await?)
    }
}

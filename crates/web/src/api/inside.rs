//! What a handler is given: the running program, and who asks.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts as Head;
use axum::http::{Method, Uri};
use tallyman_core::access::{Actor, Permit};
use tallyman_core::facts::Facts;
use tallyman_core::ident::Company;
use tallyman_core::mapping::plan::Known;
use tallyman_core::time::Timestamp;
use tallyman_engine::drill::Drill;
use tallyman_engine::glance::Glances;
use tallyman_engine::known::References;
use tallyman_engine::mappings;
use tallyman_engine::named::{self, Order};
use tallyman_engine::parts::{Merchant, Parts};
use tallyman_engine::words::AllKnown;

use super::access::Right;
use super::problem::{Kind, Problem};
use crate::limits::{Limits, Place};
use crate::telemetry::Kept;
use crate::{Provider, Running};

/// What all requests share.
#[derive(Clone)]
pub struct Shared {
    pub running: Arc<Running>,
    /// Mappings that were read, while they stand.
    pub references: Arc<References>,
    /// What monitoring was told last.
    pub kept: Arc<Kept>,
    pub limits: Arc<Limits>,
    /// How companies stood a moment ago.
    pub glances: Arc<Glances>,
}

impl Shared {
    pub fn of(running: Arc<Running>) -> Self {
        Self {
            glances: running.glances.clone(),
            running,
            references: Arc::new(References::default()),
            kept: Arc::new(Kept::default()),
            limits: Arc::default(),
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

/// The page that has the form which this route takes; put into the request by the route.
#[derive(Debug, Clone, Copy)]
pub struct FormOf(pub &'static str);

impl FormOf {
    /// Its address: what varies in it stands at the same place of the form's.
    pub fn at(self, asked: &Uri) -> String {
        let steps = self.0.split('/').zip(asked.path().split('/'));
        let steps = steps.map(|(its, given)| if its.starts_with('{') { given } else { its });
        steps.collect::<Vec<_>>().join("/")
    }
}

/// The program and who asks, as a handler is given them.
#[derive(Clone)]
pub struct Inside {
    pub parts: Arc<Parts>,
    pub caller: Caller,
    references: Arc<References>,
    kept: Arc<Kept>,
    drill: Option<Arc<Drill>>,
    provider: Option<Provider>,
    /// What stands before a path where people's browsers ask for it, where that is known.
    pub address: Option<String>,
    /// Who comes in by a link that was printed, where nobody has a password.
    pub entrants: Option<Vec<String>>,
    limits: Arc<Limits>,
    pub glances: Arc<Glances>,
    /// Where the page is that answers a form, since it does not stand at the address to which the form was sent.
    pub own_page: Option<String>,
}

impl FromRequestParts<Shared> for Inside {
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Head, shared: &Shared) -> Result<Self, Problem> {
        let not_asked = || Problem::new(Kind::NoToken, "Nobody asked.", "Send a token.");
        let caller = head.extensions.get::<Caller>().cloned().ok_or_else(not_asked)?;
        let starting = || Problem::new(Kind::Unavailable, "The program is starting.", "Ask again in some seconds.");
        let own_page = (head.method == Method::POST).then(|| match head.extensions.get::<FormOf>() {
            Some(page) => page.at(&head.uri),
            None => head.uri.path().to_owned(),
        });
        Ok(Self {
            own_page,
            parts: shared.running.parts().ok_or_else(starting)?,
            caller,
            references: shared.references.clone(),
            kept: shared.kept.clone(),
            drill: shared.running.drill(),
            provider: shared.running.provider(),
            entrants: shared.running.entrants().map(<[String]>::to_vec),
            address: shared.running.address().map(str::to_owned),
            limits: shared.limits.clone(),
            glances: shared.glances.clone(),
        })
    }
}

impl Inside {
    pub fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// The drill that this program runs, if it was started for one.
    pub fn drill(&self) -> Option<&Drill> {
        self.drill.as_deref()
    }

    /// Whoever else vouches for people, if somebody does.
    pub fn provider(&self) -> Option<&Provider> {
        self.provider.as_ref()
    }

    /// Refused where the caller searches faster than anybody reads.
    pub fn searches(&self) -> Result<(), Problem> {
        self.limits.searches(&self.caller.id, self.now())
    }

    /// A place for an export of the caller's; refused where two are under way.
    pub fn exports(&self) -> Result<Place, Problem> {
        self.limits.exports(&self.caller.id)
    }

    /// What monitoring was told last.
    pub fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Whether the caller has a right at a company: for what a page offers. Who does something asks for leave.
    pub fn has(&self, right: Right, company: &str) -> bool {
        self.caller.may(right, company, None).is_ok()
    }

    /// The same at any company that is there for them.
    pub fn has_anywhere(&self, right: Right) -> bool {
        self.merchants().any(|merchant| self.has(right, merchant.company.as_str()))
    }

    /// Leave to do something at a company, or what is answered to whoever has none.
    pub fn leave(&self, right: Right, company: &str) -> Result<Permit, Problem> {
        Ok(self.caller.may(right, company, None)?)
    }

    pub fn sees(&self, company: &str) -> bool {
        self.caller.sees(company)
    }

    /// The merchants that the caller may see.
    pub fn merchants(&self) -> impl Iterator<Item = &Arc<Merchant>> {
        let all = self.parts.merchants.iter();
        all.filter(|merchant| self.sees(merchant.company.as_str()))
    }

    /// The merchants at which the caller has this right; refused where there is none.
    pub fn merchants_with(&self, right: Right) -> Result<Vec<&Arc<Merchant>>, Problem> {
        let with: Vec<&Arc<Merchant>> = self
            .merchants()
            .filter(|merchant| self.has(right, merchant.company.as_str()))
            .collect();
        match self.merchants().next() {
            Some(first) if with.is_empty() => Err(self.leave(right, first.company.as_str()).err().unwrap_or_else(nowhere)),
            Some(_) => Ok(with),
            None => Err(nowhere()),
        }
    }

    /// The companies that are asked for: this one, or all at which the caller may read. What they may not see is not there.
    pub fn companies(&self, wanted: Option<&str>) -> Result<Vec<String>, Problem> {
        self.companies_with(Right::Read, wanted)
    }

    /// The same of those at which the caller has this right.
    pub fn companies_with(&self, right: Right, wanted: Option<&str>) -> Result<Vec<String>, Problem> {
        if let Some(wanted) = wanted {
            let company = self.merchant(wanted)?.company.to_string();
            self.leave(right, &company)?;
            return Ok(vec![company]);
        }
        let with = self.merchants_with(right)?;
        Ok(with.into_iter().map(|merchant| merchant.company.to_string()).collect())
    }

    /// The merchant of this name, if the caller may see it.
    pub fn merchant(&self, company: &str) -> Result<&Arc<Merchant>, Problem> {
        let found = self.merchants().find(|merchant| merchant.company.as_str() == company);
        found.ok_or_else(|| {
            let all: Vec<&str> = self.merchants().map(|merchant| merchant.company.as_str()).collect();
            Problem::not_found("company", company, format!("There is {}.", all.join(", "))).in_field("company")
        })
    }

    /// The one order of this number, at this company if one is named, with leave to do this with it. Of companies at which the caller may not,
    /// no order is meant.
    pub async fn order(&self, number: &str, company: Option<&str>, right: Right) -> Result<(Order, Permit), Problem> {
        let companies = match company {
            Some(company) => vec![self.merchant(company)?.company.to_string()],
            None => {
                let with = self.merchants_with(right)?;
                with.into_iter().map(|merchant| merchant.company.to_string()).collect()
            }
        };
        let order = named::order(&self.parts.store, number, &companies).await?;
        let permit = self.leave(right, &order.company)?;
        Ok((order, permit))
    }

    /// The order of our own id, if the caller may see it, with leave to do this with it.
    pub async fn order_of(&self, journey: &str, right: Right) -> Result<(Order, Permit), Problem> {
        let order = named::of_id(&self.parts.store, journey).await?;
        let order = order.filter(|order| self.sees(&order.company)).ok_or_else(|| {
            let remedy = "Look for it by any of its numbers.";
            Problem::not_found("order", journey, remedy)
        })?;
        let permit = self.leave(right, &order.company)?;
        Ok((order, permit))
    }

    /// What the ledger of a company says that it has; none before it was read.
    pub async fn facts(&self, company: &Company) -> Result<Option<Arc<Facts>>, Problem> {
        let reference = self.references.current(&self.parts.store, company).await?;
        Ok(reference.facts)
    }

    /// What the words of those companies mean.
    pub async fn known(&self) -> Result<AllKnown, Problem> {
        self.known_at(|_| true).await
    }

    /// What the words of one company mean, where the caller sees it.
    pub async fn known_of(&self, company: &str) -> Result<Option<Known>, Problem> {
        Ok(self.known_at(|name| name == company).await?.remove(company))
    }

    async fn known_at(&self, wanted: impl Fn(&str) -> bool) -> Result<AllKnown, Problem> {
        let companies: Vec<(Company, Vec<String>)> = self
            .merchants()
            .filter(|merchant| wanted(merchant.company.as_str()))
            .map(|merchant| {
                let connections = merchant.connectors().map(|connector| connector.connection().to_string());
                (merchant.company.clone(), connections.to_vec())
            })
            .collect();
        Ok(mappings::known_from(&self.parts.store, &self.references, &companies).await?)
    }
}

fn nowhere() -> Problem {
    let remedy = "Ask an administrator for a level at a company of the configuration.";
    Problem::new(Kind::NotAllowed, "There is no company that you may see.", remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_a_form_stands_where_the_form_was_sent_or_nearby() {
        let at = |page, asked| FormOf(page).at(&Uri::from_static(asked));
        assert_eq!(at("/cards/{card}", "/cards/C7Q2/sort/merge?a=b"), "/cards/C7Q2");
        assert_eq!(at("/orders/{journey}", "/orders/a%2Fb/retry"), "/orders/a%2Fb");
        assert_eq!(at("/connections", "/holds/H1/end"), "/connections");
    }
}

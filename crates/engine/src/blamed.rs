//! The field that a card blames, as it stands in each of its orders: what whoever amends it starts from.
//!
//! What stands there names a customer, so it takes the right to open it. It comes as people have amended it, with the room that the ledger
//! has for it. Which field that is, and how much fits, is `core::amendment`'s to say.

use tallyman_core::access::{Permit, Right};
use tallyman_core::amendment::{Field, room, stands};
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::heal::read::{Came, came};
use crate::leave;
use crate::vault::Vault;

/// What is shown beside the field: where a part of it may go instead, and what must not be said twice.
const BESIDE: [Field; 8] = [
    Field::Name,
    Field::Company,
    Field::Line1,
    Field::Line2,
    Field::Line3,
    Field::Line4,
    Field::City,
    Field::Postcode,
];

/// The field of one order.
#[derive(Clone, PartialEq, Eq)]
pub struct Blamed {
    pub journey: String,
    /// What stands there now; empty for nothing.
    pub text: String,
    /// Characters that the ledger has room for, where there are more.
    pub room: Option<usize>,
    /// What stands in the fields around it.
    pub beside: Vec<(Field, String)>,
}

/// The field of each of these orders of a company that is stopped as a whole; not of one that was erased or has gone on.
pub async fn of(
    store: &Store,
    (vault, permit): (&Vault, &Permit),
    company: &str,
    field: Field,
    journeys: Vec<String>,
) -> Result<Vec<Blamed>, UnitError> {
    leave::is_for(permit, Right::Open, company)?;
    let unit = Orders {
        company: company.to_owned(),
        journeys,
    };
    let mut blamed = Vec::new();
    for (journey, came) in store.read(unit).await? {
        let (order, _) = came.open(vault, company, &[])?;
        let text = |field| stands(&order, field).map(str::to_owned);
        let others = BESIDE
            .into_iter()
            .filter(|other| *other != field && field != Field::Reference);
        blamed.push(Blamed {
            text: text(field).unwrap_or_default(),
            room: room(&order, field),
            beside: others.filter_map(|other| Some((other, text(other)?))).collect(),
            journey,
        });
    }
    Ok(blamed)
}

struct Orders {
    company: String,
    journeys: Vec<String>,
}

impl Unit for Orders {
    type Output = Vec<(String, Came)>;
    const NAME: &'static str = "orders_to_amend";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut orders = Vec::new();
        for journey in &self.journeys {
            let came = came(tx, journey).await?;
            let its = |came: &Came| came.is_stopped() && came.journey.company.as_str() == self.company;
            if let Some(came) = came.filter(its) {
                orders.push((journey.clone(), came));
            }
        }
        Ok(orders)
    }
}

//! Delivery addresses, and fitting them into the fields of the systems that take them.
//!
//! An address is personal data. Its `Debug` shows the country and nothing else, there is no `Display`, and no error or
//! finding here carries a character of it: only which field, how many it takes and how many there were.
//!
//! Fitting moves whole lines into free ones and never cuts. A parcel sent to "Flat 12, The Old Bake" is a parcel lost, and
//! the person who can shorten a line knows the street. What does not fit is a list of findings, all at once.
//!
//! Not here: whether the address exists, and default countries: a connector that is not told the country says so.

mod country;
mod fit;

pub use country::{Country, CountryError};
pub use fit::{MintsoftAddress, SageAddress};

use serde::{Deserialize, Serialize};
use std::fmt;

/// Where and to whom a delivery goes. A blank text counts as an absent one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Address {
    /// Who it is addressed to.
    pub name: String,
    pub company: Option<String>,
    pub line_1: String,
    pub line_2: Option<String>,
    pub line_3: Option<String>,
    pub line_4: Option<String>,
    pub city: Option<String>,
    pub county: Option<String>,
    pub postcode: Option<String>,
    pub country: Country,
    pub phone: Option<String>,
    pub email: Option<String>,
    /// Whom to ask for, when it is not the one it is addressed to.
    pub contact: Option<String>,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        masked(f, "Address", self.country)
    }
}

/// The only thing an address ever prints.
fn masked(f: &mut fmt::Formatter<'_>, what: &str, country: Country) -> fmt::Result {
    write!(f, "{what}(masked, {country})")
}

#[cfg(test)]
mod tests;

//! An address in the fields of the systems that take one, whole or not at all.
//!
//! The limits are those of the fields as Sage describes them; the warehouse's are not published anywhere, so they are a
//! cautious guess, and a refusal there will say where it is wrong.

use super::{Address, Country, masked};
use crate::reference::{TooLong, fit};
use serde::{Deserialize, Serialize};
use std::fmt;

/// An address in the shape of a Sage 200 delivery address. Each text is within its field.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SageAddress {
    pub postal_name: String,
    pub address_1: Option<String>,
    pub address_2: Option<String>,
    pub address_3: Option<String>,
    pub address_4: Option<String>,
    pub city: Option<String>,
    pub county: Option<String>,
    /// The country's name, since Sage's field is free text for an envelope.
    pub country: String,
    pub country_code: Country,
    pub postcode: Option<String>,
    pub contact: Option<String>,
    pub telephone: Option<String>,
    pub email: Option<String>,
}

/// An address in the shape of a Mintsoft order. Each text is within its field.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MintsoftAddress {
    pub first_name: String,
    pub last_name: String,
    pub company_name: Option<String>,
    pub address_1: Option<String>,
    pub address_2: Option<String>,
    pub address_3: Option<String>,
    pub town: Option<String>,
    pub county: Option<String>,
    pub postcode: Option<String>,
    /// Its two letters.
    pub country: Country,
    pub email: Option<String>,
    pub phone: Option<String>,
}

const SAGE_LINE: usize = 60;
const SAGE_POSTCODE: usize = 10;
const SAGE_CONTACT: usize = 235;
const SAGE_TELEPHONE: usize = 30;
const SAGE_EMAIL: usize = 255;
const MINTSOFT_FIELD: usize = 100;

impl Address {
    /// The address as Sage takes it, or everything that does not fit.
    ///
    /// The company goes on the first address line. When the lines are then too many, the company takes the postal name and
    /// the person becomes the contact, if there is none yet; after that, whole lines share the last one while they fit.
    pub fn fit_sage(&self) -> Result<SageAddress, Vec<TooLong>> {
        let mut fitting = Fitting::default();
        let (name, company) = self.name_and_company();
        let contact = text(&self.contact);
        let lines = self.lines();
        let contact_is_free = contact.is_none_or(|contact| contact == name);
        let (postal_name, company_line, contact) = match company {
            Some(company) if lines.len() == 4 && contact_is_free => (company, None, Some(name)),
            company => (name, company, contact),
        };
        let [address_1, address_2, address_3, address_4] = fitting.lines(
            company_line.into_iter().chain(lines).collect(),
            ["address_1", "address_2", "address_3", "address_4"],
            SAGE_LINE,
        );
        let address = SageAddress {
            postal_name: fitting.text(postal_name, SAGE_LINE, "postal_name"),
            address_1,
            address_2,
            address_3,
            address_4,
            city: fitting.option(text(&self.city), SAGE_LINE, "city"),
            county: fitting.option(text(&self.county), SAGE_LINE, "county"),
            country: fitting.text(self.country.name(), SAGE_LINE, "country"),
            country_code: self.country,
            postcode: fitting.option(text(&self.postcode), SAGE_POSTCODE, "postcode"),
            contact: fitting.option(contact, SAGE_CONTACT, "contact"),
            telephone: fitting.option(text(&self.phone), SAGE_TELEPHONE, "telephone"),
            email: fitting.option(text(&self.email), SAGE_EMAIL, "email"),
        };
        fitting.finish(address)
    }

    /// The address as Mintsoft takes it, or everything that does not fit.
    ///
    /// The person is the contact when there is one, and whom it is addressed to then takes the company's place, or a line
    /// when that is taken. A name is parted before its last word; both parts together are always the whole name.
    pub fn fit_mintsoft(&self) -> Result<MintsoftAddress, Vec<TooLong>> {
        let mut fitting = Fitting::default();
        let (name, company) = self.name_and_company();
        let (person, company, extra_line) = match (text(&self.contact).filter(|contact| *contact != name), company) {
            (None, company) => (name, company, None),
            (Some(contact), None) => (contact, Some(name), None),
            (Some(contact), Some(company)) => (contact, Some(company), Some(name)),
        };
        let (first_name, last_name) = match person.rsplit_once(char::is_whitespace) {
            Some((first, last)) => (first.trim_end(), last),
            None => (person, ""),
        };
        let [address_1, address_2, address_3] = fitting.lines(
            extra_line.into_iter().chain(self.lines()).collect(),
            ["address_1", "address_2", "address_3"],
            MINTSOFT_FIELD,
        );
        let address = MintsoftAddress {
            first_name: fitting.text(first_name, MINTSOFT_FIELD, "first_name"),
            last_name: fitting.text(last_name, MINTSOFT_FIELD, "last_name"),
            company_name: fitting.option(company, MINTSOFT_FIELD, "company_name"),
            address_1,
            address_2,
            address_3,
            town: fitting.option(text(&self.city), MINTSOFT_FIELD, "town"),
            county: fitting.option(text(&self.county), MINTSOFT_FIELD, "county"),
            postcode: fitting.option(text(&self.postcode), MINTSOFT_FIELD, "postcode"),
            country: self.country,
            email: fitting.option(text(&self.email), MINTSOFT_FIELD, "email"),
            phone: fitting.option(text(&self.phone), MINTSOFT_FIELD, "phone"),
        };
        fitting.finish(address)
    }

    /// Whom it is addressed to, and the company where that is somebody else. Without a name the company is the name.
    fn name_and_company(&self) -> (&str, Option<&str>) {
        let company = text(&self.company);
        match self.name.trim() {
            "" => (company.unwrap_or(""), None),
            name => (name, company.filter(|company| *company != name)),
        }
    }

    /// The lines that say something, in order.
    fn lines(&self) -> Vec<&str> {
        let first = Some(self.line_1.trim()).filter(|line| !line.is_empty());
        [first, text(&self.line_2), text(&self.line_3), text(&self.line_4)]
            .into_iter()
            .flatten()
            .collect()
    }
}

/// What is there when blanks do not count.
fn text(value: &Option<String>) -> Option<&str> {
    value.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

/// Collects what does not fit, so that a person sees all of it at once.
#[derive(Default)]
struct Fitting {
    too_long: Vec<TooLong>,
}

impl Fitting {
    fn text(&mut self, value: &str, max: usize, field: &'static str) -> String {
        match fit(value, max, field) {
            Ok(text) => text.to_owned(),
            Err(too_long) => {
                self.too_long.push(too_long);
                String::new()
            }
        }
    }

    fn option(&mut self, value: Option<&str>, max: usize, field: &'static str) -> Option<String> {
        value.map(|value| self.text(value, max, field))
    }

    /// One line to a field. More lines than fields share the last one, whole and parted by commas, if they fit there.
    fn lines<const N: usize>(&mut self, mut lines: Vec<&str>, fields: [&'static str; N], max: usize) -> [Option<String>; N] {
        let overflow = lines.split_off(lines.len().min(N - 1));
        let last = if overflow.is_empty() {
            None
        } else {
            Some(overflow.join(", "))
        };
        let mut values = lines.into_iter().map(str::to_owned).chain(last);
        fields.map(|field| values.next().map(|value| self.text(&value, max, field)))
    }

    fn finish<T>(self, address: T) -> Result<T, Vec<TooLong>> {
        if self.too_long.is_empty() {
            Ok(address)
        } else {
            Err(self.too_long)
        }
    }
}

impl fmt::Debug for SageAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        masked(f, "SageAddress", self.country_code)
    }
}

impl fmt::Debug for MintsoftAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        masked(f, "MintsoftAddress", self.country)
    }
}

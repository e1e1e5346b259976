//! An address in the fields of the systems that take one, whole or not at all.
//!
//! The limits are those of the fields as Sage describes them; the warehouse's are not published anywhere, so they are a
//! cautious guess, and a refusal there will say where it is wrong.
//!
//! What does not fit is named as the address itself names it, and as people amend it (`line_1`), wherever it would have stood there.

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
        let contact = part("contact", &self.contact);
        let lines = self.lines();
        let contact_is_free = contact.is_none_or(|contact| contact.1 == name.1);
        let (postal_name, company_line, contact) = match company {
            Some(company) if lines.len() == 4 && contact_is_free => (company, None, Some(name)),
            company => (name, company, contact),
        };
        let [address_1, address_2, address_3, address_4] =
            fitting.lines(company_line.into_iter().chain(lines).collect(), SAGE_LINE);
        let address = SageAddress {
            postal_name: fitting.text(postal_name, SAGE_LINE),
            address_1,
            address_2,
            address_3,
            address_4,
            city: fitting.option(part("city", &self.city), SAGE_LINE),
            county: fitting.option(part("county", &self.county), SAGE_LINE),
            country: fitting.text(("country", self.country.name()), SAGE_LINE),
            country_code: self.country,
            postcode: fitting.option(part("postcode", &self.postcode), SAGE_POSTCODE),
            contact: fitting.option(contact, SAGE_CONTACT),
            telephone: fitting.option(part("phone", &self.phone), SAGE_TELEPHONE),
            email: fitting.option(part("email", &self.email), SAGE_EMAIL),
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
        let contact = part("contact", &self.contact).filter(|contact| contact.1 != name.1);
        let ((field, person), company, extra_line) = match (contact, company) {
            (None, company) => (name, company, None),
            (Some(contact), None) => (contact, Some(name), None),
            (Some(contact), Some(company)) => (contact, Some(company), Some(name)),
        };
        let (first_name, last_name) = match person.rsplit_once(char::is_whitespace) {
            Some((first, last)) => (first.trim_end(), last),
            None => (person, ""),
        };
        let [address_1, address_2, address_3] =
            fitting.lines(extra_line.into_iter().chain(self.lines()).collect(), MINTSOFT_FIELD);
        let address = MintsoftAddress {
            first_name: fitting.text((field, first_name), MINTSOFT_FIELD),
            last_name: fitting.text((field, last_name), MINTSOFT_FIELD),
            company_name: fitting.option(company, MINTSOFT_FIELD),
            address_1,
            address_2,
            address_3,
            town: fitting.option(part("city", &self.city), MINTSOFT_FIELD),
            county: fitting.option(part("county", &self.county), MINTSOFT_FIELD),
            postcode: fitting.option(part("postcode", &self.postcode), MINTSOFT_FIELD),
            country: self.country,
            email: fitting.option(part("email", &self.email), MINTSOFT_FIELD),
            phone: fitting.option(part("phone", &self.phone), MINTSOFT_FIELD),
        };
        fitting.finish(address)
    }

    /// Whom it is addressed to, and the company where that is somebody else. Without a name the company is the name.
    fn name_and_company(&self) -> (Part<'_>, Option<Part<'_>>) {
        let company = part("company", &self.company);
        match self.name.trim() {
            "" => (company.unwrap_or(("name", "")), None),
            name => (("name", name), company.filter(|company| company.1 != name)),
        }
    }

    /// The lines that say something, in order.
    fn lines(&self) -> Vec<Part<'_>> {
        let first = Some(("line_1", self.line_1.trim())).filter(|line| !line.1.is_empty());
        let others = [("line_2", &self.line_2), ("line_3", &self.line_3), ("line_4", &self.line_4)];
        first
            .into_iter()
            .chain(others.into_iter().filter_map(|(field, line)| part(field, line)))
            .collect()
    }
}

/// What a field of the address says, with the name of the field.
type Part<'a> = (&'static str, &'a str);

/// What is there when blanks do not count.
fn part<'a>(field: &'static str, value: &'a Option<String>) -> Option<Part<'a>> {
    let text = value.as_deref().map(str::trim)?;
    (!text.is_empty()).then_some((field, text))
}

/// Collects what does not fit, so that a person sees all of it at once.
#[derive(Default)]
struct Fitting {
    too_long: Vec<TooLong>,
}

impl Fitting {
    fn text(&mut self, (field, value): Part<'_>, max: usize) -> String {
        match fit(value, max, field) {
            Ok(text) => text.to_owned(),
            Err(too_long) => {
                self.too_long.push(too_long);
                String::new()
            }
        }
    }

    fn option(&mut self, value: Option<Part<'_>>, max: usize) -> Option<String> {
        value.map(|value| self.text(value, max))
    }

    /// One line to a field. More lines than fields share the last one, whole and parted by commas, if they fit there; the longest of them
    /// is to be shortened if they do not.
    fn lines<const N: usize>(&mut self, mut lines: Vec<Part<'_>>, max: usize) -> [Option<String>; N] {
        let overflow = lines.split_off(lines.len().min(N - 1));
        let longest = overflow.iter().max_by_key(|line| line.1.len()).map(|line| line.0);
        let joined = overflow.iter().map(|line| line.1).collect::<Vec<_>>().join(", ");
        let last = longest.map(|field| (field, joined.as_str()));
        let mut values = lines.into_iter().chain(last);
        std::array::from_fn(|_| values.next().map(|value| self.text(value, max)))
    }

    fn finish<T>(mut self, address: T) -> Result<T, Vec<TooLong>> {
        // Two parts of one name may both be too long.
        let mut seen = std::collections::BTreeSet::new();
        self.too_long.retain(|too_long| seen.insert(too_long.field));
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

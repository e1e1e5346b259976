//! Amendments: a named person replaces a field of one record that its source cannot correct.
//!
//! The record stays as it was received; the amendment lies beside it and is put over it before the guardrails read it, each time anew.
//! So it can be seen what was changed, by whom and why, and taken back. What bears VAT is never amended: quantities, prices, rates,
//! the currency, the country and the customer come from the source, or from a rule with its reason.
//!
//! An amendment is personal data as much as the field it replaces: it is kept under the journey's key.

use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::catalogue::Remedy;
use crate::cause::{Cause, RecordKind};
use crate::check::LEDGER_REFERENCE_CHARS_MAX;
use crate::document::{Order, Shipment};
use crate::finding::Code;
use crate::reference::Reference;
use crate::time::Timestamp;

/// What may be amended.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::IntoStaticStr,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Field {
    Name,
    Company,
    #[serde(rename = "line_1")]
    #[strum(serialize = "line_1")]
    Line1,
    #[serde(rename = "line_2")]
    #[strum(serialize = "line_2")]
    Line2,
    #[serde(rename = "line_3")]
    #[strum(serialize = "line_3")]
    Line3,
    #[serde(rename = "line_4")]
    #[strum(serialize = "line_4")]
    Line4,
    City,
    County,
    Postcode,
    Phone,
    Email,
    Contact,
    /// The number that the ledger and the warehouse know the order by.
    Reference,
    /// The delivery service asked for.
    Service,
    /// The carrier of a shipment, in the warehouse's word.
    Carrier,
    /// The tracking number of a shipment.
    Tracking,
}

/// Whose field it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    Order,
    Shipment,
}

/// Names of fields that bear VAT, and why they cannot be amended here.
const VAT_BEARING: [(&str, &str); 10] = [
    ("quantity", "It changes what is charged"),
    ("price", "It changes what is charged"),
    ("unit_price", "It changes what is charged"),
    ("net", "It is a VAT figure"),
    ("tax", "It is a VAT figure"),
    ("tax_rate", "It decides the VAT"),
    ("currency", "It changes what is charged"),
    ("country", "It decides the VAT"),
    ("retailer", "It decides who is charged"),
    ("ordered_at", "It decides the VAT period"),
];

/// Why a field is never amended, where it bears VAT.
pub fn vat_bearing(field: &str) -> Option<&'static str> {
    VAT_BEARING.iter().find(|(bearing, _)| *bearing == field).map(|(_, why)| *why)
}

/// Characters of a value; the guardrails say what fits where.
const VALUE_CHARS_MAX: usize = 300;
const REASON_CHARS_MAX: usize = 2_000;

/// Why an amendment is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("Field {field} is not amended here. {why}; ask the source to correct the record, or put the mapping right.")]
    VatBearing { field: String, why: &'static str },
    #[error("There is no field {field} to amend. Fields are: {}.", names())]
    Unknown { field: String },
    #[error("Field {field} must not be empty. Say what is to stand there, in up to {VALUE_CHARS_MAX} characters on one line.")]
    Value { field: &'static str },
    #[error("Say why it is amended, in up to {REASON_CHARS_MAX} characters.")]
    Reason,
    #[error("Field {field} belongs to a shipment, and this is an order.", field = .field.name())]
    NotOfOrder { field: Field },
}

fn names() -> String {
    Field::ALL.iter().map(|field| field.name()).collect::<Vec<_>>().join(", ")
}

impl Field {
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    pub const fn name(self) -> &'static str {
        self.into_str()
    }

    /// The field that a person names.
    pub fn named(name: &str) -> Result<Self, Refused> {
        if let Some(why) = vat_bearing(name) {
            return Err(Refused::VatBearing {
                field: name.to_owned(),
                why,
            });
        }
        name.parse().map_err(|_| Refused::Unknown { field: name.to_owned() })
    }

    pub const fn of(self) -> Of {
        match self {
            Self::Name
            | Self::Company
            | Self::Line1
            | Self::Line2
            | Self::Line3
            | Self::Line4
            | Self::City
            | Self::County
            | Self::Postcode
            | Self::Phone
            | Self::Email
            | Self::Contact
            | Self::Reference
            | Self::Service => Of::Order,
            Self::Carrier | Self::Tracking => Of::Shipment,
        }
    }

    /// The field that a card blames, where it is one of an order and an amendment puts it right.
    pub fn blamed(code: Code, cause: &Cause) -> Option<Self> {
        if !code.entry().remedies.contains(&Remedy::Amend) {
            return None;
        }
        match cause {
            Cause::Field { field, .. } => Self::named(field).ok().filter(|field| field.of() == Of::Order),
            Cause::Record {
                kind: RecordKind::Order, ..
            } if code == Code::ReferenceTooLong => Some(Self::Reference),
            Cause::Cell(_)
            | Cause::Record { .. }
            | Cause::Item(_)
            | Cause::Account(_)
            | Cause::Connection(_)
            | Cause::Flow(_)
            | Cause::Day { .. }
            | Cause::Effect(_)
            | Cause::Refusal { .. }
            | Cause::Machine(_) => None,
        }
    }

    /// Whether nothing may stand there.
    pub const fn may_be_empty(self) -> bool {
        !matches!(
            self,
            Self::Name | Self::Line1 | Self::Reference | Self::Carrier | Self::Tracking
        )
    }
}

/// One field of one record as a person wants it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amendment {
    pub field: Field,
    /// What stands there from now on; `None` for nothing.
    pub value: Option<String>,
    pub by: String,
    pub reason: String,
    pub at: Timestamp,
}

impl std::fmt::Debug for Amendment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Amendment of {} by {} (masked)", self.field.name(), self.by)
    }
}

impl Amendment {
    pub fn new(field: Field, value: &str, by: &str, reason: &str, at: Timestamp) -> Result<Self, Refused> {
        let value = value.trim();
        let fits = value.chars().count() <= VALUE_CHARS_MAX && !value.chars().any(char::is_control);
        let reads = field != Field::Reference || Reference::parse(value).is_ok();
        if !fits || !reads || (value.is_empty() && !field.may_be_empty()) {
            return Err(Refused::Value { field: field.name() });
        }
        if reason.trim().is_empty() || reason.chars().count() > REASON_CHARS_MAX {
            return Err(Refused::Reason);
        }
        Ok(Self {
            field,
            value: (!value.is_empty()).then(|| value.to_owned()),
            by: by.to_owned(),
            reason: reason.trim().to_owned(),
            at,
        })
    }
}

/// The order with what people have put in the place of its own; of two for one field the later counts.
pub fn order(original: &Order, amendments: &[Amendment]) -> Order {
    let mut order = original.clone();
    for amendment in amendments {
        let value = amendment.value.clone();
        match amendment.field {
            // It was read when it was made.
            Field::Reference => order.reference = value.and_then(|text| Reference::parse(&text).ok()).unwrap_or(order.reference),
            Field::Service => order.service = value,
            Field::Name
            | Field::Company
            | Field::Line1
            | Field::Line2
            | Field::Line3
            | Field::Line4
            | Field::City
            | Field::County
            | Field::Postcode
            | Field::Phone
            | Field::Email
            | Field::Contact => put(&mut order.address, amendment.field, value),
            Field::Carrier | Field::Tracking => {}
        }
    }
    order
}

fn put(address: &mut Address, field: Field, value: Option<String>) {
    let slot = match field {
        Field::Name => return address.name = value.unwrap_or_default(),
        Field::Line1 => return address.line_1 = value.unwrap_or_default(),
        Field::Company => &mut address.company,
        Field::Line2 => &mut address.line_2,
        Field::Line3 => &mut address.line_3,
        Field::Line4 => &mut address.line_4,
        Field::City => &mut address.city,
        Field::County => &mut address.county,
        Field::Postcode => &mut address.postcode,
        Field::Phone => &mut address.phone,
        Field::Email => &mut address.email,
        Field::Contact => &mut address.contact,
        Field::Reference | Field::Service | Field::Carrier | Field::Tracking => return,
    };
    *slot = value;
}

/// What stands in a field of an order, without the blanks around it, which no system is sent; none for nothing, and of what a shipment has.
pub fn stands(order: &Order, field: Field) -> Option<&str> {
    let address = &order.address;
    let text = match field {
        Field::Name => Some(address.name.as_str()),
        Field::Line1 => Some(address.line_1.as_str()),
        Field::Company => address.company.as_deref(),
        Field::Line2 => address.line_2.as_deref(),
        Field::Line3 => address.line_3.as_deref(),
        Field::Line4 => address.line_4.as_deref(),
        Field::City => address.city.as_deref(),
        Field::County => address.county.as_deref(),
        Field::Postcode => address.postcode.as_deref(),
        Field::Phone => address.phone.as_deref(),
        Field::Email => address.email.as_deref(),
        Field::Contact => address.contact.as_deref(),
        Field::Reference => Some(order.reference.as_str()),
        Field::Service => order.service.as_deref(),
        Field::Carrier | Field::Tracking => None,
    };
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// How many characters the ledger has room for in the place of what stands in a field, where that is too long for it. Lines that share one
/// of the ledger's take of its room.
pub fn room(order: &Order, field: Field) -> Option<usize> {
    let has = stands(order, field)?.encode_utf16().count();
    let too_long = if field == Field::Reference {
        order.reference.fit(LEDGER_REFERENCE_CHARS_MAX, field.name()).err()?
    } else {
        let mut too_long = order.address.fit_sage().err()?.into_iter();
        too_long.find(|too_long| too_long.field == field.name())?
    };
    Some((too_long.max + has).saturating_sub(too_long.got))
}

/// The shipment with what people have put in the place of its own.
pub fn shipment(original: &Shipment, amendments: &[Amendment]) -> Shipment {
    let mut shipment = original.clone();
    for amendment in amendments {
        match (amendment.field, &amendment.value) {
            (Field::Tracking, value) => shipment.tracking.clone_from(value),
            (Field::Carrier, Some(carrier)) => shipment.carrier.clone_from(carrier),
            _ => {}
        }
    }
    shipment
}

#[cfg(test)]
mod tests;

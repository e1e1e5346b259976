//! Rulings: what the owner of a card decides about its records where neither a mapping nor a correction helps.
//!
//! Which a card takes stands in its code's row of the catalogue. *Settled* and *keep* end the matter here, and are remembered: whatever
//! finds the same thing again leaves it alone, and what finds something else puts the card up again. *Declined* ends an order of which
//! nothing was written. *Restore* and *amend* write to the ledger, and what is written is its own proof.
//!
//! Where goods have left and no book of ours says so, one person's word is not enough: a second one names the same document of the ledger.
//!
//! Not here: how a ruling is kept and carried out (`engine::ruling`), and what an order of the ledger is compared with
//! ([`crate::lineage`]).

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::access::{Nobodys, Permit, same_person};
use crate::amendment;
use crate::catalogue::Entry;
use crate::check::LEDGER_REFERENCE_CHARS_MAX;
use crate::document::LineRef;
use crate::effect::Agreed;
use crate::finding::Code;
use crate::journey::Journey;
use crate::quantity::Quantity;
use crate::reference::Reference;

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
pub enum Ruling {
    /// It was put right outside, or stands as it is: nothing more is done here.
    Settled,
    /// The order is not carried out.
    Declined,
    /// What somebody else wrote in the ledger stands.
    Keep,
    /// What Tallyman wrote in the ledger is written again.
    Restore,
    /// The ledger's order is to stand as it did, but for one field.
    Amend,
}

impl Ruling {
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    pub const fn name(self) -> &'static str {
        self.into_str()
    }

    pub fn named(name: &str) -> Option<Self> {
        name.parse().ok()
    }

    /// What it does, for the person who may choose it.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Settled => "It was put right outside, or stands as it is; it comes back only if something else is found.",
            Self::Declined => "The order is not carried out. The retailer has to be told there: Tallyman tells it nothing.",
            Self::Keep => "What stands in the ledger stands; a further change brings the card back.",
            Self::Restore => {
                "What was last agreed (at first what Tallyman wrote) is written again in the ledger, also over what was kept before."
            }
            Self::Amend => {
                "As `restore`, but with another quantity of one line, or another customer's number: that is agreed from then on."
            }
        }
    }

    /// As it is said that somebody did it.
    pub const fn done(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::Declined => "declined",
            Self::Keep => "kept",
            Self::Restore => "restored",
            Self::Amend => "amended",
        }
    }
}

impl std::fmt::Display for Ruling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

impl Code {
    /// Whether what is decided about it is remembered, so that what is found again has to be held against it. That an order is declined its own
    /// stage says.
    pub fn remembers(self) -> bool {
        self.entry().rulings.iter().any(|ruling| *ruling != Ruling::Declined)
    }

    /// Whether a record of it is settled by two people who name a document of the ledger: goods or money would else be in no book.
    pub const fn is_witnessed(self) -> bool {
        matches!(
            self,
            Self::OverShipped
                | Self::Substituted
                | Self::ShippedAfterCancellation
                | Self::ShipmentUnknown
                | Self::LedgerForeignDespatch
                | Self::LedgerDuplicate
        )
    }
}

/// What a person decides, checked as far as it can be without a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub ruling: Ruling,
    /// The ledger's number of what shows that it is so.
    pub document: Option<String>,
    /// Of [`Ruling::Amend`].
    pub change: Option<Change>,
    /// Of [`Ruling::Declined`]: the retailer has agreed to it. Whoever does not say so declines nothing.
    pub agreed: bool,
    pub reason: String,
}

const REASON_CHARS_MAX: usize = 2_000;
/// What the ledger's number of a document may have.
const DOCUMENT_CHARS_MAX: usize = 30;
/// What stands between the letters and digits of one.
const DOCUMENT_SIGNS: &str = "- / . _ #";

/// Why a ruling is refused, for the person who tried it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("Say why, in up to {REASON_CHARS_MAX} characters: the journal keeps it.")]
    Unsaid,
    #[error("A card of {code} takes no `{ruling}`. It takes {}.", listed(.code.entry()))]
    NotTaken { code: Code, ruling: Ruling },
    #[error(
        "Name the ledger's document that shows it, such as the number of the despatch or order that was booked for it: else what has left is \
         in no book."
    )]
    NoDocument,
    #[error("`{ruling}` names no document of the ledger.")]
    Document { ruling: Ruling },
    #[error(
        "A document's number has 1 to {DOCUMENT_CHARS_MAX} characters on one line: letters, digits, blanks and {DOCUMENT_SIGNS}, and at \
         least one digit. Write it as the ledger shows it, such as 0000012345."
    )]
    Unreadable,
    #[error(
        "Say what is amended: the quantity of one line, or the customer's number. Everything else of the order is put back as Tallyman wrote it."
    )]
    NoChange,
    #[error("What is declined is never carried out. Agree it with the retailer first, and say that it is `agreed`.")]
    NotAgreed,
    #[error("Only `amend` changes a field. Say `amend`, or leave the field out.")]
    Change,
    #[error("Field {field} is not amended here. {why}; ask the retailer to correct the order, or restore what Tallyman wrote.")]
    VatBearing { field: String, why: &'static str },
    #[error(
        "There is no field {field} to amend in an order of the ledger. There is the `quantity` of a line, and the `reference`."
    )]
    Unknown { field: String },
    #[error("Say which line the quantity is of.")]
    NoLine,
    #[error("The order has no line {line}. It has {lines}.")]
    Line { line: String, lines: String },
    #[error("A quantity is a number above nought, such as 4 or 2.5. To have nothing of a line, cancel the line in the ledger.")]
    Quantity,
    #[error("Of line {line}, {left} left the warehouse already: it cannot become {wanted}.")]
    Left { line: String, left: Quantity, wanted: Quantity },
    #[error("The customer's number has 1 to {LEDGER_REFERENCE_CHARS_MAX} characters on one line.")]
    Reference,
    #[error(
        "{by} has said so already. Goods or money would be in no book: it takes a second person who has looked, and the same document."
    )]
    SamePerson { by: String },
    #[error(transparent)]
    Nobodys(#[from] Nobodys),
}

/// Whether the ledger can have numbered a document so.
fn is_number(document: &str) -> bool {
    let may_stand = |sign: char| sign.is_alphanumeric() || DOCUMENT_SIGNS.contains(sign);
    document.chars().all(may_stand) && document.contains(|sign: char| sign.is_ascii_digit())
}

fn listed(entry: Entry) -> String {
    let names: Vec<&str> = entry.rulings.iter().map(|ruling| ruling.name()).collect();
    if names.is_empty() {
        "no decision: see its remedies".into()
    } else {
        names.join(", ")
    }
}

impl Said {
    /// Whether a card of this code takes it.
    pub fn suits(&self, code: Code) -> Result<(), Refused> {
        let ruling = self.ruling;
        let fits = |text: &str, max: usize| !text.trim().is_empty() && text.chars().count() <= max;
        if !fits(&self.reason, REASON_CHARS_MAX) {
            return Err(Refused::Unsaid);
        }
        if !code.entry().rulings.contains(&ruling) {
            return Err(Refused::NotTaken { code, ruling });
        }
        if ruling == Ruling::Declined && !self.agreed {
            return Err(Refused::NotAgreed);
        }
        match (&self.document, ruling) {
            (Some(document), Ruling::Settled) => {
                let read = Reference::parse(document).map_err(|_| Refused::Unreadable)?;
                read.fit(DOCUMENT_CHARS_MAX, "document").map_err(|_| Refused::Unreadable)?;
                if !is_number(document) {
                    return Err(Refused::Unreadable);
                }
            }
            (Some(_), _) => return Err(Refused::Document { ruling }),
            (None, Ruling::Settled) if code.is_witnessed() => return Err(Refused::NoDocument),
            (None, _) => {}
        }
        match (&self.change, ruling) {
            (None, Ruling::Amend) => Err(Refused::NoChange),
            (Some(_), Ruling::Settled | Ruling::Declined | Ruling::Keep | Ruling::Restore) => Err(Refused::Change),
            (None, _) | (Some(_), Ruling::Amend) => Ok(()),
        }
    }

    /// The document as it is kept and compared; empty without one.
    pub fn document(&self) -> String {
        self.document.as_deref().map(str::trim).unwrap_or_default().to_owned()
    }
}

/// What a person wants otherwise of an order in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Quantity {
        line: LineRef,
        quantity: Quantity,
    },
    /// The customer's own number.
    Reference(String),
}

impl Change {
    /// What a person names, in their own words.
    pub fn named(field: &str, line: Option<&str>, value: &str) -> Result<Self, Refused> {
        let value = value.trim();
        match (field.trim(), line.map(str::trim).filter(|line| !line.is_empty())) {
            ("quantity", None) => Err(Refused::NoLine),
            ("quantity", Some(line)) => {
                let quantity = Quantity::parse(value).map_err(|_| Refused::Quantity)?;
                if !quantity.is_positive() {
                    return Err(Refused::Quantity);
                }
                Ok(Self::Quantity {
                    line: LineRef(line.to_owned()),
                    quantity,
                })
            }
            ("reference", _) => {
                let reference = Reference::parse(value).map_err(|_| Refused::Reference)?;
                let fits = reference.fit(LEDGER_REFERENCE_CHARS_MAX, "the customer's number");
                fits.map(|fits| Self::Reference(fits.to_owned()))
                    .map_err(|_| Refused::Reference)
            }
            (field, _) => Err(match amendment::vat_bearing(field) {
                Some(why) => Refused::VatBearing {
                    field: field.to_owned(),
                    why,
                },
                None => Refused::Unknown { field: field.to_owned() },
            }),
        }
    }

    /// What is agreed from now on.
    pub fn over(&self, agreed: &Agreed, journey: &Journey) -> Result<Agreed, Refused> {
        let mut next = agreed.clone();
        match self {
            Self::Reference(reference) => next.reference.clone_from(reference),
            Self::Quantity { line, quantity } => {
                let lines: Vec<&str> = agreed.lines.iter().map(|known| known.line.0.as_str()).collect();
                let unknown = || Refused::Line {
                    line: line.to_string(),
                    lines: lines.join(", "),
                };
                let ours = next.lines.iter_mut().find(|known| known.line == *line).ok_or_else(unknown)?;
                let left = journey
                    .lines
                    .iter()
                    .find(|known| known.line == *line)
                    .map_or(Quantity::ZERO, |known| known.shipped);
                if left > *quantity {
                    return Err(Refused::Left {
                        line: line.to_string(),
                        left,
                        wanted: *quantity,
                    });
                }
                ours.quantity = *quantity;
            }
        }
        Ok(next)
    }
}

/// As the journal keeps it.
impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Quantity { line, quantity } => write!(f, "{quantity} of line {line}"),
            Self::Reference(reference) => write!(f, "under the customer's number {reference}"),
        }
    }
}

/// What one person's word counts for where two must say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    First,
    Second,
}

/// What it is worth that whoever has this leave says this, when a first person has said the same before, or nobody has. Saying it twice is
/// saying it once.
pub fn word(first: Option<&str>, permit: &Permit) -> Result<Word, Refused> {
    let by = permit.one_of_two()?;
    match first {
        None => Ok(Word::First),
        Some(first) if same_person(first, by) => Err(Refused::SamePerson { by: first.to_owned() }),
        Some(_) => Ok(Word::Second),
    }
}

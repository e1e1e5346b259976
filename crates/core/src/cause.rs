//! What is to blame for a finding: the mapping cell, field, record, connection or machine that must be put right.
//!
//! Findings with one code and one cause are one card, whatever number of records they stop. So a cause names exactly what one act of a
//! person puts right, and nothing of the record that happened to meet it first. It holds names, codes and numbers only: never an
//! address, and never a vendor's words.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::ident::Connection;
use crate::mapping::Cell;
use crate::sku::upper;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A cell of a mapping: one row puts right all that wants it.
    Cell(Cell),
    /// The same thing about the same field of many records: they stand as one list, and each has its own value to put right.
    Field { of: String, field: String },
    /// One record, by the number that its system knows it by.
    Record { kind: RecordKind, key: String },
    /// An item of the ledger, by its code.
    Item(String),
    /// A customer account of the ledger.
    Account(String),
    /// Everything that goes over one connection.
    Connection(Connection),
    /// Work that comes round, by its name.
    Flow(String),
    /// What a source should have sent on one day.
    Day { source: Connection, day: crate::time::Date },
    /// A write that stands still for reasons of its own.
    Effect(Fingerprint),
    /// A way in which a system refuses: the status and the shape of its words, so that equal refusals are one card.
    Refusal {
        connection: Connection,
        status: u16,
        shape: String,
    },
    /// A machine, or a part of one.
    Machine(String),
}

/// What kind of record a number is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// By the number the retailer and its customer know.
    Order,
    /// By the number the ledger gave it.
    LedgerOrder,
    Draft,
    WarehouseOrder,
    Shipment,
}

impl RecordKind {
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::LedgerOrder => "ledger order",
            Self::Draft => "draft",
            Self::WarehouseOrder => "warehouse order",
            Self::Shipment => "shipment",
        }
    }
}

impl Cause {
    pub fn field(of: impl Into<String>, field: impl Into<String>) -> Self {
        Self::Field {
            of: of.into(),
            field: field.into(),
        }
    }

    pub fn record(kind: RecordKind, key: impl Into<String>) -> Self {
        Self::Record { kind, key: key.into() }
    }

    pub fn order(reference: impl Into<String>) -> Self {
        Self::record(RecordKind::Order, reference)
    }

    /// The same for every spelling of the same thing. Cards are told apart by it, so its form is frozen.
    pub fn key(&self) -> String {
        match self {
            Self::Cell(cell) => format!("cell/{}/{}/{}", cell.table.code(), cell.scope, cell.normal()),
            Self::Field { of, field } => format!("field/{of}/{field}"),
            Self::Record { kind, key } => format!("{}/{key}", kind.noun()),
            Self::Item(code) => format!("item/{}", upper(code.trim())),
            Self::Account(reference) => format!("account/{}", upper(reference.trim())),
            Self::Connection(connection) => format!("connection/{connection}"),
            Self::Flow(flow) => format!("flow/{flow}"),
            Self::Day { source, day } => format!("day/{source}/{day}"),
            Self::Effect(id) => format!("effect/{id}"),
            Self::Refusal {
                connection,
                status,
                shape,
            } => format!("refusal/{connection}/{status}/{shape}"),
            Self::Machine(part) => format!("machine/{part}"),
        }
    }

    /// The write that stands still for reasons of its own, where it is one.
    pub fn write(&self) -> Option<&Fingerprint> {
        match self {
            Self::Effect(id) => Some(id),
            Self::Cell(_)
            | Self::Field { .. }
            | Self::Record { .. }
            | Self::Item(_)
            | Self::Account(_)
            | Self::Connection(_)
            | Self::Flow(_)
            | Self::Day { .. }
            | Self::Refusal { .. }
            | Self::Machine(_) => None,
        }
    }

    /// The connection whose trouble it is, where it is one's.
    pub fn connection(&self) -> Option<&Connection> {
        match self {
            Self::Connection(connection) | Self::Refusal { connection, .. } | Self::Day { source: connection, .. } => {
                Some(connection)
            }
            Self::Cell(_)
            | Self::Field { .. }
            | Self::Record { .. }
            | Self::Item(_)
            | Self::Account(_)
            | Self::Flow(_)
            | Self::Effect(_)
            | Self::Machine(_) => None,
        }
    }
}

/// For people: what to look for.
impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cell(cell) => cell.fmt(f),
            Self::Field { of, field } if of.is_empty() => write!(f, "field `{field}`"),
            Self::Field { of, field } => write!(f, "field `{field}` of {of}"),
            Self::Record { kind, key } => write!(f, "{} {key}", kind.noun()),
            Self::Item(code) => write!(f, "item `{code}`"),
            Self::Account(reference) => write!(f, "customer account `{reference}`"),
            Self::Connection(connection) => write!(f, "connection `{connection}`"),
            Self::Flow(flow) => f.write_str(flow),
            Self::Day { source, day } => write!(f, "`{source}` on {day}"),
            Self::Effect(id) => write!(f, "write {id}"),
            Self::Refusal { connection, status, .. } => write!(f, "a refusal of `{connection}` ({status})"),
            Self::Machine(part) => f.write_str(part),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::Table;

    #[test]
    fn every_spelling_of_a_cell_is_one_cause() {
        let cause = |theirs: &str| Cause::Cell(Cell::new(Table::Sku, "vs-acme", theirs));
        assert_eq!(cause(" abc-1 ").key(), cause("ABC-1").key());
        assert_ne!(cause("ABC-1").key(), cause("ABC-2").key());
    }

    #[test]
    fn kinds_never_meet() {
        let connection = Connection::new("a");
        let all = [
            Cause::field("", "a"),
            Cause::order("a"),
            Cause::record(RecordKind::Draft, "a"),
            Cause::Item("a".into()),
            Cause::Account("a".into()),
            Cause::Connection(connection.clone()),
            Cause::Flow("a".into()),
            Cause::Machine("a".into()),
            Cause::Refusal {
                connection,
                status: 400,
                shape: "a".into(),
            },
        ];
        let keys: std::collections::BTreeSet<_> = all.iter().map(Cause::key).collect();
        assert_eq!(keys.len(), all.len());
    }

    #[test]
    fn it_comes_back_from_the_store() {
        let cause = Cause::Cell(Cell::new(Table::CarrierIn, "wh-leeds", "DPD 24"));
        let text = serde_json::to_string(&cause).unwrap();
        assert_eq!(serde_json::from_str::<Cause>(&text).unwrap(), cause);
        assert_eq!(cause.to_string(), "despatched courier service `DPD 24` of `wh-leeds`");
    }
}

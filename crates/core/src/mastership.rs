//! Mastership: which system masters what, as a contract. A flow carries a thing from its master to the other systems; one that would
//! write a thing into the very system that masters it would overwrite the truth with an echo, and is refused.
//!
//! The operating model is a list of rows that people write. It is read whole and refused whole: two rows that master one thing, or a
//! thing that has no master, leave nobody to ask.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::cause::Cause;
use crate::effect::Kind;
use crate::finding::{Code, Finding};

/// What has a master.
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
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", const_into_str)]
pub enum Thing {
    /// Codes, descriptions, tax and price of items.
    Products,
    /// What a customer has ordered: lines, prices, address.
    Orders,
    /// Whether an order is taken.
    Acceptance,
    /// Which order gets which goods.
    Allocation,
    /// When goods have left.
    DespatchMoment,
    /// How many are on the floor.
    PhysicalStock,
    /// How many are in the books, and what they are worth.
    LedgerStock,
    /// Goods that arrive from suppliers.
    GoodsReceipts,
    /// Goods that were counted, broken or found.
    Adjustments,
    /// Goods that come back, and whether they are sold again.
    ReturnToStock,
    /// What channels show that may be sold.
    PublishedStock,
}

/// Who masters it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Master {
    Ledger,
    Warehouse,
    Channel,
    /// Its rules do: no other system knows.
    Tallyman,
}

impl Thing {
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    pub const fn name(self) -> &'static str {
        self.into_str()
    }

    /// What it is, for people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Products => "what an item is called, costs and is taxed at",
            Self::Orders => "what a customer has ordered",
            Self::Acceptance => "whether an order is taken",
            Self::Allocation => "which order gets which goods",
            Self::DespatchMoment => "when goods have left",
            Self::PhysicalStock => "how many are on the floor",
            Self::LedgerStock => "how many are in the books",
            Self::GoodsReceipts => "what arrives from suppliers",
            Self::Adjustments => "what was counted, broken or found",
            Self::ReturnToStock => "what comes back, and whether it is sold again",
            Self::PublishedStock => "what channels show that may be sold",
        }
    }

    /// Who masters it where nothing else is said: the ledger products and books, the warehouse the floor, the channel its orders.
    const fn usual(self) -> Master {
        match self {
            Self::Products | Self::LedgerStock | Self::GoodsReceipts => Master::Ledger,
            Self::PhysicalStock | Self::DespatchMoment | Self::Allocation | Self::Adjustments | Self::ReturnToStock => {
                Master::Warehouse
            }
            Self::Orders => Master::Channel,
            Self::Acceptance | Self::PublishedStock => Master::Tallyman,
        }
    }
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Master {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ledger => "ledger",
            Self::Warehouse => "warehouse",
            Self::Channel => "channel",
            Self::Tallyman => "tallyman",
        }
    }
}

impl fmt::Display for Master {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a kind of write carries, and into which system; nothing where it changes nothing that has a master.
const fn writes(kind: Kind) -> Option<(Thing, Master)> {
    match kind {
        Kind::Draft | Kind::ConfirmDraft | Kind::AmendOrder => Some((Thing::Orders, Master::Ledger)),
        Kind::Acknowledge => Some((Thing::Acceptance, Master::Channel)),
        Kind::Release => Some((Thing::Orders, Master::Warehouse)),
        Kind::Despatch => Some((Thing::DespatchMoment, Master::Ledger)),
        Kind::Confirm | Kind::ConfirmPart => Some((Thing::DespatchMoment, Master::Channel)),
        // Our own draft that no order has, and what is said to people.
        Kind::DeleteDraft | Kind::Alert => None,
    }
}

/// The flows that carry a thing, each with the system that it is written into.
pub fn flows(thing: Thing) -> impl Iterator<Item = (Kind, Master)> {
    let of = move |kind: Kind| {
        writes(kind)
            .filter(|(written, _)| *written == thing)
            .map(|(_, into)| (kind, into))
    };
    Kind::ALL.into_iter().filter_map(of)
}

/// The operating model of one merchant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    masters: BTreeMap<Thing, Master>,
}

/// Why an operating model is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("Two systems master {thing}: {one} and {other}. Leave the row of the one that is asked when they differ.")]
    Two { thing: Thing, one: Master, other: Master },
    #[error("Nobody masters {thing}. Add a row that says which system is asked when others differ.")]
    None { thing: Thing },
    #[error(
        "{flow} would write {thing} into the {system}, which masters it. Say that another system masters {thing}, or run no such flow."
    )]
    Echo {
        flow: &'static str,
        thing: Thing,
        system: Master,
    },
}

impl Default for Model {
    fn default() -> Self {
        Self {
            masters: Thing::ALL.iter().map(|thing| (*thing, thing.usual())).collect(),
        }
    }
}

impl Model {
    /// The model of these rows, which must name each thing once and suit the flows that run.
    pub fn of(rows: &[(Thing, Master)]) -> Result<Self, Refused> {
        let mut masters = BTreeMap::new();
        for (thing, master) in rows {
            if let Some(one) = masters.insert(*thing, *master) {
                return Err(Refused::Two {
                    thing: *thing,
                    one,
                    other: *master,
                });
            }
        }
        for thing in Thing::ALL {
            if !masters.contains_key(thing) {
                return Err(Refused::None { thing: *thing });
            }
        }
        let model = Self { masters };
        Kind::ALL.into_iter().try_for_each(|kind| model.suits(kind))?;
        Ok(model)
    }

    /// The usual model but for one row, whatever comes of it: what a running program meets whose model was changed behind it.
    pub fn with(mut self, thing: Thing, master: Master) -> Self {
        self.masters.insert(thing, master);
        self
    }

    /// Who masters each thing.
    pub fn rows(&self) -> impl Iterator<Item = (Thing, Master)> + '_ {
        self.masters.iter().map(|(thing, master)| (*thing, *master))
    }

    fn suits(&self, kind: Kind) -> Result<(), Refused> {
        match writes(kind) {
            Some((thing, system)) if self.masters.get(&thing) == Some(&system) => Err(Refused::Echo {
                flow: kind.name(),
                thing,
                system,
            }),
            _ => Ok(()),
        }
    }

    /// Why a write may not be sent; nothing if it may.
    pub fn forbids(&self, kind: Kind) -> Option<Finding> {
        let refused = self.suits(kind).err()?;
        let cause = Cause::Flow(kind.name().to_owned());
        Some(Finding::new(
            Code::MasterUnclear,
            cause,
            format!("Nothing was sent. {refused}"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usual() -> Vec<(Thing, Master)> {
        Thing::ALL.iter().map(|thing| (*thing, thing.usual())).collect()
    }

    #[test]
    fn the_usual_model_suits_every_flow() {
        assert_eq!(Model::of(&usual()), Ok(Model::default()));
        assert!(Kind::ALL.into_iter().all(|kind| Model::default().forbids(kind).is_none()));
    }

    #[test]
    fn each_thing_has_a_row_and_no_flow_goes_into_its_master() {
        let rows: Vec<(Thing, Master)> = Model::default().rows().collect();
        assert_eq!(rows.len(), Thing::ALL.len());
        for (thing, master) in rows {
            assert!(flows(thing).all(|(_, into)| into != master), "{thing}");
        }
        let moment: Vec<Master> = flows(Thing::DespatchMoment).map(|(_, into)| into).collect();
        assert_eq!(moment, [Master::Channel, Master::Ledger, Master::Channel]);
    }

    #[test]
    fn a_thing_has_one_master_and_no_fewer() {
        let mut rows = usual();
        rows.push((Thing::Orders, Master::Ledger));
        assert!(matches!(
            Model::of(&rows),
            Err(Refused::Two {
                thing: Thing::Orders,
                ..
            })
        ));
        rows.retain(|(thing, _)| *thing != Thing::Orders);
        assert_eq!(Model::of(&rows), Err(Refused::None { thing: Thing::Orders }));
    }

    #[test]
    fn nothing_is_written_into_the_system_that_masters_it() {
        let mut rows = usual();
        rows.retain(|(thing, _)| *thing != Thing::DespatchMoment);
        rows.push((Thing::DespatchMoment, Master::Ledger));
        let refused = Model::of(&rows).unwrap_err();
        assert!(refused.to_string().contains("ledger.despatch"), "{refused}");
        let behind = Model::default().with(Thing::DespatchMoment, Master::Ledger);
        let finding = behind.forbids(Kind::Despatch).unwrap();
        assert_eq!(finding.code, Code::MasterUnclear);
        assert!(behind.forbids(Kind::Confirm).is_none());
    }
}

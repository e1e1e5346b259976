//! Rights, and the table that says which of them each level has.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::catalogue::Owner;
use crate::mapping::Table;

/// One kind of thing that somebody may do. Each guards something that is there today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Cards, counts, tallies, mappings: names and numbers, and no person.
    Read,
    /// The journey of an order: its numbers, its way, each attempt and what was said in it, with whatever is somebody's masked.
    Follow,
    /// What is kept sealed: the sentences of single records, what people noted, the whole story of an order. It may name a customer.
    Open,
    /// Take up cards, hand them over, set them aside, take them apart; amend an order (with `open`) or try it again; test an alert route.
    Act,
    /// Say what words mean.
    Map,
    /// Say what became of a write that nobody can tell about.
    Answer,
    /// Note something on a card, and nothing else. Who may `act` may do this.
    Comment,
    /// Say what customers and tax rates mean in the ledger.
    MapMoney,
    /// Add people, give and take levels, end sessions.
    People,
    /// Stop a connection or hold writes, test it, have its work done now, sign in again.
    Connect,
    /// See personal data in what was sent and answered, which is masked otherwise. Each look has a reason, and the journal keeps it first.
    Unmask,
    /// Let a change that decides posting count that somebody else proposes, or reject it.
    Approve,
    /// Destroy a customer's data. No level has it: it is done on the machine itself.
    Erase,
}

impl Right {
    pub const ALL: [Self; 13] = [
        Self::Read,
        Self::Follow,
        Self::Open,
        Self::Act,
        Self::Map,
        Self::Answer,
        Self::Comment,
        Self::MapMoney,
        Self::People,
        Self::Connect,
        Self::Unmask,
        Self::Approve,
        Self::Erase,
    ];

    /// What a token can be given ([`Self::of_token`]).
    pub const OF_TOKENS: [Self; 10] = [
        Self::Read,
        Self::Follow,
        Self::Open,
        Self::Act,
        Self::Map,
        Self::Answer,
        Self::Connect,
        Self::Unmask,
        Self::People,
        Self::Approve,
    ];

    /// What a token may to which these were given. Those that were told apart later come with what they were once a part of.
    pub fn of_token(given: &BTreeSet<Self>) -> BTreeSet<Self> {
        let parts = [
            (Self::Act, Self::Comment),
            (Self::Map, Self::MapMoney),
            (Self::Open, Self::Follow),
        ];
        let with = parts
            .into_iter()
            .filter(|(whole, _)| given.contains(whole))
            .map(|(_, part)| part);
        given.iter().copied().chain(with).collect()
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Follow => "follow",
            Self::Open => "open",
            Self::Act => "act",
            Self::Map => "map",
            Self::Answer => "answer",
            Self::Comment => "comment",
            Self::MapMoney => "map_money",
            Self::People => "people",
            Self::Connect => "connect",
            Self::Unmask => "unmask",
            Self::Approve => "approve",
            Self::Erase => "erase",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.name() == name)
    }

    /// What somebody with it may do, in few words: what stands after `may` and `may not`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Read => "see cards and counts",
            Self::Follow => "see orders",
            Self::Open => "see what names a customer",
            Self::Act => "act on cards",
            Self::Map => "say what words mean",
            Self::Answer => "say what became of a write",
            Self::Comment => "comment on cards",
            Self::MapMoney => "say what customers and tax rates mean",
            Self::People => "manage people",
            Self::Connect => "manage connections",
            Self::Unmask => "see personal data",
            Self::Approve => "approve proposals",
            Self::Erase => "erase a customer’s data",
        }
    }

    /// What it lets somebody do, as people are told.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Read => "See cards, counts, tallies and mappings: names and numbers, and no person.",
            Self::Follow => "Follow an order: its numbers, its way, each attempt and what was said in it, with persons masked.",
            Self::Open => {
                "Read what is kept sealed: sentences of single records, notes, the whole story of an order. It may name a customer."
            }
            Self::Act => {
                "Take up cards of one’s own teams, hand them over, decide about them; amend an order or try it again; test an alert route."
            }
            Self::Map => "Say what words mean: items, units, warehouses, carriers.",
            Self::Answer => "Say what became of a write that nobody can tell about.",
            Self::Comment => "Note something on a card.",
            Self::MapMoney => "Propose what customers and tax rates mean in the ledger.",
            Self::People => "Add people, give and take levels, end sessions.",
            Self::Approve => "Let a change that decides posting count that somebody else proposed, or reject it.",
            Self::Connect => "Stop a connection or hold writes, test it, have its work done now, sign in again.",
            Self::Unmask => {
                "See personal data in what was sent and answered; each look has a reason, which the journal keeps first."
            }
            Self::Erase => "Destroy a customer’s data.",
        }
    }

    /// What it takes to say what a word of this table means.
    pub const fn to_map(table: Table) -> Self {
        match table {
            Table::Sku | Table::Unit | Table::Warehouse | Table::CarrierOut | Table::CarrierIn | Table::CarrierLedger => {
                Self::Map
            }
            Table::Customer | Table::Tax => Self::MapMoney,
        }
    }

    /// Whether it counts for the cards of one's own teams only. Whoever may look, looks at all.
    pub const fn is_by_team(self) -> bool {
        match self {
            Self::Act => true,
            Self::Read
            | Self::Follow
            | Self::Open
            | Self::Map
            | Self::Answer
            | Self::Comment
            | Self::MapMoney
            | Self::People
            | Self::Connect
            | Self::Unmask
            | Self::Approve
            | Self::Erase => false,
        }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A fixed set of rights, named after whoever usually needs them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Viewer,
    CustomerService,
    Operations,
    Finance,
    Integrator,
    /// People, and nothing of the orders. An administrator who needs these takes a second level, and the journal shows who gave it.
    Administrator,
}

impl Level {
    pub const ALL: [Self; 6] = [
        Self::Viewer,
        Self::CustomerService,
        Self::Operations,
        Self::Finance,
        Self::Integrator,
        Self::Administrator,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::CustomerService => "customer_service",
            Self::Operations => "operations",
            Self::Finance => "finance",
            Self::Integrator => "integrator",
            Self::Administrator => "administrator",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }

    /// The table of rights.
    pub const fn rights(self) -> &'static [Right] {
        use Right::{Act, Answer, Approve, Comment, Connect, Follow, Map, MapMoney, Open, People, Read, Unmask};
        match self {
            Self::Viewer => &[Read],
            Self::CustomerService => &[Read, Follow, Open, Comment],
            Self::Operations => &[Read, Follow, Open, Act, Map, Answer, Comment, Unmask],
            Self::Finance => &[Read, Follow, Open, Act, Answer, Comment, MapMoney, Approve, Unmask],
            Self::Integrator => &[Read, Follow, Act, Map, Answer, Comment, MapMoney, Connect],
            Self::Administrator => &[Read, People],
        }
    }

    /// The teams whose cards it acts on, where none are named; every team's, if it is empty.
    pub fn own_teams(self) -> BTreeSet<Owner> {
        match self {
            Self::Operations => BTreeSet::from([Owner::Operations]),
            Self::Finance => BTreeSet::from([Owner::Finance]),
            Self::Viewer | Self::CustomerService | Self::Integrator | Self::Administrator => BTreeSet::new(),
        }
    }

    /// Those that have this right, for whoever misses it.
    pub fn with(right: Right) -> Vec<Self> {
        Self::ALL
            .into_iter()
            .filter(|level| level.rights().contains(&right))
            .collect()
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written apart from the code, as one would write it for an auditor: a column a right, in the order of [`Right::ALL`].
    const TABLE: [(&str, [u8; 13]); 6] = [
        //                   read follow open act map answer comment map_money people connect unmask approve erase
        ("viewer", [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        ("customer_service", [1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
        ("operations", [1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0]),
        ("finance", [1, 1, 1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 0]),
        ("integrator", [1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 0, 0, 0]),
        ("administrator", [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]),
    ];

    #[test]
    fn each_level_has_the_rights_of_the_table_and_no_others() {
        assert_eq!(TABLE.map(|(name, _)| name), Level::ALL.map(Level::name));
        for (name, row) in TABLE {
            let level = Level::named(name).unwrap();
            for (right, has) in Right::ALL.into_iter().zip(row) {
                assert_eq!(level.rights().contains(&right), has == 1, "{name} {right}");
                assert_eq!(Level::with(right).contains(&level), has == 1, "{name} {right}");
            }
        }
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for level in Level::ALL {
            assert_eq!(Level::named(level.name()), Some(level));
            assert_eq!(serde_json::to_value(level).unwrap(), level.name());
        }
        for right in Right::ALL {
            assert_eq!(serde_json::to_value(right).unwrap(), right.name());
        }
        assert_eq!(Level::named("boss"), None);
    }

    #[test]
    fn words_about_money_take_a_right_of_their_own() {
        let money: Vec<Table> = Table::ALL
            .into_iter()
            .filter(|table| Right::to_map(*table) == Right::MapMoney)
            .collect();
        assert_eq!(money, [Table::Customer, Table::Tax]);
    }
}

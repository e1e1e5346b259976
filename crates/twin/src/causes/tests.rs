use std::collections::BTreeSet;

use super::*;
use crate::faults::Faults;
use crate::settings::{Orders, Settings};

#[test]
fn no_two_causes_are_called_the_same_and_each_that_stands_alone_has_a_company() {
    let names: BTreeSet<&str> = ALL.iter().map(|cause| cause.name).collect();
    assert_eq!(names.len(), ALL.len());
    let homes: BTreeSet<u32> = ALL.iter().map(company).collect();
    assert_eq!(homes, (1..=companies()).collect());
}

#[test]
fn five_systems_or_crowds_take_much_with_them() {
    let much = [
        "Sage is down",
        "Mintsoft is down",
        "Virtualstock is down",
        "a sign-in that is lost",
        "an item that nobody has, in a fifth of all orders",
    ];
    assert!(much.iter().all(|name| ALL.iter().any(|cause| cause.name == *name)));
}

#[test]
fn only_what_is_chosen_is_planted() {
    let chosen = |names: &[&str]| -> Vec<&str> {
        let settings = Settings {
            seed: 7,
            origin: 0,
            companies: Vec::new(),
            faults: Faults::none(),
            orders: Orders {
                count: 1,
                skip_invoices: 0,
                within: 1,
                same_for_all: false,
                planted_per_mille: 0,
                mended: false,
                relisted: 0,
                foreign_per_mille: 0,
                keyed_late_per_mille: 0,
                lines_max: 0,
                named_items_only: true,
            },
            limits: true,
            virtualstock: crate::virtualstock::Switches::default(),
            mintsoft: crate::mintsoft::Switches::default(),
            sage: crate::sage::Switches::default(),
            plant: Some(Plant::Causes),
            plant_only: names.iter().map(|name| (*name).to_owned()).collect(),
        };
        ALL.iter()
            .filter(|cause| settings.plants(cause))
            .map(|cause| cause.name)
            .collect()
    };
    assert_eq!(chosen(&[]).len(), ALL.len());
    assert_eq!(chosen(&["one piece more"]), ["one piece more"]);
}

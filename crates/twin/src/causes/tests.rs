use std::collections::BTreeSet;

use super::*;

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

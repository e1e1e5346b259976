//! Which company an order goes to, and which order gets into which trouble: settled when the world is made.

use std::collections::BTreeMap;

use super::{ALL, Home, company};
use crate::retail::{self, rule};

/// The companies of so many orders, in the order in which they arrive. Those that stand alone come first, so that their day is long.
pub(crate) fn deal(orders: usize) -> Vec<u32> {
    let mut wanted: Vec<(u32, usize)> = Vec::new();
    for cause in ALL {
        match cause.home {
            Home::Alone(count) => wanted.push((company(cause), count as usize)),
            Home::Crowd => wanted.push((company(cause), (orders / 5).max(10))),
            Home::Among(_) | Home::With(_) => {}
        }
    }
    let mut dealt = Vec::new();
    let mut round = 0;
    while dealt.len() < orders {
        let own = wanted.iter().filter(|(_, count)| round < *count).map(|(company, _)| *company);
        dealt.extend(own.chain([1, 2, 1, 2]));
        round += 1;
    }
    dealt.truncate(orders);
    dealt
}

/// The order that each cause falls upon, by name: its invoice. `arriving` are company and invoice, in order.
pub(crate) fn targets(arriving: &[(u32, usize)]) -> BTreeMap<&'static str, usize> {
    let mut free: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (company, invoice) in arriving {
        free.entry(*company).or_default().push(*invoice);
    }
    let mut found = BTreeMap::new();
    for cause in ALL {
        let there = free.entry(company(cause)).or_default();
        match cause.home {
            Home::Alone(_) | Home::Crowd => {
                found.extend(there.first().map(|invoice| (cause.name, *invoice)));
            }
            Home::Among(_) => {
                // The first of all stays as it should be, for what must have gone before.
                let fit = there.iter().skip(1).position(|invoice| fits(*invoice));
                if let Some(place) = fit {
                    found.insert(cause.name, there.remove(place + 1));
                }
            }
            Home::With(_) => {}
        }
    }
    for cause in ALL {
        if let Home::With(other) = cause.home
            && let Some(invoice) = found.get(other).copied()
        {
            found.insert(cause.name, invoice);
        }
    }
    found
}

/// At home, of two lines and more, the first with pieces to spare.
fn fits(invoice: usize) -> bool {
    let invoice = &retail::invoices()[invoice];
    let lines = rule::judge(invoice, 0).outcome.unwrap_or_default();
    rule::country_code(&invoice.country) == "GB" && lines.len() > 1 && lines[0].quantity > 1 && lines[0].code != lines[1].code
}

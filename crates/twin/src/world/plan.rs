//! Which orders will arrive, when and where: settled when the world is made.

use std::collections::{BTreeMap, BTreeSet};

use super::{Defect, Event, Progress, reference};
use crate::causes;
use crate::chance::Chance;
use crate::clock::{Instant, MINUTE};
use crate::faults::Span;
use crate::retail::{self, rule};
use crate::settings::Settings;

/// How long before an order arrives somebody has keyed it by hand: long enough for every list to show it.
const KEYED_BEFORE: Span = Span::new(3 * MINUTE, 30 * MINUTE);
/// When somebody keys an order late, counted from [`KEYED_LATE_FROM`] before it arrives. What a list does not show yet, or what is not
/// there yet, no look can see.
const KEYED_LATE: Span = Span::new(0, 15 * MINUTE);
const KEYED_LATE_FROM: i64 = 2 * MINUTE;

pub(super) struct Plan {
    pub(super) due: BTreeMap<(Instant, u64), Event>,
    pub(super) progress: Progress,
    pub(super) stopped: BTreeSet<(u32, String)>,
    pub(super) keyed_late: BTreeSet<(u32, String)>,
    /// Invoices whose orders get into a trouble that was asked for, by its name.
    pub(super) targets: BTreeMap<&'static str, usize>,
}

/// Reads invoices until enough have become orders, or until each was read once.
pub(super) fn plan(settings: &Settings) -> Plan {
    let mut progress = Progress::default();
    let chosen = choose(settings, &mut progress);
    let mut plan = Plan {
        due: BTreeMap::new(),
        progress,
        stopped: BTreeSet::new(),
        keyed_late: BTreeSet::new(),
        targets: BTreeMap::new(),
    };
    let mut chance = Chance::new(settings.seed, "planted");
    // The first kind is drawn and the others follow in turn: a day with many has them all, and over many short days each is met about
    // as often as the others.
    let first_kind = Chance::new(settings.seed, "defects").between(0, Defect::ALL.len() as i64 - 1) as usize;
    let mut serial = 0;
    let mut planted_count = 0;
    let companies: Vec<u32> = settings.companies.iter().map(|company| company.number).collect();
    let dealt = settings.plant.map(|_| causes::deal(chosen.len()));
    let arriving = arrivals(&chosen, settings);
    if let Some(dealt) = &dealt {
        let invoices = arriving.iter().map(|(invoice, _)| *invoice);
        plan.targets = causes::targets(&dealt.iter().copied().zip(invoices).collect::<Vec<_>>());
    }
    let many = arriving.len();
    for (turn, (invoice, at)) in arriving.into_iter().enumerate() {
        let relisted = is_relisted(turn, many, settings.orders.relisted);
        let receivers = if relisted {
            companies.get(..1).unwrap_or_default()
        } else if settings.orders.same_for_all {
            &companies[..]
        } else if let Some(dealt) = &dealt {
            std::slice::from_ref(&dealt[turn])
        } else {
            dealt_to(&companies, turn)
        };
        for &company in receivers {
            let reference = reference(&retail::invoices()[invoice]);
            let drawn = chance.per_mille(settings.orders.planted_per_mille);
            let planted = if relisted {
                Some((Defect::Relisted, 0))
            } else {
                drawn.then(|| {
                    let kind = Defect::ALL[(first_kind + planted_count as usize) % Defect::ALL.len()];
                    planted_count += 1;
                    (kind, planted_count)
                })
            };
            let foreign = planted.is_none() && chance.per_mille(settings.orders.foreign_per_mille);
            let mended = planted.is_some_and(|(defect, _)| settings.orders.mended && defect.can_be_mended());
            if let Some((defect, _)) = planted {
                let planted = if mended {
                    &mut plan.progress.mended
                } else {
                    &mut plan.progress.planted
                };
                *planted.entry(defect.name().into()).or_default() += 1;
            }
            let late = planted.is_none() && !foreign && chance.per_mille(settings.orders.keyed_late_per_mille);
            if foreign || late {
                serial += 1;
                let keyed = if foreign {
                    plan.progress.foreign += 1;
                    at - KEYED_BEFORE.draw(&mut chance)
                } else {
                    plan.progress.keyed_late += 1;
                    plan.keyed_late.insert((company, reference.clone()));
                    at - KEYED_LATE_FROM + KEYED_LATE.draw(&mut chance)
                };
                plan.due.insert(
                    (keyed, serial),
                    Event::KeyByHand {
                        company,
                        reference: reference.clone(),
                    },
                );
            }
            if foreign || (planted.is_some() && !mended) {
                plan.stopped.insert((company, reference));
            }
            serial += 1;
            plan.progress.expected += 1;
            plan.due.insert(
                (at, serial),
                Event::Arrive {
                    company,
                    invoice,
                    planted,
                },
            );
        }
    }
    plan
}

/// Whether the order of this turn is one of so many that are spread over all of them.
fn is_relisted(turn: usize, many: usize, relisted: u32) -> bool {
    let before = |turn: usize| turn * (relisted as usize) / many.max(1);
    before(turn + 1) > before(turn)
}

fn dealt_to(companies: &[u32], turn: usize) -> &[u32] {
    if companies.is_empty() {
        &[]
    } else {
        std::slice::from_ref(&companies[turn % companies.len()])
    }
}

/// The items that Sage is founded with.
pub fn items(settings: &Settings) -> Vec<retail::CatalogueItem> {
    let mut items = retail::catalogue();
    if settings.orders.named_items_only {
        let invoices = retail::invoices();
        let chosen = choose(settings, &mut Progress::default());
        let rows = chosen.iter().flat_map(|place| &invoices[*place].rows);
        let named: BTreeSet<String> = rows.map(|row| row.code.to_ascii_uppercase()).collect();
        items.retain(|item| named.contains(&item.code.to_ascii_uppercase()));
    }
    items
}

/// Places of the invoices that become orders. Reading starts after those passed over and goes on from the beginning at the end.
fn choose(settings: &Settings, progress: &mut Progress) -> Vec<usize> {
    let invoices = retail::invoices();
    let start = settings.orders.skip_invoices as usize % invoices.len();
    let mut chosen = Vec::new();
    for place in (start..invoices.len()).chain(0..start) {
        if chosen.len() >= settings.orders.count as usize {
            break;
        }
        progress.invoices_read += 1;
        let judged = rule::judge(&invoices[place], settings.orders.lines_max);
        for (reason, lines) in judged.set_aside {
            *progress.lines_set_aside.entry(reason.name().into()).or_default() += lines;
        }
        match judged.outcome {
            Ok(_) => chosen.push(place),
            Err(reason) => *progress.declined.entry(reason.name().into()).or_default() += 1,
        }
    }
    progress.orders = chosen.len() as u64;
    chosen
}

/// When each arrives: their own spacing, scaled so that the first arrives at the origin and the last at the end of the time given.
fn arrivals(chosen: &[usize], settings: &Settings) -> Vec<(usize, Instant)> {
    let invoices = retail::invoices();
    let mut minutes = 0_i64;
    let mut last = None;
    let mut offsets = Vec::with_capacity(chosen.len());
    for &place in chosen {
        let placed = invoices[place].placed;
        // The step from the data's end back to its beginning is no time at all.
        let gap = last.map_or(0, |last: jiff::civil::DateTime| placed.duration_since(last).as_mins().max(0));
        minutes += gap;
        last = Some(placed);
        offsets.push((place, minutes));
    }
    let whole = i128::from(minutes.max(1));
    let scaled = |minutes: i64| (i128::from(minutes) * i128::from(settings.orders.within) / whole) as i64;
    offsets
        .into_iter()
        .map(|(place, minutes)| (place, settings.origin + scaled(minutes)))
        .collect()
}

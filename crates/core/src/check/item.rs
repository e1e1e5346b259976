//! Which item of the ledger a line means: exactly one, that may be sold and is held where it ships from, or a finding.
//!
//! A mapped code first; else the item that the ledger holds under this very code; else the one that it holds under this barcode. Each
//! of these is a name that the ledger itself keeps. A resemblance is none, and where two of them name different items nothing is chosen.

use super::{Known, Stopped, line_of, unmapped};
use crate::cause::Cause;
use crate::document::{Item, Order, OrderLine};
use crate::finding::{Code, Finding};
use crate::mapping::{Cell, Table};
use crate::sku::{Sku, is_barcode};

pub(super) fn of<'a>(
    line: &OrderLine,
    order: &Order,
    known: &'a Known<'_>,
    warehouse_id: Option<i64>,
) -> Result<&'a Item, Finding> {
    let item = named(line, order, known)?;
    not_reissued(line, order, known, item)?;
    let (stopped, code) = (line_of(order, line), &item.sku);
    let blame = |code, sentence| Err(Finding::new(code, Cause::Item(item.sku.to_string()), sentence));
    if !item.may_be_sold {
        let sentence = format!(
            "{stopped}: item {code} may not be sold, it is inactive in the ledger. Make it active, or map {} to another item.",
            line.sku
        );
        return blame(Code::ItemInactive, sentence);
    }
    if let (Some(held), Some(warehouse)) = (&item.held_at, warehouse_id)
        && !held.contains(&warehouse)
    {
        let sentence = format!(
            "{stopped}: item {code} has no holding in the ledger at the warehouse that {} is mapped to. Add the item to that warehouse \
             there, or map {} to another item.",
            known.route.warehouse, line.sku
        );
        return blame(Code::ItemNotHeld, sentence);
    }
    Ok(item)
}

fn named<'a>(line: &OrderLine, order: &Order, known: &'a Known<'_>) -> Result<&'a Item, Finding> {
    let (facts, stopped) = (known.facts, line_of(order, line));
    let cell = known.cell(Table::Sku, &line.sku);
    let mapped = known.mappings.lookup(&cell);
    let code = mapped.unwrap_or(&line.sku);
    let unknown = || match mapped {
        Some(ours) => Finding::new(
            Code::SkuUnknown,
            Cause::Cell(cell.clone()),
            means_nothing(stopped, &cell, ours),
        ),
        None => unmapped(
            Code::SkuUnknown,
            stopped,
            &cell,
            "The ledger has no item of this code either. Map it to an item, or create the item in the ledger.",
        ),
    };
    let sku = Sku::parse(code).map_err(|_| unknown())?;
    let alike = facts.alike(&sku);
    if !alike.is_empty() {
        // Somebody who writes a mapping means the item that is written so.
        let meant = alike
            .iter()
            .find(|item| mapped.is_some() && item.sku.to_string() == sku.to_string());
        let what = || {
            format!(
                "the ledger has items {}, which it calls equal",
                list(alike.iter().map(|item| &item.sku))
            )
        };
        return meant.ok_or_else(|| ambiguous(stopped, &cell, &what()));
    }
    let Some(item) = facts.item(&sku) else {
        return match (mapped, facts.by_barcode(code)) {
            (None, [one]) => facts.items.get(one).ok_or_else(unknown),
            (None, several @ [_, _, ..]) => {
                let what = format!("barcode {code} belongs to items {} of the ledger", list(several));
                Err(barcode(stopped, &cell, &what))
            }
            (None, []) if is_barcode(code) => Err(barcode(stopped, &cell, &format!("no item of the ledger has barcode {code}"))),
            (None, []) | (Some(_), _) => Err(unknown()),
        };
    };
    let key = item.sku.key_under(facts.collation);
    let others = || facts.by_barcode(code).iter().filter(|other| *other != key.as_str());
    if mapped.is_none() && others().next().is_some() {
        let what = format!(
            "{code} is the code of one item of the ledger and the barcode of another, {}",
            list(others())
        );
        return Err(ambiguous(stopped, &cell, &what));
    }
    Ok(item)
}

fn means_nothing(stopped: Stopped<'_>, cell: &Cell, ours: &str) -> String {
    format!(
        "{stopped}: {cell} means `{ours}`, which the ledger does not have. Say what else it means, or create the item in the ledger."
    )
}

/// A retailer's own number that came with another of our codes before is not believed, until somebody has mapped the number itself to
/// the item that the line now means.
fn not_reissued(line: &OrderLine, order: &Order, known: &Known<'_>, item: &Item) -> Result<(), Finding> {
    let Some(before) = &line.first_came_with else {
        return Ok(());
    };
    let cell = known.cell(Table::Sku, &line.part_number);
    let collation = known.facts.collation;
    let confirmed = known.mappings.lookup(&cell).and_then(|ours| Sku::parse(ours).ok());
    if confirmed.is_some_and(|ours| ours.key_under(collation) == item.sku.key_under(collation)) {
        return Ok(());
    }
    let sentence = format!(
        "{}: the retailer's number {} came with {before} before and comes with {} now. Ask the retailer which item it means; if it is the \
         new one, map the number to {}.",
        line_of(order, line),
        line.part_number,
        line.sku,
        item.sku
    );
    Err(Finding::new(Code::RetailerNumberReissued, Cause::Cell(cell), sentence))
}

fn ambiguous(stopped: Stopped<'_>, cell: &Cell, what: &str) -> Finding {
    let sentence = format!("{stopped}: {what}. Map {cell} to the one that is meant, or make them differ in the ledger.");
    Finding::new(Code::SkuAmbiguous, Cause::Cell(cell.clone()), sentence)
}

fn barcode(stopped: Stopped<'_>, cell: &Cell, what: &str) -> Finding {
    let sentence = format!("{stopped}: {what}. Give it to one item there, or map {cell} to the item that is meant.");
    Finding::new(Code::BarcodeUnknown, Cause::Cell(cell.clone()), sentence)
}

fn list(codes: impl IntoIterator<Item = impl std::fmt::Display>) -> String {
    let codes: Vec<String> = codes.into_iter().map(|code| code.to_string()).collect();
    codes.join(" and ")
}

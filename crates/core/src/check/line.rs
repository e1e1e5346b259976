//! A line: its item, its VAT, and how much of it in the ledger's own unit.

use std::collections::BTreeMap;

use super::{CheckedLine, Known, figures, item, keep, line_of, not_there, unmapped};
use crate::cause::Cause;
use crate::document::{Order, OrderLine};
use crate::effect::{LedgerLine, ReleasedItem};
use crate::facts::TaxCode;
use crate::finding::{Code, Finding};
use crate::mapping::Table;
use crate::money::Money;
use crate::quantity::{Quantity, Ratio};

/// The line as the ledger will hold it, what stands on it, and its net; or all that is wrong with it.
pub fn of(
    line: &OrderLine,
    order: &Order,
    known: &Known<'_>,
    warehouse_id: Option<i64>,
) -> Result<(LedgerLine, CheckedLine, Money), Vec<Finding>> {
    let mut findings = Vec::new();
    let item = keep(item::of(line, order, known, warehouse_id), &mut findings);
    let tax = keep(tax(line, order, known), &mut findings);
    let sold = keep(in_ledger_units(line, order, known), &mut findings);
    let net = keep(figures::line(line, order), &mut findings);
    match (item, tax, sold, net, warehouse_id) {
        (Some(item), Some(tax), Some((unit, quantity, unit_price)), Some(net), Some(warehouse_id)) if findings.is_empty() => {
            let ledger = LedgerLine {
                line: line.line.clone(),
                product_id: item.ledger_id,
                code: item.sku.as_str().to_owned(),
                warehouse_id,
                quantity,
                unit_price,
                tax_code_id: tax.id,
            };
            let sku = item.sku.clone();
            Ok((ledger, CheckedLine { sku, unit, quantity }, net))
        }
        _ => Err(findings),
    }
}

fn tax<'a>(line: &OrderLine, order: &Order, known: &'a Known<'_>) -> Result<&'a TaxCode, Finding> {
    const CODE: Code = Code::TaxUnmapped;
    let (stopped, theirs) = (
        line_of(order, line),
        line.tax_rate.map_or_else(String::new, |rate| rate.to_string()),
    );
    let ours = known
        .lookup(Table::Tax, &theirs)
        .map_err(|cell| unmapped(CODE, stopped, &cell, "Map this VAT rate to a tax code of the ledger."))?;
    let cell = known.cell(Table::Tax, &theirs);
    let code = known.facts.tax_codes.get(ours);
    let code = code.ok_or_else(|| not_there(CODE, stopped, &cell, "tax code", ours))?;
    if line.tax_rate.is_some_and(|rate| rate != code.rate) {
        let sentence = format!(
            "{stopped}: {cell} is mapped to tax code {ours}, whose rate in the ledger is {}. Map it to the code of its own rate.",
            code.rate
        );
        return Err(Finding::new(CODE, Cause::Cell(cell), sentence));
    }
    Ok(code)
}

/// What one of theirs is in the ledger's unit, and the line's quantity and price in it. Both are exact, so their product, the line's
/// net, is the retailer's to the penny; what cannot be said exactly is nobody's to round.
fn in_ledger_units(line: &OrderLine, order: &Order, known: &Known<'_>) -> Result<(Ratio, Quantity, Money), Finding> {
    let cell = known.cell(Table::Unit, &line.sku);
    let Some(ours) = known.mappings.lookup(&cell) else {
        return Ok((Ratio::ONE, line.quantity, line.unit_price));
    };
    let stopped = |sentence| Finding::new(Code::UnitUnmapped, Cause::Cell(cell.clone()), sentence);
    let unit = Ratio::parse(ours).map_err(|error| {
        stopped(format!(
            "{}: the mapping for {cell} cannot be used: {error}. Say in it how many of the ledger's stock unit one of the retailer's is.",
            line_of(order, line)
        ))
    })?;
    let inexact = |what: String| {
        stopped(format!(
            "Order {} line {}: {cell} is mapped to {unit} of the ledger's stock unit, and {what} cannot be said in that unit exactly, to \
             five decimal places. Correct the mapping; if it is right, ask the retailer for a quantity and price that can.",
            order.reference.as_str(),
            line.line
        ))
    };
    let quantity = unit
        .apply(line.quantity)
        .map_err(|_| inexact(format!("a quantity of {}", line.quantity)))?;
    let unit_price = line
        .unit_price
        .checked_div(unit)
        .map_err(|_| inexact(format!("a price of {}", line.unit_price)))?;
    Ok((unit, quantity, unit_price))
}

/// One item for each SKU, in the order in which they first stand on the order.
pub fn items(order: &Order, checked: &[CheckedLine], known: &Known<'_>, findings: &mut Vec<Finding>) -> Vec<ReleasedItem> {
    let mut items: Vec<ReleasedItem> = Vec::new();
    let mut at = BTreeMap::new();
    for (line, CheckedLine { sku, quantity, .. }) in order.lines.iter().zip(checked) {
        let Some(units) = quantity.as_whole() else {
            let cell = known.cell(Table::Unit, &line.sku);
            let sentence = format!(
                "Order {} line {}: a warehouse cannot pick {quantity} of {sku}. Correct the quantity at the source, or map {cell} to how \
                 many of the ledger's stock unit one of the retailer's is.",
                order.reference.as_str(),
                line.line
            );
            findings.push(Finding::new(Code::QuantityNotWhole, Cause::Cell(cell), sentence));
            continue;
        };
        let index = *at.entry(sku.key_under(known.facts.collation)).or_insert_with(|| {
            items.push(ReleasedItem {
                sku: sku.clone(),
                units: 0,
            });
            items.len() - 1
        });
        items[index].units = items[index].units.saturating_add(units);
    }
    items
}

//! One line of an order: added, changed or removed, each by itself.

use rust_decimal::Decimal;

use super::books::{Line, Order};
use super::odata::Row;
use super::reference::Company;
use super::values::Body;
use super::{Ids, Refusal};

/// Adds a line, or changes or removes the one whose id is given.
pub(super) fn save_line(order: &mut Order, body: &Row, company: &mut Company, ids: &mut Ids) -> Result<(), Refusal> {
    let fields = Body(body);
    let Some(id) = fields.id("id")?.filter(|id| *id != 0) else {
        let line = new_line(&fields, company, ids)?;
        order.lines.push(line);
        return Ok(());
    };
    let index = order.lines.iter().position(|line| line.id == id);
    let index = index.ok_or_else(|| Refusal::Bad(format!("The order line with id {id} does not exist on this order.")))?;
    let line = &mut order.lines[index];
    if fields.flag("is_to_delete")? == Some(true) {
        if !line.despatched.is_zero() {
            return Err(Refusal::Bad(format!(
                "The line for item {} cannot be deleted because it has been despatched.",
                line.code
            )));
        }
        if let Some(product) = company.products.get_mut(&line.product_id) {
            product.allocated -= line.allocated;
        }
        order.lines.remove(index);
        return Ok(());
    }
    if fields.id("product_id")?.is_some_and(|product| product != line.product_id) {
        return Err(Refusal::Bad("The product of an order line cannot be changed.".into()));
    }
    let mut changed = line.clone();
    set_line(&mut changed, &fields, company)?;
    if changed.quantity < changed.despatched + changed.allocated {
        let kept = (changed.quantity - changed.despatched).max(Decimal::ZERO);
        if changed.quantity < changed.despatched {
            return Err(Refusal::Bad(format!(
                "The quantity of item {} is less than what has been despatched.",
                changed.code
            )));
        }
        if let Some(product) = company.products.get_mut(&changed.product_id) {
            product.allocated -= changed.allocated - kept;
        }
        changed.allocated = kept;
    }
    *line = changed;
    Ok(())
}

fn new_line(fields: &Body<'_>, company: &Company, ids: &mut Ids) -> Result<Line, Refusal> {
    match fields.text("line_type", 50)? {
        Some("EnumLineTypeStandard") => {}
        Some("EnumLineTypeFreeText" | "EnumLineTypeCharge" | "EnumLineTypeComment") => {
            return Err(Refusal::Bad(
                "The order settings allow only stock items on order lines.".into(),
            ));
        }
        _ => return Err(Refusal::Bad("The value of field line_type is invalid.".into())),
    }
    let product_id = fields.needed_id("product_id")?;
    let warehouse_id = fields.needed_id("warehouse_id")?;
    let unknown = || Refusal::Bad(format!("The product with id {product_id} does not exist."));
    let product = company.products.get(&product_id).ok_or_else(unknown)?;
    if !product.active {
        return Err(Refusal::Bad(format!("Item {} is inactive.", product.code)));
    }
    if warehouse_id != company.warehouse || !product.held {
        return Err(Refusal::Bad(format!(
            "Item {} is not held in the warehouse with id {warehouse_id}.",
            product.code
        )));
    }
    if fields.value("line_quantity").is_none() {
        return Err(Refusal::Bad("The line_quantity field is required.".into()));
    }
    let tax_code = company.standard_tax();
    let mut line = Line {
        id: ids.next(),
        product_id,
        code: product.code.clone(),
        description: product.name.clone(),
        warehouse_id,
        quantity: Decimal::ZERO,
        unit_price: Decimal::ONE,
        tax_code_id: tax_code.id,
        tax_rate: tax_code.rate,
        to_allocate: Decimal::ZERO,
        allocated: Decimal::ZERO,
        despatched: Decimal::ZERO,
        fields: Row::new(),
    };
    set_line(&mut line, fields, company)?;
    Ok(line)
}

fn set_line(line: &mut Line, fields: &Body<'_>, company: &Company) -> Result<(), Refusal> {
    fields.text("code", 30)?;
    if let Some(quantity) = fields.decimal("line_quantity")? {
        if quantity <= Decimal::ZERO {
            return Err(Refusal::Bad(format!(
                "The quantity of item {} must be greater than zero.",
                line.code
            )));
        }
        line.quantity = quantity;
    }
    if let Some(price) = fields.decimal("selling_unit_price")? {
        if price < Decimal::ZERO {
            return Err(Refusal::Bad(format!("The price of item {} cannot be negative.", line.code)));
        }
        // Without the right to do so nobody gives a line another price than the price book's.
        if price != line.unit_price && !company.overrides_prices {
            return Err(Refusal::Denied);
        }
        line.unit_price = price;
    }
    if let Some(quantity) = fields.decimal("to_allocate_quantity")? {
        if quantity < Decimal::ZERO || quantity > line.quantity {
            return Err(Refusal::Bad(format!(
                "The quantity to allocate of item {} is out of range.",
                line.code
            )));
        }
        line.to_allocate = quantity;
    }
    if let Some(id) = fields.id("tax_code_id")? {
        let tax_code = company
            .tax_code(id)
            .ok_or_else(|| Refusal::Bad(format!("The tax code with id {id} does not exist.")))?;
        line.tax_code_id = tax_code.id;
        line.tax_rate = tax_code.rate;
    }
    if let Some(text) = fields.text("description", 6_000)?
        && fields.flag("use_description")? == Some(true)
    {
        line.description = text.into();
    }
    let mut given = Row::new();
    keep_text(&mut given, fields, "picking_list_comment", 160)?;
    keep_text(&mut given, fields, "despatch_note_comment", 160)?;
    for name in ["requested_delivery_date", "promised_delivery_date"] {
        if let Some(date) = fields.date(name)? {
            given.insert(name.into(), date.into());
        }
    }
    keep_numbered(&mut given, fields)?;
    line.fields.extend(given);
    Ok(())
}

pub(super) fn keep_text(kept: &mut Row, fields: &Body<'_>, name: &str, max: usize) -> Result<(), Refusal> {
    if let Some(text) = fields.text(name, max)? {
        kept.insert(name.into(), text.into());
    }
    Ok(())
}

/// Analysis codes and spare texts, which orders and lines share.
pub(super) fn keep_numbered(kept: &mut Row, fields: &Body<'_>) -> Result<(), Refusal> {
    for number in 1..=20 {
        keep_text(kept, fields, &format!("analysis_code_{number}"), 60)?;
    }
    for number in 1..=10 {
        keep_text(kept, fields, &format!("spare_text_{number}"), 100)?;
    }
    Ok(())
}

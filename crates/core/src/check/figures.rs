//! Figures: a line is quantity times price, its VAT is what its rate gives, and the header is the sum of its lines. Nothing is rounded
//! to fit, and nothing is corrected.
//!
//! How a retailer rounds VAT is not described: by line or by order, to the nearest penny or down. Each of these ways differs by less
//! than a penny a line from the exact figure, so that is what may differ. Net must agree to the penny.

use super::{line_of, whole};
use crate::cause::Cause;
use crate::document::{Order, OrderLine};
use crate::finding::{Code, Finding};
use crate::money::Money;

/// By this much a line's VAT differs from the exact figure if it is wrong, and not rounded in another way.
const PENNY: Money = Money::from_minor(1);

/// What a line comes to, net.
pub(super) fn line(line: &OrderLine, order: &Order) -> Result<Money, Finding> {
    let net = line
        .unit_price
        .checked_mul(line.quantity)
        .map_err(|overflow| disagree(order, &format!("line {}: {overflow}", line.line)))?;
    if !net.is_whole_pennies() || line.net.is_some_and(|said| said != net) || !line.quantity.is_positive() {
        let said = line.net.map_or("nothing".to_owned(), |said| said.to_string());
        return Err(disagree(
            order,
            &format!(
                "line {} is {} at {}, which is {net}, but it says {said}",
                line.line, line.quantity, line.unit_price
            ),
        ));
    }
    if let (Some(tax), Some(rate)) = (line.tax, line.tax_rate)
        && !rate.may_give(tax, net)
    {
        let sentence = format!(
            "{}: its tax is {tax}, and {rate} % of {net} is not that, however it is rounded. Ask the retailer to correct the line's tax or \
             tax rate; nothing is posted until they agree.",
            line_of(order, line)
        );
        return Err(vat_disagrees(order, sentence));
    }
    Ok(net)
}

/// What is wrong with the sums of a header, where its lines come to this.
pub(super) fn header(order: &Order, net: Money) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(said) = order.net.filter(|said| *said != net) {
        findings.push(disagree(
            order,
            &format!("its lines come to {net} net, its header says {said}"),
        ));
    }
    // Where a line says nothing of its VAT there is no sum to compare with.
    let taxes: Option<Vec<Money>> = order.lines.iter().map(|line| line.tax).collect();
    if let (Some(said), Some(taxes)) = (order.tax, taxes) {
        let lines = i64::try_from(taxes.len()).unwrap_or(i64::MAX);
        let sum = Money::sum(taxes);
        let near = |sum: Money| distance(sum, said) < i128::from(PENNY.hundred_thousandths) * i128::from(lines.max(1));
        if !sum.as_ref().is_ok_and(|sum| near(*sum)) {
            let sum = sum.map_or_else(|overflow| overflow.to_string(), |sum| sum.to_string());
            let sentence = format!(
                "{}: the tax of its lines comes to {sum}, its header says {said}. Ask the retailer to correct the order's tax; nothing is \
                 posted until the figures agree.",
                whole(order)
            );
            findings.push(vat_disagrees(order, sentence));
        }
    }
    findings
}

fn distance(one: Money, other: Money) -> i128 {
    (i128::from(one.hundred_thousandths) - i128::from(other.hundred_thousandths)).abs()
}

fn vat_disagrees(order: &Order, sentence: String) -> Finding {
    Finding::new(Code::VatDisagrees, Cause::order(order.reference.as_str()), sentence)
}

pub(super) fn disagree(order: &Order, what: &str) -> Finding {
    let sentence = format!(
        "Order {}: {what}. Ask the retailer to correct it; nothing is posted until the figures agree.",
        order.reference.as_str()
    );
    Finding::new(Code::TotalsDisagree, Cause::order(order.reference.as_str()), sentence)
}

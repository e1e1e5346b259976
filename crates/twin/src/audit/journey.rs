//! One retailer's order through all books: for each of its lines, the quantity at each stage.
//!
//! Behind the retailer nothing carries the retailer's line, so quantities are summed by SKU (in any letter case) and given to the
//! lines of that SKU in line order; what is left over goes to the last of them.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::index::Index;
use crate::virtualstock::books::Order;

/// Where a quantity stands. Each stage follows from the one before, but a confirmation from the shipment, not from Sage's despatch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    SageOrdered,
    Released,
    Shipped,
    Despatched,
    Confirmed,
}

impl Stage {
    pub(super) const ALL: [Self; 5] = [
        Self::SageOrdered,
        Self::Released,
        Self::Shipped,
        Self::Despatched,
        Self::Confirmed,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SageOrdered => "sage_ordered",
            Self::Released => "released",
            Self::Shipped => "shipped",
            Self::Despatched => "despatched",
            Self::Confirmed => "confirmed",
        }
    }

    /// The stage that this one must never run ahead of.
    fn after(self) -> Option<Self> {
        match self {
            Self::SageOrdered => None,
            Self::Released => Some(Self::SageOrdered),
            Self::Shipped => Some(Self::Released),
            Self::Despatched | Self::Confirmed => Some(Self::Shipped),
        }
    }
}

/// Quantities by stage, in the order of [`Stage::ALL`].
type Figures = [Decimal; 5];

pub(super) struct Journey<'a> {
    pub(super) order: &'a Order,
    /// One for each line of the order.
    lines: Vec<Figures>,
    /// Quantities of SKUs that are not on the order at all, in capitals.
    strange: BTreeMap<String, Figures>,
}

impl<'a> Journey<'a> {
    pub(super) fn of(order: &'a Order, index: &Index<'_>) -> Self {
        let mut sums: BTreeMap<String, Figures> = BTreeMap::new();
        let mut add = |sku: &str, stage: Stage, quantity: Decimal| {
            let figures = sums.entry(sku.to_ascii_uppercase()).or_default();
            figures[stage as usize] = figures[stage as usize].saturating_add(quantity);
        };
        for sage_order in index.sage_orders(order) {
            for line in &sage_order.lines {
                add(&line.code, Stage::SageOrdered, line.quantity);
            }
            for part in index.warehouse_orders(sage_order) {
                for item in &part.items {
                    let sku = index.meant(part.client, &item.sku);
                    add(sku, Stage::Released, item.quantity.into());
                    if part.status.is_shipped() {
                        add(sku, Stage::Shipped, item.quantity.into());
                    }
                }
            }
            for item in index.despatches(sage_order).iter().flat_map(|despatch| &despatch.items) {
                let line = sage_order.lines.iter().find(|line| line.id == item.line_id);
                add(line.map_or("(no line)", |line| &line.code), Stage::Despatched, item.quantity);
            }
        }
        let mut lines = give(order, &mut sums);
        for (figures, line) in lines.iter_mut().zip(&order.lines) {
            figures[Stage::Confirmed as usize] = line.dispatched.into();
        }
        sums.retain(|_, figures| figures.iter().any(|quantity| !quantity.is_zero()));
        Self {
            order,
            lines,
            strange: sums,
        }
    }

    pub(super) fn is_through(&self, stage: Stage) -> bool {
        self.order
            .lines
            .iter()
            .zip(&self.lines)
            .all(|(line, figures)| figures[stage as usize] >= line.quantity.into())
    }

    /// Lines above what was ordered somewhere, or ahead of what they follow from.
    pub(super) fn doubled(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (place, figures) in self.lines.iter().enumerate() {
            let ordered = Decimal::from(self.order.lines[place].quantity);
            let at = |stage: Stage| figures[stage as usize];
            let above = Stage::ALL.into_iter().find(|stage| at(*stage) > ordered);
            let ahead = Stage::ALL.into_iter().find_map(|stage| {
                stage
                    .after()
                    .filter(|before| at(stage) > at(*before))
                    .map(|before| (stage, before))
            });
            if let Some(stage) = above {
                found.push(self.sentence(place, &format!("{} is more than was ordered", stage.name())));
            } else if let Some((stage, before)) = ahead {
                found.push(self.sentence(place, &format!("{} is more than was {}", stage.name(), before.name())));
            }
        }
        for (sku, figures) in &self.strange {
            let Order {
                company,
                order_reference,
                ..
            } = self.order;
            found.push(format!(
                "company {company}, {order_reference}: {sku} is not on the order, but {}",
                words(figures)
            ));
        }
        found
    }

    /// Lines below what was ordered somewhere. Of a stopped order only what was shipped and not posted is missed.
    pub(super) fn lost(&self, stopped: bool) -> Vec<String> {
        let mut found = Vec::new();
        for (place, figures) in self.lines.iter().enumerate() {
            let at = |stage: Stage| figures[stage as usize];
            let ordered = Decimal::from(self.order.lines[place].quantity);
            if stopped {
                if at(Stage::Despatched) < at(Stage::Shipped) {
                    found.push(self.sentence(place, "despatched is less than was shipped"));
                }
            } else if let Some(stage) = Stage::ALL.into_iter().find(|stage| at(*stage) < ordered) {
                found.push(self.sentence(place, &format!("{} is less than was ordered", stage.name())));
            }
        }
        found
    }

    /// `company 1, VS-536365, line 2 (71053): despatched is more than was ordered: 6 ordered, 6 sage_ordered, …`
    fn sentence(&self, place: usize, finding: &str) -> String {
        let Order {
            company,
            order_reference,
            ..
        } = self.order;
        let line = &self.order.lines[place];
        let (reference, sku) = (&line.line_reference, &line.item);
        let figures = words(&self.lines[place]);
        format!(
            "company {company}, {order_reference}, line {reference} ({sku}): {finding}: {} ordered, {figures}",
            line.quantity
        )
    }
}

/// Takes the sums of each line's SKU for the lines, the last of a SKU taking all that is left.
fn give(order: &Order, sums: &mut BTreeMap<String, Figures>) -> Vec<Figures> {
    let skus: Vec<String> = order.lines.iter().map(|line| line.item.to_ascii_uppercase()).collect();
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    for (place, sku) in skus.iter().enumerate() {
        last.insert(sku, place);
    }
    let mut lines = vec![Figures::default(); skus.len()];
    for (place, sku) in skus.iter().enumerate() {
        let Some(left) = sums.get_mut(sku) else { continue };
        let ordered = Decimal::from(order.lines[place].quantity);
        for (figure, left) in lines[place].iter_mut().zip(left.iter_mut()) {
            *figure = if last[sku.as_str()] == place {
                *left
            } else {
                ordered.min(*left)
            };
            *left = left.saturating_sub(*figure);
        }
    }
    lines
}

fn words(figures: &Figures) -> String {
    let words: Vec<String> = Stage::ALL
        .iter()
        .zip(figures)
        .map(|(stage, quantity)| format!("{} {}", quantity.normalize(), stage.name()))
        .collect();
    words.join(", ")
}

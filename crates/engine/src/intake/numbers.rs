//! Retailers' own item numbers, remembered: a number that came with one code of ours and comes with another now was given to another
//! item, and what it was mapped to would send the wrong goods.
//!
//! What is found is noted on the order when it is taken in, so that every later decision about it sees the same. Numbers that are our
//! own codes say nothing, and cost nothing.

use tallyman_core::document::Order;
use tallyman_core::mapping::{Cell, Table};
use tallyman_core::time::Timestamp;
use tallyman_store::tables::numbers;
use tallyman_store::{Tx, Unit, UnitError};

use super::Of;

/// Notes on each line what its number first came with, where that was something else; numbers that are new are remembered.
pub async fn note((worker, merchant): Of<'_>, order: &mut Order) -> Result<(), UnitError> {
    let own = |line: &tallyman_core::document::OrderLine| normal(&line.part_number) != normal(&line.sku);
    let lines: Vec<(String, String)> = order
        .lines
        .iter()
        .filter(|line| own(line))
        .map(|line| (normal(&line.part_number), line.sku.clone()))
        .collect();
    if lines.is_empty() {
        return Ok(());
    }
    let of = Numbers {
        company: merchant.company.to_string(),
        connection: order.channel.to_string(),
        lines,
    };
    let store = &worker.parts.store;
    let mut firsts = store.read(of.clone()).await?;
    if firsts.iter().any(Option::is_none) {
        let now = worker.parts.clock.now();
        store.write(Remember { of: of.clone(), now }).await?;
        firsts = store.read(of.clone()).await?;
    }
    for (line, first) in order.lines.iter_mut().filter(|line| own(line)).zip(firsts) {
        line.first_came_with = first.filter(|first| normal(first) != normal(&line.sku));
    }
    Ok(())
}

/// As cells compare words.
fn normal(text: &str) -> String {
    Cell::new(Table::Sku, "", text).normal()
}

/// Numbers with the code that each comes with now.
#[derive(Clone)]
struct Numbers {
    company: String,
    connection: String,
    lines: Vec<(String, String)>,
}

impl Unit for Numbers {
    /// What each first came with.
    type Output = Vec<Option<String>>;
    const NAME: &'static str = "retailer_numbers";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let mut firsts = Vec::with_capacity(self.lines.len());
        for (number, _) in &self.lines {
            firsts.push(numbers::first(tx, &self.company, &self.connection, number).await?);
        }
        Ok(firsts)
    }
}

struct Remember {
    of: Numbers,
    now: Timestamp,
}

impl Unit for Remember {
    type Output = ();
    const NAME: &'static str = "remember_numbers";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        for (number, sku) in &self.of.lines {
            numbers::add(tx, (&self.of.company, &self.of.connection), number, sku, self.now).await?;
        }
        Ok(())
    }
}

//! Rows of what is read to be sure: the tally and the journal.

use super::rows::{A_PAGE, ROWS_MAX, Sheet, all_pages, at, maybe, maybe_at, text};
use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::api::{journal, tally};

pub async fn of_tally(inside: &Inside, wanted: tally::Asked) -> Result<Sheet, Problem> {
    let found = tally::of_day(inside, &wanted).await?;
    let row = |source: tally::OfSource| {
        let missing = source.gaps.iter().filter(|gap| gap.cleared_at.is_none()).count();
        // Nobody knows that there is none before the source's own list was compared.
        let missing = (source.compared_at.is_some() || missing > 0).then_some(missing);
        vec![
            source.day,
            source.company,
            source.source,
            text(source.kind),
            text(source.received),
            text(source.posted),
            text(source.open),
            text(source.declined),
            text(source.again.len()),
            maybe(missing),
            text(source.whole),
            maybe_at(source.compared_at),
            maybe(source.listed),
            text(source.uncompared),
        ]
    };
    Ok(Sheet {
        header: &[
            "day",
            "company",
            "source",
            "kind",
            "received",
            "posted",
            "open",
            "declined",
            "came_again",
            "missing",
            "whole",
            "compared_at",
            "listed",
            "uncompared",
        ],
        rows: found.sources.into_iter().map(row).collect(),
        cut: false,
    })
}

pub async fn of_day(inside: &Inside, mut wanted: tally::Listing) -> Result<Sheet, Problem> {
    let (rows, cut) = all_pages!(
        wanted,
        tally::records_of(inside, &wanted).await?,
        |page: tally::RecordsOfDay| page.records,
        |record| vec![
            record.key,
            maybe(record.reference),
            maybe(record.journey),
            maybe(record.stand),
            text(record.on_a_card),
            at(record.received_at),
            maybe_at(record.made_at),
        ]
    );
    Ok(Sheet {
        header: &["key", "order", "journey", "stand", "on_a_card", "received_at", "made_at"],
        rows,
        cut,
    })
}

pub async fn of_journal(inside: &Inside, mut wanted: journal::Listing) -> Result<Sheet, Problem> {
    let (rows, cut) = all_pages!(
        wanted,
        journal::page_of(inside, &wanted).await?,
        |page: journal::JournalPage| page.lines,
        |line| vec![
            maybe(line.number),
            at(line.at),
            line.actor,
            maybe(line.name),
            line.kind,
            line.subject,
            maybe(line.what),
            maybe(line.before),
            maybe(line.after),
        ]
    );
    Ok(Sheet {
        header: &["line", "at", "actor", "name", "kind", "about", "what", "before", "after"],
        rows,
        cut,
    })
}

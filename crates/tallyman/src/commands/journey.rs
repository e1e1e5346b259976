//! `tallyman journey REFERENCE`: the story of an order, for a person who asks about it.
//!
//! Any reference finds it: the retailer's, the ledger's, the warehouse's, a parcel's. It may be asked for while a worker runs.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use tallyman_core::time::Zone;
use tallyman_engine::story::{self, Story};
use tallyman_store::Store;

use crate::config::Config;
use crate::{assemble, logs};
use crate::{put, say};

/// Tells the story of an order: what happened, how far each line is, what is open and what to do.
#[derive(Args)]
pub struct Journey {
    /// Any number it is known by: the retailer's order, the ledger's order, the warehouse's order, a parcel.
    reference: String,
    /// The configuration; tallyman.sample.toml explains it.
    #[arg(long, default_value = "tallyman.toml")]
    config: PathBuf,
}

impl Journey {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let config = Config::load(&self.config)?;
        logs::begin(&config.log, "warn")?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let store = Store::open_to_read(&assemble::location(&config)?)
                .await
                .map_err(assemble::opened)?;
            let stories = story::tell(&store, &assemble::vault(&config)?, &super::at_the_machine(), &self.reference).await?;
            if stories.is_empty() {
                say!("{}", nothing(&self.reference));
                return Ok(ExitCode::FAILURE);
            }
            let told: Vec<String> = stories
                .iter()
                .map(|story| tell(story, &config.zone(story.journey.company.as_str())))
                .collect();
            put!("{}", told.join("\n"));
            Ok(ExitCode::SUCCESS)
        })
    }
}

/// What to say when nothing is found.
pub fn nothing(reference: &str) -> String {
    format!(
        "Nothing is known by {reference}.\n\
         It is looked for as the retailer's order number, the ledger's order number, the warehouse's order number and the tracking\n\
         number, whole, whatever its case. An order that the retailer sent a moment ago arrives with the next poll, within a minute or two;\n\
         `tallyman check` says whether the retailer can be reached."
    )
}

/// A story as text, its times local to the zone.
pub fn tell(story: &Story, zone: &Zone) -> String {
    let mut told = String::new();
    // Writing into a text cannot fail.
    let _ = write_story(&mut told, story, zone);
    told
}

fn write_story(out: &mut String, story: &Story, zone: &Zone) -> std::fmt::Result {
    let journey = &story.journey;
    let route = &journey.route;
    writeln!(
        out,
        "Order {} of {}: {}",
        journey.reference,
        journey.company,
        story.standing()
    )?;
    writeln!(out)?;
    writeln!(
        out,
        "  retailer's order   {} ({}, key {})",
        journey.reference, route.channel, journey.source_key
    )?;
    match (&journey.ledger_order, journey.draft_id) {
        (Some(order), _) => writeln!(
            out,
            "  ledger's order     {} ({}, id {})",
            order.number, route.ledger, order.id
        )?,
        (None, Some(id)) => writeln!(out, "  ledger's draft     {id} ({})", route.ledger)?,
        (None, None) => {}
    }
    if let Some(id) = journey.release_id {
        writeln!(out, "  warehouse's order  {id} ({})", route.warehouse)?;
    }
    for parcel in &story.parcels {
        let words = [&parcel.carrier, &parcel.tracking, &parcel.tracking_url];
        let words: Vec<&str> = words.into_iter().flatten().map(String::as_str).collect();
        writeln!(
            out,
            "  parcel             {} (shipment {})",
            words.join(", "),
            parcel.shipment
        )?;
    }
    if !journey.lines.is_empty() {
        writeln!(out)?;
        let widest = |least: usize, length: &mut dyn Iterator<Item = usize>| length.fold(least, usize::max);
        let line_width = widest(4, &mut journey.lines.iter().map(|line| line.line.0.chars().count()));
        let sku_width = widest(4, &mut journey.lines.iter().map(|line| line.sku.as_str().chars().count()));
        writeln!(
            out,
            "  {:line_width$}  {:sku_width$}  {:>9} {:>9} {:>11} {:>10}",
            "line", "item", "ordered", "shipped", "despatched", "confirmed"
        )?;
        for line in &journey.lines {
            writeln!(
                out,
                "  {:line_width$}  {:sku_width$}  {:>9} {:>9} {:>11} {:>10}",
                line.line.0,
                line.sku.as_str(),
                line.ordered.to_string(),
                line.shipped.to_string(),
                line.despatched.to_string(),
                line.confirmed.to_string()
            )?;
        }
    }
    writeln!(out, "\n  What happened ({})", zone.name())?;
    for line in &story.lines {
        writeln!(out, "  {}  {}", line.at.local_in(zone), line.what)?;
    }
    let open: Vec<String> = story.open.iter().filter_map(|open| open.waits(zone)).collect();
    if !open.is_empty() {
        writeln!(out, "\n  What is open")?;
        open.iter().try_for_each(|sentence| writeln!(out, "  - {sentence}"))?;
    }
    writeln!(out, "\n  What to do")?;
    for sentence in story.to_do() {
        writeln!(out, "  - {sentence}")?;
    }
    Ok(())
}

//! `tallyman bench`, which `cargo xtask bench` runs.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::bench::part::Part;
use crate::bench::{alert, card, console, figures, journey};
use crate::remark;

/// Figures of speed. Run it as `cargo xtask bench NAME`, which builds what is shipped.
#[derive(Args)]
pub struct Bench {
    /// Which: journey, card, alert or console.
    #[arg(required_unless_present = "part")]
    name: Option<String>,
    /// Orders of the data to take through.
    #[arg(long, default_value_t = 2000)]
    orders: u32,
    /// Journeys in the store while memory and start are measured; 0 leaves these out.
    #[arg(long, default_value_t = 200_000)]
    stored: u32,
    /// Records of the card, for the bench `card`.
    #[arg(long, default_value_t = 100_000)]
    records: u64,
    /// Bad records, for the bench `alert`.
    #[arg(long, default_value_t = 400)]
    alerts: u32,
    /// Orders in the store, and those of them that stand still, for the bench `console`.
    #[arg(long, default_value_t = 1_000_000)]
    million: u64,
    #[arg(long, default_value_t = 50_000)]
    open: u64,
    /// Cards that they stand under.
    #[arg(long, default_value_t = 500)]
    cards: u64,
    /// For how many seconds each screen is asked for, for the bench `console`.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Leave the store of the bench `console` in its folder, and take it from there the next time.
    #[arg(long)]
    keep: bool,
    /// Only screens whose path has this in it, for the bench `console`
    #[arg(long, default_value = "")]
    only: String,
    /// Calls in flight for each connection.
    #[arg(long, default_value_t = 64)]
    slots: u32,
    /// Where the bench's files go; on the disk that is to be measured.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Write the figures here, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// What one process of the bench does, as the bench itself says it.
    #[arg(long, hide = true)]
    part: Option<String>,
}

impl Bench {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        if let Some(part) = &self.part {
            serde_json::from_str::<Part>(part)?.run()?;
            return Ok(ExitCode::SUCCESS);
        }
        let name = self.name.as_deref().unwrap_or_default();
        let folder = self.folder.clone().unwrap_or_else(std::env::temp_dir);
        let folder = if self.keep {
            folder.join("tallyman-bench-console")
        } else {
            folder.join(format!("tallyman-bench-{}", std::process::id()))
        };
        let measured = match name {
            "journey" => journey::run(&journey::Bench {
                orders: self.orders,
                stored: self.stored,
                slots: self.slots,
                folder,
            })?,
            "card" => card::run(&card::Bench {
                records: self.records,
                folder,
            })?,
            "alert" => alert::run(&alert::Bench {
                alerts: self.alerts,
                folder,
            })?,
            "console" => return self.console(folder),
            _ => anyhow::bail!("there is no bench {name}; there are journey, card, alert and console"),
        };
        if let Some(path) = &self.json {
            std::fs::write(path, serde_json::to_vec_pretty(&figures::json(&measured.figures))?)?;
        }
        for complaint in &measured.complaints {
            remark!("not as it should be: {complaint}");
        }
        Ok(if measured.complaints.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    /// Its figures are one for each screen.
    fn console(&self, folder: PathBuf) -> anyhow::Result<ExitCode> {
        let (figures, complaints) = console::run(&console::Bench {
            orders: self.million,
            open: self.open,
            cards: self.cards,
            each: std::time::Duration::from_secs(self.seconds),
            folder,
            keep: self.keep,
            only: self.only.clone(),
        })?;
        if let Some(path) = &self.json {
            std::fs::write(path, serde_json::to_vec_pretty(&figures)?)?;
        }
        for complaint in &complaints {
            remark!("not as it should be: {complaint}");
        }
        Ok(if complaints.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

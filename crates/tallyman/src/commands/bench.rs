//! `tallyman bench`, which `cargo xtask bench` runs.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::bench::part::Part;
use crate::bench::{alert, card, figures, journey};

/// Figures of speed. Run it as `cargo xtask bench NAME`, which builds what is shipped.
#[derive(Args)]
pub struct Bench {
    /// Which: journey, card or alert.
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
        let folder = self.folder.unwrap_or_else(std::env::temp_dir);
        let folder = folder.join(format!("tallyman-bench-{}", std::process::id()));
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
            _ => anyhow::bail!("there is no bench {name}; there are journey, card and alert"),
        };
        if let Some(path) = &self.json {
            std::fs::write(path, serde_json::to_vec_pretty(&figures::json(&measured.figures))?)?;
        }
        for complaint in &measured.complaints {
            eprintln!("not as it should be: {complaint}");
        }
        Ok(if measured.complaints.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

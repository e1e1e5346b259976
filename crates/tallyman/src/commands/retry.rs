//! `tallyman retry`: an order is tried again by a plan that is shown first.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use tallyman_core::access::{Actor, Right};
use tallyman_engine::answer::Said;
use tallyman_engine::retry::{self, Configuration, Plan};
use tallyman_store::Store;

use super::amend::found;
use super::promise;
use crate::config::Config;
use crate::{assemble, logs};
use crate::{put, say};

/// Tries an order again: first shows which of its writes go again and which have landed, then does it.
#[derive(Args)]
pub struct Retry {
    /// Any number the order is known by.
    order: String,
    /// Show the plan, and change nothing.
    #[arg(long, required_unless_present = "go", conflicts_with = "go")]
    plan: bool,
    /// Carry out the plan of this number.
    #[arg(long, value_name = "PLAN", requires_all = ["by", "reason"])]
    go: Option<String>,
    /// Write what goes again with the mappings and facts of today, and not as it was.
    #[arg(long)]
    as_it_is_now: bool,
    /// Who says so, for the journal.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Why, for the journal.
    #[arg(long)]
    reason: Option<String>,
    /// Where two companies have orders of one number: which.
    #[arg(long)]
    company: Option<String>,
    /// The configuration; tallyman.sample.toml explains it.
    #[arg(long, default_value = "tallyman.toml")]
    config: PathBuf,
}

impl Retry {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let config = Config::load(&self.config)?;
        logs::begin(&config.log, "warn")?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(self.with(&config))?;
        Ok(ExitCode::SUCCESS)
    }

    /// The order as it is named in a command that means the same one.
    fn named(&self) -> String {
        match &self.company {
            Some(company) => format!("{} --company {company}", self.order),
            None => self.order.clone(),
        }
    }

    async fn with(&self, config: &Config) -> anyhow::Result<()> {
        let store = Store::open_beside(&assemble::location(config)?)
            .await
            .map_err(assemble::opened)?;
        let vault = assemble::vault(config)?;
        let (company, journey) = found(config, &store, &self.order, self.company.as_deref()).await?;
        let merchants = assemble::merchants(config)?;
        let Some(merchant) = merchants.iter().find(|merchant| merchant.company.as_str() == company) else {
            bail!("company {company} is not in the configuration");
        };
        let configuration = if self.as_it_is_now {
            Configuration::AsItIsNow
        } else {
            Configuration::AsItWas
        };
        match &self.go {
            None => {
                let plan = retry::plan((&store, &vault), merchant, &journey, configuration).await?;
                put!("{}", tell(&plan, &self.named()));
            }
            Some(number) => {
                let by = Actor::terminal(self.by.as_deref().unwrap_or_default().trim());
                let permit = by.may(Right::Act, &company, None)?;
                let said = Said {
                    permit: &permit,
                    reason: self.reason.as_deref().unwrap_or_default().trim(),
                };
                let clock = assemble::clock(config);
                let of = (&store, &vault, &clock as &dyn tallyman_core::seam::Clock);
                retry::carry_out(of, merchant, (&journey, configuration, number), &said).await?;
                let when = promise::when(config, &store).await?;
                say!("The plan is carried out. It is taken up {when}.");
            }
        }
        Ok(())
    }
}

/// A plan as lines of text, with what to type next.
fn tell(plan: &Plan, order: &str) -> String {
    let mut text = format!("Order {}:\n", plan.reference);
    for step in &plan.steps {
        text += &format!("  {:24} {:16} {}\n", step.name, step.connection, step.fate.sentence());
    }
    let now = match plan.configuration {
        Configuration::AsItIsNow => " --as-it-is-now",
        Configuration::AsItWas => "",
    };
    text += &if plan.does_anything() {
        format!(
            "\nPlan {0}. To carry it out: tallyman retry {order}{now} --go {0} --by NAME --reason WHY\n",
            plan.number
        )
    } else {
        "\nThis sends nothing again.\n".into()
    };
    text
}

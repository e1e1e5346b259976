//! `tallyman journal`: whether anybody has altered what was written down, and proof that a line was.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use data_encoding::HEXLOWER;
use tallyman_core::access::HOUSE;
use tallyman_core::reference::Reference;
use tallyman_store::journal::{self, Proof, ProveLine, Side};
use tallyman_store::tables::journeys;
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::config::Config;
use crate::progress::Progress;
use crate::{assemble, logs};
use crate::{put, say};

/// The account of what was decided and done.
#[derive(Args)]
pub struct Journal {
    #[command(subcommand)]
    what: What,
    /// The configuration; tallyman.sample.toml explains it.
    #[arg(long, default_value = "tallyman.toml", global = true)]
    config: PathBuf,
}

#[derive(Subcommand)]
enum What {
    /// Walks each company's journal, and that of people, from its first line and compares every link; prints the root, to be kept elsewhere.
    Verify,
    /// Proves that the lines about an order, or one line, are in the journal.
    ///
    /// Prints each line with the hashes that lead from it to the root (RFC 6962), so that whoever kept the root can check with a
    /// program of their own. They are checked here as well.
    Prove {
        /// Any number that the order is known by; or the number of a line, with --line.
        what: String,
        /// WHAT is the number of a line, from 0.
        #[arg(long)]
        line: bool,
        /// Whose journal the line is in, if there are several.
        #[arg(long, value_name = "NAME", requires = "line")]
        company: Option<String>,
        /// As the journal was when it had so many lines: for a root that was kept then.
        #[arg(long, value_name = "COUNT")]
        lines: Option<u64>,
    },
}

impl Journal {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let config = Config::load(&self.config)?;
        logs::begin(&config.log, "warn")?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let store = Store::open_to_read(&assemble::location(&config)?)
                .await
                .map_err(assemble::opened)?;
            match self.what {
                What::Verify => verify(&store, &config).await,
                What::Prove {
                    what,
                    line,
                    company,
                    lines,
                } => {
                    let wanted = if line {
                        vec![one(&config, &what, company)?]
                    } else {
                        about(&store, &what).await?
                    };
                    prove(&store, wanted, lines).await
                }
            }
        })
    }
}

async fn verify(store: &Store, config: &Config) -> anyhow::Result<ExitCode> {
    let mut whole = true;
    let mut progress = Progress::new();
    let companies = config.companies.iter().map(|company| company.name.as_str());
    for company in companies.chain([HOUSE]) {
        // What belongs to no company is what was done with people.
        let shown = if company == HOUSE { "people" } else { company };
        let seen = |lines, of| progress.say(|| format!("{shown}: {lines} of {of} lines compared"));
        match journal::verify_watched(store, company, seen).await {
            Ok(found) if company == HOUSE && found.lines == 0 && found.open == 0 => {}
            Ok(found) => {
                say!("{shown}: whole, {} lines, root {}", found.lines, HEXLOWER.encode(&found.root));
                if found.open > 0 {
                    say!(
                        "{shown}: {} newer lines are not sealed yet and not in the root; the worker seals within moments",
                        found.open
                    );
                }
            }
            Err(error) => {
                whole = false;
                say!("{shown}: {:#}", anyhow::Error::new(error));
            }
        }
    }
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A company and the number of a line in its journal; without a number the line is not sealed yet.
type Wanted = (String, Option<u64>);

fn one(config: &Config, number: &str, company: Option<String>) -> anyhow::Result<Wanted> {
    let number = number
        .parse()
        .with_context(|| format!("{number} is not the number of a line"))?;
    let names: Vec<&str> = config.companies.iter().map(|company| company.name.as_str()).collect();
    let company = match (company, &names[..]) {
        (Some(name), _) if names.contains(&name.as_str()) => name,
        (Some(name), _) => bail!(
            "there is no company {name} in the configuration; there is {}",
            names.join(", ")
        ),
        (None, [only]) => (*only).to_owned(),
        (None, _) => bail!("say whose journal with --company: {}", names.join(", ")),
    };
    Ok((company, Some(number)))
}

async fn about(store: &Store, reference: &str) -> anyhow::Result<Vec<Wanted>> {
    let normalised = Reference::parse(reference)?.normalised();
    let lines = store.read(LinesAbout { reference: normalised }).await?;
    if lines.is_empty() {
        bail!("nothing is known by {reference}. For the line with that number, add --line");
    }
    Ok(lines)
}

/// The lines about every order known by a reference.
struct LinesAbout {
    reference: String,
}

impl Unit for LinesAbout {
    type Output = Vec<Wanted>;
    const NAME: &'static str = "lines_about";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Wanted>, UnitError> {
        let mut lines = Vec::new();
        for (company, journey) in journeys::find(tx, &self.reference).await? {
            let numbers = journal::numbers_of_subject(tx, &company, &journey).await?;
            lines.extend(numbers.into_iter().map(|number| (company.clone(), number)));
        }
        Ok(lines)
    }
}

async fn prove(store: &Store, wanted: Vec<Wanted>, lines: Option<u64>) -> anyhow::Result<ExitCode> {
    let (mut all, mut unsealed, mut later) = (true, 0_u32, 0_u32);
    for (company, sequence) in wanted {
        let Some(sequence) = sequence else {
            unsealed += 1;
            continue;
        };
        if lines.is_some_and(|lines| sequence >= lines) {
            later += 1;
            continue;
        }
        let proof = store
            .read(ProveLine {
                company,
                sequence,
                lines,
            })
            .await?;
        all &= proof.holds();
        put!("{}", in_words(&proof));
    }
    if unsealed > 0 {
        say!("{unsealed} lines are not sealed yet; the worker seals within moments.");
    }
    if later > 0 {
        say!("{later} lines were written after that.");
    }
    say!(
        "To check one: the leaf is SHA-256 of the byte 00 and the bytes; each step is SHA-256 of the byte 01, the left hash and the\n\
         right hash; the last step is the root. Compare it with the one that was kept."
    );
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A proof as text.
fn in_words(proof: &Proof) -> String {
    let line = &proof.line;
    let hex = |bytes: &[u8]| HEXLOWER.encode(bytes);
    let mut text = format!(
        "Line {} of {}: {} by {} at {}, about {}\n  bytes       {}\n  leaf        {}\n",
        line.sequence,
        proof.company,
        line.kind,
        line.actor,
        line.at,
        line.subject,
        hex(&proof.bytes()),
        hex(&proof.leaf()),
    );
    for (side, hash) in proof.steps().unwrap_or_default() {
        let side = match side {
            Side::Left => "left ",
            Side::Right => "right",
        };
        text += &format!("  step, {side} {}\n", hex(&hash));
    }
    text += &format!("  root        {} over {} lines\n", hex(&proof.root), proof.lines);
    text += if proof.holds() {
        "  It leads to the root: the line is in the journal.\n\n"
    } else {
        "  It does NOT lead to the root: the journal was altered.\n\n"
    };
    text
}

//! `tallyman tally`: what came in on a day and where it stands, compared with each source's own list.
//!
//! It may be asked for while a worker runs, and needs nobody's password. With `--compare` it has the running worker ask the sources now,
//! which it otherwise does once a day. It ends with 1 if something does not add up or a gap stands, as `journal verify` does.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::ensure;
use clap::Args;
use tallyman_core::role::Question;
use tallyman_core::seam::Clock;
use tallyman_core::tally::Problem;
use tallyman_core::time::{Date, Timestamp, Zone};
use tallyman_engine::tally::{self, Hurry, Page, Source};
use tallyman_store::Store;

use super::promise;
use crate::config::Config;
use crate::{assemble, logs};
use crate::{put, remark, say};

/// Keys of one sort that are shown to people; `--json` has all that were read.
const SHOWN_MAX: usize = 50;

/// What came in on a day and where it stands, compared with each source's own list.
///
/// A record counts on the day on which it first came, in the company's time zone, and stands as it does now. Ends with 1 if something does
/// not add up, or if a source has what never arrived.
#[derive(Args)]
pub struct Tally {
    /// The day, such as 2026-11-02; today if not given.
    #[arg(long, value_name = "DATE")]
    day: Option<Date>,
    /// One company alone.
    #[arg(long, value_name = "NAME")]
    company: Option<String>,
    /// As JSON: an array with one object for each source.
    #[arg(long)]
    json: bool,
    /// Have the worker that runs compare with the sources' own lists now, and not only once a day. The tally shows it within a minute.
    #[arg(long)]
    compare: bool,
    /// The configuration; tallyman.sample.toml explains it.
    #[arg(long, default_value = "tallyman.toml")]
    config: PathBuf,
}

impl Tally {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let config = Config::load(&self.config)?;
        logs::begin(&config.log, "warn")?;
        let mut sources = assemble::sources(&config);
        if let Some(company) = &self.company {
            sources.retain(|source| source.company == *company);
            let names: Vec<&str> = config.companies.iter().map(|company| company.name.as_str()).collect();
            ensure!(
                !sources.is_empty(),
                "there is no company {company} in the configuration; there is {}",
                names.join(", ")
            );
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let now = assemble::clock(&config).now();
            if self.compare {
                compare(&config, &sources, now).await?;
            }
            let store = Store::open_to_read(&assemble::location(&config)?)
                .await
                .map_err(assemble::opened)?;
            let mut pages = Vec::new();
            for source in &sources {
                let day = self.day.unwrap_or_else(|| now.date_in(&source.zone));
                pages.push(tally::ask(&store, source, day, now).await?);
            }
            if self.json {
                say!("{}", serde_json::to_string_pretty(&pages)?);
            } else {
                put!("{}", tell(&pages, |company| config.zone(company)));
            }
            Ok(if pages.iter().all(Page::is_whole) {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        })
    }
}

async fn compare(config: &Config, sources: &[Source], now: Timestamp) -> anyhow::Result<()> {
    let store = Store::open_beside(&assemble::location(config)?)
        .await
        .map_err(assemble::opened)?;
    for source in sources {
        let hurry = Hurry {
            source: source.clone(),
            by: super::at_the_machine().journalled(),
            now,
        };
        store.write(hurry).await?;
    }
    let when = promise::soon(config, &store, "within a minute").await?;
    remark!("The sources are compared {when}. What follows is from before that.\n");
    Ok(())
}

/// The tally as text, its times local to each company's zone.
pub fn tell(pages: &[Page], zone: impl Fn(&str) -> Zone) -> String {
    let mut told = String::new();
    // Writing into a text cannot fail.
    let _ = write_table(&mut told, pages);
    for page in pages {
        let _ = write_source(&mut told, page, &zone(&page.company));
    }
    let whole = pages.iter().all(Page::is_whole);
    let proved = pages.iter().all(|page| page.uncompared == 0);
    told += if whole && proved {
        "\nIt adds up, and no gap stands.\n"
    } else if whole {
        "\nIt adds up, and no gap stands as far as was compared: not all of it was.\n"
    } else {
        "\nIt does NOT come out even: see above.\n"
    };
    told
}

fn source(page: &Page) -> String {
    format!("{}s of {}", page.kind.name(), page.source)
}

fn write_table(out: &mut String, pages: &[Page]) -> std::fmt::Result {
    let width = pages.iter().map(|page| source(page).len()).max().unwrap_or(0);
    writeln!(
        out,
        "{:10}  {:width$}  received  posted    open  declined  repeats",
        "day", "source"
    )?;
    for page in pages {
        let tally = &page.tally;
        writeln!(
            out,
            "{:10}  {:width$}  {:8}  {:6}  {:6}  {:8}  {:7}",
            page.day.to_string(),
            source(page),
            tally.received,
            tally.posted,
            tally.open,
            tally.declined,
            page.repeats
        )?;
    }
    Ok(())
}

fn write_source(out: &mut String, page: &Page, zone: &Zone) -> std::fmt::Result {
    writeln!(out, "\n{} ({}), {}", source(page), page.company, page.day)?;
    match page.question {
        Question::Asked { what, beyond } => {
            writeln!(out, "  asked     {what}")?;
            writeln!(out, "  not seen  {beyond}")?;
            writeln!(out, "  compared  {}", compared(page, zone))?;
        }
        Question::Cannot { why } => writeln!(out, "  asked     nothing: {why}")?,
    }
    let tally = &page.tally;
    let time = |at: Timestamp| at.local_in(zone);
    let nowhere = tally
        .nowhere
        .iter()
        .map(|key| format!("{key}: received, and nothing accounts for it. This is a fault of Tallyman"));
    write_some(out, "NOWHERE", nowhere)?;
    let gap = |gap: &&tally::Named| {
        let found = match gap.problem {
            Problem::Missing => "on the source's list, and never received",
            Problem::UnknownThere => "received, and not known to the source",
        };
        let became = match (gap.cleared_at, gap.why.as_str()) {
            (Some(at), why) => format!("; no more since {}: {why}", time(at)),
            (None, "") => String::new(),
            (None, why) => format!("; {why}"),
        };
        format!("{}: {found} (found {}){became}", gap.key, time(gap.found_at))
    };
    write_some(
        out,
        "GAP",
        page.gaps
            .iter()
            .filter(|gap| gap.cleared_at.is_none())
            .map(|named| gap(&named)),
    )?;
    write_some(
        out,
        "mended",
        page.gaps
            .iter()
            .filter(|gap| gap.cleared_at.is_some())
            .map(|named| gap(&named)),
    )?;
    let late = tally.late.iter().map(|late| {
        format!(
            "{}: made {}, received {}",
            late.key,
            time(late.made_at),
            time(late.received_at)
        )
    });
    write_some(out, "late", late)?;
    let again = tally.again.iter().map(|again| {
        let mut parts = Vec::new();
        if again.same > 0 {
            parts.push(format!("{} times more in one answer", again.same));
        }
        if again.other > 0 {
            parts.push(format!("{} times with other content", again.other));
        }
        format!("{}: {}", again.key, parts.join(", "))
    });
    write_some(out, "again", again)
}

fn compared(page: &Page, zone: &Zone) -> String {
    let keys = page.listed.unwrap_or(0);
    let since = match page.uncompared {
        0 => String::new(),
        came => format!("; {came} came after"),
    };
    let last = match page.compared_at {
        Some(at) if page.compared_whole => format!(
            "at {}, when the day was over: {keys} keys of it are listed there{since}",
            at.local_in(zone)
        ),
        Some(at) => format!(
            "at {}, before the day was over: {keys} keys of it were listed there{since}",
            at.local_in(zone)
        ),
        None => "not yet".into(),
    };
    match &page.why {
        Some(why) => format!("{last}; {why}"),
        None => last,
    }
}

fn write_some(out: &mut String, what: &str, lines: impl Iterator<Item = String>) -> std::fmt::Result {
    let lines: Vec<String> = lines.collect();
    for line in lines.iter().take(SHOWN_MAX) {
        writeln!(out, "  {what:8}  {line}")?;
    }
    if lines.len() > SHOWN_MAX {
        writeln!(out, "  {what:8}  and {} more; --json has them", lines.len() - SHOWN_MAX)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tallyman_core::ident::Connection;
    use tallyman_core::tally::{Kind, Tally};

    use super::*;

    fn page(question: Question) -> Page {
        Page {
            company: "acme".into(),
            source: Connection::new("parcels"),
            kind: Kind::Shipment,
            day: Date::parse("2026-11-02").expect("a date"),
            tally: Tally {
                received: 1,
                nowhere: vec!["77".into()],
                ..Tally::default()
            },
            repeats: 0,
            adds_up: false,
            question,
            compared_at: None,
            compared_whole: false,
            listed: None,
            uncompared: 1,
            why: Some("parcels pauses".into()),
            gaps: Vec::new(),
        }
    }

    #[test]
    fn a_source_that_cannot_be_asked_says_so() {
        let told = tell(&[page(Question::Cannot { why: "it sends files" })], |_| Zone::utc());
        assert!(told.contains("  asked     nothing: it sends files\n"), "{told}");
        assert!(!told.contains("compared"), "{told}");
    }

    #[test]
    fn why_nothing_was_compared_and_what_stands_nowhere_is_said() {
        let question = Question::Asked {
            what: "Everything.",
            beyond: "Nothing.",
        };
        let told = tell(&[page(question)], |_| Zone::utc());
        assert!(told.contains("  compared  not yet; parcels pauses\n"), "{told}");
        assert!(
            told.contains("  NOWHERE   77: received, and nothing accounts for it"),
            "{told}"
        );
        assert!(told.ends_with("It does NOT come out even: see above.\n"), "{told}");
    }
}

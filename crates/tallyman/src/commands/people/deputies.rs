//! `tallyman people deputies`: who stands in for whom, listed, named and ended.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow, ensure};
use clap::Subcommand;
use tallyman_core::access::{Actor, HOUSE, person};
use tallyman_core::catalogue::Owner;
use tallyman_core::time::{Date, Timestamp};
use tallyman_engine::people::deputies::{self, Wanted};
use tallyman_engine::people::names;
use tallyman_store::Store;
use tallyman_store::tables::deputies::{Deputy, For};

use super::{one, team, to_write};
use crate::assemble;
use crate::config::Config;
use crate::say;

#[derive(Subcommand)]
pub enum What {
    /// Lists who stands in, will, or did within a month. So does naming nothing.
    List,
    /// Has somebody stand in for a person or a team.
    Name {
        /// Who stands in: what they sign in with, or their id.
        who: String,
        /// For this person: what they sign in with, or their id.
        #[arg(long = "for", value_name = "WHO", required_unless_present = "team", conflicts_with = "team")]
        stands_for: Option<String>,
        /// For this team: operations, finance or integration.
        #[arg(long, value_name = "TEAM", value_parser = team)]
        team: Option<Owner>,
        /// Of a team: at this company; at every company without one.
        #[arg(long, value_name = "NAME", requires = "team")]
        company: Option<String>,
        /// The first day, such as 2026-11-23.
        #[arg(long, value_name = "DAY", value_parser = day)]
        from: Date,
        /// The last day, which counts.
        #[arg(long, value_name = "DAY", value_parser = day)]
        until: Date,
    },
    /// Ends it before its time.
    End {
        /// Its id, as the list names it.
        deputy: String,
    },
}

fn day(text: &str) -> Result<Date, String> {
    Date::parse(text.trim()).map_err(|_| "name a day, such as 2026-11-23".to_owned())
}

pub async fn run(config: &Config, actor: &Actor, what: Option<What>, now: Timestamp) -> anyhow::Result<()> {
    match what {
        None | Some(What::List) => list(config, actor, now).await,
        Some(What::Name {
            who,
            stands_for,
            team,
            company,
            from,
            until,
        }) => {
            let store = to_write(config).await?;
            let stands_in = one(&store, &who, now).await?.person;
            let company = known(config, company)?;
            let stands_for = match (stands_for, team) {
                (Some(other), None) => For::Person(one(&store, &other, now).await?.person.id),
                (None, Some(team)) => For::Team(team, company.clone()),
                (Some(_), Some(_)) | (None, None) => return Err(anyhow!("name a person with --for, or a team with --team")),
            };
            // Of a person the days are those of the first company, as on the pages.
            let zone = match &*company {
                HOUSE => config.companies.first().context("there is no company")?.zone.clone(),
                company => config.zone(company),
            };
            let wanted = Wanted {
                person: stands_in.id,
                stands_for,
                from: from.starts_in(&zone),
                until: until.plus_days(1).starts_in(&zone),
            };
            let vault = assemble::vault(config)?;
            let id = deputies::name(&store, &vault, actor, wanted, now).await?;
            say!("{} stands in ({id}), and it ends by itself.", stands_in.sign_in);
            Ok(())
        }
        Some(What::End { deputy }) => {
            let store = to_write(config).await?;
            deputies::end(&store, actor, &deputy.trim().to_uppercase(), now).await?;
            say!("It is over: nobody stands in under this number any more.");
            Ok(())
        }
    }
}

/// A company of the configuration, or every company.
fn known(config: &Config, company: Option<String>) -> anyhow::Result<String> {
    let Some(company) = company else {
        return Ok(HOUSE.to_owned());
    };
    let is_known = config.companies.iter().any(|known| known.name.as_str() == company);
    ensure!(is_known, "there is no company {company} in the configuration");
    Ok(company)
}

async fn list(config: &Config, actor: &Actor, now: Timestamp) -> anyhow::Result<()> {
    let store = Store::open_to_read(&assemble::location(config)?)
        .await
        .map_err(assemble::opened)?;
    let all = deputies::list(&store, actor, now).await?;
    if all.is_empty() {
        say!("Nobody stands in for anybody.");
        return Ok(());
    }
    let mut ids: Vec<String> = all.iter().map(|deputy| person(&deputy.person)).collect();
    ids.extend(all.iter().filter_map(|deputy| match &deputy.stands_for {
        For::Person(other) => Some(person(other)),
        For::Team(..) => None,
    }));
    let names = names(&store, &ids).await?;
    for deputy in &all {
        say!("{}", line(deputy, &names, now));
    }
    Ok(())
}

fn line(deputy: &Deputy, names: &BTreeMap<String, String>, now: Timestamp) -> String {
    let name = |id: &str| names.get(&person(id)).cloned().unwrap_or_else(|| id.to_owned());
    let stands_for = match &deputy.stands_for {
        For::Person(other) => name(other),
        For::Team(team, company) if company == HOUSE => format!("team {team} at every company"),
        For::Team(team, company) => format!("team {team} at {company}"),
    };
    let stands = match deputy.ended_at {
        Some(at) => format!("ended {}", at.to_rfc3339()),
        None if deputy.until_at <= now => format!("over since {}", deputy.until_at.to_rfc3339()),
        None => format!("from {} until {}", deputy.from_at.to_rfc3339(), deputy.until_at.to_rfc3339()),
    };
    format!("{}  {} for {stands_for}  {stands}", deputy.id, name(&deputy.person))
}

//! `tallyman people`: who signs in, invited and ended from the terminal.
//!
//! Whoever may type commands on this machine may do everything, so this is also the way back in when nobody is left who could invite. A
//! password is never typed here: the link that is printed lets its reader choose one, once and within an hour.

mod deputies;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail, ensure};
use clap::{Args, Subcommand};
use tallyman_core::access::single::Identity;
use tallyman_core::access::{Actor, HOUSE, Level, Right};
use tallyman_core::catalogue::Owner;
use tallyman_core::seam::Clock;
use tallyman_engine::people::invitations::{self, Link, SignsInAs, Wanted};
use tallyman_engine::people::{self, Listed, PAGE_MAX, single, tokens};
use tallyman_store::Store;
use tallyman_store::tables::people::Granted;

use crate::config::Config;
use crate::say;
use crate::{assemble, logs};

/// Who signs in to the console.
#[derive(Args)]
pub struct People {
    #[command(subcommand)]
    what: What,
    /// The configuration; tallyman.sample.toml explains it.
    #[arg(long, default_value = "tallyman.toml", global = true)]
    config: PathBuf,
    /// Who types this, for the journal.
    #[arg(long, value_name = "NAME", default_value = "terminal", global = true)]
    by: String,
}

#[derive(Subcommand)]
enum What {
    /// Adds a person, and prints the link with which they choose a password.
    Invite {
        /// What colleagues call them.
        name: String,
        /// What they may: viewer, customer_service, operations, finance, integrator, administrator. Several may be named.
        #[arg(long = "level", value_name = "LEVEL", required = true, value_delimiter = ',', value_parser = level)]
        levels: Vec<Level>,
        /// At these companies only; at all, if none is named.
        #[arg(long = "company", value_name = "NAME", value_delimiter = ',')]
        companies: Vec<String>,
        /// Acts on cards of these teams: operations, finance, integration. Without one, those of the level.
        #[arg(long = "team", value_name = "TEAM", value_delimiter = ',', value_parser = team)]
        teams: Vec<Owner>,
        /// What they sign in with; made of the name, if it is not given.
        #[arg(long, value_name = "NAME")]
        sign_in: Option<String>,
    },
    /// Prints another link for somebody who is there: the first was not used in time, or the password is forgotten.
    Link {
        /// What they sign in with, or their id.
        who: String,
    },
    /// Says that an account of the OpenID provider is somebody's, so that they can sign in with it. Whoever has a link of an invitation can
    /// say so themselves.
    Account {
        /// What they sign in with, or their id.
        who: String,
        /// The provider, as its tokens name it: an address.
        #[arg(long, value_name = "URL")]
        issuer: String,
        /// What it calls them (`sub`); not an e-mail address that somebody may have been given.
        #[arg(long, value_name = "SUBJECT", required_unless_present = "remove")]
        subject: Option<String>,
        /// Takes the account away from them, and signs them out.
        #[arg(long, conflicts_with = "subject")]
        remove: bool,
    },
    /// Lists who is there, and what they may.
    List {
        /// Also those whose access was ended.
        #[arg(long)]
        all: bool,
    },
    /// Makes a token for a program that is to act for somebody, and prints it, this once.
    Token {
        /// Whose it is: what they sign in with, or their id.
        who: String,
        /// What it is for, such as price-sheet.
        name: String,
        /// What it may, of what they may. Several may be named.
        #[arg(long = "may", value_name = "RIGHT", required = true, value_delimiter = ',', value_parser = right)]
        rights: Vec<Right>,
        /// At these companies only; at all of theirs, if none is named.
        #[arg(long = "company", value_name = "NAME", value_delimiter = ',')]
        companies: Vec<String>,
        /// Acts on cards of these teams only.
        #[arg(long = "team", value_name = "TEAM", value_delimiter = ',', value_parser = team)]
        teams: Vec<Owner>,
        /// It ends by itself after so many days.
        #[arg(long, default_value_t = 90)]
        days: u64,
    },
    /// Lists somebody's tokens.
    Tokens {
        /// What they sign in with, or their id.
        who: String,
    },
    /// Ends a token.
    EndToken {
        /// Its id, as `tokens` names it.
        token: String,
    },
    /// Who stands in for whom while somebody is away.
    Deputies {
        #[command(subcommand)]
        what: Option<deputies::What>,
    },
    /// Ends somebody's access: they are signed out at once, and cannot sign in again.
    End {
        /// What they sign in with, or their id.
        who: String,
    },
}

fn level(text: &str) -> Result<Level, String> {
    let name = text.trim().replace('-', "_");
    Level::named(&name).ok_or_else(|| format!("there are {}", Level::ALL.map(Level::name).join(", ")))
}

fn right(text: &str) -> Result<Right, String> {
    let found = Right::OF_TOKENS.into_iter().find(|right| right.name() == text.trim());
    found.ok_or_else(|| format!("there are {}", Right::OF_TOKENS.map(Right::name).join(", ")))
}

fn team(text: &str) -> Result<Owner, String> {
    Owner::named(text.trim()).ok_or_else(|| format!("there are {}", Owner::ALL.map(Owner::name).join(", ")))
}

impl People {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let config = Config::load(&self.config)?;
        logs::begin(&config.log, "warn")?;
        ensure!(
            !self.by.trim().is_empty(),
            "say who types this with --by NAME: the journal keeps it"
        );
        let actor = Actor::terminal(self.by.trim());
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let now = assemble::clock(&config).now();
            match self.what {
                What::Invite {
                    name,
                    levels,
                    companies,
                    teams,
                    sign_in,
                } => {
                    let name = SignsInAs::read(&name, sign_in.as_deref()).map_err(|why| anyhow!(why))?;
                    let grants = grants(&config, &levels, companies, teams.into_iter().collect())?;
                    let vault = assemble::vault(&config)?;
                    let shown = name.sign_in().clone();
                    let wanted = Wanted { name, grants };
                    let (id, link) = invitations::invite(&to_write(&config).await?, &vault, &actor, wanted, now).await?;
                    say!("{shown} ({id}) was added.");
                    tell(&config, &link);
                }
                What::Link { who } => {
                    let store = to_write(&config).await?;
                    let found = one(&store, &who, now).await?;
                    let vault = assemble::vault(&config)?;
                    let link = invitations::again(&store, &vault, &actor, &found.person.id, now).await?;
                    tell(&config, &link);
                }
                What::Account {
                    who,
                    issuer,
                    subject,
                    remove: _,
                } => {
                    let store = to_write(&config).await?;
                    let found = one(&store, &who, now).await?.person;
                    match subject {
                        Some(subject) => {
                            let identity = Identity { issuer, subject };
                            single::link(&store, &actor, &found.id, identity, now).await?;
                            say!("{} ({}) can sign in with that account.", found.sign_in, found.id);
                        }
                        None => {
                            single::unlink(&store, &actor, &found.id, &issuer, now).await?;
                            say!(
                                "{} ({}) cannot sign in with it any more, and is signed out.",
                                found.sign_in, found.id
                            );
                        }
                    }
                }
                What::List { all } => {
                    let store = Store::open_to_read(&assemble::location(&config)?)
                        .await
                        .map_err(assemble::opened)?;
                    list(&store, all, now).await?;
                }
                What::Token {
                    who,
                    name,
                    rights,
                    companies,
                    teams,
                    days,
                } => {
                    let store = to_write(&config).await?;
                    let found = one(&store, &who, now).await?;
                    let wanted = tokens::Wanted {
                        name,
                        rights: rights.into_iter().collect(),
                        companies: companies.into_iter().collect(),
                        teams: teams.into_iter().collect(),
                        days,
                    };
                    let vault = assemble::vault(&config)?;
                    let made = tokens::make_for(&store, &vault, (&actor, &found.person.id), wanted, now).await?;
                    say!(
                        "{}\n\nThis token is not shown again. It ends by itself {}; `tallyman people end-token {}` ends it before.",
                        *made.secret,
                        made.token.ends_at.to_rfc3339(),
                        made.token.id
                    );
                }
                What::Tokens { who } => {
                    let store = Store::open_to_read(&assemble::location(&config)?)
                        .await
                        .map_err(assemble::opened)?;
                    let found = one(&store, &who, now).await?;
                    let (_, all) = tokens::of(&store, &actor, &found.person.id).await?;
                    if all.is_empty() {
                        say!("{} has made no token.", found.person.sign_in);
                    }
                    for token in &all {
                        let rights: Vec<&str> = token.rights.iter().map(|right| right.name()).collect();
                        let stands = if token.stands(now) { "stands until" } else { "over since" };
                        let at = token.ended_at.unwrap_or(token.ends_at).to_rfc3339();
                        say!("{}  {}  {stands} {at}  may {}", token.id, token.name, rights.join(", "));
                    }
                }
                What::EndToken { token } => {
                    let store = to_write(&config).await?;
                    tokens::end(&store, &actor, &token.trim().to_uppercase(), now).await?;
                    say!("The token is over: it opens nothing any more.");
                }
                What::Deputies { what } => deputies::run(&config, &actor, what, now).await?,
                What::End { who } => {
                    let store = to_write(&config).await?;
                    let found = one(&store, &who, now).await?;
                    let ended = people::end(&store, &actor, &found.person.id, now).await?;
                    say!(
                        "{} ({}) is signed out and cannot sign in any more. What they did keeps their name.",
                        ended.sign_in, ended.id
                    );
                }
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}

/// The store to write to, beside whoever works with it.
async fn to_write(config: &Config) -> anyhow::Result<Store> {
    Store::open_beside(&assemble::location(config)?)
        .await
        .map_err(assemble::opened)
}

/// Each level at each company.
fn grants(config: &Config, levels: &[Level], companies: Vec<String>, teams: BTreeSet<Owner>) -> anyhow::Result<Vec<Granted>> {
    let known: Vec<&str> = config.companies.iter().map(|company| company.name.as_str()).collect();
    if let Some(unknown) = companies.iter().find(|company| !known.contains(&company.as_str())) {
        bail!(
            "there is no company {unknown} in the configuration; there is {}",
            known.join(", ")
        );
    }
    let places = if companies.is_empty() {
        vec![HOUSE.to_owned()]
    } else {
        companies
    };
    let at = |level: &Level| {
        let (level, teams) = (*level, teams.clone());
        places.clone().into_iter().map(move |company| Granted {
            level,
            company,
            teams: teams.clone(),
        })
    };
    Ok(levels.iter().flat_map(at).collect())
}

/// Where the page of a link is.
pub(super) fn address(config: &Config, link: &Link) -> String {
    format!("{}/set-up/{}", config.public_url(), link.token)
}

fn tell(config: &Config, link: &Link) {
    say!(
        "{}\n\nThis link works once, until {}, and is not shown again. Whoever follows it chooses the password.",
        address(config, link),
        link.ends_at.to_rfc3339()
    );
}

/// Everybody, page by page.
async fn everybody(store: &Store, now: tallyman_core::time::Timestamp) -> anyhow::Result<Vec<Listed>> {
    let mut all: Vec<Listed> = Vec::new();
    loop {
        let after = all.last().map(|last| (last.person.sign_in.clone(), last.person.id.clone()));
        let after = after.as_ref().map_or(("", ""), |(sign_in, id)| (sign_in, id));
        let page = people::page(store, after, PAGE_MAX, now).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

async fn one(store: &Store, who: &str, now: tallyman_core::time::Timestamp) -> anyhow::Result<Listed> {
    let wanted = who.trim().to_lowercase();
    let is_meant = |listed: &Listed| {
        let person = &listed.person;
        person.ended_at.is_none() && (person.sign_in == wanted || person.id.eq_ignore_ascii_case(&wanted))
    };
    let found = everybody(store, now).await?.into_iter().find(is_meant);
    found
        .with_context(|| format!("nobody who is there signs in as {who}, or has that id: `tallyman people list` names everybody"))
}

async fn list(store: &Store, all: bool, now: tallyman_core::time::Timestamp) -> anyhow::Result<()> {
    let listed = everybody(store, now).await?;
    let shown: Vec<&Listed> = listed
        .iter()
        .filter(|listed| all || listed.person.ended_at.is_none())
        .collect();
    if shown.is_empty() {
        say!("Nobody is there. `tallyman people invite NAME --level administrator` adds the first.");
        return Ok(());
    }
    for listed in shown {
        let person = &listed.person;
        say!("{}  {}  {}  {}", person.id, person.sign_in, person.name, stands(listed));
        for granted in &listed.grants {
            let place = if granted.company == HOUSE {
                "every company"
            } else {
                &granted.company
            };
            let teams: Vec<&str> = granted.grant().teams.iter().map(|team| team.name()).collect();
            match &teams[..] {
                [] => say!("    {} at {place}", granted.level),
                teams => say!("    {} at {place}, for cards of {}", granted.level, teams.join(", ")),
            }
        }
    }
    Ok(())
}

/// How it stands with somebody, in some words.
fn stands(listed: &Listed) -> String {
    match listed.person.ended_at {
        Some(at) => format!("ended {}", at.to_rfc3339()),
        None if !listed.set_up => "has not chosen a password yet".into(),
        None => {
            let code = if listed.code { "password and code" } else { "password" };
            format!("{code}, signed in {} times", listed.sessions)
        }
    }
}

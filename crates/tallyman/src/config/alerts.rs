//! Who is told of exceptions: routes, rules, hours. What is not given is as the program comes.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use tallyman_core::alert::{Escalation, Quiet, Settings, route};
use tallyman_core::calendar::{Calendar, Holidays, TimeOfDay};
use tallyman_core::catalogue::{Owner, Severity};
use tallyman_core::finding::Code;
use tallyman_core::ident::Connection;
use tallyman_core::money::Money;
use tallyman_core::time::{Date, Zone};

use super::field::{self, Address, Name};
use super::secret::Source;

const DIGEST_MINUTES: u64 = 60;
const OPENED_MAX: u32 = 100;
const ESCALATE_MINUTES: u64 = 60;
/// Later than this is never.
const MINUTES_MAX: u64 = 7 * 24 * 60;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alerts {
    /// What stands before the path of a link.
    pub public_url: Address,
    pub digest_minutes: Option<u64>,
    /// New cards that a route is told of singly within the time of a digest; more stand in the digest.
    pub opened_max: Option<u32>,
    /// 0: nothing is escalated.
    pub escalate_minutes: Option<u64>,
    /// What is less bad than this is not escalated.
    #[serde(default = "stopped")]
    pub escalate_severity: Severity,
    #[serde(default = "test_at", deserialize_with = "time")]
    pub test_at: TimeOfDay,
    pub quiet: Option<QuietHours>,
    #[serde(default)]
    pub calendar: Hours,
    /// Hours of single teams, in place of those.
    #[serde(default)]
    pub team_calendar: BTreeMap<Owner, Hours>,
    #[serde(default, rename = "route")]
    pub routes: Vec<Route>,
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    #[serde(deserialize_with = "time")]
    pub from: TimeOfDay,
    #[serde(deserialize_with = "time")]
    pub to: TimeOfDay,
}

/// A working calendar; what is not given is as usual.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    #[serde(default, deserialize_with = "field::maybe_zone")]
    pub zone: Option<Zone>,
    pub days: Option<Vec<Weekday>>,
    #[serde(default, deserialize_with = "maybe_time")]
    pub opens: Option<TimeOfDay>,
    #[serde(default, deserialize_with = "maybe_time")]
    pub closes: Option<TimeOfDay>,
    pub holidays: Option<Holidays>,
    /// Days on which nobody works, besides.
    #[serde(default)]
    pub closed: Vec<Date>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Weekday {
    Monday = 1,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// One way to tell a team. Each has a name, a team, and perhaps a deputy and companies; the rest is its kind's.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Route {
    Mail {
        name: Name,
        team: Owner,
        deputy: Option<Name>,
        #[serde(default)]
        companies: Vec<Name>,
        server: String,
        port: Option<u16>,
        #[serde(default)]
        security: Security,
        user: Option<String>,
        password: Option<Source>,
        /// A certificate in PEM to trust besides, relative to the folder of the configuration.
        certificate: Option<std::path::PathBuf>,
        from: String,
        to: Vec<String>,
    },
    Slack {
        name: Name,
        team: Owner,
        deputy: Option<Name>,
        #[serde(default)]
        companies: Vec<Name>,
        url: Source,
    },
    Teams {
        name: Name,
        team: Owner,
        deputy: Option<Name>,
        #[serde(default)]
        companies: Vec<Name>,
        url: Source,
    },
    Webhook {
        name: Name,
        team: Owner,
        deputy: Option<Name>,
        #[serde(default)]
        companies: Vec<Name>,
        url: Source,
        secret: Source,
    },
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    #[default]
    StartTls,
    Tls,
    /// Only to a relay on this machine.
    None,
}

/// Which cards go where.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    #[serde(default)]
    pub codes: Vec<Code>,
    pub severity: Option<Severity>,
    /// At least so much at stake.
    pub money: Option<Money>,
    #[serde(default)]
    pub companies: Vec<Name>,
    /// None: nobody is told.
    pub routes: Vec<Name>,
}

impl Route {
    pub fn name(&self) -> &Name {
        match self {
            Self::Mail { name, .. } | Self::Slack { name, .. } | Self::Teams { name, .. } | Self::Webhook { name, .. } => name,
        }
    }

    pub fn team(&self) -> Owner {
        match self {
            Self::Mail { team, .. } | Self::Slack { team, .. } | Self::Teams { team, .. } | Self::Webhook { team, .. } => *team,
        }
    }

    pub fn deputy(&self) -> Option<&Name> {
        match self {
            Self::Mail { deputy, .. }
            | Self::Slack { deputy, .. }
            | Self::Teams { deputy, .. }
            | Self::Webhook { deputy, .. } => deputy.as_ref(),
        }
    }

    /// Whether it is for this company; without a list it is for all.
    pub fn is_for(&self, company: &str) -> bool {
        let (Self::Mail { companies, .. }
        | Self::Slack { companies, .. }
        | Self::Teams { companies, .. }
        | Self::Webhook { companies, .. }) = self;
        companies.is_empty() || companies.iter().any(|name| name.as_str() == company)
    }

    /// Its secrets, each with what it is.
    pub fn secrets(&self) -> Vec<(&Source, String)> {
        let of = |what: &str| format!("{what} of route {}", self.name().as_str());
        match self {
            Self::Mail { password, .. } => password.iter().map(|source| (source, of("password"))).collect(),
            Self::Slack { url, .. } | Self::Teams { url, .. } => vec![(url, of("address"))],
            Self::Webhook { url, secret, .. } => vec![(url, of("address")), (secret, of("signing secret"))],
        }
    }
}

/// What a route's connection is called: a route of two companies is two connections, so that nothing crosses.
pub fn connection(route: &Name, company: &str) -> Connection {
    Connection::new(format!("{}/{company}", route.as_str()))
}

impl Hours {
    fn calendar(&self, usual: &Calendar) -> anyhow::Result<Calendar> {
        let calendar = Calendar {
            zone: self.zone.clone().unwrap_or_else(|| usual.zone.clone()),
            days: match &self.days {
                Some(days) => days.iter().map(|day| *day as i8).collect(),
                None => usual.days.clone(),
            },
            opens: self.opens.unwrap_or(usual.opens),
            closes: self.closes.unwrap_or(usual.closes),
            holidays: self.holidays.unwrap_or(usual.holidays),
            closed: usual.closed.iter().chain(&self.closed).copied().collect(),
        };
        ensure!(
            calendar.opens < calendar.closes,
            "a calendar opens at {} and closes at {}: it must open before it closes",
            calendar.opens,
            calendar.closes
        );
        Ok(calendar)
    }
}

impl Alerts {
    /// The calendars: the common one, and those of single teams.
    pub fn calendars(&self) -> anyhow::Result<(Calendar, BTreeMap<Owner, Calendar>)> {
        let common = self.calendar.calendar(&Calendar::usual()).context("[alerts.calendar]")?;
        let mut teams = BTreeMap::new();
        for (team, hours) in &self.team_calendar {
            let calendar = hours.calendar(&common);
            teams.insert(*team, calendar.with_context(|| format!("[alerts.team_calendar.{team}]"))?);
        }
        Ok((common, teams))
    }

    /// What decides about one company's alerts.
    pub fn settings(&self, company: &str) -> anyhow::Result<Settings> {
        let (calendar, calendars) = self.calendars()?;
        let minutes = |given: Option<u64>, usual| Duration::from_secs(given.unwrap_or(usual).min(MINUTES_MAX) * 60);
        let escalate = minutes(self.escalate_minutes, ESCALATE_MINUTES);
        let own = || self.routes.iter().filter(|route| route.is_for(company));
        let routes = own().map(|route| route::Route {
            connection: connection(route.name(), company),
            team: route.team(),
            deputy: route.deputy().map(|deputy| connection(deputy, company)),
        });
        let rules = self
            .rules
            .iter()
            .filter(|rule| rule.companies.is_empty() || rule.companies.iter().any(|name| name.as_str() == company))
            .map(|rule| route::Rule {
                codes: rule.codes.clone(),
                severity: rule.severity,
                money: rule.money,
                routes: rule.routes.iter().map(|name| connection(name, company)).collect(),
            });
        Ok(Settings {
            public_url: self.public_url.as_str().to_owned(),
            routes: routes.collect(),
            rules: rules.collect(),
            calendars,
            calendar,
            quiet: self.quiet.map(|QuietHours { from, to }| Quiet { from, to }),
            digest_every: minutes(self.digest_minutes, DIGEST_MINUTES).max(Duration::from_secs(60)),
            opened_max: self.opened_max.unwrap_or(OPENED_MAX),
            escalation: (escalate > Duration::ZERO).then_some(Escalation {
                after: escalate,
                severity: self.escalate_severity,
            }),
            test_at: self.test_at,
        })
    }

    /// What no single field can say.
    pub fn check(&self, companies: &[&str]) -> anyhow::Result<()> {
        let mut names = std::collections::BTreeSet::new();
        for route in &self.routes {
            let name = route.name().as_str();
            ensure!(
                names.insert(name),
                "two alert routes have the name {name}: each needs its own"
            );
            if let Route::Mail {
                server,
                security,
                to,
                user,
                password,
                from,
                ..
            } = route
            {
                ensure!(!to.is_empty(), "route {name} has nobody under `to`");
                let here = ["localhost", "127.0.0.1", "::1"].contains(&server.as_str());
                ensure!(
                    *security != Security::None || here,
                    "route {name} would send mail in plain: security = \"none\" is for a relay on this machine only"
                );
                ensure!(
                    user.is_some() == password.is_some(),
                    "route {name} signs in with both user and password, or with neither"
                );
                for address in to.iter().chain([from]) {
                    if address.parse::<lettre::message::Mailbox>().is_err() {
                        bail!("route {name}: an address is written such as `Warehouse <ops@example.com>`");
                    }
                }
            }
        }
        let mentioned = self.routes.iter().filter_map(Route::deputy);
        for name in mentioned.chain(self.rules.iter().flat_map(|rule| &rule.routes)) {
            ensure!(names.contains(name.as_str()), "there is no alert route {}", name.as_str());
        }
        let of_routes = self.routes.iter().flat_map(|route| match route {
            Route::Mail { companies, .. }
            | Route::Slack { companies, .. }
            | Route::Teams { companies, .. }
            | Route::Webhook { companies, .. } => companies,
        });
        for name in of_routes.chain(self.rules.iter().flat_map(|rule| &rule.companies)) {
            ensure!(
                companies.contains(&name.as_str()),
                "alerts name the company {}, which there is not",
                name.as_str()
            );
        }
        for company in companies {
            self.reaches_every_team(company)?;
        }
        self.calendars().map(drop)
    }

    /// Every code has a team; here every team has somebody.
    fn reaches_every_team(&self, company: &str) -> anyhow::Result<()> {
        let has = |team| self.routes.iter().any(|route| route.team() == team && route.is_for(company));
        let unheard = Owner::ALL.into_iter().find(|team| !has(*team) && !has(Owner::Integration));
        if let Some(team) = unheard {
            bail!(
                "nobody is told of what {team} must clear at {company}: give it an [[alerts.route]] with team = \"{team}\", or one of \
                 integration, which stands in for a team without"
            );
        }
        Ok(())
    }
}

fn stopped() -> Severity {
    Severity::Stopped
}

fn test_at() -> TimeOfDay {
    TimeOfDay::new(8, 30).expect("a clock shows it")
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TimeOfDay, D::Error> {
    TimeOfDay::parse(&String::deserialize(deserializer)?)
        .ok_or_else(|| D::Error::custom("a time of day is written such as 08:30"))
}

fn maybe_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<TimeOfDay>, D::Error> {
    time(deserializer).map(Some)
}

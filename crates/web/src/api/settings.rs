//! What is in force for a company, as its configuration says: who is told of what, when each team works, what is wrong with that.
//!
//! Read only. Nothing here is a secret: addresses of routes and their passwords are not part of it.

use serde::Serialize;
use tallyman_core::alert::faults::{Fault as Wrong, faults};
use tallyman_core::alert::{Rule as CoreRule, Settings};
use tallyman_core::calendar::Calendar;
use tallyman_core::catalogue::Owner;
use tallyman_core::time::Timestamp;
use tallyman_engine::parts::Merchant;
use tallyman_engine::tell;
use utoipa::ToSchema;

use super::access::Right;
use super::examples;
use super::inside::Inside;
use super::problem::Problem;
use super::read::Path;
use super::routes::Route;
use super::shape::{At, severities, teams};

/// Which cards go where; what is not said is not asked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Rule {
    /// Of all codes, if it is empty.
    pub codes: Vec<&'static str>,
    /// At least so bad.
    pub severity: Option<&'static str>,
    /// At least so much at stake.
    pub money: Option<String>,
    /// Empty: nobody is told.
    pub routes: Vec<String>,
}

/// Somebody else is told of what nobody has taken up.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Escalation {
    pub after_minutes: u64,
    /// What is less bad is not escalated.
    #[schema(schema_with = severities)]
    pub severity: &'static str,
}

/// Who is told of cards, and when.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AlertRules {
    /// What stands before the path of a link.
    pub public_url: String,
    /// At most one digest a route in this time.
    pub digest_minutes: u64,
    /// New cards that a route is told of singly in that time.
    pub opened_max: u64,
    /// None: nothing is escalated.
    pub escalation: Option<Escalation>,
    /// A part of the day in which only what is critical is told of, such as `19:00 to 07:00`.
    pub quiet: Option<String>,
    /// When each route is tested, every day.
    pub test_at: String,
    pub routes: Vec<Route>,
    /// In their order. A card that none of them matches goes to the team that has it.
    pub rules: Vec<Rule>,
}

/// When a team works.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Hours {
    #[schema(schema_with = teams)]
    pub team: &'static str,
    /// As a sentence.
    pub hours: String,
    /// Whether they are the team’s own, and not those of all.
    pub own: bool,
    /// Where they are changed.
    pub key: String,
    /// Whether somebody is at work now.
    pub open: bool,
    /// When work begins next; none where nobody ever works.
    pub next: Option<At>,
    /// The next days on which nobody works although it is a day of their week: bank holidays and days of the merchant’s own.
    pub closed: Vec<String>,
}

/// Something that a person should look at.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Fault {
    /// Where it is changed.
    pub key: String,
    pub sentence: String,
}

/// What is in force for one company.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InForce {
    pub company: String,
    /// None: nobody is told of anything.
    pub alerts: Option<AlertRules>,
    pub hours: Vec<Hours>,
    pub faults: Vec<Fault>,
}

/// Days that are looked ahead for holidays.
const AHEAD_DAYS: i32 = 120;

impl InForce {
    pub fn of(merchant: &Merchant, now: Timestamp) -> Self {
        let settings = merchant.alerts.as_ref().map(|alerts| &alerts.settings);
        let fault = |fault: Wrong| Fault {
            key: fault.key,
            sentence: fault.sentence,
        };
        let nobody = || {
            Fault {
            key: "[alerts]".into(),
            sentence: "Nobody is told of anything: no way to tell people is configured for this company. Describe [alerts] and a route for \
                       each team."
                .into(),
        }
        };
        Self {
            company: merchant.company.to_string(),
            alerts: settings.map(|settings| rules(merchant, settings)),
            hours: Owner::ALL.map(|team| hours(settings, team, now)).into(),
            faults: match settings {
                Some(settings) => faults(settings, now).into_iter().map(fault).collect(),
                None => vec![nobody()],
            },
        }
    }
}

fn rules(merchant: &Merchant, settings: &Settings) -> AlertRules {
    let minutes = |duration: std::time::Duration| duration.as_secs() / 60;
    let rule = |rule: &CoreRule| Rule {
        codes: rule.codes.iter().map(|code| code.name()).collect(),
        severity: rule.severity.map(|severity| severity.name()),
        money: rule.money.map(|money| money.to_string()),
        routes: rule.routes.iter().map(|route| tell::name_of(route).to_owned()).collect(),
    };
    AlertRules {
        public_url: settings.public_url.clone(),
        digest_minutes: minutes(settings.digest_every),
        opened_max: u64::from(settings.opened_max),
        escalation: settings.escalation.map(|escalation| Escalation {
            after_minutes: minutes(escalation.after),
            severity: escalation.severity.name(),
        }),
        quiet: settings.quiet.map(|quiet| format!("{} to {}", quiet.from, quiet.to)),
        test_at: settings.test_at.to_string(),
        routes: settings
            .routes
            .iter()
            .map(|route| Route::of(merchant.company.as_str(), route))
            .collect(),
        rules: settings.rules.iter().map(rule).collect(),
    }
}

fn hours(settings: Option<&Settings>, team: Owner, now: Timestamp) -> Hours {
    let usual = Calendar::usual();
    let calendar = settings.map_or(&usual, |settings| settings.calendar_of(team));
    let own = settings.is_some_and(|settings| settings.calendars.contains_key(&team));
    let next = calendar.next_open(now);
    let today = now.date_in(&calendar.zone);
    let ahead = (0..AHEAD_DAYS).map(|days| today.plus_days(days));
    let closed = ahead.filter(|day| calendar.days.contains(&day.weekday()) && !calendar.is_working_day(*day));
    Hours {
        team: team.name(),
        hours: calendar.to_string(),
        own,
        key: if own {
            format!("[alerts.team_calendar.{team}]")
        } else {
            "[alerts.calendar]".into()
        },
        open: calendar.is_open(now),
        next: (next != Timestamp::MAX).then_some(At(next)),
        closed: closed.map(|day| day.to_string()).collect(),
    }
}

/// Shows what is in force for a company
///
/// Who is told of what, when each team works, and what is wrong with that. It is changed in the configuration file; each part names its key.
#[utoipa::path(get, path = "/companies/{name}/settings", operation_id = "get_settings", tag = "handbook",
    params(("name" = String, Path, description = "The company", example = "acme")),
    responses((status = 200, description = "What is in force", body = InForce, example = json!(examples::in_force())),
        (status = 404, description = "There is no such company", body = Problem, content_type = "application/problem+json")))]
pub async fn get(inside: Inside, Path(name): Path<String>) -> Result<axum::Json<InForce>, Problem> {
    let merchant = inside.merchant(&name)?;
    inside.leave(Right::Read, &name)?;
    Ok(axum::Json(InForce::of(merchant, inside.now())))
}

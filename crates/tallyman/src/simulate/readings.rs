//! What only a real tenant can settle, answered for one seed one way or the other: an order must come through either way.

use std::collections::BTreeMap;

use serde_json::Value;
use tallyman_core::time::Zone;
use tallyman_twin::settings::Settings;
use tallyman_twin::{mintsoft, sage, virtualstock};

use crate::chance::Seeded;
use crate::scene;

const HOUR: i64 = 3600 * 1_000_000;
const DAY: i64 = 24 * HOUR;

/// When a seed's day begins: in winter, in summer, and half an hour before London's clocks go back and forward (2026-10-25 and
/// 2026-03-29, each at one in the morning UTC). London is not always at UTC in any but the first.
const ORIGINS: [(&str, i64); 4] = [
    ("winter", scene::MORNING),
    ("summer", scene::MORNING - 119 * DAY),
    ("clocks_back", scene::MORNING - 8 * DAY - 7 * HOUR - HOUR / 2),
    ("clocks_forward", scene::MORNING - 218 * DAY - 7 * HOUR - HOUR / 2),
];

/// What our configuration says that a warehouse's times are local to, whatever they are.
const CONFIGURED: [&str; 2] = ["UTC", "Europe/London"];

/// Every question that is answered in more than one way, with its answers.
const QUESTIONS: [(&str, &[&str]); 20] = [
    ("origin", &["winter", "summer", "clocks_back", "clocks_forward"]),
    ("configured_zone", &CONFIGURED),
    ("virtualstock_repeated_acknowledge", EITHER),
    ("virtualstock_dispatch_unacknowledged", EITHER),
    ("virtualstock_partial_quantities", EITHER),
    ("virtualstock_known_carriers_only", EITHER),
    ("virtualstock_message_in_answer", EITHER),
    ("mintsoft_times", &["Utc", "London"]),
    ("mintsoft_listing", &["ById", "ByChange", "NewestFirst", "Unsorted"]),
    ("mintsoft_page_rows", &["100", "3"]),
    ("mintsoft_last_page_again", EITHER),
    ("mintsoft_repeated", &["Refused", "RefusedInOtherWords", "OldId", "MadeTwice"]),
    ("mintsoft_refused_though_made", &["Never", "SaysNo", "BadRequest"]),
    ("mintsoft_search_shows_items", EITHER),
    ("mintsoft_search_is_exact", EITHER),
    ("mintsoft_splits_leave_one_out", EITHER),
    ("mintsoft_wrapped", EITHER),
    ("mintsoft_single_outcome", EITHER),
    ("sage_lock_words", &["InUse", "Locked", "Editing", "Unsaid"]),
    ("sage_lock_status", &["BadRequest", "Conflict", "Locked"]),
];
const EITHER: &[&str] = &["true", "false"];

/// How the questions are answered in one seed.
#[derive(Debug, Clone)]
pub struct Readings {
    origin: (&'static str, i64),
    configured: &'static str,
    pub virtualstock: virtualstock::Switches,
    pub mintsoft: mintsoft::Switches,
    pub sage: sage::Switches,
}

impl Readings {
    pub fn draw(chance: &mut Seeded) -> Self {
        use mintsoft::{Listing, RefusedThoughMade, Repeated, Times};
        use sage::{LockStatus, LockWords};
        let mut either = || chance.between(0, 1) == 1;
        let virtualstock = virtualstock::Switches {
            repeated_acknowledge: either(),
            dispatch_unacknowledged: either(),
            partial_quantities: either(),
            known_carriers_only: either(),
            message_in_answer: either(),
            ..virtualstock::Switches::default()
        };
        let mintsoft = mintsoft::Switches {
            times: one(chance, [Times::Utc, Times::London]),
            listing: one(
                chance,
                [Listing::ById, Listing::ByChange, Listing::NewestFirst, Listing::Unsorted],
            ),
            page_rows: one(chance, [100, 3]),
            last_page_again: one(chance, [false, true]),
            repeated: one(
                chance,
                [
                    Repeated::Refused,
                    Repeated::RefusedInOtherWords,
                    Repeated::OldId,
                    Repeated::MadeTwice,
                ],
            ),
            refused_though_made: one(
                chance,
                [
                    RefusedThoughMade::Never,
                    RefusedThoughMade::SaysNo,
                    RefusedThoughMade::BadRequest,
                ],
            ),
            search_shows_items: one(chance, [false, true]),
            search_is_exact: one(chance, [false, true]),
            splits_leave_one_out: one(chance, [false, true]),
            wrapped: one(chance, [false, true]),
            single_outcome: one(chance, [false, true]),
        };
        let sage = sage::Switches {
            lock_words: one(
                chance,
                [LockWords::InUse, LockWords::Locked, LockWords::Editing, LockWords::Unsaid],
            ),
            lock_status: one(chance, [LockStatus::BadRequest, LockStatus::Conflict, LockStatus::Locked]),
        };
        Self {
            origin: one(chance, ORIGINS),
            configured: one(chance, CONFIGURED),
            virtualstock,
            mintsoft,
            sage,
        }
    }

    pub fn origin(&self) -> i64 {
        self.origin.1
    }

    /// What the warehouse's times are taken to be local to.
    pub fn configured_zone(&self) -> anyhow::Result<Zone> {
        Ok(Zone::named(self.configured)?)
    }

    /// How each question is answered here.
    pub fn met(&self, settings: &Settings) -> anyhow::Result<BTreeMap<String, u64>> {
        let mut met = BTreeMap::from([
            (name("origin", self.origin.0), 1),
            (name("configured_zone", self.configured), 1),
        ]);
        for (vendor, switches) in [
            ("virtualstock", serde_json::to_value(&settings.virtualstock)?),
            ("mintsoft", serde_json::to_value(&settings.mintsoft)?),
            ("sage", serde_json::to_value(settings.sage)?),
        ] {
            for (field, answer) in switches.as_object().into_iter().flatten() {
                let question = format!("{vendor}_{field}");
                let answer = answer.as_str().map_or_else(|| Value::to_string(answer), str::to_owned);
                if QUESTIONS.iter().any(|(asked, _)| *asked == question) {
                    met.insert(name(&question, &answer), 1);
                }
            }
        }
        Ok(met)
    }
}

/// Every answer to every question, by its name among what seeds have met.
pub fn all() -> impl Iterator<Item = String> {
    QUESTIONS
        .iter()
        .flat_map(|(question, answers)| answers.iter().map(|answer| name(question, answer)))
}

fn name(question: &str, answer: &str) -> String {
    format!("read_{question}_{answer}")
}

fn one<T: Copy, const N: usize>(chance: &mut Seeded, answers: [T; N]) -> T {
    answers[chance.between(0, N as u64 - 1) as usize]
}

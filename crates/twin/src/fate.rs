//! What will become of a call, drawn before it is carried out; and when a vendor is out altogether.

use std::collections::BTreeMap;

use crate::chance::Chance;
use crate::faults::{Counts, Kind, PROCESSING_MAX, Span};
use crate::settings::Settings;

const MILLI: i64 = 1_000;

/// Who is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    Sage,
    SageId,
    Virtualstock,
    Mintsoft,
}

impl Party {
    pub fn at(segment: &str) -> Option<Self> {
        match segment {
            "sage" => Some(Self::Sage),
            "sage-id" => Some(Self::SageId),
            "virtualstock" => Some(Self::Virtualstock),
            "mintsoft" => Some(Self::Mintsoft),
            _ => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Sage => "sage",
            Self::SageId => "sage-id",
            Self::Virtualstock => "virtualstock",
            Self::Mintsoft => "mintsoft",
        }
    }

    /// How long an ordinary call takes. Sage stands behind a tunnel to the merchant's own server.
    fn latency(self) -> Span {
        match self {
            Self::Sage => Span::new(150 * MILLI, 1_500 * MILLI),
            Self::SageId => Span::new(100 * MILLI, 400 * MILLI),
            Self::Virtualstock => Span::new(80 * MILLI, 500 * MILLI),
            Self::Mintsoft => Span::new(100 * MILLI, 600 * MILLI),
        }
    }
}

/// What will become of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Answered,
    LostBeforeCommit,
    LostAfterCommit,
    /// Carried out this long after it was sent.
    Late(i64),
    FailedBeforeCommit(u16),
    FailedAfterCommit(u16),
}

/// How one call will go.
pub struct Plan {
    pub fate: Fate,
    /// On the way to the commit, slowness included, and on the way back.
    pub there: i64,
    pub back: i64,
}

impl Plan {
    /// Draws what becomes of a party's call of this number, and counts what goes wrong.
    pub fn draw(settings: &Settings, counts: &Counts, party: Party, number: u64) -> Self {
        let faults = &settings.faults;
        let mut chance = Chance::new(settings.seed, &format!("wire {} {number}", party.name()));
        let mut latency = party.latency().draw(&mut chance);
        if chance.per_mille(faults.slow_answer) {
            counts.add(Kind::SlowAnswer);
            latency += faults.slow_by.draw(&mut chance);
        }
        let status = *chance.pick(&[500, 502, 503]);
        let late = Fate::Late(faults.late_by.draw(&mut chance).min(PROCESSING_MAX));
        // A lost refresh token cannot be won back by anyone but a person: see `Faults::sage_refresh_grace`.
        let spared = party == Party::SageId && faults.sage_refresh_grace == 0;
        let after = |per_mille: u32| if spared { 0 } else { per_mille };
        let fates = [
            (faults.lost_before_commit, Kind::LostBeforeCommit, Fate::LostBeforeCommit),
            (
                faults.server_error_before_commit,
                Kind::ServerErrorBeforeCommit,
                Fate::FailedBeforeCommit(status),
            ),
            (after(faults.lost_after_commit), Kind::LostAfterCommit, Fate::LostAfterCommit),
            (
                after(faults.server_error_after_commit),
                Kind::ServerErrorAfterCommit,
                Fate::FailedAfterCommit(status),
            ),
            (after(faults.late_commit), Kind::LateCommit, late),
        ];
        let mut left = chance.between(0, 999);
        let mut plan = Self {
            fate: Fate::Answered,
            there: latency - latency / 3,
            back: latency / 3,
        };
        for (per_mille, kind, fate) in fates {
            left -= i64::from(per_mille);
            if left < 0 {
                counts.add(kind);
                plan.fate = fate;
                break;
            }
        }
        plan
    }
}

/// Outages of each vendor, one in each equal part of the time they may fall into, so that they do not touch.
pub fn outages(settings: &Settings) -> BTreeMap<Party, Vec<Span>> {
    let faults = &settings.faults;
    let part = faults.outages_within / i64::from(faults.outages.max(1));
    let draw = |party: Party| {
        let mut chance = Chance::new(settings.seed, &format!("outages {}", party.name()));
        let spans = (0..i64::from(faults.outages)).map(|index| {
            let lasts = faults.outage_for.draw(&mut chance).min(part);
            let from = settings.origin + index * part + chance.between(0, part - lasts);
            Span::new(from, from + lasts)
        });
        (party, spans.collect())
    };
    [Party::Sage, Party::Virtualstock, Party::Mintsoft]
        .into_iter()
        .map(draw)
        .collect()
}

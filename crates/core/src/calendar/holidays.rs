//! The bank holidays of the United Kingdom, as dated data.
//!
//! Source: GOV.UK, "UK bank holidays", published as data at <https://www.gov.uk/bank-holidays.json>, as it stood in February 2026, when it
//! had the years to 2028. One day is added to it: Monday 15 June 2026 in Scotland, by the proclamation of 4 February 2026. Years that are
//! not published are not guessed; substitute days and extra ones are proclaimed and follow no rule.

use serde::{Deserialize, Serialize};

use crate::time::Date;

/// Whose bank holidays are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holidays {
    EnglandAndWales,
    Scotland,
    NorthernIreland,
    /// None: every weekday is as good as another.
    None,
}

/// A year's days, each as month and day.
type Year = (i16, &'static [(i8, i8)]);

const ENGLAND_AND_WALES: &[Year] = &[
    (
        2025,
        &[(1, 1), (4, 18), (4, 21), (5, 5), (5, 26), (8, 25), (12, 25), (12, 26)],
    ),
    (2026, &[(1, 1), (4, 3), (4, 6), (5, 4), (5, 25), (8, 31), (12, 25), (12, 28)]),
    (
        2027,
        &[(1, 1), (3, 26), (3, 29), (5, 3), (5, 31), (8, 30), (12, 27), (12, 28)],
    ),
    (
        2028,
        &[(1, 3), (4, 14), (4, 17), (5, 1), (5, 29), (8, 28), (12, 25), (12, 26)],
    ),
];

const SCOTLAND: &[Year] = &[
    (
        2025,
        &[(1, 1), (1, 2), (4, 18), (5, 5), (5, 26), (8, 4), (12, 1), (12, 25), (12, 26)],
    ),
    (
        2026,
        &[
            (1, 1),
            (1, 2),
            (4, 3),
            (5, 4),
            (5, 25),
            (6, 15),
            (8, 3),
            (11, 30),
            (12, 25),
            (12, 28),
        ],
    ),
    (
        2027,
        &[(1, 1), (1, 4), (3, 26), (5, 3), (5, 31), (8, 2), (11, 30), (12, 27), (12, 28)],
    ),
    (
        2028,
        &[(1, 3), (1, 4), (4, 14), (5, 1), (5, 29), (8, 7), (11, 30), (12, 25), (12, 26)],
    ),
];

const NORTHERN_IRELAND: &[Year] = &[
    (
        2025,
        &[
            (1, 1),
            (3, 17),
            (4, 18),
            (4, 21),
            (5, 5),
            (5, 26),
            (7, 14),
            (8, 25),
            (12, 25),
            (12, 26),
        ],
    ),
    (
        2026,
        &[
            (1, 1),
            (3, 17),
            (4, 3),
            (4, 6),
            (5, 4),
            (5, 25),
            (7, 13),
            (8, 31),
            (12, 25),
            (12, 28),
        ],
    ),
    (
        2027,
        &[
            (1, 1),
            (3, 17),
            (3, 26),
            (3, 29),
            (5, 3),
            (5, 31),
            (7, 12),
            (8, 30),
            (12, 27),
            (12, 28),
        ],
    ),
    (
        2028,
        &[
            (1, 3),
            (3, 17),
            (4, 14),
            (4, 17),
            (5, 1),
            (5, 29),
            (7, 12),
            (8, 28),
            (12, 25),
            (12, 26),
        ],
    ),
];

impl Holidays {
    pub const ALL: [Self; 4] = [Self::EnglandAndWales, Self::Scotland, Self::NorthernIreland, Self::None];

    fn years(self) -> &'static [Year] {
        match self {
            Self::EnglandAndWales => ENGLAND_AND_WALES,
            Self::Scotland => SCOTLAND,
            Self::NorthernIreland => NORTHERN_IRELAND,
            Self::None => &[],
        }
    }

    /// Whether this is a bank holiday, as far as the data go.
    pub fn has(self, date: Date) -> bool {
        self.years()
            .iter()
            .any(|(year, days)| *year == date.year() && days.contains(&(date.month(), date.day())))
    }

    /// The last day of the data; none where no data are needed.
    pub fn known_to(self) -> Option<Date> {
        self.years().last().and_then(|(year, _)| Date::new(*year, 12, 31))
    }

    /// Every day of the data, in order.
    pub fn days(self) -> impl Iterator<Item = Date> {
        let days = self.years().iter();
        days.flat_map(|(year, days)| days.iter().filter_map(|(month, day)| Date::new(*year, *month, *day)))
    }
}

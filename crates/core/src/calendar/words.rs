//! A calendar in words, for whoever asks when a team works.

use std::fmt;

use super::{Calendar, Holidays};

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

impl Holidays {
    /// Whose days they are, as a sentence goes on with it.
    pub const fn whose(self) -> Option<&'static str> {
        match self {
            Self::EnglandAndWales => Some("England and Wales"),
            Self::Scotland => Some("Scotland"),
            Self::NorthernIreland => Some("Northern Ireland"),
            Self::None => None,
        }
    }
}

fn days(of: &Calendar) -> String {
    let numbers: Vec<i8> = of.days.iter().copied().collect();
    let named = |day: i8| {
        usize::try_from(day - 1)
            .ok()
            .and_then(|index| DAYS.get(index))
            .copied()
            .unwrap_or("?")
    };
    match numbers.as_slice() {
        [] => "never".into(),
        [first, .., last] if numbers.len() > 2 && usize::try_from(last - first).is_ok_and(|gap| gap + 1 == numbers.len()) => {
            format!("{} to {}", named(*first), named(*last))
        }
        all => all.iter().map(|day| named(*day)).collect::<Vec<_>>().join(", "),
    }
}

/// `Monday to Friday, 09:00 to 17:30 (Europe/London), not on the bank holidays of England and Wales`.
impl fmt::Display for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} to {} ({})", days(self), self.opens, self.closes, self.zone.name())?;
        if let Some(whose) = self.holidays.whose() {
            write!(f, ", not on the bank holidays of {whose}")?;
        }
        if !self.closed.is_empty() {
            let closed: Vec<String> = self.closed.iter().map(ToString::to_string).collect();
            write!(f, ", closed on {}", closed.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Date;

    #[test]
    fn hours_are_told_as_people_tell_them() {
        let mut calendar = Calendar::usual();
        assert_eq!(
            calendar.to_string(),
            "Monday to Friday, 09:00 to 17:30 (Europe/London), not on the bank holidays of England and Wales"
        );
        calendar.days = [1, 3, 7].into();
        calendar.holidays = Holidays::None;
        calendar.closed = [Date::new(2026, 12, 24).unwrap()].into();
        assert_eq!(
            calendar.to_string(),
            "Monday, Wednesday, Sunday, 09:00 to 17:30 (Europe/London), closed on 2026-12-24"
        );
        calendar.days.clear();
        assert!(calendar.to_string().starts_with("never"));
    }
}

//! What a usual day looks like: how many records had come by each hour, over the same weekdays of the weeks before.
//!
//! The middle is the median and the band leaves out the lowest and the highest where there are enough days, so that one bank holiday or one
//! sale does not bend it.

/// Fewer days than this are no habit.
const DAYS_MIN: usize = 3;
/// With so many days the outermost are left out of the band.
const DAYS_TRIMMED: usize = 6;

/// By each hour of the day, from its beginning: so many had come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usual {
    pub low: Vec<u64>,
    pub middle: Vec<u64>,
    pub high: Vec<u64>,
    /// Days that it is taken from.
    pub days: usize,
}

/// What came in each hour of a day, as what had come by the end of it: one number more than hours, the first 0.
pub fn summed(by_hour: &[u64]) -> Vec<u64> {
    let mut sum = 0_u64;
    let sums = by_hour.iter().map(|count| {
        sum = sum.saturating_add(*count);
        sum
    });
    let mut all = vec![0];
    all.extend(sums);
    all
}

impl Usual {
    /// From what came in each hour of some days. A day on which nothing came was before the source was connected, or a holiday, and is not
    /// counted; none where there are too few.
    pub fn of(days: &[Vec<u64>], hours: usize) -> Option<Self> {
        let counted: Vec<Vec<u64>> = days
            .iter()
            .filter(|day| day.iter().any(|count| *count > 0))
            .map(|day| summed(day))
            .collect();
        if counted.len() < DAYS_MIN {
            return None;
        }
        let mut usual = Self {
            days: counted.len(),
            ..Self::default()
        };
        for hour in 0..=hours {
            // A day of 23 hours had come to its end by the 24th.
            let mut by_then: Vec<u64> = counted
                .iter()
                .filter_map(|day| day.get(hour).or(day.last()))
                .copied()
                .collect();
            by_then.sort_unstable();
            let trim = usize::from(by_then.len() >= DAYS_TRIMMED);
            let at = |index: usize| by_then.get(index).copied().unwrap_or_default();
            usual.low.push(at(trim));
            usual.high.push(at(by_then.len() - 1 - trim));
            let (lower, upper) = (at((by_then.len() - 1) / 2), at(by_then.len() / 2));
            usual.middle.push(lower.midpoint(upper));
        }
        Some(usual)
    }

    /// How many have usually come by then: so many thousandths of an hour into the day.
    pub fn by(&self, thousandths: u64) -> u64 {
        let hour = usize::try_from(thousandths / 1_000).unwrap_or(usize::MAX);
        let last = self.middle.last().copied().unwrap_or_default();
        let at = |hour: usize| self.middle.get(hour).copied().unwrap_or(last);
        let (before, after) = (at(hour), at(hour.saturating_add(1)));
        before + after.saturating_sub(before) * (thousandths % 1_000) / 1_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usual_day_is_the_middle_of_several() {
        let day = |count| vec![0, count, count];
        assert_eq!(Usual::of(&[day(1), day(2)], 3), None, "two days are no habit");
        assert_eq!(
            Usual::of(&[day(1), day(2), vec![0, 0, 0]], 3),
            None,
            "a day without any is not counted"
        );
        let usual = Usual::of(&[day(9), day(2), day(4), day(3), day(5), day(1)], 3).unwrap();
        assert_eq!(usual.middle, [0, 0, 3, 7], "3.5 a hour is cut");
        assert_eq!(
            (usual.low.as_slice(), usual.high.as_slice()),
            (&[0, 0, 2, 4][..], &[0, 0, 5, 10][..])
        );
        assert_eq!((usual.by(1_500), usual.by(2_500), usual.by(9_000)), (1, 5, 7));
    }

    #[test]
    fn a_shorter_day_stays_at_its_end() {
        let usual = Usual::of(&[vec![1, 1], vec![1, 1], vec![1, 1]], 3).unwrap();
        assert_eq!(usual.middle, [0, 1, 2, 2]);
    }
}

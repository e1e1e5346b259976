use std::time::Duration;

use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);
const LIMIT: Gcra = Gcra {
    interval: SECOND,
    burst: 10,
};

fn at(seconds: u64) -> Timestamp {
    Timestamp::ZERO.plus(SECOND * u32::try_from(seconds).expect("a small number"))
}

/// Takes as many as there are, up to `wanted`.
fn take(limit: Gcra, marks: &mut Marks, work: Work, now: Timestamp, wanted: u32) -> u32 {
    let granted = limit.room(marks, work, now).permits.min(wanted);
    *marks = limit.spend(marks, work, now, granted);
    granted
}

#[test]
fn after_a_rest_one_kind_takes_all_but_what_is_kept_for_the_others() {
    let mut marks = Marks::default();
    assert_eq!(take(LIMIT, &mut marks, Work::Urgent, at(100), 50), 6);
    assert_eq!(take(LIMIT, &mut marks, Work::Background, at(100), 50), 2);
    assert_eq!(take(LIMIT, &mut marks, Work::Poll, at(100), 50), 2);
    for work in Work::ALL {
        assert_eq!(LIMIT.room(&marks, work, at(100)).permits, 0, "{work:?}");
    }
}

#[test]
fn background_waits_where_effects_still_go() {
    let mut marks = Marks::default();
    assert_eq!(take(LIMIT, &mut marks, Work::Background, at(100), 50), 6);
    let room = LIMIT.room(&marks, Work::Background, at(100));
    // Nobody else wants anything, so the whole rate is its own.
    assert_eq!((room.permits, room.next), (0, at(102)));
    assert_eq!(take(LIMIT, &mut marks, Work::Urgent, at(100), 2), 2);
    // Half of what is earned now is kept for effects again.
    assert_eq!(LIMIT.room(&marks, Work::Background, at(100)).next, at(104));
}

#[test]
fn alone_it_has_the_whole_rate() {
    for work in Work::ALL {
        let (mut marks, mut now, mut granted) = (Marks::default(), at(100), 0);
        while now <= at(1_100) {
            granted += take(LIMIT, &mut marks, work, now, 2);
            now = LIMIT.room(&marks, work, now).next;
        }
        assert_eq!(granted, 6 + 1_000, "{work:?}");
    }
}

#[test]
fn no_interval_is_no_limit_and_no_burst_still_lets_one_piece_of_each_through() {
    let none = Gcra {
        interval: Duration::ZERO,
        burst: 1,
    };
    let room = none.room(&Marks::default(), Work::Poll, at(1));
    assert_eq!((room.permits, room.next), (u32::MAX, at(1)));
    assert_eq!(none.spend(&Marks::default(), Work::Poll, at(1), 500), Marks::default());
    let narrow = Gcra {
        interval: SECOND,
        burst: 0,
    };
    let mut marks = Marks::default();
    for work in Work::ALL {
        assert_eq!(take(narrow, &mut marks, work, at(100), 50), 2, "{work:?}");
    }
}

#[test]
fn the_ends_of_the_range_do_not_overflow() {
    let limit = Gcra {
        interval: Duration::MAX,
        burst: u32::MAX,
    };
    let mut marks = Marks::default();
    assert_eq!(take(limit, &mut marks, Work::Urgent, Timestamp::MAX, u32::MAX), u32::MAX - 4);
    assert_eq!(marks.whole, Timestamp::MAX);
    assert!(limit.room(&marks, Work::Urgent, Timestamp::MIN).permits > u32::MAX - 10);
    let end = Timestamp::MAX.minus(Duration::from_secs(60));
    assert!(
        LIMIT.room(&marks, Work::Poll, Timestamp::MIN).next > end,
        "never, as far as anybody can wait"
    );
}

fn work() -> impl Strategy<Value = Work> {
    prop_oneof![Just(Work::Urgent), Just(Work::Poll), Just(Work::Background)]
}

fn limit() -> impl Strategy<Value = Gcra> {
    (1_u64..2_000, 0_u32..30).prop_map(|(interval_ms, burst)| Gcra {
        interval: Duration::from_millis(interval_ms),
        burst,
    })
}

proptest! {
    /// The promise of a rate limit: however the calls come, no stretch of time sees more than its share and one burst.
    #[test]
    fn no_stretch_of_time_sees_more_than_the_whole_limit(
        limit in limit(),
        calls in proptest::collection::vec((0_u64..3_000, work(), 0_u32..12), 1..60),
    ) {
        let (mut now, mut marks) = (Timestamp::ZERO, Marks::default());
        let mut grants: Vec<(Timestamp, u64)> = Vec::new();
        for (gap_ms, work, wanted) in calls {
            now = now.plus(Duration::from_millis(gap_ms));
            let room = limit.room(&marks, work, now);
            if room.permits < PERMITS_PER_PIECE {
                let just_before = room.next.minus(Duration::from_micros(1));
                prop_assert!(limit.room(&marks, work, room.next).permits >= PERMITS_PER_PIECE, "what was promised is kept");
                prop_assert!(limit.room(&marks, work, just_before).permits < PERMITS_PER_PIECE, "and not a moment sooner");
            } else {
                prop_assert_eq!(room.next, now);
            }
            grants.push((now, u64::from(take(limit, &mut marks, work, now, wanted))));
        }
        for (i, (start, _)) in grants.iter().enumerate() {
            let mut total = 0;
            for (end, granted) in &grants[i..] {
                total += granted;
                let earned = end.since(*start).as_micros() / limit.interval.as_micros();
                prop_assert!(u128::from(total) <= earned + u128::from(limit.burst.max(BURST_MIN)));
            }
        }
    }

    /// However greedy the others are, who asks again whenever a piece of work may be had gets its share.
    #[test]
    fn each_kind_gets_at_least_its_share(
        limit in limit(),
        wanting in work(),
        others in proptest::collection::vec((0_u64..3_000, work(), 0_u32..40), 20..200),
    ) {
        let (mut now, mut marks, mut granted) = (at(1_000), Marks::default(), 0_u64);
        let began = now;
        for (gap_ms, other, wanted) in others {
            let until = now.plus(Duration::from_millis(gap_ms));
            // It takes single pieces, and looks again exactly when it was told to.
            loop {
                let room = limit.room(&marks, wanting, now);
                if room.next > until {
                    break;
                }
                now = room.next;
                granted += u64::from(take(limit, &mut marks, wanting, now, PERMITS_PER_PIECE));
            }
            now = until;
            if other != wanting {
                take(limit, &mut marks, other, now, wanted);
            }
        }
        let share = limit.interval.as_micros() * u128::try_from(PARTS / wanting.parts()).expect("positive");
        let earned = now.since(began).as_micros() / share;
        prop_assert!(u128::from(granted) + u128::from(PERMITS_PER_PIECE) > earned, "{} of {}", granted, earned);
    }
}

use super::*;
use proptest::prelude::*;

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn a_deadline_waits_out_the_night_the_weekend_and_bank_holidays() {
    let calendar = Calendar::usual();
    // Thursday 24 December 2026, 16:30: an hour is left; then Christmas, a weekend, and the substitute for Boxing Day.
    let due = calendar.after(at("2026-12-24T16:30:00Z"), 2 * HOUR);
    assert_eq!(due, at("2026-12-29T10:00:00Z"));
    assert_eq!(calendar.after(at("2026-12-24T16:30:00Z"), HOUR), at("2026-12-24T17:30:00Z"));
    // What begins in the night begins in the morning.
    assert_eq!(calendar.after(at("2026-11-23T02:00:00Z"), HOUR), at("2026-11-23T10:00:00Z"));
    let scots = Calendar {
        holidays: Holidays::Scotland,
        ..Calendar::usual()
    };
    assert!(
        scots.is_working_day(date("2027-03-29")),
        "Easter Monday is not kept in Scotland"
    );
    assert!(!scots.is_working_day(date("2026-06-15")) && calendar.is_working_day(date("2026-06-15")));
}

#[test]
fn the_day_of_the_clocks_is_as_long_as_it_is_on_the_wall() {
    let sundays = Calendar {
        days: [7].into(),
        opens: TimeOfDay::parse("00:00").unwrap(),
        closes: TimeOfDay::parse("06:00").unwrap(),
        ..Calendar::usual()
    };
    // Forward on 29 March 2026: five hours are worked between midnight and six. Back on 25 October: seven.
    assert_eq!(
        sundays.between(at("2026-03-29T00:00:00Z"), at("2026-03-29T12:00:00Z")),
        5 * HOUR
    );
    assert_eq!(
        sundays.between(at("2026-10-24T23:00:00Z"), at("2026-10-25T12:00:00Z")),
        7 * HOUR
    );
    let noon = |day: &str| TimeOfDay::parse("12:00").unwrap().on(date(day), &sundays.zone);
    assert_eq!(noon("2026-03-28"), at("2026-03-28T12:00:00Z"));
    assert_eq!(noon("2026-03-29"), at("2026-03-29T11:00:00Z"));
}

#[test]
fn a_team_that_never_works_has_no_morning_and_no_deadline() {
    let nobody = Calendar {
        days: BTreeSet::new(),
        ..Calendar::usual()
    };
    let now = at("2026-11-23T02:00:00Z");
    assert_eq!(nobody.next_open(now), Timestamp::MAX);
    assert_eq!(nobody.after(now, HOUR), Timestamp::MAX);
    assert!(!nobody.is_open(now));
}

#[test]
fn mornings() {
    let calendar = Calendar::usual();
    let friday_night = at("2026-11-20T22:00:00Z");
    assert_eq!(calendar.next_morning(friday_night), at("2026-11-23T09:00:00Z"));
    assert_eq!(calendar.next_open(friday_night), at("2026-11-23T09:00:00Z"));
    let at_work = at("2026-11-23T11:00:00Z");
    assert_eq!(calendar.next_open(at_work), at_work);
    assert_eq!(calendar.next_morning(at_work), at("2026-11-24T09:00:00Z"));
    let nine = TimeOfDay::parse("09:00").unwrap();
    assert_eq!(
        nine.next_after(at("2026-06-01T08:00:00Z"), &calendar.zone),
        at("2026-06-02T08:00:00Z")
    );
    for wrong in ["9:00", "24:00", "12:60", "noon", "12:0", "+1:00", ""] {
        assert!(TimeOfDay::parse(wrong).is_none(), "{wrong} was read");
    }
}

#[test]
fn the_data_are_days_in_order_on_which_somebody_would_work() {
    for nation in Holidays::ALL {
        let days: Vec<Date> = nation.days().collect();
        assert!(days.windows(2).all(|two| two[0] < two[1]), "{nation:?} is not in order");
        assert!(
            days.iter().all(|day| day.weekday() <= 5),
            "{nation:?} has a weekend, which substitutes replace"
        );
        for year in 2025..=2028 {
            let of_year = days.iter().filter(|day| day.year() == year).count();
            let expected = match nation {
                Holidays::EnglandAndWales => 8,
                // St Andrew's and 2 January, without Easter Monday; and one day in 2026 that was proclaimed.
                Holidays::Scotland => 9 + usize::from(year == 2026),
                Holidays::NorthernIreland => 10,
                Holidays::None => 0,
            };
            assert_eq!(of_year, expected, "{nation:?} in {year}");
        }
    }
    // Easter is computed by no one here: it is the day before its Monday, and Good Friday is three days before that.
    for day in Holidays::EnglandAndWales
        .days()
        .filter(|day| day.weekday() == 5 && (3..=4).contains(&day.month()))
    {
        assert!(Holidays::EnglandAndWales.has(day.plus_days(3)), "{day} has no Easter Monday");
    }
}

#[test]
fn somebody_is_told_before_the_data_end() {
    let calendar = Calendar::usual();
    assert_eq!(calendar.staleness(at("2028-06-01T00:00:00Z")), None);
    assert!(calendar.staleness(at("2028-08-01T00:00:00Z")).unwrap().contains("2028-12-31"));
    assert!(
        calendar
            .staleness(at("2029-01-02T00:00:00Z"))
            .unwrap()
            .contains("every weekday counts")
    );
    let none = Calendar {
        holidays: Holidays::None,
        ..Calendar::usual()
    };
    assert_eq!(none.staleness(at("2090-01-01T00:00:00Z")), None);
}

/// Calendars that open before they close, in zones whose clocks change on different days, and once at midnight.
fn calendars() -> impl Strategy<Value = Calendar> {
    let zones = prop::sample::select(vec![
        "Europe/London",
        "America/New_York",
        "Australia/Lord_Howe",
        "America/Santiago",
        "UTC",
    ]);
    let nations = prop::sample::select(Holidays::ALL.to_vec());
    (
        zones,
        prop::collection::btree_set(1_i8..=7, 1..=7),
        0_u8..23,
        0_u8..60,
        1_u8..=23,
        nations,
    )
        .prop_map(|(zone, days, opens, minute, longer, holidays)| Calendar {
            zone: Zone::named(zone).unwrap(),
            days,
            opens: TimeOfDay::new(opens, minute).unwrap(),
            closes: TimeOfDay::new((opens + longer).min(23), 59).unwrap(),
            holidays,
            closed: BTreeSet::new(),
        })
}

proptest! {
    #[test]
    fn what_is_due_after_so_many_hours_has_so_many_between(
        calendar in calendars(),
        from in 1_735_689_600_i64..1_830_000_000,
        minutes in 1_u64..6_000,
    ) {
        let from = Timestamp::from_micros(from * 1_000_000);
        let working = Duration::from_secs(minutes * 60);
        let due = calendar.after(from, working);
        prop_assert_eq!(calendar.between(from, due), working);
        // It is due while somebody works, or as they go home.
        prop_assert!(calendar.is_open(due.minus(Duration::from_secs(1))), "{} is outside hours", due);
        // More work is never due sooner, and what begins later is never due sooner.
        prop_assert!(calendar.after(from, working + HOUR) > due);
        prop_assert!(calendar.after(from.plus(HOUR), working) >= due);
    }

    #[test]
    fn the_next_opening_is_open_and_nothing_before_it_is(calendar in calendars(), from in 1_735_689_600_i64..1_830_000_000) {
        let from = Timestamp::from_micros(from * 1_000_000);
        let open = calendar.next_open(from);
        prop_assert!(open >= from && calendar.is_open(open));
        prop_assert_eq!(calendar.between(from, open), Duration::ZERO);
        prop_assert!(calendar.next_morning(from) > from);
    }

    #[test]
    fn times_of_day_read_back(hour in 0_u8..24, minute in 0_u8..60) {
        let time = TimeOfDay::new(hour, minute).unwrap();
        prop_assert_eq!(TimeOfDay::parse(&time.to_string()), Some(time));
    }
}

use super::*;
use proptest::prelude::*;

fn london() -> Zone {
    Zone::named("Europe/London").expect("compiled in")
}

fn instant(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).expect(text)
}

#[test]
fn an_instant_is_read_with_its_offset_only() {
    assert_eq!(instant("1970-01-01T00:00:00Z"), Timestamp::ZERO);
    assert_eq!(instant("2026-06-01T10:00:00+01:00"), instant("2026-06-01T09:00:00Z"));
    assert_eq!(instant("2026-06-01t04:00:00.25-05:00"), instant("2026-06-01 09:00:00.250Z"));
    for text in [
        "",
        "Z",
        "2026-06-01",
        "2026-06-01T10:00:00",
        "2026-06-01T10:00Z",
        "2026-06-01T10:00:00+1",
        "2026-06-01T10:00:00+0100",
        "2026-06-01T10:00:00.Z",
        "2026-06-01T10:00:00Z[UTC]",
        "2026-06-31T10:00:00Z",
        "2026-06-01T24:00:00Z",
        "20260601T100000Z",
        "2026-06-01T10:00:00Zé",
        "-002026-06-01T10:00:00Z",
    ] {
        assert_eq!(
            Timestamp::parse_rfc3339(text),
            Err(TimeError::Instant { text: text.to_owned() })
        );
    }
}

#[test]
fn what_is_finer_than_a_microsecond_is_dropped_towards_the_past() {
    assert_eq!(instant("1970-01-01T00:00:00.000001999Z").micros(), 1);
    assert_eq!(instant("1969-12-31T23:59:59.999999999Z").micros(), -1);
}

#[test]
fn a_local_time_is_read_in_its_zone() {
    let read = |text| Timestamp::parse_naive(text, &london()).map(Timestamp::to_rfc3339);
    assert_eq!(
        read("2026-09-24T11:20:22.7476691").as_deref(),
        Ok("2026-09-24T10:20:22.747669Z")
    );
    assert_eq!(read("2026-01-24T11:20:22").as_deref(), Ok("2026-01-24T11:20:22Z"));
    for text in [
        "2026-01-24",
        "2026-01-24T11:20",
        "2026-01-24 11:20:22",
        "2026-01-24T11:20:22Z",
        "2026-01-24T11:20:22.1234567890",
    ] {
        assert!(read(text).is_err(), "{text} was read");
    }
}

#[test]
fn a_skipped_hour_is_moved_forward_and_a_repeated_one_is_the_first() {
    let read = |text| Timestamp::parse_naive(text, &london()).map(Timestamp::to_rfc3339);
    assert_eq!(
        read("2026-03-29T01:30:00").as_deref(),
        Ok("2026-03-29T01:30:00Z"),
        "02:30 in summer time"
    );
    assert_eq!(
        read("2026-10-25T01:30:00").as_deref(),
        Ok("2026-10-25T00:30:00Z"),
        "still summer time"
    );
}

#[test]
fn an_order_late_on_the_last_of_march_belongs_to_april_in_london() {
    let late = instant("2026-03-31T23:30:00Z");
    assert_eq!(late.date_in(&london()).to_string(), "2026-04-01");
    assert_eq!(late.date_in(&Zone::utc()).to_string(), "2026-03-31");
    assert_eq!(late.local_in(&london()), "2026-04-01 00:30:00");
}

#[test]
fn a_date_is_read_in_one_form_only() {
    for text in [
        "",
        "2026-1-02",
        "20260102",
        "2026-02-29",
        "2026-01-02T00:00:00",
        "2026/01/02",
        "+026-01-02",
    ] {
        assert!(Date::parse(text).is_err(), "{text} was read");
    }
    let leap = Date::parse("2028-02-29").expect("a leap year");
    assert_eq!((leap.year(), leap.month(), leap.day(), leap.weekday()), (2028, 2, 29, 2));
    assert_eq!(leap.plus_days(1).to_string(), "2028-03-01");
    assert_eq!(Date::new(2026, 2, 29), None);
    assert_eq!(Date::new(-1, 2, 3), None);
}

#[test]
fn a_time_of_day_follows_the_clocks_of_the_zone() {
    let sunday = Date::parse("2026-03-29").expect("a date");
    assert_eq!(sunday.at(6, 30, &london()), instant("2026-03-29T05:30:00Z"));
    assert_eq!(sunday.plus_days(-1).at(6, 30, &london()), instant("2026-03-28T06:30:00Z"));
    assert_eq!(sunday.at_midnight_utc(), instant("2026-03-29T00:00:00Z"));
    let cairo = Zone::named("Africa/Cairo").expect("compiled in");
    let no_midnight = Date::parse("2026-04-24").expect("a date");
    assert_eq!(
        no_midnight.starts_in(&cairo).local_in(&cairo),
        "2026-04-24 01:00:00",
        "the clocks go forward at midnight"
    );
}

#[test]
fn the_ends_of_time_are_held_and_still_print() {
    let long = Duration::MAX;
    assert_eq!(Timestamp::ZERO.plus(long), Timestamp::MAX);
    assert_eq!(Timestamp::ZERO.minus(long), Timestamp::MIN);
    assert_eq!(Timestamp::from_micros(i64::MAX), Timestamp::MAX);
    assert_eq!(Timestamp::MIN.since(Timestamp::MAX), Duration::ZERO);
    for zone in ["UTC", "Pacific/Kiritimati", "Pacific/Niue"].map(|name| Zone::named(name).expect("compiled in")) {
        for end in [Timestamp::MIN, Timestamp::MAX] {
            assert_eq!(instant(&end.to_rfc3339()), end);
            let date = end.date_in(&zone);
            assert_eq!(Date::parse(&date.to_string()), Ok(date));
        }
    }
    let first = Date::new(0, 1, 1).expect("the first date");
    let last = Date::new(9999, 12, 31).expect("the last date");
    assert_eq!(first.at_midnight_utc(), Timestamp::MIN);
    assert_eq!(last.at_midnight_utc(), Timestamp::MAX);
    assert_eq!(first.plus_days(i32::MIN), first);
    assert_eq!(last.plus_days(i32::MAX), last);
    assert_eq!(first.plus_days(last.days_since(first)), last);
}

#[test]
fn a_zone_is_known_by_its_name() {
    assert_eq!(Zone::named("europe/london"), Ok(london()));
    assert_eq!(Zone::named("UTC"), Ok(Zone::utc()));
    assert_eq!(
        Zone::named("Europe/Leeds"),
        Err(TimeError::Zone {
            name: "Europe/Leeds".to_owned()
        })
    );
    assert_eq!(serde_json::to_string(&london()).expect("json"), "\"Europe/London\"");
    assert_eq!(serde_json::from_str::<Zone>("\"Europe/London\"").expect("json"), london());
}

proptest! {
    #[test]
    fn instants_and_dates_read_back(micros in Timestamp::MIN.micros()..=Timestamp::MAX.micros()) {
        let at = Timestamp::from_micros(micros);
        prop_assert_eq!(Timestamp::parse_rfc3339(&at.to_rfc3339()), Ok(at));
        prop_assert_eq!(serde_json::from_str::<Timestamp>(&micros.to_string()).expect("json"), at);
        let date = at.date_in(&london());
        prop_assert_eq!(Date::parse(&date.to_string()), Ok(date));
        prop_assert!(date.starts_in(&london()) <= at);
    }

    #[test]
    fn adding_and_taking_away_meet(micros in -1_i64 << 50..1_i64 << 50, passed in 0_u64..1 << 50) {
        let at = Timestamp::from_micros(micros);
        let later = at.plus(Duration::from_micros(passed));
        prop_assert_eq!(later.since(at), Duration::from_micros(passed));
        prop_assert_eq!(later.minus(Duration::from_micros(passed)), at);
    }

    #[test]
    fn noise_is_refused_without_a_panic(text in "\\PC{0,40}|[0-9T:.Z+ -]{0,40}") {
        let _ = Timestamp::parse_rfc3339(&text);
        let _ = Timestamp::parse_naive(&text, &Zone::utc());
        let _ = Date::parse(&text);
        let _ = Zone::named(&text);
    }
}

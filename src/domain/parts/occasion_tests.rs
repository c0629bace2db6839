use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn gregorian(year: Option<i32>, month: i32, day: i32) -> Result<CalendarDate, Violation> {
    CalendarDate::parse("date", Calendar::Gregorian, year, month, day, false)
}

#[test]
fn dates_that_do_not_exist_are_refused() {
    for (year, month, day, field) in [
        (None, 13, 1, "date.month"),
        (None, 0, 1, "date.month"),
        (None, -1, 1, "date.month"),
        (None, i32::MAX, 1, "date.month"),
        (None, 2, 30, "date.day"),
        (None, 4, 31, "date.day"),
        (None, 1, 0, "date.day"),
        (None, 1, i32::MIN, "date.day"),
        (Some(2023), 2, 29, "date.day"),
        (Some(0), 1, 1, "date.year"),
        (Some(10_000), 1, 1, "date.year"),
        (Some(-5), 1, 1, "date.year"),
    ] {
        assert_eq!(gregorian(year, month, day).unwrap_err().field, field);
    }
    assert!(gregorian(None, 2, 29).is_ok());
    assert!(gregorian(Some(2000), 2, 29).is_ok());
    assert!(gregorian(Some(9999), 12, 31).is_ok());
}

#[test]
fn other_calendars_are_not_supported_yet() {
    for calendar in [Calendar::Chinese, Calendar::Hebrew, Calendar::Hijri] {
        let violation = CalendarDate::parse("date", calendar, None, 1, 1, false).unwrap_err();
        assert_eq!(violation.field, "date.calendar");
        assert!(violation.message.contains("not supported yet"));
    }
    let violation = CalendarDate::parse("date", Calendar::Gregorian, None, 1, 1, true).unwrap_err();
    assert_eq!(violation.field, "date.leap_month");
}

#[test]
fn a_29_february_is_kept_on_the_28th_in_common_years() {
    let leap = gregorian(Some(1984), 2, 29).unwrap();
    let next = leap.next_on_or_after(date(2025, 2, 1)).unwrap();
    assert_eq!((next.date, next.moved, next.number), (date(2025, 2, 28), true, Some(41)));
    let next = leap.next_on_or_after(date(2028, 2, 28)).unwrap();
    assert_eq!((next.date, next.moved), (date(2028, 2, 29), false));
    let next = leap.next_on_or_after(date(2025, 3, 1)).unwrap();
    assert_eq!(next.date, date(2026, 2, 28));
    assert!(leap.next_on_or_after(date(2100, 1, 1)).unwrap().moved);
}

#[test]
fn a_29_february_is_looked_for_on_the_day_it_is_kept() {
    let days = |year, month, day| {
        YearDay::kept_on(date(year, month, day)).into_iter().map(|one| (one.month, one.day)).collect::<Vec<_>>()
    };
    assert_eq!(days(2026, 2, 28), [(2, 28), (2, 29)]);
    assert_eq!(days(2028, 2, 28), [(2, 28)]);
    assert_eq!(days(2028, 2, 29), [(2, 29)]);
    assert_eq!(days(2026, 3, 1), [(3, 1)]);
}

#[test]
fn today_counts_and_yesterday_waits_a_year() {
    let day = gregorian(Some(2000), 5, 17).unwrap();
    assert_eq!(day.next_on_or_after(date(2026, 5, 17)).unwrap().number, Some(26));
    assert_eq!(day.next_on_or_after(date(2026, 5, 18)).unwrap().date, date(2027, 5, 17));
}

#[test]
fn the_first_day_has_no_number_and_nor_has_an_unknown_year() {
    assert_eq!(gregorian(Some(2026), 5, 17).unwrap().next_on_or_after(date(2026, 1, 1)).unwrap().number, None);
    assert_eq!(gregorian(Some(2030), 5, 17).unwrap().next_on_or_after(date(2026, 1, 1)).unwrap().number, None);
    assert_eq!(gregorian(None, 5, 17).unwrap().next_on_or_after(date(2026, 1, 1)).unwrap().number, None);
}

#[test]
fn nothing_is_celebrated_or_numbered_before_it_happened() {
    use crate::domain::testing::occasion;
    let next = |kind, year, today: (i16, i8, i8)| {
        let next = occasion(kind, Some(year), 5, 17).next_celebration(date(today.0, today.1, today.2))?;
        Some((next.date, next.number))
    };
    let (born, wed, other) = (OccasionKind::Birthday, OccasionKind::Anniversary, OccasionKind::Other);
    for (kind, year, today, expected) in [
        (born, 1986, (2026, 5, 17), Some((date(2026, 5, 17), Some(40)))),
        (born, 2030, (2026, 5, 17), Some((date(2031, 5, 17), Some(1)))),
        (wed, 2027, (2026, 5, 1), Some((date(2028, 5, 17), Some(1)))),
        (wed, 2026, (2026, 5, 17), Some((date(2027, 5, 17), Some(1)))),
        (other, 2027, (2026, 5, 17), Some((date(2027, 5, 17), None))),
        (other, 2027, (2027, 5, 18), Some((date(2028, 5, 17), Some(1)))),
        // A year that stands for none that is known.
        (born, 1, (2026, 5, 17), Some((date(2026, 5, 17), None))),
        (born, 1900, (2026, 5, 17), Some((date(2026, 5, 17), None))),
        (wed, 1850, (2026, 5, 17), Some((date(2026, 5, 17), Some(176)))),
        (wed, 1, (2026, 5, 17), Some((date(2026, 5, 17), None))),
        (born, 9999, (2026, 5, 17), None),
    ] {
        assert_eq!(next(kind, year, today), expected, "{kind:?} {year}");
    }
}

#[test]
fn time_ends_without_a_panic() {
    assert_eq!(gregorian(None, 1, 1).unwrap().next_on_or_after(date(9999, 12, 31)), None);
}

proptest! {
    #[test]
    fn the_next_day_is_within_a_year(month in 1i32..=12, day in 1i32..=31, today in 0i32..900_000) {
        prop_assume!(gregorian(None, month, day).is_ok());
        let today = date(1, 1, 1) + jiff::Span::new().days(today);
        let kept = gregorian(None, month, day).unwrap();
        let next = kept.next_on_or_after(today).unwrap();
        prop_assert!(next.date >= today);
        prop_assert!(next.date.duration_since(today).as_hours() / 24 <= 366);
        prop_assert_eq!(next.moved, (month, day) == (2, 29) && !next.date.in_leap_year());
    }

    /// A calendar that is counted from now on must be in [`YearDay::kept_on`] too: else nobody would find its days.
    #[test]
    fn what_is_celebrated_is_of_a_day_that_is_kept_then(
        calendar in prop::sample::select(vec![Calendar::Gregorian, Calendar::Chinese, Calendar::Hebrew, Calendar::Hijri]),
        (month, day, leap_month, today) in (1i8..=12, 1i8..=31, any::<bool>(), 0i32..900_000),
    ) {
        // A date must exist.
        prop_assume!(calendar != Calendar::Gregorian || gregorian(None, month.into(), day.into()).is_ok());
        let kept = CalendarDate { calendar, year: None, month, day, leap_month };
        let today = date(1, 1, 1) + jiff::Span::new().days(today);
        if let Some(next) = kept.next_on_or_after(today) {
            prop_assert!(YearDay::kept_on(next.date).contains(&kept.year_day()));
        }
    }
}

#[test]
fn an_age_is_reached_on_the_birthday() {
    let born = |year, month, day| CalendarDate::parse("", Calendar::Gregorian, year, month, day, false).unwrap();
    let on = |year, month, day| Date::new(year, month, day).unwrap();
    let known = born(Some(2008), 3, 15);
    assert_eq!(known.years_on(on(2026, 3, 14)), Some(17));
    assert_eq!(known.years_on(on(2026, 3, 15)), Some(18));
    assert_eq!(known.years_on(on(2008, 3, 15)), Some(0));
    assert_eq!(known.years_on(on(2008, 3, 14)), None, "not born yet");
    let leap = born(Some(2008), 2, 29);
    assert_eq!(leap.years_on(on(2026, 2, 28)), Some(17));
    assert_eq!(leap.years_on(on(2026, 3, 1)), Some(18));
    assert_eq!(born(Some(1800), 1, 1).years_on(on(2026, 1, 1)), None, "stands for a year that is not known");
    assert_eq!(born(None, 1, 1).years_on(on(2026, 1, 1)), None);
}

#[test]
fn a_quiet_day_silences_the_same_day_of_the_same_person() {
    let day = |kind, year, month, day| OccasionDraft {
        kind,
        date: gregorian(year, month, day).unwrap(),
        of_whom: "Mia".to_owned(),
        label: String::new(),
        do_not_celebrate: true,
        once: year.is_some(),
    };
    let (birthday, anniversary) = (OccasionKind::Birthday, OccasionKind::Anniversary);
    let yearly = |year| OccasionDraft { once: false, ..day(anniversary, Some(year), 3, 14) };
    for (quiet, on, is_silenced) in [
        (day(birthday, None, 3, 14), date(2026, 3, 14), true),
        (day(birthday, None, 3, 13), date(2026, 3, 14), false),
        (day(birthday, None, 2, 29), date(2026, 2, 28), true),
        (day(birthday, Some(2026), 3, 14), date(2026, 3, 14), true),
        (day(birthday, Some(2025), 3, 14), date(2026, 3, 14), false),
        (day(anniversary, None, 3, 14), date(2026, 3, 14), true),
        (day(anniversary, None, 3, 13), date(2026, 3, 14), false),
        (day(anniversary, None, 2, 29), date(2026, 2, 28), true),
        (day(anniversary, Some(2026), 3, 14), date(2026, 3, 14), true),
        (day(anniversary, Some(2025), 3, 14), date(2026, 3, 14), false),
        // From its first day on, every year.
        (yearly(2026), date(2026, 3, 14), true),
        (yearly(2025), date(2026, 3, 14), true),
        (yearly(2027), date(2026, 3, 14), false),
        (yearly(2027), date(2027, 3, 14), true),
    ] {
        let celebrated = OccasionDraft { do_not_celebrate: false, once: false, ..quiet.clone() };
        assert_eq!(quiet.silences(&celebrated, on), is_silenced, "{quiet:?} on {on}");
        assert!(!celebrated.silences(&quiet, on));
        let of_another = OccasionDraft { of_whom: "Max".to_owned(), ..celebrated };
        assert!(!quiet.silences(&of_another, on));
    }
}

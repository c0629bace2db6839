use super::*;
use crate::domain::testing;

#[test]
fn zones_are_those_of_iana() {
    let (zone, name) = parse_zone("venues[0].time_zone", "europe/zurich").unwrap();
    assert_eq!(name, "Europe/Zurich");
    assert_eq!(zone.rules().iana_name(), Some("Europe/Zurich"));
    for raw in ["", "Mars/Olympus", "+02:00", "../../etc/passwd", "Etc/Unknown", "Europe/Zurich\0"] {
        let violation = parse_zone("venues[0].time_zone", raw).unwrap_err();
        assert_eq!(violation.field, "venues[0].time_zone", "{raw}");
    }
}

#[test]
fn a_business_day_starts_at_a_time_of_day() {
    assert_eq!(parse_day_start("f", "").unwrap(), 0);
    assert_eq!(parse_day_start("f", "04:00").unwrap(), 240);
    assert_eq!(parse_day_start("f", "23:59").unwrap(), 1_439);
    for raw in ["4:00", "24:00", "04:60", "0400", "04:0", "-4:00", "04.00", "\u{ff10}4:00"] {
        assert!(parse_day_start("f", raw).is_err(), "{raw}");
    }
}

#[test]
fn prefixes_are_digits() {
    assert!(parse_issued_prefix("f", "6011").is_ok());
    assert!(parse_issued_prefix("f", "601100991234").is_ok());
    for raw in ["", "601", "6011009912345", "60a1", "6011 ", "\u{ff16}011"] {
        assert!(parse_issued_prefix("f", raw).is_err(), "{raw}");
    }
}

#[test]
fn venues_are_unique() {
    let venue = || testing::venue("here", "inn", "Europe/Zurich", 0);
    let violation = Policy::new(String::new(), vec![venue(), venue()], None, Vec::new()).unwrap_err();
    assert_eq!(violation.field, "venues[1].venue_id");
}

#[test]
fn before_the_business_day_starts_it_is_yesterday() {
    let venue = testing::venue("here", "inn", "America/New_York", 240);
    let local = venue.local(testing::time("2017-12-16T06:30:00Z"));
    assert_eq!((local.date, local.hour), (jiff::civil::date(2017, 12, 15), 1));
    let local = venue.local(testing::time("2017-12-16T09:00:00Z"));
    assert_eq!((local.date, local.hour), (jiff::civil::date(2017, 12, 16), 4));
}

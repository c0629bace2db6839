//! The list of upcoming occasions beside a reading of all records, day by day.

use rapport::proto::*;

use super::{
    upcoming::{guest, listed, week},
    world::*,
};

on_both!(a_list_is_what_all_records_say,);

/// Numbers from a seed (SplitMix64, public domain).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}

/// An occasion of any kind; many are of the days around a turn of February.
fn any_occasion(dice: &mut Dice) -> OccasionDraft {
    let (month, day) = match dice.roll(3) {
        0 => (2, 26 + dice.roll(4)),
        1 => (3, 1 + dice.roll(3)),
        _ => (1 + dice.roll(12), 1 + dice.roll(28)),
    };
    let year = [None, Some(1_970), Some(2_026), Some(2_028)][dice.roll(4) as usize];
    let once = year.is_some() && dice.roll(4) == 0;
    let kind = 1 + dice.roll(3) as i32;
    // Nobody is born after today.
    let is_birth = kind == OccasionKind::Birthday as i32 && !once;
    let year = if is_birth && year.is_some_and(|year| year > 2_025) { Some(2_024) } else { year };
    // A date with a year must exist.
    let day = if (month, day) == (2, 29) && year.is_some_and(|year| year % 4 != 0) { 28 } else { day };
    OccasionDraft {
        kind,
        label: "a day".into(),
        do_not_celebrate: dice.roll(5) == 0,
        of_whom: ["", "son Leo"][dice.roll(2) as usize].into(),
        once,
        ..birthday(year, month as i32, day as i32)
    }
}

/// Whether an occasion is celebrated on a day, read word by word.
fn is_celebrated(all: &[Occasion], one: &OccasionDraft, on: jiff::civil::Date) -> bool {
    let date = one.date.as_ref().expect("a date");
    let is_kept = |date: &CalendarDate| {
        (i32::from(on.month()), i32::from(on.day())) == (date.month, date.day)
            || (date.month, date.day) == (2, 29) && (on.month(), on.day()) == (2, 28) && !on.in_leap_year()
    };
    let silences = |known: &OccasionDraft| {
        let day = known.date.as_ref().expect("a date");
        let years = day.year.map(|year| i32::from(on.year()) - year);
        let is_year = years.is_none_or(|years| years == 0 || (years > 0 && !known.once));
        known.do_not_celebrate && (known.kind, &known.of_whom) == (one.kind, &one.of_whom) && is_kept(day) && is_year
    };
    if one.do_not_celebrate || all.iter().filter_map(|known| known.reported.as_ref()).any(silences) {
        return false;
    }
    let is_day = is_kept(date);
    let years = date.year.map(|year| i32::from(on.year()) - year);
    is_day
        && match (one.once, one.kind()) {
            (true, _) => years == Some(0),
            (false, OccasionKind::Other) => years.is_none_or(|years| years >= 0),
            (false, _) => years.is_none_or(|years| years >= 1),
        }
}

async fn a_list_is_what_all_records_say(world: World) {
    let mut dice = Dice(11);
    let mut guests = Vec::new();
    for _ in 0..40 {
        let mut occasions: Vec<OccasionDraft> = Vec::new();
        for _ in 0..dice.roll(6) {
            let one = any_occasion(&mut dice);
            if !occasions.contains(&one) {
                occasions.push(one);
            }
        }
        guests.push(guest(&world, occasions).await);
    }
    let mut records = Vec::new();
    for id in &guests {
        records.push(world.get(id).await);
    }
    let mut count = 0;
    for (first, last) in [("2026-12-20", "2027-02-19"), ("2027-01-15", "2027-03-17"), ("2028-02-01", "2028-04-02")] {
        let [from, to] = [first, last].map(|date| date.parse::<jiff::civil::Date>().expect("a date"));
        let mut expected = Vec::new();
        for date in from.series(jiff::Span::new().days(1)).take_while(|date| *date <= to) {
            for record in &records {
                for known in &record.occasions {
                    if is_celebrated(&record.occasions, known.reported.as_ref().expect("a draft"), date) {
                        expected.push((date.to_string(), record.customer_id.clone(), known.occasion_id.clone()));
                    }
                }
            }
        }
        let (first_date, last_date) = (first.to_owned(), last.to_owned());
        let all = listed(&world, ListUpcomingOccasionsRequest { first_date, last_date, page_size: 7, ..week() }).await;
        assert!(all.is_sorted_by(|one, next| one.date <= next.date));
        let id = |one: &UpcomingOccasion| one.occasion.as_ref().expect("an occasion").occasion_id.clone();
        let mut all: Vec<_> = all.iter().map(|one| (one.date.clone(), one.customer_id.clone(), id(one))).collect();
        all.sort();
        expected.sort();
        assert_eq!(all, expected, "{first}");
        count += expected.len();
    }
    assert!(count > 40, "{count}");
}

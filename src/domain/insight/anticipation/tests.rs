use super::*;
use crate::domain::{
    CustomerId,
    copurchase::{CROWD_MIN, Others},
    interaction::Interaction,
    limits::RECENT_MAX,
    testing::{purchase, time, venue},
};

const NOON: &str = "2017-12-22T17:00:00Z";
const EVENING: &str = "2017-12-22T23:00:00Z";

fn folded<'a>(all: impl IntoIterator<Item = &'a Interaction>) -> Habits {
    let mut habits = Habits::default();
    all.into_iter().for_each(|one| habits.fold(one));
    habits
}

/// One purchase a day for so many days before the 22nd of December, at an hour of New York.
fn daily(days: u32, hour: u32, items: impl Fn(u32) -> Vec<(&'static str, &'static str)>) -> Vec<Interaction> {
    (1..=days)
        .map(|day| {
            let at =
                time("2017-12-22T05:00:00Z") + jiff::SignedDuration::from_hours(i64::from(hour) - 24 * i64::from(day));
            let mut one = purchase(&format!("{day} {hour}"), NOON, &items(day));
            one.occur_time = at;
            one.local = venue("here", "", "America/New_York", 240).local(at);
            one
        })
        .collect()
}

fn asked(habits: &Habits, others: Option<&Others>, at: &str, place: &str, basket: &[&str]) -> Vec<String> {
    let venue = venue(place, "", "America/New_York", 240);
    let basket: Vec<String> = basket.iter().map(|item| (*item).to_owned()).collect();
    let snapshot = others.map(Snapshot::of);
    let now = Now::new(&venue.id, venue.local(time(at)), time(at), &basket);
    let expected = expected(habits, snapshot.as_ref(), &now, 10, |_| true);
    expected.into_iter().map(|one| one.item.to_owned()).collect()
}

#[test]
fn nothing_is_expected_of_nobody() {
    assert!(asked(&Habits::default(), None, NOON, "here", &[]).is_empty());
}

#[test]
fn where_the_hour_decides_it_is_learnt() {
    // Oftener wine than coffee: but coffee at noon.
    let coffee = daily(20, 12, |_| vec![("coffee", "")]);
    let wine = daily(30, 18, |_| vec![("wine", "")]);
    let habits = folded(coffee.iter().chain(&wine));
    assert_eq!(asked(&habits, None, NOON, "here", &[])[0], "coffee");
    assert_eq!(asked(&habits, None, EVENING, "here", &[])[0], "wine");
}

#[test]
fn where_the_weekday_decides_it_is_learnt() {
    // The 22nd is a Friday, and so is every seventh day before it.
    let habits = folded(&daily(35, 12, |day| if day % 7 == 0 { vec![("fish", "")] } else { vec![("soup", "")] }));
    assert_eq!(asked(&habits, None, NOON, "here", &[])[0], "fish");
    assert_eq!(asked(&habits, None, "2017-12-21T17:00:00Z", "here", &[])[0], "soup");
}

#[test]
fn where_the_venue_decides_it_is_learnt() {
    let here = daily(12, 12, |_| vec![("petrol", "")]);
    let mut there = daily(20, 13, |_| vec![("milk", "")]);
    for one in &mut there {
        one.venue = venue("other", "", "UTC", 0).id;
    }
    let habits = folded(here.iter().chain(&there));
    assert_eq!(asked(&habits, None, NOON, "here", &[])[0], "petrol");
    assert_eq!(asked(&habits, None, NOON, "other", &[])[0], "milk");
}

#[test]
fn what_is_bought_lately_comes_before_what_was_bought_long_ago() {
    let habits = folded(&daily(60, 12, |day| if day <= 25 { vec![("tea", "")] } else { vec![("coffee", "")] }));
    assert_eq!(asked(&habits, None, NOON, "here", &[]), ["tea", "coffee"]);
}

#[test]
fn what_comes_back_after_so_many_purchases_is_due_then() {
    let every_third =
        |from: u32| {
            folded(&daily(48, 12, |day| {
                if day % 3 == from { vec![("soap", ""), ("a", "")] } else { vec![("b", ""), ("a", "")] }
            }))
        };
    let rhythm = |habits: &Habits| {
        let soap = habits.items.iter().find(|tally| tally.key == "soap").unwrap();
        super::rhythm(soap.recent, habits.recent.len())
    };
    assert!(rhythm(&every_third(0)) > 1.4, "bought three days ago: {}", rhythm(&every_third(0)));
    assert!(rhythm(&every_third(1)) < 0.8, "bought yesterday: {}", rhythm(&every_third(1)));
}

#[test]
fn the_basket_tells_which_purchase_it_is() {
    let habits = folded(&daily(20, 12, |day| {
        let is_pasta = [1, 4, 5, 9, 11, 12, 16, 18].contains(&day);
        if is_pasta { vec![("pasta", ""), ("tomatoes", "")] } else { vec![("bread", ""), ("cheese", "")] }
    }));
    assert_eq!(asked(&habits, None, NOON, "here", &["PASTA"])[..2], ["pasta", "tomatoes"]);
    assert_eq!(asked(&habits, None, NOON, "here", &["bread"])[..2], ["bread", "cheese"]);
}

fn crowd(customers: u8, items: &[(&str, &str)]) -> Others {
    let mut others = Others::default();
    for customer in 0..customers {
        let bought = purchase(&customer.to_string(), NOON, items);
        others.fold(CustomerId::from_bytes([customer; 16]), &bought, &[]);
    }
    others
}

#[test]
fn others_stand_in_for_what_is_not_known_yet() {
    let others = crowd(20, &[("espresso", "drink")]);
    assert_eq!(asked(&Habits::default(), Some(&others), NOON, "here", &[]), ["espresso"]);
    // A regular's usual comes first, after a few visits.
    let habits = folded(&daily(4, 12, |_| vec![("oat latte", "")]));
    assert_eq!(asked(&habits, Some(&others), NOON, "here", &[]), ["oat latte", "espresso"]);
}

#[test]
fn others_tell_what_goes_with_the_basket() {
    let mut others = crowd(20, &[("chips", ""), ("salsa", "")]);
    others.merge(&crowd(25, &[("milk", "")]));
    assert_eq!(asked(&Habits::default(), Some(&others), NOON, "here", &[])[0], "milk");
    let with_chips = asked(&Habits::default(), Some(&others), NOON, "here", &["chips"]);
    let place = |item: &str| with_chips.iter().position(|one| one == item);
    assert!(place("salsa") < place("milk"), "{with_chips:?}");
}

#[test]
fn what_few_bought_is_neither_told_nor_counted() {
    let others = crowd(CROWD_MIN as u8 - 1, &[("truffle", "")]);
    assert!(asked(&Habits::default(), Some(&others), NOON, "here", &[]).is_empty());
    let mut often = Others::default();
    for visit in 0..100 {
        often.fold(CustomerId::from_bytes([7; 16]), &purchase(&visit.to_string(), NOON, &[("truffle", "")]), &[]);
    }
    assert!(asked(&Habits::default(), Some(&often), NOON, "here", &[]).is_empty());
    let habits = folded(&daily(2, 12, |_| vec![("truffle", "")]));
    let venue = venue("here", "", "America/New_York", 240);
    let now = Now::new(&venue.id, venue.local(time(NOON)), time(NOON), &[]);
    let snapshot = Snapshot::of(&often);
    let expected = expected(&habits, Some(&snapshot), &now, 10, |_| true);
    assert_eq!((expected.len(), expected[0].of_others), (1, 0.0));
}

/// Ten customers who buy so, one purchase a day, told as it is recorded.
fn learnt(days: u32, items: impl Fn(u32) -> Vec<(&'static str, &'static str)>) -> Others {
    let mut others = Others::default();
    let mut bought = daily(days, 12, items);
    bought.reverse();
    for customer in 0..10 {
        let mut habits = Habits::default();
        for one in &bought {
            let told = observe(&habits, one, None);
            others.fold(CustomerId::from_bytes([customer; 16]), one, &told);
            habits.fold(one);
            if habits.recent.len() < RECENT_MAX {
                assert_eq!(observe(&habits, one, None), told, "counted already or not");
            }
        }
    }
    others
}

#[test]
fn how_readily_an_item_is_bought_again_is_learnt_from_all() {
    // Each is in half of the purchases: but nobody buys the cake again within four weeks of the last.
    let everybody =
        learnt(84, |day| if day > 56 { vec![("cake", ""), ("jam", "")] } else { vec![("jam", ""), ("tea", "")] });
    let habits = folded(&daily(8, 12, |day| if day > 4 { vec![("cake", "")] } else { vec![("soap", "")] }));
    let alone = asked(&habits, None, NOON, "here", &[]);
    assert_eq!(alone, ["soap", "cake"]);
    let snapshot = Snapshot::of(&everybody);
    let here = snapshot.here(0, &[]);
    let again = |item: &str| here.again(short_hash(item), 3) / here.again(short_hash("nobody's"), 3);
    assert!(again("tea") > 1.05 && again("cake") < 0.9, "{} {}", again("tea"), again("cake"));
}

#[test]
fn how_soon_anything_is_bought_again_is_learnt_from_all() {
    // Daily, one of two things by turns: never the same after a day, always after two.
    let by_turns = learnt(40, |day| if day % 2 == 0 { vec![("fish", "")] } else { vec![("meat", "")] });
    let snapshot = Snapshot::of(&by_turns);
    // From five in the afternoon to the beginning of the next day, and of the one after.
    let [next_day, day_after] = [7, 31].map(|hours: i64| snapshot.lags[lag(0, hours * 3_600)]);
    assert!(next_day < 0.5 && day_after > 1.5, "{next_day} {day_after}");
}

#[test]
fn a_purchase_tells_only_of_what_was_bought_before_it() {
    let all = daily(10, 12, |_| vec![("tea", ""), ("milk", "")]);
    let habits = folded(&all);
    assert!(observe(&habits, &all[9], None).is_empty(), "the oldest");
    let told = observe(&habits, &all[0], None);
    assert_eq!(told.len(), 2);
    let tea = told.iter().find(|one| one.hash == short_hash("tea")).unwrap();
    // Always bought: as expected, and a purchase of two counts for each as 1/√2.
    assert_eq!((tea.by_share.expected, tea.by_share.bought), (46_340, 46_340));
    let mut other = all[0].clone();
    other.purchase.as_mut().unwrap().lines.truncate(1);
    let told = observe(&habits, &other, None);
    assert_eq!(told.iter().map(|one| one.by_lag.bought).sum::<u64>(), 65_536);
    other.purchase = None;
    assert!(observe(&habits, &other, None).is_empty());
}

#[test]
fn time_since_has_classes_of_doubling_hours() {
    let lags = [0, 3_599, 3_600, 3 * 3_600, 24 * 3_600, 400 * 24 * 3_600, i64::MAX].map(|now| lag(0, now));
    assert_eq!(lags, [0, 0, 1, 2, 4, 13, 13]);
    assert_eq!(lag(i64::MAX, i64::MIN), 0, "recorded for later than now");
}

#[test]
fn a_record_that_says_more_than_it_knows_stops_nobody() {
    let all = daily(5, 12, |_| vec![("tea", "")]);
    let mut habits = folded(&all);
    habits.items[0].recent = 1 << (RECENT_MAX - 1);
    let others = crowd(20, &[("tea", "")]);
    assert_eq!(asked(&habits, Some(&others), NOON, "here", &[]), ["tea"]);
    assert!(observe(&habits, &all[0], None).is_empty());
}

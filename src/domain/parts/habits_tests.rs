use proptest::prelude::*;

use super::*;
use crate::domain::{
    limits::{CURRENCIES_MAX, HABIT_CATEGORIES_MAX, HABIT_ITEMS_MAX, RECENT_MAX},
    testing::{purchase, purchase_at, time},
};

fn folded<'a>(all: impl IntoIterator<Item = &'a Interaction>) -> Habits {
    let mut habits = Habits::default();
    all.into_iter().for_each(|one| habits.fold(one));
    habits
}

fn item<'a>(habits: &'a Habits, key: &str) -> &'a Tally {
    habits.items.iter().find(|tally| tally.key == key).unwrap()
}

#[test]
fn a_basket_counts_an_item_once() {
    let basket = purchase("1", "2017-12-15T23:00:00Z", &[("milk", "dairy"), ("milk", "dairy"), ("cheese", "dairy")]);
    let habits = folded([&basket]);
    assert_eq!((habits.visits, habits.purchases, habits.lines), (1, 1, 3));
    assert_eq!(item(&habits, "milk").count, 1);
    assert_eq!(item(&habits, "milk").category, "dairy");
    assert_eq!(habits.categories.len(), 1);
    assert_eq!(habits.categories[0].count, 1);
    // Friday, 18:00 in New York.
    let cell = 4 * 6 + 4;
    assert_eq!(habits.recent_in(item(&habits, "milk"), cell), 1);
    assert_eq!(habits.recent_in(item(&habits, "milk"), cell - 1), 0);
    assert_eq!(habits.visits_in(cell), 1);
    assert_eq!(habits.visit_hours[18], 1);
}

#[test]
fn a_purchase_within_a_visit_is_not_another() {
    let mut one = purchase("1", "2017-12-15T23:00:00Z", &[("milk", "")]);
    one.visit_external_id = "stay-7".to_owned();
    let mut stay = purchase("2", "2017-12-15T20:00:00Z", &[]);
    stay.kind = InteractionKind::Visit;
    stay.purchase = None;
    let mut call = stay.clone();
    call.kind = InteractionKind::Contact;
    let habits = folded([&one, &stay, &call]);
    assert_eq!((habits.visits, habits.purchases, habits.contacts), (1, 1, 1));
}

#[test]
fn a_record_of_before_denies_no_visit_and_goes_on_from_what_it_tells() {
    let other = |id: &str, at: &str| {
        let mut stay = purchase(id, at, &[]);
        (stay.kind, stay.purchase, stay.venue) = (InteractionKind::Visit, None, VenueId::parse("", "sister").unwrap());
        stay
    };
    let [here, sister, third] = ["here", "sister", "third"].map(|id| VenueId::parse("", id).unwrap());
    let all = [purchase("1", "2017-12-01T17:00:00Z", &[("milk", "")]), other("2", "2017-12-05T17:00:00Z")];
    let (new, since) = (folded(&all), time("2017-11-01T00:00:00Z"));
    let told = |habits: &Habits| [&here, &sister, &third].map(|venue| habits.was_at(venue, since));
    assert_eq!(told(&new), [Some(true), Some(true), Some(false)]);
    assert_eq!(new.was_at(&here, time("2017-12-02T00:00:00Z")), Some(false));
    let mut old = Habits { whereabouts: Whereabouts::default(), ..new };
    assert_eq!(told(&old), [Some(true), None, None]);
    old.fold(&other("3", "2018-01-07T17:00:00Z"));
    assert_eq!(told(&old), [Some(true), Some(true), None]);
    assert_eq!(old.was_at(&third, time("2017-12-06T00:00:00Z")), Some(false));
    assert_eq!(Habits::default().was_at(&here, since), Some(false));
}

#[test]
fn bills_of_a_stay_that_are_not_kept_apart_may_have_been_anywhere() {
    let [here, sister] = ["here", "sister"].map(|id| VenueId::parse("", id).unwrap());
    let bill = |number: i64, items: &[(&str, &str)]| {
        let at = Timestamp::from_second(1_512_000_000 + number * 3_600).unwrap();
        Interaction { visit_external_id: "stay".to_owned(), ..purchase_at(&number.to_string(), at, items) }
    };
    let of_before = |all: &[Interaction]| Habits { whereabouts: Whereabouts::default(), ..folded(all) };
    let since = time("2017-11-01T00:00:00Z");
    let told = |habits: &Habits| [&here, &sister].map(|venue| habits.was_at(venue, since));
    // As many as are kept apart, then one more, at another venue and before them.
    let mut all: Vec<Interaction> = (1..=RECENT_MAX as i64).map(|number| bill(number, &[("tea", "")])).collect();
    assert_eq!(told(&of_before(&all)), [Some(true), Some(false)]);
    all.push(Interaction { venue: sister.clone(), ..bill(0, &[("tea", "")]) });
    assert_eq!(told(&of_before(&all)), [Some(true), None]);
    // Bills without lines are not kept apart at all.
    let mut old = of_before(&[bill(0, &[])]);
    assert_eq!(told(&old), [None, None]);
    assert_eq!(old.was_at(&here, time("2018-01-25T00:00:00Z")), Some(false), "their period is over");
    let late = purchase("late", "2018-03-01T12:00:00Z", &[]);
    old.fold(&Interaction { venue: sister.clone(), ..late });
    assert_eq!(told(&old), [None, Some(true)]);
    assert_eq!(old.was_at(&here, time("2018-01-25T00:00:00Z")), Some(false), "and stays so");
}

#[test]
fn a_visit_that_is_voided_is_no_visit_to_its_venue() {
    let [here, sister] = ["here", "sister"].map(|id| VenueId::parse("", id).unwrap());
    let wrong = Interaction { venue: sister.clone(), ..purchase("1", "2017-12-15T12:00:00Z", &[("tea", "")]) };
    let right = purchase("2", "2017-12-01T12:00:00Z", &[("tea", "")]);
    let since = time("2017-11-01T00:00:00Z");
    let mut habits = folded([&wrong, &right]);
    assert_eq!(habits.was_at(&sister, since), Some(true));
    habits.unfold(&wrong);
    assert_eq!(habits.was_at(&sister, since), None, "not surely, and not surely not");
    assert_eq!(habits.was_at(&here, since), Some(true));
    assert_eq!(habits.was_at(&sister, time("2017-12-15T12:00:01Z")), Some(false));
    habits.unfold(&right);
    assert_eq!(habits.was_at(&sister, since), Some(false), "nothing is left");
}

#[test]
fn a_call_is_no_visit() {
    let mut call = purchase("1", "2017-12-15T20:00:00Z", &[]);
    (call.kind, call.purchase) = (InteractionKind::Contact, None);
    assert!(folded([&call]).whereabouts.is_empty());
}

#[test]
fn lines_taken_back_and_lines_without_names_count_as_lines_only() {
    let mut basket = purchase("1", "2017-12-15T23:00:00Z", &[("milk", "dairy"), ("bread", ""), ("jam", "sweet")]);
    let lines = &mut basket.purchase.as_mut().unwrap().lines;
    lines[0].quantity = -1.0;
    lines[1].quantity = 0.0;
    let habits = folded([&basket]);
    assert_eq!(habits.lines, 3);
    assert_eq!(habits.items.iter().map(|tally| tally.key.as_str()).collect::<Vec<_>>(), ["bread", "jam"]);
    assert_eq!(habits.categories.len(), 1);
}

#[test]
fn a_ninth_currency_breaks_nothing() {
    let codes = ["AED", "CHF", "EUR", "GBP", "JPY", "SEK", "SGD", "USD", "ZAR"];
    let all: Vec<Interaction> = codes
        .iter()
        .map(|code| {
            let mut one = purchase(code, "2017-12-15T23:00:00Z", &[("milk", "")]);
            one.purchase.as_mut().unwrap().total.currency = Currency::parse("", code).unwrap();
            one
        })
        .collect();
    let mut habits = folded(&all);
    assert_eq!(habits.spend.len(), CURRENCIES_MAX);
    assert_eq!(habits.purchases, 9);
    habits.unfold(&all[8]);
    assert_eq!(habits.spend.len(), CURRENCIES_MAX);
    habits.unfold(&all[0]);
    assert_eq!(habits.spend.len(), CURRENCIES_MAX - 1);
}

#[test]
fn huge_amounts_do_not_overflow() {
    let mut one = purchase("1", "2017-12-15T23:00:00Z", &[("milk", "")]);
    one.purchase.as_mut().unwrap().total.minor_units = i64::MAX;
    let mut habits = folded([&one, &one]);
    assert_eq!(habits.spend[0].minor_units, i64::MAX);
    habits.unfold(&one);
    habits.unfold(&one);
    habits.unfold(&one);
    assert_eq!((habits.visits, habits.purchases), (0, 0));
}

#[test]
fn names_are_bounded_and_the_lowest_recent_weight_goes() {
    let names: Vec<String> = (0..200).map(|number| format!("item {number:03}")).collect();
    let old = names.iter().enumerate().map(|(day, name)| {
        let at = Timestamp::from_second(1_483_272_000 + day as i64 * 86_400).unwrap();
        purchase_at(name, at, &[(name, name)])
    });
    let habits = folded(&old.collect::<Vec<_>>());
    assert_eq!(habits.items.len(), HABIT_ITEMS_MAX);
    assert_eq!(habits.categories.len(), HABIT_CATEGORIES_MAX);
    // The newest stay.
    assert_eq!(habits.items[0].key, names[200 - HABIT_ITEMS_MAX]);
    assert!(habits.items.iter().any(|tally| tally.key == "item 199"));
}

#[test]
fn what_comes_back_after_an_eviction_is_a_minimum() {
    let on = |day: i64, names: &[(&str, &str)]| {
        let at = Timestamp::from_second(1_483_272_000 + day * 86_400).unwrap();
        purchase_at(&day.to_string(), at, names)
    };
    let names: Vec<String> = (0..HABIT_ITEMS_MAX).map(|number| format!("item {number:03}")).collect();
    let full: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    let mut habits = folded([&on(0, &[("zwieback", "")]), &on(1, &full[1..])]);
    assert!(!habits.items_evicted && habits.items.iter().all(|tally| !tally.at_least));
    habits.fold(&on(2, &[("item 000", "")]));
    assert!(habits.items_evicted, "the rusk was the oldest");
    assert!(!item(&habits, "item 000").at_least, "nothing had been evicted when it came");
    habits.fold(&on(3, &[("zwieback", "")]));
    let back = item(&habits, "zwieback");
    assert!(back.at_least && back.count == 1, "{back:?}");
    // What was counted before the eviction cannot be taken back a second time.
    habits.unfold(&on(0, &[("zwieback", "")]));
    assert_eq!(item(&habits, "zwieback").count, 1);
}

#[test]
fn a_whole_large_basket_is_cut_to_the_limit_always_alike() {
    let names: Vec<String> = (0..200).map(|number| format!("item {number:03}")).collect();
    let items: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    let habits = folded([&purchase("1", "2017-12-15T23:00:00Z", &items)]);
    assert_eq!(habits.items.len(), HABIT_ITEMS_MAX);
    assert_eq!(habits.items.last().unwrap().key, names[HABIT_ITEMS_MAX - 1]);
}

#[test]
fn weight_halves_in_a_season() {
    let habits = folded([&purchase("1", "2017-12-15T17:00:00Z", &[("milk", "")])]);
    let tally = item(&habits, "milk");
    let now = time("2017-12-15T17:00:00Z");
    assert!((habits.weight(tally, now) - 1.0).abs() < 1e-9);
    let later = now + jiff::SignedDuration::from_hours(24 * i64::from(HALF_LIFE_DAYS));
    assert!((habits.weight(tally, later) - 0.5).abs() < 1e-9);
    // A moment before the newest period does not raise it.
    assert!((habits.weight(tally, time("2010-01-01T00:00:00Z")) - 1.0).abs() < 1e-9);
    // The counts say the same when they have moved on with a later purchase.
    let moved = folded([
        &purchase("1", "2017-12-15T17:00:00Z", &[("milk", "")]),
        &purchase("2", "2018-03-09T17:00:00Z", &[("jam", "")]),
    ]);
    let weight = moved.weight(item(&moved, "milk"), time("2018-03-09T17:00:00Z"));
    assert!((weight - 0.5).abs() < 1e-9, "{weight}");
}

#[test]
fn the_usual_interval_needs_two_visits() {
    let (one, other) = (purchase("1", "2017-12-01T17:00:00Z", &[]), purchase("2", "2017-12-11T17:00:00Z", &[]));
    assert_eq!(folded([&one]).usual_interval_days(), None);
    assert_eq!(folded([&one, &other]).usual_interval_days(), Some(10.0));
    assert_eq!(folded([&one, &one]).usual_interval_days(), Some(0.0));
    assert_eq!(Habits::default().usual_interval_days(), None);
}

#[test]
fn what_was_never_counted_can_be_taken_back_without_harm() {
    let mut habits = Habits::default();
    habits.unfold(&purchase("1", "2017-12-15T17:00:00Z", &[("milk", "dairy")]));
    assert_eq!(habits, Habits::default());
}

#[test]
fn voiding_everything_leaves_nothing_but_the_newest_period() {
    let all = [
        purchase("1", "2017-12-15T17:00:00Z", &[("milk", "dairy")]),
        purchase("2", "2017-12-16T17:00:00Z", &[("milk", "dairy")]),
    ];
    let mut habits = folded(&all);
    for one in &all {
        habits.unfold(one);
    }
    assert_eq!(habits, Habits { newest_period: habits.newest_period, ..Habits::default() });
}

/// More names than there is room for.
fn many_names() -> impl Strategy<Value = Vec<Interaction>> {
    let basket = (0i64..400, prop::collection::vec(0u8..140, 1..40));
    prop::collection::vec(basket, 1..20).prop_map(|baskets| {
        let purchase = |(day, items): (i64, Vec<u8>)| {
            let names: Vec<String> = items.iter().map(ToString::to_string).collect();
            let items: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), name.as_str())).collect();
            purchase_at("x", Timestamp::from_second(1_483_272_000 + day * 86_400).unwrap(), &items)
        };
        baskets.into_iter().map(purchase).collect()
    })
}

fn bought(all: &[Interaction], key: &str) -> u32 {
    let has =
        |one: &&Interaction| one.purchase.iter().flat_map(|purchase| &purchase.lines).any(|line| line.item == key);
    all.iter().filter(has).count() as u32
}

fn any_interaction() -> impl Strategy<Value = Interaction> {
    let items = prop::collection::vec(("[a-f]", "[xyz]?", -1i32..3), 0..5);
    // Two years, so that counts fall off the end of the year that is kept.
    (0u8..4, 0i64..730 * 24, items).prop_map(|(kind, hour, items)| {
        let at = Timestamp::from_second(1_483_272_000 + hour * 3_600).unwrap();
        let named: Vec<(&str, &str)> = items.iter().map(|(item, kind, _)| (item.as_str(), kind.as_str())).collect();
        let mut one = purchase_at("x", at, &named);
        for (line, (_, _, quantity)) in one.purchase.as_mut().unwrap().lines.iter_mut().zip(&items) {
            line.quantity = f64::from(*quantity);
        }
        match kind {
            0 => one.visit_external_id = "stay".to_owned(),
            1 => (one.kind, one.purchase) = (InteractionKind::Visit, None),
            2 => (one.kind, one.purchase) = (InteractionKind::Contact, None),
            _ => {}
        }
        one
    })
}

#[test]
fn each_item_knows_which_of_the_newest_purchases_had_it() {
    let coffee = purchase("1", "2017-12-15T12:00:00Z", &[("coffee", "")]);
    let both = purchase("2", "2017-12-16T12:00:00Z", &[("coffee", ""), ("cake", "")]);
    let late = purchase("3", "2017-12-15T18:00:00Z", &[("cake", "")]);
    let empty = purchase("4", "2017-12-17T18:00:00Z", &[]);
    let mut habits = folded([&coffee, &both, &late, &empty]);
    assert_eq!((item(&habits, "coffee").recent, item(&habits, "cake").recent), (0b101, 0b011));
    assert_eq!(habits.recent.iter().map(|one| one.items).collect::<Vec<_>>(), [2, 1, 1]);
    habits.unfold(&late);
    assert_eq!((item(&habits, "coffee").recent, item(&habits, "cake").recent), (0b11, 0b01));
}

#[test]
fn more_purchases_than_are_kept_apart_leave_the_newest_in_any_order() {
    let all: Vec<Interaction> = (0..100)
        .map(|day| {
            let at = Timestamp::from_second(1_483_272_000 + day * 86_400).unwrap();
            purchase_at(&day.to_string(), at, &[if day % 2 == 0 { ("tea", "") } else { ("jam", "") }])
        })
        .collect();
    let habits = folded(&all);
    assert_eq!(habits, folded(all.iter().rev()));
    assert_eq!(habits.recent.len(), RECENT_MAX);
    assert_eq!(
        (item(&habits, "jam").recent, item(&habits, "tea").recent),
        (0x5555_5555_5555_5555, 0xaaaa_aaaa_aaaa_aaaa)
    );
    assert_eq!(item(&habits, "tea").count, 50);
}

/// Habits without what counts cannot take back.
fn counts(mut habits: Habits) -> Habits {
    habits.first_visit = None;
    habits.last_visit = None;
    habits.whereabouts = Whereabouts::default();
    for tally in habits.items.iter_mut().chain(&mut habits.categories) {
        (tally.first, tally.last) = (0, 0);
        tally.category.clear();
    }
    habits
}

proptest! {
    #[test]
    fn the_order_of_interactions_does_not_matter(
        (all, shuffled) in prop::collection::vec(any_interaction(), 0..20)
            .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
    ) {
        prop_assert_eq!(folded(&all), folded(&shuffled));
    }

    #[test]
    fn a_void_takes_back_every_count(
        all in prop::collection::vec(any_interaction(), 1..20), pick in any::<prop::sample::Index>()
    ) {
        let voided = pick.index(all.len());
        let mut habits = folded(&all);
        habits.unfold(&all[voided]);
        let rest = all.iter().enumerate().filter(|(place, _)| *place != voided).map(|(_, one)| one);
        let mut without = folded(rest);
        // The newest period is an extreme: it stays.
        without.advance(habits.newest_period);
        prop_assert_eq!(counts(habits), counts(without));
    }

    #[test]
    fn counts_are_exact_or_said_to_be_minima(all in many_names(), voids in 0usize..5) {
        let mut habits = folded(&all);
        let voids = voids.min(all.len());
        all[..voids].iter().for_each(|one| habits.unfold(one));
        for tally in habits.items.iter().chain(&habits.categories) {
            let truth = bought(&all[voids..], &tally.key);
            prop_assert!(tally.count == truth || (tally.at_least && tally.count < truth), "{tally:?}: {truth}");
        }
    }

    #[test]
    fn a_void_and_a_late_arrival_commute(
        all in prop::collection::vec(any_interaction(), 1..12), late in any_interaction()
    ) {
        let (mut one, mut other) = (folded(&all), folded(&all));
        one.unfold(&all[0]);
        one.fold(&late);
        other.fold(&late);
        other.unfold(&all[0]);
        prop_assert_eq!(counts(one), counts(other));
    }

    #[test]
    fn tallies_are_ordered_and_bounded(all in prop::collection::vec(any_interaction(), 0..20)) {
        let habits = folded(&all);
        prop_assert!(habits.items.is_sorted_by(|one, other| one.key < other.key));
        for tally in habits.items.iter().chain(&habits.categories) {
            prop_assert!(tally.first <= tally.last && tally.count > 0);
            prop_assert!(tally.recent.count_ones() <= tally.count);
        }
    }
}

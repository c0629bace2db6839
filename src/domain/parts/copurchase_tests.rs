use proptest::prelude::*;

use super::*;
use crate::domain::testing::purchase;

fn bought(customer: u8, items: &[u8]) -> (CustomerId, Interaction) {
    let names: Vec<String> = items.iter().map(ToString::to_string).collect();
    let lines: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "c")).collect();
    (CustomerId::from_bytes([customer; 16]), purchase("1", "2017-12-15T17:00:00Z", &lines))
}

/// What such a purchase might tell: of bread and nine items that nobody bought, so many parts each.
fn told(interaction: &Interaction) -> Vec<Observation> {
    let lines = interaction.purchase.as_ref().map_or(0, |purchase| purchase.lines.len() as u64);
    let one = |place: u32| Observation {
        hash: if place == 3 { short_hash("bread") } else { place },
        lag: place as usize,
        by_share: Again { expected: 64 * lines, bought: 64 },
        by_lag: Again { expected: 128 * lines, bought: 64 },
    };
    (0..10).map(one).collect()
}

fn folded(all: &[(CustomerId, Interaction)]) -> Others {
    let mut others = Others::default();
    for (customer, one) in all {
        others.fold(*customer, one, &told(one));
    }
    others
}

/// Without the crowds, which only grow, and without what was told of items that nobody bought.
fn counts(mut others: Others) -> Others {
    others.half_life = 0;
    others.items.retain(|_, item| item.count.purchases > 0);
    others.items.values_mut().for_each(|item| item.count.crowd = Crowd::default());
    others
        .venues
        .values_mut()
        .flat_map(|venue| venue.items.values_mut())
        .for_each(|count| count.crowd = Crowd::default());
    others.pairs.values_mut().for_each(|count| count.crowd = Crowd::default());
    others
}

fn any_purchases() -> impl Strategy<Value = Vec<(CustomerId, Interaction)>> {
    prop::collection::vec((any::<u8>(), prop::collection::vec(0u8..12, 0..40)), 1..20)
        .prop_map(|all| all.iter().map(|(customer, items)| bought(*customer, items)).collect())
}

proptest! {
    #[test]
    fn parts_add_up_in_any_order(all in any_purchases(), cut in any::<prop::sample::Index>()) {
        let (one, other) = all.split_at(cut.index(all.len()));
        let (mut forwards, mut backwards) = (folded(one), folded(other));
        forwards.merge(&folded(other));
        backwards.merge(&folded(one));
        prop_assert_eq!(&forwards, &folded(&all));
        prop_assert_eq!(forwards, backwards);
    }

    #[test]
    fn what_is_taken_back_leaves_nothing(all in any_purchases()) {
        let (customer, taken) = &all[0];
        let mut others = folded(&all);
        others.unfold(*customer, taken, &told(taken));
        prop_assert_eq!(counts(others), counts(folded(&all[1..])));
    }
}

#[test]
fn items_and_pairs_are_bounded_and_the_most_bought_stay() {
    let mut others = Others::default();
    for number in 0..5_000_u32 {
        let name = format!("rare {number}");
        let one = purchase("1", "2017-12-15T17:00:00Z", &[("bread", ""), ("milk", ""), (&name, "")]);
        others.fold(CustomerId::from_bytes([(number % 251) as u8; 16]), &one, &[]);
    }
    assert!(others.items.len() <= 2 * ITEMS_MAX && others.pairs.len() <= 2 * PAIRS_MAX);
    let venue = others.venues.values().next().unwrap();
    assert!(venue.items.len() <= 2 * VENUE_ITEMS_MAX);
    assert_eq!((others.purchases, venue.purchases), (5_000, 5_000));
    assert_eq!(others.items[&short_hash("bread")].count.purchases, 5_000);
    let pair = (short_hash("bread").min(short_hash("milk")), short_hash("bread").max(short_hash("milk")));
    assert_eq!(others.pairs[&pair].purchases, 5_000);
}

#[test]
fn a_crowd_is_never_larger_than_it_is() {
    let mut crowd = Crowd::default();
    for customer in 0..=255 {
        crowd.0 |= Crowd::of(CustomerId::from_bytes([customer; 16])).0;
        assert!(crowd.0.count_ones() <= u32::from(customer) + 1);
    }
    assert!(crowd.hides_each());
}

#[test]
fn what_was_told_counts_half_after_each_half_life_whatever_the_order() {
    let at = |external_id: &str, day: &str| {
        let mut one = purchase(external_id, "2017-12-15T17:00:00Z", &[("bread", "")]);
        one.occur_time = crate::domain::testing::time(day);
        (CustomerId::from_bytes([1; 16]), one)
    };
    // The 28th of December 2017 begins a half-life; the last is two later.
    let all = [at("1", "2017-12-27T23:59:59Z"), at("2", "2017-12-28T00:00:00Z"), at("3", "2018-01-25T00:00:00Z")];
    let forwards = folded(&all);
    let mut backwards = all.clone();
    backwards.reverse();
    assert_eq!(forwards, folded(&backwards));
    assert_eq!(
        forwards.items[&short_hash("bread")].again,
        Again { expected: 128 / 8 + 128 / 4 + 128, bought: 64 / 8 + 64 / 4 + 64 }
    );
    assert_eq!(forwards.lags[3], Again { expected: 3 * 64, bought: 3 * 64 });
    let mut merged = folded(&all[2..]);
    merged.merge(&folded(&all[..2]));
    assert_eq!(merged, forwards);
    merged.take(&folded(&all[..2]));
    assert_eq!(merged.items[&short_hash("bread")].again, folded(&all[2..]).items[&short_hash("bread")].again);
}

fn hash(name: u32) -> u32 {
    name.wrapping_mul(2_654_435_761) ^ 0x5eed
}

proptest! {
    #[test]
    fn what_is_renamed_adds_up_as_what_is_not(all in any_purchases(), cut in any::<prop::sample::Index>()) {
        let (one, other) = all.split_at(cut.index(all.len()));
        let mut renamed = folded(one).renamed(hash);
        renamed.merge(&folded(other).renamed(hash));
        prop_assert_eq!(&renamed, &folded(&all).renamed(hash));
        let may_be_told = |item: &Item| item.count.crowd.hides_each() && !item.name.is_empty();
        let expected: Vec<u32> =
            folded(&all).items.iter().filter(|(_, item)| may_be_told(item)).map(|(hash, _)| *hash).collect();
        let told = renamed.told();
        prop_assert_eq!(told.items.keys().copied().collect::<Vec<_>>(), expected);
        prop_assert!(told.pairs.keys().all(|(one, other)| one < other && told.items.contains_key(one)));
        prop_assert_eq!((told.purchases, told.lags), (renamed.purchases, renamed.lags));
    }
}

#[test]
fn what_few_bought_is_forgotten_after_a_month_and_all_that_tells_of_it() {
    let sold = |customers: std::ops::Range<u8>, items: &[u8], day: u32| {
        let mut others = folded(&customers.map(|customer| bought(customer, items)).collect::<Vec<_>>());
        others.note_day(day);
        others
    };
    let mut others = sold(0..5, &[1, 2], 100);
    others.merge(&sold(5..9, &[2, 3], 110));
    others.merge(&sold(5..6, &[4], 100));
    let [often, both, rare, once] = ["1", "2", "3", "4"].map(short_hash);
    others.forget_rare(100 + RARE_DAYS);
    assert!(others.items.contains_key(&rare) && others.items.contains_key(&once), "not yet");
    assert!(others.has_forgotten(101 + RARE_DAYS));
    others.forget_rare(101 + RARE_DAYS);
    assert!(others.items.contains_key(&rare) && !others.items.contains_key(&once));
    others.forget_rare(111 + RARE_DAYS);
    assert_eq!(others.items.keys().copied().collect::<std::collections::BTreeSet<_>>(), [often, both].into());
    assert_eq!(others.pairs.keys().copied().collect::<Vec<_>>(), [(often.min(both), often.max(both))]);
    assert!(others.venues.values().all(|venue| venue.items.len() == 2), "nothing tells of them");
    assert!(!others.has_forgotten(u32::MAX), "what many bought stays");
}

#[test]
fn crowds_that_begin_anew_are_never_larger_than_they_are() {
    let few: Vec<_> = (0..4).map(|customer| bought(customer, &[1, 2])).collect();
    let mut others = folded(&few);
    let many: Vec<_> = (10..20).map(|customer| bought(customer, &[3])).collect();
    others.merge(&folded(&many));
    others.begin_crowds(7);
    let item = |others: &Others, name: &str| others.items[&short_hash(name)].clone();
    assert_eq!((item(&others, "1").count.crowd, item(&others, "1").day), (Crowd::default(), 7));
    assert!(item(&others, "3").count.crowd.hides_each(), "enough stays enough");
    assert_eq!(others.pairs.values().next().expect("a pair").crowd, Crowd::default());
    // The same four, told apart otherwise.
    others.merge(&folded(&(100..104).map(|customer| bought(customer, &[1, 2])).collect::<Vec<_>>()));
    assert!(!item(&others, "1").count.crowd.hides_each());
}

use proptest::prelude::*;

use super::*;
use crate::domain::testing::purchase;

fn bought(customer: u8, items: &[u8]) -> (CustomerId, Interaction) {
    let names: Vec<String> = items.iter().map(ToString::to_string).collect();
    let lines: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "c")).collect();
    (CustomerId::from_bytes([customer; 16]), purchase("1", "2017-12-15T17:00:00Z", &lines))
}

fn folded(all: &[(CustomerId, Interaction)]) -> Others {
    let mut others = Others::default();
    all.iter().for_each(|(customer, one)| others.fold(*customer, one));
    others
}

/// Without the crowds, which only grow.
fn counts(mut others: Others) -> Others {
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
        others.unfold(*customer, taken);
        prop_assert_eq!(counts(others), counts(folded(&all[1..])));
    }
}

#[test]
fn items_and_pairs_are_bounded_and_the_most_bought_stay() {
    let mut others = Others::default();
    for number in 0..5_000_u32 {
        let name = format!("rare {number}");
        let one = purchase("1", "2017-12-15T17:00:00Z", &[("bread", ""), ("milk", ""), (&name, "")]);
        others.fold(CustomerId::from_bytes([(number % 251) as u8; 16]), &one);
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

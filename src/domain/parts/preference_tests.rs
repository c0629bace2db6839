use proptest::prelude::*;

use super::*;
use crate::domain::testing::{evidence, time};

const NOW: &str = "2026-06-01T12:00:00Z";

fn by(written: &str) -> Author {
    Author::read(written.to_owned())
}

fn folded(all: &[Evidence]) -> Preference {
    let mut preference = Preference::from_evidence(&all[0], &by("a"));
    for one in &all[1..] {
        preference.fold(one, &by("a"));
    }
    preference
}

fn seen(times: usize) -> Preference {
    let one = evidence("espresso", Stance::Likes, EvidenceSource::Observed, Some("here"), NOW);
    folded(&vec![one; times])
}

fn of(source: EvidenceSource, stance: Stance, at: &str) -> Evidence {
    evidence("espresso", stance, source, Some("here"), at)
}

#[test]
fn what_is_stated_is_believed_at_once() {
    let stated = folded(&[of(EvidenceSource::Stated, Stance::Likes, NOW)]);
    assert!((stated.confidence(time(NOW)) - 0.90).abs() < 0.005);
    assert!(stated.is_stated());
}

#[test]
fn one_observation_is_not_a_preference_and_two_are() {
    assert!(seen(1).confidence(time(NOW)) < CONFIDENCE_TO_ACT);
    assert!(!seen(1).is_more_than_one_observation());
    assert!(seen(2).confidence(time(NOW)) >= CONFIDENCE_TO_ACT);
    assert!(seen(2).is_more_than_one_observation());
}

#[test]
fn seeing_never_outdoes_asking_and_concluding_never_suffices() {
    assert!(seen(1_000).confidence(time(NOW)) < 0.90);
    let inferred = folded(&vec![of(EvidenceSource::Inferred, Stance::Likes, NOW); 1_000]);
    assert!(inferred.confidence(time(NOW)) < CONFIDENCE_TO_ACT);
}

#[test]
fn belief_fades_by_half_lives() {
    let stated = folded(&[of(EvidenceSource::Stated, Stance::Likes, NOW)]);
    let later = stated.confidence(time("2028-05-31T12:00:00Z"));
    assert!((later - (1.0 - (-2.3_f64 / 2.0).exp())).abs() < 1e-9, "{later}");
    // Before the evidence it is as strong as on its day.
    assert!(stated.confidence(time("2020-01-01T00:00:00Z")) > 0.89);
}

#[test]
fn refusals_speak_against_what_is_liked_and_for_what_is_not() {
    let liked = seen(3).confidence(time(NOW));
    let mut refused = seen(3);
    refused.fold(&of(EvidenceSource::Refused, Stance::Likes, NOW), &by("a"));
    assert!(refused.confidence(time(NOW)) < liked);
    assert_eq!(refused.stance, Stance::Likes);
    let only = folded(&vec![of(EvidenceSource::Refused, Stance::Likes, NOW); 2]);
    assert_eq!(only.stance, Stance::Dislikes);
    assert!(only.confidence(time(NOW)) > CONFIDENCE_TO_ACT);
}

#[test]
fn the_newest_of_the_strongest_source_decides_the_stance() {
    let stated = of(EvidenceSource::Stated, Stance::Dislikes, "2020-01-01T00:00:00Z");
    let observed = of(EvidenceSource::Observed, Stance::Likes, NOW);
    assert_eq!(folded(&[stated.clone(), observed]).stance, Stance::Dislikes);
    let newer = of(EvidenceSource::Stated, Stance::Favourite, "2021-01-01T00:00:00Z");
    assert_eq!(folded(&[newer, stated]).stance, Stance::Favourite);
}

#[test]
fn an_observation_stays_in_its_venue_until_it_repeats() {
    let brand_of = |_: &VenueId| Some("inn");
    let (here, other) = (VenueId::parse("", "here").unwrap(), VenueId::parse("", "other").unwrap());
    assert_eq!(seen(1).scope, Scope::Venue);
    assert!(seen(1).holds_at(&here, "inn", brand_of));
    assert!(!seen(1).holds_at(&other, "inn", brand_of));
    assert_eq!(seen(2).scope, Scope::Tenant);
    assert!(seen(2).holds_at(&other, "bar", brand_of));
}

#[test]
fn what_is_stated_reaches_as_far_as_stated() {
    let mut stated = of(EvidenceSource::Stated, Stance::Likes, NOW);
    stated.scope = Scope::Brand;
    let mut all = vec![of(EvidenceSource::Observed, Stance::Likes, NOW); 3];
    all.push(stated);
    let preference = folded(&all);
    assert_eq!(preference.scope, Scope::Brand);
    let brand_of = |_: &VenueId| Some("inn");
    assert!(preference.holds_at(&VenueId::parse("", "sister").unwrap(), "inn", brand_of));
    assert!(!preference.holds_at(&VenueId::parse("", "other").unwrap(), "bar", brand_of));
    assert!(!preference.holds_at(&VenueId::parse("", "other").unwrap(), "", |_| Some("")));
}

fn any_evidence() -> impl Strategy<Value = (Evidence, String)> {
    let stance = prop::sample::select(vec![Stance::Favourite, Stance::Likes, Stance::Dislikes, Stance::Avoid]);
    let source = prop::sample::select(vec![
        EvidenceSource::Stated,
        EvidenceSource::Observed,
        EvidenceSource::Inferred,
        EvidenceSource::Refused,
    ]);
    let scope = prop::sample::select(vec![Scope::Venue, Scope::Brand, Scope::Tenant]);
    let venue = prop::sample::select(vec![None, Some("here"), Some("other")]);
    // Few moments, so that ties are common.
    (stance, source, scope, venue, 0i64..4, "[ab]").prop_map(|(stance, source, scope, venue, second, by)| {
        let mut one = evidence("espresso", stance, source, venue, NOW);
        one.scope = scope;
        one.observe_time = Timestamp::from_second(second).unwrap();
        (one, by)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_order_of_evidence_does_not_matter(
        (all, shuffled) in prop::collection::vec(any_evidence(), 1..8)
            .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
    ) {
        let fold = |all: &[(Evidence, String)]| {
            let mut preference = Preference::from_evidence(&all[0].0, &by(&all[0].1));
            all[1..].iter().for_each(|(one, who)| preference.fold(one, &by(who)));
            preference
        };
        prop_assert_eq!(fold(&all), fold(&shuffled));
    }

    #[test]
    fn confidence_is_a_share_that_never_grows_by_waiting(
        all in prop::collection::vec(any_evidence(), 1..8), day in 0i64..4_000
    ) {
        let mut preference = Preference::from_evidence(&all[0].0, &by(&all[0].1));
        all[1..].iter().for_each(|(one, who)| preference.fold(one, &by(who)));
        let at = |day: i64| preference.confidence(Timestamp::from_second(day * 86_400).unwrap());
        prop_assert!((0.0..=1.0).contains(&at(day)));
        // A refusal fades as well, so only what nobody refused is sure to fade.
        if preference.refused.count == 0 {
            prop_assert!(at(day + 1) <= at(day) + 1e-12);
        }
    }
}

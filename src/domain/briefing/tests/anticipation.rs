//! What is anticipated, and what is left out.

use super::*;
use crate::domain::copurchase::Others;

#[test]
fn habits_are_told_with_their_counts() {
    let briefing = Ask::new().brief(&with(regular().into_iter().chain([asked()])));
    assert_eq!(items(&briefing.anticipate, codes::HABIT_ITEM), ["Coffee", "Almond cake"]);
    let coffee = find(&briefing.anticipate, codes::HABIT_ITEM);
    assert_eq!(coffee.text, "Usually buys Coffee.");
    assert_eq!(coffee.reason, "Bought in 10 of 20 visits, 10 of them on Friday evenings, last on 8 December 2017.");
    assert_eq!(coffee.tact, Tact::ActQuietly);
    // On a Monday morning it is bread.
    let briefing = Ask::new().at("2017-12-18T11:00:00Z").brief(&with(regular()));
    assert_eq!(items(&briefing.anticipate, codes::HABIT_ITEM)[0], "Bread");
}

#[test]
fn beyond_the_newest_purchases_a_count_at_such_times_is_a_minimum() {
    // Coffee on forty Friday evenings, and three loaves in each week between: of the newest 64 purchases, 16 are on Fridays.
    let mut changes = Vec::new();
    for week in 0..40_i64 {
        let friday = time("2017-12-08T22:30:00Z") - jiff::SignedDuration::from_hours(week * 7 * 24);
        changes.push(purchase_at(&format!("f{week}"), friday, &[("Coffee", "drink")]));
        for day in 1..=3 {
            let later = friday + jiff::SignedDuration::from_hours((day - 4) * 24 - 8);
            changes.push(purchase_at(&format!("b{week} {day}"), later, &[("Bread", "bakery")]));
        }
    }
    let briefing = Ask::new().brief(&with(changes.into_iter().map(Change::InteractionRecorded).chain([asked()])));
    let coffee = find(&briefing.anticipate, codes::HABIT_ITEM);
    assert_eq!(coffee.text, "Usually buys Coffee.");
    assert_eq!(
        coffee.reason,
        "Bought in 40 of 160 visits, 16 or more of them on Friday evenings, last on 8 December 2017."
    );
    assert!(coffee.parameters.contains(&("count_at_such_times_at_least", Value::Number(1))));
    let regular = Ask::new().brief(&with(regular()));
    let all = &find(&regular.anticipate, codes::HABIT_ITEM).parameters;
    assert!(all.iter().all(|(name, _)| *name != "count_at_such_times_at_least"));
}

#[test]
fn what_is_in_the_basket_is_left_out() {
    let ask = Ask { basket: vec!["COFFEE".to_owned()], ..Ask::new() };
    let briefing = ask.brief(&with(regular()));
    assert_eq!(items(&briefing.anticipate, codes::HABIT_ITEM), ["Almond cake"]);
    assert_eq!(briefing.valid_until, None);
    let ask = Ask { basket: vec!["espresso".to_owned()], ..Ask::new() };
    let briefing = ask.brief(&with([said("Espresso", Stance::Favourite)]));
    assert!(briefing.anticipate.is_empty() && briefing.delight.is_empty());
}

#[test]
fn a_precaution_vetoes_what_it_forbids() {
    let nuts = || Change::PrecautionAdded(precaution(PrecautionKind::Diet, "TREE_NUTS", Criticality::Low));
    let briefing = Ask::new().brief(&with(regular().into_iter().chain([nuts()])));
    assert_eq!(items(&briefing.anticipate, codes::HABIT_ITEM), ["Coffee"]);
    // Of an allergy nobody has said since that the coffee is without it.
    let briefing = Ask::new().brief(&with(regular().into_iter().chain([allergy("TREE_NUTS", Criticality::Low)])));
    assert!(items(&briefing.anticipate, codes::HABIT_ITEM).is_empty());
    let abstains = Change::PrecautionAdded(precaution(PrecautionKind::Abstention, "ALCOHOL", Criticality::Unknown));
    let briefing = Ask::new().brief(&with([said("Merlot", Stance::Favourite), said("tea", Stance::Likes), abstains]));
    assert_eq!(codes_of(&briefing.anticipate), [codes::PREFERENCE_LIKES]);
    assert!(briefing.delight.is_empty());
}

#[test]
fn the_table_of_contents_leaves_out_what_it_should() {
    use PrecautionKind::{Abstention, Allergy, Diet, Intolerance};
    for (kind, code, text, item, forbidden) in [
        (Allergy, "TREE_NUTS", "", "Almond croissants", true),
        (Allergy, "TREE_NUTS", "", "Hazelnutcream", true),
        (Allergy, "TREE_NUTS", "", "Doughnut", false),
        (Allergy, "PEANUTS", "", "PEANUT BUTTER", true),
        (Allergy, "STRAWBERRIES", "", "Strawberries and mint", true),
        (Allergy, "CRUSTACEANS", "", "Prawn curry", true),
        (Allergy, "EGGS", "", "Eggplant", false),
        (Allergy, "OTHER", "no shrimp please", "Shrimp roll", true),
        (Intolerance, "LACTOSE", "", "Caffe latte", true),
        (Intolerance, "LACTOSE_FREE", "", "Milk", true),
        (Diet, "HALAL", "", "Glass of wine", true),
        (Diet, "HALAL", "", "Halal chicken", false),
        (Diet, "VEGAN", "", "Honey", true),
        (Diet, "VEGAN", "", "Omelettes", true),
        (Diet, "VEGAN", "", "Vegan soup", false),
        (Diet, "NO_PORK", "", "Ham", true),
        (Diet, "VEGETARIAN", "", "Salmon", true),
        (Diet, "KOSHER", "", "Oysters", true),
        (Abstention, "CAFFEINE", "", "Espresso", true),
        (Abstention, "ALCOHOL", "", "Ginger tea", false),
        (PrecautionKind::Topic, "COFFEE", "", "Coffee", false),
    ] {
        let mut draft = precaution(kind, code, Criticality::Unknown);
        draft.text = text.to_owned();
        let profile = with([Change::PrecautionAdded(draft), said(item, Stance::Likes)]);
        let briefing = Ask::new().brief(&profile);
        assert_eq!(briefing.anticipate.is_empty(), forbidden, "{code} and {item}");
    }
}

#[test]
fn what_is_disliked_or_refused_is_not_suggested() {
    let briefing = Ask::new().brief(&with(regular().into_iter().chain([said("coffee", Stance::Dislikes)])));
    assert_eq!(items(&briefing.anticipate, codes::HABIT_ITEM), ["Almond cake"]);
    let refused = Change::EvidenceRecorded(evidence(
        "coffee",
        Stance::Likes,
        EvidenceSource::Refused,
        Some("here"),
        "2017-12-20T12:00:00Z",
    ));
    let briefing = Ask::new().brief(&with(regular().into_iter().chain([refused])));
    assert_eq!(items(&briefing.anticipate, codes::HABIT_ITEM), ["Almond cake"]);
}

#[test]
fn one_observation_is_asked_about_where_it_was_made_and_nowhere_else() {
    let profile = with([seen("mariachi music", Stance::Likes, "here")]);
    let briefing = Ask::new().brief(&profile);
    assert!(briefing.anticipate.is_empty());
    assert_eq!(find(&briefing.communicate, codes::CONFIRM_PREFERENCE).text, "Ask whether they like mariachi music.");
    let elsewhere = Ask { venue: "sister", ..Ask::new() }.brief(&profile);
    assert!(!codes_of(&elsewhere.communicate).contains(&codes::CONFIRM_PREFERENCE));
    let twice = with([seen("espresso", Stance::Likes, "here"), seen("espresso", Stance::Likes, "here"), asked()]);
    let briefing = Ask { venue: "other", ..Ask::new() }.brief(&twice);
    let likes = find(&briefing.anticipate, codes::PREFERENCE_LIKES);
    assert_eq!(
        (likes.tact, likes.reason.as_str()),
        (Tact::ActQuietly, "Observed twice, the latest on 1 December 2017.")
    );
}

#[test]
fn brand_scope_reaches_the_brand() {
    let mut stated =
        evidence("espresso", Stance::Favourite, EvidenceSource::Stated, Some("here"), "2017-12-01T12:00:00Z");
    stated.scope = Scope::Brand;
    let profile = with([Change::EvidenceRecorded(stated)]);
    for (venue, count) in [("here", 1), ("sister", 1), ("other", 0)] {
        assert_eq!(Ask { venue, ..Ask::new() }.brief(&profile).anticipate.len(), count, "{venue}");
    }
}

#[test]
fn a_situation_that_the_clock_knows_holds_in_its_hours() {
    let mut breakfast = evidence("porridge", Stance::Likes, EvidenceSource::Stated, None, "2017-12-01T12:00:00Z");
    breakfast.subject.situation = "breakfast".to_owned();
    let mut unknown = breakfast.clone();
    unknown.subject.situation = "by the pool".to_owned();
    let profile = with([Change::EvidenceRecorded(breakfast), Change::EvidenceRecorded(unknown)]);
    let evening = Ask::new().brief(&profile).anticipate;
    assert_eq!(evening.len(), 1);
    assert_eq!(evening[0].text, "Likes: porridge (by the pool).");
    assert_eq!(Ask::new().at("2017-12-22T13:00:00Z").brief(&profile).anticipate.len(), 2);
}

#[test]
fn another_moment_moves_anticipation_but_not_belief() {
    let profile = with([said("espresso", Stance::Favourite)]);
    let later = Ask { at: time("2027-12-22T23:00:00Z"), ..Ask::new() };
    let confidence = |briefing: &Briefing| format!("{:?}", find(&briefing.anticipate, codes::PREFERENCE_FAVOURITE));
    assert_eq!(confidence(&later.brief(&profile)), confidence(&Ask::new().brief(&profile)));
    assert_eq!(later.brief(&profile).as_of, later.at);
}

/// What twenty other customers bought at "here".
fn twenty_others(items: &[(&str, &str)]) -> Snapshot {
    let mut others = Others::default();
    for customer in 0..20 {
        let bought = purchase_at(&customer.to_string(), time("2017-12-01T12:00:00Z"), items);
        others.fold(CustomerId::from_bytes([customer; 16]), &bought, &[]);
    }
    Snapshot::of(&others)
}

#[test]
fn what_others_buy_is_a_hint_within_the_same_limits() {
    let ask = || Ask {
        others: Some(twenty_others(&[("Almond cake", "dessert"), ("Espresso", "drink"), ("Merlot", "drink")])),
        ..Ask::new()
    };
    let briefing = ask().brief(&with([asked()]));
    assert_eq!(items(&briefing.anticipate, codes::POPULAR_ITEM), ["Almond cake", "Espresso"], "two at most");
    let hint = find(&briefing.anticipate, codes::POPULAR_ITEM);
    assert_eq!(hint.text, "Others often buy Almond cake here.");
    assert_eq!(hint.reason, "Among what is bought most here, by at least 5 customers.");
    let nuts = || Change::PrecautionAdded(precaution(PrecautionKind::Diet, "NO_NUTS", Criticality::Low));
    let careful = with([nuts(), said("espresso", Stance::Dislikes)]);
    assert_eq!(items(&ask().brief(&careful).anticipate, codes::POPULAR_ITEM), ["Merlot"]);
    let chosen = Ask { basket: vec!["Merlot".to_owned()], ..ask() }.brief(&careful);
    assert!(items(&chosen.anticipate, codes::POPULAR_ITEM).is_empty());
    let chosen = Ask { basket: vec!["Espresso".to_owned()], ..ask() }.brief(&profile());
    assert_eq!(find(&chosen.anticipate, codes::POPULAR_ITEM).text, "Others often buy Almond cake with this.");
    // Of what others buy nobody has said anything: it is nothing for somebody with an allergy.
    let allergic = with([allergy("TREE_NUTS", Criticality::Low)]);
    assert!(items(&ask().brief(&allergic).anticipate, codes::POPULAR_ITEM).is_empty());
    // A habit is no news from others, and comes first.
    let regular = ask().brief(&with(regular()));
    assert_eq!(items(&regular.anticipate, codes::HABIT_ITEM), ["Coffee", "Almond cake"]);
    assert_eq!(items(&regular.anticipate, codes::POPULAR_ITEM), ["Espresso", "Merlot"]);
}

fn abstains(code: &str) -> Change {
    Change::PrecautionAdded(precaution(PrecautionKind::Abstention, code, Criticality::Unknown))
}

fn liked(item: &str, category: &str, source: EvidenceSource) -> Change {
    let venue = (source == EvidenceSource::Observed).then_some("here");
    let mut known = evidence(item, Stance::Likes, source, venue, "2017-12-01T12:00:00Z");
    known.subject.category = category.to_owned();
    Change::EvidenceRecorded(known)
}

#[test]
fn what_is_forbidden_is_not_asked_about() {
    for (precaution, item, asked) in [
        (abstains("ALCOHOL"), "red wine", false),
        (abstains("ALCOHOL"), "chinotto", true),
        (allergy("TREE_NUTS", Criticality::High), "marzipan", false),
        (allergy("MANDEL", Criticality::High), "marzipan", false),
        (allergy("MANDEL", Criticality::High), "chinotto", false),
        (allergy("FEATHERS", Criticality::High), "chinotto", true),
        (said("wine", Stance::Dislikes), "red wine", false),
    ] {
        let briefing = Ask::new().brief(&with([precaution.clone(), seen(item, Stance::Likes, "here")]));
        assert_eq!(
            codes_of(&briefing.communicate).contains(&codes::CONFIRM_PREFERENCE),
            asked,
            "{precaution:?}, {item}"
        );
    }
    // What is asked about instead: the next that is allowed, at most two.
    let seen_once = ["red wine", "gin", "tea", "chinotto", "juice"].map(|item| seen(item, Stance::Likes, "here"));
    let briefing = Ask::new().brief(&with(seen_once.into_iter().chain([abstains("ALCOHOL")])));
    assert_eq!(items(&briefing.communicate, codes::CONFIRM_PREFERENCE).len(), 2);
}

#[test]
fn a_precaution_that_is_not_understood_vetoes_all_that_may_be_eaten() {
    let likes = || {
        regular().into_iter().chain([
            said("chinotto", Stance::Favourite),
            liked("high floor", "room", EvidenceSource::Stated),
            liked("mariachi", "music", EvidenceSource::Observed),
            liked("grappa", "drink", EvidenceSource::Observed),
        ])
    };
    let told = Ask::new().brief(&with(likes()));
    assert!(codes_of(&told.anticipate).contains(&codes::HABIT_ITEM) && !told.delight.is_empty());
    for precaution in [
        allergy("TRENUTS", Criticality::Low),
        allergy("TRENUTS", Criticality::High),
        allergy("NO_", Criticality::High),
        allergy("OTHER", Criticality::High),
        Change::PrecautionAdded(precaution(PrecautionKind::Intolerance, "LACTOZ", Criticality::Low)),
        Change::PrecautionAdded(precaution(PrecautionKind::Diet, "LOW_SALT", Criticality::Low)),
        abstains("ALCOOHL"),
    ] {
        let briefing = Ask::new().brief(&with(likes().chain([precaution.clone()])));
        assert_eq!(items(&briefing.anticipate, codes::PREFERENCE_LIKES), ["high floor"], "{precaution:?}");
        assert_eq!(briefing.anticipate.len(), 1, "{precaution:?}");
        assert!(briefing.delight.is_empty(), "{precaution:?}");
        assert_eq!(items(&briefing.communicate, codes::CONFIRM_PREFERENCE), ["mariachi"], "{precaution:?}");
        let listed = &briefing.respect[0];
        assert!(listed.parameters.contains(&("not_understood", Value::Number(1))), "{listed:?}");
        let advice = "The code is not understood: ask the customer and the kitchen, and record it under a known code.";
        assert!(listed.text.ends_with(advice), "{}", listed.text);
    }
    for understood in [allergy("ALMOND", Criticality::Low), allergy("FEATHERS", Criticality::Low), abstains("SMOKING")]
    {
        let briefing = Ask::new().brief(&with(likes().chain([understood])));
        assert!(items(&briefing.anticipate, codes::PREFERENCE_FAVOURITE).contains(&"chinotto".to_owned()));
        assert!(!briefing.respect[0].text.contains("understood"), "{}", briefing.respect[0].text);
    }
}

#[test]
fn what_others_buy_is_not_suggested_to_whom_nobody_understands() {
    let ask = Ask { others: Some(twenty_others(&[("Chinotto", "drink")])), ..Ask::new() };
    let popular = |profile: &Profile| items(&ask.brief(profile).anticipate, codes::POPULAR_ITEM);
    assert_eq!(popular(&profile()), ["Chinotto"]);
    assert_eq!(popular(&with([allergy("TRENUTS", Criticality::Low)])), [""; 0]);
}

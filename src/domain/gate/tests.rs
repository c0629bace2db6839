//! The table, row by row, and what it makes of items and promises.

use super::{known::Own, *};
use crate::domain::{
    parts::{
        precaution::{Criticality, PrecautionKind},
        preference::{EvidenceSource, Stance},
    },
    testing,
};

const DAY: &str = "2017-12-01T12:00:00Z";

fn precaution(kind: PrecautionKind, code: &str, criticality: Criticality) -> Precaution {
    let mut profile = testing::profile();
    let added = crate::domain::Change::PrecautionAdded(testing::precaution(kind, code, criticality));
    crate::domain::apply(&mut profile, &added, &testing::stamp(DAY, "mara@till-4")).unwrap();
    profile.precautions.remove(0)
}

fn others(name: &str) -> Item<'_> {
    Item { name, category: "dish", situation: "", own: None }
}

fn stated<'i>(name: &'i str, at: &str) -> Item<'i> {
    Item { own: Some(Own { stated: Some(testing::time(at)) }), ..others(name) }
}

static NO_RULES: std::sync::LazyLock<ItemRules> = std::sync::LazyLock::new(ItemRules::default);

fn serves() -> Who<'static> {
    let at = testing::time(DAY);
    Who { is_asked: true, sees_precautions: true, habits: None, menu: Menu::nothing(), at, rules: &NO_RULES }
}

fn judged(precaution: &Precaution, item: Item<'_>) -> Option<Clearance> {
    Gate::of(std::iter::once(precaution), std::iter::empty(), serves()).judge(&item)
}

#[test]
fn the_table_is_as_it_is_written() {
    use Clearance::{CheckWithKitchen, Free, MayContain};
    let unknown = |confirmed_since| Known::NotDeclared { confirmed_since };
    for (knowledge, known, expected) in [
        (Knowledge::Food, Known::Free, Some(Free)),
        (Knowledge::Food, Known::Traces, Some(MayContain)),
        (Knowledge::Food, unknown(false), None),
        (Knowledge::Food, unknown(true), Some(CheckWithKitchen)),
        (Knowledge::Food, Known::Contains, None),
        (Knowledge::Diet, Known::Free, Some(Free)),
        (Knowledge::Diet, unknown(false), Some(Free)),
        (Knowledge::Diet, Known::Contains, None),
        (Knowledge::NotUnderstood, Known::Free, None),
        (Knowledge::NotUnderstood, unknown(true), None),
        (Knowledge::NotUnderstood, Known::Contains, None),
    ] {
        assert_eq!(clearance(knowledge, known), expected, "{knowledge:?}, {known:?}");
    }
}

#[test]
fn what_nobody_declared_is_named_only_as_stated_since() {
    let allergy = precaution(PrecautionKind::Allergy, "TREE_NUTS", Criticality::High);
    assert_eq!(judged(&allergy, others("Soup of the day")), None);
    assert_eq!(judged(&allergy, stated("Soup of the day", "2017-11-30T12:00:00Z")), None);
    assert_eq!(judged(&allergy, stated("Soup of the day", DAY)), Some(Clearance::CheckWithKitchen));
    assert_eq!(judged(&allergy, stated("Almond soup", DAY)), None);
    let floor = Item { category: "room", ..others("High floor") };
    assert_eq!(judged(&allergy, floor), Some(Clearance::Free));
    let pillow = Item { category: "bedding", ..others("Feather pillow") };
    let feathers = precaution(PrecautionKind::Allergy, "FEATHERS", Criticality::High);
    assert_eq!((judged(&allergy, pillow), judged(&feathers, pillow)), (Some(Clearance::Free), None));
}

#[test]
fn what_a_name_negates_is_believed_of_a_diet_and_of_nothing_that_harms() {
    let gluten = precaution(PrecautionKind::Allergy, "GLUTEN", Criticality::High);
    assert_eq!(judged(&gluten, stated("Gluten-free pasta", DAY)), Some(Clearance::CheckWithKitchen));
    assert_eq!(judged(&gluten, stated("Gluten-free pasta", "2017-11-30T12:00:00Z")), None);
    assert_eq!(judged(&gluten, others("Gluten-free pasta")), None);
    assert_eq!(judged(&gluten, stated("Pasta", DAY)), None);
    let alcohol = precaution(PrecautionKind::Abstention, "ALCOHOL", Criticality::High);
    assert_eq!(judged(&alcohol, stated("Alcohol-free beer", "2017-11-30T12:00:00Z")), Some(Clearance::Free));
    assert_eq!(judged(&alcohol, others("Alcohol-free beer")), None);
    assert_eq!(judged(&alcohol, others("Lemonade")), Some(Clearance::Free));
}

#[test]
fn a_policy_says_what_is_food() {
    let rules = ItemRules {
        not_food_categories: vec!["spa".to_owned()],
        food_categories: vec!["service".to_owned()],
        ..ItemRules::default()
    };
    let allergy = precaution(PrecautionKind::Allergy, "TREE_NUTS", Criticality::High);
    let judged = |who, category| {
        let item = Item { category, ..others("The usual") };
        Gate::of(std::iter::once(&allergy), std::iter::empty(), who).judge(&item)
    };
    for (category, built_in, by_policy) in [
        ("spa", None, Some(Clearance::Free)),
        ("Service", Some(Clearance::Free), None),
        ("room", Some(Clearance::Free), Some(Clearance::Free)),
        ("dish", None, None),
    ] {
        assert_eq!(judged(serves(), category), built_in, "{category}");
        assert_eq!(judged(Who { rules: &rules, ..serves() }, category), by_policy, "{category}");
    }
}

#[test]
fn a_diet_judges_by_the_name_alone() {
    let vegan = precaution(PrecautionKind::Diet, "VEGAN", Criticality::Unknown);
    assert_eq!(judged(&vegan, others("Soup of the day")), Some(Clearance::Free));
    assert_eq!(judged(&vegan, others("Cheese board")), None);
}

/// Who is pregnant may have eggs, and no raw ones: nobody said which these are.
#[test]
fn what_may_be_raw_is_asked_about() {
    let pregnant = precaution(PrecautionKind::Diet, "PREGNANCY", Criticality::Unknown);
    let menu = crate::domain::items::menu_with(&[
        ("Frittata", "EGGS"),
        ("Mousse", "RAW_EGG"),
        ("Polenta", "SESAME"),
        ("Mussel pot", "MUSSEL"),
        ("Prawn pot", "SHRIMP"),
    ]);
    let gate = Gate::of(std::iter::once(&pregnant), std::iter::empty(), Who { menu: &menu, ..serves() });
    assert_eq!(gate.judge(&others("Frittata")), Some(Clearance::CheckWithKitchen));
    for pot in ["Mussel pot", "Prawn pot"] {
        assert_eq!(gate.judge(&others(pot)), Some(Clearance::CheckWithKitchen), "{pot}");
    }
    assert_eq!(gate.judge(&others("Mousse")), None);
    assert_eq!(gate.judge(&others("Polenta")), Some(Clearance::Free));
    let gift = |contents: &[&str]| GestureType {
        contents: Contents::Known(contents.iter().map(|code| (*code).to_owned()).collect()),
        ..testing::gesture_type("gift")
    };
    for (kind, expected) in [
        (gift(&["FISH"]), Clearance::CheckWithKitchen),
        (gift(&["SESAME"]), Clearance::Free),
        (GestureType { suits_diets: vec!["PREGNANCY".to_owned()], ..gift(&["FISH"]) }, Clearance::Free),
    ] {
        assert_eq!(gate.admit_gesture(&kind, None).map(|cleared| cleared.clearance()), Ok(expected), "{kind:?}");
        let owed = gate.admit_promise(&kind.display_name, Some(&kind), Serves::Surely, None);
        assert_eq!(owed.map(|cleared| cleared.clearance()), Ok(expected), "{kind:?}");
    }
}

fn kept_away(item: &str) -> Preference {
    let mut profile = testing::profile();
    let said = testing::evidence(item, Stance::Avoid, EvidenceSource::Stated, None, DAY);
    let recorded = crate::domain::Change::EvidenceRecorded(said);
    crate::domain::apply(&mut profile, &recorded, &testing::stamp(DAY, "mara@till-4")).unwrap();
    profile.preferences.remove(0)
}

/// A type of gesture that declares nothing to eat.
fn called(name: &str) -> GestureType {
    GestureType {
        display_name: name.to_owned(),
        contents: Contents::Known(Vec::new()),
        appeals_to: Vec::new(),
        ..testing::gesture_type("gift")
    }
}

#[test]
fn a_gesture_with_an_item_inside_its_name_is_eaten() {
    let menu = crate::domain::items::menu_with(&[("Chef's Surprise", "ALMOND")]);
    let strange = precaution(PrecautionKind::Allergy, "TRENUTS", Criticality::High);
    let unasked = Gate::of(std::iter::empty(), std::iter::empty(), Who { is_asked: false, menu: &menu, ..serves() });
    let unknown = Gate::of(std::iter::once(&strange), std::iter::empty(), Who { menu: &menu, ..serves() });
    for (name, is_eaten) in [("Chef's Surprise small", true), ("A small chef's surprise", true), ("High floor", false)]
    {
        let kind = called(name);
        let expected = if is_eaten { Err(Ground::NotAsked) } else { Ok(()) };
        assert_eq!(unasked.admit_gesture(&kind, None).map(|_| ()), expected, "{name}");
        let is_refused = matches!(
            unknown.admit_gesture(&kind, None),
            Err(Ground::Precaution(Against { how: How::NotUnderstood, .. }))
        );
        assert_eq!(is_refused, is_eaten, "{name}");
    }
}

/// A dislike of a substance is one of what contains it, but not of what the customer says that they like.
#[test]
fn who_keeps_away_from_a_substance_gets_nothing_that_contains_it() {
    let menu = crate::domain::items::menu_with(&[("Wobble", "WALNUT"), ("Latte", "MILK")]);
    let gesture = |name: &str, codes: &[&str]| GestureType {
        contents: Contents::Known(codes.iter().map(|code| (*code).to_owned()).collect()),
        ..called(name)
    };
    for (disliked, is_kept) in [("nuts", true), ("Nüsse", true), ("milk", false), ("cheesecake", false)] {
        let known = kept_away(disliked);
        let gate = Gate::of(std::iter::empty(), std::iter::once(&known), Who { menu: &menu, ..serves() });
        for item in ["Wobble", "Walnuts", "Nussmischung"] {
            assert_eq!(gate.judge(&others(item)).is_none(), is_kept, "{disliked}: {item}");
        }
        assert_eq!(gate.judge(&stated("Walnut cake", DAY)), Some(Clearance::Free), "{disliked}");
        for kind in [gesture("Surprise", &["WALNUT"]), gesture("A wobble", &[]), gesture("Walnuts", &[])] {
            let found = gate.admit_gesture(&kind, None).map(|_| ());
            assert_eq!(found, if is_kept { Err(Ground::Disliked(&known)) } else { Ok(()) }, "{disliked}: {kind:?}");
        }
    }
    let milk = kept_away("milk");
    let gate = Gate::of(std::iter::empty(), std::iter::once(&milk), Who { menu: &menu, ..serves() });
    let judged = ["Latte", "Latte, no milk", "Oat milk latte", "Latte macchiato"].map(|item| gate.judge(&others(item)));
    assert_eq!(judged, [None, Some(Clearance::Free), Some(Clearance::Free), None]);
}

/// What is said to be left out, and more than that, is not left out.
#[test]
fn only_what_is_plainly_one_thing_is_left_out() {
    let allergy = precaution(PrecautionKind::Allergy, "TREE_NUTS", Criticality::High);
    let menu = crate::domain::items::menu_with(&[("House salad", "CELERY"), ("Salt and pepper", "SESAME")]);
    let gate = Gate::of(std::iter::once(&allergy), std::iter::empty(), Who { menu: &menu, ..serves() });
    for (left_out, expected) in [
        ("celery", LineState::NothingDeclaredAgainstIt),
        ("walnuts", LineState::NothingDeclaredAgainstIt),
        ("no nuts", LineState::NothingDeclaredAgainstIt),
        ("Salt and pepper", LineState::NothingDeclaredAgainstIt),
        ("celery, add walnuts", LineState::Conflict),
        ("celery + walnuts on top", LineState::Conflict),
        ("no dressing but walnuts", LineState::Conflict),
        ("none, extra walnuts", LineState::Conflict),
        ("Sellerie, dafür Nüsse", LineState::Conflict),
        ("sedano, aggiungi noci", LineState::Conflict),
        ("celery sub walnuts", LineState::Conflict),
        ("Sellerie gegen Walnüsse", LineState::Conflict),
        ("céleri contre noix", LineState::Conflict),
        ("sedano invece noci", LineState::Conflict),
        ("apio cambiar por nueces", LineState::Conflict),
        ("aipo trocar por nozes", LineState::Conflict),
        ("all except almonds", LineState::Conflict),
        ("light nuts", LineState::Conflict),
        ("sauce aux noix", LineState::NothingDeclaredAgainstIt),
        ("salt swap pepper", LineState::NotDeclared),
        ("dressing, add the house sauce", LineState::NotDeclared),
    ] {
        let line = BasketLine { left_out: vec![left_out.to_owned()], ..BasketLine::of("House salad".to_owned()) };
        let checks = gate.check(&[line], Seat::Customers(""));
        assert_eq!(checks[0].state, expected, "{left_out}");
    }
}

#[test]
fn who_was_never_asked_is_said_so_and_who_may_not_see_gets_nothing_to_eat() {
    let never = |who| Gate::of(std::iter::empty(), std::iter::empty(), who);
    let unasked = never(Who { is_asked: false, ..serves() });
    assert_eq!(unasked.judge(&others("Soup of the day")), Some(Clearance::NobodyAsked));
    assert_eq!(never(serves()).judge(&others("Soup of the day")), Some(Clearance::Free));
    let hidden = never(Who { sees_precautions: false, ..serves() });
    let floor = Item { category: "room", ..others("High floor") };
    assert_eq!((hidden.judge(&others("Soup of the day")), hidden.judge(&floor)), (None, Some(Clearance::Free)));
}

#[test]
fn what_is_promised_is_looked_at_each_time() {
    let allergy = precaution(PrecautionKind::Allergy, "TREE_NUTS", Criticality::High);
    let gate = Gate::of(std::iter::once(&allergy), std::iter::empty(), serves());
    let code = |text, serves| gate.admit_promise(text, None, serves, None).map_err(|stop| stop.code());
    assert_eq!(code("Almond tart", Serves::Surely), Err("PRECAUTION"));
    assert_eq!(code("Almond tart", Serves::Perhaps), Err("PRECAUTION"));
    assert_eq!(code("Basket of fruit", Serves::Surely), Err("CONTENTS_UNKNOWN"));
    let kept = |text, serves| code(text, serves).map(|cleared| cleared.clearance());
    assert_eq!(kept("Basket of fruit", Serves::Perhaps), Ok(Clearance::CheckWithKitchen));
    assert_eq!(kept("Call them back", Serves::Perhaps), Ok(Clearance::Free));
    assert_eq!(kept("Ask whether all is well now: almond tart", Serves::Nothing), Ok(Clearance::Free));
}

#[test]
fn what_a_note_says_is_looked_at_besides_its_gesture() {
    let allergy = precaution(PrecautionKind::Allergy, "TREE_NUTS", Criticality::High);
    let gate = Gate::of(std::iter::once(&allergy), std::iter::empty(), serves());
    let sorbet = GestureType {
        display_name: "Lemon sorbet".to_owned(),
        contents: Contents::Known(Vec::new()),
        ..testing::gesture_type("sorbet")
    };
    let kept = |text| {
        let cleared = gate.admit_promise(text, Some(&sorbet), Serves::Surely, None);
        cleared.map(|cleared| cleared.clearance()).map_err(|against| against.code())
    };
    assert_eq!(kept("Lemon sorbet"), Ok(Clearance::Free));
    assert_eq!(kept("Lemon sorbet, with a note: Welcome back"), Ok(Clearance::Free));
    assert_eq!(kept("Lemon sorbet, with a note: with a slice of cheesecake"), Ok(Clearance::CheckWithKitchen));
    assert_eq!(kept("Lemon sorbet, with a note: with walnut brittle"), Err("PRECAUTION"));
    // As it was called when it was promised.
    assert_eq!(kept("Almond sorbet"), Err("PRECAUTION"));
}

/// What was last declared is a reason against an item for as long as it is known, and never one for it.
#[test]
fn what_was_last_declared_counts_against_an_item() {
    use PrecautionKind::{Abstention, Allergy, Diet, Intolerance};
    let each = [("A", "BEEF"), ("B", "PORK"), ("C", "ALCOHOL"), ("D", "RAW_FISH"), ("E", "ALMOND"), ("F", "MILK")];
    let menu = crate::domain::items::outdated_menu_with(&each);
    let check = Some(Clearance::CheckWithKitchen);
    for (kind, code, criticality, never, else_stated) in [
        (Diet, "VEGAN", Criticality::Unknown, "ABDF", Some(Clearance::Free)),
        (Diet, "HALAL", Criticality::Unknown, "BC", Some(Clearance::Free)),
        (Abstention, "ALCOHOL", Criticality::Unknown, "C", Some(Clearance::Free)),
        (Diet, "PREGNANCY", Criticality::Unknown, "CD", Some(Clearance::Free)),
        (Allergy, "TREE_NUTS", Criticality::High, "E", check),
        // A kind of nut may bring traces of another, where that counts as containing it.
        (Allergy, "WALNUT", Criticality::High, "E", check),
        (Allergy, "WALNUT", Criticality::Low, "", check),
        (Intolerance, "LACTOSE", Criticality::Low, "F", check),
    ] {
        let precaution = precaution(kind, code, criticality);
        let gate = Gate::of(std::iter::once(&precaution), std::iter::empty(), Who { menu: &menu, ..serves() });
        for (name, _) in each {
            let may_be_raw = code == "PREGNANCY" && "ABF".contains(name);
            let expected = if may_be_raw { check } else { else_stated.filter(|_| !never.contains(name)) };
            assert_eq!(gate.judge(&stated(name, DAY)), expected, "{code}: {name}");
        }
    }
    // Eggs may be raw whenever they were declared.
    let menu = crate::domain::items::outdated_menu_with(&[("Frittata", "EGGS")]);
    let pregnant = precaution(Diet, "PREGNANCY", Criticality::Unknown);
    let gate = Gate::of(std::iter::once(&pregnant), std::iter::empty(), Who { menu: &menu, ..serves() });
    assert_eq!(gate.judge(&others("Frittata")), check);
}

/// What is put on it is worse than what it may contain.
#[test]
fn what_is_named_counts_beside_what_may_be_in_it() {
    let mild = precaution(PrecautionKind::Allergy, "WALNUT", Criticality::Low);
    let menu = crate::domain::items::menu_with(&[("Brownie", "HAZELNUT")]);
    let gate = Gate::of(std::iter::once(&mild), std::iter::empty(), Who { menu: &menu, ..serves() });
    for (added, expected) in [(vec![], LineState::MayContain), (vec!["walnuts".to_owned()], LineState::Conflict)] {
        let line = BasketLine { added, ..BasketLine::of("Brownie".to_owned()) };
        assert_eq!(gate.check(&[line], Seat::Customers(""))[0].state, expected);
    }
}

#[test]
fn what_is_raw_of_nobody_knows_what_is_not_for_a_pregnancy() {
    let pregnant = precaution(PrecautionKind::Diet, "PREGNANCY", Criticality::Unknown);
    for name in ["Tartare", "Crudo", "Pâté", "Sprouts", "Nama", "Albese", "Koi pla", "Sprossen", "Beetroot tartare"] {
        assert_eq!(judged(&pregnant, stated(name, DAY)), None, "{name}");
    }
    for name in ["House salad", "Raw vegetables", "Brussels sprouts", "Raw onion"] {
        assert_eq!(judged(&pregnant, stated(name, DAY)), Some(Clearance::Free), "{name}");
    }
    // Who keeps to another diet is not asked about it, and what is declared decides.
    let halal = precaution(PrecautionKind::Diet, "HALAL", Criticality::Unknown);
    assert_eq!(judged(&halal, others("Tartare")), Some(Clearance::Free));
    let menu = crate::domain::items::menu_with(&[("Tartare", "CELERY")]);
    let gate = Gate::of(std::iter::once(&pregnant), std::iter::empty(), Who { menu: &menu, ..serves() });
    assert_eq!(gate.judge(&others("Tartare")), Some(Clearance::Free));
    let gate = Gate::of(std::iter::once(&pregnant), std::iter::empty(), serves());
    assert!(gate.admit_gesture(&called("Tartare"), None).is_err());
}

/// Hazelnuts may bring traces of walnuts.
#[test]
fn who_asks_for_no_traces_is_believed_whatever_the_number_says() {
    let menu = crate::domain::items::menu_with(&[("Brownie", "HAZELNUT")]);
    let state = |kind, code, text: &str| {
        let mut known = precaution(kind, code, Criticality::Low);
        known.reported.text = text.to_owned();
        let gate = Gate::of(std::iter::once(&known), std::iter::empty(), Who { menu: &menu, ..serves() });
        gate.check(&[BasketLine::of("Brownie".to_owned())], Seat::Customers(""))[0].state
    };
    use PrecautionKind::{Allergy, Diet};
    for text in ["also traces", "no traces", "auch Spuren", "aussi traces", "anche tracce", "collapsed", "swelling"] {
        assert_eq!(state(Allergy, "WALNUT", text), LineState::Conflict, "{text}");
    }
    assert_eq!(state(Allergy, "WALNUT_TRACES", ""), LineState::Conflict);
    for text in ["", "traces are ok", "itches a little"] {
        assert_eq!(state(Allergy, "WALNUT", text), LineState::MayContain, "{text}");
    }
    // Of a diet in words nobody knows more than that: the kitchen is asked.
    assert_eq!(state(Diet, "OTHER", "walnut"), LineState::NotDeclared);
}

#[test]
fn nuts_in_the_words_of_an_allergy_are_peanuts_too() {
    let menu = crate::domain::items::menu_with(&[("Goober", "PEANUTS")]);
    for (kind, code, text) in [
        (PrecautionKind::Allergy, "ALLERGY", "nuts"),
        (PrecautionKind::Allergy, "KIWI", "nuts"),
        (PrecautionKind::Allergy, "FOOD_ALLERGY", "nuts"),
        (PrecautionKind::Allergy, "MILK", "also nuts"),
        (PrecautionKind::Accessibility, "FOOD", "nuts"),
        (PrecautionKind::Topic, "DIETARY", "nuts"),
    ] {
        let mut known = precaution(kind, code, Criticality::High);
        known.reported.text = text.to_owned();
        let gate = Gate::of(std::iter::once(&known), std::iter::empty(), Who { menu: &menu, ..serves() });
        let checks = gate.check(&[BasketLine::of("Goober".to_owned())], Seat::Customers(""));
        assert_eq!(checks[0].state, LineState::Conflict, "{code}, {text}");
    }
}

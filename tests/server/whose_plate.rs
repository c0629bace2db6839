//! Whose plate a precaution counts for, where nobody says it plainly, and needs that are allergies in other words.

use rapport::proto::*;

use super::{
    basket::{guest, order, ordering, precaution, state, states},
    staff_texts::{at, diet, of, state_of},
    world::*,
};

on_both!(
    a_seat_that_the_words_name_is_checked,
    what_is_said_of_a_child_counts_for_the_child,
    children_who_share_an_identity_are_all_too_young,
    a_need_that_is_an_allergen_with_a_slip_is_not_understood,
    a_diet_of_what_is_no_food_is_not_understood,
    what_is_avoided_is_not_found_by_what_is_missing,
);

/// Of a line that there is nothing to check against.
const UNCHECKED: &str = "UNSPECIFIED";

async fn a_seat_that_the_words_name_is_checked(world: World) {
    for (whose, expected) in [
        ("wife (seat 1)", "CONFLICT"),
        ("seat 01", "CONFLICT"),
        ("wife (seat 2)", "NOT_DECLARED"),
        ("wife", "NOT_DECLARED"),
    ] {
        let own = diet("VEGETARIAN");
        let id = guest(&world, vec![own, of(whose, allergy("PEANUTS"))]).await;
        let lines = vec![at("1", order("Peanut soup"))];
        let request = GetBriefingRequest { basket_lines: lines, customer_seat: "1".into(), ..briefing(by_id(&id)) };
        let answer = world.briefings().get_briefing(request).await.expect("answered").into_inner();
        assert_eq!(states(&answer.briefing.expect("a briefing")), [expected], "{whose}");
    }
}

/// A mother books for her daughter, and says "my daughter" on her record.
async fn what_is_said_of_a_child_counts_for_the_child(world: World) {
    let child = |is_child| CustomerDetails { child: is_child, ..named("Mia").details.expect("details") };
    for (details, occasions, expected) in [
        (child(true), vec![], "CONFLICT"),
        (child(false), vec![birthday(Some(2019), 5, 2)], "CONFLICT"),
        (child(false), vec![birthday(Some(1979), 5, 2)], "NOT_DECLARED"),
    ] {
        let precautions = vec![of("my daughter", allergy("PEANUTS")), diet("VEGETARIAN")];
        let draft = CustomerDraft { details: Some(details), occasions, precautions, ..asked("Mia") };
        let id = world.create(draft).await.customer_id;
        let lines = vec![at("1", order("Peanut soup"))];
        let request = GetBriefingRequest { basket_lines: lines, customer_seat: "1".into(), ..briefing(by_id(&id)) };
        let answer = world.briefings().get_briefing(request).await.expect("answered").into_inner();
        assert_eq!(states(&answer.briefing.expect("a briefing")), [expected], "{expected}");
    }
}

/// Two children and their mother's telephone: whoever of them orders, it is no beer. If the mother is one of them, it may be hers.
async fn children_who_share_an_identity_are_all_too_young(world: World) {
    for (card, years, expected) in [
        ("GC-1", [Some(2012), Some(2015)], vec!["CONFLICT"]),
        ("GC-2", [Some(2012), Some(1979)], vec![]),
        ("GC-3", [Some(2012), None], vec![]),
    ] {
        for year in years {
            let occasions = year.map(|year| birthday(Some(year), 5, 2)).into_iter().collect();
            let identities = vec![Identity {
                r#type: IdentityType::Email as i32,
                value: format!("{card}@example.com"),
                ..Identity::default()
            }];
            world.create(CustomerDraft { identities, occasions, ..asked("Ana") }).await;
        }
        let shared = by_identity(identity(IdentityType::Email, &format!("{card}@example.com")));
        let request = GetBriefingRequest { basket_lines: vec![order("Beer")], ..briefing(shared) };
        let answer = world.briefings().get_briefing(request).await.expect("answered").into_inner();
        let briefing = answer.briefing.expect("a briefing");
        assert!(briefing.state() == BriefingState::Ambiguous, "{card}");
        let told: Vec<&str> = briefing.line_checks.iter().map(state).filter(|state| *state == "CONFLICT").collect();
        assert_eq!(told, expected, "{card}");
    }
}

async fn a_need_that_is_an_allergen_with_a_slip_is_not_understood(world: World) {
    for kind in [PrecautionKind::Accessibility, PrecautionKind::Topic] {
        for code in ["GLUTAN", "TREENUT", "NUTZ", "EGGZ", "PEANUTZ"] {
            assert_ne!(state_of(&world, precaution(kind, code), "Soup of the day").await, UNCHECKED, "{code}");
        }
        for (code, line) in [
            ("GLUTENFREE", "Bread"),
            ("NUTFREE", "Walnut cake"),
            ("EGGFREE", "Omelette"),
            ("DAIRYFREE", "Cheese fondue"),
            ("PEANUTALLERGY", "Peanut soup"),
        ] {
            assert_eq!(state_of(&world, precaution(kind, code), line).await, "CONFLICT", "{code}");
        }
        for code in ["HEARING", "WHEELCHAIR", "DIVORCE", "FINNISH"] {
            assert_eq!(state_of(&world, precaution(kind, code), "Soup of the day").await, UNCHECKED, "{code}");
        }
    }
}

/// Low in nickel: it forbids chocolate and nuts. What hangs on a bracelet does not.
async fn a_diet_of_what_is_no_food_is_not_understood(world: World) {
    for (draft, expected) in [
        (diet("NICKEL"), "NOT_DECLARED"),
        (diet("POLLEN"), "NOT_DECLARED"),
        (precaution(PrecautionKind::Abstention, "SMOKING"), UNCHECKED),
        (allergy("NICKEL"), UNCHECKED),
        (allergy("WASPS"), UNCHECKED),
    ] {
        assert_eq!(state_of(&world, draft.clone(), "Soup of the day").await, expected, "{draft:?}");
    }
}

/// A like is told to marketing or not, whatever is avoided besides.
async fn what_is_avoided_is_not_found_by_what_is_missing(world: World) {
    let avoided = EvidenceDraft { stance: Stance::Avoid as i32, category: "bedding".into(), ..stated("feathers") };
    let liked = || EvidenceDraft { category: "bedding".into(), ..stated("pillow of feathers") };
    let consents: Vec<Consent> = [Purpose::Marketing, Purpose::Analytics]
        .map(|purpose| Consent { purpose: purpose as i32, ..agreed() })
        .to_vec();
    let mut told = Vec::new();
    for evidence in [vec![liked()], vec![liked(), avoided]] {
        let draft = CustomerDraft { consents: consents.clone(), evidence, ..asked("Ana") };
        let id = world.create(draft).await.customer_id;
        let mut of_one = Vec::new();
        for purpose in [Purpose::Marketing, Purpose::Analytics] {
            let request = GetBriefingRequest { purpose: purpose as i32, ..briefing(by_id(&id)) };
            let answer = world.briefings().get_briefing(request).await.expect("answered").into_inner();
            let briefing = answer.briefing.expect("a briefing");
            of_one.push((briefing.anticipate, briefing.delight, briefing.communicate));
        }
        // Whoever serves is told not to bring it.
        let serving = ordering(&world, &id, vec![]).await;
        told.push((of_one, values(&serving.anticipate, "item").len()));
    }
    assert_eq!(told[0].0, told[1].0);
    assert!(!told[0].0[0].0.is_empty(), "it is told");
    assert_eq!([told[0].1, told[1].1], [1, 0]);
}

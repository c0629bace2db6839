//! Whose plate a precaution counts for, where nobody says it plainly, and needs that are allergies in other words.

use rapport::proto::*;

use super::{
    basket::{called, guest, order, ordering, precaution, state, states},
    catalogue::{item, put},
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
    who_is_called_by_their_own_name_is_the_guest,
    names_that_are_known_as_codes_count_in_words,
    what_a_need_forbids_counts,
    what_is_quiet_is_told_apart_from_what_is_said,
    a_companion_may_be_the_one_who_shares_the_identity,
    an_id_in_capitals_is_not_cleared_by_a_name,
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
        for code in ["HAS_LACTOSE_INTOLERANCE", "LACTOSE_INTOLERANCE_LIFE_THREATENING", "GLUTENFREI_PLEASE"] {
            assert_ne!(state_of(&world, precaution(kind, code), "Soup of the day").await, UNCHECKED, "{code}");
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

async fn checked_at(world: &World, id: &str, seat: &str, lines: Vec<BasketLine>) -> Briefing {
    let request = GetBriefingRequest { basket_lines: lines, customer_seat: seat.into(), ..briefing(by_id(id)) };
    world.briefings().get_briefing(request).await.expect("answered").into_inner().briefing.expect("a briefing")
}

async fn who_is_called_by_their_own_name_is_the_guest(world: World) {
    let name = PersonName { full: "Elena Marchetti".into(), ..PersonName::default() };
    for (whose, expected) in [
        ("Elena", "CONFLICT"),
        ("Mrs Marchetti", "CONFLICT"),
        ("E. Marchetti", "CONFLICT"),
        ("our family", "CONFLICT"),
        ("wife too", "CONFLICT"),
        ("nobody else", "CONFLICT"),
        ("Anna Marchetti", "NOT_DECLARED"),
        ("my wife", "NOT_DECLARED"),
    ] {
        let draft = asked("");
        let details = CustomerDetails { name: Some(name.clone()), ..draft.details.clone().unwrap_or_default() };
        let precautions = vec![of(whose, allergy("PEANUTS")), diet("VEGETARIAN")];
        let favourite = EvidenceDraft { stance: Stance::Favourite as i32, ..stated("Peanut butter cup") };
        let draft = CustomerDraft { details: Some(details), precautions, evidence: vec![favourite], ..draft };
        let id = world.create(draft).await.customer_id;
        let briefing = checked_at(&world, &id, "1", vec![at("1", order("Peanut soup"))]).await;
        assert_eq!(states(&briefing), [expected], "{whose}");
        assert_eq!(briefing.delight.is_empty(), expected == "CONFLICT", "{whose}");
    }
}

async fn names_that_are_known_as_codes_count_in_words(world: World) {
    for (text, line, expected) in [
        ("allergic to laktose too, EpiPen", "Milk shake", "CONFLICT"),
        ("alergia a la lactosa", "Milk shake", "CONFLICT"),
        ("caju allergy", "Cashew curry", "CONFLICT"),
        ("getreide allergy", "Bread", "CONFLICT"),
        ("eifrei", "Omelette", "CONFLICT"),
        ("severely allergic to banana", "Soup of the day", "NOT_DECLARED"),
        ("Mais Allergie", "Soup of the day", "NOT_DECLARED"),
    ] {
        let draft = PrecautionDraft { text: text.into(), ..allergy("SESAME") };
        assert_eq!(state_of(&world, draft, line).await, expected, "{text}");
    }
    // Nobody has declared the soup: that it is asked about is for the second allergy too.
    let needs =
        PrecautionDraft { text: "caju allergy".into(), ..precaution(PrecautionKind::Accessibility, "WHEELCHAIR") };
    assert_eq!(state_of(&world, needs, "Cashew curry").await, "CONFLICT");
}

async fn what_a_need_forbids_counts(world: World) {
    let noted =
        |text: &str| PrecautionDraft { text: text.into(), ..precaution(PrecautionKind::Accessibility, "WHEELCHAIR") };
    for text in
        ["no nuts!!", "may not have nuts", "never nuts", "nuts forbidden", "keine Nüsse", "sin nueces", "senza noci"]
    {
        assert_eq!(state_of(&world, noted(text), "Walnut cake").await, "CONFLICT", "{text}");
    }
    for text in ["table near the fish counter", "walnut cane", "carries an oxygen bottle", "likes nuts"] {
        assert_eq!(state_of(&world, noted(text), "Walnut cake").await, UNCHECKED, "{text}");
    }
}

/// A nut is said aloud, a pregnancy never.
async fn what_is_quiet_is_told_apart_from_what_is_said(world: World) {
    let pregnancy = PrecautionDraft { basis: PrecautionBasis::Consent as i32, ..diet("PREGNANCY") };
    let id = guest(&world, vec![allergy("PEANUTS"), pregnancy]).await;
    let briefing = ordering(&world, &id, vec![order("Peanut soup"), order("Red wine")]).await;
    let told: Vec<(&str, Tact)> = briefing.headline.iter().map(|one| (one.text.as_str(), one.tact())).collect();
    assert!(told[0] == ("Conflict: Peanut soup (peanuts)", Tact::Say), "{:?}", told[0].0);
    assert!(told[1] == ("Conflict: Red wine (alcohol)", Tact::ActQuietly), "{:?}", told[1].0);
    let kitchen = with!(DeclareKitchenRequest { venue_id: VENUE.to_owned(), may_contain: vec!["PEANUTS".into()] });
    world.catalogue().declare_kitchen(kitchen).await.expect("declared");
    let topic = precaution(PrecautionKind::Topic, "PEANUTS");
    let guarded = guest(&world, vec![topic]).await;
    let briefing = ordering(&world, &guarded, vec![order("Rice")]).await;
    let told = briefing.respect.iter().find(|one| one.code == "KITCHEN_MAY_CONTAIN").expect("it is told");
    assert!(told.tact() == Tact::ActQuietly && told.reason == "Act on it without a word.", "{}", told.reason);
}

async fn a_companion_may_be_the_one_who_shares_the_identity(world: World) {
    for precautions in [vec![of("my wife", allergy("PEANUTS")), diet("VEGETARIAN")], vec![]] {
        let identities = vec![identity(IdentityType::Email, "both@example.com")];
        world.create(CustomerDraft { identities, precautions, ..asked("Ana") }).await;
    }
    let shared = by_identity(identity(IdentityType::Email, "both@example.com"));
    let lines = vec![at("1", order("Peanut soup"))];
    let request = GetBriefingRequest { basket_lines: lines, customer_seat: "1".into(), ..briefing(shared) };
    let answer = world.briefings().get_briefing(request).await.expect("answered").into_inner();
    assert_eq!(states(&answer.briefing.expect("a briefing")), ["CONFLICT"]);
}

async fn an_id_in_capitals_is_not_cleared_by_a_name(world: World) {
    let id = guest(&world, vec![allergy("NUTS")]).await;
    put(&world, vec![called(&["Bowl of the chef"], item("chef-bowl-198", &["CASHEW"])), item("Solo", &["CASHEW"])])
        .await;
    put(&world, vec![called(&["Chef Bowl 198"], item("other", &[]))]).await;
    for line in ["chef-bowl-198", "CHEF-BOWL-198", "Solo", "SOLO"] {
        assert_eq!(states(&ordering(&world, &id, vec![order(line)]).await), ["CONFLICT"], "{line}");
    }
}

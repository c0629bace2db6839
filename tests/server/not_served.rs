//! Promises that say themselves what is not to be served, and those to customers whose code nobody understands.

use rapport::proto::*;
use tonic::Code;

use super::{
    basket::{called, guest, order, ordering, states},
    catalogue::{item, put},
    gestures::{give, giving, in_role, set},
    promises::{promise_for, recovery},
    world::*,
};

on_both!(
    what_is_not_to_be_served_does_not_read_as_its_reverse,
    what_is_served_is_stopped_as_ever,
    a_code_that_nobody_understands_stops_promises_too,
    what_nobody_can_plainly_tell_is_quoted,
    what_is_denied_twice_may_be_an_order,
    what_may_be_taken_back_is_quoted,
    what_is_stopped_only_for_what_is_never_mentioned_is_acted_on_quietly,
);

/// What is told of a promise: its conflict, and the text.
pub async fn promised(world: &World, customer: &str, text: &str) -> (String, String) {
    promise_for(world, customer, VENUE, text, world.now_ms() / 1_000 + 60).await;
    let known = recovery(world, customer).await.follow_ups;
    let of = |one: &&FollowUp| one.promised.as_ref().is_some_and(|promised| promised.text == text);
    let one = known.iter().find(of).expect("it is owed");
    assert!(one.clearance.is_empty() || one.conflict.is_empty(), "{text}: both cleared and stopped");
    (one.conflict.clone(), one.conflict_text.clone())
}

async fn what_is_not_to_be_served_does_not_read_as_its_reverse(world: World) {
    set(&world, giving()).await;
    put(&world, vec![called(&["House wobble"], item("wobble", &["WALNUT"]))]).await;
    let ana = world.create(CustomerDraft { precautions: vec![allergy("NUTS")], ..asked("Ana") }).await.customer_id;
    for text in [
        "No dessert with nuts",
        "Never serve nuts",
        "No nuts in her dessert",
        "Keep nuts away from her",
        "Do not bring the walnut brownie",
        "Replace the walnut brownie by fruit",
        "Never serve the House wobble",
        "Do not bring the walnut brownie, bring fruit.",
        "Nie Nüsse servieren",
        "Walnusskuchen durch Obst ersetzen",
        "Ne jamais servir de noix",
        "Non servire noci",
        "Nunca servir nueces",
        "Não servir nozes",
    ] {
        let (conflict, told) = promised(&world, &ana, text).await;
        assert_eq!(conflict, "PRECAUTION", "{text}: it is stopped all the same");
        let quoted = format!("Check with the kitchen: \"{}\". Nut allergy", text.trim_end_matches('.'));
        assert!(told.starts_with(&quoted) && told.contains("; it names "), "{told}");
    }
    // What is to be stopped in haste comes first.
    let id = world.create(CustomerDraft { precautions: vec![allergy("NUTS")], ..asked("Bo") }).await.customer_id;
    let due = world.now_ms() / 1_000;
    promise_for(&world, &id, VENUE, "Never serve nuts", due + 60).await;
    promise_for(&world, &id, VENUE, "Bring the walnut cake", due + 120).await;
    let briefing = world.brief(by_id(&id)).await;
    let texts: Vec<_> = briefing.communicate.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(texts[..2], ["Do not deliver: Bring the walnut cake.", "Check with the kitchen: \"Never serve nuts\"."]);
    let headline: Vec<_> = briefing.headline.iter().map(|one| one.text.as_str()).collect();
    let is_first =
        |line: &&str| line.starts_with("Do not deliver: Bring the walnut cake") && line.ends_with("read all");
    assert!(headline.iter().any(is_first), "{headline:?}");
    // Nor is a note given that says so.
    let note = GiveGestureRequest { note: "Never serve nuts".into(), ..give(&id, "chinotto") };
    let refused = refusal!(world, gestures, give_gesture, in_role("jon", "manager", note));
    assert_refused(&refused, Code::FailedPrecondition, "GESTURE_VETOED");
}

async fn what_is_served_is_stopped_as_ever(world: World) {
    put(&world, vec![called(&["House wobble"], item("wobble", &["WALNUT"]))]).await;
    let ana = world.create(CustomerDraft { precautions: vec![allergy("NUTS")], ..asked("Ana") }).await.customer_id;
    for text in [
        "Bring the walnut brownie",
        "Don't forget the walnut brownie",
        "Do not fail to bring the walnut brownie",
        "No walnut brownie before eight",
        "Do not bring the walnut brownie before dinner",
        "Do not bring the walnut brownie cold",
        "No walnut brownie, no party",
        "Replace the fruit by the walnut brownie",
        "Replace the fruit by the House wobble",
        "Never serve milk, bring the House wobble",
        "Never serve milk. House wobble at eight.",
        "Nusskuchen nicht kalt servieren",
        "Ne pas manquer d'apporter le gâteau aux noix",
        "No dejar de traer la tarta de nueces",
    ] {
        let (conflict, told) = promised(&world, &ana, text).await;
        assert_eq!(conflict, "PRECAUTION", "{text}");
        assert!(told.starts_with("Do not deliver: "), "{told}");
    }
}

async fn what_nobody_can_plainly_tell_is_quoted(world: World) {
    put(&world, vec![called(&["House wobble"], item("wobble", &["WALNUT"]))]).await;
    let ana = world.create(CustomerDraft { precautions: vec![allergy("NUTS")], ..asked("Ana") }).await.customer_id;
    for text in [
        "Instead of nuts serve fruit",
        "Instead of the walnut brownie bring fruit",
        "Bring fruit instead of the walnut brownie",
        "Statt Nüssen Obst servieren",
        "Au lieu des noix servir des fruits",
        "Invece delle noci servire frutta",
        "En lugar de nueces servir fruta",
        "Em vez de nozes servir fruta",
        "Never nuts",
        "Nuts: never",
        "Nuts forbidden",
        "No nuts on her table",
        "No walnut brownie today",
        "Remove the walnut brownie from her table",
        "Remove the House wobble from her table",
        "Leave out the nuts",
        "Nie wieder Nüsse",
        "Auf keinen Fall Nüsse",
    ] {
        let (conflict, told) = promised(&world, &ana, text).await;
        assert_eq!(conflict, "PRECAUTION", "{text}");
        let quoted = format!("Check with the kitchen: \"{text}\". Nut allergy");
        assert!(told.starts_with(&quoted) && told.contains("; it names "), "{told}");
    }
    for text in ["Instead of fruit serve nuts", "Bring the walnut brownie instead of fruit", "Nut cake, no candles"] {
        let (_, told) = promised(&world, &ana, text).await;
        assert!(told.starts_with("Do not deliver: "), "{told}");
    }
}

async fn what_is_denied_twice_may_be_an_order(world: World) {
    let ana = world.create(CustomerDraft { precautions: vec![allergy("PEANUTS")], ..asked("Ana") }).await.customer_id;
    for text in [
        "No cake without peanuts",
        "Do not serve without peanuts",
        "Never serve noodles without peanuts",
        "No peanut-free noodles",
        "Do not serve peanut-free noodles",
        "Avoid noodles without peanuts",
        "Cancel the peanut-free dessert",
        "Keinesfalls ohne Erdnüsse",
        "Rarely without peanuts",
        "Hold no peanuts",
        "Tampoco sin cacahuetes",
    ] {
        let (conflict, told) = promised(&world, &ana, text).await;
        assert_eq!(conflict, "PRECAUTION", "{text}");
        let quoted = format!("Check with the kitchen: \"{text}\". Peanut allergy");
        assert!(told.starts_with(&quoted) && told.contains("; it conflicts: it may order peanuts."), "{told}");
    }
    let no_alcohol = PrecautionDraft { kind: PrecautionKind::Abstention as i32, ..allergy("ALCOHOL") };
    let bo = world.create(CustomerDraft { precautions: vec![no_alcohol], ..asked("Bo") }).await.customer_id;
    let (conflict, told) = promised(&world, &bo, "No alcohol-free beer").await;
    assert_eq!(conflict, "PRECAUTION");
    assert!(told.contains("; it conflicts: it may order alcohol."), "{told}");
    // What is exchanged, or comes later, is read by itself; so it is for a child.
    let child = |mut draft: CustomerDraft| {
        draft.details.get_or_insert_default().child = true;
        draft
    };
    let mia = world.create(child(asked("Mia"))).await.customer_id;
    for text in ["Swap the mocktail for wine", "Mocktail at six wine at eight", "Ersetze den Mocktail durch Gin"] {
        for (id, expected) in [(&bo, "PRECAUTION"), (&mia, "TOO_YOUNG")] {
            assert_eq!(promised(&world, id, text).await.0, expected, "{text}");
        }
    }
    assert_eq!(promised(&world, &bo, "Bring a mocktail").await.0, "");
    for text in ["Keinesfalls ohne Wein", "Hold no wine", "Rarely without wine"] {
        assert_eq!(promised(&world, &mia, text).await.0, "TOO_YOUNG", "{text}");
    }
    // It is served after eight; and a count hides no name.
    for text in ["No wine before eight", "No wine until eight", "Kein Wein bis acht", "Bring 2xwine", "20clRum"] {
        assert_eq!(promised(&world, &mia, text).await.0, "TOO_YOUNG", "{text}");
        assert_eq!(promised(&world, &bo, text).await.0, "PRECAUTION", "{text}");
    }
    // "Leave out" is looked for past the last word of no part.
    for text in ["Call her before she leaves", "No peanuts, or she leaves", "No wine and leave"] {
        promised(&world, &ana, text).await;
    }
    // A no that is answered is none.
    for text in ["No peanuts? Add some", "No peanut cake; bring one", "Hold the peanut cake, she comes at nine"] {
        assert_eq!(promised(&world, &ana, text).await.0, "PRECAUTION", "{text}");
    }
    // What is plainly left out is no order.
    for text in ["Bring a menu without peanuts", "No peanuts please", "Avoid peanuts"] {
        assert_eq!(promised(&world, &ana, text).await.0, "", "{text}");
    }
}

async fn what_may_be_taken_back_is_quoted(world: World) {
    let mut child = asked("Mia");
    child.details.get_or_insert_default().child = true;
    let mia = world.create(child).await.customer_id;
    let kept_from = |kind: PrecautionKind, code: &str| PrecautionDraft { kind: kind as i32, ..allergy(code) };
    let bo = guest(&world, vec![kept_from(PrecautionKind::Abstention, "ALCOHOL")]).await;
    let cleo = guest(&world, vec![kept_from(PrecautionKind::Diet, "VEGETARIAN")]).await;
    let dan = guest(&world, vec![kept_from(PrecautionKind::Diet, "HALAL")]).await;
    for text in [
        "No wine? Nonsense",
        "No wine: cancelled",
        "Forget no wine",
        "Wine because mocktail is off",
        "Wein lieber als Mocktail",
        "Vin plutôt que mocktail",
        "Ohne Wein? Unsinn",
        "Beer rather than the mocktail",
    ] {
        for (id, expected) in [(&mia, "TOO_YOUNG"), (&bo, "PRECAUTION"), (&dan, "PRECAUTION")] {
            let (conflict, told) = promised(&world, id, text).await;
            assert_eq!(conflict, expected, "{text}");
            assert!(told.starts_with("Check with the kitchen: \""), "{told}");
        }
    }
    for text in ["Vegan lunch beef dinner", "Vegan first steak second", "Vegan heute Steak morgen"] {
        let (conflict, told) = promised(&world, &cleo, text).await;
        assert_eq!(conflict, "PRECAUTION", "{text}");
        assert!(told.starts_with("Check with the kitchen: \"") || told.starts_with("Do not deliver: "), "{told}");
    }
    // What is plain is to be checked, and no conflict.
    for (id, text) in [
        (&mia, "Mocktail no ice"),
        (&bo, "Alkoholfreies Bier"),
        (&cleo, "Bring a vegan burger"),
        (&mia, "No wine please"),
    ] {
        assert_eq!(promised(&world, id, text).await, (String::new(), String::new()), "{text}");
    }
    let known = recovery(&world, &mia).await.follow_ups;
    let plain = known.iter().find(|one| one.promised.as_ref().is_some_and(|it| it.text == "No wine please"));
    assert_eq!(plain.expect("it is owed").clearance, "CHECK_WITH_KITCHEN");
}

async fn a_code_that_nobody_understands_stops_promises_too(world: World) {
    set(&world, giving()).await;
    put(&world, vec![called(&["Fruit plate"], item("plate", &[]))]).await;
    let other = PrecautionDraft { text: "Ask her".into(), ..allergy("OTHER") };
    for draft in [allergy("SOMETHING_RARE"), other] {
        let id = guest(&world, vec![draft]).await;
        for (text, expected) in [
            ("Bring Fruit plate", "PRECAUTION_NOT_UNDERSTOOD"),
            ("Bring a tart", "PRECAUTION_NOT_UNDERSTOOD"),
            ("Call them back", ""),
            ("Ask the kitchen about the tart", ""),
        ] {
            let (conflict, told) = promised(&world, &id, text).await;
            assert_eq!(conflict, expected, "{text}");
            let is_stopped = told.starts_with("Do not deliver: ")
                && told.contains("the code is not understood: ask the customer and the kitchen");
            assert_eq!(is_stopped, !expected.is_empty(), "{told}");
        }
        let note = GiveGestureRequest { note: "With a slice of tart".into(), ..give(&id, "note") };
        let refused = refusal!(world, gestures, give_gesture, in_role("jon", "manager", note));
        assert_refused(&refused, Code::FailedPrecondition, "GESTURE_VETOED");
        // What they order themselves is asked about.
        assert_eq!(states(&ordering(&world, &id, vec![order("Fruit plate")]).await), ["NOT_DECLARED"]);
    }
}

async fn what_is_stopped_only_for_what_is_never_mentioned_is_acted_on_quietly(world: World) {
    let precaution = |kind: PrecautionKind, code: &str| PrecautionDraft { kind: kind as i32, ..allergy(code) };
    let pregnancy =
        || PrecautionDraft { basis: PrecautionBasis::Consent as i32, ..precaution(PrecautionKind::Diet, "PREGNANCY") };
    let abstains = || precaution(PrecautionKind::Abstention, "ALCOHOL");
    for (name, precautions, expected) in [
        ("Ana", vec![pregnancy()], Tact::ActQuietly),
        ("Bo", vec![abstains()], Tact::Say),
        ("Cleo", vec![pregnancy(), abstains()], Tact::Say),
    ] {
        let id = world.create(CustomerDraft { precautions, ..asked(name) }).await.customer_id;
        promise_for(&world, &id, VENUE, "Red wine for the birthday", world.now_ms() / 1_000 + 60).await;
        let briefing = world.brief(by_id(&id)).await;
        let told = briefing.communicate.iter().find(|one| one.code == "PROMISE_DUE").expect("a promise");
        assert!(told.text.starts_with("Do not deliver: "), "{name}: {}", told.text);
        assert!(told.tact() == expected, "{name}: {}", told.reason);
        let short = briefing.headline.iter().find(|one| one.code == "PROMISE_DUE").expect("in the headline");
        assert!(short.tact() == expected, "{name}");
    }
}

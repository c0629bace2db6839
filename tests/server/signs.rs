//! Signs of illness beside names that nobody knows, what is no food, what may be eaten, and how bad words say that it is.

use rapport::proto::*;

use super::{
    basket::{called, guest, sell},
    catalogue::put,
    plates::in_words,
    promises::{promise_for, recovery},
    staff_texts::{high, may_contain, state_of},
    world::*,
};

on_both!(
    a_sign_counts_beside_a_name_that_nobody_knows,
    what_is_no_food_is_no_matter_of_a_dish,
    a_denial_that_is_taken_back_is_none,
    what_may_be_eaten_is_served,
    words_for_a_danger_are_believed,
    a_promise_of_no_food_is_kept,
);

async fn menu(world: &World) {
    sell(
        world,
        &[
            ("House cubes", "cubes", &["SOY"]),
            ("House bites", "bites", &["WALNUT"]),
            ("House slice", "slice", &["WHEAT"]),
            ("House fillet", "fillet", &["COD"]),
        ],
    )
    .await;
    put(world, vec![called(&["House bar"], may_contain("bar", "WALNUT"))]).await;
}

async fn a_sign_counts_beside_a_name_that_nobody_knows(world: World) {
    menu(&world).await;
    use PrecautionKind::{Accessibility, Allergy, Diet};
    for text in [
        "Strawberries are deadly",
        "kiwi: throat closes",
        "Lemon puts her in hospital",
        "anaphylaxis, kiwi",
        "EpiPen. kiwi",
        "kiwi (EpiPen)",
        "allergies - kiwi",
        "dog allergy, lemon",
        "cat allergy. Strawberries: hives",
    ] {
        for (kind, code) in [(Accessibility, "WHEELCHAIR"), (Allergy, "TREE_NUTS"), (Diet, "HALAL")] {
            let state = state_of(&world, high(in_words(kind, code, text)), "House cubes").await;
            assert_eq!(state, "NOT_DECLARED", "{code}, {text}");
        }
    }
}

async fn what_is_no_food_is_no_matter_of_a_dish(world: World) {
    menu(&world).await;
    use PrecautionKind::{Accessibility, Allergy};
    for text in [
        "allergic to wasps, EpiPen",
        "Wespenallergie",
        "alergia al polvo",
        "back pain, allergic to cats",
        "severe arthritis",
    ] {
        for line in ["House cubes", "House slice", "House fillet"] {
            let state = state_of(&world, high(in_words(Accessibility, "WHEELCHAIR", text)), line).await;
            assert_eq!(state, "UNSPECIFIED", "{text}, {line}");
        }
    }
    for code in ["WASPS", "KATZEN", "MOULD", "GUEPES"] {
        let state = state_of(&world, high(in_words(Allergy, code, "")), "House cubes").await;
        assert_eq!(state, "UNSPECIFIED", "{code}");
    }
    // A policy may add it as a substance: gloves bring it into food.
    assert_eq!(state_of(&world, high(in_words(Allergy, "LATEX", "")), "House cubes").await, "NOT_DECLARED");
}

async fn a_denial_that_is_taken_back_is_none(world: World) {
    menu(&world).await;
    for text in ["had no nut allergy, has one now", "no nut allergy until 2020", "not allergic to nuts was wrong"] {
        let draft = in_words(PrecautionKind::Accessibility, "WHEELCHAIR", text);
        assert_eq!(state_of(&world, high(draft), "House bites").await, "CONFLICT", "{text}");
    }
}

async fn what_may_be_eaten_is_served(world: World) {
    menu(&world).await;
    for (text, expected) in [
        ("fish is fine", "NOTHING_DECLARED_AGAINST_IT"),
        ("can eat fish", "NOTHING_DECLARED_AGAINST_IT"),
        ("verträgt Fisch", "NOTHING_DECLARED_AGAINST_IT"),
        ("no problem with fish", "NOTHING_DECLARED_AGAINST_IT"),
        ("fish not ok", "CONFLICT"),
        ("see letter of Dr. Fischer", "NOTHING_DECLARED_AGAINST_IT"),
    ] {
        let draft = in_words(PrecautionKind::Allergy, "SESAME", text);
        assert_eq!(state_of(&world, high(draft), "House fillet").await, expected, "{text}");
    }
}

async fn words_for_a_danger_are_believed(world: World) {
    menu(&world).await;
    for text in ["airborne", "life or death", "hochgradig", "separate fryer", "heart stopped"] {
        let mut draft = in_words(PrecautionKind::Allergy, "TREE_NUTS", text);
        draft.criticality = Criticality::Low as i32;
        assert_eq!(state_of(&world, draft, "House bar").await, "CONFLICT", "{text}");
    }
}

async fn a_promise_of_no_food_is_kept(world: World) {
    let drafts = || ["MILK", "TREE_NUTS", "FISH"].map(|code| in_words(PrecautionKind::Allergy, code, "")).to_vec();
    for (text, is_kept) in [
        ("Milky Way tour", true),
        ("Walnut desk lamp to be repaired", true),
        ("Cream for sunburn", true),
        ("Call Mr. Butterfield", true),
        ("Bring Mr. Almond an almond tart", false),
    ] {
        let id = guest(&world, drafts()).await;
        promise_for(&world, &id, VENUE, text, world.now_ms() / 1_000 + 60).await;
        let follow_ups = recovery(&world, &id).await.follow_ups;
        assert_eq!(follow_ups[0].conflict.is_empty(), is_kept, "{text}: {follow_ups:?}");
    }
}

//! Lines as tills write them: counts in other digits, marks, pictures, what comes with something that is left out, and names with words of
//! negation.

use rapport::proto::*;

use super::{
    basket::{called, guest, modified, order, ordering, sell, state},
    catalogue::{item, put},
    plates::allergy,
    promises::{promise_for, recovery},
    staff_texts::{high, state_of},
    world::*,
};

on_both!(
    what_comes_with_something_left_out_counts,
    a_count_in_other_digits_says_nothing,
    a_picture_of_food_counts_as_its_name,
    a_name_with_a_negation_takes_nothing_out,
    what_is_virgin_beside_a_beer_makes_none_of_it,
);

async fn menu(world: &World) {
    sell(
        world,
        &[
            ("Burger", "burger", &["BEEF"]),
            ("Zundecl", "zundecl", &["PEANUTS"]),
            ("Pad Thai", "pad", &["PEANUTS"]),
            ("Salad", "salad", &[]),
            ("Wok", "wok", &["PEANUTS"]),
            ("2 Wok", "wok2", &[]),
            ("Sin City", "sin", &["PEANUTS"]),
            ("Sans Souci", "souci", &["PEANUTS"]),
            ("Free Bird", "bird", &["PEANUTS"]),
            ("No. 5", "five", &["PEANUTS"]),
            ("Crème Zonzi", "zonzi", &["PEANUTS"]),
        ],
    )
    .await;
}

async fn assert_states(world: &World, code: &str, lines: &[&str], expected: &[&str]) {
    let mut wrong = Vec::new();
    for line in lines {
        let state = state_of(world, high(allergy(code)), line).await;
        if !expected.contains(&state.as_str()) {
            wrong.push(format!("{line}: {state}"));
        }
    }
    assert!(wrong.is_empty(), "{code}, not {expected:?}: {wrong:?}");
}

async fn what_comes_with_something_left_out_counts(world: World) {
    menu(&world).await;
    let lines = [
        "Burger, no bun with Zundecl",
        "Burger no bun with Zundecl",
        "Burger, ohne Brot mit Zundecl",
        "Burger, sans pain avec Zundecl",
        "Burger, senza pane con Zundecl",
        "Burger, sin pan con Zundecl",
        "Burger, sem pão com Zundecl",
        "Burger, no bun add Zundecl",
        "Burger, no bun plus Zundecl",
        "Burger, no bun but Zundecl",
        "Burger no bun, Zundecl",
        "Burger, no bun with peanuts",
        "Burger, ohne Brot mit Erdnuss",
        "Burger, no bun instead peanuts",
    ];
    assert_states(&world, "PEANUTS", &lines, &["CONFLICT"]).await;
    // What is plainly one thing is left out.
    let plain = [
        "no ice",
        "ohne Zwiebeln",
        "sans oignons",
        "senza cipolla",
        "sin cebolla",
        "sem cebola",
        "without onion",
        "no ice, no lemon",
    ];
    for left_out in plain {
        assert_states(&world, "PEANUTS", &[&format!("Burger, {left_out}")], &["NOTHING_DECLARED_AGAINST_IT"]).await;
    }
    let id = guest(&world, vec![high(allergy("PEANUTS"))]).await;
    for left_out in [
        "bun with Zundecl",
        "no bun with Zundecl",
        "bun with peanuts",
        "bun, Zundecl",
        "+ Zundecl",
        "Zundecl ✅",
        "Zundecl?",
    ] {
        let line = modified("Burger", ModifierKind::LeftOut, left_out);
        let briefing = ordering(&world, &id, vec![line]).await;
        let state = state(&briefing.line_checks[0]);
        assert!(matches!(state, "CONFLICT" | "NOT_DECLARED"), "{left_out}: {state}");
    }
}

async fn a_count_in_other_digits_says_nothing(world: World) {
    menu(&world).await;
    let lines = [
        "½Pad Thai",
        "½ Pad Thai",
        "①Pad Thai",
        "① Pad Thai",
        "²Pad Thai",
        "２Pad Thai",
        "２ Pad Thai",
        "2️⃣Pad Thai",
        "2️⃣ Pad Thai",
        "Pad Thai™",
        "Pad Thai²",
        "Pad Thai®",
        "½ portion Pad Thai",
        "2½Pad Thai",
        "№2 Pad Thai",
        "Ⅱ Pad Thai",
        "Pad Thai①",
        "ⅡPad Thai",
        "2 Wok",
    ];
    assert_states(&world, "PEANUTS", &lines, &["CONFLICT"]).await;
    assert_states(&world, "PEANUTS", &["½Erdnusssuppe", "①peanut soup", "Peanut²", "peanuts™"], &["CONFLICT"]).await;
}

async fn a_picture_of_food_counts_as_its_name(world: World) {
    menu(&world).await;
    assert_states(&world, "PEANUTS", &["Salad 🥜", "🥜 Salad", "🥜", "Soup 🥜"], &["CONFLICT"]).await;
    assert_states(&world, "CRUSTACEANS", &["Salad 🦐", "Salad🦐"], &["CONFLICT"]).await;
    assert_states(&world, "MILK", &["Salad 🥜", "Salad 🫐"], &["NOT_DECLARED"]).await;
    assert_states(&world, "MILK", &["Salad 🙂", "Pad Thai 🥜"], &["NOTHING_DECLARED_AGAINST_IT"]).await;
    let id = guest(&world, vec![high(allergy("PEANUTS"))]).await;
    promise_for(&world, &id, VENUE, "Bring 🥜", world.now_ms() / 1_000 + 60).await;
    assert!(!recovery(&world, &id).await.follow_ups[0].conflict_text.is_empty());
}

async fn a_name_with_a_negation_takes_nothing_out(world: World) {
    menu(&world).await;
    // Of these nobody has declared anything.
    let unknown = ["Sin Fiesta", "Ohne Sorge", "No Name Bowl"];
    let unknown_items = unknown.iter().map(|name| Item { contents: None, ..called(&[name], item(name, &[])) });
    put(&world, unknown_items.collect()).await;
    let lines: Vec<String> =
        unknown.iter().flat_map(|name| [format!("Burger, {name}"), format!("Burger, {name}s")]).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    assert_states(&world, "PEANUTS", &lines, &["NOT_DECLARED"]).await;
    let lines = [
        "Sin City",
        "big Sin City",
        "Soup with Sin City",
        "+Sin City",
        "Sans Souci, hot",
        "Free Bird large",
        "No. 5 large",
        "2 x Sin City",
        "Bring Sans Souci",
    ];
    assert_states(&world, "PEANUTS", &lines, &["CONFLICT"]).await;
    let id = guest(&world, vec![high(allergy("PEANUTS"))]).await;
    for text in [
        "Bring a Sin City",
        "Bring the Sans Souci",
        "Serve Free Bird",
        "Bring the Crème Zonzi",
        "Bring the Creme Zonzi",
    ] {
        promise_for(&world, &id, VENUE, text, world.now_ms() / 1_000 + 60).await;
        let told = &recovery(&world, &id).await.follow_ups;
        let one =
            told.iter().find(|one| one.promised.as_ref().is_some_and(|told| told.text == text)).expect("promised");
        assert!(!one.conflict_text.is_empty(), "{text}");
    }
}

async fn what_is_virgin_beside_a_beer_makes_none_of_it(world: World) {
    sell(&world, &[("Beer", "beer", &["ALCOHOL"])]).await;
    let leo = CustomerDraft { occasions: vec![birthday(Some(2015), 3, 15)], ..asked("Leo") };
    let leo = world.create(leo).await.customer_id;
    let lines = vec![
        order("1 Beer 1 alkoholfrei"),
        order("Beer|-virgin"),
        order("Beer, 1 alcohol-free"),
        modified("Beer", ModifierKind::Added, "-virgin"),
        modified("Beer", ModifierKind::LeftOut, "virgin"),
        modified("Beer", ModifierKind::Added, "1 alkoholfrei"),
    ];
    for check in &ordering(&world, &leo, lines).await.line_checks {
        let state = state(check);
        assert!(matches!(state, "CONFLICT" | "NOT_DECLARED"), "{}: {state}", check.line);
    }
}

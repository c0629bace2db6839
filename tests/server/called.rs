//! What the catalogue calls things counts, whatever they are called elsewhere: favourites, promises, gestures.

use rapport::proto::{recovery_service_client::RecoveryServiceClient, *};

use super::{
    catalogue::{item, put},
    gate::{briefed, clearances, dish, names},
    gestures::{give, giving, in_role, set},
    world::*,
};

on_both!(
    a_favourite_by_its_id_is_what_the_catalogue_calls_it,
    a_promise_that_names_an_item_is_what_the_catalogue_says,
    the_catalogue_says_what_is_food,
    a_gesture_whose_recipe_changed_has_unknown_contents,
);

/// An item with one name.
fn called(name: &str, item: Item) -> Item {
    Item { names: vec![ItemName { language: String::new(), text: name.into() }], ..item }
}

async fn a_favourite_by_its_id_is_what_the_catalogue_calls_it(world: World) {
    let menu = Item { contents: None, component_ids: vec!["pb2".into()], ..item("pb3", &[]) };
    let unknown = Item { contents: None, ..item("pb4", &[]) };
    put(
        &world,
        vec![
            called("Peanut butter toast", item("pb2", &[])),
            called("Morning set", menu),
            called("Erdnusskuchen", unknown),
        ],
    )
    .await;
    for (code, item, expected) in [
        ("PEANUTS", "pb2", false),
        ("PEANUTS", "pb3", false),
        ("PEANUTS", "Morning set", false),
        ("PEANUTS", "pb4", false),
        ("CELERY", "pb2", true),
        ("CELERY", "Morning set", true),
        ("CELERY", "pb4", true),
    ] {
        let draft = CustomerDraft { precautions: vec![allergy(code)], evidence: vec![dish(item)], ..asked("Ana") };
        assert_eq!(names(&briefed(&world, draft).await, item), expected, "{code}: {item}");
    }
}

async fn a_promise_that_names_an_item_is_what_the_catalogue_says(world: World) {
    let unknown = Item { contents: None, ..item("w3", &[]) };
    put(
        &world,
        vec![
            called("Wobble", item("w1", &["PEANUTS"])),
            called("Pink Wobble de luxe", item("w2", &["MILK"])),
            called("Plonk", unknown),
        ],
    )
    .await;
    let mut recovery = RecoveryServiceClient::new(world.channel());
    for (code, text, conflict) in [
        ("PEANUTS", "Wobble", "PRECAUTION"),
        ("PEANUTS", "w1", "PRECAUTION"),
        ("PEANUTS", "Bring a Wobble", "PRECAUTION"),
        ("PEANUTS", "Have two WÖBBLES, in the room, by nine", "PRECAUTION"),
        ("PEANUTS", "A wobbler; w1 of them", "PRECAUTION"),
        ("PEANUTS", "A wobbler of them", ""),
        ("PEANUTS", "Call them back", ""),
        ("MILK", "Bring a pink wobble (de luxe)!", "PRECAUTION"),
        ("MILK", "Bring a Wobble", ""),
        ("PEANUTS", "Bring a Plonk", ""),
    ] {
        let ana = world.create(CustomerDraft { precautions: vec![allergy(code)], ..asked("Ana") }).await.customer_id;
        let follow_up = FollowUpDraft {
            kind: FollowUpKind::Promise as i32,
            text: text.into(),
            due_time: time(world.now_ms() / 1_000 + 60),
            venue_id: VENUE.into(),
            ..FollowUpDraft::default()
        };
        let request = with!(PromiseFollowUpRequest { customer_id: ana.clone(), follow_up: Some(follow_up) });
        recovery.promise_follow_up(request).await.expect("promised");
        world.settle().await;
        let list = with!(ListFollowUpsRequest { venue_id: VENUE.into(), purpose: Purpose::Service as i32 });
        let owed = recovery.list_follow_ups(list).await.expect("listed").into_inner().follow_ups;
        let owed = owed.iter().find(|one| one.customer_id == ana).expect("it is owed");
        assert_eq!(owed.conflict, conflict, "{code}: {text}");
        let briefing = world.brief(by_id(&ana)).await;
        let promise = briefing.communicate.iter().find(|one| one.text.contains(text));
        let promise = promise.unwrap_or_else(|| panic!("{text}: {briefing:?}"));
        assert_eq!(promise.text.starts_with("Do not deliver"), !conflict.is_empty(), "{}", promise.text);
        let clearance =
            if text == "Call them back" || text.starts_with("A wobbler") { "" } else { "CHECK_WITH_KITCHEN" };
        if conflict.is_empty() {
            assert_eq!(values(std::slice::from_ref(promise), "clearance")[0], clearance, "{text}");
        }
    }
}

async fn the_catalogue_says_what_is_food(world: World) {
    let unknown = |id| Item { contents: None, ..item(id, &[]) };
    put(
        &world,
        vec![
            called("Wobble", item("w1", &["PEANUTS"])),
            called("Plonk", unknown("w2")),
            called("Serenade", Item { category: "music".into(), ..unknown("w3") }),
            called("Erdnussriegel", Item { not_food: true, ..unknown("w4") }),
            called("Candle", Item { not_food: true, ..unknown("w5") }),
            called("Encore", Item { category: "music".into(), ..item("w6", &["PEANUTS"]) }),
        ],
    )
    .await;
    for category in ["seat", "music", "room"] {
        for (item, expected) in [
            ("Wobble", None),
            ("w1", None),
            ("Plonk", Some("CHECK_WITH_KITCHEN")),
            ("Serenade", Some("")),
            ("w4", None),
            ("Candle", Some("")),
            ("Encore", None),
        ] {
            let evidence = vec![EvidenceDraft { category: category.into(), ..dish(item) }];
            let draft = CustomerDraft { precautions: vec![allergy("PEANUTS")], evidence, ..asked("Ana") };
            let briefing = briefed(&world, draft).await;
            let expected: Vec<&str> = expected.into_iter().flat_map(|clearance| [clearance; 2]).collect();
            assert_eq!(clearances(&briefing, item), expected, "{category}: {item}");
        }
    }
}

async fn a_gesture_whose_recipe_changed_has_unknown_contents(world: World) {
    let mut policy = giving();
    let tart = policy.catalogue.iter_mut().find(|kind| kind.gesture_type_id == "tart").expect("a tart");
    (tart.display_name, tart.contents, tart.celebrates) = ("Wobble".into(), vec!["EGGS".into()], false);
    set(&world, policy).await;
    put(&world, vec![called("Wobble", item("w1", &["EGGS"]))]).await;
    let ana = world.create(CustomerDraft { precautions: vec![allergy("PEANUTS")], ..asked("Ana") }).await.customer_id;
    let code = async || {
        let request = SuggestGesturesRequest {
            customer_id: ana.clone(),
            venue_id: VENUE.into(),
            include_vetoed: true,
            limit: 50,
            purpose: Purpose::Service as i32,
            ..SuggestGesturesRequest::default()
        };
        let all = world.gestures().suggest_gestures(in_role("jon", "manager", request)).await.expect("suggested");
        let all = all.into_inner().gestures;
        let tart = all.iter().find(|one| one.gesture_type_id == "tart").expect("in the catalogue");
        let verdict = tart.verdicts.iter().find(|one| one.dimension == VerdictDimension::Customer as i32);
        verdict.expect("a verdict").code.clone()
    };
    assert_eq!(code().await, "OK");
    let all = Some(with!(ItemSelection { all: true }));
    let changed = with!(MarkItemsChangedRequest { venue_id: VENUE.into(), items: all });
    world.catalogue().mark_items_changed(changed).await.expect("marked");
    assert_eq!(code().await, "CONTENTS_UNKNOWN");
    let refused = refusal!(world, gestures, give_gesture, in_role("jon", "manager", give(&ana, "tart")));
    assert_eq!(reason(&refused), "GESTURE_VETOED");
    put(&world, vec![called("Wobble", Item { contents: None, ..item("w1", &[]) })]).await;
    assert_eq!(code().await, "CONTENTS_UNKNOWN");
    put(&world, vec![called("Wobble", item("w1", &["EGGS", "PEANUTS"]))]).await;
    assert_eq!(code().await, "PRECAUTION");
    // A name inside the gesture's.
    world.set_clock(world.now_ms() / 1_000 + 60);
    put(&world, vec![called("Wobble", item("w1", &["EGGS"])), called("Plonk", item("w2", &["PEANUTS"]))]).await;
    assert_eq!(code().await, "OK");
    let mut policy = giving();
    let tart = policy.catalogue.iter_mut().find(|kind| kind.gesture_type_id == "tart").expect("a tart");
    (tart.display_name, tart.contents, tart.celebrates) = ("Two plonks in the room".into(), Vec::new(), false);
    set(&world, policy).await;
    assert_eq!(code().await, "PRECAUTION");
}

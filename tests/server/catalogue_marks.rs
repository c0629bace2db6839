//! Declarations over time: what is put for a day, what is marked as changed, and what a confirmation counts for.

use rapport::proto::*;

use super::{
    catalogue::{codes, get_at, item, put, putting, these},
    world::*,
};

on_both!(
    what_is_put_for_a_day_holds_on_that_day,
    a_mark_stays_whatever_stands_between_the_same_contents,
    a_confirmation_is_counted_where_it_makes_contents_count,
    a_list_by_a_clock_that_is_ahead_lifts_no_mark,
);

const DAY: i64 = 86_400;

async fn put_from(world: &World, item: Item, from: i64) -> i32 {
    let ahead = PutItemsRequest { from_time: time(from), ..putting(vec![item]) };
    world.catalogue().put_items(ahead).await.expect("put").into_inner().receipt.unwrap().changed_count
}

async fn mark(world: &World, id: &str) {
    let request = with!(MarkItemsChangedRequest { venue_id: VENUE.into(), items: these(&[id]) });
    world.catalogue().mark_items_changed(request).await.expect("marked");
}

async fn confirm(world: &World, id: &str) -> i32 {
    let request = with!(ConfirmItemsRequest { venue_id: VENUE.into(), items: these(&[id]) });
    world.catalogue().confirm_items(request).await.expect("answered").into_inner().receipt.unwrap().changed_count
}

async fn what_is_put_for_a_day_holds_on_that_day(world: World) {
    put(&world, vec![item("dish", &["MILK"])]).await;
    assert_eq!(put_from(&world, item("dish", &["MILK"]), NOON + DAY).await, 1);
    assert_eq!(put_from(&world, item("dish", &["MILK"]), NOON + DAY).await, 0, "it is put for that day already");
    world.set_clock(NOON + 60);
    put(&world, vec![item("dish", &["ALMOND"])]).await;
    assert_eq!(codes(&get_at(&world, "dish", NOON + DAY - 1).await), ["ALMOND"]);
    assert_eq!(codes(&get_at(&world, "dish", NOON + DAY).await), ["MILK"]);
}

async fn a_mark_stays_whatever_stands_between_the_same_contents(world: World) {
    let stew = |id: &str| item(id, &["MILK", "EGGS"]);
    put(&world, vec![stew("removed"), stew("emptied"), item("later", &["FISH"]), stew("turned")]).await;
    assert_eq!(put_from(&world, stew("later"), NOON + DAY).await, 1);
    assert_eq!(put_from(&world, stew("only-later"), NOON + DAY).await, 1);
    let ids = ["removed", "emptied", "later", "turned", "only-later"];
    world.set_clock(NOON + 60);
    for id in ids {
        mark(&world, id).await;
    }
    world.set_clock(NOON + 120);
    let remove = with!(RemoveItemsRequest { venue_id: VENUE.into(), item_ids: vec!["removed".into()] });
    world.catalogue().remove_items(remove).await.expect("removed");
    put(&world, vec![Item { contents: None, ..item("emptied", &[]) }, item("turned", &["EGGS", "MILK"])]).await;
    world.set_clock(NOON + 180);
    put(&world, ["removed", "emptied", "later", "only-later"].map(stew).into()).await;
    for id in ids {
        assert_eq!(get_at(&world, id, NOON + 180).await.state, ItemState::Changed as i32, "{id}");
    }
    let lines = ids.map(|item| with!(BasketLine { item: item.to_owned() }));
    let ask = with!(CheckItemsRequest {
        venue_id: VENUE.into(),
        basket_lines: lines.into(),
        precautions: vec![allergy("NUTS")]
    });
    let checked = world.briefings().check_items(ask).await.expect("checked").into_inner();
    assert!(checked.line_checks.iter().all(|check| check.state() == LineState::NotDeclared), "{checked:?}");
    world.set_clock(NOON + 240);
    for id in ids {
        assert_eq!(confirm(&world, id).await, 1);
        assert_eq!(get_at(&world, id, NOON + 240).await.state, ItemState::Declared as i32, "{id}");
    }
}

async fn a_confirmation_is_counted_where_it_makes_contents_count(world: World) {
    let dated = |until: i64| {
        let mut dish = item("dish", &["MILK"]);
        dish.contents.as_mut().unwrap().expire_time = time(until);
        dish
    };
    put(&world, vec![dated(NOON + 60), Item { contents: None, ..item("new", &[]) }]).await;
    world.set_clock(NOON + 30);
    assert_eq!((confirm(&world, "dish").await, confirm(&world, "new").await), (1, 0));
    world.set_clock(NOON + 60);
    assert_eq!(confirm(&world, "dish").await, 0, "a date stays a date");
    assert_eq!(get_at(&world, "dish", NOON + 60).await.state, ItemState::Expired as i32);
    put(&world, vec![dated(NOON + DAY)]).await;
    assert_eq!(get_at(&world, "dish", NOON + 60).await.state, ItemState::Declared as i32);
}

async fn a_list_by_a_clock_that_is_ahead_lifts_no_mark(world: World) {
    let declared = |codes: &[&str], second: i64| {
        let mut dish = item("dish", codes);
        dish.contents.as_mut().expect("contents").declare_time = time(second);
        dish
    };
    for ahead in [301, 7_200, 86_399] {
        let refused = refusal!(world, catalogue, put_items, putting(vec![declared(&["FISH"], NOON + ahead)]));
        assert_field(&refused, "items[0].contents.declare_time", "");
    }
    let list = || vec![declared(&["FISH"], NOON + 300)];
    put(&world, list()).await;
    let state = async |second: i64| get_at(&world, "dish", second).await.state().as_str_name();
    world.set_clock(NOON + 10);
    mark(&world, "dish").await;
    for second in [20, 299, 301, 900] {
        world.set_clock(NOON + second);
        put(&world, list()).await;
        assert_eq!(state(NOON + second).await, "ITEM_STATE_CHANGED", "{second}");
    }
    put(&world, vec![declared(&["FISH"], NOON + 400)]).await;
    assert_eq!(state(NOON + 900).await, "ITEM_STATE_DECLARED", "declared after the mark");
    // While the mark is ahead of the clock, what is said after it counts.
    world.set_clock(NOON + 1_000);
    put(&world, vec![declared(&["FISH", "MILK"], NOON + 1_300)]).await;
    mark(&world, "dish").await;
    assert_eq!(state(NOON + 1_000).await, "ITEM_STATE_CHANGED");
    confirm(&world, "dish").await;
    assert_eq!(state(NOON + 1_000).await, "ITEM_STATE_DECLARED", "confirmed");
    mark(&world, "dish").await;
    assert_eq!(state(NOON + 1_000).await, "ITEM_STATE_CHANGED");
    put(&world, vec![item("dish", &["CELERY"])]).await;
    assert_eq!(state(NOON + 1_000).await, "ITEM_STATE_DECLARED", "another recipe");
}

//! What was declared once, or will be: it counts against an item for as long as it is known, and clears nothing.

use rapport::proto::*;
use tonic::Code;

use super::{
    catalogue::{item, put, these},
    gate::{clearances, dish, names},
    gestures::{give, giving, in_role, set},
    promises::{promise_for, recovery},
    world::*,
};

on_both!(
    what_was_last_declared_keeps_an_item_from_being_proposed,
    what_was_removed_or_is_called_otherwise_counts_as_it_was_known,
    what_is_put_after_many_other_times_counts_too,
    what_expires_before_its_delivery_is_not_declared,
);

const DAY: i64 = 86_400;

fn precaution(kind: PrecautionKind, code: &str) -> PrecautionDraft {
    // A pregnancy is recorded only if the customer said so.
    let basis = PrecautionBasis::Consent as i32;
    PrecautionDraft { kind: kind as i32, basis, ..allergy(code) }
}

async fn what_was_last_declared_keeps_an_item_from_being_proposed(world: World) {
    let cases = [
        (PrecautionKind::Diet, "VEGAN", "BEEF"),
        (PrecautionKind::Diet, "HALAL", "PORK"),
        (PrecautionKind::Abstention, "ALCOHOL", "ALCOHOL"),
        (PrecautionKind::Diet, "PREGNANCY", "RAW_FISH"),
        (PrecautionKind::Allergy, "TREE_NUTS", "ALMOND"),
        (PrecautionKind::Intolerance, "LACTOSE", "MILK"),
    ];
    let until = |seconds: i64, mut dish: Item| {
        dish.contents.as_mut().expect("declared").expire_time = time(seconds);
        dish
    };
    // One is marked as changed, one expires by its date, one after the policy's days, and of one a component is marked.
    let ids = ["marked", "dated", "old", "made"];
    let mut customers = Vec::new();
    for (turn, (kind, code, content)) in cases.into_iter().enumerate() {
        let id = |id: &str| format!("{id}-{turn}");
        let of = |name: &str, codes: &[&str]| item(&id(name), codes);
        let made = Item { component_ids: vec![id("part")], ..of("made", &[]) };
        let items = vec![
            of("marked", &[content]),
            until(NOON + 100 * DAY, of("dated", &[content])),
            of("old", &[content]),
            of("part", &[content]),
            made,
        ];
        put(&world, items).await;
        let evidence = ids.map(|name| dish(&format!("House {}", id(name)))).into();
        let draft = CustomerDraft { precautions: vec![precaution(kind, code)], evidence, ..asked("Ana") };
        customers.push((turn, code, world.create(draft).await.customer_id));
    }
    let free = world.create(CustomerDraft { evidence: vec![dish("House marked-0")], ..asked("Bo") }).await.customer_id;
    let proposes_none = async |when: &str| {
        for (turn, code, customer) in &customers {
            let briefing = world.brief(by_id(customer)).await;
            for name in ids {
                assert!(!names(&briefing, &format!("House {name}-{turn}")), "{when}: {name}, {code}: {briefing:?}");
            }
        }
    };
    proposes_none("declared").await;
    world.set_clock(NOON + 60);
    for turn in 0..cases.len() {
        let marked = [format!("marked-{turn}"), format!("part-{turn}")];
        let items = these(&marked.each_ref().map(String::as_str));
        let request = with!(MarkItemsChangedRequest { venue_id: VENUE.into(), items });
        world.catalogue().mark_items_changed(request).await.expect("marked");
    }
    proposes_none("changed").await;
    world.set_clock(NOON + 100 * DAY);
    proposes_none("expired").await;
    // Who keeps away from nothing has it as before.
    let briefing = world.brief(by_id(&free)).await;
    assert!(clearances(&briefing, "House marked-0").iter().all(|clearance| clearance.is_empty()), "{briefing:?}");
    assert!(names(&briefing, "House marked-0"), "{briefing:?}");
}

/// What is owed to them, each with what speaks against it and what is to be asked first.
async fn told(world: &World, customer: &str) -> Vec<(String, String, String)> {
    let text = |one: &FollowUp| one.promised.as_ref().expect("a promise").text.clone();
    let all = recovery(world, customer).await.follow_ups;
    let mut all: Vec<_> = all.into_iter().map(|one| (text(&one), one.conflict, one.clearance)).collect();
    all.sort();
    all
}

async fn what_was_removed_or_is_called_otherwise_counts_as_it_was_known(world: World) {
    let ids = ["gone-bad", "gone-well", "new-bad", "new-well"];
    let items = || {
        let codes = |id: &str| if id.ends_with("bad") { "ALMOND" } else { "MILK" };
        ids.map(|id| item(id, &[codes(id)]))
    };
    put(&world, items().into()).await;
    let draft = CustomerDraft {
        precautions: vec![allergy("TREE_NUTS")],
        evidence: ids.map(|id| dish(&format!("House {id}"))).into(),
        ..asked("Ana")
    };
    let bo = world.create(draft.clone()).await.customer_id;
    let ana = world.create(CustomerDraft { evidence: Vec::new(), ..draft }).await.customer_id;
    for id in ids {
        promise_for(&world, &ana, VENUE, &format!("Bring House {id}"), NOON + DAY).await;
    }
    let expected = ids.map(|id| {
        let (conflict, clearance) = if id.ends_with("bad") { ("PRECAUTION", "") } else { ("", "CHECK_WITH_KITCHEN") };
        (format!("Bring House {id}"), conflict.to_owned(), clearance.to_owned())
    });
    assert_eq!(told(&world, &ana).await, expected);
    world.set_clock(NOON + 60);
    let item_ids = ids[..2].iter().map(|id| (*id).to_owned()).collect();
    let remove = with!(RemoveItemsRequest { venue_id: VENUE.into(), item_ids });
    world.catalogue().remove_items(remove).await.expect("removed");
    let renamed = |mut item: Item| {
        item.names[0].text = format!("Chef's {}", item.item_id);
        item
    };
    put(&world, items()[2..].iter().cloned().map(renamed).collect()).await;
    assert_eq!(told(&world, &ana).await, expected);
    let lines = ids.map(|id| with!(BasketLine { item: format!("House {id}") }));
    let ask = with!(CheckItemsRequest {
        venue_id: VENUE.into(),
        basket_lines: lines.into(),
        precautions: vec![allergy("TREE_NUTS")]
    });
    let checked = world.briefings().check_items(ask).await.expect("checked").into_inner();
    let states: Vec<&str> = checked.line_checks.iter().map(|check| check.state().as_str_name()).collect();
    let [conflict, open] = [LineState::Conflict, LineState::NotDeclared].map(|state| state.as_str_name());
    assert_eq!(states, [conflict, open, conflict, open]);
    let briefing = world.brief(by_id(&bo)).await;
    for id in ids {
        let found = clearances(&briefing, &format!("House {id}"));
        assert!(found.iter().all(|clearance| *clearance == "CHECK_WITH_KITCHEN"), "{id}: {briefing:?}");
        assert_eq!(found.is_empty(), id.ends_with("bad"), "{id}: {briefing:?}");
    }
}

/// Who may be given something named like the item "wobble", at a time.
async fn is_given(world: &World, seconds: i64) -> Option<String> {
    let ana = world.create(CustomerDraft { precautions: vec![allergy("NUTS")], ..asked("Ana") }).await.customer_id;
    let request = GiveGestureRequest { deliver_time: time(seconds), ..give(&ana, "tasting") };
    match world.gestures().give_gesture(in_role("jon", "manager", request)).await {
        Ok(_) => Some(ana),
        Err(refused) => {
            assert_refused(&refused, Code::FailedPrecondition, "GESTURE_VETOED");
            None
        }
    }
}

async fn with_tasting(world: &World) {
    let mut policy = giving();
    let of = policy.catalogue.iter().find(|kind| kind.gesture_type_id == "chinotto").expect("a type").clone();
    policy.catalogue.push(GestureType { gesture_type_id: "tasting".into(), display_name: "House wobble".into(), ..of });
    set(world, policy).await;
}

async fn put_from(world: &World, item: Item, from: i64) {
    let ahead = with!(PutItemsRequest { venue_id: VENUE.into(), items: vec![item], from_time: time(from) });
    world.catalogue().put_items(by("chef", ahead)).await.expect("put");
}

async fn what_is_put_after_many_other_times_counts_too(world: World) {
    with_tasting(&world).await;
    put(&world, vec![item("wobble", &["MILK"])]).await;
    put_from(&world, item("wobble", &["ALMOND"]), NOON + 10 * DAY).await;
    let early = is_given(&world, NOON + 9 * DAY).await.expect("milk is no nut");
    assert!(is_given(&world, NOON + 11 * DAY).await.is_none());
    for day in 1..5 {
        put_from(&world, item(&format!("special-{day}"), &[]), NOON + day * DAY).await;
    }
    assert!(is_given(&world, NOON + 11 * DAY).await.is_none(), "after four specials");
    assert!(is_given(&world, NOON + 9 * DAY).await.is_some());
    // Once more things are put than are worked out one by one, nothing of what changes is declared.
    for day in 5..8 {
        put_from(&world, item("wobble", &["MILK"]), NOON + day * DAY).await;
    }
    put_from(&world, item("wobble", &["MILK"]), NOON + 12 * DAY).await;
    assert!(is_given(&world, NOON + 13 * DAY).await.is_none());
    assert!(is_given(&world, NOON + 4 * DAY).await.is_some());
    promise_for(&world, &early, VENUE, "Bring a House wobble", NOON + 13 * DAY).await;
    let all = told(&world, &early).await;
    assert!(all.len() == 2 && all.iter().all(|(_, conflict, _)| conflict == "PRECAUTION"), "{all:?}");
    // As its day comes nearer, it is known.
    world.set_clock(NOON + 11 * DAY);
    assert!(is_given(&world, NOON + 13 * DAY).await.is_some());
}

async fn what_expires_before_its_delivery_is_not_declared(world: World) {
    with_tasting(&world).await;
    let declared = item("wobble", &["MILK"]);
    put(&world, vec![declared.clone()]).await;
    assert!(is_given(&world, NOON + 91 * DAY).await.is_none(), "the policy's days");
    let ana = is_given(&world, NOON + 3 * DAY).await.expect("declared until then");
    let conflicts = async || -> Vec<String> { told(&world, &ana).await.into_iter().map(|one| one.1).collect() };
    assert_eq!(conflicts().await, [""]);
    let mut dated = declared;
    dated.contents.as_mut().expect("declared").expire_time = time(NOON + 2 * DAY);
    world.set_clock(NOON + 60);
    put(&world, vec![dated]).await;
    assert_eq!(conflicts().await, ["CONTENTS_UNKNOWN"]);
    assert!(is_given(&world, NOON + 3 * DAY).await.is_none());
    assert!(is_given(&world, NOON + DAY).await.is_some());
}

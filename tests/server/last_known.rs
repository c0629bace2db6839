//! What was declared once, or will be: it counts against an item for as long as it is known, and clears nothing.

use rapport::proto::*;

use super::{
    catalogue::{item, put, these},
    gate::{clearances, dish, names},
    world::*,
};

on_both!(what_was_last_declared_keeps_an_item_from_being_proposed);

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

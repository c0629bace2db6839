//! Names of the catalogue inside longer lines and modifiers: what is known of them counts against the line, and clears nothing.

use rapport::proto::*;
use tonic::Code;

use super::{
    basket::{called, guest, modified, order, ordering, precaution, states},
    catalogue::{item, put},
    gestures::{give, giving, in_role, set},
    not_served::promised,
    staff_texts::{diet, high, told},
    world::*,
};

on_both!(
    a_name_inside_a_line_counts_against_it,
    a_name_inside_a_line_counts_for_a_child,
    a_name_inside_a_line_clears_nothing_and_what_words_take_back_is_asked,
    what_a_put_says_nothing_of_stays_known,
    promises_and_notes_name_what_lines_do,
);

async fn menu(world: &World) {
    put(
        world,
        vec![
            called(&["Zanzi"], item("HA", &["PEANUTS"])),
            called(&["Zonzi"], item("ZO", &[])),
            called(&["Zvin"], item("ZV", &["ALCOHOL"])),
            called(&["宫保鸡丁"], item("KP", &["PEANUTS"])),
            called(&["팟타이면"], item("PT", &["PEANUTS"])),
            called(&["米饭"], item("RI", &[])),
            called(&["Pasta"], item("pasta", &["WHEAT", "MILK"])),
            called(&["Burger"], item("burger", &["BEEF", "MILK", "WHEAT"])),
            called(&["Latte"], item("latte", &["MILK", "COFFEE"])),
            called(&["Beer"], item("beer", &["ALCOHOL"])),
            called(&["Mojito"], item("mojito", &["ALCOHOL"])),
        ],
    )
    .await;
}

/// An item with something added to it.
fn plus(what: &str) -> BasketLine {
    modified("Zonzi", ModifierKind::Added, what)
}

async fn a_name_inside_a_line_counts_against_it(world: World) {
    menu(&world).await;
    let id = guest(&world, vec![high(allergy("PEANUTS"))]).await;
    for line in [
        order("Zonzi with Zanzi"),
        order("big Zanzi"),
        order("Zanzi deluxe"),
        order("Zonzi, Zanzi"),
        order("2xbig Zanzi"),
        order("two zanzis"),
        order("Zonzi HA"),
        plus("extra Zanzi"),
        plus("side of Zanzi"),
        plus("Zanzi on the side"),
        plus("2 Zanzi"),
        plus("extra HA"),
        modified("Zonzi", ModifierKind::Exchanged, "more Zanzi"),
        order("宫保鸡丁，热"),
        order("2 宫保鸡丁"),
        order("米饭+宫保鸡丁"),
        order("宫保鸡丁（大）"),
        order("宫保鸡丁、米饭"),
        order("팟타이면을"),
        plus("请上宫保鸡丁"),
    ] {
        let briefing = ordering(&world, &id, vec![line.clone()]).await;
        assert_eq!(states(&briefing), ["CONFLICT"], "{line:?}");
        let found = &briefing.line_checks[0].findings[0];
        assert_eq!((found.substance.as_str(), found.told_by().as_str_name()), ("PEANUTS", "TOLD_BY_DECLARED"));
        let text = told(&briefing)[0];
        assert!(text.starts_with("Do not serve ") && text.ends_with(": it contains peanuts."), "{text}");
    }
}

async fn a_name_inside_a_line_counts_for_a_child(world: World) {
    menu(&world).await;
    let mut draft = asked("Mia");
    draft.details.get_or_insert_default().child = true;
    let mia = world.create(draft).await.customer_id;
    let too_young = [
        order("big Zvin"),
        order("Zvin 2dl"),
        order("2Zvin"),
        order("Zonzi with Zvin"),
        order("mocktail Zvin"),
        order("large beer"),
        order("beer and ginger beer"),
        plus("extra Zvin"),
    ];
    for line in too_young {
        let briefing = ordering(&world, &mia, vec![line.clone()]).await;
        assert_eq!(states(&briefing), ["CONFLICT"], "{line:?}");
        assert!(briefing.line_checks[0].findings[0].too_young, "{line:?}");
    }
    for name in
        ["Ginger beer", "Virgin mojito", "Alkoholfreies Beer", "big Zonzi", "Mocktail no ice", "Root beer large"]
    {
        let briefing = ordering(&world, &mia, vec![order(name)]).await;
        assert_eq!(states(&briefing), ["UNSPECIFIED"], "{name}");
    }
}

async fn a_name_inside_a_line_clears_nothing_and_what_words_take_back_is_asked(world: World) {
    menu(&world).await;
    let milk = || precaution(PrecautionKind::Allergy, "MILK");
    for (draft, name, expected, substance) in [
        (high(allergy("PEANUTS")), "big Zonzi", "NOT_DECLARED", None),
        (high(allergy("SESAME")), "Zonzi with Zanzi", "NOT_DECLARED", None),
        (high(allergy("PEANUTS")), "Zonzi without Zanzi", "NOT_DECLARED", Some("PEANUTS")),
        (high(allergy("WHEAT")), "gluten-free Pasta", "NOT_DECLARED", Some("GLUTEN")),
        (milk(), "Oat milk latte", "NOT_DECLARED", Some("MILK")),
        (milk(), "big latte", "CONFLICT", Some("MILK")),
        (diet("VEGAN"), "Oat milk latte", "NOT_DECLARED", None),
        (diet("VEGAN"), "Vegan burger", "NOT_DECLARED", None),
        (diet("VEGAN"), "Latte with oat milk", "NOT_DECLARED", None),
        (diet("VEGAN"), "Vegan burger with Burger", "CONFLICT", Some("BEEF")),
        (diet("VEGETARIAN"), "big burger", "CONFLICT", Some("BEEF")),
    ] {
        let id = guest(&world, vec![draft]).await;
        let briefing = ordering(&world, &id, vec![order(name)]).await;
        assert_eq!(states(&briefing), [expected], "{name}");
        let found: Vec<&str> = briefing.line_checks[0].findings.iter().map(|one| one.substance.as_str()).collect();
        assert!(substance.is_none_or(|one| found.contains(&one)), "{name}: {found:?}");
        assert!(substance.is_some() || found.iter().all(|one| one.is_empty()), "{name}: {found:?}");
    }
}

/// A till sends names alone, and puts back what it had removed.
async fn what_a_put_says_nothing_of_stays_known(world: World) {
    let said_nothing = || called(&["Zeur"], Item { contents: None, ..item("zeur", &[]) });
    put(&world, vec![called(&["Zeur"], item("zeur", &["PEANUTS"]))]).await;
    let id = guest(&world, vec![high(allergy("PEANUTS"))]).await;
    for is_removed in [false, true] {
        world.set_clock(world.now_ms() / 1_000 + 60);
        if is_removed {
            let ids = with!(RemoveItemsRequest { venue_id: VENUE.into(), item_ids: vec!["zeur".into()] });
            world.catalogue().remove_items(ids).await.expect("removed");
            world.set_clock(world.now_ms() / 1_000 + 60);
        }
        put(&world, vec![said_nothing()]).await;
        let briefing = ordering(&world, &id, vec![order("Zeur")]).await;
        assert_eq!(states(&briefing), ["CONFLICT"], "removed: {is_removed}");
    }
    // What is declared again decides.
    world.set_clock(world.now_ms() / 1_000 + 60);
    put(&world, vec![called(&["Zeur"], item("zeur", &["MILK"]))]).await;
    assert_eq!(states(&ordering(&world, &id, vec![order("Zeur")]).await), ["NOTHING_DECLARED_AGAINST_IT"]);
}

/// A name of the catalogue inside a text of whatever script; and an item of another name that ends like it.
async fn promises_and_notes_name_what_lines_do(world: World) {
    set(&world, giving()).await;
    menu(&world).await;
    let id = guest(&world, vec![high(allergy("PEANUTS"))]).await;
    for text in ["请上宫保鸡丁", "宫保鸡丁和米饭", "팟타이면을 주세요", "Bring a big Zanzi"] {
        assert_eq!(promised(&world, &id, text).await.0, "PRECAUTION", "{text}");
        let note = GiveGestureRequest { note: text.into(), ..give(&id, "note") };
        let refused = refusal!(world, gestures, give_gesture, in_role("jon", "manager", note));
        assert_refused(&refused, Code::FailedPrecondition, "GESTURE_VETOED");
    }
    let bo = guest(&world, vec![precaution(PrecautionKind::Abstention, "ALCOHOL")]).await;
    for (text, expected) in [("Bring a ginger beer", ""), ("Bring a large beer", "PRECAUTION")] {
        assert_eq!(promised(&world, &bo, text).await.0, expected, "{text}");
    }
}

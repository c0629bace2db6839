//! How lines are told to staff: in the headline of CheckItems too, with each question, and by names that cannot be misread.

use rapport::proto::*;

use super::{
    basket::{called, guest, modified, order, ordering, precaution, states},
    catalogue::{item, put},
    staff_texts::{at, diet, headline, high, may_contain, told, told_of},
    world::*,
};

on_both!(
    traces_are_in_the_headline_of_checked_items,
    the_headline_counts_the_questions_about_a_line,
    a_code_that_no_declaration_knows_names_its_lines,
    an_exchange_does_not_read_as_an_addition,
    a_seat_is_not_called_a_seat_twice,
    one_dish_is_told_once_whatever_it_is_called,
    what_is_left_out_is_cut_before_the_dish,
    what_is_known_of_an_undeclared_line_is_asked_about,
    what_says_how_it_is_made_is_no_thing_to_leave_out,
    a_line_is_asked_about_once_for_what_is_said_and_what_is_not,
);

async fn checked(world: &World, draft: PrecautionDraft, lines: &[BasketLine]) -> CheckItemsResponse {
    let basket_lines = lines.to_vec();
    let request = with!(CheckItemsRequest { venue_id: VENUE.into(), basket_lines, precautions: vec![draft] });
    world.briefings().check_items(request).await.expect("checked").into_inner()
}

async fn traces_are_in_the_headline_of_checked_items(world: World) {
    put(&world, vec![called(&["House fries"], may_contain("fries", "WHEAT"))]).await;
    let unsaid = precaution(PrecautionKind::Intolerance, "WHEAT");
    let low = |draft: PrecautionDraft| PrecautionDraft { criticality: Criticality::Low as i32, ..draft };
    for draft in [high(unsaid.clone()), unsaid.clone(), low(unsaid), low(allergy("WHEAT"))] {
        let found = checked(&world, draft.clone(), &[order("House fries"), order("Soup")]).await;
        let lines: Vec<_> = found.headline.iter().map(|one| one.text.as_str()).collect();
        assert!(lines.contains(&"May contain: House fries (wheat)"), "{lines:?}");
        // In the order of a briefing, with what only a briefing has left out.
        let briefing = told_of(&world, draft, vec![order("House fries"), order("Soup")]).await;
        let of_basket = briefing.headline.iter().filter(|one| lines.contains(&one.text.as_str()));
        assert_eq!(of_basket.map(|one| one.text.as_str()).collect::<Vec<_>>(), lines);
    }
}

async fn the_headline_counts_the_questions_about_a_line(world: World) {
    put(
        &world,
        vec![
            called(&["Caesar salad"], item("caesar", &["EGGS", "MILK", "FISH"])),
            called(&["Gratin"], item("gratin", &["EGGS", "MILK"])),
        ],
    )
    .await;
    let pregnancy = || PrecautionDraft { basis: PrecautionBasis::Consent as i32, ..diet("PREGNANCY") };
    let found = checked(&world, pregnancy(), &[order("Caesar salad")]).await;
    assert!(found.respect[0].text.ends_with(": unpasteurised milk, raw egg, raw fish?"), "{}", found.respect[0].text);
    let short = found.headline[0].text.as_str();
    assert_eq!(short, "Ask: Caesar salad: unpasteurised milk, raw egg, raw fish?");
    let found = checked(&world, pregnancy(), &[at("Bar 2", order("Caesar salad")), order("Gratin")]).await;
    let short = found.headline[0].text.as_str();
    assert_eq!(short, "Ask: seat Bar 2: Caesar salad: unpasteurised milk? +3");
    let found = checked(&world, pregnancy(), &[at("1", order("Caesar salad")), order("Gratin")]).await;
    let short = found.headline[0].text.as_str();
    assert!(short.ends_with("+3 more: read all") || short.ends_with("+2 questions, +1 line"), "{short}");
    assert!(short.chars().count() <= 60, "{short}");
}

async fn a_code_that_no_declaration_knows_names_its_lines(world: World) {
    put(&world, vec![called(&["Fruit plate"], item("plate", &[])), called(&["Steak"], item("steak", &["BEEF"]))]).await;
    let plates = || ["1", "2"].map(|seat| at(seat, order("Fruit plate")));
    let id = guest(&world, vec![high(allergy("KIWI"))]).await;
    let briefing = ordering(&world, &id, plates().to_vec()).await;
    let asked = "is not among what is declared: seat 1: Fruit plate, seat 2: Fruit plate";
    assert_eq!(told(&briefing), [format!("Ask the customer and the kitchen about 2 lines: kiwi {asked}.")]);
    assert!(headline(&briefing).iter().any(|line| line.contains("Fruit plate: kiwi?")), "{:?}", headline(&briefing));
    // What nobody has declared is asked about as much.
    let lines = [&plates()[..], &[at("9", order("Sorbet"))]].concat();
    assert_eq!(
        told(&ordering(&world, &id, lines).await),
        [
            "Ask the customer and the kitchen about 3 lines: 1 is not declared: seat 9: Sorbet.".to_owned(),
            format!("Ask the customer and the kitchen about 3 lines: kiwi {asked}, seat 9: Sorbet."),
        ]
    );
    let briefing = ordering(&world, &id, vec![order("Sorbet")]).await;
    assert_eq!(
        told(&briefing),
        [
            "Sorbet is not declared: ask the kitchen.",
            "Ask the customer and the kitchen about Sorbet: kiwi is not among what is declared.",
        ]
    );
    // A question for another precaution is told by itself.
    let id = guest(&world, vec![high(allergy("KIWI")), diet("HALAL")]).await;
    let briefing = ordering(&world, &id, vec![order("Steak"), order("Sorbet")]).await;
    assert!(told(&briefing).iter().any(|text| text.contains("about Sorbet: kiwi")), "{:?}", told(&briefing));
}

async fn an_exchange_does_not_read_as_an_addition(world: World) {
    put(&world, vec![called(&["Cappuccino"], item("cap", &["MILK"])), called(&["Cow's milk"], item("cow", &["MILK"]))])
        .await;
    let oat = |kind| modified("Cappuccino", kind, "Oat milk");
    let briefing = told_of(&world, allergy("MILK"), vec![oat(ModifierKind::Exchanged), oat(ModifierKind::Added)]).await;
    let told = told(&briefing);
    assert!(told[0].starts_with("Do not serve Cappuccino with Oat milk instead: "), "{told:?}");
    assert!(told[1].starts_with("Do not serve Cappuccino + Oat milk: "), "{told:?}");
    let briefing = told_of(&world, allergy("MILK"), vec![oat(ModifierKind::Exchanged)]).await;
    assert_eq!(headline(&briefing)[0], "Conflict: Cappuccino with Oat milk instead (milk)");
    let without = |line: BasketLine| {
        let cow = BasketModifier { kind: ModifierKind::LeftOut as i32, item: "Cow's milk".into() };
        BasketLine { modifiers: [line.modifiers.clone(), vec![cow]].concat(), ..line }
    };
    let briefing = told_of(&world, allergy("MILK"), vec![without(oat(ModifierKind::Exchanged))]).await;
    let text = &briefing.respect[0].text;
    assert!(text.starts_with("Do not serve Cappuccino with Oat milk instead of Cow's milk: "), "{text}");
}

async fn a_seat_is_not_called_a_seat_twice(world: World) {
    put(&world, vec![called(&["Pad Thai"], item("thai", &["PEANUTS"]))]).await;
    for (seat, shown) in [
        ("1", "1"),
        ("Seat 1", "1"),
        ("Platz 1", "1"),
        ("seat #1", "#1"),
        ("SEAT-1", "1"),
        ("Seat no. 2", "2"),
        ("A2", "A2"),
        ("Place du Lac 3", "Place du Lac 3"),
        ("Seat", "Seat"),
    ] {
        let briefing = told_of(&world, allergy("PEANUTS"), vec![at(seat, order("Pad Thai"))]).await;
        assert!(
            told(&briefing)[0].starts_with(&format!("Seat {shown}: do not serve Pad Thai")),
            "{:?}",
            told(&briefing)
        );
        let short = format!("Conflict: seat {shown}: Pad Thai (peanuts)");
        assert_eq!(headline(&briefing)[0], short);
    }
    for seat in ["Table 1 Seat 2", "Seats 1, 2", "Seat A"] {
        let briefing = told_of(&world, allergy("PEANUTS"), vec![at(seat, order("Pad Thai"))]).await;
        assert!(told(&briefing)[0].starts_with(&format!("{seat}: do not serve Pad Thai")), "{:?}", told(&briefing));
        assert_eq!(headline(&briefing)[0], format!("Conflict: {seat}: Pad Thai (peanuts)"));
    }
}

async fn one_dish_is_told_once_whatever_it_is_called(world: World) {
    put(
        &world,
        vec![
            called(&["Pad Thai"], item("M2", &["PEANUTS"])),
            called(&["Evening menu"], item("E1", &["PEANUTS", "FISH"])),
            called(&["Grilled salmon"], item("M3", &["FISH"])),
        ],
    )
    .await;
    let all = ["Pad Thai", "M2", "PAD THAI", "Pad-Thai"].map(order).to_vec();
    let briefing = told_of(&world, allergy("PEANUTS"), all).await;
    assert_eq!(states(&briefing), ["CONFLICT"; 4]);
    assert_eq!(told(&briefing), ["Do not serve 4 × Pad Thai: it contains peanuts."]);
    let menus = ["M3", "Grilled salmon"].map(|course| modified("Evening menu", ModifierKind::LeftOut, course));
    let briefing = told_of(&world, allergy("PEANUTS"), menus.to_vec()).await;
    assert_eq!(told(&briefing), ["Do not serve 2 × Evening menu without Grilled salmon: it contains peanuts."]);
    // Written otherwise, it may be another thing.
    put(&world, vec![called(&["Pâte"], item("pate", &["MILK"]))]).await;
    let briefing = told_of(&world, high(allergy("PEANUTS")), ["Pâte", "Pâté"].map(order).to_vec()).await;
    assert_eq!(told(&briefing), ["Pâté is not declared: ask the kitchen."]);
}

async fn what_is_left_out_is_cut_before_the_dish(world: World) {
    let menu = called(&["Harbour menu for two"], item("harbour", &["MILK", "FISH"]));
    put(&world, vec![menu, called(&["Panna cotta"], item("cotta", &["MILK"]))]).await;
    let line = modified("Harbour menu for two", ModifierKind::LeftOut, "Panna cotta");
    let found = checked(&world, diet("VEGAN"), &[at("Terrace 4", line)]).await;
    assert_eq!(found.headline[0].text, "Conflict: seat Terrace 4: Harbour menu for… without… (fish)");
}

async fn what_is_known_of_an_undeclared_line_is_asked_about(world: World) {
    put(
        &world,
        vec![
            called(&["Grilled salmon"], item("salmon", &["FISH"])),
            called(&["Beef burger"], item("burger", &["BEEF", "WHEAT", "EGGS"])),
            called(&["Cappuccino"], item("cap", &["MILK"])),
        ],
    )
    .await;
    let pregnancy = || PrecautionDraft { basis: PrecautionBasis::Consent as i32, ..diet("PREGNANCY") };
    let added = |item, what| modified(item, ModifierKind::Added, what);
    for (draft, line, expected) in [
        (diet("HALAL"), order("Roast beef"), "Roast beef is not declared: ask the kitchen: is the beef halal?"),
        (
            pregnancy(),
            added("Grilled salmon", "chives"),
            "Grilled salmon + chives is not declared: ask the kitchen: raw fish?",
        ),
        // What says "raw" of it does so as its own name would.
        (
            pregnancy(),
            added("Grilled salmon", "rare"),
            "Do not serve Grilled salmon + rare: by its name it contains raw fish.",
        ),
        (
            pregnancy(),
            added("Beef burger", "medium rare"),
            "Do not serve Beef burger + medium rare: by its name it contains raw meat.",
        ),
        (
            pregnancy(),
            modified("Beef burger", ModifierKind::Exchanged, "al sangue"),
            "Do not serve Beef burger with al sangue instead: by its name it contains raw meat.",
        ),
    ] {
        let found = checked(&world, draft, std::slice::from_ref(&line)).await;
        assert_eq!(found.respect[0].text, expected);
    }
    // Of one statement, what it is for is not said aloud.
    let burger = || added("Beef burger", "chives");
    let found = checked(&world, pregnancy(), &[burger()]).await;
    assert!(found.respect.len() == 1 && found.respect[0].tact() == Tact::ActQuietly, "{}", found.respect[0].text);
    let id = guest(&world, vec![high(allergy("PEANUTS")), pregnancy()]).await;
    let briefing = ordering(&world, &id, vec![burger()]).await;
    assert_eq!(
        told(&briefing),
        [
            "Beef burger + chives is not declared: ask the kitchen.",
            "Ask the kitchen about Beef burger + chives: raw egg, raw meat?"
        ]
    );
    // Of what is raw besides, nothing is said of the dish.
    let found = checked(&world, pregnancy(), &[added("Grilled salmon", "raw onion")]).await;
    assert!(found.respect[0].text.ends_with("ask the kitchen: raw fish?"), "{}", found.respect[0].text);
}

async fn what_says_how_it_is_made_is_no_thing_to_leave_out(world: World) {
    put(
        &world,
        vec![
            called(&["Fruit plate"], item("plate", &[])),
            called(&["Garden burger"], Item { suits_diets: vec!["VEGAN".into()], ..item("garden", &[]) }),
            called(&["Nut-free muffin"], item("muffin", &[])),
        ],
    )
    .await;
    let out = |item, what| modified(item, ModifierKind::LeftOut, what);
    let nuts = || high(allergy("TREE_NUTS"));
    for claim in ["nut-free", "nussfrei", "nutfree", "sans noix", "sin nueces", "GF", "halal", "cooked", "virgin"] {
        let found = checked(&world, nuts(), &[out("Fruit plate", claim)]).await;
        assert_eq!(found.respect[0].code, "BASKET_NOT_DECLARED", "{claim}");
        assert!(found.respect[0].text.contains(&format!("without \"{claim}\"")), "{}", found.respect[0].text);
    }
    for claim in ["vegan", "veggie", "meatless"] {
        let found = checked(&world, diet("VEGAN"), &[out("Garden burger", claim)]).await;
        assert_eq!(found.respect[0].code, "BASKET_NOT_DECLARED", "{claim}");
    }
    // A thing is left out as ever.
    for thing in ["nuts", "no nuts", "onion"] {
        assert!(checked(&world, nuts(), &[out("Fruit plate", thing)]).await.respect.is_empty(), "{thing}");
    }
}

async fn a_line_is_asked_about_once_for_what_is_said_and_what_is_not(world: World) {
    put(&world, vec![called(&["Lemon sorbet"], item("sorbet", &[]))]).await;
    let topic = PrecautionDraft { text: "peanut allergy".into(), ..precaution(PrecautionKind::Topic, "OTHER") };
    let request = with!(CheckItemsRequest {
        venue_id: VENUE.into(),
        basket_lines: vec![order("Lemon sorbet")],
        precautions: vec![allergy("KIWIX"), topic]
    });
    let found = world.briefings().check_items(request).await.expect("checked").into_inner();
    assert!(found.respect.iter().all(|one| !one.text.contains("2 lines")), "{:?}", found.respect);
    assert!(found.respect[0].text.contains("about Lemon sorbet: "), "{}", found.respect[0].text);
}

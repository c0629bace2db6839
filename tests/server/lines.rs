//! Lines of a basket: what names negate, what modifiers put in and take out, whose plate it is.

use rapport::proto::*;

use super::{
    basket::{called, guest, modified, order, ordering, precaution, state, states},
    catalogue::{item, put},
    staff_texts::told_of,
    world::*,
};

on_both!(
    what_a_name_negates_is_asked_for,
    what_takes_the_place_of_something_is_believed_of_diets,
    what_is_said_is_about_one_seat,
    what_is_declared_decides_about_a_diet,
    what_suits_a_diet_suits_it_in_a_menu_too,
    an_id_and_a_name_are_taken_together,
    what_is_put_in_is_in_it,
    who_may_be_of_a_household_is_checked_at_every_plate,
    a_line_that_cannot_be_read_costs_no_other_line,
    texts_are_bounded_as_they_are_spelt_out,
    marks_that_show_nothing_are_no_part_of_a_name,
    a_long_name_hides_neither_the_verdict_nor_the_substance,
    the_largest_basket_is_answered,
    only_one_thing_is_left_out,
    no_alcohol_in_numbers_is_believed_of_abstainers_alone,
    what_can_be_had_so_is_not_so,
);

/// "Gluten-free pasta" does not contain gluten "by its name": the kitchen is asked, however bad gluten is for them.
async fn what_a_name_negates_is_asked_for(world: World) {
    let low = |code| PrecautionDraft {
        criticality: Criticality::Low as i32,
        ..precaution(PrecautionKind::Intolerance, code)
    };
    for (draft, item, expected, substance) in [
        (precaution(PrecautionKind::Intolerance, "COELIAC_DISEASE"), "Gluten-free pasta", "NOT_DECLARED", "GLUTEN"),
        (
            precaution(PrecautionKind::Intolerance, "COELIAC_DISEASE"),
            "Gluten-free pasta with bread",
            "CONFLICT",
            "GLUTEN",
        ),
        (allergy("PEANUTS"), "Peanut-free bar", "NOT_DECLARED", "PEANUTS"),
        (low("LACTOSE"), "Oat milk latte", "NOT_DECLARED", "LACTOSE"),
        (low("LACTOSE"), "Laktosefreies Joghurt", "NOT_DECLARED", "LACTOSE"),
        (low("LACTOSE"), "Latte macchiato", "CONFLICT", "LACTOSE"),
        (low("GLUTEN"), "Pasta senza glutine", "NOT_DECLARED", "GLUTEN"),
        (allergy("MILK"), "Oat milk latte", "NOT_DECLARED", "MILK"),
        (allergy("MILK"), "Oat milk latte with whipped cream", "CONFLICT", "MILK"),
    ] {
        let request = with!(CheckItemsRequest {
            venue_id: VENUE.into(),
            basket_lines: vec![order(item)],
            precautions: vec![draft.clone()]
        });
        let checked = world.briefings().check_items(request).await.expect("checked").into_inner();
        let check = &checked.line_checks[0];
        assert_eq!((state(check), check.findings[0].substance.as_str()), (expected, substance), "{item}");
        let guest = guest(&world, vec![draft]).await;
        let briefing = ordering(&world, &guest, vec![order(item)]).await;
        assert_eq!(states(&briefing), [expected], "{item}");
        assert_eq!(
            briefing.headline.iter().any(|line| line.text.starts_with("Conflict")),
            expected == "CONFLICT",
            "{item}"
        );
    }
}

async fn what_takes_the_place_of_something_is_believed_of_diets(world: World) {
    put(
        &world,
        vec![called(&["House latte"], item("latte", &["MILK"])), called(&["Oat drink"], item("oat", &["OATS"]))],
    )
    .await;
    let diet = precaution(PrecautionKind::Diet, "VEGAN");
    let low =
        PrecautionDraft { criticality: Criticality::Low as i32, ..precaution(PrecautionKind::Intolerance, "LACTOSE") };
    for (draft, item, kind, what, expected) in [
        (diet.clone(), "Latte macchiato", ModifierKind::Exchanged, "Oat milk", "NOT_DECLARED"),
        (diet.clone(), "Latte macchiato", ModifierKind::Added, "Oat milk", "CONFLICT"),
        (diet.clone(), "Latte macchiato", ModifierKind::Exchanged, "Whole milk", "CONFLICT"),
        (diet.clone(), "Cheesecake", ModifierKind::Exchanged, "Oat milk", "CONFLICT"),
        (diet.clone(), "House latte", ModifierKind::LeftOut, "milk", "NOT_DECLARED"),
        (low.clone(), "Latte macchiato", ModifierKind::Exchanged, "Oat milk", "NOT_DECLARED"),
        (allergy("MILK"), "Latte macchiato", ModifierKind::Exchanged, "Oat milk", "CONFLICT"),
        (allergy("MILK"), "House latte", ModifierKind::Exchanged, "Oat milk", "CONFLICT"),
    ] {
        let guest = guest(&world, vec![draft]).await;
        let briefing = ordering(&world, &guest, vec![modified(item, kind, what)]).await;
        assert_eq!(states(&briefing), [expected], "{item} {what}");
    }
}

/// "Whose plate the precautions are about": all of them, of whomever they were said.
async fn what_is_said_is_about_one_seat(world: World) {
    let of_son = PrecautionDraft { of_whom: "my son".into(), ..allergy("PEANUTS") };
    let lines = ["1", "2", ""].map(|seat| BasketLine { seat: seat.into(), ..order("Peanut soup") });
    for said in [of_son, allergy("PEANUTS")] {
        let request = with!(CheckItemsRequest {
            venue_id: VENUE.into(),
            basket_lines: lines.to_vec(),
            precautions: vec![said],
            seat: "2".into()
        });
        let checked = world.briefings().check_items(request).await.expect("checked").into_inner();
        let states: Vec<_> = checked.line_checks.iter().map(state).collect();
        assert_eq!(states, ["UNSPECIFIED", "CONFLICT", "CONFLICT"]);
    }
}

async fn what_is_declared_decides_about_a_diet(world: World) {
    let suits =
        |diets: &[&str], item: Item| Item { suits_diets: diets.iter().map(ToString::to_string).collect(), ..item };
    let menu = Item { component_ids: vec!["main".into()], contents: None, ..item("set", &[]) };
    put(
        &world,
        vec![
            called(&["Braised shoulder"], item("main", &["MUSTARD"])),
            called(&["Friday menu"], suits(&["HALAL", "VEGETARIAN"], menu)),
            called(&["Panna cotta"], suits(&["HALAL"], item("panna", &["MILK", "GELATINE"]))),
        ],
    )
    .await;
    let diet = |code| precaution(PrecautionKind::Diet, code);
    let halal = guest(&world, vec![diet("HALAL")]).await;
    let vegetarian = guest(&world, vec![diet("VEGETARIAN")]).await;
    let lines = || vec![order("Friday menu"), order("panna")];
    let silent = "NOTHING_DECLARED_AGAINST_IT";
    assert_eq!(states(&ordering(&world, &halal, lines()).await), [silent, silent]);
    // What a component contains since today counts, whatever the menu was said to suit.
    put(&world, vec![called(&["Braised shoulder"], item("main", &["MUSTARD", "PORK"]))]).await;
    assert_eq!(states(&ordering(&world, &halal, lines()).await), ["CONFLICT", silent]);
    assert_eq!(states(&ordering(&world, &vegetarian, lines()).await), ["CONFLICT", "CONFLICT"]);

    let contradiction = suits(&["HALAL", "VEGAN"], item("bowl", &["BEEF", "MILK"]));
    let request = with!(PutItemsRequest { venue_id: VENUE.into(), items: vec![contradiction] });
    let status = world.catalogue().put_items(by("chef", request)).await.expect_err("a contradiction");
    assert_field(&status, "items[0].suits_diets[1]", "");
}

/// "Garden burger" is no meat where the venue says that it is vegan: alone, in a menu, and for those who eat no pork.
async fn what_suits_a_diet_suits_it_in_a_menu_too(world: World) {
    let vegan = |item: Item| Item { suits_diets: vec!["VEGAN".into()], ..item };
    let menu = |id, parts: [&str; 2]| Item { component_ids: parts.map(Into::into).to_vec(), ..item(id, &[]) };
    put(
        &world,
        vec![
            called(&["Garden burger"], vegan(item("garden", &["SOYBEANS"]))),
            called(&["Beef burger"], item("beef", &["BEEF"])),
            called(&["Chips"], item("chips", &[])),
            called(&["Sausages"], item("sausages", &["MUSTARD"])),
            called(&["Garden menu"], menu("m1", ["garden", "chips"])),
            called(&["Beef menu"], menu("m2", ["beef", "chips"])),
            called(&["Grill menu"], menu("m3", ["beef", "sausages"])),
        ],
    )
    .await;
    let (none, ask, conflict) = ("NOTHING_DECLARED_AGAINST_IT", "NOT_DECLARED", "CONFLICT");
    for (kind, code, expected) in [
        (PrecautionKind::Diet, "VEGAN", [none, conflict, none, conflict, conflict]),
        (PrecautionKind::Diet, "HALAL", [none, ask, none, ask, ask]),
        (PrecautionKind::Abstention, "PORK", [none, none, none, none, conflict]),
        (PrecautionKind::Allergy, "MEAT", [conflict; 5]),
    ] {
        let guest = guest(&world, vec![precaution(kind, code)]).await;
        let lines = ["Garden burger", "Beef burger", "Garden menu", "Beef menu", "Grill menu"].map(order);
        assert_eq!(states(&ordering(&world, &guest, lines.into()).await), expected, "{code}");
    }
}

/// An id that is another item's name: nobody can tell which is meant.
async fn an_id_and_a_name_are_taken_together(world: World) {
    put(&world, vec![called(&["Red dip"], item("Dip", &[])), called(&["Dip"], item("z3", &["PEANUTS"]))]).await;
    let guest = guest(&world, vec![allergy("PEANUTS")]).await;
    let lines = ["Dip", "dip", "z3", "Red dip"].map(order);
    let expected = ["CONFLICT", "CONFLICT", "CONFLICT", "NOTHING_DECLARED_AGAINST_IT"];
    assert_eq!(states(&ordering(&world, &guest, lines.into()).await), expected);
}

async fn what_is_put_in_is_in_it(world: World) {
    let diet = |code| precaution(PrecautionKind::Diet, code);
    let alcohol = precaution(PrecautionKind::Abstention, "ALCOHOL");
    for (draft, item, exchanged) in [
        (diet("HALAL"), "Vegetarian pizza", "Ham"),
        (diet("VEGAN"), "Vegan burger", "cheese"),
        (diet("VEGETARIAN"), "Tofu bowl", "beef"),
        (alcohol, "Virgin mojito", "rum"),
    ] {
        let guest = guest(&world, vec![draft]).await;
        let briefing = ordering(&world, &guest, vec![modified(item, ModifierKind::Exchanged, exchanged)]).await;
        assert_eq!(states(&briefing), ["CONFLICT"], "{item} {exchanged}");
        let shown = format!("{item} with {exchanged} instead");
        assert!(briefing.respect[0].text.contains(&shown), "{}", briefing.respect[0].text);
    }
}

/// A briefing about whoever has an identity, who sits on seat 1.
async fn seated(world: &World, subject: BriefingSubject, lines: &[BasketLine]) -> Briefing {
    let request = GetBriefingRequest { basket_lines: lines.to_vec(), customer_seat: "1".into(), ..briefing(subject) };
    world.briefings().get_briefing(request).await.expect("an answer").into_inner().briefing.expect("a briefing")
}

async fn checked(world: &World, code: &str, lines: Vec<BasketLine>) -> CheckItemsResponse {
    let request =
        with!(CheckItemsRequest { venue_id: VENUE.into(), basket_lines: lines, precautions: vec![allergy(code)] });
    world.briefings().check_items(request).await.expect("checked").into_inner()
}

async fn who_may_be_of_a_household_is_checked_at_every_plate(world: World) {
    let phone = |last: &str| identity(IdentityType::Phone, &format!("+4144668180{last}"));
    let mut household = CustomerDraft {
        identities: vec![phone("1"), loyalty("H-1")],
        precautions: vec![allergy("PEANUTS")],
        ..named("Kellers")
    };
    household.details.as_mut().expect("details").kind = CustomerKind::Household as i32;
    world.create(household).await;
    let person = CustomerDraft { precautions: vec![allergy("MILK")], ..named("Nina") };
    world.create(CustomerDraft { identities: vec![phone("1"), phone("2")], ..person.clone() }).await;
    world.create(CustomerDraft { identities: vec![phone("2")], ..named("Ben") }).await;
    let lines = ["1", "2", ""].map(|seat| BasketLine { seat: seat.into(), ..order("Peanut soup") });
    for subject in [by_identity(loyalty("H-1")), by_identity(phone("1"))] {
        assert_eq!(states(&seated(&world, subject, &lines).await), ["CONFLICT"; 3]);
    }
    // Without the household, another seat is not theirs.
    let milk = ["1", "2"].map(|seat| BasketLine { seat: seat.into(), ..order("Milk shake") });
    let briefing = seated(&world, by_identity(phone("2")), &milk).await;
    assert_eq!(briefing.state, BriefingState::Ambiguous as i32);
    assert_eq!(states(&briefing), ["CONFLICT", "UNSPECIFIED"]);
}

async fn a_line_that_cannot_be_read_costs_no_other_line(world: World) {
    put(&world, vec![called(&["Tab bed"], item("tab", &[])), called(&["x"], item("x", &[]))]).await;
    let id = guest(&world, vec![allergy("PEANUTS")]).await;
    let long = format!("Soup of the day{}", ", and more of it".repeat(100));
    // Each of them is spelt out in 18 letters.
    let (signs, signs_shown) = ("\u{fdfa}".repeat(80), format!("{}…", "\u{fdfa}".repeat(17)));
    for (bad, shown) in [
        ("Tab\tbed", "Tab bed"),
        ("x\u{202e}", "x"),
        ("\u{200b}", "?"),
        ("", "?"),
        (long.as_str(), "Soup of the day, and more of it, and more of it, and more of it, and more of it…"),
        (signs.as_str(), signs_shown.as_str()),
    ] {
        let lines = vec![order("Peanut soup"), order(bad), modified("tab", ModifierKind::Added, bad)];
        let briefing = ordering(&world, &id, lines.clone()).await;
        assert_eq!(states(&briefing), ["CONFLICT", "NOT_DECLARED", "NOT_DECLARED"], "{bad:?}");
        assert_eq!(briefing.headline[0].text, "Conflict: Peanut soup (peanuts)");
        let items = vec!["Peanut soup".to_owned(), bad.to_owned()];
        let request = GetBriefingRequest { basket_items: items, ..briefing_of(&id) };
        let answer = world.briefings().get_briefing(request).await.expect("an answer").into_inner();
        let short = answer.briefing.expect("a briefing");
        assert_eq!(states(&short), ["CONFLICT", "NOT_DECLARED"], "{bad:?}");
        let told = short.respect.iter().find(|one| one.code == "BASKET_NOT_DECLARED").expect("a statement");
        assert_eq!(told.text, format!("{shown} is not declared: ask the kitchen."));
        let found = checked(&world, "PEANUTS", lines).await;
        assert_eq!(found.line_checks.iter().map(state).collect::<Vec<_>>(), states(&briefing), "{bad:?}");
    }
    // What can be read of it counts.
    let found = checked(&world, "PEANUTS", vec![order("Peanut\tsoup"), order("Plain soup\n")]).await;
    assert_eq!(found.line_checks.iter().map(state).collect::<Vec<_>>(), ["CONFLICT", "NOT_DECLARED"]);
}

fn briefing_of(id: &str) -> GetBriefingRequest {
    briefing(by_id(id))
}

/// Of 280 characters that each stand for 18 letters, nobody reads 5,040.
async fn texts_are_bounded_as_they_are_spelt_out(world: World) {
    let (id, sign) = (guest(&world, vec![allergy("PEANUTS")]).await, "\u{fdfa}");
    let text = sign.repeat(280);
    let add = with!(AddPrecautionsRequest {
        customer_id: id.clone(),
        precautions: vec![PrecautionDraft { text: text.clone(), ..allergy("MILK") }]
    });
    assert_field(&refusal!(world, customers, add_precautions, add), "precautions[0].text", sign);
    let promised = FollowUpDraft {
        kind: FollowUpKind::Promise as i32,
        text: text.clone(),
        due_time: time(world.now_ms() / 1_000 + 60),
        venue_id: VENUE.into(),
        ..FollowUpDraft::default()
    };
    let promise = with!(PromiseFollowUpRequest { customer_id: id, follow_up: Some(promised) });
    let mut recovery = recovery_service_client::RecoveryServiceClient::new(world.channel());
    let refused = recovery.promise_follow_up(promise).await.expect_err("it is too long");
    assert_field(&refused, "follow_up.text", sign);
    let named_so = called(&[&sign.repeat(80)], item("dish", &[]));
    let put = with!(PutItemsRequest { venue_id: VENUE.into(), items: vec![named_so] });
    assert_field(&refusal!(world, catalogue, put_items, put), "items[0].names[0].text", sign);
}

async fn marks_that_show_nothing_are_no_part_of_a_name(world: World) {
    let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} Family menu";
    put(
        &world,
        vec![called(&[family], item("family", &["MILK"])), called(&["Wal\u{ad}nuss\u{ad}öl"], item("cake", &[]))],
    )
    .await;
    let read = with!(GetItemRequest { venue_id: VENUE.into(), item_id: "cake".into() });
    let read = world.catalogue().get_item(read).await.expect("read").into_inner().version.expect("a version");
    assert_eq!(read.item.expect("an item").names[0].text, "Walnussöl");
    let found = checked(&world, "MILK", vec![order(family), order("Walnuss\u{ad}öl")]).await;
    assert_eq!(found.line_checks.iter().map(state).collect::<Vec<_>>(), ["CONFLICT", "NOTHING_DECLARED_AGAINST_IT"]);
    let id = guest(&world, vec![allergy("PEANUTS")]).await;
    let interactions = vec![purchase(&id, "1", vec![line("Crème\u{ad}brûlée", 900), line(family, 900)])];
    let answer = world.interactions().record_interactions(RecordInteractionsRequest { interactions }).await;
    assert!(answer.expect("an answer").into_inner().results[0].error.is_none());
    let names: Vec<String> =
        world.get(&id).await.habits.expect("habits").items.into_iter().map(|one| one.key).collect();
    assert!(
        names.contains(&"Crèmebrûlée".to_owned()) && names.iter().all(|name| !name.contains('\u{200d}')),
        "{names:?}"
    );
}

async fn a_long_name_hides_neither_the_verdict_nor_the_substance(world: World) {
    let long = "Slow-roasted saddle of lamb with a rosemary and walnut crust";
    let plain = "Roasted saddle of lamb with rosemary potatoes and glazed carrots";
    let found = checked(&world, "TREE_NUTS", vec![order(long)]).await;
    assert_eq!(found.headline[0].text, "Conflict: Slow-roasted saddle of lamb with a rosem… (walnut)");
    // Not an equal one, which is told with it.
    let other = modified(long, ModifierKind::LeftOut, "parsley");
    let found = checked(&world, "TREE_NUTS", vec![order(long), other, order("Soup")]).await;
    assert_eq!(found.headline[0].text, "Conflict: Slow-roasted saddle of… (walnut) +1 more: read all");
    let found = checked(&world, "TREE_NUTS", vec![order(plain)]).await;
    assert_eq!(found.headline[0].text, "Roasted saddle of lamb wi… is not declared: ask the kitchen.");
    let id = guest(&world, vec![allergy("TREE_NUTS")]).await;
    for view in [BriefingView::Unspecified, BriefingView::Till] {
        let request = GetBriefingRequest { basket_lines: vec![order(long)], view: view as i32, ..briefing_of(&id) };
        let answer = world.briefings().get_briefing(request).await.expect("an answer").into_inner();
        let headline = &answer.briefing.expect("a briefing").headline;
        assert!(headline[0].text.ends_with("… (walnut)") && headline[0].text.chars().count() <= 60, "{headline:?}");
    }
}

async fn the_largest_basket_is_answered(world: World) {
    let id = guest(&world, vec![allergy("PEANUTS")]).await;
    let modifier = |number: usize| BasketModifier {
        kind: ModifierKind::Added as i32,
        item: format!("{number:02}{}", "x".repeat(78)),
    };
    let line = BasketLine { modifiers: (0..16).map(modifier).collect(), ..order(&"y".repeat(80)) };
    let lines = vec![line; 200];
    assert_eq!(states(&ordering(&world, &id, lines.clone()).await), ["NOT_DECLARED"; 200]);
    assert_eq!(checked(&world, "PEANUTS", lines).await.line_checks.len(), 200);
}

/// What is said besides what is left out is put in.
async fn only_one_thing_is_left_out(world: World) {
    put(&world, vec![called(&["House salad"], item("s1", &["CELERY"]))]).await;
    let guest = guest(&world, vec![allergy("TREE_NUTS")]).await;
    for (left_out, expected) in [
        ("celery", "NOTHING_DECLARED_AGAINST_IT"),
        ("no nuts", "NOTHING_DECLARED_AGAINST_IT"),
        ("celery, add walnuts", "CONFLICT"),
        ("celery + walnuts on top", "CONFLICT"),
        ("no dressing but walnuts", "CONFLICT"),
        ("none, extra walnuts", "CONFLICT"),
        ("celery sub walnuts", "CONFLICT"),
        ("Sellerie stattdessen Walnüsse", "CONFLICT"),
        ("céleri remplacé par noix", "CONFLICT"),
        ("sedano mettere noci", "CONFLICT"),
        ("apio mejor nueces", "CONFLICT"),
        ("aipo colocar nozes", "CONFLICT"),
        ("all except almonds", "CONFLICT"),
        ("noix à part", "CONFLICT"),
        ("the walnut sauce", "NOTHING_DECLARED_AGAINST_IT"),
        ("dressing, add the house sauce", "NOT_DECLARED"),
    ] {
        let line = modified("House salad", ModifierKind::LeftOut, left_out);
        assert_eq!(states(&ordering(&world, &guest, vec![line]).await), [expected], "{left_out}");
    }
}

async fn no_alcohol_in_numbers_is_believed_of_abstainers_alone(world: World) {
    let abstains = || precaution(PrecautionKind::Abstention, "ALCOHOL");
    for (name, is_alcohol_free) in [
        ("0,0% Bier", true),
        ("Bier 0,0 %", true),
        ("0.0 beer", true),
        ("0.0% beer", true),
        ("Bière 0,0%", true),
        ("Birra 0,0 %", true),
        ("Cerveza 0,0", true),
        ("Cerveja 0,0%", true),
        ("0 % Alkohol Bier", true),
        ("Bier 5,0% 0,5 l", false),
        ("Bier 5,0 0,5 l", false),
        ("Bier 10,0 %", false),
        ("Bier 0,5 l", false),
        ("0,5% Bier", false),
    ] {
        let state = async |draft| states(&told_of(&world, draft, vec![order(name)]).await)[0].to_owned();
        let expected = if is_alcohol_free { "NOT_DECLARED" } else { "CONFLICT" };
        assert_eq!(state(abstains()).await, expected, "{name}");
        // It clears no allergy: the kitchen is asked, or it is not served.
        assert_ne!(state(allergy("ALCOHOL")).await, "NOTHING_DECLARED_AGAINST_IT", "{name}");
        // Proposed to abstainers only if they stated it.
        let draft = CustomerDraft { precautions: vec![abstains()], evidence: vec![stated(name)], ..asked("Ana") };
        let id = world.create(draft).await.customer_id;
        let is_proposed = world.brief(by_id(&id)).await.anticipate.iter().any(|one| one.text.contains(name));
        assert_eq!(is_proposed, is_alcohol_free, "{name}");
    }
}

async fn what_can_be_had_so_is_not_so(world: World) {
    for name in [
        "carbonara disponível vegana",
        "carbonara, disponíveis veganas",
        "carbonara disponible vegana",
        "carbonara disponible végane",
        "carbonara disponibile vegana",
        "Carbonara vegan verfügbar",
        "Carbonara vegan erhältlich",
    ] {
        let draft = precaution(PrecautionKind::Diet, "VEGAN");
        assert_eq!(states(&told_of(&world, draft, vec![order(name)]).await), ["CONFLICT"], "{name}");
    }
}

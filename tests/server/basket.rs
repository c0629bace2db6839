//! The basket, checked: what must not be served comes first, and nothing is said to be safe.

use rapport::proto::*;
use tonic::Code;

use super::{
    catalogue::{item, put},
    world::*,
};

on_both!(
    a_conflict_comes_before_everything,
    what_is_not_declared_is_folded,
    a_code_that_is_not_understood_leaves_every_line_open,
    a_line_of_another_seat_is_not_theirs,
    modifiers_count_and_what_is_left_out_clears_nothing,
    several_conflicts_share_the_headline,
    the_most_dangerous_conflict_comes_first,
    nothing_is_checked_where_nothing_is_known,
    several_who_share_an_identity_are_checked_together,
    a_basket_has_bounds,
    a_till_reads_the_short_view,
    items_are_checked_for_nobody,
    what_the_catalogue_calls_a_line_counts,
    a_diet_believes_what_is_left_out_of_what_the_catalogue_names,
    what_is_listed_as_no_food_counts_by_its_name,
);

pub fn precaution(kind: PrecautionKind, code: &str) -> PrecautionDraft {
    PrecautionDraft { kind: kind as i32, ..allergy(code) }
}

pub fn order(item: &str) -> BasketLine {
    BasketLine { item: item.into(), ..BasketLine::default() }
}

pub fn modified(item: &str, kind: ModifierKind, what: &str) -> BasketLine {
    BasketLine { modifiers: vec![BasketModifier { kind: kind as i32, item: what.into() }], ..order(item) }
}

pub async fn guest(world: &World, precautions: Vec<PrecautionDraft>) -> String {
    world.create(CustomerDraft { precautions, precautions_asked: true, ..named("Ana") }).await.customer_id
}

pub async fn ordering(world: &World, id: &str, lines: Vec<BasketLine>) -> Briefing {
    let request = GetBriefingRequest { basket_lines: lines, ..briefing(by_id(id)) };
    world.briefings().get_briefing(request).await.expect("an answer").into_inner().briefing.expect("a briefing")
}

pub fn states(briefing: &Briefing) -> Vec<&str> {
    briefing.line_checks.iter().map(state).collect()
}

pub fn state(check: &LineCheck) -> &'static str {
    check.state().as_str_name().trim_start_matches("LINE_STATE_")
}

async fn a_conflict_comes_before_everything(world: World) {
    for (draft, item, substance, said) in [
        (allergy("PEANUTS"), "Peanut butter cup", "PEANUTS", "Conflict: Peanut butter cup (peanuts)"),
        (precaution(PrecautionKind::Diet, "HALAL"), "Pork belly", "PORK", "Conflict: Pork belly (pork)"),
        (
            precaution(PrecautionKind::Abstention, "ALCOHOL"),
            "Glass of red wine",
            "ALCOHOL",
            "Conflict: Glass of red wine (alcohol)",
        ),
        (precaution(PrecautionKind::Intolerance, "EGGS"), "Omelette", "EGGS", "Conflict: Omelette (eggs)"),
    ] {
        let code = draft.code.clone();
        let id = guest(&world, vec![draft]).await;
        let request =
            GetBriefingRequest { basket_items: vec!["Still water".into(), item.into()], ..briefing(by_id(&id)) };
        let answer = world.briefings().get_briefing(request).await.expect("an answer").into_inner();
        let briefing = answer.briefing.expect("a briefing");
        assert_eq!(states(&briefing), ["NOT_DECLARED", "CONFLICT"], "{code}");
        let finding = &briefing.line_checks[1].findings[0];
        assert_eq!((finding.precaution_code.as_str(), finding.substance.as_str()), (code.as_str(), substance));
        assert_eq!((finding.told_by().as_str_name(), finding.precaution_id.as_str()), ("TOLD_BY_NAME", "p1"));
        assert_eq!(briefing.headline[0].text, said);
        let first = &briefing.respect[0];
        assert!(first.statement_code() == StatementCode::BasketConflict);
        assert!(first.text.starts_with(&format!("Do not serve {item}: by its name it contains ")), "{}", first.text);
        assert_eq!(briefing.respect[1].code, "BASKET_NOT_DECLARED");
        assert!(briefing.respect[2].code.starts_with("PRECAUTION_"));
    }
}

async fn what_is_not_declared_is_folded(world: World) {
    let id = guest(&world, vec![allergy("SESAME")]).await;
    let briefing = ordering(&world, &id, ["Soup", "Salad", "Bread"].map(order).into()).await;
    assert_eq!(states(&briefing), ["NOT_DECLARED"; 3]);
    assert_eq!(briefing.respect[0].text, "3 lines are not declared: ask the kitchen: Soup, Salad, Bread.");
    assert!(briefing.headline.iter().any(|one| one.text == "Not declared, ask: Soup, Salad, Bread"));
    let briefing = ordering(&world, &id, vec![order("Soup")]).await;
    assert_eq!(briefing.respect[0].text, "Soup is not declared: ask the kitchen.");
    let all = format!("{:?}", briefing.respect.iter().map(|one| (&one.text, &one.reason)).collect::<Vec<_>>());
    assert!(!all.to_lowercase().contains("safe"), "{all}");
}

async fn a_code_that_is_not_understood_leaves_every_line_open(world: World) {
    let id = guest(&world, vec![allergy("TRENUTS")]).await;
    let briefing = ordering(&world, &id, vec![order("Soup"), order("Still water")]).await;
    assert_eq!(states(&briefing), ["NOT_DECLARED"; 2]);
    for check in &briefing.line_checks {
        assert_eq!((check.findings[0].precaution_code.as_str(), check.findings[0].substance.as_str()), ("TRENUTS", ""));
    }
}

async fn a_line_of_another_seat_is_not_theirs(world: World) {
    let id = guest(&world, vec![allergy("PEANUTS")]).await;
    let lines = ["1", "2", ""].map(|seat| BasketLine { seat: seat.into(), ..order("Peanut soup") });
    let request =
        GetBriefingRequest { basket_lines: lines.to_vec(), customer_seat: "2".into(), ..briefing(by_id(&id)) };
    let answer = world.briefings().get_briefing(request).await.expect("an answer").into_inner();
    let expected = ["UNSPECIFIED", "CONFLICT", "CONFLICT"];
    assert_eq!(states(&answer.briefing.expect("a briefing")), expected);
    assert_eq!(states(&ordering(&world, &id, lines.to_vec()).await), ["CONFLICT"; 3]);

    // Tills write one seat in several ways.
    for (seat, customer_seat) in [("03", "3"), ("3", "03"), ("\u{ff13}", "3"), ("a2", "A2")] {
        let line = BasketLine { seat: seat.into(), ..order("Peanut soup") };
        let request = GetBriefingRequest {
            basket_lines: vec![line],
            customer_seat: customer_seat.into(),
            ..briefing(by_id(&id))
        };
        let answer = world.briefings().get_briefing(request).await.expect("an answer").into_inner();
        assert_eq!(states(&answer.briefing.expect("a briefing")), ["CONFLICT"], "{seat} {customer_seat}");
    }
}

async fn modifiers_count_and_what_is_left_out_clears_nothing(world: World) {
    let id = guest(&world, vec![allergy("PEANUTS")]).await;
    let lines = vec![
        modified("Noodles", ModifierKind::Added, "crushed peanuts"),
        modified("Noodles", ModifierKind::Exchanged, "peanut sauce"),
        modified("Peanut noodles", ModifierKind::LeftOut, "peanuts"),
        modified("Noodles", ModifierKind::LeftOut, "peanuts"),
    ];
    let expected = ["CONFLICT", "CONFLICT", "CONFLICT", "NOT_DECLARED"];
    assert_eq!(states(&ordering(&world, &id, lines).await), expected);
    // A diet believes what is left out.
    let id = guest(&world, vec![precaution(PrecautionKind::Diet, "VEGETARIAN")]).await;
    let lines = vec![modified("Ham noodles", ModifierKind::LeftOut, "ham"), order("Ham noodles")];
    assert_eq!(states(&ordering(&world, &id, lines).await), ["NOT_DECLARED", "CONFLICT"]);
}

async fn several_conflicts_share_the_headline(world: World) {
    let id = guest(&world, vec![allergy("PEANUTS"), allergy("MILK")]).await;
    let lines = ["Peanut soup", "Cheese board", "Peanut cheesecake", "Milkshake, large, with extra cream"].map(order);
    let briefing = ordering(&world, &id, lines.into()).await;
    assert_eq!(briefing.headline[0].text, "Conflict: Peanut soup (peanuts) +3 more: read all");
    assert_eq!(briefing.headline[1].text, "Peanuts, milk: life-threatening");
    assert!(briefing.respect[..4].iter().all(|one| one.code == "BASKET_CONFLICT"), "{briefing:?}");
    // One statement for a line, whatever speaks against it.
    let cake = briefing.respect.iter().find(|one| one.text.contains("Peanut cheesecake")).expect("the cake");
    assert_eq!(cake.text, "Do not serve Peanut cheesecake: by its name it contains peanuts, milk.");
    assert_eq!(cake.reason, "Peanut allergy, life-threatening; Milk allergy, life-threatening.");
    assert_eq!(briefing.line_checks[2].findings.len(), 2);
}

async fn the_most_dangerous_conflict_comes_first(world: World) {
    let id = guest(&world, vec![precaution(PrecautionKind::Diet, "VEGAN"), allergy("PEANUTS")]).await;
    let lines = ["Cheese board", "Milkshake", "Peanut soup", "Ham", "Peanut butter"].map(order);
    let briefing = ordering(&world, &id, lines.into()).await;
    assert_eq!(briefing.headline[0].text, "Conflict: Peanut soup (peanuts) +4 more: read all");
    let items = ["Peanut soup", "Peanut butter", "Cheese board", "Milkshake", "Ham"];
    for (statement, item) in briefing.respect.iter().zip(items) {
        assert!(statement.text.starts_with(&format!("Do not serve {item}:")), "{item}: {}", statement.text);
    }
}

async fn nothing_is_checked_where_nothing_is_known(world: World) {
    for precautions in
        [Vec::new(), vec![precaution(PrecautionKind::Accessibility, "WHEELCHAIR")], vec![allergy("FEATHERS")]]
    {
        let id = guest(&world, precautions).await;
        let briefing = ordering(&world, &id, vec![order("Peanut soup")]).await;
        assert_eq!(states(&briefing), ["UNSPECIFIED"]);
        assert!(briefing.respect.iter().all(|one| !one.code.starts_with("BASKET")), "{briefing:?}");
    }
    let nobody = GetBriefingRequest {
        basket_lines: vec![order("Soup")],
        ..briefing(by_identity(identity(IdentityType::Phone, "+41446681899")))
    };
    let answer = world.briefings().get_briefing(nobody).await.expect("an answer").into_inner();
    assert_eq!(states(&answer.briefing.expect("a briefing")), ["UNSPECIFIED"]);
    let id = guest(&world, vec![allergy("PEANUTS")]).await;
    let marketing = GetBriefingRequest {
        basket_lines: vec![order("Peanut soup")],
        purpose: Purpose::Marketing as i32,
        ..briefing(by_id(&id))
    };
    let answer = world.briefings().get_briefing(marketing).await.expect("an answer").into_inner();
    assert_eq!(states(&answer.briefing.expect("a briefing")), ["UNSPECIFIED"]);
}

async fn several_who_share_an_identity_are_checked_together(world: World) {
    let phone = || identity(IdentityType::Phone, "+41446681801");
    for precautions in [vec![allergy("PEANUTS")], Vec::new()] {
        let draft = CustomerDraft { precautions, identities: vec![phone()], precautions_asked: true, ..named("Ana") };
        world.create(draft).await;
    }
    let request = GetBriefingRequest { basket_lines: vec![order("Peanut soup")], ..briefing(by_identity(phone())) };
    let answer = world.briefings().get_briefing(request).await.expect("an answer").into_inner();
    let briefing = answer.briefing.expect("a briefing");
    assert!(briefing.state() == BriefingState::Ambiguous);
    assert_eq!(states(&briefing), ["CONFLICT"]);
    assert_eq!(briefing.line_checks[0].findings[0].precaution_id, "");
    assert_eq!(briefing.headline[0].text, "Conflict: Peanut soup (peanuts)");
    assert_eq!(briefing.headline.last().expect("a line").code, "ASK_WHO");
}

async fn a_basket_has_bounds(world: World) {
    let id = guest(&world, Vec::new()).await;
    let asked = |lines: Vec<BasketLine>| GetBriefingRequest { basket_lines: lines, ..briefing(by_id(&id)) };
    let fine = vec![modified("Soup", ModifierKind::Added, "salt"); 200];
    assert_eq!(states(&ordering(&world, &id, fine.clone()).await).len(), 200);
    let modifier = BasketModifier { kind: ModifierKind::Added as i32, item: "salt".into() };
    let many = |count| BasketLine { modifiers: vec![modifier.clone(); count], ..order("Soup") };
    ordering(&world, &id, vec![many(16)]).await;
    for (request, field) in [
        (asked([fine, vec![order("Soup")]].concat()), "basket_lines"),
        (asked(vec![many(17)]), "basket_lines[0].modifiers"),
        (asked(vec![modified("Soup", ModifierKind::Unspecified, "salt")]), "basket_lines[0].modifiers[0].kind"),
        (asked(vec![BasketLine { quantity: -1, ..order("Soup") }]), "basket_lines[0].quantity"),
        (asked(vec![BasketLine { quantity: 10_001, ..order("Soup") }]), "basket_lines[0].quantity"),
        (asked(vec![BasketLine { seat: "x".repeat(17), ..order("Soup") }]), "basket_lines[0].seat"),
        (GetBriefingRequest { customer_seat: "x".repeat(17), ..asked(Vec::new()) }, "customer_seat"),
        (GetBriefingRequest { basket_items: vec!["Soup".into()], ..asked(vec![order("Soup")]) }, "basket_lines"),
        (GetBriefingRequest { view: 9, ..asked(Vec::new()) }, "view"),
        (asked(vec![order("4111 1111 1111 1111")]), "basket_lines[0].item"),
    ] {
        let refused = refusal!(world, briefings, get_briefing, request);
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert_eq!(super::world::field(&refused), field);
    }
}

async fn a_till_reads_the_short_view(world: World) {
    let other = PrecautionDraft { text: "Kiwi, banana and latex".into(), ..allergy("OTHER") };
    let id = guest(&world, vec![allergy("PEANUTS"), other]).await;
    let full = briefing(by_id(&id));
    let till = GetBriefingRequest { view: BriefingView::Till as i32, ..full.clone() };
    let read = |request| {
        let mut briefings = world.briefings();
        async move { briefings.get_briefing(request).await.expect("an answer").into_inner().briefing.expect("a briefing") }
    };
    // In both orders, so that no kept answer of the one is sent for the other.
    for _ in 0..2 {
        let (short, long) = (read(till.clone()).await, read(full.clone()).await);
        let texts = |list: &[Statement]| list.iter().map(|one| one.text.clone()).collect::<Vec<_>>();
        assert_eq!(texts(&short.headline), texts(&long.headline));
        assert_eq!(texts(&short.respect), texts(&long.respect));
        assert!(
            short.respect.iter().chain(&short.headline).all(|one| one.reason.is_empty() && one.parameters.is_empty())
        );
        assert!(short.anticipate.is_empty() && short.delight.is_empty() && short.communicate.is_empty());
        assert!(short.acknowledge.is_empty() && short.precautions.is_empty());
        assert_eq!(long.precautions.len(), 2);
        let bytes = prost::Message::encoded_len(&short);
        assert!(bytes <= 700, "{bytes}");
    }
}

async fn items_are_checked_for_nobody(world: World) {
    let low = PrecautionDraft { criticality: Criticality::Low as i32, ..allergy("FISH") };
    let request = CheckItemsRequest {
        venue_id: VENUE.into(),
        basket_lines: vec![order("Peanut soup"), order("Bread"), order("Tuna salad")],
        precautions: vec![low, allergy("PEANUTS"), allergy("KIWI")],
        ..CheckItemsRequest::default()
    };
    let checked = world.briefings().check_items(request.clone()).await.expect("checked").into_inner();
    let states: Vec<&str> = checked.line_checks.iter().map(state).collect();
    assert_eq!(states, ["CONFLICT", "NOT_DECLARED", "CONFLICT"]);
    assert_eq!(checked.headline[0].text, "Conflict: Peanut soup (peanuts), Tuna salad (fish)");
    assert_eq!(checked.respect[0].text, "Do not serve Peanut soup: by its name it contains peanuts.");
    assert!(
        checked.line_checks.iter().flat_map(|check| &check.findings).all(|finding| finding.precaution_id.is_empty())
    );
    assert!(checked.respect.last().expect("a statement").text.contains("not understood"), "{checked:?}");
    let none = world.customers().list_customers(ListCustomersRequest::default()).await.expect("listed").into_inner();
    assert!(none.customer_ids.is_empty());
    for (request, field) in [
        (CheckItemsRequest { precautions: Vec::new(), ..request.clone() }, "precautions"),
        (CheckItemsRequest { precautions: vec![allergy("A"); 17], ..request.clone() }, "precautions"),
        (CheckItemsRequest { basket_lines: Vec::new(), ..request.clone() }, "basket_lines"),
        (CheckItemsRequest { seat: "x".repeat(17), ..request.clone() }, "seat"),
        (CheckItemsRequest { venue_id: "nowhere".into(), ..request }, "venue_id"),
    ] {
        let refused = refusal!(world, briefings, check_items, request);
        assert_eq!((refused.code(), super::world::field(&refused).as_str()), (Code::InvalidArgument, field));
    }
}

/// An item with these names.
/// Puts items that are declared: each with its name, its id and what it contains.
pub async fn sell(world: &World, items: &[(&str, &str, &[&str])]) {
    put(world, items.iter().map(|(name, id, codes)| called(&[name], item(id, codes))).collect()).await;
}

pub fn called(names: &[&str], item: Item) -> Item {
    let name = |text: &&str| ItemName { language: String::new(), text: (*text).to_owned() };
    Item { names: names.iter().map(name).collect(), ..item }
}

async fn what_the_catalogue_calls_a_line_counts(world: World) {
    let unknown = |id| Item { contents: None, ..item(id, &[]) };
    put(
        &world,
        vec![
            called(&["Peanut butter toast"], unknown("s1")),
            called(&["Erdnussbuttertoast", "Golden toast"], item("s2", &[])),
            called(&["Lunch"], Item { component_ids: vec!["s2".into()], ..unknown("m1") }),
            called(&["Supper"], Item { component_ids: vec!["m1".into()], ..item("m2", &["MILK"]) }),
            called(&["Water"], item("w", &[])),
            called(&["Peanut-free bar"], item("bar", &[])),
            called(&["Nougat, peanut-free"], unknown("nougat")),
        ],
    )
    .await;
    let lines = || {
        vec![
            order("s1"),
            order("s2"),
            order("Golden toast"),
            order("m1"),
            order("Supper"),
            modified("w", ModifierKind::Added, "s1"),
            modified("Water", ModifierKind::Exchanged, "s2"),
            order("w"),
            order("bar"),
            order("nougat"),
        ]
    };
    for (code, expected) in [
        ("PEANUTS", [vec!["CONFLICT"; 7], vec!["NOTHING_DECLARED_AGAINST_IT"; 2], vec!["NOT_DECLARED"]].concat()),
        (
            "CELERY",
            [
                vec!["NOT_DECLARED"],
                vec!["NOTHING_DECLARED_AGAINST_IT"; 4],
                vec!["NOT_DECLARED"],
                vec!["NOTHING_DECLARED_AGAINST_IT"; 3],
                vec!["NOT_DECLARED"],
            ]
            .concat(),
        ),
    ] {
        let request = with!(CheckItemsRequest {
            venue_id: VENUE.into(),
            basket_lines: lines(),
            precautions: vec![allergy(code)]
        });
        let checked = world.briefings().check_items(request).await.expect("checked").into_inner();
        assert_eq!(checked.line_checks.iter().map(state).collect::<Vec<_>>(), expected, "{code}");
        for check in checked.line_checks.iter().filter(|check| state(check) == "CONFLICT") {
            let finding = &check.findings[0];
            assert_eq!((finding.substance.as_str(), finding.told_by().as_str_name()), ("PEANUTS", "TOLD_BY_NAME"));
        }
        let guest = guest(&world, vec![allergy(code)]).await;
        assert_eq!(states(&ordering(&world, &guest, lines()).await), expected, "{code}");
    }
}

async fn a_diet_believes_what_is_left_out_of_what_the_catalogue_names(world: World) {
    let unknown = |id| Item { contents: None, ..item(id, &[]) };
    put(
        &world,
        vec![
            called(&["Ham noodles"], unknown("h")),
            called(&["Ham roll"], Item { suits_diets: vec!["VEGAN".into()], ..item("r", &[]) }),
        ],
    )
    .await;
    let vegetarian = guest(&world, vec![precaution(PrecautionKind::Diet, "VEGETARIAN")]).await;
    let ordered = [order("h"), modified("h", ModifierKind::LeftOut, "ham"), order("r")];
    let expected = ["CONFLICT", "NOT_DECLARED", "NOTHING_DECLARED_AGAINST_IT"];
    assert_eq!(states(&ordering(&world, &vegetarian, ordered.into()).await), expected);
}

async fn what_is_listed_as_no_food_counts_by_its_name(world: World) {
    let thing = |id, codes: &[&str]| Item { not_food: true, ..item(id, codes) };
    let unknown = |id| Item { contents: None, ..thing(id, &[]) };
    put(
        &world,
        vec![
            called(&["Peanut bar"], unknown("t1")),
            called(&["Candle"], unknown("t2")),
            called(&["Hand cream"], thing("t3", &["PEANUTS"])),
            called(&["Chips"], item("chips", &[])),
        ],
    )
    .await;
    let guest = guest(&world, vec![allergy("PEANUTS")]).await;
    let mut lines: Vec<_> = ["t1", "Peanut bar", "t2", "Candle", "t3"].map(order).into();
    // Nobody needs to declare what a thing beside the food contains.
    lines.push(modified("Chips", ModifierKind::Added, "Candle"));
    let silent = "NOTHING_DECLARED_AGAINST_IT";
    let expected = ["CONFLICT", "CONFLICT", silent, silent, "CONFLICT", silent];
    assert_eq!(states(&ordering(&world, &guest, lines).await), expected);
}

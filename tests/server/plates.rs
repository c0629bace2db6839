//! Plates that hold several dangers, and dangers that are recorded or ordered in unusual words: nothing of them is lost.

use rapport::proto::*;

use super::{
    basket::{called, guest, modified, order, ordering, precaution, states},
    catalogue::{item, put},
    promises::{promise_for, recovery},
    staff_texts::{SILENT, at, diet, headline, high, may_contain, of, told, told_of},
    world::*,
};

on_both!(
    each_trace_is_told_beside_a_conflict_and_as_surely_as_it_is_known,
    each_substance_of_one_precaution_is_told,
    an_illness_that_is_noted_as_a_diet_is_none,
    an_illness_that_words_tell_of_counts,
    what_is_acted_on_quietly_is_told_beside_what_is_said,
    no_modifier_takes_out_what_another_puts_in,
    an_item_in_one_word_inside_a_promise_is_found,
    what_stands_around_a_name_hides_nothing,
    a_seat_that_may_be_theirs_is_checked,
    a_stop_says_whose_precaution_it_is_and_how_many_there_are,
    a_name_that_tells_of_what_may_be_raw_is_asked_about,
    meat_and_milk_on_one_plate_are_not_kosher,
);

async fn each_substance_of_one_precaution_is_told(world: World) {
    let declared = |name: &str, id: &str, contains: &[&str]| called(&[name], item(id, contains));
    let trace = |code: &str| ItemContent { code: code.into(), level: ContentLevel::MayContain as i32 };
    put(
        &world,
        vec![
            declared("Cake", "cake", &["ALMOND", "HAZELNUT"]),
            declared("Walnut torte", "torte", &["ALMOND"]),
            declared("Nut loaf", "loaf", &["HAZELNUT"]),
            with_contents(declared("Brownie", "brownie", &["ALMOND"]), &[trace("PECAN")]),
        ],
    )
    .await;
    for (line, expected) in [
        ("Cake", "it contains almond, hazelnut."),
        ("Walnut torte", "it contains almond, and by its name contains walnut."),
        // The name means what is declared.
        ("Nut loaf", "it contains hazelnut."),
        ("Brownie", "it contains almond, and may contain pecan."),
        ("Walnut and hazelnut bread", "by its name it contains hazelnut, walnut."),
    ] {
        let briefing = told_of(&world, allergy("TREE_NUTS"), vec![order(line)]).await;
        assert_eq!(told(&briefing), [format!("Do not serve {line}: {expected}")]);
    }
    let kitchen = ["HAZELNUT", "WALNUT", "MILK"].map(str::to_owned).to_vec();
    let declared = with!(DeclareKitchenRequest { venue_id: VENUE.to_owned(), may_contain: kitchen });
    world.catalogue().declare_kitchen(declared).await.expect("declared");
    let briefing = told_of(&world, allergy("TREE_NUTS"), vec![order("Rice")]).await;
    assert_eq!(headline(&briefing)[1], "Ask the kitchen: everything may contain hazelnut, walnut.");
}

async fn an_illness_that_is_noted_as_a_diet_is_none(world: World) {
    let crackers = called(&["House bites"], may_contain("crackers", "GLUTEN"));
    put(&world, vec![crackers, called(&["House nuts"], item("nuts", &["WALNUT", "BEEF"]))]).await;
    for (draft, expected) in [
        (diet("GLUTEN_FREE"), SILENT),
        (diet("COELIAC"), "MAY_CONTAIN"),
        (diet("COELIAC_DISEASE"), "MAY_CONTAIN"),
        (diet("ZOELIAKIE"), "MAY_CONTAIN"),
        (precaution(PrecautionKind::Abstention, "GLUTEN_INTOLERANCE"), "MAY_CONTAIN"),
        (diet("GLUTEN_ALLERGY"), "CONFLICT"),
    ] {
        let briefing = told_of(&world, draft.clone(), vec![order("House bites")]).await;
        assert_eq!(states(&briefing), [expected], "{draft:?}");
        let warned = headline(&briefing).contains(&"May contain: House bites (gluten)");
        assert_eq!(warned, expected == "MAY_CONTAIN", "{draft:?}: {:?}", headline(&briefing));
        let is_bad = headline(&briefing).iter().any(|line| line.contains("life-threatening"));
        assert_eq!(is_bad, expected != SILENT, "{draft:?}: {:?}", headline(&briefing));
    }
    // What a plate that is made anew must be asked about is told beside what speaks against it.
    let id = guest(&world, vec![high(allergy("WALNUT")), diet("HALAL")]).await;
    let expected =
        ["Do not serve House nuts: it contains walnut.", "Ask the kitchen about House nuts: is the beef halal?"];
    assert_eq!(told(&ordering(&world, &id, vec![order("House nuts")]).await), expected);
}

async fn each_trace_is_told_beside_a_conflict_and_as_surely_as_it_is_known(world: World) {
    let bar = called(&["Bar of the house"], item("bar", &["PEANUTS", "PORK"]));
    let traces =
        ["GLUTEN", "MILK"].map(|code| ItemContent { code: code.into(), level: ContentLevel::MayContain as i32 });
    let bar = with_contents(bar, &traces);
    let granola = with_contents(
        called(&["Granola"], item("gran", &["PORK", "MILK"])),
        &[ItemContent { code: "PEANUTS".into(), level: ContentLevel::MayContain as i32 }],
    );
    put(&world, vec![bar, granola]).await;
    let low = |code: &str| PrecautionDraft { criticality: Criticality::Low as i32, ..allergy(code) };
    let gluten = high(precaution(PrecautionKind::Intolerance, "GLUTEN"));
    let id = guest(&world, vec![high(allergy("PEANUTS")), gluten, low("MILK")]).await;
    let order_of = |name: &str| vec![order(name)];
    assert_eq!(
        told(&ordering(&world, &id, order_of("Bar of the house")).await),
        [
            "Do not serve Bar of the house: it contains peanuts.",
            "Also in Bar of the house: it may contain gluten, milk.",
        ]
    );
    let id = guest(&world, vec![high(allergy("PEANUTS")), diet("HALAL"), low("MILK")]).await;
    assert_eq!(
        told(&ordering(&world, &id, order_of("Granola")).await),
        ["Do not serve Granola: it may contain peanuts, and contains pork, milk."]
    );
    // Nobody can leave out a trace.
    let id = guest(&world, vec![precaution(PrecautionKind::Intolerance, "MILK")]).await;
    let without = vec![modified("Bar of the house", ModifierKind::LeftOut, "milk")];
    assert_eq!(states(&ordering(&world, &id, without).await), ["MAY_CONTAIN"]);
}

pub fn with_contents(mut item: Item, more: &[ItemContent]) -> Item {
    if let Some(contents) = &mut item.contents {
        contents.contents.extend_from_slice(more);
    }
    item
}

pub fn allergy(code: &str) -> PrecautionDraft {
    precaution(PrecautionKind::Allergy, code)
}

/// A precaution in words: its code says nothing.
pub fn in_words(kind: PrecautionKind, code: &str, text: &str) -> PrecautionDraft {
    PrecautionDraft { text: text.into(), ..precaution(kind, code) }
}

async fn an_illness_that_words_tell_of_counts(world: World) {
    use PrecautionKind::{Abstention, Accessibility, Allergy, Diet, Topic};
    let bites = called(&["House bites"], may_contain("bites", "HAZELNUT"));
    put(&world, vec![bites, called(&["House slice"], item("slice", &["WHEAT"]))]).await;
    for (draft, line, expected) in [
        (in_words(Abstention, "NO_NUTS", "nut allergy"), "House bites", "CONFLICT"),
        (in_words(Diet, "VEGAN", "anaphylaxis to nuts"), "House bites", "CONFLICT"),
        (in_words(Diet, "VEGAN", "since 2019"), "House bites", SILENT),
        (in_words(Allergy, "OTHER", "coeliac"), "House slice", "CONFLICT"),
        (in_words(Allergy, "SEE_TEXT", "Zöliakie, seit Geburt"), "House slice", "CONFLICT"),
        (in_words(Diet, "OTHER", "celiac disease"), "House slice", "CONFLICT"),
        (in_words(Allergy, "OTHER", "kiwi"), "Kiwi sorbet", "CONFLICT"),
        (precaution(Accessibility, "NUT_ALLERGY"), "House bites", "CONFLICT"),
        (precaution(Topic, "NUT_ALLERGY"), "House bites", "CONFLICT"),
        // A pillow is nothing to eat.
        (precaution(Accessibility, "HYPOALLERGENIC_PILLOW"), "House bites", "UNSPECIFIED"),
    ] {
        let briefing = told_of(&world, draft.clone(), vec![order(line)]).await;
        assert_eq!(states(&briefing), [expected], "{} {:?}", draft.code, draft.text);
    }
    let briefing = told_of(&world, in_words(Diet, "OTHER", "coeliac, no lemon"), vec![order("House slice")]).await;
    let conflict = briefing.respect.iter().find(|one| one.code == "BASKET_CONFLICT").expect("a conflict");
    assert!(conflict.reason.contains("coeliac, no lemon, life-threatening"), "{}", conflict.reason);
}

async fn what_is_acted_on_quietly_is_told_beside_what_is_said(world: World) {
    let starter = called(&["House starter"], item("starter", &["RAW_FISH", "RAW_EGG", "ALCOHOL"]));
    let satay = called(&["Satay"], item("satay", &["PEANUTS", "ALCOHOL"]));
    let cotta = called(&["Panna cotta"], item("cotta", &["MILK", "GELATINE"]));
    put(&world, vec![starter, satay, cotta]).await;
    let pregnancy = || PrecautionDraft { basis: PrecautionBasis::Consent as i32, ..diet("PREGNANCY") };
    let briefing = told_of(&world, pregnancy(), vec![order("House starter"), order("Panna cotta")]).await;
    let expected = [
        "Do not serve House starter: it contains raw egg, raw fish, alcohol.",
        // Gelatine is no raw meat.
        "Ask the kitchen about Panna cotta: unpasteurised milk?",
    ];
    assert_eq!(told(&briefing), expected);
    let codes: Vec<_> = briefing.line_checks[0].findings.iter().map(|one| one.substance.as_str()).collect();
    assert_eq!(codes, ["RAW_EGG", "RAW_FISH", "ALCOHOL"]);
    let id = guest(&world, vec![high(allergy("PEANUTS")), pregnancy()]).await;
    let briefing = ordering(&world, &id, vec![order("Satay")]).await;
    assert_eq!(
        told(&briefing),
        [
            "Do not serve Satay: it contains peanuts.",
            "Do not serve Satay: it contains alcohol.",
            "Ask the kitchen about Satay: raw meat?"
        ]
    );
    let said: Vec<_> =
        briefing.respect[..2].iter().map(|one| (one.tact().as_str_name(), one.reason.as_str())).collect();
    let quiet = (Tact::ActQuietly.as_str_name(), "Act on it without a word.");
    assert_eq!(said, [(Tact::Say.as_str_name(), "Peanut allergy, life-threatening."), quiet]);
}

async fn no_modifier_takes_out_what_another_puts_in(world: World) {
    put(
        &world,
        vec![
            called(&["House coffee"], item("coffee", &["MILK", "COFFEE"])),
            called(&["Cloud"], item("cloud", &["MILK"])),
            called(&["Carnival menu"], item("carnival", &["BEEF", "WHEAT"])),
            called(&["Chef's surprise"], item("surprise", &["BEEF"])),
        ],
    )
    .await;
    let with = |item: &str, modifiers: &[(ModifierKind, &str)]| {
        let modifiers =
            modifiers.iter().map(|(kind, item)| BasketModifier { kind: *kind as i32, item: (*item).into() });
        BasketLine { modifiers: modifiers.collect(), ..order(item) }
    };
    use ModifierKind::{Added, Exchanged, LeftOut};
    for (draft, line, expected) in [
        (diet("VEGAN"), with("House coffee", &[(Exchanged, "oat milk")]), "NOT_DECLARED"),
        (diet("VEGAN"), with("House coffee", &[(Exchanged, "oat milk"), (Added, "Cloud")]), "CONFLICT"),
        (
            precaution(PrecautionKind::Abstention, "ALCOHOL"),
            with("Mojito", &[(LeftOut, "alcohol"), (Added, "rum")]),
            "CONFLICT",
        ),
        (
            precaution(PrecautionKind::Abstention, "PORK"),
            with("Pizza prosciutto", &[(LeftOut, "ham"), (Added, "bacon")]),
            "CONFLICT",
        ),
        // What a course that is left out declares is asked about, by whatever name the till writes.
        (diet("VEGETARIAN"), with("Carnival menu", &[(LeftOut, "Chef's surprise")]), "NOT_DECLARED"),
        (diet("VEGETARIAN"), with("Carnival menu", &[(LeftOut, "surprise")]), "NOT_DECLARED"),
        (high(allergy("BEEF")), with("Carnival menu", &[(LeftOut, "Chef's surprise")]), "CONFLICT"),
    ] {
        let briefing = told_of(&world, draft, vec![line.clone()]).await;
        assert_eq!(states(&briefing), [expected], "{line:?}");
    }
}

async fn an_item_in_one_word_inside_a_promise_is_found(world: World) {
    put(
        &world,
        vec![called(&["Cold Bliss"], item("bliss", &["HAZELNUT"])), called(&["Zauberbrot"], item("zb", &["WALNUT"]))],
    )
    .await;
    let id = guest(&world, vec![high(allergy("TREE_NUTS"))]).await;
    let texts = ["Bring Cold Bliss", "Bring ColdBliss", "Bring a zauber brot after dinner", "Bring the Cold Bliss™"];
    for text in texts {
        promise_for(&world, &id, VENUE, text, world.now_ms() / 1_000 + 60).await;
    }
    let owed = recovery(&world, &id).await.follow_ups;
    for text in texts {
        let one = owed.iter().find(|one| one.promised.as_ref().is_some_and(|it| it.text == text)).expect("it is owed");
        assert_eq!(one.conflict, "PRECAUTION", "{text}");
    }
}

async fn what_stands_around_a_name_hides_nothing(world: World) {
    put(&world, vec![called(&["Secret topping"], item("KK7", &["HAZELNUT"])), called(&["Rice"], item("rice", &[]))])
        .await;
    for (line, expected) in [
        ("2x Secret topping", "CONFLICT"),
        ("2 x Secret topping", "CONFLICT"),
        ("12 × Secret topping", "CONFLICT"),
        ("Secret topping, warm", "CONFLICT"),
        ("2x Rice", SILENT),
        // What stands behind the comma nobody knows.
        ("Rice, warm", "NOT_DECLARED"),
        ("Rice, no ice", SILENT),
        ("2 xylitol rice", "NOT_DECLARED"),
    ] {
        let briefing = told_of(&world, high(allergy("TREE_NUTS")), vec![order(line)]).await;
        assert_eq!(states(&briefing), [expected], "{line}");
    }
}

async fn a_seat_that_may_be_theirs_is_checked(world: World) {
    let id = guest(&world, vec![high(allergy("PEANUTS"))]).await;
    for (seat, expected) in [
        ("1", "CONFLICT"),
        ("01", "CONFLICT"),
        ("#1", "CONFLICT"),
        ("Seat 1", "CONFLICT"),
        ("١", "CONFLICT"),
        ("Platz-1", "CONFLICT"),
        ("S1", "CONFLICT"),
        ("Seat no. 1", "CONFLICT"),
        ("2+3", "CONFLICT"),
        ("shared", "CONFLICT"),
        ("Mitte", "CONFLICT"),
        ("*", "CONFLICT"),
        ("2", "UNSPECIFIED"),
        ("Seat 2", "UNSPECIFIED"),
    ] {
        let lines = vec![at(seat, order("Pad Thai"))];
        let request = GetBriefingRequest { basket_lines: lines, customer_seat: "1".into(), ..briefing(by_id(&id)) };
        let told = world.briefings().get_briefing(request).await.expect("briefed").into_inner().briefing;
        assert_eq!(states(&told.expect("a briefing")), [expected], "{seat}");
    }
}

async fn a_stop_says_whose_precaution_it_is_and_how_many_there_are(world: World) {
    let id = guest(&world, vec![of("my son", high(allergy("PEANUTS"))), of("my son", high(allergy("FISH")))]).await;
    for text in ["Pad Thai for him", "Bring a peanut cake"] {
        promise_for(&world, &id, VENUE, text, world.now_ms() / 1_000 + 60).await;
    }
    let briefing = ordering(&world, &id, Vec::new()).await;
    assert_eq!(headline(&briefing)[0], "Peanuts (my son), fish (my son): life-threatening");
    assert!(headline(&briefing)[1].ends_with(" +1 more: read all"), "{:?}", headline(&briefing));
    let owed = recovery(&world, &id).await.follow_ups;
    let told = &owed[0].conflict_text;
    assert!(told.contains("Peanut allergy (my son), life-threatening; it contains peanuts."), "{told}");
}

async fn a_name_that_tells_of_what_may_be_raw_is_asked_about(world: World) {
    let suits = Item { suits_diets: vec!["PREGNANCY".into()], ..item("veal", &["WHEAT"]) };
    put(
        &world,
        vec![
            called(&["Lamb kebab"], item("kebab", &["WHEAT"])),
            called(&["Salmon burger"], item("salmon", &["WHEAT", "EGGS"])),
            called(&["Veal escalope"], suits),
            called(&["Rice"], item("rice", &[])),
        ],
    )
    .await;
    let pregnancy = || PrecautionDraft { basis: PrecautionBasis::Consent as i32, ..diet("PREGNANCY") };
    let lines = ["Lamb kebab", "Salmon burger", "Veal escalope", "Rice"].map(order).to_vec();
    let briefing = told_of(&world, pregnancy(), lines).await;
    assert_eq!(states(&briefing), ["NOT_DECLARED", "NOT_DECLARED", SILENT, SILENT]);
    assert_eq!(
        told(&briefing)[1..],
        ["Ask the kitchen about Lamb kebab: raw meat?", "Ask the kitchen about Salmon burger: raw egg, raw fish?"]
    );
    let finding = &briefing.line_checks[0].findings[0];
    assert_eq!((finding.substance.as_str(), finding.told_by().as_str_name()), ("RAW_MEAT", "TOLD_BY_NAME"));
    // What they like is proposed with a word to the kitchen.
    let liked = ["Lamb kebab", "Rice"].map(stated).to_vec();
    let draft = CustomerDraft { precautions: vec![pregnancy()], evidence: liked, ..asked("Ana") };
    let id = world.create(draft).await.customer_id;
    let briefing = world.brief(by_id(&id)).await;
    let text = |item| briefing.anticipate.iter().map(|one| one.text.as_str()).find(|text| text.contains(item));
    let is_checked = |item| text(item).map(|text| text.ends_with("Check with the kitchen first."));
    assert_eq!((is_checked("Lamb kebab"), is_checked("Rice")), (Some(true), Some(false)));
}

async fn meat_and_milk_on_one_plate_are_not_kosher(world: World) {
    let declared = |name: &str, id: &str, contains: &[&str]| called(&[name], item(id, contains));
    put(
        &world,
        vec![
            declared("House stack", "stack", &["BEEF", "MILK", "WHEAT"]),
            declared("Steak", "steak", &["BEEF"]),
            declared("Gratin", "gratin", &["MILK"]),
            declared("Cod in cream", "cod", &["COD", "MILK"]),
            declared("Panna cotta", "cotta", &["MILK", "GELATINE"]),
        ],
    )
    .await;
    let lines = vec![
        order("House stack"),
        modified("Steak", ModifierKind::Added, "Gratin"),
        order("Steak"),
        order("Gratin"),
        order("Cod in cream"),
        order("Panna cotta"),
        modified("House stack", ModifierKind::LeftOut, "milk"),
    ];
    let briefing = told_of(&world, diet("KOSHER"), lines).await;
    let open = "NOT_DECLARED";
    assert_eq!(states(&briefing), ["CONFLICT", "CONFLICT", open, SILENT, SILENT, open, open]);
    assert_eq!(
        told(&briefing)[..2],
        [
            "Do not serve House stack: it contains meat with milk.",
            "Do not serve Steak + Gratin: it contains meat with milk."
        ]
    );
    assert!(headline(&briefing)[0].starts_with("Conflict: House stack (meat with milk)"), "{:?}", headline(&briefing));
    let question = "Ask the kitchen about House stack without milk: really without milk, is the beef kosher?";
    assert!(told(&briefing).contains(&question), "{:?}", told(&briefing));
    // Nobody else minds, and nobody vouches for it.
    assert_eq!(states(&told_of(&world, diet("HALAL"), vec![order("House stack")]).await), [open]);
    let vouched = Item { suits_diets: vec!["KOSHER".into()], ..item("stack", &["BEEF", "MILK"]) };
    let items = with!(PutItemsRequest { venue_id: VENUE.into(), items: vec![vouched] });
    let refused = world.catalogue().put_items(by("chef", items)).await.expect_err("it contradicts itself");
    assert_eq!(refused.code(), tonic::Code::InvalidArgument);
    let liked = ["House stack", "Gratin"].map(stated).to_vec();
    let draft = CustomerDraft { precautions: vec![diet("KOSHER")], evidence: liked, ..asked("Ana") };
    let id = world.create(draft).await.customer_id;
    let anticipate = world.brief(by_id(&id)).await.anticipate;
    let is_proposed = |item: &str| anticipate.iter().any(|one| one.text.contains(item));
    assert!(is_proposed("Gratin") && !is_proposed("House stack"));
    promise_for(&world, &id, VENUE, "Bring a House stack", world.now_ms() / 1_000 + 60).await;
    let told = &recovery(&world, &id).await.follow_ups[0].conflict_text;
    assert!(told.starts_with("Do not deliver: Bring a House stack. Diet: kosher"), "{told}");
    assert!(told.contains("; it contains meat and milk."), "{told}");
}

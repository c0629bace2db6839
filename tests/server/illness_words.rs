//! Illnesses in the words of precautions: what they make of what is named, what denies them, and how staff read of them.

use rapport::proto::*;

use super::{
    basket::{called, guest, order, ordering, sell, states},
    catalogue::{item, put},
    plates::{allergy, in_words},
    promises::{promise_for, recovery},
    staff_texts::{SILENT, diet, headline, high, may_contain, state_of, told, told_of},
    world::*,
};

on_both!(
    traces_are_asked_for_beside_an_illness_that_is_a_code_alone,
    an_illness_counts_in_whatever_words,
    an_unknown_allergen_counts_beside_a_known_one,
    the_code_may_say_the_illness_and_the_words_of_what,
    short_names_of_illnesses_say_what_they_are_of,
    what_is_plainly_no_food_is_no_allergen,
    a_plain_negation_makes_no_illness,
    a_low_criticality_is_not_believed_against_its_words,
    meat_of_whatever_kind_and_milk_are_not_kosher,
    what_is_liked_is_served,
    staff_read_of_the_illness_and_its_danger,
    what_words_name_is_called_by_its_name,
    a_code_of_a_need_counts_as_it_does_elsewhere,
    what_is_told_of_an_illness_has_no_pregnancy,
);

async fn menu(world: &World) {
    sell(
        world,
        &[
            ("House bites", "bites", &["WALNUT"]),
            ("Silk pudding", "silk", &["MILK"]),
            ("House fillet", "fillet", &["COD"]),
            ("House cubes", "cubes", &["SOY"]),
            ("House plate", "plate", &["MEAT", "MILK"]),
            ("Tree", "tree", &["ALMOND"]),
        ],
    )
    .await;
    put(world, vec![called(&["House bar"], may_contain("bar", "WALNUT"))]).await;
}

async fn an_illness_counts_in_whatever_words(world: World) {
    menu(&world).await;
    use PrecautionKind::{Abstention, Accessibility, Diet, Intolerance};
    for (kind, code, text) in [
        (Diet, "VEGAN", "choque anafiláctico nueces"),
        (Diet, "HALAL", "Notfallset: Walnuss"),
        (Diet, "HALAL", "throat closes with nuts"),
        (Abstention, "ALCOHOL", "anafilassi noci"),
        (Diet, "SEVERE_NUTS", ""),
        (Diet, "NUTS_TRACES", ""),
        (Diet, "EPIPEN_NUTS", ""),
        (Accessibility, "EPIPEN_NUTS", ""),
        (Accessibility, "SEVERE_NUTS", ""),
        (Intolerance, "TREE_NUTS", "also traces"),
        (Intolerance, "TREE_NUTS", "anaphylactic shock 2019"),
    ] {
        assert_eq!(state_of(&world, high(in_words(kind, code, text)), "House bar").await, "CONFLICT", "{code}, {text}");
    }
    for (kind, code, text) in [
        (Diet, "VEGAN", "verträgt keine Nüsse"),
        (Diet, "VEGAN", "ne supporte pas les noix"),
        (Diet, "VEGAN", "no tolera las nueces"),
        (Diet, "HALAL", "non tollera le noci"),
        (Diet, "HALAL", "doctor forbids nuts"),
        (Diet, "NUSS_UNVERTRAEGLICHKEIT", ""),
        (Diet, "NUT_SENSITIVITY", ""),
        (Accessibility, "NUSS_UNVERTRAEGLICHKEIT", ""),
    ] {
        assert_eq!(state_of(&world, in_words(kind, code, text), "House bar").await, "MAY_CONTAIN", "{code}, {text}");
    }
}

/// It is the coeliac who needs it most: the illness says of what it is, and is no word of a dish.
async fn traces_are_asked_for_beside_an_illness_that_is_a_code_alone(world: World) {
    put(&world, vec![called(&["House crisp"], may_contain("crisp", "WHEAT"))]).await;
    put(&world, vec![called(&["House cream"], may_contain("cream", "MILK"))]).await;
    use PrecautionKind::{Accessibility, Diet, Intolerance};
    for kind in [Diet, Intolerance, Accessibility] {
        for (code, text, line) in [
            ("COELIAC", "also traces", "House crisp"),
            ("ZOELIAKIE", "auch Spuren", "House crisp"),
            ("COELIAC_ALSO_TRACES", "", "House crisp"),
            ("LACTOSE_INTOLERANCE", "no traces", "House cream"),
            ("COELIAC", "even a crumb", "House crisp"),
        ] {
            assert_eq!(state_of(&world, in_words(kind, code, text), line).await, "CONFLICT", "{code}, {text}");
        }
        assert_eq!(state_of(&world, in_words(kind, "COELIAC", ""), "House crisp").await, "MAY_CONTAIN");
    }
    for text in ["anaphlaxis", "casi muere", "gravissima", "kleinste Mengen", "a single crumb is enough"] {
        let low = PrecautionDraft { criticality: Criticality::Low as i32, ..in_words(Intolerance, "TREE_NUTS", text) };
        menu(&world).await;
        assert_eq!(state_of(&world, low, "House bar").await, "CONFLICT", "{text}");
    }
}

async fn an_unknown_allergen_counts_beside_a_known_one(world: World) {
    menu(&world).await;
    use PrecautionKind::{Accessibility, Allergy, Diet, Intolerance, Topic};
    for (kind, code, text) in [
        (Diet, "HALAL", "nut allergy, strawberry allergy"),
        (Diet, "VEGAN", "allergies: nuts, strawberry, kiwi"),
        (Diet, "HALAL", "allergic to nuts and lemon"),
        (Allergy, "TREE_NUTS", "also allergic to lemon"),
        (Allergy, "PEANUTS", "strawberry anaphylaxis"),
        (Intolerance, "LACTOSE", "allergic to nuts and strawberries"),
        (Accessibility, "WHEELCHAIR", "kiwi allergy"),
        (Accessibility, "KIWI_ALLERGY", ""),
        (Topic, "DIVORCE", "kiwi allergy"),
        (Allergy, "CATS", "allergic to strawberries"),
    ] {
        let state = state_of(&world, high(in_words(kind, code, text)), "House cubes").await;
        assert_eq!(state, "NOT_DECLARED", "{code}, {text}");
    }
    for text in ["pollen allergy", "allergic to penicillin", "Hausstauballergie", "allergic to nuts since childhood"] {
        assert_eq!(state_of(&world, in_words(Diet, "VEGAN", text), "House cubes").await, SILENT, "{text}");
    }
    // What is asked is what nobody knows.
    let briefing = told_of(&world, in_words(Diet, "HALAL", "kiwi allergy"), vec![order("House cubes")]).await;
    let asked = told(&briefing)[0];
    assert!(asked.contains("kiwi allergy") && !asked.contains("halal"), "{asked}");
}

async fn the_code_may_say_the_illness_and_the_words_of_what(world: World) {
    menu(&world).await;
    use PrecautionKind::{Accessibility, Diet, Topic};
    for (kind, code, text) in [
        (Accessibility, "ALLERGY", "nuts"),
        (Accessibility, "NUTS", "EpiPen"),
        (Accessibility, "ANAPHYLAXIS", "nuts"),
        (Accessibility, "OTHER", "nuts"),
        (Accessibility, "NUTS", ""),
        (Accessibility, "PEANUTS_AND_NUTS_ALLERGY", ""),
        (Topic, "NUTS", ""),
        (Topic, "ALLERGY", "nuts"),
        (Diet, "VEGAN", "no allergies other than nuts"),
        (Diet, "VEGAN", "has no EpiPen for nuts"),
        (Diet, "VEGAN", "nuts, carries epi-pen"),
        (Diet, "VEGAN", "nuts can kill"),
    ] {
        assert_eq!(state_of(&world, high(in_words(kind, code, text)), "House bar").await, "CONFLICT", "{code}, {text}");
    }
}

async fn short_names_of_illnesses_say_what_they_are_of(world: World) {
    menu(&world).await;
    put(&world, vec![called(&["House penne"], item("penne", &["WHEAT"]))]).await;
    use PrecautionKind::{Accessibility, Allergy, Diet};
    for (code, line) in [("CMPA", "Silk pudding"), ("APLV", "Silk pudding"), ("NCGS", "House penne")] {
        for (kind, code, text) in
            [(Allergy, code, ""), (Diet, code, ""), (Diet, "VEGETARIAN", code), (Accessibility, "OTHER", code)]
        {
            assert_eq!(state_of(&world, in_words(kind, code, text), line).await, "CONFLICT", "{code}, {text}");
            // The words help, where a code leaves it to them, and do not decide.
            let other = if code == "OTHER" { "NOT_DECLARED" } else { SILENT };
            assert_eq!(state_of(&world, in_words(kind, code, text), "House cubes").await, other, "{code}, {text}");
        }
    }
}

async fn what_is_plainly_no_food_is_no_allergen(world: World) {
    menu(&world).await;
    use PrecautionKind::{Diet, Topic};
    for note in ["window seat", "VIP", "quiet corner", "late checkout", "view", "parking", "ruhiges Zimmer", "table"] {
        let text = format!("allergic to nuts, {note}");
        assert_eq!(state_of(&world, in_words(Diet, "VEGAN", &text), "House cubes").await, SILENT, "{text}");
    }
    for text in ["allergic to small talk", "allergic to crowds", "allergic to loud music"] {
        assert_eq!(state_of(&world, in_words(Topic, "DIVORCE", text), "House cubes").await, "UNSPECIFIED", "{text}");
    }
    // In doubt it is one.
    for text in ["allergic to nuts, strawberry", "allergic to nuts, garden cress", "allergic to nuts, elder flower"] {
        let state = state_of(&world, in_words(Diet, "VEGAN", text), "House cubes").await;
        assert_eq!(state, "NOT_DECLARED", "{text}");
    }
}

async fn a_plain_negation_makes_no_illness(world: World) {
    menu(&world).await;
    for text in
        ["no nut allergy", "not allergic to nuts", "keine Nussallergie", "pas d'allergie aux noix", "no allergies"]
    {
        let draft = || in_words(PrecautionKind::Diet, "HALAL", text);
        assert_eq!(state_of(&world, draft(), "House bar").await, SILENT, "{text}");
        assert_eq!(state_of(&world, draft(), "House bites").await, SILENT, "{text}");
    }
    for text in ["no longer allergic to nuts", "not sure whether allergic to nuts", "not allergic to milk, but to nuts"]
    {
        let draft = in_words(PrecautionKind::Diet, "HALAL", text);
        assert_eq!(state_of(&world, draft, "House bites").await, "CONFLICT", "{text}");
    }
}

async fn a_low_criticality_is_not_believed_against_its_words(world: World) {
    menu(&world).await;
    for text in ["anaphylactic shock 2019", "carries an EpiPen", "carries adrenaline", "lebensgefährlich"] {
        let mut draft = in_words(PrecautionKind::Allergy, "TREE_NUTS", text);
        (draft.criticality, draft.severity) = (Criticality::Low as i32, ReactionSeverity::Mild as i32);
        let briefing = told_of(&world, draft.clone(), vec![order("House bar")]).await;
        assert_eq!(states(&briefing), ["CONFLICT"], "{text}");
        let expected = format!("Tree nut allergy; {text}, treat as life-threatening");
        // How bad it is is never cut.
        let lines = headline(&briefing);
        let is_told =
            |line: &&str| line.starts_with("Tree nut allergy; ") && line.ends_with(", treat as life-threatening");
        assert!(lines.iter().any(is_told), "{lines:?}");
        let reason = &briefing.respect.iter().find(|one| one.text.starts_with("Do not serve")).expect("told").reason;
        assert_eq!(*reason, format!("{expected}."));
    }
    let mut mild = in_words(PrecautionKind::Allergy, "TREE_NUTS", "itches a little");
    mild.criticality = Criticality::Low as i32;
    assert_eq!(state_of(&world, mild, "House bar").await, "MAY_CONTAIN");
}

async fn meat_of_whatever_kind_and_milk_are_not_kosher(world: World) {
    let of = |name: &str, id: &str, codes: &[&str]| called(&[name], item(id, codes));
    let plates = [
        ("Plate one", &["MEAT", "MILK"]),
        ("Plate two", &["MEAT", "LACTOSE"]),
        ("Plate three", &["RED_MEAT", "MILK"]),
        ("Plate four", &["MEAT", "CHEESE"]),
        ("Plate five", &["BEEF", "MILK"]),
    ];
    put(&world, plates.iter().enumerate().map(|(at, (name, codes))| of(name, &format!("p{at}"), *codes)).collect())
        .await;
    for (name, _) in plates {
        let briefing = told_of(&world, diet("KOSHER"), vec![order(name)]).await;
        assert_eq!(states(&briefing), ["CONFLICT"], "{name}");
        let text = told(&briefing)[0];
        assert!(text.contains("milk") && (text.contains("meat") || text.contains("beef")), "{text}");
        let id = guest(&world, vec![diet("KOSHER")]).await;
        promise_for(&world, &id, VENUE, &format!("Bring the {name}"), world.now_ms() / 1_000 + 60).await;
        let stopped = &recovery(&world, &id).await.follow_ups[0].conflict_text;
        assert!(stopped.contains("; it contains meat and milk."), "{stopped}");
    }
}

async fn what_is_liked_is_served(world: World) {
    menu(&world).await;
    for (text, line) in [
        ("likes nuts and tofu", "House bites"),
        ("likes nuts and tofu", "House cubes"),
        ("mag Nüsse", "House bites"),
        ("aime les noix", "House bites"),
        ("gosta de nozes", "House bites"),
        ("le gustan las nueces", "House bites"),
        ("nut allergy. prefers tofu", "House cubes"),
    ] {
        assert_eq!(state_of(&world, in_words(PrecautionKind::Diet, "VEGAN", text), line).await, SILENT, "{text}");
    }
    for text in ["does not like nuts", "mag keine Nüsse", "n'aime pas les noix", "eats nuts only cooked", "nuts"] {
        let draft = in_words(PrecautionKind::Diet, "VEGAN", text);
        assert_eq!(state_of(&world, draft, "House bites").await, "CONFLICT", "{text}");
    }
}

async fn staff_read_of_the_illness_and_its_danger(world: World) {
    menu(&world).await;
    let vegan = || high(in_words(PrecautionKind::Diet, "VEGAN", "nut allergy"));
    let briefing = told_of(&world, vegan(), vec![order("House bites")]).await;
    assert!(headline(&briefing).contains(&"Diet: vegan; nut allergy, life-threatening"), "{:?}", headline(&briefing));
    let conflict = briefing.respect.iter().find(|one| one.text.starts_with("Do not serve")).expect("told");
    assert_eq!(conflict.reason, "Diet: vegan; nut allergy, life-threatening.");
    assert!(briefing.respect.iter().any(|one| one.text == "Diet: vegan; nut allergy, life-threatening."));
    let id = guest(&world, vec![vegan(), high(allergy("MILK"))]).await;
    let briefing = ordering(&world, &id, vec![order("Rice")]).await;
    assert_eq!(headline(&briefing)[0], "Nut allergy, milk: life-threatening");
    promise_for(&world, &id, VENUE, "Bring the House bites", world.now_ms() / 1_000 + 60).await;
    let stopped = &recovery(&world, &id).await.follow_ups[0].conflict_text;
    assert!(stopped.contains("; nut allergy, life-threatening; it contains walnut."), "{stopped}");
}

async fn what_words_name_is_called_by_its_name(world: World) {
    menu(&world).await;
    let briefing =
        told_of(&world, in_words(PrecautionKind::Diet, "VEGAN", "anaphylaxis: walnut"), vec![order("Tree")]).await;
    assert_eq!(told(&briefing), ["Do not serve Tree: it may contain walnut (declared: almond)."]);
    let pollen = in_words(PrecautionKind::Allergy, "POLLEN", "cross-reacts: hazelnut");
    let id = guest(&world, vec![pollen]).await;
    let asked = with!(RecordPrecautionInquiryRequest { customer_id: id.clone() });
    world.customers().record_precaution_inquiry(asked).await.expect("asked");
    let briefing = ordering(&world, &id, vec![order("Tree")]).await;
    assert_eq!(told(&briefing)[0], "Do not serve Tree: it may contain hazelnut (declared: almond).");
    assert!(!briefing.respect.iter().any(|one| one.text.starts_with("Named nothing")), "{:?}", briefing.respect);
    // It is about pollen and hazelnuts, and no other thing.
    assert_eq!(states(&ordering(&world, &id, vec![order("Silk pudding")]).await), [SILENT]);
}

async fn a_code_of_a_need_counts_as_it_does_elsewhere(world: World) {
    menu(&world).await;
    use PrecautionKind::{Accessibility, Allergy, Diet, Topic};
    for (kind, code, text) in [
        (Accessibility, "NO_NUTS", ""),
        (Topic, "NUT_FREE", ""),
        (Accessibility, "NUTS_AND_SESAME", ""),
        (Diet, "HALAL", "never without EpiPen: nuts"),
        (Diet, "HALAL", "no EpiPen with her, nuts"),
    ] {
        assert_eq!(state_of(&world, high(in_words(kind, code, text)), "House bar").await, "CONFLICT", "{code}, {text}");
    }
    for (kind, code, text) in [
        (Accessibility, "ALLERGY", ""),
        (Topic, "EPIPEN", ""),
        (Accessibility, "WHEELCHAIR_COELIAC", ""),
        (Accessibility, "WHEELCHAIR", "EpiPen for strawberries"),
        (Allergy, "TREE_NUTS", "reacts to strawberries"),
        (Topic, "DIVORCE", "can't have kiwi"),
    ] {
        let state = state_of(&world, high(in_words(kind, code, text)), "House cubes").await;
        assert_eq!(state, "NOT_DECLARED", "{code}, {text}");
    }
    for (code, text) in [("NO_ALCOHOL", ""), ("ALLERGY", "pollen"), ("ALLERGY_FRIENDLY_ROOM", "")] {
        let state = state_of(&world, in_words(Accessibility, code, text), "House bites").await;
        assert_eq!(state, "UNSPECIFIED", "{code}, {text}");
    }
}

async fn what_is_told_of_an_illness_has_no_pregnancy(world: World) {
    menu(&world).await;
    let draft = high(in_words(PrecautionKind::Allergy, "OTHER", "pregnant, nuts"));
    let briefing = told_of(&world, draft, vec![order("House bites"), order("House cubes")]).await;
    assert!(briefing.respect.iter().any(|one| one.reason.contains("nuts")), "{:?}", briefing.respect);
    for one in briefing.headline.iter().chain(&briefing.respect) {
        let is_quiet = one.tact == Tact::ActQuietly as i32;
        let told = format!("{} {}", one.text, one.reason);
        assert!(is_quiet || !told.contains("pregnan"), "{}: {told}", one.code);
    }
}

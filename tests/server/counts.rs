//! What a precaution counts for: notes in everyday words, illnesses of nobody says what, and whose plates they are about.

use rapport::proto::*;

use super::{
    basket::{called, guest, order, ordering, precaution, sell, states},
    catalogue::put,
    plates::in_words,
    staff_texts::{SILENT, diet, headline, high, may_contain, of, state_of},
    world::*,
};

on_both!(
    a_note_in_everyday_words_keeps_from_what_it_names,
    an_illness_that_names_nothing_may_be_of_anything,
    a_picture_beside_an_illness_is_a_name,
    a_household_has_no_plate_of_its_own,
    who_may_be_the_customer_counts_for_their_plate,
    an_illness_in_the_words_of_whose_it_is_counts,
    a_low_criticality_is_not_believed_beside_severe_reactions,
    a_code_counts_however_it_is_put_together,
);

/// What an order of nothing to check says.
const NONE: &str = "UNSPECIFIED";

async fn menu(world: &World) {
    sell(
        world,
        &[
            ("House bliss", "bliss", &["HAZELNUT"]),
            ("Goober", "goober", &["PEANUTS"]),
            ("Silk pudding", "silk", &["MILK"]),
            ("House fillet", "fillet", &["COD"]),
            ("House cubes", "cubes", &["SOY"]),
        ],
    )
    .await;
    put(world, vec![called(&["House bar"], may_contain("bar", "HAZELNUT"))]).await;
}

async fn a_note_in_everyday_words_keeps_from_what_it_names(world: World) {
    menu(&world).await;
    use PrecautionKind::{Accessibility, Topic};
    for (kind, code, text, line) in [
        (Accessibility, "OTHER", "strictly no nuts", "House bliss"),
        (Accessibility, "OTHER", "no nuts please", "Goober"),
        (Accessibility, "OTHER", "nuts please", "House bliss"),
        (Accessibility, "OTHER", "no nuts at all", "House bliss"),
        (Accessibility, "OTHER", "nuts not ok", "House bliss"),
        (Accessibility, "OTHER", "needs nut-free food", "House bliss"),
        (Accessibility, "OTHER", "keine Nüsse bitte", "House bliss"),
        (Accessibility, "SEE_TEXT", "sans noix svp", "House bliss"),
        (Accessibility, "OTHER", "senza noci per favore", "House bliss"),
        (Accessibility, "OTHER", "sin nueces por favor", "House bliss"),
        (Accessibility, "OTHER", "sem nozes por favor", "House bliss"),
        (Accessibility, "OTHER", "zorglub nuts", "House bliss"),
        (Topic, "OTHER", "never hazelnuts", "House bliss"),
        (Accessibility, "SEE_TEXT", "no peanuts at all", "Goober"),
        (Accessibility, "FOOD", "no nuts please", "House bliss"),
        (Accessibility, "DIETARY", "no milk please", "Silk pudding"),
    ] {
        assert_eq!(state_of(&world, high(in_words(kind, code, text)), line).await, "CONFLICT", "{code}, {text}");
    }
    for (code, text) in [
        ("OTHER", "likes nuts"),
        ("OTHER", "no nut allergy"),
        ("OTHER", "nuts are fine"),
        ("OTHER", "wheelchair, ramp near the fish counter"),
        ("OTHER", "help with cutting the fish"),
        ("OTHER", "warm milk for the baby"),
        ("FOOD", "early dinner"),
    ] {
        let state = state_of(&world, in_words(Accessibility, code, text), "House bliss").await;
        assert_eq!(state, NONE, "{code}, {text}");
    }
}

async fn an_illness_that_names_nothing_may_be_of_anything(world: World) {
    menu(&world).await;
    use PrecautionKind::{Accessibility, Topic};
    for (kind, code, text) in [
        (Accessibility, "OTHER", "severe allergy"),
        (Accessibility, "OTHER", "carries an EpiPen"),
        (Accessibility, "SEE_TEXT", "anaphylaxis"),
        (Accessibility, "OTHER", "allergies: see file"),
        (Topic, "OTHER", "allergies"),
        (Accessibility, "WHEELCHAIR", "carries an EpiPen"),
        (Accessibility, "WHEELCHAIR", "EpiPen in her handbag"),
        (Accessibility, "WHEELCHAIR", "severe allergy since birth"),
        (Accessibility, "WHEELCHAIR", "Allergien: siehe Profil"),
        (Topic, "DIVORCE", "Notfallset"),
    ] {
        let state = state_of(&world, high(in_words(kind, code, text)), "House cubes").await;
        assert_eq!(state, "NOT_DECLARED", "{code}, {text}");
    }
    for (code, text) in [
        ("WHEELCHAIR", "no allergies"),
        ("WHEELCHAIR", "allergic to cats, EpiPen"),
        ("OTHER", "allergic to loud music"),
        ("OTHER", "hypoallergenic pillow"),
        ("OTHER", "bee allergy, carries an EpiPen"),
        ("POLLEN_ALLERGY", "severe"),
    ] {
        let state = state_of(&world, in_words(Accessibility, code, text), "House cubes").await;
        assert_eq!(state, NONE, "{code}, {text}");
    }
    // Nobody reads that they have named nothing.
    let id = guest(&world, vec![in_words(Accessibility, "WHEELCHAIR", "carries an EpiPen")]).await;
    let briefing = world.brief(by_id(&id)).await;
    assert!(!briefing.respect.iter().any(|one| one.text.starts_with("Named nothing")), "{:?}", briefing.respect);
    assert!(headline(&briefing)[0].contains("; carries an Epi"), "{:?}", headline(&briefing));
    assert!(briefing.respect[0].text.contains("carries an EpiPen"), "{}", briefing.respect[0].text);
}

async fn a_picture_beside_an_illness_is_a_name(world: World) {
    menu(&world).await;
    use PrecautionKind::{Accessibility, Allergy, Diet};
    for (kind, code, text, line, expected) in [
        (Accessibility, "WHEELCHAIR", "allergy to 🥜", "Goober", "CONFLICT"),
        (Accessibility, "OTHER", "🥜 allergy", "Goober", "CONFLICT"),
        (Allergy, "SESAME", "allergy to 🥜", "Goober", "CONFLICT"),
        (Diet, "VEGETARIAN", "allergy: 🥛", "Silk pudding", "CONFLICT"),
        (Diet, "VEGETARIAN", "EpiPen: 🐟", "House fillet", "CONFLICT"),
        (Allergy, "SESAME", "allergic to 🫐", "House cubes", "NOT_DECLARED"),
        (Diet, "VEGETARIAN", "VIP 🙂", "House cubes", SILENT),
    ] {
        assert_eq!(state_of(&world, high(in_words(kind, code, text)), line).await, expected, "{code}, {text}");
    }
}

/// What is proposed of what they like.
async fn proposed(world: &World, id: &str) -> Vec<String> {
    values(&world.brief(by_id(id)).await.anticipate, "item").into_iter().map(str::to_owned).collect()
}

fn liking(draft: CustomerDraft, precautions: Vec<PrecautionDraft>) -> CustomerDraft {
    let evidence = ["Goober", "House cubes"].map(|name| EvidenceDraft { category: "food".into(), ..stated(name) });
    CustomerDraft { precautions, evidence: evidence.to_vec(), ..draft }
}

async fn a_household_has_no_plate_of_its_own(world: World) {
    menu(&world).await;
    for (kind, expected) in
        [(CustomerKind::Household, &["House cubes"][..]), (CustomerKind::Person, &["Goober", "House cubes"])]
    {
        let mut draft = liking(asked("Keller"), vec![of("Nina", high(allergy("PEANUTS")))]);
        draft.details.as_mut().expect("details").kind = kind as i32;
        let id = world.create(draft).await.customer_id;
        let mut items = proposed(&world, &id).await;
        items.sort();
        assert_eq!(items, expected, "{}", kind.as_str_name());
    }
}

async fn who_may_be_the_customer_counts_for_their_plate(world: World) {
    menu(&world).await;
    let seated = async |whom: &str, seat: &str| {
        let id = world.create(liking(asked("Ana"), vec![of(whom, high(allergy("PEANUTS")))])).await.customer_id;
        let line = BasketLine { seat: seat.into(), ..order("Goober") };
        let request =
            GetBriefingRequest { basket_lines: vec![line], customer_seat: "1".into(), ..briefing(by_id(&id)) };
        let told = world.briefings().get_briefing(request).await.expect("briefed").into_inner().briefing;
        let state = states(&told.expect("a briefing"))[0].to_owned();
        (state, proposed(&world, &id).await.contains(&"Goober".to_owned()))
    };
    let conflict = || "CONFLICT".to_owned();
    for whom in ["self", "I", "guest", "everyone", "all", "us", "both", "ich", "moi", "?", "-", "n/a", "me and my son"]
    {
        assert_eq!(seated(whom, "1").await, (conflict(), false), "{whom}");
        assert_eq!(seated(whom, "2").await, (conflict(), false), "{whom}");
    }
    for whom in ["my son", "Nina", "guest's wife"] {
        assert_eq!(seated(whom, "1").await, (NONE.to_owned(), true), "{whom}");
    }
}

async fn an_illness_in_the_words_of_whose_it_is_counts(world: World) {
    menu(&world).await;
    use PrecautionKind::{Accessibility, Topic};
    for (draft, line, expected) in [
        (precaution(Accessibility, "WHEELCHAIR"), "House bliss", "CONFLICT"),
        (diet("HALAL"), "House bliss", "CONFLICT"),
        (in_words(Accessibility, "OTHER", "chair with a back"), "House bliss", "CONFLICT"),
        (precaution(Topic, "DIVORCE"), "House bliss", "CONFLICT"),
        (diet("HALAL"), "House cubes", SILENT),
    ] {
        let code = draft.code.clone();
        let whom = high(of("wife, allergic to nuts", draft));
        assert_eq!(state_of(&world, whom, line).await, expected, "{code}, {line}");
    }
    let epipen = high(of("my son, peanuts, EpiPen", precaution(Topic, "DIVORCE")));
    assert_eq!(state_of(&world, epipen, "Goober").await, "CONFLICT");
    let id = guest(&world, vec![of("wife, allergic to nuts", precaution(Accessibility, "WHEELCHAIR"))]).await;
    let briefing = ordering(&world, &id, Vec::new()).await;
    assert!(!briefing.respect.iter().any(|one| one.text.starts_with("Named nothing")), "{:?}", briefing.respect);
}

async fn a_low_criticality_is_not_believed_beside_severe_reactions(world: World) {
    menu(&world).await;
    for (severity, expected) in [(ReactionSeverity::Severe, "CONFLICT"), (ReactionSeverity::Moderate, "MAY_CONTAIN")] {
        let draft = PrecautionDraft {
            criticality: Criticality::Low as i32,
            severity: severity as i32,
            ..precaution(PrecautionKind::Allergy, "TREE_NUTS")
        };
        assert_eq!(state_of(&world, draft, "House bar").await, expected, "{}", severity.as_str_name());
    }
}

async fn a_code_counts_however_it_is_put_together(world: World) {
    menu(&world).await;
    use PrecautionKind::{Accessibility, Allergy, Topic};
    for (kind, code, line, expected) in [
        (Accessibility, "EPIPEN_KIWI", "House cubes", "NOT_DECLARED"),
        (Topic, "KIWI_EPIPEN", "House cubes", "NOT_DECLARED"),
        (Accessibility, "NUTS2", "House bliss", "CONFLICT"),
        (Accessibility, "PEANUTBUTTER", "Goober", "CONFLICT"),
        (Accessibility, "BABY_NUTS", "House bliss", "CONFLICT"),
        (Accessibility, "INFANT_PEANUT", "Goober", "CONFLICT"),
        (Accessibility, "NO_NUT_TABLE", "House bliss", "CONFLICT"),
        (Allergy, "NUTS_STRICT", "Goober", "CONFLICT"),
        (Allergy, "NUTS2", "Goober", "CONFLICT"),
        (Allergy, "MAY_CONTAIN_NUTS", "Goober", "CONFLICT"),
        (Accessibility, "BABY_MILK", "Silk pudding", NONE),
        (Accessibility, "WALNUT_TABLE", "House bliss", NONE),
        (Accessibility, "FISH_TANK", "House fillet", NONE),
    ] {
        assert_eq!(state_of(&world, high(precaution(kind, code)), line).await, expected, "{code}");
    }
}

//! What nobody understands, or nobody asked about, is served as what it is: not known.

use rapport::proto::{recovery_service_client::RecoveryServiceClient, *};
use tonic::Code;

use super::{
    gestures::{give, given, giving, in_role, set},
    world::*,
};

on_both!(
    a_code_that_is_not_understood_vetoes_all_that_may_be_eaten,
    a_known_code_is_understood_however_its_words_are_parted,
    a_wheelchair_is_no_answer_about_allergies,
    what_is_forbidden_is_not_asked_about,
    a_delivery_is_stopped_by_an_allergy_recorded_later,
    a_delivery_to_stop_comes_first_in_every_answer,
    the_situation_of_a_preference_counts,
    feathers_are_no_answer_about_food,
    food_is_food_in_every_category_and_number,
    a_name_tells_of_what_has_no_contents,
    what_is_said_besides_a_diet_is_vouched_for_by_nobody,
    the_worst_precaution_is_the_reason,
);

fn precaution(kind: PrecautionKind, code: &str) -> PrecautionDraft {
    PrecautionDraft { kind: kind as i32, ..allergy(code) }
}

fn observed(item: &str, category: &str) -> EvidenceDraft {
    let source = EvidenceSource::Observed as i32;
    EvidenceDraft { category: category.into(), source, venue_id: VENUE.into(), ..stated(item) }
}

fn codes(statements: &[Statement]) -> Vec<&str> {
    statements.iter().map(|statement| statement.code.as_str()).collect()
}

async fn a_code_that_is_not_understood_vetoes_all_that_may_be_eaten(world: World) {
    set(&world, giving()).await;
    let evidence = || {
        let floor = EvidenceDraft { category: "room".into(), ..stated("high floor") };
        vec![stated("chinotto"), floor, observed("grappa", "drink"), observed("mariachi", "music")]
    };
    for draft in [
        allergy("NUTTZ"),
        allergy("trenuts"),
        allergy("_"),
        allergy("COCOS_MYLK"),
        precaution(PrecautionKind::Intolerance, "LACTOZ"),
        precaution(PrecautionKind::Abstention, "ALCOOHL"),
    ] {
        let code = draft.code.clone();
        let customer = CustomerDraft { precautions: vec![draft], evidence: evidence(), ..named("Ana") };
        let ana = world.create(customer).await.customer_id;
        let briefing = world.brief(by_id(&ana)).await;
        let listed = &briefing.respect[0];
        assert!(listed.text.contains("The code is not understood: ask the customer and the kitchen"), "{listed:?}");
        assert!(listed.parameters.iter().any(|parameter| parameter.name == "not_understood"), "{listed:?}");
        // The room is no food; everything else might be.
        assert_eq!(values(&briefing.anticipate, "item"), ["high floor"], "{code}");
        let asked = briefing.communicate.iter().filter(|one| one.code == "CONFIRM_PREFERENCE");
        assert_eq!(values(&asked.cloned().collect::<Vec<_>>(), "item"), ["mariachi"], "{code}");
        let refused = refusal!(world, gestures, give_gesture, in_role("jon", "manager", give(&ana, "tart")));
        assert_eq!(
            (refused.code(), reason(&refused)),
            (Code::FailedPrecondition, "GESTURE_VETOED".to_owned()),
            "{code}"
        );
        given(&world, in_role("jon", "manager", give(&ana, "note"))).await;
    }
    // What is understood lets pass what it is not about.
    for draft in [allergy("PEANUTS"), allergy("FEATHERS"), precaution(PrecautionKind::Abstention, "SMOKING")] {
        let customer = CustomerDraft { precautions: vec![draft], evidence: evidence(), ..named("Bo") };
        let briefing = world.brief(by_id(&world.create(customer).await.customer_id)).await;
        assert_eq!(values(&briefing.anticipate, "item").len(), 2);
        assert!(!briefing.respect[0].text.contains("understood"), "{:?}", briefing.respect[0]);
    }
}

async fn a_wheelchair_is_no_answer_about_allergies(world: World) {
    let phone = || identity(IdentityType::Phone, "+41446681800");
    for kind in [PrecautionKind::Accessibility, PrecautionKind::Topic] {
        let draft = CustomerDraft { precautions: vec![precaution(kind, "DIVORCE")], ..named("Ana") };
        let ana = world.create(draft).await.customer_id;
        let briefing = world.brief(by_id(&ana)).await;
        assert_eq!(briefing.precaution_state, PrecautionState::NotAsked as i32, "{}", kind.as_str_name());
        assert_eq!(world.get(&ana).await.precaution_state, PrecautionState::NotAsked as i32, "{}", kind.as_str_name());
        assert_eq!(values(&briefing.respect, "code"), ["DIVORCE", ""], "{}", kind.as_str_name());
        assert_eq!(briefing.respect[1].code, "PRECAUTIONS_NOT_ASKED");
        assert!(codes(&briefing.headline).contains(&"PRECAUTIONS_NOT_ASKED"), "{}", kind.as_str_name());
        let asked = with!(RecordPrecautionInquiryRequest { customer_id: ana.clone() });
        world.customers().record_precaution_inquiry(asked).await.expect("recorded");
        let briefing = world.brief(by_id(&ana)).await;
        assert_eq!(
            (briefing.precaution_state, briefing.respect.len()),
            (PrecautionState::Listed as i32, 2),
            "{}",
            kind.as_str_name()
        );
        // What they answered is told as to those of whom nothing is on record: a topic must not show in it.
        assert!(codes(&briefing.respect).contains(&"PRECAUTIONS_NONE_KNOWN"), "{}", kind.as_str_name());
    }
    for precautions in [vec![precaution(PrecautionKind::Accessibility, "WHEELCHAIR")], Vec::new()] {
        world.create(CustomerDraft { precautions, identities: vec![phone()], ..named("Bo") }).await;
    }
    let both = world.brief(by_identity(phone())).await;
    assert_eq!(
        (both.state, both.precaution_state),
        (BriefingState::Ambiguous as i32, PrecautionState::NotAsked as i32)
    );
    assert_eq!(codes(&both.respect), ["PRECAUTION_ACCESSIBILITY", "PRECAUTIONS_NOT_ASKED"]);
}

async fn what_is_forbidden_is_not_asked_about(world: World) {
    for (draft, item) in [
        (precaution(PrecautionKind::Abstention, "ALCOHOL"), "red wine"),
        (allergy("TREE_NUTS"), "marzipan"),
        (allergy("MANDEL"), "marzipan"),
        (allergy("GLUTEN"), "danish pastries"),
        (allergy("GLUTEN"), "apple pie"),
        (precaution(PrecautionKind::Abstention, "ALCOHOL"), "brandies"),
        (allergy("EGGS"), "macarons"),
        (allergy("TREE_NUTS"), "muesli"),
        (allergy("MILK"), "caramel fudge"),
    ] {
        let evidence = vec![observed(item, "drink")];
        let anybody = world.create(CustomerDraft { evidence: evidence.clone(), ..named("Bo") }).await.customer_id;
        assert!(codes(&world.brief(by_id(&anybody)).await.communicate).contains(&"CONFIRM_PREFERENCE"));
        let ana = world.create(CustomerDraft { precautions: vec![draft], evidence, ..named("Ana") }).await.customer_id;
        let briefing = world.brief(by_id(&ana)).await;
        let sections = [&briefing.headline, &briefing.communicate, &briefing.anticipate, &briefing.delight];
        assert!(sections.into_iter().flatten().all(|statement| !statement.text.contains(item)), "{briefing:?}");
    }
}

async fn a_delivery_is_stopped_by_an_allergy_recorded_later(world: World) {
    set(&world, giving()).await;
    let draft = CustomerDraft { occasions: vec![birthday(None, 3, 14)], precautions_asked: true, ..named("Ana") };
    let ana = world.create(draft).await.customer_id;
    given(&world, in_role("jon", "manager", give(&ana, "tart"))).await;
    let owed = |briefing: &Briefing| {
        let promise = briefing.communicate.iter().find(|one| one.code == "PROMISE_DUE").expect("a promise");
        (promise.text.clone(), values(std::slice::from_ref(promise), "conflict")[0].to_owned())
    };
    assert_eq!(owed(&world.brief(by_id(&ana)).await), ("Almond tart in the room.".to_owned(), String::new()));
    let add = with!(AddPrecautionsRequest { customer_id: ana.clone(), precautions: vec![allergy("TREE_NUTS")] });
    world.customers().add_precautions(add).await.expect("added");
    let stopped = ("Do not deliver: Almond tart in the room.".to_owned(), "PRECAUTION".to_owned());
    assert_eq!(owed(&world.brief(by_id(&ana)).await), stopped);
    // It stays owed: somebody has to settle it.
    world.settle().await;
    let mut recovery = RecoveryServiceClient::new(world.channel());
    let list = with!(ListFollowUpsRequest { venue_id: VENUE.into() });
    assert_eq!(recovery.list_follow_ups(list).await.expect("listed").into_inner().follow_ups.len(), 1);
}

async fn a_delivery_to_stop_comes_first_in_every_answer(world: World) {
    set(&world, giving()).await;
    let draft = CustomerDraft { occasions: vec![birthday(None, 3, 14)], precautions_asked: true, ..named("Ana") };
    let ana = world.create(draft).await.customer_id;
    for kind in ["tart", "basket"] {
        given(&world, in_role("jon", "manager", give(&ana, kind))).await;
    }
    let mut recovery = RecoveryServiceClient::new(world.channel());
    for minute in 1..=3 {
        let follow_up = FollowUpDraft {
            kind: FollowUpKind::Promise as i32,
            text: format!("Errand {minute}"),
            due_time: time(world.now_ms() / 1_000 + minute),
            venue_id: VENUE.into(),
            ..FollowUpDraft::default()
        };
        let request = with!(PromiseFollowUpRequest { customer_id: ana.clone(), follow_up: Some(follow_up) });
        recovery.promise_follow_up(request).await.expect("promised");
    }
    let add = with!(AddPrecautionsRequest { customer_id: ana.clone(), precautions: vec![allergy("TREE_NUTS")] });
    world.customers().add_precautions(add).await.expect("added");
    let briefing = world.brief(by_id(&ana)).await;
    assert_eq!(briefing.communicate[0].text, "Do not deliver: Almond tart in the room.");
    assert!(briefing.headline.iter().any(|line| line.text.starts_with("Do not deliver")), "{:?}", briefing.headline);
    assert_eq!(briefing.communicate.iter().filter(|one| one.text.starts_with("Errand")).count(), 3);
    let part = GetBriefingRequest {
        sections: vec![BriefingSection::Anticipate as i32],
        ..super::world::briefing(by_id(&ana))
    };
    let part = world.briefings().get_briefing(part).await.expect("an answer").into_inner();
    let part = part.briefing.expect("a briefing");
    let stopped = part.respect.iter().find(|one| one.code == "PROMISE_DUE").expect("a delivery to stop");
    assert_eq!((stopped.text.as_str(), part.communicate.len()), ("Do not deliver: Almond tart in the room.", 0));
    // Of a type that has left the catalogue the words are known, and no more.
    let mut policy = giving();
    policy.catalogue.retain(|kind| !["tart", "basket"].contains(&kind.gesture_type_id.as_str()));
    set(&world, policy).await;
    let briefing = world.brief(by_id(&ana)).await;
    let mut stopped: Vec<(&str, &str)> = briefing.communicate[..2]
        .iter()
        .map(|one| (one.text.as_str(), values(std::slice::from_ref(one), "conflict")[0]))
        .collect();
    stopped.sort_unstable();
    let expected = [
        ("Do not deliver: Almond tart in the room.", "PRECAUTION"),
        ("Do not deliver: Basket of fruit.", "CONTENTS_UNKNOWN"),
    ];
    assert_eq!(stopped, expected);
}

async fn the_situation_of_a_preference_counts(world: World) {
    for (draft, situation) in [
        (allergy("TREE_NUTS"), "with almonds"),
        (allergy("MANDEL"), "with mandel"),
        (allergy("KIWI"), "with strawberries"),
        (precaution(PrecautionKind::Diet, "VEGAN"), "with cream"),
        (precaution(PrecautionKind::Abstention, "ALCOHOL"), "with rum"),
    ] {
        let favourite = EvidenceDraft { situation: situation.into(), category: "room".into(), ..stated("treat") };
        let heard = EvidenceDraft { situation: situation.into(), ..observed("extra", "room") };
        let evidence = vec![favourite, heard];
        let anybody = world.create(CustomerDraft { evidence: evidence.clone(), ..named("Bo") }).await.customer_id;
        assert_eq!(values(&world.brief(by_id(&anybody)).await.anticipate, "item"), ["treat"]);
        let ana = world.create(CustomerDraft { precautions: vec![draft], evidence, ..named("Ana") }).await.customer_id;
        let briefing = world.brief(by_id(&ana)).await;
        let sections = [&briefing.headline, &briefing.communicate, &briefing.anticipate, &briefing.delight];
        assert!(sections.into_iter().flatten().all(|statement| !statement.text.contains(situation)), "{briefing:?}");
        let named = sections.into_iter().flatten().any(|one| one.text.contains("treat") || one.text.contains("extra"));
        assert!(!named, "{briefing:?}");
    }
    // A meal as a situation says when, not what.
    let brunch = EvidenceDraft { situation: "brunch".into(), category: "seating".into(), ..stated("by the window") };
    let draft = CustomerDraft { precautions: vec![allergy("KIWI")], evidence: vec![brunch], ..named("Ana") };
    let ana = world.create(draft).await.customer_id;
    assert_eq!(values(&world.brief(by_id(&ana)).await.anticipate, "item"), ["by the window"]);
}

async fn feathers_are_no_answer_about_food(world: World) {
    set(&world, giving()).await;
    for draft in [
        allergy("FEATHERS"),
        precaution(PrecautionKind::Intolerance, "DUST"),
        precaution(PrecautionKind::Abstention, "SMOKING"),
    ] {
        let code = draft.code.clone();
        let ana = world.create(CustomerDraft { precautions: vec![draft], ..named("Ana") }).await.customer_id;
        let briefing = world.brief(by_id(&ana)).await;
        assert_eq!(briefing.precaution_state, PrecautionState::NotAsked as i32, "{code}");
        assert!(codes(&briefing.respect).contains(&"PRECAUTIONS_NOT_ASKED"), "{code}");
        let refused = refusal!(world, gestures, give_gesture, in_role("jon", "manager", give(&ana, "surprise")));
        assert_eq!(reason(&refused), "GESTURE_VETOED", "{code}");
        let asked = with!(RecordPrecautionInquiryRequest { customer_id: ana.clone() });
        world.customers().record_precaution_inquiry(asked).await.expect("recorded");
        given(&world, in_role("jon", "manager", give(&ana, "surprise"))).await;
        world.set_clock(world.now_ms() / 1_000 + 500 * 86_400);
        let briefing = world.brief(by_id(&ana)).await;
        assert!(codes(&briefing.communicate).contains(&"ASK_PRECAUTIONS_AGAIN"), "{code}: {briefing:?}");
    }
}

async fn food_is_food_in_every_category_and_number(world: World) {
    for (code, item) in [
        ("KIWI", "kiwis"),
        ("KIWIS", "kiwi"),
        ("STRAWBERRY", "strawberries"),
        ("STRAWBERRIES", "strawberry"),
        ("BRIOCHE", "brioches"),
        ("BRIOCHES", "brioche"),
        ("KIWI", "fruit basket"),
        ("KIWI", "chocolates"),
        ("KIWI", "breakfast in bed"),
    ] {
        let evidence = ["high floor", item].map(|item| EvidenceDraft { category: "room".into(), ..stated(item) });
        let draft = CustomerDraft { precautions: vec![allergy(code)], evidence: evidence.into(), ..named("Ana") };
        let ana = world.create(draft).await.customer_id;
        assert_eq!(values(&world.brief(by_id(&ana)).await.anticipate, "item"), ["high floor"], "{code}: {item}");
    }
}

async fn a_name_tells_of_what_has_no_contents(world: World) {
    let mut policy = giving();
    let kind = |id: &str| policy.catalogue.iter().find(|kind| kind.gesture_type_id == id).expect("a type").clone();
    let cake = GestureType { gesture_type_id: "cake".into(), display_name: "Almond cake".into(), ..kind("basket") };
    policy.catalogue.push(cake);
    set(&world, policy).await;
    for (code, vetoed, allowed) in [
        ("LEMON", &["basket", "cake", "chinotto"][..], &["note", "spa"][..]),
        ("TREE_NUTS", &["cake"], &["basket", "note"]),
        ("MILK", &[], &["basket", "note"]),
    ] {
        let draft = CustomerDraft { precautions: vec![allergy(code)], ..asked("Ana") };
        let ana = world.create(draft).await.customer_id;
        for kind in vetoed {
            let refused = refusal!(world, gestures, give_gesture, in_role("jon", "manager", give(&ana, kind)));
            assert_eq!(reason(&refused), "GESTURE_VETOED", "{code} and {kind}");
        }
        for kind in allowed {
            given(&world, in_role("jon", "manager", give(&ana, kind))).await;
        }
    }
}

async fn what_is_said_besides_a_diet_is_vouched_for_by_nobody(world: World) {
    let mut policy = giving();
    let note = policy.catalogue.iter().find(|kind| kind.gesture_type_id == "note").expect("a type").clone();
    let flan = GestureType {
        gesture_type_id: "flan".into(),
        display_name: "A flan".into(),
        contents: vec!["EGGS".into(), "MILK".into()],
        suits_diets: vec!["VEGETARIAN".into()],
        ..note
    };
    policy.catalogue.push(flan);
    set(&world, policy).await;
    for (text, is_vetoed) in [("No egg either.", true), ("", false)] {
        let diet = PrecautionDraft { text: text.into(), ..precaution(PrecautionKind::Diet, "VEGETARIAN") };
        let priya = world.create(CustomerDraft { precautions: vec![diet], ..asked("Priya") }).await.customer_id;
        let request = in_role("jon", "manager", give(&priya, "flan"));
        if is_vetoed {
            assert_eq!(reason(&refusal!(world, gestures, give_gesture, request)), "GESTURE_VETOED");
        } else {
            given(&world, request).await;
        }
    }
}

async fn the_worst_precaution_is_the_reason(world: World) {
    set(&world, giving()).await;
    let draft = CustomerDraft { occasions: vec![birthday(None, 3, 14)], precautions_asked: true, ..named("Ana") };
    let ana = world.create(draft).await.customer_id;
    given(&world, in_role("jon", "manager", give(&ana, "tart"))).await;
    let mild = PrecautionDraft {
        criticality: Criticality::Low as i32,
        severity: ReactionSeverity::Mild as i32,
        ..precaution(PrecautionKind::Intolerance, "EGGS")
    };
    let precautions = vec![mild, allergy("TREE_NUTS")];
    let add = with!(AddPrecautionsRequest { customer_id: ana.clone(), precautions });
    world.customers().add_precautions(add).await.expect("added");
    let stopped = world.brief(by_id(&ana)).await.communicate.remove(0);
    assert!(stopped.reason.starts_with("Tree nut allergy, life-threatening; it contains almond."), "{stopped:?}");
}

async fn a_known_code_is_understood_however_its_words_are_parted(world: World) {
    let told = async |code: &str, line: &str| {
        let id = world.create(CustomerDraft { precautions: vec![allergy(code)], ..asked("Ana") }).await.customer_id;
        let request = GetBriefingRequest { basket_items: vec![line.into()], ..briefing(by_id(&id)) };
        let answer = world.briefings().get_briefing(request).await.expect("an answer").into_inner();
        let briefing = answer.briefing.expect("a briefing");
        let is_understood = !briefing.respect.iter().any(|one| one.text.contains("The code is not understood"));
        (is_understood, briefing.line_checks[0].state().as_str_name().trim_start_matches("LINE_STATE_").to_owned())
    };
    for (code, line) in [
        ("PEA_NUTS", "satay"),
        ("PEA_NUT_ALLERGY", "satay"),
        ("SHELL_FISH", "mussels"),
        ("HAZEL_NUT", "hazelnut cake"),
        ("COWS_MILK", "latte"),
        ("SOYA_BEANS", "tofu"),
    ] {
        assert_eq!(told(code, line).await, (true, "CONFLICT".to_owned()), "{code}");
    }
    // Of a fish nobody spoke.
    assert_eq!(told("SHELL_FISH", "grilled salmon").await, (true, "NOT_DECLARED".to_owned()));
    // A slip stays one, and so does what only begins like a code.
    for code in [
        "TREENUT",
        "PINENUTS",
        "PEA_NUTZ",
        "TRENUTS",
        "EGG_PLANT",
        "COCO_NUT_MILK",
        "NUT_MEG",
        "CHEST_NUTS",
        "COE_LIAC",
    ] {
        assert!(!told(code, "satay").await.0, "{code}");
    }
}

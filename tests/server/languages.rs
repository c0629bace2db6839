//! In which language texts and reasons are written.

use rapport::proto::*;

use super::world::*;

on_both!(a_language_is_chosen_and_what_we_do_not_write_is_english, a_headline_statement_has_its_parameters);

async fn a_language_is_chosen_and_what_we_do_not_write_is_english(world: World) {
    let draft = CustomerDraft { precautions: vec![allergy("TREE_NUTS")], ..named("Ana Ferreira") };
    let ana = world.create(draft).await.customer_id;
    let asked = async |language: &str| {
        let request = GetBriefingRequest { language: language.into(), ..briefing(by_id(&ana)) };
        world.briefings().get_briefing(request).await.expect("a briefing").into_inner().briefing.expect("a briefing")
    };
    let english = asked("").await;
    assert_eq!(english.respect[0].text, "Tree nut allergy, life-threatening.");
    for language in ["en", "EN-gb", "de-CH", "tlh"] {
        let briefing = asked(language).await;
        assert!(briefing.respect == english.respect && briefing.headline == english.headline, "{language}");
    }
    // A venue may have one of its own; the policy keeps it as it is written.
    let mut own = policy();
    own.venues[0].language = "DE-ch".into();
    world.policies().set_policy(SetPolicyRequest { policy: Some(own) }).await.expect("set");
    let kept = world.policies().get_policy(GetPolicyRequest::default()).await.expect("a policy").into_inner().policy;
    assert_eq!(kept.expect("a policy").venues[0].language, "de-CH");
    assert!(asked("").await.respect == english.respect);
    // What is no language is refused with its path.
    for bad in ["english!", "e n", "x".repeat(36).as_str(), "de_CH"] {
        let request = GetBriefingRequest { language: bad.into(), ..briefing(by_id(&ana)) };
        assert_field(&refusal!(world, briefings, get_briefing, request), "language", bad);
        let request = with!(LookupBriefingsRequest {
            subjects: vec![by_id(&ana)],
            venue_id: VENUE.into(),
            purpose: Purpose::Service as i32,
            language: bad.into()
        });
        assert_field(&refusal!(world, briefings, lookup_briefings, request), "language", bad);
        let request =
            with!(SuggestGesturesRequest { customer_id: ana.clone(), venue_id: VENUE.into(), language: bad.into() });
        assert_field(&refusal!(world, gestures, suggest_gestures, request), "language", bad);
    }
}

async fn a_headline_statement_has_its_parameters(world: World) {
    let topic = PrecautionDraft { kind: PrecautionKind::Topic as i32, ..allergy("DIVORCE") };
    let draft = CustomerDraft {
        precautions: vec![allergy("TREE_NUTS"), topic.clone()],
        occasions: vec![birthday(Some(1_986), 3, 14)],
        ..named("Ana Ferreira")
    };
    let briefing = world.brief(by_id(&world.create(draft).await.customer_id)).await;
    let line = &briefing.headline[..1];
    assert_eq!((values(line, "code"), values(line, "criticality")), (vec!["TREE_NUTS"], vec!["HIGH"]));
    assert_eq!(values(line, "precaution_id"), ["p1"]);
    let last = briefing.headline.last().map(std::slice::from_ref).expect("a line");
    assert_eq!((values(last, "name"), values(last, "kind")), (vec!["Ana Ferreira"], vec!["BIRTHDAY"]));
    // A display faces the customer at times: of a topic not even the code is told.
    let draft = CustomerDraft { precautions: vec![topic], precautions_asked: true, ..named("Bo") };
    let briefing = world.brief(by_id(&world.create(draft).await.customer_id)).await;
    assert_eq!(briefing.headline[0].code, "PRECAUTION_TOPIC");
    let told = format!("{:?}", briefing.headline[0]);
    assert!(!told.to_uppercase().contains("DIVORCE"), "{told}");
}

//! What cannot be meant is refused: with its field, without its value, and nothing is stored.

use rapport::proto::*;

use super::world::*;

on_both!(
    an_id_is_as_the_server_gave_it,
    names_of_other_systems_are_plain,
    text_that_cannot_be_seen_is_refused,
    a_time_is_a_time,
    a_date_is_a_date,
    numbers_are_finite_and_money_is_money,
    every_enum_has_to_be_known,
    lists_have_limits,
    nothing_is_given_twice,
    what_a_request_needs_must_be_there,
);

/// Stands in every bad text, so that an echo is found.
const MARK: &str = "Qy7mark";
/// A number that no enum has.
const UNKNOWN: i32 = 4_711;

/// Reports one interaction and answers the error of its result.
async fn reported(world: &World, interaction: Interaction) -> ItemError {
    let request = RecordInteractionsRequest { interactions: vec![interaction] };
    let result = world.interactions().record_interactions(request).await.unwrap().into_inner().results.remove(0);
    assert_eq!(result.outcome, RecordOutcome::Refused as i32, "{result:?}");
    result.error.expect("an error")
}

/// Asserts that an interaction is refused at a field.
async fn assert_item(world: &World, interaction: Interaction, at: &str) {
    let error = reported(world, interaction).await;
    assert_eq!((error.code, error.reason.as_str(), error.field.as_str()), (3, "FIELD_INVALID", at), "{error:?}");
    assert!(!error.message.contains(MARK), "{at}: the value is echoed");
}

/// The errors of the subjects that have no briefing; the others have one.
async fn looked_up(world: &World, subjects: Vec<BriefingSubject>) -> Vec<ItemError> {
    let purpose = Purpose::Service as i32;
    let request = with!(LookupBriefingsRequest { subjects, venue_id: VENUE.into(), purpose });
    let results =
        world.briefings().lookup_briefings(request).await.expect("the others are answered").into_inner().results;
    let error = |result: BriefingResult| match result.result.expect("a result") {
        briefing_result::Result::Briefing(_) => None,
        briefing_result::Result::Error(error) => Some(error),
    };
    results.into_iter().filter_map(error).collect()
}

/// Asserts that a customer cannot be created so; `at` is the path within the customer.
async fn assert_draft(world: &World, at: &str, change: impl FnOnce(&mut CustomerDraft)) {
    let mut draft = named("Ana");
    change(&mut draft);
    let request = CreateCustomerRequest { customer: Some(draft), request_id: String::new() };
    assert_field(&refusal!(world, customers, create_customer, request), &format!("customer.{at}"), MARK);
}

/// Texts that are no id; all but the first hold [`MARK`].
fn unfit() -> Vec<String> {
    let mut unfit = vec![String::new(), format!("{MARK}{}", "x".repeat(10_240))];
    let within = ["{", "}", "{}", ":", "*", "\0", "\r\n", "\u{202e}", "\u{2066}", "\u{200b}", "\u{feff}", "é", " "];
    unfit.extend(within.iter().map(|bad| format!("guest{bad}{MARK}")));
    unfit
}

async fn an_id_is_as_the_server_gave_it(world: World) {
    let real = world.create(named("Ana")).await.customer_id;
    let before = world.dump().await;
    let mut ids = unfit();
    // As long as an id, but with a letter that ids do not have; and a real one in capitals.
    ids.push(format!("{MARK}{}", "u".repeat(26 - MARK.len())));
    ids.push(real.to_ascii_uppercase());
    for id in ids {
        let echo = if id.is_empty() { "" } else { MARK };
        for status in calls_of_a_customer(&world, &id).await {
            assert_field(&status, "customer_id", echo);
        }
        let status = refusal!(world, briefings, get_briefing, briefing(by_id(&id)));
        assert_field(&status, "subject.customer_id", echo);
        let [error] = &looked_up(&world, vec![by_id(&real), by_id(&id)]).await[..] else { panic!("one is refused") };
        assert_eq!(error.field, "customer_id");
        assert!(error.reason == "FIELD_INVALID" && (echo.is_empty() || !error.message.contains(echo)), "{error:?}");
        assert_item(&world, purchase(&id, "1", vec![line("tea", 1)]), "customer_id").await;
    }
    world.assert_unchanged(&before).await;
}

/// The errors of every call that names a customer.
async fn calls_of_a_customer(world: &World, id: &str) -> Vec<tonic::Status> {
    let customer_id = || id.to_owned();
    vec![
        refusal!(world, customers, get_customer, get(id)),
        refusal!(world, customers, update_customer, with!(UpdateCustomerRequest { customer_id: customer_id() })),
        refusal!(world, customers, erase_customer, with!(EraseCustomerRequest { customer_id: customer_id() })),
        refusal!(world, customers, add_identity, with!(AddIdentityRequest { customer_id: customer_id() })),
        refusal!(world, customers, remove_identity, with!(RemoveIdentityRequest { customer_id: customer_id() })),
        refusal!(world, customers, record_evidence, with!(RecordEvidenceRequest { customer_id: customer_id() })),
        refusal!(world, customers, remove_preference, with!(RemovePreferenceRequest { customer_id: customer_id() })),
        refusal!(world, customers, add_precautions, with!(AddPrecautionsRequest { customer_id: customer_id() })),
        refusal!(world, customers, review_precaution, with!(ReviewPrecautionRequest { customer_id: customer_id() })),
        refusal!(
            world,
            customers,
            record_precaution_inquiry,
            with!(RecordPrecautionInquiryRequest { customer_id: customer_id() })
        ),
        refusal!(world, customers, add_occasion, with!(AddOccasionRequest { customer_id: customer_id() })),
        refusal!(world, customers, update_occasion, with!(UpdateOccasionRequest { customer_id: customer_id() })),
        refusal!(world, customers, remove_occasion, with!(RemoveOccasionRequest { customer_id: customer_id() })),
        refusal!(world, customers, mark_customer, with!(MarkCustomerRequest { customer_id: customer_id() })),
        refusal!(world, customers, record_consent, with!(RecordConsentRequest { customer_id: customer_id() })),
        refusal!(world, interactions, void_interaction, with!(VoidInteractionRequest { customer_id: customer_id() })),
        refusal!(world, interactions, list_interactions, with!(ListInteractionsRequest { customer_id: customer_id() })),
    ]
}

async fn names_of_other_systems_are_plain(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    let before = world.dump().await;
    for bad in unfit() {
        let request = GetBriefingRequest { venue_id: bad.clone(), ..briefing(by_id(&id)) };
        assert_field(
            &refusal!(world, briefings, get_briefing, request),
            "venue_id",
            if bad.is_empty() { "" } else { MARK },
        );
        let bought = purchase(&id, "1", vec![line("tea", 1)]);
        assert_item(&world, Interaction { source: bad.clone(), ..bought.clone() }, "source").await;
        assert_item(&world, Interaction { venue_id: bad.clone(), ..bought }, "venue_id").await;
    }
    for (bad, part) in
        [("p", "precaution_id"), ("o1", "precaution_id"), ("p-1", "precaution_id"), ("p99999999999", "precaution_id")]
    {
        let request = with!(ReviewPrecautionRequest {
            customer_id: id.clone(),
            precaution_id: bad.into(),
            status: PrecautionStatus::Confirmed as i32
        });
        assert_field(&refusal!(world, customers, review_precaution, request), part, "");
    }
    let request = with!(RemovePreferenceRequest { customer_id: id.clone(), preference_id: MARK.into() });
    assert_field(&refusal!(world, customers, remove_preference, request), "preference_id", MARK);
    let request = with!(RemoveOccasionRequest { customer_id: id, occasion_id: MARK.into() });
    assert_field(&refusal!(world, customers, remove_occasion, request), "occasion_id", MARK);
    world.assert_unchanged(&before).await;
}

async fn text_that_cannot_be_seen_is_refused(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    let before = world.dump().await;
    for bad in
        ["\0", "\r\n", "\u{1b}[2J", "\u{202e}", "\u{2069}", "\u{200b}", "\u{200d}", "\u{ad}", "\u{feff}", "\u{ffff}"]
    {
        let text = || format!("a{bad}{MARK}");
        assert_draft(&world, "details.name.full", |draft| draft.details = named(&text()).details).await;
        assert_draft(&world, "identities[0].value", |draft| draft.identities = vec![loyalty(&text())]).await;
        let issued = Identity { issuer: text(), ..loyalty("1") };
        assert_draft(&world, "identities[1].issuer", |draft| draft.identities = vec![loyalty("2"), issued]).await;
        let careful = PrecautionDraft { text: text(), ..allergy("NUTS") };
        assert_draft(&world, "precautions[0].text", |draft| draft.precautions = vec![careful]).await;
        assert_draft(&world, "precautions[0].code", |draft| draft.precautions = vec![allergy(&text())]).await;
        assert_draft(&world, "evidence[0].item", |draft| draft.evidence = vec![stated(&text())]).await;
        let labelled = OccasionDraft { label: text(), ..birthday(None, 1, 1) };
        assert_draft(&world, "occasions[0].label", |draft| draft.occasions = vec![labelled]).await;
        let shown = Consent { evidence: text(), ..agreed() };
        assert_draft(&world, "consents[0].evidence", |draft| draft.consents = vec![shown]).await;
        let erase = with!(EraseCustomerRequest { customer_id: id.clone(), reason: text() });
        assert_field(&refusal!(world, customers, erase_customer, erase), "reason", MARK);
        let create = CreateCustomerRequest { customer: Some(named("Ana")), request_id: text() };
        assert_field(&refusal!(world, customers, create_customer, create), "request_id", MARK);
        let bought = purchase(&id, "1", vec![line("tea", 1)]);
        assert_item(&world, Interaction { external_id: text(), ..bought.clone() }, "external_id").await;
        assert_item(&world, Interaction { text: text(), ..bought }, "text").await;
        // From names of items, soft hyphens and joiners are dropped.
        if !matches!(bad, "\u{200d}" | "\u{ad}") {
            let lines = vec![line("tea", 1), line(&text(), 1)];
            assert_item(&world, purchase(&id, "1", lines), "purchase.lines[1].item").await;
        }
        // In a basket it costs nobody their briefing.
        let request = GetBriefingRequest { basket_items: vec![text()], ..briefing(by_id(&id)) };
        world.briefings().get_briefing(request).await.expect("answered");
    }
    world.assert_unchanged(&before).await;
}

async fn a_time_is_a_time(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    let before = world.dump().await;
    let of = |seconds, nanos| Some(prost_types::Timestamp { seconds, nanos });
    for bad in [of(i64::MAX, 0), of(i64::MIN, 0), of(-1, 0), of(NOON, -1), of(NOON, 1_000_000_000), of(NOON * 1_000, 0)]
    {
        let member = Identity { expire_time: bad, ..loyalty("1") };
        assert_draft(&world, "identities[0].expire_time", |draft| draft.identities = vec![member]).await;
        let seen = EvidenceDraft { observe_time: bad, ..stated("tea") };
        assert_draft(&world, "evidence[0].observe_time", |draft| draft.evidence = vec![seen]).await;
        let decided = Consent { decide_time: bad, ..agreed() };
        assert_draft(&world, "consents[0].decide_time", |draft| draft.consents = vec![decided]).await;
        let ask = with!(RecordPrecautionInquiryRequest { customer_id: id.clone(), ask_time: bad });
        assert_field(&refusal!(world, customers, record_precaution_inquiry, ask), "ask_time", "");
        let bought = Interaction { occur_time: bad, ..purchase(&id, "1", vec![line("tea", 1)]) };
        assert_item(&world, bought, "occur_time").await;
        let purpose = Purpose::Service as i32;
        let list = with!(ListInteractionsRequest { customer_id: id.clone(), purpose, start_time: bad });
        assert_field(&refusal!(world, interactions, list_interactions, list), "start_time", "");
        let list = with!(ListInteractionsRequest { customer_id: id.clone(), purpose, end_time: bad });
        assert_field(&refusal!(world, interactions, list_interactions, list), "end_time", "");
        let request = GetBriefingRequest { at: bad, ..briefing(by_id(&id)) };
        assert_field(&refusal!(world, briefings, get_briefing, request), "at", "");
    }
    // Clocks differ by a day at most.
    let far = time(NOON + 86_401);
    let seen = EvidenceDraft { observe_time: far, ..stated("tea") };
    assert_draft(&world, "evidence[0].observe_time", |draft| draft.evidence = vec![seen]).await;
    let bought = Interaction { occur_time: far, ..purchase(&id, "1", vec![line("tea", 1)]) };
    assert_item(&world, bought, "occur_time").await;
    let past = Identity { expire_time: time(NOON), ..loyalty("1") };
    assert_draft(&world, "identities[0].expire_time", |draft| draft.identities = vec![past]).await;
    world.assert_unchanged(&before).await;
}

async fn a_date_is_a_date(world: World) {
    let id = world.create(CustomerDraft { occasions: vec![birthday(None, 5, 5)], ..named("Ana") }).await.customer_id;
    let before = world.dump().await;
    let lunar = |calendar: Calendar| {
        let date = with!(CalendarDate { calendar: calendar as i32, month: 1, day: 1 });
        OccasionDraft { date: Some(date), ..birthday(None, 1, 1) }
    };
    let leap = CalendarDate { leap_month: true, month: 1, day: 1, ..CalendarDate::default() };
    let table = [
        (birthday(None, 2, 30), "date.day"),
        (birthday(None, 13, 1), "date.month"),
        (birthday(None, 0, 1), "date.month"),
        (birthday(None, -1, 1), "date.month"),
        (birthday(None, 4, 31), "date.day"),
        (birthday(None, 1, 0), "date.day"),
        (birthday(None, 1, i32::MAX), "date.day"),
        (birthday(Some(2_025), 2, 29), "date.day"),
        (birthday(Some(0), 1, 1), "date.year"),
        (birthday(Some(10_000), 1, 1), "date.year"),
        (OccasionDraft { date: None, ..birthday(None, 1, 1) }, "date"),
        (OccasionDraft { date: Some(leap), ..birthday(None, 1, 1) }, "date.leap_month"),
        (lunar(Calendar::Chinese), "date.calendar"),
        (lunar(Calendar::Hebrew), "date.calendar"),
        (lunar(Calendar::Hijri), "date.calendar"),
        (with!(OccasionDraft { kind: OccasionKind::Other as i32, date: birthday(None, 1, 1).date }), "label"),
    ];
    for (occasion, at) in table {
        let add = with!(AddOccasionRequest { customer_id: id.clone(), occasion: Some(occasion.clone()) });
        assert_field(&refusal!(world, customers, add_occasion, add), &format!("occasion.{at}"), "");
        let update = with!(UpdateOccasionRequest {
            customer_id: id.clone(),
            occasion_id: "o1".into(),
            occasion: Some(occasion.clone())
        });
        assert_field(&refusal!(world, customers, update_occasion, update), &format!("occasion.{at}"), "");
        assert_draft(&world, &format!("occasions[0].{at}"), |draft| draft.occasions = vec![occasion]).await;
    }
    world.assert_unchanged(&before).await;
}

async fn numbers_are_finite_and_money_is_money(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    let before = world.dump().await;
    let of = |purchase: Purchase| Interaction { purchase: Some(purchase), ..self::purchase(&id, "1", Vec::new()) };
    for quantity in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e9 + 1.0, -1e9 - 1.0, f64::MAX] {
        let lines = vec![line("tea", 1), PurchaseLine { quantity, ..line("tea", 1) }];
        assert_item(&world, purchase(&id, "1", lines), "purchase.lines[1].quantity").await;
    }
    for amount in [-1, i64::MIN, i64::MAX, 1_000_000_000_001] {
        let at = "purchase.lines[0].amount_minor_units";
        assert_item(&world, purchase(&id, "1", vec![line("tea", amount)]), at).await;
        let total = Money { currency_code: "CHF".into(), minor_units: amount };
        assert_item(&world, of(with!(Purchase { total: Some(total) })), "purchase.total.minor_units").await;
    }
    for code in ["", "ZZZ", "chf", "CHFR", "XXX", MARK] {
        let total = Money { currency_code: code.into(), minor_units: 1 };
        assert_item(&world, of(with!(Purchase { total: Some(total) })), "purchase.total.currency_code").await;
    }
    for party_size in [-1, 10_001, i32::MIN] {
        assert_item(&world, of(with!(Purchase { party_size })), "purchase.party_size").await;
    }
    world.assert_unchanged(&before).await;
}

/// Which numbers of an enum are refused where: 0 too where something has to be said.
const NEEDED: [i32; 3] = [0, UNKNOWN, -1];
const OPTIONAL: [i32; 2] = [UNKNOWN, -1];

async fn every_enum_has_to_be_known(world: World) {
    let id = world.create(CustomerDraft { precautions: vec![allergy("NUTS")], ..named("Ana") }).await.customer_id;
    let before = world.dump().await;
    for bad in NEEDED {
        purposes(&world, &id, bad).await;
        let typed = Identity { r#type: bad, ..loyalty("1") };
        assert_draft(&world, "identities[0].type", |draft| draft.identities = vec![typed.clone()]).await;
        let status = refusal!(world, briefings, get_briefing, briefing(by_identity(typed)));
        assert_field(&status, "subject.identity.type", "");
        assert!(status.message().contains("IDENTITY_TYPE_PHONE"), "named as in the contract: {}", status.message());
        let careful = PrecautionDraft { kind: bad, ..allergy("NUTS") };
        assert_draft(&world, "precautions[0].kind", |draft| draft.precautions = vec![careful]).await;
        let wanted = EvidenceDraft { stance: bad, ..stated("tea") };
        assert_draft(&world, "evidence[0].stance", |draft| draft.evidence = vec![wanted]).await;
        let wanted = EvidenceDraft { source: bad, ..stated("tea") };
        assert_draft(&world, "evidence[0].source", |draft| draft.evidence = vec![wanted]).await;
        let day = OccasionDraft { kind: bad, ..birthday(None, 1, 1) };
        assert_draft(&world, "occasions[0].kind", |draft| draft.occasions = vec![day]).await;
        let decided = Consent { purpose: bad, ..agreed() };
        assert_draft(&world, "consents[0].purpose", |draft| draft.consents = vec![decided]).await;
        let decided = Consent { state: bad, ..agreed() };
        assert_draft(&world, "consents[0].state", |draft| draft.consents = vec![decided]).await;
        assert_item(&world, Interaction { kind: bad, ..purchase(&id, "1", vec![line("tea", 1)]) }, "kind").await;
        let request = GetBriefingRequest { sections: vec![1, bad], ..briefing(by_id(&id)) };
        assert_field(&refusal!(world, briefings, get_briefing, request), "sections[1]", "");
        let review =
            with!(ReviewPrecautionRequest { customer_id: id.clone(), precaution_id: "p1".into(), status: bad });
        assert_field(&refusal!(world, customers, review_precaution, review), "status", "");
    }
    for bad in OPTIONAL {
        let details = with!(CustomerDetails { kind: bad });
        assert_draft(&world, "details.kind", |draft| draft.details = Some(details)).await;
        let careful = PrecautionDraft { criticality: bad, ..allergy("NUTS") };
        assert_draft(&world, "precautions[0].criticality", |draft| draft.precautions = vec![careful]).await;
        let careful = PrecautionDraft { severity: bad, ..allergy("NUTS") };
        assert_draft(&world, "precautions[0].severity", |draft| draft.precautions = vec![careful]).await;
        let careful = PrecautionDraft { status: bad, ..allergy("NUTS") };
        assert_draft(&world, "precautions[0].status", |draft| draft.precautions = vec![careful]).await;
        let wanted = EvidenceDraft { scope: bad, venue_id: VENUE.into(), ..stated("tea") };
        assert_draft(&world, "evidence[0].scope", |draft| draft.evidence = vec![wanted]).await;
        let date = CalendarDate { calendar: bad, month: 1, day: 1, ..CalendarDate::default() };
        let day = OccasionDraft { date: Some(date), ..birthday(None, 1, 1) };
        assert_draft(&world, "occasions[0].date.calendar", |draft| draft.occasions = vec![day]).await;
    }
    // A new precaution is believed or verified; a review decides.
    let refuted = PrecautionDraft { status: PrecautionStatus::Refuted as i32, ..allergy("NUTS") };
    assert_draft(&world, "precautions[0].status", |draft| draft.precautions = vec![refuted]).await;
    let status = PrecautionStatus::Unconfirmed as i32;
    let review = with!(ReviewPrecautionRequest { customer_id: id, precaution_id: "p1".into(), status });
    assert_field(&refusal!(world, customers, review_precaution, review), "status", "");
    world.assert_unchanged(&before).await;
}

/// Every read says why.
async fn purposes(world: &World, id: &str, purpose: i32) {
    let customer_id = || id.to_owned();
    let statuses = [
        refusal!(world, customers, get_customer, GetCustomerRequest { purpose, ..get(id) }),
        refusal!(
            world,
            customers,
            lookup_customer,
            with!(LookupCustomerRequest { identities: vec![loyalty("1")], purpose })
        ),
        refusal!(
            world,
            interactions,
            list_interactions,
            with!(ListInteractionsRequest { customer_id: customer_id(), purpose })
        ),
        refusal!(world, briefings, get_briefing, GetBriefingRequest { purpose, ..briefing(by_id(id)) }),
        refusal!(
            world,
            briefings,
            lookup_briefings,
            with!(LookupBriefingsRequest { subjects: vec![by_id(id)], venue_id: VENUE.into(), purpose })
        ),
    ];
    for status in statuses {
        assert_field(&status, "purpose", "");
    }
}

async fn lists_have_limits(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    let before = world.dump().await;
    let evidence = |count: usize| {
        let evidence = (0..count).map(|number| stated(&format!("tea {number}"))).collect();
        with!(RecordEvidenceRequest { customer_id: id.clone(), evidence })
    };
    for count in [0, 101, 10_001] {
        assert_field(&refusal!(world, customers, record_evidence, evidence(count)), "evidence", "");
    }
    for count in [0, 17] {
        let precautions = (0..count).map(|number| allergy(&format!("A{number}"))).collect();
        let add = with!(AddPrecautionsRequest { customer_id: id.clone(), precautions });
        assert_field(&refusal!(world, customers, add_precautions, add), "precautions", "");
    }
    assert_draft(&world, "identities", |draft| {
        draft.identities = (0..33).map(|number| loyalty(&number.to_string())).collect();
    })
    .await;
    assert_draft(&world, "occasions", |draft| draft.occasions = vec![birthday(None, 1, 1); 33]).await;
    assert_draft(&world, "precautions", |draft| draft.precautions = vec![allergy("NUTS"); 65]).await;
    assert_draft(&world, "evidence", |draft| draft.evidence = vec![stated("tea"); 10_001]).await;
    let purpose = Purpose::Service as i32;
    for count in [0, 9] {
        let lookup = with!(LookupCustomerRequest { identities: vec![loyalty("1"); count], purpose });
        assert_field(&refusal!(world, customers, lookup_customer, lookup), "identities", "");
    }
    for count in [0, 101] {
        let subjects = vec![by_id(&id); count];
        let lookup = with!(LookupBriefingsRequest { subjects, venue_id: VENUE.into(), purpose });
        assert_field(&refusal!(world, briefings, lookup_briefings, lookup), "subjects", "");
    }
    assert_item(&world, purchase(&id, "1", vec![line("tea", 1); 201]), "purchase.lines").await;
    let request = GetBriefingRequest { basket_items: vec!["tea".into(); 201], ..briefing(by_id(&id)) };
    assert_field(&refusal!(world, briefings, get_briefing, request), "basket_items", "");
    world.assert_unchanged(&before).await;

    // 200 preferences fit; one more does not, and with it nothing of its request.
    for start in [0, 100] {
        let evidence = (start..start + 100).map(|number| stated(&format!("tea {number}"))).collect();
        let request = with!(RecordEvidenceRequest { customer_id: id.clone(), evidence });
        world.customers().record_evidence(request).await.unwrap();
    }
    let before = world.dump().await;
    let evidence = vec![stated("tea 0"), stated("one too many")];
    let request = with!(RecordEvidenceRequest { customer_id: id.clone(), evidence });
    let full = refusal!(world, customers, record_evidence, request);
    assert_refused(&full, tonic::Code::ResourceExhausted, "LIMIT_REACHED");
    world.assert_unchanged(&before).await;
    assert_eq!(world.get(&id).await.preferences.len(), 200);
}

async fn nothing_is_given_twice(world: World) {
    let draft =
        CustomerDraft { precautions: vec![allergy("NUTS")], occasions: vec![birthday(None, 1, 1)], ..named("Ana") };
    let id = world.create(draft).await.customer_id;
    let before = world.dump().await;
    let add = |precautions| with!(AddPrecautionsRequest { customer_id: id.clone(), precautions });
    let twice = refusal!(world, customers, add_precautions, add(vec![allergy("MILK"), allergy("milk")]));
    assert_field(&twice, "precautions[1]", "milk");
    assert_draft(&world, "precautions[1]", |draft| draft.precautions = vec![allergy("NUTS"); 2]).await;
    assert_draft(&world, "identities[1]", |draft| draft.identities = vec![loyalty("1"), loyalty("\u{ff11}")]).await;
    assert_draft(&world, "consents[1]", |draft| draft.consents = vec![agreed(); 2]).await;
    let occasion = Some(birthday(None, 1, 1));
    let again = with!(AddOccasionRequest { customer_id: id.clone(), occasion });
    assert_field(&refusal!(world, customers, add_occasion, again), "occasion", "");
    world.assert_unchanged(&before).await;
}

async fn what_a_request_needs_must_be_there(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    let before = world.dump().await;
    let customer_id = || id.clone();
    let purpose = Purpose::Service as i32;
    let table = [
        ("customer", refusal!(world, customers, create_customer, CreateCustomerRequest::default())),
        (
            "identity",
            refusal!(world, customers, add_identity, with!(AddIdentityRequest { customer_id: customer_id() })),
        ),
        (
            "occasion",
            refusal!(world, customers, add_occasion, with!(AddOccasionRequest { customer_id: customer_id() })),
        ),
        (
            "consent",
            refusal!(world, customers, record_consent, with!(RecordConsentRequest { customer_id: customer_id() })),
        ),
        (
            "reason",
            refusal!(world, customers, erase_customer, with!(EraseCustomerRequest { customer_id: customer_id() })),
        ),
        ("policy", refusal!(world, policies, set_policy, SetPolicyRequest::default())),
        (
            "subject",
            refusal!(world, briefings, get_briefing, with!(GetBriefingRequest { venue_id: VENUE.into(), purpose })),
        ),
    ];
    for (at, status) in table {
        assert_field(&status, at, "");
    }
    let bought = purchase(&id, "1", vec![line("tea", 1)]);
    assert_item(&world, Interaction { customer: None, ..bought.clone() }, "customer_id").await;
    assert_item(&world, Interaction { occur_time: None, ..bought.clone() }, "occur_time").await;
    assert_item(&world, Interaction { purchase: None, ..bought.clone() }, "purchase").await;
    assert_item(&world, Interaction { external_id: String::new(), ..bought.clone() }, "external_id").await;
    let visit = InteractionKind::Visit as i32;
    assert_item(&world, Interaction { kind: visit, ..bought }, "purchase").await;
    // Observations belong to a venue, and reach no further by themselves.
    let seen = EvidenceDraft { source: EvidenceSource::Observed as i32, ..stated("tea") };
    assert_draft(&world, "evidence[0].venue_id", |draft| draft.evidence = vec![seen.clone()]).await;
    let wide = EvidenceDraft { venue_id: VENUE.into(), scope: PreferenceScope::Tenant as i32, ..seen };
    assert_draft(&world, "evidence[0].scope", |draft| draft.evidence = vec![wide]).await;
    let nowhere = EvidenceDraft { scope: PreferenceScope::Venue as i32, ..stated("tea") };
    assert_draft(&world, "evidence[0].venue_id", |draft| draft.evidence = vec![nowhere]).await;
    let unknown = EvidenceDraft { venue_id: "elsewhere".into(), ..stated("tea") };
    assert_draft(&world, "evidence[0].venue_id", |draft| draft.evidence = vec![unknown]).await;
    world.assert_unchanged(&before).await;
}

//! Creating, reading, changing, listing and erasing customers.

use prost::Message as _;
use rapport::proto::*;
use tonic::Code;

use super::world::*;

on_both!(
    what_is_created_is_read,
    the_largest_customer_fits_into_a_request,
    the_same_request_gets_the_first_answer,
    another_request_under_the_same_id_is_refused,
    the_last_64_requests_of_a_day_are_remembered,
    a_stale_etag_changes_nothing,
    a_mask_writes_what_it_names,
    an_erased_customer_is_gone_and_stays_gone,
    a_list_holds_everybody_once,
    a_list_for_a_purpose_holds_who_agreed,
    precautions_have_a_life,
    an_occasion_is_replaced_and_removed,
    evidence_makes_a_preference,
    a_preference_is_one_however_its_item_is_written,
    a_purpose_sees_what_it_may,
);

fn whole() -> CustomerDraft {
    CustomerDraft {
        identities: vec![loyalty("GC-1001"), identity(IdentityType::Email, "Ana@Example.com")],
        precautions: vec![allergy("TREE_NUTS")],
        precautions_asked: true,
        evidence: vec![EvidenceDraft {
            category: "Drink".into(),
            item: "espresso".into(),
            stance: Stance::Favourite as i32,
            source: EvidenceSource::Stated as i32,
            ..EvidenceDraft::default()
        }],
        occasions: vec![OccasionDraft {
            kind: OccasionKind::Birthday as i32,
            date: Some(CalendarDate { month: 3, day: 14, year: Some(1985), ..CalendarDate::default() }),
            ..OccasionDraft::default()
        }],
        consents: vec![Consent {
            purpose: Purpose::Marketing as i32,
            state: ConsentState::Granted as i32,
            ..Consent::default()
        }],
        ..named("Ana Lucía Ferreira")
    }
}

/// So many characters, each of three that Unicode composes, in nine bytes; ends with letters that number it.
fn decomposed(chars: usize, number: usize) -> String {
    let letters: String = [number / 26, number % 26].map(|letter| (b'a' + letter as u8) as char).iter().collect();
    "\u{1100}\u{1161}\u{11a8}".repeat(chars - letters.len()) + &letters
}

async fn the_largest_customer_fits_into_a_request(world: World) {
    let precaution = |number| PrecautionDraft { text: decomposed(280, number), ..allergy(&format!("CODE_{number}")) };
    let evidence = |number| EvidenceDraft {
        category: decomposed(64, number),
        item: decomposed(80, number),
        situation: decomposed(64, number),
        ..stated("")
    };
    let occasion = |number| OccasionDraft {
        label: decomposed(60, number),
        of_whom: decomposed(60, number),
        ..birthday(Some(1985), 3, 14)
    };
    let draft = CustomerDraft {
        identities: (0..32).map(|number| loyalty(&format!("GC-{number}"))).collect(),
        precautions: (0..64).map(precaution).collect(),
        evidence: (0..100).map(evidence).collect(),
        occasions: (0..32).map(occasion).collect(),
        ..named(&decomposed(120, 0))
    };
    let length = draft.encoded_len();
    assert!((380_000..1 << 20).contains(&length), "{length} bytes");
    let id = world.create(draft).await.customer_id;
    let customer = world.get(&id).await;
    let lists = (customer.precautions.len(), customer.preferences.len(), customer.occasions.len());
    assert_eq!(lists, (64, 100, 32));
}

async fn what_is_created_is_read(world: World) {
    let receipt = world.create(whole()).await;
    assert_eq!(receipt.created_ids, ["p1", "o2"]);
    let customer = world.get(&receipt.customer_id).await;
    assert_eq!(customer.etag, receipt.etag);
    assert_eq!(customer.details.unwrap().name.unwrap().full, "Ana Lucía Ferreira");
    assert_eq!(customer.identities.len(), 2);
    assert!(customer.identities.iter().any(|identity| identity.value == "ana@example.com"));
    assert_eq!(customer.precaution_state, PrecautionState::Listed as i32);
    assert_eq!(customer.precautions[0].reported.as_ref().unwrap().code, "TREE_NUTS");
    assert_eq!(customer.preferences[0].category, "drink");
    assert_eq!(customer.occasions[0].occasion_id, "o2");
    assert_eq!(customer.create_time, time(NOON));
    assert!(customer.withheld.is_empty());
}

async fn the_same_request_gets_the_first_answer(world: World) {
    let request = CreateCustomerRequest { customer: Some(whole()), request_id: "create-1".into() };
    let first = world.customers().create_customer(request.clone()).await.unwrap().into_inner();
    let id = first.receipt.as_ref().unwrap().customer_id.clone();
    // Something else happens in between: the answer is still the first.
    let occasion = AddOccasionRequest {
        customer_id: id.clone(),
        request_id: "occasion-1".into(),
        occasion: Some(OccasionDraft { of_whom: "daughter Mia".into(), ..whole().occasions.remove(0) }),
        ..AddOccasionRequest::default()
    };
    let added = world.customers().add_occasion(occasion.clone()).await.unwrap().into_inner();
    assert_eq!(added.receipt.as_ref().unwrap().created_ids, ["o3"]);
    let again = world.customers().create_customer(request).await.unwrap().into_inner();
    assert!(again == first);
    let before = world.dump().await;
    let again = world.customers().add_occasion(occasion).await.unwrap().into_inner();
    assert!(again == added);
    world.assert_unchanged(&before).await;
}

async fn another_request_under_the_same_id_is_refused(world: World) {
    let request = CreateCustomerRequest { customer: Some(whole()), request_id: "create-1".into() };
    let receipt = world.customers().create_customer(request).await.unwrap().into_inner().receipt.unwrap();
    let before = world.dump().await;
    let other = CreateCustomerRequest { customer: Some(named("Somebody else")), request_id: "create-1".into() };
    let refused = world.customers().create_customer(other).await.unwrap_err();
    assert_eq!(reason(&refused), "REQUEST_ID_REUSED");
    assert_invalid(&refused, "request_id", "create-1");
    world.assert_unchanged(&before).await;
    let ask = |seconds| RecordPrecautionInquiryRequest {
        customer_id: receipt.customer_id.clone(),
        request_id: "ask-1".into(),
        ask_time: time(seconds),
        ..RecordPrecautionInquiryRequest::default()
    };
    world.customers().record_precaution_inquiry(ask(NOON)).await.unwrap();
    let refused = world.customers().record_precaution_inquiry(ask(NOON - 1)).await.unwrap_err();
    assert_eq!(reason(&refused), "REQUEST_ID_REUSED");
}

async fn the_last_64_requests_of_a_day_are_remembered(world: World) {
    let create = CreateCustomerRequest { customer: Some(named("Ana")), request_id: "create-1".into() };
    let first = world.customers().create_customer(create.clone()).await.unwrap().into_inner();
    let id = first.receipt.as_ref().unwrap().customer_id.clone();
    let ask = |number: i64| RecordPrecautionInquiryRequest {
        customer_id: id.clone(),
        request_id: format!("ask-{number}"),
        ..RecordPrecautionInquiryRequest::default()
    };
    let asked = async |number: i64| {
        let answer = world.customers().record_precaution_inquiry(ask(number)).await.unwrap();
        answer.metadata().contains_key("rapport-replayed")
    };
    for number in 1..=63 {
        assert!(!asked(number).await);
    }
    assert!(world.customers().create_customer(create.clone()).await.unwrap().into_inner() == first);
    assert!(!asked(64).await);
    // It is forgotten, but the customer's id was made from it: nobody is created twice.
    let before = world.dump().await;
    let again = refusal!(world, customers, create_customer, create);
    assert_refused(&again, Code::AlreadyExists, "CUSTOMER_EXISTS");
    world.assert_unchanged(&before).await;
    assert!(asked(1).await && asked(64).await);
    world.set_clock(NOON + 24 * 3_600);
    assert!(asked(64).await);
    world.set_clock(NOON + 24 * 3_600 + 1);
    assert!(!asked(64).await);
    assert!(asked(64).await, "carried out again, and remembered again");
}

async fn a_stale_etag_changes_nothing(world: World) {
    let first = world.create(whole()).await;
    let update = |etag: &str, name: &str| UpdateCustomerRequest {
        customer_id: first.customer_id.clone(),
        etag: etag.to_owned(),
        details: named(name).details,
        ..UpdateCustomerRequest::default()
    };
    let second = world.customers().update_customer(update(&first.etag, "Ana Ferreira")).await.unwrap();
    let second = second.into_inner().receipt.unwrap();
    assert_ne!(second.etag, first.etag);
    let before = world.dump().await;
    for stale in [first.etag.as_str(), "no etag at all"] {
        let refused = world.customers().update_customer(update(stale, "Too late")).await.unwrap_err();
        assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Aborted, "ETAG_MISMATCH"));
    }
    world.assert_unchanged(&before).await;
    world.customers().update_customer(update(&second.etag, "In time")).await.unwrap();
}

async fn a_mask_writes_what_it_names(world: World) {
    let receipt = world.create(whole()).await;
    let update = |paths: &[&str], details: CustomerDetails| UpdateCustomerRequest {
        customer_id: receipt.customer_id.clone(),
        details: Some(details),
        update_mask: (!paths.is_empty())
            .then(|| prost_types::FieldMask { paths: paths.iter().map(|path| (*path).to_owned()).collect() }),
        ..UpdateCustomerRequest::default()
    };
    let language = CustomerDetails { language: "PT-br".into(), ..CustomerDetails::default() };
    world.customers().update_customer(update(&[], language)).await.unwrap();
    let details = world.get(&receipt.customer_id).await.details.unwrap();
    assert_eq!(details.language, "pt-BR");
    assert_eq!(details.name.unwrap().full, "Ana Lucía Ferreira", "an omitted mask leaves what is empty");
    world.customers().update_customer(update(&["name.full"], CustomerDetails::default())).await.unwrap();
    let details = world.get(&receipt.customer_id).await.details.unwrap();
    assert_eq!((details.name.unwrap().full.as_str(), details.language.as_str()), ("", "pt-BR"));
    world.customers().update_customer(update(&["*"], CustomerDetails::default())).await.unwrap();
    assert_eq!(world.get(&receipt.customer_id).await.details.unwrap().language, "");
    let before = world.dump().await;
    for unknown in ["tenant", "revision_token", "etag", "name.middle", "create_time", ""] {
        let update = update(&["language", unknown], CustomerDetails::default());
        let refused = world.customers().update_customer(update).await.unwrap_err();
        assert_invalid(&refused, "update_mask.paths[1]", "");
    }
    world.assert_unchanged(&before).await;
}

async fn an_erased_customer_is_gone_and_stays_gone(world: World) {
    let empty = world.dump().await;
    let request = CreateCustomerRequest { customer: Some(whole()), request_id: "create-1".into() };
    let id =
        world.customers().create_customer(request.clone()).await.unwrap().into_inner().receipt.unwrap().customer_id;
    let bought = RecordInteractionsRequest { interactions: vec![purchase(&id, "1", vec![line("espresso", 450)])] };
    world.interactions().record_interactions(bought).await.unwrap();
    let erase = EraseCustomerRequest {
        customer_id: id.clone(),
        reason: "asked for by the guest".into(),
        ..EraseCustomerRequest::default()
    };
    world.customers().erase_customer(erase.clone()).await.unwrap();
    // Repeating it is no error: a caller that lost the answer must be able to make sure.
    world.customers().erase_customer(erase).await.unwrap();
    let gone = world.customers().get_customer(get(&id)).await.unwrap_err();
    let never = world.customers().get_customer(get("00000000000000000000000000")).await.unwrap_err();
    assert_eq!((gone.code(), gone.message(), gone.details()), (never.code(), never.message(), never.details()));
    let unknown = world.brief(by_identity(loyalty("GC-1001"))).await;
    assert_eq!(unknown.state, BriefingState::FirstVisit as i32);
    // Nothing of the customer is left but the log, which holds ids only, and the counters, which hold nobody.
    let not_log = |pairs: Dump| -> Vec<String> {
        let keys = pairs.into_iter().map(|(key, _)| String::from_utf8_lossy(&key).into_owned());
        let of_nobody = ["log:", "position:", "token:", "tally:"];
        // Nor does what all customers together buy.
        keys.filter(|key| !of_nobody.iter().any(|kind| key.starts_with(kind)) && !key.contains(":others")).collect()
    };
    assert_eq!(not_log(world.dump().await), not_log(empty));
    let replayed = world.customers().create_customer(request).await.unwrap_err();
    assert_eq!((replayed.code(), reason(&replayed).as_str()), (Code::FailedPrecondition, "CUSTOMER_ERASED"));
    // The identity is free again.
    world.create(whole()).await;
}

async fn a_list_holds_everybody_once(world: World) {
    let mut made = Vec::new();
    for number in 0..30 {
        made.push(world.create(named(&format!("Guest {number}"))).await.customer_id);
    }
    world.settle().await;
    let mut listed = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListCustomersRequest { page_size: 7, page_token, ..ListCustomersRequest::default() };
        let page = world.customers().list_customers(request).await.unwrap().into_inner();
        assert!(page.customer_ids.len() <= 7);
        listed.extend(page.customer_ids);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    made.sort();
    listed.sort();
    assert_eq!(listed, made);
}

async fn a_list_for_a_purpose_holds_who_agreed(world: World) {
    let consents = |purposes: &[Purpose]| -> Vec<Consent> {
        purposes.iter().map(|purpose| Consent { purpose: *purpose as i32, ..agreed() }).collect()
    };
    let mut agreed = std::collections::BTreeMap::new();
    for (name, purposes) in [
        ("Ana", &[][..]),
        ("Bo", &[Purpose::Marketing][..]),
        ("Cy", &[Purpose::Analytics][..]),
        ("Di", &[Purpose::Marketing, Purpose::Analytics][..]),
        ("Ed", &[Purpose::Marketing][..]),
    ] {
        let draft = CustomerDraft { consents: consents(purposes), ..named(name) };
        agreed.insert(world.create(draft).await.customer_id, (name, purposes));
    }
    let withdrawn = agreed.iter().find(|(_, (name, _))| *name == "Ed").expect("created").0.clone();
    let consent = Consent {
        purpose: Purpose::Marketing as i32,
        state: ConsentState::Withdrawn as i32,
        decide_time: time(NOON),
        ..Consent::default()
    };
    let withdraw = with!(RecordConsentRequest { customer_id: withdrawn.clone(), consent: Some(consent) });
    world.customers().record_consent(withdraw).await.expect("recorded");
    world.settle().await;
    for page_size in [1, 2, 200] {
        for purpose in [Purpose::Service, Purpose::Marketing, Purpose::Analytics] {
            let (mut listed, mut page_token) = (Vec::new(), String::new());
            loop {
                let request = ListCustomersRequest { page_size, page_token, purpose: purpose as i32 };
                let page = world.customers().list_customers(request).await.expect("listed").into_inner();
                listed.extend(page.customer_ids);
                page_token = page.next_page_token;
                if page_token.is_empty() {
                    break;
                }
            }
            listed.sort();
            let may = |(id, (_, purposes)): &(&String, &(&str, &[Purpose]))| {
                let is_withdrawn = purpose == Purpose::Marketing && **id == withdrawn;
                purpose == Purpose::Service || (purposes.contains(&purpose) && !is_withdrawn)
            };
            let expected: Vec<&String> = agreed.iter().filter(may).map(|(id, _)| id).collect();
            assert_eq!(listed.iter().collect::<Vec<_>>(), expected, "{}, {page_size}", purpose.as_str_name());
        }
    }
}

async fn precautions_have_a_life(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    assert_eq!(world.get(&id).await.precaution_state, PrecautionState::NotAsked as i32);
    let asked = RecordPrecautionInquiryRequest { customer_id: id.clone(), ..Default::default() };
    world.customers().record_precaution_inquiry(asked).await.unwrap();
    let customer = world.get(&id).await;
    assert_eq!(customer.precaution_state, PrecautionState::NoneKnown as i32);
    assert_eq!(customer.precautions_asked_time, time(NOON));

    let add = AddPrecautionsRequest {
        customer_id: id.clone(),
        precautions: vec![allergy("TREE_NUTS")],
        ..AddPrecautionsRequest::default()
    };
    let added = world.customers().add_precautions(by("mara", add.clone())).await.unwrap().into_inner();
    let precaution_id = added.receipt.unwrap().created_ids.remove(0);
    let twice = world.customers().add_precautions(by("mara", add)).await.unwrap().into_inner();
    assert_eq!(twice.receipt.unwrap().created_ids, [precaution_id.as_str()], "answered as if it were new");
    let before = world.dump().await;
    let review = |status: PrecautionStatus| ReviewPrecautionRequest {
        customer_id: id.clone(),
        precaution_id: precaution_id.clone(),
        status: status as i32,
        reason: "said so at dinner".into(),
        ..ReviewPrecautionRequest::default()
    };
    let alone = world.customers().review_precaution(by("mara", review(PrecautionStatus::Refuted))).await.unwrap_err();
    assert_eq!((alone.code(), reason(&alone).as_str()), (Code::FailedPrecondition, "SECOND_PERSON_NEEDED"));
    world.assert_unchanged(&before).await;
    world.customers().review_precaution(by("jon", review(PrecautionStatus::Refuted))).await.unwrap();
    let customer = world.get(&id).await;
    assert_eq!(customer.precaution_state, PrecautionState::NotAsked as i32, "to be asked anew");
    assert_eq!(customer.precautions[0].reviewed_by, "jon@till-4", "it is kept, with who and why");
    let again = world.customers().review_precaution(by("jon", review(PrecautionStatus::Refuted))).await.unwrap_err();
    assert_eq!(reason(&again), "NOT_ACTIVE");
}

async fn an_occasion_is_replaced_and_removed(world: World) {
    let id = world.create(whole()).await.customer_id;
    let mut occasion = whole().occasions.remove(0);
    occasion.do_not_celebrate = true;
    let update = UpdateOccasionRequest {
        customer_id: id.clone(),
        occasion_id: "o2".into(),
        occasion: Some(occasion),
        ..UpdateOccasionRequest::default()
    };
    world.customers().update_occasion(update).await.unwrap();
    assert!(world.get(&id).await.occasions[0].reported.as_ref().unwrap().do_not_celebrate);
    let remove = |occasion: &str| RemoveOccasionRequest {
        customer_id: id.clone(),
        occasion_id: occasion.into(),
        ..Default::default()
    };
    let missing = world.customers().remove_occasion(remove("o9")).await.unwrap_err();
    assert_eq!((missing.code(), reason(&missing).as_str()), (Code::NotFound, "PART_NOT_FOUND"));
    world.customers().remove_occasion(remove("o2")).await.unwrap();
    assert!(world.get(&id).await.occasions.is_empty());
}

async fn evidence_makes_a_preference(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    let observe = || RecordEvidenceRequest {
        customer_id: id.clone(),
        evidence: vec![EvidenceDraft {
            category: "music".into(),
            item: "mariachi".into(),
            stance: Stance::Likes as i32,
            source: EvidenceSource::Observed as i32,
            venue_id: VENUE.into(),
            ..EvidenceDraft::default()
        }],
        ..RecordEvidenceRequest::default()
    };
    world.customers().record_evidence(observe()).await.unwrap();
    let once = world.get(&id).await.preferences.remove(0);
    assert_eq!((once.observed_count, once.scope), (1, PreferenceScope::Venue as i32));
    world.customers().record_evidence(observe()).await.unwrap();
    let twice = world.get(&id).await.preferences.remove(0);
    assert_eq!(twice.observed_count, 2);
    assert!(twice.confidence > once.confidence);
    let remove = RemovePreferenceRequest {
        customer_id: id.clone(),
        preference_id: twice.preference_id,
        ..RemovePreferenceRequest::default()
    };
    world.customers().remove_preference(remove).await.unwrap();
    assert!(world.get(&id).await.preferences.is_empty());
}

async fn a_preference_is_one_however_its_item_is_written(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    let evidence = |item: &str, stance: Stance| EvidenceDraft {
        category: "drink".into(),
        item: item.into(),
        stance: stance as i32,
        source: EvidenceSource::Stated as i32,
        ..EvidenceDraft::default()
    };
    let said = [
        ("oat milk", Stance::Likes),
        ("Oat-milk", Stance::Likes),
        ("oatmilk", Stance::Likes),
        ("oat\u{2011}milk", Stance::Likes),
        ("Oat milk", Stance::Likes),
        ("goat milk", Stance::Likes),
        ("Creme brulee", Stance::Favourite),
        ("Crème-brûlée", Stance::Favourite),
        ("Crème brûlée", Stance::Avoid),
        ("CREME BRULEE", Stance::Avoid),
    ];
    for (second, (item, stance)) in (0..).zip(said) {
        world.set_clock(NOON + second);
        let request = with!(RecordEvidenceRequest { customer_id: id.clone(), evidence: vec![evidence(item, stance)] });
        world.customers().record_evidence(request).await.expect("recorded");
    }
    let preferences = world.get(&id).await.preferences;
    let kept: Vec<_> = preferences.iter().map(|one| (one.item.as_str(), one.stated_count, one.stance)).collect();
    let (avoid, likes) = (Stance::Avoid as i32, Stance::Likes as i32);
    let expected = [("Crème brûlée", 4, avoid), ("goat milk", 1, likes), ("oat milk", 5, likes)];
    assert_eq!(kept, expected, "with its accents, in small letters");
    let told = world.brief(by_id(&id)).await;
    assert!(told.respect.iter().any(|one| one.text.contains("Crème brûlée")), "{:?}", told.respect);
}

async fn a_purpose_sees_what_it_may(world: World) {
    let id = world.create(whole()).await.customer_id;
    let read = |purpose: Purpose| GetCustomerRequest { purpose: purpose as i32, ..get(&id) };
    let seen = world.customers().get_customer(read(Purpose::Marketing)).await.unwrap().into_inner().customer.unwrap();
    assert!(seen.precautions.is_empty());
    assert_eq!(seen.precaution_state, PrecautionState::Withheld as i32);
    assert!(seen.withheld.contains(&"precautions".to_owned()));
    assert_eq!(seen.preferences.len(), 1, "consent was granted");
    let seen = world.customers().get_customer(read(Purpose::Analytics)).await.unwrap().into_inner().customer.unwrap();
    assert!(seen.preferences.is_empty() && seen.details.as_ref().unwrap().name.is_none(), "no consent was granted");
    // Nor what and since when they are.
    assert_eq!(seen.details.unwrap().kind, CustomerKind::Unspecified as i32);
    assert_eq!((seen.create_time, seen.update_time), (None, None));
    for what in ["details.kind", "create_time", "update_time"] {
        assert!(seen.withheld.contains(&what.to_owned()), "{what} in {:?}", seen.withheld);
    }
    let refused = world.customers().get_customer(GetCustomerRequest { purpose: 0, ..get(&id) }).await.unwrap_err();
    assert_invalid(&refused, "purpose", "");
}

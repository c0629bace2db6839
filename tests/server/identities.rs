//! By what customers are found: taken, shared, normalised, run out, given back.

use std::slice::from_ref;

use prost::Message;
use rapport::proto::*;
use tonic::Code;
use tonic_types::StatusExt;

use super::world::*;

on_both!(
    identities_come_and_go,
    a_purpose_finds_those_who_agreed,
    a_purpose_learns_of_nobody_by_an_identity,
    a_number_has_no_issuer,
    an_exclusive_identity_has_one_owner,
    a_shared_identity_has_sixteen_owners,
    several_customers_are_never_guessed_from,
    a_room_is_left,
    a_stay_is_extended,
    telephone_numbers_have_one_form,
    what_is_no_number_or_address_is_refused,
    one_text_has_one_form,
    a_stale_etag_takes_nothing,
    a_customer_holds_so_many,
    an_erased_customer_does_not_come_back,
);

fn with_identities(identities: Vec<Identity>) -> CustomerDraft {
    CustomerDraft { identities, ..named("Ana") }
}

fn adding(customer_id: &str, identity: Identity) -> AddIdentityRequest {
    with!(AddIdentityRequest { customer_id: customer_id.into(), identity: Some(identity) })
}

fn removing(customer_id: &str, identity: Identity) -> RemoveIdentityRequest {
    with!(RemoveIdentityRequest { customer_id: customer_id.into(), identity: Some(identity) })
}

async fn add(world: &World, customer_id: &str, identity: Identity) {
    world.customers().add_identity(adding(customer_id, identity)).await.expect("added");
    world.settle().await;
}

async fn remove(world: &World, customer_id: &str, identity: Identity) {
    world.customers().remove_identity(removing(customer_id, identity)).await.expect("removed");
}

/// Who is found by an identity at the venue, in order.
async fn found(world: &World, identity: Identity) -> Vec<String> {
    let purpose = Purpose::Service as i32;
    let lookup = LookupCustomerRequest { identities: vec![identity], venue_id: VENUE.into(), purpose };
    let matches = world.customers().lookup_customer(lookup).await.expect("looked up").into_inner().matches;
    let mut ids: Vec<String> = matches.into_iter().map(|found| found.customer_id).collect();
    ids.sort();
    ids
}

async fn identities_come_and_go(world: World) {
    let ana = world.create(with_identities(vec![loyalty("GC-1")])).await.customer_id;
    let bo = world.create(named("Bo")).await.customer_id;
    let key = Identity { issuer: "opera-zrh".into(), ..identity(IdentityType::Pms, "R-77") };
    let request = AddIdentityRequest { request_id: "add-1".into(), ..adding(&ana, key.clone()) };
    let first = world.customers().add_identity(request.clone()).await.unwrap();
    assert!(first.metadata().get("rapport-replayed").is_none());
    assert_eq!(found(&world, key.clone()).await, from_ref(&ana));
    let other_issuer = Identity { issuer: "opera-lis".into(), ..key.clone() };
    assert!(found(&world, other_issuer).await.is_empty(), "another issuer's is another identity");
    let before = world.dump().await;
    let again = world.customers().add_identity(request.clone()).await.unwrap();
    assert_eq!(again.metadata().get("rapport-replayed").unwrap(), "true");
    assert!(again.into_inner() == first.into_inner());
    // What the customer has already changes nothing.
    world.customers().add_identity(adding(&ana, key.clone())).await.unwrap();
    let other = AddIdentityRequest { identity: Some(loyalty("GC-2")), ..request };
    assert_invalid(&refusal!(world, customers, add_identity, other), "request_id", "add-1");
    assert!(found(&world, loyalty("GC-2")).await.is_empty());
    world.assert_unchanged(&before).await;

    let lookup = with!(LookupCustomerRequest {
        identities: vec![loyalty("GC-1"), loyalty("GC-9"), key.clone()],
        purpose: Purpose::Service as i32
    });
    let matches = world.customers().lookup_customer(lookup).await.unwrap().into_inner().matches;
    assert_eq!(matches.len(), 1, "one customer, found twice");
    assert_eq!(matches[0].matched, [loyalty("GC-1"), key.clone()]);

    remove(&world, &ana, key.clone()).await;
    // At once somebody else may have it.
    add(&world, &bo, key.clone()).await;
    assert_eq!(found(&world, key.clone()).await, from_ref(&bo));
    let before = world.dump().await;
    let missing = refusal!(world, customers, remove_identity, removing(&ana, key));
    assert_refused(&missing, Code::NotFound, "PART_NOT_FOUND");
    world.assert_unchanged(&before).await;
    assert_eq!(world.get(&ana).await.identities, [loyalty("GC-1")]);
}

/// Who is found for a purpose, and what is withheld.
async fn found_for(world: &World, purpose: Purpose, number: &str) -> Result<LookupCustomerResponse, tonic::Status> {
    let lookup = LookupCustomerRequest {
        identities: vec![identity(IdentityType::Phone, number)],
        venue_id: VENUE.into(),
        purpose: purpose as i32,
    };
    world.customers().lookup_customer(lookup).await.map(tonic::Response::into_inner)
}

/// A till that names itself with each number finds whom others noted, and others find whom it noted.
async fn a_number_has_no_issuer(world: World) {
    let phone = |issuer: &str| Identity { issuer: issuer.into(), ..identity(IdentityType::Phone, "+41 44 668 18 00") };
    let mail = |issuer: &str| Identity { issuer: issuer.into(), ..identity(IdentityType::Email, "ana@example.com") };
    let ana = world.create(with_identities(vec![phone("till-4"), mail("")])).await.customer_id;
    for issuer in ["", "till-4", "opera-zrh"] {
        assert_eq!(found(&world, phone(issuer)).await, [ana.as_str()], "{issuer}");
        assert_eq!(world.brief(by_identity(mail(issuer))).await.customer_id, ana, "{issuer}");
    }
    assert!(world.get(&ana).await.identities.iter().all(|own| own.issuer.is_empty()));
    add(&world, &ana, phone("opera-zrh")).await;
    assert_eq!(world.get(&ana).await.identities.len(), 2, "the same number once more");
    remove(&world, &ana, phone("opera-zrh")).await;
    assert!(found(&world, phone("till-4")).await.is_empty());
}

async fn ask(world: &World, request: GetBriefingRequest) -> Briefing {
    world.briefings().get_briefing(request).await.expect("answered").into_inner().briefing.expect("a briefing")
}

/// By an identity a purpose is told what it may see of a customer, but not who it is unless it may see that.
async fn a_purpose_learns_of_nobody_by_an_identity(world: World) {
    let granted = |purpose: Purpose| Consent {
        purpose: purpose as i32,
        state: ConsentState::Granted as i32,
        decide_time: Some(prost_types::Timestamp { seconds: NOON - 60, nanos: 0 }),
        evidence: "asked".into(),
    };
    let ana = CustomerDraft {
        consents: vec![granted(Purpose::Marketing), granted(Purpose::Analytics)],
        ..with_identities(vec![loyalty("GC-1")])
    };
    let ana = world.create(ana).await.customer_id;
    world.create(with_identities(vec![loyalty("GC-2")])).await;
    let asked = |card: &str, purpose: Purpose| GetBriefingRequest {
        purpose: purpose as i32,
        ..briefing(by_identity(loyalty(card)))
    };
    for (card, purpose, reason) in [
        ("GC-1", Purpose::Analytics, "PURPOSE"),
        ("GC-2", Purpose::Marketing, "CONSENT"),
        ("GC-2", Purpose::Analytics, "PURPOSE"),
    ] {
        let told = ask(&world, asked(card, purpose)).await;
        assert_eq!(told.state, BriefingState::Known as i32);
        assert!(told.customer_id.is_empty() && told.etag.is_empty() && told.revision_token.is_empty(), "{told:?}");
        assert_eq!(told.found_by, 0, "{told:?}");
        assert!(told.withheld.contains(&Withheld { what: "customer_id".into(), reason: reason.into() }), "{told:?}");
    }
    for purpose in [Purpose::Service, Purpose::Marketing] {
        assert_eq!(ask(&world, asked("GC-1", purpose)).await.customer_id, ana, "{}", purpose.as_str_name());
    }
    let shared = |consents| CustomerDraft {
        consents,
        ..with_identities(vec![identity(IdentityType::Phone, "+41 44 668 18 00")])
    };
    for consents in [vec![granted(Purpose::Marketing)], vec![]] {
        world.create(shared(consents)).await;
    }
    let several = GetBriefingRequest {
        purpose: Purpose::Marketing as i32,
        ..briefing(by_identity(identity(IdentityType::Phone, "+41 44 668 18 00")))
    };
    let several = ask(&world, several).await;
    assert_eq!(several.state, BriefingState::Ambiguous as i32);
    assert!(several.candidate_ids.is_empty());
    assert!(several.withheld.contains(&Withheld { what: "candidate_ids".into(), reason: "CONSENT".into() }));
}

async fn a_purpose_finds_those_who_agreed(world: World) {
    let phone = "+41 44 668 18 00";
    let consent = |state: ConsentState, second: i64| Consent {
        purpose: Purpose::Marketing as i32,
        state: state as i32,
        decide_time: Some(prost_types::Timestamp { seconds: NOON - second, nanos: 0 }),
        evidence: "asked".into(),
    };
    let shared = |consents: Vec<Consent>| CustomerDraft {
        consents,
        ..with_identities(vec![identity(IdentityType::Phone, phone)])
    };
    let ana = world.create(shared(vec![consent(ConsentState::Granted, 60)])).await.customer_id;
    let bo = world.create(shared(vec![consent(ConsentState::Denied, 60)])).await.customer_id;
    let all = found_for(&world, Purpose::Service, phone).await.expect("served");
    assert!(all.matches.len() == 2 && all.withheld.is_empty(), "{all:?}");
    let agreed = found_for(&world, Purpose::Marketing, phone).await.expect("one has agreed");
    let ids: Vec<&str> = agreed.matches.iter().map(|one| one.customer_id.as_str()).collect();
    assert_eq!(ids, [ana.as_str()], "each by their own consent");
    assert_eq!(
        agreed.withheld,
        [Withheld { what: "matches".into(), reason: "CONSENT".into() }],
        "it is not the only one"
    );

    let withdrawn = Some(consent(ConsentState::Withdrawn, 30));
    let withdraw = with!(RecordConsentRequest { customer_id: ana, consent: withdrawn });
    world.customers().record_consent(withdraw).await.expect("recorded");
    let status = found_for(&world, Purpose::Marketing, phone).await.expect_err("nobody has agreed");
    assert_refused(&status, Code::PermissionDenied, "CONSENT_MISSING");
    let nobody = found_for(&world, Purpose::Marketing, "+41 44 668 18 99").await.expect("nobody is known");
    assert!(nobody.matches.is_empty() && nobody.withheld.is_empty(), "{nobody:?}");

    let consent = Some(Consent { purpose: Purpose::Analytics as i32, ..consent(ConsentState::Granted, 20) });
    let agree = with!(RecordConsentRequest { customer_id: bo, consent });
    world.customers().record_consent(agree).await.expect("recorded");
    for number in [phone, "+41 44 668 18 99"] {
        let status = found_for(&world, Purpose::Analytics, number).await.expect_err("it never sees identities");
        assert_refused(&status, Code::PermissionDenied, "PURPOSE_NOT_ALLOWED");
    }
}

async fn an_exclusive_identity_has_one_owner(world: World) {
    for kind in [IdentityType::Loyalty, IdentityType::Pms, IdentityType::Pos, IdentityType::System] {
        let key = identity(kind, "K-1");
        world.create(with_identities(vec![key.clone()])).await;
        let other = world.create(named("Bo")).await.customer_id;
        let before = world.dump().await;
        let taken = refusal!(world, customers, add_identity, adding(&other, key.clone()));
        assert_refused(&taken, Code::AlreadyExists, "IDENTITY_TAKEN");
        assert_eq!(taken.get_details_error_info().unwrap().metadata["field"], "identity");
        let free = Identity { issuer: kind.as_str_name().to_owned(), ..loyalty("free") };
        let draft = Some(with_identities(vec![free.clone(), key.clone()]));
        let create = CreateCustomerRequest { customer: draft, request_id: String::new() };
        let taken = refusal!(world, customers, create_customer, create);
        assert_refused(&taken, Code::AlreadyExists, "IDENTITY_TAKEN");
        assert_eq!(taken.get_details_error_info().unwrap().metadata["field"], "customer.identities[1]");
        assert!(!taken.message().contains("K-1"));
        world.assert_unchanged(&before).await;
        // The one that could be had was given back.
        add(&world, &other, free).await;
    }
}

async fn a_shared_identity_has_sixteen_owners(world: World) {
    for (kind, value) in
        [(IdentityType::Phone, "+41446681800"), (IdentityType::Email, "fam@example.com"), (IdentityType::Table, "12")]
    {
        let shared = identity(kind, value);
        let mut owners = Vec::new();
        for _ in 0..16 {
            owners.push(world.create(with_identities(vec![shared.clone()])).await.customer_id);
        }
        owners.sort();
        let one_more = world.create(named("Bo")).await.customer_id;
        let before = world.dump().await;
        let full = refusal!(world, customers, add_identity, adding(&one_more, shared.clone()));
        assert_refused(&full, Code::ResourceExhausted, "LIMIT_REACHED");
        assert_eq!(full.get_details_error_info().unwrap().metadata["max"], "16");
        world.assert_unchanged(&before).await;
        assert_eq!(found(&world, shared.clone()).await, owners);
        remove(&world, &owners[0], shared.clone()).await;
        add(&world, &one_more, shared.clone()).await;
        owners[0] = one_more;
        owners.sort();
        assert_eq!(found(&world, shared).await, owners);
    }
}

async fn several_customers_are_never_guessed_from(world: World) {
    let phone = identity(IdentityType::Phone, "+41446681800");
    let draft = |name: &str, precautions: Vec<PrecautionDraft>| CustomerDraft {
        identities: vec![phone.clone(), loyalty(name)],
        precautions,
        precautions_asked: true,
        evidence: vec![stated(&format!("tea of {name}"))],
        occasions: vec![birthday(Some(1_985), 3, 14)],
        ..named(name)
    };
    let milk = PrecautionDraft { criticality: Criticality::Low as i32, ..allergy("MILK") };
    let ana = world.create(draft("Ana", vec![allergy("TREE_NUTS"), milk.clone()])).await.customer_id;
    let bo = world.create(draft("Bo", vec![milk])).await.customer_id;
    let mut ids = [ana.clone(), bo];
    ids.sort();
    let mut briefing = world.brief(by_identity(phone.clone())).await;
    assert_eq!(briefing.state, BriefingState::Ambiguous as i32);
    assert_eq!(briefing.found_by, IdentityType::Phone as i32);
    briefing.candidate_ids.sort();
    assert_eq!((briefing.customer_id.as_str(), &briefing.candidate_ids[..]), ("", &ids[..]));
    let codes = |statements: &[Statement]| -> Vec<String> {
        statements.iter().map(|statement| statement.code.clone()).collect()
    };
    assert_eq!(briefing.precaution_state, PrecautionState::Listed as i32);
    assert_eq!(codes(&briefing.respect), ["PRECAUTION_ALLERGY", "PRECAUTION_ALLERGY"], "each once");
    assert_eq!(values(&briefing.respect, "code"), ["TREE_NUTS", "MILK"]);
    assert_eq!(codes(&briefing.headline), ["PRECAUTION_ALLERGY", "ASK_WHO"]);
    assert_eq!(codes(&briefing.communicate), ["ASK_WHO"]);
    assert!(briefing.acknowledge.is_empty() && briefing.anticipate.is_empty() && briefing.delight.is_empty());
    assert!(briefing.etag.is_empty() && briefing.revision_token.is_empty());
    let all = String::from_utf8_lossy(&briefing.encode_to_vec()).into_owned();
    assert!(all.contains("TREE_NUTS"));
    for personal in ["Ana", "Bo", "tea", "birthday", "1985"] {
        assert!(!all.contains(personal), "{personal} is told of a candidate");
    }
    assert_eq!(found(&world, phone).await, ids);
    // The caller picks.
    let picked = world.brief(by_id(&ana)).await;
    assert_eq!((picked.state, picked.customer_id), (BriefingState::Known as i32, ana));
}

async fn a_room_is_left(world: World) {
    let room = |expire| Identity { expire_time: time(expire), ..identity(IdentityType::Room, "1204") };
    let ana = world.create(with_identities(vec![room(NOON + 3_600)])).await.customer_id;
    world.set_clock(NOON + 3_599);
    assert_eq!(found(&world, room(0)).await, from_ref(&ana));
    world.set_clock(NOON + 3_600);
    assert!(found(&world, room(0)).await.is_empty());
    let state = world.brief(by_identity(room(0))).await.state;
    assert_eq!(state, BriefingState::FirstVisit as i32);
    let mut late = purchase(&ana, "1", vec![line("tea", 1)]);
    late.customer = Some(interaction::Customer::Identity(room(0)));
    let late = RecordInteractionsRequest { interactions: vec![late] };
    let result = world.interactions().record_interactions(late).await.unwrap().into_inner().results.remove(0);
    assert_eq!(result.error.unwrap().reason, "IDENTITY_UNKNOWN");
    // The next guest has it, and the one before may come back.
    let bo = world.create(with_identities(vec![room(NOON + 90_000)])).await.customer_id;
    assert_eq!(found(&world, room(0)).await, from_ref(&bo));
    add(&world, &ana, room(NOON + 90_000)).await;
    let mut both = [ana, bo];
    both.sort();
    assert_eq!(found(&world, room(0)).await, both);
    // Fourteen more would fill it; those who have left leave room.
    for _ in 0..14 {
        world.create(with_identities(vec![room(NOON + 90_000)])).await;
    }
    world.settle().await;
    world.set_clock(NOON + 90_000);
    let next = world.create(with_identities(vec![room(NOON + 100_000)])).await.customer_id;
    assert_eq!(found(&world, room(0)).await, [next]);
}

async fn a_stay_is_extended(world: World) {
    let room = |expire| Identity { expire_time: time(expire), ..identity(IdentityType::Room, "1204") };
    let ana = world.create(with_identities(vec![room(NOON + 3_600)])).await.customer_id;
    add(&world, &ana, room(NOON + 7_200)).await;
    assert_eq!(world.get(&ana).await.identities, [room(NOON + 7_200)]);
    world.set_clock(NOON + 7_199);
    assert_eq!(found(&world, room(0)).await, from_ref(&ana));
    // Cut short again, then for good.
    world.set_clock(NOON);
    add(&world, &ana, room(NOON + 60)).await;
    world.set_clock(NOON + 61);
    assert!(found(&world, room(0)).await.is_empty());
    add(&world, &ana, Identity { expire_time: None, ..room(0) }).await;
    world.set_clock(NOON + 1_000_000);
    assert_eq!(found(&world, room(0)).await, [ana]);
}

async fn telephone_numbers_have_one_form(world: World) {
    let phone = |value: &str| identity(IdentityType::Phone, value);
    let ana = world.create(with_identities(vec![phone("+41 (44) 668-18-00")])).await.customer_id;
    assert_eq!(world.get(&ana).await.identities[0].value, "+41446681800");
    for same in ["+41446681800", "044 668 18 00", "0041 44 668 18 00", "044/668.18.00", "\u{ff10}44 668 18 00"] {
        assert_eq!(found(&world, phone(same)).await, from_ref(&ana), "{same}");
        assert_eq!(world.brief(by_identity(phone(same))).await.customer_id, ana, "{same}");
    }
    // The same digits are another number at a venue in Lisbon, and none without a region.
    let there = GetBriefingRequest { venue_id: OTHER_VENUE.into(), ..briefing(by_identity(phone("044 668 18 00"))) };
    let status = refusal!(world, briefings, get_briefing, there);
    assert_field(&status, "subject.identity.value", "044 668");
    let before = world.dump().await;
    let nowhere = refusal!(world, customers, add_identity, adding(&ana, phone("044 668 18 01")));
    assert_field(&nowhere, "identity.value", "044 668");
    world.assert_unchanged(&before).await;
    let policy = Policy { default_region: "CH".into(), ..policy() };
    world.policies().set_policy(SetPolicyRequest { policy: Some(policy) }).await.unwrap();
    add(&world, &ana, phone("044 668 18 01")).await;
    assert_eq!(found(&world, phone("+41446681801")).await, [ana]);
}

async fn what_is_no_number_or_address_is_refused(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    let before = world.dump().await;
    let phones =
        ["+", "+1", "12345", "+41 31 350", "+999 123 456 789", "++41446681801", "+41 44 668 18 01 ext. 3", "call me"];
    let addresses =
        ["bob", "bob@", "@nowhere.ch", "bob@nowhere", "b ob@nowhere.ch", "Bob <bob@nowhere.ch>", "a@b@c.de"];
    let bad = phones.map(|value| (IdentityType::Phone, value)).into_iter();
    for (kind, value) in bad.chain(addresses.map(|value| (IdentityType::Email, value))) {
        let status = refusal!(world, customers, add_identity, adding(&id, identity(kind, value)));
        assert_field(&status, "identity.value", if value.len() > 4 { value } else { "" });
    }
    for value in [String::new(), " ".into(), "x".repeat(129)] {
        assert_field(&refusal!(world, customers, add_identity, adding(&id, loyalty(&value))), "identity.value", "");
    }
    let long = Identity { issuer: "x".repeat(65), ..loyalty("1") };
    assert_field(&refusal!(world, customers, add_identity, adding(&id, long)), "identity.issuer", "");
    world.assert_unchanged(&before).await;
}

async fn one_text_has_one_form(world: World) {
    let composed = Identity { issuer: "H\u{f4}tel".into(), ..identity(IdentityType::Pms, "Gr\u{fc}n \u{e9}") };
    let decomposed =
        Identity { issuer: "Ho\u{302}tel".into(), ..identity(IdentityType::Pms, " Gru\u{308}n\u{a0}e\u{301} ") };
    let ana = world.create(with_identities(vec![decomposed.clone()])).await.customer_id;
    assert_eq!(world.get(&ana).await.identities, from_ref(&composed), "kept composed");
    for same in [composed, decomposed.clone()] {
        assert_eq!(found(&world, same.clone()).await, from_ref(&ana));
        assert_eq!(world.brief(by_identity(same)).await.customer_id, ana);
    }
    remove(&world, &ana, decomposed.clone()).await;
    assert!(found(&world, decomposed).await.is_empty());
    // So have names, and what is preferred.
    let evidence = vec![stated("cafe\u{301}"), stated("caf\u{e9}")];
    let bo = world.create(CustomerDraft { evidence, ..named("Zoe\u{308}") }).await.customer_id;
    let customer = world.get(&bo).await;
    assert_eq!(customer.details.unwrap().name.unwrap().full, "Zo\u{eb}");
    assert_eq!((customer.preferences.len(), customer.preferences[0].stated_count), (1, 2));
}

async fn a_stale_etag_takes_nothing(world: World) {
    let ana = world.create(with_identities(vec![loyalty("GC-1")])).await.customer_id;
    let bo = world.create(named("Bo")).await.customer_id;
    let before = world.dump().await;
    let etag = || "AAAAAAAAAAAAAAAAAAAAAA".to_owned();
    let table = [
        refusal!(world, customers, add_identity, AddIdentityRequest { etag: etag(), ..adding(&ana, loyalty("GC-2")) }),
        refusal!(world, customers, add_identity, AddIdentityRequest { etag: etag(), ..adding(&ana, loyalty("GC-1")) }),
        refusal!(
            world,
            customers,
            remove_identity,
            RemoveIdentityRequest { etag: etag(), ..removing(&ana, loyalty("GC-1")) }
        ),
    ];
    for status in table {
        assert_refused(&status, Code::Aborted, "ETAG_MISMATCH");
    }
    world.assert_unchanged(&before).await;
    add(&world, &bo, loyalty("GC-2")).await;
}

async fn a_customer_holds_so_many(world: World) {
    let identities = (0..32).map(|number| loyalty(&format!("GC-{number}"))).collect();
    let ana = world.create(with_identities(identities)).await.customer_id;
    let bo = world.create(named("Bo")).await.customer_id;
    let before = world.dump().await;
    let full = refusal!(world, customers, add_identity, adding(&ana, loyalty("GC-32")));
    assert_refused(&full, Code::ResourceExhausted, "LIMIT_REACHED");
    world.assert_unchanged(&before).await;
    add(&world, &bo, loyalty("GC-32")).await;
}

async fn an_erased_customer_does_not_come_back(world: World) {
    let ana = world.create(with_identities(vec![loyalty("GC-1")])).await.customer_id;
    let request = AddIdentityRequest { request_id: "add-1".into(), ..adding(&ana, loyalty("GC-2")) };
    world.customers().add_identity(request.clone()).await.unwrap();
    let erase = with!(EraseCustomerRequest { customer_id: ana.clone(), reason: "asked for".into() });
    world.customers().erase_customer(erase).await.unwrap();
    let before = world.dump().await;
    // An old request, replayed, and a purchase, imported again.
    assert_refused(&refusal!(world, customers, add_identity, request), Code::NotFound, "CUSTOMER_NOT_FOUND");
    let by_card = Interaction {
        customer: Some(interaction::Customer::Identity(loyalty("GC-1"))),
        ..purchase(&ana, "2", vec![line("tea", 1)])
    };
    let interactions = vec![purchase(&ana, "1", vec![line("tea", 1)]), by_card];
    let record = RecordInteractionsRequest { interactions };
    let results = world.interactions().record_interactions(record).await.unwrap().into_inner().results;
    let reasons: Vec<String> = results.into_iter().map(|result| result.error.unwrap().reason).collect();
    assert_eq!(reasons, ["CUSTOMER_NOT_FOUND", "IDENTITY_UNKNOWN"]);
    world.assert_unchanged(&before).await;
}

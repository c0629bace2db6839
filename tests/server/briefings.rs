//! Briefings: for whom, for when, for what purpose, and what is always there.

use rapport::{
    domain::CustomerId,
    proto::*,
    store::{CustomerKey, keystore::KeyName},
};
use tonic::Code;

use super::{
    soundness::{spoil_identity, spoil_record},
    world::*,
};

on_both!(
    by_id_and_by_identity_it_is_the_same,
    a_stranger_is_welcomed,
    respect_is_always_there,
    a_mask_leaves_sections_out,
    a_purpose_withholds,
    a_moment_moves_days_and_nothing_else,
    a_leap_day_is_kept_in_february,
    a_basket_is_left_out,
    habits_are_expected_and_precautions_veto,
    many_are_answered_one_by_one,
    one_bad_subject_refuses_no_other,
    a_damaged_identity_or_key_refuses_no_other,
);

/// 2026-02-28T12:00:00Z, and the same in the leap year 2028.
const FEBRUARY_28: i64 = NOON - 14 * 86_400;
const FEBRUARY_28_LEAP: i64 = FEBRUARY_28 + 730 * 86_400;

fn codes(statements: &[Statement]) -> Vec<&str> {
    statements.iter().map(|statement| statement.code.as_str()).collect()
}

fn texts(statements: &[Statement]) -> String {
    statements.iter().map(|statement| statement.text.as_str()).collect::<Vec<_>>().join(" ")
}

fn favourite(item: &str) -> EvidenceDraft {
    EvidenceDraft { stance: Stance::Favourite as i32, ..stated(item) }
}

fn guest() -> CustomerDraft {
    CustomerDraft {
        identities: vec![loyalty("GC-1")],
        precautions: vec![allergy("TREE_NUTS")],
        precautions_asked: true,
        evidence: vec![favourite("espresso")],
        occasions: vec![birthday(Some(1_985), 3, 14)],
        ..named("Ana Ferreira")
    }
}

async fn ask(world: &World, request: GetBriefingRequest) -> Briefing {
    world.briefings().get_briefing(request).await.expect("answered").into_inner().briefing.expect("a briefing")
}

async fn by_id_and_by_identity_it_is_the_same(world: World) {
    let id = world.create(guest()).await.customer_id;
    let known = world.brief(by_id(&id)).await;
    assert_eq!((known.state, &known.customer_id), (BriefingState::Known as i32, &id));
    assert_eq!(known.found_by, IdentityType::Unspecified as i32);
    let found = world.brief(by_identity(loyalty("GC-1"))).await;
    assert_eq!(found.found_by, IdentityType::Loyalty as i32);
    assert!(Briefing { found_by: 0, ..found } == known);

    assert_eq!(codes(&known.headline), ["PRECAUTION_ALLERGY", "OCCASION_TODAY"]);
    assert_eq!(known.headline[1].text, "Ana Ferreira: 41st birthday today");
    assert!(known.headline.iter().all(|statement| statement.text.chars().count() <= 60));
    assert_eq!(codes(&known.respect), ["PRECAUTION_ALLERGY"]);
    assert_eq!(codes(&known.acknowledge), ["NAME", "FIRST_VISIT", "OCCASION_TODAY"]);
    assert_eq!(codes(&known.anticipate), ["PREFERENCE_FAVOURITE"]);
    assert_eq!(codes(&known.delight), ["OCCASION_WISH", "FAVOURITE_TOUCH"]);
    let customer = world.get(&id).await;
    assert_eq!((known.etag, known.revision_token), (customer.etag, customer.revision_token));
    assert_eq!((known.as_of_time, known.precautions_asked_time), (time(NOON), time(NOON)));
    assert!(known.valid_until_time.unwrap().seconds > NOON && !known.stale && known.withheld.is_empty());

    let nobody = refusal!(world, briefings, get_briefing, briefing(by_id(&"0".repeat(26))));
    assert_refused(&nobody, Code::NotFound, "CUSTOMER_NOT_FOUND");
}

async fn a_stranger_is_welcomed(world: World) {
    let before = world.dump().await;
    let stranger = world.brief(by_identity(loyalty("GC-9"))).await;
    assert_eq!(stranger.state, BriefingState::FirstVisit as i32);
    assert_eq!(stranger.precaution_state, PrecautionState::NotAsked as i32);
    assert_eq!(codes(&stranger.headline), ["PRECAUTIONS_NOT_ASKED"]);
    assert_eq!(codes(&stranger.respect), ["PRECAUTIONS_NOT_ASKED"]);
    assert_eq!(codes(&stranger.acknowledge), ["FIRST_VISIT"]);
    assert_eq!(codes(&stranger.communicate), ["ASK_NAME"]);
    assert!(stranger.customer_id.is_empty() && stranger.etag.is_empty() && stranger.revision_token.is_empty());
    world.assert_unchanged(&before).await;
}

async fn respect_is_always_there(world: World) {
    let state = |briefing: &Briefing| (briefing.precaution_state(), codes(&briefing.respect).join(" "));
    let unasked = world.create(named("Ana")).await.customer_id;
    let unasked = world.brief(by_id(&unasked)).await;
    assert!(state(&unasked) == (PrecautionState::NotAsked, "PRECAUTIONS_NOT_ASKED".into()));
    assert_eq!(codes(&unasked.headline), ["PRECAUTIONS_NOT_ASKED", "NAME"]);
    let none = world.create(CustomerDraft { precautions_asked: true, ..named("Bo") }).await.customer_id;
    assert!(state(&world.brief(by_id(&none)).await) == (PrecautionState::NoneKnown, "PRECAUTIONS_NONE_KNOWN".into()));

    // More than the headline shows: none is left out of the section, and unconfirmed counts like confirmed.
    let codes = (0..60).map(|number| format!("SUBSTANCE_{number:02}"));
    let precautions = codes.map(|code| PrecautionDraft { criticality: 0, ..allergy(&code) }).collect();
    let many = world.create(CustomerDraft { precautions, ..named("Cy") }).await.customer_id;
    let request = GetBriefingRequest { sections: vec![BriefingSection::Delight as i32], ..briefing(by_id(&many)) };
    let many = ask(&world, request).await;
    assert_eq!(many.respect.len(), 61, "and the question");
    let named = values(&many.respect, "code");
    assert!((0..60).all(|number| named.contains(&format!("SUBSTANCE_{number:02}").as_str())));
    assert!(many.headline[0].text.ends_with("+59 more: read all"));
}

async fn a_mask_leaves_sections_out(world: World) {
    let id = world.create(guest()).await.customer_id;
    let whole = world.brief(by_id(&id)).await;
    let sizes = |briefing: &Briefing| {
        let Briefing { acknowledge, communicate, anticipate, delight, .. } = briefing;
        [acknowledge, communicate, anticipate, delight].map(Vec::len)
    };
    let all = sizes(&whole);
    assert!(all.iter().all(|size| *size > 0), "{all:?}");
    for (place, section) in [2, 3, 4, 5].into_iter().enumerate() {
        let masked = ask(&world, GetBriefingRequest { sections: vec![section], ..briefing(by_id(&id)) }).await;
        let mut expected = [0; 4];
        expected[place] = all[place];
        assert_eq!(sizes(&masked), expected);
        assert!(masked.headline == whole.headline && masked.respect == whole.respect);
    }
    let respect = ask(&world, GetBriefingRequest { sections: vec![1], ..briefing(by_id(&id)) }).await;
    assert_eq!(sizes(&respect), [0; 4]);
    assert!(respect.headline == whole.headline && respect.respect == whole.respect);
}

async fn a_purpose_withholds(world: World) {
    let refused = world.create(guest()).await.customer_id;
    let consents =
        [Purpose::Marketing, Purpose::Analytics].map(|purpose| Consent { purpose: purpose as i32, ..agreed() });
    let draft = CustomerDraft { identities: Vec::new(), consents: consents.to_vec(), ..guest() };
    let granted = world.create(draft).await.customer_id;
    let of = |id: &str, purpose: Purpose| GetBriefingRequest { purpose: purpose as i32, ..briefing(by_id(id)) };
    let withheld = |briefing: &Briefing| -> Vec<(String, String)> {
        briefing.withheld.iter().map(|withheld| (withheld.what.clone(), withheld.reason.clone())).collect()
    };
    let pair = |what: &str, reason: &str| (what.to_owned(), reason.to_owned());
    for purpose in [Purpose::Marketing, Purpose::Analytics] {
        let silent = ask(&world, of(&refused, purpose)).await;
        assert!(silent.respect.is_empty() && silent.headline.is_empty() && silent.anticipate.is_empty());
        assert!(silent.precaution_state() == PrecautionState::Withheld && silent.precautions_asked_time.is_none());
        assert_eq!(withheld(&silent)[0], pair("respect", "PURPOSE"));
        assert_eq!(withheld(&silent)[1], pair("headline", "CONSENT"));
        assert_eq!(withheld(&silent).len(), 6);
    }
    let offers = ask(&world, of(&granted, Purpose::Marketing)).await;
    assert_eq!(withheld(&offers), [pair("respect", "PURPOSE")]);
    assert_eq!(codes(&offers.headline), ["OCCASION_TODAY"]);
    let study = ask(&world, of(&granted, Purpose::Analytics)).await;
    let gone = ["respect", "name", "occasions"].map(|what| pair(what, "PURPOSE"));
    assert_eq!(withheld(&study), gone);
    assert_eq!(
        (codes(&study.anticipate), codes(&study.delight)),
        (Vec::new(), Vec::new()),
        "nothing to eat or drink for who may not see precautions"
    );
    let all =
        [&study.headline, &study.acknowledge, &study.communicate, &study.delight].map(|list| texts(list)).join(" ");
    assert!(!all.contains("Ana") && !all.contains("birthday"), "{all}");
    for (id, purpose) in [(&granted, Purpose::Marketing), (&granted, Purpose::Analytics)] {
        assert!(!texts(&ask(&world, of(id, purpose)).await.respect).contains("nuts"));
    }
    // For service, precautions are visible regardless of consent.
    assert!(ask(&world, of(&refused, Purpose::Service)).await.withheld.is_empty());
}

async fn a_moment_moves_days_and_nothing_else(world: World) {
    let room = Identity { expire_time: time(NOON + 3_600), ..identity(IdentityType::Room, "1204") };
    let draft = CustomerDraft {
        identities: vec![room.clone()],
        occasions: vec![birthday(Some(1_985), 4, 20)],
        evidence: vec![EvidenceDraft { situation: "breakfast".into(), ..favourite("porridge") }],
        ..named("Ana")
    };
    world.create(draft).await;
    let of = |at: i64| GetBriefingRequest { at: time(at), ..briefing(by_identity(room.clone())) };
    let today = ask(&world, of(NOON)).await;
    assert!(codes(&today.delight).is_empty() && codes(&today.anticipate).is_empty());
    // 07:00 in Zurich, in summer time, five weeks later; the room is long left by then, but it is not left now.
    let birthday = ask(&world, of(NOON + 37 * 86_400 - 7 * 3_600)).await;
    assert_eq!(birthday.as_of_time, time(NOON + 37 * 86_400 - 7 * 3_600));
    assert_eq!(codes(&birthday.acknowledge), ["NAME", "FIRST_VISIT", "OCCASION_TODAY"]);
    assert_eq!(codes(&birthday.anticipate), ["PREFERENCE_FAVOURITE"]);
    // And the other way round.
    world.set_clock(NOON + 3_600);
    let left = ask(&world, of(NOON)).await;
    assert!(left.state() == BriefingState::FirstVisit);
}

async fn a_leap_day_is_kept_in_february(world: World) {
    let draft = CustomerDraft { occasions: vec![birthday(Some(1_996), 2, 29)], ..named("Ana") };
    let id = world.create(draft).await.customer_id;
    let of = |at: i64| GetBriefingRequest { at: time(at), ..briefing(by_id(&id)) };
    let common = ask(&world, of(FEBRUARY_28)).await;
    let kept = common.acknowledge.last().unwrap();
    assert_eq!((kept.code.as_str(), kept.text.as_str()), ("OCCASION_TODAY", "30th birthday today."));
    assert!(kept.reason.ends_with("29 February is kept on 28 February in common years."), "{}", kept.reason);
    assert_eq!(values(&common.acknowledge, "date").last(), Some(&"2026-02-28"));
    let after = ask(&world, of(FEBRUARY_28 + 86_400)).await;
    assert!(!codes(&after.acknowledge).contains(&"OCCASION_TODAY"));
    // In a leap year it is itself, and nothing has to be said.
    let eve = ask(&world, of(FEBRUARY_28_LEAP)).await;
    assert_eq!(eve.acknowledge.last().unwrap().text, "32nd birthday tomorrow.");
    let leap = ask(&world, of(FEBRUARY_28_LEAP + 86_400)).await;
    let itself = leap.acknowledge.last().unwrap();
    assert_eq!(values(&leap.acknowledge, "date").last(), Some(&"2028-02-29"));
    assert!(!itself.reason.contains("common years"));
    let reported = world.get(&id).await.occasions.remove(0).reported.unwrap().date.unwrap();
    assert_eq!((reported.month, reported.day, reported.year), (2, 29, Some(1_996)));
}

async fn a_basket_is_left_out(world: World) {
    let draft = CustomerDraft { evidence: vec![favourite("Espresso"), favourite("madeleine")], ..named("Ana") };
    let id = world.create(draft).await.customer_id;
    let of = |basket: &[&str]| GetBriefingRequest {
        basket_items: basket.iter().map(|item| (*item).to_owned()).collect(),
        ..briefing(by_id(&id))
    };
    let empty = ask(&world, of(&[])).await;
    assert_eq!(empty.anticipate.len(), 2);
    assert!(empty.valid_until_time.is_some());
    let chosen = ask(&world, of(&["bread", "espresso"])).await;
    assert_eq!(values(&chosen.anticipate, "item"), ["madeleine"]);
    assert!(chosen.valid_until_time.is_none(), "a basket is not asked about again");
}

async fn habits_are_expected_and_precautions_veto(world: World) {
    let id = world.create(CustomerDraft { precautions_asked: true, ..named("Ana") }).await.customer_id;
    let week = |number: i64| {
        let lines = vec![line("latte", 450), line("orange juice", 500)];
        Interaction { occur_time: time(NOON - number * 7 * 86_400), ..purchase(&id, &format!("{number}"), lines) }
    };
    let request = RecordInteractionsRequest { interactions: (1..=6).map(week).collect() };
    world.interactions().record_interactions(request).await.unwrap();
    let usual = world.brief(by_id(&id)).await;
    assert_eq!(codes(&usual.anticipate), ["HABIT_ITEM", "HABIT_ITEM"]);
    assert!(usual.anticipate.iter().all(|statement| statement.tact() == Tact::ActQuietly));
    assert_eq!(values(&usual.anticipate, "item"), ["latte", "orange juice"]);
    let reason = &usual.anticipate[0].reason;
    assert!(reason.contains("6 of 6 visits, 6 of them on Saturday afternoons"), "{reason}");
    let vegan = PrecautionDraft { kind: PrecautionKind::Diet as i32, ..allergy("VEGAN") };
    // A diet judges by the name; with an allergy nobody knows what the orange juice contains.
    for (precaution, expected) in [(vegan, &["orange juice"][..]), (allergy("MILK"), &[])] {
        let add = with!(AddPrecautionsRequest { customer_id: id.clone(), precautions: vec![precaution] });
        world.customers().add_precautions(add).await.unwrap();
        let careful = world.brief(by_id(&id)).await;
        assert_eq!(values(&careful.anticipate, "item"), expected);
    }
}

async fn many_are_answered_one_by_one(world: World) {
    let phone = identity(IdentityType::Phone, "+41446681800");
    let ana =
        world.create(CustomerDraft { identities: vec![loyalty("GC-1"), phone.clone()], ..guest() }).await.customer_id;
    let bo = world.create(CustomerDraft { identities: vec![phone.clone()], ..named("Bo") }).await.customer_id;
    let request = LookupBriefingsRequest {
        subjects: vec![
            by_identity(loyalty("GC-1")),
            by_id(&"0".repeat(26)),
            by_id(&bo),
            by_identity(phone),
            by_identity(loyalty("GC-9")),
            by_id(&ana),
            by_id(&ana),
        ],
        venue_id: VENUE.into(),
        at: time(NOON),
        purpose: Purpose::Service as i32,
        sections: Vec::new(),
        language: String::new(),
        ..LookupBriefingsRequest::default()
    };
    let results = world.briefings().lookup_briefings(request.clone()).await.unwrap().into_inner().results;
    let mut briefings = Vec::new();
    for (place, result) in results.into_iter().enumerate() {
        match result.result.expect("a result") {
            briefing_result::Result::Briefing(briefing) => briefings.push(briefing),
            briefing_result::Result::Error(error) => {
                assert_eq!((place, error.code, error.reason.as_str()), (1, 5, "CUSTOMER_NOT_FOUND"));
            }
        }
    }
    let of = |id: &str| (BriefingState::Known as i32, id.to_owned());
    let nobody = |state: BriefingState| (state as i32, String::new());
    let expected =
        [of(&ana), of(&bo), nobody(BriefingState::Ambiguous), nobody(BriefingState::FirstVisit), of(&ana), of(&ana)];
    let answered: Vec<_> = briefings.iter().map(|briefing| (briefing.state, briefing.customer_id.clone())).collect();
    assert_eq!(answered, expected);
    assert!(briefings[4] == world.brief(by_id(&ana)).await && briefings[5] == briefings[4]);
}

/// Who was found for each subject, or why nobody was.
fn told(results: Vec<BriefingResult>) -> Vec<(String, String)> {
    let one = |result: BriefingResult| match result.result.expect("a result") {
        briefing_result::Result::Briefing(briefing) => {
            (briefing.state().as_str_name().to_owned(), briefing.customer_id)
        }
        briefing_result::Result::Error(error) => (error.reason, error.field),
    };
    results.into_iter().map(one).collect()
}

/// The store reads identities and keys of all subjects at once; what does not decode is asked for one by one.
async fn a_damaged_identity_or_key_refuses_no_other(world: World) {
    let mut found = Vec::new();
    for number in ["GC-1", "GC-2", "GC-3"] {
        let draft = CustomerDraft { identities: vec![loyalty(number)], ..named("Guest") };
        found.push(world.create(draft).await.customer_id);
    }
    world.settle().await;
    spoil_identity(&world, "GC-2").await;
    // A customer whose data key does not unwrap.
    let (tenant, unreadable) = (world.tenant(), "1".repeat(26));
    let name = KeyName::Customer(tenant, CustomerId::parse("id", &unreadable).expect("an id"));
    let world = world
        .with_keys_changed(async move |keys| {
            keys.put_new(&name, b"not wrapped".as_slice().into()).await.expect("works");
        })
        .await;
    let subjects = vec![
        by_id(&found[0]),
        by_identity(loyalty("GC-2")),
        by_id(&unreadable),
        by_identity(loyalty("GC-1")),
        by_id(&found[1]),
        by_identity(loyalty("GC-9")),
        by_identity(loyalty("GC-3")),
    ];
    let request = with!(LookupBriefingsRequest { subjects, venue_id: VENUE.into(), purpose: Purpose::Service as i32 });
    let results = world.briefings().lookup_briefings(request).await.expect("answered").into_inner().results;
    let known = |customer: &String| ("BRIEFING_STATE_KNOWN".to_owned(), customer.clone());
    let other = |what: &str| (what.to_owned(), String::new());
    let expected = [
        known(&found[0]),
        ("DATA_DAMAGED".to_owned(), "identity".to_owned()),
        ("DATA_DAMAGED".to_owned(), "customer_id".to_owned()),
        known(&found[0]),
        known(&found[1]),
        other("BRIEFING_STATE_FIRST_VISIT"),
        known(&found[2]),
    ];
    assert_eq!(told(results), expected);
    for subject in [by_identity(loyalty("GC-2")), by_id(&unreadable)] {
        let alone = refusal!(world, briefings, get_briefing, briefing(subject));
        assert_refused(&alone, Code::DataLoss, "DATA_DAMAGED");
    }
}

/// One subject that is malformed, unknown or damaged is an error of its own; all others are answered.
async fn one_bad_subject_refuses_no_other(world: World) {
    let ana = world.create(CustomerDraft { identities: vec![loyalty("GC-1")], ..guest() }).await.customer_id;
    let bo = world.create(CustomerDraft { identities: vec![loyalty("GC-2")], ..named("Bo") }).await.customer_id;
    let key = CustomerKey { tenant: world.tenant(), customer: CustomerId::parse("id", &bo).expect("an id") };
    world.settle().await;
    spoil_record(&world.server.core, &key).await;
    let subjects = vec![
        by_id("cus_1"),
        by_id(&ana),
        BriefingSubject::default(),
        by_identity(loyalty("GC-1")),
        by_identity(identity(IdentityType::Phone, "call me")),
        by_id(&bo),
        by_identity(loyalty("GC-2")),
        by_id(&"0".repeat(26)),
        by_identity(loyalty("GC-9")),
    ];
    let request = with!(LookupBriefingsRequest { subjects, venue_id: VENUE.into(), purpose: Purpose::Service as i32 });
    let results = world.briefings().lookup_briefings(request.clone()).await.expect("answered").into_inner().results;
    let told = told(results);
    let told: Vec<(&str, &str)> = told.iter().map(|(what, whose)| (what.as_str(), whose.as_str())).collect();
    let expected = [
        ("FIELD_INVALID", "customer_id"),
        ("BRIEFING_STATE_KNOWN", ana.as_str()),
        ("FIELD_INVALID", "customer_id"),
        ("BRIEFING_STATE_KNOWN", ana.as_str()),
        ("FIELD_INVALID", "identity.value"),
        ("DATA_DAMAGED", "customer_id"),
        ("DATA_DAMAGED", "identity"),
        ("CUSTOMER_NOT_FOUND", "customer_id"),
        ("BRIEFING_STATE_FIRST_VISIT", ""),
    ];
    assert_eq!(told, expected);
    // What concerns all of them refuses the call.
    let nowhere = LookupBriefingsRequest { venue_id: "nowhere".into(), ..request.clone() };
    assert_field(&refusal!(world, briefings, lookup_briefings, nowhere), "venue_id", "nowhere");
    let no_purpose = LookupBriefingsRequest { purpose: 0, ..request };
    assert_field(&refusal!(world, briefings, lookup_briefings, no_purpose), "purpose", "");
}

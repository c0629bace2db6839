//! Rooms and tables are of a venue, and end.

use std::slice::from_ref;

use rapport::{
    domain::{
        Change, CustomerId, Details, ROOM_SECONDS, TABLE_SECONDS, Timestamp,
        identity::{Identity as KnownIdentity, IdentityType as KnownType},
    },
    proto::*,
    service::{Request as Repeatable, create::NewCustomer, identities::Wanted},
};

use super::world::*;

on_both!(
    a_room_or_table_is_of_a_venue,
    a_room_or_table_ends_by_itself,
    one_recorded_without_a_venue_is_found_where_the_customer_was_last_seen,
    a_room_is_the_same_in_capitals_and_small_letters,
    a_receipt_is_the_same_however_its_customer_is_named,
);

/// A table as a caller writes it.
fn table(value: &str, issuer: &str) -> Identity {
    Identity { issuer: issuer.into(), ..identity(IdentityType::Table, value) }
}

async fn brief_at(world: &World, venue: &str, identity: Identity) -> Briefing {
    let request = GetBriefingRequest { venue_id: venue.into(), ..briefing(by_identity(identity)) };
    world.briefings().get_briefing(request).await.expect("a briefing").into_inner().briefing.expect("a briefing")
}

async fn look_up(world: &World, venue: &str, identity: Identity) -> Vec<IdentityMatch> {
    let purpose = Purpose::Service as i32;
    let request = LookupCustomerRequest { identities: vec![identity], venue_id: venue.into(), purpose };
    world.customers().lookup_customer(request).await.expect("looked up").into_inner().matches
}

async fn bought_at(world: &World, venue: &str, number: &str, whom: interaction::Customer) -> InteractionResult {
    let bought = purchase("", number, vec![line("tea", 1)]);
    let bought = Interaction { venue_id: venue.into(), customer: Some(whom), ..bought };
    let request = RecordInteractionsRequest { interactions: vec![bought] };
    world.interactions().record_interactions(request).await.expect("an answer").into_inner().results.remove(0)
}

async fn a_room_or_table_is_of_a_venue(world: World) {
    let draft = CustomerDraft { identities: vec![table("7", VENUE)], ..named("Ana") };
    let ana = world.create(draft).await.customer_id;
    // Where it is not said, the request's venue is meant.
    assert_eq!(brief_at(&world, VENUE, table("7", "")).await.customer_id, ana);
    assert_eq!(brief_at(&world, OTHER_VENUE, table("7", "")).await.state, BriefingState::FirstVisit as i32);
    assert_eq!(brief_at(&world, OTHER_VENUE, table("7", VENUE)).await.customer_id, ana);
    assert_eq!(look_up(&world, VENUE, table("7", "")).await.len(), 1);
    assert!(look_up(&world, OTHER_VENUE, table("7", "")).await.is_empty());
    let whom = || interaction::Customer::Identity(table("7", ""));
    assert!(bought_at(&world, VENUE, "1", whom()).await.error.is_none());
    let elsewhere = bought_at(&world, OTHER_VENUE, "2", whom()).await;
    assert_eq!(elsewhere.error.expect("nobody").reason, "IDENTITY_UNKNOWN");
    // And where no venue is said at all, or one that the policy does not know, it is refused with its path.
    let before = world.dump().await;
    for (kind, issuer) in [(IdentityType::Room, ""), (IdentityType::Table, ""), (IdentityType::Table, "cun-playa")] {
        let bad = Identity { issuer: issuer.into(), ..identity(kind, "7") };
        let add = with!(AddIdentityRequest { customer_id: ana.clone(), identity: Some(bad.clone()) });
        assert_field(&refusal!(world, customers, add_identity, add), "identity.issuer", issuer);
        let draft = CustomerDraft { identities: vec![loyalty("GC-1"), bad.clone()], ..named("Bo") };
        let create = CreateCustomerRequest { customer: Some(draft), request_id: String::new() };
        let refused = refusal!(world, customers, create_customer, create);
        assert_field(&refused, "customer.identities[1].issuer", issuer);
        let request = LookupCustomerRequest {
            identities: vec![bad.clone()],
            venue_id: String::new(),
            purpose: Purpose::Service as i32,
        };
        assert_field(&refusal!(world, customers, lookup_customer, request), "identities[0].issuer", issuer);
        if !issuer.is_empty() {
            let refused = refusal!(world, briefings, get_briefing, briefing(by_identity(bad)));
            assert_field(&refused, "subject.identity.issuer", issuer);
        }
    }
    world.assert_unchanged(&before).await;
}

async fn a_room_or_table_ends_by_itself(world: World) {
    for (kind, seconds) in [(IdentityType::Table, TABLE_SECONDS), (IdentityType::Room, ROOM_SECONDS)] {
        let draft = CustomerDraft { identities: vec![identity(kind, "7")], ..named("Ana") };
        let ana = world.create(draft).await.customer_id;
        assert_eq!(world.get(&ana).await.identities[0].expire_time, time(NOON + seconds));
        world.set_clock(NOON + seconds - 1);
        assert_eq!(brief_at(&world, VENUE, identity(kind, "7")).await.customer_id, ana);
        world.set_clock(NOON + seconds);
        assert_eq!(brief_at(&world, VENUE, identity(kind, "7")).await.state, BriefingState::FirstVisit as i32);
        world.set_clock(NOON);
    }
    // A telephone stays; an end that is said stands.
    let said = Identity { expire_time: time(NOON + 60), ..identity(IdentityType::Room, "8") };
    let draft = CustomerDraft { identities: vec![identity(IdentityType::Phone, "+41446681800"), said], ..named("Bo") };
    let bo = world.get(&world.create(draft).await.customer_id).await;
    assert_eq!(bo.identities.iter().map(|own| own.expire_time).collect::<Vec<_>>(), [None, time(NOON + 60)]);
}

/// As a record of before has it: a table without a venue, and without an end.
async fn recorded_before(world: &World, value: &str) -> CustomerId {
    recorded(world, KnownIdentity { kind: KnownType::Table, issuer: String::new(), value: value.into() }).await
}

async fn recorded(world: &World, identity: KnownIdentity) -> CustomerId {
    let wanted = Wanted { identity, expire_time: None::<Timestamp>, field: "identity".into() };
    let new = NewCustomer { identities: vec![wanted], changes: vec![Change::DetailsSet(Details::default())] };
    let caller = world.caller().await;
    world.server.core.rapport.writes().create(&caller, Repeatable::default(), new).await.expect("created").customer
}

async fn one_recorded_without_a_venue_is_found_where_the_customer_was_last_seen(world: World) {
    let ana = recorded_before(&world, "7").await.to_string();
    let found_at = async |venue: &str| brief_at(&world, venue, table("7", "")).await.customer_id;
    assert_eq!((found_at(VENUE).await, found_at(OTHER_VENUE).await), (String::new(), String::new()), "seen nowhere");
    let whom = || interaction::Customer::CustomerId(ana.clone());
    assert!(bought_at(&world, VENUE, "1", whom()).await.error.is_none());
    assert_eq!((found_at(VENUE).await, found_at(OTHER_VENUE).await), (ana.clone(), String::new()));
    let matches = look_up(&world, VENUE, table("7", VENUE)).await;
    assert_eq!((matches.len(), &matches[0].matched[0].issuer), (1, &String::new()), "as the customer has it");
    // Beside somebody who has the table of this venue, nobody is guessed.
    let draft = CustomerDraft { identities: vec![table("7", VENUE)], ..named("Bo") };
    let bo = world.create(draft).await.customer_id;
    let both = brief_at(&world, VENUE, table("7", "")).await;
    assert_eq!((both.state, both.candidate_ids.len()), (BriefingState::Ambiguous as i32, 2));
    let gone = with!(RemoveIdentityRequest { customer_id: bo, identity: Some(table("7", VENUE)) });
    world.customers().remove_identity(gone).await.expect("removed");
    // Seen at the other venue since: found there, and no longer here. Batches say the same.
    let later = purchase(&ana, "2", vec![line("tea", 1)]);
    let later = Interaction { venue_id: OTHER_VENUE.into(), occur_time: time(NOON - 60), ..later };
    let request = RecordInteractionsRequest { interactions: vec![later] };
    world.interactions().record_interactions(request).await.expect("recorded");
    assert_eq!((found_at(VENUE).await, found_at(OTHER_VENUE).await), (String::new(), ana.clone()));
    let request = with!(LookupBriefingsRequest {
        subjects: vec![by_identity(table("7", "")), by_identity(table("8", ""))],
        venue_id: OTHER_VENUE.into(),
        purpose: Purpose::Service as i32
    });
    let results = world.briefings().lookup_briefings(request).await.expect("answered").into_inner().results;
    let ids = results.iter().map(|one| match &one.result {
        Some(briefing_result::Result::Briefing(briefing)) => briefing.customer_id.as_str(),
        _ => panic!("a briefing"),
    });
    assert_eq!(ids.collect::<Vec<_>>(), [ana.as_str(), ""]);
    // It can be removed without naming a venue.
    let gone = with!(RemoveIdentityRequest { customer_id: ana.clone(), identity: Some(table("7", "")) });
    world.customers().remove_identity(gone).await.expect("removed");
    assert!(look_up(&world, OTHER_VENUE, table("7", "")).await.is_empty());
    assert_eq!(world.get(&ana).await.identities, from_ref(&table("7", ""))[..0]);
}

async fn a_room_is_the_same_in_capitals_and_small_letters(world: World) {
    for (kind, value) in [(IdentityType::Room, "612a"), (IdentityType::Table, "Terrace 7b")] {
        let written = [value.to_owned(), value.to_uppercase(), value.to_lowercase()];
        let draft = CustomerDraft { identities: vec![identity(kind, value)], ..named("Ana") };
        let ana = world.create(draft).await.customer_id;
        assert_eq!(world.get(&ana).await.identities[0].value, value.to_uppercase());
        for other in &written {
            assert_eq!(brief_at(&world, VENUE, identity(kind, other)).await.customer_id, ana, "{other}");
            assert!(
                look_up(&world, OTHER_VENUE, Identity { issuer: String::new(), ..identity(kind, other) })
                    .await
                    .is_empty()
            );
        }
        // Two who are there are two, however each was noted.
        let draft = CustomerDraft { identities: vec![identity(kind, &value.to_uppercase())], ..named("Bo") };
        let bo = world.create(draft).await.customer_id;
        let both = brief_at(&world, VENUE, identity(kind, value)).await;
        assert_eq!((both.state, both.candidate_ids.len()), (BriefingState::Ambiguous as i32, 2));
        for id in [ana, bo] {
            let gone = with!(RemoveIdentityRequest { customer_id: id, identity: Some(identity(kind, &written[2])) });
            world.customers().remove_identity(gone).await.expect("removed");
        }
        assert!(look_up(&world, VENUE, identity(kind, value)).await.is_empty());
    }
    // Records of before have it as it was written.
    for (nth, value) in ["T7b", "T7B", "t7b"].into_iter().enumerate() {
        let kept = KnownIdentity { kind: KnownType::Table, issuer: VENUE.into(), value: value.into() };
        let cy = recorded(&world, kept).await.to_string();
        for other in ["T7B", "t7b"] {
            assert_eq!(brief_at(&world, VENUE, table(other, "")).await.customer_id, cy, "{value} by {other}");
            let request = with!(LookupBriefingsRequest {
                subjects: vec![by_identity(table(other, ""))],
                venue_id: VENUE.into(),
                purpose: Purpose::Service as i32
            });
            let results = world.briefings().lookup_briefings(request).await.expect("answered").into_inner().results;
            let [BriefingResult { result: Some(briefing_result::Result::Briefing(one)) }] = results.as_slice() else {
                panic!("a briefing")
            };
            assert_eq!(one.customer_id, cy, "{value} by {other}");
            let number = format!("{nth}{other}");
            let whom = interaction::Customer::Identity(table(other, ""));
            assert_eq!(bought_at(&world, VENUE, &number, whom).await.customer_id, cy, "{value} by {other}");
            let matches = look_up(&world, VENUE, table(other, "")).await;
            assert_eq!((matches.len(), matches[0].matched[0].value.as_str()), (1, value), "as the customer has it");
        }
        let gone = with!(RemoveIdentityRequest { customer_id: cy, identity: Some(table("t7B", VENUE)) });
        world.customers().remove_identity(gone).await.expect("removed");
        assert!(look_up(&world, VENUE, table(value, "")).await.is_empty());
    }
}

async fn a_receipt_is_the_same_however_its_customer_is_named(world: World) {
    let phone = |value: &str| identity(IdentityType::Phone, value);
    let identities = vec![identity(IdentityType::Room, "İnci 7b"), phone("+41446681800"), loyalty("GC-1")];
    let ana = world.create(CustomerDraft { identities, ..named("Ana") }).await.customer_id;
    let ben = world.create(CustomerDraft { identities: vec![loyalty("GC-2")], ..named("Ben") }).await.customer_id;
    let by = interaction::Customer::Identity;
    let ways = || {
        [
            by(identity(IdentityType::Room, "İnci 7b")),
            by(identity(IdentityType::Room, " i\u{307}nci 7B ")),
            by(phone("+41446681800")),
            by(phone("+41 44 668 18 00")),
            by(loyalty("GC-1")),
            interaction::Customer::CustomerId(ana.clone()),
        ]
    };
    for (nth, first) in ways().into_iter().enumerate() {
        let number = nth.to_string();
        let recorded = bought_at(&world, VENUE, &number, first).await;
        assert_eq!((recorded.outcome, &recorded.customer_id), (RecordOutcome::Recorded as i32, &ana));
        for (way, whom) in ways().into_iter().enumerate() {
            let again = bought_at(&world, VENUE, &number, whom.clone()).await;
            assert_eq!((again.outcome, &again.customer_id), (RecordOutcome::Repeated as i32, &ana), "{nth} {way}");
            let bought = purchase("", &number, vec![line("tea", 2)]);
            let dearer = Interaction { customer: Some(whom), ..bought };
            let request = RecordInteractionsRequest { interactions: vec![dearer] };
            let refused = world.interactions().record_interactions(request).await.expect("an answer").into_inner();
            let error = refused.results[0].error.clone().expect("an error");
            assert_eq!(error.reason, "INTERACTION_DIFFERS", "{nth} {way}");
        }
    }
    // In one request too; and somebody else's receipt is another.
    let same = |customer| Interaction { customer: Some(customer), ..purchase("", "9", vec![line("tea", 1)]) };
    let all = ways().into_iter().chain([by(loyalty("GC-2"))]).map(same).collect();
    let request = RecordInteractionsRequest { interactions: all };
    let results = world.interactions().record_interactions(request).await.expect("an answer").into_inner().results;
    let recorded: Vec<&String> =
        results.iter().filter(|one| one.outcome() == RecordOutcome::Recorded).map(|one| &one.customer_id).collect();
    assert_eq!(recorded, [&ana, &ben]);
    assert_eq!(results.iter().filter(|one| one.outcome() == RecordOutcome::Repeated).count(), 5);
}

//! Damage of one customer concerns that customer alone, whatever is read together with it; and the customer can be erased.

use rapport::{
    domain::{
        Change, CustomerId, Timestamp, VenueId,
        id::{HoldToken, PartId},
        identity::{Identity as KnownIdentity, IdentityType as KnownType},
    },
    proto::{recovery_service_client::RecoveryServiceClient, *},
    service::{check::Fault, restore::Restored},
    store::{
        CustomerKey, Effect, EntryState, IdentityEntry, Lane, Lifetime, StoreExt as _, WholeCustomer, hints, keys,
        keystore::{KeyEntry, KeyName},
        portable::{self, Line},
    },
};
use tonic::Code;

use super::{
    copies::lines,
    soundness::{assert_sound, checked, faults, put_raw, spoil_record},
    world::*,
};

on_both!(
    a_damaged_key_hides_nothing_of_others,
    a_damaged_customer_can_be_erased,
    erasing_again_removes_what_is_found_by_the_id,
    a_history_that_is_too_long_is_trimmed,
    a_wrong_count_costs_no_history,
);

/// When what is promised here is due.
const DUE: i64 = NOON + 60;

fn key_of(world: &World, id: &str) -> CustomerKey {
    CustomerKey { tenant: world.tenant(), customer: CustomerId::parse("id", id).expect("an id") }
}

fn nobody(world: &World, byte: u8) -> CustomerKey {
    CustomerKey { tenant: world.tenant(), customer: CustomerId::from_bytes([byte; 16]) }
}

async fn raw(world: &World, key: &CustomerKey) -> Option<Vec<u8>> {
    world.server.core.store.record(key).await.expect("works").map(|record| record.to_vec())
}

/// A key store in which the keys of these customers do not unwrap.
async fn with_damaged_keys(world: World, damaged: &[&CustomerKey]) -> World {
    let names: Vec<KeyName> = damaged.iter().map(|key| KeyName::Customer(key.tenant.clone(), key.customer)).collect();
    let spoil = async move |keys: &dyn rapport::store::keystore::KeyStore| {
        for name in names {
            let put = keys.put_new(&name, b"not wrapped".as_slice().into()).await.expect("works");
            assert!(matches!(put, KeyEntry::Wrapped(there) if there == b"not wrapped".as_slice()));
        }
    };
    world.with_keys_changed(spoil).await
}

async fn owed(world: &World) -> Vec<String> {
    let request = with!(ListFollowUpsRequest { venue_id: VENUE.into() });
    let listed = RecoveryServiceClient::new(world.channel()).list_follow_ups(request).await.expect("listed");
    listed.into_inner().follow_ups.into_iter().map(|owed| owed.customer_id).collect()
}

/// Fault: A damaged record or key.
async fn a_damaged_key_hides_nothing_of_others(world: World) {
    let mut guests = Vec::new();
    for name in ["Ana", "Bo"] {
        guests.push(world.create(named(name)).await.customer_id);
        let follow_up = with!(FollowUpDraft {
            kind: FollowUpKind::Promise as i32,
            text: "a call".into(),
            due_time: time(DUE),
            venue_id: VENUE.into()
        });
        let customer_id = guests[guests.len() - 1].clone();
        let request = with!(PromiseFollowUpRequest { customer_id, follow_up: Some(follow_up) });
        RecoveryServiceClient::new(world.channel()).promise_follow_up(request).await.expect("promised");
    }
    world.settle().await;
    // A customer with a record, in every index, whose key does not unwrap.
    let damaged = nobody(&world, 0);
    let record = raw(&world, &key_of(&world, &guests[0])).await.expect("is there");
    put_raw(&world.server.core, &damaged, None, record).await;
    let venue = VenueId::parse("venue", VENUE).expect("a name");
    let follow_up = hints::follow_up(&venue, DUE * 1_000, damaged.customer, PartId(1));
    for hint in [follow_up, hints::in_all_customers(&damaged)] {
        world.server.core.store.put_hint(&damaged.tenant, &hint, 1).await.expect("works");
    }
    let card = KnownIdentity { kind: KnownType::Loyalty, issuer: String::new(), value: "GC-1".to_owned() };
    let entry = IdentityEntry {
        customer: damaged.customer,
        token: HoldToken([3; 16]),
        state: EntryState::Confirmed,
        expire_ms: None,
    };
    let blind = world.blind(&card).await;
    world.server.core.store.hold(&blind, entry, 1, world.now_ms()).await.expect("works");
    let world = with_damaged_keys(world, &[&damaged]).await;

    let mut found = owed(&world).await;
    found.sort();
    guests.sort();
    assert_eq!(found, guests);
    let (report, found) = checked(&world.server.core, false).await;
    assert_eq!(faults(&report), [(Fault::KeyDamaged, 0, 1)], "{found:?}");
    assert_eq!(report.customers, 3);
    // A value that is no bytes at all fails the store's answer for all that were asked for with it.
    if let Some(redis) = &world.redis {
        let foreign = nobody(&world, 9);
        redis.tell(&format!("SADD {} x", rapport::store::keys::record(&foreign)));
        let subjects = vec![by_id(&foreign.customer.to_string()), by_id(&guests[0])];
        let request =
            with!(LookupBriefingsRequest { subjects, venue_id: VENUE.into(), purpose: Purpose::Service as i32 });
        let results = world.briefings().lookup_briefings(request).await.expect("answered").into_inner().results;
        assert!(
            matches!(&results[0].result, Some(briefing_result::Result::Error(error)) if error.reason == "DATA_DAMAGED")
        );
        assert!(
            matches!(&results[1].result, Some(briefing_result::Result::Briefing(known)) if known.customer_id == guests[0])
        );
    }
}

async fn a_damaged_customer_can_be_erased(world: World) {
    let card = CustomerDraft { identities: vec![loyalty("GC-1")], ..named("Ana") };
    let whole = world.create(named("Bo")).await;
    let created = world.create(card).await;
    world.settle().await;
    let [record_damaged, key_damaged, key_missing] =
        [key_of(&world, &created.customer_id), nobody(&world, 0), nobody(&world, 1)];
    let record = raw(&world, &record_damaged).await.expect("is there");
    spoil_record(&world.server.core, &record_damaged).await;
    for key in [&key_damaged, &key_missing] {
        put_raw(&world.server.core, key, None, record.clone()).await;
    }
    let world = with_damaged_keys(world, &[&key_damaged]).await;
    for key in [&record_damaged, &key_damaged, &key_missing] {
        let read = refusal!(world, customers, get_customer, get(&key.customer.to_string()));
        assert_refused(&read, Code::DataLoss, "DATA_DAMAGED");
        let erase = |etag: &str| EraseCustomerRequest {
            customer_id: key.customer.to_string(),
            reason: "asked for it".into(),
            etag: etag.to_owned(),
            ..EraseCustomerRequest::default()
        };
        // The header of a record is not sealed: what an etag demands is still known.
        let stale = refusal!(world, customers, erase_customer, erase(&whole.etag));
        assert_refused(&stale, Code::Aborted, "ETAG_MISMATCH");
        assert!(raw(&world, key).await.is_some());
        world.customers().erase_customer(erase(&created.etag)).await.expect("erased");
        assert_eq!(raw(&world, key).await, None);
        let read = refusal!(world, customers, get_customer, get(&key.customer.to_string()));
        assert_refused(&read, Code::NotFound, "CUSTOMER_NOT_FOUND");
        world.customers().erase_customer(erase("")).await.expect("erased before");
    }
    let unknown = with!(EraseCustomerRequest {
        customer_id: nobody(&world, 2).customer.to_string(),
        reason: "asked for it".into()
    });
    let unknown = refusal!(world, customers, erase_customer, unknown);
    assert_refused(&unknown, Code::NotFound, "CUSTOMER_NOT_FOUND");
    world.settle().await;
    let (report, found) = checked(&world.server.core, true).await;
    // The profile was not known, so its card is found afterwards.
    assert_eq!((faults(&report), report.tombstones), (vec![(Fault::IdentityPhantom, 1, 0)], 3), "{found:?}");
    assert_sound(&world.server.core).await;
}

/// What is put here stands for what an older copy brings back beside the record.
async fn erasing_again_removes_what_is_found_by_the_id(world: World) {
    let card = CustomerDraft { identities: vec![loyalty("GC-1")], ..named("Ana") };
    let key = key_of(&world, &world.create(card).await.customer_id);
    let erase = with!(EraseCustomerRequest { customer_id: key.customer.to_string(), reason: "asked for it".into() });
    let core = &world.server.core;
    let name = keys::requests(&key);
    for is_listed_alone in [false, true] {
        world.customers().erase_customer(erase.clone()).await.expect("erased");
        world.settle().await;
        let put = |_: &[u8]| Ok(Effect::Put(b"left".to_vec(), Lifetime::Forever));
        core.store.change(name.clone(), Box::new(put)).await.expect("works");
        // As a repair puts it: at a later revision than an erasure of nothing has.
        core.store.put_hint(&key.tenant, &hints::in_all_customers(&key), 7).await.expect("works");
        if is_listed_alone {
            core.store.change(name.clone(), Box::new(|_| Ok(Effect::Remove))).await.expect("works");
        }
        world.customers().erase_customer(erase.clone()).await.expect("erased before");
        world.settle().await;
        assert_eq!(core.store.values(std::slice::from_ref(&name)).await.expect("works"), [None]);
        assert_sound(core).await;
    }
}

/// A customer whose profile counts so many interactions, with as many in the history as is said.
async fn put_history(world: &World, counted: u32, real: i64) -> String {
    let ana = world.create(named("Ana")).await.customer_id;
    let request = RecordInteractionsRequest { interactions: vec![purchase(&ana, "1", vec![line("tea", 300)])] };
    world.interactions().record_interactions(request).await.expect("recorded");
    let core = &world.server.core;
    let exported = lines(core).await;
    let whole = exported.iter().find_map(|line| match portable::parse(line).expect("reads back") {
        Line::Customer(customer, whole) if customer.to_string() == ana => Some(*whole),
        _ => None,
    });
    let WholeCustomer { mut profile, entries, revision, requests } = whole.expect("is there");
    let (one, mut all): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| entry.lane == Lane::Interactions);
    let caller = world.caller().await;
    for number in 0..real {
        let mut entry = one[0].clone();
        let Change::InteractionRecorded(interaction) = &mut entry.entry.change else { panic!("an interaction") };
        interaction.external_id = format!("old-{number}");
        interaction.occur_time = Timestamp::from_second(NOON - 100_000 + number).expect("a time");
        entry.id = caller.index_key.entry_id(interaction.source.as_str(), &interaction.external_id);
        entry.time_ms = interaction.occur_time.as_millisecond();
        all.push(entry);
    }
    profile.habits.kept = counted;
    let whole = WholeCustomer { revision, profile, requests, entries: all };
    let Ok(Line::Header(header)) = portable::parse(&exported[0]) else { panic!("a header") };
    let restore = core.rapport.maintenance().restore(&core.tenant, &header, false).await.expect("of this tenant");
    let long = nobody(world, 7).customer;
    assert_eq!(restore.customer(long, whole).await.expect("restored"), Restored::New);
    world.settle().await;
    long.to_string()
}

async fn listed(world: &World, id: &str) -> usize {
    let (mut count, mut page_token) = (0, String::new());
    loop {
        let request = with!(ListInteractionsRequest {
            customer_id: id.into(),
            purpose: Purpose::Service as i32,
            page_size: 1_000,
            page_token
        });
        let page = world.interactions().list_interactions(request).await.expect("a page").into_inner();
        count += page.interactions.len();
        if page.next_page_token.is_empty() {
            return count;
        }
        page_token = page.next_page_token;
    }
}

async fn a_history_that_is_too_long_is_trimmed(world: World) {
    let long = put_history(&world, 1_900, 1_900).await;
    let core = &world.server.core;
    for (repair, faults_of) in [(false, (0, 1)), (true, (1, 0))] {
        let (report, found) = checked(core, repair).await;
        assert_eq!(faults(&report), [(Fault::BoundExceeded, faults_of.0, faults_of.1)], "{found:?}");
    }
    assert_sound(core).await;
    assert_eq!(listed(&world, &long).await, 1_024);
    // The newest are kept: those that were dropped are older than what is remembered.
    let again = |number: i64| Interaction {
        occur_time: time(NOON - 100_000 + number),
        ..purchase(&long, &format!("old-{number}"), vec![line("tea", 300)])
    };
    let other = Interaction { purchase: purchase("", "", vec![line("coffee", 300)]).purchase, ..again(877) };
    let request = RecordInteractionsRequest { interactions: vec![again(875), again(876), other] };
    let results = world.interactions().record_interactions(request).await.expect("answered").into_inner().results;
    assert!(results[0].outcome() == RecordOutcome::BeforeHorizon);
    assert!(results[1].outcome() == RecordOutcome::Repeated, "it says the same");
    assert_eq!(results[2].error.as_ref().expect("other content").reason, "INTERACTION_DIFFERS");
}

async fn a_wrong_count_costs_no_history(world: World) {
    let long = put_history(&world, 2_500, 1_100).await;
    let core = &world.server.core;
    for repair in [false, true] {
        let (report, found) = checked(core, repair).await;
        assert_eq!(
            faults(&report),
            [(Fault::HistoryCount, 0, 1), (Fault::BoundExceeded, 0, 1)],
            "only reported: {found:?}"
        );
        assert_eq!(listed(&world, &long).await, 1_100);
    }
    // Nor does what is recorded next, which trims a history that is counted as too long.
    for number in 1..=3 {
        let tea = purchase(&long, &format!("new-{number}"), vec![line("tea", 300)]);
        let request = RecordInteractionsRequest { interactions: vec![tea] };
        let results = world.interactions().record_interactions(request).await.expect("answered").into_inner().results;
        assert!(results[0].outcome() == RecordOutcome::Recorded);
        assert_eq!(listed(&world, &long).await, 1_100 + number);
    }
}

//! What is missing from stores that are whole: a customer who was acknowledged is lost, and never nobody; and nothing of hers is
//! given away. A creation that was cut short is gone on with.

use std::path::Path;

use rapport::{
    domain::{
        CustomerId, TenantId,
        id::HoldToken,
        identity::{Identity as KnownIdentity, IdentityType as KnownType},
    },
    proto::{
        briefing_service_client::BriefingServiceClient, customer_service_client::CustomerServiceClient,
        interaction_service_client::InteractionServiceClient, *,
    },
    service::check::Fault,
    store::{
        CustomerKey, Effect, EntryState, IdentityEntry, Store as _, StoreExt as _, keys,
        keystore::KeyName,
        redb::{Cache, RedbStore},
    },
};
use tonic::{Code, Status};
use tonic_health::pb::health_check_response::ServingStatus;

use super::{
    common::redis::{DURABLE, Server as Redis},
    operation::{until, watch},
    soundness::{assert_sound, checked, faults},
    whole::{House, card, guest, on_redb, on_redis, rapport, text},
    world::*,
};

on_both!(a_creation_that_was_cut_short_is_gone_on_with, a_key_that_is_not_committed_is_told_and_marked,);

/// The guest of whom something is missing, and one who is erased.
const LOST: usize = 3;
const ERASED: usize = 4;

/// What is removed from a store that nobody serves.
#[derive(Debug, Clone, Copy)]
enum Part {
    Record,
    Key,
}

/// The stores of a house, by themselves.
pub enum Shelf<'a> {
    Redis(&'a Redis),
    Redb(&'a Path),
}

impl Shelf<'_> {
    async fn remove(&self, part: Part, key: &CustomerKey) {
        let name = match part {
            Part::Record => keys::record(key),
            Part::Key => keys::data_key(&KeyName::Customer(key.tenant.clone(), key.customer)),
        };
        match self {
            Shelf::Redis(redis) => {
                let database = u8::from(matches!(part, Part::Key));
                let script = format!("redis.call('SELECT', {database}) return redis.call('DEL', '{name}')");
                assert_eq!(redis.of(database).tell(&format!("EVAL \"{script}\" 0")), ":1\r\n");
            }
            Shelf::Redb(folder) => {
                let file = if matches!(part, Part::Key) { "keys/keys.redb" } else { "data/data.redb" };
                let store = RedbStore::open(&folder.join(file), Cache::default()).expect("opens");
                store.change(name, Box::new(|_| Ok(Effect::Remove))).await.expect("removed");
            }
        }
    }
}

fn key_of(id: &str) -> CustomerKey {
    let tenant = TenantId::parse("", "default").expect("a name");
    CustomerKey { tenant, customer: CustomerId::parse("", id).expect("an id") }
}

impl House {
    /// Ends the process, and has the index worker do what it left.
    pub fn stop(&mut self) {
        self.process.terminate();
        self.process.ended();
        let checked = rapport(&["fsck"], &self.settings);
        assert!(checked.status.success(), "{}", text(&checked));
    }

    /// Whoever asks for this guest hears of a loss, however they ask.
    async fn has_lost(&self, number: usize) {
        let lost = |status: Status| assert_refused(&status, Code::DataLoss, "DATA_DAMAGED");
        let (id, channel) = (&self.ids[number], &self.process.channel);
        let mut briefings = BriefingServiceClient::new(channel.clone());
        for subject in [by_id(id), by_identity(loyalty(&card(number)))] {
            lost(briefings.get_briefing(briefing(subject)).await.expect_err("she is lost"));
        }
        let subjects = vec![by_id(id), by_identity(loyalty(&card(number))), by_id(&self.ids[0])];
        let many = with!(LookupBriefingsRequest { subjects, venue_id: VENUE.into(), purpose: Purpose::Service as i32 });
        let results = briefings.lookup_briefings(many).await.expect("answers").into_inner().results;
        for one in &results[..2] {
            let Some(briefing_result::Result::Error(error)) = &one.result else { panic!("{one:?}") };
            assert_eq!(error.reason, "DATA_DAMAGED");
        }
        assert!(matches!(&results[2].result, Some(briefing_result::Result::Briefing(_))), "others are served");
        let mut customers = CustomerServiceClient::new(channel.clone());
        lost(customers.get_customer(get(id)).await.expect_err("she is lost"));
        let change = with!(AddPrecautionsRequest { customer_id: id.clone(), precautions: vec![allergy("MILK")] });
        lost(customers.add_precautions(by("anna", change)).await.expect_err("she is lost"));
        let bought = RecordInteractionsRequest { interactions: vec![purchase(id, "1", vec![line("espresso", 450)])] };
        let bought = InteractionServiceClient::new(channel.clone()).record_interactions(bought).await;
        let error = bought.expect("answers").into_inner().results.remove(0).error.expect("she is lost");
        assert_eq!(error.reason, "DATA_DAMAGED");
        lost(self.create(guest(&card(number))).await.expect_err("the card is hers"));
        lost(self.create_again(number).await.expect_err("she was made, and is lost"));
    }
}

/// A record or a key is gone: the customer is lost, and not nobody. She can be erased; then the card is free.
async fn what_is_gone_is_a_loss(settings: Vec<String>, shelf: Shelf<'_>, part: Part) {
    let mut house = House::open(settings.clone()).await;
    house.stop();
    shelf.remove(part, &key_of(&house.ids[LOST])).await;
    let house = house.again_ended(settings).await;
    let mut health = watch(house.process.address, "").await;
    until(&mut health, ServingStatus::Serving).await;
    house.has_lost(LOST).await;
    let other = house.brief(by_identity(loyalty(&card(ERASED)))).await;
    assert_eq!(other.state, BriefingState::Known as i32, "others are served");
    let mut customers = CustomerServiceClient::new(house.process.channel.clone());
    for number in [LOST, ERASED] {
        let erase =
            with!(EraseCustomerRequest { customer_id: house.ids[number].clone(), reason: "asked for it".into() });
        customers.erase_customer(by("anna", erase)).await.expect("is erased");
        assert_eq!(house.brief(by_identity(loyalty(&card(number)))).await.state, BriefingState::FirstVisit as i32);
        let status = customers.get_customer(get(&house.ids[number])).await.expect_err("is erased");
        assert_refused(&status, Code::NotFound, "CUSTOMER_NOT_FOUND");
        house.create(guest(&card(number))).await.expect("the card is free");
    }
}

/// What fsck says of a part that is gone, and that what an operator gives up may be made again.
async fn what_is_gone_is_told(settings: Vec<String>, shelf: Shelf<'_>, part: Part) {
    let mut house = House::open(settings.clone()).await;
    house.stop();
    let id = house.ids[LOST].clone();
    let folder = tempfile::tempdir().expect("a folder");
    let export = folder.path().join("export.ndjson").display().to_string();
    let exported = rapport(&["export", &export], &settings);
    assert!(exported.status.success(), "{}", text(&exported));
    shelf.remove(part, &key_of(&id)).await;
    let code = if matches!(part, Part::Record) { "RECORD_LOST" } else { "KEY_MISSING" };
    for repair in [&["fsck"][..], &["fsck", "--repair"]] {
        let checked = rapport(repair, &settings);
        let said = text(&checked);
        assert_eq!(checked.status.code(), Some(2), "{said}");
        let line = format!("DATA_LOSS {code} customers/{id}");
        assert_eq!(said.matches(&line).count(), 1, "{said}");
        let summary = format!("  {code:<18} 0 repaired, 1 left");
        assert!(said.contains(&summary) && said.matches(" left\n").count() == 1, "and nothing else: {said}");
    }
    if matches!(part, Part::Record) {
        let restored = rapport(&["restore", &export], &settings);
        assert!(restored.status.success(), "{}", text(&restored));
        let checked = rapport(&["fsck"], &settings);
        assert!(checked.status.success(), "she is had back: {}", text(&checked));
        shelf.remove(part, &key_of(&id)).await;
    }
    let told = rapport(&["store", "adopt"], &settings);
    if matches!(part, Part::Key) {
        let said = text(&told);
        assert!(told.status.success() && said.contains("nothing to adopt"), "{said}");
        assert!(
            said.contains("not given up: 1 customers whose key is gone") && said.contains("EraseCustomer"),
            "{said}"
        );
        return;
    }
    assert_eq!(told.status.code(), Some(1), "{}", text(&told));
    assert!(text(&told).contains("given up: 1 customers") && text(&told).contains(&id), "{}", text(&told));
    let adopted = rapport(&["store", "adopt", "--yes"], &settings);
    assert!(adopted.status.success(), "{}", text(&adopted));
    let house = house.again_ended(settings.clone()).await;
    let mut health = watch(house.process.address, "").await;
    until(&mut health, ServingStatus::Serving).await;
    assert_eq!(house.brief(by_identity(loyalty(&card(LOST)))).await.state, BriefingState::FirstVisit as i32);
    assert_eq!(house.create_again(LOST).await.expect("made again"), id);
    let mut house = house;
    house.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_gone_from_redb_is_told() {
    for part in [Part::Record, Part::Key] {
        let folder = tempfile::tempdir().expect("a folder");
        what_is_gone_is_told(on_redb(folder.path()), Shelf::Redb(folder.path()), part).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_gone_from_redis_is_told() {
    for part in [Part::Record, Part::Key] {
        let (redis, folder) = (Redis::start(DURABLE), tempfile::tempdir().expect("a folder"));
        what_is_gone_is_told(on_redis(&redis, folder.path()), Shelf::Redis(&redis), part).await;
    }
}

async fn on_redb_is_lost(part: Part) {
    let folder = tempfile::tempdir().expect("a folder");
    what_is_gone_is_a_loss(on_redb(folder.path()), Shelf::Redb(folder.path()), part).await;
}

async fn on_redis_is_lost(part: Part) {
    let (redis, folder) = (Redis::start(DURABLE), tempfile::tempdir().expect("a folder"));
    what_is_gone_is_a_loss(on_redis(&redis, folder.path()), Shelf::Redis(&redis), part).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_is_gone_from_redb_is_a_loss() {
    on_redb_is_lost(Part::Record).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_is_gone_from_redis_is_a_loss() {
    on_redis_is_lost(Part::Record).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_gone_from_redb_is_a_loss() {
    on_redb_is_lost(Part::Key).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_gone_from_redis_is_a_loss() {
    on_redis_is_lost(Part::Key).await;
}

/// The process ended between hold and commit: a key that is not committed, and a hold that is not overdue. Time stands still here.
///
/// Fault: A creation was cut short.
async fn a_creation_that_was_cut_short_is_gone_on_with(world: World) {
    let create = CreateCustomerRequest {
        customer: Some(CustomerDraft { identities: vec![loyalty("GC-1")], ..named("Ana") }),
        request_id: "ana".to_owned(),
    };
    let receipt = world.customers().create_customer(create.clone()).await.expect("made").into_inner().receipt;
    let id = receipt.expect("a receipt").customer_id;
    world.settle().await;
    let key = CustomerKey { tenant: world.tenant(), customer: CustomerId::parse("id", &id).expect("an id") };
    let name = KeyName::Customer(key.tenant.clone(), key.customer);
    let world = world.with_keys_changed(async |keys| keys.set_committed(&name, false).await.expect("works")).await;
    let card = KnownIdentity { kind: KnownType::Loyalty, issuer: String::new(), value: "GC-1".to_owned() };
    let state = EntryState::Held { deadline_ms: world.now_ms() + 9_000 };
    let held = IdentityEntry { customer: key.customer, token: HoldToken([7; 16]), state, expire_ms: None };
    let store = &world.server.core.store;
    for gone in [keys::record(&key), keys::requests(&key)] {
        store.change(gone, Box::new(|_| Ok(Effect::Remove))).await.expect("removed");
    }
    let card = world.blind(&card).await;
    let there = store.identities(std::slice::from_ref(&card), world.now_ms()).await.expect("works").remove(0);
    store.release(&card, there.expect("decodes")[0].token).await.expect("works");
    store.hold(&card, held, 1, world.now_ms()).await.expect("works");

    let read = refusal!(world, customers, get_customer, get(&id));
    assert_refused(&read, Code::NotFound, "CUSTOMER_NOT_FOUND");
    assert_eq!(world.brief(by_identity(loyalty("GC-1"))).await.state, BriefingState::FirstVisit as i32);
    let other = CreateCustomerRequest { request_id: "other".to_owned(), ..create.clone() };
    let other = refusal!(world, customers, create_customer, other);
    assert_refused(&other, Code::Aborted, "IDENTITY_HELD");
    let receipt = world.customers().create_customer(create).await.expect("gone on with").into_inner().receipt;
    let receipt = receipt.expect("a receipt");
    assert_eq!(receipt.customer_id, id);
    assert_eq!(world.brief(by_identity(loyalty("GC-1"))).await.customer_id, id);
}

async fn a_key_that_is_not_committed_is_told_and_marked(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    world.settle().await;
    assert_sound(&world.server.core).await;
    let name = KeyName::Customer(world.tenant(), CustomerId::parse("id", &id).expect("an id"));
    let world = world.with_keys_changed(async |keys| keys.set_committed(&name, false).await.expect("works")).await;
    let core = &world.server.core;
    for (repair, left) in [(false, (0, 1)), (true, (1, 0))] {
        let (report, found) = checked(core, repair).await;
        assert_eq!(faults(&report), [(Fault::KeyUncommitted, left.0, left.1)], "{found:?}");
        assert_eq!(report.left(), 0, "it does no harm");
    }
    assert_sound(core).await;
}

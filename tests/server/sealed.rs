//! What lies beside the records says nothing either: log, tallies, documents and statistics are sealed with the tenant's key. Of a new store
//! from the first; of one that an older release wrote once `rapport upgrade` has run, however often it is killed on the way.

use std::{fs, path::Path, sync::Arc, time::Duration};

use rapport::{
    domain::{CustomerId, TenantId},
    proto::{
        briefing_service_client::BriefingServiceClient, catalogue_service_client::CatalogueServiceClient,
        customer_service_client::CustomerServiceClient, interaction_service_client::InteractionServiceClient,
        policy_service_client::PolicyServiceClient, recovery_service_client::RecoveryServiceClient, *,
    },
    store::{
        CustomerKey, Document, Effect, KeyRing, Label, Lifetime, LocalKeys, Revision, Store, StoreError, StoreExt as _,
        Tally, TallyKey,
        codec::copurchase::decode,
        fitness::Fitness,
        keys,
        keystore::{KeyEntry, KeyName, KeyStore},
        layers::{Sealed, seal_old},
        redb::{Cache, RedbKeys, RedbStore},
        redis::{Options, RedisKeys, RedisStore},
    },
};
use tonic::{Code, transport::Channel};

use super::{
    catalogue::{item, putting},
    common::redis::{DURABLE, Server as Redis, VOLATILE},
    crashing::{Crashing, Fuse},
    process::Process,
    raised::{settings, upgraded},
    raw::EVENT_MAX,
    soundness::assert_sound,
    upgrades::unpack,
    whole::{House, card, guest, on_redb, on_redis, rapport, text},
    world::*,
};

/// One test for each backend, which opens its store itself.
macro_rules! on_each {
    ($($name:ident),+ $(,)?) => {
        mod redb {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(super::Backend::Redb).await; })+
        }
        mod redis {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(super::Backend::Redis).await; })+
        }
    };
}

on_each!(
    nothing_of_a_new_store_can_be_read,
    nothing_of_a_store_of_format_1_can_be_read_once_it_is_upgraded,
    nothing_of_a_store_of_format_2_can_be_read_once_it_is_upgraded,
    a_lost_tenant_key_is_no_new_one,
);

/// Written in the clear by the release before: in the log and in tallies, in the policy, in what others buy.
const CLEAR: [&str; 4] = ["CANARYCAUSE", "canary room item", "Canary Owner", "canary espresso"];
/// The same where there are items.
const CLEAR_ITEM: &str = "House canary";
/// Sealed at all times.
const NEVER: [&str; 2] = ["canary occasion", "Canary Guest"];
/// So many buy an item that its name may be told.
const BUYERS: usize = 24;
/// How long an upgrade may run before it is killed, in milliseconds: from before it has begun to when it is at work.
const KILLED_AFTER: [u64; 8] = [0, 20, 40, 60, 90, 130, 180, 250];

/// Everything in the store, as it lies there: the files themselves, with their pages that are free; of Redis the values and their names.
async fn lies_there(folder: &Path, redis: Option<&Redis>) -> Vec<u8> {
    match redis {
        None => {
            let read = |name: &str| fs::read(folder.join(name)).expect("a file");
            [read("data/data.redb"), read("keys/keys.redb")].concat()
        }
        Some(redis) => {
            let (data, keys) = (open_data(folder, Some(redis)).await, open_keys(folder, Some(redis)).await);
            let all = [data.dump().await.expect("dumps"), keys.dump().await.expect("dumps")].concat();
            all.into_iter().flat_map(|(key, value)| [key, value].concat()).collect()
        }
    }
}

/// Remembered requests that are in the clear, by name: those that are sealed begin with 1.
async fn clear_requests(folder: &Path, redis: Option<&Redis>) -> Vec<(String, Vec<u8>)> {
    let all = open_data(folder, redis).await.dump().await.expect("dumps");
    let all = all.into_iter().map(|(name, value)| (String::from_utf8_lossy(&name).into_owned(), value));
    all.filter(|(name, value)| name.starts_with("requests:") && value.first().is_some_and(|first| *first != 1))
        .collect()
}

/// Which of these words can be read there.
fn readable<'a>(words: &[&'a str], all: &[u8]) -> Vec<&'a str> {
    let is_there = |word: &&&str| all.windows(word.len()).any(|part| part == word.as_bytes());
    words.iter().filter(is_there).copied().collect()
}

/// Writes all canaries; the ids of the customers.
async fn fill(channel: &Channel, has_items: bool) -> Vec<String> {
    let mut policies = PolicyServiceClient::new(channel.clone());
    let with_owner = Policy { owner: "Canary Owner".into(), ..policy() };
    for _ in 0..2 {
        let set = SetPolicyRequest { policy: Some(with_owner.clone()) };
        policies.set_policy(by("anna", set)).await.expect("the policy is set");
    }
    let mut customers = CustomerServiceClient::new(channel.clone());
    let mut ids = Vec::new();
    for number in 0..BUYERS {
        let occasion = OccasionDraft { label: "canary occasion".into(), ..birthday(None, 3, 14) };
        let draft = CustomerDraft { occasions: vec![occasion], ..named(&format!("Canary Guest {number}")) };
        let request = CreateCustomerRequest { customer: Some(draft), request_id: format!("made-{number}") };
        let receipt = customers.create_customer(request).await.expect("created").into_inner().receipt;
        ids.push(receipt.expect("a receipt").customer_id);
    }
    let now = jiff::Timestamp::now().as_second();
    let bought = |id: &String| Interaction {
        occur_time: time(now - 60),
        ..purchase(id, &format!("{id}-1"), vec![line("canary espresso", 450)])
    };
    let request = RecordInteractionsRequest { interactions: ids.iter().map(bought).collect() };
    InteractionServiceClient::new(channel.clone()).record_interactions(request).await.expect("recorded");
    let issue = with!(IssueDraft {
        severity: IssueSeverity::Major as i32,
        cause: "CANARYCAUSE".into(),
        item: "canary room item".into(),
        venue_id: VENUE.into()
    });
    let request = with!(OpenIssueRequest { customer_id: ids[0].clone(), issue: Some(issue) });
    RecoveryServiceClient::new(channel.clone()).open_issue(by("mara", request)).await.expect("opened");
    if has_items {
        let put = by("chef", putting(vec![item("canary", &["MILK"])]));
        CatalogueServiceClient::new(channel.clone()).put_items(put).await.expect("put");
    }
    ids
}

/// What is served of these customers.
async fn assert_served(channel: &Channel, ids: &[String]) {
    let mut briefings = BriefingServiceClient::new(channel.clone());
    for id in ids {
        let answer = briefings.get_briefing(briefing(by_id(id))).await.expect("a briefing").into_inner();
        assert_eq!(answer.briefing.expect("is there").state, BriefingState::Known as i32, "{id}");
    }
    let mut policies = PolicyServiceClient::new(channel.clone());
    let policy = policies.get_policy(GetPolicyRequest::default()).await.expect("one").into_inner().policy;
    assert_eq!(policy.expect("a policy").owner, "Canary Owner");
}

/// An export, without the line that has its time.
fn exported(all: &[String], folder: &Path) -> Vec<String> {
    let file = folder.join("export.ndjson");
    let made = rapport(&["export", file.to_str().expect("UTF-8")], all);
    assert!(made.status.success(), "{}", text(&made));
    let lines = fs::read_to_string(&file).expect("an export").lines().skip(1).map(str::to_owned).collect();
    fs::remove_file(file).expect("removed");
    lines
}

fn erasing(id: &str) -> EraseCustomerRequest {
    with!(EraseCustomerRequest { customer_id: id.into(), reason: "asked for it".into() })
}

fn end(mut process: Process) {
    process.terminate();
    process.ended();
}

async fn open_data(folder: &Path, redis: Option<&Redis>) -> Box<dyn Store> {
    match redis {
        None => Box::new(RedbStore::open(&folder.join("data/data.redb"), Cache::default()).expect("opens")),
        Some(redis) => {
            let options = Options { allow_volatile: true, ..Options::default() };
            let url = format!("redis://127.0.0.1:{}/0", redis.port());
            Box::new(RedisStore::connect(&url, options).await.expect("connects"))
        }
    }
}

async fn open_keys(folder: &Path, redis: Option<&Redis>) -> Box<dyn KeyStore> {
    match redis {
        None => Box::new(RedbKeys::open(&folder.join("keys/keys.redb")).expect("opens")),
        Some(redis) => {
            let options = Options { allow_volatile: true, ..Options::default() };
            Box::new(RedisKeys::connect(&redis.keys_url(), options).await.expect("connects"))
        }
    }
}

/// The first byte says by what a key is wrapped: the tenant's key by the wrapping key, all others by that one.
async fn assert_wrapped_by_the_tenant_key(keys: &dyn KeyStore) {
    let names = keys.names(None, 1_000).await.expect("works").names;
    for name in names.iter().filter_map(|name| keys::parse_data_key(name)) {
        let entry = keys.get(&name).await.expect("works").expect("is there");
        let expected = if matches!(name, KeyName::Tenant(..)) { 1 } else { 2 };
        assert!(entry.wrapped().is_none_or(|key| key[0] == expected), "{name:?}");
    }
    assert!(names.iter().any(|name| name.contains(":tenant:")), "there is a tenant's key");
}

async fn nothing_of_a_new_store_can_be_read(backend: Backend) {
    let folder = tempfile::tempdir().expect("a folder");
    let redis = (backend == Backend::Redis).then(|| Redis::start(VOLATILE));
    let all = settings(folder.path(), redis.as_ref());
    let process = Process::start(&all).await;
    let ids = fill(&process.channel, true).await;
    assert_served(&process.channel, &ids).await;
    // While the log may hold it, and once it is counted.
    let during = if redis.is_some() { lies_there(folder.path(), redis.as_ref()).await } else { Vec::new() };
    end(process);
    let after = lies_there(folder.path(), redis.as_ref()).await;
    for at in [&during, &after] {
        assert_eq!(readable(&[&CLEAR[..], &NEVER, &[CLEAR_ITEM]].concat(), at), [""; 0]);
    }
    assert!(!readable(&[VENUE, "nothing"], b"nothing").is_empty(), "what is there is found");
    assert_wrapped_by_the_tenant_key(open_keys(folder.path(), redis.as_ref()).await.as_ref()).await;
    let upgraded = rapport(&["upgrade"], &all);
    assert!(text(&upgraded).contains("nothing to raise"), "{}", text(&upgraded));
    // The log of who is erased has nothing more, and all is counted still.
    let process = Process::start(&all).await;
    let erase = erasing(&ids[0]);
    CustomerServiceClient::new(process.channel.clone()).erase_customer(erase).await.expect("erased");
    end(process);
    let checked = rapport(&["fsck"], &all);
    assert!(checked.status.success(), "{}", text(&checked));
    assert_no_log(folder.path(), redis.as_ref()).await;
}

/// Once the worker has done all, nothing stands in any log: nothing of who was erased either.
async fn assert_no_log(folder: &Path, redis: Option<&Redis>) {
    let store = open_data(folder, redis).await;
    let positions = store.log_positions(&rapport::store::ALL_BUCKETS).await.expect("works");
    assert!(positions.iter().any(|position| position.end > 0));
    for position in positions {
        assert_eq!((position.cursor, position.trimmed), (position.end, position.end));
    }
}

async fn nothing_of_a_store_of_format_1_can_be_read_once_it_is_upgraded(backend: Backend) {
    let folder = tempfile::tempdir().expect("a folder");
    let redis = unpack(backend, folder.path());
    nothing_can_be_read_once_it_is_upgraded(folder, redis, &CLEAR).await;
}

/// Of before tenants had keys.
async fn nothing_of_a_store_of_format_2_can_be_read_once_it_is_upgraded(backend: Backend) {
    let folder = tempfile::tempdir().expect("a folder");
    let redis = unpack(backend, folder.path());
    let data: Arc<dyn Store> = open_data(folder.path(), redis.as_ref()).await.into();
    let fitness = Fitness::new(data.clone(), open_keys(folder.path(), redis.as_ref()).await.into());
    fitness.raise().await.expect("both stores are there");
    data.set_write_format(2).await.expect("works");
    let tenant = tenant();
    fitness.look(Some(2), &tenant).await.expect("is whole");
    fitness.note_index_key(&tenant).await.expect("works");
    drop((fitness, data));
    nothing_can_be_read_once_it_is_upgraded(folder, redis, &[&CLEAR[..], &[CLEAR_ITEM]].concat()).await;
}

async fn nothing_can_be_read_once_it_is_upgraded(folder: tempfile::TempDir, redis: Option<Redis>, clear: &[&str]) {
    let all = settings(folder.path(), redis.as_ref());
    let process = Process::start(&all).await;
    let ids = fill(&process.channel, clear.contains(&CLEAR_ITEM)).await;
    end(process);
    let before = exported(&all, folder.path());
    assert_eq!(readable(clear, &lies_there(folder.path(), redis.as_ref()).await), clear, "it was in the clear");
    let requests = clear_requests(folder.path(), redis.as_ref()).await;
    for after in KILLED_AFTER {
        // Redis is served meanwhile.
        let serving = if redis.is_some() { Some(Process::start(&all).await) } else { None };
        upgraded(folder.path(), redis.as_ref(), Duration::from_millis(after)).await;
        let process = match serving {
            Some(process) => process,
            None => Process::start(&all).await,
        };
        assert_served(&process.channel, &ids).await;
        end(process);
    }
    let _ = upgraded(folder.path(), redis.as_ref(), EVENT_MAX).await;
    assert_eq!(clear_requests(folder.path(), redis.as_ref()).await, []);
    // As a release that sealed all else left them.
    let (name, value) = requests.into_iter().next().expect("they were in the clear");
    let put = move |_: &[u8]| Ok(Effect::Put(value.clone(), Lifetime::Forever));
    open_data(folder.path(), redis.as_ref()).await.change(name, Box::new(put)).await.expect("works");
    let sealed = rapport(&["upgrade"], &all);
    assert!(text(&sealed).contains("what 1 customers' requests had made"), "{}", text(&sealed));
    assert_eq!(clear_requests(folder.path(), redis.as_ref()).await, []);
    let again = rapport(&["upgrade"], &all);
    assert!(text(&again).contains("nothing to raise"), "{}", text(&again));
    let there = lies_there(folder.path(), redis.as_ref()).await;
    assert_eq!(readable(clear, &there), [""; 0]);
    assert_eq!(readable(&NEVER, &there), [""; 0]);
    assert_wrapped_by_the_tenant_key(open_keys(folder.path(), redis.as_ref()).await.as_ref()).await;
    assert_eq!(exported(&all, folder.path()), before, "everybody is as before");
    assert_no_log(folder.path(), redis.as_ref()).await;
    let clock = Arc::new(jiff::Timestamp::now().as_millisecond().into());
    let world = World::open(flags(folder.path(), redis.as_ref()), clock, redis, Arc::new(folder)).await;
    assert_served(&world.channel(), &ids).await;
    let others = world.server.core.store.document(&world.tenant(), "others", None).await.expect("the store works");
    let (others, keyed_by) = decode(&others.expect("something was learnt").bytes).expect("readable");
    assert!(keyed_by.is_some());
    assert!(others.told().items.values().any(|item| item.name == "canary espresso"), "what they bought is known");
    assert_sound(&world.server.core).await;
}

async fn a_lost_tenant_key_is_no_new_one(backend: Backend) {
    let folder = tempfile::tempdir().expect("a folder");
    let redis = (backend == Backend::Redis).then(|| Redis::start(DURABLE));
    let all = redis.as_ref().map_or_else(|| on_redb(folder.path()), |redis| on_redis(redis, folder.path()));
    let mut house = House::open(all.clone()).await;
    house.process.terminate();
    house.process.ended();
    let name = KeyName::Tenant(tenant(), 1);
    let keys = open_keys(folder.path(), redis.as_ref()).await;
    let Some(KeyEntry::Wrapped(wrapped)) = keys.get(&name).await.expect("works") else { panic!("a tenant's key") };
    assert!(keys.replace(&name, &wrapped, None).await.expect("works"));
    drop(keys);

    let house = house.again_ended(all.clone()).await;
    house.is_unfit("the tenant's key is gone").await;
    let mut ended = house;
    ended.process.terminate();
    ended.process.ended();
    let adopt = |args: &[&str]| rapport(&[&["store", "adopt"], args].concat(), &all);
    let told = text(&adopt(&[]));
    assert!(told.contains("the tenant's key, and with it") && told.contains("customers whose key is gone"), "{told}");
    assert_eq!(
        open_keys(folder.path(), redis.as_ref()).await.get(&name).await.expect("works"),
        None,
        "nothing was made"
    );
    let adopted = adopt(&["--yes"]);
    assert!(adopted.status.success(), "{}", text(&adopted));

    let house = ended.again_ended(all.clone()).await;
    let mut policies = PolicyServiceClient::new(house.process.channel.clone());
    let set = SetPolicyRequest { policy: Some(policy()) };
    policies.set_policy(by("anna", set)).await.expect("the policy is set");
    let mut customers = CustomerServiceClient::new(house.process.channel.clone());
    let status = customers.get_customer(get(&house.ids[0])).await.expect_err("it cannot be opened");
    assert_refused(&status, Code::DataLoss, "DATA_DAMAGED");
    let id = house.create(guest("new")).await.expect("it serves again");
    assert_eq!(house.brief(by_identity(loyalty("new"))).await.state, BriefingState::Known as i32);
    assert_eq!(house.brief(by_identity(loyalty(&card(0)))).await.state, BriefingState::FirstVisit as i32);
    let erase = erasing(&house.ids[0]);
    customers.erase_customer(erase).await.expect("erased by id");
    assert_eq!(house.brief(by_id(&id)).await.state, BriefingState::Known as i32);
}

/// The release before bound customers' keys to the wrapping key alone; a restart with another one is told all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_wrapping_key_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut house = House::open(on_redb(folder.path())).await;
    house.process.terminate();
    house.process.ended();
    let key = folder.path().join("wrapping.key");
    fs::remove_file(&key).expect("removed");
    LocalKeys::from_file(&key).expect("another one");
    let checked = rapport(&["fsck"], &on_redb(folder.path()));
    assert!(!checked.status.success(), "{}", text(&checked));
    assert!(text(&checked).contains("start with the wrapping key that it was made with"), "{}", text(&checked));
}

/// A note of a key is put once, and never back.
#[tokio::test]
async fn that_all_is_sealed_stays_noted() {
    let (data, keys) =
        (Arc::new(RedbStore::in_memory().expect("opens")), Arc::new(RedbKeys::in_memory().expect("opens")));
    let fitness = Fitness::new(data, keys);
    let tenant = tenant();
    assert!(!fitness.had_tenant_key(&tenant).await.expect("works"));
    fitness.note_tenant_key(&tenant, false).await.expect("works");
    assert!(fitness.had_tenant_key(&tenant).await.expect("works"));
    assert!(!fitness.is_all_sealed(&tenant).await.expect("works"));
    fitness.note_tenant_key(&tenant, true).await.expect("works");
    fitness.note_tenant_key(&tenant, false).await.expect("works");
    assert!(fitness.is_all_sealed(&tenant).await.expect("works"));
}

fn tenant() -> TenantId {
    TenantId::parse("", "default").expect("a name")
}

fn customer(number: u8) -> CustomerKey {
    CustomerKey { tenant: tenant(), customer: CustomerId::from_bytes([number; 16]) }
}

fn ring(keys: Arc<dyn KeyStore>) -> Arc<KeyRing> {
    Arc::new(KeyRing::new(keys, Arc::new(LocalKeys::from_bytes(&[7; 32]).expect("a key"))))
}

fn tally_key() -> TallyKey {
    TallyKey { tenant: tenant(), bucket: 7, name: "causes/2026-11".into() }
}

/// Two stores as of before tenants had keys: of four customers one is committed and one erased.
async fn in_the_clear() -> (Arc<dyn Store>, Arc<dyn KeyStore>) {
    let data: Arc<dyn Store> = Arc::new(RedbStore::in_memory().expect("opens"));
    let keys: Arc<dyn KeyStore> = Arc::new(RedbKeys::in_memory().expect("opens"));
    // Stores without marks: no tenant gets a key.
    let fitness = Arc::new(Fitness::new(data.clone(), keys.clone()));
    let wrapping = Arc::new(LocalKeys::from_bytes(&[7; 32]).expect("a key"));
    let ring = KeyRing::of_stores(keys.clone(), wrapping, fitness);
    ring.index_key(&tenant()).await.expect("made");
    for number in 1..=4 {
        ring.get_or_make(&customer(number)).await.expect("made");
    }
    ring.commit(&customer(2)).await.expect("noted");
    ring.destroy(&customer(3), 0).await.expect("destroyed");
    let put = async |name: &str, counter: u64| {
        let revision = |counter| Revision { counter, write_id: 9 };
        let document = Document { revision: revision(counter), bytes: format!("\ncanary {counter}").into() };
        let expect = (counter > 1).then(|| revision(counter - 1));
        data.put_document(&tenant(), name, expect, document, 5).await.expect("put");
    };
    put("policy", 1).await;
    put("policy", 2).await;
    put("items:zrh", 1).await;
    let mut tally = Tally::default();
    tally.add("CANARYCAUSE", 3);
    let value = tally.to_value(&tally_key(), 0);
    let bytes = value.bytes.to_vec();
    let put = move |_: &[u8]| Ok(Effect::Put(bytes.clone(), Lifetime::Forever));
    data.change(value.key, Box::new(put)).await.expect("put");
    (data, keys)
}

/// What `rapport upgrade` does of it.
async fn upgrade(data: Arc<dyn Store>, keys: Arc<dyn KeyStore>) -> Result<(), StoreError> {
    let ring = ring(keys);
    ring.make_tenant_key(&tenant()).await?;
    assert_eq!(ring.rewrap(&tenant()).await?.damaged, 0);
    seal_old(data.as_ref(), &ring, &tenant()).await.map(drop)
}

/// What is read of them, whatever is sealed.
async fn assert_read(data: &Arc<dyn Store>, keys: &Arc<dyn KeyStore>, index: [u8; 16]) {
    let ring = ring(keys.clone());
    assert_eq!(ring.index_key(&tenant()).await.expect("opens").digest(Label::Staff, &[b"anna"]), index);
    for number in [1, 2, 4] {
        assert!(ring.get_or_make(&customer(number)).await.is_ok(), "{number} opens");
    }
    let is = [1, 2, 3].map(customer);
    let entries = ring.entries_of(&is).await.expect("works").into_iter().map(|entry| entry.expect("decodes"));
    let [first, second, third] = entries.collect::<Vec<_>>().try_into().expect("three");
    assert!(matches!(first, Some(KeyEntry::Wrapped(_))) && matches!(second, Some(KeyEntry::Committed(_))));
    assert_eq!(third, Some(KeyEntry::Tombstone));
    let store = Sealed::new(data.clone(), ring);
    for (name, version, text) in [
        ("policy", None, "\ncanary 2"),
        ("policy", Some(1), "\ncanary 1"),
        ("policy", Some(2), "\ncanary 2"),
        ("items:zrh", None, "\ncanary 1"),
    ] {
        let there = store.document(&tenant(), name, version).await.expect("works").expect("is there");
        assert_eq!(there.bytes, text.as_bytes(), "{name} {version:?}");
    }
    let tally = store.tallies(&[tally_key()]).await.expect("works").remove(0);
    assert_eq!(tally.counts["CANARYCAUSE"], 3);
}

/// Whatever was the last thing that an upgrade did before it died: all is read, and the next one does the rest.
#[tokio::test]
async fn an_upgrade_that_dies_anywhere_goes_on() {
    let mut deaths = 0;
    for after in [false, true] {
        for steps in 1.. {
            let (data, keys) = in_the_clear().await;
            let index = ring(keys.clone()).index_key(&tenant()).await.expect("opens");
            let index = index.digest(Label::Staff, &[b"anna"]);
            let fuse = Fuse::of(steps, after);
            let dying: Arc<dyn Store> = Arc::new(Crashing { inner: data.clone(), fuse: fuse.clone() });
            let dying_keys: Arc<dyn KeyStore> = Arc::new(Crashing { inner: keys.clone(), fuse: fuse.clone() });
            let died = upgrade(dying, dying_keys).await;
            assert_read(&data, &keys, index).await;
            if !fuse.is_burnt() {
                died.expect("it was done");
                break;
            }
            deaths += 1;
            upgrade(data.clone(), keys.clone()).await.expect("goes on");
            assert_read(&data, &keys, index).await;
            assert_wrapped_by_the_tenant_key(keys.as_ref()).await;
            let lies_there = data.dump().await.expect("works").into_iter().flat_map(|(_, value)| value);
            assert_eq!(readable(&["canary", "CANARYCAUSE"], &lies_there.collect::<Vec<u8>>()), [""; 0]);
        }
    }
    // The tenant's key, four others, three documents in force or kept, and one more of the policy, the tally; before and after.
    assert!(deaths >= 2 * 10, "{deaths}");
}

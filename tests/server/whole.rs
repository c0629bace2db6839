//! Stores that are not whole: emptied, replaced, or with keys that are not theirs. Nobody is a first visit, nothing is given away,
//! health says so, and the log says cause and cure.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use rapport::{
    proto::*,
    store::redb::{Cache, RedbStore},
};
use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;

use super::{
    common::redis::{DURABLE, Server as Redis},
    operation::{until, watch},
    process::Process,
    raw::EVENT_MAX,
    world::*,
};

/// Customers with an allergy: enough to lie in many buckets.
pub const GUESTS: usize = 24;

/// A store with guests, served by a process of its own.
pub struct House {
    pub settings: Vec<String>,
    pub process: Process,
    pub ids: Vec<String>,
}

pub fn on_redis(redis: &Redis, folder: &Path) -> Vec<String> {
    vec![
        format!("--store={}", redis.url()),
        format!("--keys={}", redis.keys_url()),
        format!("--wrapping-key-file={}", folder.join("wrapping.key").display()),
    ]
}

pub fn on_redb(folder: &Path) -> Vec<String> {
    vec![
        format!("--store=redb:{}", folder.join("data").display()),
        format!("--keys=file:{}", folder.join("keys").display()),
        format!("--wrapping-key-file={}", folder.join("wrapping.key").display()),
    ]
}

pub fn card(number: usize) -> String {
    format!("GC-{number}")
}

pub fn guest(card: &str) -> CustomerDraft {
    CustomerDraft { identities: vec![loyalty(card)], precautions: vec![allergy("PEANUTS")], ..named("Guest") }
}

impl House {
    pub async fn open(settings: Vec<String>) -> Self {
        Self::with_guests(settings, GUESTS).await
    }

    pub async fn with_guests(settings: Vec<String>, guests: usize) -> Self {
        let process = Process::start(&settings).await;
        let mut policies = policy_service_client::PolicyServiceClient::new(process.channel.clone());
        let set = SetPolicyRequest { policy: Some(policy()) };
        policies.set_policy(by("anna", set)).await.expect("the policy is set");
        let mut house = Self { settings, process, ids: Vec::new() };
        for number in 0..guests {
            house.ids.push(house.create_again(number).await.expect("is created"));
        }
        house.is_whole().await;
        house
    }

    /// Ends the process, whatever its store is.
    pub fn end(&mut self) {
        self.process.terminate();
        self.process.ended();
    }

    /// Ends the process, and starts another with these settings.
    pub async fn again(mut self, settings: Vec<String>) -> Self {
        self.end();
        let process = Process::start(&settings).await;
        Self { settings, process, ..self }
    }

    pub async fn create(&self, customer: CustomerDraft) -> Result<String, tonic::Status> {
        self.create_as(customer, String::new()).await
    }

    /// The request by which a guest was created.
    pub async fn create_again(&self, number: usize) -> Result<String, tonic::Status> {
        self.create_as(guest(&card(number)), format!("guest-{number}")).await
    }

    async fn create_as(&self, customer: CustomerDraft, request_id: String) -> Result<String, tonic::Status> {
        let mut customers = customer_service_client::CustomerServiceClient::new(self.process.channel.clone());
        let request = CreateCustomerRequest { customer: Some(customer), request_id };
        let receipt = customers.create_customer(request).await?.into_inner().receipt.expect("a receipt");
        Ok(receipt.customer_id)
    }

    pub async fn brief(&self, subject: BriefingSubject) -> Briefing {
        let mut briefings = briefing_service_client::BriefingServiceClient::new(self.process.channel.clone());
        let answer = briefings.get_briefing(briefing(subject)).await.expect("a briefing");
        answer.into_inner().briefing.expect("is there")
    }

    /// Nobody is denied, and nothing is given away; health and log say so.
    pub async fn is_unfit(&self, cause: &str) {
        for number in 0..GUESTS {
            unreadable(&self.brief(by_identity(loyalty(&card(number)))).await);
            unreadable(&self.brief(by_id(&self.ids[number])).await);
        }
        unreadable(&self.brief(by_identity(loyalty("nobody"))).await);
        let mut briefings = briefing_service_client::BriefingServiceClient::new(self.process.channel.clone());
        let lookup = with!(LookupBriefingsRequest {
            subjects: (0..GUESTS).map(|number| by_identity(loyalty(&card(number)))).collect(),
            venue_id: VENUE.into(),
            purpose: Purpose::Service as i32
        });
        for result in briefings.lookup_briefings(lookup).await.expect("answers").into_inner().results {
            let Some(briefing_result::Result::Briefing(briefing)) = result.result else { panic!("{result:?}") };
            unreadable(&briefing);
        }
        let mut customers = customer_service_client::CustomerServiceClient::new(self.process.channel.clone());
        for number in 0..GUESTS {
            assert_refused(
                &self.create(guest(&card(number))).await.expect_err("it is hers"),
                Code::Unavailable,
                "STORE_UNFIT",
            );
            let status = customers.get_customer(get(&self.ids[number])).await.expect_err("cannot be read");
            assert_refused(&status, Code::Unavailable, "STORE_UNFIT");
        }
        let mut health = watch(self.process.address, "").await;
        until(&mut health, ServingStatus::NotServing).await;
        // A store that was restarted could not be reached before.
        let mut line = self.process.line_with("not ready", EVENT_MAX);
        while line.contains("the store is unavailable") {
            line = self.process.line_with("not ready", EVENT_MAX);
        }
        assert!(line.contains(cause) && line.contains("rapport store adopt"), "{line}");
    }

    pub async fn is_whole(&self) {
        let mut health = watch(self.process.address, "").await;
        until(&mut health, ServingStatus::Serving).await;
        for number in 0..GUESTS {
            let known = self.brief(by_identity(loyalty(&card(number)))).await;
            assert_eq!(known.state, BriefingState::Known as i32);
            assert_eq!(known.precaution_state, PrecautionState::Listed as i32);
        }
        assert_eq!(self.brief(by_identity(loyalty("nobody"))).await.state, BriefingState::FirstVisit as i32);
    }
}

/// Nothing is said of anybody, and staff are told to ask.
fn unreadable(briefing: &Briefing) {
    assert_eq!(briefing.state, BriefingState::Unreadable as i32, "{briefing:?}");
    assert_eq!(briefing.precaution_state, PrecautionState::Unavailable as i32);
    assert_eq!(briefing.headline[0].text, "Ask everybody about allergies: records cannot be read");
    let withheld: Vec<_> = briefing.withheld.iter().map(|one| (one.what.as_str(), one.reason.as_str())).collect();
    let all = ["respect", "acknowledge", "communicate", "anticipate", "delight"];
    assert_eq!(withheld, all.map(|section| (section, "STORE_UNFIT")));
    assert!(briefing.customer_id.is_empty() && briefing.respect.is_empty() && briefing.valid_until_time.is_none());
}

pub fn rapport(args: &[&str], settings: &[String]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rapport"));
    command.args(args).args(settings).env("RAPPORT_LOG", "off");
    command.output().expect("the program was built")
}

pub fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Removes everything of one of Redis' databases, within one command.
fn empty(redis: &Redis, database: u8) {
    assert_eq!(redis.of(database).tell(&format!("SWAPDB {database} 9")), "+OK\r\n");
}

fn put_back(redis: &Redis, database: u8) {
    empty(redis, database);
}

/// Fault: Data or keys emptied, replaced, or in part lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_is_emptied_while_it_serves_forgets_nobody() {
    let (redis, folder) = (Redis::start(DURABLE), tempfile::tempdir().expect("a folder"));
    let house = House::open(on_redis(&redis, folder.path())).await;
    for (database, cause) in [(0, "the data store was emptied"), (1, "the key store was emptied")] {
        empty(&redis, database);
        // Who has a key at hand is known for the second until it is noticed; and nobody is denied.
        if database == 1 {
            let mut health = watch(house.process.address, "").await;
            until(&mut health, ServingStatus::NotServing).await;
        }
        house.is_unfit(cause).await;
        put_back(&redis, database);
        house.is_whole().await;
    }
    empty(&redis, 0);
    let settings = house.settings.clone();
    let house = house.again(settings).await;
    house.is_unfit("the data store is empty, and the key store is not").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_is_lost_denies_nobody() {
    let (redis, folder) = (Redis::start(DURABLE), tempfile::tempdir().expect("a folder"));
    let house = House::open(on_redis(&redis, folder.path())).await;
    let script =
        "local all = redis.call('KEYS', '*{7f}*') for _, key in ipairs(all) do redis.call('DEL', key) end return #all";
    let answer = redis.tell(&format!("EVAL \"{script}\" 0"));
    assert!(answer.starts_with(':'), "{answer}");
    let mut health = watch(house.process.address, "").await;
    until(&mut health, ServingStatus::NotServing).await;
    house.is_unfit("the data store has lost a part of what it had: 1 of 256").await;
}

/// Nobody knows what was evicted meanwhile: setting the policy back does not bring it back.
///
/// Fault: Eviction policy changed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_was_a_cache_for_a_moment_is_not_believed_again() {
    let options = ["--maxmemory", "100mb", "--maxmemory-policy", "noeviction"];
    let (redis, folder) = (Redis::start(&[DURABLE, &options].concat()), tempfile::tempdir().expect("a folder"));
    let house = House::open(on_redis(&redis, folder.path())).await;
    let mut health = watch(house.process.address, "").await;
    redis.tell("CONFIG SET maxmemory-policy allkeys-lru");
    until(&mut health, ServingStatus::NotServing).await;
    redis.tell("CONFIG SET maxmemory-policy noeviction");
    house.is_unfit("may evict customers' records").await;
    // A process that starts later knows it too.
    let settings = house.settings.clone();
    let house = house.again(settings.clone()).await;
    house.is_unfit("may evict customers' records").await;
    let adopted = rapport(&["store", "adopt", "--yes"], &settings);
    assert!(adopted.status.success() && text(&adopted).contains("epoch 2"), "{}", text(&adopted));
    house.is_whole().await;
}

/// Fault: Data or keys emptied, replaced, or in part lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_is_not_the_right_one_forgets_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::open(on_redb(folder.path())).await;
    let right = house.settings.clone();
    let wrong_keys = with_setting(&right, "--keys", &format!("file:{}", folder.path().join("mistyped").display()));
    let house = house.again(wrong_keys).await;
    house.is_unfit("the key store was emptied, or is another").await;

    let wrong_data = with_setting(&right, "--store", &format!("redb:{}", folder.path().join("unmounted").display()));
    let house = house.again(wrong_data).await;
    house.is_unfit("the data store is empty, and the key store is not").await;

    let house = house.again(right).await;
    house.is_whole().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_left_is_served_once_it_is_adopted() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut house = House::open(on_redb(folder.path())).await;
    let settings = house.settings.clone();
    let adopt = |args: &[&str]| rapport(&[&["store", "adopt"], args].concat(), &settings);
    house.process.terminate();
    house.process.ended();
    let sound = adopt(&[]);
    assert!(sound.status.success() && text(&sound).contains("nothing to adopt"), "{}", text(&sound));

    fs::remove_dir_all(folder.path().join("data")).expect("removed");
    fs::create_dir(folder.path().join("data")).expect("made");
    drop(RedbStore::open(&folder.path().join("data/data.redb"), Cache::default()).expect("an empty one"));
    let checked = rapport(&["fsck"], &settings);
    let said = text(&checked);
    assert_eq!(checked.status.code(), Some(2), "{said}");
    assert!(said.contains("STORE_UNFIT stores: ") && said.contains("rapport store adopt"), "{said}");
    assert!(house.ids.iter().all(|id| said.contains(&format!("DATA_LOSS RECORD_LOST customers/{id}: "))), "{said}");
    let json = rapport(&["fsck", "--json"], &settings);
    assert!(String::from_utf8_lossy(&json.stdout).contains(r#""sound":false"#), "{}", text(&json));
    let told = adopt(&[]);
    let said = text(&told);
    assert_eq!(told.status.code(), Some(1), "{said}");
    assert!(said.contains(&format!("{GUESTS} customers whose record is gone")) && said.contains("--yes"), "{said}");
    assert!(house.ids.iter().all(|id| said.contains(id.as_str())), "each is named: {said}");
    let adopted = adopt(&["--yes"]);
    assert!(adopted.status.success() && text(&adopted).contains("epoch 2"), "{}", text(&adopted));

    let house = house.again_ended(settings).await;
    let mut health = watch(house.process.address, "").await;
    until(&mut health, ServingStatus::Serving).await;
    house.create(guest("new")).await.expect("it serves again");
}

/// The keys' marks are all that is left of stores that were served, and had nobody yet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emptied_store_that_had_nobody_is_told_as_emptied() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = on_redb(folder.path());
    let mut process = Process::start(&settings).await;
    let mut health = watch(process.address, "").await;
    until(&mut health, ServingStatus::Serving).await;
    process.terminate();
    process.ended();
    let file = folder.path().join("data/data.redb");
    fs::remove_file(&file).expect("removed");
    drop(RedbStore::open(&file, Cache::default()).expect("an empty one"));
    let measured = rapport(&["stats"], &settings);
    let said = text(&measured);
    assert_eq!(measured.status.code(), Some(1), "{said}");
    assert!(said.contains("the data store was emptied") && said.contains(&file.display().to_string()), "{said}");
}

pub fn with_setting(settings: &[String], name: &str, value: &str) -> Vec<String> {
    let other = |setting: &&String| !setting.starts_with(&format!("{name}="));
    settings.iter().filter(other).cloned().chain([format!("{name}={value}")]).collect()
}

impl House {
    /// Starts another process after this one's has ended.
    pub async fn again_ended(self, settings: Vec<String>) -> Self {
        let process = Process::start(&settings).await;
        Self { settings, process, ..self }
    }
}

/// Without the tenant's index key nobody is found by a card: nothing is written under the one in memory either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_index_key_is_no_new_one() {
    let (redis, folder) = (Redis::start(DURABLE), tempfile::tempdir().expect("a folder"));
    let house = House::open(on_redis(&redis, folder.path())).await;
    let script =
        "redis.call('SELECT', 1) local all = redis.call('KEYS', 'key:*:index:*') redis.call('DEL', all[1]) return #all";
    assert_eq!(redis.keys().tell(&format!("EVAL \"{script}\" 0")), ":1\r\n");
    let mut health = watch(house.process.address, "").await;
    until(&mut health, ServingStatus::NotServing).await;
    house.is_unfit("the tenant's index key is gone").await;
    let adopt = |args: &[&str]| rapport(&[&["store", "adopt"], args].concat(), &house.settings);
    assert!(text(&adopt(&[])).contains("nobody is found by a card any more"));
    let adopted = adopt(&["--yes"]);
    assert!(adopted.status.success(), "{}", text(&adopted));
    until(&mut health, ServingStatus::Serving).await;
    let known = house.brief(by_id(&house.ids[0])).await;
    assert_eq!(known.precaution_state, PrecautionState::Listed as i32, "found by id");
    house.create(guest("new")).await.expect("it serves again");
    assert_eq!(house.brief(by_identity(loyalty("new"))).await.state, BriefingState::Known as i32);
}

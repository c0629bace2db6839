//! An older copy of the data beside its keys: of a moment ago, as after a failover to a replica that was behind, it is served and told; of
//! any other time nobody is served from it.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use prost::Message as _;
use rapport::{
    proto::{
        briefing_service_client::BriefingServiceClient, customer_service_client::CustomerServiceClient,
        interaction_service_client::InteractionServiceClient, recovery_service_client::RecoveryServiceClient, *,
    },
    store::{
        keys,
        keystore::KeyStore as _,
        redis::{Options, RedisKeys},
    },
};
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};
use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;

use super::{
    common::redis::{DURABLE, Server as Redis},
    operation::{until, watch},
    process::Process,
    raw::EVENT_MAX,
    whole::{House, guest, on_redb, rapport, text, with_setting},
    world::*,
};

/// Longer than the writes that may be lost and be served all the same, with a second to note them at both ends.
const AT_WORK: Duration = Duration::from_secs(8);
/// A Redis that starts anew with what it saved when it was told to.
pub const SNAPSHOTS: &[&str] = &["--save", "3600", "1", "--appendonly", "no"];
/// A user who may ask for anything but what the server is.
const SILENT: &[&str] = &["--user", "silent", "on", ">secret", "~*", "+@all", "-info"];
const OLDER: &str = "the data store is an older copy of itself";
/// The guest who is changed.
const CHANGED: usize = 3;
/// Who ask at once: enough that one of them asks in the first millisecond.
const ASKING: usize = 4;

pub fn on_two(data: &Redis, keys: &Redis, folder: &Path) -> Vec<String> {
    vec![
        format!("--store=redis://127.0.0.1:{}/0", data.port()),
        format!("--keys=redis://127.0.0.1:{}/1", keys.port()),
        format!("--wrapping-key-file={}", folder.join("wrapping.key").display()),
    ]
}

/// Both on a server that does not tell what it is: else new stores are refused.
fn on_one(both: &Redis, folder: &Path) -> Vec<String> {
    let at = |database: u8| format!("redis://silent:secret@127.0.0.1:{}/{database}", both.port());
    let key = folder.join("wrapping.key");
    vec![format!("--store={}", at(0)), format!("--keys={}", at(1)), format!("--wrapping-key-file={}", key.display())]
}

/// How far a log had come, as it is noted beside the keys.
#[derive(Clone, PartialEq, prost::Message)]
struct NotedEnds {
    #[prost(message, repeated, tag = "1")]
    ends: Vec<LogEnd>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct LogEnd {
    #[prost(uint64, tag = "1")]
    end: u64,
    #[prost(int64, tag = "2")]
    time_ms: i64,
}

/// Waits until the newest changes are noted.
pub async fn noted(data: &Redis, keys: &Redis) {
    let script = "local sum = 0 for _, name in ipairs(redis.call('KEYS', 'position:*')) do sum = sum + redis.call('HGET', name, 'end') end return sum";
    let there = data.tell(&format!("EVAL \"{script}\" 0"));
    let there: u64 = there.trim_start_matches(':').trim_end().parse().expect("a number");
    let keys =
        RedisKeys::connect(&format!("redis://127.0.0.1:{}/1", keys.port()), Options::default()).await.expect("a URL");
    let names: Vec<String> = (0..=255).map(keys::noted_ends).collect();
    let since = Instant::now();
    loop {
        let found = keys.notes(&names).await.expect("answers");
        let ends = found.iter().flatten().map(|note| NotedEnds::decode(note.clone()).expect("noted ends"));
        let sum: u64 = ends.filter_map(|noted| noted.ends.last().map(|last| last.end)).sum();
        if sum == there {
            return;
        }
        assert!(since.elapsed() < EVENT_MAX && sum < there, "{sum} of {there}");
    }
}

/// How far a Redis has come in what it replicates.
fn offset(redis: &Redis, name: &str) -> Option<u64> {
    let told = redis.tell("INFO replication");
    told.lines().find_map(|line| line.strip_prefix(name)?.parse().ok())
}

/// A Redis that has everything of another one, and is not told any more.
pub fn replica_of(primary: &Redis) -> Redis {
    let replica = Redis::start(DURABLE);
    assert_eq!(primary.tell("CONFIG SET repl-diskless-sync-delay 0"), "+OK\r\n");
    assert_eq!(replica.tell(&format!("REPLICAOF 127.0.0.1 {}", primary.port())), "+OK\r\n");
    let since = Instant::now();
    let is_behind = || {
        let there = offset(&replica, "slave_repl_offset:");
        !replica.tell("INFO replication").contains("master_link_status:up")
            || there != offset(primary, "master_repl_offset:")
    };
    while is_behind() {
        assert!(since.elapsed() < EVENT_MAX, "{}", replica.tell("INFO replication"));
    }
    assert_eq!(replica.tell("REPLICAOF NO ONE"), "+OK\r\n");
    replica
}

impl House {
    /// A guest with several identities, to whom entries of every index lead.
    pub async fn told_much(&self) -> String {
        let now = jiff::Timestamp::now().as_second();
        let draft = CustomerDraft {
            identities: vec![loyalty("GC-much"), identity(IdentityType::Email, "much@example.com")],
            occasions: vec![birthday(None, 3, 14)],
            ..guest("GC-more")
        };
        let id = self.create(draft).await.expect("is created");
        let visit = |number: i64| Interaction {
            occur_time: time(now - number * 7 * 86_400),
            ..purchase(&id, &format!("much-{number}"), vec![line("espresso", 450)])
        };
        let visits = RecordInteractionsRequest { interactions: (1..=8).map(visit).collect() };
        let mut interactions = InteractionServiceClient::new(self.process.channel.clone());
        interactions.record_interactions(by("anna", visits)).await.expect("are recorded");
        let follow_up = FollowUpDraft {
            kind: FollowUpKind::Promise as i32,
            text: "a call".into(),
            due_time: time(now + 86_400),
            venue_id: VENUE.into(),
            ..FollowUpDraft::default()
        };
        let promise = with!(PromiseFollowUpRequest { customer_id: id.clone(), follow_up: Some(follow_up) });
        let mut recovery = RecoveryServiceClient::new(self.process.channel.clone());
        recovery.promise_follow_up(by("anna", promise)).await.expect("is promised");
        id
    }

    pub async fn erase(&self, id: &str) {
        let request = with!(EraseCustomerRequest { customer_id: id.to_owned(), reason: "asked for it".into() });
        let mut customers = CustomerServiceClient::new(self.process.channel.clone());
        customers.erase_customer(by("anna", request)).await.expect("is erased");
    }

    /// Changes a guest; answers the revision token.
    pub async fn change(&self, number: u32) -> String {
        let name = PersonName { full: format!("Guest {number}"), ..PersonName::default() };
        let update = with!(UpdateCustomerRequest {
            customer_id: self.ids[CHANGED].clone(),
            details: Some(CustomerDetails { name: Some(name), ..CustomerDetails::default() })
        });
        let mut customers = CustomerServiceClient::new(self.process.channel.clone());
        let answer = customers.update_customer(by("anna", update)).await.expect("is changed");
        answer.into_inner().receipt.expect("a receipt").revision_token
    }

    /// The same guest is changed all the time: in the newest seconds, and in those before.
    pub async fn at_work(&self) {
        let since = Instant::now();
        let mut number = 0;
        while since.elapsed() < AT_WORK {
            self.change(number).await;
            number += 1;
        }
    }

    pub async fn by_card(&self, card: &str) -> i32 {
        self.brief(by_identity(loyalty(card))).await.state
    }

    /// Reads the changed guest as of a revision.
    pub async fn as_of(&self, revision_token: String) -> Result<(), tonic::Status> {
        let mut customers = CustomerServiceClient::new(self.process.channel.clone());
        let request = GetCustomerRequest { revision_token, ..get(&self.ids[CHANGED]) };
        customers.get_customer(request).await.map(drop)
    }

    fn stop_now(&mut self) {
        self.process.terminate();
        self.process.ended();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_copy_of_the_folder_is_told_from_the_right_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = on_redb(folder.path());
    let mut house = House::open(settings.clone()).await;
    house.stop_now();
    let (data, older, newest) =
        (folder.path().join("data/data.redb"), folder.path().join("older"), folder.path().join("newest"));
    fs::copy(&data, &older).expect("copied");
    let mut house = house.again_ended(settings.clone()).await;
    let since = house.create(guest("since")).await.expect("is created");
    house.at_work().await;
    house.stop_now();
    fs::copy(&data, &newest).expect("copied");

    fs::copy(&older, &data).expect("put back");
    let mut house = house.again_ended(settings.clone()).await;
    house.is_unfit(OLDER).await;
    assert_eq!(house.by_card("since").await, BriefingState::Unreadable as i32);
    house.stop_now();
    let checked = rapport(&["fsck"], &settings);
    let said = text(&checked);
    assert_eq!(checked.status.code(), Some(2), "{said}");
    assert!(said.contains("STORE_UNFIT stores: ") && said.contains(OLDER), "{said}");
    assert!(said.contains(&format!("DATA_LOSS RECORD_LOST customers/{since}: ")), "{said}");

    fs::copy(&newest, &data).expect("put back");
    let mut house = house.again_ended(settings.clone()).await;
    house.is_whole().await;
    assert_eq!(house.by_card("since").await, BriefingState::Known as i32);
    let token = house.change(0).await;
    house.as_of(token.clone()).await.expect("it is reached");
    house.stop_now();

    fs::copy(&older, &data).expect("put back");
    let told = rapport(&["store", "adopt"], &settings);
    let said = text(&told);
    assert_eq!(told.status.code(), Some(1), "{said}");
    assert!(said.contains(OLDER) && said.contains("changes since 20") && said.contains(&since), "{said}");
    assert!(said.contains("repeat the erasures since 20") && said.contains("customer erased"), "{said}");
    let adopted = rapport(&["store", "adopt", "--yes"], &settings);
    assert!(adopted.status.success() && text(&adopted).contains("epoch 2"), "{}", text(&adopted));
    let stats = text(&rapport(&["stats"], &settings));
    assert!(stats.contains("given up       ") && !stats.contains("lost writes "), "{stats}");
    let house = house.again_ended(settings).await;
    house.is_whole().await;
    assert_eq!(house.by_card("since").await, BriefingState::FirstVisit as i32, "given up");
    assert_refused(&house.as_of(token).await.expect_err("of before"), Code::InvalidArgument, "FIELD_INVALID");
}

/// Fault: An older copy of the data.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_starts_anew_with_older_data_serves_nobody() {
    let (data, keys) = (Redis::start(SNAPSHOTS), Redis::start(DURABLE));
    let folder = tempfile::tempdir().expect("a folder");
    let settings = on_two(&data, &keys, folder.path());
    starts_anew_and_serves_nobody(data, settings).await;
}

/// The notes of how far the data had come go back with them: whoever serves meanwhile still knows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_starts_anew_with_older_data_and_keys_serves_nobody() {
    let both = Redis::start(&[SNAPSHOTS, SILENT].concat());
    let folder = tempfile::tempdir().expect("a folder");
    let settings = on_one(&both, folder.path());
    starts_anew_and_serves_nobody(both, settings).await;
}

async fn starts_anew_and_serves_nobody(mut data: Redis, settings: Vec<String>) {
    let house = House::open(settings).await;
    assert_eq!(data.tell("SAVE"), "+OK\r\n");
    house.create(guest("since")).await.expect("is created");
    house.at_work().await;
    data.restart();
    let mut briefings = BriefingServiceClient::new(house.process.channel.clone());
    let since = Instant::now();
    loop {
        assert!(since.elapsed() < EVENT_MAX, "it is noticed");
        // It is noticed by whoever finds nothing, and not a second later.
        let Ok(answer) = briefings.get_briefing(briefing(by_identity(loyalty("since")))).await else { continue };
        let briefing = answer.into_inner().briefing.expect("is there");
        assert_eq!(briefing.state, BriefingState::Unreadable as i32, "{briefing:?}");
        break;
    }
    house.is_unfit(OLDER).await;
    assert_eq!(house.by_card("since").await, BriefingState::Unreadable as i32);

    let adopted = rapport(&["store", "adopt", "--yes"], &house.settings);
    assert!(adopted.status.success() && text(&adopted).contains("epoch 2"), "{}", text(&adopted));
    house.is_whole().await;
    assert_eq!(house.by_card("since").await, BriefingState::FirstVisit as i32, "given up");
    let said = text(&adopted);
    let changes = said.split_once("given up: ").and_then(|(_, rest)| rest.rsplit_once(" changes in "));
    let (changes, _) = changes.unwrap_or_else(|| panic!("{said}"));
    let changes = changes.rsplit(' ').next().expect("a number");
    let stats = text(&rapport(&["stats"], &house.settings));
    assert!(stats.contains(&format!("given up       {changes} changes in ")) && stats.contains("so far: 1"), "{stats}");
    let stats = rapport(&["stats", "--json"], &house.settings);
    let told: serde_json::Value = serde_json::from_slice(&stats.stdout).expect("JSON");
    assert_eq!(told["givenUp"]["changes"].to_string(), changes);
    assert!(told["lostWrites"].is_null(), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn not_one_answer_comes_from_older_data() {
    let (data, keys) = (Redis::start(SNAPSHOTS), Redis::start(DURABLE));
    let folder = tempfile::tempdir().expect("a folder");
    let settings = on_two(&data, &keys, folder.path());
    is_asked_without_a_pause(data, Some(keys), settings).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn not_one_answer_comes_from_older_data_and_keys() {
    let both = Redis::start(&[SNAPSHOTS, SILENT].concat());
    let folder = tempfile::tempdir().expect("a folder");
    let settings = on_one(&both, folder.path());
    is_asked_without_a_pause(both, None, settings).await;
}

/// Asks until the store is unfit, and tells when the first answer has come: each answer has what is in no older copy.
async fn asks(house: &House, first: oneshot::Sender<()>) -> JoinHandle<()> {
    let mut customers = CustomerServiceClient::new(connect(house.process.address).await);
    let id = house.ids[CHANGED].clone();
    let (mut first, since) = (Some(first), Instant::now());
    tokio::spawn(async move {
        loop {
            assert!(since.elapsed() < EVENT_MAX, "it is noticed");
            match customers.get_customer(get(&id)).await {
                Ok(answer) => {
                    let name =
                        answer.into_inner().customer.expect("is there").details.expect("some").name.expect("one").full;
                    assert_eq!(name, "Guest 7", "an answer from the older copy");
                    if let Some(first) = first.take() {
                        let _ = first.send(());
                    }
                }
                Err(status) if reason(&status) == "STORE_UNFIT" => return,
                Err(status) => assert_eq!(status.code(), Code::Unavailable, "{status:?}"),
            }
        }
    })
}

/// Many ask all the time, from before the older copy is there until it is told.
async fn is_asked_without_a_pause(mut data: Redis, keys: Option<Redis>, settings: Vec<String>) {
    let house = House::open(with_setting(&settings, "--loss-window-seconds", "0")).await;
    assert_eq!(data.tell("SAVE"), "+OK\r\n");
    house.change(7).await;
    noted(&data, keys.as_ref().unwrap_or(&data)).await;
    let mut asking = Vec::new();
    for _ in 0..ASKING {
        let (tell, told) = oneshot::channel();
        asking.push(asks(&house, tell).await);
        timeout(EVENT_MAX, told).await.expect("an answer comes").expect("it goes on");
    }
    data.restart();
    for asks in asking {
        timeout(EVENT_MAX, asks).await.expect("it ends").expect("no answer is of the older copy");
    }
    house.is_unfit(OLDER).await;
}

/// Fault: Failover to a replica that was behind.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failover_to_a_replica_that_was_behind_is_served_and_told() {
    let (mut data, keys) = (Redis::start(DURABLE), Redis::start(DURABLE));
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::open(on_two(&data, &keys, folder.path())).await;
    let mut lossless = watch(house.process.address, "no-loss").await;
    until(&mut lossless, ServingStatus::Serving).await;
    let reached = house.change(0).await;
    let replica = replica_of(&data);
    let lost = house.change(1).await;
    for token in [&reached, &lost] {
        house.as_of(token.clone()).await.expect("it is reached");
    }
    noted(&data, &keys).await;

    data.kill();
    assert_eq!(replica.tell(&format!("CONFIG SET port {}", data.port())), "+OK\r\n");
    let line = house.process.line_with("the newest writes are lost", EVENT_MAX);
    assert!(line.contains("1 changes since") && line.contains("epoch=2"), "{line}");
    until(&mut lossless, ServingStatus::NotServing).await;
    house.is_whole().await;
    for token in [reached, lost] {
        let status = house.as_of(token).await.expect_err("of before");
        assert_refused(&status, Code::InvalidArgument, "FIELD_INVALID");
    }
    let token = house.change(2).await;
    house.as_of(token).await.expect("it is reached");

    let stats = rapport(&["stats"], &house.settings);
    let said = text(&stats);
    assert!(said.contains("epoch          2\n") && said.contains("lost writes    1 in 1 buckets, of 20"), "{said}");
    let stats = rapport(&["stats", "--json"], &house.settings);
    let told: serde_json::Value = serde_json::from_slice(&stats.stdout).expect("JSON");
    assert_eq!(
        (&told["epoch"], &told["lostWrites"]["times"], &told["lostWrites"]["changes"]),
        (&2.into(), &1.into(), &1.into())
    );
    // A process that starts later goes on from there.
    let settings = house.settings.clone();
    let house = house.again(settings).await;
    house.is_whole().await;
    let again = house.change(3).await;
    house.as_of(again).await.expect("it is reached");
}

/// What may be lost is for the operator to say.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_a_moment_ago_is_served_if_so_much_may_be_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = on_redb(folder.path());
    let mut house = House::open(settings.clone()).await;
    house.stop_now();
    let (data, older) = (folder.path().join("data/data.redb"), folder.path().join("older"));
    fs::copy(&data, &older).expect("copied");
    let mut house = house.again_ended(settings.clone()).await;
    let lost = house.change(1).await;
    house.stop_now();
    // It is noted at the next start at the latest.
    let mut house = house.again_ended(settings.clone()).await;
    house.is_whole().await;
    house.stop_now();

    fs::copy(&older, &data).expect("put back");
    let strict = with_setting(&settings, "--loss-window-seconds", "0");
    let mut house = house.again_ended(strict).await;
    house.is_unfit(OLDER).await;
    house.stop_now();
    // On redb nothing may be lost unless somebody says so: nothing fails over there.
    let mut house = house.again_ended(settings.clone()).await;
    house.is_unfit(OLDER).await;
    house.stop_now();
    let house = house.again_ended(with_setting(&settings, "--loss-window-seconds", "5")).await;
    house.is_whole().await;
    assert_refused(&house.as_of(lost).await.expect_err("of before"), Code::InvalidArgument, "FIELD_INVALID");
}

/// Data in which somebody is who was erased since are adopted, and nothing of them is there, nor leads to them.
async fn nothing_is_left_once_it_is_adopted(settings: &[String], erased: &str) {
    let adopted = rapport(&["store", "adopt", "--yes"], settings);
    let said = text(&adopted);
    assert!(adopted.status.success() && said.contains("removed what had come back of 1 erased customers"), "{said}");
    let checked = rapport(&["fsck"], settings);
    assert!(checked.status.code() == Some(0) && text(&checked).contains("sound"), "{}", text(&checked));
    let house = House { settings: settings.to_vec(), process: Process::start(settings).await, ids: Vec::new() };
    house.erase(erased).await;
    for card in ["GC-much", "GC-more"] {
        assert_eq!(house.by_card(card).await, BriefingState::FirstVisit as i32);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_the_erased_comes_back_with_an_older_copy_of_the_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = on_redb(folder.path());
    let (data, older) = (folder.path().join("data/data.redb"), folder.path().join("older"));
    let mut house = House::open(settings.clone()).await;
    let erased = house.told_much().await;
    house.stop_now();
    // It does what the index worker has not done yet.
    assert!(rapport(&["fsck"], &settings).status.success());
    fs::copy(&data, &older).expect("copied");
    let mut house = house.again_ended(settings.clone()).await;
    house.erase(&erased).await;
    house.stop_now();
    assert!(rapport(&["fsck"], &settings).status.success(), "all of it is gone");
    fs::copy(&older, &data).expect("put back");
    nothing_is_left_once_it_is_adopted(&settings, &erased).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_the_erased_comes_back_with_older_data_in_redis() {
    let (mut data, keys) = (Redis::start(SNAPSHOTS), Redis::start(DURABLE));
    let folder = tempfile::tempdir().expect("a folder");
    let settings = with_setting(&on_two(&data, &keys, folder.path()), "--loss-window-seconds", "0");
    let mut house = House::open(settings.clone()).await;
    let erased = house.told_much().await;
    assert!(rapport(&["fsck"], &settings).status.success());
    assert_eq!(data.tell("SAVE"), "+OK\r\n");
    house.erase(&erased).await;
    house.stop_now();
    data.restart();
    nothing_is_left_once_it_is_adopted(&settings, &erased).await;
}

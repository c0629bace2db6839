//! A policy that is damaged or lost: it is told as that, stops no command, and the next one that is set replaces it.

use std::path::Path;

use rapport::{
    domain::TenantId,
    proto::{
        briefing_service_client::BriefingServiceClient, customer_service_client::CustomerServiceClient,
        policy_service_client::PolicyServiceClient, *,
    },
    store::{
        DocumentKey, Effect, Lifetime, Store as _, keys,
        redb::{Cache, RedbStore},
    },
};
use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;

use super::{
    common::redis::{DURABLE, Server as Redis},
    operation::{until, watch},
    raw::EVENT_MAX,
    whole::{House, on_redb, on_redis, rapport, text},
    world::*,
};

/// What becomes of the policy.
#[derive(Debug, Clone, Copy)]
enum Fate {
    /// Its revision is there, and nothing that opens.
    Damaged,
    /// Not even its revision.
    Cut,
    Lost,
}

impl Fate {
    fn reason(self) -> &'static str {
        if matches!(self, Self::Lost) { "POLICY_LOST" } else { "POLICY_DAMAGED" }
    }
}

fn document() -> String {
    let tenant = TenantId::parse("", "default").expect("a name");
    keys::document(&DocumentKey { tenant, name: keys::POLICY.to_owned() })
}

async fn befalls_in_redb(folder: &Path, fate: Fate) {
    let store = RedbStore::open(&folder.join("data/data.redb"), Cache::default()).expect("opens");
    let rule = move |there: &[u8]| {
        Ok(match fate {
            Fate::Damaged => Effect::Put([&there[..16], b"no policy"].concat(), Lifetime::Forever),
            Fate::Cut => Effect::Put(b"cut".to_vec(), Lifetime::Forever),
            Fate::Lost => Effect::Remove,
        })
    };
    store.change(document(), Box::new(rule)).await.expect("changed");
}

fn befalls_in_redis(redis: &Redis, fate: Fate) {
    let name = document();
    let done = match fate {
        Fate::Damaged => redis.tell(&format!("SETRANGE {name} 16 no-policy")),
        Fate::Cut => redis.tell(&format!("SET {name} cut")),
        Fate::Lost => redis.tell(&format!("DEL {name}")),
    };
    assert!(done.starts_with(':') || done.starts_with("+OK"), "{done}");
}

/// The commands go on with the rest, and say what is wrong.
fn commands_go_on(settings: &[String], folder: &Path, fate: Fate) {
    let checked = rapport(&["fsck", "--repair"], settings);
    let said = text(&checked);
    assert_eq!(checked.status.code(), Some(2), "{said}");
    assert!(said.contains(&format!("DATA_LOSS {} policy: ", fate.reason())), "{said}");
    assert!(said.contains("rapport policy set") && said.contains("customers 24,"), "{said}");
    let measured = rapport(&["stats"], settings);
    assert!(measured.status.success() && text(&measured).contains("customers      24"), "{}", text(&measured));
    let export = folder.join(format!("{fate:?}.ndjson")).display().to_string();
    let exported = rapport(&["export", &export], settings);
    let said = text(&exported);
    assert_eq!(exported.status.code(), Some(1), "{said}");
    assert!(said.contains("DATA_LOSS: the policy") && said.contains("customers 24,"), "{said}");
    assert!(std::fs::read_to_string(&export).expect("is there").contains("Head of Guest Relations"), "a kept version");
}

/// The server says what is wrong, and is mended by `rapport policy set`.
async fn is_told_and_mended(house: House, folder: &Path, fate: Fate) -> House {
    let mut health = watch(house.process.address, "").await;
    until(&mut health, ServingStatus::NotServing).await;
    let line = house.process.line_with("not ready", EVENT_MAX);
    let cause = if matches!(fate, Fate::Lost) { "the policy was set, and is gone" } else { "does not open" };
    assert!(line.contains(cause) && line.contains("rapport policy set"), "{line}");
    let channel = house.process.channel.clone();
    let asked = BriefingServiceClient::new(channel.clone()).get_briefing(briefing(by_id(&house.ids[0]))).await;
    assert_refused(&asked.expect_err("nothing is served"), Code::DataLoss, fate.reason());
    let asked = CustomerServiceClient::new(channel.clone()).get_customer(get(&house.ids[0])).await;
    assert_refused(&asked.expect_err("nothing is served"), Code::DataLoss, fate.reason());
    let mut policies = PolicyServiceClient::new(channel);
    let in_force = policies.get_policy(GetPolicyRequest { version: 0 }).await.expect_err("it cannot be read");
    assert_refused(&in_force, Code::DataLoss, fate.reason());
    let kept = policies.get_policy(GetPolicyRequest { version: 1 }).await.expect("an earlier one can");
    let file = folder.join("policy.yaml");
    let kept = kept.into_inner().policy.expect("is there");
    std::fs::write(&file, rapport::cli::policy::yaml::write(&kept).expect("is written")).expect("is written");
    let server = vec![format!("--server=http://{}", house.process.address)];
    let set = rapport(&["policy", "set", &file.display().to_string()], &server);
    let said = text(&set);
    assert!(set.status.success() && said.contains("damaged or lost, and is replaced"), "{said}");
    let version = policies.get_policy(GetPolicyRequest { version: 0 }).await.expect("is set").into_inner();
    let version = version.policy.expect("is there").version;
    assert!(said.contains(&format!("version {version} is in force")) && version > kept.version, "{said}");
    until(&mut health, ServingStatus::Serving).await;
    house.is_whole().await;
    house
}

/// Fault: The policy is damaged or lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_that_does_not_open_in_redb_is_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = on_redb(folder.path());
    let mut house = House::open(settings.clone()).await;
    for fate in [Fate::Damaged, Fate::Cut, Fate::Lost] {
        house.stop();
        befalls_in_redb(folder.path(), fate).await;
        commands_go_on(&settings, folder.path(), fate);
        house = is_told_and_mended(house.again_ended(settings.clone()).await, folder.path(), fate).await;
    }
    // Sound again.
    house.stop();
}

/// Fault: The policy is damaged or lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_that_does_not_open_in_redis_is_replaced() {
    let (redis, folder) = (Redis::start(DURABLE), tempfile::tempdir().expect("a folder"));
    let settings = on_redis(&redis, folder.path());
    let mut house = House::open(settings.clone()).await;
    for fate in [Fate::Damaged, Fate::Cut, Fate::Lost] {
        befalls_in_redis(&redis, fate);
        commands_go_on(&settings, folder.path(), fate);
        house = is_told_and_mended(house, folder.path(), fate).await;
    }
    house.stop();
}

//! Stores that the last release wrote (`tests/golden`), raised to the format of this one: under load, and killed on the way.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use rapport::{
    domain::CustomerId,
    proto::{
        briefing_service_client::BriefingServiceClient, customer_service_client::CustomerServiceClient,
        interaction_service_client::InteractionServiceClient, *,
    },
    store::{CustomerKey, StoreExt as _, codec::header::Header, formats::FORMATS},
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::timeout,
};
use tonic::{Code, transport::Channel};

use super::{
    common::{self, scaled},
    copies::lines,
    process::Process,
    raw::EVENT_MAX,
    soundness::assert_sound,
    upgrades::{Caller, Golden, on_both_golden, unpack},
    world::*,
};

on_both_golden!(
    a_store_is_written_in_its_format_until_it_is_raised,
    what_the_format_lacks_is_refused_until_it_is_raised,
);

mod killed {
    use super::{Backend, nothing_is_lost_when_all_are_killed};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn redb() {
        nothing_is_lost_when_all_are_killed(Backend::Redb).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn redis() {
        nothing_is_lost_when_all_are_killed(Backend::Redis).await;
    }
}

/// Customers who are written to.
const WRITTEN: usize = 4;
/// Purchases before, while and after a store is raised, by each writer.
const PURCHASES: usize = 12;
/// Stores on which servers and upgrades are killed: on each three times, so that the full size kills 51 upgrades.
const STORES_KILLED: (usize, usize) = (1, 17);
/// How often an upgrade of one store is killed before one is let be.
const KILLS: u32 = 3;
/// Acknowledged purchases that wait to be noted: more than are made while an upgrade runs.
const ACKNOWLEDGED_MAX: usize = 4_096;
/// Attempts until every replica must have noticed that the store was raised: they look every second.
const NOTICE_ATTEMPTS: usize = 20_000;
/// The format in which a customer's record is written.
async fn format_of(world: &World, id: &str) -> u16 {
    let customer = CustomerId::parse("id", id).expect("an id");
    let key = CustomerKey { tenant: world.tenant(), customer };
    let record = world.server.core.store.record(&key).await.expect("the store works").expect("is there");
    Header::decode(&record).expect("a header").0.format
}

/// Ids of all customers.
async fn listed(world: &World) -> Vec<String> {
    let all = world.customers().list_customers(ListCustomersRequest::default()).await.expect("listed").into_inner();
    all.customer_ids
}

/// Records a purchase; whether it is acknowledged.
async fn buys(channel: &Channel, id: &str, key: &str) -> bool {
    let request = RecordInteractionsRequest { interactions: vec![purchase(id, key, vec![line("espresso", 450)])] };
    let answer = InteractionServiceClient::new(channel.clone()).record_interactions(request).await;
    answer.is_ok_and(|answer| {
        let outcome = answer.into_inner().results.remove(0).outcome;
        outcome == RecordOutcome::Recorded as i32 || outcome == RecordOutcome::Repeated as i32
    })
}

/// Runs `rapport upgrade` on a store; whether it ended by itself in this time with success. It is killed otherwise.
pub async fn upgraded(folder: &Path, redis: Option<&common::redis::Server>, within: Duration) -> bool {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rapport"));
    command.arg("upgrade").args(settings(folder, redis)).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the program was built");
    let id = child.id().to_string();
    let mut ended = tokio::task::spawn_blocking(move || child.wait().expect("it ran").success());
    match timeout(within, &mut ended).await {
        Ok(is_success) => is_success.expect("it was waited for"),
        Err(_) => {
            let killed = Command::new("kill").args(["-KILL", &id]).stderr(Stdio::null()).status();
            assert!(killed.is_ok(), "kill is there");
            ended.await.expect("it was waited for")
        }
    }
}

/// The flags that name the store, for a command.
pub fn settings(folder: &Path, redis: Option<&common::redis::Server>) -> Vec<String> {
    let all = flags(folder, redis).into_iter();
    let of_store = all.filter(|(name, _)| !["listen", "admin-listen", "echo"].contains(&name.as_str()));
    of_store.map(|(name, value)| format!("--{name}={value}")).collect()
}

/// Writes until a record is written in the newest format, which a replica does soon after the store was raised.
async fn until_raised(world: &World, id: &str, at: &str) {
    for attempt in 0..NOTICE_ATTEMPTS {
        assert!(buys(&world.channel(), id, &format!("{at}-{attempt}")).await);
        if format_of(world, id).await == *FORMATS.end() {
            return;
        }
    }
    panic!("{at} goes on in the old format");
}

async fn a_store_is_written_in_its_format_until_it_is_raised(golden: Golden) {
    let Golden { world, export, .. } = golden;
    let replica = if world.redis.is_some() { world.replica().await } else { return raised_alone(world, export).await };
    let ids = listed(&world).await;
    let mut under_way = JoinSet::new();
    let (raised, _) = watch::channel(false);
    for (at, channel) in [world.channel(), replica.channel()].into_iter().enumerate() {
        for id in ids.iter().take(WRITTEN).cloned() {
            let (channel, raised) = (channel.clone(), raised.subscribe());
            under_way.spawn(async move {
                let mut after = 0;
                for number in 0.. {
                    after += usize::from(*raised.borrow());
                    assert!(buys(&channel, &id, &format!("load-{at}-{number}")).await, "nothing fails");
                    let subject = Some(by_id(&id));
                    let brief =
                        with!(GetBriefingRequest { subject, venue_id: VENUE.into(), purpose: Purpose::Service as i32 });
                    BriefingServiceClient::new(channel.clone()).get_briefing(brief).await.expect("a briefing");
                    if after > PURCHASES {
                        return (id, number + 1);
                    }
                }
                unreachable!("it returns when the store is raised")
            });
        }
    }
    for id in ids.iter().take(WRITTEN) {
        assert!(buys(&world.channel(), id, "before").await);
        assert_eq!(format_of(&world, id).await, 1, "other replicas may be of the release before");
    }
    let redis = world.redis.as_ref();
    assert!(upgraded(world.folder(), redis, EVENT_MAX).await);
    assert!(!upgraded(world.folder(), redis, EVENT_MAX).await, "there is nothing to raise any more");
    raised.send_replace(true);
    let mut written = BTreeMap::new();
    while let Some(done) = under_way.join_next().await {
        let (id, count) = done.expect("no writer fails");
        *written.entry(id).or_insert(1) += count;
    }
    until_raised(&world, &ids[WRITTEN], "one").await;
    until_raised(&replica, &ids[WRITTEN + 1], "other").await;
    let mut caller = Caller::of(&world).await;
    for (id, count) in &written {
        assert_eq!(caller.bought(id).await.len(), *count, "each is kept once");
    }
    assert_untouched(&world, &export, &ids[..WRITTEN + 2]).await;
}

/// With redb, the service is stopped while the store is raised.
async fn raised_alone(world: World, export: Vec<String>) {
    let ids = listed(&world).await;
    assert!(buys(&world.channel(), &ids[0], "before").await);
    assert_eq!(format_of(&world, &ids[0]).await, 1, "the release before may be started again");
    let world = world.with_files_changed(async |folder| assert!(upgraded(folder, None, EVENT_MAX).await)).await;
    assert_eq!(format_of(&world, &ids[0]).await, 1, "it changes when it is written next");
    assert!(buys(&world.channel(), &ids[0], "after").await);
    assert_eq!(format_of(&world, &ids[0]).await, *FORMATS.end());
    assert_untouched(&world, &export, &ids[..1]).await;
}

/// Asserts that the store is sound, and that everybody else is as they were exported.
async fn assert_untouched(world: &World, export: &[String], touched: &[String]) {
    assert_sound(&world.server.core).await;
    let now = lines(&world.server.core).await;
    assert_eq!(now.len(), export.len());
    // The header has the time, and the trailer counts what was written since.
    for (now, before) in now.iter().zip(export).take(export.len() - 1).skip(1) {
        assert!(now == before || touched.iter().any(|id| now.contains(id)), "another was changed: {now}");
    }
}

async fn what_the_format_lacks_is_refused_until_it_is_raised(golden: Golden) {
    let Golden { world, .. } = golden;
    let policy = world.policies().get_policy(GetPolicyRequest::default()).await.expect("one").into_inner().policy;
    let mut policy = policy.expect("a policy");
    let plain = SetPolicyRequest { policy: Some(Policy { owner: "Another".into(), ..policy.clone() }) };
    world.policies().set_policy(plain).await.expect("format 1 has all of it");
    policy.etag.clear();
    policy.venues[0].language = "de".into();
    let request = SetPolicyRequest { policy: Some(policy) };
    let refused = refusal!(world, policies, set_policy, request.clone());
    assert_refused(&refused, Code::FailedPrecondition, "UPGRADE_NEEDED");
    assert!(refused.message().contains("rapport upgrade"), "{}", refused.message());
    let mark = Some(mark_customer_request::Mark::Deceased(true));
    let mark = with!(MarkCustomerRequest { customer_id: listed(&world).await.remove(0), reason: "told".into(), mark });
    let refused = refusal!(world, customers, mark_customer, by("mara", mark.clone()));
    assert_refused(&refused, Code::FailedPrecondition, "UPGRADE_NEEDED");
    // What `rapport upgrade` writes, and what a replica does every second.
    let core = &world.server.core;
    core.fitness.raise().await.expect("both stores are there");
    core.store.set_write_format(u32::from(*FORMATS.end())).await.expect("the store works");
    core.prepare().await.expect("is fit");
    world.policies().set_policy(request).await.expect("format 2 has it");
    world.customers().mark_customer(by("mara", mark)).await.expect("format 2 has it");
    assert_sound(core).await;
}

/// Servers are killed while they write, and upgrades while they run; what was acknowledged is there.
async fn nothing_is_lost_when_all_are_killed(backend: Backend) {
    let folder = tempfile::tempdir().expect("a folder");
    let redis = unpack(backend, folder.path());
    let begun = Instant::now();
    assert!(upgraded(folder.path(), redis.as_ref(), EVENT_MAX).await);
    let (whole, stores, mut killed) = (begun.elapsed(), scaled(STORES_KILLED.0, STORES_KILLED.1), 0);
    for store in 0..stores {
        // Of each third of an upgrade one moment, and of each store another.
        let in_third =
            (f64::from(u32::try_from(store).expect("few")) + 0.5) / f64::from(u32::try_from(stores).expect("few"));
        let moments = (0..KILLS).map(|third| whole.mul_f64((f64::from(third) + in_third) / f64::from(KILLS)));
        killed += all_are_killed(backend, &[moments.collect(), vec![EVENT_MAX]].concat()).await;
    }
    println!("{killed} upgrades were killed on the way, each within {whole:?}, and servers {} times", stores * 4);
}

/// Of one store: an upgrade is killed after each of these times, unless it has ended. Answers how many were.
async fn all_are_killed(backend: Backend, moments: &[Duration]) -> usize {
    let folder = tempfile::tempdir().expect("a folder");
    let redis = unpack(backend, folder.path());
    let (mut kept, mut killed) = (Vec::new(), 0);
    for (round, &moment) in moments.iter().enumerate() {
        let mut process = Process::start(&settings(folder.path(), redis.as_ref())).await;
        let channel = process.channel.clone();
        let mut customers = CustomerServiceClient::new(channel.clone());
        let ids = customers.list_customers(ListCustomersRequest::default()).await.expect("listed").into_inner();
        let ids = ids.customer_ids;
        let mut writers = JoinSet::new();
        let (send, mut acknowledged) = mpsc::channel(ACKNOWLEDGED_MAX);
        for (writer, id) in ids.into_iter().take(WRITTEN).enumerate() {
            let (channel, send) = (channel.clone(), send.clone());
            writers.spawn(async move {
                for number in 0.. {
                    let key = format!("{round}-{writer}-{number}");
                    if !buys(&channel, &id, &key).await {
                        return;
                    }
                    send.send((id.clone(), key)).await.expect("somebody counts");
                }
            });
        }
        drop(send);
        let mut written = 0;
        while let Some(one) = acknowledged.recv().await {
            kept.push(one);
            written += 1;
            // Redis is raised while it is served; the last time it is let be.
            if redis.is_some() && written == PURCHASES {
                killed += usize::from(!upgraded(folder.path(), redis.as_ref(), moment).await);
            }
            if written == 2 * PURCHASES {
                process.kill();
            }
        }
        while writers.join_next().await.is_some() {}
        if redis.is_none() {
            killed += usize::from(!upgraded(folder.path(), None, moment).await);
        }
    }
    let clock = Arc::new(jiff::Timestamp::now().as_millisecond().into());
    let world = World::open(flags(folder.path(), redis.as_ref()), clock, redis, Arc::new(folder)).await;
    let mut caller = Caller::of(&world).await;
    let ids: BTreeSet<&String> = kept.iter().map(|(id, _)| id).collect();
    for id in ids {
        let there = caller.bought(id).await;
        let missing = kept.iter().find(|(own, key)| own == id && !there.contains(key));
        assert_eq!(missing, None, "it was acknowledged");
    }
    assert_sound(&world.server.core).await;
    // The last one was let be; an earlier one may have raised the store before it was killed.
    until_raised(&world, &kept[0].0, "after").await;
    killed
}

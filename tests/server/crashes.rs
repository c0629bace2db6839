//! Killed while many write: what was acknowledged is there afterwards, and the store opens.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rapport::proto::{
    customer_service_client::CustomerServiceClient, interaction_service_client::InteractionServiceClient,
    policy_service_client::PolicyServiceClient, *,
};
use tokio::{sync::Notify, task::JoinSet};
use tonic::transport::Channel;

use super::{
    common::{redis, scaled},
    process::{Process, in_folder},
    world::*,
};

const CUSTOMERS: usize = 10;
const WRITERS: usize = 50;
/// Acknowledgements before the kill: enough for every writer to be in the middle of something.
const ACKNOWLEDGED_BEFORE_KILL: usize = 300;

fn kills() -> usize {
    scaled(2, 10)
}

async fn prepare(channel: &Channel) -> Vec<String> {
    PolicyServiceClient::new(channel.clone())
        .set_policy(SetPolicyRequest { policy: Some(policy()) })
        .await
        .expect("a policy");
    let mut customers = Vec::new();
    for number in 0..CUSTOMERS {
        let request = CreateCustomerRequest { customer: Some(named(&format!("Guest {number}"))), ..Default::default() };
        let created = CustomerServiceClient::new(channel.clone()).create_customer(request).await.expect("created");
        customers.push(created.into_inner().receipt.expect("a receipt").customer_id);
    }
    customers
}

/// Writes until it is struck; remembers what was acknowledged. A store that does not answer in time before that, on a machine without
/// a moment to spare, is asked again: the same interaction counts once.
async fn write(
    channel: Channel,
    customers: Arc<Vec<String>>,
    name: String,
    acknowledged: Arc<Mutex<HashSet<(String, String)>>>,
    enough: Arc<Notify>,
    struck: Arc<AtomicBool>,
) {
    let mut client = InteractionServiceClient::new(channel);
    let mut number = 0;
    loop {
        let customer = &customers[number % customers.len()];
        let mut interaction = purchase(customer, &format!("{name}-{number}"), vec![line("espresso", 450)]);
        // Far in the past of the real clock would do too; it must only not be in its future.
        interaction.occur_time = time(1_700_000_000 + number as i64);
        let request = RecordInteractionsRequest { interactions: vec![interaction.clone()] };
        let answer = match client.record_interactions(request).await {
            Ok(answer) => answer,
            Err(_) if struck.load(Ordering::Acquire) => return,
            Err(_) => continue,
        };
        let result = answer.into_inner().results.remove(0);
        match RecordOutcome::try_from(result.outcome) {
            Ok(RecordOutcome::Recorded | RecordOutcome::Repeated) => {
                number += 1;
                let mut acknowledged = acknowledged.lock().expect("no writer panics");
                acknowledged.insert((customer.clone(), interaction.external_id));
                if acknowledged.len().is_multiple_of(ACKNOWLEDGED_BEFORE_KILL) {
                    enough.notify_one();
                }
            }
            Ok(RecordOutcome::Retry) if struck.load(Ordering::Acquire) => return,
            Ok(RecordOutcome::Retry) => {}
            _ => panic!("outcome {}", result.outcome),
        }
    }
}

/// Everything that is stored, and that counts agree with it.
async fn stored(channel: &Channel, customers: &[String]) -> HashSet<(String, String)> {
    let mut all = HashSet::new();
    for customer in customers {
        let mut count = 0;
        let mut page_token = String::new();
        loop {
            let request = ListInteractionsRequest {
                customer_id: customer.clone(),
                purpose: Purpose::Service as i32,
                page_size: 200,
                page_token,
                ..ListInteractionsRequest::default()
            };
            let page = InteractionServiceClient::new(channel.clone()).list_interactions(request).await.expect("listed");
            let page = page.into_inner();
            count += page.interactions.len();
            all.extend(
                page.interactions
                    .into_iter()
                    .map(|one| (customer.clone(), one.interaction.expect("an interaction").external_id)),
            );
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        let read = CustomerServiceClient::new(channel.clone()).get_customer(get(customer)).await.expect("found");
        let habits = read.into_inner().customer.expect("a customer").habits.expect("habits");
        assert_eq!(habits.purchase_count as usize, count, "the fold and the history are one commit");
    }
    all
}

/// One round: write, kill with `strike` while all write, and answer what had been acknowledged.
async fn round(
    channel: &Channel,
    customers: &Arc<Vec<String>>,
    name: usize,
    strike: impl FnOnce(),
) -> HashSet<(String, String)> {
    let acknowledged = Arc::new(Mutex::new(HashSet::new()));
    let (enough, struck) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let name = format!("round-{name}-{writer}");
        let (acknowledged, enough, struck) = (acknowledged.clone(), enough.clone(), struck.clone());
        writers.spawn(write(channel.clone(), customers.clone(), name, acknowledged, enough, struck));
    }
    enough.notified().await;
    strike();
    struck.store(true, Ordering::Release);
    while let Some(ended) = writers.join_next().await {
        ended.expect("no writer panics");
    }
    let acknowledged = acknowledged.lock().expect("no writer panics");
    assert!(acknowledged.len() >= ACKNOWLEDGED_BEFORE_KILL);
    acknowledged.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_on_redb_nothing_acknowledged_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = in_folder(&folder);
    let mut process = Process::start(&settings).await;
    let customers = Arc::new(prepare(&process.channel).await);
    let mut all = HashSet::new();
    for number in 0..kills() {
        let channel = process.channel.clone();
        all.extend(round(&channel, &customers, number, || process.kill()).await);
        process = Process::start(&settings).await;
        let missing = all.difference(&stored(&process.channel, &customers).await).count();
        assert_eq!(missing, 0, "of {} acknowledged after {} kills", all.len(), number + 1);
    }
}

/// Fault: Redis killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_killed_nothing_acknowledged_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = redis::Server::start(redis::DURABLE);
    let settings = [
        format!("--store={}", server.url()),
        format!("--keys={}", server.keys_url()),
        format!("--wrapping-key-file={}", folder.path().join("wrapping.key").display()),
    ];
    let process = Process::start(&settings).await;
    let customers = Arc::new(prepare(&process.channel).await);
    let mut all = HashSet::new();
    for number in 0..kills() {
        all.extend(round(&process.channel, &customers, number, || server.kill()).await);
        server.restart();
        wait_until_ready(&process.channel).await;
        let missing = all.difference(&stored(&process.channel, &customers).await).count();
        assert_eq!(missing, 0, "of {} acknowledged after {} kills", all.len(), number + 1);
    }
}

/// Asks until the service has found its Redis again by itself: it answers at once that it has not.
async fn wait_until_ready(channel: &Channel) {
    const FOUND_AGAIN_MAX: Duration = Duration::from_secs(20);
    let mut client = CustomerServiceClient::new(channel.clone());
    let answers = async { while client.list_customers(ListCustomersRequest::default()).await.is_err() {} };
    tokio::time::timeout(FOUND_AGAIN_MAX, answers).await.expect("the service finds its Redis again");
}

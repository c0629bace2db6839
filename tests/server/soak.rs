//! A long mixed load on the real program: neither its memory nor its descriptors grow.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use rapport::proto::{
    briefing_service_client::BriefingServiceClient, customer_service_client::CustomerServiceClient,
    interaction_service_client::InteractionServiceClient, policy_service_client::PolicyServiceClient, *,
};
use tokio::task::JoinSet;
use tonic::{Code, Status, transport::Channel};

use super::{
    common::{redis, scaled},
    process::{Process, in_folder},
    raw::Wild,
    world::*,
};

/// Customers are created again and again within this set, each by its own request.
const CUSTOMERS: usize = 400;
const WORKERS: usize = 8;
/// Of a quarter of the time. A single one says little.
const SAMPLES_PER_QUARTER: usize = 8;
/// How much the last quarter may lie over the second: allocators keep pages, and histories and caches fill up to their
/// bounds. A leak of 100 bytes a call would be several times as much in the full run.
const MEMORY_FACTOR_MAX: f64 = 1.15;
/// In a short run caches are still filling.
const MEMORY_KIB_SPARE: u64 = 24 << 10;
/// Connections that were open in the moment of a sample: each worker has up to two, and the program's own to Redis.
const DESCRIPTORS_SPARE: u64 = 2 * WORKERS as u64;

fn duration() -> Duration {
    Duration::from_secs(scaled(8, 600) as u64)
}

struct Load {
    process: Process,
    customers: Vec<String>,
    calls: AtomicU64,
    /// Answers that the store could not be reached.
    away: AtomicU64,
    until: Instant,
}

fn card(number: usize) -> String {
    format!("SOAK{:06}", number % CUSTOMERS)
}

async fn create(channel: Channel, number: usize) -> Result<tonic::Response<CreateCustomerResponse>, Status> {
    let number = number % CUSTOMERS;
    let customer = CustomerDraft {
        identities: vec![loyalty(&card(number))],
        precautions: vec![allergy("PEANUTS")],
        ..named(&format!("Guest {number}"))
    };
    let request = CreateCustomerRequest { customer: Some(customer), request_id: format!("soak-{number}") };
    CustomerServiceClient::new(channel).create_customer(request).await
}

fn id_of(created: CreateCustomerResponse) -> String {
    created.receipt.expect("a receipt").customer_id
}

impl Load {
    fn channel(&self) -> Channel {
        self.process.channel.clone()
    }

    /// What was answered. On a machine without a moment to spare a store may not answer in time: that is said honestly, counted,
    /// and no matter here.
    fn answered<T>(&self, answer: Result<tonic::Response<T>, Status>) -> Option<T> {
        match answer {
            Ok(answer) => Some(answer.into_inner()),
            Err(status) if status.code() == Code::Unavailable => {
                self.away.fetch_add(1, Relaxed);
                None
            }
            Err(status) => panic!("{status:?}"),
        }
    }

    async fn create_again(&self, number: usize) {
        let answer = self.answered(create(self.channel(), number).await);
        assert!(answer.is_none_or(|answer| id_of(answer) == self.customers[number % CUSTOMERS]));
    }

    async fn brief(&self, subject: BriefingSubject) {
        let answer = BriefingServiceClient::new(self.channel()).get_briefing(briefing(subject)).await;
        assert!(self.answered(answer).is_none_or(|answer| answer.briefing.is_some()));
    }

    async fn look_up(&self, from: usize) {
        let subjects = (0..100).map(|step| by_id(&self.customers[(from + step) % CUSTOMERS])).collect();
        let request =
            with!(LookupBriefingsRequest { subjects, venue_id: VENUE.to_owned(), purpose: Purpose::Service as i32 });
        let answer = BriefingServiceClient::new(self.channel()).lookup_briefings(request).await;
        assert!(self.answered(answer).is_none_or(|answer| answer.results.len() == 100));
    }

    async fn record(&self, worker: usize, round: usize) {
        let customer = &self.customers[(round * 7 + worker) % CUSTOMERS];
        let mut interaction = purchase(customer, &format!("{worker}-{round}"), vec![line("espresso", 450)]);
        interaction.occur_time = time(1_700_000_000 + round as i64);
        let request = RecordInteractionsRequest { interactions: vec![interaction] };
        let answer = InteractionServiceClient::new(self.channel()).record_interactions(request).await;
        match self.answered(answer).map(|answer| answer.results[0].outcome()) {
            None | Some(RecordOutcome::Recorded) => {}
            Some(RecordOutcome::Retry) => _ = self.away.fetch_add(1, Relaxed),
            Some(other) => panic!("{}", other.as_str_name()),
        }
    }

    async fn refused(&self) {
        let mut client = CustomerServiceClient::new(self.channel());
        let status = client.get_customer(get("no customer's id")).await.expect_err("refused");
        assert_eq!(status.code(), Code::InvalidArgument);
    }

    /// Connections come and go, well and badly behaved.
    async fn come_and_go(&self) {
        let own = connect(self.process.address).await;
        self.answered(CustomerServiceClient::new(own).list_customers(ListCustomersRequest::default()).await);
        drop(Wild::begun(self.process.address).await);
        let mut wild = Wild::silent(self.process.address).await;
        wild.say(b"no HTTP at all\r\n\r\n").await;
        wild.closed().await;
    }

    async fn work(self: Arc<Self>, worker: usize) {
        for round in 0.. {
            if Instant::now() >= self.until {
                return;
            }
            let number = round * WORKERS + worker;
            match round % 20 {
                0 => self.look_up(number).await,
                1 => self.come_and_go().await,
                2 => self.refused().await,
                3 => self.create_again(number).await,
                4..9 => self.record(worker, round).await,
                9..14 => self.brief(by_identity(loyalty(&card(number)))).await,
                _ => self.brief(by_id(&self.customers[number % CUSTOMERS])).await,
            }
            self.calls.fetch_add(1, Relaxed);
        }
    }
}

/// Of each quarter: the medians of memory in KiB and of open descriptors.
async fn sampled(load: &Load, length: Duration) -> Vec<(u64, u64)> {
    let mut medians = Vec::new();
    let mut every = tokio::time::interval(length / (4 * SAMPLES_PER_QUARTER as u32));
    every.tick().await;
    for _ in 0..4 {
        let (mut memory, mut descriptors) = (Vec::new(), Vec::new());
        for _ in 0..SAMPLES_PER_QUARTER {
            every.tick().await;
            memory.push(load.process.memory("VmRSS:"));
            descriptors.push(load.process.descriptors());
        }
        memory.sort_unstable();
        descriptors.sort_unstable();
        medians.push((memory[SAMPLES_PER_QUARTER / 2], descriptors[SAMPLES_PER_QUARTER / 2]));
    }
    medians
}

async fn soak(what: &str, settings: &[String]) {
    let process = Process::start(settings).await;
    let set = SetPolicyRequest { policy: Some(policy()) };
    PolicyServiceClient::new(process.channel.clone()).set_policy(set).await.expect("a policy");
    let mut customers = Vec::new();
    for number in 0..CUSTOMERS {
        customers.push(id_of(create(process.channel.clone(), number).await.expect("created").into_inner()));
    }
    let length = duration();
    let load = Arc::new(Load {
        process,
        customers,
        calls: AtomicU64::new(0),
        away: AtomicU64::new(0),
        until: Instant::now() + length,
    });
    let mut workers = JoinSet::new();
    for worker in 0..WORKERS {
        workers.spawn(load.clone().work(worker));
    }
    let medians = sampled(&load, length).await;
    workers.join_all().await;
    let calls = load.calls.load(Relaxed);
    let away = load.away.load(Relaxed);
    println!(
        "{what}: {calls} calls in {} s, {away} without the store; medians of quarters (KiB, descriptors): {medians:?}",
        length.as_secs()
    );
    let ((memory, descriptors), (memory_last, descriptors_last)) = (medians[1], medians[3]);
    let memory_max = (memory as f64 * MEMORY_FACTOR_MAX) as u64 + MEMORY_KIB_SPARE;
    assert!(memory_last <= memory_max, "memory grows: {medians:?}");
    assert!(descriptors_last <= descriptors + DESCRIPTORS_SPARE, "descriptors leak: {medians:?}");
    assert!(calls - away > WORKERS as u64 * 20, "every kind of call was made");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_grows_on_redb() {
    let folder = tempfile::tempdir().expect("a folder");
    soak("redb", &in_folder(&folder)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_grows_on_redis() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = redis::Server::start(redis::VOLATILE);
    let settings = [
        format!("--store={}", server.url()),
        format!("--keys={}", server.keys_url()),
        format!("--wrapping-key-file={}", folder.path().join("wrapping.key").display()),
        "--allow-volatile-redis=true".to_owned(),
    ];
    soak("Redis", &settings).await;
}

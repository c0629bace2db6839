//! What a process may run out of: memory, by a small message that inflates, and file descriptors.

use std::{io::Write as _, time::Duration};

use rapport::proto::{
    customer_service_client::CustomerServiceClient, interaction_service_client::InteractionServiceClient, *,
};
use tokio::{io::AsyncReadExt as _, task::JoinSet, time::timeout};
use tonic::{Code, codec::CompressionEncoding::Gzip, transport::Channel};

use super::{
    process::{Process, in_folder},
    raw::*,
    whole::{House, card, on_redb},
    world::*,
};

const GET: &str = "/rapport.v1.CustomerService/GetCustomer";
/// What the small message inflates to.
const INFLATED_BYTES: usize = 512 << 20;
/// Far more than the largest message and its copies take, and far less than what it inflates to.
const GROWTH_KIB_MAX: u64 = 64 << 10;
/// Enough to start, too few for the connections that come.
const FILES: usize = 64;
/// How long it is watched; the CPU time of a process that spins would be all of it.
const WATCHED: Duration = Duration::from_secs(1);
const TICKS_MAX: u64 = 50;

fn bomb() -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let zeros = vec![0; 1 << 20];
    for _ in 0..INFLATED_BYTES / zeros.len() {
        gzip.write_all(&zeros).expect("written");
    }
    gzip.finish().expect("written")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_message_that_inflates_takes_no_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let process = Process::start(&in_folder(&folder)).await;
    let mut raw = Plain::open(process.address).await;
    let nobody = framed(&get("cus_00000000000000000000000000"));
    let known = raw.grpc(GET, &[], nobody.clone()).await.status().code();
    let before = process.memory("VmHWM:");
    let bomb = bomb();
    assert!(bomb.len() < 600_000, "{} bytes", bomb.len());
    for _ in 0..4 {
        let answer = raw.grpc(GET, &[("grpc-encoding", "gzip")], prefixed(1, &bomb)).await;
        assert_refused(&answer.status(), Code::ResourceExhausted, "MESSAGE_TOO_LARGE");
        assert_eq!(raw.grpc(GET, &[], nobody.clone()).await.status().code(), known, "the connection lives");
    }
    // The kernel counts pages by thread, and adds them up late: the peak may read a little lower than before.
    let grown = process.memory("VmHWM:").max(before) - before;
    println!("4 messages of {} bytes that inflate to {INFLATED_BYTES}: peak memory grew by {grown} KiB", bomb.len());
    assert!(grown < GROWTH_KIB_MAX, "{grown} KiB");
}

/// Fault: Out of open files.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_descriptors_it_waits_and_recovers() {
    let folder = tempfile::tempdir().expect("a folder");
    let process = Process::start_with_files(FILES, &in_folder(&folder));
    let mut client = CustomerServiceClient::new(process.channel.clone());
    let list = ListCustomersRequest::default();
    client.list_customers(list.clone()).await.expect("served");
    let mut crowd = Vec::new();
    for _ in 0..FILES {
        crowd.push(Wild::begun(process.address).await);
    }
    let mut late = Wild::begun(process.address).await;
    let ticks = process.ticks();
    let heard = timeout(WATCHED, late.0.read(&mut [0; 64])).await;
    let ticks = process.ticks() - ticks;
    assert!(heard.is_err(), "there was a descriptor for the last one");
    assert!(ticks < TICKS_MAX, "{ticks} ticks: it spins");
    client.list_customers(list.clone()).await.expect("who is in is served");
    drop(crowd);
    let heard = timeout(EVENT_MAX, late.0.read(&mut [0; 64])).await.expect("it recovers");
    assert!(heard.expect("served") > 0);
    let answer = Plain::open(process.address).await.grpc(GET, &[], framed(&get(""))).await;
    assert_eq!(answer.status().code(), Code::InvalidArgument, "new ones are served");
}

const BATCHES: usize = 24;
const PURCHASES: usize = 100;

/// Purchases of many lines: far more than a usual request, and little when compressed.
fn long_batch(id: &str, number: usize) -> RecordInteractionsRequest {
    let lines = || (0..20).map(|line| self::line(&format!("Espresso {line}"), 450)).collect();
    let interactions = (0..PURCHASES).map(|one| purchase(id, &format!("{number}-{one}"), lines())).collect();
    RecordInteractionsRequest { interactions }
}

/// Large requests wait for each other, and look-ups for none of them: while the batches are worked on, far more of these are answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_requests_do_not_hold_up_look_ups() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::open(on_redb(folder.path())).await;
    let plain = InteractionServiceClient::new(house.process.channel.clone());
    for (kind, client) in [("compressed", plain.clone().send_compressed(Gzip)), ("plain", plain.clone())] {
        let mut calls = JoinSet::new();
        for number in 0..BATCHES {
            let (mut client, batch) = (client.clone(), long_batch(&house.ids[0], number));
            calls.spawn(async move { client.record_interactions(by("anna", batch)).await });
        }
        let (mut answered, mut look_ups) = (0, 0);
        while answered < BATCHES {
            tokio::select! {
                biased;
                Some(answer) = calls.join_next() => {
                    let results = answer.expect("no panic").expect("there is room").into_inner().results;
                    assert_eq!(results.len(), PURCHASES);
                    answered += 1;
                }
                known = house.brief(by_identity(loyalty(&card(1)))) => {
                    assert_eq!(known.state, BriefingState::Known as i32);
                    look_ups += 1;
                }
            }
        }
        println!("{kind}: {look_ups} look-ups beside {BATCHES} batches");
        assert!(look_ups > 2 * BATCHES, "{kind}: {look_ups}");
    }
}

/// Streams whose answers nobody takes have no turn that others wait for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_nobody_takes_hold_up_no_large_requests() {
    const STREAMS: usize = 24;
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::open(on_redb(folder.path())).await;
    // No byte of an answer may be sent.
    let endpoint = Channel::from_shared(format!("http://{}", house.process.address)).expect("an address");
    let unread = endpoint.initial_stream_window_size(0).connect().await.expect("connects");
    let mut streams = Vec::new();
    for number in 0..STREAMS {
        let batch = long_batch(&house.ids[1], number).interactions.into_iter().take(40).zip(1..);
        let items =
            batch.map(|(interaction, sequence)| IngestInteractionsRequest { sequence, interaction: Some(interaction) });
        let items = futures_util::stream::iter(items.collect::<Vec<_>>());
        let mut client = InteractionServiceClient::new(unread.clone());
        streams.push(client.ingest_interactions(by("anna", items)).await.expect("taken"));
        let mut others = InteractionServiceClient::new(house.process.channel.clone());
        let batch = long_batch(&house.ids[0], number);
        others.record_interactions(by("anna", batch)).await.expect("it has its turn");
    }
}

//! Callers who call too often, or guess identities: they are refused, and everybody else is served.

use std::time::Duration;

use rapport::proto::{
    customer_service_client::CustomerServiceClient, interaction_service_client::InteractionServiceClient, *,
};
use tonic::{Code, Request, Status, transport::Channel};
use tonic_types::StatusExt as _;

use super::{
    process::{Process, in_folder},
    raw::EVENT_MAX,
    world::*,
};

const UNKNOWN_MAX: usize = 5;
/// More than two a second for as long as they take.
const CALLS: usize = 200;

fn from<T>(device: &'static str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("rapport-device", device.parse().expect("ASCII"));
    request
}

async fn started(setting: String) -> (Process, tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut settings = in_folder(&folder);
    settings.push(setting);
    let process = Process::start(&settings).await;
    let request = SetPolicyRequest { policy: Some(policy()) };
    let mut policies = policy_service_client::PolicyServiceClient::new(process.channel.clone());
    policies.set_policy(request).await.expect("set");
    let draft = CustomerDraft { identities: vec![loyalty("GC-1")], ..named("Ana") };
    let request = CreateCustomerRequest { customer: Some(draft), request_id: String::new() };
    let mut customers = CustomerServiceClient::new(process.channel.clone());
    let created = customers.create_customer(request).await.expect("created").into_inner();
    let id = created.receipt.expect("a receipt").customer_id;
    (process, folder, id)
}

async fn looked_up(channel: &Channel, device: &'static str, value: &str) -> Result<usize, Status> {
    let request = LookupCustomerRequest {
        identities: vec![loyalty(value)],
        purpose: Purpose::Service.into(),
        ..LookupCustomerRequest::default()
    };
    let answer = CustomerServiceClient::new(channel.clone()).lookup_customer(from(device, request)).await?;
    Ok(answer.into_inner().matches.len())
}

fn assert_is_told_to_wait(status: &Status, why: &str) {
    assert_refused(status, Code::ResourceExhausted, why);
    let wait = status.get_details_retry_info().and_then(|info| info.retry_delay).expect("how long to wait");
    assert!(wait > Duration::ZERO && wait <= Duration::from_mins(1), "{wait:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_guesses_identities_is_stopped_and_nobody_else() {
    let (process, _folder, id) = started(format!("--unknown-identities-per-minute-max={UNKNOWN_MAX}")).await;
    let channel = &process.channel;
    for number in 0..UNKNOWN_MAX {
        assert_eq!(looked_up(channel, "guesser", &format!("GC-9{number}")).await.expect("answered"), 0);
    }
    assert_eq!(looked_up(channel, "guesser", "GC-1").await.expect("answered"), 1);
    for value in ["GC-95", "GC-1", "GC-96"] {
        let status = looked_up(channel, "guesser", value).await.expect_err("refused");
        assert_is_told_to_wait(&status, "TOO_MANY_UNKNOWN");
    }
    let mut briefings = briefing_service_client::BriefingServiceClient::new(channel.clone());
    let status = briefings.get_briefing(from("guesser", briefing(by_identity(loyalty("GC-1"))))).await;
    assert_is_told_to_wait(&status.expect_err("refused"), "TOO_MANY_UNKNOWN");
    // What was sold to a guest is not lost: the till sends it again.
    let card = interaction::Customer::Identity(loyalty("GC-1"));
    let sold = Interaction { customer: Some(card), ..purchase(&id, "r-1", vec![line("Tea", 300)]) };
    let request = RecordInteractionsRequest { interactions: vec![sold] };
    let recorded = InteractionServiceClient::new(channel.clone()).record_interactions(from("guesser", request)).await;
    match recorded {
        Ok(answer) => assert!(answer.into_inner().results[0].outcome() == RecordOutcome::Retry),
        Err(status) => assert_is_told_to_wait(&status, "TOO_MANY_UNKNOWN"),
    }
    let by_id = CustomerServiceClient::new(channel.clone()).get_customer(from("guesser", get(&id))).await;
    assert_eq!(by_id.expect("who knows the id guesses nothing").into_inner().customer.expect("Ana").customer_id, id);
    assert_eq!(looked_up(channel, "till-2", "GC-1").await.expect("answered"), 1);

    let told = "identities that nobody has";
    let first = process.line_with(told, EVENT_MAX);
    assert!(first.contains("guesser") && first.contains("unknown-identities-per-minute-max"), "{first}");
    assert!(!process.lines().iter().any(|line| line.contains(told)), "once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_calls_too_often_waits_and_nobody_else() {
    let (process, _folder, id) = started("--calls-per-second-max=1".to_owned()).await;
    let mut customers = CustomerServiceClient::new(process.channel.clone());
    let mut refused = 0;
    for number in 0..CALLS {
        match customers.get_customer(from("busy", get(&id))).await {
            Ok(_) => {}
            Err(status) => {
                assert!(number >= 2, "two at once are allowed");
                assert_is_told_to_wait(&status, "TOO_MANY_CALLS");
                refused += 1;
            }
        }
    }
    assert!(refused > 0);
    customers.get_customer(from("till-2", get(&id))).await.expect("another device is served");
    assert_eq!(looked_up(&process.channel, "busy", "GC-1").await.expect("another method is served"), 1);
}

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

/// The fewest that can be set.
const UNKNOWN_MAX: usize = 100;
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

/// A purchase of whoever has the card.
fn sold_to(card: &str, key: &str) -> Interaction {
    let customer = Some(interaction::Customer::Identity(loyalty(card)));
    Interaction { customer, ..purchase("", key, vec![line("Tea", 300)]) }
}

async fn recorded(channel: &Channel, device: &'static str, interactions: Vec<Interaction>) -> Vec<InteractionResult> {
    let request = RecordInteractionsRequest { interactions };
    let answer = InteractionServiceClient::new(channel.clone()).record_interactions(from(device, request)).await;
    answer.expect("each is told for itself").into_inner().results
}

/// Fault: A caller that guesses identities.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_guesses_identities_is_stopped_and_nobody_else() {
    let (process, _folder, id) = started(format!("--unknown-identities-per-minute-max={UNKNOWN_MAX}")).await;
    let channel = &process.channel;
    // As many strangers as one request may name are answered.
    let strangers = (0..UNKNOWN_MAX).map(|number| sold_to(&format!("GC-9{number}"), &format!("s-{number}"))).collect();
    let results = recorded(channel, "guesser", strangers).await;
    assert!(results.iter().all(|result| result.error.as_ref().is_some_and(|error| error.reason == "IDENTITY_UNKNOWN")));
    assert_eq!(looked_up(channel, "guesser", "GC-1").await.expect("answered"), 1);
    for value in ["GC-8", "GC-1", "GC-7"] {
        let status = looked_up(channel, "guesser", value).await.expect_err("refused");
        assert_is_told_to_wait(&status, "TOO_MANY_UNKNOWN");
    }
    let mut briefings = briefing_service_client::BriefingServiceClient::new(channel.clone());
    let status = briefings.get_briefing(from("guesser", briefing(by_identity(loyalty("GC-1"))))).await;
    assert_is_told_to_wait(&status.expect_err("refused"), "TOO_MANY_UNKNOWN");
    // What was sold to a guest is not lost: the till sends it again. Who is named by id is served meanwhile.
    let sold = vec![sold_to("GC-1", "r-1"), purchase(&id, "r-2", vec![line("Tea", 300)])];
    let results = recorded(channel, "guesser", sold).await;
    let outcomes = [RecordOutcome::Retry, RecordOutcome::Recorded].map(|outcome| outcome as i32);
    assert_eq!([results[0].outcome, results[1].outcome], outcomes);
    let error = results[0].error.clone().expect("why");
    assert_eq!(error.reason, "TOO_MANY_UNKNOWN");
    assert!(error.retry_delay.is_some_and(|wait| (1..=60).contains(&wait.seconds)), "{error:?}");
    let subjects = vec![by_id(&id), by_identity(loyalty("GC-1"))];
    let request = with!(LookupBriefingsRequest { subjects, venue_id: VENUE.into(), purpose: Purpose::Service as i32 });
    let results = briefings.lookup_briefings(from("guesser", request)).await.expect("answered").into_inner().results;
    assert!(matches!(results[0].result, Some(briefing_result::Result::Briefing(_))), "{results:?}");
    let Some(briefing_result::Result::Error(error)) = &results[1].result else { panic!("{results:?}") };
    assert_eq!(error.reason, "TOO_MANY_UNKNOWN");
    let by_id = CustomerServiceClient::new(channel.clone()).get_customer(from("guesser", get(&id))).await;
    assert_eq!(by_id.expect("who knows the id guesses nothing").into_inner().customer.expect("Ana").customer_id, id);
    assert_eq!(looked_up(channel, "till-2", "GC-1").await.expect("answered"), 1);

    let line = process.line_with("identities that nobody has", EVENT_MAX);
    assert!(line.contains("guesser") && line.contains("unknown-identities-per-minute-max"), "{line}");
}

/// Fault: A caller that calls too often.
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

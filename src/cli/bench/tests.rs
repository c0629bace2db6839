use super::*;
use crate::cli::testing::Service;

const LENGTH: Duration = Duration::from_millis(50);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn customers_are_made_once_and_found_again() {
    let service = Service::start().await;
    let venue = subjects::venue(service.wire(), None).await.expect("a policy is set");
    let ids = subjects::prepare(service.wire(), 40, &venue, MAKING).await.expect("made");
    let again = subjects::prepare(service.wire(), 40, &venue, MAKING).await.expect("found");
    assert_eq!((ids.len(), &ids), (40, &again));
    assert_eq!(service.customers().await.len(), 40);
    let known = subjects::venue(service.wire(), None).await.expect("the policy is there");
    assert_eq!(known, venue);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_mode_calls_and_counts() {
    let service = Service::start().await;
    let wires = [service.wire()];
    let venue = subjects::venue(service.wire(), None).await.expect("a policy is set");
    let ids = subjects::prepare(service.wire(), 10, &venue, MAKING).await.expect("made");
    for mode in [Mode::Id, Mode::Basket, Mode::Identity, Mode::Write] {
        let plan = Plan::new(mode, ids.clone(), venue.clone());
        let bytes = check(service.wire(), &plan).await.expect("answers are real");
        let echo = Echo::equal_to(plan.request_bytes(), bytes);
        let call = load::run(&wires, 2, &plan, LENGTH).await.expect("runs");
        let floor = load::run(&wires, 2, &echo, LENGTH).await.expect("runs");
        for load in [call, floor] {
            assert_eq!(load.failures, 0);
            assert!(!load.latency.is_empty());
        }
    }
}

#[tokio::test]
async fn answers_that_are_not_real_are_not_counted() {
    let service = Service::start().await;
    let venue = subjects::venue(service.wire(), None).await.expect("a policy is set");
    // By identity, but nobody was made: the briefings are about nobody.
    let plan = Plan::new(Mode::Identity, vec!["c0".to_owned()], venue);
    assert!(check(service.wire(), &plan).await.is_err());
}

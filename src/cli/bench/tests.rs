use super::*;
use crate::cli::fake::Fake;

const LENGTH: Duration = Duration::from_millis(50);

#[tokio::test]
async fn customers_are_made_once_and_found_again() {
    let fake = Fake::default();
    let channel = fake.serve().await;
    let venue = subjects::venue(channel.clone(), None).await.expect("a policy is set");
    let ids = subjects::prepare(channel.clone(), 40, &venue, MAKING).await.expect("made");
    let again = subjects::prepare(channel.clone(), 40, &venue, MAKING).await.expect("found");
    assert_eq!((ids.len(), &ids), (40, &again));
    assert_eq!(fake.state().created.len(), 40);
    let known = subjects::venue(channel, None).await.expect("the policy is there");
    assert_eq!(known, venue);
}

#[tokio::test]
async fn each_mode_calls_and_counts() {
    let fake = Fake::default();
    let channels = [fake.serve().await];
    let ids = subjects::prepare(channels[0].clone(), 10, "bench", MAKING).await.expect("made");
    for mode in [Mode::Id, Mode::Identity, Mode::Write] {
        let plan = Plan::new(mode, ids.clone(), "bench".to_owned());
        let bytes = check(channels[0].clone(), &plan).await.expect("answers are real");
        let echo = Echo::equal_to(plan.request_bytes(), bytes);
        let call = load::run(&channels, 2, &plan, LENGTH).await.expect("runs");
        let floor = load::run(&channels, 2, &echo, LENGTH).await.expect("runs");
        for load in [call, floor] {
            assert_eq!(load.failures, 0);
            assert!(!load.latency.is_empty());
        }
    }
}

#[tokio::test]
async fn answers_that_are_not_real_are_not_counted() {
    let channel = Fake::default().serve().await;
    // By identity, but nobody was made: the briefings are about nobody.
    let plan = Plan::new(Mode::Identity, vec!["c0".to_owned()], "bench".to_owned());
    assert!(check(channel, &plan).await.is_err());
}

use super::*;
use crate::cli::testing::Service;

const LENGTH: Duration = Duration::from_millis(50);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn customers_are_made_once_and_found_again() {
    let service = Service::start().await;
    let venue = subjects::venue(service.channel(), None).await.expect("a policy is set");
    let (ids, made) = subjects::prepare(service.channel(), 40, &venue, MAKING).await.expect("made");
    let again = subjects::prepare(service.channel(), 40, &venue, MAKING).await.expect("found");
    assert_eq!((ids.len(), made), (40, 40));
    assert_eq!(again, (ids, 0));
    assert_eq!(service.customers().await.len(), 40);
    let known = subjects::venue(service.channel(), None).await.expect("the policy is there");
    assert_eq!(known, venue);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_mode_calls_and_counts_in_either_loop() {
    let service = Service::start().await;
    let channels = [service.channel(), service.channel()];
    let venue = subjects::venue(service.channel(), None).await.expect("a policy is set");
    let (ids, _) = subjects::prepare(service.channel(), 10, &venue, MAKING).await.expect("made");
    menu::declare(service.channel(), &venue).await.expect("a menu is put");
    for mode in MODES {
        // Each like a run of its own, whose records have keys of their own.
        let call = Call::of(mode, Arc::new(Customers::new(ids.clone(), venue.clone())));
        let bytes = check(service.channel(), &call).await.unwrap_or_else(|fault| panic!("{}: {fault}", mode.name));
        let echo = Call::echo(call.request_bytes(), bytes);
        for call in [call, echo] {
            for rate in [None, Some(100)] {
                let shape = Shape { streams: 2, length: LENGTH, rate };
                let load = load::run(&channels, shape, &call).await.expect("runs");
                assert_eq!(load.failures, 0, "{}", mode.name);
                assert!(!load.latency.is_empty());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_loop_makes_each_call_that_is_due() {
    let service = Service::start().await;
    let echo = Call::echo(50, 500);
    let shape = Shape { streams: 1, length: Duration::from_millis(100), rate: Some(500) };
    let load = load::run(&[service.channel()], shape, &echo).await.expect("runs");
    assert_eq!(load.latency.len() + load.failures, 50, "however slow the machine is");
}

#[tokio::test]
async fn answers_that_are_not_real_are_not_counted() {
    let service = Service::start().await;
    let venue = subjects::venue(service.channel(), None).await.expect("a policy is set");
    // By identity, but nobody was made: the briefings are about nobody.
    let mode = MODES.iter().find(|mode| mode.word == "identity").expect("a mode");
    let call = Call::of(mode, Arc::new(Customers::new(vec!["c0".to_owned()], venue)));
    assert!(check(service.channel(), &call).await.is_err());
}

#[tokio::test]
async fn exactly_so_many_calls_are_made() {
    let service = Service::start().await;
    let venue = subjects::venue(service.channel(), None).await.expect("a policy is set");
    let (ids, _) = subjects::prepare(service.channel(), 1, &venue, MAKING).await.expect("made");
    let before = service.customers().await[0].habits.as_ref().map_or(0, |habits| habits.purchase_count);
    let mode = MODES.iter().find(|mode| mode.word == "record").expect("a mode");
    let call = Call::of(mode, Arc::new(Customers::new(ids, venue)));
    assert_eq!(make(service.channel(), &call, 3).await.expect("answered"), Outcome::Done);
    let after = service.customers().await[0].habits.as_ref().map_or(0, |habits| habits.purchase_count);
    assert_eq!(after - before, 3);
}

#[tokio::test]
async fn the_menu_of_others_is_left_alone() {
    let service = Service::start().await;
    assert!(matches!(menu::declare(service.channel(), "zrh-lakeside").await, Err(Failure::Failed(_))));
}

#[test]
fn lines_are_spread_over_the_menu() {
    let baskets: Vec<_> = (0..100).map(menu::lines).collect();
    let names: std::collections::HashSet<&str> = baskets.iter().flatten().map(|line| line.item.as_str()).collect();
    assert_eq!((menu::ITEMS, names.len()), (2_000, 2_000));
    assert!(baskets.iter().all(|lines| lines.len() == menu::LINES));
}

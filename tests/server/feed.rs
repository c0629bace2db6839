//! The change feed: what changed since a token, ids and revisions only.

use rapport::{domain::Sections, proto::*, service::error::Error};

use super::world::*;

on_both!(changes_are_told_once_and_in_order, a_page_goes_on_where_it_ended, a_token_is_not_to_be_forged);

async fn changes_are_told_once_and_in_order(world: World) {
    let (rapport, caller) = (&world.server.core.rapport, world.caller().await);
    world.create(named("Before")).await;
    let token = rapport.feed_now(&caller).await.expect("a token");
    let id = world.create(CustomerDraft { precautions: vec![allergy("TREE_NUTS")], ..named("Ana") }).await.customer_id;
    let bought = RecordInteractionsRequest { interactions: vec![purchase(&id, "1", vec![line("espresso", 450)])] };
    world.interactions().record_interactions(bought).await.expect("recorded");
    let erase = EraseCustomerRequest { customer_id: id.clone(), reason: "asked for".into(), ..Default::default() };
    world.customers().erase_customer(erase).await.expect("erased");

    let (events, next) = rapport.feed(&caller, &token, 100).await.expect("a page");
    assert!(events.iter().all(|event| event.customer.to_string() == id));
    let revisions: Vec<u64> = events.iter().map(|event| event.revision.counter).collect();
    assert_eq!(revisions, [1, 2, 3]);
    assert!(events[0].sections.contains(Sections::PRECAUTIONS));
    assert_eq!(events[1].sections, Sections::HABITS);
    assert_eq!(events[2].sections, Sections::ERASED);
    assert_eq!(rapport.feed(&caller, &next, 100).await.expect("a page"), (Vec::new(), next));
}

async fn a_page_goes_on_where_it_ended(world: World) {
    let (rapport, caller) = (&world.server.core.rapport, world.caller().await);
    let mut token = rapport.feed_now(&caller).await.expect("a token");
    let mut made = Vec::new();
    for number in 0..20 {
        made.push(world.create(named(&format!("Guest {number}"))).await.customer_id);
    }
    let mut told = Vec::new();
    loop {
        let (events, next) = rapport.feed(&caller, &token, 7).await.expect("a page");
        assert!(events.len() <= 7);
        if events.is_empty() {
            break;
        }
        told.extend(events.iter().map(|event| event.customer.to_string()));
        token = next;
    }
    told.sort();
    made.sort();
    assert_eq!(told, made);
}

async fn a_token_is_not_to_be_forged(world: World) {
    let (rapport, caller) = (&world.server.core.rapport, world.caller().await);
    let token = rapport.feed_now(&caller).await.expect("a token");
    let turned = if token.starts_with('A') { "B" } else { "A" };
    for forged in ["", "nonsense", &format!("{turned}{}", &token[1..])] {
        let refused = rapport.feed(&caller, forged, 10).await.expect_err("refused");
        assert!(matches!(refused, Error::Invalid(_)), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ahead_of_the_store_is_refused() {
    let world = World::start(Backend::Redis).await;
    let caller = world.caller().await;
    world.create(named("Lost")).await;
    let token = world.server.core.rapport.feed_now(&caller).await.expect("a token");
    // The data comes from an older backup: what the token has seen is not there any more.
    world.redis.as_ref().expect("on Redis").tell("FLUSHDB");
    let refused = world.server.core.rapport.feed(&caller, &token, 10).await.expect_err("refused");
    assert!(matches!(refused, Error::FeedTokenTooOld), "{refused}");
}

//! What others buy: learnt from what is recorded, told only when enough bought it.

use rapport::{
    domain::{
        Others,
        recent::short_hash,
        repurchase::{Again, PARTS},
    },
    proto::*,
    store::{Label, StoreExt as _, codec::copurchase::decode},
};

use super::world::*;

on_both!(
    what_others_buy_is_told_when_enough_bought_it,
    what_others_buy_elsewhere_is_not_told_here,
    what_few_bought_has_no_name_in_the_store,
    what_few_bought_is_forgotten_after_a_month,
    what_is_voided_is_taken_back,
    each_purchase_tells_how_readily_things_are_bought_again,
);

/// Fewer than hide each other.
const FEW: usize = 4;
/// So many that they are told apart: the sketch of a crowd has 32 bits, and takes two customers for one here and there.
const MANY: usize = 24;

/// New customers, each of whom buys these items once.
async fn buyers(world: &World, count: usize, items: &[&str]) -> Vec<Interaction> {
    buyers_at(world, VENUE, count, items).await
}

async fn buyers_at(world: &World, venue: &str, count: usize, items: &[&str]) -> Vec<Interaction> {
    let mut interactions = Vec::new();
    for number in 0..count {
        let customer = world.create(named(&format!("Buyer {number}"))).await.customer_id;
        let lines = items.iter().map(|item| line(item, 450)).collect();
        let bought = purchase(&customer, &format!("{customer} 1"), lines);
        interactions.push(Interaction { venue_id: venue.into(), ..bought });
    }
    let request = RecordInteractionsRequest { interactions: interactions.clone() };
    let results = world.interactions().record_interactions(request).await.expect("answered").into_inner().results;
    assert!(results.iter().all(|result| result.outcome() == RecordOutcome::Recorded));
    world.learn().await;
    interactions
}

async fn stored(world: &World) -> Others {
    let document = world.server.core.store.document(&world.tenant(), "others", None).await.expect("the store works");
    let (others, keyed_by) = decode(&document.expect("something was learnt").bytes).expect("readable");
    assert!(keyed_by.is_some(), "a stolen document tells nobody which items they are");
    others
}

/// The hash under which an item is stored.
async fn hash(world: &World, name: &str) -> u32 {
    let key = world.caller().await.index_key;
    let [first, second, third, fourth, ..] = key.digest(Label::Item, &[&short_hash(name).to_be_bytes()]);
    u32::from_be_bytes([first, second, third, fourth])
}

/// What a new customer with these precautions is expected to want.
async fn expected(world: &World, precautions: Vec<PrecautionDraft>) -> Vec<Statement> {
    let draft = CustomerDraft { precautions, precautions_asked: true, ..named("Ana") };
    let newcomer = world.create(draft).await.customer_id;
    world.brief(by_id(&newcomer)).await.anticipate
}

async fn what_others_buy_is_told_when_enough_bought_it(world: World) {
    let stranger = world.brief(by_identity(loyalty("GC-9"))).await;
    buyers(&world, FEW, &["latte", "orange juice"]).await;
    assert!(expected(&world, Vec::new()).await.is_empty(), "too few bought it");
    buyers(&world, MANY, &["latte", "orange juice"]).await;
    let told = expected(&world, Vec::new()).await;
    assert_eq!(values(&told, "item"), ["latte", "orange juice"]);
    assert!(told.iter().all(|statement| statement.code == "POPULAR_ITEM"));
    let vegan = PrecautionDraft { kind: PrecautionKind::Diet as i32, ..allergy("VEGAN") };
    let careful = expected(&world, vec![vegan]).await;
    assert_eq!(values(&careful, "item"), ["orange juice"]);
    // Of what others buy nobody has declared anything: it is nothing for somebody with an allergy.
    assert!(expected(&world, vec![allergy("MILK")]).await.is_empty());
    let still = world.brief(by_identity(loyalty("GC-9"))).await;
    assert!(stranger == still, "a first visit is what it was");
}

async fn what_others_buy_elsewhere_is_not_told_here(world: World) {
    let newcomer = world.create(asked("Ana")).await.customer_id;
    let told = async |basket: &[&str]| {
        let basket_items = basket.iter().map(|item| (*item).to_owned()).collect();
        let request = GetBriefingRequest { basket_items, ..briefing(by_id(&newcomer)) };
        let answer = world.briefings().get_briefing(request).await.expect("answered").into_inner();
        let told = answer.briefing.expect("a briefing").anticipate;
        told.iter().map(|one| one.text.clone()).collect::<Vec<_>>()
    };
    buyers_at(&world, OTHER_VENUE, 3 * MANY, &["latte", "bagel"]).await;
    assert!(told(&[]).await.is_empty() && told(&["latte"]).await.is_empty(), "nothing was bought here");
    // Some of it is bought here, and seldom.
    buyers(&world, 3 * MANY, &["soup"]).await;
    buyers(&world, FEW + 4, &["latte"]).await;
    assert_eq!(told(&[]).await, ["Others often buy soup here."]);
    buyers(&world, MANY, &["latte"]).await;
    assert_eq!(told(&[]).await, ["Others often buy soup here.", "Others often buy latte here."]);
    assert!(told(&["latte"]).await.iter().all(|text| !text.contains("bagel")), "it is not sold here");
    buyers(&world, MANY, &["bagel"]).await;
    assert!(told(&["latte"]).await.contains(&"Others often buy bagel with this.".to_owned()));
}

async fn what_few_bought_has_no_name_in_the_store(world: World) {
    buyers(&world, FEW, &["truffle"]).await;
    let truffle = hash(&world, "truffle").await;
    assert_eq!(stored(&world).await.items.get(&short_hash("truffle")), None, "not under a hash that anybody can make");
    let item = stored(&world).await.items.remove(&truffle).expect("counted");
    assert_eq!((item.name.as_str(), item.count.purchases), ("", FEW as u32));
    buyers(&world, MANY, &["truffle"]).await;
    let item = stored(&world).await.items.remove(&truffle).expect("counted");
    assert_eq!((item.name.as_str(), item.count.purchases), ("truffle", (FEW + MANY) as u32));
    let holds_name = |(_, value): &(Vec<u8>, Vec<u8>)| value.windows(7).any(|part| part == b"truffle");
    assert!(!world.dump().await.iter().any(holds_name), "the document is sealed");
}

async fn what_few_bought_is_forgotten_after_a_month(world: World) {
    buyers(&world, FEW, &["truffle"]).await;
    buyers(&world, MANY, &["latte"]).await;
    let (truffle, latte) = (hash(&world, "truffle").await, hash(&world, "latte").await);
    let after = async |days: i64| {
        world.set_clock(NOON + days * 86_400);
        world.server.core.rapport.copurchase().tidy(&world.tenant()).await.expect("the store works");
        let others = stored(&world).await;
        (others.items.contains_key(&truffle), others.items.contains_key(&latte))
    };
    assert_eq!(after(30).await, (true, true));
    assert_eq!(after(31).await, (false, true));
}

async fn what_is_voided_is_taken_back(world: World) {
    let interactions = buyers(&world, MANY, &["latte", "bagel"]).await;
    let void = |one: &Interaction| {
        let Some(interaction::Customer::CustomerId(customer_id)) = one.customer.clone() else { unreachable!() };
        let external_id = one.external_id.clone();
        VoidInteractionRequest { customer_id, source: "till-4".into(), external_id, reason: "wrong guest".into() }
    };
    world.interactions().void_interaction(void(&interactions[0])).await.expect("voided");
    // Twice takes nothing more.
    world.interactions().void_interaction(void(&interactions[0])).await.expect("voided");
    world.learn().await;
    let others = stored(&world).await;
    assert_eq!(others.purchases, MANY as u64 - 1);
    assert!(others.items.values().all(|item| item.count.purchases == MANY as u32 - 1));
    assert_eq!(others.pairs.values().map(|count| count.purchases).collect::<Vec<_>>(), [MANY as u32 - 1]);
}

async fn each_purchase_tells_how_readily_things_are_bought_again(world: World) {
    let customer = world.create(named("Regular")).await.customer_id;
    let daily = |day: i64| Interaction {
        occur_time: time(NOON - day * 86_400),
        ..purchase(&customer, &format!("{day}"), vec![line("latte", 450)])
    };
    // What was to be expected and what was bought of lattes, in purchases of one item.
    let told = async || {
        world.learn().await;
        let others = stored(&world).await;
        let sum = |of: fn(&Again) -> u64| others.lags.iter().map(of).sum::<u64>() as f64 / PARTS;
        let latte = others.items[&hash(&world, "latte").await].again;
        assert_eq!(latte.bought as f64 / PARTS, sum(|lag| lag.bought));
        (sum(|lag| lag.expected), sum(|lag| lag.bought))
    };
    let record = async |interactions: Vec<Interaction>| {
        world.interactions().record_interactions(RecordInteractionsRequest { interactions }).await.expect("recorded");
    };
    // The first three have too little before them; the other two have it in the same call.
    record((1..=5).rev().map(daily).collect()).await;
    assert_eq!(told().await, (2.0, 2.0));
    record(vec![daily(0)]).await;
    assert_eq!(told().await, (3.0, 3.0));
    record(vec![daily(0)]).await;
    assert_eq!(told().await, (3.0, 3.0), "recorded again, told once");
    let void = VoidInteractionRequest {
        customer_id: customer.clone(),
        source: "till-4".into(),
        external_id: "0".into(),
        reason: "wrong guest".into(),
    };
    world.interactions().void_interaction(void).await.expect("voided");
    assert_eq!(told().await, (2.0, 2.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_replicas_learn_adds_up() {
    let one = World::start(Backend::Redis).await;
    let other = one.replica().await;
    tokio::join!(buyers(&one, MANY, &["latte"]), buyers(&other, MANY, &["latte"]));
    assert_eq!(stored(&one).await.items[&hash(&one, "latte").await].count.purchases, 2 * MANY as u32);
    one.learn().await;
    let (here, there) = (expected(&one, Vec::new()).await, expected(&other, Vec::new()).await);
    assert_eq!(values(&here, "item"), ["latte"]);
    assert_eq!(values(&there, "item"), ["latte"]);
}

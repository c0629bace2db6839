//! Many givers, one budget, and some who crash anywhere between the steps of their holds: never a cent over, and every
//! hold ends as a gesture or is freed.

use std::sync::Arc;

use rapport::{
    domain::{CustomerId, VenueId, id::GestureTypeId},
    proto::{GestureState, Money},
    service::{
        Caller, Rapport, Request,
        clock::Clock,
        error::{Error, Result},
        gestures::{Give, Given},
        principal::{Principal, Proof},
        profile::ChangeRequest,
    },
    store::{BudgetKey, BudgetState, Label, StoreError, StoreExt as _},
};
use tokio::task::JoinSet;

use super::{
    common::scaled,
    crashing::{Crashing, Fuse},
    gestures::{giving, listed, month, set},
    world::*,
};

const BUDGET: i64 = 100_000;
/// It does not divide the budget: 142 gifts, and 6.00 that nobody can give.
const COST: i64 = 700;
/// A giver tries for so many guests.
const GUESTS_EACH: usize = 4;
/// One giver in three crashes, at one of so many steps that change the store, before its effect or after; a gift takes
/// fewer.
const CRASHES_IN: u32 = 3;
const STEPS_MAX: u32 = 5;

/// The process of a giver on the store of a world, until the fuse burns.
fn process(world: &World, fuse: &Arc<Fuse>) -> Arc<Rapport> {
    let core = &world.server.core;
    let store = Arc::new(Crashing { inner: core.store.clone(), fuse: fuse.clone() });
    Arc::new(Rapport::new(store, core.ring.clone(), Clock::Set(world.clock())))
}

fn staff(giver: usize) -> String {
    format!("giver-{giver}")
}

async fn caller(world: &World, giver: usize) -> Caller {
    let principal = Principal {
        tenant: world.tenant(),
        device: "till-4".to_owned(),
        staff: staff(giver),
        role: "manager".to_owned(),
        proof: Proof::Asserted,
        peer: None,
    };
    world.server.core.rapport.callers().enter(principal).await.expect("the store works")
}

/// Gives once, as often as it takes until the answer is known; `Ok(None)`: the giver crashed.
async fn give(world: &World, caller: &Caller, customer: CustomerId, fuse: Arc<Fuse>) -> Result<Option<Given>> {
    let rapport = process(world, &fuse);
    let give = Give {
        kind: GestureTypeId::parse("", "flowers")?,
        venue: VenueId::parse("", VENUE)?,
        issue: None,
        note: String::new(),
        place: String::new(),
        deliver_time: None,
        deliver_owner: String::new(),
        propose: false,
    };
    let request = Request { method: "GiveGestureRequest", id: "once".to_owned(), body: Vec::new() };
    let change = ChangeRequest { customer, request, etag: None };
    loop {
        let given = rapport.writes().give_gesture(caller, change.clone(), give.clone()).await;
        match given {
            _ if fuse.is_burnt() => return Ok(None),
            Err(Error::Contended | Error::Store(StoreError::Conflict | StoreError::HoldRefused)) => {}
            result => return result.map(Some),
        }
    }
}

/// Gives to the guests of one giver; answers how many gifts were acknowledged.
async fn work(world: Arc<World>, caller: Caller, guests: Vec<CustomerId>, dice: u32) -> usize {
    let mut acknowledged = 0;
    for (place, guest) in (0_u32..).zip(guests) {
        let roll = dice.wrapping_mul(2_654_435_761).wrapping_add(place * 97) >> 7;
        let (steps, after) = (roll / CRASHES_IN % STEPS_MAX, (roll / CRASHES_IN / STEPS_MAX).is_multiple_of(2));
        let is_mortal = roll.is_multiple_of(CRASHES_IN);
        let fuse = if is_mortal { Fuse::of(1 + i64::from(steps), after) } else { Fuse::that_lasts() };
        match give(&world, &caller, guest, fuse).await {
            Ok(Some(_)) => acknowledged += 1,
            Ok(None) | Err(Error::BudgetSpent { .. }) => {}
            Err(fault) => panic!("{fault:?}"),
        }
    }
    acknowledged
}

async fn day(world: &World, giver: usize) -> BudgetKey {
    let caller = caller(world, giver).await;
    let digest = caller.index_key.digest(Label::Staff, &[b"staff", staff(giver).as_bytes()]);
    let who = format!("{:032x}", u128::from_be_bytes(digest));
    BudgetKey { tenant: world.tenant(), name: format!("gestures/day/{who}/2026-03-14/CHF") }
}

async fn race(one: &Arc<World>, other: &Arc<World>) {
    let givers = scaled(40, 200);
    let mut policy = giving();
    policy.budgets[0].monthly = Some(Money { currency_code: "CHF".into(), minor_units: BUDGET });
    let mut flowers = policy.catalogue[3].clone();
    flowers.gesture_type_id = "flowers".into();
    flowers.costs = vec![Money { currency_code: "CHF".into(), minor_units: COST }];
    policy.catalogue.push(flowers);
    set(one, policy).await;
    let mut guests = Vec::new();
    for number in 0..givers * GUESTS_EACH {
        guests.push(one.create(asked(&format!("Guest {number}"))).await.customer_id);
    }
    let ids: Vec<CustomerId> = guests.iter().map(|id| CustomerId::parse("", id).expect("an id")).collect();
    let mut workers = JoinSet::new();
    for giver in 0..givers {
        let world = if giver % 2 == 0 { one } else { other };
        let caller = caller(world, giver).await;
        let mine = ids[giver * GUESTS_EACH..][..GUESTS_EACH].to_vec();
        workers.spawn(work(world.clone(), caller, mine, giver as u32));
    }
    let mut acknowledged = 0;
    while let Some(ended) = workers.join_next().await {
        acknowledged += ended.expect("no giver fails");
    }
    let spent = assert_sound(one, &guests, givers, acknowledged).await;
    // What crashed givers held is free again, so that the rest of the budget can be given, and not a cent more.
    let left_for = (BUDGET - spent) / COST;
    let caller = caller(one, givers).await;
    let mut given = 0;
    for id in &ids {
        match give(one, &caller, *id, Fuse::that_lasts()).await {
            Ok(gift) => given += i64::from(gift.is_some()),
            // A giver that had one still has it.
            Err(Error::GestureVetoed(_)) => {}
            Err(Error::BudgetSpent { left }) => assert!(left.minor_units < COST),
            Err(fault) => panic!("{fault:?}"),
        }
    }
    assert_eq!(given, left_for);
    assert_eq!(month(one).await, BudgetState { spent: spent + given * COST, entries: Vec::new() });
    assert_eq!(spent + given * COST, BUDGET / COST * COST);
}

/// Once all holds are overdue and settled: what was spent is what stands in the records, for the venue and for each giver.
async fn assert_sound(world: &World, guests: &[String], givers: usize, acknowledged: usize) -> i64 {
    world.set_clock(NOON + 60);
    let rapport = &world.server.core.rapport;
    let month_key = BudgetKey { tenant: world.tenant(), name: format!("gestures/month/{VENUE}/2026-03/CHF") };
    world.settle().await;
    rapport.holds().settle_budget(&month_key, world.now_ms()).await.expect("the store works");
    let mut by_giver = vec![0; givers];
    for guest in guests {
        for gift in listed(world, guest).await.gestures {
            assert_eq!(gift.state, GestureState::Given as i32);
            assert!(!gift.follow_up_id.is_empty(), "a gift without its delivery");
            let giver: usize =
                gift.given_by["giver-".len()..].split('@').next().expect("staff").parse().expect("a number");
            by_giver[giver] += gift.cost.expect("a cost").minor_units;
        }
    }
    let stored: i64 = by_giver.iter().sum();
    println!(
        "{givers} givers: {acknowledged} gifts acknowledged, {} stored, {stored} of {BUDGET} spent",
        stored / COST
    );
    assert!(stored <= BUDGET, "{stored} was given out of {BUDGET}");
    assert!(acknowledged as i64 * COST <= stored, "an acknowledged gift is lost");
    assert_eq!(month(world).await, BudgetState { spent: stored, entries: Vec::new() });
    for (giver, spent) in by_giver.into_iter().enumerate() {
        let key = day(world, giver).await;
        rapport.holds().settle_budget(&key, world.now_ms()).await.expect("the store works");
        let state = world.server.core.store.budgets(&[key], world.now_ms()).await.expect("reads").remove(0);
        assert_eq!(state, BudgetState { spent, entries: Vec::new() }, "giver {giver}");
    }
    stored
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_redis_two_replicas_never_give_a_cent_too_much() {
    let one = Arc::new(World::start(Backend::Redis).await);
    let other = Arc::new(one.replica().await);
    race(&one, &other).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_redb_many_givers_never_give_a_cent_too_much() {
    let world = Arc::new(World::start(Backend::Redb).await);
    race(&world, &world).await;
}

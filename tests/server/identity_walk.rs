//! Identity entries that have vanished: the walk through the records puts them back, and gives nobody what is somebody else's by now.

use std::sync::Arc;

use rapport::{
    domain::{
        CustomerId,
        identity::{Identity as KnownIdentity, IdentityType as KnownType},
    },
    proto::*,
    service::{
        Rapport,
        check::Fault,
        clock::Clock,
        identity_walk::{Place, Step},
    },
    store::{CustomerKey, Effect, IdentityKey, Store, StoreExt as _, formats::FORMATS, keys},
};

use super::{
    crashing::{Crashing, Fuse},
    soundness::{assert_sound, checked, faults},
    world::*,
};

on_both!(
    a_vanished_entry_is_put_back,
    what_somebody_else_has_by_now_stays_theirs,
    what_is_removed_meanwhile_stays_removed,
    a_walk_goes_on_where_it_was,
    a_process_that_dies_hides_nobody,
    one_replica_walks_and_the_other_takes_over,
    an_erasure_without_a_note_is_finished,
);

const DOCUMENT: &str = "walk:identities";

async fn guest(world: &World, card: &str) -> String {
    let draft = CustomerDraft { identities: vec![loyalty(card)], ..named("Guest") };
    world.create(draft).await.customer_id
}

async fn blind(world: &World, card: &str) -> IdentityKey {
    let identity = KnownIdentity { kind: KnownType::Loyalty, issuer: String::new(), value: card.to_owned() };
    world.blind(&identity).await
}

async fn lose(world: &World, card: &str) {
    world.settle().await;
    let name = keys::identity(&blind(world, card).await);
    world.server.core.store.change(name, Box::new(|_| Ok(Effect::Remove))).await.expect("removed");
    assert_eq!(found(world, card).await, "", "nothing says that she was there");
}

/// Whom a card leads to.
async fn found(world: &World, card: &str) -> String {
    world.brief(by_identity(loyalty(card))).await.customer_id
}

async fn walked(world: &World) -> u64 {
    let core = &world.server.core;
    core.rapport.identity_walk().walk(&core.tenant).await.expect("the store works")
}

/// How many entries were put back so far, and whether the place is noted at all.
async fn counted(world: &World) -> Option<u64> {
    let core = &world.server.core;
    core.store.document(&core.tenant, DOCUMENT, None).await.expect("works")?;
    let stats = core.rapport.maintenance().stats(&core.tenant, &mut |_| ()).await.expect("the store works");
    Some(stats.identities_restored)
}

fn key_of(world: &World, id: &str) -> CustomerKey {
    CustomerKey { tenant: world.tenant(), customer: CustomerId::parse("id", id).expect("an id") }
}

async fn a_vanished_entry_is_put_back(world: World) {
    let core = &world.server.core;
    let ana = guest(&world, "GC-1").await;
    guest(&world, "GC-2").await;
    assert_eq!(
        (walked(&world).await, counted(&world).await),
        (0, None),
        "a short walk that finds nothing writes nothing"
    );
    lose(&world, "GC-1").await;
    assert_eq!(faults(&checked(core, false).await.0), [(Fault::IdentityMissing, 0, 1)]);
    assert_eq!(walked(&world).await, 1);
    assert_eq!(found(&world, "GC-1").await, ana);
    assert_eq!((walked(&world).await, counted(&world).await), (0, Some(1)));
    assert_sound(core).await;
}

async fn what_somebody_else_has_by_now_stays_theirs(world: World) {
    let core = &world.server.core;
    let ana = guest(&world, "GC-1").await;
    lose(&world, "GC-1").await;
    let ben = guest(&world, "GC-1").await;
    world.settle().await;
    assert_eq!(walked(&world).await, 0);
    assert_eq!(found(&world, "GC-1").await, ben);
    for repair in [false, true] {
        let (report, told) = checked(core, repair).await;
        assert_eq!(faults(&report), [(Fault::IdentityMissing, 0, 1)]);
        assert!(told[0].at.ends_with(&ana) && told[0].what.ends_with(&format!("customers/{ben}")), "{told:?}");
    }
    // Once it is free, it is Ana's again.
    let remove = with!(RemoveIdentityRequest { customer_id: ben, identity: Some(loyalty("GC-1")) });
    world.customers().remove_identity(remove).await.expect("removed");
    world.settle().await;
    assert_eq!(walked(&world).await, 1);
    assert_eq!(found(&world, "GC-1").await, ana);
    assert_sound(core).await;
}

async fn what_is_removed_meanwhile_stays_removed(world: World) {
    let ana = guest(&world, "GC-1").await;
    lose(&world, "GC-1").await;
    let remove = with!(RemoveIdentityRequest { customer_id: ana, identity: Some(loyalty("GC-1")) });
    world.customers().remove_identity(remove).await.expect("removed");
    world.settle().await;
    assert_eq!(walked(&world).await, 0);
    assert_eq!(found(&world, "GC-1").await, "");
    assert_sound(&world.server.core).await;
}

/// Cards of two guests: the first one is in a lower bucket.
async fn two_guests(world: &World) -> [String; 2] {
    let bucket = |id: &str| {
        let key = key_of(world, id);
        keys::bucket(&key.tenant, &key.customer)
    };
    let first = bucket(&guest(world, "GC-0").await);
    for number in 1.. {
        let card = format!("GC-{number}");
        let other = bucket(&guest(world, &card).await);
        // So far apart that they are not in one step.
        if other.abs_diff(first) > 130 {
            let zero = "GC-0".to_owned();
            return if other > first { [zero, card] } else { [card, zero] };
        }
    }
    unreachable!("there is one of another bucket")
}

async fn a_walk_goes_on_where_it_was(world: World) {
    let core = &world.server.core;
    let [low, high] = two_guests(&world).await;
    for card in [&low, &high] {
        lose(&world, card).await;
    }
    let mut place = Place::default();
    while counted(&world).await.is_none() {
        let step = core.rapport.identity_walk().step(&core.tenant, &mut place).await.expect("works");
        assert!(matches!(step, Step::GoOn(_)), "{step:?}");
    }
    assert_eq!(found(&world, &high).await, "", "it has not come so far");
    // What is behind it is not looked at again before it begins anew.
    lose(&world, &low).await;
    assert_eq!(walked(&world).await, 1, "by a process that has no place of its own");
    assert_ne!(found(&world, &high).await, "");
    assert_eq!(found(&world, &low).await, "");
    assert_eq!((walked(&world).await, counted(&world).await), (1, Some(3)));
    assert_ne!(found(&world, &low).await, "");
    assert_sound(core).await;
}

/// A service on a store, with the keys of the world's.
fn on(store: Arc<dyn Store>, world: &World) -> Rapport {
    let rapport = Rapport::new(store, world.server.core.ring.clone(), Clock::Set(world.clock()));
    rapport.write_in(*FORMATS.end());
    rapport
}

async fn a_process_that_dies_hides_nobody(world: World) {
    let core = &world.server.core;
    let ana = guest(&world, "GC-1").await;
    let mut has_lasted = false;
    for steps in 1..10 {
        for after in [false, true] {
            lose(&world, "GC-1").await;
            let fuse = Fuse::of(steps, after);
            let dying = on(Arc::new(Crashing { inner: core.store.clone(), fuse: fuse.clone() }), &world);
            let _ = dying.identity_walk().walk(&core.tenant).await;
            has_lasted |= !fuse.is_burnt();
            // A hold that it left is overdue.
            world.set_clock(world.now_ms() / 1_000 + 60);
            walked(&world).await;
            walked(&world).await;
            assert_eq!(found(&world, "GC-1").await, ana, "step {steps}, after its effect: {after}");
            assert_sound(core).await;
        }
    }
    assert!(has_lasted, "a walk takes fewer steps");
}

async fn one_replica_walks_and_the_other_takes_over(world: World) {
    let core = &world.server.core;
    let [low, high] = two_guests(&world).await;
    lose(&world, &low).await;
    let (one, other) = (core.rapport.identity_walk(), on(core.store.clone(), &world));
    let (mut first, mut second) = (Place::default(), Place::default());
    let mut step = Step::GoOn(0);
    // Both begin at the start, and the first one notes what it put back.
    let begun = other.identity_walk().step(&core.tenant, &mut second).await.expect("works");
    assert!(matches!(begun, Step::GoOn(_)), "{begun:?}");
    while counted(&world).await.is_none() {
        step = one.step(&core.tenant, &mut first).await.expect("works");
    }
    assert!(matches!(step, Step::GoOn(_)), "{step:?}");
    lose(&world, &high).await;
    while let Step::GoOn(_) = begun_again(&other, &world, &mut second).await {}
    assert_ne!(found(&world, &high).await, "", "what it put back before it knew is there");
    // The first one goes on.
    assert!(
        matches!(other.identity_walk().step(&core.tenant, &mut second).await, Ok(Step::GoOn(_))),
        "nobody else moved"
    );
    assert_sound(core).await;
}

async fn begun_again(rapport: &Rapport, world: &World, place: &mut Place) -> Step {
    rapport.identity_walk().step(&world.tenant(), place).await.expect("works")
}

async fn an_erasure_without_a_note_is_finished(world: World) {
    let core = &world.server.core;
    let ana = key_of(&world, &guest(&world, "GC-1").await);
    world.settle().await;
    core.ring.destroy(&ana).await.expect("works");
    assert_eq!(faults(&checked(core, false).await.0)[0].0, Fault::ErasedData);
    walked(&world).await;
    world.settle().await;
    assert_eq!(core.store.record(&ana).await.expect("works"), None);
    // Who wants the card gets it, though its entry is still there.
    assert_eq!(faults(&checked(core, true).await.0), [(Fault::IdentityPhantom, 1, 0)]);
    assert_sound(core).await;
}

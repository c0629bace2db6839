//! Identity entries that have vanished: the walk through the records puts them back, and gives nobody what is somebody else's by now.

use std::{collections::BTreeMap, sync::Arc};

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
    store::{
        CustomerKey, Document, Effect, IdentityKey, Revision, Store, StoreExt as _, formats::FORMATS, keys,
        layers::Method,
    },
};
use tokio::time::timeout;
use tonic::Code;

use super::{
    crashing::{Crashing, Fuse, Late},
    raw::EVENT_MAX,
    soundness::{assert_sound, checked, faults},
    world::*,
};

on_both!(
    a_vanished_entry_is_put_back,
    what_is_added_again_leads_to_its_customer,
    what_somebody_else_has_by_now_stays_theirs,
    what_was_removed_before_stays_removed,
    what_is_given_away_meanwhile_is_whose_it_was_given,
    what_is_removed_meanwhile_leads_nowhere,
    a_shared_identity_is_put_back_for_each,
    what_does_not_decode_begins_again,
    a_walk_goes_on_where_it_was,
    a_process_that_dies_hides_nobody,
    one_replica_walks_and_the_other_takes_over,
    an_erasure_without_a_note_is_finished,
);

const DOCUMENT: &str = "walk:identities";
/// Buckets between two guests who are not in one step of the walk: it is at most 64 empty buckets and a page.
const APART: u8 = 130;
/// More steps than a walk takes that puts one entry back: the hold, its confirmation, two notes.
const STEPS_MAX: i64 = 10;
/// Of so many guests two are that far apart, but for one time in a million million.
const GUESTS_MAX: usize = 60;

async fn guest(world: &World, card: &str) -> String {
    let draft = CustomerDraft { identities: vec![loyalty(card)], ..named("Guest") };
    world.create(draft).await.customer_id
}

pub async fn blind(world: &World, card: &str) -> IdentityKey {
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
pub async fn found(world: &World, card: &str) -> String {
    world.brief(by_identity(loyalty(card))).await.customer_id
}

pub async fn walked(world: &World) -> u64 {
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

async fn what_is_added_again_leads_to_its_customer(world: World) {
    let ana = guest(&world, "GC-1").await;
    let again = || with!(AddIdentityRequest { customer_id: ana.clone(), identity: Some(loyalty("GC-1")) });
    lose(&world, "GC-1").await;
    world.customers().add_identity(again()).await.expect("hers");
    assert_eq!(found(&world, "GC-1").await, ana);
    // Somebody else has it by now: then it is not hers.
    lose(&world, "GC-1").await;
    let bo = guest(&world, "GC-1").await;
    world.settle().await;
    let refused = refusal!(world, customers, add_identity, again());
    assert_refused(&refused, Code::AlreadyExists, "IDENTITY_TAKEN");
    assert_eq!(found(&world, "GC-1").await, bo);
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
    remove(&world, &ben).await;
    assert_eq!(walked(&world).await, 1);
    assert_eq!(found(&world, "GC-1").await, ana);
    assert_sound(core).await;
}

async fn what_was_removed_before_stays_removed(world: World) {
    let ana = guest(&world, "GC-1").await;
    lose(&world, "GC-1").await;
    remove(&world, &ana).await;
    assert_eq!(walked(&world).await, 0);
    assert_eq!(found(&world, "GC-1").await, "");
    assert_sound(&world.server.core).await;
}

/// Cards of two guests: the first one is in a lower bucket, so far below that both are not in one step.
async fn two_guests(world: &World) -> [String; 2] {
    let mut guests = BTreeMap::new();
    for number in 0..GUESTS_MAX {
        let card = format!("GC-{number}");
        let key = key_of(world, &guest(world, &card).await);
        guests.insert(keys::bucket(&key.tenant, &key.customer), card);
        let (low, high) = (guests.first_key_value().expect("one"), guests.last_key_value().expect("one"));
        if high.0 - low.0 > APART {
            return [low.1.clone(), high.1.clone()];
        }
    }
    panic!("all of them are in neighbouring buckets");
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

/// A walk in which something happens just before the first entry is put back; how many were.
async fn walked_while(world: &World, happens: impl AsyncFnOnce()) -> u64 {
    let (late, barrier) = Late::at(Method::Change, world.server.core.store.clone());
    let (late, tenant) = (on(Arc::new(late), world), world.tenant());
    let walk = tokio::spawn(async move { late.identity_walk().walk(&tenant).await });
    timeout(EVENT_MAX, barrier.reached()).await.expect("it comes to the card");
    happens().await;
    barrier.open();
    timeout(EVENT_MAX, walk).await.expect("it ends").expect("no panic").expect("the store works")
}

async fn remove(world: &World, id: &str) {
    let remove = with!(RemoveIdentityRequest { customer_id: id.to_owned(), identity: Some(loyalty("GC-1")) });
    world.customers().remove_identity(remove).await.expect("removed");
    world.settle().await;
}

/// The customer loses the card, and another gets it, at the very moment in which it would be put back.
async fn what_is_given_away_meanwhile_is_whose_it_was_given(world: World) {
    let ana = guest(&world, "GC-1").await;
    lose(&world, "GC-1").await;
    let mut ben = String::new();
    let given = async || {
        remove(&world, &ana).await;
        ben = guest(&world, "GC-1").await;
    };
    assert_eq!(walked_while(&world, given).await, 0);
    world.settle().await;
    assert_eq!(found(&world, "GC-1").await, ben);
    assert_sound(&world.server.core).await;
}

/// The same without anybody else: the entry does not stay.
async fn what_is_removed_meanwhile_leads_nowhere(world: World) {
    let ana = guest(&world, "GC-1").await;
    lose(&world, "GC-1").await;
    assert_eq!(walked_while(&world, async || remove(&world, &ana).await).await, 0);
    assert_sound(&world.server.core).await;
    let entries = world.server.core.store.identities(&[blind(&world, "GC-1").await], 0).await.expect("works").remove(0);
    assert_eq!(entries.expect("decodes"), []);
}

/// A room that two share: both are found by it again.
async fn a_shared_identity_is_put_back_for_each(world: World) {
    let core = &world.server.core;
    let room = || identity(IdentityType::Room, "12");
    for card in ["GC-1", "GC-2"] {
        world.create(CustomerDraft { identities: vec![loyalty(card), room()], ..named("Guest") }).await;
    }
    world.settle().await;
    let kept = KnownIdentity { kind: KnownType::Room, issuer: VENUE.to_owned(), value: "12".to_owned() };
    let name = keys::identity(&world.blind(&kept).await);
    core.store.change(name, Box::new(|_| Ok(Effect::Remove))).await.expect("removed");
    assert_eq!(faults(&checked(core, false).await.0), [(Fault::IdentityMissing, 0, 2)]);
    assert_eq!((walked(&world).await, counted(&world).await), (2, Some(2)));
    assert_sound(core).await;
}

/// A place that is damaged is as good as none.
async fn what_does_not_decode_begins_again(world: World) {
    let core = &world.server.core;
    guest(&world, "GC-1").await;
    lose(&world, "GC-1").await;
    let revision = Revision { counter: 1, write_id: 1 };
    let damaged = Document { revision, bytes: bytes::Bytes::from_static(b"\xff") };
    core.store.put_document(&core.tenant, DOCUMENT, None, damaged, 1).await.expect("works");
    assert_eq!((walked(&world).await, counted(&world).await), (1, Some(1)));
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
    for after in [false, true] {
        let mut has_lasted = false;
        for steps in 1..STEPS_MAX {
            lose(&world, "GC-1").await;
            let fuse = Fuse::of(steps, after);
            let dying = on(Arc::new(Crashing { inner: core.store.clone(), fuse: fuse.clone() }), &world);
            let _ = dying.identity_walk().walk(&core.tenant).await;
            // A hold that it left is overdue.
            world.set_clock(world.now_ms() / 1_000 + 60);
            walked(&world).await;
            assert_eq!(found(&world, "GC-1").await, ana, "step {steps}, after its effect: {after}");
            assert_sound(core).await;
            has_lasted = !fuse.is_burnt();
            if has_lasted {
                break;
            }
        }
        assert!(has_lasted, "a walk takes fewer steps");
    }
}

async fn one_replica_walks_and_the_other_takes_over(world: World) {
    let core = &world.server.core;
    let [low, high] = two_guests(&world).await;
    let other = on(core.store.clone(), &world);
    let (one, other) = (core.rapport.identity_walk(), other.identity_walk());
    let (mut first, mut second) = (Place::default(), Place::default());
    let tenant = &core.tenant;
    // Both begin at the start, and the first one notes what it put back.
    assert!(matches!(other.step(tenant, &mut second).await, Ok(Step::GoOn(_))));
    for card in [&low, &high] {
        lose(&world, card).await;
    }
    while counted(&world).await.is_none() {
        assert!(matches!(one.step(tenant, &mut first).await, Ok(Step::GoOn(_))));
    }
    assert_eq!(found(&world, &high).await, "", "it has not come so far");
    // The other one goes on until it has something to note.
    let mut step = Step::GoOn(0);
    while let Step::GoOn(_) = step {
        step = other.step(tenant, &mut second).await.expect("works");
    }
    assert_eq!(step, Step::Overtaken);
    assert_ne!(found(&world, &high).await, "", "what it put back before it knew is there");
    assert_eq!(counted(&world).await, Some(2), "and counted");
    // The first one is where it was, and ends its walk.
    let mut step = Step::GoOn(0);
    while let Step::GoOn(_) = step {
        step = one.step(tenant, &mut first).await.expect("works");
    }
    assert_eq!(step, Step::Ended(1));
    assert!(matches!(other.step(tenant, &mut second).await, Ok(Step::Overtaken)), "the first one has gone on");
    assert!(matches!(other.step(tenant, &mut second).await, Ok(Step::GoOn(_))), "nobody has");
    assert_eq!(counted(&world).await, Some(2));
    assert_sound(core).await;
}

async fn an_erasure_without_a_note_is_finished(world: World) {
    let core = &world.server.core;
    let ana = key_of(&world, &guest(&world, "GC-1").await);
    world.settle().await;
    core.ring.destroy(&ana, NOON * 1_000).await.expect("works");
    assert_eq!(faults(&checked(core, false).await.0)[0].0, Fault::ErasedData);
    walked(&world).await;
    world.settle().await;
    assert_eq!(core.store.record(&ana).await.expect("works"), None);
    // Who wants the card gets it, though its entry is still there.
    assert_eq!(faults(&checked(core, true).await.0), [(Fault::IdentityPhantom, 1, 0)]);
    assert_sound(core).await;
}

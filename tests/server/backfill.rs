//! The index of occasions, of records that are older than it: filled, killed in the middle, and beside others' changes.

use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use rapport::{
    app::Core,
    config::{Config, Source},
    domain::{CustomerId, TenantId},
    proto::*,
    service::{
        Rapport,
        backfill::{GRACE, Step},
        check::{Event, Fault},
        clock::Clock,
    },
    store::{
        ALL_BUCKETS, CustomerKey, Document, Hint, HintIndex, HintRange, PAGE_MAX, Result, Revision, Store,
        StoreExt as _, formats::FORMATS, hints::customer_of, layers::Method,
    },
};

use super::{
    crashing::{Barrier, Crashing, Fuse, Late},
    soundness::{assert_sound, checked, faults, spoil_record},
    upgrades::{Golden, on_both_golden},
    world::*,
};

on_both!(
    the_index_follows_the_record,
    a_day_is_under_a_key_and_not_in_the_store,
    the_check_mends_the_index,
    a_fill_that_is_killed_goes_on_where_it_was,
    what_changes_meanwhile_is_not_put_back,
    what_no_record_justifies_is_swept,
    what_a_process_put_before_it_died_is_swept,
    a_late_drop_leaves_what_the_record_justifies,
    what_does_not_open_proves_nothing,
    a_repair_puts_nothing_back_that_is_gone_meanwhile,
    a_repair_drops_nothing_that_came_meanwhile,
);

mod of_before {
    use super::*;

    on_both_golden!(old_records_are_indexed_once_the_store_is_raised);
}

/// Customers for two steps and a bit.
const CUSTOMERS: usize = 600;
/// Calls under way at once while they are made.
const AT_ONCE: usize = 32;

/// All members of the index of occasions.
pub async fn indexed(store: &dyn Store, tenant: &TenantId) -> Vec<Hint> {
    let mut all = Vec::new();
    for partition in ALL_BUCKETS {
        let index = HintIndex::Occasions;
        let page = store.hints(tenant, index, partition, &HintRange::default(), PAGE_MAX).await.expect("reads");
        all.extend(page.into_iter().map(|(member, _)| Hint { index, partition, member }));
    }
    all
}

async fn indexed_in(world: &World) -> Vec<Hint> {
    world.settle().await;
    indexed(world.server.core.store.as_ref(), &world.tenant()).await
}

/// Takes the index and its progress away, as in a store that is older than the index.
async fn make_old(store: &dyn Store, tenant: &TenantId) {
    let drop = async |hint: Hint| store.drop_hint(tenant, &hint, u64::MAX).await.expect("works");
    stream::iter(indexed(store, tenant).await).map(drop).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
    let there = store.document(tenant, "backfill:occasions", None).await.expect("reads").expect("it was finished");
    let revision = Revision { counter: there.revision.counter + 1, write_id: 1 };
    // Nothing is done, and the format was raised in 1970.
    let begin = Document { revision, bytes: bytes::Bytes::from_static(&[0x20, 0]) };
    store.put_document(tenant, "backfill:occasions", Some(there.revision), begin, 1).await.expect("works");
}

pub async fn finish(core: &Core) {
    loop {
        match core.rapport.backfill().step(&core.tenant).await.expect("the store works") {
            Step::Finished => return,
            Step::NotYet => panic!("it must not begin yet"),
            Step::GoOn | Step::Overtaken => {}
        }
    }
}

/// As `rapport upgrade` does it, and replicas note it; at once, and again after the time in which a replica of the release before may write.
pub async fn raise(world: &World) {
    let core = &world.server.core;
    core.fitness.raise().await.expect("both stores are there");
    core.store.set_write_format(u32::from(*FORMATS.end())).await.expect("the store works");
    core.prepare().await.expect("is fit");
    assert_eq!(core.rapport.backfill().step(&core.tenant).await.expect("the store works"), Step::NotYet);
}

pub fn after_the_grace(world: &World) {
    world.set_clock(world.now_ms() / 1_000 + GRACE.as_secs().cast_signed());
}

/// A service on a store, with the keys of another one.
fn on(store: Arc<dyn Store>, core: &Core) -> Rapport {
    let rapport = Rapport::new(store, core.ring.clone(), Clock::Set(Arc::new((NOON * 1_000).into())));
    rapport.write_in(*FORMATS.end());
    rapport
}

fn quiet(day: OccasionDraft) -> OccasionDraft {
    OccasionDraft { do_not_celebrate: true, ..day }
}

async fn the_index_follows_the_record(world: World) {
    let two = vec![birthday(Some(1_990), 3, 14), birthday(None, 3, 14), birthday(None, 5, 1)];
    let ana = world.create(CustomerDraft { occasions: two, ..named("Ana") }).await.customer_id;
    assert_eq!(indexed_in(&world).await.len(), 2, "each day once");
    let add = |occasion| with!(AddOccasionRequest { customer_id: ana.clone(), occasion: Some(occasion) });
    world.customers().add_occasion(add(quiet(birthday(None, 5, 1)))).await.expect("added");
    assert_eq!(indexed_in(&world).await.len(), 2, "what one quiet day silences, the record says");
    let all_quiet = Some(quiet(birthday(Some(1_960), 5, 1)));
    let update =
        with!(UpdateOccasionRequest { customer_id: ana.clone(), occasion_id: "o3".into(), occasion: all_quiet });
    world.customers().update_occasion(update).await.expect("updated");
    assert_eq!(indexed_in(&world).await.len(), 1, "a quiet day is not in it");
    let moved = Some(birthday(Some(1_990), 3, 15));
    let update = with!(UpdateOccasionRequest { customer_id: ana.clone(), occasion_id: "o1".into(), occasion: moved });
    world.customers().update_occasion(update).await.expect("updated");
    assert_eq!(indexed_in(&world).await.len(), 2);
    let remove = with!(RemoveOccasionRequest { customer_id: ana.clone(), occasion_id: "o2".into() });
    world.customers().remove_occasion(remove).await.expect("removed");
    assert_eq!(indexed_in(&world).await.len(), 1);
    assert_sound(&world.server.core).await;
    let erase = with!(EraseCustomerRequest { customer_id: ana, reason: "asked for it".into() });
    world.customers().erase_customer(erase).await.expect("erased");
    assert_eq!(indexed_in(&world).await, []);
    assert_sound(&world.server.core).await;
}

async fn a_day_is_under_a_key_and_not_in_the_store(world: World) {
    let there = async |world: &World, name: &str, month, day| {
        let draft = CustomerDraft { occasions: vec![birthday(None, month, day)], ..named(name) };
        let id = world.create(draft).await.customer_id;
        let all = indexed_in(world).await.into_iter();
        let own = all.filter(|hint| customer_of(hint).is_some_and(|customer| customer.to_string() == id));
        own.map(|hint| (hint.partition, hint.member[..8].to_vec())).collect::<Vec<_>>()
    };
    let ana = there(&world, "Ana", 3, 14).await;
    assert_eq!(ana.len(), 1);
    assert_eq!(there(&world, "Ben", 3, 14).await, ana, "so that a day can be looked up");
    for (month, day) in [(3, 15), (4, 14), (14 % 12, 3)] {
        let cleo = there(&world, "Cleo", month, day).await;
        assert!(cleo.len() == 1 && cleo != ana, "{month}-{day}");
    }
    let elsewhere = World::start(if world.redis.is_some() { Backend::Redis } else { Backend::Redb }).await;
    let other = there(&elsewhere, "Ana", 3, 14).await;
    assert!(other.len() == 1 && other != ana, "under another key");
}

async fn the_check_mends_the_index(world: World) {
    let core = &world.server.core;
    world.create(CustomerDraft { occasions: vec![birthday(None, 3, 14)], ..named("Ana") }).await;
    let hint = indexed_in(&world).await.remove(0);
    core.store.drop_hint(&core.tenant, &hint, u64::MAX).await.expect("works");
    let phantom = Hint { member: [&hint.member[..8], &[7; 16]].concat(), ..hint.clone() };
    core.store.put_hint(&core.tenant, &phantom, 1).await.expect("works");
    let wrong = [Fault::HintMissing, Fault::HintPhantom];
    assert_eq!(faults(&checked(core, false).await.0), wrong.map(|fault| (fault, 0, 1)));
    assert_eq!(faults(&checked(core, true).await.0), wrong.map(|fault| (fault, 1, 0)));
    assert_eq!(indexed_in(&world).await, [hint]);
    assert_sound(core).await;
    // Of old records nothing is missed before the index is filled with them.
    make_old(core.store.as_ref(), &core.tenant).await;
    assert_sound(core).await;
}

async fn old_records_are_indexed_once_the_store_is_raised(golden: Golden) {
    let core = &golden.world.server.core;
    let work = async || core.rapport.backfill().step(&core.tenant).await.expect("the store works");
    assert_eq!(work().await, Step::NotYet, "a replica of the release before may write too");
    assert_eq!(indexed_in(&golden.world).await, []);
    assert_sound(core).await;
    raise(&golden.world).await;
    // A call that is under way in a replica of the release before.
    let draft = CustomerDraft { occasions: vec![birthday(None, 6, 1)], ..named("Late") };
    golden.world.create(draft).await;
    let put = indexed_in(&golden.world).await;
    assert_eq!(put.len(), 1);
    core.store.drop_hint(&core.tenant, &put[0], u64::MAX).await.expect("works");
    let raised = golden.world.now_ms() / 1_000;
    golden.world.set_clock(raised - 3_600);
    assert_eq!(work().await, Step::NotYet, "a clock that was wrong does not hold it up");
    golden.world.set_clock(raised - 3_600 + GRACE.as_secs().cast_signed() - 1);
    assert_eq!(work().await, Step::NotYet);
    golden.world.set_clock(raised - 3_600 + GRACE.as_secs().cast_signed());
    finish(core).await;
    let all = indexed_in(&golden.world).await;
    assert!(all.contains(&put[0]), "whom a replica of the release before recorded last");
    core.store.drop_hint(&core.tenant, &put[0], u64::MAX).await.expect("works");
    golden.world.set_clock(raised);
    // The days of Ada (29 February, 28 and 30 November, 3 March), Béatrice, Priya (one is quiet), Elena (two), Leah, the Kellers.
    assert_eq!(indexed_in(&golden.world).await.len(), 10);
    assert_eq!(faults(&checked(core, true).await.0), [(Fault::HintMissing, 1, 0)]);
    assert_sound(core).await;
    assert_eq!(work().await, Step::Finished);
}

/// What lies in a world's store, opened by a process that does nothing beside.
async fn with_core(world: World, work: impl AsyncFnOnce(&Core)) -> World {
    let (flags, clock) = (flags(world.folder(), world.redis.as_ref()), world.clock());
    let alone = async move |_: &std::path::Path| {
        let config = Config::load(&Source { flags, ..Source::default() }).expect("a configuration");
        let core = Core::open(&config, Clock::Set(clock)).await.expect("opens");
        core.prepare().await.expect("is fit");
        work(&core).await;
    };
    world.with_files_changed(alone).await
}

async fn a_fill_that_is_killed_goes_on_where_it_was(world: World) {
    let create = async |number: usize| {
        let (month, day) = (1 + number % 12, 1 + number / 12 % 28);
        let day = birthday(None, i32::try_from(month).expect("small"), i32::try_from(day).expect("small"));
        world.create(CustomerDraft { occasions: vec![day], ..named("Guest") }).await;
    };
    stream::iter(0..CUSTOMERS).map(create).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
    world.settle().await;
    let all = indexed_in(&world).await;
    assert_eq!(all.len(), CUSTOMERS);
    let world = with_core(world, async |core| {
        let (store, tenant) = (core.store.as_ref(), &core.tenant);
        for (steps, after) in [(100, true), (400, false), (590, true), (i64::MAX, false)] {
            make_old(store, tenant).await;
            let fuse = Fuse::of(steps, after);
            let killed = on(Arc::new(Crashing { inner: core.store.clone(), fuse: fuse.clone() }), core);
            let mut done = 0;
            while let Ok(Step::GoOn) = killed.backfill().step(tenant).await {
                done += 1;
            }
            assert_eq!(fuse.is_burnt(), steps < i64::MAX);
            assert_eq!(done > 0, steps >= 300, "a step is some 256 customers: {steps}");
            // What was noted as done is not done again: what is taken away there stays away.
            let taken = indexed(store, tenant).await;
            let lowest = |hint: &&Hint| {
                let customer = customer_of(hint).expect("a member");
                rapport::store::keys::bucket(tenant, &customer)
            };
            let first = taken.iter().min_by_key(lowest);
            let is_done = done > 0;
            if let Some(first) = first {
                store.drop_hint(tenant, first, u64::MAX).await.expect("works");
            }
            finish(core).await;
            let now = indexed(store, tenant).await;
            let missing: Vec<&Hint> = all.iter().filter(|hint| !now.contains(hint)).collect();
            assert_eq!(missing, first.filter(|_| is_done).into_iter().collect::<Vec<_>>(), "{steps} {after}");
        }
    })
    .await;
    assert_eq!(faults(&checked(&world.server.core, true).await.0), [(Fault::HintMissing, 1, 0)]);
    assert_sound(&world.server.core).await;
}

/// A service whose first change of an index waits until something else is done.
struct Waiting {
    rapport: Rapport,
    tenant: TenantId,
    barrier: Arc<Barrier>,
}

impl Waiting {
    fn on(store: Arc<dyn Store>, core: &Core) -> Self {
        let (late, barrier) = Late::at(Method::SetHint, store);
        Self { rapport: on(Arc::new(late), core), tenant: core.tenant.clone(), barrier }
    }

    async fn fill(&self, change: impl AsyncFnOnce()) -> Result<Step> {
        self.beside(self.rapport.backfill().step(&self.tenant), change).await
    }

    async fn repair(&self, change: impl AsyncFnOnce()) -> Vec<(Fault, u64, u64)> {
        let mut tell = |_: Event<'_>| {};
        let check = self.rapport.maintenance().check(&self.tenant, true, &mut tell);
        faults(&self.beside(Box::pin(check), change).await.expect("the store works"))
    }

    async fn beside<T>(&self, work: impl Future<Output = T>, change: impl AsyncFnOnce()) -> T {
        let change = async {
            self.barrier.reached().await;
            change().await;
            self.barrier.open();
        };
        tokio::join!(work, change).0
    }
}

fn key_of(world: &World, customer_id: &str) -> CustomerKey {
    CustomerKey { tenant: world.tenant(), customer: CustomerId::parse("id", customer_id).expect("an id") }
}

async fn customer_with(world: &World, day: OccasionDraft) -> String {
    world.create(CustomerDraft { occasions: vec![day], ..named("Guest") }).await.customer_id
}

async fn moved_to(world: &World, customer_id: &str, day: OccasionDraft) {
    let (customer_id, occasion) = (customer_id.to_owned(), Some(day));
    let update = with!(UpdateOccasionRequest { customer_id, occasion_id: "o1".into(), occasion });
    world.customers().update_occasion(update).await.expect("updated");
    world.settle().await;
}

async fn what_changes_meanwhile_is_not_put_back(world: World) {
    let core = &world.server.core;
    let ana = customer_with(&world, birthday(None, 3, 14)).await;
    world.settle().await;
    make_old(core.store.as_ref(), &core.tenant).await;
    let late = Waiting::on(core.store.clone(), core);
    late.fill(async || moved_to(&world, &ana, birthday(None, 5, 1)).await).await.expect("the store works");
    let all = indexed_in(&world).await;
    assert_eq!(
        all.iter().map(|hint| customer_of(hint).map(|id| id.to_string())).collect::<Vec<_>>(),
        [Some(ana.clone())]
    );
    assert!(core.store.record(&key_of(&world, &ana)).await.expect("reads").is_some());
    assert_sound(core).await;
}

/// What replicas of the release before left, who change records and know nothing of the index.
async fn what_no_record_justifies_is_swept(world: World) {
    let (core, tenant) = (&world.server.core, world.tenant());
    let ana = customer_with(&world, birthday(None, 3, 14)).await;
    let erased = customer_with(&world, birthday(None, 3, 15)).await;
    let before = indexed_in(&world).await;
    assert_eq!(before.len(), 2);
    moved_to(&world, &ana, birthday(None, 5, 1)).await;
    let erase = with!(EraseCustomerRequest { customer_id: erased, reason: "asked for it".into() });
    world.customers().erase_customer(erase).await.expect("erased");
    let after = indexed_in(&world).await;
    assert_eq!(after.len(), 1);
    make_old(core.store.as_ref(), &tenant).await;
    let mut all = before;
    // More than a page of one partition, and one that is of nobody.
    let member = |number: u16| [&all[0].member[..8], &[7; 14], &number.to_be_bytes()].concat();
    let mut wrong: Vec<Hint> = (0..700).map(|number| Hint { member: member(number), ..all[0].clone() }).collect();
    wrong.push(Hint { member: vec![9; 5], ..all[0].clone() });
    all.append(&mut wrong);
    let put = async |hint: Hint| core.store.put_hint(&tenant, &hint, 1).await.expect("works");
    stream::iter(all).map(put).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
    finish(core).await;
    assert_eq!(indexed_in(&world).await, after);
    assert_sound(core).await;
}

async fn what_a_process_put_before_it_died_is_swept(world: World) {
    let core = &world.server.core;
    let ana = customer_with(&world, birthday(None, 3, 14)).await;
    world.settle().await;
    make_old(core.store.as_ref(), &core.tenant).await;
    let dying = Crashing { inner: core.store.clone(), fuse: Fuse::of(1, true) };
    let late = Waiting::on(Arc::new(dying), core);
    late.fill(async || moved_to(&world, &ana, birthday(None, 5, 1)).await).await.expect_err("it died");
    assert_eq!(indexed_in(&world).await.len(), 2, "the day of before was put back");
    finish(core).await;
    assert_eq!(indexed_in(&world).await.len(), 1);
    assert_sound(core).await;
}

async fn a_late_drop_leaves_what_the_record_justifies(world: World) {
    let (core, tenant) = (&world.server.core, world.tenant());
    let ana = customer_with(&world, birthday(None, 3, 14)).await;
    let hint = indexed_in(&world).await.remove(0);
    // The second revision has another day, and the third the first one again.
    moved_to(&world, &ana, birthday(None, 5, 1)).await;
    moved_to(&world, &ana, birthday(None, 3, 14)).await;
    let late_drop = async || core.store.drop_hint(&tenant, &hint, 2).await.expect("works");
    for lower in [None, Some(1)] {
        make_old(core.store.as_ref(), &tenant).await;
        if let Some(revision) = lower {
            core.store.put_hint(&tenant, &hint, revision).await.expect("works");
        }
        finish(core).await;
        late_drop().await;
        assert_eq!(indexed_in(&world).await, std::slice::from_ref(&hint), "{lower:?}");
    }
    core.store.drop_hint(&tenant, &hint, u64::MAX).await.expect("works");
    assert_eq!(faults(&checked(core, true).await.0), [(Fault::HintMissing, 1, 0)]);
    late_drop().await;
    assert_eq!(indexed_in(&world).await, [hint]);
}

async fn what_does_not_open_proves_nothing(world: World) {
    let (core, tenant) = (&world.server.core, world.tenant());
    let ana = customer_with(&world, birthday(None, 3, 14)).await;
    let of_ana = indexed_in(&world).await.remove(0);
    customer_with(&world, birthday(None, 3, 15)).await;
    let both = indexed_in(&world).await;
    let of_ben = both.iter().find(|hint| **hint != of_ana).expect("his").clone();
    make_old(core.store.as_ref(), &tenant).await;
    core.store.put_hint(&tenant, &of_ana, 1).await.expect("works");
    spoil_record(core, &key_of(&world, &ana)).await;
    // His does not open any more once his day is put.
    let ben = CustomerKey { tenant: world.tenant(), customer: customer_of(&of_ben).expect("his") };
    let late = Waiting::on(core.store.clone(), core);
    late.fill(async || spoil_record(core, &ben).await).await.expect("the store works");
    assert_eq!(indexed_in(&world).await, both);
    let progress = core.store.document(&tenant, "backfill:occasions", None).await.expect("reads").expect("noted");
    assert!(progress.bytes.ends_with(&[0x28, 1]), "one did not open when it was to be indexed: {progress:?}");
}

async fn a_repair_puts_nothing_back_that_is_gone_meanwhile(world: World) {
    let core = &world.server.core;
    let ana = customer_with(&world, birthday(None, 3, 14)).await;
    let hint = indexed_in(&world).await.remove(0);
    core.store.drop_hint(&core.tenant, &hint, u64::MAX).await.expect("works");
    let late = Waiting::on(core.store.clone(), core);
    let found = late.repair(async || moved_to(&world, &ana, birthday(None, 5, 1)).await).await;
    assert_eq!(found, [(Fault::HintMissing, 1, 0)], "and the check need not drop it again");
    assert_eq!(indexed_in(&world).await.len(), 1);
    assert_sound(core).await;
}

async fn a_repair_drops_nothing_that_came_meanwhile(world: World) {
    let core = &world.server.core;
    let ana = customer_with(&world, birthday(None, 3, 14)).await;
    let hint = indexed_in(&world).await.remove(0);
    moved_to(&world, &ana, birthday(None, 5, 1)).await;
    core.store.put_hint(&core.tenant, &hint, 1).await.expect("works");
    let late = Waiting::on(core.store.clone(), core);
    let found = late.repair(async || moved_to(&world, &ana, birthday(None, 3, 14)).await).await;
    assert_eq!(found, [(Fault::HintPhantom, 1, 0)]);
    assert_eq!(indexed_in(&world).await, std::slice::from_ref(&hint));
    // A task of the revision before it comes late.
    core.store.drop_hint(&core.tenant, &hint, 2).await.expect("works");
    assert_eq!(indexed_in(&world).await, [hint]);
    assert_sound(core).await;
}

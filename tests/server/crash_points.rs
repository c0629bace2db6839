//! The process dies between any two steps of a write, of the index worker, of restoring: afterwards a check mends the
//! store, and a model of its own knows what must be there.
//!
//! Every step that changes a store is counted; at a random one, before or after its effect, everything ends.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use rapport::{
    domain::{
        CustomerId, Purpose, TenantId, Timestamp, VenueId,
        id::SourceId,
        identity::{Identity, IdentityType},
        interaction::{Interaction, InteractionKind, LocalMoment},
    },
    service::{
        Caller, Rapport, Request,
        briefing::Subject,
        check::{Event, Fault, Report},
        clock::Clock,
        create::NewCustomer,
        error::Error,
        export::Step,
        identities::Wanted,
        interactions::{ListQuery, Outcome, Reported, Sent},
        principal::{Principal, Proof},
        profile::ChangeRequest,
        restore::Restored,
    },
    store::{
        CustomerKey, EntryState, KeyRing, LocalKeys, Store, StoreExt as _, WholeCustomer,
        formats::FORMATS,
        keystore::KeyStore,
        portable::{Header, Line},
        redb::{RedbKeys, RedbStore},
        redis::{Options, RedisKeys, RedisStore},
    },
};

use crate::{
    common::{hang, redis, scaled},
    crashing::{Crashing, Fuse},
    world::NOON,
};

/// Operations of one life. More than the steps until the crash: every life ends by it.
const OPERATIONS: usize = 60;
/// Steps until the crash, at the most. An operation takes up to some ten.
const STEPS_MAX: u64 = 90;
/// Holds are overdue after this.
const LATER_MS: i64 = 60_000;

/// Random numbers from a seed (SplitMix64, public domain).
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}

/// What a customer must have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Known {
    identities: BTreeSet<Identity>,
    /// External ids, and whether voided.
    interactions: BTreeMap<String, bool>,
}

/// Everything that was acknowledged.
type Model = BTreeMap<CustomerId, Known>;

/// The stores of one test, as they are on disk.
#[derive(Clone)]
pub struct Disk {
    pub store: Arc<dyn Store>,
    pub keys: Arc<dyn KeyStore>,
}

pub fn tenant() -> TenantId {
    TenantId::parse("tenant", "hotel").expect("a name")
}

impl Disk {
    pub fn in_memory() -> Self {
        hang::watch();
        let (store, keys) = (RedbStore::in_memory().expect("opens"), RedbKeys::in_memory().expect("opens"));
        Self { store: Arc::new(store), keys: Arc::new(keys) }
    }

    pub async fn on(server: &redis::Server) -> Self {
        let options = |prefix: &str| Options { prefix: prefix.to_owned(), allow_volatile: true, ..Options::default() };
        let store = RedisStore::connect(&server.url(), options("data:")).await.expect("connects");
        let keys = RedisKeys::connect(&server.url(), options("keys:")).await.expect("connects");
        Self { store: Arc::new(store), keys: Arc::new(keys) }
    }

    /// A process that works on it, until the fuse burns.
    pub fn process(&self, fuse: &Arc<Fuse>, clock: &Arc<AtomicI64>) -> Arc<Rapport> {
        let store = Arc::new(Crashing { inner: self.store.clone(), fuse: fuse.clone() });
        let keys = Arc::new(Crashing { inner: self.keys.clone(), fuse: fuse.clone() });
        let wrapping = LocalKeys::from_bytes(&[7; 32]).expect("a key");
        let ring = Arc::new(KeyRing::new(keys, Arc::new(wrapping)));
        Arc::new(Rapport::new(store, ring, Clock::Set(clock.clone())))
    }
}

pub async fn caller(rapport: &Rapport) -> Result<Caller, Error> {
    let principal = Principal {
        tenant: tenant(),
        device: "till-4".to_owned(),
        staff: String::new(),
        role: "staff".to_owned(),
        proof: Proof::Asserted,
        peer: None,
    };
    rapport.callers().enter(principal).await
}

/// One of few, so that customers get in each other's way: exclusive ones and shared ones.
fn some_identity(dice: &mut Dice) -> Identity {
    let kind = if dice.roll(3) == 0 { IdentityType::Room } else { IdentityType::Loyalty };
    Identity { kind, issuer: String::new(), value: dice.roll(6).to_string() }
}

pub fn wanted(identity: &Identity) -> Wanted {
    Wanted { identity: identity.clone(), expire_time: None, field: "identity".to_owned() }
}

pub fn reported(customer: CustomerId, external_id: &str) -> Reported {
    let occur_time = Timestamp::from_second(NOON - 60).expect("in range");
    let local = LocalMoment { date: jiff::civil::date(2026, 3, 14), hour: 12 };
    Reported {
        subject: Subject::Customer(customer),
        sent: Sent { content: external_id.as_bytes().to_vec(), ..Sent::default() },
        interaction: Interaction {
            source: SourceId::parse("source", "till-4").expect("a name"),
            external_id: external_id.to_owned(),
            kind: InteractionKind::Visit,
            venue: VenueId::parse("venue", "lakeside").expect("a name"),
            occur_time,
            local,
            purchase: None,
            visit_external_id: String::new(),
            text: String::new(),
            feedback: None,
            referred: None,
        },
    }
}

/// What the customers of an export are restored from.
struct Copy {
    header: Header,
    customers: Vec<(CustomerId, WholeCustomer)>,
}

async fn copy() -> Copy {
    let (disk, clock) = (Disk::in_memory(), Arc::new(AtomicI64::new((NOON - 3_600) * 1_000)));
    let rapport = disk.process(&Fuse::that_lasts(), &clock);
    let who = caller(&rapport).await.expect("works");
    for value in 0..4 {
        let identity = Identity { kind: IdentityType::Loyalty, issuer: String::new(), value: value.to_string() };
        let new = NewCustomer { identities: vec![wanted(&identity)], changes: Vec::new() };
        let made = rapport.writes().create(&who, Request::default(), new).await.expect("created").customer;
        let reported = vec![reported(made, "before"), reported(made, "before that")];
        rapport.writes().record(&who, reported).await.expect("works");
    }
    let tenant = tenant();
    let mut export = rapport.maintenance().export(&tenant).await.expect("works");
    let (mut header, mut customers) = (None, Vec::new());
    while let Some(step) = export.next().await.expect("works") {
        match step {
            Step::Line(Line::Header(found)) => header = Some(found),
            Step::Line(Line::Customer(id, whole)) => customers.push((id, *whole)),
            Step::Line(Line::Policy(_) | Line::Items(_) | Line::Trailer(_))
            | Step::Damaged(..)
            | Step::PolicyDamaged(_) => {}
        }
    }
    Copy { header: header.expect("the first line"), customers }
}

/// A life: operations until the crash.
struct Life<'a> {
    rapport: Arc<Rapport>,
    fuse: Arc<Fuse>,
    copy: &'a Copy,
    dice: Dice,
    model: Model,
    /// What the model would be if the operation that the crash interrupted had come through.
    perhaps: Option<Model>,
    /// The identity of a customer whose making was interrupted: its id is not known.
    newborn: Option<Identity>,
}

impl Life<'_> {
    async fn live(&mut self) {
        for number in 0..OPERATIONS {
            let result = match caller(&self.rapport).await {
                Ok(who) => self.act(&who, number).await,
                Err(_) => return,
            };
            match result {
                Some(after) if !self.fuse.is_burnt() => self.model = after,
                after => self.perhaps = after,
            }
            if self.fuse.is_burnt() {
                return;
            }
        }
    }

    fn anybody(&mut self) -> Option<CustomerId> {
        let all: Vec<CustomerId> = self.model.keys().copied().collect();
        (!all.is_empty()).then(|| all[self.dice.roll(all.len() as u64) as usize])
    }

    /// One operation. The model after it, if it was carried out, or may have been.
    async fn act(&mut self, who: &Caller, number: usize) -> Option<Model> {
        let choice = self.dice.roll(10);
        if choice == 0 {
            let _ = self.rapport.worker().sweep().await;
            return None;
        }
        let somebody = if choice <= 2 { None } else { self.anybody() };
        match (choice, somebody) {
            (3, _) => self.restore(who).await,
            (_, None) => self.create(who).await,
            (4 | 5, Some(customer)) => self.add_identity(who, customer).await,
            (6, Some(customer)) => self.remove_identity(who, customer).await,
            (7, Some(customer)) => self.void(who, customer).await,
            (8, Some(customer)) if number.is_multiple_of(3) => self.erase(who, customer).await,
            (_, Some(customer)) => self.record(who, customer, number).await,
        }
    }

    /// The changed model, if the operation was or may have been carried out.
    fn unless_refused<T>(&self, result: &Result<T, Error>, change: impl FnOnce(&mut Model)) -> Option<Model> {
        let is_open = self.fuse.is_burnt() || result.is_ok();
        is_open.then(|| {
            let mut after = self.model.clone();
            change(&mut after);
            after
        })
    }

    async fn create(&mut self, who: &Caller) -> Option<Model> {
        let identity = some_identity(&mut self.dice);
        let new = NewCustomer { identities: vec![wanted(&identity)], changes: Vec::new() };
        let made = self.rapport.writes().create(who, Request::default(), new).await;
        let Ok(receipt) = made else {
            self.newborn = self.fuse.is_burnt().then_some(identity);
            return None;
        };
        let known = Known { identities: [identity].into(), ..Known::default() };
        // Acknowledged before the crash.
        self.model.insert(receipt.customer, known);
        Some(self.model.clone())
    }

    async fn restore(&mut self, _: &Caller) -> Option<Model> {
        let tenant = tenant();
        let restore = self.rapport.maintenance().restore(&tenant, &self.copy.header, false).await.ok()?;
        let (id, whole) = &self.copy.customers[self.dice.roll(self.copy.customers.len() as u64) as usize];
        if self.model.contains_key(id) {
            return None;
        }
        let result = restore.customer(*id, whole.clone()).await;
        // Those of the export are exclusive: who has one keeps it.
        let all = whole.profile.identities.iter().map(|own| own.identity.clone());
        let is_taken = |identity: &Identity| self.model.values().any(|known| known.identities.contains(identity));
        let (taken, identities): (BTreeSet<Identity>, BTreeSet<Identity>) = all.partition(is_taken);
        let known = Known {
            identities,
            interactions: [("before".to_owned(), false), ("before that".to_owned(), false)].into(),
        };
        let is_restored = match &result {
            Ok(Restored::New) => taken.is_empty(),
            Ok(Restored::Without(left_out)) => left_out.len() == taken.len() && !taken.is_empty(),
            Ok(Restored::Same | Restored::Erased) => false,
            Err(_) => self.fuse.is_burnt(),
        };
        is_restored.then(|| {
            let mut after = self.model.clone();
            after.insert(*id, known);
            after
        })
    }

    async fn add_identity(&mut self, who: &Caller, customer: CustomerId) -> Option<Model> {
        let identity = some_identity(&mut self.dice);
        let result = self.rapport.writes().add_identity(who, change(customer), wanted(&identity)).await;
        self.unless_refused(&result, |model| {
            model.entry(customer).or_default().identities.insert(identity);
        })
    }

    async fn remove_identity(&mut self, who: &Caller, customer: CustomerId) -> Option<Model> {
        let identity = self.model[&customer].identities.first()?.clone();
        let result = self.rapport.writes().remove_identity(who, change(customer), identity.clone()).await;
        self.unless_refused(&result, |model| {
            model.entry(customer).or_default().identities.remove(&identity);
        })
    }

    async fn record(&mut self, who: &Caller, customer: CustomerId, number: usize) -> Option<Model> {
        let name = format!("visit-{number}");
        let outcomes = self.rapport.writes().record(who, vec![reported(customer, &name)]).await;
        let outcome = outcomes.expect("no task fails").remove(0);
        let result = match outcome {
            Outcome::Recorded { .. } | Outcome::Repeated { .. } | Outcome::BeforeHorizon { .. } => Ok(()),
            Outcome::Refused(fault) | Outcome::Retry(fault) => Err(fault),
        };
        self.unless_refused(&result, |model| {
            model.entry(customer).or_default().interactions.insert(name, false);
        })
    }

    async fn void(&mut self, who: &Caller, customer: CustomerId) -> Option<Model> {
        let name = self.model[&customer].interactions.keys().next()?.clone();
        let source = SourceId::parse("source", "till-4").expect("a name");
        let result = self.rapport.writes().void(who, customer, source, name.clone(), "wrong table".to_owned()).await;
        self.unless_refused(&result, |model| {
            model.entry(customer).or_default().interactions.insert(name, true);
        })
    }

    async fn erase(&mut self, who: &Caller, customer: CustomerId) -> Option<Model> {
        let result = self.rapport.writes().erase(who, customer, None, |_| ()).await;
        self.unless_refused(&result, |model| {
            model.remove(&customer);
        })
    }
}

fn change(customer: CustomerId) -> ChangeRequest {
    ChangeRequest { customer, request: Request::default(), etag: None }
}

/// What many lives came to.
#[derive(Debug, Default)]
struct Lives {
    crashed: u64,
    /// Whose crash left something to mend, and what.
    left_something: u64,
    mended: BTreeMap<Fault, u64>,
}

impl Lives {
    fn add(&mut self, crashed: bool, report: &Report) {
        self.crashed += u64::from(crashed);
        self.left_something += u64::from(report.repaired() > 0);
        for (fault, (repaired, _)) in &report.faults {
            *self.mended.entry(*fault).or_default() += repaired;
        }
    }

    /// Without crashes that leave something, nothing would have been shown.
    fn assert_telling(&self, lives: usize) {
        println!("{lives} lives: {self:?}");
        assert!(self.crashed * 2 > lives as u64 && self.left_something > 0, "{self:?}");
    }
}

/// One life and what comes after it: whether it crashed, and what was mended.
async fn life_and_after(disk: &Disk, copy: &Copy, seed: u64) -> (bool, Report) {
    let mut dice = Dice(seed);
    let clock = Arc::new(AtomicI64::new(NOON * 1_000));
    // As every new store: then keys are committed too.
    disk.store.set_write_format(u32::from(*FORMATS.end())).await.expect("works");
    // The index key of the copy, before anything else makes one.
    let lasting = disk.process(&Fuse::that_lasts(), &clock);
    lasting.maintenance().restore(&tenant(), &copy.header, false).await.expect("adopts");
    let fuse = Fuse::of(1 + dice.roll(STEPS_MAX) as i64, dice.roll(2) == 0);
    let rapport = disk.process(&fuse, &clock);
    let mut life = Life { rapport, fuse, copy, dice, model: Model::new(), perhaps: None, newborn: None };
    life.live().await;
    let Life { model, perhaps, newborn, fuse, .. } = life;

    clock.fetch_add(LATER_MS, Ordering::SeqCst);
    let rapport = disk.process(&Fuse::that_lasts(), &clock);
    let mended = check(&rapport, true).await;
    assert_eq!(mended.left(), 0, "seed {seed}: {mended:?}");
    let again = check(&rapport, false).await;
    assert_eq!((again.left(), again.repaired(), again.harmless()), (0, 0, 0), "seed {seed}: {again:?}");
    let found = found(disk, &rapport, seed).await;
    let mut right = vec![model.clone()];
    right.extend(perhaps);
    if let Some(identity) = newborn
        && let Some(id) = found.keys().find(|id| !model.contains_key(id))
    {
        let known = Known { identities: [identity].into(), ..Known::default() };
        right.push(model.into_iter().chain([(*id, known)]).collect());
    }
    assert!(right.contains(&found), "seed {seed}: {found:#?} is none of {right:#?}");
    (fuse.is_burnt(), mended)
}

pub async fn check(rapport: &Rapport, repair: bool) -> Report {
    let quiet = AtomicBool::new(false);
    let mut tell = |_: Event<'_>| quiet.store(true, Ordering::Relaxed);
    rapport.maintenance().check(&tenant(), repair, &mut tell).await.expect("the store works")
}

/// What is there, by the listing; and that everything that points to customers agrees with it.
async fn found(disk: &Disk, rapport: &Rapport, seed: u64) -> Model {
    let who = caller(rapport).await.expect("works");
    let listed = rapport.readers().list(&who, 1_000, "", rapport::domain::Purpose::Service).await.expect("works").0;
    let mut found = Model::new();
    let mut seats: BTreeMap<Identity, BTreeSet<CustomerId>> = BTreeMap::new();
    for id in &listed {
        let current = rapport.readers().get(&who, *id, "").await.expect("who is listed is there");
        let query = ListQuery {
            customer: *id,
            purpose: Purpose::Service,
            start: None,
            end: None,
            page_size: 200,
            page_token: String::new(),
        };
        let page = rapport.readers().interactions(&who, &query).await.expect("works").0;
        let interactions: BTreeMap<String, bool> =
            page.into_iter().map(|one| (one.interaction.external_id, one.voided.is_some())).collect();
        let counted = interactions.values().filter(|voided| !**voided).count() as u64;
        assert_eq!(current.profile.habits.visits, counted, "seed {seed}: fold and history are one");
        let identities: BTreeSet<Identity> =
            current.profile.identities.iter().map(|own| own.identity.clone()).collect();
        for identity in &identities {
            seats.entry(identity.clone()).or_default().insert(*id);
        }
        found.insert(*id, Known { identities, interactions });
    }
    assert_eq!(found.len(), listed.len(), "seed {seed}: nobody is listed twice");
    let names = disk.store.names(rapport::store::keys::Kind::Record, None, 1_000).await.expect("works").names;
    assert_eq!(names.len(), listed.len(), "seed {seed}: the listing is exact");
    for kind in [IdentityType::Loyalty, IdentityType::Room] {
        for value in 0..6 {
            let identity = Identity { kind, issuer: String::new(), value: value.to_string() };
            let blind = who.index_key.blind(&identity);
            let now = who.now.as_millisecond();
            let entries = disk.store.identities(&[blind], now).await.expect("works").remove(0).expect("decodes");
            assert!(entries.iter().all(|entry| entry.state == EntryState::Confirmed), "seed {seed}: {entries:?}");
            let finds: Vec<CustomerId> = entries.iter().map(|entry| entry.customer).collect();
            let owns: Vec<CustomerId> = seats.remove(&identity).unwrap_or_default().into_iter().collect();
            assert_eq!(finds, owns, "seed {seed}: {identity:?} finds exactly who has it");
        }
    }
    let key = |customer: &CustomerId| CustomerKey { tenant: tenant(), customer: *customer };
    for id in &listed {
        assert!(disk.store.record(&key(id)).await.expect("works").is_some());
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_redb_a_check_mends_what_any_crash_leaves() {
    let copy = copy().await;
    let (lives, mut all) = (scaled(25, 1_000), Lives::default());
    for seed in 0..lives {
        let (crashed, report) = life_and_after(&Disk::in_memory(), &copy, seed as u64).await;
        all.add(crashed, &report);
    }
    all.assert_telling(lives);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_redis_a_check_mends_what_any_crash_leaves() {
    let copy = copy().await;
    let server = redis::Server::start(redis::VOLATILE);
    let (lives, mut all) = (scaled(15, 1_000), Lives::default());
    for seed in 0..lives {
        let (crashed, report) = life_and_after(&Disk::on(&server).await, &copy, seed as u64).await;
        all.add(crashed, &report);
        server.tell("FLUSHALL");
    }
    all.assert_telling(lives);
}

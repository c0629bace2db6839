//! The composition root: the only file that names a concrete store.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use tokio::{task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic_health::{ServingStatus, server::HealthReporter};

use self::{
    servers::Servers,
    stores::{not_swapped, open_keys, open_store, places, wrapping_key},
    wire::{aged, bind, bounds, ended, reflection},
};
use crate::{
    config::{Config, StoreUrl},
    domain::TenantId,
    grpc::{self, Handlers, accept},
    service::{Rapport, backfill, clock::Clock, copurchase, destroyed_keys, error::Error, identity_walk, worker},
    store::{
        Store, StoreError, StoreExt as _,
        fitness::Fitness,
        formats::{COPYING, FORMATS, Standing, standing},
        keystore::KeyStore,
        layers::{Deadline, Deadlines, Meters, Observed, Whole, WholeKeys},
        redb::{Cache, RedbKeys, RedbStore, fill},
        redis::{Exchange, Options, RedisKeys, RedisStore},
        sealing::KeyRing,
        snapshot::{Pair, Snapshot, Snapshots},
    },
    turns::Turns,
};

mod backup;
mod copy;
mod error;
mod health;
mod in_process;
mod moving;
mod servers;
mod stores;
mod wire;

pub(crate) use backup::{restore, source};
pub(crate) use copy::{Content, Erased, copy, copy_keys};
pub use error::StartError;
pub(crate) use in_process::InProcess;

/// The file of a redb store, in its folder.
const DATA_FILE: &str = "data.redb";
const KEYS_FILE: &str = "keys.redb";
/// How long shutdown may wait to store the statistics of the last seconds (what others buy).
const LEARN_LAST_MAX: Duration = Duration::from_secs(1);
/// How long it may wait to note how far the logs have come: without it, data that are put back from before the last second are not told
/// as older. A busy disk may need seconds; whoever stops a process kills it after half a minute.
const NOTE_LAST_MAX: Duration = Duration::from_secs(5);

/// The service without a wire.
#[derive(Clone)]
pub struct Core {
    /// The use cases.
    pub rapport: Arc<Rapport>,
    /// The store behind its layers.
    pub store: Arc<dyn Store>,
    /// The keys, unwrapped when they are used.
    pub ring: Arc<KeyRing>,
    /// What this process asks the store.
    pub meters: Arc<Meters>,
    /// Whether the stores are whole.
    pub fitness: Arc<Fitness>,
    /// The one business that this process serves.
    pub tenant: TenantId,
    /// The store as it is, whole or not.
    pub(crate) data: Arc<dyn Store>,
    /// Both as of one moment, where they are embedded.
    snapshots: Option<Both>,
    /// Where they are not.
    servers: Option<Servers>,
    /// Where both stores are, for who has to look at them.
    places: String,
    answers: Arc<grpc::KeptAnswers>,
    turns: Turns,
}

impl Core {
    /// Opens store and keys.
    pub async fn open(config: &Config, clock: Clock) -> Result<Self, StartError> {
        not_swapped(config)?;
        let (data, keys) = (open_store(config).await?, open_keys(config).await?);
        let snapshots = data.snapshots.zip(keys.snapshots).map(|(data, keys)| Both { data, keys });
        let servers = Servers::of(data.redis, keys.redis);
        let keys = keys.store;
        let deadlines = if config.is_patient { Deadlines::patient() } else { Deadlines::default() };
        let observed = Observed::new(Arc::new(Deadline::new(data.store, deadlines)));
        let meters = observed.meters();
        let data: Arc<dyn Store> = Arc::new(observed);
        let wrapping = wrapping_key(&config.wrapping_key, keys.as_ref()).await?;
        let fitness = fitness(config, data.clone(), keys.clone());
        let fitness = Arc::new(fitness.of_tenant(config.tenant.clone()));
        let whole = Arc::new(Whole::new(data.clone(), fitness.clone()));
        let keys = Arc::new(WholeKeys::new(keys, fitness.clone()));
        let ring = Arc::new(KeyRing::of_stores(keys, Arc::new(wrapping), fitness.clone()));
        let rapport = Arc::new(Rapport::new(whole, ring.clone(), clock));
        let store = rapport.store().clone();
        let (tenant, places, answers) = (config.tenant.clone(), places(config), Arc::default());
        let turns = Turns::default();
        Ok(Self { rapport, store, ring, meters, fitness, tenant, data, snapshots, servers, places, answers, turns })
    }

    /// Opens an existing store, and never makes one: a command that checks or copies a store was given a wrong name then.
    pub async fn find(config: &Config, clock: Clock) -> Result<Self, StartError> {
        let (place, is_there) = match &config.store {
            StoreUrl::Redb { folder } => (folder.display().to_string(), folder.join(DATA_FILE).exists()),
            StoreUrl::Redis(_) => ("this Redis database".to_owned(), true),
        };
        if is_there {
            let core = Self::open(config, clock).await?;
            if core.data.write_format().await?.is_some() {
                return Ok(core);
            }
            match core.fitness.may_begin().await {
                Ok(()) => {}
                // Something was there, and was lost: preparing it says so.
                Err(StoreError::Unfit(_)) => return Ok(core),
                Err(fault) => return Err(fault.into()),
            }
        }
        Err(StartError::NoStore(place))
    }

    /// Checks that the store can be served from, and sets the format of an empty one.
    pub async fn prepare(&self) -> Result<(), StartError> {
        self.preparing().await.map_err(|fault| self.placed(fault))
    }

    /// What is wrong with stores that do not belong together, with where they are.
    pub(crate) fn placed(&self, fault: StartError) -> StartError {
        match fault {
            StartError::Store(StoreError::Unfit(text)) => {
                StoreError::Unfit(format!("{text} ({})", self.places).into()).into()
            }
            other => other,
        }
    }

    async fn preparing(&self) -> Result<(), StartError> {
        let ready = self.ready().await;
        // Looked at also where nothing can be written, since reads are served there.
        let standing = match self.looked().await {
            Err(fault) if !may_pass(&fault) => return Err(fault),
            looked => ready.and(looked)?,
        };
        match standing {
            Standing::Empty => {
                self.must_be_apart().await?;
                Box::pin(self.fitness.begin()).await?;
                self.data.set_write_format(u32::from(*FORMATS.end())).await?;
                self.fitness.look(Some(*FORMATS.end()), &self.tenant).await?;
                self.rapport.write_in(*FORMATS.end());
                self.rapport.backfill().finish_new(&self.tenant).await;
            }
            Standing::Newest(format) | Standing::Raisable { from: format, .. } => {
                self.rapport.write_in(format);
                // Told once, in the log.
                self.apart().await?;
            }
            // Refused above.
            Standing::TooNew(_) | Standing::TooOld(_) => {}
        }
        Ok(self.ring.opens(&self.tenant).await?)
    }

    /// Checks that the store can be read, for a command that writes nothing: it need not have room.
    pub async fn prepare_to_read(&self) -> Result<(), StartError> {
        match self.ready().await {
            Err(fault) if may_pass(&fault) => {}
            ready => ready.map_err(|fault| self.placed(fault))?,
        }
        self.looked().await.map_err(|fault| self.placed(fault))?;
        Ok(self.ring.opens(&self.tenant).await?)
    }

    /// Whether both stores keep what they are given. What they evicted is noted first.
    async fn ready(&self) -> Result<(), StartError> {
        let (data, keys) = tokio::join!(self.data.ready(), self.ring.ready());
        let ready = match (data, keys) {
            // Each has to be set right.
            (Err(StoreError::Misconfigured(one)), Err(StoreError::Misconfigured(other))) if one != other => {
                Err(StoreError::Misconfigured(format!("{one}; {other}").into()))
            }
            (data, keys) => data.and(keys),
        };
        match &ready {
            // A file was overwritten: keys and records at hand are of no use without what they were read from. Of Redis it is a setting.
            Err(fault @ StoreError::Unfit(_)) if self.snapshots.is_some() => self.fitness.remember(fault),
            Err(StoreError::Evicting(cause)) => {
                Box::pin(self.fitness.lose(cause)).await?;
                // With what to do about what was lost.
                self.fitness.check()?;
            }
            _ => {}
        }
        Ok(ready?)
    }

    /// Writes the files of embedded data anew: what was in the clear there, in pages that are free now, goes with the old file.
    pub(crate) async fn rewrite(&self) -> Result<(), StartError> {
        match &self.snapshots {
            Some(both) => Ok(both.data.write_anew().await?),
            None => Ok(()),
        }
    }

    /// In which format the store is written, once it is known that data and keys are whole and that this release knows the format.
    async fn looked(&self) -> Result<Standing, StartError> {
        looked(self.data.as_ref(), &self.fitness, &self.tenant).await
    }

    /// What goes on beside the calls.
    fn work_beside(&self, stop: &CancellationToken, tasks: &mut JoinSet<()>) {
        tasks.spawn(until(stop.clone(), worker::run(self.rapport.worker().clone())));
        tasks.spawn(until(stop.clone(), backfill::run(self.rapport.backfill().clone(), self.tenant.clone())));
        tasks.spawn(until(stop.clone(), identity_walk::run(self.rapport.identity_walk().clone(), self.tenant.clone())));
        tasks.spawn(until(stop.clone(), copurchase::run(self.rapport.copurchase().clone(), self.tenant.clone())));
        tasks.spawn(until(stop.clone(), destroyed_keys::run(self.rapport.destroyed_keys().clone())));
        let answers = self.answers.clone();
        tasks.spawn(until(stop.clone(), async move { answers.run().await }));
    }

    /// Notes how far the stores have come: nobody does it later.
    async fn note_last(&self) {
        let now_ms = self.rapport.callers().now().as_millisecond();
        if !matches!(timeout(NOTE_LAST_MAX, self.fitness.note_last(now_ms)).await, Ok(Ok(()))) {
            tracing::warn!("how far the logs have come in the last seconds is not noted");
        }
    }

    /// Stores the statistics that were gathered since the last merge.
    async fn learn_last(&self) {
        if !matches!(timeout(LEARN_LAST_MAX, self.rapport.copurchase().learn(false)).await, Ok(Ok(()))) {
            tracing::warn!("what was bought in the last seconds is not counted in what others buy");
        }
    }

    fn routes(&self, config: &Config) -> Routes {
        let limits = grpc::Limits { message_bytes_max: config.limits.message_bytes_max };
        let worked_on = Arc::new(grpc::http::InFlight::new(limits.message_bytes_max));
        let (rapport, answers, turns) = (self.rapport.clone(), self.answers.clone(), self.turns.clone());
        let handlers = Handlers { rapport, answers, worked_on, turns };
        grpc::routes(&handlers, limits, config.echo)
    }
}

/// What is known of two stores, and was noted of them.
fn fitness(config: &Config, data: Arc<dyn Store>, keys: Arc<dyn KeyStore>) -> Fitness {
    Fitness::new(data, keys).with_loss_window(config.loss_window).with_seen(config.seen_file.clone())
}

async fn looked(data: &dyn Store, fitness: &Fitness, tenant: &TenantId) -> Result<Standing, StartError> {
    let written = data.write_format().await?;
    if written == Some(COPYING) {
        return Err(StartError::HalfCopied);
    }
    // First: what else a store has, this release may not understand.
    let known = match standing(&FORMATS, written) {
        Standing::TooNew(format) => return Err(StartError::NewerFormat(format)),
        Standing::TooOld(format) => return Err(StartError::OlderFormat(format)),
        known => known,
    };
    match written {
        Some(format) => fitness.look(u16::try_from(format).ok(), tenant).await?,
        None => fitness.may_begin().await?,
    }
    Ok(known)
}

/// Embedded data and keys, to be copied.
#[derive(Clone)]
struct Both {
    data: Arc<dyn Snapshots>,
    keys: Arc<dyn Snapshots>,
}

/// Embedded stores that are there and that no process serves.
///
/// # Errors
/// `Unfit` if they are not whole.
async fn open_files(data: &Path, keys: &Path, config: &Config) -> Result<Both, StartError> {
    if let Some(file) = [data, keys].into_iter().find(|file| !file.exists()) {
        return Err(StartError::NoStore(file.display().to_string()));
    }
    let data = Arc::new(RedbStore::open(data, Cache::default())?);
    let keys = Arc::new(RedbKeys::open(keys)?);
    let fitness = fitness(config, data.clone(), keys.clone());
    looked(data.as_ref(), &fitness, &config.tenant).await?;
    Ok(Both { data, keys })
}

/// A file of keys that no process serves, as it is.
fn read_keys(file: &Path) -> Result<Box<dyn Snapshot>, StoreError> {
    let keys = RedbKeys::open(file)?;
    let snapshot = keys.snapshot()?;
    Ok(Box::new(OfFile { snapshot, _keys: keys }))
}

struct OfFile {
    snapshot: Box<dyn Snapshot>,
    // It cannot be read once the file is closed.
    _keys: RedbKeys,
}

impl Snapshot for OfFile {
    fn next(&mut self, bytes: usize) -> Result<Vec<Pair>, StoreError> {
        self.snapshot.next(bytes)
    }
}

/// A running server. What starts and ends it is boxed here, so that it is compiled into the library once, and not again into
/// each program and test that waits for it.
pub struct Server {
    /// Where gRPC is served: the port that was found, if 0 was asked for.
    pub address: SocketAddr,
    /// The address that serves health alone; `None`: there is none.
    pub admin_address: Option<SocketAddr>,
    /// What the server serves.
    pub core: Core,
    health: HealthReporter,
    /// Cancelled once what the store needs before it is served is there.
    loaded: CancellationToken,
    stop: CancellationToken,
    tasks: JoinSet<()>,
    drain_max: Duration,
}

impl Server {
    /// Opens the store, binds, and serves. Health says SERVING once the store has answered.
    pub fn start(config: Config) -> BoxFuture<'static, Result<Self, StartError>> {
        Self::start_at(config, Clock::System)
    }

    /// The same with a clock that a test sets.
    pub fn start_at(config: Config, clock: Clock) -> BoxFuture<'static, Result<Self, StartError>> {
        Box::pin(async {
            let server = Self::starting(config, clock).await?;
            server.loaded();
            Ok(server)
        })
    }

    /// The same for a store that is filled over the wire first: health says NOT_SERVING until [`Server::loaded`].
    pub(crate) fn start_loading(config: Config) -> BoxFuture<'static, Result<Self, StartError>> {
        Box::pin(Self::starting(config, Clock::System))
    }

    /// What had to be loaded is there.
    pub(crate) fn loaded(&self) {
        self.loaded.cancel();
    }

    async fn starting(config: Config, clock: Clock) -> Result<Self, StartError> {
        // Before it serves: they take a third of a second, which would be somebody's first call.
        let tables = tokio::task::spawn_blocking(crate::domain::warm_up);
        let core = Core::open(&config, clock).await?;
        match Box::pin(core.prepare()).await {
            // In one that is not whole nothing is found: then staff are told to ask. What else is wrong stays wrong.
            Ok(()) => {}
            Err(_) if core.fitness.check().is_err() => {}
            Err(fault) if may_pass(&fault) => {}
            Err(fault) => return Err(fault),
        }
        if let Some(unknown) = config.limits.unknown_identities_per_minute_max {
            core.rapport.bound_guesses(unknown);
        }
        tables.await.expect("the tables are fixed");
        let listener = bind(config.listen).await?;
        let address = listener.local_addr().map_err(|cause| StartError::Listen { address: config.listen, cause })?;
        let admin = match config.admin_listen {
            Some(listen) => Some(bind(listen).await?),
            None => None,
        };
        let admin_address = admin.as_ref().and_then(|listener| listener.local_addr().ok());
        let (stop, loaded) = (CancellationToken::new(), CancellationToken::new());
        let mut tasks = JoinSet::new();
        let (health, health_service) = tonic_health::server::health_reporter();
        health::begin(&health).await;

        // Nothing is awaited from here on: a signal meanwhile would end it without its drain and its last notes.
        let routes = reflection(core.routes(&config).add_service(health_service.clone()))?;
        let incoming = accept::incoming(listener, bounds(&config), stop.clone());
        let server = aged(&config, &core)
            .add_routes(routes)
            .serve_with_incoming_shutdown(incoming, stop.clone().cancelled_owned());
        tasks.spawn(ended("gRPC", server));

        if let Some(listener) = admin {
            let server = aged(&config, &core).add_service(health_service).serve_with_incoming_shutdown(
                accept::incoming(listener, bounds(&config), stop.clone()),
                stop.clone().cancelled_owned(),
            );
            tasks.spawn(ended("admin", server));
        }
        tasks.spawn(until(stop.clone(), health::watch(core.clone(), health.clone(), loaded.clone())));
        core.work_beside(&stop, &mut tasks);
        backup::begin(&core, &config, (&loaded, &stop), &mut tasks);
        Ok(Self { address, admin_address, core, health, loaded, stop, tasks, drain_max: config.limits.drain_max })
    }

    /// Says NOT_SERVING, lets calls under way finish, at the longest for the drain's cap, then stops.
    pub fn shutdown(self) -> BoxFuture<'static, ()> {
        Box::pin(self.stopping())
    }

    async fn stopping(mut self) {
        health::report(&self.health, ServingStatus::NotServing).await;
        self.stop.cancel();
        // Watchers of health have been told. Their streams never end by themselves and would delay the drain up to its limit.
        health::end(&mut self.health).await;
        let drained = timeout(self.drain_max, async { while self.tasks.join_next().await.is_some() {} }).await;
        if drained.is_err() {
            tracing::warn!("calls were still under way when the time for draining was up");
            self.tasks.shutdown().await;
        }
        tokio::join!(self.core.learn_last(), self.core.rapport.destroyed_keys().remove_last());
        // The last: what was written is noted, and nothing is written after it.
        self.core.note_last().await;
    }
}

/// Whether a fault of a store may pass while the server waits: it is away, refuses us, or has no room for writes.
fn may_pass(fault: &StartError) -> bool {
    let (StartError::Store(fault) | StartError::Service(Error::Store(fault))) = fault else { return false };
    matches!(fault, StoreError::Unavailable(_) | StoreError::Misconfigured(_) | StoreError::Full(_))
}

async fn until(stop: CancellationToken, work: impl Future<Output = ()>) {
    stop.run_until_cancelled_owned(work).await;
}

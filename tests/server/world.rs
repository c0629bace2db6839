//! A server for one test, its clients, and short words for what tests need.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::Path,
    sync::{Arc, atomic::AtomicI64},
};

use rapport::{
    app::Server,
    config::{Config, Source},
    domain::{TenantId, identity::Identity as KnownIdentity},
    proto::{
        briefing_service_client::BriefingServiceClient, catalogue_service_client::CatalogueServiceClient,
        customer_service_client::CustomerServiceClient, gesture_service_client::GestureServiceClient,
        interaction_service_client::InteractionServiceClient, policy_service_client::PolicyServiceClient,
        report_service_client::ReportServiceClient, *,
    },
    service::{
        Caller,
        clock::Clock,
        principal::{Principal, Proof},
    },
    store::{
        IdentityKey,
        keystore::KeyStore,
        redb::RedbKeys,
        redis::{Options, RedisKeys},
    },
};
use tonic::{Code, Request, Status, transport::Channel};
use tonic_types::StatusExt;

use super::common::{hang, redis};

/// 2026-03-14T12:00:00Z, a Saturday.
pub const NOON: i64 = 1_773_489_600;
pub const VENUE: &str = "zrh-lakeside";
pub const OTHER_VENUE: &str = "lis-alfama";
/// A role that sees what customers are worth.
pub const DIRECTOR: &str = "director";

/// Which store a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Redb,
    Redis,
}

/// One named test per backend.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod redb {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name($crate::world::World::start($crate::world::Backend::Redb).await).await; })+
        }
        mod redis {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name($crate::world::World::start($crate::world::Backend::Redis).await).await; })+
        }
    };
}

/// The error of a call that must fail.
macro_rules! refusal {
    ($world:expr, $client:ident, $method:ident, $request:expr $(,)?) => {
        $world.$client().$method($request).await.expect_err(stringify!($method))
    };
}

/// Defaults with some fields set.
macro_rules! with {
    ($message:ident { $($fields:tt)* }) => { $message { $($fields)*, ..$message::default() } };
}

/// A running server, set to a moment, with a policy of two venues.
pub struct World {
    pub server: Server,
    clock: Arc<AtomicI64>,
    channel: Channel,
    // Both live as long as the server.
    pub redis: Option<redis::Server>,
    folder: Arc<tempfile::TempDir>,
}

impl World {
    pub async fn start(backend: Backend) -> Self {
        Self::with(backend, &[]).await
    }

    /// Without a policy.
    pub async fn bare(backend: Backend) -> Self {
        let own = (backend == Backend::Redis).then(|| redis::Server::start(redis::VOLATILE));
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        let flags = flags(folder.path(), own.as_ref());
        Self::open(flags, Arc::new(AtomicI64::new(NOON * 1_000)), own, folder).await
    }

    /// With some settings changed.
    pub async fn with(backend: Backend, settings: &[(&str, &str)]) -> Self {
        let own = (backend == Backend::Redis).then(|| redis::Server::start(redis::VOLATILE));
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        let mut flags = flags(folder.path(), own.as_ref());
        flags.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let world = Self::open(flags, Arc::new(AtomicI64::new(NOON * 1_000)), own, folder).await;
        world.policies().set_policy(SetPolicyRequest { policy: Some(policy()) }).await.expect("a policy");
        world
    }

    /// Another tenant's server on the same Redis, with the same keys and clock; and a policy of its own.
    pub async fn neighbour(&self, tenant: &str) -> Self {
        let shared = self.redis.as_ref().expect("only a Redis is shared");
        let mut flags = flags(self.folder.path(), Some(shared));
        flags.insert("tenant".to_owned(), tenant.to_owned());
        let world = Self::open(flags, self.clock.clone(), None, self.folder.clone()).await;
        world.policies().set_policy(SetPolicyRequest { policy: Some(policy()) }).await.expect("a policy");
        world
    }

    /// What lies in a folder, or in the Redis, at the moment that the clock says.
    pub async fn open(
        flags: BTreeMap<String, String>,
        clock: Arc<AtomicI64>,
        redis: Option<redis::Server>,
        folder: Arc<tempfile::TempDir>,
    ) -> Self {
        hang::watch();
        let config = Config::load(&Source { flags, ..Source::default() }).expect("a configuration");
        let server = Server::start_at(config, Clock::Set(clock.clone())).await.expect("starts");
        let channel = connect(server.address).await;
        Self { server, clock, channel, redis, folder }
    }

    /// The same store, served again after its keys were changed while nobody served it.
    pub async fn with_keys_changed(self, change: impl AsyncFnOnce(&dyn KeyStore)) -> Self {
        let Self { server, clock, channel, redis, folder } = self;
        drop(channel);
        server.shutdown().await;
        let keys: Box<dyn KeyStore> = match &redis {
            None => Box::new(RedbKeys::open(&folder.path().join("keys/keys.redb")).expect("opens")),
            Some(redis) => {
                let options = Options { allow_volatile: true, ..Options::default() };
                Box::new(RedisKeys::connect(&redis.keys_url(), options).await.expect("connects"))
            }
        };
        change(keys.as_ref()).await;
        drop(keys);
        Self::open(flags(folder.path(), redis.as_ref()), clock, redis, folder).await
    }

    /// The same store, served again after something was done to its files while nobody served it.
    pub async fn with_files_changed(self, change: impl AsyncFnOnce(&Path)) -> Self {
        let Self { server, clock, channel, redis, folder } = self;
        drop(channel);
        server.shutdown().await;
        change(folder.path()).await;
        Self::open(flags(folder.path(), redis.as_ref()), clock, redis, folder).await
    }

    /// Where its files are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Another server on the same Redis, with the same keys and clock.
    pub async fn replica(&self) -> Self {
        let flags = flags(self.folder.path(), Some(self.redis.as_ref().expect("only a Redis is shared")));
        Self::open(flags, self.clock.clone(), None, self.folder.clone()).await
    }

    /// The wrapping key, for another store that takes over this one's content.
    pub fn wrapping_key_file(&self) -> String {
        flags(self.folder.path(), None).remove("wrapping-key-file").expect("it is one of them")
    }

    /// The clock, for a process that shares it.
    pub fn clock(&self) -> Arc<AtomicI64> {
        self.clock.clone()
    }

    pub fn now_ms(&self) -> i64 {
        self.clock.load(std::sync::atomic::Ordering::Relaxed)
    }

    pub fn tenant(&self) -> TenantId {
        self.server.core.tenant.clone()
    }

    /// A caller as the use cases know one.
    pub async fn caller(&self) -> Caller {
        let principal = Principal {
            tenant: self.tenant(),
            device: "test".to_owned(),
            staff: String::new(),
            role: "staff".to_owned(),
            proof: Proof::Asserted,
            peer: None,
        };
        self.server.core.rapport.callers().enter(principal).await.expect("the store works")
    }

    /// Where an identity stands in the store.
    pub async fn blind(&self, identity: &KnownIdentity) -> IdentityKey {
        self.caller().await.index_key.blind(identity)
    }

    pub fn set_clock(&self, second: i64) {
        self.clock.store(second * 1_000, std::sync::atomic::Ordering::Relaxed);
    }

    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }

    pub fn customers(&self) -> CustomerServiceClient<Channel> {
        CustomerServiceClient::new(self.channel())
    }

    pub fn interactions(&self) -> InteractionServiceClient<Channel> {
        InteractionServiceClient::new(self.channel())
    }

    pub fn briefings(&self) -> BriefingServiceClient<Channel> {
        BriefingServiceClient::new(self.channel())
    }

    pub fn gestures(&self) -> GestureServiceClient<Channel> {
        GestureServiceClient::new(self.channel())
    }

    pub fn policies(&self) -> PolicyServiceClient<Channel> {
        PolicyServiceClient::new(self.channel())
    }

    pub fn catalogue(&self) -> CatalogueServiceClient<Channel> {
        CatalogueServiceClient::new(self.channel())
    }

    pub fn reports(&self) -> ReportServiceClient<Channel> {
        ReportServiceClient::new(self.channel())
    }

    /// Creates a customer and answers its receipt.
    pub async fn create(&self, draft: CustomerDraft) -> Receipt {
        let request = CreateCustomerRequest { customer: Some(draft), request_id: String::new() };
        self.customers().create_customer(request).await.expect("created").into_inner().receipt.expect("a receipt")
    }

    /// All of a customer, as a director sees it.
    pub async fn get(&self, id: &str) -> Customer {
        let mut request = Request::new(get(id));
        request.metadata_mut().insert("rapport-role", DIRECTOR.parse().expect("ASCII"));
        self.customers().get_customer(request).await.expect("found").into_inner().customer.expect("a customer")
    }

    pub async fn brief(&self, subject: BriefingSubject) -> Briefing {
        let request = briefing(subject);
        self.briefings().get_briefing(request).await.expect("a briefing").into_inner().briefing.expect("a briefing")
    }

    /// Waits until the index worker has done everything, so that the store's content is at rest.
    pub async fn settle(&self) {
        self.server.core.rapport.worker().sweep().await.expect("the store works");
        self.learn().await;
    }

    /// Adds what was recorded here to what others buy, and reads what it is now.
    pub async fn learn(&self) {
        self.server.core.rapport.copurchase().learn(true).await.expect("the store works");
    }

    /// The store's whole content.
    pub async fn dump(&self) -> Dump {
        self.settle().await;
        self.server.core.store.dump().await.expect("the store works")
    }

    /// Asserts that the store holds what it held; tells only the keys that differ.
    pub async fn assert_unchanged(&self, before: &Dump) {
        let after = self.dump().await;
        let differs = |one: &Dump, other: &Dump| -> Vec<String> {
            let differing = one.iter().filter(|pair| !other.contains(pair));
            differing.map(|(key, _)| String::from_utf8_lossy(key).into_owned()).collect()
        };
        let (gone, new) = (differs(before, &after), differs(&after, before));
        assert!(gone.is_empty() && new.is_empty(), "gone or changed: {gone:?}; new or changed: {new:?}");
    }
}

/// What a store holds.
pub type Dump = Vec<(Vec<u8>, Vec<u8>)>;

/// The settings of a server on free ports: with this Redis, or with redb in the folder.
pub fn flags(folder: &Path, redis: Option<&redis::Server>) -> BTreeMap<String, String> {
    let below = |name: &str| folder.join(name).display().to_string();
    let mut flags = BTreeMap::new();
    let mut set = |name: &str, value: String| flags.insert(name.to_owned(), value);
    set("listen", "127.0.0.1:0".to_owned());
    set("admin-listen", "127.0.0.1:0".to_owned());
    set("echo", "true".to_owned());
    set("wrapping-key-file", below("keys/wrapping.key"));
    match redis {
        None => {
            set("store", format!("redb:{}", below("data")));
            set("keys", format!("file:{}", below("keys")));
        }
        Some(redis) => {
            set("store", redis.url());
            set("keys", redis.keys_url());
            set("allow-volatile-redis", "true".to_owned());
        }
    }
    flags
}

pub async fn connect(address: SocketAddr) -> Channel {
    let endpoint = Channel::from_shared(format!("http://{address}")).expect("an address");
    endpoint.connect().await.expect("listens")
}

pub fn policy() -> Policy {
    let venue = |id: &str, zone: &str, currency: &str, region: &str| Venue {
        venue_id: id.to_owned(),
        display_name: format!("Venue {id}"),
        brand: "lakeside".to_owned(),
        time_zone: zone.to_owned(),
        currency_code: currency.to_owned(),
        business_day_start: "04:00".to_owned(),
        region: region.to_owned(),
        ..Venue::default()
    };
    Policy {
        owner: "Head of Guest Relations".to_owned(),
        venues: vec![venue(VENUE, "Europe/Zurich", "CHF", "CH"), venue(OTHER_VENUE, "Europe/Lisbon", "EUR", "PT")],
        roles: vec![with!(Role { role_id: DIRECTOR.into(), display_name: "Director".into(), sees_value: true })],
        ..Policy::default()
    }
}

pub fn get(id: &str) -> GetCustomerRequest {
    GetCustomerRequest { customer_id: id.to_owned(), purpose: Purpose::Service as i32, revision_token: String::new() }
}

pub fn briefing(subject: BriefingSubject) -> GetBriefingRequest {
    GetBriefingRequest {
        subject: Some(subject),
        venue_id: VENUE.to_owned(),
        purpose: Purpose::Service as i32,
        ..GetBriefingRequest::default()
    }
}

pub fn by_id(id: &str) -> BriefingSubject {
    BriefingSubject { subject: Some(briefing_subject::Subject::CustomerId(id.to_owned())) }
}

pub fn by_identity(identity: Identity) -> BriefingSubject {
    BriefingSubject { subject: Some(briefing_subject::Subject::Identity(identity)) }
}

/// Rooms and tables are of the first venue.
pub fn identity(kind: IdentityType, value: &str) -> Identity {
    let is_of_a_venue = matches!(kind, IdentityType::Room | IdentityType::Table);
    let issuer = if is_of_a_venue { VENUE.to_owned() } else { String::new() };
    Identity { r#type: kind as i32, value: value.to_owned(), issuer, ..Identity::default() }
}

pub fn loyalty(value: &str) -> Identity {
    identity(IdentityType::Loyalty, value)
}

pub fn named(name: &str) -> CustomerDraft {
    CustomerDraft {
        details: Some(CustomerDetails {
            name: Some(PersonName { full: name.to_owned(), ..PersonName::default() }),
            ..CustomerDetails::default()
        }),
        ..CustomerDraft::default()
    }
}

/// The same of somebody who was asked for precautions.
pub fn asked(name: &str) -> CustomerDraft {
    CustomerDraft { precautions_asked: true, ..named(name) }
}

pub fn allergy(code: &str) -> PrecautionDraft {
    PrecautionDraft {
        kind: PrecautionKind::Allergy as i32,
        code: code.to_owned(),
        criticality: Criticality::High as i32,
        ..PrecautionDraft::default()
    }
}

pub fn stated(item: &str) -> EvidenceDraft {
    with!(EvidenceDraft {
        category: "drink".into(),
        item: item.into(),
        stance: Stance::Likes as i32,
        source: EvidenceSource::Stated as i32
    })
}

pub fn birthday(year: Option<i32>, month: i32, day: i32) -> OccasionDraft {
    let date = with!(CalendarDate { month, day, year });
    with!(OccasionDraft { kind: OccasionKind::Birthday as i32, date: Some(date) })
}

pub fn agreed() -> Consent {
    with!(Consent { purpose: Purpose::Marketing as i32, state: ConsentState::Granted as i32 })
}

pub fn time(seconds: i64) -> Option<prost_types::Timestamp> {
    Some(prost_types::Timestamp { seconds, nanos: 0 })
}

pub fn line(item: &str, amount_minor_units: i64) -> PurchaseLine {
    PurchaseLine { item: item.to_owned(), quantity: 1.0, amount_minor_units, ..PurchaseLine::default() }
}

pub fn purchase(customer: &str, external_id: &str, lines: Vec<PurchaseLine>) -> Interaction {
    Interaction {
        source: "till-4".to_owned(),
        external_id: external_id.to_owned(),
        customer: Some(interaction::Customer::CustomerId(customer.to_owned())),
        kind: InteractionKind::Purchase as i32,
        venue_id: VENUE.to_owned(),
        occur_time: time(NOON - 3_600),
        purchase: Some(Purchase { lines, ..Purchase::default() }),
        ..Interaction::default()
    }
}

/// A request by a member of staff at a device.
pub fn by<T>(staff: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("rapport-device", "till-4".parse().expect("ASCII"));
    request.metadata_mut().insert("rapport-staff", staff.parse().expect("ASCII"));
    request
}

/// A text among the values of each statement. Words change; values stay.
pub fn values<'a>(statements: &'a [Statement], name: &str) -> Vec<&'a str> {
    let of = |statement: &'a Statement| {
        let parameter = statement.parameters.iter().find(|parameter| parameter.name == name);
        match parameter.and_then(|parameter| parameter.value.as_ref()) {
            Some(parameter::Value::Text(text)) => text.as_str(),
            _ => "",
        }
    };
    statements.iter().map(of).collect()
}

/// The reason in the status's ErrorInfo.
pub fn reason(status: &Status) -> String {
    status.get_details_error_info().expect("every error has an ErrorInfo").reason
}

/// The first field of the status's BadRequest.
pub fn field(status: &Status) -> String {
    status.get_details_bad_request().expect("a BadRequest").field_violations[0].field.clone()
}

/// Asserts an INVALID_ARGUMENT at a field that does not echo the value.
pub fn assert_invalid(status: &Status, at: &str, value: &str) {
    assert_eq!(status.code(), Code::InvalidArgument, "{at}: {status:?}");
    assert_eq!(field(status), at, "{status:?}");
    let echoed = |text: &[u8]| !value.is_empty() && text.windows(value.len()).any(|part| part == value.as_bytes());
    assert!(!echoed(status.message().as_bytes()) && !echoed(status.details()), "{at}: the value is echoed");
}

/// The same for a field that breaks its own rule.
pub fn assert_field(status: &Status, at: &str, value: &str) {
    assert_invalid(status, at, value);
    assert_eq!(reason(status), "FIELD_INVALID", "{at}");
}

/// Asserts an error with this code and reason.
pub fn assert_refused(status: &Status, code: Code, why: &str) {
    assert_eq!((status.code(), reason(status).as_str()), (code, why), "{status:?}");
}

//! Erasures that are cut short: between any two steps in a process that dies, and between two servers, one of which is away. What is left of
//! a customer whose key is destroyed goes by itself.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use rapport::{
    domain::{
        CustomerId, TenantId,
        identity::{Identity, IdentityType},
    },
    proto::{EraseCustomerRequest, customer_service_client::CustomerServiceClient},
    service::{Rapport, Request, create::NewCustomer, error::Error},
    store::{
        ALL_BUCKETS, CustomerKey, IdentityKey, StoreExt as _,
        formats::FORMATS,
        keys,
        keystore::{KeyEntry, KeyName},
    },
};
use tokio::time::timeout;
use tonic::{Code, Status};
use tonic_health::pb::health_check_response::ServingStatus;

use super::{
    common::redis::{self, DURABLE, Server as Redis},
    crash_points::{Disk, caller, check, reported, tenant, wanted},
    crashing::Fuse,
    operation::{until, watch},
    process::Process,
    raw::EVENT_MAX,
    whole::{GUESTS, House, card, guest, rapport, text},
    world::*,
};

/// A note of an erasure that destroyed nothing is dropped by then, and holds are overdue.
const LATER_MS: i64 = 120_000;
/// More steps than an erasure and the work of its index tasks take.
const STEPS_MAX: i64 = 40;

/// A customer with two identities and a visit; and the keys of the identities.
async fn made(rapport: &Rapport, number: i64) -> (CustomerKey, Vec<IdentityKey>) {
    let who = caller(rapport).await.expect("works");
    let identity = |kind, value: String| Identity { kind, issuer: String::new(), value };
    let both = [identity(IdentityType::Loyalty, number.to_string()), identity(IdentityType::Room, number.to_string())];
    let new = NewCustomer { identities: both.iter().map(wanted).collect(), changes: Vec::new() };
    let customer = rapport.writes().create(&who, Request::default(), new).await.expect("created").customer;
    rapport.writes().record(&who, vec![reported(customer, "visit")]).await.expect("works");
    rapport.worker().sweep().await.expect("works");
    let blinds = both.iter().map(|identity| who.index_key.blind(identity)).collect();
    (CustomerKey { tenant: tenant(), customer }, blinds)
}

/// Nothing leads to the customer, and nothing is under a name of theirs.
async fn is_gone(disk: &Disk, key: &CustomerKey, blinds: &[IdentityKey], when: &str) {
    assert_eq!(disk.store.record(key).await.expect("works"), None, "{when}");
    for entries in disk.store.identities(blinds, 0).await.expect("works") {
        assert_eq!(entries.expect("decodes"), [], "{when}");
    }
    let (text, bytes) = (key.customer.to_string(), key.customer.as_bytes().to_vec());
    for (name, value) in disk.store.dump().await.expect("works") {
        let shown = String::from_utf8_lossy(&name).into_owned();
        assert!(!shown.contains(&text), "{when}: {shown}");
        // Of a member that was dropped from an index, its revision is kept, so that nothing late puts it back.
        let is_revision = shown.starts_with("hint");
        assert!(is_revision || !value.windows(16).any(|some| some == bytes), "{when}: {shown}");
    }
}

/// An erasure in a process that dies at this step; then another process sweeps. Answers whether the first one lasted.
async fn cut_short(disk: &Disk, steps: i64, after: bool) -> bool {
    let clock = Arc::new(AtomicI64::new(NOON * 1_000));
    let lasting = disk.process(&Fuse::that_lasts(), &clock);
    let (key, blinds) = made(&lasting, steps * 2 + i64::from(after)).await;
    let fuse = Fuse::of(steps, after);
    let dying = disk.process(&fuse, &clock);
    let who = caller(&dying).await.expect("works");
    let result = dying.writes().erase(&who, key.customer, None, |_| ()).await;
    let _ = dying.worker().sweep().await;
    let when = format!("step {steps}, after its effect: {after}, {result:?}");

    let next = disk.process(&Fuse::that_lasts(), &clock);
    next.worker().sweep().await.expect("works");
    let who = caller(&next).await.expect("works");
    let name = KeyName::Customer(key.tenant.clone(), key.customer);
    if disk.keys.get(&name).await.expect("works") == Some(KeyEntry::Tombstone) {
        is_gone(disk, &key, &blinds, &when).await;
        next.writes().erase(&who, key.customer, None, |_| ()).await.expect("it is erased");
    } else {
        let is_told = matches!(result, Ok(_) | Err(Error::ErasureUnfinished(_)));
        assert!(!is_told, "nothing was destroyed: {when}");
        assert!(next.readers().get(&who, key.customer, "").await.is_ok(), "{when}");
    }
    clock.fetch_add(LATER_MS, Ordering::SeqCst);
    next.worker().sweep().await.expect("works");
    let noted = disk.store.erasures(&ALL_BUCKETS).await.expect("works");
    assert!(noted.iter().all(|noted| noted.as_ref().is_ok_and(Vec::is_empty)), "{when}");
    let report = check(&next, false).await;
    assert!(report.faults.is_empty(), "{when}: {report:?}");
    !fuse.is_burnt()
}

async fn at_each_step(disk: Disk) {
    disk.store.set_write_format(u32::from(*FORMATS.end())).await.expect("works");
    for after in [false, true] {
        let mut steps = 1;
        while !cut_short(&disk, steps, after).await {
            steps += 1;
            assert!(steps < STEPS_MAX, "it takes fewer");
        }
        assert!(steps > 4, "a note, the key, the record, and the index: {steps}");
    }
}

/// Fault: An erasure was cut short.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_crash_leaves_of_an_erasure_goes_from_redb() {
    at_each_step(Disk::in_memory()).await;
}

/// Fault: An erasure was cut short.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_crash_leaves_of_an_erasure_goes_from_redis() {
    let server = redis::Server::start(redis::VOLATILE);
    at_each_step(Disk::on(&server).await).await;
}

/// A house whose data and keys are on two servers.
struct Apart {
    data: Redis,
    keys: Redis,
    house: House,
    _folder: tempfile::TempDir,
}

fn key_of(id: &str) -> CustomerKey {
    let tenant = TenantId::parse("", "default").expect("a name");
    CustomerKey { tenant, customer: CustomerId::parse("", id).expect("an id") }
}

fn erase(id: &str) -> EraseCustomerRequest {
    with!(EraseCustomerRequest { customer_id: id.to_owned(), reason: "asked for it".into() })
}

impl Apart {
    async fn open() -> Self {
        let (data, keys) = (Redis::start(DURABLE), Redis::start(DURABLE));
        let folder = tempfile::tempdir().expect("a folder");
        let settings = vec![
            format!("--store=redis://127.0.0.1:{}/0", data.port()),
            format!("--keys=redis://127.0.0.1:{}/0", keys.port()),
            format!("--wrapping-key-file={}", folder.path().join("wrapping.key").display()),
        ];
        let house = House::open(settings).await;
        Self { data, keys, house, _folder: folder }
    }

    fn has(server: &Redis, name: &str) -> bool {
        server.tell(&format!("EXISTS {name}")) == ":1\r\n"
    }

    /// Returns once Redis has the key, or has it no more.
    fn until(server: &Redis, name: &str, is_there: bool) {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port())).expect("Redis listens");
        stream.set_read_timeout(Some(EVENT_MAX)).expect("a time");
        let tell = format!("CONFIG SET notify-keyspace-events KA\r\nSUBSCRIBE __keyspace@0__:{name}\r\n");
        stream.write_all(tell.as_bytes()).expect("writes");
        let mut lines = BufReader::new(stream).lines().map(|line| line.expect("the event comes"));
        lines.find(|line| line == ":1").expect("it is subscribed");
        // What comes from now on is told.
        if Self::has(server, name) != is_there {
            let event = if is_there { "set" } else { "del" };
            lines.find(|line| line == event).expect("the event comes");
        }
    }

    /// An erasure that is noted, and most likely waits for the server of the keys, which has stopped.
    async fn begun(&self, number: usize) -> tokio::task::JoinHandle<Result<(), Status>> {
        let mut health = watch(self.house.process.address, "").await;
        until(&mut health, ServingStatus::Serving).await;
        let [id, other] = [number, (number + 1) % GUESTS].map(|number| self.house.ids[number].clone());
        // So that their keys are at hand.
        for id in [&id, &other] {
            self.house.brief(by_id(id)).await;
        }
        self.keys.stop();
        let mut customers = CustomerServiceClient::new(self.house.process.channel.clone());
        let request = by("anna", erase(&id));
        let call = tokio::spawn(async move { customers.erase_customer(request).await.map(drop) });
        let key = key_of(&id);
        Self::until(&self.data, &keys::erasures(keys::bucket(&key.tenant, &key.customer)), true);
        // What was asked after the note is answered after it: by then the process has gone on to the key.
        self.house.brief(by_id(&other)).await;
        call
    }

    /// The answer to a call whose server has ended, or is back.
    async fn refused(call: tokio::task::JoinHandle<Result<(), Status>>) -> Status {
        timeout(EVENT_MAX, call).await.expect("an answer comes").expect("no panic").expect_err("it is cut short")
    }

    async fn erase(&self, number: usize) -> Result<(), Status> {
        let mut customers = CustomerServiceClient::new(self.house.process.channel.clone());
        customers.erase_customer(by("anna", erase(&self.house.ids[number]))).await.map(drop)
    }

    async fn serve_again(&mut self) {
        self.house.process = Process::start(&self.house.settings).await;
    }

    fn is_destroyed(&self, number: usize) -> bool {
        let key = key_of(&self.house.ids[number]);
        let name = keys::data_key(&KeyName::Customer(key.tenant, key.customer));
        self.keys.tell(&format!("GET {name}")) == "$1\r\nt\r\n"
    }

    fn record(&self, number: usize) -> String {
        keys::record(&key_of(&self.house.ids[number]))
    }

    fn fsck(&self) -> (Option<i32>, String) {
        let checked = rapport(&["fsck"], &self.house.settings);
        (checked.status.code(), text(&checked))
    }

    /// Everything of her goes without anybody asking; who asks then hears that she is erased.
    async fn goes(&self, number: usize) {
        Self::until(&self.data, &self.record(number), false);
        self.erase(number).await.expect("it is erased");
        let mut customers = CustomerServiceClient::new(self.house.process.channel.clone());
        let gone = customers.get_customer(get(&self.house.ids[number])).await.expect_err("she is erased");
        assert_refused(&gone, Code::NotFound, "CUSTOMER_NOT_FOUND");
        self.house.create(guest(&card(number))).await.expect("her card is free");
        let (code, said) = self.fsck();
        assert_eq!(code, Some(0), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_half_erased_when_the_process_is_killed_is_gone_after_the_next_start() {
    let mut apart = Apart::open().await;
    let mut half_erased = None;
    // Redis knows the script of it once somebody was erased: what is sent is carried out.
    apart.erase(GUESTS - 1).await.expect("is erased");
    for number in 0..GUESTS - 2 {
        let call = apart.begun(number).await;
        apart.house.process.kill();
        // What the process has sent is in the server's hands.
        apart.keys.resume();
        Apart::refused(call).await;
        if apart.is_destroyed(number) {
            half_erased = Some(number);
            break;
        }
        // It had not sent it yet.
        apart.serve_again().await;
    }
    let number = half_erased.expect("one of them was sent");
    assert!(Apart::has(&apart.data, &apart.record(number)));
    let (code, said) = apart.fsck();
    let line = format!("ERASED_DATA customers/{}", apart.house.ids[number]);
    assert!(code == Some(2) && said.matches(&line).count() == 1, "{said}");
    apart.serve_again().await;
    apart.goes(number).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_to_be_erased_and_is_not_is_whole() {
    let mut apart = Apart::open().await;
    let call = apart.begun(0).await;
    apart.house.process.kill();
    apart.keys.kill();
    Apart::refused(call).await;
    apart.keys.restart();
    assert!(!apart.is_destroyed(0));
    let (code, said) = apart.fsck();
    assert_eq!(code, Some(0), "{said}");
    apart.serve_again().await;
    apart.house.is_whole().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_half_erased_when_the_data_are_away_is_gone_once_they_are_back() {
    let mut apart = Apart::open().await;
    for number in 0..GUESTS {
        let call = apart.begun(number).await;
        apart.data.kill();
        apart.keys.resume();
        let status = Apart::refused(call).await;
        assert_eq!(status.code(), Code::Unavailable);
        apart.data.restart();
        if reason(&status) == "ERASURE_UNFINISHED" {
            assert!(status.message().contains("the customer's key is destroyed"), "{status:?}");
            apart.goes(number).await;
            return;
        }
        // The server of the keys stood still for longer than a write waits for it, or the process had not come to it.
        assert!(["OUTCOME_UNKNOWN", "STORE_UNAVAILABLE"].contains(&reason(&status).as_str()), "{status:?}");
    }
    panic!("the keys were never quick enough");
}

//! A destroyed key is gone: whoever has every file of yesterday's data, and the files of the keys of today, reads nothing of whom was erased more than
//! a minute ago, and everything of all others.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use rapport::{
    domain::{CustomerId, TenantId},
    proto::*,
    service::{
        Rapport,
        clock::Clock,
        principal::{Principal, Proof},
    },
    store::{
        CustomerKey, KeyRing, LocalKeys, Names, Result, Store,
        keystore::{KeyEntry, KeyName, KeyStore},
        redb::{Cache, RedbKeys, RedbStore},
        redis::{Options, RedisKeys, RedisStore},
    },
};
use tempfile::TempDir;

use super::{
    common::redis::{DURABLE, Server as Redis, VOLATILE},
    process::Process,
    whole::{House, card, on_redb, rapport, text},
    world::*,
};

/// The time that a receipt promises.
const WITHIN: Duration = Duration::from_mins(1);
const CANARIES: usize = 50;
const GONE: &str = "no copy of a destroyed key is left";
const SOME: usize = 3;

fn canary(number: usize) -> String {
    format!("canary {number:02}")
}

fn tenant() -> TenantId {
    TenantId::parse("", "default").expect("a name")
}

fn key_of(id: &str) -> CustomerKey {
    CustomerKey { tenant: tenant(), customer: CustomerId::parse("", id).expect("an id") }
}

fn name_of(id: &str) -> KeyName {
    let CustomerKey { tenant, customer } = key_of(id);
    KeyName::Customer(tenant, customer)
}

/// A key store in which somebody's key is what was found in a file.
struct Found {
    keys: Arc<dyn KeyStore>,
    name: KeyName,
    found: Mutex<Bytes>,
}

#[async_trait]
impl KeyStore for Found {
    async fn ready(&self) -> Result<()> {
        self.keys.ready().await
    }

    async fn get(&self, name: &KeyName) -> Result<Option<KeyEntry>> {
        if *name == self.name {
            return Ok(Some(KeyEntry::Committed(self.found.lock().expect("no panic").clone())));
        }
        self.keys.get(name).await
    }

    async fn get_many(&self, names: &[KeyName]) -> Result<Vec<Option<KeyEntry>>> {
        let mut found = Vec::new();
        for name in names {
            found.push(self.get(name).await?);
        }
        Ok(found)
    }

    async fn put_new(&self, name: &KeyName, wrapped: Bytes) -> Result<KeyEntry> {
        self.keys.put_new(name, wrapped).await
    }

    async fn set_committed(&self, _: &KeyName, _: bool) -> Result<()> {
        Ok(())
    }

    async fn replace(&self, _: &KeyName, _: &Bytes, _: Option<Bytes>) -> Result<bool> {
        Ok(false)
    }

    async fn bury(&self, _: &KeyName, _: i64) -> Result<()> {
        panic!("nobody is erased")
    }

    async fn rewrite(&self) -> Result<()> {
        Ok(())
    }

    async fn may_rewrite(&self) -> Result<()> {
        Ok(())
    }

    async fn notes(&self, names: &[String]) -> Result<Vec<Option<Bytes>>> {
        self.keys.notes(names).await
    }

    async fn put_notes(&self, _: Vec<(String, Bytes)>) -> Result<()> {
        Ok(())
    }

    async fn drop_notes(&self, _: Vec<(String, Bytes)>) -> Result<()> {
        Ok(())
    }

    async fn names(&self, from: Option<&[u8]>, limit: usize) -> Result<Names> {
        self.keys.names(from, limit).await
    }

    async fn dump(&self) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        self.keys.dump().await
    }
}

/// What an attacker has: a copy of the data of before, the living keys of now, and all files of now.
struct Attacker {
    data: Arc<dyn Store>,
    keys: Arc<dyn KeyStore>,
    wrapping_key: PathBuf,
    files: Vec<Vec<u8>>,
}

impl Attacker {
    fn ring(&self, keys: Arc<dyn KeyStore>) -> KeyRing {
        KeyRing::new(keys, Arc::new(LocalKeys::from_file(&self.wrapping_key).expect("a key")))
    }

    /// What is read of a customer with these keys; `None`: nothing.
    async fn read(&self, keys: Arc<dyn KeyStore>, id: &str) -> Option<String> {
        let ring = Arc::new(self.ring(keys));
        let rapport = Rapport::new(self.data.clone(), ring, Clock::System);
        let (device, staff, role) = ("till-4".to_owned(), String::new(), "staff".to_owned());
        let who = Principal { tenant: tenant(), device, staff, role, proof: Proof::Asserted, peer: None };
        let who = rapport.callers().enter(who).await.expect("there is a policy");
        let read = rapport.readers().get(&who, key_of(id).customer, "").await;
        read.ok().map(|current| format!("{:?}", current.profile))
    }

    /// Canaries that can be read with any key that lies in any of the files.
    async fn canaries(&self, id: &str, other: &str) -> usize {
        let like = self.keys.get(&name_of(other)).await.expect("works").expect("is there");
        let like = like.wrapped().expect("is alive").clone();
        let keys = self.keys.clone();
        let found = Arc::new(Found { keys, name: name_of(id), found: Mutex::default() });
        let ring = self.ring(found.clone());
        let mut most = 0;
        for file in &self.files {
            for candidate in file.windows(like.len()).filter(|part| part[0] == like[0]) {
                *found.found.lock().expect("no panic") = Bytes::copy_from_slice(candidate);
                if ring.get(&key_of(id)).await.is_ok() {
                    let read = self.read(found.clone(), id).await.unwrap_or_default();
                    most = most.max((0..CANARIES).filter(|number| read.contains(&canary(*number))).count());
                    break;
                }
            }
        }
        most
    }
}

fn all_files(folder: &Path, into: &mut Vec<Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        // What is removed meanwhile is not there.
        match fs::metadata(&path) {
            Ok(there) if there.is_dir() => all_files(&path, into),
            Ok(there) if there.is_file() => into.extend(fs::read(&path)),
            _ => {}
        }
    }
}

/// Where it is kept.
enum Shelf {
    Redb,
    Redis(Box<(Redis, Redis)>),
}

struct Scene {
    folder: TempDir,
    shelf: Shelf,
    house: House,
    /// Who have the canaries.
    ids: Vec<String>,
    /// The data of before.
    copy: Arc<dyn Store>,
    _copied: Option<Redis>,
}

impl Scene {
    async fn on_redb() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = on_redb(folder.path());
        Self::open(folder, Shelf::Redb, settings).await
    }

    async fn on_redis(keys: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let servers = (Redis::start(DURABLE), Redis::start(keys));
        let settings = vec![
            format!("--store={}", servers.0.url()),
            format!("--keys={}", servers.1.url()),
            format!("--wrapping-key-file={}", folder.path().join("wrapping.key").display()),
        ];
        Self::open(folder, Shelf::Redis(Box::new(servers)), settings).await
    }

    async fn open(folder: TempDir, shelf: Shelf, settings: Vec<String>) -> Self {
        let house = House::open(settings).await;
        house.process.line_with(GONE, WITHIN);
        let mut ids = Vec::new();
        for number in 0..SOME {
            let evidence = (0..CANARIES).map(|number| stated(&canary(number))).collect();
            let draft =
                CustomerDraft { identities: vec![loyalty(&format!("SC-{number}"))], evidence, ..named("Canary") };
            ids.push(house.create(draft).await.expect("is created"));
        }
        let (copy, copied) = Self::copied(&folder, &shelf, &house).await;
        Self { folder, shelf, house, ids, copy, _copied: copied }
    }

    async fn copied(folder: &TempDir, shelf: &Shelf, house: &House) -> (Arc<dyn Store>, Option<Redis>) {
        match shelf {
            Shelf::Redb => {
                // Not in the folder whose files are looked through: a backup of the keys may keep them.
                let (backup, elsewhere) = (folder.path().join("backup"), folder.path().join("elsewhere"));
                let made = rapport(&["backup", backup.to_str().expect("a name")], &house.settings);
                assert!(made.status.success(), "{}", text(&made));
                let [from, keys] = [backup.clone(), backup.join("keys")].map(|path| path.display().to_string());
                let args = ["backup", "restore", &from, "--keys-from", &keys];
                let restored = rapport(&args, &on_redb(&elsewhere));
                assert!(restored.status.success(), "{}", text(&restored));
                fs::remove_dir_all(backup).expect("is removed");
                let data = RedbStore::open(&elsewhere.join("data/data.redb"), Cache::default()).expect("opens");
                (Arc::new(data), None)
            }
            Shelf::Redis(servers) => {
                assert_eq!(servers.0.tell("SAVE"), "+OK\r\n");
                let dump = fs::read(servers.0.folder().join("dump.rdb")).expect("is saved");
                let copied = Redis::start_from(VOLATILE, Some(&dump));
                let options = Options { allow_volatile: true, ..Options::default() };
                (Arc::new(RedisStore::connect(&copied.url(), options).await.expect("a URL")), Some(copied))
            }
        }
    }

    /// With the process ended.
    async fn attacker(&self) -> Attacker {
        let (mut files, folder) = (Vec::new(), self.folder.path());
        let keys: Arc<dyn KeyStore> = match &self.shelf {
            Shelf::Redb => {
                for name in ["data", "keys"] {
                    all_files(&folder.join(name), &mut files);
                }
                let aside = folder.join("aside.redb");
                fs::copy(folder.join("keys/keys.redb"), &aside).expect("is copied");
                Arc::new(RedbKeys::open(&aside).expect("opens"))
            }
            Shelf::Redis(servers) => {
                for server in [&servers.0, &servers.1] {
                    all_files(server.folder(), &mut files);
                }
                let options = Options { allow_volatile: true, ..Options::default() };
                Arc::new(RedisKeys::connect(&servers.1.url(), options).await.expect("a URL"))
            }
        };
        Attacker { data: self.copy.clone(), keys, wrapping_key: folder.join("wrapping.key"), files }
    }

    async fn erase(&self, number: usize) -> EraseCustomerResponse {
        erase(&self.house, &self.ids[number]).await
    }

    /// Others are whole, in the copy and served.
    async fn others_are_read(&self, attacker: &Attacker) {
        for id in &self.house.ids {
            assert!(attacker.read(attacker.keys.clone(), id).await.is_some_and(|read| read.contains("PEANUTS")));
        }
    }
}

async fn erase(house: &House, id: &str) -> EraseCustomerResponse {
    let mut customers = customer_service_client::CustomerServiceClient::new(house.process.channel.clone());
    let request = with!(EraseCustomerRequest { customer_id: id.to_owned(), reason: "asked for it".into() });
    customers.erase_customer(by("anna", request)).await.expect("is erased").into_inner()
}

async fn nothing_is_left(mut scene: Scene) {
    let (killed, erased, alive) = (scene.ids[0].clone(), scene.ids[1].clone(), scene.ids[2].clone());
    // What is right after an erasure: so the attacker knows how to look.
    assert_eq!(scene.erase(0).await.key_copies_since_time, None);
    scene.house.process.kill();
    let attacker = scene.attacker().await;
    assert_eq!(attacker.canaries(&killed, &alive).await, CANARIES, "its key is still there");
    drop(attacker);

    // Whoever starts next finishes it.
    scene.house.process = Process::start(&scene.house.settings).await;
    scene.house.process.line_with(GONE, WITHIN);
    assert_eq!(scene.erase(1).await.key_copies_since_time, None);
    scene.house.process.line_with(GONE, WITHIN);
    scene.house.process.kill();
    let attacker = scene.attacker().await;
    for id in [&killed, &erased] {
        assert_eq!(attacker.canaries(id, &alive).await, 0);
        assert_eq!(attacker.read(attacker.keys.clone(), id).await, None);
    }
    assert_eq!(attacker.canaries(&alive, &scene.house.ids[0]).await, CANARIES, "who is not erased is read so");
    scene.others_are_read(&attacker).await;
    drop(attacker);
    scene.house.process = Process::start(&scene.house.settings).await;
    scene.house.is_whole().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_minute_after_an_erasure_no_file_of_redb_has_the_key() {
    nothing_is_left(Scene::on_redb().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_minute_after_an_erasure_no_file_of_redis_has_the_key() {
    // The server of the keys keeps snapshots, too.
    let keys = ["--save", "3600 1", "--appendonly", "yes", "--appendfsync", "always"];
    nothing_is_left(Scene::on_redis(&keys).await).await;
}

/// Beside an append-only file a server reads no snapshot when it starts, and does not say that one lies there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_from_before_a_restart_has_the_key_no_more() {
    let mut scene = Scene::on_redis(DURABLE).await;
    scene.house.end();
    let Shelf::Redis(servers) = &mut scene.shelf else { panic!("it is on Redis") };
    assert_eq!(servers.1.tell("SAVE"), "+OK\r\n");
    servers.1.restart();
    assert!(servers.1.folder().join("dump.rdb").exists());
    scene.house.process = Process::start(&scene.house.settings).await;
    scene.house.is_whole().await;
    nothing_is_left(scene).await;
}

/// What keeps the file from being replaced is known before anybody is erased: the start serves and says it, and so does the first receipt.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_cannot_be_replaced_is_told_of_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let in_its_place = folder.path().join("keys/keys.redb.new");
    let mut house = House::open(on_redb(folder.path())).await;
    house.process.line_with(GONE, WITHIN);
    fs::create_dir(&in_its_place).expect("is made");
    let begun = prost_types::Timestamp::from(std::time::SystemTime::now());
    let since = erase(&house, &house.ids[0]).await.key_copies_since_time.expect("it is told at once");
    assert!(since.seconds >= begun.seconds, "nobody was erased before");
    house.end();

    house = house.again_ended(on_redb(folder.path())).await;
    let told = house.process.line_with("copies of destroyed keys stay", WITHIN);
    assert!(told.contains("a folder lies where the new file is written"), "{told}");
    assert!(told.contains(&format!("move {} away", in_its_place.display())), "{told}");
    let since = erase(&house, &house.ids[1]).await.key_copies_since_time.expect("it is told again");
    assert!(since.seconds >= begun.seconds, "{since}");

    fs::remove_dir(&in_its_place).expect("is moved away");
    house.process.line_with(GONE, WITHIN);
    assert_eq!(erase(&house, &house.ids[2]).await.key_copies_since_time, None);
}

/// Who stops the server right after an erasure need not wait for the next start.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_leaves_no_copy() {
    let mut scene = Scene::on_redb().await;
    scene.erase(0).await;
    scene.house.process.terminate();
    scene.house.process.ended();
    let attacker = scene.attacker().await;
    assert_eq!(attacker.canaries(&scene.ids[0], &scene.ids[2]).await, 0);
    assert_eq!(attacker.canaries(&scene.ids[2], &scene.ids[1]).await, CANARIES);
    drop(attacker);
    let stats = rapport(&["stats"], &scene.house.settings);
    assert!(text(&stats).contains("destroyed keys no copy is left"), "{}", text(&stats));
}

/// Where it is forbidden, log, receipt and figures say since when; and once it is allowed, no more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_forbids_it_is_told_of() {
    let (data, keys, folder) = (Redis::start(DURABLE), Redis::start(DURABLE), tempfile::tempdir().expect("a folder"));
    let user = "ACL SETUSER rapport on >secret ~* +@all";
    assert_eq!(keys.tell(&format!("{user} -bgrewriteaof")), "+OK\r\n");
    let settings = vec![
        format!("--store={}", data.url()),
        format!("--keys=redis://rapport:secret@127.0.0.1:{}/0", keys.port()),
        format!("--wrapping-key-file={}", folder.path().join("wrapping.key").display()),
    ];
    let house = House::open(settings).await;
    let told = house.process.line_with("copies of destroyed keys stay", WITHIN);
    assert!(told.contains("WARN") && told.contains("NOPERM") && told.contains("permissions"), "{told}");
    let begun = prost_types::Timestamp::from(std::time::SystemTime::now());
    let first = erase(&house, &house.ids[0]).await.key_copies_since_time.expect("it is told");
    assert!(first.seconds >= begun.seconds, "nobody was erased before");
    let stats = || {
        let told = rapport(&["stats", "--json"], &house.settings);
        serde_json::from_slice::<serde_json::Value>(&told.stdout).expect("JSON")["destroyedKeys"].clone()
    };
    let figures = stats();
    assert!(figures["mayBeLeft"] == true && figures["sinceTime"].is_string(), "{figures}");

    assert_eq!(keys.tell(&format!("{user} +bgrewriteaof")), "+OK\r\n");
    house.process.line_with(GONE, WITHIN);
    assert_eq!(erase(&house, &house.ids[1]).await.key_copies_since_time, None);
    house.process.line_with(GONE, WITHIN);
    assert_eq!(stats(), serde_json::json!({ "mayBeLeft": false, "sinceTime": null }));
    assert_eq!(house.brief(by_identity(loyalty(&card(2)))).await.state, BriefingState::Known as i32);

    // Forbidden while it serves, the first receipt says it, before anybody has tried.
    for (number, command) in ["bgrewriteaof", "bgsave"].iter().enumerate() {
        assert_eq!(keys.tell(&format!("{user} -{command}")), "+OK\r\n");
        let told = erase(&house, &house.ids[3 + number]).await.key_copies_since_time;
        assert!(told.is_some(), "{command}");
        assert_eq!(keys.tell(&format!("{user} +{command}")), "+OK\r\n");
        house.process.line_with(GONE, WITHIN);
    }
}

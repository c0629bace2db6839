//! The check of a store: what it finds, what it mends, and what it leaves.

use rapport::{
    app::Core,
    domain::{CustomerId, TouchedParts, id::HoldToken, identity::Identity as KnownIdentity, identity::IdentityType},
    proto::{CustomerDraft, EraseCustomerRequest},
    service::check::{Event, Fault, Finding, Report},
    store::{
        Commit, CustomerKey, Effect, EntryState, Hint, HintIndex, IdentityEntry, IdentityKey, Lifetime, LogEntry,
        RecordWrite, Revision, StoreExt as _,
        codec::header::{HEADER_LEN, Header},
        hints, keys,
    },
};

use crate::{
    command_line::{CUSTOMER, POLICY, PURCHASE, Shell, assert_ran},
    world::*,
};

on_both!(
    what_can_be_mended_is_mended,
    an_overdue_hold_is_a_note,
    what_does_not_open_is_reported_for_its_customer_alone,
    an_erasure_is_finished,
);

/// Checks a store; what was found.
pub async fn checked(core: &Core, repair: bool) -> (Report, Vec<Finding>) {
    let mut found = Vec::new();
    let mut tell = |event: Event<'_>| {
        if let Event::Found(finding) = event {
            found.push(finding.clone());
        }
    };
    let report = core.rapport.maintenance().check(&core.tenant, repair, &mut tell).await.expect("the store works");
    (report, found)
}

pub async fn assert_sound(core: &Core) {
    let (_, found) = checked(core, false).await;
    assert_eq!(found, []);
}

/// Faults by their number: repaired and left.
pub fn faults(report: &Report) -> Vec<(Fault, u64, u64)> {
    report.faults.iter().map(|(fault, (repaired, left))| (*fault, *repaired, *left)).collect()
}

/// Writes a record as a backup or a broken disk might bring it back.
pub async fn put_raw(core: &Core, key: &CustomerKey, expect: Option<Revision>, record: Vec<u8>) {
    let revision = Header::decode(&record).expect("a header").0.revision;
    let commit = Commit {
        key: key.clone(),
        expect,
        record: RecordWrite::Put(record.into()),
        requests: None,
        history_put: Vec::new(),
        history_drop: Vec::new(),
        tokens: Vec::new(),
        log: LogEntry { key: key.clone(), revision, touched: TouchedParts::NONE, index: Vec::new() },
        now_ms: 0,
    };
    core.store.commit(commit).await.expect("commits");
}

/// Turns one bit of a record's sealed body.
pub async fn spoil_record(core: &Core, key: &CustomerKey) {
    let mut record = core.store.record(key).await.expect("works").expect("is there").to_vec();
    record[HEADER_LEN + 20] ^= 1;
    let revision = Header::decode(&record).expect("a header").0.revision;
    put_raw(core, key, Some(revision), record).await;
}

/// Writes bytes over the entries of a loyalty card that do not decode.
pub async fn spoil_identity(world: &World, card: &str) {
    let key = keys::identity(&world.blind(&loyalty_of(card)).await);
    let spoil = |_: &[u8]| Ok(Effect::Put(b"no entries".to_vec(), Lifetime::Forever));
    world.server.core.store.change(key, Box::new(spoil)).await.expect("works");
}

fn loyalty_of(value: &str) -> KnownIdentity {
    KnownIdentity { kind: IdentityType::Loyalty, issuer: String::new(), value: value.to_owned() }
}

async fn seats_of(core: &Core, wanted: &[IdentityKey], now_ms: i64) -> Vec<Vec<IdentityEntry>> {
    let found = core.store.identities(wanted, now_ms).await.expect("works");
    found.into_iter().map(|list| list.expect("decodes")).collect()
}

async fn guest(world: &World, value: &str) -> CustomerKey {
    let draft = CustomerDraft { identities: vec![loyalty(value)], ..named("Guest") };
    let id = world.create(draft).await.customer_id;
    CustomerKey { tenant: world.tenant(), customer: CustomerId::parse("id", &id).expect("an id") }
}

async fn what_can_be_mended_is_mended(world: World) {
    let core = &world.server.core;
    let (ana, ben) = (guest(&world, "GC-1").await, guest(&world, "GC-2").await);
    world.settle().await;
    assert_sound(core).await;
    let (store, now) = (&core.store, world.now_ms());
    // The listing loses Ana, and gains nobody.
    store.drop_hint(&ana.tenant, &hints::in_all_customers(&ana), u64::MAX).await.expect("works");
    let phantom = Hint { index: HintIndex::Listing, partition: 7, member: vec![7; 16] };
    store.put_hint(&ana.tenant, &phantom, 1).await.expect("works");
    // Ben is no longer found by his card; a card finds Ana that she does not have; a hold was forgotten.
    let [one, two, three, four] = {
        let blinds = ["GC-1", "GC-2", "GC-3", "GC-4"].map(loyalty_of);
        let caller = world.caller().await;
        blinds.map(|identity| caller.index_key.blind(&identity))
    };
    let seats = seats_of(core, std::slice::from_ref(&two), now).await;
    let entry = seats[0][0].clone();
    store.release(&two, entry.token).await.expect("works");
    let phantom = IdentityEntry {
        customer: ana.customer,
        token: HoldToken([3; 16]),
        state: EntryState::Confirmed,
        expire_ms: None,
    };
    store.hold(&three, phantom.clone(), 1, now).await.expect("works");
    let state = EntryState::Held { deadline_ms: now - 1 };
    let forgotten = IdentityEntry { token: HoldToken([4; 16]), state, ..phantom };
    store.hold(&four, forgotten, 1, now).await.expect("works");

    let wrong =
        [Fault::IdentityMissing, Fault::IdentityPhantom, Fault::HoldOverdue, Fault::HintMissing, Fault::HintPhantom];
    let (report, _) = checked(core, false).await;
    assert_eq!(faults(&report), wrong.map(|fault| (fault, 0, 1)));
    let (report, found) = checked(core, true).await;
    assert_eq!(faults(&report), wrong.map(|fault| (fault, 1, 0)), "{found:?}");
    assert_sound(core).await;
    let seats = seats_of(core, &[one, two, three, four], now).await;
    let seated: Vec<Vec<CustomerId>> =
        seats.iter().map(|list| list.iter().map(|entry| entry.customer).collect()).collect();
    assert_eq!(seated, [vec![ana.customer], vec![ben.customer], vec![], vec![]]);
    let listed = core
        .rapport
        .readers()
        .list(&world.caller().await, 10, "", rapport::domain::Purpose::Service)
        .await
        .expect("listed")
        .0;
    let mut both = vec![ana.customer, ben.customer];
    both.sort();
    assert_eq!(
        {
            let mut listed = listed;
            listed.sort();
            listed
        },
        both
    );
}

async fn an_overdue_hold_is_a_note(world: World) {
    let core = &world.server.core;
    let ana = guest(&world, "GC-1").await;
    world.settle().await;
    let (key, now) = (world.blind(&loyalty_of("GC-2")).await, world.now_ms());
    let state = EntryState::Held { deadline_ms: now - 1 };
    let forgotten = IdentityEntry { customer: ana.customer, token: HoldToken([4; 16]), state, expire_ms: None };
    core.store.hold(&key, forgotten, 1, now).await.expect("works");
    let (report, found) = checked(core, false).await;
    assert_eq!(
        (faults(&report), report.left(), report.harmless()),
        (vec![(Fault::HoldOverdue, 0, 1)], 0, 1),
        "{found:?}"
    );
    // It does no harm: who wants the identity gets it.
    guest(&world, "GC-2").await;
    world.settle().await;
    assert_sound(core).await;
}

async fn what_does_not_open_is_reported_for_its_customer_alone(world: World) {
    let core = &world.server.core;
    let (ana, ben) = (guest(&world, "GC-1").await, guest(&world, "GC-2").await);
    world.settle().await;
    spoil_record(core, &ana).await;
    let before = core.store.record(&ana).await.expect("works");
    for repair in [false, true] {
        let (report, found) = checked(core, repair).await;
        assert_eq!(faults(&report), [(Fault::RecordDamaged, 0, 1)], "{found:?}");
        assert!(found[0].fault.is_data_loss() && found[0].at == format!("customers/{}", ana.customer));
        assert_eq!(core.store.record(&ana).await.expect("works"), before, "left as it is");
    }
    assert_eq!(world.get(&ben.customer.to_string()).await.identities.len(), 1, "others are served");
}

async fn an_erasure_is_finished(world: World) {
    let core = &world.server.core;
    let ana = guest(&world, "GC-1").await;
    world.settle().await;
    let record = core.store.record(&ana).await.expect("works").expect("is there").to_vec();
    let erase = with!(EraseCustomerRequest { customer_id: ana.customer.to_string(), reason: "asked for it".into() });
    world.customers().erase_customer(erase).await.expect("erased");
    world.settle().await;
    // As a backup would bring it back.
    put_raw(core, &ana, None, record).await;
    let (report, _) = checked(core, true).await;
    assert_eq!(faults(&report), [(Fault::ErasedData, 1, 0)]);
    assert_eq!((core.store.record(&ana).await.expect("works"), report.tombstones), (None, 1));
    assert_sound(core).await;
}

#[test]
fn the_program_says_how_it_stands() {
    let shell = Shell::new();
    shell.write("in.ndjson", &[POLICY]);
    assert_ran(&shell.on_store(&["import", "in.ndjson"]), 0, "");
    let fsck = shell.on_store(&["fsck", "--json"]);
    assert_ran(&fsck, 0, "\"sound\":true");
    assert_ran(&shell.run(&["fsck", "--mend"]), 16, "");
    assert_ran(&shell.run(&["fsck", "--store", "nowhere"]), 16, "");
    let _held = rapport::store::redb::RedbStore::open(
        &shell.folder.path().join("data/data.redb"),
        rapport::store::redb::Cache::default(),
    )
    .expect("opens");
    let locked = shell.on_store(&["fsck"]);
    assert!(locked.code == Some(8) && locked.err.contains("in use by another process"), "{}", locked.err);
}

#[test]
fn a_store_that_is_not_there_is_neither_checked_nor_made() {
    let shell = Shell::new();
    for (args, code) in [(&["fsck"][..], 8), (&["stats"], 1), (&["upgrade"], 1), (&["export", "out.ndjson"], 1)] {
        let ran = shell.on_store(args);
        let says_why = ran.err.contains("nothing was ever stored in data: name the store you mean with --store");
        assert!(ran.code == Some(code) && ran.out.is_empty() && says_why, "{args:?} {:?}: {}", ran.code, ran.err);
    }
    assert_eq!(std::fs::read_dir(&shell.folder).expect("a folder").count(), 0, "nothing was made");
}

#[test]
fn a_lost_wrapping_key_is_missed_and_not_replaced() {
    let shell = Shell::new();
    shell.write("in.ndjson", &[POLICY, CUSTOMER]);
    assert_ran(&shell.on_store(&["import", "in.ndjson"]), 0, "");
    let (key, safe) = (shell.folder.path().join("rapport-keys.wrapping.key"), shell.folder.path().join("safe.key"));
    std::fs::rename(&key, &safe).expect("moved");
    for args in [&["fsck"][..], &["brief", "--identity", "loyalty:GC-1017", "--venue", "v"]] {
        let lost = shell.on_store(args);
        assert!(lost.err.contains("rapport-keys.wrapping.key is missing") && lost.code != Some(0), "{}", lost.err);
        assert!(!key.exists(), "a new key would stand where the old one belongs");
    }
    std::fs::rename(&safe, &key).expect("brought back");
    assert_ran(&shell.on_store(&["fsck"]), 0, "sound");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_measures_a_store_and_raises_its_format() {
    let shell = Shell::new();
    shell.write("in.ndjson", &[POLICY, CUSTOMER, PURCHASE]);
    assert_ran(&shell.on_store(&["import", "in.ndjson"]), 0, "");
    // It lets the index worker catch up.
    assert_ran(&shell.on_store(&["fsck"]), 0, "sound");
    let stats: serde_json::Value = shell.on_store(&["stats", "--json"]).out.parse().expect("JSON");
    assert_eq!((&stats["customers"], &stats["listed"], &stats["identities"]["all"]), (&1.into(), &1.into(), &1.into()));
    assert_eq!((&stats["log"]["lag"]["sum"], &stats["writeFormat"]), (&0.into(), &2.into()));
    for part in ["record", "history", "requests", "identities", "keys"] {
        // Of a single customer all figures are one, to the histogram's percent.
        let [sum, median, max] = ["sum", "median", "max"].map(|name| stats["bytes"][part][name].as_u64().unwrap_or(0));
        assert!(sum > 0 && [median, max].iter().all(|one| one.abs_diff(sum) <= sum / 100), "{part}: {stats}");
    }
    // Of the command's own calls; the record is read as a value, and with its slot.
    let calls = |method: &str, what: &str| stats["storeCalls"][method][what].as_u64().unwrap_or(0);
    assert!(calls("names", "calls") > 0 && calls("load", "calls") > 0, "{stats}");
    assert!(calls("values", "operations") >= calls("values", "calls") && calls("values", "calls") > 0, "{stats}");
    assert!(calls("values", "p99Micros") >= calls("values", "medianMicros"), "{stats}");
    assert_eq!(calls("values", "failed"), 0);
    assert_ran(&shell.on_store(&["stats"]), 0, "write format   2");
    assert_ran(&shell.on_store(&["stats"]), 0, "store calls");

    let upgrade = shell.on_store(&["upgrade", "--dry-run"]);
    assert!(upgrade.code == Some(1) && upgrade.err.contains("nothing to raise"), "{}", upgrade.err);
    {
        // What a newer release would do.
        let path = shell.folder.path().join("data/data.redb");
        let store = rapport::store::redb::RedbStore::open(&path, rapport::store::redb::Cache::default());
        store.expect("opens").set_write_format(3).await.expect("raised");
    }
    for command in ["upgrade", "stats"] {
        let refused = shell.on_store(&[command]);
        assert!(refused.code == Some(1) && refused.err.contains("start a newer release"), "{}", refused.err);
    }
    assert_ran(&shell.on_store(&["fsck"]), 8, "");
}

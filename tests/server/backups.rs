//! Backups of a redb store while it is served: each as of one time, put back elsewhere; damaged ones are told, and never served.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use rapport::proto::{customer_service_client::CustomerServiceClient, *};
use tokio::sync::mpsc;
use tonic::{Code, transport::Channel};

use super::{
    common::scaled,
    crash_points::Dice,
    process::Process,
    raw::EVENT_MAX,
    whole::{GUESTS, House, card, guest, on_redb, rapport, text, with_setting},
    world::*,
};

/// Writers that wait for each other: each creates its guest after the one before has.
const WRITERS: usize = 3;
/// Guests who are there already: the copy is of many blocks then, and takes a while.
const MANY: usize = 300;
/// Guests of each writer before and after the backup.
const ROUNDS: usize = 20;
/// Damaged copies, and how many in the long form.
const DAMAGED: (usize, usize) = (20, 200);
/// The guest who is erased after the backup.
const ERASED: usize = 4;

pub fn shown(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// The same keys to the keys, and everything else in another folder.
pub fn elsewhere(settings: &[String], folder: &Path) -> Vec<String> {
    let data = with_setting(settings, "--store", &format!("redb:{}", folder.join("data").display()));
    with_setting(&data, "--keys", &format!("file:{}", folder.join("keys").display()))
}

pub fn succeeds(output: Output) -> String {
    let said = text(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    said
}

pub fn refused(output: Output, why: &str) {
    let said = text(&output);
    assert!(output.status.code() == Some(1) && said.contains(why), "{said}");
}

/// Puts both copies of a backup back into an empty folder.
fn put_back(backup: &Path, settings: &[String]) {
    let keys = backup.join("keys");
    succeeds(rapport(&["backup", "restore", shown(backup), "--keys-from", shown(&keys)], settings));
}

/// The lines of an export, but for the header with its time.
pub fn exported(settings: &[String]) -> Vec<String> {
    let output = rapport(&["export", "-"], settings);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    String::from_utf8(output.stdout).expect("UTF-8").lines().skip(1).map(str::to_owned).collect()
}

/// The copies of a side in a place, the oldest first.
pub fn copies(place: &Path, side: &str) -> Vec<PathBuf> {
    let all = fs::read_dir(place).expect("a folder").map(|entry| entry.expect("an entry").path());
    let name = |path: &PathBuf| path.file_name().expect("a name").to_string_lossy().into_owned();
    let mut found: Vec<_> = all.filter(|path| name(path).starts_with(&format!("{side}-"))).collect();
    found.sort();
    found
}

pub fn named_at(side: &str, time: jiff::Timestamp) -> String {
    format!("{side}-{}", time.strftime("%Y%m%dT%H%M%SZ"))
}

pub fn days_ago(days: i64) -> jiff::Timestamp {
    jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * days)
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")) {
        fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
    }
}

/// One writer of the chain: how many of its guests were begun and acknowledged.
#[derive(Default)]
struct Written {
    begun: AtomicUsize,
    acknowledged: AtomicUsize,
}

fn written_card(writer: usize, number: usize) -> String {
    format!("W{writer}-{number:06}")
}

/// The guests of a writer whose cards are in an export.
fn written_by(writer: usize, lines: &str) -> BTreeSet<usize> {
    let begin = format!("W{writer}-");
    let digits = |at: usize| lines.get(at + begin.len()..at + begin.len() + 6);
    lines.match_indices(&begin).filter_map(|(at, _)| digits(at)?.parse().ok()).collect()
}

/// Creates a guest for each that the writer before has created, and tells the next.
async fn write(
    channel: Channel,
    writer: usize,
    written: Arc<Written>,
    mut before: mpsc::Receiver<()>,
    after: mpsc::Sender<()>,
) {
    let mut customers = CustomerServiceClient::new(channel);
    while before.recv().await.is_some() {
        let number = written.begun.fetch_add(1, Ordering::SeqCst);
        let customer = Some(guest(&written_card(writer, number)));
        let request = CreateCustomerRequest { customer, request_id: String::new() };
        customers.create_customer(request).await.expect("is created");
        written.acknowledged.fetch_add(1, Ordering::SeqCst);
        // The last one tells nobody who listens for long.
        let _ = after.send(()).await;
    }
}

/// Starts the writers; each guest of the last one comes out at the end.
fn start_writers(channel: &Channel, is_ending: Arc<AtomicBool>) -> (Vec<Arc<Written>>, mpsc::Receiver<()>) {
    let (first, mut before) = mpsc::channel(1);
    let mut all = Vec::new();
    for writer in 0..WRITERS {
        let (after, next) = mpsc::channel(1);
        let written = Arc::new(Written::default());
        all.push(written.clone());
        tokio::spawn(write(channel.clone(), writer, written, before, after));
        before = next;
    }
    tokio::spawn(async move { while !is_ending.load(Ordering::SeqCst) && first.send(()).await.is_ok() {} });
    (all, before)
}

fn counts(written: &[Arc<Written>], of: fn(&Written) -> &AtomicUsize) -> Vec<usize> {
    written.iter().map(|written| of(written).load(Ordering::SeqCst)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_is_of_one_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = on_redb(folder.path());
    let mut house = House::with_guests(settings.clone(), MANY).await;
    let is_ending = Arc::new(AtomicBool::new(false));
    let (written, mut done) = start_writers(&house.process.channel, is_ending.clone());
    for _ in 0..ROUNDS {
        done.recv().await.expect("they write");
    }

    let backup = folder.path().join("backup");
    let acknowledged = counts(&written, |written| &written.acknowledged);
    let (to, with) = (backup.clone(), settings.clone());
    // Writing goes on meanwhile: nothing of it waits for the backup.
    let mut making = tokio::task::spawn_blocking(move || rapport(&["backup", shown(&to)], &with));
    let mut meanwhile = 0;
    let made = loop {
        tokio::select! {
            made = &mut making => break made.expect("runs"),
            one = done.recv() => {
                one.expect("they write");
                meanwhile += 1;
            }
        }
    };
    let begun = counts(&written, |written| &written.begun);
    succeeds(made);
    assert!(meanwhile > 0, "it was under load");
    for _ in 0..ROUNDS {
        done.recv().await.expect("they write");
    }
    is_ending.store(true, Ordering::SeqCst);
    while done.recv().await.is_some() {}
    house.stop();

    let other = elsewhere(&settings, &folder.path().join("other"));
    put_back(&backup, &other);
    succeeds(rapport(&["fsck"], &other));
    let lines = exported(&other).join("\n");
    let mut there = Vec::new();
    for writer in 0..WRITERS {
        let found = written_by(writer, &lines);
        let count = found.len();
        assert!(found.iter().copied().eq(0..count), "without a gap: {found:?}");
        assert!(count >= acknowledged[writer], "what was acknowledged before is there");
        assert!(count <= begun[writer], "and nothing that was begun afterwards");
        there.push(count);
    }
    assert!(there.is_sorted_by(|before, after| before >= after), "no effect is there without its cause: {there:?}");
    let House { ids, .. } = house;
    let process = Process::start(&other).await;
    House { settings: other, process, ids }.is_whole().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_a_stopped_store_is_put_back_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = on_redb(folder.path());
    let mut house = House::open(settings.clone()).await;
    let (data, keys) = (folder.path().join("of/data"), folder.path().join("of-keys"));
    succeeds(rapport(&["backup", shown(&data), "--keys-to", shown(&keys)], &settings));
    house.stop();
    for (place, side) in [(&data, "data"), (&keys, "keys")] {
        fs::rename(copies(place, side).remove(0), place.join(named_at(side, days_ago(1)))).expect("renamed");
    }
    assert!(!folder.path().join("data/backup.sock").exists(), "nobody listens any more");
    let said = succeeds(rapport(&["backup", shown(&data), "--keys-to", shown(&keys)], &settings));
    assert!(said.contains(&format!("customers {GUESTS}")), "{said}");
    assert_eq!((copies(&data, "data").len(), copies(&keys, "keys").len()), (2, 1), "the newest keys replace others");
    for folder in copies(&data, "data").iter().chain(&copies(&keys, "keys")) {
        assert_eq!(fs::metadata(folder).expect("there").permissions().mode() & 0o777, 0o700);
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
            assert_eq!(entry.metadata().expect("there").permissions().mode() & 0o777, 0o600, "{entry:?}");
        }
    }

    let other = elsewhere(&settings, &folder.path().join("other"));
    let restore = |args: &[&str]| rapport(&[&["backup", "restore"], args].concat(), &other);
    refused(restore(&[shown(&data)]), "there are no keys");
    refused(restore(&[shown(&keys), "--keys-from", shown(&keys)]), "there is no copy of the data");
    refused(restore(&[shown(&data), "--keys-from", shown(&data)]), "there is no copy of the keys");
    let [newest_keys] = &copies(&keys, "keys")[..] else { panic!("one") };
    let of_keys = restore(&[shown(newest_keys), "--keys-from", shown(&keys)]);
    refused(of_keys, "is a copy of the keys, not of the data: name a copy of the data");
    assert!(
        !folder.path().join("other/data/data.redb").exists() && !folder.path().join("other/keys/keys.redb").exists()
    );
    let said = succeeds(restore(&[shown(&data), "--keys-from", shown(&keys)]));
    assert!(said.contains("erase them again"), "{said}");
    assert_eq!(exported(&other), exported(&settings));
    refused(restore(&[shown(&data)]), "is put back into an empty place");
    refused(restore(&["--keys-from", shown(&keys)]), "knows who was erased since");
    // What was handed out by the first is not believed by the second.
    assert!(succeeds(rapport(&["stats"], &other)).contains("epoch          2\n"));

    fs::remove_file(folder.path().join("other/keys/keys.redb")).expect("lost");
    succeeds(restore(&["--keys-from", shown(&keys)]));
    refused(
        rapport(&["backup", shown(&folder.path().join("data/b"))], &with_setting(&settings, "--store", "redb:nowhere")),
        "nothing was ever stored",
    );
    let within = rapport(&["backup", shown(&folder.path().join("keys/b"))], &settings);
    assert_eq!(within.status.code(), Some(2), "{}", text(&within));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_erased_since_stays_erased() {
    let folder = tempfile::tempdir().expect("a folder");
    // Whatever is gone is told.
    let settings = with_setting(&on_redb(folder.path()), "--loss-window-seconds", "0");
    let mut house = House::open(settings.clone()).await;
    let backup = folder.path().join("backup");
    succeeds(rapport(&["backup", shown(&backup)], &settings));
    let mut customers = CustomerServiceClient::new(house.process.channel.clone());
    let id = house.ids[ERASED].clone();
    let erase = with!(EraseCustomerRequest { customer_id: id.clone(), reason: "asked for it".into() });
    customers.erase_customer(erase).await.expect("erased");
    house.stop();
    // How far the logs had come is noted at the next start at the latest.
    let process = Process::start(&settings).await;
    let mut health = super::operation::watch(process.address, "").await;
    super::operation::until(&mut health, tonic_health::pb::health_check_response::ServingStatus::Serving).await;
    house.process = process;
    house.stop();

    fs::remove_file(folder.path().join("data/data.redb")).expect("lost");
    succeeds(rapport(&["backup", "restore", shown(&backup)], &settings));
    let told = rapport(&["store", "adopt"], &settings);
    assert!(text(&told).contains("an older copy of itself"), "{}", text(&told));
    succeeds(rapport(&["store", "adopt", "--yes"], &settings));
    let lines = exported(&settings).join("\n");
    assert!(!lines.contains(&id) && lines.contains(&house.ids[0]), "her alone");
    let house = house.again_ended(settings).await;
    for number in 0..GUESTS {
        let state = house.brief(by_identity(loyalty(&card(number)))).await.state;
        let wanted = if number == ERASED { BriefingState::FirstVisit } else { BriefingState::Known };
        assert_eq!(state, wanted as i32, "guest {number}");
    }
    let mut customers = CustomerServiceClient::new(house.process.channel.clone());
    let status = customers.get_customer(get(&id)).await.expect_err("erased");
    assert_refused(&status, Code::NotFound, "CUSTOMER_NOT_FOUND");
}

/// A house with guests that was backed up into a folder beside it, and stopped.
pub struct BackedUp {
    pub settings: Vec<String>,
    pub house: House,
    pub place: PathBuf,
    /// The copy of the data.
    pub data: PathBuf,
    /// The copy of the keys.
    pub keys: PathBuf,
}

impl BackedUp {
    pub async fn new(folder: &Path) -> Self {
        let settings = on_redb(folder);
        let mut house = House::open(settings.clone()).await;
        let place = folder.join("backup");
        succeeds(rapport(&["backup", shown(&place)], &settings));
        house.stop();
        let (data, keys) = (copies(&place, "data").remove(0), copies(&place.join("keys"), "keys").remove(0));
        Self { settings, house, place, data, keys }
    }
}

/// What is done to a file.
fn damage(file: &Path, dice: &mut Dice) -> String {
    let mut bytes = fs::read(file).expect("read");
    let at = dice.roll(bytes.len() as u64) as usize;
    let what = if dice.roll(2) == 0 {
        bytes.truncate(at);
        format!("{} cut to {at} bytes", file.display())
    } else {
        bytes[at] ^= 1 << dice.roll(8);
        format!("{} with another bit in byte {at}", file.display())
    };
    fs::write(file, bytes).expect("written");
    what
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_copy_is_told_and_nothing_of_it_is_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let BackedUp { settings, data, keys, .. } = BackedUp::new(folder.path()).await;
    let seed = std::env::var("RAPPORT_TEST_SEED").map_or(7, |seed| seed.parse().expect("a number"));
    let mut dice = Dice(seed);
    let files = ["data/manifest", "data/data.copy", "keys/manifest", "keys/keys.copy"];
    for round in 0..scaled(DAMAGED.0, DAMAGED.1) {
        let spoilt = folder.path().join("spoilt");
        copy_folder(&data, &spoilt.join("data"));
        copy_folder(&keys, &spoilt.join("keys"));
        let what = damage(&spoilt.join(files[round % files.len()]), &mut dice);
        let place = folder.path().join("place");
        let other = elsewhere(&settings, &place);
        let (from, keys_from) = (spoilt.join("data"), spoilt.join("keys"));
        let tried = rapport(&["backup", "restore", shown(&from), "--keys-from", shown(&keys_from)], &other);
        let said = text(&tried);
        assert_eq!(tried.status.code(), Some(1), "seed {seed}, {what}: {said}");
        assert!(said.contains("is damaged") && said.contains("take another copy"), "seed {seed}, {what}: {said}");
        assert!(!said.contains("panicked"), "seed {seed}, {what}: {said}");
        for left in ["data", "keys"].map(|side| place.join(side)) {
            let count = fs::read_dir(&left).map_or(0, Iterator::count);
            assert_eq!(count, 0, "seed {seed}, {what}: something is left in {}", left.display());
        }
        fs::remove_dir_all(&spoilt).expect("removed");
    }
    // Copies of two stores, or none that is finished.
    let unfinished = folder.path().join("unfinished");
    copy_folder(&data, &unfinished.join(format!("{}.part", named_at("data", days_ago(0)))));
    let other = elsewhere(&settings, &folder.path().join("place"));
    let tried = rapport(&["backup", "restore", shown(&unfinished), "--keys-from", shown(&keys)], &other);
    refused(tried, "there is no copy of the data");
}

/// The program with the settings of a server that makes backups.
pub fn with_plan(args: &[&str], settings: &[String], place: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rapport"));
    command.args(args).args(settings).env("RAPPORT_BACKUP_TO", place).output().expect("the program was built")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_makes_a_backup_each_day_and_keeps_some() {
    let folder = tempfile::tempdir().expect("a folder");
    let BackedUp { settings, house, place: backup, data, keys } = BackedUp::new(folder.path()).await;
    // A copy of each of the days before, and one that was broken off.
    for days in 2..40 {
        copy_folder(&data, &backup.join(named_at("data", days_ago(days))));
    }
    let broken = backup.join(format!("{}.part", named_at("data", days_ago(3))));
    fs::rename(&data, &broken).expect("renamed");
    fs::rename(&keys, backup.join("keys").join(named_at("keys", days_ago(3)))).expect("renamed");
    fs::create_dir(backup.join("mine")).expect("made");
    let stats = with_plan(&["stats"], &settings, &backup);
    assert!(succeeds(stats).contains("WARNING: older than two days"));

    let planned = with_setting(&settings, "--backup-to", shown(&backup));
    let house = house.again_ended(planned).await;
    let line = house.process.line_with("backed up", EVENT_MAX);
    assert!(line.contains(&format!("customers={GUESTS}")), "{line}");
    let left = copies(&backup, "data");
    assert!((7..=11).contains(&left.len()), "of seven days, and of weeks before: {left:?}");
    for days in 2..7 {
        let day = days_ago(days).strftime("data-%Y%m%d").to_string();
        assert!(left.iter().any(|copy| shown(copy).contains(&day)), "{day} in {left:?}");
    }
    assert!(!broken.exists() && backup.join("mine").exists(), "what is not ours is left alone");
    assert_eq!(copies(&backup.join("keys"), "keys").len(), 1);
    let mut house = house;
    house.process.terminate();
    house.process.ended();
    let stats = with_plan(&["stats", "--json"], &settings, &backup);
    let told: serde_json::Value = serde_json::from_str(&succeeds(stats)).expect("JSON");
    assert_eq!(told["backup"]["isOld"], false, "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_whose_backups_fail_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = on_redb(folder.path());
    fs::write(folder.path().join("file"), "no folder").expect("written");
    let (backup, keys) = (folder.path().join("backup"), folder.path().join("file/keys"));
    let planned = with_setting(&settings, "--backup-to", shown(&backup));
    let planned = with_setting(&planned, "--backup-keys-to", shown(&keys));
    let house = House::with_guests(planned, GUESTS).await;
    let words = ["the backup failed", "the newest backup is older than two days"];
    let lines = house.process.lines_with(&words, EVENT_MAX);
    for word in words {
        assert!(lines.iter().any(|line| line.contains(word)), "{word}: {lines:?}");
    }
    assert_eq!(fs::read_dir(&backup).expect("made").count(), 0, "no copy of the data without one of the keys");
}

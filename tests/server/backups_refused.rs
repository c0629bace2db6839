//! Backups that would take the place of better ones, and copies that do not fit what they are put back beside.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use rapport::proto::{customer_service_client::CustomerServiceClient, *};

use super::{
    backups::{BackedUp, copies, days_ago, elsewhere, exported, named_at, refused, shown, succeeds, with_plan},
    process::Process,
    raw::EVENT_MAX,
    whole::{House, guest, on_redb, rapport, text, with_setting},
};

/// All copies of a place, of data and keys.
fn all_copies(place: &Path) -> Vec<PathBuf> {
    [copies(place, "data"), copies(&place.join("keys"), "keys")].concat()
}

/// Gives the copies of a place the names of those of yesterday, so that another backup of the same second has a name left.
fn age(place: &Path) {
    for (place, side) in [(place.to_owned(), "data"), (place.join("keys"), "keys")] {
        let copy = copies(&place, side).remove(0);
        fs::rename(copy, place.join(named_at(side, days_ago(1)))).expect("renamed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_not_whole_takes_the_place_of_no_backup() {
    let folder = tempfile::tempdir().expect("a folder");
    let BackedUp { settings, place, .. } = BackedUp::new(folder.path()).await;
    age(&place);
    let before = all_copies(&place);
    fs::remove_file(folder.path().join("data/data.redb")).expect("lost");
    let why = "would take the place of a better one";
    // From the server that has them open, and then from the files.
    let mut process = Process::start(&settings).await;
    refused(rapport(&["backup", shown(&place)], &settings), why);
    process.terminate();
    process.ended();
    let output = rapport(&["backup", shown(&place)], &settings);
    assert!(text(&output).contains("rapport store adopt"), "what to do: {}", text(&output));
    refused(output, why);
    assert_eq!(all_copies(&place), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_that_went_back_do_not_take_the_place_of_better_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    let BackedUp { settings, house, place: old, .. } = BackedUp::new(folder.path()).await;
    let mut house = house.again_ended(settings.clone()).await;
    house.create(guest("late")).await.expect("is created");
    let mut customers = CustomerServiceClient::new(house.process.channel.clone());
    let erase = with!(EraseCustomerRequest { customer_id: house.ids[0].clone(), reason: "asked for it".into() });
    customers.erase_customer(erase).await.expect("erased");
    let new = folder.path().join("new");
    succeeds(rapport(&["backup", shown(&new)], &settings));
    house.stop();
    age(&new);
    let better = copies(&new.join("keys"), "keys").remove(0);

    fs::remove_file(folder.path().join("keys/keys.redb")).expect("lost");
    succeeds(rapport(&["backup", "restore", "--keys-from", shown(&old.join("keys"))], &settings));
    let output = rapport(&["backup", shown(&new)], &settings);
    let said = text(&output);
    assert!(output.status.code() == Some(1) && said.contains("the backup was made, but"), "{said}");
    assert!(said.contains("1 keys that the new copy lacks") && said.contains("1 as destroyed"), "{said}");
    assert_eq!(copies(&new, "data").len(), 2);
    let keys = || copies(&new.join("keys"), "keys");
    assert!(keys().len() == 2 && keys().contains(&better), "{:?}", keys());

    // A server says so, too, and its backup counts: what is older and has nothing more goes.
    let went_back = keys().into_iter().find(|copy| *copy != better).expect("the new one");
    let older = new.join("keys").join(named_at("keys", days_ago(2)));
    fs::rename(went_back, &older).expect("renamed");
    let mut process = Process::start(&with_setting(&settings, "--backup-to", shown(&new))).await;
    let line = process.line_with("something older is left", EVENT_MAX);
    assert!(line.contains(shown(&better)), "{line}");
    process.terminate();
    process.ended();
    assert!(keys().len() == 2 && keys().contains(&better) && !older.exists(), "{:?}", keys());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stores_that_share_a_place_leave_each_other_alone() {
    let (folder, other) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let BackedUp { settings, place, data, keys, .. } = BackedUp::new(folder.path()).await;
    let others = with_setting(&on_redb(other.path()), "--backup-to", shown(&place));
    let stats = |settings: &[String]| {
        let told: serde_json::Value =
            serde_json::from_str(&succeeds(with_plan(&["stats", "--json"], settings, &place))).expect("JSON");
        told["backup"]["isOld"].as_bool().expect("it is told")
    };
    // It has none of its own, however young that of the first one is.
    let mut house = House::open(others.clone()).await;
    house.process.line_with("backed up", EVENT_MAX);
    house.process.terminate();
    house.process.ended();
    assert!(!stats(&settings) && !stats(&on_redb(other.path())));
    assert_eq!((copies(&place, "data").len(), copies(&place.join("keys"), "keys").len()), (2, 2));
    assert!(data.exists() && keys.exists());

    let target = elsewhere(&settings, &folder.path().join("target"));
    let restore =
        |data: &Path, keys: &Path| rapport(&["backup", "restore", shown(data), "--keys-from", shown(keys)], &target);
    refused(restore(&place, &keys), "has copies of several stores: name the folder of one copy");
    let of_other = copies(&place.join("keys"), "keys").into_iter().find(|copy| *copy != keys).expect("two");
    refused(restore(&data, &of_other), "are of two stores");
    for file in ["target/data/data.redb", "target/keys/keys.redb"] {
        assert!(!folder.path().join(file).exists(), "{file}");
    }
    fs::remove_dir_all(data).expect("lost");
    assert!(stats(&settings), "that of the other store is none of this one");
}

/// Fault: Keys that are older than the data.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn older_keys_are_put_back_only_if_they_have_that_of_everybody() {
    let folder = tempfile::tempdir().expect("a folder");
    let BackedUp { settings, house, keys: old_keys, .. } = BackedUp::new(folder.path()).await;
    let mut house = house.again_ended(settings.clone()).await;
    house.create(guest("late")).await.expect("is created");
    let (new, newest) = (folder.path().join("new"), folder.path().join("newest"));
    succeeds(rapport(&["backup", shown(&new)], &settings));
    house.stop();
    succeeds(rapport(&["backup", shown(&newest)], &settings));

    let target = elsewhere(&settings, &folder.path().join("target"));
    let restore =
        |data: &Path, keys: &Path| rapport(&["backup", "restore", shown(data), "--keys-from", shown(keys)], &target);
    refused(restore(&new, &old_keys), "lacks the keys of 1 customers");
    assert!(!folder.path().join("target").exists(), "nothing was begun");
    let said = succeeds(restore(&newest, &new.join("keys")));
    assert!(said.contains("the keys are older than the data"), "{said}");
    assert_eq!(exported(&target), exported(&settings));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_that_was_broken_off_goes_on_by_the_same_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let BackedUp { settings, place, .. } = BackedUp::new(folder.path()).await;
    let target = elsewhere(&settings, &folder.path().join("target"));
    let (data, keys) = (folder.path().join("target/data/data.redb"), folder.path().join("target/keys/keys.redb"));
    let restore = || rapport(&["backup", "restore", shown(&place), "--keys-from", shown(&place.join("keys"))], &target);
    succeeds(restore());
    // As it is when it ends after the keys have their name, and before the data have theirs.
    fs::rename(&data, data.with_extension("redb.part")).expect("renamed");
    succeeds(restore());
    assert_eq!(exported(&target), exported(&settings));
    assert!(!data.with_extension("redb.part").exists() && !keys.with_extension("redb.part").exists());

    // Keys that are not those of this restore stay, as they were.
    fs::remove_file(&data).expect("lost");
    fs::remove_file(&keys).expect("lost");
    succeeds(rapport(&["backup", "restore", "--keys-from", shown(&place.join("keys"))], &target));
    let before = fs::read(&keys).expect("there");
    refused(restore(), "knows who was erased since");
    assert!(fs::read(&keys).expect("there").len() == before.len() && !data.exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_backup_left_that_was_killed_goes_with_the_next() {
    let folder = tempfile::tempdir().expect("a folder");
    let BackedUp { settings, place, .. } = BackedUp::new(folder.path()).await;
    age(&place);
    let minutes_ago = |minutes| jiff::Timestamp::now() - jiff::SignedDuration::from_mins(minutes);
    let part = |place: &Path, side, minutes| {
        let part = place.join(format!("{}.part", named_at(side, minutes_ago(minutes))));
        fs::create_dir(&part).expect("made");
        fs::write(part.join(format!("{side}.copy")), "begun").expect("written");
        part
    };
    let left = [part(&place, "data", 1), part(&place.join("keys"), "keys", 1)];
    let under_way = part(&place.join("keys"), "keys", 2);
    let locked = File::open(&under_way).expect("opened");
    locked.lock().expect("locked");
    let mine = place.join("mine.part");
    fs::create_dir(&mine).expect("made");
    succeeds(rapport(&["backup", shown(&place)], &settings));
    assert!(left.iter().all(|part| !part.exists()), "keys that are destroyed would live on in it");
    assert!(under_way.exists() && mine.exists(), "another backup is writing it, and what is not ours");
}

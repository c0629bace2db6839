//! A file of an embedded store that is deleted, moved or replaced while it is served: what was stored stays readable, and nothing more is
//! acknowledged that whoever starts next would not find.

use std::fs;

use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;

use super::{
    operation::{until, watch},
    raw::EVENT_MAX,
    whole::{GUESTS, House, card, guest, on_redb},
    world::*,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_moved_while_it_is_served_is_noticed() {
    for (name, is_replaced) in
        [("data/data.redb", false), ("data/data.redb", true), ("keys/keys.redb", false), ("keys/keys.redb", true)]
    {
        let folder = tempfile::tempdir().expect("a folder");
        let house = House::open(on_redb(folder.path())).await;
        let mut health = watch(house.process.address, "").await;
        until(&mut health, ServingStatus::Serving).await;
        let (file, aside) = (folder.path().join(name), folder.path().join("aside"));
        fs::rename(&file, &aside).expect("is moved");
        if is_replaced {
            fs::copy(&aside, &file).expect("is copied");
        }
        until(&mut health, ServingStatus::NotServing).await;
        let refused = house.create(guest("GC-new")).await.expect_err("it would be lost");
        assert_refused(&refused, Code::Unavailable, "STORE_MISCONFIGURED");
        let known = house.brief(by_identity(loyalty(&card(1)))).await;
        assert_eq!(known.precautions.len(), 1, "{name}: who is known stays so");
        let what = if is_replaced { "replaced" } else { "deleted or moved" };
        let log = house.process.lines();
        let told = log.iter().filter(|line| line.contains(what) && line.contains("do not stop it"));
        assert!(told.count() > 0, "{name}: {log:#?}");

        fs::rename(&aside, &file).expect("is put back");
        until(&mut health, ServingStatus::Serving).await;
        house.create(guest("GC-new")).await.expect("is stored");
    }
}

/// An older copy that is written into the file while it is served is of no use to the process, which has the newer one in memory: nothing is
/// answered from the two together, and whoever starts next finds an older copy.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_overwritten_while_it_is_served_is_unfit() {
    for (name, is_noticed_by_a_write) in [("data/data.redb", true), ("keys/keys.redb", false)] {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = on_redb(folder.path());
        let (file, older, newer) = (folder.path().join(name), folder.path().join("older"), folder.path().join("newer"));
        let mut house = House::open(settings.clone()).await;
        house.end();
        fs::copy(&file, &older).expect("is copied");
        house = house.again_ended(settings.clone()).await;
        for number in GUESTS..2 * GUESTS {
            house.create_again(number).await.expect("is created");
        }
        house.end();
        fs::copy(&file, &newer).expect("is copied");
        house = house.again_ended(settings.clone()).await;
        house.is_whole().await;
        let cause = format!("{} was overwritten by another process", file.display());

        fs::write(&file, fs::read(&older).expect("is read")).expect("is overwritten");
        if is_noticed_by_a_write {
            let refused = house.create(guest("GC-new")).await.expect_err("it would be lost");
            assert_refused(&refused, Code::Unavailable, "STORE_UNFIT");
        } else {
            let mut health = watch(house.process.address, "").await;
            until(&mut health, ServingStatus::NotServing).await;
        }
        house.is_unfit(&cause).await;
        house.end();

        if name.starts_with("data") {
            house = house.again_ended(settings.clone()).await;
            house.is_unfit("the data store is an older copy").await;
            house.end();
        }
        fs::copy(&newer, &file).expect("is put back");
        house.again_ended(settings).await.is_whole().await;
    }
}

/// Who deletes both files loses nothing, if they do what the log says.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_are_deleted_are_copied_from_the_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = on_redb(folder.path());
    let mut house = House::open(settings.clone()).await;
    let mut health = watch(house.process.address, "").await;
    until(&mut health, ServingStatus::Serving).await;
    let files = ["data/data.redb", "keys/keys.redb"].map(|name| folder.path().join(name));
    for file in &files {
        fs::remove_file(file).expect("is deleted");
    }
    let told = house.process.line_with("keys.redb was deleted", EVENT_MAX);
    let refused = house.create(guest("GC-new")).await.expect_err("it would be lost");
    assert_refused(&refused, Code::Unavailable, "STORE_MISCONFIGURED");
    let open: Vec<&str> = told.split_whitespace().filter(|word| word.starts_with("/proc/")).collect();
    assert_eq!(open.len(), files.len(), "{told}");
    for (from, file) in open.into_iter().zip(&files) {
        fs::copy(from, file).expect("is copied");
    }
    house.stop();
    let house = house.again_ended(settings).await;
    let mut health = watch(house.process.address, "").await;
    until(&mut health, ServingStatus::Serving).await;
    for number in 0..house.ids.len() {
        let known = house.brief(by_identity(loyalty(&card(number)))).await;
        assert_eq!(known.customer_id, house.ids[number]);
    }
}

//! A file of an embedded store that is deleted, moved or replaced while it is served: what was stored stays readable, and nothing more is
//! acknowledged that whoever starts next would not find.

use std::fs;

use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;

use super::{
    operation::{until, watch},
    whole::{House, card, guest, on_redb},
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

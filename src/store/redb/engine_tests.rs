use super::*;
use crate::store::redb::{Cache, open};

#[test]
fn the_file_is_free_when_the_store_is_gone_whoever_still_scans() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("data.redb");
    let start = || Engine::start(open::file(path.clone(), Cache::default()));
    let engine = start().expect("opens");
    // What a scan holds whose caller has gone.
    let held = Arc::clone(&engine.file);
    drop(engine);
    start().expect("the file is free");
    let late = held.read(|_| Ok(()));
    assert!(matches!(late, Err(StoreError::Unavailable(_))), "and a scan that begins late reads nothing");
}

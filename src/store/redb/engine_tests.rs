use super::*;

#[test]
fn the_file_is_free_when_the_store_is_gone_whoever_still_scans() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("data.redb");
    let start = || {
        let path = path.clone();
        let open = move || Database::create(&path).map_err(|error| StoreError::Unavailable(error.to_string().into()));
        Engine::start(Opener {
            place: "a file".to_owned(),
            open: Box::new(open),
            is_there: Box::new(|| Ok(())),
            successors: None,
        })
    };
    let engine = start().expect("opens");
    // What a scan holds whose caller has gone.
    let held = Arc::clone(&engine.file);
    drop(engine);
    start().expect("the file is free");
    let late = held.read(|_| Ok(()));
    assert!(matches!(late, Err(StoreError::Unavailable(_))), "and a scan that begins late reads nothing");
}

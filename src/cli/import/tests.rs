use std::{fs, path::PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::cli::{demo, fake::Fake};

const LANES: usize = 4;

struct Files {
    folder: TempDir,
}

impl Files {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn write(&self, lines: &[u8]) -> PathBuf {
        let path = self.folder.path().join("in.ndjson");
        fs::write(&path, lines).expect("written");
        path
    }

    fn rejects(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.folder.path().join("in.ndjson.rejects.ndjson")).unwrap_or_default();
        text.lines().map(|line| line.parse().expect("JSON")).collect()
    }
}

fn customer(card: &str) -> String {
    json!({ "customer": { "identities": [{ "type": "IDENTITY_TYPE_LOYALTY", "value": card }] } }).to_string()
}

fn interaction(card: &str, key: &str) -> String {
    json!({ "interaction": {
        "source": "till", "externalId": key, "identity": { "type": "IDENTITY_TYPE_LOYALTY", "value": card },
    } })
    .to_string()
}

fn policy() -> String {
    json!({ "policy": { "owner": "me", "venues": [{ "venueId": "v", "timeZone": "Europe/Zurich" }] } }).to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_taken_in_once_however_often_it_is_run() {
    let (fake, files) = (Fake::default(), Files::new());
    let channel = fake.serve().await;
    let mut rows = vec![policy(), customer("a"), customer("b"), customer("a")];
    rows.extend((0..450).map(|number| interaction(["a", "b", "c"][number % 3], &format!("{number:04}"))));
    let path = files.write(rows.join("\n").as_bytes());
    assert_eq!(import(channel.clone(), &path, LANES).await.expect("taken in"), Outcome::Done);
    {
        let state = fake.state();
        assert_eq!((state.created.len(), state.order.len()), (2, 450), "the third customer is the first again");
        assert!(!state.met, "no two calls met at a customer");
        for turn in 0..3 {
            let keys = state.order.iter().filter(|key| key.parse::<usize>().expect("a number") % 3 == turn);
            assert!(keys.is_sorted(), "one customer's interactions stay in order");
        }
    }
    assert_eq!(import(channel.clone(), &path, LANES).await.expect("taken in"), Outcome::Done);
    fake.state().remembered.clear();
    assert_eq!(import(channel, &path, LANES).await.expect("taken in"), Outcome::Done);
    let state = fake.state();
    assert_eq!((state.created.len(), state.order.len()), (2, 450));
    assert_eq!(state.policy.as_ref().map(|policy| policy.version), Some(1));
    assert!(files.rejects().is_empty());
}

#[tokio::test]
async fn bad_rows_are_set_aside_and_good_ones_kept() {
    let (fake, files) = (Fake::default(), Files::new());
    let channel = fake.serve().await;
    let mut bytes = [policy(), "{\"customer\": {\"colour\": 1}}".into(), customer("taken"), customer("a")].join("\n");
    bytes.push_str(&format!("\r\n\n{}\n{}\n", interaction("a", "bad-1"), interaction("a", "1")));
    let mut bytes = bytes.into_bytes();
    bytes.extend_from_slice(b"{\"customer\": \"\xff\"}\n");
    bytes.extend_from_slice(&vec![b'['; lines::LINE_BYTES_MAX + 1]);
    bytes.extend_from_slice(format!("\n{}\n{{\"interaction\": {{\"sou", interaction("a", "old-1")).as_bytes());
    let path = files.write(&bytes);
    assert_eq!(import(channel, &path, LANES).await.expect("taken in"), Outcome::Partly);
    let mut rejects = files.rejects();
    rejects.sort_by_key(|reject| reject["line"].as_u64());
    let found: Vec<_> = rejects
        .iter()
        .map(|reject| (reject["line"].as_u64().unwrap_or(0), reject["reason"].as_str().unwrap_or("")))
        .collect();
    let expected = [
        (2, "INVALID_ROW"),
        (3, "IDENTITY_TAKEN"),
        (6, "FIELD_INVALID"),
        (8, "NOT_UTF8"),
        (9, "LINE_TOO_LONG"),
        (11, "CUT_OFF_OR_INVALID"),
    ];
    assert_eq!(found, expected);
    assert_eq!(rejects[1]["row"], json!(customer("taken")), "the row itself, to mend and import again");
    assert_eq!(rejects[1]["field"], json!("customer.identities[0]"));
    assert_eq!(rejects[2]["field"], json!("interaction.venue_id"));
    let state = fake.state();
    assert_eq!((state.created.len(), state.order.as_slice()), (1, &["1".to_owned()][..]));
}

#[tokio::test]
async fn what_passes_is_waited_for() {
    let (fake, files) = (Fake::default(), Files::new());
    let channel = fake.serve().await;
    fake.state().unavailable = 2;
    let path = files.write([interaction("a", "again-1"), interaction("a", "2")].join("\n").as_bytes());
    assert_eq!(import(channel, &path, LANES).await.expect("taken in"), Outcome::Done);
    let mut order = fake.state().order.clone();
    order.sort();
    assert_eq!(order, ["2", "again-1"]);
    assert_eq!(fake.state().recorded["2"], 1, "only what asked for it was sent again");
}

#[tokio::test]
async fn a_missing_file_is_said() {
    let channel = Fake::default().serve().await;
    let failure = import(channel, Path::new("/does/not/exist.ndjson"), LANES).await.expect_err("is missing");
    assert!(failure.to_string().contains("/does/not/exist.ndjson"), "{failure}");
}

#[tokio::test]
async fn the_demo_loads_like_any_import() {
    let fake = Fake::default();
    let channel = fake.serve().await;
    let days = demo::days::Days::starting_at("2026-07-14T09:00:00Z".parse().expect("a time"));
    demo::load(channel, &days).await.expect("loads");
    let state = fake.state();
    assert_eq!(state.created.len(), demo::samples(&days).len());
    let interactions: usize = demo::samples(&days).iter().map(|sample| sample.interactions.len()).sum();
    assert_eq!(state.order.len(), interactions);
}

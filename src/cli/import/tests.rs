use std::{fs, future::pending, io::Read, path::PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::*;
use crate::{
    app::Server,
    cli::{
        connect, demo,
        testing::{Service, config},
    },
    proto::{GetPolicyRequest, policy_service_client::PolicyServiceClient},
};

const QUEUES: usize = 4;
const DAY_MS: i64 = 86_400_000;

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

async fn take_in(channel: ServiceChannel, path: &Path) -> Result<Outcome, Failure> {
    import(channel, path, &records(), pending()).await
}

fn records() -> ImportOptions {
    ImportOptions { format: Format::Records, mapping: String::new(), queues: QUEUES, goes_on: true, is_dry: false }
}

fn customer(card: &str) -> String {
    json!({ "customer": { "identities": [{ "type": "IDENTITY_TYPE_LOYALTY", "value": card }] } }).to_string()
}

/// Of the same card, and yet another customer: it speaks another language.
fn usurper(card: &str) -> String {
    json!({ "customer": {
        "details": { "language": "de" }, "identities": [{ "type": "IDENTITY_TYPE_LOYALTY", "value": card }],
    } })
    .to_string()
}

fn interaction(card: &str, key: &str) -> String {
    interaction_at("v", card, key)
}

fn interaction_at(venue: &str, card: &str, key: &str) -> String {
    json!({ "interaction": {
        "source": "till", "externalId": key, "identity": { "type": "IDENTITY_TYPE_LOYALTY", "value": card },
        "kind": "INTERACTION_KIND_PURCHASE", "venueId": venue, "occurTime": "2017-12-15T12:00:00Z",
        "purchase": { "lines": [{ "item": "tea", "quantity": 1, "amountMinorUnits": "450" }] },
    } })
    .to_string()
}

fn policy() -> String {
    json!({ "policy": { "owner": "me", "venues": [
        { "venueId": "v", "displayName": "V", "timeZone": "Europe/Zurich", "currencyCode": "CHF" },
    ] } })
    .to_string()
}

/// Purchases by customer, sorted.
async fn purchases(service: &Service) -> Vec<i64> {
    let all = service.customers().await;
    let mut counts: Vec<i64> =
        all.into_iter().map(|customer| customer.habits.unwrap_or_default().purchase_count).collect();
    counts.sort_unstable();
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_taken_in_once_however_often_it_is_run() {
    let (service, files) = (Service::start().await, Files::new());
    let mut rows = vec![policy(), customer("a"), customer("b"), customer("a")];
    rows.extend((0..450).map(|number| interaction(["a", "b", "b"][number % 3], &format!("{number:04}"))));
    let path = files.write(rows.join("\n").as_bytes());
    for run in 0..3 {
        assert_eq!(take_in(service.channel(), &path).await.expect("taken in"), Outcome::Done);
        assert_eq!(purchases(&service).await, [150, 300], "run {run}: the third customer is the first again");
        // After a day, the service no longer remembers the requests; it knows the customers.
        service.clock.fetch_add(2 * DAY_MS * run, std::sync::atomic::Ordering::Relaxed);
    }
    let policy = PolicyServiceClient::new(service.channel()).get_policy(GetPolicyRequest { version: 0 }).await;
    assert_eq!(policy.expect("is set").into_inner().policy.map(|policy| policy.version), Some(1));
    assert!(files.rejects().is_empty());
}

#[tokio::test]
async fn a_repeated_draft_is_unchanged_not_created() {
    let service = Service::start().await;
    let draft = demo::draft::person("Elena Marchetti", "Ms Marchetti", "it", "GC-1017");
    let calls = calls::Calls::new(service.channel());
    let mut effects = Vec::new();
    for days in [0, 0, 2] {
        service.clock.fetch_add(days * DAY_MS, std::sync::atomic::Ordering::Relaxed);
        effects.push(calls.create(draft.clone()).await.ok());
    }
    let (made, unchanged) = (Some(calls::Effect::Made), Some(calls::Effect::Unchanged));
    assert_eq!(effects, [made, unchanged, unchanged]);
}

#[tokio::test]
async fn bad_rows_are_set_aside_and_good_ones_kept() {
    let (service, files) = (Service::start().await, Files::new());
    let mut bytes =
        [policy(), customer("a"), interaction("a", "0"), "{\"customer\": {\"colour\": 1}}".into()].join("\n");
    bytes.push_str(&format!("\r\n\n{}\n{}\n", interaction_at("w", "a", "1"), interaction("a", "2")));
    let mut bytes = bytes.into_bytes();
    bytes.extend_from_slice(b"{\"customer\": \"\xff\"}\n");
    bytes.extend_from_slice(&vec![b'['; lines::LINE_BYTES_MAX + 1]);
    bytes.extend_from_slice(format!("\n{}\n{{\"interaction\": {{\"sou", usurper("a")).as_bytes());
    let path = files.write(&bytes);
    assert_eq!(take_in(service.channel(), &path).await.expect("taken in"), Outcome::Partly);
    let mut rejects = files.rejects();
    rejects.sort_by_key(|reject| reject["line"].as_u64());
    let found: Vec<_> = rejects
        .iter()
        .map(|reject| (reject["line"].as_u64().unwrap_or(0), reject["reason"].as_str().unwrap_or("")))
        .collect();
    let expected = [
        (4, "INVALID_ROW"),
        (6, "FIELD_INVALID"),
        (8, "NOT_UTF8"),
        (9, "LINE_TOO_LONG"),
        (10, "IDENTITY_TAKEN"),
        (11, "CUT_OFF_OR_INVALID"),
    ];
    assert_eq!(found, expected);
    assert_eq!(rejects[4]["row"], json!(usurper("a")), "the row itself, to mend and import again");
    assert_eq!(rejects[1]["field"], json!("interaction.venue_id"));
    assert_eq!(purchases(&service).await, [2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_restarts_is_waited_for() {
    let (folder, files) = (tempfile::tempdir().expect("a folder"), Files::new());
    let mut config = config(&folder);
    let server = Server::start(config.clone()).await.expect("starts");
    config.listen = server.address;
    let url = format!("http://{}", server.address);
    let channel = Caller::default().on(connect::connect(&url).await.expect("listens"));
    server.shutdown().await;
    let path = files.write([policy(), customer("a"), interaction("a", "1")].join("\n").as_bytes());
    let imported = tokio::spawn(async move { take_in(channel, &path).await });
    let server = Server::start(config).await.expect("starts again");
    assert_eq!(imported.await.expect("no panic").expect("taken in"), Outcome::Done);
    assert!(files.rejects().is_empty());
    server.shutdown().await;
}

/// Rows, then the signal instead of the file's end.
struct Interrupting {
    rows: std::io::Cursor<Vec<u8>>,
    signal: Option<oneshot::Sender<()>>,
}

impl Read for Interrupting {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.rows.read(buffer)?;
        if read == 0 {
            self.signal.take();
        }
        Ok(read)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_read_before_a_signal_is_kept_by_the_closed_store() {
    let (service, files) = (Service::start().await, Files::new());
    let path = files.write([policy(), customer("a")].join("\n").as_bytes());
    assert_eq!(take_in(service.channel(), &path).await.expect("taken in"), Outcome::Done);
    let rows: Vec<String> = (0..300).map(|number| interaction("a", &number.to_string())).collect();
    let rows = rows.join("\n").into_bytes();
    let path = files.write(&rows);

    let (signal, stop) = oneshot::channel();
    let reader = Interrupting { rows: std::io::Cursor::new(rows), signal: Some(signal) };
    let (sink, mut progress) = (Sink::new(Rejects::to_memory()), Progress::start("rows", None, 0));
    let stop = async { drop(stop.await) };
    let input = Input::new(reader, None);
    let feed = InputImport {
        channel: service.channel(),
        input,
        format: Format::Records,
        after: 0,
        queues: QUEUES,
        keep: None,
    };
    let stopped = feed.run(&sink, &mut progress, stop).await;
    assert!(stopped.is_err_and(|failure| failure.to_string().contains("interrupted")));
    let counts = sink.tally.counts();
    assert_eq!((counts.interaction_recorded, counts.rejected), (counts.row, 0), "what was read was stored");

    // This would fail while the file is still open.
    let service = service.restart().await;
    assert_eq!(purchases(&service).await, [i64::try_from(counts.row).expect("few")]);
    assert_eq!(take_in(service.channel(), &path).await.expect("taken in"), Outcome::Done);
    assert_eq!(purchases(&service).await, [300]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_import_says_how_to_go_on() {
    let (service, files) = (Service::start().await, Files::new());
    let path = files.write(policy().as_bytes());
    let stopped = import(service.channel(), &path, &records(), async {}).await.expect_err("is interrupted");
    assert!(stopped.to_string().contains("Run the same import again"), "{stopped}");
    assert_eq!(stopped.code(), 1);
}

#[tokio::test]
async fn a_missing_file_is_said() {
    let service = Service::start().await;
    let failure = take_in(service.channel(), Path::new("/does/not/exist.ndjson")).await.expect_err("is missing");
    assert!(failure.to_string().contains("/does/not/exist.ndjson"), "{failure}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_loads_like_any_import() {
    let days = demo::days::Days::starting_at("2026-07-14T09:00:00Z".parse().expect("a time"));
    let service = Service::start_at(days.now).await;
    demo::load(service.channel(), &days).await.expect("loads");
    let customers = service.customers().await;
    assert_eq!(customers.len(), demo::samples(&days).len());
    let counted: i64 = customers.iter().filter_map(|customer| Some(customer.habits.as_ref()?.visit_count)).sum();
    let interactions: usize = demo::samples(&days).iter().map(|sample| sample.interactions.len()).sum();
    assert_eq!(usize::try_from(counted), Ok(interactions));
    let precaution = customers.iter().find_map(|customer| customer.precautions.first()).expect("one has a precaution");
    assert_eq!(precaution.recorded_by, "mara@desk-1");
}

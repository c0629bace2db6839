//! Every byte that is not sealed stands in a table of SECURITY.md: which names and values a store has, and what of them can be read without the
//! keys. A store that holds everything has nothing else, on either backend, and nothing of what customers told is in it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use rapport::{
    app::Core,
    config::{Config, Source},
    domain::CustomerId,
    proto::{recovery_service_client::RecoveryServiceClient, *},
    service::{
        clock::Clock,
        principal::{Principal, Proof},
    },
    store::{
        fitness::Setback,
        keys,
        keystore::KeyStore,
        redb::RedbKeys,
        redis::{Options, RedisKeys},
    },
};

use super::{
    catalogue::{item, putting},
    common::redis::Server as Redis,
    gestures::{give, giving, in_role, set},
    shapes::Shape,
    whole::{House, card, on_redb, rapport, text},
    world::*,
};

on_both!(everything_that_is_stored_is_accounted_for);

/// In everything that customers and staff told, in whatever letters.
const CANARY: &str = "canary";
/// Customers with all there is, and of somebody's visits so many that they have a rhythm.
const GUESTS: usize = 12;
const VISITS: i64 = 8;
const DAY: i64 = 86_400;
/// Names that the code has, and under which nothing is ever kept.
const NEVER_KEPT: &[&str] = &["nothing"];
/// Bytes of noise are spread evenly over their 256 values. This measure of it (chi-squared) is 255 on average, and so high once in a billion times.
const UNEVEN: f64 = 400.0;
/// So many are named of what no row has.
const UNKNOWN_MAX: usize = 16;
/// With fewer bytes it would say nothing.
const SEALED_BYTES_MIN: usize = 20_000;

/// A row of the table: the shapes of names, and of what is there in each backend; `None`: it has no such name.
struct Row {
    name: String,
    names: Vec<Shape>,
    values: BTreeMap<&'static str, Vec<Shape>>,
}

fn spans(cell: &str) -> Vec<Shape> {
    cell.split('`').skip(1).step_by(2).map(Shape::parse).collect()
}

/// The rows of the table of SECURITY.md.
fn rows() -> Vec<Row> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("SECURITY.md")).expect("SECURITY.md");
    let table = page.lines().skip_while(|line| !line.starts_with("| name | redb | Redis |")).skip(2);
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").collect();
        let [name, redb, redis, _, _] = cells.as_slice() else { panic!("SECURITY.md: {line}") };
        let values = [("redb", redb), ("Redis", redis)].map(|(backend, cell)| (backend, spans(cell)));
        Row { name: (*name).to_owned(), names: spans(name), values: values.into() }
    };
    table.take_while(|line| line.starts_with('|')).map(row).collect()
}

/// What a name begins with.
fn kind(name: &str) -> &str {
    name.split(':').next().unwrap_or_default()
}

/// The kinds of names that the code makes, from its one file of them.
fn kinds() -> BTreeSet<String> {
    let code = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/keys.rs")).expect("the keys");
    let is_kind = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    // "kind:{…", and what makes such a name of its first argument.
    let written = code.split('"').skip(1).step_by(2).filter_map(|text| Some(text.split_once(":{")?.0));
    let makers = ["begun(\"", "of_customer(\"", "of_lane(\"", "of_name(\""];
    let made = makers.iter().flat_map(|maker| code.split(maker).skip(1)).filter_map(|rest| rest.split('"').next());
    written.chain(made).filter(is_kind).map(str::to_owned).collect()
}

async fn fill(world: &World) -> Vec<String> {
    let mut policy = Policy { owner: "Canary Owner".into(), ..giving() };
    policy.catalogue[1].display_name = "Canary sorbet".into();
    set(world, policy.clone()).await;
    set(world, policy).await;
    world.catalogue().put_items(by("canary-chef", putting(vec![item("canary", &["MILK"])]))).await.expect("put");
    let mut ids = Vec::new();
    for number in 0..GUESTS {
        let occasion = OccasionDraft { label: "canary occasion".into(), ..birthday(None, 3, 14) };
        // Whose precaution is understood may be given something.
        let text = if number == 0 { "canary rash" } else { "" };
        let precaution = PrecautionDraft { text: text.into(), ..allergy("PEANUTS") };
        let draft = CustomerDraft {
            identities: vec![
                loyalty(&format!("CANARY-{number}")),
                identity(IdentityType::Email, &format!("canary{number}@example.com")),
            ],
            precautions: vec![precaution],
            evidence: vec![stated("canary liqueur")],
            occasions: vec![occasion],
            consents: vec![Consent { evidence: "canary signature".into(), ..agreed() }],
            ..asked(&format!("Canary Guest {number}"))
        };
        let request = CreateCustomerRequest { customer: Some(draft), request_id: format!("canary-{number}") };
        let created = world.customers().create_customer(by("canary-anna", request)).await.expect("created");
        ids.push(created.into_inner().receipt.expect("a receipt").customer_id);
    }
    for id in &ids {
        let visit = |number: i64| Interaction {
            occur_time: time(NOON - number * 7 * DAY),
            ..purchase(id, &format!("canary-{number}"), vec![line("canary espresso", 450)])
        };
        let request = RecordInteractionsRequest { interactions: (1..=VISITS).map(visit).collect() };
        world.interactions().record_interactions(by("canary-till", request)).await.expect("recorded");
    }
    let issue = with!(IssueDraft {
        severity: IssueSeverity::Major as i32,
        cause: "CANARY_CAUSE".into(),
        item: "canary room".into(),
        text: "canary noise".into(),
        venue_id: VENUE.into()
    });
    let mut recovery = RecoveryServiceClient::new(world.channel());
    let request = with!(OpenIssueRequest { customer_id: ids[0].clone(), issue: Some(issue) });
    recovery.open_issue(by("canary-mara", request)).await.expect("opened");
    let follow_up = FollowUpDraft {
        kind: FollowUpKind::Promise as i32,
        text: "canary call".into(),
        due_time: time(NOON + DAY),
        venue_id: VENUE.into(),
        ..FollowUpDraft::default()
    };
    let request = with!(PromiseFollowUpRequest { customer_id: ids[1].clone(), follow_up: Some(follow_up) });
    recovery.promise_follow_up(by("canary-mara", request)).await.expect("promised");
    let request = GiveGestureRequest { request_id: "canary-gift".into(), ..give(&ids[2], "sorbet") };
    world.gestures().give_gesture(in_role("canary-mara", "concierge", request)).await.expect("given");
    world.settle().await;
    world.server.core.fitness.note_ends(world.now_ms()).await.expect("works");
    ids
}

/// Data and keys as they lie there.
struct Lying {
    data: Dump,
    keys: Dump,
}

/// What lies there once somebody was erased, and the index worker has not come by yet.
async fn lying(world: World, erased: String) -> Lying {
    let (flags, clock) = (flags(world.folder(), world.redis.as_ref()), world.clock());
    let keys_url = world.redis.as_ref().map(|redis| redis.keys_url());
    let mut found = None;
    let world = world
        .with_files_changed(async |folder| {
            let config = Config::load(&Source { flags, ..Source::default() }).expect("a configuration");
            let core = Core::open(&config, Clock::Set(clock)).await.expect("opens");
            core.prepare().await.expect("is whole");
            let who = Principal {
                tenant: core.tenant.clone(),
                device: "canary-desk".to_owned(),
                staff: "canary-anna".to_owned(),
                role: "staff".to_owned(),
                proof: Proof::Asserted,
                peer: None,
            };
            let caller = core.rapport.callers().enter(who).await.expect("there is a policy");
            let id = CustomerId::parse("", &erased).expect("an id");
            core.rapport.writes().erase(&caller, id, None, |_| ()).await.expect("is erased");
            let data = core.store.dump().await.expect("works");
            // What an operator gave up; a failover is noted in the same form.
            let loss = Setback { times: 1, seen_ms: 2, since_ms: 3, buckets: 4, changes: 5 };
            core.fitness.note_given_up(loss).await.expect("works");
            drop((caller, core));
            let keys: Box<dyn KeyStore> = match keys_url {
                None => Box::new(RedbKeys::open(&folder.join("keys/keys.redb")).expect("opens")),
                Some(url) => {
                    let options = Options { allow_volatile: true, ..Options::default() };
                    Box::new(RedisKeys::connect(&url, options).await.expect("connects"))
                }
            };
            let given_up = keys.notes(&[keys::GIVEN_UP.to_owned()]).await.expect("works").remove(0).expect("is noted");
            let lost = (keys::SETBACK.to_owned(), given_up);
            keys.put_notes(vec![lost.clone()]).await.expect("works");
            let all = keys.dump().await.expect("works");
            keys.drop_notes(vec![lost]).await.expect("works");
            found = Some(Lying { data, keys: all });
        })
        .await;
    drop(world);
    found.expect("was looked at")
}

async fn everything_that_is_stored_is_accounted_for(world: World) {
    let backend = if world.redis.is_some() { "Redis" } else { "redb" };
    let mut ids = fill(&world).await;
    let Lying { data, keys } = lying(world, ids.remove(GUESTS - 1)).await;
    let (rows, mut seen, mut sealed, mut unknown) = (rows(), BTreeSet::new(), Vec::new(), Vec::new());
    for (name, value) in data.iter().chain(&keys) {
        let fitting = rows.iter().position(|row| {
            row.names.iter().any(|shape| shape.fits(name, &mut sealed))
                && row.values[backend].iter().any(|shape| shape.fits(value, &mut sealed))
        });
        match fitting {
            Some(row) => drop(seen.insert(row)),
            None => unknown.push(format!("{} = {}", name.escape_ascii(), value.escape_ascii())),
        }
    }
    unknown.truncate(UNKNOWN_MAX);
    assert!(unknown.is_empty(), "SECURITY.md has no row for what lies in {backend}:\n{}", unknown.join("\n"));
    let unseen = rows.iter().enumerate().filter(|(at, row)| !seen.contains(at) && !row.values[backend].is_empty());
    let unseen: Vec<&str> = unseen.map(|(_, row)| row.name.as_str()).collect();
    assert_eq!(unseen, [""; 0], "rows of SECURITY.md that no name and value of {backend} has");
    assert_nothing_is_told(&[data, keys].concat());
    assert_is_noise(&sealed);
}

/// Nothing that anybody told is there, as it is or in hexadecimal digits.
fn assert_nothing_is_told(pairs: &Dump) {
    let digits = CANARY.bytes().fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"));
    for (name, value) in pairs {
        let lower = [name.as_slice(), b" = ", value].concat().to_ascii_lowercase();
        for word in [CANARY, digits.as_str(), "peanut", "espresso"] {
            let is_there = lower.windows(word.len()).any(|part| part == word.as_bytes());
            assert!(!is_there, "{word} in {}", lower.escape_ascii());
        }
    }
}

fn assert_is_noise(sealed: &[u8]) {
    assert!(sealed.len() >= SEALED_BYTES_MIN, "{} sealed bytes", sealed.len());
    let mut counts = [0_u32; 256];
    for byte in sealed {
        counts[usize::from(*byte)] += 1;
    }
    let usual = sealed.len() as f64 / 256.0;
    let uneven: f64 = counts.iter().map(|count| (f64::from(*count) - usual).powi(2) / usual).sum();
    assert!(uneven < UNEVEN, "what should be sealed is uneven: {uneven}");
}

/// A kind of name that is new in the code has no row yet; one that is gone has one too many.
#[test]
fn each_kind_of_name_has_its_rows() {
    let rows = rows();
    let names = rows.iter().flat_map(|row| row.name.split('`').skip(1).step_by(2));
    let told: BTreeSet<String> = names.map(|name| kind(name).to_owned()).collect();
    let mut made = kinds();
    assert!(made.len() > 20, "{made:?}");
    made.retain(|kind| !NEVER_KEPT.contains(&kind.as_str()));
    assert_eq!(told, made);
}

/// The names of the table of files, with `*` for what differs.
fn file_names() -> Vec<String> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("SECURITY.md")).expect("SECURITY.md");
    let table = page.lines().skip_while(|line| !line.starts_with("| file | ")).skip(2);
    let names = table.take_while(|line| line.starts_with('|')).filter_map(|line| line.split(" | ").next());
    names.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

fn is_named(path: &str, name: &str) -> bool {
    match name.split_once('*') {
        None => path.rsplit('/').next() == Some(name),
        Some((begin, end)) => {
            let own = path.rmatch_indices('/').map(|(at, _)| &path[at + 1..]).chain([path]);
            own.filter(|own| own.matches('/').count() <= name.matches('/').count())
                .any(|own| own.len() >= name.len() - 1 && own.starts_with(begin) && own.ends_with(end))
        }
    }
}

/// Files below a folder, with the names that they have there.
fn files_below(folder: &Path, name: &str, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = format!("{name}/{}", path.file_name().expect("a name").display());
        if path.is_dir() {
            files_below(&path, &name, found);
        } else {
            // A socket is not read.
            found.push((name, fs::read(&path).unwrap_or_default()));
        }
    }
}

/// What a served store keeps in files, with a backup of it; and what two servers of Redis keep, which write no value in a form of their own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_file_has_its_row_and_names_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let on_redb = on_redb(folder.path())[..2].to_vec();
    let house = House::open(on_redb.clone()).await;
    let backup = rapport(&["backup", &folder.path().join("backup").display().to_string()], &on_redb);
    assert!(backup.status.success(), "{}", text(&backup));
    let options = ["--save", "3600 1", "--appendonly", "yes", "--rdbcompression", "no"];
    let (data, keys) = (Redis::start(&options), Redis::start(&options));
    let on_redis = vec![
        format!("--store={}", data.url()),
        format!("--keys={}", keys.url()),
        format!("--wrapping-key-file={}", folder.path().join("of-redis.wrapping.key").display()),
    ];
    let other = House::open(on_redis).await;
    let mut found = Vec::new();
    files_below(folder.path(), "", &mut found);
    for redis in [&data, &keys] {
        assert_eq!(redis.tell("SAVE"), "+OK\r\n");
        files_below(redis.folder(), "", &mut found);
    }
    drop((house, other));
    let names = file_names();
    // Of the server that the test starts.
    found.retain(|(path, _)| !["/log", "/settings"].contains(&path.as_str()));
    assert!(found.len() > 12, "{}", found.len());
    for (path, bytes) in found {
        assert!(names.iter().any(|name| is_named(&path, name)), "SECURITY.md has no row for {path}");
        for word in ["PEANUTS", "Guest", &card(17)] {
            let is_there = bytes.windows(word.len()).any(|part| part == word.as_bytes());
            assert!(!is_there, "{word} in {path}");
        }
    }
}

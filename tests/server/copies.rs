//! Exports, and stores made from them.

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt as _, sync::Arc};

use rapport::{
    app::Core,
    config::{Config, Source},
    domain::{CustomerId, TenantId, id::HoldToken},
    proto::{recovery_service_client::RecoveryServiceClient, *},
    service::{
        clock::Clock,
        export::Step,
        restore::{RestoreError, Restored},
    },
    store::{
        BudgetState, CustomerKey, EntryState, IdentityEntry, StoreExt as _,
        formats::FORMATS,
        hints,
        portable::{self, Line, Trailer},
    },
};
use tempfile::TempDir;

use crate::{
    command_line::{CUSTOMER, POLICY, PURCHASE, Shell, assert_ran},
    common,
    gestures::{give, given, giving, in_role, open_issue, set},
    money::budgets_of,
    soundness::{assert_sound, spoil_record},
    world::*,
};

on_both!(
    a_copy_of_a_copy_is_equal_on_every_store,
    a_copy_serves_like_the_original,
    a_copy_knows_what_was_spent_and_what_happened,
    what_is_there_already_is_not_overwritten,
    a_hold_of_a_killed_restore_is_waited_for,
    nobody_is_missed_and_what_does_not_open_is_named,
    a_trial_leaves_out_what_the_real_run_does,
    items_are_in_a_copy_with_their_versions,
    a_copy_made_in_the_older_format_is_the_same_once_it_is_raised,
);

/// What is left of the hold of the killed restore: longer than reading the export's lines up to it takes.
const HOLD_LEFT_MS: i64 = 3_000;

/// Another store for the same tenant, under the same wrapping key, empty.
pub struct Copy {
    pub core: Core,
    // Both live as long as the store.
    _folder: TempDir,
    _redis: Option<common::redis::Server>,
}

impl Copy {
    pub async fn empty(world: &World, backend: Backend) -> Self {
        let redis = (backend == Backend::Redis).then(|| common::redis::Server::start(common::redis::VOLATILE));
        let folder = tempfile::tempdir().expect("a folder");
        let mut flags = flags(folder.path(), redis.as_ref());
        flags.insert("wrapping-key-file".to_owned(), world.wrapping_key_file());
        Self { core: open(flags, world).await, _folder: folder, _redis: redis }
    }
}

async fn open(flags: BTreeMap<String, String>, world: &World) -> Core {
    let config = Config::load(&Source { flags, ..Source::default() }).expect("a configuration");
    let clock = Clock::Set(Arc::new(std::sync::atomic::AtomicI64::new(world.now_ms())));
    let core = Core::open(&config, clock).await.expect("opens");
    core.prepare().await.expect("is fit");
    core
}

/// The lines of an export, and whose record or entries could not be opened.
async fn exported(core: &Core) -> (Vec<String>, Vec<CustomerId>) {
    let mut export = core.rapport.maintenance().export(&core.tenant).await.expect("the store works");
    let (mut lines, mut damaged) = (Vec::new(), Vec::new());
    while let Some(step) = export.next().await.expect("the store works") {
        match step {
            Step::Line(line) => lines.push(portable::write(&line).expect("writes")),
            Step::Damaged(customer, _) => damaged.push(customer),
            Step::PolicyDamaged(fault) => panic!("{fault}"),
        }
    }
    (lines, damaged)
}

pub async fn lines(core: &Core) -> Vec<String> {
    let (lines, damaged) = exported(core).await;
    assert_eq!(damaged, [], "all opens");
    lines
}

/// Restores lines; what became of each between header and trailer.
async fn restore(core: &Core, lines: &[String]) -> Vec<Result<Restored, RestoreError>> {
    let Ok(Line::Header(header)) = portable::parse(&lines[0]) else { panic!("a header") };
    let restore =
        core.rapport.maintenance().restore(&core.tenant, &header, false).await.expect("of this tenant and key");
    let mut before = None;
    let mut all = Vec::new();
    for line in &lines[1..lines.len() - 1] {
        all.push(match portable::parse(line).expect("reads back") {
            Line::Policy(document) => {
                let last = before.replace(document.revision);
                restore.policy(document, last).await
            }
            Line::Customer(customer, whole) => restore.customer(customer, *whole).await,
            Line::Items(items) => restore.items(items).await,
            Line::Header(_) | Line::Trailer(_) => panic!("only at the ends"),
        });
    }
    restore.finish().await.expect("the store works");
    all
}

fn all_are(all: &[Result<Restored, RestoreError>], wanted: Restored) -> bool {
    all.iter().all(|one| matches!(one, Ok(found) if *found == wanted))
}

/// Customers with every kind of part; answers the first one's id.
async fn fill(world: &World) -> String {
    let full = CustomerDraft {
        details: named("Ana Souza").details,
        identities: vec![loyalty("GC-7"), identity(IdentityType::Phone, "+41446681800")],
        precautions: vec![allergy("TREE_NUTS")],
        precautions_asked: true,
        evidence: vec![stated("tea")],
        occasions: vec![birthday(Some(1980), 2, 29)],
        consents: vec![agreed()],
    };
    let ana = world.create(full).await.customer_id;
    let mut rows =
        vec![purchase(&ana, "lunch", vec![line("soup", 900)]), purchase(&ana, "tea", vec![line("tea", 450)])];
    rows[1].occur_time = time(NOON - 7_200);
    let record = RecordInteractionsRequest { interactions: rows };
    world.interactions().record_interactions(by("mara", record)).await.expect("recorded");
    let void = VoidInteractionRequest {
        customer_id: ana.clone(),
        source: "till-4".into(),
        external_id: "lunch".into(),
        reason: "wrong table".into(),
    };
    world.interactions().void_interaction(by("jon", void)).await.expect("voided");
    let bar = Bar { code: "UNPAID".into(), until_time: time(NOON + 86_400), ..Bar::default() };
    for (reason, mark) in
        [("told", mark_customer_request::Mark::Deceased(true)), ("", mark_customer_request::Mark::Bar(bar))]
    {
        let request = with!(MarkCustomerRequest { customer_id: ana.clone(), reason: reason.into(), mark: Some(mark) });
        world.customers().mark_customer(by("mara", request)).await.expect("marked");
    }
    let room = Identity { expire_time: time(NOON + 3_600), ..identity(IdentityType::Room, "12") };
    let add = with!(AddIdentityRequest { customer_id: ana.clone(), identity: Some(room), request_id: "r-1".into() });
    world.customers().add_identity(add).await.expect("added");
    let gone = with!(RemoveIdentityRequest { customer_id: ana.clone(), identity: Some(loyalty("GC-7")) });
    world.customers().remove_identity(gone).await.expect("removed");
    let review = with!(ReviewPrecautionRequest {
        customer_id: ana.clone(),
        precaution_id: world.get(&ana).await.precautions[0].precaution_id.clone(),
        status: PrecautionStatus::Confirmed as i32,
        reason: "asked again".into()
    });
    world.customers().review_precaution(by("lea", review)).await.expect("reviewed");
    for number in 0..20 {
        let draft = CustomerDraft { identities: vec![loyalty(&format!("GC-10{number}"))], ..named("Guest") };
        let one = world.create(draft).await.customer_id;
        let rows = (0..number).map(|at| purchase(&one, &at.to_string(), vec![line("espresso", 450)])).collect();
        let request = RecordInteractionsRequest { interactions: rows };
        if number > 0 {
            world.interactions().record_interactions(request).await.expect("recorded");
        }
    }
    let other = Policy { owner: "Another".to_owned(), ..policy() };
    world.policies().set_policy(SetPolicyRequest { policy: Some(other) }).await.expect("a second version");
    ana
}

async fn a_copy_of_a_copy_is_equal_on_every_store(world: World) {
    fill(&world).await;
    let original = lines(&world.server.core).await;
    let mut sorted = original[3..original.len() - 1].to_vec();
    sorted.sort();
    assert_eq!((sorted.len(), sorted.as_slice()), (21, &original[3..original.len() - 1]), "in the order of ids");
    let mut source = original.clone();
    for backend in [Backend::Redb, Backend::Redis, Backend::Redb] {
        let copy = Copy::empty(&world, backend).await;
        assert!(all_are(&restore(&copy.core, &source).await, Restored::New));
        assert_sound(&copy.core).await;
        let again = lines(&copy.core).await;
        assert_eq!(again[1..], original[1..], "but for the time in the header");
        assert!(all_are(&restore(&copy.core, &source).await, Restored::Same), "once more changes nothing");
        assert_eq!(lines(&copy.core).await[1..], original[1..]);
        source = again;
    }
}

async fn a_copy_serves_like_the_original(world: World) {
    let ana = fill(&world).await;
    let copy = Copy::empty(&world, Backend::Redb).await;
    restore(&copy.core, &lines(&world.server.core).await).await;
    let caller = copy.core.rapport.callers().enter(world.caller().await.principal).await.expect("the store works");
    let id = CustomerId::parse("id", &ana).expect("an id");
    let (there, here) = (copy.core.rapport.readers().get(&caller, id, "").await, world.caller().await);
    let original = world.server.core.rapport.readers().get(&here, id, "").await.expect("found");
    let there = there.expect("found");
    assert_eq!(there.revision, original.revision, "etags hold");
    assert_eq!(there.profile.habits, original.profile.habits);
    let blind = |value: &str| caller.index_key.blind(&known(value));
    let found = copy.core.store.identities(&[blind("GC-103"), blind("GC-7")], world.now_ms()).await.expect("works");
    let count = |index: usize| found[index].as_ref().expect("decodes").len();
    assert_eq!((count(0), count(1)), (1, 0), "seated as before");
}

/// What is counted of the months around, but for movements, which a restored store has not seen.
async fn counted(core: &Core) -> BTreeMap<String, i64> {
    let mut counted = BTreeMap::new();
    for tally in ["review", "causes", "gestures"] {
        for month in ["2026-03", "2026-04"] {
            let name = format!("{tally}/{month}");
            let counts = core.rapport.reports().counted(&core.tenant, &name).await.expect("the store works");
            counted.extend(counts.into_iter().map(|(key, n)| (format!("{name} {key}"), n)));
        }
    }
    counted.retain(|key, n| *n != 0 && !key.contains(" moved|"));
    counted
}

async fn a_copy_knows_what_was_spent_and_what_happened(world: World) {
    let hour = prost_types::Duration { seconds: 3_600, nanos: 0 };
    let standards = ServiceStandards { resolve_within: Some(hour), ..ServiceStandards::default() };
    set(&world, Policy { standards: Some(standards), ..giving() }).await;
    // The first hour of April in Zurich.
    world.set_clock(NOON + 17 * 86_400 + 11 * 3_600);
    let (ana, ben) = (world.create(asked("Ana")).await.customer_id, world.create(asked("Ben")).await.customer_id);
    given(&world, in_role("mara", "concierge", give(&ana, "basket"))).await;
    given(&world, in_role("mara", "concierge", give(&ana, "note"))).await;
    given(&world, in_role("mara", "concierge", give(&ben, "chinotto"))).await;
    given(&world, in_role("mara", "concierge", give(&ben, "refund"))).await;
    let slip =
        with!(CancelGestureRequest { customer_id: ben.clone(), gesture_id: "g3".into(), reason: "a slip".into() });
    world.gestures().cancel_gesture(by("mara", slip)).await.expect("cancelled");
    let issue_id = open_issue(&world, &ana).await;
    let resolve = with!(ResolveIssueRequest { customer_id: ana.clone(), issue_id, resolution: "repaired".into() });
    RecoveryServiceClient::new(world.channel()).resolve_issue(by("jo", resolve)).await.expect("resolved");
    world.settle().await;
    let original = counted(&world.server.core).await;
    assert_eq!(original[&format!("review/2026-04 standard|{VENUE}|resolve|met")], 1);

    let copy = Copy::empty(&world, Backend::Redb).await;
    let lines = lines(&world.server.core).await;
    for wanted in [Restored::New, Restored::Same] {
        assert!(all_are(&restore(&copy.core, &lines).await, wanted));
        assert_eq!(counted(&copy.core).await, original);
        let keys = budgets_of(&world, "mara", "2026-04", "2026-03-31").await;
        let spent = |states: Vec<BudgetState>| states.into_iter().map(|state| state.spent).collect::<Vec<_>>();
        let there = copy.core.store.budgets(&keys, world.now_ms()).await.expect("works");
        assert_eq!(spent(there), [2_400, 2_400]);
        assert_sound(&copy.core).await;
    }
}

fn known(value: &str) -> rapport::domain::identity::Identity {
    use rapport::domain::identity::{Identity, IdentityType};
    Identity { kind: IdentityType::Loyalty, issuer: String::new(), value: value.to_owned() }
}

async fn what_is_there_already_is_not_overwritten(world: World) {
    let ana = fill(&world).await;
    let before = lines(&world.server.core).await;
    // One changes, one is erased, and a new one takes the identity of another that was erased.
    let other = with!(AddOccasionRequest { customer_id: ana.clone(), occasion: Some(birthday(None, 3, 1)) });
    world.customers().add_occasion(other).await.expect("added");
    let found = world
        .server
        .core
        .rapport
        .readers()
        .list(&world.caller().await, 200, "", rapport::domain::Purpose::Service)
        .await
        .expect("listed")
        .0;
    let erased = found.iter().find(|id| id.to_string() != ana).expect("others").to_string();
    let erase = with!(EraseCustomerRequest { customer_id: erased.clone(), reason: "asked for it".into() });
    world.customers().erase_customer(erase).await.expect("erased");
    let all = restore(&world.server.core, &before).await;
    let refused: Vec<&str> = all.iter().filter_map(|one| one.as_ref().err()).map(RestoreError::reason).collect();
    assert_eq!(refused, ["CUSTOMER_DIFFERS"]);
    assert_eq!(all.iter().filter(|one| matches!(one, Ok(Restored::Erased))).count(), 1, "erased stays erased");
    assert!(lines(&world.server.core).await.iter().all(|line| !line.contains(&erased)));

    let copy = Copy::empty(&world, Backend::Redb).await;
    let Ok(Line::Header(header)) = portable::parse(&before[0]) else { panic!("a header") };
    let foreign = TenantId::parse("tenant", "another").expect("a name");
    let refused = copy.core.rapport.maintenance().restore(&foreign, &header, false).await.err().expect("refused");
    assert_eq!(refused.reason(), "OTHER_TENANT");
    copy.core.rapport.callers().enter(world.caller().await.principal).await.expect("makes an index key of its own");
    let refused =
        copy.core.rapport.maintenance().restore(&copy.core.tenant, &header, false).await.err().expect("refused");
    assert_eq!(refused.reason(), "OTHER_INDEX_KEY");
}

/// A restore that was killed has left its own hold, and is run again at once.
async fn a_hold_of_a_killed_restore_is_waited_for(world: World) {
    fill(&world).await;
    let lines = lines(&world.server.core).await;
    let folder = tempfile::tempdir().expect("a folder");
    let redis = world.redis.is_some().then(|| common::redis::Server::start(common::redis::VOLATILE));
    let mut flags = flags(folder.path(), redis.as_ref());
    flags.insert("wrapping-key-file".to_owned(), world.wrapping_key_file());
    let config = Config::load(&Source { flags, ..Source::default() }).expect("a configuration");
    let core = Core::open(&config, Clock::System).await.expect("opens");
    core.prepare().await.expect("is fit");
    let held = world.blind(&known("GC-103")).await;
    let now = Clock::System.now().as_millisecond();
    let hold = IdentityEntry {
        customer: CustomerId::from_bytes([7; 16]),
        token: HoldToken([7; 16]),
        state: EntryState::Held { deadline_ms: now + HOLD_LEFT_MS },
        expire_ms: None,
    };
    core.store.hold(&held, hold, 1, now).await.expect("works");
    let all = restore(&core, &lines).await;
    assert!(all_are(&all, Restored::New), "{all:?}");
    assert_sound(&core).await;
}

async fn nobody_is_missed_and_what_does_not_open_is_named(world: World) {
    let ana = fill(&world).await;
    let core = &world.server.core;
    let key = CustomerKey { tenant: world.tenant(), customer: CustomerId::parse("id", &ana).expect("an id") };
    world.settle().await;
    core.store.drop_hint(&key.tenant, &hints::in_all_customers(&key), u64::MAX).await.expect("works");
    assert_eq!(lines(core).await.len(), 1 + 2 + 21 + 1, "the listing is only a hint");
    spoil_record(core, &key).await;
    let (lines, damaged) = exported(core).await;
    assert_eq!((lines.len(), damaged.as_slice()), (1 + 2 + 20 + 1, &[key.customer][..]));
    let Ok(Line::Trailer(trailer)) = portable::parse(&lines[lines.len() - 1]) else { panic!("a trailer") };
    assert_eq!(trailer, Trailer { policies: 2, customers: 20, entries: trailer.entries, damaged: 1, venues: 0 });
}

/// Two lines that others are in the way of: as many as may share a phone number, and the one that has a card.
async fn a_trial_leaves_out_what_the_real_run_does(world: World) {
    use rapport::domain::identity::IdentityType as Kind;
    let phone = || identity(IdentityType::Phone, "+41446681800");
    for number in 0..16 {
        let identities = if number == 0 { vec![phone(), loyalty("GC-1")] } else { vec![phone()] };
        world.create(CustomerDraft { identities, ..named("Guest") }).await;
    }
    let core = &world.server.core;
    let exported = lines(core).await;
    let Ok(Line::Header(header)) = portable::parse(&exported[0]) else { panic!("a header") };
    let of_both = exported.iter().find_map(|line| match portable::parse(line).expect("reads back") {
        Line::Customer(_, whole) if whole.profile.identities.len() == 2 => Some(*whole),
        _ => None,
    });
    let of_both = of_both.expect("is there");
    for trial in [true, false] {
        let restore = core.rapport.maintenance().restore(&core.tenant, &header, trial).await.expect("of this tenant");
        for (value, expected) in [("GC-1", Kind::Loyalty), ("+41446681800", Kind::Phone)] {
            let mut whole = of_both.clone();
            whole.profile.identities.retain(|own| own.identity.value == value);
            assert_eq!(whole.profile.identities.len(), 1);
            let mut id = [7; 16];
            id[0] = value.as_bytes()[0];
            let restored = restore.customer(CustomerId::from_bytes(id), whole).await.expect("restored");
            assert_eq!(restored, Restored::Without(vec![expected]), "trial: {trial}");
        }
    }
}

#[test]
fn the_program_exports_and_restores() {
    let shell = Shell::new();
    shell.write("in.ndjson", &[POLICY, CUSTOMER, PURCHASE]);
    let key = ["--wrapping-key-file", "wrapping.key"];
    let on = |args: &[&str], store: &str, keys: &str| {
        shell.run(&[args, &key, &["--store", store, "--keys", keys, "--log-level", "warn"]].concat())
    };
    assert_ran(&on(&["import", "in.ndjson"], "redb:data", "file:keys"), 0, "");
    let path = shell.folder.path().join("out.ndjson");
    assert_ran(&on(&["export", "out.ndjson"], "redb:data", "file:keys"), 0, "");
    assert_eq!(fs::metadata(&path).expect("made").permissions().mode() & 0o777, 0o600, "only the user reads it");
    assert_ran(&on(&["export", "out.ndjson"], "redb:data", "file:keys"), 2, "");
    let piped = on(&["export", "-"], "redb:data", "file:keys").out;
    let text = fs::read_to_string(&path).expect("text");
    assert!(piped.lines().skip(1).eq(text.lines().skip(1)));

    let restore = ["restore", "out.ndjson"];
    assert_ran(
        &on(&["restore", "out.ndjson", "--dry-run"], "redb:copy", "file:copy-keys"),
        0,
        "would be restored: customers 1, versions of the policy 1",
    );
    assert_ran(&on(&restore, "redb:copy", "file:copy-keys"), 0, ": restored: customers 1, versions of the policy 1");
    assert_ran(&on(&restore, "redb:copy", "file:copy-keys"), 0, "lines that were there already 2");
    assert_ran(&on(&["import", "in.ndjson"], "redb:copy", "file:copy-keys"), 0, "0 recorded, 1 repeated");
    assert_ran(&on(&["fsck"], "redb:copy", "file:copy-keys"), 0, "sound");
    let cut: Vec<&str> = text.lines().take(3).collect();
    fs::write(shell.folder.path().join("cut.ndjson"), cut.join("\n")).expect("written");
    let cut = on(&["restore", "cut.ndjson"], "redb:copy", "file:copy-keys");
    assert!(cut.code == Some(1) && cut.err.contains("cut off"), "{}", cut.err);
    let cut = on(&["restore", "cut.ndjson", "--dry-run"], "redb:copy", "file:copy-keys");
    assert!(cut.code == Some(1) && cut.err.contains("What could be read would be restored."), "{}", cut.err);
    let lacking: Vec<&str> = text.lines().filter(|line| !line.starts_with("{\"customer\"")).collect();
    fs::write(shell.folder.path().join("lacking.ndjson"), lacking.join("\n")).expect("written");
    let lacking = on(&["restore", "lacking.ndjson"], "redb:copy", "file:copy-keys");
    assert!(
        lacking.code == Some(1) && lacking.err.contains("but 1 versions of the policy, 0 customers"),
        "{}",
        lacking.err
    );
    let newer = text.replacen("\"exportFormat\":1", "\"exportFormat\":2", 1);
    fs::write(shell.folder.path().join("newer.ndjson"), newer).expect("written");
    let newer = on(&["restore", "newer.ndjson"], "redb:copy", "file:copy-keys");
    assert!(newer.code == Some(2) && newer.err.contains("the export is of format 2"), "{}", newer.err);
    let wrong = on(&["restore", "in.ndjson"], "redb:copy", "file:copy-keys");
    assert!(wrong.code == Some(2) && wrong.err.contains("rapport import"), "{}", wrong.err);
    let import = on(&["import", "out.ndjson"], "redb:copy", "file:copy-keys");
    assert!(import.code == Some(2) && import.err.contains("rapport restore"), "{}", import.err);
    let other_key =
        ["restore", "out.ndjson", "--store=redb:new", "--keys=file:new-keys", "--wrapping-key-file=new.key"];
    let other_key = shell.run(&other_key);
    assert!(other_key.code == Some(1) && other_key.err.contains("wrapping key"), "{}", other_key.err);
}

async fn items_are_in_a_copy_with_their_versions(world: World) {
    crate::catalogue::put(&world, vec![crate::catalogue::item("tart", &["ALMOND"])]).await;
    world.set_clock(NOON + 60);
    crate::catalogue::put(&world, vec![crate::catalogue::item("tart", &["WALNUT"])]).await;
    let original = lines(&world.server.core).await;
    assert_eq!(original.iter().filter(|line| line.starts_with("{\"items\"")).count(), 2, "a part and a head");
    for backend in [Backend::Redb, Backend::Redis] {
        let copy = Copy::empty(&world, backend).await;
        assert!(all_are(&restore(&copy.core, &original).await, Restored::New));
        assert!(all_are(&restore(&copy.core, &original).await, Restored::Same));
        let again = lines(&copy.core).await;
        assert_eq!(again[1..], original[1..]);
    }
    // Where other items are, the copy's stay out.
    world.set_clock(NOON + 120);
    crate::catalogue::put(&world, vec![crate::catalogue::item("soup", &["CELERY"])]).await;
    let refused = restore(&world.server.core, &original).await;
    assert!(refused.iter().any(|one| matches!(one, Err(RestoreError::ItemsDiffer))));
}

/// What that format cannot say is missing from the copy, and no difference.
async fn a_copy_made_in_the_older_format_is_the_same_once_it_is_raised(world: World) {
    let ana = world.create(named("Ana")).await.customer_id;
    let interactions = vec![purchase(&ana, "1", vec![line("espresso", 450)])];
    world.interactions().record_interactions(RecordInteractionsRequest { interactions }).await.expect("recorded");
    let original = lines(&world.server.core).await;
    let copy = Copy::empty(&world, Backend::Redb).await;
    copy.core.rapport.write_in(*FORMATS.start());
    assert!(all_are(&restore(&copy.core, &original).await, Restored::New));
    assert!(all_are(&restore(&copy.core, &original).await, Restored::Same));
    copy.core.rapport.write_in(*FORMATS.end());
    assert!(all_are(&restore(&copy.core, &original).await, Restored::Same));
}

//! Stores that the last release wrote (`tests/golden`), as this one serves and reads them.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor};
use rapport::proto::DESCRIPTORS;
use serde_json::Value;

use super::{
    common,
    copies::lines,
    raw::{Plain, framed},
    soundness::assert_sound,
    world::*,
};

/// Both golden stores, opened for one test each.
macro_rules! on_both_golden {
    ($($name:ident),+ $(,)?) => {
        mod redb {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(super::Golden::open(super::Backend::Redb).await).await; })+
        }
        mod redis {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(super::Golden::open(super::Backend::Redis).await).await; })+
        }
    };
}

pub(crate) use on_both_golden;

on_both_golden!(
    what_was_answered_is_answered,
    what_was_exported_is_exported,
    a_request_of_before_gets_its_first_receipt,
);

/// Everything that the release could be asked for.
const READS: [&str; 15] = [
    "GetBriefing",
    "GetCustomer",
    "GetPolicy",
    "GetRecovery",
    "GetRelationship",
    "GetServiceReview",
    "ListCustomers",
    "ListFollowUps",
    "ListGestures",
    "ListInteractions",
    "LookupBriefings",
    "LookupCustomer",
    "SuggestGestures",
    // Asked again with their request ids, these are answered from what is remembered.
    "AddPrecautions",
    "CreateCustomer",
];
/// Numbers that decay with time agree up to this: the moment of the questions is known to the second.
const CLOSE: f64 = 1e-4;

/// A golden store, and what its release answered from it.
pub struct Golden {
    pub world: World,
    /// Of the customer that was erased.
    pub erased: String,
    pub asked: Vec<Asked>,
    /// The lines of its export.
    pub export: Vec<String>,
}

/// A call and its answer, as proto3-JSON.
#[derive(serde::Deserialize)]
pub struct Asked {
    pub service: String,
    pub method: String,
    pub staff: String,
    pub role: String,
    pub request: Value,
    pub answer: Value,
}

#[derive(serde::Deserialize)]
struct Answers {
    moment: String,
    erased: String,
    answers: Vec<Asked>,
}

/// A golden file.
fn file(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/format-1").join(name);
    std::fs::read(&path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()))
}

/// A golden file, unpacked.
fn unpacked(name: &str) -> Vec<u8> {
    zstd::decode_all(file(&format!("{name}.zst")).as_slice()).expect("unpacks")
}

/// Puts the files of a golden store into a folder; the Redis that holds the other one.
pub fn unpack(backend: Backend, folder: &Path) -> Option<common::redis::Server> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("in the folder")).expect("made");
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).expect("made");
        std::io::Write::write_all(&mut file, bytes).expect("written");
    };
    put("keys/wrapping.key", &file("wrapping-key.txt"));
    match backend {
        Backend::Redb => {
            put("data/data.redb", &unpacked("redb.data.redb"));
            put("keys/keys.redb", &unpacked("redb.keys.redb"));
            None
        }
        Backend::Redis => {
            Some(common::redis::Server::start_from(common::redis::VOLATILE, Some(&unpacked("redis.rdb"))))
        }
    }
}

impl Golden {
    pub async fn open(backend: Backend) -> Self {
        let name = if backend == Backend::Redb { "redb" } else { "redis" };
        let answers = unpacked(&format!("{name}.answers.json"));
        let Answers { moment, erased, answers } = serde_json::from_slice(&answers).expect("answers");
        let export = String::from_utf8(unpacked(&format!("{name}.export.ndjson"))).expect("text");
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        let redis = unpack(backend, folder.path());
        let moment: jiff::Timestamp = moment.parse().expect("a time");
        let clock = Arc::new(moment.as_millisecond().into());
        let world = World::open(flags(folder.path(), redis.as_ref()), clock, redis, folder).await;
        Self { world, erased, asked: answers, export: export.lines().map(str::to_owned).collect() }
    }
}

/// Calls any method with proto3-JSON.
pub struct Caller {
    connection: Plain,
    pool: DescriptorPool,
}

impl Caller {
    pub async fn of(world: &World) -> Self {
        let pool = DescriptorPool::decode(DESCRIPTORS).expect("the build wrote them");
        Self { connection: Plain::open(world.server.address).await, pool }
    }

    fn method(&self, service: &str, name: &str) -> MethodDescriptor {
        let service = self.pool.get_service_by_name(&format!("rapport.v1.{service}")).expect("a service");
        service.methods().find(|method| method.name() == name).expect("a method")
    }

    /// Repeats a call; what is answered now.
    pub async fn repeat(&mut self, asked: &Asked) -> Value {
        let Asked { service, method, staff, role, request, answer: _ } = asked;
        let kind = self.method(service, method);
        let request = DynamicMessage::deserialize(kind.input(), request).expect("a request");
        let who = [("rapport-device", "desk-1"), ("rapport-staff", staff), ("rapport-role", role)];
        let path = format!("/rapport.v1.{service}/{method}");
        let answer = self.connection.grpc(&path, &who, framed(&request)).await;
        let status = answer.status();
        assert_eq!(status.code(), tonic::Code::Ok, "{method} {}: {status:?}", asked.request);
        // Behind the flag and the length of the only message.
        let message = DynamicMessage::decode(kind.output(), &answer.body[5..]).expect("an answer");
        serde_json::to_value(&message).expect("JSON")
    }

    /// The external ids of what the till of these tests recorded for a customer, over all pages.
    pub async fn bought(&mut self, id: &str) -> BTreeSet<String> {
        let mut list = Asked {
            service: "InteractionService".to_owned(),
            method: "ListInteractions".to_owned(),
            staff: "lea".to_owned(),
            role: "director".to_owned(),
            request: serde_json::json!({ "customerId": id, "purpose": "PURPOSE_SERVICE", "pageSize": 200 }),
            answer: Value::Null,
        };
        let mut found = BTreeSet::new();
        loop {
            let page = self.repeat(&list).await;
            let all = page["interactions"].as_array().into_iter().flatten().map(|one| &one["interaction"]);
            let of_till = all.filter(|one| one["source"] == "till-4");
            found.extend(of_till.filter_map(|one| one["externalId"].as_str().map(str::to_owned)));
            let Some(next) = page["nextPageToken"].as_str() else { return found };
            list.request["pageToken"] = next.into();
        }
    }
}

/// Tells where `new` does not say what `old` says; it may say more.
fn missing(path: &str, old: &Value, new: &Value, faults: &mut Vec<String>) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (name, value) in old {
                missing(&format!("{path}.{name}"), value, new.get(name).unwrap_or(&Value::Null), faults);
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (at, (old, new)) in old.iter().zip(new).enumerate() {
                missing(&format!("{path}[{at}]"), old, new, faults);
            }
        }
        (Value::Number(old), Value::Number(new))
            if old.as_f64().zip(new.as_f64()).is_some_and(|(old, new)| (old - new).abs() <= CLOSE * old.abs()) => {}
        _ if old == new => {}
        _ => faults.push(format!("{path}: {old} is {new} now")),
    }
}

/// The statements of a briefing's section whose code begins so, without the words for people.
fn facts<'a>(briefing: &'a Value, section: &str, code: &str) -> Vec<(&'a Value, &'a Value)> {
    let statements = briefing[section].as_array().into_iter().flatten();
    let wanted = statements.filter(|one| one["code"].as_str().is_some_and(|own| own.starts_with(code)));
    wanted.map(|one| (&one["code"], &one["parameters"])).collect()
}

/// What a briefing may never say otherwise: who it is about, their name, what harms them, their days.
fn assert_tells_the_same(asked: &Asked, old: &Value, new: &Value) {
    for field in ["state", "customerId", "candidateIds", "foundBy", "withheld"] {
        assert_eq!(new.get(field), old.get(field), "{field} of {}", asked.request);
    }
    for (section, code) in [("respect", "PRECAUTION_"), ("acknowledge", "NAME"), ("acknowledge", "OCCASION_")] {
        let there = facts(new, section, code);
        for (code, parameters) in facts(old, section, code) {
            let told = there.iter().any(|(_, now)| {
                let now: Vec<&Value> = now.as_array().into_iter().flatten().collect();
                let mut stored = parameters.as_array().into_iter().flatten().filter(|one| !is_reckoned(one));
                stored.all(|one| now.contains(&one))
            });
            assert!(told, "{code} {parameters} of {} is missing in {new}", asked.request);
        }
    }
}

/// Whether a parameter is reckoned from the moment of the question: a release may reckon days otherwise.
fn is_reckoned(parameter: &Value) -> bool {
    ["days", "number"].iter().any(|name| parameter["name"] == *name)
}

/// Takes out of an answer what a release may judge anew, and the time of the question; the rest is what was stored.
fn stored(answer: &mut Value) {
    if let Some(customer) = answer.get_mut("customer").and_then(Value::as_object_mut) {
        customer.remove("precautionState");
    }
    // The questions came within the second of the moment, and not at it.
    if let Some(review) = answer.get_mut("review").and_then(Value::as_object_mut) {
        review.remove("asOfTime");
    }
}

async fn what_was_answered_is_answered(golden: Golden) {
    let Golden { world, asked, .. } = golden;
    let mut caller = Caller::of(&world).await;
    let mut faults = Vec::new();
    for one in &asked {
        let new = caller.repeat(one).await;
        match one.method.as_str() {
            "GetBriefing" => assert_tells_the_same(one, &one.answer["briefing"], &new["briefing"]),
            "LookupBriefings" => {
                let [old, new] = [&one.answer, &new].map(|answer| answer["results"].as_array().expect("results"));
                assert_eq!(old.len(), new.len());
                for (old, new) in old.iter().zip(new) {
                    assert_eq!(new["error"]["reason"], old["error"]["reason"]);
                    assert_tells_the_same(one, &old["briefing"], &new["briefing"]);
                }
            }
            // What is suggested is advice; that there is an answer is enough here.
            "SuggestGestures" => assert!(new["gestures"].is_array(), "{}", one.request),
            method => {
                let mut old = one.answer.clone();
                stored(&mut old);
                missing(&format!("{method} {}", one.request), &old, &new, &mut faults);
            }
        }
    }
    assert!(faults.is_empty(), "{} faults, the first: {:#?}", faults.len(), &faults[..faults.len().min(20)]);
    let methods: BTreeSet<&str> = asked.iter().map(|one| one.method.as_str()).collect();
    assert_eq!(READS.into_iter().find(|method| !methods.contains(method)), None, "everything was asked");
    assert_sound(&world.server.core).await;
}

async fn what_was_exported_is_exported(golden: Golden) {
    let Golden { world, erased, export, .. } = golden;
    let now = lines(&world.server.core).await;
    assert_eq!(now[1..], export[1..], "but for the time in the header");
    assert!(export.iter().all(|line| !line.contains(&erased)), "who was erased is gone");
}

async fn a_request_of_before_gets_its_first_receipt(golden: Golden) {
    let Golden { world, asked, .. } = golden;
    let mut caller = Caller::of(&world).await;
    let before = lines(&world.server.core).await;
    let remembered: Vec<&Asked> = asked.iter().filter(|one| one.request.get("requestId").is_some()).collect();
    assert_eq!(remembered.len(), 3);
    for one in remembered {
        assert_eq!(caller.repeat(one).await["receipt"], one.answer["receipt"], "{}", one.method);
    }
    assert_eq!(lines(&world.server.core).await[1..], before[1..], "nothing was written");
}

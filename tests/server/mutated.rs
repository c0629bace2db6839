//! Spoilt requests of every method, at random: the process lives and takes no memory, each call gets a status that is justified, nothing
//! that was stored is damaged, and guests with an allergy are briefed rightly all the while.
//!
//! `RAPPORT_TEST_SCALE` multiplies their number; a failure prints the seed, and `RAPPORT_TEST_SEED` repeats it (but for ids, which the
//! server draws).

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use prost_reflect::{DynamicMessage, ReflectMessage as _, Value};
use rapport::proto::{briefing_service_client::BriefingServiceClient, *};
use tokio::{io::AsyncWriteExt as _, task::JoinSet};
use tonic::Code;

use super::{
    common::{
        redis::{DURABLE, Server as Redis},
        scaled,
    },
    crash_points::Dice,
    mutated_valid::{Known, Maker, Method, methods, one_of, policy_of_all, same},
    mutated_ways::{Allowed, Odd},
    raw::*,
    whole::{GUESTS, House, card, on_redb, on_redis},
    world::*,
};

/// Spoilt requests on each backend.
const REQUESTS: (usize, usize) = (1_500, 1_000_000);
/// Between two looks at the process and the guests.
const BATCH: usize = 500;
const WORKERS: usize = 2;
/// Guests who are looked at after each batch.
const WATCHED: usize = 4;
/// One request of so many is a connection of its own.
const WILD_OF: u64 = 40;
/// Customers at hand, at least.
const CUSTOMERS_MIN: usize = 8;
/// Tries in which each method must be given a request that it takes: some hundreds are enough.
const TRIES_MAX: usize = 20_000;
const TRIES_WITH_ONE: usize = 400;
/// What the process may take above what it held once each method had answered.
const GROWTH_KIB_MAX: u64 = 64 << 10;
/// Answers that the store could not be reached: on a machine without a moment to spare, and rare.
const AWAY_SHARE: u64 = 200;

struct Trial {
    house: House,
    methods: Vec<Method>,
    known: Mutex<Known>,
    /// A request of each method that was carried out.
    taken: Mutex<BTreeMap<String, DynamicMessage>>,
    /// Why the last request of a method that was meant as it was sent was refused.
    refused: Mutex<BTreeMap<String, String>>,
    /// How many answers there were, by their status.
    answers: Mutex<BTreeMap<String, u64>>,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Trial {
    async fn open(settings: Vec<String>) -> Self {
        let mut house = House::with_guests([settings.clone(), vec!["--echo".to_owned()]].concat(), GUESTS).await;
        // Other commands have no echo.
        house.settings = settings;
        let (known, taken, refused, answers) = Default::default();
        Self { house, methods: methods(), known, taken, refused, answers }
    }

    fn count(&self, what: String) {
        *locked(&self.answers).entry(what).or_default() += 1;
    }

    fn make(&self, method: &Method, dice: &mut Dice) -> DynamicMessage {
        Maker::new(&locked(&self.known), dice).request(method)
    }

    /// Sends requests as they are meant until each method has carried one out; how many.
    async fn every_method_takes_one(&self, dice: &mut Dice) -> usize {
        let mut connection = Plain::open(self.house.process.address).await;
        let set = self.methods.iter().find(|method| method.of.name() == "SetPolicy").expect("a method");
        let policy = same(&set.of.input(), &SetPolicyRequest { policy: Some(policy_of_all()) });
        self.send(&mut connection, set, &policy, Odd::valid(set, &policy, dice)).await;
        // What these answer names what others ask for.
        let is_read = |method: &&Method| method.of.name().starts_with("Get") || method.of.name().starts_with("List");
        let reads: Vec<&Method> = self.methods.iter().filter(is_read).collect();
        for tries in 0..TRIES_MAX {
            let others: Vec<&Method> =
                self.methods.iter().filter(|method| !locked(&self.taken).contains_key(&method.path)).collect();
            if others.is_empty() {
                return tries;
            }
            // Nobody is stuck with a customer of whom something cannot be had any more.
            if tries % TRIES_WITH_ONE == 0 {
                locked(&self.known).go_on();
            }
            self.has_customers().await;
            // What one method takes is made by another, mostly of the same service, and told by those that read.
            let wanted = *one_of(dice, &others);
            let of_service = |method: &&Method| method.of.parent_service() == wanted.of.parent_service();
            let siblings: Vec<&Method> = self.methods.iter().filter(of_service).collect();
            let method = match dice.roll(6) {
                0 if locked(&self.known).can(wanted) => wanted,
                0 | 1 => *one_of(dice, &reads),
                2..5 => *one_of(dice, &siblings),
                _ => one_of(dice, &self.methods),
            };
            let message = self.make(method, dice);
            let odd = Odd::valid(method, &message, dice);
            self.send(&mut connection, method, &message, odd).await;
        }
        let mut refused = locked(&self.refused).clone();
        refused.retain(|path, _| !locked(&self.taken).contains_key(path));
        panic!("no valid request was made: mutated_valid.rs must know what their fields may hold: {refused:#?}");
    }

    /// Spoilt requests may erase whom they meet: others come.
    async fn has_customers(&self) {
        while locked(&self.known).count() < CUSTOMERS_MIN {
            let id = self.house.create(named("Ana")).await.expect("created");
            locked(&self.known).learn_customer(&id);
        }
    }

    async fn send(&self, connection: &mut Plain, method: &Method, message: &DynamicMessage, odd: Odd) {
        let Some(request) = odd.request() else { return };
        match connection.pieces(request, &odd.pieces, odd.end).await {
            Ok(None) => self.count("reset".to_owned()),
            Ok(Some(answer)) => {
                let is_ok = self.judge(method, &odd, answer, message);
                if is_ok && method.of.name() == "SetPolicy" && odd.way != "valid" {
                    // Others may be at it, too.
                    let policy = framed(&SetPolicyRequest { policy: Some(policy_of_all()) });
                    while connection.grpc(&method.path, &[], policy.clone()).await.status().code() == Code::Aborted {}
                }
            }
            Err(error) => {
                let is_justified = odd.allowed == Allowed::Anything;
                assert!(is_justified, "{error}: {}; {:?}", told(&odd), self.house.process.lines());
                self.count(format!("{}: {error}", odd.way));
                *connection = Plain::open(self.house.process.address).await;
            }
        }
    }

    /// Whether it was carried out.
    fn judge(&self, method: &Method, odd: &Odd, answer: Answer, message: &DynamicMessage) -> bool {
        let status = tonic::Status::from_header_map(&answer.headers).filter(|_| answer.code == 200);
        let Some(status) = status else {
            assert!(odd.allowed == Allowed::Anything, "HTTP {}: {}", answer.code, told(odd));
            // What is no gRPC is told as HTTP does; gRPC-Web has its status in the body.
            assert!([200, 400, 403, 404, 405, 415, 431].contains(&answer.code), "HTTP {}: {}", answer.code, told(odd));
            self.count(format!("HTTP {}", answer.code));
            return false;
        };
        let why = if status.code() == Code::Ok { String::new() } else { reason(&status) };
        let is_justified = match status.code() {
            Code::Ok
            | Code::InvalidArgument
            | Code::NotFound
            | Code::AlreadyExists
            | Code::FailedPrecondition
            | Code::Aborted
            | Code::ResourceExhausted
            | Code::PermissionDenied => true,
            // gRPC's own code for bytes that are no message.
            Code::Internal => odd.allowed != Allowed::Refused && why == "MESSAGE_MALFORMED",
            Code::Unimplemented | Code::DeadlineExceeded => odd.allowed == Allowed::Anything,
            // A token of a revision that no index has reached yet; or a machine without a moment to spare.
            Code::Unavailable => ["REVISION_NOT_REACHED", "STORE_UNAVAILABLE"].contains(&why.as_str()),
            _ => false,
        };
        assert!(is_justified, "{status:?}: {}", told(odd));
        self.count(format!("{:?} {why}", status.code()));
        if status.code() != Code::Ok && odd.way == "valid" {
            locked(&self.refused).insert(method.path.clone(), format!("{}: {message}", status.message()));
        }
        if status.code() == Code::Ok && odd.allowed != Allowed::Anything {
            self.take(method, odd, &answer.body, message);
        }
        status.code() == Code::Ok
    }

    /// Whole answers, without an error that nothing justifies. What was carried out as it was meant is remembered.
    fn take(&self, method: &Method, odd: &Odd, mut body: &[u8], message: &DynamicMessage) {
        while let [0, a, b, c, d, rest @ ..] = body {
            let (answer, rest) = rest.split_at(u32::from_be_bytes([*a, *b, *c, *d]) as usize);
            let answer = DynamicMessage::decode(method.of.output(), answer).expect("an answer decodes");
            assert!(no_broken_item(&answer), "{answer:?}: {}", told(odd));
            if odd.way == "valid" {
                locked(&self.known).learn(method, message, &answer);
                locked(&self.taken).insert(method.path.clone(), message.clone());
            }
            body = rest;
        }
        assert!(body.is_empty(), "{}", told(odd));
    }

    async fn work(self: Arc<Self>, mut dice: Dice, requests: usize) {
        let mut connection = Plain::open(self.house.process.address).await;
        for _ in 0..requests {
            let method = one_of(&mut dice, &self.methods);
            // One that was carried out before, or a new one.
            let before = locked(&self.taken).get(&method.path).filter(|_| dice.roll(3) == 0).cloned();
            let message = before.unwrap_or_else(|| self.make(method, &mut dice));
            if dice.roll(WILD_OF) == 0 {
                let mut wild = Wild::silent(self.house.process.address).await;
                wild.say(&Odd::wild(method, &message, &mut dice)).await;
                let _ = wild.0.shutdown().await;
                wild.closed().await;
                self.count("connections of their own".to_owned());
                continue;
            }
            // So that there are customers, and parts of them, to ask for.
            if dice.roll(10) == 0 {
                let odd = Odd::valid(method, &message, &mut dice);
                self.send(&mut connection, method, &message, odd).await;
            }
            let odd = Odd::of(method, message.clone(), &mut dice);
            self.send(&mut connection, method, &message, odd).await;
        }
    }

    /// The process lives, has not panicked, and took little memory; and whoever has an allergy is known by it.
    async fn is_sane(&self, idle: u64) -> u64 {
        let lines = self.house.process.lines();
        let panics: Vec<&String> = lines.iter().filter(|line| line.contains("panicked")).collect();
        assert!(panics.is_empty(), "{panics:?}");
        let mut briefings = BriefingServiceClient::new(self.house.process.channel.clone());
        for number in 0..WATCHED {
            for subject in [by_id(&self.house.ids[number]), by_identity(loyalty(&card(number)))] {
                let answer = loop {
                    match briefings.get_briefing(briefing(subject.clone())).await {
                        Ok(answer) => break answer.into_inner().briefing.expect("is there"),
                        Err(status) => assert_refused(&status, Code::Unavailable, "STORE_UNAVAILABLE"),
                    }
                };
                assert_eq!(answer.state, BriefingState::Known as i32, "{answer:?}");
                assert_eq!(answer.precaution_state, PrecautionState::Listed as i32, "{answer:?}");
                assert!(answer.respect.iter().any(|one| one.code == "PRECAUTION_ALLERGY"), "{answer:?}");
            }
        }
        let grown = self.house.process.memory("VmHWM:").saturating_sub(idle);
        assert!(grown < GROWTH_KIB_MAX, "{grown} KiB above {idle}");
        grown
    }
}

/// An item of a bulk request that was refused has a reason that its sender can understand.
fn no_broken_item(message: &DynamicMessage) -> bool {
    if message.descriptor().full_name() == "rapport.v1.ItemError" {
        let code = message.get_field_by_name("code").and_then(|code| code.as_i32()).unwrap_or_default();
        return ![Code::Unknown, Code::Internal, Code::DataLoss].map(|broken| broken as i32).contains(&code);
    }
    message.fields().all(|(_, value)| match value {
        Value::Message(inner) => no_broken_item(inner),
        Value::List(list) => list.iter().filter_map(Value::as_message).all(no_broken_item),
        _ => true,
    })
}

/// A request, for whoever looks at a failure.
fn told(odd: &Odd) -> String {
    let mut text = format!("{} {} {:?} {:?} ", odd.way, odd.path, odd.allowed, odd.headers);
    for byte in odd.pieces.iter().flatten().take(2_000) {
        write!(text, "{byte:02x}").expect("a text takes everything");
    }
    text
}

async fn nothing_breaks(backend: &str, settings: Vec<String>) {
    let seed = std::env::var("RAPPORT_TEST_SEED").map_or_else(
        |_| u64::from_le_bytes(uuid::Uuid::new_v4().as_bytes()[..8].try_into().expect("eight")),
        |seed| seed.parse().expect("RAPPORT_TEST_SEED is a number"),
    );
    println!("RAPPORT_TEST_SEED={seed}");
    let mut dice = Dice(seed);
    let trial = Arc::new(Trial::open(settings).await);
    let begun = Instant::now();
    let tries = trial.every_method_takes_one(&mut dice).await;
    println!("{backend}: each method took a request, after {tries} tries and {:?}", begun.elapsed());
    locked(&trial.answers).clear();
    let (idle, requests) = (trial.house.process.memory("VmHWM:"), scaled(REQUESTS.0, REQUESTS.1));
    let (mut sent, mut grown) = (0, 0);
    while sent < requests {
        let mut workers = JoinSet::new();
        for _ in 0..WORKERS {
            workers.spawn(trial.clone().work(Dice(dice.roll(u64::MAX)), BATCH / WORKERS));
        }
        workers.join_all().await;
        sent += BATCH;
        locked(&trial.known).go_on();
        trial.has_customers().await;
        grown = trial.is_sane(idle).await;
    }
    let answers = locked(&trial.answers).clone();
    let away = answers.get("Unavailable STORE_UNAVAILABLE").copied().unwrap_or_default();
    println!(
        "{backend}: {sent} spoilt requests of {} methods in {:?}: peak memory grew by {grown} KiB above {idle}; {answers:?}",
        trial.methods.len(),
        begun.elapsed(),
    );
    assert!(away * AWAY_SHARE <= sent as u64, "{away} answers without the store");
    let mut trial = Arc::into_inner(trial).expect("nobody works any more");
    // What is stored is sound.
    trial.house.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spoilt_requests_break_nothing_on_redb() {
    let folder = tempfile::tempdir().expect("a folder");
    nothing_breaks("redb", on_redb(folder.path())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spoilt_requests_break_nothing_on_redis() {
    let (redis, folder) = (Redis::start(DURABLE), tempfile::tempdir().expect("a folder"));
    nothing_breaks("Redis", on_redis(&redis, folder.path())).await;
}

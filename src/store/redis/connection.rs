//! The transport to a single node: one multiplexed connection that all callers share, and a task that replaces it.
//!
//! The driver's own reconnecting makes callers wait for seconds when the server is dead, and its timeouts do not notice a
//! server that is stalled. So every request has a deadline here, and no caller waits for a connection: when an answer
//! does not come in time or the socket breaks, the connection is taken away from everybody, calls fail at once, and one
//! task tries to connect and to get one PING answered, with growing pauses. Only then calls get through again. That is
//! a circuit breaker with one probe.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::{ArcSwap, ArcSwapOption};
use async_trait::async_trait;
use redis::{
    AsyncConnectionConfig, Client, Cmd, IntoConnectionInfo, Pipeline, RedisConnectionInfo, Value,
    aio::MultiplexedConnection,
    from_redis_value,
    io::tcp::{TcpSettings, socket2::TcpKeepalive},
};
use tokio::{
    sync::Notify,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use super::{
    failure::{FailureClass, Intent, RedisFailure, ServerName},
    login::Login,
    scripts::Script,
    transport::{Answer, Node, Transport},
};
use crate::store::{Result, StoreError};

/// A read takes well under a millisecond. A quarter of a second is a server in trouble, and still bearable at a till.
pub const READ_DEADLINE: Duration = Duration::from_millis(250);
/// A write may wait for the server's disk (`appendfsync always`).
pub const WRITE_DEADLINE: Duration = Duration::from_secs(1);
/// How long a command waits that checks or copies a store, at which nobody stands at a till: a server under load, or one that forks to write its
/// files, answers after seconds, and whoever gave up would have to look through the whole store again.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// Connecting, greeting and one PING.
const CONNECT_DEADLINE: Duration = Duration::from_secs(1);
/// The pause after the first failed attempt; doubled up to [`PAUSE_MAX`].
const PAUSE_MIN: Duration = Duration::from_millis(50);
/// A server that comes back is used again after at most this long.
const PAUSE_MAX: Duration = Duration::from_secs(1);
/// A connection that lived this long was a good one: the next attempt follows at once.
const STEADY: Duration = Duration::from_secs(1);
/// An idle connection that a firewall has forgotten is noticed after about this long.
const KEEPALIVE: Duration = Duration::from_secs(5);
/// The kernel gives up on bytes that the other side has not acknowledged for this long.
const USER_TIMEOUT: Duration = Duration::from_secs(5);
/// Calls that may be handed to the connection before callers wait for each other.
const CALLS_QUEUED: usize = 1_024;
/// The name of the node, where there is only one.
const ONLY_NODE: &str = "single";

/// What is sent in one round trip.
#[derive(Clone, Copy)]
enum Request<'a> {
    One(&'a Cmd),
    /// A pipeline, or a transaction if it is atomic.
    Many(&'a Pipeline),
}

/// What a server is.
enum Mode {
    /// It owns all keys.
    Alone,
    /// It owns a part of the keys.
    OneOfSeveral,
    Sentinel,
}

/// A connection that works, as far as is known. The number tells it from those before.
struct Live {
    number: u64,
    connection: MultiplexedConnection,
}

struct Shared {
    name: ServerName,
    client: Client,
    login: Login,
    current: ArcSwapOption<Live>,
    /// Why there is no connection, for the answer to callers.
    cause: ArcSwap<RedisFailure>,
    /// The connection was given up, or another server may have taken over.
    lost: Notify,
    numbers: AtomicU64,
    /// No answer is waited for less long.
    least: Duration,
}

/// The connection to a single node, replaced whenever it breaks.
pub struct Connection {
    shared: Arc<Shared>,
    keeper: JoinHandle<()>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

impl Connection {
    /// Starts to connect, and waits for the first attempt. A server that is away is not an error: calls answer
    /// `Unavailable` until it is there. Every answer is waited for at least so long.
    ///
    /// # Errors
    /// `Unavailable` if the URL cannot be used.
    pub async fn start(url: &str, name: &ServerName, least: Duration) -> Result<Self> {
        let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE / 5);
        let tcp = TcpSettings::default().set_nodelay(true).set_keepalive(keepalive).set_user_timeout(USER_TIMEOUT);
        let opened = url.into_connection_info().and_then(|info| {
            let login = Login::from(info.redis_settings());
            // The greeting is ours, so that what the server answers to it is not hidden.
            let silent = RedisConnectionInfo::default().set_skip_set_lib_name();
            Ok((Client::open(info.set_tcp_settings(tcp).set_redis_settings(silent))?, login))
        });
        // The driver's words for this may quote the URL, and the URL may hold a password.
        let (client, login) = opened.map_err(|error| {
            StoreError::Unavailable(
                format!("the Redis URL cannot be used ({}); example: redis://host:6379/0", error.category()).into(),
            )
        })?;
        let shared = Arc::new(Shared {
            name: name.clone(),
            client,
            login,
            current: ArcSwapOption::empty(),
            cause: ArcSwap::from_pointee(RedisFailure::NotSent(format!("{name} has not answered yet"))),
            lost: Notify::new(),
            numbers: AtomicU64::new(0),
            least,
        });
        shared.connect().await;
        let keeper = tokio::spawn(keep(Arc::clone(&shared)));
        Ok(Self { shared, keeper })
    }

    async fn request(&self, what: Request<'_>, deadline: Duration) -> Answer {
        let Some((number, mut connection)) = self.live() else {
            return Err(self.shared.cause.load().as_ref().clone());
        };
        let deadline = deadline.max(self.shared.least);
        let waiting = Waiting {
            shared: &self.shared,
            number,
            since: Instant::now(),
            stalled: stalled_after(deadline),
            is_over: false,
        };
        let answer = async {
            match what {
                Request::One(cmd) => cmd.query_async::<Value>(&mut connection).await,
                Request::Many(pipeline) => pipeline.query_async::<Value>(&mut connection).await,
            }
        };
        let outcome = timeout(deadline, answer).await;
        waiting.end();
        let failure = match outcome {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => RedisFailure::Failed(self.shared.name.clone(), error),
            Err(_) => RedisFailure::Timeout(self.shared.name.clone()),
        };
        if failure.breaks_the_connection() {
            self.shared.give_up(number, &failure);
        } else if failure.is(FailureClass::Elsewhere) {
            self.shared.lost.notify_one();
        }
        Err(failure)
    }

    async fn mode(&self) -> Answer<Mode> {
        let hello = match self.request(Request::One(&redis::cmd("HELLO")), READ_DEADLINE).await {
            Ok(hello) => from_redis_value::<HashMap<String, Value>>(hello).unwrap_or_default(),
            // A server that does not tell is told apart by what it answers to the next command.
            Err(failure) if failure.is(FailureClass::Misconfigured) => return Ok(Mode::Alone),
            Err(failure) => return Err(failure),
        };
        let mode = hello.get("mode").cloned().and_then(|mode| from_redis_value::<String>(mode).ok());
        match mode.as_deref() {
            Some("sentinel") => Ok(Mode::Sentinel),
            Some("cluster") if self.cluster_size().await? > 1 => Ok(Mode::OneOfSeveral),
            _ => Ok(Mode::Alone),
        }
    }

    /// How many masters own hash slots. A cluster of one serves all keys.
    async fn cluster_size(&self) -> Answer<u64> {
        let info = self.request(Request::One(redis::cmd("CLUSTER").arg("INFO")), READ_DEADLINE).await?;
        let info = from_redis_value::<String>(info).unwrap_or_default();
        let size = info.lines().find_map(|line| line.strip_prefix("cluster_size:")?.trim().parse().ok());
        Ok(size.unwrap_or(1))
    }

    fn live(&self) -> Option<(u64, MultiplexedConnection)> {
        self.shared.current.load().as_ref().map(|live| (live.number, live.connection.clone()))
    }
}

#[async_trait]
impl Transport for Connection {
    fn connections(&self) -> u64 {
        self.shared.numbers.load(Ordering::Acquire)
    }

    async fn one(&self, command: &Cmd, intent: Intent) -> Answer {
        self.request(Request::One(command), deadline(intent)).await
    }

    async fn transaction(&self, commands: &Pipeline, intent: Intent) -> Answer {
        self.request(Request::Many(commands), deadline(intent)).await
    }

    /// All hash slots lie on this node: one pipeline.
    async fn many(&self, commands: &Pipeline) -> Answer {
        self.request(Request::Many(commands), READ_DEADLINE).await
    }

    async fn script(&self, script: &Script, call: &Cmd, intent: Intent) -> Answer {
        let first = self.one(call, intent).await;
        if !first.as_ref().is_err_and(|failure| failure.is(FailureClass::NoScript)) {
            return first;
        }
        // The server was restarted or failed over. The script did not run, so calling it again is safe.
        if let Err(failure) = self.one(&script.load(), intent).await {
            // Loading changes no data: without an answer to it, nothing has happened.
            return Err(failure.of_what_came_first());
        }
        self.one(call, intent).await
    }

    /// The only node, if it owns all keys.
    async fn nodes(&self) -> Answer<Vec<Node>> {
        match self.mode().await? {
            Mode::Alone => Ok(vec![Node(ONLY_NODE.to_owned())]),
            Mode::Sentinel => Err(RedisFailure::sentinel(&self.shared.name)),
            Mode::OneOfSeveral => Err(RedisFailure::cluster(&self.shared.name)),
        }
    }

    async fn on_node(&self, _only: &Node, command: &Cmd, deadline: Duration) -> Answer {
        self.request(Request::One(command), deadline).await
    }
}

/// A request without an answer. If its future is dropped so, after it has waited nearly as long as its deadline, then
/// the server is stalled, as after a deadline that has passed here: a deadline that is kept further up drops the future
/// instead. A caller who gives up earlier than that proves nothing, and ends nothing for others.
struct Waiting<'a> {
    shared: &'a Shared,
    number: u64,
    since: Instant,
    stalled: Duration,
    is_over: bool,
}

impl Waiting<'_> {
    /// An answer came, or the request failed.
    fn end(mut self) {
        self.is_over = true;
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.is_over && self.since.elapsed() >= self.stalled {
            self.shared.give_up(self.number, &RedisFailure::Timeout(self.shared.name.clone()));
        }
    }
}

/// A deadline further up began a little before the request, and may hold a request or two that came before this one.
fn stalled_after(deadline: Duration) -> Duration {
    deadline * 4 / 5
}

fn deadline(intent: Intent) -> Duration {
    match intent {
        Intent::Read => READ_DEADLINE,
        Intent::Write => WRITE_DEADLINE,
    }
}

impl Shared {
    /// Takes a connection away from everybody, once.
    fn give_up(&self, number: u64, failure: &RedisFailure) {
        let current = self.current.load_full();
        let Some(live) = current.filter(|live| live.number == number) else {
            return;
        };
        let cause = format!("the connection to {} was given up: {}", self.name, failure.told_of("it"));
        self.cause.store(Arc::new(RedisFailure::NotSent(cause)));
        let before = self.current.compare_and_swap(&Some(Arc::clone(&live)), None);
        if before.as_ref().is_some_and(|before| before.number == number) {
            tracing::warn!(cause = %failure, "the connection to Redis was given up");
            self.lost.notify_one();
        }
    }

    /// One attempt: connect, log in, and get a PING answered. Answers whether there is a connection now.
    async fn connect(&self) -> bool {
        let config = AsyncConnectionConfig::new()
            // Every call has a deadline of ours; the driver's costs a timer more.
            .set_response_timeout(None)
            .set_connection_timeout(None)
            .set_pipeline_buffer_size(CALLS_QUEUED);
        let attempt = async {
            let mut connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
            self.login.greet(&mut connection).await?;
            Ok(connection)
        };
        let failure = match timeout(CONNECT_DEADLINE.max(self.least), attempt).await {
            Ok(Ok(connection)) => {
                let number = self.numbers.fetch_add(1, Ordering::AcqRel);
                self.current.store(Some(Arc::new(Live { number, connection })));
                return true;
            }
            Ok(Err(error)) => RedisFailure::Failed(self.name.clone(), error),
            Err(_) => RedisFailure::Timeout(self.name.clone()),
        };
        self.cause.store(Arc::new(failure.of_connecting(&self.name)));
        false
    }
}

/// Replaces the connection whenever it was given up.
async fn keep(shared: Arc<Shared>) {
    let mut pause = PAUSE_MIN;
    loop {
        if shared.current.load().is_some() || shared.connect().await {
            let since = Instant::now();
            shared.lost.notified().await;
            let steady = since.elapsed() >= STEADY;
            if steady {
                pause = PAUSE_MIN;
            }
            // Still there: the name may lead to another server by now. If not, the connection stays, for reading.
            if shared.current.load().is_some() {
                shared.connect().await;
            } else if steady {
                continue;
            }
        }
        sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

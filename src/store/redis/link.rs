//! The link to one Redis: one multiplexed connection that all callers share, and a task that replaces it.
//!
//! The driver's own reconnecting makes callers wait for seconds when the server is dead, and its timeouts do not notice a
//! server that is stalled. So the link has a deadline of its own around every call, and never makes a caller wait for a
//! connection: when an answer stays out or the socket breaks, the connection is taken away from everybody, calls fail at
//! once, and one task tries to connect and to get one PING answered, with growing pauses. Only then callers get through
//! again. That is a breaker with one probe.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::{ArcSwap, ArcSwapOption};
use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, IntoConnectionInfo, Pipeline,
    aio::MultiplexedConnection,
    io::tcp::{TcpSettings, socket2::TcpKeepalive},
};
use tokio::{
    sync::Notify,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use super::{
    scripts::Script,
    trouble::{Class, Intent, Trouble},
};
use crate::store::{Result, StoreError};

/// A read takes well under a millisecond. A quarter of a second is a server in trouble, and still bearable at a till.
pub const READ_DEADLINE: Duration = Duration::from_millis(250);
/// A write may wait for the server's disk (`appendfsync always`).
pub const WRITE_DEADLINE: Duration = Duration::from_secs(1);
/// Reading everything, for checks and tests.
pub const BULK_DEADLINE: Duration = Duration::from_secs(30);
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

/// What is asked in one round trip.
#[derive(Clone, Copy)]
pub enum Ask<'a> {
    One(&'a Cmd),
    Many(&'a Pipeline),
}

impl<'a> From<&'a Cmd> for Ask<'a> {
    fn from(cmd: &'a Cmd) -> Self {
        Self::One(cmd)
    }
}

impl<'a> From<&'a Pipeline> for Ask<'a> {
    fn from(pipeline: &'a Pipeline) -> Self {
        Self::Many(pipeline)
    }
}

/// One connection. The number tells it from those before.
struct Line {
    number: u64,
    connection: MultiplexedConnection,
}

struct Shared {
    client: Client,
    current: ArcSwapOption<Line>,
    /// Why there is no line, for the answer to callers.
    cause: ArcSwap<String>,
    /// The line was given up, or another server may have taken over.
    lost: Notify,
    numbers: AtomicU64,
}

/// The link to one Redis.
pub struct Link {
    shared: Arc<Shared>,
    keeper: JoinHandle<()>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

impl Link {
    /// Starts the link, and gives the first connection a moment. A server that is away is not an error: calls answer
    /// `Unavailable` until it is there.
    ///
    /// # Errors
    /// `Unavailable` if the URL cannot be used.
    pub async fn start(url: &str) -> Result<Self> {
        let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE / 5);
        let tcp = TcpSettings::default().set_nodelay(true).set_keepalive(keepalive).set_user_timeout(USER_TIMEOUT);
        let client = url.into_connection_info().and_then(|info| Client::open(info.set_tcp_settings(tcp)));
        // The driver's words for this may quote the URL, and the URL may hold a password.
        let client = client.map_err(|error| {
            StoreError::Unavailable(format!(
                "the Redis URL cannot be used ({}); example: redis://host:6379/0",
                error.category()
            ))
        })?;
        let shared = Arc::new(Shared {
            client,
            current: ArcSwapOption::empty(),
            cause: ArcSwap::from_pointee("Redis has not answered yet".into()),
            lost: Notify::new(),
            numbers: AtomicU64::new(0),
        });
        shared.connect().await;
        let keeper = tokio::spawn(keep(Arc::clone(&shared)));
        Ok(Self { shared, keeper })
    }

    /// Asks, within the deadline of the intent.
    pub async fn ask<T: FromRedisValue>(&self, what: impl Into<Ask<'_>>, intent: Intent) -> Result<T> {
        self.attempt(what.into(), deadline(intent)).await.map_err(|trouble| trouble.into_error(intent))
    }

    /// Asks, and tells more exactly what went wrong.
    pub async fn attempt<T: FromRedisValue>(
        &self,
        what: Ask<'_>,
        deadline: Duration,
    ) -> std::result::Result<T, Trouble> {
        let Some((number, mut connection)) = self.line() else {
            return Err(Trouble::Away(self.shared.cause.load().as_ref().clone()));
        };
        let answer = async {
            match what {
                Ask::One(cmd) => cmd.query_async(&mut connection).await,
                Ask::Many(pipeline) => pipeline.query_async(&mut connection).await,
            }
        };
        let trouble = match timeout(deadline, answer).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => Trouble::Failed(error),
            Err(_) => Trouble::Late,
        };
        if trouble.breaks_the_line() {
            self.shared.give_up(number, &trouble);
        } else if trouble.is(Class::Elsewhere) {
            self.shared.lost.notify_one();
        }
        Err(trouble)
    }

    /// Runs a script by its hash. A server that does not know it (restarted, failed over) is told it once: it had not
    /// run, so running it again is safe.
    pub async fn run<T: FromRedisValue>(&self, script: &Script, call: &Cmd, intent: Intent) -> Result<T> {
        let deadline = deadline(intent);
        match self.attempt(Ask::One(call), deadline).await {
            Err(trouble) if trouble.is(Class::NoScript) => {
                let load = script.load();
                let loaded: std::result::Result<String, _> = self.attempt(Ask::One(&load), deadline).await;
                // Loading changes no data: failing at it, nothing has happened.
                loaded.map_err(|trouble| trouble.into_error(Intent::Read))?;
                self.attempt(Ask::One(call), deadline).await
            }
            outcome => outcome,
        }
        .map_err(|trouble| trouble.into_error(intent))
    }

    fn line(&self) -> Option<(u64, MultiplexedConnection)> {
        self.shared.current.load().as_ref().map(|line| (line.number, line.connection.clone()))
    }
}

fn deadline(intent: Intent) -> Duration {
    match intent {
        Intent::Read => READ_DEADLINE,
        Intent::Write => WRITE_DEADLINE,
    }
}

impl Shared {
    /// Takes a line away from everybody, once.
    fn give_up(&self, number: u64, trouble: &Trouble) {
        let current = self.current.load_full();
        let Some(line) = current.filter(|line| line.number == number) else {
            return;
        };
        self.cause.store(Arc::new(format!("the connection to Redis was given up: {}", words(trouble))));
        let before = self.current.compare_and_swap(&Some(Arc::clone(&line)), None);
        if before.as_ref().is_some_and(|before| before.number == number) {
            tracing::warn!(cause = %words(trouble), "the connection to Redis was given up");
            self.lost.notify_one();
        }
    }

    /// One attempt: connect, and get a PING answered. Answers whether there is a line now.
    async fn connect(&self) -> bool {
        let config = AsyncConnectionConfig::new()
            // Every call has a deadline of ours; the driver's costs a timer more.
            .set_response_timeout(None)
            .set_connection_timeout(None)
            .set_pipeline_buffer_size(CALLS_QUEUED);
        let attempt = async {
            let mut connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
            redis::cmd("PING").exec_async(&mut connection).await?;
            Ok(connection)
        };
        let trouble = match timeout(CONNECT_DEADLINE, attempt).await {
            Ok(Ok(connection)) => {
                let number = self.numbers.fetch_add(1, Ordering::Relaxed);
                self.current.store(Some(Arc::new(Line { number, connection })));
                return true;
            }
            Ok(Err(error)) => Trouble::Failed(error),
            Err(_) => Trouble::Late,
        };
        self.cause.store(Arc::new(format!("Redis cannot be reached: {}", words(&trouble))));
        false
    }
}

fn words(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Away(cause) => cause.clone(),
        Trouble::Late => "no answer in time".into(),
        Trouble::Failed(error) => error.to_string(),
    }
}

/// Keeps a line, for as long as the link lives.
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
            // Still there: the name may lead to another server by now. If not, the line stays as it is for reading.
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

//! The service inside this process.

use std::time::Duration;

use futures_util::{StreamExt as _, future::BoxFuture};
use tokio::{task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;
use tonic::transport::{Channel, Endpoint};

use super::{
    Core, StartError,
    wire::{ended, transport},
};
use crate::{config::Config, service::clock::Clock};

/// Buffer of the in-memory connection: a few large messages.
const DUPLEX_BYTES: usize = 1 << 20;

/// The service inside this process, called over a connection in memory: one path for commands with and without a server.
pub struct InProcess {
    pub channel: Channel,
    pub core: Core,
    stop: CancellationToken,
    tasks: JoinSet<()>,
    drain_max: Duration,
}

impl InProcess {
    /// Opens the store, which no other process may have open if it is a file.
    pub fn open(config: &Config) -> BoxFuture<'_, Result<Self, StartError>> {
        Self::open_at(config, Clock::System)
    }

    /// The same with a clock that a test sets.
    pub fn open_at(config: &Config, clock: Clock) -> BoxFuture<'_, Result<Self, StartError>> {
        Box::pin(Self::opening(config, clock))
    }

    async fn opening(config: &Config, clock: Clock) -> Result<Self, StartError> {
        let core = Core::open(config, clock).await?;
        core.prepare().await?;
        // Bring the indexes up to date, so that a list right after another process's write is complete.
        core.rapport.worker().sweep().await?;
        let routes = core.routes(config);
        let (stop, mut tasks) = (CancellationToken::new(), JoinSet::new());
        core.work_beside(&stop, &mut tasks);
        let (client, server) = tokio::io::duplex(DUPLEX_BYTES);
        // The stream must not end: the server would shut down when it does.
        let incoming = tokio_stream::once(Ok::<_, std::io::Error>(server)).chain(tokio_stream::pending());
        let server = transport(config, &core)
            .add_routes(routes)
            .serve_with_incoming_shutdown(incoming, stop.clone().cancelled_owned());
        tasks.spawn(ended("in-process", server));
        let mut client = Some(client);
        let connect = tower::service_fn(move |_| {
            let client = client.take().ok_or_else(|| std::io::Error::other("the connection in memory was closed"));
            std::future::ready(client.map(hyper_util::rt::TokioIo::new))
        });
        let channel = Endpoint::from_static("http://rapport.invalid").connect_with_connector(connect).await;
        let channel = channel.map_err(|fault| StartError::Wiring(fault.to_string()))?;
        Ok(Self { channel, core, stop, tasks, drain_max: config.limits.drain_max })
    }

    /// Waits for calls under way, at most for the drain's limit, and closes the store, so that the next process can open it
    /// at once and has nothing to repair.
    pub fn close(self) -> BoxFuture<'static, ()> {
        Box::pin(self.closing())
    }

    async fn closing(mut self) {
        drop(self.channel);
        self.stop.cancel();
        let drained = timeout(self.drain_max, async { while self.tasks.join_next().await.is_some() {} }).await;
        if drained.is_err() {
            self.tasks.shutdown().await;
        }
        self.core.learn_last().await;
        self.core.note_last().await;
    }
}

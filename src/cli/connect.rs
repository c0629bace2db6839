//! Where a command finds the service: over the network, or in this process over a store.

use std::time::Duration;

use tonic::{
    service::interceptor::InterceptedService,
    transport::{Channel, Endpoint},
};

use super::{
    caller::Caller,
    failure::Failure,
    flags::{Calling, Flags},
};
use crate::{app::InProcess, config::settings, telemetry};

/// A connection that says with every call who calls. Cheap to clone.
pub type ServiceChannel = InterceptedService<Channel, Caller>;

/// Where `serve` listens by default.
pub const SERVER_DEFAULT: &str = "http://127.0.0.1:50051";
/// The variable that names the server if `--server` does not.
const SERVER_ENV: &str = "RAPPORT_SERVER";
/// What takes longer to connect will hardly connect at all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a command waits for an answer of a server. The server ends calls after 10 seconds by default; one that is
/// configured to take longer than this is not waited for.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Debug, clap::Args)]
pub struct ServerArgs {
    /// The server to call [env: RAPPORT_SERVER] [default: http://127.0.0.1:50051]
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
}

/// A running server, or a store that this process opens itself.
#[derive(Debug, clap::Args)]
pub struct TargetArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(flatten)]
    pub store: Flags<Calling>,
}

impl ServerArgs {
    /// The address: flag, environment, default.
    pub fn url(&self) -> String {
        let from_env = || std::env::var(SERVER_ENV).ok().filter(|url| !url.is_empty());
        self.server.clone().or_else(from_env).unwrap_or_else(|| SERVER_DEFAULT.to_owned())
    }
}

/// A service that was found, and what of it is to be closed.
pub struct Connection {
    channel: ServiceChannel,
    /// The store that this process opened itself.
    store: Option<InProcess>,
}

impl Connection {
    pub fn channel(&self) -> ServiceChannel {
        self.channel.clone()
    }

    /// To be called at the end, also after a failure: a store of our own is closed, so that another
    /// process can open it at once.
    pub async fn close(self) {
        drop(self.channel);
        if let Some(store) = self.store {
            store.close().await;
        }
    }
}

impl TargetArgs {
    /// Connects, or opens the store. Errors: `Usage` when flags or configuration are wrong, or the server's URL is not one that begins
    /// with http://; else `Failed`: the text for a server that does not answer says what to try, that for a store is the
    /// `StartError`'s.
    pub async fn connect(&self, caller: Caller) -> Result<Connection, Failure> {
        if !self.is_store()? {
            return Ok(Connection { channel: caller.on(connect(&self.server.url()).await?), store: None });
        }
        let config = self.store.config()?;
        telemetry::start(&config.log);
        let store = InProcess::open(&config).await?;
        Ok(Connection { channel: caller.on(store.channel.clone()), store: Some(store) })
    }

    fn is_store(&self) -> Result<bool, Failure> {
        let named = self.store.has(settings::STORE) || self.store.has(settings::CONFIG);
        match (named, &self.server.server) {
            (true, None) => Ok(true),
            (true, Some(_)) => Err(Failure::Usage("give --server or --store, not both".to_owned())),
            (false, _) if self.store.is_empty() => Ok(false),
            (false, _) => Err(Failure::Usage(
                "settings of a store were given, but no --store; add it, or leave them to the server".to_owned(),
            )),
        }
    }
}

/// Connects to a server by its URL.
pub async fn connect(url: &str) -> Result<Channel, Failure> {
    let wrong = || Failure::Usage(format!("--server: {url:?} is not a URL like {SERVER_DEFAULT}"));
    if !url.starts_with("http://") {
        return Err(wrong());
    }
    let endpoint = Endpoint::from_shared(url.to_owned()).map_err(|_| wrong())?;
    let endpoint = endpoint.connect_timeout(CONNECT_TIMEOUT).timeout(CALL_TIMEOUT).tcp_nodelay(true);
    endpoint.connect().await.map_err(|_| {
        Failure::Failed(format!("no server answers at {url}: start one with `rapport serve`, or name it with --server"))
    })
}

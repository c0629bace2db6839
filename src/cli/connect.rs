//! Where a command finds the service: over the network, or in this process over a store.

use std::time::Duration;

use tonic::transport::{Channel, Endpoint};

use super::{failure::Failure, flags::StoreFlags};
use crate::{app, config::settings, telemetry};

/// Where `serve` listens by default.
pub const SERVER_DEFAULT: &str = "http://127.0.0.1:50051";
/// The variable that stands for `--server`.
const SERVER_ENV: &str = "RAPPORT_SERVER";
/// Connecting on any network takes less, or will not happen.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// No answer of the service takes longer: its own cap on deadlines is 10 seconds by default.
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
    pub store: StoreFlags,
}

impl ServerArgs {
    /// The address: flag, environment, default.
    pub fn url(&self) -> String {
        let from_env = || std::env::var(SERVER_ENV).ok().filter(|url| !url.is_empty());
        self.server.clone().or_else(from_env).unwrap_or_else(|| SERVER_DEFAULT.to_owned())
    }

    /// Connects. Errors: usage when it is no URL, otherwise what to try.
    pub async fn connect(&self) -> Result<Channel, Failure> {
        connect(&self.url()).await
    }
}

impl TargetArgs {
    pub async fn connect(&self) -> Result<Channel, Failure> {
        if !self.is_store()? {
            return self.server.connect().await;
        }
        let config = self.store.config()?;
        telemetry::start(&config.log);
        Ok(app::in_process(&config).await?)
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

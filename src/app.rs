//! To come.

use std::net::SocketAddr;

use crate::config::Config;

/// Why the service could not start.
#[derive(Debug, thiserror::Error)]
#[error("not built yet")]
pub struct StartError;

/// A running server.
pub struct Server {
    pub address: SocketAddr,
    pub admin_address: Option<SocketAddr>,
}

impl Server {
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let _ = config;
        Err(StartError)
    }

    pub async fn shutdown(self) {}
}

pub async fn in_process(config: &Config) -> Result<tonic::transport::Channel, StartError> {
    let _ = config;
    Err(StartError)
}

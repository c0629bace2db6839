//! The gRPC server around the handlers: its layers, its bounds, its addresses.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::net::TcpListener;
use tonic::service::Routes;
use tower::layer::util::{Identity, Stack};

use super::{Core, StartError};
use crate::{
    config::Config,
    grpc::{
        self, Asserted, accept,
        http::{FrontLayer, InFlight},
    },
    proto,
    service::rates::Rates,
};

/// A peer that says nothing for so long is asked whether it lives, and has so long to answer.
const KEEPALIVE_EVERY: Duration = Duration::from_secs(30);
const KEEPALIVE_WAIT: Duration = Duration::from_secs(10);

/// A server whose calls pass the layers of `grpc::http`.
pub(super) type Transport = tonic::transport::Server<Stack<FrontLayer, Identity>>;

pub(super) fn transport(config: &Config, core: &Core) -> Transport {
    tonic::transport::Server::builder()
        .layer(FrontLayer {
            deadline_max: config.limits.deadline_max,
            origins: config.cors_origins.clone().into(),
            authenticator: Arc::new(Asserted { tenant: config.tenant.clone() }),
            in_flight: Arc::new(InFlight::new(config.limits.message_bytes_max)),
            waiting: Arc::new(InFlight::of_answers()),
            rates: config.limits.calls_per_second_max.map(|calls| Arc::new(Rates::per_second(calls))),
            turns: core.turns.clone(),
        })
        // Browsers speak it when there is no TLS.
        .accept_http1(true)
        .max_concurrent_streams(config.limits.streams_per_connection_max)
        .http2_max_header_list_size(grpc::HEADER_BYTES_MAX)
        .http2_keepalive_interval(Some(KEEPALIVE_EVERY))
        .http2_keepalive_timeout(Some(KEEPALIVE_WAIT))
}

/// A transport whose connections end at a certain age: for peers on the network, not for the connection in memory.
pub(super) fn aged(config: &Config, core: &Core) -> Transport {
    transport(config, core).max_connection_age(config.limits.connection_age_max)
}

pub(super) fn bounds(config: &Config) -> accept::Bounds {
    let limits = &config.limits;
    accept::Bounds {
        connections_max: limits.connections_max,
        per_peer_max: limits.connections_per_peer_max,
        handshake_max: limits.handshake_max,
    }
}

pub(super) fn reflection(routes: Routes) -> Result<Routes, StartError> {
    let builder = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let wiring = |fault: tonic_reflection::server::Error| StartError::Wiring(fault.to_string());
    Ok(routes
        .add_service(builder().build_v1().map_err(wiring)?)
        .add_service(builder().build_v1alpha().map_err(wiring)?))
}

pub(super) async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|cause| StartError::Listen { address, cause })
}

pub(super) async fn ended(which: &'static str, server: impl Future<Output = Result<(), tonic::transport::Error>>) {
    if let Err(fault) = server.await {
        tracing::error!(server = which, error = %fault, "a server ended");
    }
}

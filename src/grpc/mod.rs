//! The wire: each handler lets the caller in, converts, asks the use case, converts back. Nothing else happens here, and
//! no backend is named.

pub mod accept;
mod advice;
mod briefing;
mod changing;
mod convert;
mod customer;
mod echo;
mod gate;
mod gesture;
mod interaction;
mod policy;
mod recovery;
mod report;
mod seldom;
mod status;
pub mod wire;

pub use echo::EchoHandler;
pub use gate::Gate;

use crate::proto::{
    briefing_service_server::BriefingServiceServer, customer_service_server::CustomerServiceServer,
    echo_service_server::EchoServiceServer, gesture_service_server::GestureServiceServer,
    interaction_service_server::InteractionServiceServer, policy_service_server::PolicyServiceServer,
    recovery_service_server::RecoveryServiceServer, report_service_server::ReportServiceServer,
};
pub use convert::policy::normal as normal_policy;

/// Headers of one request, together. A token and a few names fit many times over.
pub const HEADER_BYTES_MAX: u32 = 16 * 1_024;

/// Limits of messages.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The largest request, in bytes, after decompression.
    pub message_bytes_max: usize,
}

/// The full names of the services, for health.
pub const SERVICES: [&str; 7] = [
    "rapport.v1.CustomerService",
    "rapport.v1.InteractionService",
    "rapport.v1.BriefingService",
    "rapport.v1.PolicyService",
    "rapport.v1.RecoveryService",
    "rapport.v1.GestureService",
    "rapport.v1.ReportService",
];

/// All services behind one gate. They take compressed requests; the front compresses answers.
pub fn routes(gate: &Gate, limits: Limits, echo: bool) -> tonic::service::Routes {
    use tonic::codec::CompressionEncoding::Gzip;
    let max = limits.message_bytes_max;
    let mut routes = tonic::service::Routes::default()
        .add_service(CustomerServiceServer::new(gate.clone()).max_decoding_message_size(max).accept_compressed(Gzip))
        .add_service(InteractionServiceServer::new(gate.clone()).max_decoding_message_size(max).accept_compressed(Gzip))
        .add_service(BriefingServiceServer::new(gate.clone()).max_decoding_message_size(max).accept_compressed(Gzip))
        .add_service(PolicyServiceServer::new(gate.clone()).max_decoding_message_size(max).accept_compressed(Gzip))
        .add_service(RecoveryServiceServer::new(gate.clone()).max_decoding_message_size(max).accept_compressed(Gzip))
        .add_service(GestureServiceServer::new(gate.clone()).max_decoding_message_size(max).accept_compressed(Gzip))
        .add_service(ReportServiceServer::new(gate.clone()).max_decoding_message_size(max).accept_compressed(Gzip));
    if echo {
        routes = routes.add_service(EchoServiceServer::new(EchoHandler::default()).max_decoding_message_size(max));
    }
    routes
}

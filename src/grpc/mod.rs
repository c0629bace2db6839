//! The gRPC server. `http` has the layers before the services, `call` the adapter around every handler. A handler parses
//! the message, calls the use case, and makes the answer. Nothing here names a backend.

pub(crate) mod accept;
mod advice;
mod answers;
mod authenticate;
mod briefing;
mod call;
mod catalogue;
mod convert;
mod customer;
mod echo;
mod gesture;
pub mod http;
mod interaction;
mod methods;
mod policy;
mod recovery;
mod report;
mod status;

use std::sync::Arc;

use tonic::{
    body::Body,
    codec::CompressionEncoding::Gzip,
    server::NamedService,
    service::{AxumBody, Routes},
};
use tower::ServiceExt as _;

pub use answers::{Begun, KeptAnswers};
pub use authenticate::{Asserted, Authenticator};
pub use convert::policy::normal as normal_policy;

use self::http::InFlight;
use crate::{proto, service::Rapport, turns::Turns};

/// The largest headers of one request, together. A token and a few names fit many times over.
pub(crate) const HEADER_BYTES_MAX: u32 = 16 * 1_024;
/// The service for measurements: served only if configured, and left out of health.
const ECHO: &str = "rapport.v1.EchoService";

/// Limits of messages.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The largest request of methods that carry bulk, in bytes after decompression; others take less, see `methods.rs`.
    pub message_bytes_max: usize,
}

/// Implements all services of the contract.
#[derive(Clone)]
pub struct Handlers {
    /// The use cases that they call.
    pub rapport: Arc<Rapport>,
    /// Briefings that may be sent again.
    pub answers: Arc<KeptAnswers>,
    /// Bounds the requests that are being worked on.
    pub worked_on: Arc<InFlight>,
    /// Those of large ones.
    pub turns: Turns,
}

/// The full names of the services that health reports.
pub(crate) fn watched() -> impl Iterator<Item = &'static str> {
    proto::SERVICES.iter().copied().filter(|name| *name != ECHO)
}

/// All services of the contract. They take compressed requests; `http` compresses answers.
pub fn routes(handlers: &Handlers, limits: Limits, echo: bool) -> Routes {
    fn name_of<S: NamedService>(_: &S) -> &'static str {
        S::NAME
    }
    let mut routes = Routes::default();
    macro_rules! add {
        ($($module:ident $server:ident,)+) => {$(
            let server = proto::$module::$server::new(handlers.clone()).accept_compressed(Gzip);
            let name = name_of(&server);
            if echo || name != ECHO {
                for path in methods::bulk(name) {
                    let bulk = server.clone().max_decoding_message_size(limits.message_bytes_max);
                    let bulk = bulk.map_request(|request: ::http::Request<AxumBody>| request.map(Body::new));
                    // This path comes before the service's.
                    let router = std::mem::take(routes.axum_router_mut());
                    *routes.axum_router_mut() = router.route_service(path, bulk);
                }
                routes = routes.add_service(server.max_decoding_message_size(methods::small_bytes_max(limits)));
            }
        )+};
    }
    proto::each_service!(add);
    routes
}

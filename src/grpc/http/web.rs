//! Serves browsers: gRPC-Web over HTTP/1.1 or HTTP/2, and CORS preflight requests.
//!
//! A program that speaks gRPC-Web without being a browser sends no origin, and is treated like a native caller.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, header};
use tonic::body::Body;
use tonic_web::{GrpcWebLayer, GrpcWebService};
use tower::{Layer as _, ServiceExt as _};
use tower_http::cors::{AllowHeaders, AllowOrigin, Cors, CorsLayer};

use super::{Answer, Calls};

const GRPC_WEB: [&[u8]; 4] = [
    b"application/grpc-web+proto",
    b"application/grpc-web-text",
    b"application/grpc-web",
    b"application/grpc-web-text+proto",
];
/// Headers that a script may read: a refused call has its status there.
const EXPOSED: [HeaderName; 3] = [
    HeaderName::from_static("grpc-status"),
    HeaderName::from_static("grpc-message"),
    HeaderName::from_static("grpc-status-details-bin"),
];
/// How long a browser may cache a preflight answer. Browsers cap it at two hours.
const PREFLIGHT_AGE_MAX: Duration = Duration::from_hours(2);
/// Headers of one request over HTTP/1.1, together; HTTP/2 has its own bound of this size.
const HEADER_BYTES_MAX: usize = super::super::HEADER_BYTES_MAX as usize;

/// Serves requests of browsers.
pub(super) struct Web {
    service: Cors<GrpcWebService<Calls>>,
    origins: Arc<[HeaderValue]>,
}

impl Web {
    pub(super) fn new(calls: Calls, origins: Arc<[HeaderValue]>) -> Self {
        let cors = CorsLayer::new()
            .allow_origin(AllowOrigin::list(origins.iter().cloned()))
            .allow_methods([Method::POST])
            // The authenticator knows which metadata it takes; the pages are the operator's own.
            .allow_headers(AllowHeaders::mirror_request())
            .expose_headers(EXPOSED)
            .max_age(PREFLIGHT_AGE_MAX);
        Self { service: cors.layer(GrpcWebLayer::new().layer(calls)), origins }
    }

    /// Why a request is refused, if it is. An origin that is not allowed is refused here, not only by the browser.
    pub(super) fn refusal(&self, request: &Request<Body>) -> Option<StatusCode> {
        let headers = request.headers();
        let stranger = |origin| !self.origins.contains(origin);
        if headers.get_all(header::ORIGIN).iter().any(stranger) {
            return Some(StatusCode::FORBIDDEN);
        }
        let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        (bytes > HEADER_BYTES_MAX).then_some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
    }

    pub(super) fn call(&self, request: Request<Body>) -> BoxFuture<'static, Answer> {
        Box::pin(self.service.clone().oneshot(request))
    }
}

pub(super) fn is_grpc_web(content_type: &[u8]) -> bool {
    GRPC_WEB.contains(&content_type)
}

/// Whether this is a CORS preflight request.
pub(super) fn is_preflight(request: &Request<Body>) -> bool {
    request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ORIGIN)
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

//! The tower layers before the services: they sort requests by content type, enforce deadlines, identify the caller, bound
//! what is being received and what waits to be taken, and compress large answers.
//!
//! Native gRPC passes the shortest way; what serves browsers is in `web`.

mod compress;
mod deadline;
mod identify;
mod in_flight;
mod received;
mod waiting;
mod web;

use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::future::{BoxFuture, Either, Ready, ready};
use http::{HeaderValue, Request, Response, StatusCode, Version, header::CONTENT_TYPE};
use tonic::{body::Body, service::Routes};
use tower::Service;

pub use self::in_flight::InFlight;
pub(super) use self::in_flight::{Counts, Room};
use self::{deadline::Timed, identify::Identified};
use super::authenticate::Authenticator;
use crate::{service::rates::Rates, turns::Turns};

/// The services, behind the layers that every call passes.
type Calls = Timed<Identified<Routes>>;

/// Media type of gRPC. What may follow it: nothing, the encoding of messages (`+proto`), or parameters (`;`).
const GRPC: &[u8] = b"application/grpc";

/// Puts these layers before the services.
#[derive(Clone)]
pub struct FrontLayer {
    /// The longest until the answer to a call begins; a stream of answers may go on after that.
    pub deadline_max: Duration,
    /// Web pages whose scripts may call, as browsers write them: `https://pos.example`.
    pub origins: Arc<[HeaderValue]>,
    /// Says who calls.
    pub authenticator: Arc<dyn Authenticator>,
    /// Bounds what is being received.
    pub in_flight: Arc<InFlight>,
    /// Bounds what waits to be taken.
    pub waiting: Arc<InFlight>,
    /// How often a caller may call a method; `None`: as often as it likes.
    pub rates: Option<Arc<Rates>>,
    /// Those of large requests.
    pub turns: Turns,
}

impl tower::Layer<Routes> for FrontLayer {
    type Service = Front;

    fn layer(&self, routes: Routes) -> Front {
        let identified = Identified {
            inner: routes,
            authenticator: self.authenticator.clone(),
            in_flight: self.in_flight.clone(),
            rates: self.rates.clone(),
            turns: self.turns.clone(),
        };
        let calls = Timed { inner: identified, deadline_max: self.deadline_max, waiting: self.waiting.clone() };
        Front { web: Arc::new(web::Web::new(calls.clone(), self.origins.clone())), calls }
    }
}

/// All services behind these layers. It is cloned for every request, so cloning must stay cheap.
#[derive(Clone)]
pub struct Front {
    calls: Calls,
    web: Arc<web::Web>,
}

type Answer = Result<Response<Body>, Infallible>;

impl Service<Request<Body>> for Front {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Either<<Calls as Service<Request<Body>>>::Future, Either<BoxFuture<'static, Answer>, Ready<Answer>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.calls.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let content_type = request.headers().get(CONTENT_TYPE).map_or(&[][..], HeaderValue::as_bytes);
        if is_grpc(content_type) {
            return match request.version() {
                Version::HTTP_2 => Either::Left(self.calls.call(request)),
                // Its status is in trailers, which HTTP/1.1 clients do not read.
                _ => refuse(StatusCode::HTTP_VERSION_NOT_SUPPORTED),
            };
        }
        if web::is_grpc_web(content_type) || web::is_preflight(&request) {
            return match self.web.refusal(&request) {
                None => Either::Right(Either::Left(self.web.call(request))),
                Some(code) => refuse(code),
            };
        }
        refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE)
    }
}

fn is_grpc(content_type: &[u8]) -> bool {
    content_type.strip_prefix(GRPC).is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
}

fn refuse<L>(code: StatusCode) -> Either<L, Either<BoxFuture<'static, Answer>, Ready<Answer>>> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = code;
    Either::Right(Either::Right(ready(Ok(response))))
}

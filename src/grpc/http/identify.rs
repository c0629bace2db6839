//! Asks who calls and how often, before a byte of the call's message is read.

use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::future::{BoxFuture, Either, Ready, ready};
use http::{HeaderName, Request, Response};
use tonic::body::Body;
use tower::Service;

use super::{
    super::{
        BulkThreads,
        authenticate::Authenticator,
        methods::{Method, Needed, Size},
        status::{CallError, refuse},
    },
    Answer,
    in_flight::InFlight,
    received,
};
use crate::service::{principal::Principal, rates::Rates};

static GRPC_ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");

/// Puts the caller (`Principal`) into the request, or refuses it.
#[derive(Clone)]
pub struct Identified<S> {
    pub(super) inner: S,
    pub(super) authenticator: Arc<dyn Authenticator>,
    pub(super) in_flight: Arc<InFlight>,
    pub(super) rates: Option<Arc<Rates>>,
    pub(super) bulk: Arc<BulkThreads>,
}

impl<S> Identified<S> {
    fn admit(&self, method: &Method, request: &Request<Body>) -> Result<Principal, CallError> {
        let principal = self.authenticator.identify(request.headers(), request.extensions())?;
        if let Some(rates) = &self.rates {
            rates.take(&principal, method.path).map_err(CallError::TooManyCalls)?;
        }
        Ok(principal)
    }
}

impl<S> Service<Request<Body>> for Identified<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Either<S::Future, Either<BoxFuture<'static, Answer>, Ready<Answer>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let method = request.extensions().get::<&'static Method>().copied();
        if let Some(known) = method.filter(|method| method.caller == Needed::Yes) {
            match self.admit(known, &request) {
                Ok(principal) => drop(request.extensions_mut().insert(principal)),
                Err(error) => return Either::Right(Either::Right(ready(Ok(refuse(method, error).into_http())))),
            }
        }
        let (parts, body) = request.into_parts();
        let body = received::counted(body, &self.in_flight, &parts.extensions, method);
        // A few KB may become some MB, which take milliseconds to inflate and to parse.
        let may_inflate =
            method.is_some_and(|method| method.size == Size::Bulk) && parts.headers.contains_key(&GRPC_ENCODING);
        let call = self.inner.call(Request::from_parts(parts, body));
        if may_inflate { Either::Right(Either::Left(Box::pin(self.bulk.run(call)))) } else { Either::Left(call) }
    }
}

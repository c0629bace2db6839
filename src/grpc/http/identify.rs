//! Asks who calls and how often, before a byte of the call's message is read.

use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::future::{Either, Ready, ready};
use http::{Request, Response};
use tonic::body::Body;
use tower::Service;

use super::{
    super::{
        authenticate::Authenticator,
        methods::{Method, Needed},
        status::{CallError, refuse},
    },
    Answer,
    in_flight::InFlight,
    received,
};
use crate::service::{principal::Principal, rates::Rates};

/// Puts the caller (`Principal`) into the request, or refuses it.
#[derive(Clone)]
pub struct Identified<S> {
    pub(super) inner: S,
    pub(super) authenticator: Arc<dyn Authenticator>,
    pub(super) in_flight: Arc<InFlight>,
    pub(super) rates: Option<Arc<Rates>>,
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
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Either<S::Future, Ready<Answer>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let method = request.extensions().get::<&'static Method>().copied();
        if let Some(known) = method.filter(|method| method.caller == Needed::Yes) {
            match self.admit(known, &request) {
                Ok(principal) => drop(request.extensions_mut().insert(principal)),
                Err(error) => return Either::Right(ready(Ok(refuse(method, error).into_http()))),
            }
        }
        let (parts, body) = request.into_parts();
        let body = received::counted(body, &self.in_flight, &parts.extensions, method);
        Either::Left(self.inner.call(Request::from_parts(parts, body)))
    }
}

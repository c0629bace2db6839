//! Asks who calls and how often, before a byte of the call's message is read.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tonic::body::Body;
use tower::Service;

use super::{
    super::{
        authenticate::Authenticator,
        methods::{Method, Needed, Size},
        status::{CallError, refuse},
    },
    Answer,
    in_flight::InFlight,
    received::{self, Received},
};
use crate::{
    service::{principal::Principal, rates::Rates},
    turns::{InTurn, Turns},
};

/// Puts the caller (`Principal`) into the request, or refuses it. Large ones take turns.
#[derive(Clone)]
pub struct Identified<S> {
    pub(super) inner: S,
    pub(super) authenticator: Arc<dyn Authenticator>,
    pub(super) in_flight: Arc<InFlight>,
    pub(super) rates: Option<Arc<Rates>>,
    pub(super) turns: Turns,
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
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Called<S>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let method = request.extensions().get::<&'static Method>().copied();
        if let Some(known) = method.filter(|method| method.caller == Needed::Yes) {
            match self.admit(known, &request) {
                Ok(principal) => drop(request.extensions_mut().insert(principal)),
                Err(error) => return Called::Refused { answer: Some(refuse(method, error).into_http()) },
            }
        }
        let (parts, mut body) = request.into_parts();
        let received = received::counted(&mut body, &self.in_flight, &parts.extensions, method);
        let is_bulk = method.is_some_and(|method| method.size == Size::Bulk && !method.is_stream);
        match received {
            Some(received) if is_bulk => {
                let (inner, turns) = (self.inner.clone(), self.turns.clone());
                Called::Received { first: Some(First { parts, received, inner, turns }) }
            }
            Some(received) => Called::Worked { call: self.inner.call(Request::from_parts(parts, Body::new(received))) },
            None => Called::Worked { call: self.inner.call(Request::from_parts(parts, body)) },
        }
    }
}

/// A call of which the first message is awaited.
pub struct First<S> {
    parts: http::request::Parts,
    received: Received,
    inner: S,
    turns: Turns,
}

pin_project! {
    /// A call under way, or one that was refused before it began.
    #[project = CalledNow]
    pub enum Called<S: Service<Request<Body>>> {
        Received { first: Option<First<S>> },
        Worked {
            #[pin]
            call: S::Future,
        },
        InTurn {
            #[pin]
            call: InTurn<S::Future>,
        },
        Refused { answer: Option<Response<Body>> },
    }
}

impl<S> Future for Called<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        loop {
            let next = match self.as_mut().project() {
                CalledNow::Received { first } => {
                    let Some(waiting) = first else { return Poll::Pending };
                    let is_large = ready!(waiting.received.poll_is_large(context));
                    let Some(First { parts, received, mut inner, turns }) = first.take() else { return Poll::Pending };
                    let call = inner.call(Request::from_parts(parts, Body::new(received)));
                    if is_large { Self::InTurn { call: turns.take(call) } } else { Self::Worked { call } }
                }
                CalledNow::Worked { call } => return call.poll(context),
                CalledNow::InTurn { call } => return call.poll(context),
                CalledNow::Refused { answer } => {
                    return answer.take().map_or(Poll::Pending, |answer| Poll::Ready(Ok(answer)));
                }
            };
            self.set(next);
        }
    }
}

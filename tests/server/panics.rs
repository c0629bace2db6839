//! A handler that panics: the caller gets a status, and nothing of what was said.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use rapport::{
    domain::TenantId,
    grpc::{
        Asserted,
        http::{FrontLayer, InFlight},
    },
    turns::Turns,
};
use tonic::{Code, Status, body::Body, server::NamedService, service::Routes};
use tower::{Layer as _, Service, ServiceExt as _};

use super::world::*;

#[derive(Clone)]
struct Panics;

impl NamedService for Panics {
    const NAME: &'static str = "rapport.v1.CustomerService";
}

impl Service<Request<Body>> for Panics {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        Box::pin(async { panic!("a name that nobody may read") })
    }
}

/// Fault: Panic in a handler.
#[tokio::test]
async fn a_handler_that_panics_answers_its_call() {
    let front = FrontLayer {
        deadline_max: Duration::from_mins(1),
        origins: Arc::new([]),
        authenticator: Arc::new(Asserted { tenant: TenantId::parse("tenant", "default").expect("a name") }),
        in_flight: Arc::new(InFlight::new(1 << 20)),
        rates: None,
        turns: Turns::default(),
        waiting: Arc::new(InFlight::of_answers()),
    };
    let call = Request::post("http://rapport/rapport.v1.CustomerService/GetCustomer")
        .version(http::Version::HTTP_2)
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(Body::empty())
        .expect("a request");
    let answer = front.layer(Routes::new(Panics)).oneshot(call).await.expect("an answer");
    let status = Status::from_header_map(answer.headers()).expect("a status");
    assert_refused(&status, Code::Internal, "INTERNAL");
    assert!(!status.message().contains("a name"), "{status:?}");
}

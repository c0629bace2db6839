//! How calls end whose handler does not answer: behind the real front, with a service that waits or panics.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use rapport::{
    domain::TenantId,
    grpc::{
        Asserted,
        http::{FrontLayer, InFlight},
    },
    proto::{
        EchoRequest, EchoResponse,
        echo_service_server::{EchoService, EchoServiceServer},
    },
    turns::Turns,
};
use tokio::{net::TcpListener, sync::mpsc, task::JoinSet};
use tonic::{Code, Request, Response, Status, async_trait, transport::server::TcpIncoming};

use super::{raw::*, world::*};

const ECHO: &str = "/rapport.v1.EchoService/Echo";

/// Answers 1, panics at 2, and never answers 3; then it tells when the call is dropped.
struct Moody(mpsc::Sender<()>);

struct Dropped(mpsc::Sender<()>);

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = self.0.try_send(());
    }
}

#[async_trait]
impl EchoService for Moody {
    async fn echo(&self, request: Request<EchoRequest>) -> Result<Response<EchoResponse>, Status> {
        match request.get_ref().response_bytes {
            2 => panic!("on purpose"),
            3 => {
                let _dropped = Dropped(self.0.clone());
                std::future::pending().await
            }
            _ => Ok(Response::new(EchoResponse::default())),
        }
    }
}

/// The front with this cap before the service. What it tells.
async fn start(deadline_max: Duration) -> (SocketAddr, mpsc::Receiver<()>) {
    let (tell, told) = mpsc::channel(1_024);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = tonic::transport::Server::builder()
        .layer(FrontLayer {
            deadline_max,
            origins: Arc::new([]),
            authenticator: Arc::new(Asserted { tenant: TenantId::parse("tenant", "default").expect("a name") }),
            in_flight: Arc::new(InFlight::new(1 << 20)),
            waiting: Arc::new(InFlight::of_answers()),
            rates: None,
            turns: Turns::default(),
        })
        .add_service(EchoServiceServer::new(Moody(tell)))
        .serve_with_incoming(TcpIncoming::from(listener));
    tokio::spawn(server);
    (address, told)
}

fn ask(response_bytes: u32) -> bytes::Bytes {
    framed(&EchoRequest { response_bytes, ..EchoRequest::default() })
}

const LONG: Duration = Duration::from_hours(1);
/// Long enough that a handler begins before it, also on a busy machine.
const SHORT: Duration = Duration::from_millis(500);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_ends_at_its_deadline_or_at_the_cap() {
    for (cap, asked) in [(LONG, Some("500m")), (LONG, Some("0S")), (SHORT, None), (SHORT, Some("1H"))] {
        let (address, mut told) = start(cap).await;
        let mut raw = Plain::open(address).await;
        let timeout: Vec<_> = asked.map(|asked| ("grpc-timeout", asked)).into_iter().collect();
        let answer = raw.grpc(ECHO, &timeout, ask(3)).await;
        assert_eq!(answer.code, 200);
        assert_refused(&answer.status(), Code::DeadlineExceeded, "DEADLINE_PASSED");
        // A call without any time may be over before its handler begins.
        if asked != Some("0S") {
            tokio::time::timeout(EVENT_MAX, told.recv()).await.expect("the handler is dropped").expect("told");
        }
        assert_eq!(raw.grpc(ECHO, &timeout, ask(1)).await.code, 200, "the connection lives");
    }
}

/// The transport has a timer of its own, whose answer would be CANCELLED: it must never be the first, also when many
/// calls end in one moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_deadlines_of_one_moment_all_say_so() {
    let (address, _told) = start(LONG).await;
    let mut calls = JoinSet::new();
    for _ in 0..10 {
        calls.spawn(async move {
            let mut raw = Plain::open(address).await;
            for _ in 0..20 {
                let answer = raw.grpc(ECHO, &[("grpc-timeout", "5m")], ask(3)).await;
                assert_refused(&answer.status(), Code::DeadlineExceeded, "DEADLINE_PASSED");
            }
        });
    }
    calls.join_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_is_an_answer() {
    let (address, _told) = start(LONG).await;
    let mut raw = Plain::open(address).await;
    for _ in 0..3 {
        let answer = raw.grpc(ECHO, &[], ask(2)).await;
        assert_eq!(answer.code, 200);
        assert_refused(&answer.status(), Code::Internal, "INTERNAL");
        assert!(!answer.status().message().contains("on purpose"));
        assert_eq!(raw.grpc(ECHO, &[], ask(1)).await.status().code(), Code::Ok, "the connection lives");
    }
}

//! Runs a call until its answer begins, and ends it if its deadline passes or its handler panics before that.
//!
//! The deadline is the caller's `grpc-timeout`, and at most the server's limit. It covers the time until the answer begins;
//! a stream of answers may go on after that. A write that has begun runs in its own task and continues after the deadline.

use std::{
    convert::Infallible,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body::Body as _;
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};
use tonic::{Status, body::Body};
use tower::Service;

use super::{
    super::{
        authenticate::only,
        methods::{self, Method},
        status::{CallError, complete, refuse},
    },
    compress,
    in_flight::InFlight,
    waiting::Waiting,
};

static GRPC_TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");
/// Digits of a timeout, by the protocol.
const DIGITS_MAX: usize = 8;

/// Ends calls whose time is up.
#[derive(Clone)]
pub struct Timed<S> {
    pub(super) inner: S,
    pub(super) deadline_max: Duration,
    pub(super) waiting: Arc<InFlight>,
}

impl<S> Service<Request<Body>> for Timed<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ending<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let method = methods::find(request.uri().path());
        match timeout(request.headers()) {
            Ok(asked) => {
                if let Some(method) = method {
                    request.extensions_mut().insert(method);
                }
                let deadline = Instant::now() + asked.unwrap_or(self.deadline_max).min(self.deadline_max);
                let takes_gzip = compress::is_accepted(request.headers());
                let waiting = Waiting::of(&self.waiting, request.extensions());
                let sleep = sleep_until(deadline);
                Ending::Running { call: self.inner.call(request), sleep, method, takes_gzip, waiting }
            }
            Err(error) => Ending::Refused { status: Some(refuse(method, error)) },
        }
    }
}

pin_project! {
    /// A call under way, or one that was refused before it began.
    #[project = EndingNow]
    pub enum Ending<F> {
        Running {
            #[pin]
            call: F,
            #[pin]
            sleep: Sleep,
            method: Option<&'static Method>,
            takes_gzip: bool,
            waiting: Option<Waiting>,
        },
        Refused { status: Option<Status> },
    }
}

impl<F> Future for Ending<F>
where
    F: Future<Output = Result<Response<Body>, Infallible>>,
{
    type Output = Result<Response<Body>, Infallible>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            EndingNow::Running { call, sleep, method, takes_gzip, waiting } => {
                match catch_unwind(AssertUnwindSafe(|| call.poll(context))) {
                    Ok(Poll::Ready(Ok(answer))) => {
                        let answer = completed(*method, answer);
                        let answer = if *takes_gzip { compress::large_messages(answer) } else { answer };
                        return Poll::Ready(Ok(match waiting {
                            Some(waiting) => waiting.counted(answer, *method, context),
                            None => answer,
                        }));
                    }
                    Ok(Poll::Pending) => {}
                    // The panic's text is on standard error, where Rust itself writes it. It may hold what no caller should read.
                    Err(_) => return Poll::Ready(Ok(refuse(*method, CallError::Panicked).into_http())),
                }
                // tonic's server has its own timer for `grpc-timeout`, which answers CANCELLED. If it wakes this call first, the
                // deadline has passed all the same: check it here, so that the answer is always DEADLINE_EXCEEDED.
                let over = sleep.deadline() <= Instant::now();
                if over || sleep.poll(context).is_ready() {
                    return Poll::Ready(Ok(refuse(*method, CallError::DeadlinePassed).into_http()));
                }
                Poll::Pending
            }
            EndingNow::Refused { status } => match status.take() {
                Some(status) => Poll::Ready(Ok(status.into_http())),
                None => Poll::Pending,
            },
        }
    }
}

/// Gives a refusal by tonic itself (message too large, unknown method, bytes that are no message) its details. Answers with content stay what they are.
fn completed(method: Option<&'static Method>, mut answer: Response<Body>) -> Response<Body> {
    if answer.body().is_end_stream()
        && let Some(given) = Status::from_header_map(answer.headers())
        && given.details().is_empty()
    {
        // It cannot fail: every text of the table is a valid header.
        let _ = complete(method, given).add_header(answer.headers_mut());
    }
    answer
}

/// The time that the caller gives the call.
fn timeout(headers: &HeaderMap) -> Result<Option<Duration>, CallError> {
    only(headers, &GRPC_TIMEOUT)?.map(|value| parse(value).ok_or(CallError::TimeoutMalformed)).transpose()
}

/// One to eight digits, and a unit.
fn parse(value: &HeaderValue) -> Option<Duration> {
    let (unit, digits) = value.as_bytes().split_last()?;
    if !(1..=DIGITS_MAX).contains(&digits.len()) {
        return None;
    }
    let number = digits
        .iter()
        .try_fold(0_u64, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u64::from(digit - b'0')))?;
    Some(match unit {
        b'H' => Duration::from_secs(number * 3_600),
        b'M' => Duration::from_secs(number * 60),
        b'S' => Duration::from_secs(number),
        b'm' => Duration::from_millis(number),
        b'u' => Duration::from_micros(number),
        b'n' => Duration::from_nanos(number),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_digits_and_a_unit() {
        let parse = |text: &str| parse(&HeaderValue::from_bytes(text.as_bytes()).expect("a header"));
        for (text, nanos) in [
            ("1H", 3_600_000_000_000),
            ("2M", 120_000_000_000),
            ("99999999S", 99_999_999_000_000_000),
            ("0S", 0),
            ("50m", 50_000_000),
            ("7u", 7_000),
            ("00000001n", 1),
        ] {
            assert_eq!(parse(text).map(|time| time.as_nanos()), Some(nanos), "{text}");
        }
        for text in ["", "S", "1", "100000000S", "-1S", "+1S", "1.5S", "1s", "1 S", " 1S", "1SS", "\u{ff11}S", "soon"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}

//! Hands the body of a request on in whole messages, and counts it while it is received: whoever begins many large messages and ends none
//! would take the server's memory.
//!
//! tonic makes room for a whole message as soon as it has read the five bytes that say its length. So the bytes of a message are gathered
//! here, and tonic sees it when it is whole.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http::Extensions;
use http_body::{Body as _, Frame, SizeHint};
use tokio::time::{Sleep, sleep};
use tonic::{Status, body::Body, transport::server::TcpConnectInfo};

use super::{
    super::{
        methods::Method,
        status::{CallError, refuse},
    },
    in_flight::{Counts, InFlight},
};
use crate::service::principal::Principal;

/// A call whose request is awaited: tonic's buffer of 8 KiB, its headers, its task.
const CALL_BYTES: usize = 16 << 10;
/// From the first piece of a message until it is whole: 5 MiB take 8 seconds at 5 Mbit/s. A stream has no deadline that would end it.
const MESSAGE_WAIT: Duration = Duration::from_secs(10);
/// A message's flag and length.
const PREFIX_BYTES: usize = 5;
/// The flag of a message that is not compressed.
const PLAIN: u8 = 0;
/// Longer ones are large: nearly all are shorter.
const LARGE_BYTES: usize = 4 << 10;

/// A request's body, counted while it is received. A caller is known by its device; one that names none, by its address. `None`: the call is of this
/// process.
pub fn counted(
    body: &mut Body,
    in_flight: &Arc<InFlight>,
    extensions: &Extensions,
    method: Option<&'static Method>,
) -> Option<Received> {
    let peer = extensions.get::<TcpConnectInfo>().and_then(TcpConnectInfo::remote_addr)?;
    let counts = in_flight.counts(peer, extensions.get::<Principal>());
    Some(Received::new(std::mem::take(body), in_flight.clone(), counts, method))
}

/// The message that is being received.
#[derive(Default)]
struct Message {
    /// What came of its prefix.
    prefix: [u8; PREFIX_BYTES],
    prefixed: usize,
    /// By its prefix, once that is whole.
    length: usize,
    missing: usize,
}

impl Message {
    /// Adds what came, and answers where in it the last message ends; 0: none does. What stands behind is of the next.
    fn add(&mut self, data: &[u8]) -> usize {
        let (mut at, mut end) = (0, 0);
        while at < data.len() {
            let of_prefix = (data.len() - at).min(PREFIX_BYTES - self.prefixed);
            self.prefix[self.prefixed..self.prefixed + of_prefix].copy_from_slice(&data[at..at + of_prefix]);
            self.prefixed += of_prefix;
            at += of_prefix;
            if of_prefix > 0 && self.prefixed == PREFIX_BYTES {
                let [_flag, length @ ..] = self.prefix;
                self.length = u32::from_be_bytes(length) as usize;
                self.missing = self.length;
            }
            let of_message = (data.len() - at).min(self.missing);
            self.missing -= of_message;
            at += of_message;
            if self.prefixed == PREFIX_BYTES && self.missing == 0 {
                *self = Self::default();
                end = at;
            }
        }
        end
    }
}

/// A body that is handed on in whole messages. It counts while it is awaited, with the most that it gathered: tonic keeps a buffer of that
/// size until the body is dropped.
pub struct Received {
    body: Body,
    in_flight: Arc<InFlight>,
    counts: Counts,
    method: Option<&'static Method>,
    /// tonic refuses longer messages before it makes room for them.
    message_bytes_max: usize,
    message: Message,
    /// What came of it.
    gathered: BytesMut,
    /// Trailers, after what was gathered.
    trailers: Option<Frame<Bytes>>,
    has_ended: bool,
    /// The first frame, if it was looked at before anybody asked for it.
    first: Option<Result<Option<Frame<Bytes>>, Status>>,
    taken: usize,
    /// Of a message that is not whole: when it must be.
    ends: Option<Pin<Box<Sleep>>>,
}

impl Received {
    fn new(body: Body, in_flight: Arc<InFlight>, counts: Counts, method: Option<&'static Method>) -> Self {
        let message_bytes_max = method.map_or(in_flight.least, |method| method.message_bytes_max(in_flight.least));
        Self {
            body,
            in_flight,
            counts,
            method,
            message_bytes_max,
            message: Message::default(),
            gathered: BytesMut::new(),
            trailers: None,
            has_ended: false,
            first: None,
            taken: 0,
            ends: None,
        }
    }

    /// Gathers what came. Answers the messages that are whole now, if any.
    fn gather(&mut self, data: Bytes) -> Result<Option<Bytes>, CallError> {
        let mut end = self.message.add(&data);
        if self.message.length > self.message_bytes_max {
            // tonic refuses it as soon as it sees its length.
            end = data.len();
        }
        let whole = (end > 0).then(|| {
            self.ends = None;
            if self.gathered.is_empty() {
                return data.slice(..end);
            }
            self.gathered.extend_from_slice(&data[..end]);
            std::mem::take(&mut self.gathered).freeze()
        });
        if end < data.len() {
            self.gathered.extend_from_slice(&data[end..]);
            self.ends.get_or_insert_with(|| Box::pin(sleep(MESSAGE_WAIT)));
            self.count()?;
        }
        Ok(whole)
    }

    /// What came of a message of which no more will come.
    fn rest(&mut self) -> Option<Bytes> {
        (!self.gathered.is_empty()).then(|| std::mem::take(&mut self.gathered).freeze())
    }

    fn count(&mut self) -> Result<(), CallError> {
        let more = (CALL_BYTES + self.gathered.len()).saturating_sub(self.taken);
        if more > 0 && !self.in_flight.take(self.counts, more) {
            return Err(CallError::TooMuchInFlight);
        }
        self.taken += more;
        Ok(())
    }

    /// Nothing has come.
    fn awaited(&mut self, context: &mut Context<'_>) -> Poll<CallError> {
        if let Err(error) = self.count() {
            return Poll::Ready(error);
        }
        let Some(ends) = &mut self.ends else { return Poll::Pending };
        ends.as_mut().poll(context).map(|()| CallError::DeadlinePassed)
    }

    /// Waits for the first message, and answers whether it is large, or inflates to an unknown length. Whoever asks for frames gets it then.
    pub fn poll_is_large(&mut self, context: &mut Context<'_>) -> Poll<bool> {
        let first = match self.first.take() {
            Some(first) => first,
            None => ready!(self.poll_next(context)),
        };
        let is_large = |data: &Bytes| data.len() > LARGE_BYTES || data.first().is_some_and(|flag| *flag != PLAIN);
        let is_large = matches!(&first, Ok(Some(frame)) if frame.data_ref().is_some_and(is_large));
        self.first = Some(first);
        Poll::Ready(is_large)
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Frame<Bytes>>, Status>> {
        loop {
            if self.has_ended {
                return Poll::Ready(Ok(self.rest().map(Frame::data).or_else(|| self.trailers.take())));
            }
            let Poll::Ready(next) = Pin::new(&mut self.body).poll_frame(context) else {
                return self.awaited(context).map(|error| Err(refuse(self.method, error)));
            };
            match next.transpose()?.map(Frame::into_data) {
                Some(Ok(data)) => match self.gather(data) {
                    Ok(None) => {}
                    Ok(Some(whole)) => return Poll::Ready(Ok(Some(Frame::data(whole)))),
                    Err(error) => return Poll::Ready(Err(refuse(self.method, error))),
                },
                Some(Err(trailers)) => (self.trailers, self.has_ended) = (Some(trailers), true),
                None => self.has_ended = true,
            }
        }
    }
}

impl http_body::Body for Received {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        match self.first.take() {
            Some(first) => Poll::Ready(first.transpose()),
            None => self.poll_next(context).map(Result::transpose),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none()
            && self.gathered.is_empty()
            && self.trailers.is_none()
            && (self.has_ended || self.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        if self.first.is_none() && self.gathered.is_empty() { self.body.size_hint() } else { SizeHint::default() }
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        if self.taken > 0 {
            self.in_flight.give_back(self.counts, self.taken);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::super::methods, *};

    fn message(bytes: usize) -> Vec<u8> {
        let length = u32::try_from(bytes).expect("small").to_be_bytes();
        [&[0][..], &length, &vec![b'x'; bytes]].concat()
    }

    fn received(in_flight: &Arc<InFlight>, method: &str) -> Received {
        let method = methods::find(method).expect("a method");
        let counts = in_flight.counts(([127, 0, 0, 1], 1).into(), None);
        Received::new(Body::empty(), in_flight.clone(), counts, Some(method))
    }

    const INGEST: &str = "/rapport.v1.InteractionService/IngestInteractions";

    /// A timer needs a runtime.
    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime")
    }

    #[test]
    fn messages_are_handed_on_whole_in_pieces_of_any_length() {
        const LARGE: usize = 20_000;
        let (in_flight, runtime) = (Arc::new(InFlight::new(5 << 20)), runtime());
        let _entered = runtime.enter();
        let messages = [message(LARGE), message(0), message(7), message(LARGE), message(3)];
        let (stream, begun) = (messages.concat(), &message(LARGE)[..2]);
        for size in [1, 3, 1_000, LARGE + PREFIX_BYTES, 3 * LARGE] {
            let (mut received, mut handed) = (received(&in_flight, INGEST), Vec::new());
            for piece in [&stream, begun].concat().chunks(size) {
                let Some(whole) = received.gather(Bytes::copy_from_slice(piece)).expect("there is room") else {
                    continue;
                };
                let mut ends = Message::default();
                assert_eq!(ends.add(&whole), whole.len(), "{size}: it ends with a message");
                handed.extend_from_slice(&whole);
            }
            assert!(handed == stream, "{size}");
            assert_eq!(received.rest().as_deref(), Some(begun), "{size}");
            assert!(received.taken <= CALL_BYTES + LARGE + PREFIX_BYTES, "{size}");
            drop(received);
            assert_eq!(in_flight.all(), 0, "{size}");
        }
    }

    #[test]
    fn a_body_counts_with_the_most_that_it_gathered_until_it_is_dropped() {
        const LARGE: usize = 20_000;
        let (in_flight, runtime) = (Arc::new(InFlight::new(5 << 20)), runtime());
        let _entered = runtime.enter();
        let mut received = received(&in_flight, INGEST);
        assert!(received.gather(message(LARGE).into()).is_ok_and(|whole| whole.is_some()));
        assert!(received.taken == 0 && received.ends.is_none(), "it came in one piece");
        assert!(received.count().is_ok() && received.taken == CALL_BYTES, "it is awaited");
        let (head, tail) = (message(LARGE)[..LARGE].to_vec(), message(LARGE)[LARGE..].to_vec());
        drop(received);
        let mut received = self::received(&in_flight, INGEST);
        assert!(received.gather(head.clone().into()).is_ok_and(|whole| whole.is_none()));
        assert_eq!(received.taken, CALL_BYTES + LARGE, "what came, not what was announced");
        let first = received.ends.as_ref().expect("it is not whole").deadline();
        // A frame that ends one message and begins the next begins the time anew.
        assert!(received.gather([tail.clone(), head].concat().into()).is_ok_and(|whole| whole.is_some()));
        assert!(received.ends.as_ref().expect("the next has begun").deadline() > first);
        assert!(received.gather(tail.into()).is_ok_and(|whole| whole.is_some()));
        assert!(received.ends.is_none() && received.taken == CALL_BYTES + LARGE);
        drop(received);
    }

    #[test]
    fn what_tonic_refuses_is_handed_on_at_once() {
        let (in_flight, runtime) = (Arc::new(InFlight::new(5 << 20)), runtime());
        let _entered = runtime.enter();
        for (method, bytes) in [("/rapport.v1.CustomerService/GetCustomer", 300_000), (INGEST, 6 << 20)] {
            let beginning = Bytes::from(message(bytes)).slice(..1_000);
            let mut received = received(&in_flight, method);
            assert!(received.gather(beginning.slice(..3)).is_ok_and(|whole| whole.is_none()));
            assert_eq!(received.gather(beginning.slice(3..)).ok().flatten(), Some(beginning), "{method}");
        }
    }
}

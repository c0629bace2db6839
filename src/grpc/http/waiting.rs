//! Bounds the bytes of answers that wait to be taken: of one connection, of one peer, and in all. An answer is made whole, and whoever asks
//! for many large ones and reads none would take the server's memory.
//!
//! HTTP/2 keeps what the peer gives no room for. So the count is of the bytes themselves: it ends when the last of them is dropped.

use std::{
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Extensions, Response};
use http_body::{Body as _, Frame, SizeHint};
use tonic::{Status, body::Body, transport::server::TcpConnectInfo};

use super::{
    super::{
        methods::Method,
        status::{CallError, refuse},
    },
    in_flight::{InFlight, Room},
};

/// Answers up to here are not counted: a usual briefing has 2 to 4 KB.
const FREE_BYTES: usize = 16 << 10;

/// Where the answer to a call is counted.
pub struct Waiting {
    bound: Arc<InFlight>,
    peer: SocketAddr,
}

/// The bytes of an answer, and their room.
struct Held {
    bytes: Bytes,
    _room: Room,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Waiting {
    /// `None`: the call is of this process.
    pub fn of(bound: &Arc<InFlight>, extensions: &Extensions) -> Option<Self> {
        let peer = extensions.get::<TcpConnectInfo>().and_then(TcpConnectInfo::remote_addr)?;
        Some(Self { bound: bound.clone(), peer })
    }

    /// The answer with its first message written and counted; a refusal, if there is no room for it.
    pub fn counted(
        &self,
        answer: Response<Body>,
        method: Option<&'static Method>,
        context: &mut Context<'_>,
    ) -> Response<Body> {
        if answer.body().is_end_stream() {
            return answer;
        }
        let (head, mut body) = answer.into_parts();
        let first = match Pin::new(&mut body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => match self.held(frame) {
                Some(frame) => Some(Ok(frame)),
                None => return refuse(method, CallError::AnswersNotTaken).into_http(),
            },
            Poll::Ready(first) => first,
            // Of a stream, whose messages are made as they are taken.
            Poll::Pending => None,
        };
        Response::from_parts(head, Body::new(Begun { first, rest: body }))
    }

    fn held(&self, frame: Frame<Bytes>) -> Option<Frame<Bytes>> {
        let bytes = match frame.into_data() {
            Ok(bytes) if bytes.len() > FREE_BYTES => bytes,
            Ok(bytes) => return Some(Frame::data(bytes)),
            Err(frame) => return Some(frame),
        };
        let room = self.bound.room(self.bound.counts(self.peer, None), bytes.len())?;
        Some(Frame::data(Bytes::from_owner(Held { bytes, _room: room })))
    }
}

/// A body of which the first frame was taken out.
struct Begun {
    first: Option<Result<Frame<Bytes>, Status>>,
    rest: Body,
}

impl http_body::Body for Begun {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        match self.first.take() {
            Some(first) => Poll::Ready(Some(first)),
            None => Pin::new(&mut self.rest).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.first.is_none() { self.rest.size_hint() } else { SizeHint::default() }
    }
}

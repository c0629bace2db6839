//! The calls that are measured: a row each. Their messages are made and read by the client alone, so that all of them,
//! and the floor, go through one path.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use bytes::{Buf as _, BufMut as _, Bytes};
use prost::{DecodeError, Message};
use tonic::{
    Request, Status,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    codegen::http::uri::PathAndQuery,
};

use super::requests::{self, Customers};
use crate::{
    cli::connect::ServiceChannel,
    proto::{EchoRequest, EchoResponse},
};

/// Items of a call that carries many: the most that the contract allows.
pub const BATCH: u64 = 100;

/// The mode whose venue must have a menu.
pub const LINES_MODE: &str = "lines";

/// One kind of call.
pub struct Mode {
    /// On the command line.
    pub word: &'static str,
    pub name: &'static str,
    path: &'static str,
    /// Customers in one call.
    pub items: u64,
    /// The request of that number; numbers do not repeat within a run.
    request: fn(&Customers, u64) -> Vec<u8>,
    /// Whether an answer is the right one for that number.
    is_right: fn(&Customers, u64, Bytes) -> Result<bool, DecodeError>,
}

pub const MODES: &[Mode] = &[
    Mode {
        word: "id",
        name: "briefing by id",
        path: "/rapport.v1.BriefingService/GetBriefing",
        items: 1,
        request: |customers, number| requests::briefing_by_id(customers, number).encode_to_vec(),
        is_right: requests::is_briefing,
    },
    Mode {
        word: "identity",
        name: "briefing by identity",
        path: "/rapport.v1.BriefingService/GetBriefing",
        items: 1,
        request: |customers, number| requests::briefing_by_identity(customers, number).encode_to_vec(),
        is_right: requests::is_briefing,
    },
    Mode {
        word: "basket",
        name: "briefing with a basket",
        path: "/rapport.v1.BriefingService/GetBriefing",
        items: 1,
        request: |customers, number| requests::briefing_with_basket(customers, number).encode_to_vec(),
        is_right: requests::is_briefing,
    },
    Mode {
        word: "composed",
        name: "briefing of a moment",
        path: "/rapport.v1.BriefingService/GetBriefing",
        items: 1,
        request: |customers, number| requests::briefing_of_a_moment(customers, number).encode_to_vec(),
        is_right: requests::is_briefing,
    },
    Mode {
        word: LINES_MODE,
        name: "briefing with 30 lines",
        path: "/rapport.v1.BriefingService/GetBriefing",
        items: 1,
        request: |customers, number| requests::briefing_with_lines(customers, number).encode_to_vec(),
        is_right: requests::is_checked,
    },
    Mode {
        word: "lookup",
        name: "look-up of 100 briefings",
        path: "/rapport.v1.BriefingService/LookupBriefings",
        items: BATCH,
        request: |customers, number| requests::lookup(customers, number).encode_to_vec(),
        is_right: requests::is_lookup,
    },
    Mode {
        word: "write",
        name: "change of a profile",
        path: "/rapport.v1.CustomerService/RecordEvidence",
        items: 1,
        request: |customers, number| requests::evidence(customers, number).encode_to_vec(),
        is_right: requests::is_receipt,
    },
    Mode {
        word: "record",
        name: "recording one purchase",
        path: "/rapport.v1.InteractionService/RecordInteractions",
        items: 1,
        request: |customers, number| requests::purchases(customers, number, 1).encode_to_vec(),
        is_right: |_, _, answer| requests::are_recorded(answer, 1),
    },
    Mode {
        word: "ingest",
        name: "recording 100 purchases",
        path: "/rapport.v1.InteractionService/RecordInteractions",
        items: BATCH,
        request: |customers, number| requests::purchases(customers, number, BATCH).encode_to_vec(),
        is_right: |_, _, answer| requests::are_recorded(answer, BATCH),
    },
];

type Make = dyn Fn(u64) -> Vec<u8> + Send + Sync;
type Check = dyn Fn(u64, Bytes) -> Result<bool, DecodeError> + Send + Sync;

/// A call that can be made again and again.
#[derive(Clone)]
pub struct Call {
    path: PathAndQuery,
    request: Arc<Make>,
    is_right: Arc<Check>,
    /// How many were made: the number of the next.
    made: Arc<AtomicU64>,
}

/// What came back.
pub struct Answer {
    pub bytes: usize,
    pub is_right: bool,
}

impl Call {
    pub fn of(mode: &'static Mode, customers: Arc<Customers>) -> Self {
        let others = customers.clone();
        Self {
            path: PathAndQuery::from_static(mode.path),
            request: Arc::new(move |number| (mode.request)(&customers, number)),
            is_right: Arc::new(move |number, answer| (mode.is_right)(&others, number, answer)),
            made: Arc::default(),
        }
    }

    /// The floor: as many bytes in and out, and nothing done.
    pub fn echo(request_bytes: usize, answer_bytes: usize) -> Self {
        let echo = echo_request(request_bytes, answer_bytes);
        let (request, expected) = (echo.encode_to_vec(), echo.response_bytes as usize);
        Self {
            path: PathAndQuery::from_static("/rapport.v1.EchoService/Echo"),
            request: Arc::new(move |_| request.clone()),
            is_right: Arc::new(move |_, answer| Ok(EchoResponse::decode(answer)?.payload.len() == expected)),
            made: Arc::default(),
        }
    }

    /// Encoded bytes of one request.
    pub fn request_bytes(&self) -> usize {
        (self.request)(0).len()
    }

    /// Calls once.
    pub async fn once(&self, channel: ServiceChannel) -> Result<Answer, Status> {
        let number = self.made.fetch_add(1, Relaxed);
        let request = Request::new(Bytes::from((self.request)(number)));
        let mut client = tonic::client::Grpc::new(channel);
        client.ready().await.map_err(|_| Status::unavailable("the connection is gone"))?;
        let answer = client.unary(request, self.path.clone(), Raw).await?.into_inner();
        let bytes = answer.len();
        let is_right = (self.is_right)(number, answer).map_err(|_| Status::internal("an answer cannot be read"))?;
        Ok(Answer { bytes, is_right })
    }
}

fn echo_request(request_bytes: usize, answer_bytes: usize) -> EchoRequest {
    // The largest payload whose message is not larger than the other one.
    let payload = (0..=answer_bytes).rev().find(|size| field_bytes(*size) <= answer_bytes).unwrap_or_default();
    let response_bytes = u32::try_from(payload).unwrap_or(u32::MAX);
    let mut request = EchoRequest { payload: Bytes::new(), response_bytes };
    let rest = request_bytes.saturating_sub(request.encoded_len());
    let ballast = (0..=rest).rev().find(|size| field_bytes(*size) <= rest).unwrap_or_default();
    request.payload = vec![b'x'; ballast].into();
    request
}

/// Bytes of a field with a payload: tag, length, payload.
fn field_bytes(payload: usize) -> usize {
    if payload == 0 { 0 } else { 1 + prost::length_delimiter_len(payload) + payload }
}

/// Messages as their bytes.
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_has_equal_bytes() {
        for (request, answer) in [(60, 900), (20, 127), (200, 131), (64, 20_000)] {
            let echo = echo_request(request, answer);
            let size = echo.encoded_len();
            assert!(request - size <= 1, "{request} {size}");
            let payload = Bytes::from(vec![0; echo.response_bytes as usize]);
            let size = EchoResponse { payload }.encoded_len();
            assert!(answer - size <= 1, "{answer} {size}");
        }
    }
}

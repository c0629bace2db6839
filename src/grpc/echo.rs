//! The floor of measurements: as many bytes as asked for, and nothing else.

use bytes::Bytes;
use tonic::{Request, Response, Status, async_trait};

use super::status::status;
use crate::{
    domain::Violation,
    proto::{EchoRequest, EchoResponse, echo_service_server::EchoService},
};

/// The largest answer: more than a hundred briefings, and less than clients take at the most by default (4 MiB).
const RESPONSE_BYTES_MAX: usize = 1 << 20;

/// Answers out of one block of bytes.
pub struct EchoHandler(Bytes);

impl Default for EchoHandler {
    fn default() -> Self {
        Self(vec![b'e'; RESPONSE_BYTES_MAX].into())
    }
}

#[async_trait]
impl EchoService for EchoHandler {
    async fn echo(&self, request: Request<EchoRequest>) -> Result<Response<EchoResponse>, Status> {
        let length = request.into_inner().response_bytes as usize;
        if length > RESPONSE_BYTES_MAX {
            return Err(status(Violation::new("response_bytes", "must be at most 1,048,576")));
        }
        Ok(Response::new(EchoResponse { payload: self.0.slice(..length) }))
    }
}

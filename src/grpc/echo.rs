//! The floor of measurements: as many bytes as asked for, and nothing else.

use std::sync::LazyLock;

use bytes::Bytes;
use tonic::{Request, Response, Status, async_trait};

use super::{Handlers, methods::Method, status::refuse};
use crate::{
    domain::Violation,
    proto::{EchoRequest, EchoResponse, echo_service_server::EchoService},
};

/// The largest answer: more than a hundred briefings, and less than clients take at the most by default (4 MiB).
const RESPONSE_BYTES_MAX: usize = 1 << 20;

/// All answers come out of one block of bytes.
static PAYLOAD: LazyLock<Bytes> = LazyLock::new(|| vec![b'e'; RESPONSE_BYTES_MAX].into());

/// Not by way of a `super::call::Call`: what every call costs must not be part of the floor.
#[async_trait]
impl EchoService for Handlers {
    async fn echo(&self, request: Request<EchoRequest>) -> Result<Response<EchoResponse>, Status> {
        let length = request.get_ref().response_bytes as usize;
        if length > RESPONSE_BYTES_MAX {
            let method = request.extensions().get::<&'static Method>().copied();
            return Err(refuse(method, Violation::new("response_bytes", "must be at most 1,048,576")));
        }
        Ok(Response::new(EchoResponse { payload: PAYLOAD.slice(..length) }))
    }
}

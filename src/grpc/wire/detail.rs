//! What the transport refuses by itself, in the words of the one table.

use http::Response;
use http_body::Body as _;
use tonic::{Code, Status, body::Body};

use super::super::status::{Fault, status};

/// Gives a refusal of the transport its details. Answers with content, and refusals of our own, stay what they are.
pub(super) fn complete(mut answer: Response<Body>) -> Response<Body> {
    if answer.body().is_end_stream()
        && let Some(fault) = refused(&answer)
    {
        // It cannot fail: the table has no text that is no header.
        let _ = status(fault).add_header(answer.headers_mut());
    }
    answer
}

/// The transport knows few codes, each for one kind of thing. Other codes come from the services of health and reflection.
fn refused(answer: &Response<Body>) -> Option<Fault> {
    let code = answer.headers().get(Status::GRPC_STATUS)?;
    if answer.headers().contains_key(Status::GRPC_STATUS_DETAILS) {
        return None;
    }
    match Code::from_bytes(code.as_bytes()) {
        Code::OutOfRange | Code::ResourceExhausted => Some(Fault::MessageTooLarge),
        Code::Unimplemented => Some(Fault::NotOffered),
        Code::Internal => Some(Fault::MessageMalformed),
        _ => None,
    }
}

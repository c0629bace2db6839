//! The generated contract.

mod codec;
mod encoded;
mod lists;
mod written;

pub use codec::{OneCodec, Streamed};
pub use encoded::{Encoded, EncodedBriefing};
pub use written::Written;

pub use generated::*;

#[allow(
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::restriction,
    missing_docs,
    reason = "generated from the contract, whose comments are its documentation"
)]
mod generated {
    use super::{Streamed, lists};

    tonic::include_proto!("rapport.v1");
    include!(concat!(env!("OUT_DIR"), "/servers/rapport.v1.rs"));
    include!(concat!(env!("OUT_DIR"), "/redacted.rs"));
    include!(concat!(env!("OUT_DIR"), "/messages.rs"));
    include!(concat!(env!("OUT_DIR"), "/services.rs"));
}

/// The numbers of the fields of messages that are [`Written`].
#[allow(missing_docs, reason = "generated from the contract, whose comments are its documentation")]
pub mod numbers {
    include!(concat!(env!("OUT_DIR"), "/numbers.rs"));
}

/// The contract's descriptors, for reflection and for proto3-JSON.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/contract.bin"));

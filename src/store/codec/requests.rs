//! The requests of a customer that are remembered: hashes, revisions and part names, nothing personal.

use prost::Message;

use super::super::{Result, Revision, StoreError, stored};

/// A request that was carried out, and what it was answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// Keyed hash of subject, method and request id.
    pub id: [u8; 16],
    /// Keyed hash of the request itself.
    pub body: [u8; 16],
    /// When, in milliseconds since 1970.
    pub time_ms: i64,
    pub revision: Revision,
    /// Names of the parts it made.
    pub created: Vec<String>,
}

pub fn encode(requests: &[Remembered]) -> Vec<u8> {
    let one = |request: &Remembered| stored::Request {
        id: request.id.to_vec(),
        digest: request.body.to_vec(),
        time_ms: request.time_ms,
        counter: request.revision.counter,
        write_id: request.revision.write_id,
        created: request.created.clone(),
    };
    stored::Requests { requests: requests.iter().map(one).collect() }.encode_to_vec()
}

pub fn decode(bytes: &[u8]) -> Result<Vec<Remembered>> {
    let damaged = || StoreError::Corrupt("remembered requests".to_owned());
    let one = |request: stored::Request| {
        Ok(Remembered {
            id: request.id.as_slice().try_into().map_err(|_| damaged())?,
            body: request.digest.as_slice().try_into().map_err(|_| damaged())?,
            time_ms: request.time_ms,
            revision: Revision { counter: request.counter, write_id: request.write_id },
            created: request.created,
        })
    };
    stored::Requests::decode(bytes).map_err(|_| damaged())?.requests.into_iter().map(one).collect()
}

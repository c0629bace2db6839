//! The requests of a customer that are remembered: hashes, revisions and entry ids. `records` seals them.

use prost::Message;

use super::{
    super::{Result, Revision, stored},
    mirror::{AsIs, EmptyIfNone, Stored, damaged, mirror, numbers},
};

/// What a request for a gesture made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GestureMade {
    Given,
    Proposed,
}

/// A request that was carried out, and what it was answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// Keyed hash of author, method and request id.
    pub id: [u8; 16],
    /// Keyed hash of the request's content.
    pub body_hash: [u8; 16],
    /// When, in milliseconds since 1970.
    pub time_ms: i64,
    pub revision: Revision,
    /// Ids of the entries that it made, for example `g1`.
    pub created: Vec<String>,
    /// Of a request for a gesture; `None` also where an older release stored it, without this field.
    pub gesture: Option<GestureMade>,
}

pub fn encode(requests: &[Remembered]) -> Vec<u8> {
    let requests = requests.iter().map(Remembered::store).collect();
    stored::Requests { requests }.encode_to_vec()
}

pub fn decode(bytes: &[u8]) -> Result<Vec<Remembered>> {
    let stored::Requests { requests } = stored::Requests::decode(bytes).map_err(|_| damaged("remembered requests"))?;
    Stored::read(requests)
}

mirror!(Remembered = stored::Request {
    id,
    body_hash = digest,
    time_ms,
    revision => Revision { counter, write_id },
    created: AsIs,
    gesture: EmptyIfNone,
});

numbers!(GestureMade { Given = 1, Proposed = 2 });

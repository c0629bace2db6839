//! Stored bytes: from the store's types to bytes and back. Nothing here panics on damaged bytes: what cannot be what
//! was written is [`StoreError::Corrupt`](super::StoreError::Corrupt).

pub mod entries;
pub mod header;

//! Rapport remembers what every customer likes, needs and celebrates, and briefs the person in front of them.
//! ARCHITECTURE.md shows the way around.

pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
pub mod grpc;
pub mod service;
pub mod store;
pub mod telemetry;

/// The generated contract.
pub mod proto {
    #![allow(clippy::all, missing_docs)]
    tonic::include_proto!("rapport.v1");
    include!(concat!(env!("OUT_DIR"), "/redacted.rs"));

    /// The contract's descriptors, for reflection and for proto3-JSON.
    pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/contract.bin"));
}

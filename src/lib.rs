//! Rapport remembers what every customer likes, needs and celebrates, and briefs the person in front of them.
//! ARCHITECTURE.md shows the way around.

pub mod app;
mod backup;
mod cache;
pub mod cli;
pub mod config;
pub mod domain;
pub mod grpc;
mod hex;
mod log_throttle;
mod phrasing;
pub mod proto;
pub mod service;
pub mod store;
mod telemetry;
pub mod turns;

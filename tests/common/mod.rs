//! What integration tests share.

#![allow(dead_code, reason = "every test binary uses another part")]

pub mod redis;

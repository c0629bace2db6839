//! Work that takes long, beside the other calls.

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::block_in_place,
};

/// Does what takes milliseconds or more without keeping other calls waiting. A runtime of one thread has no other that could go on.
pub(crate) fn beside_other_calls<T>(work: impl FnOnce() -> T) -> T {
    if Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread { work() } else { block_in_place(work) }
}

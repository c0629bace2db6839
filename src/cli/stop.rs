//! The signals that ask a command to stop, and one that must not end it.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGXFSZ of Linux and macOS: a file has reached the size that the process may write (`ulimit -f`, `LimitFSIZE=`).
const FILE_SIZE_LIMIT: i32 = 25;

/// From now on a write over the process's limit fails, and is told as a full disk is. Unheard, the signal would end the process.
pub fn outlive_file_size_limit() -> io::Result<()> {
    signal(SignalKind::from_raw(FILE_SIZE_LIMIT)).map(drop)
}

/// Hears SIGINT and SIGTERM from when it is made; they then no longer end the process.
pub struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    pub fn listen() -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for a signal that came since this was made and that no earlier wait of this `Stop` has answered; each `Stop` hears every
    /// signal. Several of one kind in between count as one.
    pub async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

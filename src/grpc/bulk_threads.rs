//! Threads for large requests. A batch of a hundred long purchases takes a tenth of a second of a processor; on the threads that answer look-ups,
//! a few dozen of them would hold those up for seconds. Between threads, the operating system shares the processors.

use std::{io, panic::resume_unwind, thread::available_parallelism};

use futures_util::{Stream, StreamExt as _, future::pending, stream};
use tokio::{
    runtime::{Builder, Handle, Runtime},
    sync::mpsc,
};
use tokio_util::task::AbortOnDropHandle;

/// As the operating system shows them.
const NAME: &str = "rapport-bulk";

/// The threads. They end when this is dropped.
pub struct BulkThreads {
    handle: Handle,
    /// Taken when this is dropped.
    runtime: Option<Runtime>,
}

impl BulkThreads {
    /// As many as there are processors: whoever has nothing else to do may use all.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn start() -> io::Result<Self> {
        let threads = available_parallelism()?.get();
        let runtime = Builder::new_multi_thread().worker_threads(threads).thread_name(NAME).enable_all().build()?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }

    /// Does a piece of work there. It ends when nobody waits for it any more; a panic in it is one of whoever waits.
    pub fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = T> + Send + 'static {
        let work = AbortOnDropHandle::new(self.handle.spawn(work));
        async move {
            match work.await {
                Ok(done) => done,
                Err(ended) => match ended.try_into_panic() {
                    Ok(panic) => resume_unwind(panic),
                    // The server has ended.
                    Err(_) => pending().await,
                },
            }
        }
    }

    /// Makes the items of a stream there, at most so many before they are taken. It ends when nobody takes them any more.
    pub fn stream<T: Send + 'static>(
        &self,
        items: impl Stream<Item = T> + Send + 'static,
        ahead: usize,
    ) -> impl Stream<Item = T> + Send + 'static {
        let (send, taken) = mpsc::channel(ahead);
        let made = self.run(async move {
            let mut items = std::pin::pin!(items);
            while let Some(item) = items.next().await {
                if send.send(item).await.is_err() {
                    return;
                }
            }
        });
        let taken = stream::unfold(taken, async |mut taken| Some((taken.recv().await?, taken)));
        // The end of the work is awaited too: by then it has sent all, or has panicked.
        taken.chain(stream::once(made).filter_map(async |()| None))
    }
}

impl Drop for BulkThreads {
    fn drop(&mut self) {
        // Waiting for them is not possible here. What has begun in them is crash-safe.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

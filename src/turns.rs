//! Lets large requests take turns. A batch of a hundred long purchases takes a tenth of a second of a processor; a few dozen of them at once would hold
//! look-ups up for seconds, since all are worked on by the same threads. So at most half of these work on large requests at a moment, and the other
//! large ones wait in line. Who waits for a store has no turn meanwhile.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    thread::available_parallelism,
};

use futures_util::Stream;
use pin_project_lite::pin_project;
use tokio::sync::Semaphore;
use tokio_util::sync::PollSemaphore;

/// The turns of a process.
#[derive(Clone)]
pub struct Turns(Arc<Semaphore>);

impl Default for Turns {
    /// For half as many as there are processors: a runtime has a thread for each.
    fn default() -> Self {
        Self::of(available_parallelism().map_or(1, |threads| threads.get().div_ceil(2)))
    }
}

impl Turns {
    fn of(at_once: usize) -> Self {
        Self(Arc::new(Semaphore::new(at_once)))
    }

    /// The same future or stream, which takes a turn for each step of its work. Not inside another that does: both would wait for each other.
    pub fn take<W>(&self, work: W) -> InTurn<W> {
        InTurn { work, turns: PollSemaphore::new(self.0.clone()) }
    }
}

pin_project! {
    /// Work that takes turns.
    pub struct InTurn<W> {
        #[pin]
        work: W,
        turns: PollSemaphore,
    }
}

impl<W> InTurn<W> {
    fn step<T>(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        step: impl FnOnce(Pin<&mut W>, &mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        let this = self.project();
        // Nobody closes it.
        let _turn = ready!(this.turns.poll_acquire(context));
        step(this.work, context)
    }
}

impl<F: Future> Future for InTurn<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.step(context, F::poll)
    }
}

impl<S: Stream> Stream for InTurn<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self.step(context, S::poll_next)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::{sync::oneshot, task::JoinSet};

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn so_many_work_at_a_moment_and_all_come_to_an_end() {
        const AT_ONCE: usize = 2;
        const STEPS: usize = 20;
        let turns = Turns::of(AT_ONCE);
        let (at_work, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let mut all = JoinSet::new();
        for _ in 0..50 {
            let (at_work, most) = (at_work.clone(), most.clone());
            all.spawn(turns.take(async move {
                for _ in 0..STEPS {
                    most.fetch_max(at_work.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    // Others may run here, if they have a turn.
                    std::thread::yield_now();
                    at_work.fetch_sub(1, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                }
            }));
        }
        all.join_all().await;
        assert!((1..=AT_ONCE).contains(&most.load(Ordering::SeqCst)), "{most:?}");
    }

    #[tokio::test]
    async fn who_waits_for_something_else_has_no_turn() {
        let turns = Turns::of(1);
        let (tell, told) = oneshot::channel();
        let waiting = tokio::spawn(turns.take(told));
        // It is polled before this one, and waits.
        tokio::task::yield_now().await;
        turns.take(async move { tell.send(()).expect("somebody waits") }).await;
        waiting.await.expect("no panic").expect("told");
    }
}

//! Lets large requests take turns. A batch of a hundred long purchases takes a tenth of a second of a processor; a few dozen of them at once would hold
//! look-ups up for seconds, since all are worked on by the same threads. So at most half of these work on large requests at a moment, and the other
//! large ones wait in line. Who waits for a store has no turn meanwhile.

use std::{
    future::pending,
    panic::resume_unwind,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    thread::available_parallelism,
};

use futures_util::{Stream, StreamExt as _, stream};
use pin_project_lite::pin_project;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::{sync::PollSemaphore, task::AbortOnDropHandle};

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

    /// The same future, which takes a turn for each step of its work. It must be polled whenever it is woken, since it may have been given a turn; and not
    /// be part of another that takes turns: both would wait for each other.
    pub fn take<F: Future>(&self, work: F) -> InTurn<F> {
        InTurn { work, turns: PollSemaphore::new(self.0.clone()) }
    }

    /// The same stream, of which a task of its own makes the items in turn, at most so many before they are taken: whoever takes them may not come for a
    /// long time, and would keep others from their turns. It ends with the first error: what the stream holds is given back before that is told.
    pub fn stream<T: Send + 'static, E: Send + 'static>(
        &self,
        items: impl Stream<Item = Result<T, E>> + Send + 'static,
        ahead: usize,
    ) -> impl Stream<Item = Result<T, E>> + Send + 'static {
        let (send, taken) = mpsc::channel(ahead);
        let making = tokio::spawn(self.take(async move {
            let mut items = Box::pin(items);
            let error = loop {
                let item = match items.next().await {
                    Some(Ok(item)) => item,
                    Some(Err(error)) => break error,
                    None => return,
                };
                if send.send(Ok(item)).await.is_err() {
                    return;
                }
            };
            drop(items);
            // Nobody may be there any more.
            let _ = send.send(Err(error)).await;
        }));
        stream::unfold((taken, AbortOnDropHandle::new(making)), async |(mut taken, making)| {
            if let Some(item) = taken.recv().await {
                return Some((item, (taken, making)));
            }
            match making.await {
                Ok(()) => None,
                Err(ended) => match ended.try_into_panic() {
                    Ok(panic) => resume_unwind(panic),
                    // The process ends.
                    Err(_) => pending().await,
                },
            }
        })
    }
}

pin_project! {
    /// Work that takes turns.
    pub struct InTurn<F> {
        #[pin]
        work: F,
        turns: PollSemaphore,
    }
}

impl<F: Future> Future for InTurn<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        // Nobody closes it.
        let _turn = ready!(this.turns.poll_acquire(context));
        this.work.poll(context)
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

    #[tokio::test]
    async fn who_does_not_come_for_items_keeps_nobody_from_a_turn() {
        let turns = Turns::of(1);
        let items = || stream::iter([Ok::<_, ()>(1), Ok(2), Ok(3)]);
        let mut left = Box::pin(turns.stream(items(), 1));
        // Asked once, and then left, with items that are not made.
        assert_eq!(left.next().await, Some(Ok(1)));
        let others: Vec<_> = turns.stream(items(), 1).collect().await;
        assert_eq!(others, [Ok(1), Ok(2), Ok(3)]);
        turns.take(async {}).await;
        assert_eq!(left.collect::<Vec<_>>().await, [Ok(2), Ok(3)]);
    }
}

//! A store behind a process that dies: every step that changes something is counted, and at the last one all ends.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use async_trait::async_trait;
use bytes::Bytes;
use rapport::store::{
    Names, Result, Store, StoreError,
    keystore::{KeyEntry, KeyName, KeyStore},
    layers::{Layer, Method},
};
use tokio::sync::{Semaphore, mpsc};

/// How long a process lives.
pub struct Fuse {
    steps: AtomicI64,
    /// Whether the last step still takes effect.
    after: bool,
    burnt: AtomicBool,
    barrier: Option<(Arc<Barrier>, mpsc::Sender<()>)>,
}

/// Where every step waits until it is opened.
pub struct Barrier {
    waiting: Semaphore,
    open: Semaphore,
}

impl Default for Barrier {
    fn default() -> Self {
        Self { waiting: Semaphore::new(0), open: Semaphore::new(0) }
    }
}

impl Barrier {
    pub async fn pass(&self) {
        self.waiting.add_permits(1);
        // Nobody gives permits: it ends when the semaphore is closed.
        assert!(self.open.acquire().await.is_err());
    }

    /// Returns once a step waits.
    pub async fn reached(&self) {
        self.waiting.acquire().await.expect("never closed").forget();
    }

    pub fn open(&self) {
        self.open.close();
    }
}

/// A store in which the first call of a method waits at a barrier: what happens meanwhile comes just before it.
pub struct Late {
    inner: Arc<dyn Store>,
    method: Method,
    is_armed: AtomicBool,
    barrier: Arc<Barrier>,
}

impl Late {
    pub fn at(method: Method, inner: Arc<dyn Store>) -> (Self, Arc<Barrier>) {
        let barrier = Arc::new(Barrier::default());
        (Self { inner, method, is_armed: AtomicBool::new(true), barrier: barrier.clone() }, barrier)
    }
}

impl Layer for Late {
    fn inner(&self) -> &dyn Store {
        self.inner.as_ref()
    }

    async fn around<T: Send>(
        &self,
        method: Method,
        _operations: usize,
        call: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        if method == self.method && self.is_armed.swap(false, Ordering::SeqCst) {
            self.barrier.pass().await;
        }
        call.await
    }
}

impl Fuse {
    /// It dies at the last of so many steps: before its effect, or after.
    pub fn of(steps: i64, after: bool) -> Arc<Self> {
        Arc::new(Self { steps: AtomicI64::new(steps), after, burnt: AtomicBool::new(false), barrier: None })
    }

    pub fn that_lasts() -> Arc<Self> {
        Self::of(i64::MAX, false)
    }

    /// It lasts, and every step waits at the barrier. `alive` is closed when nothing of the process is left.
    pub fn that_waits(barrier: Arc<Barrier>, alive: mpsc::Sender<()>) -> Arc<Self> {
        let (steps, burnt) = (AtomicI64::new(i64::MAX), AtomicBool::new(false));
        Arc::new(Self { steps, after: false, burnt, barrier: Some((barrier, alive)) })
    }

    pub fn is_burnt(&self) -> bool {
        self.burnt.load(Ordering::SeqCst)
    }

    async fn read<T>(&self, read: impl Future<Output = Result<T>>) -> Result<T> {
        if self.is_burnt() { Err(dead()) } else { read.await }
    }

    async fn step<T>(&self, step: impl Future<Output = Result<T>>) -> Result<T> {
        if let Some((barrier, _)) = &self.barrier {
            barrier.pass().await;
        }
        if self.is_burnt() {
            return Err(dead());
        }
        if self.steps.fetch_sub(1, Ordering::SeqCst) > 1 {
            return step.await;
        }
        self.burnt.store(true, Ordering::SeqCst);
        if self.after {
            let _ = step.await;
        }
        Err(StoreError::Unknown("the process died".into()))
    }
}

fn dead() -> StoreError {
    StoreError::Unavailable("the process is dead".into())
}

/// A store as a process sees it that will die.
pub struct Crashing<T: ?Sized> {
    pub inner: Arc<T>,
    pub fuse: Arc<Fuse>,
}

impl Layer for Crashing<dyn Store> {
    fn inner(&self) -> &dyn Store {
        self.inner.as_ref()
    }

    async fn around<T: Send>(
        &self,
        method: Method,
        _operations: usize,
        call: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        if method.changes() { self.fuse.step(call).await } else { self.fuse.read(call).await }
    }
}

#[async_trait]
impl KeyStore for Crashing<dyn KeyStore> {
    async fn ready(&self) -> Result<()> {
        self.fuse.read(self.inner.ready()).await
    }

    async fn get(&self, name: &KeyName) -> Result<Option<KeyEntry>> {
        self.fuse.read(self.inner.get(name)).await
    }

    async fn get_many(&self, names: &[KeyName]) -> Result<Vec<Option<KeyEntry>>> {
        self.fuse.read(self.inner.get_many(names)).await
    }

    async fn put_new(&self, name: &KeyName, wrapped: Bytes) -> Result<KeyEntry> {
        self.fuse.step(self.inner.put_new(name, wrapped)).await
    }

    async fn set_committed(&self, name: &KeyName, committed: bool) -> Result<()> {
        self.fuse.step(self.inner.set_committed(name, committed)).await
    }

    async fn replace(&self, name: &KeyName, from: &Bytes, to: Option<Bytes>) -> Result<bool> {
        self.fuse.step(self.inner.replace(name, from, to)).await
    }

    async fn bury(&self, name: &KeyName, now_ms: i64) -> Result<()> {
        self.fuse.step(self.inner.bury(name, now_ms)).await
    }

    async fn rewrite(&self) -> Result<()> {
        self.fuse.step(self.inner.rewrite()).await
    }

    async fn may_rewrite(&self) -> Result<()> {
        self.fuse.read(self.inner.may_rewrite()).await
    }

    async fn drop_notes(&self, notes: Vec<(String, Bytes)>) -> Result<()> {
        self.fuse.step(self.inner.drop_notes(notes)).await
    }

    async fn notes(&self, names: &[String]) -> Result<Vec<Option<Bytes>>> {
        self.fuse.read(self.inner.notes(names)).await
    }

    /// A process may die between any two of them.
    async fn put_notes(&self, notes: Vec<(String, Bytes)>) -> Result<()> {
        for note in notes {
            self.fuse.step(self.inner.put_notes(vec![note])).await?;
        }
        Ok(())
    }

    async fn names(&self, from: Option<&[u8]>, limit: usize) -> Result<Names> {
        self.fuse.read(self.inner.names(from, limit)).await
    }

    async fn dump(&self) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        self.fuse.read(self.inner.dump()).await
    }
}

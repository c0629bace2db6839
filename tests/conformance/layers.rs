//! The layers: deadlines that are met, and counts that are right.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use rapport::store::{
    DocumentKey, Result, Store, StoreError, StoreExt as _,
    keys::Kind,
    layers::{Deadline, Deadlines, Layer, Method, Observed},
    redb::RedbStore,
};

use crate::make::{identity, key, revision, tenant, token};

const SECOND: Duration = Duration::from_secs(1);
const DEADLINES: Deadlines = Deadlines { read: SECOND, write: Duration::from_secs(3), long: Duration::from_secs(9) };

/// A store behind a line on which answers to these methods stay out.
struct Stalled {
    inner: Arc<dyn Store>,
    methods: Arc<Mutex<Vec<Method>>>,
}

impl Layer for Stalled {
    fn inner(&self) -> &dyn Store {
        self.inner.as_ref()
    }

    async fn around<T: Send>(
        &self,
        method: Method,
        _operations: usize,
        call: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        let answer = call.await;
        let stalled = self.methods.lock().unwrap().contains(&method);
        if stalled { std::future::pending().await } else { answer }
    }
}

fn layered(stalled: &[Method]) -> (Observed, Arc<Mutex<Vec<Method>>>) {
    let methods = Arc::new(Mutex::new(stalled.to_vec()));
    let inner = Stalled { inner: Arc::new(RedbStore::in_memory().unwrap()), methods: methods.clone() };
    (Observed::new(Arc::new(Deadline::new(Arc::new(inner), DEADLINES))), methods)
}

#[tokio::test(start_paused = true)]
async fn a_read_without_an_answer_is_unavailable_and_a_write_unknown() {
    let (store, methods) = layered(&Method::ALL);
    let since = tokio::time::Instant::now();
    let outcome = store.record(&key(1)).await;
    assert!(
        matches!(&outcome, Err(StoreError::Unavailable(cause)) if cause.contains("`values` within 1s")),
        "{outcome:?}"
    );
    assert_eq!(since.elapsed().as_secs(), 1);
    let outcome = store.settle(&key(1), token(1), 0).await;
    assert!(matches!(outcome, Err(StoreError::Unknown(_))), "{outcome:?}");
    assert_eq!(since.elapsed().as_secs(), 1 + 3);
    let outcome = store.purge(0).await;
    assert!(matches!(outcome, Err(StoreError::Unknown(_))), "{outcome:?}");
    let outcome = store.names(Kind::Record, None, 1).await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    assert_eq!(since.elapsed().as_secs(), 1 + 3 + 9 + 9);
    methods.lock().unwrap().clear();
    store.record(&key(1)).await.unwrap();
    assert_eq!(store.meters().of(Method::Values).failures, 1);
    assert_eq!(store.meters().of(Method::Values).calls, 2);
}

#[tokio::test]
async fn calls_are_counted_by_method() {
    let (store, _) = layered(&[]);
    assert!(store.meters().called().is_empty());
    store.records(&vec![key(1); 5]).await.unwrap();
    store.identities(&[identity(1)], 0).await.unwrap();
    store.log_positions(&[1, 2, 3]).await.unwrap();
    store.set_write_format(1).await.unwrap();
    let document = DocumentKey { tenant: tenant("acme"), name: "policy".into() };
    let conflict = store.put_version(&document, Some(revision(9)), 1, Bytes::from_static(b"policy"), 1).await;
    assert!(matches!(conflict, Err(StoreError::Conflict)), "{conflict:?}");
    let counted: Vec<_> = store
        .meters()
        .called()
        .into_iter()
        .map(|reading| (reading.method.name(), reading.calls, reading.operations, reading.failures))
        .collect();
    assert_eq!(
        counted,
        [("values", 2, 6, 0), ("change", 1, 1, 0), ("log_positions", 1, 3, 0), ("put_version", 1, 1, 0)]
    );
    assert!(store.meters().of(Method::Values).quantile(1.0) > Duration::ZERO);
}

#[test]
fn every_method_has_its_number() {
    for (number, method) in Method::ALL.into_iter().enumerate() {
        assert_eq!(method as usize, number, "{}", method.name());
    }
}

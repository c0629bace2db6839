//! Whether data and keys lie in one Redis server. Its append-only file and its snapshots hold all databases: then whoever puts one back has the
//! keys of before too, and whoever was erased since is read again.

use std::sync::{Arc, OnceLock};

use super::{Core, RedisKeys, RedisStore, StartError};
use crate::store::StoreError;

/// What is wrong with one server, and what to do.
const ONE_SERVER: &str = "data and keys lie in one Redis server, whose snapshots and append-only file hold both: with an older copy of it whoever was \
                          erased since is back";

/// Two stores in Redis.
#[derive(Clone)]
pub(super) struct Servers {
    data: Arc<RedisStore>,
    keys: Arc<RedisKeys>,
    /// Once both have answered.
    known: Arc<OnceLock<Apart>>,
}

/// How far data and keys are apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Apart {
    /// In servers of their own.
    Yes,
    /// In one server.
    No,
    /// It cannot be told, for this reason.
    Unknown(String),
}

impl Apart {
    /// What an operator should know; `None`: all is well.
    pub(crate) fn told(&self) -> Option<String> {
        match self {
            Self::Yes => None,
            Self::No => Some(format!(
                "{ONE_SERVER}. The next release refuses it: move the keys with `rapport copy --keys-only`, as docs/operate.md says"
            )),
            Self::Unknown(cause) => Some(format!(
                "it cannot be told whether data and keys lie in one Redis server, which they must not ({cause})"
            )),
        }
    }
}

impl Servers {
    pub(super) fn of(data: Option<Arc<RedisStore>>, keys: Option<Arc<RedisKeys>>) -> Option<Self> {
        let (data, keys) = data.zip(keys)?;
        Some(Self { data, keys, known: Arc::default() })
    }

    /// Asks both.
    async fn apart(&self) -> Result<&Apart, StoreError> {
        if let Some(known) = self.known.get() {
            return Ok(known);
        }
        let apart = match tokio::try_join!(self.data.run_ids(), self.keys.run_ids()) {
            Ok((data, keys)) if data.iter().any(|id| keys.contains(id)) => Apart::No,
            Ok(_) => Apart::Yes,
            Err(StoreError::Misconfigured(cause)) => Apart::Unknown(cause.to_string()),
            Err(fault) => return Err(fault),
        };
        if let (Some(told), Ok(())) = (apart.told(), self.known.set(apart.clone())) {
            tracing::warn!("{told}");
        }
        Ok(self.known.get_or_init(|| apart))
    }
}

impl Core {
    /// Whether data and keys are in servers of their own; `None`: they are embedded.
    pub(crate) async fn apart(&self) -> Result<Option<Apart>, StoreError> {
        match &self.servers {
            Some(servers) => servers.apart().await.cloned().map(Some),
            None => Ok(None),
        }
    }

    /// Refuses to begin new stores in one server.
    pub(super) async fn must_be_apart(&self) -> Result<(), StartError> {
        if self.apart().await? != Some(Apart::No) {
            return Ok(());
        }
        let refused =
            format!("{ONE_SERVER}. New stores are not begun so: name another server with --keys redis://HOST:PORT/DB");
        Err(StartError::OneServer(refused))
    }
}

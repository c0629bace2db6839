//! What is said to a server before its first call. The driver could say it too, but hides what the server answers: a wrong
//! password, a database that is not there and a server that is full would all look alike.

use redis::{RedisConnectionInfo, RedisResult, aio::MultiplexedConnection};
use zeroize::Zeroizing;

/// What the URL says beyond the address.
pub struct Login {
    user: Option<String>,
    password: Option<Zeroizing<String>>,
    database: i64,
}

impl From<&RedisConnectionInfo> for Login {
    fn from(info: &RedisConnectionInfo) -> Self {
        let password = info.password().map(|password| Zeroizing::new(password.to_owned()));
        Self { user: info.username().map(ToOwned::to_owned), password, database: info.db() }
    }
}

impl Login {
    /// One command after the other: the first that is refused is the reason.
    pub async fn greet(&self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        if let Some(password) = &self.password {
            redis::cmd("AUTH").arg(&self.user).arg(password.as_str()).exec_async(connection).await?;
        }
        if self.database != 0 {
            redis::cmd("SELECT").arg(self.database).exec_async(connection).await?;
        }
        redis::cmd("PING").exec_async(connection).await
    }
}

//! Redis for tests.

use parts::{Cache, redis};
use tokio::sync::OnceCell;

use crate::folder::{self, Folder};

/// A private server that all tests of this process share: use a key prefix per test.
pub struct Redis {
    /// `redis://127.0.0.1:PORT/0`.
    pub url: String,
    _server: redis::Server,
    _folder: Folder,
}

/// The server of this test process, started by the first call.
///
/// # Panics
/// When neither Redis nor Valkey is installed or it does not start; the message says why.
pub async fn redis() -> &'static Redis {
    static SHARED: OnceCell<Redis> = OnceCell::const_new();
    SHARED.get_or_init(start).await
}

async fn start() -> Redis {
    let cache = Cache::locate().unwrap_or_else(|e| panic!("{e}"));
    let folder = folder::own(&cache, "redis");
    let program = redis::find().unwrap_or_else(|e| panic!("{e}"));
    let started = redis::Server::start(&program, &folder.path, &folder.path.join("redis.log")).await;
    let server = started.unwrap_or_else(|e| panic!("{e}"));
    Redis { url: server.url(), _server: server, _folder: folder }
}

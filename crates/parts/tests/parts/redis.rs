use std::time::Duration;

use parts::Stop;
use parts::redis::{Server, find};

#[tokio::test]
async fn a_killed_server_comes_back_where_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let (program, log) = (find().expect("Redis"), folder.path().join("redis.log"));
    let server = Server::start(&program, folder.path(), &log).await.expect("started");
    let (port, url) = (server.port(), server.url());
    server.child().stop(Stop::Kill, Duration::from_secs(5)).await;
    assert!(parts::is_free(port));
    let again = Server::start_on(&program, folder.path(), &log, port).await.expect("started");
    assert_eq!(again.url(), url);
    assert!(again.stop().await.status.success());
    assert_eq!(std::fs::read_dir(folder.path()).expect("readable").count(), 1, "nothing but the log was written");
}

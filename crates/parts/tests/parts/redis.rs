use parts::redis::{Server, find};

#[tokio::test]
async fn a_killed_server_comes_back_where_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let (program, log) = (find().expect("Redis"), folder.path().join("redis.log"));
    let server = Server::start(&program, folder.path(), &log).await.expect("started");
    let port = server.port();
    server.member().kill().await;
    assert!(parts::is_free(port));
    assert!(server.member().broke().is_none(), "it was killed on purpose");
    server.member().start_again().expect("started");
    server.ready().await.expect("it answers where it did");
    assert!(server.stop().await.status.success());
    assert_eq!(std::fs::read_dir(folder.path()).expect("readable").count(), 1, "nothing but the log was written");
}

//! Bodies that are uploaded slowly, over both protocols.

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

/// Twenty-one bytes: one each 50 ms.
const SLOW: &[u8] = b"POST /x HTTP/1.1\r\nhost: localhost\r\ncontent-length: 21\r\n\r\n{\"a\":\"0123456789abc\"}";
const OVER: Duration = Duration::from_secs(1);

async fn send_slowly(client: &HyperClient, within: Duration) -> Result<Answer, Failure> {
    let sent = Instant::now();
    let asked =
        Exchange { request: SLOW, upload: Some(OVER), sent, deadline: sent + within, keep: 0, body: &mut Vec::new() };
    exchange(client, asked).await
}

#[tokio::test]
async fn a_slow_body_takes_its_time_and_its_neighbours_do_not() {
    let authority = Authority::new();
    for protocols in [&["h2"][..], &["http/1.1"]] {
        let server = Server::answering(Some(authority.server(protocols)));
        let client = tls_client(server.address, &authority);
        send(&client).await.unwrap();
        let began = Instant::now();
        let quick = async {
            for _ in 0..20 {
                send(&client).await.unwrap();
            }
            began.elapsed()
        };
        let (slow, quick) = tokio::join!(send_slowly(&client, WITHIN), quick);
        assert_eq!(slow.unwrap(), Answer { status: 200, body_bytes: 2 }, "{protocols:?}");
        assert!(began.elapsed() >= OVER && quick < OVER, "{protocols:?}: {:?}, {quick:?}", began.elapsed());
        let seen = server.seen();
        assert!(seen.iter().any(|seen| seen.body == SLOW[SLOW.len() - 21..]), "{protocols:?}");
    }
}

#[tokio::test]
async fn over_http2_without_tls_it_is_the_same_and_the_deadline_counts() {
    let server = Server::answering(None);
    let client = http2_client(server.address);
    let began = Instant::now();
    send_slowly(&client, WITHIN).await.unwrap();
    assert!(began.elapsed() >= OVER);
    let failure = send_slowly(&client, OVER / 4).await.unwrap_err();
    assert_eq!(failure.kind(), "timeout");
}

#[tokio::test]
async fn an_answer_before_the_end_of_the_body_is_read() {
    let authority = Authority::new();
    let server = Server::start(Some(authority.server(&["http/1.1"])), |mut stream, _| async move {
        // Head and first byte come together or one after the other.
        let mut read = Vec::new();
        while !read.ends_with(b"{") {
            stream.read_buf(&mut read).await.unwrap();
        }
        stream.write_all(b"HTTP/1.1 408 Too slow\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        while stream.read_buf(&mut read).await.is_ok_and(|bytes| bytes > 0) {}
    });
    let client = tls_client(server.address, &authority);
    let began = Instant::now();
    assert_eq!(send_slowly(&client, WITHIN).await.unwrap().status, 408);
    assert!(began.elapsed() < OVER, "{:?}", began.elapsed());
    assert_eq!(send_slowly(&client, WITHIN).await.unwrap().status, 408);
    assert_eq!(client.opened(), 2, "half a request is in the first connection");
}

#[tokio::test]
async fn an_answer_before_the_end_of_the_body_is_read_over_http2_as_well() {
    let server = Server::start(None, |stream, _| async move {
        // It reads no body at all.
        let service = service_fn(|_: http::Request<Incoming>| async {
            let mut refused = server::ok();
            *refused.status_mut() = http::StatusCode::REQUEST_TIMEOUT;
            Ok::<_, hyper::Error>(refused)
        });
        let builder = auto::Builder::new(TokioExecutor::new());
        let _ = builder.serve_connection(TokioIo::new(stream), service).await;
    });
    let client = http2_client(server.address);
    let began = Instant::now();
    for _ in 0..3 {
        assert_eq!(send_slowly(&client, WITHIN).await.unwrap(), Answer { status: 408, body_bytes: 2 });
    }
    assert!(began.elapsed() < OVER, "{:?}", began.elapsed());
    assert_eq!(client.opened(), 1, "only its stream has ended");
}

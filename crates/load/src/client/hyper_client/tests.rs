//! Against real servers on loopback: hyper's own where they behave, scripted bytes and frames where they don't.

mod frames;
mod http1;
mod http2;
mod load_test;
mod server;
mod slow;
mod tls;

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;

use self::server::{Authority, Server};
use super::{HyperClient, Secure, Tls, Verify};
use crate::client::{Exchange, Failure};

const REQUEST: &[u8] = b"POST /x?y=1 HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{}";
/// Far more than anything here takes.
const WITHIN: Duration = Duration::from_secs(20);

/// What of an answer is the same each time.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    body_bytes: u64,
}

async fn exchange(client: &HyperClient, exchange: Exchange<'_>) -> Result<Answer, Failure> {
    let began = Instant::now();
    let answer = client.send(exchange).await?;
    assert!(began < answer.at && answer.at <= Instant::now());
    Ok(Answer { status: answer.status, body_bytes: answer.body_bytes })
}

async fn send_within(client: &HyperClient, request: &[u8], within: Duration) -> Result<Answer, Failure> {
    let deadline = Instant::now() + within;
    exchange(
        client,
        Exchange { request, upload: None, sent: tokio::time::Instant::now(), deadline, keep: 0, body: &mut Vec::new() },
    )
    .await
}

async fn send(client: &HyperClient) -> Result<Answer, Failure> {
    send_within(client, REQUEST, WITHIN).await
}

/// As many at once, all of them answered.
async fn send_at_once(client: &HyperClient, requests: usize) -> Vec<Answer> {
    join_all((0..requests).map(|_| send(client))).await.into_iter().map(Result::unwrap).collect()
}

/// The answer with the first bytes of its body.
async fn send_and_keep(client: &HyperClient, keep: usize) -> (Answer, Vec<u8>) {
    let mut body = b"left over".to_vec();
    let deadline = Instant::now() + WITHIN;
    let answer = exchange(
        client,
        Exchange { request: REQUEST, upload: None, sent: tokio::time::Instant::now(), deadline, keep, body: &mut body },
    )
    .await
    .unwrap();
    (answer, body)
}

fn secure(host: &str, verify: Verify) -> Tls {
    Tls::new(&Secure { host: host.to_owned(), verify }).unwrap()
}

/// A client over TLS that trusts `authority`.
fn tls_client(address: SocketAddr, authority: &Authority) -> HyperClient {
    HyperClient::new(vec![address], Some(secure("localhost", Verify::CaFile(authority.pem()))), false)
}

fn http2_client(address: SocketAddr) -> HyperClient {
    HyperClient::new(vec![address], None, true)
}

/// Asks again and again until it holds.
async fn until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + WITHIN;
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[test]
fn it_works_on_the_runtime_that_a_worker_has() {
    let authority = Authority::new();
    let server = Server::answering(Some(authority.server(&["h2"])));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build_local(Default::default()).unwrap();
    runtime.block_on(async {
        let client = tls_client(server.address, &authority);
        assert_eq!(send_at_once(&client, 20).await.len(), 20);
        assert_eq!(client.opened(), 1);
    });
}

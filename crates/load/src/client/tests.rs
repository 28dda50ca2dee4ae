//! The client against a server that misbehaves on purpose.

use std::time::{Duration, Instant};

use super::{Answer, Client, Exchange, Failure};
use crate::scripted::{Act, OK, Server, write};

const REQUEST: &[u8] = b"POST /x HTTP/1.1\r\nhost: test\r\ncontent-length: 2\r\n\r\n{}";
const WITHIN: Duration = Duration::from_secs(5);

fn client(server: &Server) -> Client {
    Client::new(vec![server.address])
}

async fn send(client: &Client, request: &[u8], within: Duration) -> Result<Answer, Failure> {
    send_and_keep(client, request, within, &mut Vec::new()).await
}

async fn send_and_keep(
    client: &Client,
    request: &[u8],
    within: Duration,
    body: &mut Vec<u8>,
) -> Result<Answer, Failure> {
    let deadline = (Instant::now() + within).into();
    client.send(Exchange { request, upload: None, sent: tokio::time::Instant::now(), deadline, keep: 8, body }).await
}

#[tokio::test]
async fn a_kept_connection_that_ends_while_the_server_works_is_a_failure_and_nothing_is_sent_twice() {
    let server = Server::start(|seen| match seen.on_connection {
        0 => vec![write(OK)],
        _ => vec![Act::Wait(Duration::from_millis(300)), Act::Close],
    });
    let client = client(&server);
    send(&client, REQUEST, WITHIN).await.unwrap();
    assert_eq!(send(&client, REQUEST, WITHIN).await.unwrap_err().kind(), "closed");
    assert_eq!((client.retried(), server.seen().len()), (0, 2));
}

#[tokio::test]
async fn as_much_of_a_body_is_kept_as_was_asked_for() {
    let server = Server::start(|_| vec![write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123456789")]);
    let client = client(&server);
    let mut body = b"of the last one".to_vec();
    for _ in 0..2 {
        let answer = send_and_keep(&client, REQUEST, WITHIN, &mut body).await.unwrap();
        assert_eq!((answer.body_bytes, body.as_slice()), (10, &b"01234567"[..]));
    }
}

#[tokio::test]
async fn the_answer_to_a_head_request_ends_with_its_head() {
    let server = Server::start(|_| vec![write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n")]);
    let client = client(&server);
    for _ in 0..3 {
        let answer = send(&client, b"HEAD / HTTP/1.1\r\nhost: test\r\n\r\n", WITHIN).await.unwrap();
        assert_eq!((answer.status, answer.body_bytes), (200, 0));
    }
    assert_eq!(client.opened(), 1);
}

#[tokio::test]
async fn a_connection_is_used_again_and_again() {
    let server = Server::start(|_| vec![write(OK)]);
    let client = client(&server);
    for _ in 0..50 {
        let answer = send(&client, REQUEST, WITHIN).await.unwrap();
        assert_eq!((answer.status, answer.body_bytes), (200, 2));
    }
    assert_eq!(client.opened(), 1);
    assert_eq!(server.seen().last().unwrap().on_connection, 49);
}

#[tokio::test]
async fn chunked_answers_in_slow_pieces_are_read_whole_and_the_connection_is_kept() {
    let pieces = [
        "HTTP/1.1 200 OK\r\ntransfer-enc",
        "oding: chunked\r\n\r\n5\r",
        "\nhello\r\n1",
        "0\r\n0123456789abcdef\r\n0\r\n",
        "\r\n",
    ];
    let server = Server::start(move |_| {
        let pause = Act::Wait(Duration::from_millis(3));
        pieces.iter().flat_map(|piece| [write(piece), pause.clone()]).collect()
    });
    let client = client(&server);
    for _ in 0..3 {
        let answer = send(&client, REQUEST, WITHIN).await.unwrap();
        assert_eq!((answer.status, answer.body_bytes), (200, 21));
    }
    assert_eq!(client.opened(), 1);
}

#[tokio::test]
async fn a_kept_connection_that_the_server_closed_is_replaced_without_a_failure() {
    // Every second request on a connection is met by an end without a byte: the server gave up on it while idle.
    for ending in [Act::Close, Act::Reset] {
        let server = Server::start(move |seen| match seen.on_connection {
            0 => vec![write(OK)],
            _ => vec![ending.clone()],
        });
        let client = client(&server);
        for _ in 0..10 {
            assert_eq!(send(&client, REQUEST, WITHIN).await.unwrap().status, 200);
        }
        assert_eq!(client.retried(), 9);
        assert_eq!(client.opened(), 10);
    }
}

#[tokio::test]
async fn a_fresh_connection_that_ends_without_an_answer_is_a_failure_and_is_not_tried_again() {
    let server = Server::start(|_| vec![Act::Close]);
    let outcome = send(&client(&server), REQUEST, WITHIN).await;
    assert!(matches!(outcome, Err(Failure::Closed)), "{outcome:?}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_a_failure_and_is_not_tried_again() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf";
    for (ending, kind) in [(Act::Close, "closed"), (Act::Reset, "reset")] {
        let server = Server::start(move |seen| match seen.on_connection {
            0 => vec![write(OK)],
            _ => vec![write(half), Act::Wait(Duration::from_millis(20)), ending.clone()],
        });
        let client = client(&server);
        send(&client, REQUEST, WITHIN).await.unwrap();
        let failure = send(&client, REQUEST, WITHIN).await.unwrap_err();
        assert_eq!(failure.kind(), kind);
        assert_eq!((client.retried(), server.seen().len()), (0, 2));
        assert_eq!(send(&client, REQUEST, WITHIN).await.unwrap().status, 200, "the next one gets a new connection");
    }
}

#[tokio::test]
async fn a_malformed_answer_is_a_failure_and_costs_the_connection() {
    let server = Server::start(|seen| match seen.number {
        0 => vec![write("SSH-2.0-OpenSSH_9.2\r\n"), Act::Hang],
        _ => vec![write(OK)],
    });
    let client = client(&server);
    assert_eq!(send(&client, REQUEST, WITHIN).await.unwrap_err().kind(), "malformed");
    assert_eq!(send(&client, REQUEST, WITHIN).await.unwrap().status, 200);
    assert_eq!(client.opened(), 2);
}

#[tokio::test]
async fn bytes_that_nobody_asked_for_are_never_taken_for_an_answer() {
    let unasked = format!("{OK}HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n");
    let server = Server::start(move |seen| match seen.number {
        0 => vec![write(&unasked)],
        // These come after the answer was read, while the connection is idle.
        1 => vec![write(OK), Act::Wait(Duration::from_millis(20)), write("HTTP/1.1 500 Oops\r\n\r\n")],
        _ => vec![write(OK)],
    });
    let client = client(&server);
    for _ in 0..2 {
        assert_eq!(send(&client, REQUEST, WITHIN).await.unwrap().status, 200);
    }
    let deadline = Instant::now() + WITHIN;
    let is_loud = || client.idle_is_silent() == Some(false);
    while !is_loud() {
        assert!(Instant::now() < deadline, "the unasked bytes never arrived");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(send(&client, REQUEST, WITHIN).await.unwrap().status, 200);
    assert_eq!(client.opened(), 3);
}

#[tokio::test]
async fn a_server_that_closes_after_each_answer_is_believed() {
    let server =
        Server::start(|_| vec![write("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"), Act::Close]);
    let client = client(&server);
    for _ in 0..5 {
        assert_eq!(send(&client, REQUEST, WITHIN).await.unwrap().status, 200);
    }
    assert_eq!((client.opened(), client.retried()), (5, 0));
}

#[tokio::test]
async fn an_answer_that_takes_too_long_times_out_and_its_connection_is_not_kept() {
    let server = Server::start(|seen| match seen.number {
        0 => vec![write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nslow"), Act::Hang],
        _ => vec![write(OK)],
    });
    let client = client(&server);
    let began = Instant::now();
    let outcome = send(&client, REQUEST, Duration::from_millis(60)).await;
    assert!(matches!(outcome, Err(Failure::Timeout)), "{outcome:?}");
    assert!(began.elapsed() >= Duration::from_millis(60));
    assert_eq!(send(&client, REQUEST, WITHIN).await.unwrap().body_bytes, 2);
    assert_eq!(client.opened(), 2);
}

#[tokio::test]
async fn nobody_listening_is_a_failure_to_connect() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let failure = send(&Client::new(vec![port]), REQUEST, WITHIN).await.unwrap_err();
    assert_eq!(failure.kind(), "connect");
    let failure = send(&Client::new(Vec::new()), REQUEST, WITHIN).await.unwrap_err();
    assert_eq!(failure.kind(), "connect");
}

#[tokio::test]
async fn the_second_address_is_tried_when_the_first_refuses() {
    let server = Server::start(|_| vec![write(OK)]);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = Client::new(vec![nobody, server.address]);
    assert_eq!(send(&client, REQUEST, WITHIN).await.unwrap().status, 200);
}

#[tokio::test]
async fn requests_at_once_each_get_their_own_connection_and_their_own_answer() {
    let server = Server::start(|seen| {
        let body = seen.body.clone();
        let pause = Duration::from_millis(20 - u64::from(seen.number as u32 % 20));
        let answer = format!("HTTP/1.1 2{body} OK\r\ncontent-length: 0\r\n\r\n");
        vec![Act::Wait(pause), write(&answer)]
    });
    let client = client(&server);
    let one = |n: u16| {
        let client = &client;
        async move {
            let request = format!("POST /x HTTP/1.1\r\nhost: test\r\ncontent-length: 2\r\n\r\n{n:02}");
            let answer = send(client, request.as_bytes(), WITHIN).await.unwrap();
            assert_eq!(answer.status, 200 + n);
        }
    };
    let (a, b, c, d) = (one(5), one(17), one(42), one(99));
    tokio::join!(a, b, c, d);
    assert_eq!(client.opened(), 4);
}

/// A body of twenty-one bytes that is sent over a second: one byte each 50 ms.
const SLOW: &[u8] = b"POST /x HTTP/1.1\r\nhost: test\r\ncontent-length: 21\r\n\r\n{\"a\":\"0123456789abc\"}";
const OVER: Duration = Duration::from_secs(1);

async fn send_slowly(client: &Client, within: Duration) -> Result<Answer, Failure> {
    let sent = tokio::time::Instant::now();
    let exchange =
        Exchange { request: SLOW, upload: Some(OVER), sent, deadline: sent + within, keep: 0, body: &mut Vec::new() };
    client.send(exchange).await
}

#[tokio::test]
async fn a_server_sees_a_slow_body_arrive_piece_by_piece_while_others_are_served() {
    let server = Server::start(|_| vec![write(OK)]);
    let client = client(&server);
    let began = Instant::now();
    let quick = async {
        for _ in 0..20 {
            send(&client, REQUEST, WITHIN).await.unwrap();
        }
        began.elapsed()
    };
    let (slow, quick) = tokio::join!(send_slowly(&client, WITHIN), quick);
    assert_eq!(slow.unwrap().status, 200);
    assert!(began.elapsed() >= OVER && quick < OVER, "{:?}, {quick:?}", began.elapsed());
    let seen = server.seen();
    let slow = seen.iter().find(|seen| seen.body.len() == 21).unwrap();
    assert_eq!(slow.body.as_bytes(), &SLOW[SLOW.len() - 21..]);
    assert!(slow.began.elapsed() >= slow.at.elapsed() + OVER * 9 / 10, "the head came long before the last byte");
    assert!(slow.reads >= 10, "in pieces: {}", slow.reads);
    send_slowly(&client, WITHIN).await.unwrap();
    assert_eq!(client.opened(), 2, "connections are used again after a slow body");
}

#[tokio::test]
async fn the_deadline_counts_for_a_slow_body_too() {
    let server = Server::start(|_| vec![write(OK)]);
    let began = Instant::now();
    let failure = send_slowly(&client(&server), OVER / 4).await.unwrap_err();
    assert_eq!(failure.kind(), "timeout");
    assert!(began.elapsed() < OVER, "{:?}", began.elapsed());
}

#[tokio::test]
async fn an_answer_that_comes_before_the_body_is_whole_is_read_and_costs_the_connection() {
    for ending in ["", "connection: close\r\n"] {
        let answer = format!("HTTP/1.1 408 Too slow\r\ncontent-length: 0\r\n{ending}\r\n");
        let server = Server::impatient(&answer);
        let client = client(&server);
        let began = Instant::now();
        assert_eq!(send_slowly(&client, WITHIN).await.unwrap().status, 408);
        assert!(began.elapsed() < OVER, "{:?}", began.elapsed());
        assert_eq!(send_slowly(&client, WITHIN).await.unwrap().status, 408);
        assert_eq!(client.opened(), 2);
    }
}

#[tokio::test]
async fn a_server_that_refuses_a_large_body_and_closes_has_its_answer_read() {
    let server = Server::impatient("HTTP/1.1 413 Too large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let client = client(&server);
    let body = "x".repeat(8 * 1024 * 1024);
    let request = format!("POST / HTTP/1.1\r\nhost: test\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    for _ in 0..5 {
        assert_eq!(send(&client, request.as_bytes(), WITHIN).await.unwrap().status, 413);
    }
}

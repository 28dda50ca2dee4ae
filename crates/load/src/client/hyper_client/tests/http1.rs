//! HTTP/1.1 through hyper: the same promises as the thin client's, over TLS and without.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};

use super::server::{Stream, vanish};
use super::*;
use crate::scripted::{self, Act, OK, write};

fn client(server: &scripted::Server) -> HyperClient {
    HyperClient::new(vec![server.address], None, false)
}

/// Reads one request with the body of two bytes that all of them have here; whether there was one.
async fn read_request(stream: &mut BufReader<Box<dyn Stream>>) -> bool {
    let mut line = String::new();
    loop {
        line.clear();
        match stream.read_line(&mut line).await {
            Ok(0) | Err(_) => return false,
            Ok(_) if line == "\r\n" => return stream.read_exact(&mut [0; 2]).await.is_ok(),
            Ok(_) => {}
        }
    }
}

/// A TLS server for HTTP/1.1 that answers each request of a connection with the next of these bytes and then vanishes.
fn tls_script(authority: &Authority, answers: &'static [&'static str]) -> Server {
    Server::start(Some(authority.server(&["http/1.1"])), move |stream, _| async move {
        let mut stream = BufReader::new(stream);
        for answer in answers {
            if !read_request(&mut stream).await {
                return;
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.flush().await.unwrap();
        }
        vanish(stream.into_inner()).await;
    })
}

#[tokio::test]
async fn a_connection_is_used_again_and_again() {
    let server = scripted::Server::start(|_| vec![write(OK)]);
    let client = client(&server);
    for _ in 0..50 {
        assert_eq!(send(&client).await.unwrap(), Answer { status: 200, body_bytes: 2 });
    }
    assert_eq!((client.opened(), client.retried()), (1, 0));
    assert_eq!(server.seen().last().unwrap().on_connection, 49);
}

#[tokio::test]
async fn a_request_arrives_as_it_was_written() {
    let server = scripted::Server::start(|_| vec![write(OK)]);
    send(&client(&server)).await.unwrap();
    let seen = &server.seen()[0];
    assert_eq!(seen.head, "POST /x?y=1 HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2");
    assert_eq!(seen.body, "{}");
}

#[tokio::test]
async fn requests_at_once_each_get_their_own_connection() {
    let authority = Authority::new();
    let server = Server::answering(Some(authority.server(&["http/1.1"])));
    let client = tls_client(server.address, &authority);
    for _ in 0..3 {
        assert_eq!(send_at_once(&client, 20).await.len(), 20);
    }
    // A handful may have been done before the last had begun.
    assert!((1..=20).contains(&client.opened()), "{}", client.opened());
    assert_eq!(server.connections() as u64, client.opened());
}

#[tokio::test]
async fn a_kept_connection_that_the_server_closed_is_replaced_without_a_failure() {
    for ending in [Act::Close, Act::Reset] {
        let server = scripted::Server::start(move |seen| match seen.on_connection {
            0 => vec![write(OK)],
            _ => vec![ending.clone()],
        });
        let client = client(&server);
        for _ in 0..10 {
            assert_eq!(send(&client).await.unwrap().status, 200);
        }
        assert_eq!((client.retried(), client.opened()), (9, 10));
    }
    let authority = Authority::new();
    let server = tls_script(&authority, &[OK]);
    let client = tls_client(server.address, &authority);
    for number in 1..=5 {
        assert_eq!(send(&client).await.unwrap().status, 200);
        assert_eq!(client.opened(), number);
    }
}

#[tokio::test]
async fn a_fresh_connection_that_ends_without_an_answer_is_a_failure_and_is_not_tried_again() {
    let server = scripted::Server::start(|_| vec![Act::Close]);
    let outcome = send(&client(&server)).await;
    assert!(matches!(outcome, Err(Failure::Closed)), "{outcome:?}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_a_failure_and_is_not_tried_again() {
    let halves = ["HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\nx: y\r\n"];
    for half in halves {
        for (ending, kind) in [(Act::Close, "closed"), (Act::Reset, "reset")] {
            let server = scripted::Server::start(move |seen| match seen.on_connection {
                0 => vec![write(OK)],
                _ => vec![write(half), Act::Wait(Duration::from_millis(20)), ending.clone()],
            });
            let client = client(&server);
            send(&client).await.unwrap();
            let failure = send(&client).await.unwrap_err();
            assert_eq!(failure.kind(), kind, "{half:?}: {failure}");
            assert_eq!((client.retried(), server.seen().len()), (0, 2));
            assert_eq!(send(&client).await.unwrap().status, 200, "the next one gets a new connection");
        }
    }
}

#[tokio::test]
async fn a_malformed_answer_is_a_failure_and_costs_the_connection() {
    let many = "x: y\r\n".repeat(200);
    let long = format!("x: {}\r\n", "y".repeat(40_000));
    let table = [
        "SSH-2.0-OpenSSH_9.2\r\n".to_owned(),
        "HTTP/1.1 ??? Eh\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\ncontent-length: two\r\n\r\n{}".to_owned(),
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}".to_owned(),
        "HTTP/1.1 200 OK\r\ncontent-length: 16777217\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnot a size\r\n".to_owned(),
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n".to_owned(),
        format!("HTTP/1.1 200 OK\r\n{many}content-length: 0\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\n{long}content-length: 0\r\n\r\n"),
    ];
    for answer in table {
        let sent = answer.clone();
        let server = scripted::Server::start(move |seen| match seen.number {
            0 => vec![write(&sent), Act::Hang],
            _ => vec![write(OK)],
        });
        let client = client(&server);
        let outcome = send(&client).await;
        let start = &answer[..answer.len().min(60)];
        assert_eq!(outcome.as_ref().err().map(Failure::kind), Some("malformed"), "{start:?}: {outcome:?}");
        assert_eq!(send(&client).await.unwrap().status, 200, "{start:?}");
        assert_eq!((client.opened(), client.retried()), (2, 0));
    }
}

#[tokio::test]
async fn a_body_without_end_is_given_up() {
    // 64 KiB at a time, a few more than are allowed.
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let head = write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    let acts: Vec<Act> = std::iter::once(head).chain(std::iter::repeat_n(write(&chunk), 260)).collect();
    let server = scripted::Server::start(move |_| acts.clone());
    let failure = send(&client(&server)).await.unwrap_err();
    assert!(failure.kind() == "malformed" && failure.to_string().contains("longer than"), "{failure}");
}

#[tokio::test]
async fn bodies_of_every_framing_are_counted_and_as_much_is_kept_as_was_asked_for() {
    let table = [
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123456789",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n0123\r\n6;x=y\r\n456789\r\n0\r\ntrailer: z\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123456789",
        "HTTP/1.0 200 OK\r\n\r\n0123456789",
    ];
    for answer in table {
        for (keep, kept) in [(0, ""), (4, "0123"), (100, "0123456789")] {
            let server = scripted::Server::start(move |_| match answer.starts_with("HTTP/1.0") {
                true => vec![write(answer), Act::Close],
                false => vec![write(answer)],
            });
            let (seen, body) = send_and_keep(&client(&server), keep).await;
            assert_eq!((seen.status, seen.body_bytes), (200, 10), "{answer:?}");
            assert_eq!(String::from_utf8_lossy(&body), kept, "{answer:?}");
        }
    }
}

#[tokio::test]
async fn answers_that_have_no_body_whatever_they_say_leave_the_connection_usable() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n";
    let server = scripted::Server::start(move |seen| match seen.head.starts_with("HEAD ") {
        true => vec![write(answer)],
        false => vec![write("HTTP/1.1 204 No Content\r\n\r\n")],
    });
    let client = client(&server);
    for request in ["HEAD /", "DELETE /", "HEAD /", "GET /"] {
        let request = format!("{request} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        let answer = send_within(&client, request.as_bytes(), WITHIN).await.unwrap();
        assert_eq!(answer.body_bytes, 0, "{request:?}");
    }
    assert_eq!(client.opened(), 1);
}

#[tokio::test]
async fn bytes_that_nobody_asked_for_are_never_taken_for_an_answer() {
    let unasked = format!("{OK}HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n");
    let server = scripted::Server::start(move |seen| match seen.number {
        0 => vec![write(&unasked)],
        _ => vec![write(OK)],
    });
    let client = client(&server);
    for _ in 0..2 {
        assert_eq!(send(&client).await.unwrap().status, 200);
    }
    assert_eq!((client.opened(), client.retried()), (2, 0));
}

#[tokio::test]
async fn what_comes_while_a_connection_is_idle_is_noticed_before_it_is_used() {
    let later = |act: Act| vec![write(OK), Act::Wait(Duration::from_millis(20)), act];
    for unasked in [write("HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n"), Act::Close, Act::Reset] {
        let server = scripted::Server::start(move |_| later(unasked.clone()));
        let client = client(&server);
        for opened in 1..=3 {
            assert_eq!(send(&client).await.unwrap().status, 200);
            assert_eq!((client.opened(), client.retried()), (opened, 0));
            until("something comes unasked", || client.idle_is_silent() == Some(false)).await;
        }
    }
}

#[tokio::test]
async fn an_encrypted_answer_that_ends_with_the_connection_must_end_in_good_order() {
    let authority = Authority::new();
    let server = tls_script(&authority, &["HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhalf of it"]);
    let outcome = send(&tls_client(server.address, &authority)).await;
    assert!(matches!(outcome, Err(Failure::Closed)), "{outcome:?}");

    let in_good_order = Server::start(Some(authority.server(&[])), async |stream, _| {
        let mut stream = BufReader::new(stream);
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nall of it").await.unwrap();
        stream.shutdown().await.unwrap();
    });
    let answer = send(&tls_client(in_good_order.address, &authority)).await.unwrap();
    assert_eq!((answer.status, answer.body_bytes), (200, 9));
}

#[tokio::test]
async fn an_encrypted_connection_that_is_let_go_of_ends_in_good_order() {
    let (tell, told) = std::sync::mpsc::channel();
    let authority = Authority::new();
    let server = Server::start(Some(authority.server(&["http/1.1"])), move |stream, _| {
        let tell = tell.clone();
        async move {
            let mut stream = BufReader::new(stream);
            read_request(&mut stream).await;
            stream.write_all(OK.as_bytes()).await.unwrap();
            stream.flush().await.unwrap();
            tell.send(stream.read_to_end(&mut Vec::new()).await).unwrap();
        }
    });
    let client = tls_client(server.address, &authority);
    assert_eq!(send(&client).await.unwrap().status, 200);
    drop(client);
    let ending = told.recv_timeout(WITHIN).unwrap();
    assert_eq!(ending.unwrap(), 0, "an end that TLS does not announce is an error here");
}

#[tokio::test]
async fn a_server_that_closes_after_each_answer_is_believed() {
    let answer = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let server = scripted::Server::start(move |_| vec![write(answer), Act::Close]);
    let client = client(&server);
    for _ in 0..5 {
        assert_eq!(send(&client).await.unwrap().status, 200);
    }
    assert_eq!((client.opened(), client.retried()), (5, 0));
}

#[tokio::test]
async fn an_answer_that_takes_too_long_times_out_and_its_connection_is_closed() {
    let ended = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&ended);
    let authority = Authority::new();
    let server = Server::start(Some(authority.server(&["http/1.1"])), move |stream, number| {
        let counted = Arc::clone(&counted);
        async move {
            let mut stream = BufReader::new(stream);
            while read_request(&mut stream).await {
                let answer: &[u8] = match number {
                    0 => b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nslow",
                    _ => OK.as_bytes(),
                };
                stream.write_all(answer).await.unwrap();
                stream.flush().await.unwrap();
            }
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    let client = tls_client(server.address, &authority);
    let began = Instant::now();
    let outcome = send_within(&client, REQUEST, Duration::from_millis(200)).await;
    assert!(matches!(outcome, Err(Failure::Timeout)), "{outcome:?}");
    assert!(began.elapsed() >= Duration::from_millis(200));
    until("the server sees the end", || ended.load(Ordering::Relaxed) == 1).await;
    assert_eq!(send(&client).await.unwrap(), Answer { status: 200, body_bytes: 2 });
    assert_eq!(client.opened(), 2);
}

#[tokio::test]
async fn an_answer_to_half_a_request_is_an_answer_and_the_connection_is_not_used_again() {
    // More than the buffers on the way hold: the rest is still to be written when the answer is there.
    let request =
        format!("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {0}\r\n\r\n{1}", 30_000_000, "x".repeat(30_000_000));
    let server = Server::start(None, async |mut stream, _| {
        stream.read_exact(&mut [0; 1_000]).await.unwrap();
        stream.write_all(b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        std::future::pending().await
    });
    let client = HyperClient::new(vec![server.address], None, false);
    for number in 1..=2 {
        assert_eq!(send_within(&client, request.as_bytes(), WITHIN).await.unwrap().status, 413);
        assert_eq!(client.opened(), number);
    }
}

#[tokio::test]
async fn nobody_listening_is_a_failure_to_connect_and_the_second_address_is_tried() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for http2 in [false, true] {
        for addresses in [vec![nobody], Vec::new()] {
            let client = HyperClient::new(addresses, None, http2);
            assert_eq!(send(&client).await.unwrap_err().kind(), "connect");
        }
    }
    let server = scripted::Server::start(|_| vec![write(OK)]);
    let client = HyperClient::new(vec![nobody, server.address], None, false);
    assert_eq!(send(&client).await.unwrap().status, 200);
}

//! HTTP/2: many requests on few connections, and none of them kept waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use h2::Reason;
use http::{Response, Version};
use http_body_util::Full;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Barrier;

use super::frames::{self, Frame, HEADERS, RST_STREAM};
use super::server::ok;
use super::*;

/// What a server does at a request.
type Script = fn(Frame) -> Option<Vec<u8>>;

/// SETTINGS_MAX_CONCURRENT_STREAMS
const MAX_STREAMS: u16 = 3;

#[tokio::test]
async fn a_plain_server_that_is_known_to_speak_it_is_spoken_to_on_one_connection() {
    let server = Server::answering(None);
    let client = http2_client(server.address);
    for _ in 0..50 {
        assert_eq!(send(&client).await.unwrap(), Answer { status: 200, body_bytes: 2 });
    }
    let seen = server.seen();
    assert_eq!((client.opened(), client.retried(), seen.len()), (1, 0, 50));
    assert!(seen.iter().all(|seen| seen.version == Version::HTTP_2 && seen.body == "{}"));
    assert_eq!(seen[0].uri, "http://localhost/x?y=1");
}

/// A server that answers nobody before so many requests are there at once.
fn patient(max_streams: Option<u32>, requests: usize) -> Server {
    let everybody = Arc::new(Barrier::new(requests));
    Server::hyper(None, max_streams, move |_| {
        let everybody = Arc::clone(&everybody);
        async move {
            everybody.wait().await;
            ok()
        }
    })
}

#[tokio::test]
async fn where_all_streams_are_taken_another_connection_is_opened() {
    for (max_streams, connections) in [(Some(100), 3), (Some(150), 3), (Some(299), 3), (Some(20), 15), (Some(1), 300)] {
        let server = patient(max_streams, 300);
        let client = http2_client(server.address);
        // 100 streams are expected for each of the first connections: a server that allows more is found out then.
        assert_eq!(send_at_once(&client, 300).await.len(), 300, "{max_streams:?}");
        assert_eq!(client.opened(), connections, "{max_streams:?}");
        // Now it is known, and they are there.
        assert_eq!(send_at_once(&client, 300).await.len(), 300, "{max_streams:?}");
        assert_eq!(client.opened(), connections, "{max_streams:?}");
    }
}

#[tokio::test]
async fn over_tls_as_well() {
    let authority = Authority::new();
    let everybody = Arc::new(Barrier::new(300));
    let server = Server::hyper(Some(authority.server(&["h2", "http/1.1"])), Some(100), move |_| {
        let everybody = Arc::clone(&everybody);
        async move {
            everybody.wait().await;
            ok()
        }
    });
    let client = tls_client(server.address, &authority);
    assert_eq!(send_at_once(&client, 300).await.len(), 300);
    assert_eq!((client.opened(), server.connections()), (3, 3));
}

#[tokio::test]
async fn where_the_server_has_no_bound_everything_goes_over_one_connection() {
    let server = patient(None, 300);
    let client = http2_client(server.address);
    let first = send_at_once(&client, 300).await.len();
    assert_eq!((first, client.opened()), (300, 3), "before anything is known");
    let server = patient(None, 90);
    let client = http2_client(server.address);
    for _ in 0..3 {
        send_at_once(&client, 90).await;
    }
    assert_eq!(client.opened(), 1);
}

#[tokio::test]
async fn how_many_streams_a_connection_has_is_learned_from_the_first() {
    let everybody = Arc::new(Barrier::new(80));
    let server = Server::start(None, move |stream, _| {
        let everybody = Arc::clone(&everybody);
        async move {
            // One connection after another would take two seconds, all but the first at once next to nothing.
            tokio::time::sleep(Duration::from_millis(25)).await;
            let mut connection =
                h2::server::Builder::new().max_concurrent_streams(1).handshake::<_, Bytes>(stream).await.unwrap();
            while let Some(Ok((_, mut respond))) = connection.accept().await {
                everybody.wait().await;
                respond.send_response(Response::new(()), true).unwrap();
            }
        }
    });
    let client = http2_client(server.address);
    let began = Instant::now();
    assert_eq!(send_at_once(&client, 80).await.len(), 80);
    assert!(client.opened() == 80 && began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

#[tokio::test]
async fn at_the_bound_of_connections_requests_wait_for_a_stream_and_all_are_answered() {
    let server = Server::hyper(None, Some(1), |_| async { ok() });
    let client = HyperClient { most_shared: 3, ..http2_client(server.address) };
    for _ in 0..2 {
        assert_eq!(send_at_once(&client, 40).await.len(), 40);
    }
    assert_eq!((client.opened(), server.connections()), (3, 3));
}

#[tokio::test]
async fn a_server_that_turns_out_to_speak_http1_gets_a_connection_for_each() {
    let authority = Authority::new();
    let everybody = Arc::new(Barrier::new(30));
    let server = Server::hyper(Some(authority.server(&["http/1.1"])), None, move |_| {
        let everybody = Arc::clone(&everybody);
        async move {
            everybody.wait().await;
            ok()
        }
    });
    let client = tls_client(server.address, &authority);
    for _ in 0..2 {
        assert_eq!(send_at_once(&client, 30).await.len(), 30);
    }
    assert_eq!(client.opened(), 30);
}

#[tokio::test]
async fn a_request_that_is_given_up_resets_its_stream_and_nothing_else() {
    let resets = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&resets);
    // Every second request gets half an answer.
    let server = frames::serve(&[], move |_, frame: Frame| {
        if frame.kind == RST_STREAM {
            counted.fetch_add(1, Ordering::Relaxed);
        }
        Some(match frame.kind {
            HEADERS if frame.stream % 4 == 1 => frames::no_content(frame.stream),
            HEADERS => frames::head(frame.stream, "10"),
            _ => Vec::new(),
        })
    });
    let client = http2_client(server.address);
    for number in 1..=5 {
        assert_eq!(send(&client).await.unwrap().status, 204);
        let outcome = send_within(&client, REQUEST, Duration::from_millis(50)).await;
        assert!(matches!(outcome, Err(Failure::Timeout)), "{outcome:?}");
        until("a stream is reset", || resets.load(Ordering::Relaxed) == number).await;
    }
    assert_eq!(client.opened(), 1);
}

#[tokio::test]
async fn a_connection_that_has_fallen_silent_is_not_asked_again() {
    let server = frames::serve(&[], |number, frame: Frame| {
        let answers = frame.kind == HEADERS && (number > 0 || frame.stream == 1);
        Some(if answers { frames::no_content(frame.stream) } else { Vec::new() })
    });
    let client = http2_client(server.address);
    assert_eq!(send(&client).await.unwrap().status, 204);
    let outcome = send_within(&client, REQUEST, Duration::from_millis(50)).await;
    assert!(matches!(outcome, Err(Failure::Timeout)), "{outcome:?}");
    for _ in 0..3 {
        assert_eq!(send(&client).await.unwrap().status, 204);
    }
    assert_eq!(client.opened(), 2);
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_replaced_without_a_failure() {
    // At the end of the first request's answer, after a goodbye, and instead of the second answer.
    let scripts: [Script; 4] = [
        |frame| if frame.stream == 1 { Some(frames::no_content(1)) } else { None },
        |frame| {
            let bytes = if frame.stream == 1 { frames::no_content(1) } else { frames::goodbye(1, Reason::NO_ERROR) };
            Some(bytes)
        },
        |frame| Some([frames::no_content(frame.stream), frames::goodbye(1, Reason::NO_ERROR)].concat()),
        |frame| Some([frames::goodbye(1, Reason::NO_ERROR), frames::no_content(frame.stream)].concat()),
    ];
    for (number, script) in scripts.into_iter().enumerate() {
        let server =
            frames::serve(&[], move |_, frame| if frame.kind == HEADERS { script(frame) } else { Some(Vec::new()) });
        let client = http2_client(server.address);
        for opened in 1..=5 {
            let outcome = send(&client).await;
            assert_eq!(outcome.map(|answer| answer.status).ok(), Some(204), "script {number}");
            assert_eq!(client.opened(), opened, "script {number}");
        }
        assert_eq!(client.retried(), if number < 2 { 4 } else { 0 }, "script {number}");
    }
}

#[tokio::test]
async fn what_the_server_refuses_or_breaks_off_is_a_failure_and_is_not_tried_again() {
    let table: [(&str, &str, Script); 8] = [
        ("reset", "refused", |frame| Some(frames::reset(frame.stream, Reason::REFUSED_STREAM))),
        ("reset", "internal error", |frame| Some(frames::reset(frame.stream, Reason::INTERNAL_ERROR))),
        ("reset", "excessive load", |_| Some(frames::goodbye(0, Reason::ENHANCE_YOUR_CALM))),
        ("closed", "", |_| None),
        ("malformed", "", |frame| Some(frames::frame(HEADERS, 5, frame.stream, &[0xff]))),
        ("malformed", "", |frame| Some(frames::last_data(frame.stream, b"no head"))),
        ("malformed", "", |frame| {
            Some([frames::head(frame.stream, "10"), frames::last_data(frame.stream, b"short")].concat())
        }),
        ("malformed", "longer than", |frame| Some(frames::head(frame.stream, "16777217"))),
    ];
    for (kind, said, script) in table {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let server = frames::serve(&[], move |_, frame| match frame.kind {
            HEADERS => {
                counted.fetch_add(1, Ordering::Relaxed);
                script(frame)
            }
            _ => Some(Vec::new()),
        });
        let client = http2_client(server.address);
        let failure = send(&client).await.unwrap_err();
        assert_eq!(failure.kind(), kind, "{said}: {failure}");
        assert!(failure.to_string().contains(said), "{said}: {failure}");
        assert_eq!((count.load(Ordering::Relaxed), client.retried()), (1, 0), "{kind} {said}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_speak_it_is_named_and_one_that_is_silent_is_not_waited_for() {
    let http1 = Server::start(None, async |mut stream, _| {
        let _ = stream.read(&mut [0; 100]).await;
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
        let _ = stream.read_to_end(&mut Vec::new()).await;
    });
    let failure = send(&http2_client(http1.address)).await.unwrap_err();
    assert_eq!(failure.kind(), "malformed", "{failure}");

    let closing = Server::start(None, async |mut stream, _| {
        let _ = stream.read(&mut [0; 100]).await;
        let _ = stream.shutdown().await;
        let _ = stream.read_to_end(&mut Vec::new()).await;
    });
    let failure = send(&http2_client(closing.address)).await.unwrap_err();
    assert_eq!(failure.kind(), "closed", "{failure}");

    let silent = Server::start(None, async |_stream, _| std::future::pending().await);
    let client = http2_client(silent.address);
    let outcomes = join_all((0..5).map(|_| send(&client))).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Err(Failure::ConnectTimeout))), "{outcomes:?}");
    assert_eq!((silent.connections(), client.opened()), (1, 0));
}

#[tokio::test]
async fn an_opening_that_nobody_waits_for_any_more_is_given_up() {
    let ended = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&ended);
    let server = Server::start(None, move |mut stream, _| {
        let counted = Arc::clone(&counted);
        async move {
            let _ = stream.read_to_end(&mut Vec::new()).await;
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    let client = http2_client(server.address);
    let outcomes = join_all((0..5).map(|_| send_within(&client, REQUEST, Duration::from_millis(50)))).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Err(Failure::Timeout))), "{outcomes:?}");
    until("the server sees the end", || ended.load(Ordering::Relaxed) == 1).await;
}

#[tokio::test]
async fn a_bound_of_no_streams_at_all_is_waited_out() {
    let server = frames::serve(&[(MAX_STREAMS, 0)], |_, _| Some(Vec::new()));
    let client = http2_client(server.address);
    let outcome = send_within(&client, REQUEST, Duration::from_millis(100)).await;
    assert!(matches!(outcome, Err(Failure::Timeout)), "{outcome:?}");
    assert_eq!(client.opened(), 1);
}

#[tokio::test]
async fn large_bodies_pass_in_both_directions_and_as_much_is_kept_as_was_asked_for() {
    let server = Server::hyper(None, None, |seen| async move { Response::new(Full::new(seen.body)) });
    let client = http2_client(server.address);
    let body: String = (0..3_000_000).map(|at| char::from(b'a' + (at % 23) as u8)).collect();
    let request = format!("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let mut kept = Vec::new();
    let deadline = Instant::now() + WITHIN;
    let asked = Exchange {
        request: request.as_bytes(),
        upload: None,
        sent: tokio::time::Instant::now(),
        deadline,
        keep: 100_000,
        body: &mut kept,
    };
    assert_eq!(exchange(&client, asked).await.unwrap().body_bytes, body.len() as u64);
    assert_eq!(kept, &body.as_bytes()[..100_000]);
}

#[tokio::test]
async fn a_body_without_end_is_given_up_and_the_connection_stays() {
    let long = Bytes::from(vec![0; 17 * 1024 * 1024]);
    let server = Server::hyper(None, None, move |seen| {
        let long = long.clone();
        async move { if seen.uri.ends_with("/long") { Response::new(Full::new(long)) } else { ok() } }
    });
    let client = http2_client(server.address);
    let long = b"GET /long HTTP/1.1\r\nhost: a\r\n\r\n";
    let failure = send_within(&client, long, WITHIN).await.unwrap_err();
    assert!(failure.kind() == "malformed" && failure.to_string().contains("longer than"), "{failure}");
    assert_eq!(send(&client).await.unwrap().status, 200);
    assert_eq!(client.opened(), 1);
}

#[tokio::test]
async fn unused_connections_end_with_the_client() {
    let ended = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&ended);
    let server = Server::start(None, move |stream, _| {
        let counted = Arc::clone(&counted);
        async move {
            let mut connection = h2::server::handshake(stream).await.unwrap();
            while let Some(Ok((_, mut respond))) = connection.accept().await {
                respond.send_response(Response::new(()), true).unwrap();
            }
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    let client = http2_client(server.address);
    assert_eq!(send(&client).await.unwrap(), Answer { status: 200, body_bytes: 0 });
    drop(client);
    until("the server sees the end", || ended.load(Ordering::Relaxed) == 1).await;
}

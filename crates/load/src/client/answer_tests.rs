//! Answers of all forms, cut at every byte.

use super::*;

/// Reads `bytes` in the given pieces: status, body bytes, keeps alive, unread.
fn read(pieces: &[&[u8]]) -> Result<Option<(u16, u64, bool, usize)>, Malformed> {
    let mut reader = AnswerReader::new(false, 7);
    let mut kept = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        if let Progress::Whole { unread } = reader.feed(piece, &mut kept)? {
            let rest: usize = pieces[at + 1..].iter().map(|p| p.len()).sum();
            return Ok(Some((reader.status(), reader.body_bytes(), reader.keeps_alive(), unread + rest)));
        }
    }
    Ok(reader.close().then(|| (reader.status(), reader.body_bytes(), reader.keeps_alive(), 0)))
}

/// Reads `text` whole, cut in two at every place, and byte by byte; all must agree.
fn read_every_way(text: &str) -> Result<Option<(u16, u64, bool, usize)>, Malformed> {
    let bytes = text.as_bytes();
    let whole = read(&[bytes]);
    for cut in 0..bytes.len() {
        assert_eq!(read(&[&bytes[..cut], &bytes[cut..]]), whole, "cut at {cut} of {text:?}");
    }
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(read(&single), whole, "byte by byte: {text:?}");
    whole
}

#[test]
fn every_framing_is_read_however_the_network_cuts_it() {
    let table = [
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", (200, 5, true, 0)),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", (200, 0, true, 0)),
        ("HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}", (503, 2, false, 0)),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n",
            (200, 15, true, 0),
        ),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n0\r\ntrailer: 1\r\nother: 2\r\n\r\n", (200, 0, true, 0)),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length: 1\r\n\r\nx",
            (201, 1, true, 0),
        ),
        ("HTTP/1.1 204 No Content\r\n\r\n", (204, 0, true, 0)),
        ("HTTP/1.1 304 Not Modified\r\ncontent-length: 99\r\n\r\n", (304, 0, true, 0)),
        ("HTTP/1.1 200 OK\r\n\r\nuntil the end", (200, 13, false, 0)),
        ("HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx", (200, 1, false, 0)),
        ("HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 1\r\n\r\nx", (200, 1, true, 0)),
        ("HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 3\r\n\r\nabc", (200, 3, true, 0)),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
            (200, 1, false, 0),
        ),
        ("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nxHTTP/1.1 200", (200, 1, true, 12)),
    ];
    for (text, expected) in table {
        assert_eq!(read_every_way(text), Ok(Some(expected)), "{text:?}");
    }
}

#[test]
fn an_answer_that_ends_too_soon_is_not_whole() {
    for text in [
        "",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\ncontent-len",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
    ] {
        assert_eq!(read_every_way(text), Ok(None), "{text:?}");
    }
}

#[test]
fn what_is_not_http_is_malformed() {
    let table = [
        ("SSH-2.0-OpenSSH_9.2\r\n", Malformed::Head),
        ("HTTP/1.1 2x0 OK\r\n\r\n", Malformed::Head),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n", Malformed::Upgrade),
        ("HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", Malformed::ContentLength),
        ("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", Malformed::ContentLength),
        ("HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999999\r\n\r\n", Malformed::ContentLength),
        ("HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n", Malformed::BodyTooLong),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n", Malformed::TransferCoding),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n", Malformed::Chunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nxx\r\n", Malformed::Chunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n", Malformed::Chunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\nx\r\n", Malformed::Chunk),
    ];
    for (text, expected) in table {
        assert_eq!(read_every_way(text), Err(expected), "{text:?}");
    }
}

#[test]
fn heads_and_lines_that_never_end_are_cut_off() {
    let mut reader = AnswerReader::new(false, 7);
    let mut head = b"HTTP/1.1 200 OK\r\nx: ".to_vec();
    head.resize(MAX_HEAD_BYTES + 1, b'a');
    assert_eq!(reader.feed(&head, &mut Vec::new()), Err(Malformed::HeadTooLong));

    let many: String = (0..=MAX_HEADERS).map(|n| format!("h{n}: v\r\n")).collect();
    let text = format!("HTTP/1.1 200 OK\r\n{many}\r\n");
    assert_eq!(AnswerReader::new(false, 7).feed(text.as_bytes(), &mut Vec::new()), Err(Malformed::HeadTooLong));

    let mut reader = AnswerReader::new(false, 7);
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    assert_eq!(reader.feed(chunked, &mut Vec::new()), Ok(Progress::More));
    assert_eq!(reader.feed(&[b'1'; MAX_LINE_BYTES + 1], &mut Vec::new()), Err(Malformed::Chunk));

    let mut reader = AnswerReader::new(false, 7);
    assert_eq!(reader.feed(b"HTTP/1.1 200 OK\r\n\r\n", &mut Vec::new()), Ok(Progress::More));
    let megabyte = vec![b'x'; 1024 * 1024];
    let end = (0..20).find_map(|_| reader.feed(&megabyte, &mut Vec::new()).err());
    assert_eq!(end, Some(Malformed::BodyTooLong));
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_or_refused_without_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300), cut in 0_usize..300) {
        let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        let (first, second) = bytes.split_at(cut.min(bytes.len()));
        let _ = read(&[first, second]);
        let _ = read(&[head, first, second]);
    }
}

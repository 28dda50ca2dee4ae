//! Where a request ends, and how its connection goes on. Nothing else of it matters: every path gets the same answer.

use memchr::memmem;

/// How the answer to a request has to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closing {
    /// HTTP/1.1, and nobody said otherwise.
    StaysOpen,
    /// HTTP/1.0 that asked for it (ab does): the answer has to say that it was heard.
    StaysOpenAsAsked,
    /// `Connection: close`, or HTTP/1.0 as it was.
    Closes,
}

/// What stands at the head of the bytes that came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Framed {
    /// A request of so many bytes, its body included.
    Whole { length: usize, closing: Closing },
    /// Not all of it has come.
    Partial,
    /// Nothing that this server reads.
    Refused(&'static str),
}

/// Longest head that is waited for.
const LONGEST_HEAD: usize = 16 * 1024;
/// More headers than any generator sends.
const MOST_HEADERS: usize = 64;

/// Finds the end of the first request in `bytes`.
///
/// GET and HEAD take the short way: they have no body, and few look at more than the end of the head.
pub(super) fn first_request(bytes: &[u8]) -> Framed {
    let Some(end) = memmem::find(bytes, b"\r\n\r\n") else {
        return if bytes.len() > LONGEST_HEAD {
            Framed::Refused("431 Request Header Fields Too Large")
        } else {
            Framed::Partial
        };
    };
    let head = &bytes[..end + 4];
    let plain = head.starts_with(b"GET ") || head.starts_with(b"HEAD ");
    let line = &head[..memchr::memchr(b'\r', head).unwrap_or(end)];
    if plain && line.ends_with(b" HTTP/1.1") && memmem::find(head, b"onnection: ").is_none() {
        return Framed::Whole { length: head.len(), closing: Closing::StaysOpen };
    }
    with_headers(bytes, plain)
}

/// The long way: by the headers.
fn with_headers(bytes: &[u8], has_no_body: bool) -> Framed {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let Ok(httparse::Status::Complete(head)) = request.parse(bytes) else {
        return Framed::Refused("400 Bad Request");
    };
    let mut body = 0;
    let mut closing = if request.version == Some(0) { Closing::Closes } else { Closing::StaysOpen };
    for header in request.headers {
        if header.name.eq_ignore_ascii_case("content-length") && !has_no_body {
            match std::str::from_utf8(header.value).ok().and_then(|value| value.trim().parse::<usize>().ok()) {
                Some(length) if length <= 1 << 30 => body = length,
                _ => return Framed::Refused("400 Bad Request"),
            }
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            return Framed::Refused("411 Length Required");
        } else if header.name.eq_ignore_ascii_case("connection") {
            closing = match (header.value.eq_ignore_ascii_case(b"close"), request.version) {
                (true, _) => Closing::Closes,
                (false, Some(0)) if header.value.eq_ignore_ascii_case(b"keep-alive") => Closing::StaysOpenAsAsked,
                (false, _) => closing,
            };
        }
    }
    if bytes.len() < head + body { Framed::Partial } else { Framed::Whole { length: head + body, closing } }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: Closing = Closing::StaysOpen;

    #[test]
    fn a_request_ends_where_its_body_ends() {
        let table: &[(&str, Framed)] = &[
            ("GET / HTTP/1.1\r\n\r\n", Framed::Whole { length: 18, closing: OPEN }),
            ("GET / HTTP/1.1\r\n\r\nGET /next", Framed::Whole { length: 18, closing: OPEN }),
            ("GET / HTTP/1.1\r\nhost: a\r\n", Framed::Partial),
            ("", Framed::Partial),
            ("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab", Framed::Partial),
            ("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET", Framed::Whole { length: 41, closing: OPEN }),
            ("POST / HTTP/1.1\r\n\r\n", Framed::Whole { length: 19, closing: OPEN }),
            ("DELETE / HTTP/1.1\r\nx: y\r\n\r\n", Framed::Whole { length: 27, closing: OPEN }),
            ("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n", Framed::Refused("411 Length Required")),
            ("POST / HTTP/1.1\r\ncontent-length: x\r\n\r\n", Framed::Refused("400 Bad Request")),
            ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Framed::Refused("400 Bad Request")),
        ];
        for (bytes, expected) in table {
            assert_eq!(first_request(bytes.as_bytes()), *expected, "{bytes}");
        }
    }

    #[test]
    fn a_connection_closes_as_http_says() {
        let table = [
            ("GET / HTTP/1.1\r\nConnection: close\r\n\r\n", Closing::Closes),
            ("GET / HTTP/1.1\r\nconnection: keep-alive\r\n\r\n", OPEN),
            ("POST / HTTP/1.1\r\ncONNECTION: Close\r\n\r\n", Closing::Closes),
            ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", Closing::StaysOpenAsAsked),
            ("GET / HTTP/1.0\r\n\r\n", Closing::Closes),
        ];
        for (bytes, expected) in table {
            assert_eq!(
                first_request(bytes.as_bytes()),
                Framed::Whole { length: bytes.len(), closing: expected },
                "{bytes}"
            );
        }
    }

    #[test]
    fn a_head_without_end_is_given_up() {
        let endless = [b"GET / HTTP/1.1\r\n".as_slice(), &[b'a'; LONGEST_HEAD]].concat();
        assert_eq!(first_request(&endless), Framed::Refused("431 Request Header Fields Too Large"));
    }
}

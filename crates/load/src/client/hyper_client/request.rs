//! The engine's request, which is bytes, as one of hyper's.

use std::time::Duration;

use bytes::Bytes;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};

use super::upload::Upload;
use crate::client::Failure;

/// Most header lines that are read; a step's file has fewer.
const MAX_HEADERS: usize = 128;

/// A request that can be sent more than once, over either protocol.
#[derive(Debug)]
pub(super) struct Request {
    method: Method,
    path: PathAndQuery,
    headers: HeaderMap,
    body: Bytes,
    /// Over which time the body is uploaded; at once where absent.
    over: Option<Duration>,
}

impl Request {
    /// Reads a complete HTTP/1.1 request with a `Host` header; its body has the length that it says, and is sent over
    /// that time.
    ///
    /// # Errors
    /// [`Failure::Request`], if it is none.
    pub(super) fn parse(bytes: &[u8], over: Option<Duration>) -> Result<Self, Failure> {
        let wrong = |what: &str| Failure::Request(what.to_owned());
        let mut lines = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut head = httparse::Request::new(&mut lines);
        let end = match head.parse(bytes) {
            Ok(httparse::Status::Complete(end)) => end,
            Ok(httparse::Status::Partial) => return Err(wrong("its head has no end")),
            Err(error) => return Err(Failure::Request(format!("its head is not HTTP/1.1 ({error})"))),
        };
        let method = Method::from_bytes(head.method.unwrap_or_default().as_bytes());
        let method = method.map_err(|_| wrong("its method is none"))?;
        let path = head.path.unwrap_or_default().parse();
        let path = path.map_err(|_| wrong("its path has characters that must be percent-encoded"))?;
        let mut headers = HeaderMap::with_capacity(head.headers.len());
        for line in head.headers.iter() {
            let name = HeaderName::from_bytes(line.name.as_bytes());
            let value = HeaderValue::from_bytes(line.value);
            let (Ok(name), Ok(value)) = (name, value) else {
                return Err(Failure::Request(format!("its header {:?} is none", line.name)));
            };
            headers.append(name, value);
        }
        let body = Bytes::copy_from_slice(&bytes[end..]);
        let said = headers.get(header::CONTENT_LENGTH).map(|value| value.to_str().ok().and_then(|v| v.parse().ok()));
        if said.unwrap_or(Some(0)) != Some(body.len()) {
            return Err(wrong("its content length is not that of its body"));
        }
        Ok(Self { method, path, headers, body, over })
    }

    pub(super) fn over_http1(&self) -> http::Request<Upload> {
        self.build(Uri::from(self.path.clone()))
    }

    /// The host moves from its header into the address, and what only concerns one connection is left out.
    pub(super) fn over_http2(&self, scheme: Scheme) -> Result<http::Request<Upload>, Failure> {
        let host = self.headers.get(header::HOST).map(HeaderValue::as_bytes);
        let authority = host.and_then(|host| Authority::try_from(host).ok());
        let authority = authority.ok_or_else(|| Failure::Request("its host is none".to_owned()))?;
        let uri = Uri::builder().scheme(scheme).authority(authority).path_and_query(self.path.clone()).build();
        let uri = uri.map_err(|error| Failure::Request(format!("its address is none ({error})")))?;
        let mut request = self.build(uri);
        request.headers_mut().remove(header::HOST);
        Ok(request)
    }

    fn build(&self, uri: Uri) -> http::Request<Upload> {
        let mut request = http::Request::new(Upload::new(self.body.clone(), self.over));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = self.headers.clone();
        request
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_the_same_over_both_protocols() {
        let bytes = b"POST /cart/1?x=%20{y} HTTP/1.1\r\nhost: shop.test:8443\r\nbaggage: a=1\r\nbaggage: b=2\r\n\
                      content-length: 2\r\n\r\n{}";
        let request = Request::parse(bytes, None).unwrap();
        let plain = request.over_http1();
        assert_eq!((plain.method(), plain.uri().to_string().as_str()), (&Method::POST, "/cart/1?x=%20{y}"));
        assert_eq!(plain.headers()["host"], "shop.test:8443");
        let shared = request.over_http2(Scheme::HTTPS).unwrap();
        assert_eq!(shared.uri(), "https://shop.test:8443/cart/1?x=%20{y}");
        assert!(!shared.headers().contains_key("host"));
        for headers in [plain.headers(), shared.headers()] {
            assert_eq!(headers.get_all("baggage").iter().collect::<Vec<_>>(), ["a=1", "b=2"]);
            assert_eq!(headers["content-length"], "2");
        }
    }

    #[test]
    fn what_is_no_request_is_named() {
        let table = [
            ("GET / HTTP/1.1\r\nhost: a\r\n", "no end"),
            ("GET / HTTP/1.1\r\nhost a\r\n\r\n", "not HTTP/1.1"),
            ("GET /\u{e9}\u{7f} HTTP/1.1\r\nhost: a\r\n\r\n", "not HTTP/1.1"),
            ("GET /<a> HTTP/1.1\r\nhost: a\r\n\r\n", "percent-encoded"),
            ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\n{}", "content length"),
            ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n{}", "content length"),
            ("POST / HTTP/1.1\r\nhost: a\r\n\r\n{}", "content length"),
        ];
        for (bytes, expected) in table {
            let failure = Request::parse(bytes.as_bytes(), None).unwrap_err();
            assert!(failure.to_string().contains(expected), "{bytes:?}: {failure}");
        }
        for bytes in ["GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nhost: a b\r\n\r\n"] {
            let failure = Request::parse(bytes.as_bytes(), None).unwrap().over_http2(Scheme::HTTP).unwrap_err();
            assert_eq!((failure.kind(), failure.to_string().contains("host")), ("request", true));
        }
    }
}

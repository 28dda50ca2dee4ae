//! Requests as bytes: everything that is the same for all is formatted once, the rest is written in place.

use std::io::Write as _;

use http::HeaderMap;

/// What slots are filled with: one visitor's own.
///
/// Values are made of `[A-Za-z0-9_.:-]`, so they need no escaping in JSON or in a URL.
#[derive(Debug, Clone, Default)]
pub(crate) struct Values {
    /// `{user_id}`
    pub(crate) user_id: String,
    /// `{cart_id}`
    pub(crate) cart_id: String,
    /// `{product_id}`
    pub(crate) product_id: String,
    /// `{quantity}`, a number.
    pub(crate) quantity: String,
}

/// The request line and the headers that never change.
#[derive(Debug, Clone)]
pub(crate) struct Head(Template);

impl Head {
    /// `method`, `path` and `authority` must be valid in a request line and a `Host` header; the caller parsed them. The
    /// path may have slots.
    pub(crate) fn new(method: &str, path: &str, authority: &str) -> Self {
        let agent = concat!("doorbuster-load/", env!("CARGO_PKG_VERSION"));
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {authority}\r\nuser-agent: {agent}\r\naccept: application/json\r\n"
        );
        Self(Template::parse(&head))
    }

    /// Writes the whole request into `out`, which is emptied first. A request without a body carries no length.
    pub(crate) fn write(
        &self,
        out: &mut Vec<u8>,
        headers: &HeaderMap,
        idempotency_key: Option<&str>,
        body: Option<&Template>,
        values: &Values,
    ) {
        out.clear();
        self.0.write(out, values);
        for (name, value) in headers {
            put(out, &[name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"]);
        }
        if let Some(key) = idempotency_key {
            put(out, &[b"idempotency-key: ", key.as_bytes(), b"\r\n"]);
        }
        let Some(body) = body else {
            out.extend_from_slice(b"\r\n");
            return;
        };
        out.extend_from_slice(b"content-type: application/json\r\ncontent-length: ");
        // Writing to a vector can't fail.
        let _ = write!(out, "{}", body.len(values));
        out.extend_from_slice(b"\r\n\r\n");
        body.write(out, values);
    }
}

fn put(out: &mut Vec<u8>, pieces: &[&[u8]]) {
    for piece in pieces {
        out.extend_from_slice(piece);
    }
}

/// Text with slots: a body, a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Slot(Slot),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    User,
    Cart,
    Product,
    Quantity,
}

const SLOTS: [(&str, Slot); 4] = [
    ("{user_id}", Slot::User),
    ("{cart_id}", Slot::Cart),
    ("{product_id}", Slot::Product),
    ("{quantity}", Slot::Quantity),
];

impl Slot {
    fn of(self, values: &Values) -> &str {
        match self {
            Self::User => &values.user_id,
            Self::Cart => &values.cart_id,
            Self::Product => &values.product_id,
            Self::Quantity => &values.quantity,
        }
    }
}

impl Template {
    /// Splits `template` at its slots: `{user_id}`, `{cart_id}`, `{product_id}`, `{quantity}`. Other braces are text.
    pub(crate) fn parse(template: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = template;
        loop {
            let next = SLOTS
                .iter()
                .filter_map(|(name, slot)| rest.find(name).map(|at| (at, name.len(), *slot)))
                .min_by_key(|(at, ..)| *at);
            let Some((at, length, slot)) = next else {
                break;
            };
            if at > 0 {
                pieces.push(Piece::Text(rest[..at].to_owned()));
            }
            pieces.push(Piece::Slot(slot));
            rest = &rest[at + length..];
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Self(pieces)
    }

    fn pieces<'a>(&'a self, values: &'a Values) -> impl Iterator<Item = &'a str> {
        self.0.iter().map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            Piece::Slot(slot) => slot.of(values),
        })
    }

    /// The text with its slots filled.
    pub(crate) fn fill(&self, values: &Values) -> String {
        self.pieces(values).collect()
    }

    fn len(&self, values: &Values) -> usize {
        self.pieces(values).map(str::len).sum()
    }

    fn write(&self, out: &mut Vec<u8>, values: &Values) {
        for piece in self.pieces(values) {
            out.extend_from_slice(piece.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Values {
        Values {
            user_id: "user-0042".into(),
            cart_id: "cart-1".into(),
            product_id: "prod-17".into(),
            quantity: "2".into(),
        }
    }

    #[test]
    fn slots_are_filled_and_other_braces_stay() {
        let table = [
            (r#"{"user_id":"{user_id}","n":{quantity}}"#, r#"{"user_id":"user-0042","n":2}"#),
            (
                r#"{"items":[{"id":"{product_id}"}],"cart":"{cart_id}"}"#,
                r#"{"items":[{"id":"prod-17"}],"cart":"cart-1"}"#,
            ),
            ("{}", "{}"),
            ("", ""),
        ];
        for (template, expected) in table {
            let mut out = Vec::new();
            let body = Template::parse(template);
            body.write(&mut out, &values());
            assert_eq!(String::from_utf8_lossy(&out), expected);
            assert_eq!(body.fill(&values()), expected);
            assert_eq!(body.len(&values()), expected.len());
        }
    }

    #[test]
    fn a_request_is_exactly_these_bytes() {
        let head = Head::new("POST", "/api/checkout", "127.0.0.1:8018");
        let mut headers = HeaderMap::new();
        headers.insert("baggage", http::HeaderValue::from_static("traffic.type=demo"));
        let body = Template::parse(r#"{"user_id":"{user_id}"}"#);
        let mut out = b"left over".to_vec();
        head.write(&mut out, &headers, Some("1-demo-7"), Some(&body), &values());
        let version = env!("CARGO_PKG_VERSION");
        let expected = format!(
            "POST /api/checkout HTTP/1.1\r\nhost: 127.0.0.1:8018\r\nuser-agent: doorbuster-load/{version}\r\n\
             accept: application/json\r\nbaggage: traffic.type=demo\r\nidempotency-key: 1-demo-7\r\n\
             content-type: application/json\r\ncontent-length: 23\r\n\r\n{{\"user_id\":\"user-0042\"}}"
        );
        assert_eq!(String::from_utf8_lossy(&out), expected);
        let head = Head::new("GET", "/products?user_id={user_id}", "127.0.0.1:8014");
        head.write(&mut out, &HeaderMap::new(), None, None, &values());
        assert!(out.starts_with(b"GET /products?user_id=user-0042 HTTP/1.1\r\nhost: 127.0.0.1:8014\r\n"));
        assert!(out.ends_with(b"accept: application/json\r\n\r\n"));
    }
}

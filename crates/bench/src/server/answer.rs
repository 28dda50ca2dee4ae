//! The one answer, made once.

use super::request::Closing;

/// A hundred bytes with ids at several depths, so that a journey has something to extract.
const BODY: &str =
    r#"{"status":"success","id":"prod-17","cart":{"id":"cart-1"},"items":[{"id":"prod-17","price":19.99}]}"#;

/// The answer in its three endings.
#[derive(Debug)]
pub(super) struct Answers {
    stays_open: Vec<u8>,
    stays_open_as_asked: Vec<u8>,
    closes: Vec<u8>,
}

impl Answers {
    pub(super) fn new() -> Self {
        let with = |connection: &str| {
            let length = BODY.len();
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{connection}\r\n{BODY}")
                .into_bytes()
        };
        Self {
            stays_open: with(""),
            stays_open_as_asked: with("connection: keep-alive\r\n"),
            closes: with("connection: close\r\n"),
        }
    }

    pub(super) fn to(&self, closing: Closing) -> &[u8] {
        match closing {
            Closing::StaysOpen => &self.stays_open,
            Closing::StaysOpenAsAsked => &self.stays_open_as_asked,
            Closing::Closes => &self.closes,
        }
    }
}

/// What is said to bytes that are no request.
pub(super) fn refusal(status: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_json_and_its_length_is_said() {
        let body: serde_json::Value = serde_json::from_str(BODY).expect("JSON");
        assert_eq!(body.pointer("/cart/id"), Some(&"cart-1".into()));
        let answer = String::from_utf8(Answers::new().to(Closing::StaysOpen).to_vec()).expect("text");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.contains(&format!("content-length: {}", body.len())), "{head}");
    }
}

//! Requests as bytes: what is the same for all visits is formatted once, the rest is written in place.

use scenario::{Piece, SlotForm, Template};

use super::values::{Kind, Values};

/// Text with numbered slots.
#[derive(Debug, Clone, Default)]
pub(crate) struct Text(Vec<Chunk>);

#[derive(Debug, Clone)]
enum Chunk {
    Bytes(Box<[u8]>),
    Slot { number: usize, form: SlotForm },
}

impl Text {
    /// Adds text that never changes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        if let Some(Chunk::Bytes(last)) = self.0.last_mut() {
            *last = [&**last, bytes].concat().into();
        } else if !bytes.is_empty() {
            self.0.push(Chunk::Bytes(bytes.into()));
        }
    }

    /// Adds a template; `number` says which value a slot's name means.
    pub(crate) fn push_template<E>(
        &mut self,
        template: &Template,
        mut number: impl FnMut(&str) -> Result<usize, E>,
    ) -> Result<(), E> {
        for piece in &template.0 {
            match piece {
                Piece::Text(text) => self.push(text.as_bytes()),
                Piece::Slot(slot) => self.0.push(Chunk::Slot { number: number(&slot.name)?, form: slot.form }),
            }
        }
        Ok(())
    }

    /// Adds a slot in a header for value `number`.
    pub(crate) fn push_number(&mut self, number: usize) {
        self.0.push(Chunk::Slot { number, form: SlotForm::Header });
    }

    /// Adds the text with its slots filled to the end of `out`.
    #[inline]
    pub(crate) fn write(&self, out: &mut Vec<u8>, values: &Values) {
        for chunk in &self.0 {
            match chunk {
                Chunk::Bytes(bytes) => out.extend_from_slice(bytes),
                Chunk::Slot { number, form } => write_value(out, values.get(*number), *form),
            }
        }
    }

    /// The text with its slots filled.
    pub(crate) fn fill(&self, values: &Values) -> String {
        let mut out = Vec::new();
        self.write(&mut out, values);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// Its length if that is the same for all visits.
    fn fixed_len(&self) -> Option<usize> {
        self.0.iter().map(|chunk| if let Chunk::Bytes(bytes) = chunk { Some(bytes.len()) } else { None }).sum()
    }
}

fn write_value(out: &mut Vec<u8>, (text, kind): (&str, Kind), form: SlotForm) {
    match (form, kind) {
        (SlotForm::Plain, _)
        | (SlotForm::Header | SlotForm::Url | SlotForm::JsonText, Kind::Plain)
        | (SlotForm::Header | SlotForm::JsonText | SlotForm::JsonValue, Kind::Bare) => {
            out.extend_from_slice(text.as_bytes());
        }
        (SlotForm::Header, Kind::Text) => {
            out.extend(text.bytes().filter(|byte| *byte == b'\t' || (b' '..=b'~').contains(byte)));
        }
        (SlotForm::Url, Kind::Bare | Kind::Text) => {
            out.extend(percent_encoding::utf8_percent_encode(text, RESERVED).flat_map(str::bytes));
        }
        (SlotForm::JsonValue, Kind::Plain) => {
            out.push(b'"');
            out.extend_from_slice(text.as_bytes());
            out.push(b'"');
        }
        (SlotForm::JsonValue, Kind::Text) => write_json(out, text),
        (SlotForm::JsonText, Kind::Text) => {
            let from = out.len();
            write_json(out, text);
            out.remove(from);
            out.pop();
        }
    }
}

/// All but the unreserved characters of RFC 3986.
const RESERVED: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `text` in quotes, escaped.
fn write_json(out: &mut Vec<u8>, text: &str) {
    // A string always serializes, and a vector takes everything.
    let _ = serde_json::to_writer(out, text);
}

/// Who the request belongs to, for `traceparent`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct TraceIds {
    /// Never 0.
    pub(crate) trace: u128,
    /// Never 0.
    pub(crate) span: u64,
    /// Whether receivers should record their spans.
    pub(crate) is_sampled: bool,
}

/// Room for most requests.
const USUAL_LENGTH: usize = 512;

/// A whole request with slots.
#[derive(Debug, Clone, Default)]
pub(crate) struct Message {
    /// The request line and all headers but those of the visit and those that follow here, each with its line's end.
    pub(crate) head: Text,
    /// Whether `traceparent` is sent.
    pub(crate) has_traceparent: bool,
    pub(crate) body: Option<Text>,
}

impl Message {
    /// Writes the request into `out`, which is emptied first; `spare` is room to work in. A request without a body has no
    /// length.
    pub(crate) fn write(&self, out: &mut Vec<u8>, spare: &mut Vec<u8>, values: &Values, trace: TraceIds) {
        out.clear();
        out.reserve(USUAL_LENGTH);
        self.head.write(out, values);
        out.extend_from_slice(&values.context);
        if self.has_traceparent {
            write_traceparent(out, trace);
        }
        let Some(body) = &self.body else {
            out.extend_from_slice(b"\r\n");
            return;
        };
        out.extend_from_slice(b"content-length: ");
        let mut digits = itoa::Buffer::new();
        match body.fixed_len() {
            Some(length) => {
                out.extend_from_slice(digits.format(length).as_bytes());
                out.extend_from_slice(b"\r\n\r\n");
                body.write(out, values);
            }
            None => {
                spare.clear();
                body.write(spare, values);
                out.extend_from_slice(digits.format(spare.len()).as_bytes());
                out.extend_from_slice(b"\r\n\r\n");
                out.extend_from_slice(spare);
            }
        }
    }
}

/// Before the length, which is the last line of a head that [`Message::write`] wrote.
const LENGTH: &[u8] = b"\r\ncontent-length: ";

/// Where the length of a request's body stands, and where the body begins; `None` for one without.
fn length_and_body(request: &[u8]) -> Option<(usize, usize)> {
    let end = memchr::memmem::find(request, b"\r\n\r\n")?;
    let line = memchr::memrchr(b'\r', &request[..end])?;
    request[line..].starts_with(LENGTH).then_some((line + LENGTH.len(), end + 4))
}

/// The body of a request that [`Message::write`] wrote; `None` for one that says nothing of a body.
pub(crate) fn body_of(request: &[u8]) -> Option<&[u8]> {
    length_and_body(request).map(|(_, body)| &request[body..])
}

/// Puts `body` in the place of the request's own, and its length in the head.
pub(crate) fn replace_body(request: &mut Vec<u8>, body: &[u8]) {
    let Some((length, _)) = length_and_body(request) else {
        return;
    };
    request.truncate(length);
    request.extend_from_slice(itoa::Buffer::new().format(body.len()).as_bytes());
    request.extend_from_slice(b"\r\n\r\n");
    request.extend_from_slice(body);
}

fn write_traceparent(out: &mut Vec<u8>, trace: TraceIds) {
    let mut line = *b"traceparent: 00-00000000000000000000000000000000-0000000000000000-00\r\n";
    write_hex(&mut line[16..48], &trace.trace.to_be_bytes());
    write_hex(&mut line[49..65], &trace.span.to_be_bytes());
    line[67] = if trace.is_sampled { b'1' } else { b'0' };
    out.extend_from_slice(&line);
}

/// Two digits for each byte.
fn write_hex(room: &mut [u8], bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (pair, byte) in room.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scenario::Slot;

    fn text(pieces: &[Result<&str, (usize, SlotForm)>]) -> Text {
        let mut text = Text::default();
        for piece in pieces {
            match piece {
                Ok(fixed) => text.push(fixed.as_bytes()),
                Err((number, form)) => {
                    let slot = Slot { name: number.to_string(), form: *form };
                    let template = Template(vec![Piece::Slot(slot)]);
                    text.push_template(&template, |name| name.parse::<usize>()).unwrap();
                }
            }
        }
        text
    }

    fn values() -> Values {
        let mut values = Values::default();
        values.clear(3);
        values.set(0, Kind::Plain, |text| text.push_str("user-0042"));
        values.set(1, Kind::Bare, |text| text.push_str("1e+3"));
        values.set(2, Kind::Text, |text| text.push_str("a \"b\"/\u{e9}\r\nx: y"));
        values
    }

    #[test]
    fn a_value_is_written_as_its_place_demands() {
        use SlotForm::{Header, JsonText, JsonValue, Plain, Url};
        let table = [
            (0, Plain, "user-0042"),
            (0, Header, "user-0042"),
            (0, Url, "user-0042"),
            (0, JsonText, "user-0042"),
            (0, JsonValue, "\"user-0042\""),
            (1, Url, "1e%2B3"),
            (1, JsonText, "1e+3"),
            (1, JsonValue, "1e+3"),
            (2, Header, "a \"b\"/x: y"),
            (2, Url, "a%20%22b%22%2F%C3%A9%0D%0Ax%3A%20y"),
            (2, JsonText, "a \\\"b\\\"/\u{e9}\\r\\nx: y"),
            (2, JsonValue, "\"a \\\"b\\\"/\u{e9}\\r\\nx: y\""),
        ];
        for (number, form, expected) in table {
            let text = text(&[Ok("<"), Err((number, form)), Ok(">")]);
            assert_eq!(text.fill(&values()), format!("<{expected}>"), "{number} {form:?}");
        }
    }

    #[test]
    fn a_request_is_exactly_these_bytes() {
        let trace = TraceIds { trace: 0xabc, span: 0xdef, is_sampled: true };
        let (mut out, mut spare) = (b"left over".to_vec(), b"too".to_vec());
        let head = text(&[Ok("POST /u/"), Err((0, SlotForm::Url)), Ok(" HTTP/1.1\r\nhost: h\r\n")]);
        let body = text(&[Ok("{\"n\":"), Err((2, SlotForm::JsonValue)), Ok("}")]);
        let message = Message { head: head.clone(), has_traceparent: true, body: Some(body) };
        let mut of_visit = values();
        of_visit.context = b"baggage: a=b\r\n".to_vec();
        message.write(&mut out, &mut spare, &of_visit, trace);
        assert_eq!(
            String::from_utf8_lossy(&out),
            "POST /u/user-0042 HTTP/1.1\r\nhost: h\r\nbaggage: a=b\r\n\
             traceparent: 00-00000000000000000000000000000abc-0000000000000def-01\r\n\
             content-length: 26\r\n\r\n{\"n\":\"a \\\"b\\\"/\u{e9}\\r\\nx: y\"}"
        );
        let message = Message { head: head.clone(), has_traceparent: false, body: Some(text(&[Ok("12345")])) };
        message.write(&mut out, &mut spare, &values(), trace);
        assert!(out.ends_with(b"host: h\r\ncontent-length: 5\r\n\r\n12345"));
        let message = Message { head, has_traceparent: false, body: None };
        message.write(&mut out, &mut spare, &values(), trace);
        assert!(out.ends_with(b"host: h\r\n\r\n"));
    }
}

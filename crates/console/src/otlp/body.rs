//! The body of an HTTP request as one message: read within a time, unpacked within a size.

use std::io::Read;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http_body_util::BodyExt;
use tokio::time::timeout;

use crate::otlp::refused::Refused;
use crate::otlp::{LARGEST_MESSAGE, MESSAGE_WITHIN};

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Identity,
    Gzip,
    Deflate,
    Zstd,
}

impl Coding {
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Refused> {
        let Some(given) = headers.get(CONTENT_ENCODING) else { return Ok(Self::Identity) };
        let word = String::from_utf8_lossy(given.as_bytes()).trim().to_ascii_lowercase();
        match word.as_str() {
            "" | "identity" | "none" => Ok(Self::Identity),
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            "deflate" => Ok(Self::Deflate),
            "zstd" => Ok(Self::Zstd),
            _ => Err(Refused::ContentEncoding(word)),
        }
    }

    /// What was packed.
    pub(crate) fn unpack(self, packed: Bytes) -> Result<Bytes, Refused> {
        match self {
            Self::Identity => Ok(packed),
            Self::Gzip => bounded(MultiGzDecoder::new(&packed[..]), packed.len()),
            Self::Deflate => bounded(ZlibDecoder::new(&packed[..]), packed.len()),
            Self::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(&packed[..]).map_err(unreadable)?;
                decoder.window_log_max(LARGEST_MESSAGE.ilog2()).map_err(unreadable)?;
                bounded(decoder, packed.len())
            }
        }
    }
}

fn unreadable(error: std::io::Error) -> Refused {
    Refused::Unreadable(error.to_string())
}

fn bounded(decoder: impl Read, packed_bytes: usize) -> Result<Bytes, Refused> {
    /// Telemetry repeats itself: this is what batches of SDKs come to.
    const USUAL_RATIO: usize = 6;
    let mut unpacked = Vec::with_capacity(packed_bytes.saturating_mul(USUAL_RATIO).min(LARGEST_MESSAGE));
    decoder.take(LARGEST_MESSAGE as u64 + 1).read_to_end(&mut unpacked).map_err(unreadable)?;
    if unpacked.len() > LARGEST_MESSAGE {
        return Err(Refused::TooLarge);
    }
    Ok(unpacked.into())
}

/// All of a body.
pub(crate) async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Refused> {
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > LARGEST_MESSAGE) {
        return Err(Refused::TooLarge);
    }
    timeout(MESSAGE_WITHIN, whole(body, length)).await.unwrap_or(Err(Refused::TooSlow))
}

async fn whole(mut body: Body, length: Option<usize>) -> Result<Bytes, Refused> {
    let mut message = Bytes::new();
    let mut joined = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Refused::Unreadable(error.to_string()))?;
        let Ok(data) = frame.into_data() else { continue };
        if joined.is_empty() && message.is_empty() {
            // Small messages come in one piece: nothing to join.
            message = data;
            continue;
        }
        if joined.is_empty() {
            joined.reserve(length.unwrap_or(2 * message.len()).min(LARGEST_MESSAGE));
            joined.extend_from_slice(&message);
        }
        if joined.len() + data.len() > LARGEST_MESSAGE {
            return Err(Refused::TooLarge);
        }
        joined.extend_from_slice(&data);
    }
    Ok(if joined.is_empty() { message } else { joined.freeze() })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn packed(coding: Coding, bytes: &[u8]) -> Bytes {
        match coding {
            Coding::Identity => bytes.to_vec(),
            Coding::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                encoder.write_all(bytes).expect("memory");
                encoder.finish().expect("memory")
            }
            Coding::Deflate => {
                let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
                encoder.write_all(bytes).expect("memory");
                encoder.finish().expect("memory")
            }
            Coding::Zstd => zstd::encode_all(bytes, 1).expect("memory"),
        }
        .into()
    }

    const ALL: [Coding; 4] = [Coding::Identity, Coding::Gzip, Coding::Deflate, Coding::Zstd];

    #[test]
    fn what_was_packed_comes_out_as_it_was() {
        let text = b"telemetry repeats itself ".repeat(1000);
        for coding in ALL {
            for bytes in [&text[..], &[]] {
                assert_eq!(coding.unpack(packed(coding, bytes)).expect("it is sound"), bytes, "{coding:?}");
            }
        }
    }

    #[test]
    fn what_unpacks_to_too_much_is_too_large_and_what_is_broken_unreadable() {
        let large = vec![b'x'; LARGEST_MESSAGE + 1];
        for coding in [Coding::Gzip, Coding::Deflate, Coding::Zstd] {
            let bomb = packed(coding, &large);
            assert!(bomb.len() < LARGEST_MESSAGE / 20, "{coding:?}");
            assert!(matches!(coding.unpack(bomb.clone()), Err(Refused::TooLarge)), "{coding:?}");
            let broken = bomb.slice(..bomb.len() / 2);
            assert!(matches!(coding.unpack(broken), Err(Refused::Unreadable(_))), "{coding:?}");
            assert!(matches!(coding.unpack(Bytes::from_static(b"nothing")), Err(Refused::Unreadable(_))), "{coding:?}");
        }
    }

    #[test]
    fn an_unknown_coding_is_named_with_those_that_are_known() {
        let of = |word: &str| Coding::of(&HeaderMap::from_iter([(CONTENT_ENCODING, word.parse().expect("a value"))]));
        assert_eq!(of("GZIP ").expect("known"), Coding::Gzip);
        assert_eq!(Coding::of(&HeaderMap::new()).expect("none is fine"), Coding::Identity);
        for word in ["br", "gzip, gzip"] {
            let said = of(word).expect_err("unknown").to_string();
            assert!(said.contains(word) && said.contains("zstd"), "{said}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_in_is_given_up_at_its_deadline_however_often_something_comes() {
        let drops = futures_util::stream::unfold((), async |()| {
            tokio::time::sleep(MESSAGE_WITHIN / 4).await;
            Some((Ok::<_, std::io::Error>(Bytes::from_static(b"x")), ()))
        });
        let started = tokio::time::Instant::now();
        let read = read(&HeaderMap::new(), Body::from_stream(drops)).await;
        assert!(matches!(read, Err(Refused::TooSlow)), "{read:?}");
        assert_eq!(started.elapsed(), MESSAGE_WITHIN);
    }

    #[tokio::test]
    async fn a_body_that_is_too_long_is_not_read_to_its_end() {
        let endless = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from(vec![0; 1 << 20])));
        assert!(matches!(read(&HeaderMap::new(), Body::from_stream(endless)).await, Err(Refused::TooLarge)));
        let announced = HeaderMap::from_iter([(CONTENT_LENGTH, (LARGEST_MESSAGE + 1).into())]);
        let pending = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
        assert!(matches!(read(&announced, Body::from_stream(pending)).await, Err(Refused::TooLarge)));
    }
}

//! Reading an answer of hyper's to its end, whichever protocol brought it.

use http::Response;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};

use super::reason;
use crate::client::answer::Malformed;
use crate::client::{Answer, Failure};

/// Longest body, in bytes, as the thin client has it.
const MAX_BODY_BYTES: u64 = 16 * 1024 * 1024;

/// Where the answer's body goes.
pub(super) struct Reply<'a> {
    /// Most bytes that are kept.
    pub(super) keep: usize,
    /// Emptied first.
    pub(super) body: &'a mut Vec<u8>,
}

impl Reply<'_> {
    /// Reads the whole body. Dropping the future gives the answer up.
    pub(super) async fn read(&mut self, response: Response<Incoming>) -> Result<Answer, Failure> {
        self.body.clear();
        let status = response.status().as_u16();
        if status < 200 {
            return Err(Malformed::Upgrade.into());
        }
        let mut incoming = response.into_body();
        let mut body_bytes = 0;
        loop {
            if body_bytes + incoming.size_hint().lower() > MAX_BODY_BYTES {
                return Err(Malformed::BodyTooLong.into());
            }
            let Some(frame) = incoming.frame().await else {
                return Ok(Answer { status, body_bytes, at: tokio::time::Instant::now() });
            };
            // What is no data are trailers, which say nothing that is measured.
            if let Some(data) = frame.map_err(|error| reason::of(&error))?.data_ref() {
                let room = self.keep.saturating_sub(self.body.len());
                self.body.extend_from_slice(&data[..data.len().min(room)]);
                body_bytes += data.len() as u64;
            }
        }
    }
}

/// Why an exchange has no answer.
#[derive(Debug)]
pub(super) struct Undone {
    pub(super) failure: Failure,
    /// The connection had carried an exchange before, and ended before anything came back: the server had most likely
    /// given it up before it saw the request.
    pub(super) is_stale: bool,
}

impl From<Failure> for Undone {
    fn from(failure: Failure) -> Self {
        Self { failure, is_stale: false }
    }
}

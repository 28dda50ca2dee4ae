//! What the server tells the suite: a line of JSON for each word on stdin.

use std::io::{self, Read as _, Write as _};

use serde::{Deserialize, Serialize};

/// What has been served so far.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Stats {
    /// When this was said, on the monotonic clock.
    pub(crate) now_ns: u64,
    /// Requests that came whole.
    pub(crate) requests: u64,
    /// Connections that came.
    pub(crate) connections: u64,
    /// Most requests that waited for their answer at once: only where answers are held.
    pub(crate) most_in_flight: u64,
    /// The server's own CPU time.
    pub(crate) cpu_ns: u64,
}

/// One stall as it was. Times are of the monotonic clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stall {
    pub(crate) from_ns: u64,
    pub(crate) until_ns: u64,
    /// When everything that had queued was answered.
    pub(crate) drained_ns: u64,
    /// How much that was.
    pub(crate) drained: u64,
}

/// When requests came, in their order.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Arrivals {
    pub(crate) at_ns: Vec<u64>,
    /// Requests that came after there was no more room for them.
    pub(crate) not_recorded: u64,
}

/// A word of the suite's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    Stats,
    Stalls,
    Arrivals,
}

impl Word {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Stats => "stats",
            Self::Stalls => "stalls",
            Self::Arrivals => "arrivals",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Stats, Self::Stalls, Self::Arrivals].into_iter().find(|word| word.as_str() == text)
    }
}

/// What has come on stdin.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    unread: Vec<u8>,
}

impl Inbox {
    /// The words that have come; `None` when nobody is there any more. Call it when stdin can be read: it waits otherwise.
    pub(super) fn words(&mut self) -> io::Result<Option<Vec<Word>>> {
        let mut bytes = [0; 256];
        let length = io::stdin().lock().read(&mut bytes)?;
        if length == 0 {
            return Ok(None);
        }
        self.unread.extend_from_slice(&bytes[..length]);
        let mut words = Vec::new();
        while let Some(end) = memchr::memchr(b'\n', &self.unread) {
            let line: Vec<u8> = self.unread.drain(..=end).collect();
            let text = String::from_utf8_lossy(&line);
            words.push(Word::parse(text.trim()).ok_or_else(|| {
                io::Error::new(
                    io::ErrorKind::InvalidInput,
                    format!("'{}' is none of stats, stalls, arrivals", text.trim()),
                )
            })?);
        }
        Ok(Some(words))
    }
}

/// Answers a word.
pub(super) fn tell(what: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(what)?;
    line.push(b'\n');
    let mut out = io::stdout().lock();
    out.write_all(&line)?;
    out.flush()
}

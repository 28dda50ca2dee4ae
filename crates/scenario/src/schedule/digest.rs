//! The fingerprint of a request sequence.

use sha2::{Digest, Sha256};

use super::Schedule;
use crate::Stream;

/// Bytes gathered before the hash sees them: hashing arrival by arrival costs more than the hash.
const CHUNK: usize = 16 * 1024;

/// Over the names of streams and journeys, then of each arrival of `schedule`: due microseconds, positions of stream and
/// journey, user, product. Integers are little-endian, names end with a zero byte.
pub(super) fn of(streams: &[Stream], schedule: Schedule) -> String {
    let mut hash = Sha256::new();
    let mut chunk = Vec::with_capacity(CHUNK + 256);
    for stream in streams {
        for name in std::iter::once(&stream.name).chain(stream.journeys.keys()) {
            chunk.extend_from_slice(name.as_bytes());
            chunk.push(0);
        }
        chunk.push(0);
    }
    for arrival in schedule {
        chunk.extend_from_slice(&(arrival.due.as_micros() as u64).to_le_bytes());
        chunk.extend_from_slice(&(arrival.stream as u16).to_le_bytes());
        chunk.extend_from_slice(&(arrival.journey as u16).to_le_bytes());
        chunk.extend_from_slice(&arrival.user.to_le_bytes());
        chunk.extend_from_slice(&arrival.product.to_le_bytes());
        if chunk.len() >= CHUNK {
            hash.update(&chunk);
            chunk.clear();
        }
    }
    hash.update(&chunk);
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

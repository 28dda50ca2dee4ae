//! Varints to write, and the zigzag code of signed numbers.

/// Appends a varint.
#[inline]
pub(crate) fn put_varint(buffer: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        buffer.push((value as u8) | 0x80);
        value >>= 7;
    }
    buffer.push(value as u8);
}

/// Small numbers of either sign as small numbers.
#[inline]
pub(crate) fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

/// What [`zigzag`] coded.
#[inline]
pub(crate) fn unzigzag(coded: u64) -> i64 {
    (coded >> 1).cast_signed() ^ -((coded & 1).cast_signed())
}

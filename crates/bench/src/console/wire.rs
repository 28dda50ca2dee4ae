//! Protobuf written by hand, so that it is known where in a message each byte came to lie.

/// A varint.
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A field of bytes: text or a message.
pub(crate) fn put_bytes(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    put_varint(out, u64::from(number << 3 | 2));
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// A whole number.
pub(crate) fn put_number(out: &mut Vec<u8>, number: u32, value: u64) {
    put_varint(out, u64::from(number << 3));
    put_varint(out, value);
}

/// A number of 64 bits that always takes eight bytes.
pub(crate) fn put_fixed64(out: &mut Vec<u8>, number: u32, value: u64) {
    put_varint(out, u64::from(number << 3 | 1));
    out.extend_from_slice(&value.to_le_bytes());
}

/// The value of an attribute.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Text(String),
    Whole(i64),
    Fraction(f64),
}

/// A `KeyValue` as field `number`.
pub(crate) fn put_attribute(out: &mut Vec<u8>, number: u32, key: &str, value: &Value) {
    let mut any = Vec::with_capacity(32);
    match value {
        Value::Text(text) => put_bytes(&mut any, 1, text.as_bytes()),
        Value::Whole(whole) => put_number(&mut any, 3, whole.cast_unsigned()),
        Value::Fraction(fraction) => put_fixed64(&mut any, 4, fraction.to_bits()),
    }
    let mut entry = Vec::with_capacity(64);
    put_bytes(&mut entry, 1, key.as_bytes());
    put_bytes(&mut entry, 2, &any);
    put_bytes(out, number, &entry);
}

//! One value of JSON as one value of protobuf.

use base64::Engine;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};
use prost::encoding::encode_varint;
use serde::de::Unexpected;

use crate::otlp::json_fields::Kind;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, LENIENT);

/// Writes a boolean, a number or a text as `kind` has it; `None` if it cannot be that.
pub(crate) fn put(kind: Kind, given: Unexpected<'_>, out: &mut Vec<u8>) -> Option<()> {
    match kind {
        Kind::Bool => match given {
            Unexpected::Bool(is) => out.push(u8::from(is)),
            _ => return None,
        },
        Kind::Text => put_bytes(text(given)?.as_bytes(), out),
        Kind::Hex => put_bytes(&unhex(text(given)?)?, out),
        Kind::Bytes => put_bytes(&unbase64(text(given)?)?, out),
        Kind::Double => out.extend_from_slice(&fraction(given)?.to_le_bytes()),
        Kind::Fixed64 => out.extend_from_slice(&u64::try_from(whole(given)?).ok()?.to_le_bytes()),
        Kind::SignedFixed64 => out.extend_from_slice(&i64::try_from(whole(given)?).ok()?.to_le_bytes()),
        Kind::Fixed32 => out.extend_from_slice(&u32::try_from(whole(given)?).ok()?.to_le_bytes()),
        Kind::Unsigned64 => encode_varint(u64::try_from(whole(given)?).ok()?, out),
        Kind::Unsigned32 => encode_varint(u32::try_from(whole(given)?).ok()?.into(), out),
        Kind::Signed64 => encode_varint(i64::try_from(whole(given)?).ok()?.cast_unsigned(), out),
        Kind::Zigzag32 => {
            let number = i32::try_from(whole(given)?).ok()?;
            encode_varint(((number << 1) ^ (number >> 31)).cast_unsigned().into(), out);
        }
        Kind::Enum(named) => {
            let by_name = text(given).and_then(named);
            put_signed32(by_name.or_else(|| i32::try_from(whole(given)?).ok())?, out);
        }
        Kind::Message(_) => return None,
    }
    Some(())
}

fn text(given: Unexpected<'_>) -> Option<&str> {
    match given {
        Unexpected::Str(text) => Some(text),
        _ => None,
    }
}

/// A whole number, also as text or with an exponent.
fn whole(given: Unexpected<'_>) -> Option<i128> {
    let of_fraction = |number: f64| (number.fract() == 0.0 && number.abs() < 2f64.powi(64)).then_some(number as i128);
    match given {
        Unexpected::Unsigned(number) => Some(number.into()),
        Unexpected::Signed(number) => Some(number.into()),
        Unexpected::Float(number) => of_fraction(number),
        Unexpected::Str(text) => text.parse().ok().or_else(|| of_fraction(text.parse().ok()?)),
        _ => None,
    }
}

fn fraction(given: Unexpected<'_>) -> Option<f64> {
    match given {
        Unexpected::Unsigned(number) => Some(number as f64),
        Unexpected::Signed(number) => Some(number as f64),
        Unexpected::Float(number) => Some(number),
        // Rust reads `NaN`, `Infinity` and `-Infinity` too.
        Unexpected::Str(text) => text.parse().ok(),
        _ => None,
    }
}

fn put_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    encode_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// Negative ones take ten bytes: protobuf has it so.
fn put_signed32(number: i32, out: &mut Vec<u8>) {
    encode_varint(i64::from(number).cast_unsigned(), out);
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let nibble = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(nibble(*high)? << 4 | nibble(*low)?)).collect()
}

fn unbase64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).or_else(|_| BASE64_URL.decode(text)).ok()
}

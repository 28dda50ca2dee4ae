//! The key by which a repeated request is known: header `Idempotency-Key`, or field `idempotency_key`.

use chassis::input::{Field, Fields, Raw};
use http::HeaderMap;

use crate::domain::IdempotencyKey;

/// Reads the key; the header wins. The outer `None` means that a mistake was noted.
pub(crate) fn idempotency_key(headers: &HeaderMap, fields: &mut Fields) -> Option<Option<IdempotencyKey>> {
    let Some(header) = headers.get("idempotency-key") else {
        return fields.optional("idempotency_key");
    };
    match IdempotencyKey::read(Raw::Text(header.to_str().unwrap_or(""))) {
        Ok(key) => Some(Some(key)),
        Err(why) => {
            fields.note("Idempotency-Key", &why);
            None
        }
    }
}

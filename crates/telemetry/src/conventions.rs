//! Which generation of attribute names is written: `OTEL_SEMCONV_STABILITY_OPT_IN`.
//!
//! The stable names are always written. The names they replaced are written beside them by default, and left out for
//! the areas that the variable names (`http`, `database`; `http/dup` and `database/dup` keep both).

use crate::attr;
use opentelemetry::{KeyValue, Value};
use std::sync::{Arc, OnceLock};

static CURRENT: OnceLock<Conventions> = OnceLock::new();

/// Whether the replaced attribute names are written beside the stable ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conventions {
    /// `http.method`, `http.status_code`, and on HTTP spans `net.peer.*`, `peer.service`.
    pub old_http: bool,
    /// `db.system`, `db.statement`, ..., and on database spans `net.peer.*`, `peer.service`.
    pub old_database: bool,
}

impl Default for Conventions {
    fn default() -> Self {
        Self { old_http: true, old_database: true }
    }
}

impl Conventions {
    /// Reads the value of `OTEL_SEMCONV_STABILITY_OPT_IN`: a comma-separated list. Unknown members are ignored, as
    /// the conventions demand: the list is shared by instrumentations of every kind.
    pub fn parse(opt_in: &str) -> Self {
        let named = |area: &str| opt_in.split(',').any(|member| member.trim() == area);
        Self {
            old_http: !named("http") || named("http/dup"),
            old_database: !named("database") || named("database/dup"),
        }
    }

    /// The choice that [`crate::init`] made for this process; both generations before that.
    pub fn current() -> Self {
        CURRENT.get().copied().unwrap_or_default()
    }

    pub(crate) fn install(self) {
        // A second call keeps the first choice: names must not change while a process runs.
        let _ = CURRENT.set(self);
    }
}

/// A string that is cheap to clone: it stands on every span to the same peer.
pub(crate) fn shared(text: String) -> Value {
    Value::String(Arc::<str>::from(text).into())
}

/// Where an outgoing call goes, in the words of the conventions.
pub(crate) fn server_attributes(attributes: &mut Vec<KeyValue>, service: &Value, host: &Value, port: u16, old: bool) {
    attributes.push(KeyValue::new(attr::common::SERVER_ADDRESS, host.clone()));
    attributes.push(KeyValue::new(attr::common::SERVER_PORT, i64::from(port)));
    attributes.push(KeyValue::new(attr::common::SERVICE_PEER_NAME, service.clone()));
    if old {
        attributes.push(KeyValue::new(attr::old::NET_PEER_NAME, host.clone()));
        attributes.push(KeyValue::new(attr::old::NET_PEER_PORT, i64::from(port)));
        attributes.push(KeyValue::new(attr::old::PEER_SERVICE, service.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_opt_in_turns_the_old_names_of_an_area_off() {
        for (opt_in, old_http, old_database) in [
            ("", true, true),
            ("http", false, true),
            ("database", true, false),
            ("http,database", false, false),
            (" http , database ", false, false),
            ("http/dup", true, true),
            ("http,http/dup,database", true, false),
            ("gen_ai_latest_experimental", true, true),
        ] {
            let expected = Conventions { old_http, old_database };
            assert_eq!(Conventions::parse(opt_in), expected, "{opt_in:?}");
        }
    }
}

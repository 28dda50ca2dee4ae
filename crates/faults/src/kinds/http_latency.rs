//! `http_latency`: a service answers late, as behind a slow network or a busy proxy.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::FaultError;
use crate::admin::AdminUndo;
use crate::arguments::Arguments;
use crate::attempt::Attempt;
use crate::kind::{Kind, Moment};

use super::filter::{self, Filter};

/// Delays a share of a service's requests.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HttpLatency {
    /// The service.
    service: String,
    /// What is added to each, in milliseconds.
    delay_ms: Delay,
    /// Where they are delayed; before the service sees them unless given.
    #[serde(default)]
    at: Option<Place>,
    /// The share of requests, over 0 and at most 1.
    #[serde(default = "filter::everything")]
    #[schemars(range(max = 1), extend("exclusiveMinimum" = 0))]
    share: f64,
    /// Only requests whose path begins like this.
    #[serde(default)]
    path: Option<String>,
    /// Only requests whose baggage has this `traffic.type`: those of the stream of this name.
    #[serde(default)]
    traffic_type: Option<String>,
}

/// How long.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Delay {
    /// Always the same.
    Exactly(#[schemars(range(min = 1, max = 60_000))] u32),
    /// Drawn evenly from the first to the second.
    Between(#[schemars(inner(range(min = 1, max = 60_000)))] [u32; 2]),
}

/// Where in the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Place {
    /// Before the service sees the request.
    Entry,
    /// Where it waits for what it calls itself.
    Upstream,
}

impl fmt::Display for Delay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(ms) => write!(f, "{ms} ms"),
            Self::Between([least, most]) => write!(f, "{least} to {most} ms"),
        }
    }
}

impl HttpLatency {
    /// What becomes of the requests, as the service is told; what was not given is not said.
    fn order(&self) -> Value {
        let mut order = json!({"kind": "latency", "delay_ms": self.delay_ms});
        if let Some(at) = self.at {
            order["at"] = json!(at);
        }
        if let Some(traffic_type) = &self.traffic_type {
            order["traffic_type"] = json!(traffic_type);
        }
        order
    }

    fn filter(&self) -> Filter<'_> {
        Filter { service: &self.service, share: self.share, path: self.path.as_deref() }
    }
}

impl Kind for HttpLatency {
    const NAME: &'static str = "http_latency";
    const SUMMARY: &'static str = "delays a share of a service's requests";
    type Undo = AdminUndo;

    fn example() -> Value {
        json!({"service": "payment-service", "delay_ms": 800, "share": 0.5})
    }

    fn check(arguments: &mut Arguments<'_>) {
        filter::check(arguments);
        arguments.whole_or_between("delay_ms", 1..=60_000);
        arguments.optional_one_of("at", &["entry", "upstream"]);
        arguments.optional_word("traffic_type");
    }

    async fn capture(&self, moment: &Moment<'_>, attempt: &Attempt<'_>) -> Result<AdminUndo, FaultError> {
        self.filter().capture(moment, attempt)
    }

    async fn act(&self, moment: &Moment<'_>, undo: &AdminUndo, attempt: &Attempt<'_>) -> Result<String, FaultError> {
        self.filter().put(self.order(), moment, undo, attempt).await?;
        let of = self.traffic_type.as_ref().map(|stream| format!(" of {stream}")).unwrap_or_default();
        let place = if self.at == Some(Place::Upstream) { ", where it waits for what it calls" } else { "" };
        Ok(format!("{} delays {}{of} by {}{place}", self.service, self.filter().words(), self.delay_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_told_what_was_given_and_nothing_else() {
        let table = [
            (json!({"service": "s", "delay_ms": 700}), json!({"kind": "latency", "delay_ms": 700})),
            (
                json!({"service": "s", "delay_ms": [2000, 5000], "at": "upstream", "traffic_type": "demo", "path": "/a"}),
                json!({"kind": "latency", "delay_ms": [2000, 5000], "at": "upstream", "traffic_type": "demo"}),
            ),
            (
                json!({"service": "s", "delay_ms": 1, "at": "entry"}),
                json!({"kind": "latency", "delay_ms": 1, "at": "entry"}),
            ),
        ];
        for (args, order) in table {
            let latency: HttpLatency = serde_json::from_value(args).expect("right");
            assert_eq!(latency.order(), order);
        }
    }
}

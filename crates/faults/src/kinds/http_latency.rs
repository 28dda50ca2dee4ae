//! `http_latency`: a service answers late, as behind a slow network or a busy proxy.

use schemars::JsonSchema;
use serde::Deserialize;
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
    #[schemars(range(min = 1, max = 60_000))]
    delay_ms: u32,
    /// The share of requests, over 0 and at most 1.
    #[serde(default = "filter::everything")]
    #[schemars(range(max = 1), extend("exclusiveMinimum" = 0))]
    share: f64,
    /// Only requests whose path begins like this.
    #[serde(default)]
    path: Option<String>,
}

impl HttpLatency {
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
        arguments.whole("delay_ms", 1..=60_000);
    }

    async fn capture(&self, moment: &Moment<'_>, attempt: &Attempt<'_>) -> Result<AdminUndo, FaultError> {
        self.filter().capture(moment, attempt)
    }

    async fn act(&self, moment: &Moment<'_>, undo: &AdminUndo, attempt: &Attempt<'_>) -> Result<String, FaultError> {
        let what = json!({"kind": "latency", "delay_ms": self.delay_ms});
        self.filter().put(what, moment, undo, attempt).await?;
        Ok(format!("{} delays {} by {} ms", self.service, self.filter().words(), self.delay_ms))
    }
}

//! `http_error`: a service refuses requests, as one that is overloaded or misconfigured.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::FaultError;
use crate::admin::AdminUndo;
use crate::arguments::Arguments;
use crate::attempt::Attempt;
use crate::kind::{Kind, Moment};

use super::filter::{self, Filter};

/// Answers a share of a service's requests with an error.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HttpError {
    /// The service.
    service: String,
    /// The HTTP status of the answer.
    #[schemars(range(min = 400, max = 599))]
    status: u16,
    /// The share of requests, over 0 and at most 1.
    #[serde(default = "filter::everything")]
    #[schemars(range(max = 1), extend("exclusiveMinimum" = 0))]
    share: f64,
    /// Only requests whose path begins like this.
    #[serde(default)]
    path: Option<String>,
}

impl HttpError {
    fn filter(&self) -> Filter<'_> {
        Filter { service: &self.service, share: self.share, path: self.path.as_deref() }
    }
}

impl Kind for HttpError {
    const NAME: &'static str = "http_error";
    const SUMMARY: &'static str = "answers a share of a service's requests with an error";
    type Undo = AdminUndo;

    fn example() -> Value {
        json!({"service": "payment-service", "status": 503, "share": 0.2})
    }

    fn check(arguments: &mut Arguments<'_>) {
        filter::check(arguments);
        arguments.whole("status", 400..=599);
    }

    async fn capture(&self, moment: &Moment<'_>, attempt: &Attempt<'_>) -> Result<AdminUndo, FaultError> {
        self.filter().capture(moment, attempt)
    }

    async fn act(&self, moment: &Moment<'_>, undo: &AdminUndo, attempt: &Attempt<'_>) -> Result<String, FaultError> {
        let what = json!({"kind": "error", "status": self.status});
        self.filter().put(what, moment, undo, attempt).await?;
        Ok(format!("{} answers {} with {}", self.service, self.filter().words(), self.status))
    }
}

//! The recommendations feature: whether this request gets it, and what comes of asking.

use std::time::SystemTime;

use chassis::DemoMoment;
use chassis::Upstream;
use opentelemetry::baggage::BaggageExt;
use telemetry::{Context, events};

use super::Frontend;
use super::answers::RecommendationsAnswer;
use crate::domain::{Category, UserId};
use crate::peers::Failure;

/// The flag's name in `feature_flag.evaluation`.
const FLAG: &str = "recommendations";
/// `checkout.failure_reason` where a connection pool behind a service ran dry, whichever service it was.
pub(super) const POOL_EXHAUSTED: &str = "ConnectionPoolExhausted";

impl Frontend {
    /// Now on the scenario's time line; `None` off stage.
    pub(super) fn moment(&self) -> Option<DemoMoment> {
        self.clock.as_ref().map(|clock| clock.at(SystemTime::now()))
    }

    /// Whether checkout asks for recommendations, for the request whose context is current.
    pub(super) fn wants_recommendations(&self, moment: Option<&DemoMoment>) -> bool {
        let baggage =
            |key: &str| Context::map_current(|context| context.baggage().get(key).map(|v| v.as_str().to_owned()));
        let evaluation = self.flag.evaluate(baggage, moment);
        events::feature_flag(FLAG, if evaluation.is_on { "on" } else { "off" }, evaluation.reason);
        evaluation.is_on
    }

    /// Recommendations for a user who buys something of `category`.
    pub(super) async fn recommendations(
        &self,
        user: &UserId,
        category: Category,
    ) -> Result<RecommendationsAnswer, Failure> {
        let path = format!("/products/recommendations?category={}&user_id={user}", category.name());
        self.recommendations.get("/products/recommendations", &path).await
    }
}

/// Why recommendations failed, in the words of `checkout.failure_reason`.
pub(super) fn failure_reason(failure: &Failure) -> &'static str {
    match failure {
        failure if is_pool_exhausted(failure) => POOL_EXHAUSTED,
        Failure::Upstream { how: Upstream::TimedOut, .. } => "recommendations-timeout",
        Failure::Upstream { .. } | Failure::Refused { .. } => "recommendations-unavailable",
    }
}

/// Whether the service could not answer because no connection came free in its pool.
pub(super) fn is_pool_exhausted(failure: &Failure) -> bool {
    matches!(failure, Failure::Upstream { code: Some(code), .. } if code == "pool_exhausted")
}

//! What the kinds that filter a service's requests have in common.

use serde_json::{Value, json};

use crate::FaultError;
use crate::admin::{AdminUndo, Effect};
use crate::arguments::Arguments;
use crate::attempt::Attempt;
use crate::kind::Moment;

/// Which requests of which service.
pub(super) struct Filter<'a> {
    pub(super) service: &'a str,
    /// Over 0 and at most 1.
    pub(super) share: f64,
    /// The beginning of their path; all paths without it.
    pub(super) path: Option<&'a str>,
}

/// The share of requests that a filter takes unless it is told.
pub(super) fn everything() -> f64 {
    1.0
}

/// Asks for the arguments that say which requests.
pub(super) fn check(arguments: &mut Arguments<'_>) {
    arguments.service("service");
    arguments.optional_share("share");
    arguments.optional_path("path");
}

impl Filter<'_> {
    pub(super) fn capture(&self, moment: &Moment<'_>, attempt: &Attempt<'_>) -> Result<AdminUndo, FaultError> {
        let admin = attempt.admin(self.service)?;
        Ok(AdminUndo::new(&admin, Effect::Filter { id: moment.fault.to_owned() }))
    }

    /// Puts it in; `what` is what becomes of the requests, as the service's admin is told.
    pub(super) async fn put(
        &self,
        mut what: Value,
        moment: &Moment<'_>,
        undo: &AdminUndo,
        attempt: &Attempt<'_>,
    ) -> Result<(), FaultError> {
        what["share"] = json!(self.share);
        what["until_unix"] = json!(moment.dead_mans_switch_unix());
        if let Some(path) = self.path {
            what["path"] = json!(path);
        }
        undo.put(attempt, &what).await.map(|_| ())
    }

    /// Which requests, in words.
    pub(super) fn words(&self) -> String {
        let path = self.path.map(|path| format!(" to {path}")).unwrap_or_default();
        match self.share {
            share if share < 1.0 => format!("{} of requests{path}", percent(share)),
            _ => format!("all requests{path}"),
        }
    }
}

/// A share in words, to a tenth of a percent.
pub(super) fn percent(share: f64) -> String {
    format!("{} %", (share * 1000.0).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_named_by_share_and_path() {
        let words = |share, path| Filter { service: "cart", share, path }.words();
        assert_eq!(words(1.0, None), "all requests");
        assert_eq!(words(0.07, Some("/cart")), "7 % of requests to /cart");
        assert_eq!(words(0.125, None), "12.5 % of requests");
    }
}

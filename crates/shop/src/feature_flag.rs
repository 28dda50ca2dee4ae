//! The recommendations flag: it decides whether checkout asks for recommendations, and arrives as configuration.

use chassis::DemoMoment;

/// Who gets the recommendations feature at checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RecommendationsFlag {
    /// Nobody.
    Off,
    /// Everybody.
    On,
    /// Requests whose baggage says so.
    Targeting {
        /// Baggage key, such as `traffic.type`.
        key: String,
        /// The value that gets the feature.
        value: String,
    },
}

/// `FEATURE_RECOMMENDATIONS` is neither `on`, `off` nor a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("FEATURE_RECOMMENDATIONS is {0:?}; give `off`, `on` or a rule such as `traffic.type=demo`")]
pub(crate) struct FlagMistake(pub(crate) String);

/// What the flag says to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Evaluation {
    /// Whether checkout asks for recommendations.
    pub(crate) is_on: bool,
    /// Why, in the words of the feature-flag conventions: `static`, `targeting_match`, `default` or `disabled`.
    pub(crate) reason: &'static str,
}

impl RecommendationsFlag {
    /// From the value of `FEATURE_RECOMMENDATIONS`; absent and empty mean off.
    pub(crate) fn parse(text: Option<&str>) -> Result<Self, FlagMistake> {
        match text.map(str::trim) {
            None | Some("" | "off") => Ok(Self::Off),
            Some("on") => Ok(Self::On),
            Some(rule) => match rule.split_once('=') {
                Some((key, value)) if !key.trim().is_empty() && !value.trim().is_empty() => {
                    Ok(Self::Targeting { key: key.trim().to_owned(), value: value.trim().to_owned() })
                }
                _ => Err(FlagMistake(rule.to_owned())),
            },
        }
    }

    /// Evaluates the flag for a request whose baggage is read by `baggage`, at `moment`.
    ///
    /// On a stage (`moment` is there) the feature opens with minute 1; elsewhere the flag alone decides.
    pub(crate) fn evaluate(
        &self,
        baggage: impl FnOnce(&str) -> Option<String>,
        moment: Option<&DemoMoment>,
    ) -> Evaluation {
        if moment.is_some_and(|m| m.minute < 1.0) {
            return Evaluation { is_on: false, reason: "disabled" };
        }
        match self {
            Self::Off => Evaluation { is_on: false, reason: "static" },
            Self::On => Evaluation { is_on: true, reason: "static" },
            Self::Targeting { key, value } if baggage(key).as_deref() == Some(value) => {
                Evaluation { is_on: true, reason: "targeting_match" }
            }
            Self::Targeting { .. } => Evaluation { is_on: false, reason: "default" },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_targets_by_baggage_and_opens_with_minute_one() {
        let before = DemoMoment { minute: 0.99, phase: None };
        let after = DemoMoment { minute: 1.0, phase: None };
        let table = [
            ("off", Some("demo"), None, false, "static"),
            ("on", None, None, true, "static"),
            ("on", None, Some(&before), false, "disabled"),
            ("on", None, Some(&after), true, "static"),
            ("traffic.type=demo", Some("demo"), None, true, "targeting_match"),
            ("traffic.type=demo", Some("demo"), Some(&before), false, "disabled"),
            ("traffic.type=demo", Some("demo"), Some(&after), true, "targeting_match"),
            ("traffic.type=demo", Some("baseline"), Some(&after), false, "default"),
            ("traffic.type=demo", None, Some(&after), false, "default"),
        ];
        for (flag, traffic, moment, is_on, reason) in table {
            let flag = RecommendationsFlag::parse(Some(flag)).unwrap();
            let seen = flag.evaluate(|key| traffic.filter(|_| key == "traffic.type").map(str::to_owned), moment);
            assert_eq!(seen, Evaluation { is_on, reason }, "{flag:?} {traffic:?} {moment:?}");
        }
    }

    #[test]
    fn a_flag_that_is_no_rule_is_refused() {
        assert_eq!(RecommendationsFlag::parse(None), Ok(RecommendationsFlag::Off));
        for wrong in ["yes", "=demo", "traffic.type="] {
            assert_eq!(RecommendationsFlag::parse(Some(wrong)), Err(FlagMistake(wrong.to_owned())));
        }
    }
}

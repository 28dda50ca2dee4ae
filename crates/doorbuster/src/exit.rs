//! Exit codes: they are API. Scripts and pipelines rely on them.

use std::process::ExitCode;

/// How the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// PASS, or the command did what it was asked.
    Pass = 0,
    /// FAIL: an expectation was missed.
    Fail = 1,
    /// The command line or a file given on it is wrong. (clap uses the same number.)
    Usage = 2,
    /// Something is missing on this machine.
    Preflight = 3,
    /// INVALID: nothing can be said about the monitoring.
    Invalid = 4,
    /// Something broke.
    Broke = 5,
    /// Interrupted, and everything was put back.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// The user gave something that can't be used; the message says what and how to mend it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct UsageError(pub(crate) String);

/// What the user's command needs is not there; the message says what and how to get it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Missing(pub(crate) String);

/// The code for an error that ended a command.
pub(crate) fn of_error(error: &anyhow::Error) -> Exit {
    if error.is::<UsageError>() {
        return Exit::Usage;
    }
    if error.is::<Missing>() {
        return Exit::Preflight;
    }
    match error.downcast_ref::<shop::ServeError>() {
        Some(shop::ServeError::Config(_)) => return Exit::Usage,
        Some(shop::ServeError::Listen { .. }) => return Exit::Preflight,
        Some(shop::ServeError::Telemetry(_)) | None => {}
    }
    match error.downcast_ref::<stage::StageError>() {
        Some(stage::StageError::Preflight(_) | stage::StageError::NoStage | stage::StageError::Busy { .. }) => {
            Exit::Preflight
        }
        Some(stage::StageError::NotARun { .. } | stage::StageError::Story(_)) => Exit::Usage,
        _ => Exit::Broke,
    }
}

/// The code for a verdict.
pub(crate) fn of_verdict(outcome: scenario::Outcome) -> Exit {
    match outcome {
        scenario::Outcome::Pass => Exit::Pass,
        scenario::Outcome::Fail => Exit::Fail,
        scenario::Outcome::Invalid => Exit::Invalid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_was_told_nonsense_is_the_callers_mistake() {
        let mistakes = shop::ConfigError(vec![shop::ConfigMistake::new("DEMO_SPEED is \"x\"")]);
        assert_eq!(of_error(&shop::ServeError::from(mistakes).into()), Exit::Usage);
        let taken = shop::ServeError::Listen {
            service: "inbox",
            address: ([127, 0, 0, 1], 8000).into(),
            source: std::io::ErrorKind::AddrInUse.into(),
        };
        assert_eq!(of_error(&taken.into()), Exit::Preflight);
        assert_eq!(of_error(&anyhow::anyhow!("anything else")), Exit::Broke);
    }
}

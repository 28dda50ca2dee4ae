//! Configuration that all services share, and how mistakes in any of it are told.

use crate::demo_clock::{ClockMistake, DemoClock};

/// Looks a variable up.
pub type Vars<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// The environment can't be used as it is; every mistake is in it.
#[derive(Debug, thiserror::Error)]
#[error("the configuration has mistakes: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct ConfigError(pub Vec<ConfigMistake>);

/// A variable that can't be used, with what to write instead.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigMistake(String);

impl ConfigMistake {
    /// `said` names the variable, what it is, and what to give instead.
    pub fn new(said: impl ToString) -> Self {
        Self(said.to_string())
    }
}

/// What every service is told.
#[derive(Debug, Clone)]
pub struct Common {
    /// `DEMO_MODE`, `DEMO_START_TIMESTAMP`, `DEMO_SPEED`, `DEMO_PHASES`; `None` off a stage.
    pub clock: Option<DemoClock>,
    /// `DOORBUSTER_ADMIN_TOKEN`: what callers of the admin API have to show where others than this machine can reach it.
    pub admin_token: Option<String>,
}

impl Common {
    /// From variables that `var` looks up; what is wrong with them is added to `mistakes`.
    pub fn from_vars(var: &Vars<'_>, mistakes: &mut Vec<ConfigMistake>) -> Self {
        let [mode, timestamp, speed, phases] =
            ["DEMO_MODE", "DEMO_START_TIMESTAMP", "DEMO_SPEED", "DEMO_PHASES"].map(var);
        let clock = DemoClock::from_vars(mode.as_deref(), timestamp.as_deref(), speed.as_deref(), phases.as_deref());
        let clock = clock.unwrap_or_else(|wrong: Vec<ClockMistake>| {
            mistakes.extend(wrong.iter().map(ConfigMistake::new));
            None
        });
        Self { clock, admin_token: var("DOORBUSTER_ADMIN_TOKEN").filter(|token| !token.trim().is_empty()) }
    }
}

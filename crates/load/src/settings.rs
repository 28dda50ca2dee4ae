//! What the environment says, read once, with all mistakes at once.

use scenario::{Clock, Scenario};

use crate::catalogue::{self, CatalogueError};
use crate::services::PerService;
use crate::target::{Target, TargetError};

/// Where the frontend is unless told otherwise.
const FRONTEND_URL: &str = "http://127.0.0.1:8018";
/// Where the product catalogue is unless told otherwise.
const PRODUCT_CATALOG_URL: &str = "http://127.0.0.1:8014";
/// Where the inbox is unless told otherwise.
const INBOX_URL: &str = "http://127.0.0.1:8000";
/// Seed of a schedule unless told otherwise: the same every time, so that two starts can be compared.
const SEED: u64 = 1;

/// The environment can't be used as it is; all that is wrong with it.
#[derive(Debug, thiserror::Error)]
#[error("the configuration has mistakes: {}", .0.join("; "))]
pub struct SettingsError(pub Vec<String>);

/// What the environment says.
#[derive(Debug, Clone)]
pub struct Settings {
    pub(crate) targets: PerService<Target>,
    pub(crate) seed: u64,
    /// Without it a service that listens beyond loopback does not start.
    pub(crate) admin_token: Option<String>,
    pub(crate) run_id: Option<String>,
    /// The scenario of `DOORBUSTER_SCENARIO`, whether or not it starts by itself.
    pub(crate) scenario: Option<Scenario>,
    /// When `scenario` starts by itself.
    pub(crate) clock: Option<Clock>,
}

impl Settings {
    /// From this process's environment.
    ///
    /// # Errors
    /// Every variable that can't be used, and every mistake of the scenario file.
    pub fn from_env() -> Result<Self, SettingsError> {
        Self::from_vars(&|name| std::env::var(name).ok())
    }

    /// From variables that `var` looks up; an empty one counts as absent. Reads the scenario file.
    ///
    /// `FRONTEND_URL`, `PRODUCT_CATALOG_URL` and `INBOX_URL` are the targets, `DOORBUSTER_SCENARIO` (a file or a shipped name) with `DEMO_MODE`,
    /// `DEMO_START_TIMESTAMP` and `DEMO_SPEED` the run that starts by the clock, `DOORBUSTER_SEED` its seed,
    /// `DOORBUSTER_RUN_ID` its name in telemetry. `DEMO_MODE=blackfriday` alone names the scenario too.
    ///
    /// # Errors
    /// As [`Settings::from_env`].
    pub fn from_vars(var: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let var = |name: &str| var(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        let mut mistakes = Vec::new();
        let frontend = read_target("FRONTEND_URL", FRONTEND_URL, &var, &mut mistakes);
        let product_catalog = read_target("PRODUCT_CATALOG_URL", PRODUCT_CATALOG_URL, &var, &mut mistakes);
        let inbox = read_target("INBOX_URL", INBOX_URL, &var, &mut mistakes);
        let seed = var("DOORBUSTER_SEED").map_or(Ok(SEED), |text| {
            text.parse().map_err(|_| format!("DOORBUSTER_SEED is {text:?}: give a whole number from 0"))
        });
        let seed = seed.map_err(|mistake| mistakes.push(mistake)).unwrap_or(SEED);
        let [mode, timestamp, speed] = ["DEMO_MODE", "DEMO_START_TIMESTAMP", "DEMO_SPEED"].map(var);
        let clock = Clock::from_vars(mode.as_deref(), timestamp.as_deref(), speed.as_deref());
        let clock = clock.map_err(|error| mistakes.push(error.to_string())).unwrap_or(None);
        let scenario = match var("DOORBUSTER_SCENARIO") {
            Some(name) => catalogue::read(&name).map(Some),
            None => of_mode(mode.as_deref().filter(|_| clock.is_some())),
        };
        let scenario = scenario.map_err(|error| mistakes.push(error.to_string())).unwrap_or(None);
        match frontend.zip(product_catalog).zip(inbox) {
            Some(((frontend, product_catalog), inbox)) if mistakes.is_empty() => Ok(Self {
                targets: PerService { frontend, product_catalog, inbox },
                seed,
                admin_token: var("DOORBUSTER_ADMIN_TOKEN"),
                run_id: var("DOORBUSTER_RUN_ID"),
                scenario,
                clock,
            }),
            _ => Err(SettingsError(mistakes)),
        }
    }
}

fn read_target(
    name: &str,
    default: &str,
    var: &dyn Fn(&str) -> Option<String>,
    mistakes: &mut Vec<String>,
) -> Option<Target> {
    let url = var(name).unwrap_or_else(|| default.to_owned());
    let parsed: Result<Target, TargetError> = Target::parse(&url);
    parsed.map_err(|error| mistakes.push(format!("{name}: {error}"))).ok()
}

/// The scenario that `DEMO_MODE` names by itself. Other values only switch the mode on.
fn of_mode(mode: Option<&str>) -> Result<Option<Scenario>, CatalogueError> {
    let Some(mode) = mode else { return Ok(None) };
    match catalogue::Catalogue::default().find(mode) {
        Err(CatalogueError::Unknown { .. }) => Ok(None),
        found => found.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(vars: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let find = |name: &str| vars.iter().find(|(k, _)| *k == name).map(|(_, v)| (*v).to_owned());
        Settings::from_vars(&find)
    }

    #[test]
    fn an_empty_environment_starts_nothing_by_itself() {
        let settings = read(&[]).expect("defaults");
        assert_eq!(settings.targets.frontend.authority, "127.0.0.1:8018");
        assert_eq!(settings.targets.product_catalog.authority, "127.0.0.1:8014");
        assert_eq!((settings.seed, settings.clock), (1, None));
        assert!(settings.scenario.is_none() && settings.admin_token.is_none());
    }

    #[test]
    fn the_mode_alone_names_a_shipped_scenario() {
        let settings = read(&[("DEMO_MODE", "blackfriday"), ("DEMO_START_TIMESTAMP", "1000.5")]).expect("fine");
        assert_eq!(settings.scenario.map(|s| s.name), Some("black-friday".to_owned()));
        assert_eq!(settings.clock.map(|c| (c.start_unix, c.speed)), Some((1000.5, 1.0)));
        let off = read(&[("DEMO_MODE", "off"), ("DEMO_START_TIMESTAMP", "1000")]).expect("fine");
        assert!(off.clock.is_none() && off.scenario.is_none());
        let other = read(&[("DEMO_MODE", "on"), ("DEMO_START_TIMESTAMP", "1000")]).expect("fine");
        assert!(other.clock.is_some() && other.scenario.is_none());
    }

    #[test]
    fn all_mistakes_are_reported_together() {
        let error = read(&[
            ("FRONTEND_URL", "ftp://127.0.0.1"),
            ("PRODUCT_CATALOG_URL", "catalog:8014"),
            ("DOORBUSTER_SEED", "-1"),
            ("DEMO_MODE", "on"),
            ("DEMO_START_TIMESTAMP", "noon"),
            ("DOORBUSTER_SCENARIO", "no/such/file.yaml"),
        ])
        .expect_err("five mistakes");
        let text = error.to_string();
        let named =
            ["FRONTEND_URL", "PRODUCT_CATALOG_URL", "DOORBUSTER_SEED", "DEMO_START_TIMESTAMP", "no/such/file.yaml"];
        assert_eq!(error.0.len(), named.len(), "{text}");
        for part in named {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}

//! Scenarios by name: those that ship, and one from a file.

use std::path::PathBuf;

use scenario::{ArgMistake, FaultKinds, Mistake, Scenario};
use serde_json::Value;

/// Why a scenario can't be played.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// Neither a shipped scenario nor a file.
    #[error("there is no scenario {name:?}: there are {known}")]
    Unknown {
        /// As given.
        name: String,
        /// What there is, separated by commas.
        known: String,
    },
    /// The file can't be read.
    #[error("the scenario {path} can't be read: {source}")]
    File {
        /// As given.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file has mistakes; all of them.
    #[error("the scenario {name} has mistakes: {}", list(.mistakes))]
    Mistakes {
        /// Its name or path.
        name: String,
        /// In the order of the file.
        mistakes: Vec<Mistake>,
    },
}

fn list(mistakes: &[Mistake]) -> String {
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// The scenarios that may be started by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Catalogue {
    own: Option<Scenario>,
}

impl Catalogue {
    /// The shipped scenarios and `own`, which hides a shipped one of its name.
    pub(crate) fn with(own: Option<Scenario>) -> Self {
        Self { own }
    }

    /// The scenario that was given, if one was.
    pub(crate) fn own(&self) -> Option<&Scenario> {
        self.own.as_ref()
    }

    /// The scenario called `name`. Case, dashes and underscores do not count: `blackfriday` is `black-friday`.
    pub(crate) fn find(&self, name: &str) -> Result<Scenario, CatalogueError> {
        let own = self.own.iter().find(|own| plain(&own.name) == plain(name));
        if let Some(own) = own {
            return Ok(own.clone());
        }
        shipped(name).unwrap_or_else(|| {
            let own = self.own.iter().map(|own| own.name.as_str());
            let known: Vec<&str> = own.chain(scenario::shipped().iter().map(|(name, _)| *name)).collect();
            Err(CatalogueError::Unknown { name: name.to_owned(), known: known.join(", ") })
        })
    }
}

/// The shipped scenario called `name_or_path`, or else the one in the file of that path.
pub(crate) fn read(name_or_path: &str) -> Result<Scenario, CatalogueError> {
    if let Some(found) = shipped(name_or_path) {
        return found;
    }
    let path = PathBuf::from(name_or_path);
    match std::fs::read_to_string(&path) {
        Ok(text) => parse(name_or_path, &text),
        Err(source) => Err(CatalogueError::File { path, source }),
    }
}

fn shipped(name: &str) -> Option<Result<Scenario, CatalogueError>> {
    let found = scenario::shipped().iter().find(|(known, _)| plain(known) == plain(name));
    found.map(|(name, text)| parse(name, text))
}

fn parse(name: &str, text: &str) -> Result<Scenario, CatalogueError> {
    scenario::parse(text, &AnyKinds::of(text))
        .map_err(|mistakes| CatalogueError::Mistakes { name: name.to_owned(), mistakes })
}

fn plain(name: &str) -> String {
    let kept = name.trim().chars().filter(|c| !matches!(c, '-' | '_'));
    kept.map(|c| c.to_ascii_lowercase()).collect()
}

/// Whatever kinds of fault a file names. Load breaks nothing, so the conductor, which does, checks faults; here a file
/// must not be refused for them.
#[derive(Debug)]
struct AnyKinds(Vec<String>);

impl AnyKinds {
    fn of(text: &str) -> Self {
        let word = |after: &str| {
            let end = after.find([',', '}', '\n', '#']).unwrap_or(after.len());
            after[..end].trim().trim_matches(['"', '\'']).to_owned()
        };
        Self(text.split("kind:").skip(1).map(word).collect())
    }
}

impl FaultKinds for AnyKinds {
    fn names(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).collect()
    }

    fn check(&self, _: &str, _: &Value) -> Vec<ArgMistake> {
        Vec::new()
    }

    fn schema(&self, _: &str) -> Value {
        Value::Bool(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_scenario_can_be_read_without_knowing_fault_kinds() {
        for (name, _) in scenario::shipped() {
            let scenario = read(name).expect("a shipped scenario");
            assert_eq!(scenario.name, *name);
        }
    }

    #[test]
    fn the_old_name_of_black_friday_still_finds_it() {
        for name in ["black-friday", "blackfriday", "BlackFriday", "black_friday"] {
            assert_eq!(Catalogue::default().find(name).expect(name).name, "black-friday");
        }
        let error = Catalogue::default().find("white-monday").expect_err("no such scenario");
        assert!(error.to_string().contains("black-friday"), "{error}");
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = read("no/such/file.yaml").expect_err("not there");
        assert!(error.to_string().contains("no/such/file.yaml"), "{error}");
    }
}

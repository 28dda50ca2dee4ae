//! Where PostgreSQL's programs are.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::PostgresError;

/// Oldest major version that the shop's statements and PostgreSQL's own crash recovery were tried with.
const OLDEST: u32 = 15;

/// Where packages put the programs, `*` standing for a version: Debian and Ubuntu, Red Hat, Homebrew on both kinds of Mac, Postgres.app.
const PLACES: [(&str, &str); 5] = [
    ("/usr/lib/postgresql", "bin"),
    ("/usr", "bin"),
    ("/opt/homebrew/opt", "bin"),
    ("/usr/local/opt", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "bin"),
];

/// The programs of one PostgreSQL installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    dir: PathBuf,
    major: u32,
    version: String,
}

impl Binaries {
    /// The installation in `$DOORBUSTER_POSTGRES_BIN`, or the one on `PATH` if it is new enough, or the newest where distributions put it.
    pub fn find() -> Result<Self, PostgresError> {
        let mut looked = Vec::new();
        if let Some(dir) = std::env::var_os("DOORBUSTER_POSTGRES_BIN").filter(|d| !d.is_empty()) {
            return Self::in_dir(Path::new(&dir), &mut looked)
                .ok_or(PostgresError::NotFound { oldest: OLDEST, looked });
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let on_path = std::env::split_paths(&path).find_map(|dir| Self::in_dir(&dir, &mut looked));
        let found = on_path.or_else(|| {
            let installed = candidates().into_iter().filter_map(|dir| Self::in_dir(&dir, &mut looked));
            installed.max_by_key(|b| b.major)
        });
        looked.insert(0, "PATH".to_owned());
        looked.extend(PLACES.map(|(root, _)| root.to_owned()));
        found.ok_or(PostgresError::NotFound { oldest: OLDEST, looked })
    }

    /// Links are followed, because PostgreSQL finds its libraries beside the real program.
    fn in_dir(dir: &Path, looked: &mut Vec<String>) -> Option<Self> {
        let postgres = dir.join("postgres").canonicalize().ok()?;
        let dir = postgres.parent()?.to_owned();
        if !dir.join("initdb").exists() {
            return None;
        }
        let output = Command::new(&postgres).arg("--version").output().ok()?;
        let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let major = major_of(&version)?;
        if major < OLDEST {
            looked.push(format!("{} ({version})", dir.display()));
            return None;
        }
        Some(Self { dir, major, version })
    }

    /// The path of one of its programs.
    pub fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Major version, such as 15.
    pub fn major(&self) -> u32 {
        self.major
    }

    /// What `postgres --version` says.
    pub fn version(&self) -> &str {
        &self.version
    }
}

fn candidates() -> BTreeSet<PathBuf> {
    let below = |root: &str| fs::read_dir(root).into_iter().flatten().flatten().map(|e| e.path()).collect::<Vec<_>>();
    let versions = PLACES.iter().flat_map(|(root, bin)| below(root).into_iter().map(move |dir| dir.join(bin)));
    versions.filter(|dir| dir.join("postgres").exists()).collect()
}

/// Out of `postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)` the 15; betas (`17beta2`) count as their major.
fn major_of(version: &str) -> Option<u32> {
    let number = version.split("(PostgreSQL)").nth(1)?.trim_start();
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_distributions_print() {
        let table = [
            ("postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)", Some(15)),
            ("postgres (PostgreSQL) 17beta2", Some(17)),
            ("postgres (PostgreSQL) 16.4 (Homebrew)", Some(16)),
            ("mysqld 8.0", None),
        ];
        for (text, major) in table {
            assert_eq!(major_of(text), major, "{text}");
        }
    }

    #[test]
    fn an_installation_on_this_machine_is_found() {
        let found = Binaries::find().expect("PostgreSQL is installed where tests run");
        assert!(found.major() >= OLDEST);
        assert!(found.program("initdb").exists());
    }
}

//! Where generators are looked for.

use std::env;
use std::path::{Path, PathBuf};

use super::Generator;

/// Directories that are searched, and the one program that has a place of its own.
#[derive(Debug)]
pub(crate) struct Places {
    pub(crate) doorbuster: PathBuf,
    /// This program.
    loadbench: PathBuf,
    directories: Vec<PathBuf>,
}

/// What came of looking for one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Search {
    Found(PathBuf),
    Missing,
}

impl Places {
    /// What `make bench-peers` installed comes before PATH.
    pub(crate) fn new(peers: &Path, doorbuster: Option<&Path>) -> std::io::Result<Self> {
        let peers = std::path::absolute(peers)?;
        let mut directories: Vec<PathBuf> =
            ["bin", "locust/bin", "autocannon/node_modules/.bin", "artillery/node_modules/.bin"]
                .map(|d| peers.join(d))
                .into();
        directories.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        let loadbench = env::current_exe()?;
        let beside = loadbench.with_file_name("doorbuster");
        let doorbuster = std::path::absolute(doorbuster.unwrap_or(&beside))?;
        Ok(Self { doorbuster, loadbench, directories })
    }

    pub(crate) fn find(&self, generator: &dyn Generator) -> Search {
        let found = match generator.program() {
            "doorbuster" => is_program(&self.doorbuster).then(|| self.doorbuster.clone()),
            "loadbench" => Some(self.loadbench.clone()),
            name => self.directories.iter().map(|directory| directory.join(name)).find(|path| is_program(path)),
        };
        found.map_or(Search::Missing, Search::Found)
    }
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generators::{hey::Hey, wrk::Wrk};

    #[test]
    fn what_bench_peers_installed_comes_first() {
        let peers = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(peers.path().join("bin")).expect("made");
        std::os::unix::fs::symlink("/bin/sh", peers.path().join("bin/wrk")).expect("linked");
        let mut places = Places::new(peers.path(), None).expect("places");
        assert_eq!(places.find(&Wrk), Search::Found(peers.path().join("bin/wrk")));
        places.directories.truncate(1);
        assert_eq!(places.find(&Hey), Search::Missing);
    }
}

//! Before anything is started: everything this machine lacks, all at once, each with its remedy.

use parts::{Cache, postgres::Binaries};
use scenario::World;

use crate::{Options, services};

/// Free space that a stage and a template of its database need, in MiB.
const DISK_MIB: u64 = 1500;

/// Something that is missing, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// What is missing or in the way.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl Lack {
    fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: remedy.into() }
    }
}

/// Everything that is missing for a run with `options`. Changes nothing, except that it makes the runs folder.
pub fn preflight(options: &Options) -> Vec<Lack> {
    let mut lacks = Vec::new();
    let has_stores = options.scenario.world.has_stores();
    if has_stores && options.database_url.is_none() {
        lacks.extend(Binaries::find().err().map(|e| {
            Lack::new(e.to_string(), "run `make setup`, or give a PostgreSQL of your own with --database-url")
        }));
    }
    if has_stores && options.redis_url.is_none() {
        lacks.extend(
            parts::redis::find()
                .err()
                .map(|e| Lack::new(e.to_string(), "run `make setup`, or give a Redis of your own with --redis-url")),
        );
    }
    lacks.extend(ports_taken(options.scenario.world, options.port_offset));
    match Cache::locate() {
        Ok(cache) => lacks.extend(too_little_space(cache.root())),
        Err(error) => {
            lacks.push(Lack::new(error.to_string(), "set DOORBUSTER_CACHE_DIR to a folder that can be written"))
        }
    }
    if let Err(error) =
        std::fs::create_dir_all(&options.runs_dir).and_then(|()| tempfile::tempfile_in(&options.runs_dir))
    {
        lacks.push(Lack::new(
            format!("{} can't be written: {error}", options.runs_dir.display()),
            "choose another folder with --runs-dir",
        ));
    }
    lacks
}

fn ports_taken(world: World, offset: u16) -> Vec<Lack> {
    let taken = services::fixed_ports(world, offset).into_iter().filter(|(_, port)| !parts::is_free(*port));
    taken
        .map(|(name, port)| {
            Lack::new(
                format!("port {port} ({name}) is taken by another program"),
                format!("end that program (`ss -ltnp 'sport = :{port}'` names it), or shift all ports with --port-offset 1000"),
            )
        })
        .collect()
}

fn too_little_space(folder: &std::path::Path) -> Option<Lack> {
    let stat = rustix::fs::statvfs(folder).ok()?;
    let free_mib = stat.f_bavail * stat.f_frsize / (1024 * 1024);
    (free_mib < DISK_MIB).then(|| {
        Lack::new(
            format!("{} has {free_mib} MiB free, {DISK_MIB} are needed", folder.display()),
            "free some space, or set DOORBUSTER_CACHE_DIR to a folder on another disk",
        )
    })
}

//! Who PostgreSQL runs as: it refuses to run as root, so root needs somebody else.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// An unprivileged account of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Login name.
    pub name: String,
    /// Numeric user.
    pub uid: u32,
    /// Numeric primary group.
    pub gid: u32,
}

/// Tried in this order: distributions' packages make `postgres`, everybody has `nobody`.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

impl Account {
    /// The account to change to when this process is root; `None` when it is not root and stays who it is.
    ///
    /// Root on a machine with neither `postgres` nor `nobody` also gets `None`; PostgreSQL then says itself why it won't start.
    pub fn for_unprivileged_work() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            return None;
        }
        let passwd = fs::read_to_string("/etc/passwd").ok()?;
        UNPRIVILEGED.iter().find_map(|name| find(&passwd, name))
    }

    /// The first folder on the way to `path` (itself included) that this account can't enter; `None` if it can enter all that exist.
    pub fn barred_at(&self, path: &Path) -> Option<PathBuf> {
        let mut way: Vec<&Path> = path.ancestors().collect();
        way.reverse();
        way.into_iter().find(|dir| !self.can_enter(dir)).map(Path::to_owned)
    }

    fn can_enter(&self, dir: &Path) -> bool {
        let Ok(metadata) = fs::metadata(dir) else {
            return true;
        };
        let bit = if metadata.uid() == self.uid {
            0o100
        } else if metadata.gid() == self.gid {
            0o010
        } else {
            0o001
        };
        metadata.mode() & bit != 0
    }
}

fn find(passwd: &str, name: &str) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        match fields[..] {
            [login, _, uid, gid, ..] if login == name => {
                Some(Account { name: login.to_owned(), uid: uid.parse().ok()?, gid: gid.parse().ok()? })
            }
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_read_from_its_passwd_line() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\npostgres:x:101:104::/var/lib/postgresql:/bin/bash\n";
        let expected = Account { name: "postgres".into(), uid: 101, gid: 104 };
        assert_eq!(find(passwd, "postgres"), Some(expected));
        assert_eq!(find(passwd, "nobody"), None);
    }

    #[test]
    fn a_folder_closed_to_others_bars_the_way() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("a temporary folder");
        let inner = dir.path().join("inner");
        fs::create_dir(&inner).expect("created");
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700)).expect("closed");
        let stranger = Account { name: "stranger".into(), uid: 4_000_000, gid: 4_000_000 };
        assert_eq!(stranger.barred_at(&inner).as_deref(), Some(dir.path()));
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).expect("opened");
        fs::set_permissions(&inner, fs::Permissions::from_mode(0o755)).expect("opened");
        assert_eq!(stranger.barred_at(&inner), None);
    }
}

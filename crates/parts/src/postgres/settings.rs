//! How a private PostgreSQL is configured.

use std::fmt::Write as _;
use std::path::Path;

/// `max_prepared_transactions`: PostgreSQL's default of 0 forbids them; nobody needs more than a few at once.
const MAX_PREPARED_TRANSACTIONS: u32 = 8;

/// Whether a crash may lose data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// `fsync` on: survives `kill -9` and power loss. The stage uses it, or its recovery would prove nothing.
    Crashproof,
    /// `fsync` off: for filling a template and for tests.
    Disposable,
}

/// Settings of a cluster. The defaults are the stage's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `shared_buffers` in MiB. 160 holds 500,000 products with their indexes, so that a scan costs CPU and not disk.
    pub shared_buffers_mib: u32,
    /// `max_connections`. All services' pools together stay under 100.
    pub max_connections: u32,
    /// Whether a crash may lose data.
    pub durability: Durability,
    /// The loopback port; a free one if `None`. Given after a crash, so that clients find the server where it was.
    pub port: Option<u16>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { shared_buffers_mib: 160, max_connections: 120, durability: Durability::Crashproof, port: None }
    }
}

impl Settings {
    /// For tests: small and fast.
    pub fn disposable() -> Self {
        Self { shared_buffers_mib: 32, max_connections: 100, durability: Durability::Disposable, port: None }
    }

    /// The whole `postgresql.conf`: nothing of the machine's or initdb's defaults is left to chance.
    pub(crate) fn render(&self, port: u16, socket_dir: Option<&Path>) -> String {
        let mut conf = String::from("# Written at each start; changes are lost.\n");
        let mut set = |name: &str, value: &str| {
            // Writing to a string can't fail.
            let _ = writeln!(conf, "{name} = '{}'", value.replace('\'', "''"));
        };
        set("listen_addresses", "127.0.0.1");
        set("port", &port.to_string());
        set("unix_socket_directories", &socket_dir.map(|d| d.display().to_string()).unwrap_or_default());
        set("max_connections", &self.max_connections.to_string());
        set("shared_buffers", &format!("{}MB", self.shared_buffers_mib));
        set("dynamic_shared_memory_type", "posix");
        let durable = self.durability == Durability::Crashproof;
        set("fsync", if durable { "on" } else { "off" });
        set("full_page_writes", if durable { "on" } else { "off" });
        // A commit that a crash loses is an order that a shopper has to repeat; waiting for the disk would slow every checkout.
        set("synchronous_commit", "off");
        // A lock that nobody's session holds any more is a prepared transaction: the fault `lock_table` needs one.
        set("max_prepared_transactions", &MAX_PREPARED_TRANSACTIONS.to_string());
        set("wal_level", "minimal");
        set("max_wal_senders", "0");
        // Kept small, because every stage copies it; the ceiling lets the load of a whole run pass without a forced checkpoint.
        set("min_wal_size", "32MB");
        set("max_wal_size", "512MB");
        set("checkpoint_timeout", "15min");
        set("work_mem", "4MB");
        set("maintenance_work_mem", "64MB");
        // Plans must be the ones that the scenarios speak of: one process, no compilation.
        set("jit", "off");
        set("max_parallel_workers_per_gather", "0");
        set("max_parallel_maintenance_workers", "0");
        set("random_page_cost", "1.1");
        set("autovacuum", "on");
        set("log_destination", "stderr");
        set("logging_collector", "off");
        set("log_line_prefix", "%m [%p] %a ");
        set("log_checkpoints", "off");
        set("lc_messages", "C");
        set("timezone", "UTC");
        set("log_timezone", "UTC");
        conf
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stage_survives_a_crash_and_quotes_its_paths() {
        let conf = Settings::default().render(5433, Some(Path::new("/tmp/it's here")));
        assert!(conf.contains("fsync = 'on'\n"));
        assert!(conf.contains("unix_socket_directories = '/tmp/it''s here'\n"));
        assert!(conf.contains("listen_addresses = '127.0.0.1'\n"));
    }
}

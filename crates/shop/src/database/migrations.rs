//! The migrations, embedded, and what they and the data amount to.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

use super::SCHEMA;

/// Version, name and text; in order.
const FILES: [(i64, &str, &str); 5] = [
    (1, "tables", include_str!("../../migrations/0001_tables.sql")),
    (2, "generation", include_str!("../../migrations/0002_generation.sql")),
    (3, "indexes", include_str!("../../migrations/0003_indexes.sql")),
    (4, "recommendable products", include_str!("../../migrations/0004_recommendable_products.sql")),
    (5, "restockable products", include_str!("../../migrations/0005_restockable_products.sql")),
];

/// The last migration that has to run before data is generated; the ones after it want the data to be there.
pub(super) const BEFORE_DATA: i64 = 2;

/// Runs the migrations in the shop's own schema.
///
/// It takes no lock of its own: [`super::prepare`] holds one over migrations and data together.
pub(super) fn migrator() -> Migrator {
    let migrations = FILES
        .iter()
        .map(|&(version, name, text)| {
            Migration::new(version, name.into(), MigrationType::Simple, text.into_sql_str(), false)
        })
        .collect();
    let mut migrator = Migrator::with_migrations(migrations);
    migrator.set_locking(false);
    migrator.create_schema(SCHEMA);
    migrator.dangerous_set_table_name(format!("{SCHEMA}.migrations"));
    migrator
}

/// Names what [`super::prepare`] makes for `products`: two databases with the same fingerprint hold the same schema and,
/// when fresh, the same rows. 16 hexadecimal digits and the number of products.
pub fn fingerprint(products: u32) -> String {
    let mut digest = Sha256::new();
    for (_, _, text) in FILES {
        digest.update(text.as_bytes());
        digest.update([0]);
    }
    let mut name = String::new();
    for byte in digest.finalize().iter().take(8) {
        // Writing to a String can't fail.
        let _ = write!(name, "{byte:02x}");
    }
    format!("{name}-{products}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_depends_on_the_number_of_products() {
        assert_eq!(fingerprint(8000), fingerprint(8000));
        assert_ne!(fingerprint(8000), fingerprint(8001));
    }

    #[test]
    fn every_migration_file_is_embedded() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
        let mut on_disk: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        on_disk.sort();
        let embedded: Vec<String> =
            FILES.iter().map(|(version, name, _)| format!("{version:04}_{}.sql", name.replace(' ', "_"))).collect();
        assert_eq!(on_disk, embedded);
    }
}

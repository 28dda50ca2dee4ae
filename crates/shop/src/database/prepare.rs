//! Making schema and data: from nothing, from half, or not at all where everything is there.

use std::fmt;

use sqlx::migrate::MigrateError;
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Row};

use super::connect::DatabaseUrl;
use super::migrations::{BEFORE_DATA, migrator};

/// The advisory lock under which a database is prepared; the number is arbitrary, and the same in every release.
const LOCK: i64 = 0x646f_6f72_6275_7374;
/// Categories, as many as the migrations have partitions.
const CATEGORIES: i32 = 8;

/// What [`prepare`] is doing; shown to whoever waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Tables are being made or found.
    Tables,
    /// Products of one category, from 1 to 8, are being generated.
    Products {
        /// The category's number.
        category: i32,
        /// How many categories there are.
        of: i32,
    },
    /// Users and their past orders are being generated.
    History,
    /// Indexes, functions and views are being made or found.
    Indexes,
    /// Statistics are being collected.
    Statistics,
    /// Done; the database holds this many products.
    Ready {
        /// Products in the catalogue.
        products: u32,
        /// Whether the data was there already.
        was_there: bool,
    },
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tables => f.write_str("tables"),
            Self::Products { category, of } => write!(f, "products, category {category} of {of}"),
            Self::History => f.write_str("users and orders"),
            Self::Indexes => f.write_str("indexes"),
            Self::Statistics => f.write_str("statistics"),
            Self::Ready { products, was_there: false } => write!(f, "ready: {products} products"),
            Self::Ready { products, was_there: true } => write!(f, "ready: {products} products were there"),
        }
    }
}

/// Why a database could not be prepared.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The URL can't be read, or nothing answers there.
    #[error("the database can't be reached: {0}")]
    Connect(#[source] sqlx::Error),
    /// The migrations that were run there are not the ones of this release.
    #[error(
        "the schema can't be brought up to date: {0}; if it is of another release, drop the schema `doorbuster` and try again"
    )]
    Migrate(#[source] MigrateError),
    /// A statement failed.
    #[error("the data can't be generated: {0}")]
    Generate(#[source] sqlx::Error),
}

/// Makes the shop's schema and data in the database at `url`, and touches nothing else there.
///
/// `products` are generated (at least 8; [`super::PRODUCTS`] is the full catalogue), the same rows everywhere, with
/// 10,000 users and 50,000 past orders. Where the schema is up to date and holds that many products, nothing changes; where it
/// holds another number, the generated data is replaced and **all orders go**. Two calls at once wait for each other. When it
/// fails or is dropped half-way, the next call finishes the work. `progress` hears of each step as it begins.
pub async fn prepare(url: &str, products: u32, progress: impl FnMut(Step)) -> Result<(), PrepareError> {
    let url = DatabaseUrl::parse(url).map_err(PrepareError::Connect)?;
    let mut connection = PgConnection::connect_with(&url.maintenance()).await.map_err(PrepareError::Connect)?;
    let prepared = under_lock(&mut connection, products.clamp(8, i32::MAX as u32), progress).await;
    // The lock goes with the session, also where this call fails.
    let closed = connection.close().await.map_err(PrepareError::Generate);
    prepared.and(closed)
}

async fn under_lock(
    connection: &mut PgConnection,
    products: u32,
    mut progress: impl FnMut(Step),
) -> Result<(), PrepareError> {
    sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(LOCK)
        .execute(&mut *connection)
        .await
        .map_err(PrepareError::Generate)?;
    progress(Step::Tables);
    let migrator = migrator();
    migrator.run_direct(Some(BEFORE_DATA), connection, false).await.map_err(PrepareError::Migrate)?;
    let was_there = holds(connection, products).await.map_err(PrepareError::Generate)?;
    if !was_there {
        generate(connection, products, &mut progress).await.map_err(PrepareError::Generate)?;
    }
    progress(Step::Indexes);
    migrator.run_direct(None, connection, false).await.map_err(PrepareError::Migrate)?;
    if !was_there {
        progress(Step::Statistics);
        finish(connection, products).await.map_err(PrepareError::Generate)?;
    }
    progress(Step::Ready { products, was_there });
    Ok(())
}

async fn holds(connection: &mut PgConnection, products: u32) -> Result<bool, sqlx::Error> {
    let row = sqlx::query("SELECT products FROM dataset").fetch_optional(connection).await?;
    row.map_or(Ok(false), |row| row.try_get::<i32, _>(0).map(|held| i64::from(held) == i64::from(products)))
}

async fn generate(
    connection: &mut PgConnection,
    products: u32,
    progress: &mut impl FnMut(Step),
) -> Result<(), sqlx::Error> {
    let total = i32::try_from(products).unwrap_or(i32::MAX);
    let mut transaction = connection.begin().await?;
    sqlx::query("TRUNCATE dataset, order_items, orders, users, products").execute(&mut *transaction).await?;
    for category in 1..=CATEGORIES {
        progress(Step::Products { category, of: CATEGORIES });
        sqlx::query("SELECT generate_products($1, $2)").bind(total).bind(category).execute(&mut *transaction).await?;
    }
    progress(Step::History);
    sqlx::query("SELECT generate_users()").execute(&mut *transaction).await?;
    sqlx::query("SELECT generate_orders($1)").bind(total).execute(&mut *transaction).await?;
    transaction.commit().await
}

/// Statistics, and rows frozen with it: otherwise autovacuum would come for half a million new rows in mid-scenario.
async fn finish(connection: &mut PgConnection, products: u32) -> Result<(), sqlx::Error> {
    sqlx::query("VACUUM (FREEZE, ANALYZE) products, users, orders, order_items").execute(&mut *connection).await?;
    sqlx::query("INSERT INTO dataset (products) VALUES ($1)")
        .bind(i32::try_from(products).unwrap_or(i32::MAX))
        .execute(connection)
        .await?;
    Ok(())
}

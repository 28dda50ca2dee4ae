//! Which indexes a schema has, as `\di` would say it: shown before and after a rollback.

use sqlx::{Connection, PgConnection, Row};

use crate::StageError;

/// One line for each index on a table of `schema` that is not a partition, `name on table (state)`, by table and name.
pub(crate) async fn list(url: &str, schema: &str) -> Result<Vec<String>, StageError> {
    const LIST: &str = "SELECT i.relname, t.relname, x.indisvalid FROM pg_index x \
        JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace \
        WHERE n.nspname = $1 AND NOT t.relispartition ORDER BY 2, 1";
    let mut connection = PgConnection::connect(url).await?;
    // A fault may still hold a table locked, and what is only shown may not wait for it.
    sqlx::query("SET lock_timeout = '2s'").execute(&mut connection).await?;
    let rows = sqlx::query(LIST).bind(schema).fetch_all(&mut connection).await?;
    let lines = rows.iter().map(|row| {
        let (index, table, valid): (String, String, bool) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        Ok(format!("{index} on {table} ({})", if valid { "valid" } else { "NOT valid" }))
    });
    let lines = lines.collect::<Result<_, sqlx::Error>>()?;
    connection.close().await?;
    Ok(lines)
}

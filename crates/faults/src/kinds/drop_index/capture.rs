//! Looking an index up in the catalogue, with everything that is needed to make it again.

use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, PgConnection, Row};

use crate::FaultError;

/// What makes two indexes of a table the same but for their names. `i` is `pg_index`, `a` is `pg_am`.
pub(crate) const SHAPE: &str = "concat_ws(' | ', a.amname, i.indisunique, i.indkey::text, i.indoption::text, i.indclass::text, \
     i.indcollation::text, i.indnkeyatts, pg_get_expr(i.indpred, i.indrelid), pg_get_expr(i.indexprs, i.indrelid))";

/// An index as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CapturedIndex {
    /// Its name with its schema, as SQL.
    pub(crate) index: String,
    /// Its table with its schema, as SQL.
    pub(crate) table: String,
    /// The index that it is attached to, if its table is a partition.
    pub(crate) parent: Option<String>,
    /// `pg_get_indexdef`.
    pub(crate) definition: String,
    /// See [`SHAPE`].
    pub(crate) shape: String,
}

impl CapturedIndex {
    /// The statement that attaches it to its parent.
    pub(crate) fn attach(&self) -> Option<String> {
        self.parent.as_ref().map(|parent| format!("ALTER INDEX {parent} ATTACH PARTITION {}", self.index))
    }
}

/// The index `name` on `table` and, for a partitioned one, those of all partitions below it.
///
/// Refuses an index that is not there, is not valid, is another table's, belongs to a constraint or to another index.
pub(crate) async fn capture(
    connection: &mut PgConnection,
    schema: &str,
    table: &str,
    name: &str,
) -> Result<Vec<CapturedIndex>, FaultError> {
    let statement = format!(
        "WITH RECURSIVE tree (oid, parent, level) AS (
            SELECT c.oid, NULL::oid, 0 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('i', 'I')
            UNION ALL
            SELECT h.inhrelid, h.inhparent, tree.level + 1 FROM pg_inherits h JOIN tree ON tree.oid = h.inhparent)
         SELECT format('%I.%I', n.nspname, c.relname), format('%I.%I', tn.nspname, t.relname),
                (SELECT format('%I.%I', pn.nspname, p.relname) FROM pg_class p JOIN pg_namespace pn ON pn.oid = p.relnamespace WHERE p.oid = tree.parent),
                pg_get_indexdef(c.oid), {SHAPE},
                i.indisvalid, tn.nspname = $1 AND t.relname = $3, c.relispartition,
                (SELECT k.conname::text FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x') LIMIT 1)
         FROM tree JOIN pg_class c ON c.oid = tree.oid JOIN pg_namespace n ON n.oid = c.relnamespace
              JOIN pg_am a ON a.oid = c.relam JOIN pg_index i ON i.indexrelid = c.oid
              JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace
         ORDER BY tree.level, c.relname"
    );
    let trouble = || FaultError::database(format!("looking index {name} up"));
    let rows = sqlx::query(AssertSqlSafe(statement))
        .bind(schema)
        .bind(name)
        .bind(table)
        .fetch_all(connection)
        .await
        .map_err(trouble())?;
    let Some(root) = rows.first() else {
        return Err(FaultError::refused(format!(
            "there is no index {name} in schema {schema}: a fault that drops it would change nothing"
        )));
    };
    let refusal = |why: String| Err(FaultError::refused(format!("index {name} can't be dropped: {why}")));
    if !root.try_get::<bool, _>(6).map_err(trouble())? {
        return refusal(format!("it is not an index of {table}"));
    }
    if !root.try_get::<bool, _>(5).map_err(trouble())? {
        return refusal("it is not valid, so no query uses it".into());
    }
    if root.try_get::<bool, _>(7).map_err(trouble())? {
        return refusal("it is part of a partitioned index; name that one".into());
    }
    if let Some(constraint) = root.try_get::<Option<String>, _>(8).map_err(trouble())? {
        return refusal(format!("it belongs to the constraint {constraint}"));
    }
    let captured = rows.iter().map(|row| {
        Ok(CapturedIndex {
            index: row.try_get(0)?,
            table: row.try_get(1)?,
            parent: row.try_get(2)?,
            definition: row.try_get(3)?,
            shape: row.try_get(4)?,
        })
    });
    captured.collect::<Result<_, sqlx::Error>>().map_err(trouble())
}

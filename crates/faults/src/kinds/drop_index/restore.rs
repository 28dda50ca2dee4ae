//! Making dropped indexes again, whatever is already there.

use sqlx::{AssertSqlSafe, PgConnection, Row};

use crate::FaultError;
use crate::database::execute;

use super::{CapturedIndex, DropIndexUndo, SHAPE};

/// What the catalogue says about an index now.
struct Present {
    name: String,
    shape: String,
    is_valid: bool,
}

/// Makes what is missing, one statement after the other, and looks at the result.
///
/// Building an index keeps writers out of its table. In one transaction that would be all partitions until the last one
/// is built; like this it is one partition at a time. What is half-made after a crash is completed by the next attempt.
pub(crate) async fn restore(undo: &DropIndexUndo, connection: &mut PgConnection) -> Result<String, FaultError> {
    let mut seen = Vec::new();
    for root in undo.roots() {
        if let Some(found) = equal(connection, root).await? {
            seen.push(match found == root.index {
                true => format!("index {found} was there already"),
                false => format!(
                    "index {found}, made by somebody else, does the work of {}; it was left as it is",
                    root.index
                ),
            });
            continue;
        }
        for member in family(undo, root) {
            make(connection, member).await?;
        }
        match equal(connection, root).await? {
            Some(found) => seen.push(format!("index {found} is back")),
            None => {
                return Err(changed(
                    root,
                    "it is still not valid: a partition was added meanwhile and has no such index",
                ));
            }
        }
    }
    Ok(seen.join("; "))
}

/// `root` and everything below it, parents first.
fn family<'a>(undo: &'a DropIndexUndo, root: &'a CapturedIndex) -> Vec<&'a CapturedIndex> {
    let mut members = vec![root];
    for index in &undo.indexes {
        if index.parent.as_ref().is_some_and(|parent| members.iter().any(|m| m.index == *parent)) {
            members.push(index);
        }
    }
    members
}

/// A valid index on the same table that is the same but perhaps for its name; the one with the same name first.
async fn equal(connection: &mut PgConnection, wanted: &CapturedIndex) -> Result<Option<String>, FaultError> {
    let all = on_table(connection, &wanted.table).await?;
    let mut same: Vec<Present> = all.into_iter().filter(|p| p.is_valid && p.shape == wanted.shape).collect();
    same.sort_by_key(|p| p.name != wanted.index);
    Ok(same.into_iter().next().map(|p| p.name))
}

async fn make(connection: &mut PgConnection, wanted: &CapturedIndex) -> Result<(), FaultError> {
    if !exists(connection, "SELECT to_regclass($1) IS NOT NULL", &[&wanted.table]).await? {
        // The partition itself is gone, and with it the need for its index.
        return Ok(());
    }
    if let Some(parent) = &wanted.parent {
        let attached = "SELECT EXISTS (SELECT 1 FROM pg_inherits h JOIN pg_index i ON i.indexrelid = h.inhrelid \
                        WHERE h.inhparent = to_regclass($1) AND i.indrelid = to_regclass($2))";
        if exists(connection, attached, &[parent, &wanted.table]).await? {
            return Ok(());
        }
    }
    let there = on_table(connection, &wanted.table).await?.into_iter().find(|p| p.name == wanted.index);
    match there {
        Some(present) if present.shape != wanted.shape => {
            return Err(changed(wanted, "somebody made another index of that name"));
        }
        // A partitioned index is not valid until all its parts are attached; any other one was left by a build that failed.
        Some(present) if !present.is_valid && !wanted.definition.contains(" ON ONLY ") => {
            execute(connection, &format!("DROP INDEX {}", wanted.index)).await?;
            execute(connection, &wanted.definition).await?;
        }
        Some(_) => {}
        None => return execute(connection, &made_and_attached(wanted)).await,
    }
    match wanted.attach() {
        Some(statement) => execute(connection, &statement).await,
        None => Ok(()),
    }
}

/// Both statements in one simple query, which is one transaction: attaching needs the index for itself alone, and one that
/// others can see is locked by every statement that is being planned or runs, for as long as it runs.
fn made_and_attached(wanted: &CapturedIndex) -> String {
    match wanted.attach() {
        Some(attach) => format!("{}; {attach}", wanted.definition),
        None => wanted.definition.clone(),
    }
}

async fn on_table(connection: &mut PgConnection, table: &str) -> Result<Vec<Present>, FaultError> {
    let statement = format!(
        "SELECT format('%I.%I', n.nspname, c.relname), {SHAPE}, i.indisvalid
         FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am a ON a.oid = c.relam
         WHERE i.indrelid = to_regclass($1) ORDER BY 1"
    );
    let trouble = || FaultError::database(format!("looking at the indexes of {table}"));
    let rows = sqlx::query(AssertSqlSafe(statement)).bind(table).fetch_all(connection).await.map_err(trouble())?;
    let present =
        rows.iter().map(|row| Ok(Present { name: row.try_get(0)?, shape: row.try_get(1)?, is_valid: row.try_get(2)? }));
    present.collect::<Result<_, sqlx::Error>>().map_err(trouble())
}

async fn exists(connection: &mut PgConnection, question: &'static str, names: &[&String]) -> Result<bool, FaultError> {
    let mut query = sqlx::query_scalar(question);
    for name in names {
        query = query.bind(name.as_str());
    }
    query.fetch_one(connection).await.map_err(FaultError::database("looking at the catalogue"))
}

fn changed(index: &CapturedIndex, why: &str) -> FaultError {
    FaultError::Changed { reason: format!("index {} can't be put back: {why}", index.index) }
}

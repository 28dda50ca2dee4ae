//! The function that waits: put together here, run by PostgreSQL.
//!
//! Three functions take the place of one. The wrapper has the name and properties of the original, so that the planner
//! evaluates it where it evaluated the original. It must be `STABLE` for that, and a stable function sees the catalogue as
//! it was when its statement began; so the waiting is done by a second, `VOLATILE` one, each of whose statements looks
//! anew. The third is the original under another name.

use std::fmt::Write as _;
use std::time::Duration;

use sqlx::{AssertSqlSafe, PgConnection, Row};
use tokio::time::{Instant, sleep};

use crate::FaultError;
use crate::database::{literal, quoted};

/// Stands in every wrapper: how an undo, and the waiting function itself, recognize one.
pub(super) const MARK: &str = "doorbuster storage_wait";
/// How long after an index has come back a query may still wait, in seconds. Looking costs a tenth of a millisecond.
const LOOK_EVERY_S: f64 = 0.1;
/// A statement that began before the wrapper was replaced may still call the aids; it ends within the longest look plus its work.
const SETTLE_WITHIN: Duration = Duration::from_secs(5);
/// Between two looks at such statements.
const SETTLE_POLL: Duration = Duration::from_millis(50);

/// The function to be wrapped, as the catalogue has it.
pub(super) struct Wrapped {
    /// With its schema, as SQL.
    pub(super) name: String,
    /// Arguments with names, types and defaults.
    arguments: String,
    /// Arguments as `DROP FUNCTION` wants them.
    pub(super) identity: String,
    result: String,
    /// Volatility, strictness, parallel safety and cost, as SQL.
    properties: String,
    argument_count: i16,
    oid: i64,
    pub(super) definition: String,
    /// Name and arguments of the two aids, as SQL.
    original: String,
    wait: String,
    /// The head of [`Wrapped::definition`], which is replaced to give the original its other name.
    head: String,
}

/// What is waited for and how long.
pub(super) struct Wait<'a> {
    pub(super) fault: &'a str,
    pub(super) schema: &'a str,
    pub(super) table: &'a str,
    pub(super) index: &'a str,
    pub(super) shape: Option<&'a str>,
    /// Unix seconds and milliseconds.
    pub(super) points_unix_ms: Vec<(f64, f64)>,
    pub(super) from_unix: f64,
    pub(super) until_unix: f64,
}

impl Wrapped {
    /// The only function `name` of `schema`. Refuses one that returns a set, has output arguments, is an aggregate or window function, or is not stable.
    pub(super) async fn look_up(connection: &mut PgConnection, schema: &str, name: &str) -> Result<Self, FaultError> {
        let statement = "SELECT format('%I.%I', n.nspname, p.proname), pg_get_function_arguments(p.oid), pg_get_function_identity_arguments(p.oid), \
                pg_get_function_result(p.oid), \
                concat('STABLE', CASE WHEN p.proisstrict THEN ' STRICT' END, \
                       CASE p.proparallel WHEN 's' THEN ' PARALLEL SAFE' WHEN 'r' THEN ' PARALLEL RESTRICTED' END, ' COST ', p.procost), \
                p.pronargs, p.oid::bigint, pg_get_functiondef(p.oid), \
                format('%I.%I', n.nspname, p.proname || '__as_it_was'), format('%I.%I', n.nspname, p.proname || '__wait'), \
                p.provolatile = 's' AND NOT p.proretset AND p.proallargtypes IS NULL \
             FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = $1 AND p.proname = $2 AND p.prokind = 'f'";
        let trouble = || FaultError::database(format!("looking function {name} up"));
        let rows = sqlx::query(AssertSqlSafe(statement))
            .bind(schema)
            .bind(name)
            .fetch_all(connection)
            .await
            .map_err(trouble())?;
        let [row] = &rows[..] else {
            return Err(FaultError::refused(format!(
                "there are {} functions {name} in schema {schema}; storage_wait needs exactly one",
                rows.len()
            )));
        };
        let text = |index: usize| row.try_get::<String, _>(index).map_err(trouble());
        if !row.try_get::<bool, _>(10).map_err(trouble())? {
            return Err(FaultError::refused(format!("the function {name} must be STABLE and return one value")));
        }
        let (name, arguments) = (text(0)?, text(1)?);
        Ok(Self {
            head: format!("CREATE OR REPLACE FUNCTION {name}({arguments})"),
            identity: text(2)?,
            result: text(3)?,
            properties: text(4)?,
            argument_count: row.try_get(5).map_err(trouble())?,
            oid: row.try_get(6).map_err(trouble())?,
            definition: text(7)?,
            original: text(8)?,
            wait: text(9)?,
            name,
            arguments,
        })
    }

    /// The functions that are added: name and arguments, as SQL.
    pub(super) fn aids(&self) -> Vec<String> {
        vec![format!("{}({})", self.original, self.identity), format!("{}(timestamptz)", self.wait)]
    }

    /// What installs the wait. The wrapper comes last: before it, nothing has changed for anybody.
    pub(super) fn statements(&self, wait: &Wait<'_>) -> [String; 3] {
        let original = format!("CREATE OR REPLACE FUNCTION {}({})", self.original, self.arguments);
        [self.definition.replacen(&self.head, &original, 1), self.waiting(wait), self.wrapper(wait)]
    }

    fn wrapper(&self, wait: &Wait<'_>) -> String {
        let passed: Vec<String> = (1..=self.argument_count).map(|n| format!("${n}")).collect();
        // The fault's id is the scenario author's text and stands in a comment: one line, and no dollar to end the body.
        let fault: String = wait.fault.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect();
        format!(
            "CREATE OR REPLACE FUNCTION {name}({arguments}) RETURNS {result} LANGUAGE plpgsql {properties} AS $doorbuster$
-- {MARK}: {fault}
DECLARE
    doorbuster_began constant double precision := extract(epoch FROM statement_timestamp())::double precision;
    doorbuster_end constant timestamptz := statement_timestamp() + make_interval(secs => ({target_ms}) / 1000.0);
BEGIN
    -- The first call of a statement waits; the others find that the time has passed.
    IF clock_timestamp() < doorbuster_end THEN
        PERFORM {wait}(doorbuster_end);
    END IF;
    RETURN {original}({passed});
END $doorbuster$",
            name = self.name,
            arguments = self.arguments,
            result = self.result,
            properties = self.properties,
            target_ms = target_ms(wait),
            wait = self.wait,
            original = self.original,
            passed = passed.join(", "),
        )
    }

    fn waiting(&self, wait: &Wait<'_>) -> String {
        let table = literal(&format!("{}.{}", quoted(wait.schema), quoted(wait.table)));
        let equal = wait
            .shape
            .map(|shape| format!(" OR {} = {}", crate::kinds::drop_index::SHAPE, literal(shape)))
            .unwrap_or_default();
        format!(
            "CREATE OR REPLACE FUNCTION {wait}(deadline timestamptz) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog AS $doorbuster$
DECLARE
    remaining_s double precision;
BEGIN
    LOOP
        remaining_s := extract(epoch FROM least(deadline, to_timestamp({until:.6})) - clock_timestamp());
        EXIT WHEN remaining_s <= 0;
        EXIT WHEN EXISTS (
            SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
            WHERE i.indrelid = to_regclass({table}) AND i.indisvalid AND (c.relname = {index}{equal}));
        EXIT WHEN NOT EXISTS (SELECT FROM pg_proc WHERE oid = {oid} AND prosrc LIKE '%{MARK}%');
        PERFORM pg_sleep(least(remaining_s, {LOOK_EVERY_S}));
    END LOOP;
END $doorbuster$",
            wait = self.wait,
            until = wait.until_unix,
            index = literal(wait.index),
            oid = self.oid,
        )
    }
}

/// The curve as an expression over `doorbuster_began`: milliseconds, 0 outside the fault's time.
fn target_ms(wait: &Wait<'_>) -> String {
    let points = &wait.points_unix_ms;
    let first = points.first().map_or(wait.from_unix, |p| p.0.max(wait.from_unix));
    let last = points.last().map_or(0.0, |p| p.1);
    let mut case =
        format!("CASE WHEN doorbuster_began < {first:.6} OR doorbuster_began >= {:.6} THEN 0", wait.until_unix);
    // Writing to a string can't fail.
    for pair in points.windows(2) {
        let [(t0, v0), (t1, v1)] = [pair[0], pair[1]];
        if t1 > t0 {
            let _ = write!(
                case,
                " WHEN doorbuster_began < {t1:.6} THEN {v0:.6} + {:.9} * (doorbuster_began - {t0:.6})",
                (v1 - v0) / (t1 - t0)
            );
        }
    }
    let _ = write!(case, " ELSE {last:.6} END");
    case
}

/// `pg_get_functiondef` of the function now, if it is there.
pub(super) async fn definition_of(
    connection: &mut PgConnection,
    name: &str,
    identity: &str,
) -> Result<Option<String>, FaultError> {
    // Names of arguments are no part of what `to_regprocedure` reads, so the catalogue is compared instead.
    let statement = "SELECT pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace \
                     WHERE format('%I.%I', n.nspname, p.proname) = $1 AND pg_get_function_identity_arguments(p.oid) = $2";
    let found = sqlx::query_scalar(statement).bind(name).bind(identity).fetch_optional(connection).await;
    found.map_err(FaultError::database(format!("looking function {name} up")))
}

/// Waits, within a bound, until every statement that began before now has ended.
pub(super) async fn let_statements_end(connection: &mut PgConnection) -> Result<(), FaultError> {
    let trouble = || FaultError::database("looking at running statements");
    let now: f64 = sqlx::query_scalar("SELECT extract(epoch FROM clock_timestamp())::double precision")
        .fetch_one(&mut *connection)
        .await
        .map_err(trouble())?;
    let deadline = Instant::now() + SETTLE_WITHIN;
    let older = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
                 AND backend_type = 'client backend' AND state = 'active' AND query_start < to_timestamp($1)";
    loop {
        let running: i64 = sqlx::query_scalar(older).bind(now).fetch_one(&mut *connection).await.map_err(trouble())?;
        if running == 0 || Instant::now() >= deadline {
            return Ok(());
        }
        sleep(SETTLE_POLL).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_becomes_an_expression_with_its_steps() {
        let wait = Wait {
            fault: "f",
            schema: "s",
            table: "t",
            index: "i",
            shape: None,
            points_unix_ms: vec![(100.0, 520.0), (130.0, 820.0), (130.0, 1300.0)],
            from_unix: 100.0,
            until_unix: 190.0,
        };
        assert_eq!(
            target_ms(&wait),
            "CASE WHEN doorbuster_began < 100.000000 OR doorbuster_began >= 190.000000 THEN 0 \
             WHEN doorbuster_began < 130.000000 THEN 520.000000 + 10.000000000 * (doorbuster_began - 100.000000) ELSE 1300.000000 END"
        );
    }
}

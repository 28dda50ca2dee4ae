//! Sessions for acts, undos and proofs, and trying again within a bound.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection};
use tokio::time::{Instant, sleep, timeout};

use crate::{FaultError, Target};

/// How an act's session is known in `pg_stat_activity`; recovery ends sessions of that name that a dead process left.
const ACTOR: &str = "doorbuster fault";
/// The same for sessions that only look.
const OBSERVER: &str = "doorbuster proof";
/// A server on loopback answers in milliseconds; one that is starting refuses at once.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
/// The shop queues behind a lock that is asked for: it may be waited for only as long as a shopper would not notice.
const LOCK_WITHIN: Duration = Duration::from_millis(250);
/// Later attempts wait longer, up to this, so that one slow transaction can't keep an index out for ever.
const LONGEST_LOCK_WAIT: Duration = Duration::from_secs(2);
/// Building all indexes of 500,000 rows takes about a second; this is for a machine that is busy.
const STATEMENT_WITHIN: Duration = Duration::from_secs(60);
/// Longest that one attempt may take; a little more than the server gives a statement.
const ATTEMPT_WITHIN: Duration = Duration::from_secs(65);
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(100);

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Changes something; the number of the attempt, from 0.
    Act(u32),
    /// Looks.
    Proof,
}

/// Opens a session whose search path is the target's schema, with bounds on locks and statements.
pub(crate) async fn connect(target: &Target, purpose: Purpose) -> Result<PgConnection, FaultError> {
    let what = "connecting to the database";
    let options = PgConnectOptions::from_str(target.database_url()).map_err(FaultError::database(what))?;
    let (name, lock_within) = match purpose {
        Purpose::Act(attempt) => (ACTOR, (LOCK_WITHIN * (attempt + 1)).min(LONGEST_LOCK_WAIT)),
        Purpose::Proof => (OBSERVER, LONGEST_LOCK_WAIT),
    };
    let connecting = async {
        let mut connection = options.application_name(name).connect().await?;
        // What the journal is told must not be lost when the server dies a moment later, however the shop is configured.
        let settings = format!(
            "SET synchronous_commit = on; SET search_path = {}, public; SET lock_timeout = {}; SET statement_timeout = {}",
            quoted(target.schema_name()),
            lock_within.as_millis(),
            STATEMENT_WITHIN.as_millis(),
        );
        sqlx::raw_sql(AssertSqlSafe(settings)).execute(&mut connection).await?;
        Ok(connection)
    };
    let connected = timeout(CONNECT_WITHIN, connecting).await;
    connected
        .unwrap_or_else(|_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())))
        .map_err(FaultError::database(what))
}

/// Ends sessions of acts that nobody waits for any more: a commit that is still on its way must not arrive after the undo.
pub(crate) async fn fence(connection: &mut PgConnection) -> Result<(), FaultError> {
    let others = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
                  WHERE application_name = $1 AND datname = current_database() AND pid <> pg_backend_pid()";
    let ended = sqlx::query(others).bind(ACTOR).execute(connection).await;
    ended.map(|_| ()).map_err(FaultError::database("ending sessions of an earlier act"))
}

/// Runs `attempt` (given its number, from 0) until it succeeds, fails for good, or `within` has passed. An attempt that takes longer
/// than the server itself allows is given up: the way to it is broken, and the next one ends what it may have left.
pub(crate) async fn retrying<T, F: Future<Output = Result<T, FaultError>>>(
    within: Duration,
    mut attempt: impl FnMut(u32) -> F,
) -> Result<T, FaultError> {
    let deadline = Instant::now() + within;
    let mut number = 0;
    loop {
        match bounded(ATTEMPT_WITHIN, attempt(number)).await {
            Err(error) if error.is_transient() && Instant::now() + PAUSE < deadline => {
                tracing::debug!(%error, number, "trying again");
                sleep(PAUSE).await;
                number += 1;
            }
            outcome => return outcome,
        }
    }
}

/// `work`, but no longer than `within`: a network that swallows packets answers never, and no bound of the server's helps then.
pub(crate) async fn bounded<T>(
    within: Duration,
    work: impl Future<Output = Result<T, FaultError>>,
) -> Result<T, FaultError> {
    timeout(within, work).await.unwrap_or_else(|_| {
        let source = sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
        Err(FaultError::Database { what: format!("waiting {} s for an answer", within.as_secs()), source })
    })
}

/// Runs a statement that was put together here, out of parts that are quoted or that PostgreSQL itself wrote.
pub(crate) async fn execute(connection: &mut PgConnection, statement: &str) -> Result<(), FaultError> {
    let executed = sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(connection).await;
    executed.map(|_| ()).map_err(FaultError::database(statement))
}

/// An identifier as SQL.
pub(crate) fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

/// A string as SQL.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_and_strings_can_not_break_out() {
        assert_eq!(quoted("products"), "\"products\"");
        assert_eq!(quoted("a\"; DROP TABLE b; --"), "\"a\"\"; DROP TABLE b; --\"");
        assert_eq!(literal("it's"), "'it''s'");
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_is_away_is_tried_until_the_bound() {
        let mut attempts = 0;
        let away = || FaultError::Database {
            what: "connecting".into(),
            source: sqlx::Error::Io(std::io::ErrorKind::ConnectionRefused.into()),
        };
        let outcome: Result<(), _> = retrying(Duration::from_secs(2), |_| {
            attempts += 1;
            std::future::ready(Err(away()))
        })
        .await;
        assert!(outcome.is_err());
        assert_eq!(attempts, 20);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_never_answers_is_given_up() {
        let begun = Instant::now();
        let outcome: Result<(), _> = retrying(Duration::from_secs(2), |_| std::future::pending()).await;
        assert!(matches!(outcome, Err(error) if error.is_transient()));
        assert_eq!(begun.elapsed(), ATTEMPT_WITHIN);
    }

    #[tokio::test(start_paused = true)]
    async fn what_can_not_get_better_is_not_tried_again() {
        let mut attempts = 0;
        let outcome: Result<(), _> = retrying(Duration::from_secs(2), |_| {
            attempts += 1;
            std::future::ready(Err(FaultError::refused("no")))
        })
        .await;
        assert!(outcome.is_err());
        assert_eq!(attempts, 1);
    }
}

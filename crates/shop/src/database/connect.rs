//! Where the database is, and with which settings a session works.

use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

use super::SCHEMA;

/// Longest that a statement may run. Above the slowest that a scenario wants (2.5 s and scans on top), far below the
/// patience of whoever would have to end a forgotten session by hand.
const STATEMENT_TIMEOUT_MS: &str = "10000";

/// The place of the database, valid as far as that can be said without connecting.
#[derive(Debug, Clone)]
pub(crate) struct DatabaseUrl(PgConnectOptions);

/// When a session makes plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Planning {
    /// For each execution, with its values: then the plan that EXPLAIN shows is the one that runs, whatever happens to the
    /// indexes in between, and only the one partition is locked. Costs a quarter of a millisecond where one partition
    /// is concerned.
    EachTime,
    /// As the database sees fit: a statement that looks into all eight partitions takes a millisecond to plan and a tenth
    /// of that to run, so it is planned once. A statement on one category is planned each time even so, because a plan
    /// for any category costs far more.
    Cached,
}

/// The database's place can't be understood.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DatabaseUrlMistake {
    #[error("DATABASE_URL can't be read ({0}); give postgres://user:password@host:port/database")]
    Url(#[source] sqlx::Error),
    #[error("DB_PORT is {0:?}; give a port such as 5432")]
    Port(String),
}

impl DatabaseUrl {
    /// From `DATABASE_URL`, or else from `DB_HOST` with `DB_PORT`, `DB_NAME`, `DB_USER` and `DB_PASSWORD`; `None` where
    /// neither is set.
    pub(crate) fn from_vars(var: &dyn Fn(&str) -> Option<String>) -> Result<Option<Self>, DatabaseUrlMistake> {
        if let Some(url) = var("DATABASE_URL") {
            return Self::parse(&url).map(Some).map_err(DatabaseUrlMistake::Url);
        }
        let Some(host) = var("DB_HOST") else {
            return Ok(None);
        };
        let port = match var("DB_PORT") {
            None => 5432,
            Some(text) => text.parse().map_err(|_| DatabaseUrlMistake::Port(text))?,
        };
        let options = PgConnectOptions::new_without_pgpass()
            .host(&host)
            .port(port)
            .database(&var("DB_NAME").unwrap_or_else(|| SCHEMA.to_owned()))
            .username(&var("DB_USER").unwrap_or_else(|| SCHEMA.to_owned()));
        Ok(Some(Self(match var("DB_PASSWORD") {
            Some(password) => options.password(&password),
            None => options,
        })))
    }

    pub(crate) fn parse(url: &str) -> Result<Self, sqlx::Error> {
        // sqlx takes the URL of any system and finds out when it connects.
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(sqlx::Error::Configuration("it is no PostgreSQL URL".into()));
        }
        PgConnectOptions::from_str(url).map(Self)
    }

    /// Options of a session that serves requests; `who` shows in `pg_stat_activity`.
    pub(crate) fn session(&self, who: &str, planning: Planning) -> PgConnectOptions {
        let mode = match planning {
            Planning::EachTime => "force_custom_plan",
            Planning::Cached => "auto",
        };
        self.0.clone().application_name(who).options([
            ("search_path", SCHEMA),
            ("plan_cache_mode", mode),
            ("jit", "off"),
            // The machine that runs the whole shop has no cores to spare for one statement.
            ("max_parallel_workers_per_gather", "0"),
            ("statement_timeout", STATEMENT_TIMEOUT_MS),
        ])
    }

    /// Options of the session that makes the schema and the data, which may take its time.
    pub(super) fn maintenance(&self) -> PgConnectOptions {
        self.0.clone().application_name("doorbuster migrate").options([
            ("search_path", SCHEMA),
            ("jit", "off"),
            ("client_min_messages", "warning"),
            ("maintenance_work_mem", "128MB"),
        ])
    }

    /// Host, port and database.
    #[cfg(test)]
    pub(crate) fn place(&self) -> (String, u16, String) {
        let database = self.0.get_database().unwrap_or(self.0.get_username());
        (self.0.get_host().to_owned(), self.0.get_port(), database.to_owned())
    }
}

//! Configuration from the environment: everything is read once, at the start, and all mistakes are reported together.

use std::collections::HashMap;
use std::time::Duration;

use chassis::{Common, ConfigError, ConfigMistake, Vars};

use crate::ServiceName;
use crate::database::{DatabaseUrl, DatabaseUrlMistake};
use crate::feature_flag::{FlagMistake, RecommendationsFlag};

/// Where the database is unless told otherwise.
const DATABASE_URL: &str = "postgres://doorbuster@127.0.0.1:5432/doorbuster";
/// Where Redis is unless told otherwise.
const REDIS_URL: &str = "redis://127.0.0.1:6379/0";
/// In front of every key, so that the shop can be a guest in somebody else's Redis.
const REDIS_KEY_PREFIX: &str = "doorbuster:";

/// How many connections a pool has, and how long its callers wait for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PoolSize {
    /// At least 1.
    pub(crate) connections: u32,
    /// From asking to giving up.
    pub(crate) acquire_timeout: Duration,
}

/// What a service is told.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) database: DatabaseUrl,
    pub(crate) redis_url: String,
    pub(crate) redis_key_prefix: String,
    pub(crate) common: Common,
    pub(crate) recommendations: RecommendationsFlag,
    pub(crate) recommendations_pool: PoolSize,
    pub(crate) browse_pool: PoolSize,
    pub(crate) orders_pool: PoolSize,
    pub(crate) order_history_pool: PoolSize,
    urls: HashMap<ServiceName, String>,
}

impl Config {
    /// From variables that `var` looks up; an empty one counts as absent.
    pub(crate) fn from_vars(var: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let var = |name: &str| var(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        let mut mistakes = Vec::new();
        let database = read_database(&var, &mut mistakes);
        let common = Common::from_vars(&var, &mut mistakes);
        let recommendations = read_flag(&var, &mut mistakes);
        let urls =
            ServiceName::ALL.into_iter().map(|service| (service, read_url(service, &var, &mut mistakes))).collect();
        let redis_url = var("REDIS_URL").unwrap_or_else(|| REDIS_URL.to_owned());
        if let Err(why) = redis::Client::open(redis_url.as_str()) {
            mistakes
                .push(ConfigMistake::new(format!("REDIS_URL can't be read ({why}); give redis://host:port/database")));
        }
        let config = Self {
            database,
            redis_url,
            redis_key_prefix: var("REDIS_KEY_PREFIX").unwrap_or_else(|| REDIS_KEY_PREFIX.to_owned()),
            common,
            recommendations,
            // Twenty connections and 2.1 s: what the scenarios' arithmetic stands on.
            recommendations_pool: read_pool("RECOMMENDATIONS", 20, 2100, &var, &mut mistakes),
            browse_pool: read_pool("BROWSE", 10, 2000, &var, &mut mistakes),
            // Twenty here too: what the scenarios about leaked sessions count down from.
            orders_pool: read_pool("ORDERS", 20, 2000, &var, &mut mistakes),
            // A statement takes under a millisecond, so ten connections serve thousands of requests a second.
            order_history_pool: read_pool("ORDER_HISTORY", 10, 1000, &var, &mut mistakes),
            urls,
        };
        if mistakes.is_empty() { Ok(config) } else { Err(ConfigError(mistakes)) }
    }

    /// Base URL of another service, without a slash at its end.
    pub(crate) fn url_of(&self, service: ServiceName) -> &str {
        self.urls.get(&service).map_or("", String::as_str)
    }
}

fn read_database(var: &Vars<'_>, mistakes: &mut Vec<ConfigMistake>) -> DatabaseUrl {
    let read = DatabaseUrl::from_vars(var).and_then(|given| match given {
        Some(url) => Ok(url),
        None => DatabaseUrl::parse(DATABASE_URL).map_err(DatabaseUrlMistake::Url),
    });
    read.unwrap_or_else(|mistake| {
        mistakes.push(ConfigMistake::new(mistake.to_string()));
        DatabaseUrl::parse(DATABASE_URL).expect("the default is a valid URL")
    })
}

fn read_flag(var: &Vars<'_>, mistakes: &mut Vec<ConfigMistake>) -> RecommendationsFlag {
    let flag = var("FEATURE_RECOMMENDATIONS");
    RecommendationsFlag::parse(flag.as_deref()).unwrap_or_else(|wrong: FlagMistake| {
        mistakes.push(ConfigMistake::new(wrong));
        RecommendationsFlag::Off
    })
}

fn read_url(service: ServiceName, var: &Vars<'_>, mistakes: &mut Vec<ConfigMistake>) -> String {
    let name = service.url_variable();
    let url = var(name).unwrap_or_else(|| format!("http://127.0.0.1:{}", service.port()));
    let is_usable = url.parse::<http::Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|h| !h.is_empty())
            && uri.query().is_none()
    });
    if !is_usable {
        mistakes.push(ConfigMistake::new(format!(
            "{name} is {url:?}; give a URL such as http://127.0.0.1:{}",
            service.port()
        )));
    }
    url.trim_end_matches('/').to_owned()
}

fn read_pool(
    name: &str,
    connections: u32,
    acquire_timeout_ms: u32,
    var: &Vars<'_>,
    mistakes: &mut Vec<ConfigMistake>,
) -> PoolSize {
    let mut number = |name: String, default: u32, most: u32| match var(&name) {
        None => default,
        Some(text) => text.parse().ok().filter(|n| (1..=most).contains(n)).unwrap_or_else(|| {
            mistakes.push(ConfigMistake::new(format!("{name} is {text:?}; give a whole number from 1 to {most}")));
            default
        }),
    };
    let connections = number(format!("POOL_{name}_SIZE"), connections, 1000);
    let timeout_ms = number(format!("POOL_{name}_ACQUIRE_TIMEOUT_MS"), acquire_timeout_ms, 60_000);
    PoolSize { connections, acquire_timeout: Duration::from_millis(u64::from(timeout_ms)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(vars: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let vars: HashMap<String, String> = vars.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Config::from_vars(&|name| vars.get(name).cloned())
    }

    #[test]
    fn an_empty_environment_gives_the_documented_defaults() {
        let config = read(&[]).unwrap();
        assert_eq!(config.url_of(ServiceName::Cart), "http://127.0.0.1:8013");
        assert_eq!(config.redis_key_prefix, "doorbuster:");
        assert_eq!(config.recommendations, RecommendationsFlag::Off);
        assert_eq!(config.common.clock, None);
        let pool = PoolSize { connections: 20, acquire_timeout: Duration::from_millis(2100) };
        assert_eq!(config.recommendations_pool, pool);
        assert_eq!(config.common.admin_token, None);
        assert_eq!(config.database.place(), ("127.0.0.1".to_owned(), 5432, "doorbuster".to_owned()));
    }

    #[test]
    fn every_pool_has_its_own_two_variables() {
        let orders = read(&[("POOL_ORDERS_SIZE", "7"), ("POOL_ORDERS_ACQUIRE_TIMEOUT_MS", "5000")]).unwrap();
        let expected = PoolSize { connections: 7, acquire_timeout: Duration::from_secs(5) };
        assert_eq!(orders.orders_pool, expected);
        assert_eq!(orders.order_history_pool.connections, 10);
        let history = read(&[("POOL_ORDER_HISTORY_SIZE", "3")]).unwrap();
        assert_eq!((history.order_history_pool.connections, history.orders_pool.connections), (3, 20));
    }

    #[test]
    fn the_database_may_be_given_in_pieces() {
        let config = read(&[("DB_HOST", "db.internal"), ("DB_PORT", "6543"), ("DB_NAME", "shop")]).unwrap();
        assert_eq!(config.database.place(), ("db.internal".to_owned(), 6543, "shop".to_owned()));
    }

    #[test]
    fn every_mistake_is_reported_and_names_its_variable() {
        let wrong = [
            ("DATABASE_URL", "mysql://x"),
            ("DEMO_START_TIMESTAMP", "noon"),
            ("DEMO_SPEED", "-1"),
            ("DEMO_PHASES", "ramp"),
            ("FEATURE_RECOMMENDATIONS", "maybe"),
            ("CART_URL", "cart:8013"),
            ("REDIS_URL", "http://x"),
            ("POOL_RECOMMENDATIONS_SIZE", "0"),
            ("POOL_BROWSE_ACQUIRE_TIMEOUT_MS", "soon"),
            ("POOL_ORDERS_SIZE", "1001"),
            ("POOL_ORDER_HISTORY_SIZE", "-1"),
        ];
        let error = read(&wrong).unwrap_err();
        assert_eq!(error.0.len(), wrong.len(), "{error}");
        for (name, _) in wrong {
            assert!(error.to_string().contains(name), "{name}: {error}");
        }
    }
}

//! Carts in Redis: one hash per cart, product to quantity, that expires.
//!
//! Adding and removing are scripts, because the bounds must hold whoever else adds at the same time.

use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, FromRedisValue, RedisError};
use serde::Serialize;
use telemetry::redis::{Command, RedisPeer, traced};

use crate::domain::{CartId, ProductId, Quantity};

/// How long an untouched cart is kept: an abandoned one is forgotten within the hour.
const TTL_SECONDS: u64 = 3600;
/// Most different products in a cart.
const MAX_LINES: usize = 100;
/// Longest that a command may take, connecting included; Redis answers within a millisecond.
const TIMEOUT: Duration = Duration::from_secs(1);

const GET: Command = Command::new("HGETALL", "cart", "HGETALL cart");
const ADD: Command = Command::new("EVAL", "cart", "EVAL cart add");
const REMOVE: Command = Command::new("EVAL", "cart", "EVAL cart remove");
const CLEAR: Command = Command::new("DEL", "cart", "DEL cart");

const ADD_SCRIPT: &str = r"
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) then
  return {'full', 'lines'}
end
if tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or 0) + tonumber(ARGV[2]) > tonumber(ARGV[4]) then
  return {'full', 'pieces'}
end
redis.call('HINCRBY', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[5])
return redis.call('HGETALL', KEYS[1])";

const REMOVE_SCRIPT: &str = r"
local left = tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or 0) - tonumber(ARGV[2])
if left > 0 then
  redis.call('HSET', KEYS[1], ARGV[1], left)
else
  redis.call('HDEL', KEYS[1], ARGV[1])
end
return redis.call('HGETALL', KEYS[1])";

/// All carts.
#[derive(Clone)]
pub(super) struct Store {
    connection: ConnectionManager,
    peer: RedisPeer,
    prefix: String,
}

/// Why a cart can't be shown or changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum StoreError {
    #[error("the cart has too many lines")]
    TooManyLines,
    #[error("the line has too many pieces")]
    TooManyPieces,
    #[error(transparent)]
    Redis(#[from] RedisError),
}

/// A cart as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Cart {
    cart_id: String,
    items: Vec<Line>,
    total_quantity: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Line {
    product_id: String,
    quantity: u32,
}

impl Store {
    /// Carts at `url`, under keys that begin with `prefix`; connects with the first command.
    pub(super) fn new(url: &str, prefix: &str) -> Self {
        let client = Client::open(url).expect("the configuration checked the URL");
        let peer = RedisPeer::of(client.get_connection_info());
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(TIMEOUT))
            .set_response_timeout(Some(TIMEOUT))
            // A server that is gone is called so at once; the next command looks for it again.
            .set_number_of_retries(0);
        let connection = ConnectionManager::new_lazy_with_config(client, config)
            .expect("only connecting can fail, and that comes later");
        Self { connection, peer, prefix: prefix.to_owned() }
    }

    pub(super) async fn ping(&self) -> Result<(), RedisError> {
        self.ask(&redis::cmd("PING")).await
    }

    pub(super) async fn get(&self, id: &CartId) -> Result<Cart, StoreError> {
        let mut command = redis::cmd("HGETALL");
        command.arg(self.key(id));
        Ok(cart(id, self.run(&GET, &command).await?))
    }

    pub(super) async fn add(&self, id: &CartId, product: ProductId, quantity: Quantity) -> Result<Cart, StoreError> {
        let mut command = redis::cmd("EVAL");
        command.arg(ADD_SCRIPT).arg(1).arg(self.key(id)).arg(product.to_string()).arg(quantity.count());
        command.arg(MAX_LINES).arg(Quantity::MAX).arg(TTL_SECONDS);
        let pairs: Vec<String> = self.run(&ADD, &command).await?;
        match pairs.as_slice() {
            [full, what] if full == "full" => {
                Err(if what == "lines" { StoreError::TooManyLines } else { StoreError::TooManyPieces })
            }
            _ => Ok(cart(id, pairs)),
        }
    }

    /// Takes `quantity` out, or all of the product where `None`.
    pub(super) async fn remove(
        &self,
        id: &CartId,
        product: ProductId,
        quantity: Option<Quantity>,
    ) -> Result<Cart, StoreError> {
        let pieces = quantity.map_or(Quantity::MAX, Quantity::count);
        let mut command = redis::cmd("EVAL");
        command.arg(REMOVE_SCRIPT).arg(1).arg(self.key(id)).arg(product.to_string()).arg(pieces);
        Ok(cart(id, self.run(&REMOVE, &command).await?))
    }

    pub(super) async fn clear(&self, id: &CartId) -> Result<Cart, StoreError> {
        let mut command = redis::cmd("DEL");
        command.arg(self.key(id));
        let _: i64 = self.run(&CLEAR, &command).await?;
        Ok(cart(id, Vec::new()))
    }

    fn key(&self, id: &CartId) -> String {
        format!("{}cart:{}", self.prefix, id.as_str())
    }

    async fn run<T: FromRedisValue>(&self, what: &Command, command: &Cmd) -> Result<T, RedisError> {
        traced(what, &self.peer, self.ask(command)).await
    }

    /// Sends a command, twice where no connection could be made and so nothing was sent: the first refusal may be that of
    /// an attempt long ago, and brings about the next one. So the first command after Redis is back succeeds, unless an
    /// old connection is only found broken by it.
    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, RedisError> {
        let asked = async {
            let mut connection = self.connection.clone();
            match command.query_async(&mut connection).await {
                Err(error) if error.is_connection_refusal() => command.query_async(&mut connection).await,
                outcome => outcome,
            }
        };
        let too_late = |_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into());
        tokio::time::timeout(TIMEOUT, asked).await.unwrap_or_else(too_late)
    }
}

/// Fields and values in turn, as HGETALL gives them. What is no product or quantity was not written by us.
fn cart(id: &CartId, pairs: Vec<String>) -> Cart {
    let lines = pairs.chunks_exact(2).filter_map(|pair| {
        let product = ProductId::parse(&pair[0])?;
        let quantity = pair[1].parse().ok().and_then(Quantity::new)?;
        Some((product, quantity))
    });
    let mut lines: Vec<(ProductId, Quantity)> = lines.collect();
    lines.sort_unstable();
    Cart {
        cart_id: id.to_string(),
        total_quantity: lines.iter().map(|(_, quantity)| quantity.count()).sum(),
        items: lines
            .into_iter()
            .map(|(product, quantity)| Line { product_id: product.to_string(), quantity: quantity.count() })
            .collect(),
    }
}

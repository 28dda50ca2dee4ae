//! Real parts as children of this process: processes that die with it, a private PostgreSQL, a private Redis.
//!
//! The stage builds on it, and so do the tests of every crate that wants the real thing. It knows nothing of shops,
//! scenarios or faults, and never touches a server that it did not start. Start at [`Spec`] (a child),
//! [`postgres::Cluster`] and [`redis::Server`].
mod account;
mod cache;
mod child;
mod member;
mod ports;
mod spawner;

pub mod postgres;
pub mod redis;

pub use account::Account;
pub use cache::{Cache, CacheError, FileLock};
pub use child::{Child, ChildError, Exit, ParentDeath, Spec, Stop};
pub use member::Member;
pub use ports::{free_port, is_free};

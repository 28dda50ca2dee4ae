//! Faults in a real PostgreSQL, in real services, in real processes: that they bite, that they are undone, whatever happens in between.
mod drop_index;
mod fixture;
mod http;
mod killed;
mod lock_table;
mod pools;
mod processes;
mod proofs;
mod recovery;
mod retry_storm;
mod stage;
mod storage_wait;
mod tampering;

//! Faults in a real PostgreSQL: that they bite, that they are undone, whatever happens in between.
mod drop_index;
mod fixture;
mod killed;
mod proofs;
mod recovery;
mod storage_wait;

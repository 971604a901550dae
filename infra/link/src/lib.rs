//! The wire between service and Postgres.
//!
//! It forwards TCP, holds each direction back for half of a latency that is set at start or while it runs, and counts
//! round trips.

mod admin;
mod connection;
mod counters;
mod direction;
mod queue;
pub mod server;
pub mod settings;
mod timer;

//! The HTTPS server that services call.
//!
//! Three resources, each a pure function of an id: a slow one like a language model's, a quick look-up, and one that
//! sometimes fails. How slow and how often is set at start, or while it runs on a second port, which also counts.

mod activity;
mod admin;
mod answers;
mod body;
mod counters;
mod descriptors;
mod documents;
mod listening;
pub mod server;
pub mod settings;
mod tls;
mod traced;

//! The contract's API with Axum, tokio-postgres and bb8.

// A server must answer with an error, not panic.
#![warn(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod access_log;
mod body;
mod clients;
mod connections;
mod database;
mod descriptors;
mod document;
mod environment;
mod errors;
mod heads;
pub mod logs;
mod metrics;
mod parameters;
mod plans;
pub mod program;
mod progress;
mod queries;
mod queue;
mod records;
mod responses;
mod routes;
mod rows;
mod sending;
mod serializers;
pub mod server;
pub mod settings;
mod shapes;
#[cfg(feature = "sqlx")]
mod sqlx_documents;
#[cfg(feature = "sqlx")]
mod sqlx_options;
mod stop;
mod timestamps;
mod tls;
pub mod traces;
mod upstream;
mod wire;

pub use environment::BadSetting;
pub use routes::router;

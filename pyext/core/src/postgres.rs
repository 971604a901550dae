//! The types of Postgres: what their bytes mean, and their JSON.

pub mod array;
pub mod error;
pub mod interval;
pub mod network;
pub mod numeric;
pub mod range;
pub mod reader;
pub mod record;
pub mod scalar;
pub mod time;
pub mod types;
pub mod value;

//! Postgres's binary rows to JSON, by a declared shape.
//!
//! Nothing here knows of Python: `rowjson` binds it, and any Rust service can use it as it is.

pub mod array;
pub mod binary;
pub mod error;
pub mod interval;
pub mod lead;
pub mod network;
pub mod number;
pub mod numeric;
pub mod packed;
pub mod path;
pub mod range;
pub mod record;
pub mod render;
pub mod shape;
pub mod sink;
pub mod text;
pub mod time;
pub mod types;
pub mod value;

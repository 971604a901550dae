//! Postgres's binary rows to JSON, by a declared shape.
//!
//! Nothing here knows of Python: `rowjson` binds it, and any Rust service can use it as it is. Three
//! layers, each of which uses those above it: how JSON is written, what each type's bytes mean, and
//! documents of many values.

/// How deep a document may be nested: each level takes its part of the stack.
pub const DEPTH: usize = 254;

// JSON, wherever its values come from.
pub mod iso;
pub mod json;
pub mod lead;
pub mod number;
pub mod path;
pub mod sink;
pub mod text;
pub mod time;

// The types of Postgres.
pub mod array;
pub mod binary;
pub mod error;
pub mod interval;
pub mod network;
pub mod numeric;
pub mod range;
pub mod reader;
pub mod record;
pub mod types;
pub mod value;

// Documents: declared, and rendered from rows.
pub mod key;
pub mod packed;
pub mod render;
pub mod shape;
pub mod sql;

//! How JSON is written, wherever its values come from.

/// How deep a document may be nested. Each level needs stack space.
pub const DEPTH: usize = 254;

pub mod binary;
pub mod check;
pub mod interval;
pub mod iso;
pub mod lead;
pub mod number;
pub mod path;
pub mod sink;
pub mod text;
pub mod time;

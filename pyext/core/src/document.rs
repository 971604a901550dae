//! Documents: declared, and rendered from rows.

pub mod key;
pub mod packed;
pub mod render;
pub mod shape;
pub mod sql;

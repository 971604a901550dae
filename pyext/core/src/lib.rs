//! Postgres's binary rows to JSON, by a declared shape.
//!
//! This crate does not depend on Python: `rowjson` binds it, and a Rust service can use it directly. It has
//! three layers, the lowest first. No layer uses one above it, and no modules use one another in a circle:
//! `tests/layers.rs` checks both.

pub mod json;
pub mod postgres;

pub mod document;

//! What is wrong with packed rows, and where.

use std::fmt;

/// Bytes that are not what their type or their shape says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// How far from the start of what was given.
    pub offset: usize,
    /// What is wrong there.
    pub what: String,
}

impl Malformed {
    /// Wrong at the first byte.
    pub fn new(what: impl Into<String>) -> Self {
        Self { offset: 0, what: what.into() }
    }

    /// The same, where the bytes that it was found in start at `offset` of others.
    #[must_use]
    pub fn at(mut self, offset: usize) -> Self {
        self.offset += offset;
        self
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} (byte {})", self.what, self.offset)
    }
}

impl std::error::Error for Malformed {}

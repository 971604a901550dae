//! What is wrong with packed rows, and where.

use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::json::check::NotJson;

/// Bytes that are not what their type or their shape says.
///
/// A pointer only, for it is in the result of every value, and almost never there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed(Box<Finding>);

/// What a [`Malformed`] tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How far from the start of what was given.
    pub offset: usize,
    /// What is wrong there.
    pub what: String,
}

impl Malformed {
    /// Wrong at the first byte.
    #[cold]
    pub fn new(what: impl Into<String>) -> Self {
        Self(Box::new(Finding { offset: 0, what: what.into() }))
    }

    /// The same, where the bytes that it was found in start at `offset` of others.
    #[must_use]
    pub fn at(mut self, offset: usize) -> Self {
        self.offset += offset;
        self
    }
}

impl From<NotJson> for Malformed {
    #[cold]
    fn from(NotJson { expected, offset }: NotJson) -> Self {
        Self::new(format!("not JSON: {expected} expected")).at(offset)
    }
}

impl Deref for Malformed {
    type Target = Finding;

    fn deref(&self) -> &Finding {
        &self.0
    }
}

impl DerefMut for Malformed {
    fn deref_mut(&mut self) -> &mut Finding {
        &mut self.0
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} (byte {})", self.what, self.offset)
    }
}

impl std::error::Error for Malformed {}

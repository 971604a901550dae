//! What is wrong with packed rows, and where.

use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::json::check::NotJson;

/// An error in packed rows: bytes that do not fit their type or their shape.
///
/// It is one pointer, because the result of each value has room for it, and almost none holds one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed(Box<Finding>);

/// The contents of a [`Malformed`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// At which of the bytes that were given.
    pub offset: usize,
    /// What is wrong there.
    pub what: String,
}

impl Malformed {
    /// An error at the first byte.
    #[cold]
    pub fn new(what: impl Into<String>) -> Self {
        Self(Box::new(Finding { offset: 0, what: what.into() }))
    }

    /// The same error, for bytes in which those that it was found in start at `offset`.
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

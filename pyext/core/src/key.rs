//! What rows are matched by.

use std::borrow::Cow;

use crate::path::Traced;

/// What rows are matched by. NULL matches nothing, and a number no text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key<'a> {
    /// NULL.
    Null,
    /// A whole number of any width, or a truth, which is 0 or 1.
    Int(i64),
    /// A text, or what a UUID or an address is as one.
    Text(Cow<'a, [u8]>),
}

impl Key<'_> {
    /// What kind it is of, in words; none where it is NULL.
    pub(crate) fn kind(&self) -> Option<&'static str> {
        match self {
            Self::Null => None,
            Self::Int(_) => Some("a number"),
            Self::Text(_) => Some("a text"),
        }
    }
}

/// Keys of two kinds would never be equal: that is a mistake, and not a row without children.
#[inline]
pub(crate) fn refuse_other<E: Traced>(kind: &'static str, found: &'static str) -> Result<(), E> {
    if kind == found {
        return Ok(());
    }
    Err(E::new(format!("rows cannot be matched: {found} is never equal to {kind}")))
}

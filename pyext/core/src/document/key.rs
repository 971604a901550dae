//! Keys: the values by which rows are matched.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::json::binary::put_uuid;
use crate::json::path::Traced;
use crate::postgres::types::{Kind, Type};

/// A value by which rows are matched. NULL matches nothing, and a number never matches a text.
#[derive(Clone, Debug)]
pub enum Key<'a> {
    /// NULL.
    Null,
    /// A whole number of any width, or a boolean as 0 or 1.
    Int(i64),
    /// A text, or an address as text.
    Text(Cow<'a, [u8]>),
    /// A UUID, which is equal to its text.
    Uuid([u8; 16]),
}

impl Ord for Key<'_> {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Int(one), Self::Int(other)) => one.cmp(other),
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            // Bytes sort as their hexadecimal digits do.
            (Self::Uuid(one), Self::Uuid(other)) => one.cmp(other),
            _ => self.cmp_other(other),
        }
    }
}

impl Key<'_> {
    /// Compares keys of different variants.
    #[cold]
    #[inline(never)]
    fn cmp_other(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Uuid(one), Self::Text(other)) => text_of(one).as_slice().cmp(other),
            (Self::Text(one), Self::Uuid(other)) => one.as_ref().cmp(&text_of(other)),
            (Self::Null, Self::Null) => Ordering::Equal,
            (Self::Null, _) | (Self::Int(_), Self::Text(_) | Self::Uuid(_)) => Ordering::Less,
            _ => Ordering::Greater,
        }
    }
}

impl PartialOrd for Key<'_> {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Key<'_> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Int(one), Self::Int(other)) => one == other,
            _ => self.cmp(other) == Ordering::Equal,
        }
    }
}

impl Eq for Key<'_> {}

/// Whether rows can be matched by values of this type.
pub(super) const fn is_key(kind: Kind) -> bool {
    is_number(kind)
        || matches!(kind, Kind::Scalar(ty) if ty.is_text() || matches!(ty, Type::Uuid | Type::Inet | Type::Cidr))
}

/// Whether a key of this type is a number. Other keys are texts.
pub(super) const fn is_number(kind: Kind) -> bool {
    matches!(kind, Kind::Scalar(Type::Bool | Type::Int2 | Type::Int4 | Type::Int8 | Type::Oid))
}

/// A UUID's text, without quotes.
fn text_of(uuid: &[u8; 16]) -> Vec<u8> {
    let mut text = Vec::new();
    put_uuid(uuid, &mut text);
    text.pop();
    text.split_off(1)
}

impl Key<'_> {
    /// The kind of key, in words. NULL has none.
    pub(super) fn kind(&self) -> Option<&'static str> {
        match self {
            Self::Null => None,
            Self::Int(_) => Some("a number"),
            Self::Text(_) | Self::Uuid(_) => Some("a text"),
        }
    }
}

/// Refuses to match keys of two kinds. They are never equal, so the query or the shape is wrong; that must
/// not look like a row without children.
#[inline]
pub(super) fn refuse_other<E: Traced>(kind: &'static str, found: &'static str) -> Result<(), E> {
    if kind == found {
        return Ok(());
    }
    Err(E::new(format!("rows cannot be matched: {found} is never equal to {kind}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_sorts_as_its_text_does() {
        let uuid = |byte| Key::Uuid([byte; 16]);
        let text = |byte| Key::Text(text_of(&[byte; 16]).into());
        let bytes = [0, 0x09, 0x0a, 0x90, 0xa0, 0xff];
        for one in bytes {
            for other in bytes {
                let expected = text(one).cmp(&text(other));
                assert_eq!(uuid(one).cmp(&uuid(other)), expected);
                assert_eq!(uuid(one).cmp(&text(other)), expected);
                assert_eq!(text(one).cmp(&uuid(other)), expected);
            }
        }
    }

    #[test]
    fn null_comes_first_and_then_numbers() {
        let mut keys =
            [Key::Uuid([0; 16]), Key::Text(b"".into()), Key::Int(5), Key::Null, Key::Int(-1)];
        keys.sort();
        let shown = format!("{keys:?}");
        assert!(shown.starts_with("[Null, Int(-1), Int(5), Text([]), Uuid(["), "{shown}");
    }
}

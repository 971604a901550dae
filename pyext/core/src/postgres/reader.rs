//! Reads Postgres's bytes in order, and knows the offset of each.

use crate::postgres::error::Malformed;
use crate::postgres::types::Oid;

/// The bytes that are not read yet, and their offset: how far they are from the start of all bytes.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    /// The offset of the end, which does not change.
    end: usize,
}

impl<'a> Reader<'a> {
    /// A reader of bytes that start at this offset.
    #[inline]
    #[must_use]
    pub const fn new(bytes: &'a [u8], offset: usize) -> Self {
        Self { rest: bytes, end: offset + bytes.len() }
    }

    /// The offset of the next byte.
    #[inline]
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.end - self.rest.len()
    }

    /// How many bytes are left.
    #[inline]
    #[must_use]
    pub const fn left(&self) -> usize {
        self.rest.len()
    }

    /// The bytes that are left.
    #[inline]
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether all is read.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Reads the next `N` bytes.
    ///
    /// # Errors
    ///
    /// Fewer are left.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let Some((array, rest)) = self.rest.split_first_chunk() else {
            return Err(self.cut_off(N));
        };
        self.rest = rest;
        Ok(*array)
    }

    /// Reads the next four bytes as a number.
    ///
    /// # Errors
    ///
    /// Fewer are left.
    #[inline]
    pub fn int(&mut self) -> Result<i32, Malformed> {
        self.array().map(i32::from_be_bytes)
    }

    /// Reads the next four bytes as the OID of a type.
    ///
    /// # Errors
    ///
    /// Fewer are left.
    #[inline]
    pub fn oid(&mut self) -> Result<Oid, Malformed> {
        self.array().map(Oid::from_be_bytes)
    }

    /// Reads the next value, which follows its length, and returns its offset and its bytes; `None` for
    /// NULL, whose length is -1.
    ///
    /// # Errors
    ///
    /// The length is negative but not -1, or more than what is left.
    #[inline]
    pub fn value(&mut self) -> Result<Option<(usize, &'a [u8])>, Malformed> {
        let length = self.int()?;
        let offset = self.offset();
        self.bytes(length).map(|value| value.map(|value| (offset, value)))
    }

    /// Reads `length` bytes, after `length` itself was read; `None` if it is -1.
    #[inline]
    pub(crate) fn bytes(&mut self, length: i32) -> Result<Option<&'a [u8]>, Malformed> {
        let Ok(length) = usize::try_from(length) else {
            return if length == -1 { Ok(None) } else { Err(self.negative(length)) };
        };
        self.take(length).map(Some)
    }

    /// Reads the next `length` bytes.
    ///
    /// # Errors
    ///
    /// Fewer are left.
    #[inline]
    pub fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let Some((bytes, rest)) = self.rest.split_at_checked(length) else {
            return Err(self.cut_off(length));
        };
        self.rest = rest;
        Ok(bytes)
    }

    /// Checks that all is read.
    ///
    /// # Errors
    ///
    /// Bytes are left.
    #[inline]
    pub fn end(&self) -> Result<(), Malformed> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(self.malformed(format!("{} bytes too many", self.left())))
        }
    }

    /// An error at the next byte.
    #[cold]
    pub(crate) fn malformed(&self, what: impl Into<String>) -> Malformed {
        Malformed::new(what).at(self.offset())
    }

    #[cold]
    fn cut_off(&self, wanted: usize) -> Malformed {
        self.malformed(format!("cut off: {wanted} bytes should follow, {} do", self.left()))
    }

    /// The error for a negative length that was just read.
    #[cold]
    pub(crate) fn negative(&self, length: i32) -> Malformed {
        Malformed::new(format!("a length of {length}")).at(self.offset() - size_of::<i32>())
    }
}

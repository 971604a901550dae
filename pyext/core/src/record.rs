//! Composites (rows) in Postgres's binary format, and arrays of them: where their values lie.

use crate::array::Header;
use crate::error::Malformed;
use crate::types::{FIRST_OF_USERS, Oid, RECORD};

/// One field of a composite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its type.
    pub oid: Oid,
    /// Its value; none where it is NULL.
    pub value: Option<&'a [u8]>,
    /// How far its value is from the start of what was given.
    pub offset: usize,
}

/// Bytes that are not read yet, which know how far they are from the start.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    /// How far the end is from the start of what was given: it stays where it is.
    end: usize,
}

impl<'a> Reader<'a> {
    /// Reads bytes that lie `offset` bytes from the start of what was given.
    #[inline]
    #[must_use]
    pub const fn new(bytes: &'a [u8], offset: usize) -> Self {
        Self { rest: bytes, end: offset + bytes.len() }
    }

    /// How far the next byte is from the start of what was given.
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

    /// The next bytes, as many as `N`.
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

    /// The next four bytes, a number.
    ///
    /// # Errors
    ///
    /// Fewer are left.
    #[inline]
    pub fn int(&mut self) -> Result<i32, Malformed> {
        self.array().map(i32::from_be_bytes)
    }

    /// The next four bytes, a type.
    ///
    /// # Errors
    ///
    /// Fewer are left.
    #[inline]
    pub fn oid(&mut self) -> Result<Oid, Malformed> {
        self.array().map(Oid::from_be_bytes)
    }

    /// The next value, which has its length before it, and how far it is from the start; none where it
    /// is NULL (its length is -1).
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

    /// As many bytes as `length`, which was just read; none where it is -1.
    #[inline]
    fn bytes(&mut self, length: i32) -> Result<Option<&'a [u8]>, Malformed> {
        let Ok(length) = usize::try_from(length) else {
            return if length == -1 { Ok(None) } else { Err(self.negative(length)) };
        };
        self.take(length).map(Some)
    }

    /// The next bytes, as many as `length`.
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

    /// Nothing.
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

    /// What is wrong at the next byte.
    #[cold]
    pub(crate) fn malformed(&self, what: impl Into<String>) -> Malformed {
        Malformed::new(what).at(self.offset())
    }

    #[cold]
    fn cut_off(&self, wanted: usize) -> Malformed {
        self.malformed(format!("cut off: {wanted} bytes should follow, {} do", self.left()))
    }

    /// A number that cannot be one, just read.
    #[cold]
    fn negative(&self, length: i32) -> Malformed {
        Malformed::new(format!("a length of {length}")).at(self.offset() - size_of::<i32>())
    }
}

/// The fields of the next composite, in place of those that `fields` had: their number, then a type,
/// a length (-1: NULL) and as many bytes each.
///
/// # Errors
///
/// It is cut off, or one of its lengths is not one.
#[inline]
pub fn read_record<'a>(
    reader: &mut Reader<'a>,
    fields: &mut Vec<Field<'a>>,
) -> Result<(), Malformed> {
    fields.clear();
    let count = reader.int()?;
    let count = match usize::try_from(count) {
        Ok(count) if count <= reader.left() / HEAD => count,
        Ok(_) => return Err(too_many(reader, count)),
        Err(_) => return Err(reader.negative(count)),
    };
    fields.reserve(count);
    for _ in 0..count {
        let (oid, length) = halves(u64::from_be_bytes(reader.array::<HEAD>()?));
        let offset = reader.offset();
        let value = reader.bytes(length.cast_signed())?;
        fields.push(Field { oid, value, offset });
    }
    Ok(())
}

/// The bytes of a field that all have: its type and its length.
const HEAD: usize = 8;

/// Both in one read, taken apart.
#[inline]
const fn halves(number: u64) -> (u32, u32) {
    #[expect(clippy::cast_possible_truncation, reason = "the other half is not wanted")]
    ((number >> 32) as u32, number as u32)
}

/// A number of fields that cannot be one: refused before there is room made for them.
#[cold]
fn too_many(reader: &Reader<'_>, count: i32) -> Malformed {
    let what = format!("{count} fields do not fit into the {} bytes that follow", reader.left());
    Malformed::new(what).at(reader.offset() - size_of::<i32>())
}

/// The elements of an array of composites, of `record` or of a type of a user's, which has one
/// dimension or is empty: how far each is from the start of `raw`, and its bytes; none where it is NULL.
///
/// # Errors
///
/// The array is cut off, has more dimensions, more elements than its bytes can hold, or other elements.
/// What is wrong with a single element, the iterator says when it comes to it, and then it ends.
pub fn record_elements(raw: &[u8]) -> Result<RecordElements<'_>, Malformed> {
    let mut reader = Reader::new(raw, 0);
    let header = Header::read(&mut reader)?;
    if header.element != RECORD && header.element < FIRST_OF_USERS {
        return Err(Malformed::new(format!(
            "an array of type OID {}, not of composites",
            header.element
        )));
    }
    let mut lengths = header.lengths();
    let left = lengths.next().unwrap_or(0);
    if lengths.next().is_some() {
        return Err(Malformed::new("an array of composites with more than one dimension"));
    }
    Ok(RecordElements { reader, left })
}

/// What [`record_elements`] gives.
#[derive(Clone, Debug)]
pub struct RecordElements<'a> {
    reader: Reader<'a>,
    left: usize,
}

impl<'a> Iterator for RecordElements<'a> {
    type Item = Result<Option<(usize, &'a [u8])>, Malformed>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let Some(left) = self.left.checked_sub(1) else {
            let end = self.reader.end().err()?;
            self.reader.rest = &[];
            return Some(Err(end));
        };
        self.left = left;
        let element = self.reader.value();
        if element.is_err() {
            self.left = 0;
            self.reader.rest = &[];
        }
        Some(element)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        // One more for the error that bytes are left.
        (self.left.min(1), Some(self.left + 1))
    }
}

impl std::iter::FusedIterator for RecordElements<'_> {}

#[cfg(test)]
mod tests;

//! Composites (rows) in Postgres's binary format, and arrays of them: where their values are.

use crate::postgres::array::Header;
use crate::postgres::error::Malformed;
use crate::postgres::reader::Reader;
use crate::postgres::types::{FIRST_OF_USERS, Oid, RECORD};

/// One field of a composite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its type.
    pub oid: Oid,
    /// Its value; `None` for NULL.
    pub value: Option<&'a [u8]>,
    /// The offset of its value.
    pub offset: usize,
}

/// Reads the next composite and replaces the contents of `fields` with its fields.
///
/// A composite is the number of its fields, and for each its type, its length (-1 for NULL) and its bytes.
///
/// # Errors
///
/// It is cut off, or has a negative length other than -1.
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

/// How many bytes each field has at least: those of its type and its length.
const HEAD: usize = 8;

/// The halves of a number: two fields of four bytes are read at once.
#[inline]
const fn halves(number: u64) -> (u32, u32) {
    #[expect(clippy::cast_possible_truncation, reason = "the other half is not wanted")]
    ((number >> 32) as u32, number as u32)
}

/// The error for a number of fields that cannot be true. It is found before memory is reserved for them.
#[cold]
fn too_many(reader: &Reader<'_>, count: i32) -> Malformed {
    let what = format!("{count} fields do not fit into the {} bytes that follow", reader.left());
    Malformed::new(what).at(reader.offset() - size_of::<i32>())
}

/// The elements of an array of composites (of `record`, or of a user's type) that has one dimension or is
/// empty. Each is its offset in `raw` and its bytes; `None` for NULL.
///
/// # Errors
///
/// The array is cut off, has more than one dimension, claims more elements than its bytes can hold, or has
/// elements of another type. An error in one element is returned by the iterator, which then ends.
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

/// What [`record_elements`] returns.
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
            self.reader = Reader::new(&[], self.reader.offset());
            return Some(Err(end));
        };
        self.left = left;
        let element = self.reader.value();
        if element.is_err() {
            self.left = 0;
            self.reader = Reader::new(&[], self.reader.offset());
        }
        Some(element)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        // One more, for the error that bytes are left.
        (self.left.min(1), Some(self.left + 1))
    }
}

impl std::iter::FusedIterator for RecordElements<'_> {}

#[cfg(test)]
mod tests;

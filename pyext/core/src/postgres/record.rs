//! Composites (rows) in Postgres's binary format, and arrays of them: where their values lie.

use crate::postgres::array::Header;
use crate::postgres::error::Malformed;
use crate::postgres::reader::Reader;
use crate::postgres::types::{FIRST_OF_USERS, Oid, RECORD};

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
        // One more for the error that bytes are left.
        (self.left.min(1), Some(self.left + 1))
    }
}

impl std::iter::FusedIterator for RecordElements<'_> {}

#[cfg(test)]
mod tests;

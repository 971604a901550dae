//! Arrays in Postgres's binary format.

use crate::json::binary::Binary;
use crate::json::sink::Sink;
use crate::postgres::error::Malformed;
use crate::postgres::reader::Reader;
use crate::postgres::scalar::{put_scalar_as, scalar_type};
use crate::postgres::types::{Oid, Type};

/// Postgres's own limit on the dimensions of an array.
pub const MOST_DIMENSIONS: usize = 6;
/// How many bytes each element has at least: those of its length.
const HEAD: usize = 4;

/// What precedes the elements of an array.
pub(super) struct Header<'a> {
    /// The elements' type.
    pub element: Oid,
    dimensions: &'a [Dimension],
}

/// The bytes of a dimension: its length and its first index.
type Dimension = [u8; 8];

/// The length of a dimension; zero if it is negative.
#[inline]
fn length(dimension: Dimension) -> usize {
    let [a, b, c, d, ..] = dimension;
    usize::try_from(i32::from_be_bytes([a, b, c, d])).unwrap_or(0)
}

impl<'a> Header<'a> {
    /// Reads the number of dimensions, whether there are NULLs (ignored, for each element says so itself),
    /// the elements' type, and for each dimension its length and its first index (ignored, for JSON has no
    /// place for it).
    ///
    /// Afterwards all lengths are at least 1, and the bytes that are left can hold that many elements.
    #[inline]
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let start = *reader;
        let count = reader.int()?;
        reader.int()?;
        let element = reader.oid()?;
        let count = match usize::try_from(count) {
            Ok(count) if count <= MOST_DIMENSIONS => count,
            _ => return Err(start.malformed(format!("an array of {count} dimensions"))),
        };
        let (dimensions, _) = reader.take(count * size_of::<Dimension>())?.as_chunks();
        // A product that overflows does not fit either.
        let product = |product: usize, &dimension| product.saturating_mul(length(dimension));
        let elements = dimensions.iter().fold(1, product);
        let header = Self { element, dimensions };
        if count > 0 && !(1..=reader.left() / HEAD).contains(&elements) {
            let what = format!(
                "an array of {:?} elements does not fit into the {} bytes that follow",
                header.lengths().collect::<Vec<_>>(),
                reader.left()
            );
            return Err(start.malformed(what));
        }
        Ok(header)
    }

    /// The length of each dimension.
    pub(super) fn lengths(&self) -> impl ExactSizeIterator<Item = usize> {
        self.dimensions.iter().copied().map(length)
    }
}

/// Writes an array as JSON arrays, nested by dimension. If `declared` is `json` or `jsonb`, texts are
/// embedded as JSON.
#[inline(never)]
pub(super) fn put_array<S: Sink>(
    declared: Option<Type>,
    raw: &[u8],
    binary: Binary,
    sink: &mut S,
) -> Result<(), Malformed> {
    let mut reader = Reader::new(raw, 0);
    let header = Header::read(&mut reader)?;
    if header.dimensions.is_empty() {
        sink.put(b"[]");
    } else {
        let elements = Elements { ty: scalar_type(header.element, declared)?, declared, binary };
        elements.put(header.dimensions, &mut reader, sink)?;
    }
    reader.end()
}

/// How the elements of an array are written.
struct Elements {
    ty: Type,
    declared: Option<Type>,
    binary: Binary,
}

impl Elements {
    /// Writes the next dimension, and those in it.
    fn put<S: Sink>(
        &self,
        dimensions: &[Dimension],
        reader: &mut Reader<'_>,
        sink: &mut S,
    ) -> Result<(), Malformed> {
        let Some((&dimension, inner)) = dimensions.split_first() else { return Ok(()) };
        for index in 0..length(dimension) {
            sink.put(if index == 0 { b"[" } else { b"," });
            if inner.is_empty() {
                self.put_next(reader, sink)?;
            } else {
                self.put(inner, reader, sink)?;
            }
        }
        sink.put(b"]");
        Ok(())
    }

    #[inline]
    fn put_next<S: Sink>(&self, reader: &mut Reader<'_>, sink: &mut S) -> Result<(), Malformed> {
        let Some((offset, raw)) = reader.value()? else {
            sink.put(b"null");
            return Ok(());
        };
        put_scalar_as(self.ty, self.declared, raw, self.binary, sink)
            .map_err(|error| error.at(offset))
    }
}

#[cfg(test)]
mod tests;

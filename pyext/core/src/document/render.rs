//! Rows, by their shape, to JSON.

use std::sync::Arc;

use crate::document::key::{Key, refuse_other};
use crate::document::shape::{Member, Nested, Object, Shape, Value};
use crate::json::path::{Step, Traced};
use crate::json::sink::Sink;
use crate::postgres::types::Kind;

/// One value of a row, wherever it comes from.
pub trait Cell: Copy {
    /// What can be wrong with it.
    type Error: Traced;
    /// What all cells of a document are written by.
    type Context;
    /// The rows in a cell that holds some.
    type Rows: Rows<Self>;

    /// Whether it is NULL.
    fn is_null(&self) -> bool;

    /// Writes it, NULL included. `kind` is what it was declared as.
    ///
    /// # Errors
    ///
    /// A value without JSON.
    fn put<S: Sink>(
        &self,
        kind: Option<Kind>,
        context: &Self::Context,
        sink: &mut S,
    ) -> Result<(), Self::Error>;

    /// What it is compared by.
    ///
    /// # Errors
    ///
    /// A value that cannot be a key.
    fn key<'k>(self) -> Result<Key<'k>, Self::Error>
    where
        Self: 'k;

    /// The row that it holds: not NULL.
    ///
    /// # Errors
    ///
    /// A value that is no row.
    fn one(self) -> Result<Self::Rows, Self::Error>;

    /// The rows that it holds: not NULL.
    ///
    /// # Errors
    ///
    /// A value that does not hold rows.
    fn many(self) -> Result<Self::Rows, Self::Error>;
}

/// Rows that can be gone through.
pub trait Rows<C: Cell> {
    /// Calls `each` with the cells of every row, in order: as many as the shape has columns; and with
    /// how much of all rows comes before it. A row that does not fit the shape is given as an error,
    /// which `each` is to return: it knows which row it is.
    ///
    /// # Errors
    ///
    /// What `each` returns; the first ends it.
    fn for_each(
        &self,
        shape: &Shape,
        each: impl FnMut(Result<&[C], C::Error>, Progress) -> Result<(), C::Error>,
    ) -> Result<(), C::Error>;
}

/// A part of a whole, in any unit.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// What is done.
    pub done: usize,
    /// Of how much.
    pub of: usize,
}

/// The rows of another query, sorted by what they are found by.
pub struct NestedRows<'a, C> {
    nested: &'a Nested,
    /// The key of each row; none where rows have no keys.
    keys: Vec<Key<'a>>,
    /// What kind their keys are of, unless all are NULL.
    kind: Option<&'static str>,
    /// All rows' cells, one row after the other.
    cells: Vec<C>,
}

/// Writes documents of one call.
pub struct Renderer<'a, C: Cell> {
    /// What cells are written by.
    pub context: &'a C::Context,
    /// The rows of other queries, as [`collect`] made them.
    pub nested: &'a [NestedRows<'a, C>],
}

/// Reads the rows that are nested in others, so that each can be found by its key.
///
/// # Errors
///
/// Rows that are not the shape's, or cannot be matched by their key.
pub fn collect<'a, C: Cell + 'a>(
    nested: &'a Nested,
    rows: &impl Rows<C>,
) -> Result<NestedRows<'a, C>, C::Error> {
    let width = nested.shape.columns().len();
    let mut cells = cells_of(rows, &nested.shape)?;
    let mut keys = Vec::new();
    let mut kind = None;
    if let Some((key, _)) = nested.keys {
        keys =
            cells.chunks_exact(width).map(|row| row[key].key()).collect::<Result<Vec<_>, _>>()?;
        for found in keys.iter().filter_map(Key::kind) {
            refuse_other(kind.get_or_insert(found), found)?;
        }
        // Mostly they are sorted already.
        if !keys.is_sorted() {
            let mut sorted: Vec<_> = keys.into_iter().zip(cells.chunks_exact(width)).collect();
            // Stable: rows with one key keep their order.
            sorted.sort_by(|(one, _), (other, _)| one.cmp(other));
            let in_order: Vec<_>;
            (keys, in_order) = sorted.into_iter().unzip();
            cells = in_order.concat();
        }
    }
    Ok(NestedRows { nested, keys, kind, cells })
}

impl<C: Cell> NestedRows<'_, C> {
    /// The cells of the rows that belong to this one.
    fn of(&self, parent: &[C]) -> Result<&[C], C::Error> {
        let Some((_, parent_key)) = self.nested.keys else { return Ok(&self.cells) };
        let wanted = parent[parent_key].key()?;
        let Some(found) = wanted.kind() else { return Ok(&[]) };
        refuse_other(self.kind.unwrap_or(found), found)?;
        let width = self.nested.shape.columns().len();
        let start = self.keys.partition_point(|key| *key < wanted);
        let count = self.keys[start..].partition_point(|key| *key == wanted);
        Ok(&self.cells[start * width..][..count * width])
    }
}

fn cells_of<C: Cell>(rows: &impl Rows<C>, shape: &Shape) -> Result<Vec<C>, C::Error> {
    let mut cells = Vec::new();
    rows.for_each(shape, |row, _| {
        cells.extend_from_slice(row?);
        Ok(())
    })?;
    Ok(cells)
}

/// How many of the next rows make one object.
fn group_length<C: Cell>(shape: &Shape, cells: &[C]) -> Result<usize, C::Error> {
    let Some(by) = shape.group_by else { return Ok(1) };
    let mut rows = cells.chunks_exact(shape.columns().len()).map(|row| row[by].key());
    let first = rows.next().transpose()?;
    let mut length = 1;
    for key in rows {
        if Some(key?) != first {
            break;
        }
        length += 1;
    }
    Ok(length)
}

impl<C: Cell> Renderer<'_, C> {
    /// Writes all rows as an array.
    ///
    /// # Errors
    ///
    /// What is wrong with one of them, and where.
    #[inline]
    pub fn put_rows<S: Sink>(
        &self,
        shape: &Shape,
        rows: &impl Rows<C>,
        sink: &mut S,
    ) -> Result<(), C::Error> {
        if shape.group_by.is_some() {
            return self.put_array(shape, &cells_of(rows, shape)?, sink);
        }
        let mut array = Array::open(sink);
        rows.for_each(shape, |row, progress| {
            sink.progress(progress.done, progress.of);
            array.put(sink, |sink| {
                let row = row?;
                self.put_object(&shape.object, row, row, sink)
            })
        })?;
        array.close(sink);
        Ok(())
    }

    /// Writes one row, or the rows of one group, as an object.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and where.
    pub fn put_row<S: Sink>(
        &self,
        shape: &Shape,
        rows: &impl Rows<C>,
        sink: &mut S,
    ) -> Result<(), C::Error> {
        let cells = cells_of(rows, shape)?;
        let width = shape.columns().len();
        let count = cells.len() / width;
        if count == 0 || group_length(shape, &cells)? != count {
            return Err(C::Error::new(match (shape.group_by, count) {
                (_, 0) => "no row, where there should be one".into(),
                (None, _) => format!("{count} rows, where there should be one"),
                (Some(_), _) => "rows of several groups, where there should be one".into(),
            }));
        }
        self.put_object(&shape.object, &cells[..width], &cells, sink)
    }

    /// Writes rows, whose cells follow one another, as an array.
    fn put_array<S: Sink>(&self, shape: &Shape, cells: &[C], sink: &mut S) -> Result<(), C::Error> {
        let width = shape.columns().len();
        let mut array = Array::open(sink);
        let mut rest = cells;
        while !rest.is_empty() {
            let group;
            (group, rest) = rest.split_at(group_length(shape, rest)? * width);
            array.put(sink, |sink| self.put_object(&shape.object, &group[..width], group, sink))?;
        }
        array.close(sink);
        Ok(())
    }

    /// Writes an object of a row; `group` is what its Group is made of.
    #[inline]
    fn put_object<S: Sink>(
        &self,
        object: &Object,
        row: &[C],
        group: &[C],
        sink: &mut S,
    ) -> Result<(), C::Error> {
        for Member { lead, name, value } in &object.members {
            lead.put(sink);
            self.put_member(value, row, group, sink).map_err(|error| error.under_member(name))?;
        }
        sink.put(b"}");
        Ok(())
    }

    #[inline]
    fn put_member<S: Sink>(
        &self,
        value: &Value,
        row: &[C],
        group: &[C],
        sink: &mut S,
    ) -> Result<(), C::Error> {
        if let Value::Scalar(place, kind) = value {
            row[*place].put(*kind, self.context, sink)
        } else {
            self.put_compound(value, row, group, sink)
        }
    }

    #[inline(never)]
    fn put_compound<S: Sink>(
        &self,
        value: &Value,
        row: &[C],
        group: &[C],
        sink: &mut S,
    ) -> Result<(), C::Error> {
        match value {
            Value::Scalar(place, kind) => row[*place].put(*kind, self.context, sink),
            Value::One(place, _) | Value::Nullable(place, _) if row[*place].is_null() => {
                sink.put(b"null");
                Ok(())
            }
            Value::One(place, shape) => self.put_row(shape, &row[*place].one()?, sink),
            Value::Many(place, _) if row[*place].is_null() => {
                sink.put(b"[]");
                Ok(())
            }
            Value::Many(place, shape) => self.put_rows(shape, &row[*place].many()?, sink),
            Value::Object(object) | Value::Nullable(_, object) => {
                self.put_object(object, row, group, sink)
            }
            Value::Nested(nested) => self.put_nested(nested, row, sink),
            Value::Group(place, object) => self.put_group(*place, object, row.len(), group, sink),
        }
    }

    fn put_nested<S: Sink>(
        &self,
        nested: &Arc<Nested>,
        row: &[C],
        sink: &mut S,
    ) -> Result<(), C::Error> {
        let given = self.nested.iter().find(|rows| std::ptr::eq(rows.nested, &raw const **nested));
        let Some(rows) = given else {
            return Err(C::Error::new(format!("no rows are given for the Nest {:?}", nested.rows)));
        };
        self.put_array(&nested.shape, rows.of(row)?, sink)
    }

    fn put_group<S: Sink>(
        &self,
        column: usize,
        object: &Object,
        width: usize,
        group: &[C],
        sink: &mut S,
    ) -> Result<(), C::Error> {
        let mut array = Array::open(sink);
        for row in group.chunks_exact(width).filter(|row| !row[column].is_null()) {
            array.put(sink, |sink| self.put_object(object, row, row, sink))?;
        }
        array.close(sink);
        Ok(())
    }
}

/// An array that is being written.
struct Array {
    length: usize,
}

impl Array {
    #[inline]
    fn open<S: Sink>(sink: &mut S) -> Self {
        sink.open_array();
        Self { length: 0 }
    }

    /// The next element, as `put` writes it.
    #[inline]
    fn put<S: Sink, E: Traced>(
        &mut self,
        sink: &mut S,
        put: impl FnOnce(&mut S) -> Result<(), E>,
    ) -> Result<(), E> {
        sink.put(if self.length == 0 { b"[" } else { b"," });
        put(sink).map_err(|error| error.under(Step::Index(self.length)))?;
        self.length += 1;
        Ok(())
    }

    #[inline]
    fn close<S: Sink>(self, sink: &mut S) {
        sink.put(if self.length == 0 { b"[]" } else { b"]" });
        sink.close_array();
    }
}

#[cfg(test)]
mod tests;

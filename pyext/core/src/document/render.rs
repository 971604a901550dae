//! Writes rows as their shape says.

use std::sync::Arc;

use crate::document::key::{Key, refuse_other};
use crate::document::shape::{Member, Nested, Object, Shape, Value};
use crate::json::path::{Step, Traced};
use crate::json::sink::Sink;
use crate::postgres::types::Kind;

/// One value of a row, wherever it comes from.
pub trait Cell: Copy {
    /// Why it cannot be written.
    type Error: Traced;
    /// What writing a cell needs, the same for all cells of a document.
    type Context;
    /// The rows in a cell that holds rows.
    type Rows: Rows<Self>;

    /// Whether it is NULL.
    fn is_null(&self) -> bool;

    /// Writes it, or null. `kind` is what it is declared as.
    ///
    /// # Errors
    ///
    /// It has no JSON form.
    fn put<S: Sink>(
        &self,
        kind: Option<Kind>,
        context: &Self::Context,
        sink: &mut S,
    ) -> Result<(), Self::Error>;

    /// The key that it is.
    ///
    /// # Errors
    ///
    /// It cannot be a key.
    fn key<'k>(self) -> Result<Key<'k>, Self::Error>
    where
        Self: 'k;

    /// The row that it holds. It must not be NULL.
    ///
    /// # Errors
    ///
    /// It does not hold a row.
    fn one(self) -> Result<Self::Rows, Self::Error>;

    /// The rows that it holds. It must not be NULL.
    ///
    /// # Errors
    ///
    /// It does not hold rows.
    fn many(self) -> Result<Self::Rows, Self::Error>;
}

/// Rows that can be visited one after the other.
pub trait Rows<C: Cell> {
    /// Calls `each` for every row in order, with its cells, as many as the shape has columns, and with how
    /// much of all rows was before it. If a row does not fit the shape, `each` is called with an error, which
    /// it must return; it can add which row it was.
    ///
    /// # Errors
    ///
    /// The first error that `each` returns.
    fn for_each(
        &self,
        shape: &Shape,
        each: impl FnMut(Result<&[C], C::Error>, Progress) -> Result<(), C::Error>,
    ) -> Result<(), C::Error>;
}

/// A part of a whole, in any unit.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// How much is done.
    pub done: usize,
    /// Of how much.
    pub of: usize,
}

/// The rows of another query, sorted by their keys.
pub struct NestedRows<'a, C> {
    nested: &'a Nested,
    /// The key of each row; empty if the rows are not matched by keys.
    keys: Vec<Key<'a>>,
    /// The kind of their keys, unless all are NULL.
    kind: Option<&'static str>,
    /// The cells of all rows, one row after the other.
    cells: Vec<C>,
}

/// Writes the documents of one call.
pub struct Renderer<'a, C: Cell> {
    /// What writing cells needs.
    pub context: &'a C::Context,
    /// The rows of other queries, as [`collect`] returned them.
    pub nested: &'a [NestedRows<'a, C>],
}

/// Reads the rows of another query, so that they can be found by their keys.
///
/// # Errors
///
/// A row does not fit the shape, or cannot be matched by its key.
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
        // Usually they are sorted already.
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
    /// The cells of the rows that belong to this row.
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
    /// A row cannot be written. The error has the path to the value.
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
    /// There is not exactly one row or group, or it cannot be written.
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

    /// Writes an object from a row. `group` has the rows for its Group.
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

    /// Writes the next element, by `put`.
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

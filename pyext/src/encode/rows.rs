//! Rows that are Python objects, read by a shape.

use std::borrow::Cow;
use std::cell::RefCell;
use std::marker::PhantomData;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyInt, PyList, PyString, PyTuple};
use rowjson_core::document::key::Key;
use rowjson_core::document::render::{Cell, Progress, Rows};
use rowjson_core::document::shape::Shape;
use rowjson_core::json::check::check_json;
use rowjson_core::json::path::{Step, Traced};
use rowjson_core::json::sink::Sink;
use rowjson_core::postgres::array::MOST_DIMENSIONS;
use rowjson_core::postgres::types::Kind;

use crate::classes::{Class, class_of};
use crate::encode::Encoder;
use crate::encode::text::utf8;
use crate::error::{Error, Result, type_name};
use crate::record::{Layout, Members, descriptor_of, members_of, read_slowly};

/// A value of a row, borrowed for `'a` from rows that cannot change.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct PyCell<'a, 'py> {
    object: *mut ffi::PyObject,
    rows: PhantomData<(&'a (), Encoder<'a, 'py>)>,
}

/// Rows that can no longer change: records and tuples, in a tuple that this keeps alive.
///
/// Its cells must not outlive it, which the types do not enforce: `put_shaped` keeps the rows until it has
/// written the cells that it collected, and so does the renderer with the rows in a cell.
pub struct PyRows<'a, 'py> {
    rows: Bound<'py, PyTuple>,
    /// Values that were read from a record by its public interface. Nothing else keeps them alive.
    kept: RefCell<Vec<Bound<'py, PyTuple>>>,
    cells: PhantomData<&'a ()>,
}

impl<'py> PyRows<'_, 'py> {
    /// One row.
    pub fn one(row: &Bound<'py, PyAny>) -> Result<Self> {
        Self::new(PyTuple::new(row.py(), [row])?)
    }

    /// A list or tuple of rows.
    pub fn many(rows: &Bound<'py, PyAny>) -> Result<Self> {
        if let Ok(list) = rows.cast::<PyList>() {
            return Self::new(list.to_tuple());
        }
        // Not any sequence: a record is one, but its values are not rows.
        let tuple = rows.cast::<PyTuple>();
        let tuple = tuple.map_err(|_| {
            let what = "rows must be a list or tuple of rows, or bytes as Postgres packs them";
            Error::unsupported(format!("{what}, not {}", type_name(rows)))
        })?;
        Self::new(tuple.clone())
    }

    fn new(rows: Bound<'py, PyTuple>) -> Result<Self> {
        let is_list = |row: &Bound<'py, PyAny>| row.is_instance_of::<PyList>();
        let rows = if rows.iter_borrowed().any(|row| is_list(&row)) {
            // A list could change while we read it.
            let freeze = |row: Bound<'py, PyAny>| match row.cast::<PyList>() {
                Ok(list) => list.to_tuple().into_any(),
                Err(_) => row,
            };
            PyTuple::new(rows.py(), rows.iter().map(freeze).collect::<Vec<_>>())?
        } else {
            rows
        };
        Ok(Self { rows, kept: RefCell::default(), cells: PhantomData })
    }
}

/// How the last row was read. The next one is usually like it.
struct Last {
    ty: *mut ffi::PyTypeObject,
    layout: Option<Layout>,
    /// The address of the descriptor whose keys are known to be the shape's columns.
    descriptor: usize,
}

impl<'a, 'py> PyRows<'a, 'py> {
    /// The values of one of these rows, as many as the shape has columns.
    #[inline]
    fn cells(
        &self,
        row: &Bound<'py, PyAny>,
        shape: &Shape,
        last: &mut Last,
    ) -> Result<&[PyCell<'a, 'py>]> {
        if row.get_type_ptr() != last.ty {
            last.ty = row.get_type_ptr();
            last.layout = match class_of(row)? {
                Class::Record(layout) => layout,
                _ => None,
            };
            last.descriptor = 0;
        }
        let values: *const [_] = if let Some(layout) = last.layout {
            // SAFETY: the layout of this type.
            let descriptor = unsafe { descriptor_of(row.as_ptr(), layout) };
            if descriptor != last.descriptor {
                // SAFETY: the layout of this type.
                check_keys(&*unsafe { members_of(row, layout) }?, shape)?;
                last.descriptor = descriptor;
            }
            // SAFETY: the layout of this type.
            unsafe { layout.values(row.as_ptr()) }
        } else if let Ok(tuple) = row.cast::<PyTuple>() {
            values_of(tuple)
        } else if matches!(class_of(row)?, Class::Record(_)) {
            let (members, values) = read_slowly(row)?;
            check_keys(&members, shape)?;
            let pointer = values_of(&values);
            self.kept.borrow_mut().push(values);
            pointer
        } else {
            let what = format!("a row must be a Record, a tuple or a list, not {}", type_name(row));
            return Err(Error::unsupported(what));
        };
        shape.check_width(values.len()).map_err(Error::new)?;
        // SAFETY: a cell is a pointer and nothing else. The values belong to a row in our tuple, or to a
        // tuple that we just kept; neither changes, and both live as long as `self`.
        Ok(unsafe { &*(values as *const [PyCell<'a, 'py>]) })
    }
}

/// A tuple's values. The pointer is valid as long as the tuple; whoever reads it must make sure of that.
fn values_of(tuple: &Bound<'_, PyTuple>) -> *const [*mut ffi::PyObject] {
    std::ptr::from_ref(tuple.as_slice()) as *const _
}

fn names(shape: &Shape) -> String {
    shape.columns().iter().map(|column| &*column.name).collect::<Vec<_>>().join(", ")
}

fn check_keys(members: &Members, shape: &Shape) -> Result {
    let columns = shape.columns().iter().map(|column| &column.name);
    if columns.eq(&members.keys) {
        return Ok(());
    }
    let what = "a row's keys are not the shape's columns";
    Err(Error::new(format!("{what}: {} instead of {}", members.keys.join(", "), names(shape))))
}

impl<'a, 'py> Rows<PyCell<'a, 'py>> for PyRows<'a, 'py> {
    fn for_each(
        &self,
        shape: &Shape,
        mut each: impl FnMut(Result<&[PyCell<'a, 'py>]>, Progress) -> Result,
    ) -> Result {
        let mut last = Last { ty: std::ptr::null_mut(), layout: None, descriptor: 0 };
        let of = self.rows.len();
        for (done, row) in self.rows.iter_borrowed().enumerate() {
            each(self.cells(&row, shape, &mut last), Progress { done, of })?;
        }
        Ok(())
    }
}

impl<'py> PyCell<'_, 'py> {
    fn bound(self) -> Bound<'py, PyAny> {
        // SAFETY: a cell exists only while the GIL is held, and its rows keep the object alive.
        unsafe { Bound::from_borrowed_ptr(Python::assume_attached(), self.object) }
    }
}

/// Writes a text that is JSON already, or a list of such texts of up to this many dimensions. Anything else
/// is written as a value: a codec may have decoded the JSON.
fn put_embedded<'py>(
    object: &Bound<'py, PyAny>,
    dimensions: usize,
    encoder: &Encoder<'_, 'py>,
    sink: &mut impl Sink,
) -> Result {
    if object.is_instance_of::<PyString>() {
        // SAFETY: it is a str, which we own a reference to.
        let text = unsafe { utf8(encoder.py, object.as_ptr()) }?;
        check_json(text.as_bytes()).map_err(Error::not_json)?;
        sink.put_str(text);
        return Ok(());
    }
    match object.cast::<PyList>() {
        Ok(list) if dimensions > 0 => {
            sink.put(b"[");
            // A copy, because the list could change while we read it.
            for (index, element) in list.to_tuple().iter().enumerate() {
                if index > 0 {
                    sink.put(b",");
                }
                put_embedded(&element, dimensions - 1, encoder, sink)
                    .map_err(|error| error.under(Step::Index(index)))?;
            }
            sink.put(b"]");
            Ok(())
        }
        _ => encoder.put_bound(object, sink),
    }
}

impl<'a, 'py> Cell for PyCell<'a, 'py> {
    type Error = Error;
    type Context = Encoder<'a, 'py>;
    type Rows = PyRows<'a, 'py>;

    #[inline]
    fn is_null(&self) -> bool {
        // SAFETY: None always exists.
        self.object == unsafe { ffi::Py_None() }
    }

    #[inline]
    fn put<S: Sink>(&self, kind: Option<Kind>, encoder: &Encoder<'a, 'py>, sink: &mut S) -> Result {
        match kind {
            Some(Kind::Scalar(ty)) if ty.is_json() => {
                return put_embedded(&self.bound(), 0, encoder, sink);
            }
            Some(Kind::Array(ty)) if ty.is_json() => {
                return put_embedded(&self.bound(), MOST_DIMENSIONS, encoder, sink);
            }
            _ => {}
        }
        // SAFETY: its rows keep it alive, and never change.
        unsafe { encoder.put(self.object, sink) }
    }

    fn key<'k>(self) -> Result<Key<'k>>
    where
        Self: 'k,
    {
        let object = self.bound();
        if object.is_none() {
            return Ok(Key::Null);
        }
        if object.is_instance_of::<PyInt>() {
            return object.extract().map(Key::Int).map_err(|_| {
                Error::unsupported("rows cannot be matched by an int of more than 64 bits")
            });
        }
        if let Ok(text) = object.cast::<PyString>() {
            // Not its own str(), which a subclass may override.
            return Ok(Key::Text(Cow::Owned(text.to_str()?.into())));
        }
        if matches!(class_of(&object)?, Class::Text) {
            return Ok(Key::Text(Cow::Owned(object.str()?.to_str()?.into())));
        }
        Err(Error::unsupported(format!(
            "rows cannot be matched by a value of type {}",
            type_name(&object)
        )))
    }

    fn one(self) -> Result<PyRows<'a, 'py>> {
        PyRows::one(&self.bound())
    }

    fn many(self) -> Result<PyRows<'a, 'py>> {
        PyRows::many(&self.bound())
    }
}

//! Python values to JSON: tells types apart, the usual ones first.

mod binary;
mod bit_string;
mod dataclass;
mod decimal;
mod dict;
mod int;
mod moment;
mod range;
mod record;
mod rows;
mod sequence;
mod shaped;
mod text;

use std::cell::{Cell, RefCell};
use std::ptr;
use std::rc::Rc;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyType;
use rowjson_core::json::DEPTH;
use rowjson_core::json::binary::Binary;
use rowjson_core::json::number::put_float;
use rowjson_core::json::sink::Sink;

use crate::classes::{Class, Known, class_of};
use crate::encode::binary::put_binary;
use crate::encode::bit_string::put_bit_string;
use crate::encode::dataclass::put_dataclass;
use crate::encode::decimal::put_decimal;
use crate::encode::int::put_int;
use crate::encode::moment::{put_datetime, put_moment};
use crate::encode::range::put_range;
use crate::encode::text::{put_str, put_text_of};
use crate::error::{Error, Result, type_name};
use crate::fragment::Fragment;
use crate::record::{Layout, Members};
use crate::shaped::Shaped;
use crate::stack::{LEVEL, SHAPE_LEVEL, Stack};

/// Encodes the values of one call.
pub struct Encoder<'a, 'py> {
    pub py: Python<'py>,
    pub default: Option<&'a Bound<'py, PyAny>>,
    pub binary: Binary,
    /// `datetime.timezone.utc`.
    pub utc: *mut ffi::PyObject,
    depth: Cell<usize>,
    stack: Stack,
    /// The type and the layout of the last record.
    record: Cell<(*mut ffi::PyTypeObject, Option<Layout>)>,
    /// That type, kept alive so that no other can get its address.
    record_type: RefCell<Option<Bound<'py, PyType>>>,
    /// The address of the last record's descriptor, and its members, which keep it alive.
    pub members: RefCell<(usize, Option<Rc<Members>>)>,
}

impl<'a, 'py> Encoder<'a, 'py> {
    pub fn new(
        py: Python<'py>,
        default: Option<&'a Bound<'py, PyAny>>,
        binary: Binary,
    ) -> PyResult<Self> {
        Ok(Self {
            py,
            default,
            binary,
            utc: Known::get(py)?.utc.as_ptr(),
            depth: Cell::new(0),
            stack: Stack::of_thread(),
            record: Cell::new((ptr::null_mut(), None)),
            record_type: RefCell::new(None),
            members: RefCell::new((0, None)),
        })
    }

    /// Writes a value.
    ///
    /// # Safety
    ///
    /// The object is alive, and stays so until other code can run. That begins in [`Self::put_other`], which
    /// keeps the object alive itself.
    #[inline]
    pub unsafe fn put(&self, object: *mut ffi::PyObject, sink: &mut impl Sink) -> Result {
        // SAFETY: the object is alive, and exactly of the type that each function reads.
        unsafe {
            let ty = ffi::Py_TYPE(object);
            if ty == &raw mut ffi::PyUnicode_Type {
                put_str(self.py, object, sink)
            } else if ty == &raw mut ffi::PyLong_Type {
                put_int(self.py, object, sink)
            } else if object == ffi::Py_None() {
                sink.put(b"null");
                Ok(())
            } else if ty == (*ffi::PyDateTimeAPI()).DateTimeType {
                put_datetime(self.py, object, self.utc, sink)
            } else if ty == &raw mut ffi::PyBool_Type {
                sink.put(if object == ffi::Py_True() { b"true" } else { b"false" });
                Ok(())
            } else if ty == &raw mut ffi::PyFloat_Type {
                put_float(ffi::PyFloat_AS_DOUBLE(object), sink);
                Ok(())
            } else {
                self.put_other(object, ty, sink)
            }
        }
    }

    /// Writes a value that holds others, or whose type is not one of the usual ones.
    ///
    /// # Safety
    ///
    /// The object is alive, and `ty` is its type.
    #[inline(never)]
    unsafe fn put_other(
        &self,
        object: *mut ffi::PyObject,
        ty: *mut ffi::PyTypeObject,
        sink: &mut impl Sink,
    ) -> Result {
        // SAFETY: alive. From here on we own a reference, whatever `default` or a property does to the
        // container that held it.
        let object = unsafe { Bound::from_borrowed_ptr(self.py, object) };
        match object.cast_exact::<Shaped>() {
            Ok(shaped) => {
                let shaped = shaped.get();
                self.nest(shaped.height(), &object, || self.put_shaped(shaped, sink))
            }
            Err(_) => self.nest(1, &object, || self.put_by_type(&object, ty, sink)),
        }
    }

    /// Writes a value that adds this many levels of nesting, if there is room for them.
    #[inline]
    fn nest(
        &self,
        levels: usize,
        object: &Bound<'py, PyAny>,
        put: impl FnOnce() -> Result,
    ) -> Result {
        let depth = self.depth.get();
        if depth + levels > DEPTH || !self.stack.has(LEVEL + (levels - 1) * SHAPE_LEVEL, object) {
            self.refuse_deeper(object, levels)?;
        }
        self.depth.set(depth + levels);
        let result = put();
        self.depth.set(depth);
        result
    }

    /// The error that a value would be nested too deep, unless it adds no level.
    #[cold]
    fn refuse_deeper(&self, object: &Bound<'py, PyAny>, levels: usize) -> Result {
        let depth = self.depth.get();
        let what = if depth + levels <= DEPTH {
            format!("nested {depth} levels deep, more than this thread's stack has room for")
        } else if is_scalar(object)? {
            return Ok(());
        } else {
            format!("nested deeper than {DEPTH} levels (does it contain itself?)")
        };
        Err(Error::unsupported(what))
    }

    fn put_by_type(
        &self,
        object: &Bound<'py, PyAny>,
        ty: *mut ffi::PyTypeObject,
        sink: &mut impl Sink,
    ) -> Result {
        let (record_type, layout) = self.record.get();
        if ty == record_type {
            return self.put_record(object, layout, sink);
        }
        if ty == &raw mut ffi::PyList_Type {
            return self.put_list(object, sink);
        }
        if ty == &raw mut ffi::PyDict_Type {
            return self.put_dict(object, sink);
        }
        if ty == &raw mut ffi::PyTuple_Type {
            return self.put_tuple(object, sink);
        }
        if let Ok(fragment) = object.cast_exact::<Fragment>() {
            sink.put(fragment.get().as_bytes(self.py));
            return Ok(());
        }
        let class = class_of(object)?;
        if let Class::Record(layout) = class {
            self.record.set((if layout.is_some() { ty } else { ptr::null_mut() }, layout));
            let before = self.record_type.replace(Some(object.get_type()));
            // After the borrow, because freeing a type can run any code.
            drop(before);
        }
        self.put_by_class(object, class, sink)
    }

    fn put_by_class(
        &self,
        object: &Bound<'py, PyAny>,
        class: Class,
        sink: &mut impl Sink,
    ) -> Result {
        let pointer = object.as_ptr();
        // SAFETY: the object is alive, and of the type that its class says.
        unsafe {
            match class {
                Class::Record(layout) => self.put_record(object, layout, sink),
                Class::Str => put_str(self.py, pointer, sink),
                Class::Int => put_int(self.py, pointer, sink),
                Class::Float => {
                    put_float(ffi::PyFloat_AS_DOUBLE(pointer), sink);
                    Ok(())
                }
                Class::List => self.put_list(object, sink),
                Class::Tuple => self.put_tuple(object, sink),
                Class::Dict => self.put_dict(object, sink),
                Class::DateTime | Class::Date | Class::Time | Class::TimeDelta => {
                    put_moment(object, class, self.utc, sink)
                }
                Class::Decimal => put_decimal(object, sink),
                Class::Enum => self.put_bound(&object.getattr("value")?, sink),
                Class::Dataclass => put_dataclass(object, self, sink),
                Class::Binary => put_binary(object, self.binary, sink),
                Class::Text => put_text_of(object, sink),
                Class::Range => put_range(object, self, sink),
                Class::BitString => put_bit_string(object, sink),
                Class::Unknown => self.put_default(object, sink),
            }
        }
    }

    /// Writes a value that we own a reference to.
    pub fn put_bound(&self, object: &Bound<'py, PyAny>, sink: &mut impl Sink) -> Result {
        // SAFETY: the reference keeps it alive.
        unsafe { self.put(object.as_ptr(), sink) }
    }

    fn put_default(&self, object: &Bound<'py, PyAny>, sink: &mut impl Sink) -> Result {
        match self.default {
            Some(default) => self.put_bound(&default.call1((object,))?, sink),
            None => Err(Error::unsupported(format!("no JSON for {}", type_name(object)))),
        }
    }
}

/// Whether a value holds no others, so that it adds no level of nesting.
#[cold]
fn is_scalar(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(object.cast_exact::<Fragment>().is_ok() || class_of(object)?.is_scalar())
}

//! Python values to JSON: the usual types, fastest first.

use std::cell::{Cell, RefCell};
use std::ffi::c_int;
use std::ptr;
use std::rc::Rc;

use pyo3::exceptions::PyUnicodeEncodeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyType;
use rowjson_core::json::DEPTH;
use rowjson_core::json::number::{put_float, put_integer};
use rowjson_core::json::sink::Sink;
use rowjson_core::json::text::{put_ascii, put_string};
use rowjson_core::postgres::value::Binary;

use crate::classes::{Class, class_of};
use crate::error::{Error, type_name};
use crate::moments::{put_datetime, put_moment};
use crate::record::{Layout, Members};
use crate::stack::{LEVEL, SHAPE_LEVEL, Stack};
use crate::{fragment::Fragment, others, shaped::Shaped};

pub type Result = std::result::Result<(), Error>;

/// What all values of one call are encoded by.
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
    /// That type: kept, so that no other can come to its address.
    record_type: RefCell<Option<Bound<'py, PyType>>>,
    /// The descriptor of the last record, and its members, which keep it.
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
            utc: crate::classes::Known::get(py)?.utc.as_ptr(),
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
    /// The object is alive, and stays so until a value of another type than the ones without
    /// children is met: from there on the encoder keeps it alive itself, for then any code can run.
    #[inline]
    pub unsafe fn put(&self, object: *mut ffi::PyObject, sink: &mut impl Sink) -> Result {
        // SAFETY: the object is alive; of exactly the type that each reader is for.
        unsafe {
            let ty = ffi::Py_TYPE(object);
            if ty == &raw mut ffi::PyUnicode_Type {
                self.put_text(object, sink)
            } else if ty == &raw mut ffi::PyLong_Type {
                self.put_int(object, sink)
            } else if object == ffi::Py_None() {
                sink.put(b"null");
                Ok(())
            } else if ty == (*ffi::PyDateTimeAPI()).DateTimeType {
                put_datetime(object, self, sink)
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

    /// Writes a value that has others in it, or whose type is not one of the usual ones.
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
        // SAFETY: alive; owned from here on, whatever `default` or a property does to what held it.
        let object = unsafe { Bound::from_borrowed_ptr(self.py, object) };
        match object.cast_exact::<Shaped>() {
            Ok(shaped) => {
                let shaped = shaped.get();
                self.nest(shaped.height(), &object, || shaped.put(self, sink))
            }
            Err(_) => self.nest(1, &object, || self.put_by_type(&object, ty, sink)),
        }
    }

    /// Writes a value that takes so many levels of nesting, if there is room for them.
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

    /// Says why a value that takes so many levels can be no deeper, unless it takes none.
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
            // Outside of the borrow, for the end of a type can run any code.
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
        // SAFETY: the object is alive, and an instance of what its class says.
        unsafe {
            match class {
                Class::Record(layout) => self.put_record(object, layout, sink),
                Class::Str => self.put_text(pointer, sink),
                Class::Int => self.put_int(pointer, sink),
                Class::Float => {
                    put_float(ffi::PyFloat_AS_DOUBLE(pointer), sink);
                    Ok(())
                }
                Class::List => self.put_list(object, sink),
                Class::Tuple => self.put_tuple(object, sink),
                Class::Dict => self.put_dict(object, sink),
                Class::DateTime | Class::Date | Class::Time | Class::TimeDelta => {
                    put_moment(object, class, self, sink)
                }
                Class::Decimal => others::put_decimal(object, sink),
                Class::Enum => self.put_bound(&object.getattr("value")?, sink),
                Class::Dataclass => others::put_dataclass(object, self, sink),
                Class::Binary => others::put_binary(object, self.binary, sink),
                Class::Text => others::put_text_of(object, sink),
                Class::Range => others::put_range(object, self, sink),
                Class::BitString => others::put_bit_string(object, sink),
                Class::Unknown => self.put_default(object, sink),
            }
        }
    }

    /// Writes a value that is owned.
    pub fn put_bound(&self, object: &Bound<'py, PyAny>, sink: &mut impl Sink) -> Result {
        // SAFETY: alive as long as the reference.
        unsafe { self.put(object.as_ptr(), sink) }
    }

    /// # Safety
    ///
    /// The object is a `str`.
    #[inline]
    pub unsafe fn put_text(&self, object: *mut ffi::PyObject, sink: &mut impl Sink) -> Result {
        // SAFETY: a str, whose bytes are where its flags say: behind it, if it is compact and ASCII.
        unsafe {
            if ffi::PyUnicode_IS_COMPACT_ASCII(object) != 0 {
                let data = ffi::PyUnicode_DATA(object).cast::<u8>();
                let length = ffi::PyUnicode_GET_LENGTH(object).unsigned_abs();
                put_ascii(std::slice::from_raw_parts(data, length), sink);
                return Ok(());
            }
        }
        // SAFETY: the caller's promise.
        put_string(unsafe { self.text(object) }?, sink);
        Ok(())
    }

    /// A text as UTF-8, valid as long as the object.
    ///
    /// # Safety
    ///
    /// The object is a `str`, and alive as long as what is returned.
    #[inline]
    pub unsafe fn text<'t>(
        &self,
        object: *mut ffi::PyObject,
    ) -> std::result::Result<&'t str, Error> {
        let mut length = 0;
        // SAFETY: a str; what is returned is kept by it, as UTF-8, as long as it is alive.
        unsafe {
            let data = ffi::PyUnicode_AsUTF8AndSize(object, &raw mut length);
            if data.is_null() {
                return Err(no_text(self.py));
            }
            let bytes = std::slice::from_raw_parts(data.cast::<u8>(), length.unsigned_abs());
            Ok(std::str::from_utf8_unchecked(bytes))
        }
    }

    /// # Safety
    ///
    /// The object is an `int`.
    #[inline]
    unsafe fn put_int(&self, object: *mut ffi::PyObject, sink: &mut impl Sink) -> Result {
        let mut overflow: c_int = 0;
        // SAFETY: an int; no other object can make this fail.
        let number = unsafe { ffi::PyLong_AsLongLongAndOverflow(object, &raw mut overflow) };
        if overflow == 0 {
            put_integer(number, sink);
            return Ok(());
        }
        // SAFETY: alive.
        let int = unsafe { Bound::from_borrowed_ptr(self.py, object) };
        others::put_big_int(&int, sink)
    }

    fn put_default(&self, object: &Bound<'py, PyAny>, sink: &mut impl Sink) -> Result {
        match self.default {
            Some(default) => self.put_bound(&default.call1((object,))?, sink),
            None => Err(Error::unsupported(format!("no JSON for {}", type_name(object)))),
        }
    }
}

/// Why a str is not to be had as UTF-8: the exception that is set says it.
#[cold]
fn no_text(py: Python<'_>) -> Error {
    let error = PyErr::fetch(py);
    if error.is_instance_of::<PyUnicodeEncodeError>(py) {
        return Error::unsupported("a str with a lone surrogate, which is not Unicode");
    }
    // There is no memory for it.
    error.into()
}

/// Whether a value has no others in it: such a one is no level of its own.
#[cold]
fn is_scalar(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(object.cast_exact::<Fragment>().is_ok()
        || matches!(
            class_of(object)?,
            Class::Str
                | Class::Int
                | Class::Float
                | Class::DateTime
                | Class::Date
                | Class::Time
                | Class::TimeDelta
                | Class::Decimal
                | Class::Binary
                | Class::Text
                | Class::BitString
        ))
}

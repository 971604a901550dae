//! `int`, with all its digits.

use std::ffi::c_int;

use pyo3::exceptions::PyValueError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyInt, PyString};
use rowjson_core::json::number::put_integer;
use rowjson_core::json::sink::Sink;

use crate::error::{Error, Result};

/// Writes an `int`.
///
/// # Safety
///
/// The object is an `int`.
#[inline]
pub unsafe fn put_int(py: Python<'_>, object: *mut ffi::PyObject, sink: &mut impl Sink) -> Result {
    let mut overflow: c_int = 0;
    // SAFETY: it is an int, for which this cannot fail.
    let number = unsafe { ffi::PyLong_AsLongLongAndOverflow(object, &raw mut overflow) };
    if overflow == 0 {
        put_integer(number, sink);
        return Ok(());
    }
    // SAFETY: alive.
    let int = unsafe { Bound::from_borrowed_ptr(py, object) };
    put_big_int(&int, sink)
}

/// Writes an int of more than 64 bits, with all its digits.
#[cold]
fn put_big_int(int: &Bound<'_, PyAny>, sink: &mut impl Sink) -> Result {
    // Not its own repr, which a subclass may override.
    let digits = int.py().get_type::<PyInt>().call_method1("__repr__", (int,));
    let digits = digits.map_err(|error| {
        if error.is_instance_of::<PyValueError>(int.py()) {
            Error::unsupported("an int of more digits than sys.get_int_max_str_digits()")
        } else {
            error.into()
        }
    })?;
    sink.put_str(digits.cast_into::<PyString>().map_err(PyErr::from)?.to_str()?);
    Ok(())
}

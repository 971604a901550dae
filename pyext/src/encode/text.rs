//! `str`, and what is written as its `str()`.

use pyo3::exceptions::PyUnicodeEncodeError;
use pyo3::ffi;
use pyo3::prelude::*;
use rowjson_core::json::sink::Sink;
use rowjson_core::json::text::{put_ascii, put_string};

use crate::error::{Error, Result};

/// Writes a `str`.
///
/// # Safety
///
/// The object is a `str`.
#[inline]
pub unsafe fn put_str(py: Python<'_>, object: *mut ffi::PyObject, sink: &mut impl Sink) -> Result {
    // SAFETY: it is a str. If its flags say that it is compact and ASCII, its bytes follow its header.
    unsafe {
        if ffi::PyUnicode_IS_COMPACT_ASCII(object) != 0 {
            let data = ffi::PyUnicode_DATA(object).cast::<u8>();
            let length = ffi::PyUnicode_GET_LENGTH(object).unsigned_abs();
            put_ascii(std::slice::from_raw_parts(data, length), sink);
            return Ok(());
        }
    }
    // SAFETY: the caller's promise.
    put_string(unsafe { utf8(py, object) }?, sink);
    Ok(())
}

/// The UTF-8 of a `str`, valid as long as the object.
///
/// # Safety
///
/// The object is a `str`, and outlives what is returned.
#[inline]
pub unsafe fn utf8<'t>(py: Python<'_>, object: *mut ffi::PyObject) -> Result<&'t str> {
    let mut length = 0;
    // SAFETY: it is a str, which keeps its UTF-8 as long as it lives.
    unsafe {
        let data = ffi::PyUnicode_AsUTF8AndSize(object, &raw mut length);
        if data.is_null() {
            return Err(no_utf8(py));
        }
        let bytes = std::slice::from_raw_parts(data.cast::<u8>(), length.unsigned_abs());
        Ok(std::str::from_utf8_unchecked(bytes))
    }
}

/// The error for a `str` that could not be encoded as UTF-8, from the exception that is set.
#[cold]
fn no_utf8(py: Python<'_>) -> Error {
    let error = PyErr::fetch(py);
    if error.is_instance_of::<PyUnicodeEncodeError>(py) {
        return Error::unsupported("a str with a lone surrogate, which is not Unicode");
    }
    // There was no memory for it.
    error.into()
}

/// Writes the object's `str()`.
pub fn put_text_of(object: &Bound<'_, PyAny>, sink: &mut impl Sink) -> Result {
    put_string(object.str()?.to_str()?, sink);
    Ok(())
}

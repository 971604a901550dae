//! `dict`.

use std::ptr;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use rowjson_core::json::path::Traced;
use rowjson_core::json::sink::Sink;

use crate::encode::Encoder;
use crate::encode::text::put_str;
use crate::error::{Error, Result, type_name};

impl<'py> Encoder<'_, 'py> {
    /// Writes a dict as an object.
    pub fn put_dict(&self, dict: &Bound<'py, PyAny>, sink: &mut impl Sink) -> Result {
        let dict = dict.cast::<PyDict>().map_err(PyErr::from)?;
        let length = dict.len();
        let (mut place, mut key, mut value) = (0, ptr::null_mut(), ptr::null_mut());
        let mut written = 0;
        // SAFETY: it is a dict, and we own references to the key and the value before any code can run. After
        // that code only the dict's length is used, until this is called again, which allows for changes.
        while unsafe {
            ffi::PyDict_Next(dict.as_ptr(), &raw mut place, &raw mut key, &raw mut value)
        } != 0
        {
            // SAFETY: the dict just returned both. We own references, because writing them may run code.
            let (key, value) = unsafe {
                (Bound::from_borrowed_ptr(self.py, key), Bound::from_borrowed_ptr(self.py, value))
            };
            sink.put(if written == 0 { b"{" } else { b"," });
            self.put_key(&key, sink)?;
            sink.put(b":");
            self.put_bound(&value, sink).map_err(|error| error.under_member(&key.to_string()))?;
            written += 1;
            if dict.len() != length || written > length {
                return Err(Error::unsupported("a dict that changes while it is encoded"));
            }
        }
        sink.put(if written == 0 { b"{}" } else { b"}" });
        Ok(())
    }

    fn put_key(&self, key: &Bound<'py, PyAny>, sink: &mut impl Sink) -> Result {
        if key.is_instance_of::<PyString>() {
            // SAFETY: it is a str.
            return unsafe { put_str(self.py, key.as_ptr(), sink) };
        }
        Err(Error::unsupported(format!("a dict's key must be a str, not {}", type_name(key))))
    }
}

//! `list` and `tuple`.

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use rowjson_core::json::path::{Step, Traced};
use rowjson_core::json::sink::Sink;

use crate::encode::Encoder;
use crate::error::Result;

impl<'py> Encoder<'_, 'py> {
    /// Writes a list as an array.
    pub fn put_list(&self, list: &Bound<'py, PyAny>, sink: &mut impl Sink) -> Result {
        let list = list.cast::<PyList>().map_err(PyErr::from)?;
        // The length is read each time, because `default` may change the list. For the same reason an element
        // is borrowed only until other code can run: see `put`.
        // SAFETY: the index is within the list, which keeps the element alive until other code runs.
        self.put_elements(
            || list.len(),
            |index| unsafe { ffi::PyList_GET_ITEM(list.as_ptr(), index.cast_signed()) },
            sink,
        )
    }

    /// Writes a tuple as an array.
    pub fn put_tuple(&self, tuple: &Bound<'py, PyAny>, sink: &mut impl Sink) -> Result {
        let tuple = tuple.cast::<PyTuple>().map_err(PyErr::from)?;
        // SAFETY: the index is within the tuple, which keeps its elements alive.
        self.put_elements(
            || tuple.len(),
            |index| unsafe { ffi::PyTuple_GET_ITEM(tuple.as_ptr(), index.cast_signed()) },
            sink,
        )
    }

    #[inline]
    fn put_elements(
        &self,
        length: impl Fn() -> usize,
        element: impl Fn(usize) -> *mut ffi::PyObject,
        sink: &mut impl Sink,
    ) -> Result {
        sink.open_array();
        let mut index = 0;
        // What is added meanwhile is not encoded, for there might be no end to it.
        let all = length();
        while index < all.min(length()) {
            sink.progress(index, all);
            sink.put(if index == 0 { b"[" } else { b"," });
            // SAFETY: in the list or tuple, which the caller keeps alive.
            unsafe { self.put(element(index), sink) }
                .map_err(|error| error.under(Step::Index(index)))?;
            index += 1;
        }
        sink.put(if index == 0 { b"[]" } else { b"]" });
        sink.close_array();
        Ok(())
    }
}

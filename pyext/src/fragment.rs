//! JSON that exists already.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::error::type_name;

/// JSON that exists already: written as it is, not checked.
#[pyclass(frozen, module = "rowjson")]
pub struct Fragment {
    contents: Py<PyBytes>,
}

#[pymethods]
impl Fragment {
    #[new]
    fn new(contents: &Bound<'_, PyAny>) -> PyResult<Self> {
        let contents = if let Ok(text) = contents.cast::<PyString>() {
            PyBytes::new(contents.py(), text.to_str()?.as_bytes()).unbind()
        } else if let Ok(bytes) = contents.cast::<PyBytes>() {
            bytes.clone().unbind()
        } else {
            let what = format!("a Fragment is made of str or bytes, not {}", type_name(contents));
            return Err(pyo3::exceptions::PyTypeError::new_err(what));
        };
        Ok(Self { contents })
    }
}

impl Fragment {
    pub fn as_bytes<'a>(&'a self, py: Python<'a>) -> &'a [u8] {
        self.contents.as_bytes(py)
    }
}

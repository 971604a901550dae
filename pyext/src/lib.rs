//! Rows of Postgres to JSON: the Python side of `rowjson-core`.

mod classes;
mod containers;
mod encode;
mod error;
mod fragment;
mod memory;
mod moments;
mod others;
mod output;
mod record;
mod rows;
mod shape;
mod shaped;

// A free-threaded interpreter would let a list change while it is read; importing this there turns
// the GIL back on.
#[pyo3::pymodule(gil_used = true)]
mod _rowjson {
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

    use pyo3::exceptions::{PyMemoryError, PyValueError};
    use pyo3::ffi;
    use pyo3::prelude::*;
    use pyo3::types::PyBytes;
    use rowjson_core::value::Binary;

    use crate::encode::Encoder;
    use crate::output::{OutOfMemory, Output};

    #[pymodule_export]
    use crate::fragment::Fragment;
    #[pymodule_export]
    use crate::shape::{Column, Group, Many, Nest, Nullable, One, Shape, packed};
    #[pymodule_export]
    use crate::shaped::Shaped;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        // SAFETY: with the GIL, as a module's initialisation has; without it no date can be read.
        unsafe { ffi::PyDateTime_IMPORT() };
        // SAFETY: just imported, or null.
        if unsafe { ffi::PyDateTimeAPI() }.is_null() {
            return Err(PyErr::fetch(module.py()));
        }
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }

    /// JSON as compact UTF-8.
    #[pyfunction]
    #[pyo3(signature = (value, /, *, default=None, bytes="base64"))]
    fn dumps<'py>(
        value: &Bound<'py, PyAny>,
        default: Option<&Bound<'py, PyAny>>,
        bytes: &str,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let binary = match bytes {
            "base64" => Binary::Base64,
            "hex" => Binary::Hex,
            _ => {
                return Err(PyValueError::new_err(format!(
                    "bytes must be 'base64' or 'hex', not {bytes:?}"
                )));
            }
        };
        let py = value.py();
        let mut output = Output::new(py)?;
        let encoder = Encoder::new(py, default, binary)?;
        // Both are given up where writing ends so.
        let write = AssertUnwindSafe(|| encoder.put_bound(value, &mut output));
        match catch_unwind(write) {
            Ok(written) => written.map_err(|error| error.into_py(py))?,
            Err(payload) if payload.is::<OutOfMemory>() => {
                return Err(PyMemoryError::new_err("no memory for the JSON document"));
            }
            Err(payload) => resume_unwind(payload),
        }
        output.finish()
    }
}

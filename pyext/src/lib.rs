//! Rows of Postgres to JSON: the Python side of `rowjson-core`.

mod asyncpg;
mod classes;
mod encode;
mod error;
mod fragment;
mod memory;
mod output;
mod record;
mod shape;
mod shaped;
mod stack;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use pyo3::exceptions::{PyImportError, PyMemoryError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rowjson_core::json::binary::Binary;

use crate::classes::Known;
use crate::encode::Encoder;
use crate::output::{OutOfMemory, Output};

/// Not `gil_used = true`, because a free-threaded interpreter would turn its GIL on before it is refused.
///
/// A function and not a `mod`, because a `mod` would make the classes before an interpreter can be refused,
/// and they would then belong to the one that was refused.
#[pymodule(gil_used = false)]
fn _rowjson(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    refuse_other_interpreters(py)?;
    // SAFETY: a module is initialised with the GIL held. Dates can be read only after this.
    unsafe { ffi::PyDateTime_IMPORT() };
    // SAFETY: the pointer was just set, or is null.
    if unsafe { ffi::PyDateTimeAPI() }.is_null() {
        return Err(PyErr::fetch(py));
    }
    // Not in the first call, whose thread may have a small stack.
    Known::get(py)?;
    module.add_class::<shape::Column>()?;
    module.add_class::<fragment::Fragment>()?;
    module.add_class::<shape::Group>()?;
    module.add_class::<shape::Many>()?;
    module.add_class::<shape::Nest>()?;
    module.add_class::<shape::Nullable>()?;
    module.add_class::<shape::One>()?;
    module.add_class::<shape::Shape>()?;
    module.add_class::<shaped::Shaped>()?;
    module.add_function(wrap_pyfunction!(dumps, module)?)?;
    module.add_function(wrap_pyfunction!(shape::packed, module)?)?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))
}

/// Refuses interpreters in which this is not safe, before it keeps any object of the interpreter.
fn refuse_other_interpreters(py: Python<'_>) -> PyResult<()> {
    // SAFETY: the GIL is held, and the pointers are only compared.
    if unsafe { ffi::PyInterpreterState_Get() != ffi::PyInterpreterState_Main() } {
        return Err(PyImportError::new_err(
            "rowjson works in the main interpreter only: it keeps types and objects of the one \
             that imports it, so import it there, not in a subinterpreter",
        ));
    }
    if py.import("sys")?.getattr("abiflags").is_ok_and(|flags| flags.contains("t").unwrap_or(false))
    {
        return Err(PyImportError::new_err(
            "rowjson does not support free-threaded Python yet: lists and dicts could change while \
             it reads them; use the usual build of the same version",
        ));
    }
    Ok(())
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
    // After a panic, neither is used again.
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

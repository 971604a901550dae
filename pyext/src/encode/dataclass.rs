//! Dataclasses.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use rowjson_core::json::path::Traced;
use rowjson_core::json::sink::Sink;
use rowjson_core::json::text::put_string;

use crate::encode::Encoder;
use crate::error::Result;

/// Writes a dataclass as an object of its fields, without those whose name begins with `_`, as orjson does.
pub fn put_dataclass<'py>(
    object: &Bound<'py, PyAny>,
    encoder: &Encoder<'_, 'py>,
    sink: &mut impl Sink,
) -> Result {
    let fields = object
        .get_type()
        .getattr("__dataclass_fields__")?
        .cast_into::<PyDict>()
        .map_err(PyErr::from)?;
    let kind = object.py().import("dataclasses")?.getattr("_FIELD")?;
    let mut first = true;
    for (name, field) in fields {
        let name = name.cast_into::<PyString>().map_err(PyErr::from)?;
        // ClassVars and InitVars are listed too, but are not fields.
        if name.to_str()?.starts_with('_') || !field.getattr("_field_type")?.is(&kind) {
            continue;
        }
        sink.put(if first { b"{" } else { b"," });
        first = false;
        put_string(name.to_str()?, sink);
        sink.put(b":");
        encoder
            .put_bound(&object.getattr(&name)?, sink)
            .map_err(|error| error.under_member(&name.to_string_lossy()))?;
    }
    sink.put(if first { b"{}" } else { b"}" });
    Ok(())
}

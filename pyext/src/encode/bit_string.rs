//! `asyncpg.BitString`.

use pyo3::prelude::*;
use pyo3::types::PyString;
use rowjson_core::json::sink::Sink;
use rowjson_core::json::text::put_string;

use crate::error::Result;

/// Writes the bits as a string of 0 and 1.
pub fn put_bit_string(bits: &Bound<'_, PyAny>, sink: &mut impl Sink) -> Result {
    let text = bits.call_method0("as_string")?.cast_into::<PyString>().map_err(PyErr::from)?;
    put_string(&text.to_str()?.replace(' ', ""), sink);
    Ok(())
}

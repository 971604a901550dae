//! `bytes`, `bytearray` and `memoryview`.

use pyo3::buffer::PyBuffer;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rowjson_core::json::binary::{Binary, put_bytes};
use rowjson_core::json::sink::Sink;

use crate::error::{Error, Result};

/// Writes bytes as base64 or hex.
pub fn put_binary(object: &Bound<'_, PyAny>, binary: Binary, sink: &mut impl Sink) -> Result {
    if let Ok(bytes) = object.cast::<PyBytes>() {
        put_bytes(bytes.as_bytes(), binary, sink);
        return Ok(());
    }
    let buffer = PyBuffer::<u8>::get(object)
        .map_err(|_| Error::unsupported("a memoryview of other items than bytes"))?;
    put_bytes(&buffer.to_vec(object.py())?, binary, sink);
    Ok(())
}

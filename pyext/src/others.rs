//! Values that are rarer, each read by its public interface.

use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyInt, PyString};
use rowjson_core::json::binary::put_bytes;
use rowjson_core::json::path::Traced;
use rowjson_core::json::sink::Sink;
use rowjson_core::json::text::put_string;
use rowjson_core::postgres::value::Binary;

use crate::classes::Known;
use crate::encode::{Encoder, Result};
use crate::error::Error;

/// Writes an int of more than 64 bits: all its digits.
#[cold]
pub fn put_big_int(int: &Bound<'_, PyAny>, sink: &mut impl Sink) -> Result {
    // Not its own repr, for a subclass may say something else.
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

/// Writes a `Decimal` as a number, exactly; null where it is none.
pub fn put_decimal(decimal: &Bound<'_, PyAny>, sink: &mut impl Sink) -> Result {
    // Not its own methods, for a subclass may say something else.
    let class = Known::get(decimal.py())?.decimal.bind(decimal.py());
    if class.call_method1("is_finite", (decimal,))?.is_truthy()? {
        let digits = class.call_method1("__str__", (decimal,))?;
        sink.put_str(digits.cast_into::<PyString>().map_err(PyErr::from)?.to_str()?);
    } else {
        sink.put(b"null");
    }
    Ok(())
}

/// Writes what `str()` says of it.
pub fn put_text_of(object: &Bound<'_, PyAny>, sink: &mut impl Sink) -> Result {
    put_string(object.str()?.to_str()?, sink);
    Ok(())
}

/// Writes the bits as a string of 0 and 1.
pub fn put_bit_string(bits: &Bound<'_, PyAny>, sink: &mut impl Sink) -> Result {
    let text = bits.call_method0("as_string")?.cast_into::<PyString>().map_err(PyErr::from)?;
    put_string(&text.to_str()?.replace(' ', ""), sink);
    Ok(())
}

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

/// Writes a range: `{"lower":1,"upper":10,"bounds":"[)"}` or `{"empty":true}`.
pub fn put_range<'py>(
    range: &Bound<'py, PyAny>,
    encoder: &Encoder<'_, 'py>,
    sink: &mut impl Sink,
) -> Result {
    if range.getattr("isempty")?.extract::<bool>()? {
        sink.put(br#"{"empty":true}"#);
        return Ok(());
    }
    for (lead, name) in [(br#"{"lower":"#, "lower"), (br#","upper":"#, "upper")] {
        sink.put(lead);
        encoder.put_bound(&range.getattr(name)?, sink).map_err(|error| error.under_member(name))?;
    }
    let bounds = [
        if range.getattr("lower_inc")?.extract::<bool>()? { b"[" } else { b"(" },
        if range.getattr("upper_inc")?.extract::<bool>()? { b"]" } else { b")" },
    ];
    sink.put(br#","bounds":""#);
    for bound in bounds {
        sink.put(bound);
    }
    sink.put(br#""}"#);
    Ok(())
}

/// Writes a dataclass's fields, but for those whose name begins with `_`, as orjson does.
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
        // ClassVar and InitVar are among them, and no fields.
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

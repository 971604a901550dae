//! `decimal.Decimal`.

use pyo3::prelude::*;
use pyo3::types::PyString;
use rowjson_core::json::sink::Sink;

use crate::classes::Known;
use crate::error::Result;

/// Writes a `Decimal` exactly, as a number; NaN and infinities as null.
pub fn put_decimal(decimal: &Bound<'_, PyAny>, sink: &mut impl Sink) -> Result {
    // Not its own methods, which a subclass may override.
    let class = Known::get(decimal.py())?.decimal.bind(decimal.py());
    if class.call_method1("is_finite", (decimal,))?.is_truthy()? {
        let digits = class.call_method1("__str__", (decimal,))?;
        sink.put_str(digits.cast_into::<PyString>().map_err(PyErr::from)?.to_str()?);
    } else {
        sink.put(b"null");
    }
    Ok(())
}

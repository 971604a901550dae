//! `asyncpg.Range`.

use pyo3::prelude::*;
use rowjson_core::json::path::Traced;
use rowjson_core::json::sink::Sink;

use crate::encode::Encoder;
use crate::error::Result;

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

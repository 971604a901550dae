//! Ranges of built-in types.

use crate::json::binary::Binary;
use crate::json::sink::Sink;
use crate::postgres::error::Malformed;
use crate::postgres::reader::Reader;
use crate::postgres::types::Type;
use crate::postgres::value::put_scalar;

/// The flags of the first byte.
const EMPTY: u8 = 0x01;
const LOWER_INCLUSIVE: u8 = 0x02;
const UPPER_INCLUSIVE: u8 = 0x04;
const LOWER_INFINITE: u8 = 0x08;
const UPPER_INFINITE: u8 = 0x10;
const KNOWN: u8 = EMPTY | LOWER_INCLUSIVE | UPPER_INCLUSIVE | LOWER_INFINITE | UPPER_INFINITE;

/// Writes `{"lower":1,"upper":10,"bounds":"[)"}`, where a side without bound is null, or `{"empty":true}`.
///
/// # Errors
///
/// The flags are not known, it is cut off, or a bound is not what its type says.
#[inline(never)]
pub(crate) fn put_range<S: Sink>(
    bound: Type,
    raw: &[u8],
    binary: Binary,
    sink: &mut S,
) -> Result<(), Malformed> {
    let mut reader = Reader::new(raw, 0);
    let [flags] = reader.array()?;
    if flags & !KNOWN != 0 {
        return Err(Malformed::new(format!("flags of {flags:#04x}")));
    }
    if flags & EMPTY != 0 {
        sink.put(b"{\"empty\":true}");
        return reader.end();
    }
    let mut put_bound = |infinite: bool, sink: &mut S| {
        if infinite {
            sink.put(b"null");
            return Ok(());
        }
        let Some((offset, raw)) = reader.value()? else {
            return Err(reader.malformed("a bound that is NULL"));
        };
        put_scalar(bound, raw, binary, sink).map_err(|error| error.at(offset))
    };
    sink.put(b"{\"lower\":");
    put_bound(flags & LOWER_INFINITE != 0, sink)?;
    sink.put(b",\"upper\":");
    put_bound(flags & UPPER_INFINITE != 0, sink)?;
    sink.put(b",\"bounds\":\"");
    sink.put(if flags & LOWER_INCLUSIVE == 0 { b"(" } else { b"[" });
    sink.put(if flags & UPPER_INCLUSIVE == 0 { b")" } else { b"]" });
    sink.put(b"\"}");
    reader.end()
}

#[cfg(test)]
mod tests;

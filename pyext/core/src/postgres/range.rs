//! Ranges of built-in types.

use crate::json::sink::Sink;
use crate::postgres::error::Malformed;
use crate::postgres::reader::Reader;

/// The flags of the first byte.
const EMPTY: u8 = 0x01;
const LOWER_INCLUSIVE: u8 = 0x02;
const UPPER_INCLUSIVE: u8 = 0x04;
const LOWER_INFINITE: u8 = 0x08;
const UPPER_INFINITE: u8 = 0x10;
const KNOWN: u8 = EMPTY | LOWER_INCLUSIVE | UPPER_INCLUSIVE | LOWER_INFINITE | UPPER_INFINITE;

/// Writes `{"lower":1,"upper":10,"bounds":"[)"}`, with null for a side without a bound, or `{"empty":true}`.
/// `put_bound` writes a bound, given its bytes.
///
/// # Errors
///
/// The flags are unknown, the range is cut off, or `put_bound` refuses a bound.
pub(super) fn put_range<S: Sink>(
    raw: &[u8],
    sink: &mut S,
    put_bound: impl Fn(&[u8], &mut S) -> Result<(), Malformed>,
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
    for (lead, infinite) in [(b"{\"lower\":", LOWER_INFINITE), (b",\"upper\":", UPPER_INFINITE)] {
        sink.put(lead);
        if flags & infinite != 0 {
            sink.put(b"null");
            continue;
        }
        let Some((offset, raw)) = reader.value()? else {
            return Err(reader.malformed("a bound that is NULL"));
        };
        put_bound(raw, sink).map_err(|error| error.at(offset))?;
    }
    sink.put(b",\"bounds\":\"");
    sink.put(if flags & LOWER_INCLUSIVE == 0 { b"(" } else { b"[" });
    sink.put(if flags & UPPER_INCLUSIVE == 0 { b")" } else { b"]" });
    sink.put(b"\"}");
    reader.end()
}

#[cfg(test)]
mod tests;

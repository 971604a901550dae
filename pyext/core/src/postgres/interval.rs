//! `interval`.

use crate::json::interval::{self, Interval};
use crate::json::sink::Sink;
use crate::postgres::error::Malformed;
use crate::postgres::reader::Reader;

/// Writes an `interval`, whose bytes are microseconds, days and months.
///
/// # Errors
///
/// There are not 16 bytes, or it is infinite: since Postgres 17 that is the largest of all parts, or the
/// smallest.
#[inline(never)]
pub fn put_interval<S: Sink>(raw: &[u8], sink: &mut S) -> Result<(), Malformed> {
    let mut reader = Reader::new(raw, 0);
    let microseconds = i64::from_be_bytes(reader.array()?);
    let days = reader.int()?;
    let months = reader.int()?;
    reader.end()?;
    match (microseconds, days, months) {
        (i64::MAX, i32::MAX, i32::MAX) => Err(Malformed::new("infinity has no JSON")),
        (i64::MIN, i32::MIN, i32::MIN) => Err(Malformed::new("-infinity has no JSON")),
        _ => {
            interval::put_interval(Interval { months, days, microseconds }, sink);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(months: i32, days: i32, microseconds: i64) -> Result<String, String> {
        let mut raw = [0; 16];
        raw[..8].copy_from_slice(&microseconds.to_be_bytes());
        raw[8..12].copy_from_slice(&days.to_be_bytes());
        raw[12..].copy_from_slice(&months.to_be_bytes());
        let mut out = Vec::new();
        put_interval(&raw, &mut out).map_err(|error| error.what.clone())?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn its_parts_are_told_apart() {
        assert_eq!(written(1, 2, 3).unwrap(), r#""P1M2DT0.000003S""#);
    }

    #[test]
    fn what_is_close_to_infinite_is_written() {
        let text = written(i32::MIN, i32::MIN, i64::MIN + 1).unwrap();
        assert_eq!(text, r#""P-178956970Y-8M-2147483648DT-2562047788H-54.775807S""#);
    }

    #[test]
    fn infinities_are_refused() {
        assert_eq!(written(i32::MAX, i32::MAX, i64::MAX).unwrap_err(), "infinity has no JSON");
        assert_eq!(written(i32::MIN, i32::MIN, i64::MIN).unwrap_err(), "-infinity has no JSON");
    }
}

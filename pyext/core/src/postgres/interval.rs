//! `interval`, as ISO 8601 has it.

use crate::json::number::put_integer;
use crate::json::sink::Sink;
use crate::json::time::SECOND;
use crate::postgres::error::Malformed;
use crate::postgres::reader::Reader;

/// Writes microseconds, days and months as `intervalstyle` `iso_8601` does: `"P1Y2M3DT4H5M6.7S"`, each
/// part with a sign of its own, for Postgres counts them apart.
///
/// # Errors
///
/// There are not 16 bytes, or it is infinite (since Postgres 17: each part is the largest of its kind, or the smallest).
pub fn put_interval<S: Sink>(raw: &[u8], sink: &mut S) -> Result<(), Malformed> {
    let mut reader = Reader::new(raw, 0);
    let microseconds = i64::from_be_bytes(reader.array()?);
    let days = reader.int()?;
    let months = reader.int()?;
    reader.end()?;
    match (microseconds, days, months) {
        (0, 0, 0) => sink.put(b"\"PT0S\""),
        (i64::MAX, i32::MAX, i32::MAX) => return Err(Malformed::new("infinity has no JSON")),
        (i64::MIN, i32::MIN, i32::MIN) => return Err(Malformed::new("-infinity has no JSON")),
        _ => {
            sink.put(b"\"P");
            put_part((months / 12).into(), b'Y', sink);
            put_part((months % 12).into(), b'M', sink);
            put_part(days.into(), b'D', sink);
            if microseconds != 0 {
                sink.put(b"T");
                put_part(microseconds / (3600 * SECOND), b'H', sink);
                put_part(microseconds / (60 * SECOND) % 60, b'M', sink);
                put_seconds(microseconds % (60 * SECOND), sink);
            }
            sink.put(b"\"");
        }
    }
    Ok(())
}

/// A number with its unit, unless it is zero.
fn put_part<S: Sink>(number: i64, unit: u8, sink: &mut S) {
    if number != 0 {
        put_integer(number, sink);
        sink.put(&[unit]);
    }
}

/// Seconds, without the zeros that their fraction ends with.
fn put_seconds<S: Sink>(microseconds: i64, sink: &mut S) {
    if microseconds == 0 {
        return;
    }
    if microseconds < 0 {
        sink.put(b"-");
    }
    // Less than a minute: it has an opposite.
    let microseconds = microseconds.abs();
    put_integer(microseconds / SECOND, sink);
    let mut fraction = microseconds % SECOND;
    let mut tenth = SECOND / 10;
    if fraction > 0 {
        sink.put(b".");
    }
    while fraction > 0 {
        put_integer(fraction / tenth, sink);
        fraction %= tenth;
        tenth /= 10;
    }
    sink.put(b"S");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: i64 = 60 * SECOND;
    const HOUR: i64 = 60 * MINUTE;

    fn raw(months: i32, days: i32, microseconds: i64) -> [u8; 16] {
        let mut raw = [0; 16];
        raw[..8].copy_from_slice(&microseconds.to_be_bytes());
        raw[8..12].copy_from_slice(&days.to_be_bytes());
        raw[12..].copy_from_slice(&months.to_be_bytes());
        raw
    }

    fn written(months: i32, days: i32, microseconds: i64) -> Result<String, String> {
        let mut out = Vec::new();
        put_interval(&raw(months, days, microseconds), &mut out)
            .map_err(|error| error.what.clone())?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn parts_that_are_zero_are_left_out() {
        assert_eq!(
            written(14, 3, 4 * HOUR + 5 * MINUTE + 6_700_000).unwrap(),
            r#""P1Y2M3DT4H5M6.7S""#
        );
        assert_eq!(written(12, 0, 0).unwrap(), r#""P1Y""#);
        assert_eq!(written(0, 0, 5 * MINUTE).unwrap(), r#""PT5M""#);
        assert_eq!(written(0, 1, 1).unwrap(), r#""P1DT0.000001S""#);
        assert_eq!(written(0, 0, 0).unwrap(), r#""PT0S""#);
    }

    #[test]
    fn each_part_has_its_own_sign() {
        assert_eq!(written(0, -1, -2 * HOUR).unwrap(), r#""P-1DT-2H""#);
        assert_eq!(written(-13, 1, -500_000).unwrap(), r#""P-1Y-1M1DT-0.5S""#);
        assert_eq!(written(0, 0, -MINUTE - 1_250_000).unwrap(), r#""PT-1M-1.25S""#);
    }

    #[test]
    fn the_largest_parts_are_written() {
        // What Postgres 15, which has no infinite intervals, writes for them.
        assert_eq!(
            written(i32::MIN, i32::MIN, i64::MIN + 1).unwrap(),
            r#""P-178956970Y-8M-2147483648DT-2562047788H-54.775807S""#
        );
        assert_eq!(written(0, 0, i64::MIN).unwrap(), r#""PT-2562047788H-54.775808S""#);
    }

    #[test]
    fn infinities_are_refused() {
        assert_eq!(written(i32::MAX, i32::MAX, i64::MAX).unwrap_err(), "infinity has no JSON");
        assert_eq!(written(i32::MIN, i32::MIN, i64::MIN).unwrap_err(), "-infinity has no JSON");
    }

    proptest! {
        #[test]
        fn its_parts_add_up(months: i32, days: i32, microseconds: i64) {
            let text = written(months, days, microseconds).unwrap();
            let (date, time) = text.trim_matches('"').strip_prefix('P').unwrap().split_once('T').unwrap();
            let mut sum = 0;
            for part in date.split_inclusive(['Y', 'M']).filter(|part| !part.ends_with('D')) {
                let (number, unit) = part.split_at(part.len() - 1);
                sum += number.parse::<i64>().unwrap() * if unit == "Y" { 12 } else { 1 };
            }
            prop_assert_eq!(sum, i64::from(months));
            let mut sum = 0;
            for part in time.split_inclusive(['H', 'M', 'S']) {
                let (number, unit) = part.split_at(part.len() - 1);
                let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
                let digits: i128 = format!("{whole}{fraction:0<6}").parse().unwrap();
                sum += digits * match unit { "H" => 3600, "M" => 60, _ => 1 };
            }
            prop_assert_eq!(sum, i128::from(microseconds));
        }
    }
}

//! Intervals in ISO 8601.

use crate::json::number::put_integer;
use crate::json::sink::Sink;
use crate::json::time::SECOND;

/// An interval. Its parts are not converted into one another, for months and days differ in length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Months, of which 12 are a year.
    pub months: i32,
    /// Days.
    pub days: i32,
    /// Hours, minutes and seconds, in microseconds.
    pub microseconds: i64,
}

/// Writes an interval as Postgres does with `intervalstyle` `iso_8601`: `"P1Y2M3DT4H5M6.7S"`. Each part has
/// its own sign.
pub fn put_interval<S: Sink>(interval: Interval, sink: &mut S) {
    let Interval { months, days, microseconds } = interval;
    if (months, days, microseconds) == (0, 0, 0) {
        return sink.put(b"\"PT0S\"");
    }
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

/// Writes a number with its unit, unless it is zero.
fn put_part<S: Sink>(number: i64, unit: u8, sink: &mut S) {
    if number != 0 {
        put_integer(number, sink);
        sink.put(&[unit]);
    }
}

/// Writes seconds, without zeros at the end of their fraction.
fn put_seconds<S: Sink>(microseconds: i64, sink: &mut S) {
    if microseconds == 0 {
        return;
    }
    if microseconds < 0 {
        sink.put(b"-");
    }
    // This cannot overflow, because it is less than a minute.
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

    fn written(months: i32, days: i32, microseconds: i64) -> String {
        let mut out = Vec::new();
        put_interval(Interval { months, days, microseconds }, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn parts_that_are_zero_are_left_out() {
        assert_eq!(written(14, 3, 4 * HOUR + 5 * MINUTE + 6_700_000), r#""P1Y2M3DT4H5M6.7S""#);
        assert_eq!(written(12, 0, 0), r#""P1Y""#);
        assert_eq!(written(0, 0, 5 * MINUTE), r#""PT5M""#);
        assert_eq!(written(0, 1, 1), r#""P1DT0.000001S""#);
        assert_eq!(written(0, 0, 0), r#""PT0S""#);
    }

    #[test]
    fn each_part_has_its_own_sign() {
        assert_eq!(written(0, -1, -2 * HOUR), r#""P-1DT-2H""#);
        assert_eq!(written(-13, 1, -500_000), r#""P-1Y-1M1DT-0.5S""#);
        assert_eq!(written(0, 0, -MINUTE - 1_250_000), r#""PT-1M-1.25S""#);
    }

    #[test]
    fn the_largest_parts_are_written() {
        // What Postgres 15, which has no infinite intervals, writes for them.
        assert_eq!(
            written(i32::MIN, i32::MIN, i64::MIN + 1),
            r#""P-178956970Y-8M-2147483648DT-2562047788H-54.775807S""#
        );
        assert_eq!(written(0, 0, i64::MIN), r#""PT-2562047788H-54.775808S""#);
    }

    proptest! {
        #[test]
        fn its_parts_add_up(months: i32, days: i32, microseconds: i64) {
            let text = written(months, days, microseconds);
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

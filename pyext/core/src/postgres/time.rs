//! Dates and times as Postgres counts them.

use crate::json::sink::Sink;
use crate::json::time::{DAY, Date, Offset, Time, put_date, put_time, put_timestamp};
use crate::postgres::error::Malformed;

/// Postgres counts from 2000-01-01, the algorithm below from 0000-03-01: the days between them.
const EPOCH: i64 = 730_425;
/// 0001-01-01 and 10000-01-01, in days since 2000-01-01: RFC 3339 has four digits for a year.
const FIRST_DAY: i64 = -730_119;
const AFTER_LAST_DAY: i64 = 2_921_940;

/// Writes a `date`, which is a number of days since 2000-01-01.
///
/// # Errors
///
/// It is infinite, or its year is not 1 to 9999.
#[inline]
pub fn put_date_of<S: Sink>(days: i32, sink: &mut S) -> Result<(), Malformed> {
    let date = match days {
        i32::MAX => Err(Malformed::new("infinity has no JSON")),
        i32::MIN => Err(Malformed::new("-infinity has no JSON")),
        _ => date_since_2000(i64::from(days)).ok_or_else(out_of_range),
    }?;
    put_date(date, sink);
    Ok(())
}

/// Writes a `time`, which is a number of microseconds since midnight; with `east` a `timetz`, whose offset is
/// this many seconds east of UTC.
///
/// # Errors
///
/// The time is not within a day, or the offset is a day or more.
#[inline]
pub fn put_time_of<S: Sink>(
    microseconds: i64,
    east: Option<i32>,
    sink: &mut S,
) -> Result<(), Malformed> {
    if !(0..=DAY).contains(&microseconds) {
        return Err(Malformed::new("a time outside of the day"));
    }
    if east.is_some_and(|east| east.unsigned_abs() >= 86_400) {
        return Err(Malformed::new("a time zone a day from UTC"));
    }
    put_time(Time::since_midnight(microseconds), east.map_or(Offset::Naive, Offset::East), sink);
    Ok(())
}

/// Writes a `timestamp`, or with `utc` a `timestamptz`, which are microseconds since 2000-01-01.
///
/// # Errors
///
/// It is infinite, or its year is not 1 to 9999.
#[inline]
pub fn put_timestamp_of<S: Sink>(
    microseconds: i64,
    utc: bool,
    sink: &mut S,
) -> Result<(), Malformed> {
    let Some(date) = date_since_2000(microseconds.div_euclid(DAY)) else {
        return Err(match microseconds {
            i64::MAX => Malformed::new("infinity has no JSON"),
            i64::MIN => Malformed::new("-infinity has no JSON"),
            _ => out_of_range(),
        });
    };
    let time = Time::since_midnight(microseconds.rem_euclid(DAY));
    put_timestamp(date, time, if utc { Offset::Utc } else { Offset::Naive }, sink);
    Ok(())
}

/// The date that is this many days after 2000-01-01, if it is in the years 1 to 9999.
///
/// The algorithm is from Neri and Schneider, "Euclidean affine functions and their application to calendar
/// algorithms" (2022). It lets years start in March, so that the leap day is the last, and divides by
/// constants and powers of two only.
fn date_since_2000(days: i64) -> Option<Date> {
    if !(FIRST_DAY..AFTER_LAST_DAY).contains(&days) {
        return None;
    }
    let quarters = 4 * u32::try_from(days + EPOCH).ok()? + 3;
    let century = quarters / 146_097;
    let years = 2_939_745 * u64::from((quarters % 146_097) | 3);
    let day_of_year = (years & 0xffff_ffff) / 2_939_745 / 4;
    let months = 2141 * day_of_year + 197_913;
    let after_december = day_of_year >= 306;
    let month = (months >> 16) - if after_december { 12 } else { 0 };
    let year = 100 * u64::from(century) + (years >> 32) + u64::from(after_december);
    Some(Date {
        year: u16::try_from(year).ok()?,
        month: u8::try_from(month).ok()?,
        day: u8::try_from((months & 0xffff) / 2141 + 1).ok()?,
    })
}

fn out_of_range() -> Malformed {
    Malformed::new("a year but 1 to 9999 has no JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    type Put<'a> = &'a dyn Fn(&mut Vec<u8>) -> Result<(), Malformed>;

    fn written(put: Put<'_>) -> Result<String, String> {
        let mut out = Vec::new();
        put(&mut out).map_err(|error| error.what.clone())?;
        Ok(String::from_utf8(out).unwrap())
    }

    fn timestamp(microseconds: i64) -> Result<String, String> {
        written(&|out| put_timestamp_of(microseconds, true, out))
    }

    #[test]
    fn fractions_are_written_where_there_are_any() {
        assert_eq!(timestamp(0).unwrap(), r#""2000-01-01T00:00:00Z""#);
        assert_eq!(timestamp(1).unwrap(), r#""2000-01-01T00:00:00.000001Z""#);
        assert_eq!(timestamp(-1).unwrap(), r#""1999-12-31T23:59:59.999999Z""#);
        assert_eq!(timestamp(-946_684_800_000_000).unwrap(), r#""1970-01-01T00:00:00Z""#);
    }

    #[test]
    fn a_timestamp_without_time_zone_has_no_offset() {
        assert_eq!(
            written(&|out| put_timestamp_of(0, false, out)).unwrap(),
            r#""2000-01-01T00:00:00""#
        );
    }

    #[test]
    fn years_are_written_from_the_first_to_the_last() {
        assert_eq!(timestamp(-63_082_281_600_000_000).unwrap(), r#""0001-01-01T00:00:00Z""#);
        assert_eq!(timestamp(252_455_615_999_999_999).unwrap(), r#""9999-12-31T23:59:59.999999Z""#);
    }

    #[test]
    fn other_years_and_infinities_are_refused() {
        let years = "a year but 1 to 9999 has no JSON";
        assert_eq!(timestamp(-63_082_281_600_000_001).unwrap_err(), years);
        assert_eq!(timestamp(252_455_616_000_000_000).unwrap_err(), years);
        assert_eq!(timestamp(i64::MAX).unwrap_err(), "infinity has no JSON");
        assert_eq!(timestamp(i64::MIN).unwrap_err(), "-infinity has no JSON");
        assert_eq!(written(&|out| put_date_of(i32::MAX, out)).unwrap_err(), "infinity has no JSON");
        assert_eq!(
            written(&|out| put_date_of(i32::MIN, out)).unwrap_err(),
            "-infinity has no JSON"
        );
        assert_eq!(written(&|out| put_date_of(2_921_940, out)).unwrap_err(), years);
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut before = Date { year: 0, month: 12, day: 31 };
        for days in FIRST_DAY..AFTER_LAST_DAY {
            let date = date_since_2000(days).unwrap();
            let next_day = Date { day: before.day + 1, ..before };
            let next_month = Date { month: before.month + 1, day: 1, ..before };
            let next_year = Date { year: before.year + 1, month: 1, day: 1 };
            assert!([next_day, next_month, next_year].contains(&date), "{before:?} {date:?}");
            before = date;
        }
        assert_eq!(before, Date { year: 9999, month: 12, day: 31 });
        assert_eq!(date_since_2000(59), Some(Date { year: 2000, month: 2, day: 29 }));
        assert_eq!(date_since_2000(60), Some(Date { year: 2000, month: 3, day: 1 }));
    }

    #[test]
    fn a_time_may_be_the_end_of_the_day_and_not_after() {
        let time = |microseconds, east| written(&|out| put_time_of(microseconds, east, out));
        assert_eq!(time(45_296_000_000, None).unwrap(), r#""12:34:56""#);
        assert_eq!(time(DAY, None).unwrap(), r#""24:00:00""#);
        assert_eq!(time(1, Some(0)).unwrap(), r#""00:00:00.000001+00:00""#);
        assert_eq!(time(0, Some(-12_600)).unwrap(), r#""00:00:00-03:30""#);
        assert_eq!(time(0, Some(86_399)).unwrap(), r#""00:00:00+23:59:59""#);
        time(DAY + 1, None).unwrap_err();
        time(-1, None).unwrap_err();
        time(0, Some(86_400)).unwrap_err();
        time(0, Some(i32::MIN)).unwrap_err();
    }
}

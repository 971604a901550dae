//! Dates and times, from Postgres's counts and from their parts, quotes included.

use crate::json::sink::Sink;
use crate::postgres::error::Malformed;

/// Microseconds of a second, a day.
pub const SECOND: i64 = 1_000_000;
/// Microseconds of a day.
pub const DAY: i64 = 86_400 * SECOND;
/// Postgres counts from 2000-01-01; the algorithm below from 0000-03-01.
const EPOCH: i64 = 730_425;
/// 0001-01-01 and 10000-01-01, in days since 2000-01-01: RFC 3339 has four digits for a year.
const FIRST_DAY: i64 = -730_119;
const AFTER_LAST_DAY: i64 = 2_921_940;
/// `"2024-01-31T12:34:56.123456+00:00:00"` and its quotes.
const LONGEST: usize = 40;

/// A time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    /// 0 to 24, as Postgres has 24:00:00.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
    /// 0 to 999,999.
    pub microsecond: u32,
}

/// A date of the years 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    /// 1 to 9999.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

/// How far local time is from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offset {
    /// It does not say.
    Naive,
    /// UTC, written Z.
    Utc,
    /// Seconds east of UTC, less than a day; written +HH:MM, and :SS where that is not zero.
    East(i32),
}

impl Time {
    /// The time so many microseconds after midnight: 0 to a whole day.
    #[must_use]
    pub fn since_midnight(microseconds: i64) -> Self {
        // The seconds of a day, the end of the day among them, and the microseconds of one fit.
        let seconds = u32::try_from(microseconds / SECOND).unwrap_or(0);
        let narrow = |number: u32| u8::try_from(number).unwrap_or(0);
        Self {
            hour: narrow(seconds / 3600),
            minute: narrow(seconds / 60 % 60),
            second: narrow(seconds % 60),
            microsecond: u32::try_from(microseconds % SECOND).unwrap_or(0),
        }
    }
}

impl Date {
    /// The date so many days after 2000-01-01; none before the year 1 and after the year 9999.
    ///
    /// Neri and Schneider, "Euclidean affine functions and their application to calendar algorithms"
    /// (2022): years start in March, so that the leap day is the last, and what is to be divided by
    /// is a constant or a power of two.
    #[must_use]
    pub fn since_2000(days: i64) -> Option<Self> {
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
        Some(Self {
            year: u16::try_from(year).ok()?,
            month: u8::try_from(month).ok()?,
            day: u8::try_from((months & 0xffff) / 2141 + 1).ok()?,
        })
    }
}

/// Writes a `date`: days since 2000-01-01.
///
/// # Errors
///
/// Infinities, and years but 1 to 9999.
#[inline]
pub fn put_date_of<S: Sink>(days: i32, sink: &mut S) -> Result<(), Malformed> {
    let date = match days {
        i32::MAX => Err(Malformed::new("infinity has no JSON")),
        i32::MIN => Err(Malformed::new("-infinity has no JSON")),
        _ => Date::since_2000(i64::from(days)).ok_or_else(out_of_range),
    }?;
    put_date(date, sink);
    Ok(())
}

/// Writes a `time`: microseconds since midnight, and for a `timetz` the seconds east of UTC.
///
/// # Errors
///
/// More than a day, or an offset of a day.
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

/// Writes a `timestamp`, or with `utc` a `timestamptz`: microseconds since 2000-01-01.
///
/// # Errors
///
/// Infinities, and years but 1 to 9999.
#[inline]
pub fn put_timestamp_of<S: Sink>(
    microseconds: i64,
    utc: bool,
    sink: &mut S,
) -> Result<(), Malformed> {
    let Some(date) = Date::since_2000(microseconds.div_euclid(DAY)) else {
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

/// Writes `"2024-01-31"`.
#[inline]
pub fn put_date<S: Sink>(date: Date, sink: &mut S) {
    put_quoted(sink, |text| {
        write_date(text, 1, date);
        11
    });
}

/// Writes `"12:34:56"`, with six fractional digits where they are not zero.
#[inline]
pub fn put_time<S: Sink>(time: Time, offset: Offset, sink: &mut S) {
    put_quoted(sink, |text| {
        write_clock(text, 1, time);
        write_end(text, 9, time.microsecond, offset)
    });
}

/// Writes `"2024-01-31T12:34:56Z"`, with six fractional digits where they are not zero.
#[inline]
pub fn put_timestamp<S: Sink>(date: Date, time: Time, offset: Offset, sink: &mut S) {
    put_quoted(sink, |text| {
        write_date(text, 1, date);
        text[11] = b'T';
        write_clock(text, 12, time);
        write_end(text, 20, time.microsecond, offset)
    });
}

fn out_of_range() -> Malformed {
    Malformed::new("a year but 1 to 9999 has no JSON")
}

/// Writes a text in quotes: `write` is given it after the first, and says where it ends.
#[inline]
fn put_quoted<S: Sink>(sink: &mut S, write: impl FnOnce(&mut [u8; LONGEST]) -> usize) {
    let room = sink.spare(LONGEST).as_mut_ptr().cast::<[u8; LONGEST]>();
    // SAFETY: the room has LONGEST bytes. They are written before they are borrowed, and in place:
    // put together elsewhere, they would be read again before they have arrived.
    let text = unsafe {
        room.write([b'"'; LONGEST]);
        &mut *room
    };
    let length = write(text);
    text[length] = b'"';
    // SAFETY: `length` is an index, so that as many bytes and one more are of those just written.
    unsafe { sink.advance(length + 1) };
}

/// Writes a fraction, where there is one, and an offset; says where they end.
#[inline]
fn write_end(text: &mut [u8; LONGEST], mut at: usize, microsecond: u32, offset: Offset) -> usize {
    if microsecond > 0 {
        text[at] = b'.';
        write_pair(text, at + 1, microsecond / 10_000);
        write_pair(text, at + 3, microsecond / 100 % 100);
        write_pair(text, at + 5, microsecond % 100);
        at += 7;
    }
    match offset {
        Offset::Naive => at,
        Offset::Utc => {
            text[at] = b'Z';
            at + 1
        }
        Offset::East(seconds) => write_offset(text, at, seconds),
    }
}

/// `00` to `99`, and as much as makes any seven bits an index.
static PAIRS: [[u8; 2]; 128] = {
    let mut pairs = [[b'0'; 2]; 128];
    let mut number: u8 = 0;
    while number < 100 {
        pairs[number as usize] = [b'0' + number / 10, b'0' + number % 10];
        number += 1;
    }
    pairs
};

/// Two digits of a number below 100.
#[inline]
fn write_pair(text: &mut [u8; LONGEST], at: usize, number: u32) {
    let [tens, ones] = PAIRS[number as usize % PAIRS.len()];
    text[at] = tens;
    text[at + 1] = ones;
}

#[inline]
fn write_date(text: &mut [u8; LONGEST], at: usize, Date { year, month, day }: Date) {
    write_pair(text, at, u32::from(year / 100));
    write_pair(text, at + 2, u32::from(year % 100));
    text[at + 4] = b'-';
    write_pair(text, at + 5, month.into());
    text[at + 7] = b'-';
    write_pair(text, at + 8, day.into());
}

/// Hours, minutes and seconds.
#[inline]
fn write_clock(text: &mut [u8; LONGEST], at: usize, time: Time) {
    write_pair(text, at, time.hour.into());
    text[at + 2] = b':';
    write_pair(text, at + 3, time.minute.into());
    text[at + 5] = b':';
    write_pair(text, at + 6, time.second.into());
}

/// Says where it ends.
fn write_offset(text: &mut [u8; LONGEST], at: usize, east: i32) -> usize {
    let seconds = east.unsigned_abs();
    text[at] = if east < 0 { b'-' } else { b'+' };
    write_pair(text, at + 1, seconds / 3600);
    text[at + 3] = b':';
    write_pair(text, at + 4, seconds / 60 % 60);
    if seconds.is_multiple_of(60) {
        return at + 6;
    }
    text[at + 6] = b':';
    write_pair(text, at + 7, seconds % 60);
    at + 9
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
    fn a_timestamp_without_time_zone_says_none() {
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
            let date = Date::since_2000(days).unwrap();
            let next_day = Date { day: before.day + 1, ..before };
            let next_month = Date { month: before.month + 1, day: 1, ..before };
            let next_year = Date { year: before.year + 1, month: 1, day: 1 };
            assert!([next_day, next_month, next_year].contains(&date), "{before:?} {date:?}");
            before = date;
        }
        assert_eq!(before, Date { year: 9999, month: 12, day: 31 });
        assert_eq!(Date::since_2000(59), Some(Date { year: 2000, month: 2, day: 29 }));
        assert_eq!(Date::since_2000(60), Some(Date { year: 2000, month: 3, day: 1 }));
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

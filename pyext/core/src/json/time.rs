//! Dates and times as strings.

use crate::json::sink::Sink;

/// Microseconds of a second.
pub const SECOND: i64 = 1_000_000;
/// Microseconds of a day.
pub const DAY: i64 = 86_400 * SECOND;
/// At least as long as `"2024-01-31T12:34:56.123456+00:00:00"` with its quotes.
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

/// How far local time is from UTC, as a text says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offset {
    /// The text does not say.
    Naive,
    /// UTC: `Z`.
    Utc,
    /// Seconds east of UTC, less than a day: `+HH:MM`, with `:SS` unless that is zero.
    East(i32),
}

impl Time {
    /// The time that is this many microseconds after midnight, at most a whole day.
    #[must_use]
    pub fn since_midnight(microseconds: i64) -> Self {
        // 86,400 seconds and 999,999 microseconds fit.
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

/// Writes `"2024-01-31"`.
#[inline]
pub fn put_date<S: Sink>(date: Date, sink: &mut S) {
    put_quoted(sink, |text| {
        write_date(text, 1, date);
        11
    });
}

/// Writes `"12:34:56"`, with six fractional digits unless they are all zero.
#[inline]
pub fn put_time<S: Sink>(time: Time, offset: Offset, sink: &mut S) {
    put_quoted(sink, |text| {
        write_clock(text, 1, time);
        write_end(text, 9, time.microsecond, offset)
    });
}

/// Writes `"2024-01-31T12:34:56Z"`, with six fractional digits unless they are all zero.
#[inline]
pub fn put_timestamp<S: Sink>(date: Date, time: Time, offset: Offset, sink: &mut S) {
    put_quoted(sink, |text| {
        write_date(text, 1, date);
        text[11] = b'T';
        write_clock(text, 12, time);
        write_end(text, 20, time.microsecond, offset)
    });
}

/// Writes a quoted text. `write` gets the buffer, writes after the first quote and returns where it ends.
#[inline]
fn put_quoted<S: Sink>(sink: &mut S, write: impl FnOnce(&mut [u8; LONGEST]) -> usize) {
    let room = sink.spare(LONGEST).as_mut_ptr().cast::<[u8; LONGEST]>();
    // SAFETY: the room has LONGEST bytes, and all are written before they are borrowed. They are written
    // in place, because a copy of a buffer that was just written byte by byte stalls.
    let text = unsafe {
        room.write([b'"'; LONGEST]);
        &mut *room
    };
    let length = write(text);
    text[length] = b'"';
    // SAFETY: `length` is an index into the buffer, so `length + 1` bytes of it were written.
    unsafe { sink.advance(length + 1) };
}

/// Writes the fraction, unless it is zero, and the offset. Returns where they end.
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

/// `00` to `99`, and padding, so that any seven bits are a valid index.
static PAIRS: [[u8; 2]; 128] = {
    let mut pairs = [[b'0'; 2]; 128];
    let mut number: u8 = 0;
    while number < 100 {
        pairs[number as usize] = [b'0' + number / 10, b'0' + number % 10];
        number += 1;
    }
    pairs
};

/// Writes the two digits of a number below 100.
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

/// Writes hours, minutes and seconds.
#[inline]
fn write_clock(text: &mut [u8; LONGEST], at: usize, time: Time) {
    write_pair(text, at, time.hour.into());
    text[at + 2] = b':';
    write_pair(text, at + 3, time.minute.into());
    text[at + 5] = b':';
    write_pair(text, at + 6, time.second.into());
}

/// Returns where it ends.
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

    const DATE: Date = Date { year: 2024, month: 1, day: 31 };

    fn written(put: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        put(&mut out);
        String::from_utf8(out).unwrap()
    }

    fn at(microseconds: i64, offset: Offset) -> String {
        let time = Time::since_midnight(microseconds);
        written(|out| put_timestamp(DATE, time, offset, out))
    }

    #[test]
    fn a_date_has_leading_zeros() {
        let first = Date { year: 1, month: 1, day: 1 };
        assert_eq!(written(|out| put_date(first, out)), r#""0001-01-01""#);
    }

    #[test]
    fn fractions_have_six_digits_or_none() {
        assert_eq!(at(0, Offset::Utc), r#""2024-01-31T00:00:00Z""#);
        assert_eq!(at(45_296_000_001, Offset::Utc), r#""2024-01-31T12:34:56.000001Z""#);
        assert_eq!(at(DAY - 1, Offset::Utc), r#""2024-01-31T23:59:59.999999Z""#);
    }

    #[test]
    fn an_offset_has_seconds_unless_they_are_zero() {
        assert_eq!(at(0, Offset::Naive), r#""2024-01-31T00:00:00""#);
        assert_eq!(at(0, Offset::East(0)), r#""2024-01-31T00:00:00+00:00""#);
        assert_eq!(at(0, Offset::East(-12_600)), r#""2024-01-31T00:00:00-03:30""#);
        assert_eq!(at(1, Offset::East(86_399)), r#""2024-01-31T00:00:00.000001+23:59:59""#);
    }

    #[test]
    fn the_end_of_the_day_is_a_time() {
        let end = Time::since_midnight(DAY);
        assert_eq!(written(|out| put_time(end, Offset::Naive, out)), r#""24:00:00""#);
    }
}

//! `numeric`, with all of its digits.

use crate::json::number::put_integer;
use crate::json::sink::Sink;
use crate::postgres::error::Malformed;
use crate::postgres::reader::Reader;

const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xc000;
const INFINITY: u16 = 0xd000;
const NEGATIVE_INFINITY: u16 = 0xf000;
/// Postgres's own limit on the scale.
const LARGEST_SCALE: u16 = 0x3fff;
/// Postgres's digits are of base 10,000.
const BASE: u16 = 10_000;

/// Writes a `numeric`, whose bytes are the number of its digits, its weight, its sign, its scale, and its
/// digits.
///
/// It has as many decimals as its scale says; NaN and the infinities are `null`.
///
/// As in Postgres, there are at most 131,072 digits before the point and 16,383 after it; a header that
/// claims more is refused.
///
/// # Errors
///
/// It is cut off, or a digit or a part of its header is out of range.
pub fn put_numeric<S: Sink>(raw: &[u8], sink: &mut S) -> Result<(), Malformed> {
    let mut reader = Reader::new(raw, 0);
    let count = usize::from(next(&mut reader)?);
    let weight = next(&mut reader)?.cast_signed();
    let sign = next(&mut reader)?;
    let scale = next(&mut reader)?;
    let digits = digits(count, reader)?;
    if scale > LARGEST_SCALE {
        return Err(Malformed::new(format!("a scale of {scale}")).at(6));
    }
    let number = Number::new(digits, weight, scale);
    match sign {
        0 => number.put(sink),
        NEGATIVE => {
            if !number.digits.is_empty() {
                sink.put(b"-");
            }
            number.put(sink);
        }
        NAN | INFINITY | NEGATIVE_INFINITY => sink.put(b"null"),
        _ => return Err(Malformed::new(format!("a sign of {sign:#06x}")).at(4)),
    }
    Ok(())
}

#[inline]
fn next(reader: &mut Reader<'_>) -> Result<u16, Malformed> {
    reader.array().map(u16::from_be_bytes)
}

/// Reads all that is left, which must be `count` digits.
#[inline]
fn digits(count: usize, reader: Reader<'_>) -> Result<&[[u8; 2]], Malformed> {
    let (digits, odd) = reader.rest().as_chunks::<2>();
    if count != digits.len() || !odd.is_empty() {
        let found = reader.left();
        return Err(reader
            .malformed(format!("{count} digits of two bytes each expected, {found} bytes found")));
    }
    if let Some(wrong) = digits.iter().position(|&digit| u16::from_be_bytes(digit) >= BASE) {
        return Err(reader.malformed("a digit above 9999").at(2 * wrong));
    }
    Ok(digits)
}

/// A number without its sign.
struct Number<'a> {
    /// Big-endian, of base 10,000; the first is not zero.
    digits: &'a [[u8; 2]],
    /// How many digits come before the decimal point. If there are fewer digits, zeros follow them; if it is
    /// negative, zeros come between the point and the first digit.
    whole: i32,
    /// How many decimals there are.
    scale: usize,
}

impl<'a> Number<'a> {
    fn new(digits: &'a [[u8; 2]], weight: i16, scale: u16) -> Self {
        // Postgres sends no zeros in front; JSON must not have them.
        let zeros = digits.iter().take_while(|&&digit| digit == [0, 0]).count();
        let digits = &digits[zeros..];
        // There were no more than u16::MAX digits.
        let zeros = i32::try_from(zeros).unwrap_or(i32::MAX);
        let whole = if digits.is_empty() { 0 } else { i32::from(weight) + 1 - zeros };
        Self { digits, whole, scale: scale.into() }
    }

    fn put<S: Sink>(&self, sink: &mut S) {
        if self.whole > 0 {
            put_integer(self.digit(0).into(), sink);
            for index in 1..self.whole {
                sink.put(&decimals(self.digit(index)));
            }
        } else {
            sink.put(b"0");
        }
        if self.scale == 0 {
            return;
        }
        sink.put(b".");
        let mut index = self.whole;
        for _ in 0..self.scale / 4 {
            sink.put(&decimals(self.digit(index)));
            index += 1;
        }
        sink.put(&decimals(self.digit(index))[..self.scale % 4]);
    }

    /// A digit; zero if it was not sent.
    #[inline]
    fn digit(&self, index: i32) -> u16 {
        let digit = usize::try_from(index).ok().and_then(|index| self.digits.get(index));
        digit.map_or(0, |&digit| u16::from_be_bytes(digit))
    }
}

/// A digit of base 10,000 as four of base 10.
#[inline]
fn decimals(digit: u16) -> [u8; 4] {
    [1000, 100, 10, 1].map(|unit| b"0123456789"[usize::from(digit / unit % 10)])
}

#[cfg(test)]
mod tests;

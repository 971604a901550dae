//! JSON numbers.

use crate::sink::Sink;

/// `00` to `99`.
pub(crate) static PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut number: u8 = 0;
    while number < 100 {
        pairs[number as usize] = [b'0' + number / 10, b'0' + number % 10];
        number += 1;
    }
    pairs
};

/// The digits of the largest `u64`, and a sign.
const LONGEST: usize = 21;

/// Writes a whole number.
///
/// Its digits go where they belong, from the last one on: a buffer of their own would have to be
/// copied, and copying a few bytes costs more than making them.
#[inline]
pub fn put_integer<S: Sink>(number: i64, sink: &mut S) {
    let room = sink.spare(LONGEST).as_mut_ptr().cast::<[u8; LONGEST]>();
    // SAFETY: the room has LONGEST bytes, which are written before they are borrowed.
    let text = unsafe {
        room.write([b'-'; LONGEST]);
        &mut *room
    };
    let sign = usize::from(number < 0);
    let mut rest = number.unsigned_abs();
    let length = sign + rest.checked_ilog10().unwrap_or(0) as usize + 1;
    let mut at = length;
    while rest >= 100 {
        at -= 2;
        [text[at], text[at + 1]] = PAIRS[(rest % 100) as usize];
        rest /= 100;
    }
    let [tens, ones] = PAIRS[rest as usize % PAIRS.len()];
    text[at - 1] = ones;
    if rest >= 10 {
        text[at - 2] = tens;
    }
    // SAFETY: the last of them was written, and all of the room before.
    unsafe { sink.advance(length) };
}

/// Writes the shortest digits that read as the same number; null for what JSON has no number for.
#[inline]
pub fn put_float<S: Sink, F: zmij::Float + Into<f64>>(number: F, sink: &mut S) {
    if number.into().is_finite() {
        sink.put_str(zmij::Buffer::new().format_finite(number));
    } else {
        sink.put(b"null");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(number: i64) -> String {
        let mut out = Vec::new();
        put_integer(number, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_of_each_length_are_written() {
        for power in 0..19 {
            for number in [10_i64.pow(power) - 1, 10_i64.pow(power), 10_i64.pow(power) + 1] {
                assert_eq!(written(number), number.to_string());
                assert_eq!(written(-number), (-number).to_string());
            }
        }
        assert_eq!(written(i64::MAX), i64::MAX.to_string());
        assert_eq!(written(i64::MIN), i64::MIN.to_string());
    }

    proptest! {
        #[test]
        fn any_number_is_written_as_rust_does(number: i64) {
            prop_assert_eq!(written(number), number.to_string());
        }
    }

    #[test]
    fn what_is_no_number_is_null() {
        let mut out = Vec::new();
        for number in [1.5, f64::NAN, f64::INFINITY] {
            put_float(number, &mut out);
        }
        assert_eq!(out, b"1.5nullnull");
    }
}

//! JSON numbers.

use crate::json::sink::Sink;

/// Writes a whole number.
#[inline]
pub fn put_integer<S: Sink>(number: i64, sink: &mut S) {
    sink.put_str(itoa::Buffer::new().format(number));
}

/// Writes the shortest digits that read back as the same number; NaN and infinities as null.
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
    use super::*;

    #[test]
    fn nan_and_infinities_are_null() {
        let mut out = Vec::new();
        for number in [1.5, f64::NAN, f64::INFINITY] {
            put_float(number, &mut out);
        }
        assert_eq!(out, b"1.5nullnull");
    }
}

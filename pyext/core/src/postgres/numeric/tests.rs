use proptest::prelude::*;

use super::*;

/// A number as `numeric_send` writes it.
fn raw(digits: &[u16], weight: i16, sign: u16, scale: u16) -> Vec<u8> {
    let count = u16::try_from(digits.len()).unwrap();
    let header = [count, weight.cast_unsigned(), sign, scale];
    header.iter().chain(digits).flat_map(|number| number.to_be_bytes()).collect()
}

fn written(raw: &[u8]) -> Result<String, String> {
    let mut out = Vec::new();
    put_numeric(raw, &mut out).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(out).unwrap())
}

fn number(digits: &[u16], weight: i16, scale: u16) -> String {
    written(&raw(digits, weight, 0, scale)).unwrap()
}

#[test]
fn all_digits_of_the_scale_are_written() {
    assert_eq!(number(&[1, 1000], 0, 2), "1.10");
    assert_eq!(number(&[1, 1000], 0, 1), "1.1");
    assert_eq!(number(&[42], 0, 0), "42");
    assert_eq!(number(&[12, 3456, 7890], 1, 3), "123456.789");
    assert_eq!(number(&[1], 2, 0), "100000000");
    assert_eq!(number(&[5], 1, 5), "50000.00000");
}

#[test]
fn numbers_below_one_have_a_zero_before_the_point() {
    assert_eq!(number(&[5000], -1, 1), "0.5");
    assert_eq!(number(&[1], -1, 4), "0.0001");
    assert_eq!(number(&[12], -3, 12), "0.000000000012");
    assert_eq!(number(&[1200], -3, 10), "0.0000000012");
}

#[test]
fn zero_keeps_its_scale_and_has_no_sign() {
    assert_eq!(number(&[], 0, 0), "0");
    assert_eq!(number(&[], 0, 3), "0.000");
    assert_eq!(written(&raw(&[], 0, NEGATIVE, 1)).unwrap(), "0.0");
}

#[test]
fn a_negative_number_has_a_minus() {
    assert_eq!(written(&raw(&[1, 1000], 0, NEGATIVE, 2)).unwrap(), "-1.10");
}

#[test]
fn nan_and_infinities_are_null() {
    for sign in [NAN, INFINITY, NEGATIVE_INFINITY] {
        assert_eq!(written(&raw(&[], 0, sign, 0)).unwrap(), "null");
    }
}

#[test]
fn zeros_in_front_are_no_digits() {
    assert_eq!(number(&[0, 0, 7], 2, 0), "7");
    assert_eq!(number(&[0, 0], i16::MAX, 0), "0");
    assert_eq!(number(&[0, 5], 0, 4), "0.0005");
}

#[test]
fn the_longest_numbers_are_written_and_no_longer_ones() {
    let longest = number(&[9999], i16::MAX, LARGEST_SCALE);
    assert_eq!(longest.len(), 131_072 + 1 + 16_383);
    assert_eq!(number(&[1], i16::MIN, LARGEST_SCALE), format!("0.{}", "0".repeat(16_383)));
    assert_eq!(
        written(&raw(&[1], 0, 0, LARGEST_SCALE + 1)).unwrap_err(),
        "a scale of 16384 (byte 6)"
    );
}

#[test]
fn what_is_wrong_with_a_number_is_said_with_its_place() {
    for (raw, what) in [
        (vec![], "cut off: 2 bytes should follow, 0 do (byte 0)"),
        (
            raw(&[1, 2], 0, 0, 0)[..10].to_vec(),
            "2 digits of two bytes each expected, 2 bytes found (byte 8)",
        ),
        (
            raw(&[1], 0, 0, 0)[..9].to_vec(),
            "1 digits of two bytes each expected, 1 bytes found (byte 8)",
        ),
        (
            [raw(&[1], 0, 0, 0), vec![0]].concat(),
            "1 digits of two bytes each expected, 3 bytes found (byte 8)",
        ),
        (vec![0xff; 8], "65535 digits of two bytes each expected, 0 bytes found (byte 8)"),
        (raw(&[1, 10_000], 0, 0, 0), "a digit above 9999 (byte 10)"),
        (raw(&[1], 0, 0x8000, 0), "a sign of 0x8000 (byte 4)"),
    ] {
        assert_eq!(written(&raw).unwrap_err(), what);
    }
}

/// What Postgres sends for a number that is written in decimal.
fn sent(text: &str) -> Vec<u8> {
    let (sign, text) = text.strip_prefix('-').map_or((0, text), |text| (NEGATIVE, text));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole = format!("{whole:0>width$}", width = whole.len().next_multiple_of(4));
    let padded = format!("{fraction:0<width$}", width = fraction.len().next_multiple_of(4));
    let decimals = [whole.as_bytes(), padded.as_bytes()].concat();
    let mut digits: Vec<u16> = decimals
        .chunks(4)
        .map(|four| std::str::from_utf8(four).unwrap().parse().unwrap())
        .collect();
    let mut weight = i16::try_from(whole.len() / 4).unwrap() - 1;
    while digits.first() == Some(&0) {
        digits.remove(0);
        weight -= 1;
    }
    while digits.last() == Some(&0) {
        digits.pop();
    }
    raw(
        &digits,
        if digits.is_empty() { 0 } else { weight },
        sign,
        u16::try_from(fraction.len()).unwrap(),
    )
}

proptest! {
    #[test]
    fn a_number_is_written_as_it_was_sent(text in r"-?(0|[1-9][0-9]{0,30}|[1-9][0-9]?0{0,20})(\.(0{0,20}[0-9]{1,30}|0{1,9}))?") {
        let zero = text.bytes().all(|byte| !byte.is_ascii_digit() || byte == b'0');
        let expected = if zero { text.trim_start_matches('-') } else { &text };
        prop_assert_eq!(written(&sent(&text)).unwrap(), expected);
    }

    #[test]
    fn a_number_cut_off_anywhere_is_an_error(text in r"[1-9][0-9]{0,20}\.[0-9]{1,20}") {
        let raw = sent(&text);
        for end in 0..raw.len() {
            prop_assert!(written(&raw[..end]).is_err());
        }
    }

    #[test]
    fn any_header_is_refused_or_written_as_a_json_number(
        digits in prop::collection::vec(0..10_000_u16, 0..4),
        weight: i16,
        sign in prop::sample::select(vec![0, NEGATIVE, NAN, 1]),
        scale: u16,
    ) {
        if let Ok(text) = written(&raw(&digits, weight, sign, scale)) {
            prop_assert!(text.len() <= 1 + 131_072 + 1 + 16_383);
            let whole = text.trim_start_matches('-').split('.').next().unwrap();
            prop_assert!(text == "null" || whole == "0" || !whole.starts_with('0'));
        }
    }
}

use super::*;
use crate::json::binary::Binary;
use crate::postgres::types::{Kind, Oid, Type};
use crate::postgres::value::put_value;

const INT4RANGE: Oid = 3904;

/// A range of integers as `range_send` writes it.
fn raw(flags: u8, bounds: &[i32]) -> Vec<u8> {
    let bounds =
        bounds.iter().flat_map(|bound| [4_i32.to_be_bytes(), bound.to_be_bytes()].concat());
    std::iter::once(flags).chain(bounds).collect()
}

fn written(oid: Oid, raw: &[u8]) -> Result<String, String> {
    let mut out = Vec::new();
    put_value(oid, None, raw, Binary::Base64, &mut out).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn a_range_says_whether_its_bounds_belong_to_it() {
    for (flags, bounds) in [
        (0, "()"),
        (LOWER_INCLUSIVE, "[)"),
        (UPPER_INCLUSIVE, "(]"),
        (LOWER_INCLUSIVE | UPPER_INCLUSIVE, "[]"),
    ] {
        let expected = format!(r#"{{"lower":1,"upper":10,"bounds":"{bounds}"}}"#);
        assert_eq!(written(INT4RANGE, &raw(flags, &[1, 10])).unwrap(), expected);
    }
}

#[test]
fn a_side_without_bound_is_null() {
    let upper = written(INT4RANGE, &raw(LOWER_INFINITE, &[10])).unwrap();
    assert_eq!(upper, r#"{"lower":null,"upper":10,"bounds":"()"}"#);
    let lower = written(INT4RANGE, &raw(LOWER_INCLUSIVE | UPPER_INFINITE, &[1])).unwrap();
    assert_eq!(lower, r#"{"lower":1,"upper":null,"bounds":"[)"}"#);
    let all = written(INT4RANGE, &raw(LOWER_INFINITE | UPPER_INFINITE, &[])).unwrap();
    assert_eq!(all, r#"{"lower":null,"upper":null,"bounds":"()"}"#);
}

#[test]
fn an_empty_range_has_no_bounds() {
    assert_eq!(written(INT4RANGE, &raw(EMPTY, &[])).unwrap(), r#"{"empty":true}"#);
    assert_eq!(
        written(INT4RANGE, &raw(EMPTY, &[1])).unwrap_err(),
        "int4range: 8 bytes too many (byte 1)"
    );
}

#[test]
fn bounds_are_written_as_values_of_their_type() {
    let days = [vec![LOWER_INCLUSIVE], raw(0, &[0, 31])[1..].to_vec()].concat();
    let Some(Kind::Scalar(Type::DateRange)) = Kind::from_oid(3912) else {
        panic!("3912 is daterange")
    };
    assert_eq!(
        written(3912, &days).unwrap(),
        r#"{"lower":"2000-01-01","upper":"2000-02-01","bounds":"[)"}"#
    );
}

#[test]
fn what_is_wrong_with_a_range_is_said_with_its_place() {
    for (raw, what) in [
        (vec![], "int4range: cut off: 1 bytes should follow, 0 do (byte 0)"),
        (vec![0x80], "int4range: flags of 0x80 (byte 0)"),
        (raw(0, &[1]), "int4range: cut off: 4 bytes should follow, 0 do (byte 9)"),
        (raw(0, &[1, 2, 3]), "int4range: 8 bytes too many (byte 17)"),
        (vec![UPPER_INFINITE, 0xff, 0xff, 0xff, 0xff], "int4range: a bound that is NULL (byte 5)"),
        (
            vec![UPPER_INFINITE, 0, 0, 0, 1, 7],
            "int4range: int4: 4 bytes expected, 1 found (byte 5)",
        ),
    ] {
        assert_eq!(written(INT4RANGE, &raw).unwrap_err(), what);
    }
}

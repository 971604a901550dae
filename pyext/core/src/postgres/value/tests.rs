use proptest::prelude::*;

use super::*;
use crate::postgres::types::{FIRST_OF_USERS, RECORD, RECORD_ARRAY};

/// What is written for a value of a built-in type, or an array of it.
fn written(name: &str, raw: &[u8]) -> Result<String, String> {
    let oid =
        *Kind::OIDS.iter().find(|&&oid| Kind::from_oid(oid) == Kind::from_name(name)).unwrap();
    written_as(oid, None, raw)
}

fn written_as(oid: Oid, declared: Option<&str>, raw: &[u8]) -> Result<String, String> {
    let mut out = Vec::new();
    let declared = declared.map(|name| Kind::from_name(name).unwrap());
    put_value(oid, declared, raw, Binary::Base64, &mut out).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(out).unwrap())
}

fn hex(digits: &str) -> Vec<u8> {
    let digits: String = digits.split_whitespace().collect();
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect()
}

/// A value of each type, as Postgres 15 sends it, and its JSON.
const VALUES: &[(&str, &str, &str)] = &[
    ("bool", "00", "false"),
    ("bool", "01", "true"),
    ("int2", "8000", "-32768"),
    ("int4", "7fffffff", "2147483647"),
    ("int8", "8000000000000000", "-9223372036854775808"),
    ("int8", "0000000000000000", "0"),
    ("oid", "ffffffff", "4294967295"),
    ("float4", "3dcccccd", "0.1"),
    ("float4", "7f800000", "null"),
    ("float8", "3fb999999999999a", "0.1"),
    ("float8", "4341c37937e08000", "1e+16"),
    ("float8", "8000000000000000", "-0.0"),
    ("float8", "7ff8000000000000", "null"),
    ("float8", "fff0000000000000", "null"),
    ("numeric", "0002 0000 0000 0002 0001 03e8", "1.10"),
    ("text", "", r#""""#),
    ("text", "61 22 0a", r#""a\"\n""#),
    ("varchar", "c3a9", r#""é""#),
    ("bpchar", "6120", r#""a ""#),
    ("name", "61", r#""a""#),
    ("xml", "3c612f3e", r#""<a/>""#),
    ("unknown", "61", r#""a""#),
    ("char", "61", r#""a""#),
    ("char", "22", r#""\"""#),
    ("char", "00", r#""""#),
    ("char", "ff", r#""\\377""#),
    ("bytea", "00ff", r#""AP8=""#),
    ("uuid", "00112233445566778899aabbccddeeff", r#""00112233-4455-6677-8899-aabbccddeeff""#),
    ("date", "0000225c", r#""2024-01-31""#),
    ("time", "0000000a8bda1c00", r#""12:34:56""#),
    ("timetz", "0000000a8bda1c01 ffffe3e0", r#""12:34:56.000001+02:00""#),
    ("timetz", "0000000000000000 00000e11", r#""00:00:00-01:00:01""#),
    ("timestamp", "0002b33be0009c00", r#""2024-01-31T12:34:56""#),
    ("timestamptz", "0002b33be0009c01", r#""2024-01-31T12:34:56.000001Z""#),
    ("interval", "0000000000989680 00000002 0000000d", r#""P1Y1M2DT10S""#),
    ("json", "7b 22 61 22 20 3a 20 31 7d", r#"{"a" : 1}"#),
    ("jsonb", "01 5b 31 5d", "[1]"),
    ("inet", "02 20 00 04 0a000001", r#""10.0.0.1""#),
    ("cidr", "02 08 01 04 0a000000", r#""10.0.0.0/8""#),
    (
        "int4range",
        "02 00000004 00000001 00000004 0000000a",
        r#"{"lower":1,"upper":10,"bounds":"[)"}"#,
    ),
    ("int8range", "01", r#"{"empty":true}"#),
    ("numrange", "18", r#"{"lower":null,"upper":null,"bounds":"()"}"#),
    ("daterange", "12 00000004 0000225c", r#"{"lower":"2024-01-31","upper":null,"bounds":"[)"}"#),
    (
        "tsrange",
        "08 00000008 0002b33be0009c00",
        r#"{"lower":null,"upper":"2024-01-31T12:34:56","bounds":"()"}"#,
    ),
    (
        "tstzrange",
        "08 00000008 0002b33be0009c00",
        r#"{"lower":null,"upper":"2024-01-31T12:34:56Z","bounds":"()"}"#,
    ),
    ("int4[]", "00000001 00000000 00000017 00000001 00000001 00000004 00000007", "[7]"),
];

#[test]
fn a_value_of_each_type_is_written() {
    for &(name, raw, json) in VALUES {
        assert_eq!(written(name, &hex(raw)).unwrap(), json, "{name} {raw}");
    }
    for ty in Type::ALL {
        assert!(VALUES.iter().any(|(name, ..)| *name == ty.name()), "no value of {}", ty.name());
    }
}

#[test]
fn bytes_are_written_in_hex_where_that_is_asked_for() {
    let mut out = Vec::new();
    put_value(17, None, &[0, 0xff], Binary::Hex, &mut out).unwrap();
    assert_eq!(out, br#""00ff""#);
}

#[test]
fn what_is_wrong_with_a_value_is_said_with_its_type_and_place() {
    for (name, raw, what) in [
        ("bool", "02", "bool: 2 is neither true nor false (byte 0)"),
        ("bool", "", "bool: 1 bytes expected, 0 found (byte 0)"),
        ("int4", "000000", "int4: 4 bytes expected, 3 found (byte 0)"),
        ("int8", "000000000000000000", "int8: 8 bytes expected, 9 found (byte 0)"),
        ("text", "6161ff", "text: not UTF-8 (byte 2)"),
        ("json", "22ff22", "json: not UTF-8 (byte 1)"),
        ("json", "", "json: no JSON in it (byte 0)"),
        ("jsonb", "", "jsonb: no JSON in it (byte 0)"),
        ("jsonb", "01", "jsonb: no JSON in it (byte 1)"),
        ("jsonb", "02 5b5d", "jsonb: version 2 is not known (byte 0)"),
        ("jsonb", "01 22ff22", "jsonb: not UTF-8 (byte 2)"),
        ("date", "7fffffff", "date: infinity has no JSON (byte 0)"),
        ("timestamptz", "8000000000000000", "timestamptz: -infinity has no JSON (byte 0)"),
        ("timestamp", "8000000000000001", "timestamp: a year but 1 to 9999 has no JSON (byte 0)"),
        ("time", "ffffffffffffffff", "time: a time outside of the day (byte 0)"),
        ("timetz", "0000000000000000 80000000", "timetz: a time zone a day from UTC (byte 0)"),
        (
            "interval",
            "7fffffffffffffff 7fffffff 7fffffff",
            "interval: infinity has no JSON (byte 0)",
        ),
        ("char", "", "char: 1 bytes expected, 0 found (byte 0)"),
        ("uuid", "00", "uuid: 16 bytes expected, 1 found (byte 0)"),
    ] {
        assert_eq!(written(name, &hex(raw)).unwrap_err(), what);
    }
}

#[test]
fn a_type_without_json_is_named_by_its_number() {
    for oid in [0, 600, 4451, FIRST_OF_USERS, Oid::MAX] {
        assert_eq!(
            written_as(oid, None, &[]).unwrap_err(),
            format!(
                "no JSON for type OID {oid}: declare it as a Column with the built-in type it is like, and \
                 pack with the shape, or cast it in the query (byte 0)"
            )
        );
    }
    for (oid, declared) in [(RECORD, None), (RECORD_ARRAY, None), (RECORD, Some("text"))] {
        let advice = "a composite needs a shape that says what its fields are (byte 0)";
        assert_eq!(written_as(oid, declared, &[]).unwrap_err(), advice);
    }
}

#[test]
fn a_declaration_does_not_make_an_unknown_type_known() {
    // jsonpath, ltree as a database may number it, and a domain over int4 whose value reads as a text.
    for (oid, raw) in [(4072, b"\x01$.a".as_slice()), (17_001, b"\x01Top"), (17_002, b"AAAA")] {
        for &declared in Kind::OIDS {
            let kind = Kind::from_oid(declared);
            let mut out = Vec::new();
            let error = put_value(oid, kind, raw, Binary::Base64, &mut out).unwrap_err();
            assert!(error.what.contains(&format!("declared as {}", kind.unwrap())), "{error}");
            assert!(error.what.contains(&format!("type OID {oid}")), "{error}");
            assert!(out.is_empty());
        }
    }
}

#[test]
fn a_declaration_does_not_change_a_built_in_type() {
    let int8 = 7_i64.to_be_bytes();
    assert_eq!(written_as(20, Some("int4"), &int8).unwrap(), "7");
    assert_eq!(written_as(20, Some("json"), &int8).unwrap(), "7");
    assert_eq!(written_as(20, Some("int8[]"), &int8).unwrap(), "7");
}

#[test]
fn what_is_only_declared_as_json_is_checked() {
    for (oid, declared, raw, what) in [
        (25, "json", "a", "json: not JSON: a value expected (byte 0)"),
        (25, "jsonb", "[1]]", "json: not JSON: the end expected (byte 3)"),
        (25, "json", "", "json: no JSON in it (byte 0)"),
    ] {
        assert_eq!(written_as(oid, Some(declared), raw.as_bytes()).unwrap_err(), what);
    }
}

#[test]
fn a_text_that_is_declared_as_json_is_embedded() {
    for declared in ["json", "jsonb"] {
        assert_eq!(written_as(25, Some(declared), b"{\"a\":1}").unwrap(), r#"{"a":1}"#);
    }
    assert_eq!(written_as(25, Some("text"), b"{}").unwrap(), r#""{}""#);
}

/// Known and unknown OIDs, with any declaration.
fn types() -> impl Strategy<Value = (Oid, Option<Kind>)> {
    let oid = prop_oneof![
        prop::sample::select(Kind::OIDS),
        any::<Oid>(),
        Just(RECORD),
        Just(FIRST_OF_USERS)
    ];
    let declared = prop::option::of(prop::sample::select(Kind::OIDS));
    (oid, declared).prop_map(|(oid, declared)| (oid, declared.and_then(Kind::from_oid)))
}

fn is_json(out: &[u8]) -> bool {
    match serde_json::from_slice::<serde_json::Value>(out) {
        Ok(_) => true,
        // A numeric can be longer than other parsers accept; JSON's grammar allows it.
        Err(error) => error.to_string().starts_with("number out of range"),
    }
}

proptest! {
    #[test]
    fn any_bytes_of_any_type_are_json_or_refused(
        (oid, declared) in types(),
        raw in prop::collection::vec(prop_oneof![Just(0), 0..4_u8, any::<u8>()], 0..40),
        hex: bool,
    ) {
        let mut out = Vec::new();
        let binary = if hex { Binary::Hex } else { Binary::Base64 };
        match put_value(oid, declared, &raw, binary, &mut out) {
            Ok(()) => {
                let embedded = [Kind::from_oid(oid), declared].into_iter().flatten().any(
                    |kind| matches!(kind, Kind::Scalar(ty) | Kind::Array(ty) if ty.is_json()),
                );
                prop_assert!(std::str::from_utf8(&out).is_ok());
                prop_assert!(embedded || is_json(&out), "{}", String::from_utf8_lossy(&out));
            }
            Err(error) => prop_assert!(error.offset <= raw.len()),
        }
    }

    #[test]
    fn any_float_is_read_back_the_same(number: f64, single: f32) {
        prop_assume!(number.is_finite() && single.is_finite());
        let text = written("float8", &number.to_be_bytes()).unwrap();
        prop_assert_eq!(text.parse::<f64>().unwrap().to_bits(), number.to_bits());
        let text = written("float4", &single.to_be_bytes()).unwrap();
        prop_assert_eq!(text.parse::<f32>().unwrap().to_bits(), single.to_bits());
    }

    #[test]
    fn any_integer_is_written_as_rust_does(number: i64) {
        prop_assert_eq!(written("int8", &number.to_be_bytes()).unwrap(), number.to_string());
    }
}

#[test]
fn a_value_cut_off_anywhere_is_an_error() {
    for &(name, raw, _) in VALUES {
        let any_length =
            Type::ALL.iter().any(|ty| ty.name() == name && (ty.is_text() || ty.is_json()));
        if any_length || matches!(name, "bytea" | "jsonb") {
            continue; // Their length is the value's.
        }
        let raw = hex(raw);
        for end in 0..raw.len() {
            written(name, &raw[..end]).unwrap_err();
        }
    }
}

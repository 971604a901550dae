use super::*;
use crate::postgres::types::Kind;
use crate::postgres::value::put_value;

const INT4: Oid = 23;
const TEXT: Oid = 25;
const OF_INT4: Oid = 1007;
const OF_TEXT: Oid = 1009;
const OF_USERS: Oid = 16400;

/// An array as `array_send` writes it, with first indexes of 1.
fn array(element: Oid, lengths: &[i32], elements: &[Option<&[u8]>]) -> Vec<u8> {
    let dimensions = i32::try_from(lengths.len()).unwrap();
    let mut raw = [dimensions.to_be_bytes(), [0; 4], element.to_be_bytes()].concat();
    for length in lengths {
        raw.extend([length.to_be_bytes(), 1_i32.to_be_bytes()].concat());
    }
    for value in elements {
        raw.extend(value.map_or(-1, |value| i32::try_from(value.len()).unwrap()).to_be_bytes());
        raw.extend(value.unwrap_or_default());
    }
    raw
}

fn written(oid: Oid, declared: Option<&str>, raw: &[u8]) -> Result<String, String> {
    let mut out = Vec::new();
    let declared = declared.map(|name| Kind::from_name(name).unwrap());
    put_value(oid, declared, raw, Binary::Base64, &mut out).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn elements_are_written_in_order_and_nulls_as_null() {
    let raw = array(INT4, &[3], &[Some(&[0, 0, 0, 1]), None, Some(&[0xff, 0xff, 0xff, 0xff])]);
    assert_eq!(written(OF_INT4, None, &raw).unwrap(), "[1,null,-1]");
    let raw = array(TEXT, &[2], &[Some(b"a \"quote\""), Some(b"")]);
    assert_eq!(written(OF_TEXT, None, &raw).unwrap(), r#"["a \"quote\"",""]"#);
}

#[test]
fn an_empty_array_is_empty() {
    assert_eq!(written(OF_TEXT, None, &array(TEXT, &[], &[])).unwrap(), "[]");
}

#[test]
fn dimensions_are_nested() {
    let elements: Vec<Option<&[u8]>> =
        [b"a", b"b", b"c", b"d", b"e", b"f"].map(|text| Some(&text[..])).to_vec();
    assert_eq!(
        written(OF_TEXT, None, &array(TEXT, &[3, 2], &elements)).unwrap(),
        r#"[["a","b"],["c","d"],["e","f"]]"#
    );
    assert_eq!(written(OF_TEXT, None, &array(TEXT, &[1; 6], &[None])).unwrap(), "[[[[[[null]]]]]]");
}

#[test]
fn arrays_of_users_types_are_refused() {
    let raw = array(OF_USERS - 1, &[1], &[Some(b"sour")]);
    let unknown = "but only Postgres knows what the bytes of type OID 16400 are";
    let error = written(OF_USERS, Some("text[]"), &raw).unwrap_err();
    assert!(error.starts_with(&format!("declared as text[], {unknown}")), "{error}");
    let error = written(OF_USERS, None, &raw).unwrap_err();
    assert!(error.starts_with("no JSON for type OID 16400: declare it as a Column"), "{error}");
    // Nor can elements be of such a type, whatever the array's own says.
    let raw = array(OF_USERS, &[1], &[Some(b"sour")]);
    let error = written(OF_TEXT, Some("json[]"), &raw).unwrap_err();
    assert!(error.starts_with(&format!("declared as json, {unknown}")), "{error}");
}

#[test]
fn texts_are_embedded_where_they_are_declared_as_json() {
    let raw = array(TEXT, &[2], &[Some(br#"{"a":1}"#), None]);
    assert_eq!(written(OF_TEXT, Some("json[]"), &raw).unwrap(), r#"[{"a":1},null]"#);
}

#[test]
fn lengths_that_cannot_be_are_refused() {
    for (lengths, what) in [
        (&[2][..], "an array of [2] elements does not fit into the 4 bytes that follow (byte 0)"),
        (&[0], "an array of [0] elements does not fit into the 4 bytes that follow (byte 0)"),
        (
            &[-1, -1],
            "an array of [0, 0] elements does not fit into the 4 bytes that follow (byte 0)",
        ),
        (
            &[i32::MAX, 0],
            "an array of [2147483647, 0] elements does not fit into the 4 bytes that follow (byte 0)",
        ),
        (&[1; 7], "an array of 7 dimensions (byte 0)"),
    ] {
        assert_eq!(written(OF_TEXT, None, &array(TEXT, lengths, &[None])).unwrap_err(), what);
    }
    assert!(
        written(OF_TEXT, None, &array(TEXT, &[i32::MAX; 6], &[None]))
            .unwrap_err()
            .contains("does not fit")
    );
}

#[test]
fn what_is_wrong_with_an_element_is_said_with_its_place() {
    let raw = array(INT4, &[2], &[None, Some(&[1, 2, 3])]);
    assert_eq!(
        written(OF_INT4, None, &raw).unwrap_err(),
        "int4: 4 bytes expected, 3 found (byte 28)"
    );
    let raw = array(99, &[1], &[None]);
    assert!(written(OF_INT4, None, &raw).unwrap_err().starts_with("no JSON for type OID 99"));
    let raw = [array(INT4, &[1], &[None]), vec![0]].concat();
    assert_eq!(written(OF_INT4, None, &raw).unwrap_err(), "1 bytes too many (byte 24)");
}

use proptest::prelude::*;
use serde::de::IgnoredAny;

use super::*;

/// What another parser says. Its limit of depth does not matter, because the texts are not deep.
fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

fn problem(text: &str) -> String {
    check_json(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn every_kind_of_value_is_json() {
    for text in [
        "null",
        "true",
        "false",
        "0",
        "-0",
        "10",
        "-1.50",
        "1e5",
        "1E-5",
        "1.5e+10",
        r#""""#,
        r#""é \" \\ \/ \u00e9""#,
        "[]",
        "{}",
        "[[]]",
        r#"{"a":{}}"#,
        " [ 1 , 2 ] ",
        "\t{ \"a\" : [ ] ,\r\n\"b\" : null }\n",
    ] {
        assert_eq!(check_json(text.as_bytes()), Ok(()), "{text}");
        assert!(is_json(text), "{text}");
    }
}

#[test]
fn what_is_not_json_is_an_error_with_its_place() {
    for (text, what) in [
        ("", "not JSON: a value expected (byte 0)"),
        ("  ", "not JSON: a value expected (byte 2)"),
        ("hello", "not JSON: a value expected (byte 0)"),
        ("nul", "not JSON: a value expected (byte 0)"),
        ("NaN", "not JSON: a value expected (byte 0)"),
        ("-Infinity", "not JSON: a digit expected (byte 1)"),
        ("01", "not JSON: the end expected (byte 1)"),
        ("1.", "not JSON: a digit expected (byte 2)"),
        ("1e", "not JSON: a digit expected (byte 2)"),
        ("+1", "not JSON: a value expected (byte 0)"),
        ("1 2", "not JSON: the end expected (byte 2)"),
        ("[1,]", "not JSON: a value expected (byte 3)"),
        ("[1", "not JSON: a comma or ] expected (byte 2)"),
        ("[1}", "not JSON: a comma or ] expected (byte 2)"),
        ("]", "not JSON: a value expected (byte 0)"),
        ("{1:2}", "not JSON: a member's name expected (byte 1)"),
        (r#"{"a"}"#, "not JSON: a colon expected (byte 4)"),
        (r#"{"a":1,}"#, "not JSON: a member's name expected (byte 7)"),
        (r#"{"a":1"#, "not JSON: a comma or } expected (byte 6)"),
        (r#""a"#, "not JSON: the end of a string expected (byte 2)"),
        ("\"a\nb\"", "not JSON: no control character in a string expected (byte 2)"),
        (r#""\x""#, "not JSON: an escape expected (byte 1)"),
        (r#""\u12g4""#, "not JSON: an escape expected (byte 1)"),
        ("\"\\", "not JSON: an escape expected (byte 1)"),
        ("\u{feff}1", "not JSON: a value expected (byte 0)"),
    ] {
        assert_eq!(problem(text), what, "{text}");
        assert!(!is_json(text), "{text}");
    }
}

#[test]
fn half_of_a_surrogate_pair_is_json_as_in_postgres() {
    assert_eq!(check_json(br#""\ud800""#), Ok(()));
}

#[test]
fn any_depth_is_followed() {
    for depth in [1, 63, 64, 65, 127, 128, 129, 100_000] {
        let open: String =
            (0..depth).map(|level| if level % 3 == 0 { r#"{"a":"# } else { "[" }).collect();
        let close: String =
            (0..depth).rev().map(|level| if level % 3 == 0 { "}" } else { "]" }).collect();
        assert_eq!(check_json(format!("{open}1{close}").as_bytes()), Ok(()), "{depth}");
        assert!(check_json(format!("{open}1{}", &close[1..]).as_bytes()).is_err(), "{depth}");
        let wrong = format!("{open}1{}", close.replacen(']', "}", 1));
        assert_eq!(check_json(wrong.as_bytes()).is_err(), close.contains(']'), "{depth}");
    }
}

#[test]
fn the_end_of_a_string_is_found_at_any_length() {
    for length in 0..40 {
        let text = "x".repeat(length);
        assert_eq!(check_json(format!("\"{text}\"").as_bytes()), Ok(()));
        assert_eq!(check_json(format!("[\"é{text}\\n{text}\"]").as_bytes()), Ok(()));
        assert!(problem(&format!("\"{text}\"1")).starts_with("not JSON: the end"));
        assert!(problem(&format!("\"{text}\u{1}\"")).starts_with("not JSON: no control"));
    }
}

/// Texts made of pieces of JSON, of which most are wrong.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\\", "\\n", "\\u00e9", "0", "1", "-", ".",
        "e", "true", "null", " ", "\n", "é", "\u{1}",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// JSON of any kind.
fn values() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(6, 64, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::hash_map(any::<String>(), inner, 0..5)
                .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #[test]
    fn any_pieces_are_judged_as_by_serde_json(text in pieces()) {
        prop_assert_eq!(check_json(text.as_bytes()).is_ok(), is_json(&text), "{}", text);
    }

    #[test]
    fn any_json_is_json_and_cut_off_it_is_not(value in values(), cut in any::<prop::sample::Index>()) {
        let text = serde_json::to_string_pretty(&value).unwrap();
        prop_assert_eq!(check_json(text.as_bytes()), Ok(()), "{}", text);
        let cut = &text[..text.floor_char_boundary(cut.index(text.len()))];
        prop_assert_eq!(check_json(cut.as_bytes()).is_ok(), is_json(cut), "{}", cut);
    }
}

//! What holds for any bytes: they become JSON, or an error that says where.
//!
//! ```sh
//! mkdir -p corpus/value && cargo +nightly fuzz run value corpus/value seeds/value
//! ```

use rowjson_core::json::binary::Binary;
use rowjson_core::postgres::types::{Kind, Oid};
use rowjson_core::postgres::value::put_value;
use serde::de::IgnoredAny;

/// Writes a value, and panics if the result is neither JSON nor an error whose offset is in `raw`.
pub fn check_value(oid: Oid, declared: Option<Kind>, binary: Binary, raw: &[u8]) {
    let mut out = Vec::new();
    match put_value(oid, declared, raw, binary, &mut out) {
        Ok(()) => check_json(&out, may_embed(Kind::from_oid(oid)) || may_embed(declared)),
        Err(error) => assert!(error.offset <= raw.len(), "{error}, of {} bytes", raw.len()),
    }
}

/// Panics if these bytes are not UTF-8, or not JSON. If JSON that nobody checked is `embedded`, they need only
/// be UTF-8.
pub fn check_json(out: &[u8], embedded: bool) {
    let text = std::str::from_utf8(out).expect("what is written is UTF-8");
    if !embedded {
        // Not a serde_json::Value, which cannot hold all numbers.
        serde_json::from_str::<IgnoredAny>(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    }
}

fn may_embed(kind: Option<Kind>) -> bool {
    matches!(kind, Some(Kind::Scalar(ty) | Kind::Array(ty)) if ty.is_json())
}

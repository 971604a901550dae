//! The JSON of one value.
//!
//! | type | JSON |
//! |---|---|
//! | `bool`, `int2`, `int4`, `int8`, `oid` | as they are |
//! | `float4`, `float8` | the shortest that reads back the same; NaN and infinities: `null` |
//! | `numeric` | exactly, with all digits of its scale: `1.10`; NaN and infinities: `null` |
//! | `text`, `varchar`, `bpchar`, `name`, `xml`, `unknown` | a string |
//! | `char` (the one-byte type) | a string as Postgres shows it: `""` for 0, `"\\377"` from 128 on |
//! | `bytea` | a string, [`Binary`] says how |
//! | `uuid` | `"00112233-4455-6677-8899-aabbccddeeff"` |
//! | `date` | `"2024-01-31"` |
//! | `time` | `"12:34:56"`; with `.000001`, six digits, where they are not zero; `"24:00:00"` is one |
//! | `timetz` | `"12:34:56+02:00"`, with seconds of the offset where they are not zero |
//! | `timestamp` | `"2024-01-31T12:34:56"`, with a fraction as `time` |
//! | `timestamptz` | the same in UTC: `"2024-01-31T12:34:56Z"` |
//! | `interval` | as `intervalstyle` `iso_8601` writes it: `"P1Y2M3DT4H5M6.7S"` |
//! | `json`, `jsonb` | as it is. Postgres has checked it, so only its UTF-8 is checked here; a text that is declared as JSON is checked as JSON |
//! | `inet`, `cidr` | a string as `to_jsonb` has it (a cast to text always has the prefix): `"10.0.0.1"`, `"10.0.0.0/8"` |
//! | `int4range`, `int8range`, `numrange`, `daterange`, `tsrange`, `tstzrange` | `{"lower":1,"upper":10,"bounds":"[)"}`, a side without bound is `null`; `{"empty":true}` |
//! | arrays of all of these | JSON arrays, one within the other for more dimensions; first indexes are not shown |
//!
//! Infinite dates, timestamps and intervals are an error, as are dates and timestamps before the year 1 and
//! after 9999, and values of all other types.

pub use crate::json::binary::Binary;
use crate::json::sink::Sink;
use crate::postgres::array::put_array;
use crate::postgres::error::Malformed;
use crate::postgres::scalar::{no_json, put_scalar, put_scalar_as};
use crate::postgres::types::{Kind, Oid, Type};

/// Writes the JSON of one value that is not NULL.
///
/// Its OID decides how its bytes are read. Only the OIDs of [`Kind`] are known. All others are an error,
/// whatever is declared: they belong to types of users and extensions, which each database numbers
/// differently, so that a declaration cannot be compared with what was sent. If `declared` is `json` or
/// `jsonb`, a text is embedded as JSON.
///
/// # Errors
///
/// The bytes do not fit their type, or the type or the value has no JSON form. Offsets count from the
/// start of `raw`. What was written by then is not JSON.
#[inline]
pub fn put_value<S: Sink>(
    oid: Oid,
    declared: Option<Kind>,
    raw: &[u8],
    binary: Binary,
    sink: &mut S,
) -> Result<(), Malformed> {
    // Most values are of these types. Here the compiler knows the type, and inlines how it is written.
    let usual = match (oid, declared) {
        (TEXT | VARCHAR, None) => Type::Text,
        (INT8, None) => Type::Int8,
        (TIMESTAMPTZ, None) => Type::Timestamptz,
        (INT4, None) => Type::Int4,
        (BOOL, None) => Type::Bool,
        _ => return put_any(oid, declared, raw, binary, sink),
    };
    put_scalar(usual, raw, binary, sink)
}

const BOOL: Oid = 16;
const INT8: Oid = 20;
const INT4: Oid = 23;
const TEXT: Oid = 25;
const VARCHAR: Oid = 1043;
const TIMESTAMPTZ: Oid = 1184;

/// Writes a value of any type.
#[inline(never)]
fn put_any<S: Sink>(
    oid: Oid,
    declared: Option<Kind>,
    raw: &[u8],
    binary: Binary,
    sink: &mut S,
) -> Result<(), Malformed> {
    match (Kind::from_oid(oid), declared) {
        (Some(Kind::Scalar(ty)), None) => put_scalar(ty, raw, binary, sink),
        (kind, declared) => put_declared(oid, kind, declared, raw, binary, sink),
    }
}

/// Writes an array, or a value that has a declaration or needs one.
#[inline(never)]
fn put_declared<S: Sink>(
    oid: Oid,
    kind: Option<Kind>,
    declared: Option<Kind>,
    raw: &[u8],
    binary: Binary,
    sink: &mut S,
) -> Result<(), Malformed> {
    match (kind, declared) {
        (Some(Kind::Array(_)), Some(Kind::Array(element))) => {
            put_array(Some(element), raw, binary, sink)
        }
        (Some(Kind::Array(_)), _) => put_array(None, raw, binary, sink),
        (Some(Kind::Scalar(ty)), Some(Kind::Scalar(declared))) => {
            put_scalar_as(ty, Some(declared), raw, binary, sink)
        }
        (Some(Kind::Scalar(ty)), _) => put_scalar(ty, raw, binary, sink),
        (None, _) => Err(no_json(oid, declared)),
    }
}

#[cfg(test)]
mod tests;

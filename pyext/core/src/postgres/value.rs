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
//! | `json`, `jsonb` | as it is; only its UTF-8 is checked, for Postgres has checked the rest; all of it where it is only declared so |
//! | `inet`, `cidr` | a string as `to_jsonb` has it (a cast to text always has the prefix): `"10.0.0.1"`, `"10.0.0.0/8"` |
//! | `int4range`, `int8range`, `numrange`, `daterange`, `tsrange`, `tstzrange` | `{"lower":1,"upper":10,"bounds":"[)"}`, a side without bound is `null`; `{"empty":true}` |
//! | arrays of all of these | JSON arrays, one within the other for more dimensions; first indexes are not shown |
//!
//! Dates, timestamps and intervals have no JSON where they are infinite, nor have dates and timestamps
//! before the year 1 and after 9999: an error says so. So it does for all other types.

pub use crate::json::binary::Binary;
use crate::json::binary::{put_bytes, put_uuid};
use crate::json::check::check_json;
use crate::json::number::{put_float, put_integer};
use crate::json::sink::Sink;
use crate::json::text::{put_ascii, put_bytes_as_text};
use crate::json::time::{put_date_of, put_time_of, put_timestamp_of};
use crate::postgres::array::put_array;
use crate::postgres::error::Malformed;
use crate::postgres::interval::put_interval;
use crate::postgres::network::{put_cidr, put_inet};
use crate::postgres::numeric::put_numeric;
use crate::postgres::range::put_range;
use crate::postgres::reader::Reader;
use crate::postgres::types::{Kind, Oid, RECORD, RECORD_ARRAY, Type};

/// Writes the JSON of one value that is not NULL.
///
/// Its OID decides what it is, and only the OIDs of [`Kind`] say what bytes mean. Others are those of types
/// of extensions and users, whose numbers each database has of its own: what is declared cannot be
/// compared with what was sent, so that they are an error, whatever is declared. `declared` says with
/// `json` or `jsonb` that a text is to be embedded.
///
/// # Errors
///
/// The bytes are not what their type says, or the type or the value has no JSON. Offsets count from the
/// start of `raw`. What was written until then is of no use.
#[inline]
pub fn put_value<S: Sink>(
    oid: Oid,
    declared: Option<Kind>,
    raw: &[u8],
    binary: Binary,
    sink: &mut S,
) -> Result<(), Malformed> {
    // Most values are of these types: their type is known at once, and what is done with it.
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

/// A value of any type.
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

/// An array, or a value for which there is a declaration or should be one.
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

/// Writes a value of a built-in type that is no array, and that is a text declared as JSON perhaps.
#[inline]
pub(crate) fn put_scalar_as<S: Sink>(
    ty: Type,
    declared: Option<Type>,
    raw: &[u8],
    binary: Binary,
    sink: &mut S,
) -> Result<(), Malformed> {
    let read_as = ty.declared_as(declared);
    put_scalar(read_as, raw, binary, sink)?;
    // Postgres has checked what is json or jsonb by its own type, and nothing else.
    if read_as != ty {
        check_json(raw).map_err(|error| named(read_as, error))?;
    }
    Ok(())
}

/// The type of an array's elements.
pub(crate) fn element_type(oid: Oid, declared: Option<Type>) -> Result<Type, Malformed> {
    match Kind::from_oid(oid) {
        Some(Kind::Scalar(ty)) => Ok(ty),
        _ => Err(no_json(oid, declared.map(Kind::Scalar))),
    }
}

#[cold]
fn no_json(oid: Oid, declared: Option<Kind>) -> Malformed {
    Malformed::new(match declared {
        _ if oid == RECORD || oid == RECORD_ARRAY => {
            "a composite needs a shape that says what its fields are".to_owned()
        }
        None => format!(
            "no JSON for type OID {oid}: declare it as a Column with the built-in type it is like, and pack with \
             the shape, or cast it in the query"
        ),
        Some(kind) => format!(
            "declared as {kind}, but only Postgres knows what the bytes of type OID {oid} are: pack with the \
             shape, or cast it in the query"
        ),
    })
}

/// Writes a value of a built-in type that is no array.
#[inline]
pub(crate) fn put_scalar<S: Sink>(
    ty: Type,
    raw: &[u8],
    binary: Binary,
    sink: &mut S,
) -> Result<(), Malformed> {
    let written = match ty {
        Type::Int4 => exactly(raw).map(|raw| put_integer(i32::from_be_bytes(raw).into(), sink)),
        Type::Text | Type::Varchar | Type::Bpchar | Type::Name | Type::Xml | Type::Unknown => {
            put_text(raw, sink)
        }
        Type::Bool => put_bool(raw, sink),
        Type::Timestamptz => {
            exactly(raw).and_then(|raw| put_timestamp_of(i64::from_be_bytes(raw), true, sink))
        }
        Type::Int8 => exactly(raw).map(|raw| put_integer(i64::from_be_bytes(raw), sink)),
        Type::Int2 => exactly(raw).map(|raw| put_integer(i16::from_be_bytes(raw).into(), sink)),
        Type::Oid => exactly(raw).map(|raw| put_integer(u32::from_be_bytes(raw).into(), sink)),
        Type::Float4 => exactly(raw).map(|raw| put_float(f32::from_be_bytes(raw), sink)),
        Type::Float8 => exactly(raw).map(|raw| put_float(f64::from_be_bytes(raw), sink)),
        Type::Uuid => exactly(raw).map(|raw| put_uuid(&raw, sink)),
        Type::Numeric => put_numeric(raw, sink),
        Type::Date => exactly(raw).and_then(|raw| put_date_of(i32::from_be_bytes(raw), sink)),
        Type::Timestamp => {
            exactly(raw).and_then(|raw| put_timestamp_of(i64::from_be_bytes(raw), false, sink))
        }
        Type::Time => exactly(raw).and_then(|raw| put_time_of(i64::from_be_bytes(raw), None, sink)),
        Type::Timetz => put_timetz(raw, sink),
        Type::Interval => put_interval(raw, sink),
        Type::Json => put_json(raw, sink),
        Type::Jsonb => put_jsonb(raw, sink),
        Type::Bytea => {
            put_bytes(raw, binary, sink);
            Ok(())
        }
        Type::Char => exactly(raw).map(|[byte]| put_char(byte, sink)),
        Type::Inet => put_inet(raw, sink),
        Type::Cidr => put_cidr(raw, sink),
        Type::Int4Range => put_range(Type::Int4, raw, binary, sink),
        Type::Int8Range => put_range(Type::Int8, raw, binary, sink),
        Type::NumRange => put_range(Type::Numeric, raw, binary, sink),
        Type::DateRange => put_range(Type::Date, raw, binary, sink),
        Type::TsRange => put_range(Type::Timestamp, raw, binary, sink),
        Type::TstzRange => put_range(Type::Timestamptz, raw, binary, sink),
    };
    written.map_err(|error| named(ty, error))
}

#[cold]
fn named(ty: Type, mut error: Malformed) -> Malformed {
    error.what = format!("{}: {}", ty.name(), error.what);
    error
}

/// Bytes whose number the type knows.
#[inline]
fn exactly<const N: usize>(raw: &[u8]) -> Result<[u8; N], Malformed> {
    raw.try_into().map_err(|_| wrong_length(N, raw.len()))
}

#[cold]
fn wrong_length(expected: usize, found: usize) -> Malformed {
    Malformed::new(format!("{expected} bytes expected, {found} found"))
}

#[inline]
fn put_text<S: Sink>(raw: &[u8], sink: &mut S) -> Result<(), Malformed> {
    // Only what is not ASCII can be wrong.
    if put_bytes_as_text(raw, sink) { Ok(()) } else { utf8(raw).map(drop) }
}

#[inline]
fn utf8(raw: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(raw).map_err(|error| Malformed::new("not UTF-8").at(error.valid_up_to()))
}

#[inline]
fn put_bool<S: Sink>(raw: &[u8], sink: &mut S) -> Result<(), Malformed> {
    match raw {
        [0] => sink.put(b"false"),
        [1] => sink.put(b"true"),
        [other] => return Err(Malformed::new(format!("{other} is neither true nor false"))),
        _ => return Err(wrong_length(1, raw.len())),
    }
    Ok(())
}

/// Microseconds since midnight, and the seconds that local time is west of UTC.
fn put_timetz<S: Sink>(raw: &[u8], sink: &mut S) -> Result<(), Malformed> {
    let mut reader = Reader::new(raw, 0);
    let microseconds = i64::from_be_bytes(reader.array()?);
    // The one number without an opposite is far out of range, with either sign.
    let east = reader.int()?.wrapping_neg();
    reader.end()?;
    put_time_of(microseconds, Some(east), sink)
}

fn put_json<S: Sink>(raw: &[u8], sink: &mut S) -> Result<(), Malformed> {
    if raw.is_empty() {
        return Err(Malformed::new("no JSON in it"));
    }
    sink.put_str(utf8(raw)?);
    Ok(())
}

/// A version, which is 1, and the text.
fn put_jsonb<S: Sink>(raw: &[u8], sink: &mut S) -> Result<(), Malformed> {
    match raw {
        [1, text @ ..] => put_json(text, sink).map_err(|error| error.at(1)),
        [version, ..] => Err(Malformed::new(format!("version {version} is not known"))),
        [] => Err(Malformed::new("no JSON in it")),
    }
}

fn put_char<S: Sink>(byte: u8, sink: &mut S) {
    match byte {
        0 => sink.put(b"\"\""),
        1..0x80 => put_ascii(&[byte], sink),
        // Not a character in UTF-8: Postgres, since 16, shows a backslash and three octal digits.
        _ => {
            let [high, middle, low] =
                [byte >> 6, byte >> 3 & 7, byte & 7].map(|digit| b'0' + digit);
            put_ascii(&[b'\\', high, middle, low], sink);
        }
    }
}

#[cfg(test)]
mod tests;

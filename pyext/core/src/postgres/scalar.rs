//! The JSON of one value of a built-in type, arrays excepted.

use crate::json::binary::{Binary, put_bytes, put_uuid};
use crate::json::check::check_json;
use crate::json::number::{put_float, put_integer};
use crate::json::sink::Sink;
use crate::json::text::{put_ascii, put_bytes_as_text};
use crate::postgres::error::Malformed;
use crate::postgres::interval::put_interval;
use crate::postgres::network::{put_cidr, put_inet};
use crate::postgres::numeric::put_numeric;
use crate::postgres::range::put_range;
use crate::postgres::reader::Reader;
use crate::postgres::time::{put_date_of, put_time_of, put_timestamp_of};
use crate::postgres::types::{Kind, Oid, RECORD, RECORD_ARRAY, Type};

/// Writes a value of a built-in type other than arrays.
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
        Type::Int4Range => put_range_of(Type::Int4, raw, binary, sink),
        Type::Int8Range => put_range_of(Type::Int8, raw, binary, sink),
        Type::NumRange => put_range_of(Type::Numeric, raw, binary, sink),
        Type::DateRange => put_range_of(Type::Date, raw, binary, sink),
        Type::TsRange => put_range_of(Type::Timestamp, raw, binary, sink),
        Type::TstzRange => put_range_of(Type::Timestamptz, raw, binary, sink),
    };
    written.map_err(|error| named(ty, error))
}

/// Writes the same, and embeds a text that is declared as `json` or `jsonb`.
#[inline]
pub(super) fn put_scalar_as<S: Sink>(
    ty: Type,
    declared: Option<Type>,
    raw: &[u8],
    binary: Binary,
    sink: &mut S,
) -> Result<(), Malformed> {
    let read_as = ty.declared_as(declared);
    put_scalar(read_as, raw, binary, sink)?;
    // Postgres has checked the JSON of its own types json and jsonb, but not this text.
    if read_as != ty {
        check_json(raw).map_err(|error| named(read_as, error.into()))?;
    }
    Ok(())
}

/// The type that an OID stands for, if it is a built-in type other than arrays.
pub(super) fn scalar_type(oid: Oid, declared: Option<Type>) -> Result<Type, Malformed> {
    match Kind::from_oid(oid) {
        Some(Kind::Scalar(ty)) => Ok(ty),
        _ => Err(no_json(oid, declared.map(Kind::Scalar))),
    }
}

#[cold]
pub(super) fn no_json(oid: Oid, declared: Option<Kind>) -> Malformed {
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

#[cold]
fn named(ty: Type, mut error: Malformed) -> Malformed {
    error.what = format!("{}: {}", ty.name(), error.what);
    error
}

/// The bytes of a type of fixed length.
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
    // ASCII is always UTF-8, so only other text needs the check.
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

/// Writes a `timetz`, whose bytes are microseconds since midnight and the seconds west of UTC.
fn put_timetz<S: Sink>(raw: &[u8], sink: &mut S) -> Result<(), Malformed> {
    let mut reader = Reader::new(raw, 0);
    let microseconds = i64::from_be_bytes(reader.array()?);
    // Wrapping, for i32::MIN cannot be negated. It is refused as out of range, with either sign.
    let east = reader.int()?.wrapping_neg();
    reader.end()?;
    put_time_of(microseconds, Some(east), sink)
}

#[inline(never)]
fn put_range_of<S: Sink>(
    bound: Type,
    raw: &[u8],
    binary: Binary,
    sink: &mut S,
) -> Result<(), Malformed> {
    put_range(raw, sink, |raw, sink| put_scalar(bound, raw, binary, sink))
}

fn put_json<S: Sink>(raw: &[u8], sink: &mut S) -> Result<(), Malformed> {
    if raw.is_empty() {
        return Err(Malformed::new("no JSON in it"));
    }
    sink.put_str(utf8(raw)?);
    Ok(())
}

/// Writes a `jsonb`, whose bytes are a version, which is 1, and the text.
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
        // Not UTF-8: as Postgres since 16, a backslash and three octal digits.
        _ => {
            let [high, middle, low] =
                [byte >> 6, byte >> 3 & 7, byte & 7].map(|digit| b'0' + digit);
            put_ascii(&[b'\\', high, middle, low], sink);
        }
    }
}

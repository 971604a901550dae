//! Rows as Postgres packs them: in its binary format of composites.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use crate::document::key::Key;
use crate::document::render::{Cell, Progress, Rows};
use crate::document::shape::Shape;
use crate::json::binary::Binary;
use crate::json::path::{Path, Step, Traced};
use crate::json::sink::Sink;
use crate::postgres::error::Malformed;
use crate::postgres::reader::Reader;
use crate::postgres::record::{Field, read_record, record_elements};
use crate::postgres::scalar::put_scalar;
use crate::postgres::types::{FIRST_OF_USERS, Kind, Oid, RECORD, RECORD_ARRAY, Type};
use crate::postgres::value::put_value;

/// What is wrong with packed rows: where in the document, and where in the bytes.
///
/// It is one pointer, as [`Malformed`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<Finding>);

/// The contents of an [`Error`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where in the document.
    pub path: Path,
    /// What is wrong, and at which byte.
    pub malformed: Malformed,
}

impl Error {
    /// Its contents.
    #[must_use]
    pub fn into_finding(self) -> Finding {
        *self.0
    }
}

impl Deref for Error {
    type Target = Finding;

    fn deref(&self) -> &Finding {
        &self.0
    }
}

impl From<Malformed> for Error {
    #[cold]
    fn from(malformed: Malformed) -> Self {
        Self(Box::new(Finding { path: Path::default(), malformed }))
    }
}

impl Traced for Error {
    fn new(what: String) -> Self {
        Malformed::new(what).into()
    }

    fn under(mut self, step: Step) -> Self {
        self.0.path.enter(step);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}, at {}", self.malformed, self.path)
    }
}

impl std::error::Error for Error {}

/// Packed rows, not read yet.
#[derive(Clone, Copy, Debug)]
pub enum Packed<'a> {
    /// Results of `record_send`, one after the other, and their offset.
    Records(&'a [u8], usize),
    /// An array of composites, and its offset.
    Array(&'a [u8], usize),
}

impl<'a> Packed<'a> {
    /// Any number of results of `record_send`, one after the other.
    #[must_use]
    pub fn new(records: &'a [u8]) -> Self {
        Self::Records(records, 0)
    }
}

impl<'a> Rows<Field<'a>> for Packed<'a> {
    fn for_each(
        &self,
        shape: &Shape,
        mut each: impl FnMut(Result<&[Field<'a>], Error>, Progress) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut fields = Vec::with_capacity(shape.columns().len());
        match *self {
            Self::Records(bytes, offset) => {
                let mut reader = Reader::new(bytes, offset);
                while !reader.is_empty() {
                    let progress = Progress { done: bytes.len() - reader.left(), of: bytes.len() };
                    let row = next_row(&mut reader, shape, &mut fields);
                    each(row.map(|()| &*fields), progress)?;
                }
            }
            Self::Array(bytes, offset) => {
                let mut progress = Progress { done: 0, of: bytes.len() };
                for element in record_elements(bytes).map_err(|error| error.at(offset))? {
                    let row = element
                        .and_then(|element| {
                            element.ok_or_else(|| Malformed::new("a row that is NULL"))
                        })
                        .map_err(|error| Error::from(error.at(offset)))
                        .and_then(|(start, record)| {
                            let mut reader = Reader::new(record, offset + start);
                            next_row(&mut reader, shape, &mut fields)?;
                            progress.done = start;
                            Ok(reader.end()?)
                        });
                    each(row.map(|()| &*fields), progress)?;
                }
            }
        }
        Ok(())
    }
}

#[inline]
fn next_row<'a>(
    reader: &mut Reader<'a>,
    shape: &Shape,
    fields: &mut Vec<Field<'a>>,
) -> Result<(), Error> {
    let start = reader.offset();
    read_record(reader, fields)?;
    Ok(shape.check_width(fields.len()).map_err(|what| Malformed::new(what).at(start))?)
}

impl<'a> Cell for Field<'a> {
    type Error = Error;
    type Context = Binary;
    type Rows = Packed<'a>;

    #[inline]
    fn is_null(&self) -> bool {
        self.value.is_none()
    }

    #[inline]
    fn put<S: Sink>(&self, kind: Option<Kind>, binary: &Binary, sink: &mut S) -> Result<(), Error> {
        let Some(raw) = self.value else {
            sink.put(b"null");
            return Ok(());
        };
        put_value(self.oid, kind, raw, *binary, sink).map_err(|error| error.at(self.offset).into())
    }

    fn key<'k>(self) -> Result<Key<'k>, Error>
    where
        Self: 'k,
    {
        let Some(raw) = self.value else { return Ok(Key::Null) };
        let int = |bytes: Option<i64>| {
            bytes.map(Key::Int).ok_or_else(|| {
                Malformed::new(format!("a number of {} bytes", raw.len())).at(self.offset).into()
            })
        };
        let Some(Kind::Scalar(ty)) = Kind::from_oid(self.oid) else { return Err(self.no_key()) };
        match ty {
            Type::Int2 => int(raw.try_into().ok().map(i16::from_be_bytes).map(i64::from)),
            Type::Int4 => int(raw.try_into().ok().map(i32::from_be_bytes).map(i64::from)),
            Type::Int8 => int(raw.try_into().ok().map(i64::from_be_bytes)),
            Type::Oid => int(raw.try_into().ok().map(u32::from_be_bytes).map(i64::from)),
            Type::Bool => int(raw.try_into().ok().map(u8::from_be_bytes).map(i64::from)),
            Type::Uuid if raw.len() == 16 => Ok(Key::Uuid(raw.try_into().unwrap_or_default())),
            Type::Inet | Type::Cidr => self.quoted(ty, raw),
            text if text.is_text() => Ok(Key::Text(Cow::Borrowed(raw))),
            _ => Err(self.no_key()),
        }
    }

    fn one(self) -> Result<Packed<'a>, Error> {
        self.holding(RECORD, Packed::Records)
    }

    fn many(self) -> Result<Packed<'a>, Error> {
        self.holding(RECORD_ARRAY, Packed::Array)
    }
}

impl<'a> Field<'a> {
    /// The key of a value whose JSON is a string without escapes: the text in the quotes.
    #[inline(never)]
    fn quoted(self, ty: Type, raw: &[u8]) -> Result<Key<'a>, Error> {
        let mut text = Vec::new();
        put_scalar(ty, raw, Binary::Hex, &mut text).map_err(|error| error.at(self.offset))?;
        text.pop();
        Ok(Key::Text(Cow::Owned(text.split_off(1))))
    }

    fn no_key(self) -> Error {
        let what = format!("rows cannot be matched by a value of type OID {}", self.oid);
        Malformed::new(what).at(self.offset).into()
    }

    /// The rows that it holds, if its type is `anonymous` or a user's.
    fn holding(
        self,
        anonymous: Oid,
        rows: impl FnOnce(&'a [u8], usize) -> Packed<'a>,
    ) -> Result<Packed<'a>, Error> {
        if self.oid == anonymous || self.oid >= FIRST_OF_USERS {
            return Ok(rows(self.value.unwrap_or_default(), self.offset));
        }
        let what = format!("a value of type OID {}, where the shape has rows", self.oid);
        Err(Malformed::new(what).at(self.offset).into())
    }
}

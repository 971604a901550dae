//! Arrays of anonymous composites (`record[]`), in Postgres's binary format.

use tokio_postgres::types::{FromSql, Oid, Type, accepts};

use crate::rows::{Fields, FromFields, Unreadable};

/// The values made of an array's composites. A NULL array counts as empty.
#[derive(Debug, PartialEq, Eq)]
pub struct Records<T>(pub Vec<T>);

impl<'a, T: FromFields<'a>> FromSql<'a> for Records<T> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Unreadable> {
        let mut array = Bytes(raw);
        let records = match array.int()? {
            0 => skip_header(&mut array).map(|()| Vec::new()),
            1 => one_dimension(&mut array),
            dimensions => Err(format!("an array of {dimensions} dimensions").into()),
        }?;
        array.end()?;
        Ok(Self(records))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Unreadable> {
        Ok(Self(Vec::new()))
    }

    accepts!(RECORD_ARRAY);
}

/// Skips the flag for NULLs, which each element repeats, and checks the type of the elements.
fn skip_header(array: &mut Bytes<'_>) -> Result<(), Unreadable> {
    array.int()?;
    match array.oid()? {
        Type::RECORD => Ok(()),
        other => Err(format!("an array of {other}, not of records").into()),
    }
}

fn one_dimension<'a, T: FromFields<'a>>(array: &mut Bytes<'a>) -> Result<Vec<T>, Unreadable> {
    skip_header(array)?;
    let length = usize::try_from(array.int()?)?;
    array.int()?; // The index of the first element, which does not matter here.
    // A wrong length must not cause a large allocation. A record has at least 8 bytes.
    let mut records = Vec::with_capacity(length.min(array.0.len() / 8));
    for _ in 0..length {
        let record = array.value()?.ok_or("a record that is NULL")?;
        records.push(read_record(record)?);
    }
    Ok(records)
}

fn read_record<'a, T: FromFields<'a>>(raw: &'a [u8]) -> Result<T, Unreadable> {
    let mut bytes = Bytes(raw);
    let mut record = Record { fields: usize::try_from(bytes.int()?)?, bytes };
    let read = T::from_fields(&mut record)?;
    if record.fields > 0 {
        return Err(format!("a record with {} fields too many", record.fields).into());
    }
    record.bytes.end()?;
    Ok(read)
}

/// The fields of a composite that have not been taken yet.
struct Record<'a> {
    fields: usize,
    bytes: Bytes<'a>,
}

impl<'a> Fields<'a> for Record<'a> {
    fn take<T: FromSql<'a>>(&mut self) -> Result<T, Unreadable> {
        self.fields = self.fields.checked_sub(1).ok_or("a record with too few fields")?;
        let ty = self.bytes.oid()?;
        if !T::accepts(&ty) {
            return Err(format!("a field of type {ty}").into());
        }
        T::from_sql_nullable(&ty, self.bytes.value()?)
    }
}

/// Bytes that have not been read yet.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Unreadable> {
        let (array, rest) = self.0.split_first_chunk().ok_or("cut off")?;
        self.0 = rest;
        Ok(*array)
    }

    fn int(&mut self) -> Result<i32, Unreadable> {
        self.array().map(i32::from_be_bytes)
    }

    /// A type that every Postgres has built in.
    fn oid(&mut self) -> Result<Type, Unreadable> {
        let oid = self.array().map(Oid::from_be_bytes)?;
        Type::from_oid(oid).ok_or_else(|| format!("an unknown type, {oid}").into())
    }

    /// A value after its length, which is -1 for NULL.
    fn value(&mut self) -> Result<Option<&'a [u8]>, Unreadable> {
        let length = self.int()?;
        if length == -1 {
            return Ok(None);
        }
        let (value, rest) = self.0.split_at_checked(usize::try_from(length)?).ok_or("cut off")?;
        self.0 = rest;
        Ok(Some(value))
    }

    fn end(&self) -> Result<(), Unreadable> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(format!("{} bytes too many", self.0.len()).into())
        }
    }
}

#[cfg(test)]
mod tests;

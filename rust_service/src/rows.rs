//! Reading a row's values in the order of the query's columns.

use std::error::Error;

use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

/// Why a value could not be read.
pub type Unreadable = Box<dyn Error + Sync + Send>;

/// Values in order: a row, or a composite inside one. So that what is in them is written once for
/// the plan where a list comes as rows, and the plan where it comes as an array.
pub trait Fields<'a> {
    /// The next value.
    fn take<T: FromSql<'a>>(&mut self) -> Result<T, Unreadable>;
}

/// What is made of the values of one row or one composite.
pub trait FromFields<'a>: Sized {
    fn from_fields(fields: &mut impl Fields<'a>) -> Result<Self, Unreadable>;
}

/// The columns of a row.
pub struct Columns<'a> {
    row: &'a Row,
    next: usize,
}

impl<'a> From<&'a Row> for Columns<'a> {
    fn from(row: &'a Row) -> Self {
        Self { row, next: 0 }
    }
}

impl<'a> Fields<'a> for Columns<'a> {
    fn take<T: FromSql<'a>>(&mut self) -> Result<T, Unreadable> {
        let index = self.next;
        self.next += 1;
        Ok(self.row.try_get(index)?)
    }
}

/// What is made of one row.
pub fn one<'a, T: FromFields<'a>>(row: &'a Row) -> Result<T, Unreadable> {
    T::from_fields(&mut Columns::from(row))
}

/// What is made of each row.
pub fn all<'a, T: FromFields<'a>>(rows: &'a [Row]) -> Result<Vec<T>, Unreadable> {
    rows.iter().map(one).collect()
}

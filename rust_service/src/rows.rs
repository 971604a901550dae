//! Reads a row's values in the order of the query's columns.

use std::error::Error;

use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

/// Why a value could not be read.
pub type Unreadable = Box<dyn Error + Sync + Send>;

/// Values in order, of a row or of a composite inside a row. In one plan a list comes as rows and in the
/// other as an array of composites, and this trait lets both share the code that reads them.
pub trait Fields<'a> {
    /// The next value.
    fn take<T: FromSql<'a>>(&mut self) -> Result<T, Unreadable>;
}

/// A value that can be made of one row or one composite.
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

/// Makes a value of one row.
pub fn one<'a, T: FromFields<'a>>(row: &'a Row) -> Result<T, Unreadable> {
    T::from_fields(&mut Columns::from(row))
}

/// Makes a value of each row.
pub fn all<'a, T: FromFields<'a>>(rows: &'a [Row]) -> Result<Vec<T>, Unreadable> {
    rows.iter().map(one).collect()
}

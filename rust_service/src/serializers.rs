//! Two ways from rows to JSON, which give the same bytes.

mod rowjson;
mod serde;

use tokio_postgres::Row;

use crate::errors::{Cause, Error};
use crate::settings::Serializer;

/// Large enough for an ordinary recipe, so that its buffer need not grow.
const DOCUMENT_BYTES: usize = 8 * 1024;

/// The rows of one recipe.
pub enum RecipeRows {
    /// The row of `recipe_single.sql`, which contains the lists.
    Whole(Row),
    /// The row of `recipe.sql`, and the rows of the lists.
    Apart(Row, Lists),
}

/// The rows of a recipe's lists. Each field has the rows of the query of that name.
#[derive(Default)]
pub struct Lists {
    pub ingredients: Vec<Row>,
    pub sections: Vec<Row>,
    pub steps: Vec<Row>,
    pub events: Vec<Row>,
    pub notes: Vec<Row>,
    pub reactions: Vec<Row>,
}

/// The rows of one page of the list of recipes.
pub struct PageRows {
    rows: Vec<Row>,
    /// The `after` of the next page; `None` if there cannot be one.
    next_after: Option<i64>,
}

impl PageRows {
    /// The page that was asked for with `limit`.
    pub fn new(rows: Vec<Row>, limit: i64) -> Result<Self, Error> {
        let last = rows.last().filter(|_| i64::try_from(rows.len()) == Ok(limit));
        Ok(Self { next_after: last.map(|row| row.try_get(0)).transpose()?, rows })
    }
}

impl Serializer {
    /// A whole recipe.
    pub(crate) fn recipe(self, rows: &RecipeRows) -> Result<Vec<u8>, Cause> {
        match self {
            Self::Serde => serde::recipe(rows),
            Self::Rowjson => rowjson::recipe(rows),
        }
    }

    /// A page of summaries, and where the next page starts.
    pub(crate) fn recipe_list(self, page: &PageRows) -> Result<Vec<u8>, Cause> {
        match self {
            Self::Serde => serde::recipe_list(page),
            Self::Rowjson => rowjson::recipe_list(page),
        }
    }

    /// A new note, which has no reactions yet.
    pub(crate) fn note(self, row: &Row) -> Result<Vec<u8>, Cause> {
        match self {
            Self::Serde => serde::note(row),
            Self::Rowjson => rowjson::note(row),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_where_the_next_one_starts() {
        for serializer in [Serializer::Serde, Serializer::Rowjson] {
            for (next_after, shown) in [(None, "null"), (Some(i64::MAX), "9223372036854775807")] {
                let page = PageRows { rows: Vec::new(), next_after };
                let body = String::from_utf8(serializer.recipe_list(&page).unwrap()).unwrap();
                assert_eq!(body, format!(r#"{{"recipes":[],"next_after":{shown}}}"#));
            }
        }
    }
}

//! The plan with a single statement for each request, which also checks the session.

use tokio_postgres::Row;

use crate::database::Database;
use crate::errors::Error;
use crate::parameters::Paging;
use crate::queries::Query;
use crate::serializers::{PageRows, RecipeRows};

/// The rows of GET /api/v1/recipes/{id}.
pub async fn recipe(database: &Database, key: &str, id: i64) -> Result<RecipeRows, Error> {
    let rows = database.lease().await?.query(Query::RecipeSingle, &[&key, &id]).await?;
    the_row(rows).map(RecipeRows::Whole)
}

/// The rows of GET /api/v1/recipes.
pub async fn recipe_list(
    database: &Database,
    key: &str,
    Paging { limit, after }: &Paging,
) -> Result<PageRows, Error> {
    let mut rows =
        database.lease().await?.query(Query::RecipeListSingle, &[&key, after, limit]).await?;
    let first = rows.first().ok_or(Error::Unauthorized)?;
    if holds_nothing(first)? {
        rows.clear();
    }
    PageRows::new(rows, *limit)
}

/// The row of the note that POST /api/v1/recipes/{id}/notes adds.
pub async fn note_create(
    database: &Database,
    key: &str,
    id: i64,
    text: &str,
) -> Result<Row, Error> {
    the_row(database.lease().await?.query(Query::NoteCreateSingle, &[&key, &id, &text]).await?)
}

/// The title of a recipe. All plans have this one statement.
pub async fn recipe_title(database: &Database, key: &str, id: i64) -> Result<String, Error> {
    let rows = database.lease().await?.query(Query::NutritionRecipe, &[&key, &id]).await?;
    Ok(the_row(rows)?.try_get(1)?)
}

fn the_row(rows: Vec<Row>) -> Result<Row, Error> {
    let row = rows.into_iter().next().ok_or(Error::Unauthorized)?;
    if holds_nothing(&row)? { Err(Error::NotFound) } else { Ok(row) }
}

/// Whether a row only says that the session is known. Then everything else is NULL, including the id.
fn holds_nothing(row: &Row) -> Result<bool, Error> {
    Ok(row.try_get::<_, Option<i64>>(0)?.is_none())
}

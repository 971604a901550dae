//! The plan of one statement a request: it checks the session, too, and answers everything.

use axum::http::StatusCode;
use axum::response::Response;
use tokio_postgres::Row;

use crate::database::Database;
use crate::document::{Note, Page, Recipe, Summary};
use crate::errors::Error;
use crate::parameters::Paging;
use crate::queries::Query;
use crate::records::Records;
use crate::responses::document;
use crate::rows::{Columns, Fields, FromFields, Unreadable, all, one};

/// The answer to GET /api/v1/recipes/{id}.
pub async fn recipe(database: &Database, key: &str, id: i64) -> Result<Response, Error> {
    let rows = database.lease().await?.query(Query::RecipeSingle, &[&key, &id]).await?;
    let row = rows.first().ok_or(Error::Unauthorized)?;
    if holds_nothing(row)? {
        return Err(Error::NotFound);
    }
    Ok(document(StatusCode::OK, &whole_recipe(row)?)?)
}

/// The answer to GET /api/v1/recipes.
pub async fn recipe_list(
    database: &Database,
    key: &str,
    Paging { limit, after }: &Paging,
) -> Result<Response, Error> {
    let rows =
        database.lease().await?.query(Query::RecipeListSingle, &[&key, after, limit]).await?;
    let first = rows.first().ok_or(Error::Unauthorized)?;
    let recipes: Vec<Summary<'_>> = if holds_nothing(first)? { Vec::new() } else { all(&rows)? };
    Ok(document(StatusCode::OK, &Page::new(recipes, *limit))?)
}

/// The answer to POST /api/v1/recipes/{id}/notes.
pub async fn note_create(
    database: &Database,
    key: &str,
    id: i64,
    text: &str,
) -> Result<Response, Error> {
    let rows = database.lease().await?.query(Query::NoteCreateSingle, &[&key, &id, &text]).await?;
    let row = rows.first().ok_or(Error::Unauthorized)?;
    if holds_nothing(row)? {
        return Err(Error::NotFound);
    }
    Ok(document(StatusCode::CREATED, &one::<Note<'_>>(row)?)?)
}

/// Whether a row only says that the session is known: then all else is NULL, the id for one.
fn holds_nothing(row: &Row) -> Result<bool, Error> {
    Ok(row.try_get::<_, Option<i64>>(0)?.is_none())
}

fn whole_recipe(row: &Row) -> Result<Recipe<'_>, Unreadable> {
    let mut columns = Columns::from(row);
    let mut recipe = Recipe::from_fields(&mut columns)?;
    recipe.ingredients = columns.take::<Records<_>>()?.0;
    recipe.sections = columns.take::<Records<_>>()?.0;
    recipe.steps = columns.take::<Records<_>>()?.0;
    recipe.timeline.events = columns.take::<Records<_>>()?.0;
    let notes: Records<WholeNote<'_>> = columns.take()?;
    recipe.timeline.notes = notes.0.into_iter().map(|WholeNote(note)| note).collect();
    Ok(recipe)
}

/// A note whose last field is its reactions.
struct WholeNote<'a>(Note<'a>);

impl<'a> FromFields<'a> for WholeNote<'a> {
    fn from_fields(fields: &mut impl Fields<'a>) -> Result<Self, Unreadable> {
        let mut note = Note::from_fields(fields)?;
        note.reactions = fields.take::<Records<_>>()?.0;
        Ok(Self(note))
    }
}

//! The plan of one statement after the other: the session first, and each list by itself.

use axum::http::StatusCode;
use axum::response::Response;

use crate::database::{Database, Lease};
use crate::document::{Note, Page, Reaction, Recipe, Timeline};
use crate::errors::Error;
use crate::parameters::Paging;
use crate::queries::Query;
use crate::responses::document;
use crate::rows::{Fields, FromFields, Unreadable, all, one};

/// The answer to GET /api/v1/recipes/{id}.
pub async fn recipe(database: &Database, key: &str, id: i64) -> Result<Response, Error> {
    let mut lease = database.lease().await?;
    let visitor = Visitor::of_session(&mut lease, key).await?;
    let recipe = lease.query(Query::Recipe, &[&id, &visitor.user, &visitor.teams]).await?;
    let recipe = recipe.first().ok_or(Error::NotFound)?;
    let ingredients = lease.query(Query::Ingredients, &[&id]).await?;
    let sections = lease.query(Query::Sections, &[&id]).await?;
    let steps = lease.query(Query::Steps, &[&id]).await?;
    let events = lease.query(Query::Events, &[&id]).await?;
    let notes = lease.query(Query::Notes, &[&id]).await?;
    let reactions = lease.query(Query::Reactions, &[&id]).await?;
    drop(lease);

    let mut recipe = one::<Recipe<'_>>(recipe)?;
    recipe.ingredients = all(&ingredients)?;
    recipe.sections = all(&sections)?;
    recipe.steps = all(&steps)?;
    recipe.timeline = Timeline { events: all(&events)?, notes: all(&notes)? };
    add_reactions(&mut recipe.timeline.notes, all(&reactions)?);
    Ok(document(StatusCode::OK, &recipe)?)
}

/// The answer to GET /api/v1/recipes.
pub async fn recipe_list(
    database: &Database,
    key: &str,
    Paging { limit, after }: &Paging,
) -> Result<Response, Error> {
    let mut lease = database.lease().await?;
    let visitor = Visitor::of_session(&mut lease, key).await?;
    let rows =
        lease.query(Query::RecipeList, &[&visitor.user, &visitor.teams, after, limit]).await?;
    drop(lease);
    Ok(document(StatusCode::OK, &Page::new(all(&rows)?, *limit))?)
}

/// The answer to POST /api/v1/recipes/{id}/notes.
pub async fn note_create(
    database: &Database,
    key: &str,
    id: i64,
    text: &str,
) -> Result<Response, Error> {
    let mut lease = database.lease().await?;
    let visitor = Visitor::of_session(&mut lease, key).await?;
    let visible = lease.query(Query::NoteRecipe, &[&id, &visitor.user, &visitor.teams]).await?;
    if visible.is_empty() {
        return Err(Error::NotFound);
    }
    let rows = lease.query(Query::NoteCreate, &[&id, &text, &visitor.user]).await?;
    drop(lease);
    let row = rows.first().ok_or_else(|| Error::Internal("no row of the new note".into()))?;
    Ok(document(StatusCode::CREATED, &one::<Note<'_>>(row)?)?)
}

/// Who asks.
struct Visitor {
    user: i64,
    /// The teams in which the user is active.
    teams: Vec<i64>,
}

impl Visitor {
    async fn of_session(lease: &mut Lease<'_>, key: &str) -> Result<Self, Error> {
        let session = lease.query(Query::Session, &[&key]).await?;
        let user = session.first().ok_or(Error::Unauthorized)?.try_get(0)?;
        let teams = lease.query(Query::ActiveTeams, &[&user]).await?;
        let teams = teams.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        Ok(Self { user, teams })
    }
}

/// A reaction, with the note that it is to.
struct ToNote<'a> {
    note: i64,
    reaction: Reaction<'a>,
}

impl<'a> FromFields<'a> for ToNote<'a> {
    fn from_fields(fields: &mut impl Fields<'a>) -> Result<Self, Unreadable> {
        Ok(Self { note: fields.take()?, reaction: Reaction::from_fields(fields)? })
    }
}

/// Both are in the order of the notes' ids. There may be reactions to a note that was not there yet
/// when the notes were read.
fn add_reactions<'a>(notes: &mut [Note<'a>], reactions: Vec<ToNote<'a>>) {
    let mut reactions = reactions.into_iter().peekable();
    for note in notes {
        while let Some(to) = reactions.next_if(|to| to.note <= note.id) {
            if to.note == note.id {
                note.reactions.push(to.reaction);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio_postgres::types::{FromSql, Type};

    use super::*;
    use crate::document::Person;
    use crate::timestamps::Timestamp;

    fn midnight() -> Timestamp {
        Timestamp::from_sql(&Type::TIMESTAMPTZ, &[0; 8]).unwrap()
    }

    fn note(id: i64) -> Note<'static> {
        let created_by = Person { id: 1, name: "Ada" };
        let (created_at, updated_at) = (midnight(), midnight());
        Note { id, text: "", created_by, created_at, updated_at, reactions: Vec::new() }
    }

    fn reaction(note: i64, id: i64) -> ToNote<'static> {
        let created_by = Person { id: 1, name: "Ada" };
        ToNote {
            note, reaction: Reaction { id, emoji: "👍", created_by, created_at: midnight() }
        }
    }

    #[test]
    fn reactions_go_to_their_notes() {
        let mut notes = [note(1), note(2), note(4)];
        let unseen = reaction(3, 12);
        add_reactions(
            &mut notes,
            vec![reaction(1, 10), reaction(1, 11), unseen, reaction(4, 13), reaction(5, 14)],
        );
        let ids = |note: &Note<'_>| note.reactions.iter().map(|to| to.id).collect::<Vec<_>>();
        assert_eq!(notes.each_ref().map(ids), [vec![10, 11], vec![], vec![13]]);
    }
}

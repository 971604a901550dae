//! Makes Rust values, which borrow their texts from the rows, and encodes them with serde.

use ::serde::Serialize;
use tokio_postgres::Row;

use super::{DOCUMENT_BYTES, Lists, PageRows, RecipeRows};
use crate::document::{Note, Page, Reaction, Recipe, Timeline};
use crate::errors::Cause;
use crate::records::Records;
use crate::rows::{Columns, Fields, FromFields, Unreadable, all, one};

pub fn recipe(rows: &RecipeRows) -> Result<Vec<u8>, Cause> {
    json(&match rows {
        RecipeRows::Whole(row) => whole_recipe(row),
        RecipeRows::Apart(row, lists) => gathered_recipe(row, lists),
    }?)
}

pub fn recipe_list(PageRows { rows, next_after }: &PageRows) -> Result<Vec<u8>, Cause> {
    json(&Page { recipes: all(rows)?, next_after: *next_after })
}

pub fn note(row: &Row) -> Result<Vec<u8>, Cause> {
    json(&one::<Note<'_>>(row)?)
}

fn json(document: &impl Serialize) -> Result<Vec<u8>, Cause> {
    let mut body = Vec::with_capacity(DOCUMENT_BYTES);
    serde_json::to_writer(&mut body, document)?;
    Ok(body)
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

fn gathered_recipe<'a>(row: &'a Row, lists: &'a Lists) -> Result<Recipe<'a>, Unreadable> {
    let mut recipe = one::<Recipe<'_>>(row)?;
    recipe.ingredients = all(&lists.ingredients)?;
    recipe.sections = all(&lists.sections)?;
    recipe.steps = all(&lists.steps)?;
    recipe.timeline = Timeline { events: all(&lists.events)?, notes: all(&lists.notes)? };
    add_reactions(&mut recipe.timeline.notes, all(&lists.reactions)?);
    Ok(recipe)
}

/// A note whose last field has its reactions.
struct WholeNote<'a>(Note<'a>);

impl<'a> FromFields<'a> for WholeNote<'a> {
    fn from_fields(fields: &mut impl Fields<'a>) -> Result<Self, Unreadable> {
        let mut note = Note::from_fields(fields)?;
        note.reactions = fields.take::<Records<_>>()?.0;
        Ok(Self(note))
    }
}

/// A reaction, and the id of its note.
struct ToNote<'a> {
    note: i64,
    reaction: Reaction<'a>,
}

impl<'a> FromFields<'a> for ToNote<'a> {
    fn from_fields(fields: &mut impl Fields<'a>) -> Result<Self, Unreadable> {
        Ok(Self { note: fields.take()?, reaction: Reaction::from_fields(fields)? })
    }
}

/// Both are in the order of the notes' ids. A reaction's note may be missing, if it was added after the
/// notes were read.
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

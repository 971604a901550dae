//! The documents, with members in the contract's order, as sqlx makes them of rows and of records in a row.

use serde::Serialize;
use sqlx::postgres::{PgHasArrayType, PgRow, PgTypeInfo, PgValueRef};
use sqlx::{Decode, FromRow, Postgres, Row, Type};

use crate::timestamps::Timestamp;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Reads a struct from a record, by way of the tuple that sqlx makes of one.
macro_rules! from_record {
    ($name:ident, ($($field:ident: $type:ty),+ $(,)?), $made:expr) => {
        impl Type<Postgres> for $name {
            fn type_info() -> PgTypeInfo {
                <($($type,)+) as Type<Postgres>>::type_info()
            }
        }

        impl PgHasArrayType for $name {
            fn array_type_info() -> PgTypeInfo {
                <($($type,)+) as PgHasArrayType>::array_type_info()
            }
        }

        impl<'r> Decode<'r, Postgres> for $name {
            fn decode(value: PgValueRef<'r>) -> Result<Self, Failure> {
                let ($($field,)+) = <($($type,)+) as Decode<'r, Postgres>>::decode(value)?;
                Ok($made)
            }
        }
    };
}

#[derive(Debug, Serialize)]
pub struct Person {
    id: i64,
    name: String,
}

#[derive(Debug, FromRow, Serialize)]
pub struct Owner {
    #[sqlx(rename = "owner_type")]
    r#type: String,
    #[sqlx(rename = "owner_id")]
    id: i64,
    #[sqlx(rename = "owner_name")]
    name: String,
}

#[derive(Debug, Serialize)]
pub struct Ingredient {
    id: i64,
    position: i32,
    quantity: String,
    name: String,
    description: String,
    optional: bool,
}

from_record!(
    Ingredient,
    (id: i64, position: i32, quantity: String, name: String, description: String, optional: bool),
    Self { id, position, quantity, name, description, optional }
);

#[derive(Debug, Serialize)]
pub struct Section {
    id: i64,
    position: i32,
    title: String,
}

from_record!(Section, (id: i64, position: i32, title: String), Self { id, position, title });

#[derive(Debug, Serialize)]
pub struct Step {
    id: i64,
    position: i32,
    text: String,
}

from_record!(Step, (id: i64, position: i32, text: String), Self { id, position, text });

#[derive(Debug, Serialize)]
pub struct Event {
    id: i64,
    action: String,
    /// `None` if the system acted.
    created_by: Option<Person>,
    created_at: Timestamp,
}

from_record!(
    Event,
    (id: i64, action: String, person: Option<i64>, name: Option<String>, created_at: Timestamp),
    Self { id, action, created_by: person.zip(name).map(|(id, name)| Person { id, name }), created_at }
);

#[derive(Debug, Serialize)]
pub struct Reaction {
    id: i64,
    emoji: String,
    created_by: Person,
    created_at: Timestamp,
}

from_record!(
    Reaction,
    (id: i64, emoji: String, person: i64, name: String, created_at: Timestamp),
    Self { id, emoji, created_by: Person { id: person, name }, created_at }
);

#[derive(Debug, Serialize)]
pub struct Note {
    id: i64,
    text: String,
    created_by: Person,
    created_at: Timestamp,
    updated_at: Timestamp,
    reactions: Vec<Reaction>,
}

from_record!(
    Note,
    (id: i64, text: String, person: i64, name: String, created: Timestamp, updated: Timestamp, reactions: Vec<Reaction>),
    Self {
        id,
        text,
        created_by: Person { id: person, name },
        created_at: created,
        updated_at: updated,
        reactions,
    }
);

/// A new note, which has no reactions.
impl<'r> FromRow<'r, PgRow> for Note {
    fn from_row(row: &'r PgRow) -> sqlx::Result<Self> {
        let created_by =
            Person { id: row.try_get("created_by_id")?, name: row.try_get("created_by_name")? };
        Ok(Self {
            id: row.try_get("id")?,
            text: row.try_get("text")?,
            created_by,
            created_at: row.try_get("created_at")?,
            updated_at: row.try_get("updated_at")?,
            reactions: Vec::new(),
        })
    }
}

#[derive(Debug, FromRow, Serialize)]
pub struct Timeline {
    events: Vec<Event>,
    notes: Vec<Note>,
}

#[derive(Debug, FromRow, Serialize)]
pub struct Recipe {
    id: i64,
    title: String,
    author: Option<String>,
    source: Option<String>,
    servings: Option<String>,
    minutes: Option<i32>,
    tags: Vec<String>,
    archived: bool,
    #[sqlx(flatten)]
    owner: Owner,
    created_at: Timestamp,
    updated_at: Timestamp,
    ingredients: Vec<Ingredient>,
    sections: Vec<Section>,
    steps: Vec<Step>,
    #[sqlx(flatten)]
    timeline: Timeline,
}

/// A recipe in a list.
#[derive(Debug, FromRow, Serialize)]
pub struct Summary {
    id: i64,
    title: String,
    author: Option<String>,
    source: Option<String>,
    servings: Option<String>,
    minutes: Option<i32>,
    tags: Vec<String>,
    archived: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// One page of the list of recipes.
#[derive(Debug, Serialize)]
pub struct Page {
    recipes: Vec<Summary>,
    /// The `after` of the next page; `None` if there cannot be one.
    next_after: Option<i64>,
}

impl Page {
    /// The page that was asked for with `limit`.
    pub fn new(recipes: Vec<Summary>, limit: i64) -> Self {
        let last = recipes.last().filter(|_| i64::try_from(recipes.len()) == Ok(limit));
        Self { next_after: last.map(|recipe| recipe.id), recipes }
    }
}

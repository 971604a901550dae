//! The documents, with members in the contract's order. They borrow their texts from the rows.

use serde::Serialize;

use crate::rows::{Fields, FromFields, Unreadable};
use crate::timestamps::Timestamp;

#[derive(Debug, Serialize)]
pub struct Person<'a> {
    pub id: i64,
    pub name: &'a str,
}

#[derive(Debug, Serialize)]
pub struct Owner<'a> {
    pub r#type: &'a str,
    pub id: i64,
    pub name: &'a str,
}

#[derive(Debug, Serialize)]
pub struct Ingredient<'a> {
    pub id: i64,
    pub position: i32,
    pub quantity: &'a str,
    pub name: &'a str,
    pub description: &'a str,
    pub optional: bool,
}

#[derive(Debug, Serialize)]
pub struct Section<'a> {
    pub id: i64,
    pub position: i32,
    pub title: &'a str,
}

#[derive(Debug, Serialize)]
pub struct Step<'a> {
    pub id: i64,
    pub position: i32,
    pub text: &'a str,
}

#[derive(Debug, Serialize)]
pub struct Event<'a> {
    pub id: i64,
    pub action: &'a str,
    /// `None` if the system acted.
    pub created_by: Option<Person<'a>>,
    pub created_at: Timestamp,
}

#[derive(Debug, Serialize)]
pub struct Reaction<'a> {
    pub id: i64,
    pub emoji: &'a str,
    pub created_by: Person<'a>,
    pub created_at: Timestamp,
}

/// The reactions are not read from this row: they are added later, if there are any.
#[derive(Debug, Serialize)]
pub struct Note<'a> {
    pub id: i64,
    pub text: &'a str,
    pub created_by: Person<'a>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub reactions: Vec<Reaction<'a>>,
}

#[derive(Debug, Default, Serialize)]
pub struct Timeline<'a> {
    pub events: Vec<Event<'a>>,
    pub notes: Vec<Note<'a>>,
}

/// The lists are not read from this row: they are added later, and empty until then.
#[derive(Debug, Serialize)]
pub struct Recipe<'a> {
    pub id: i64,
    pub title: &'a str,
    pub author: Option<&'a str>,
    pub source: Option<&'a str>,
    pub servings: Option<&'a str>,
    pub minutes: Option<i32>,
    pub tags: Vec<&'a str>,
    pub archived: bool,
    pub owner: Owner<'a>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub ingredients: Vec<Ingredient<'a>>,
    pub sections: Vec<Section<'a>>,
    pub steps: Vec<Step<'a>>,
    pub timeline: Timeline<'a>,
}

/// A recipe in a list.
#[derive(Debug, Serialize)]
pub struct Summary<'a> {
    pub id: i64,
    pub title: &'a str,
    pub author: Option<&'a str>,
    pub source: Option<&'a str>,
    pub servings: Option<&'a str>,
    pub minutes: Option<i32>,
    pub tags: Vec<&'a str>,
    pub archived: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// One page of the list of recipes.
#[derive(Debug, Serialize)]
pub struct Page<'a> {
    pub recipes: Vec<Summary<'a>>,
    /// The `after` of the next page; `None` if there cannot be one.
    pub next_after: Option<i64>,
}

impl<'a> FromFields<'a> for Person<'a> {
    fn from_fields(fields: &mut impl Fields<'a>) -> Result<Self, Unreadable> {
        Ok(Self { id: fields.take()?, name: fields.take()? })
    }
}

impl<'a> FromFields<'a> for Ingredient<'a> {
    fn from_fields(fields: &mut impl Fields<'a>) -> Result<Self, Unreadable> {
        Ok(Self {
            id: fields.take()?,
            position: fields.take()?,
            quantity: fields.take()?,
            name: fields.take()?,
            description: fields.take()?,
            optional: fields.take()?,
        })
    }
}

impl<'a> FromFields<'a> for Section<'a> {
    fn from_fields(fields: &mut impl Fields<'a>) -> Result<Self, Unreadable> {
        Ok(Self { id: fields.take()?, position: fields.take()?, title: fields.take()? })
    }
}

impl<'a> FromFields<'a> for Step<'a> {
    fn from_fields(fields: &mut impl Fields<'a>) -> Result<Self, Unreadable> {
        Ok(Self { id: fields.take()?, position: fields.take()?, text: fields.take()? })
    }
}

impl<'a> FromFields<'a> for Event<'a> {
    fn from_fields(fields: &mut impl Fields<'a>) -> Result<Self, Unreadable> {
        Ok(Self {
            id: fields.take()?,
            action: fields.take()?,
            created_by: match (fields.take()?, fields.take()?) {
                (Some(id), Some(name)) => Some(Person { id, name }),
                _ => None,
            },
            created_at: fields.take()?,
        })
    }
}

impl<'a> FromFields<'a> for Reaction<'a> {
    fn from_fields(fields: &mut impl Fields<'a>) -> Result<Self, Unreadable> {
        Ok(Self {
            id: fields.take()?,
            emoji: fields.take()?,
            created_by: Person::from_fields(fields)?,
            created_at: fields.take()?,
        })
    }
}

impl<'a> FromFields<'a> for Note<'a> {
    fn from_fields(fields: &mut impl Fields<'a>) -> Result<Self, Unreadable> {
        Ok(Self {
            id: fields.take()?,
            text: fields.take()?,
            created_by: Person::from_fields(fields)?,
            created_at: fields.take()?,
            updated_at: fields.take()?,
            reactions: Vec::new(),
        })
    }
}

impl<'a> FromFields<'a> for Recipe<'a> {
    fn from_fields(fields: &mut impl Fields<'a>) -> Result<Self, Unreadable> {
        Ok(Self {
            id: fields.take()?,
            title: fields.take()?,
            author: fields.take()?,
            source: fields.take()?,
            servings: fields.take()?,
            minutes: fields.take()?,
            tags: fields.take()?,
            archived: fields.take()?,
            owner: Owner { r#type: fields.take()?, id: fields.take()?, name: fields.take()? },
            created_at: fields.take()?,
            updated_at: fields.take()?,
            ingredients: Vec::new(),
            sections: Vec::new(),
            steps: Vec::new(),
            timeline: Timeline::default(),
        })
    }
}

impl<'a> FromFields<'a> for Summary<'a> {
    fn from_fields(fields: &mut impl Fields<'a>) -> Result<Self, Unreadable> {
        Ok(Self {
            id: fields.take()?,
            title: fields.take()?,
            author: fields.take()?,
            source: fields.take()?,
            servings: fields.take()?,
            minutes: fields.take()?,
            tags: fields.take()?,
            archived: fields.take()?,
            created_at: fields.take()?,
            updated_at: fields.take()?,
        })
    }
}

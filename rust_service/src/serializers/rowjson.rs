//! Turns the bytes that Postgres sends directly into JSON, as the shapes say, without Rust values in between.

use std::error::Error as StdError;
use std::slice;

use rowjson_core::document::packed::Error;
use rowjson_core::document::render::{NestedRows, Progress, Renderer, Rows, collect};
use rowjson_core::document::shape::Shape;
use rowjson_core::json::binary::Binary;
use rowjson_core::json::path::Traced;
use rowjson_core::postgres::record::Field;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};

use super::{DOCUMENT_BYTES, Lists, PageRows, RecipeRows};
use crate::errors::Cause;
use crate::shapes::{NOTE_APART, RECIPE, RECIPE_APART, SUMMARY};

pub fn recipe(rows: &RecipeRows) -> Result<Vec<u8>, Cause> {
    match rows {
        RecipeRows::Whole(row) => object(&RECIPE, row, &[]),
        RecipeRows::Apart(row, lists) => object(&RECIPE_APART, row, &nested(&RECIPE_APART, lists)?),
    }
}

pub fn recipe_list(PageRows { rows, next_after }: &PageRows) -> Result<Vec<u8>, Cause> {
    let mut body = Vec::with_capacity(DOCUMENT_BYTES);
    body.extend_from_slice(br#"{"recipes":"#);
    renderer(&[]).put_rows(&SUMMARY, &Fetched(rows), &mut body)?;
    body.extend_from_slice(br#","next_after":"#);
    serde_json::to_writer(&mut body, next_after)?;
    body.push(b'}');
    Ok(body)
}

pub fn note(row: &Row) -> Result<Vec<u8>, Cause> {
    object(&NOTE_APART, row, &nested(&NOTE_APART, &Lists::default())?)
}

fn object<'a>(
    shape: &Shape,
    row: &'a Row,
    nested: &[NestedRows<'_, Field<'a>>],
) -> Result<Vec<u8>, Cause> {
    let mut body = Vec::with_capacity(DOCUMENT_BYTES);
    renderer(nested).put_row(shape, &Fetched(slice::from_ref(row)), &mut body)?;
    Ok(body)
}

fn renderer<'a, 'b>(nested: &'b [NestedRows<'b, Field<'a>>]) -> Renderer<'b, Field<'a>> {
    Renderer { context: &Binary::Base64, nested }
}

/// The rows of the lists that the shape names.
fn nested<'a>(shape: &'a Shape, lists: &'a Lists) -> Result<Vec<NestedRows<'a, Field<'a>>>, Cause> {
    let nests = shape.nests().iter();
    nests.map(|nest| Ok(collect(nest, &Fetched(named(lists, &nest.rows)?))?)).collect()
}

fn named<'a>(lists: &'a Lists, name: &str) -> Result<&'a [Row], Cause> {
    Ok(match name {
        "ingredients" => &lists.ingredients,
        "sections" => &lists.sections,
        "steps" => &lists.steps,
        "events" => &lists.events,
        "notes" => &lists.notes,
        "reactions" => &lists.reactions,
        _ => return Err(format!("a recipe has no list of {name}").into()),
    })
}

/// The rows of a query. Offsets in errors count from the start of a column's value.
struct Fetched<'a>(&'a [Row]);

impl<'a> Rows<Field<'a>> for Fetched<'a> {
    fn for_each(
        &self,
        shape: &Shape,
        mut each: impl FnMut(Result<&[Field<'a>], Error>, Progress) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut fields = Vec::with_capacity(shape.columns().len());
        for (done, row) in self.0.iter().enumerate() {
            let columns = columns_of(row, shape, &mut fields);
            each(columns.map(|()| &*fields), Progress { done, of: self.0.len() })?;
        }
        Ok(())
    }
}

/// Replaces `fields` by a row's columns, which must be as many as the shape has.
fn columns_of<'a>(row: &'a Row, shape: &Shape, fields: &mut Vec<Field<'a>>) -> Result<(), Error> {
    shape.check_width(row.len()).map_err(Error::new)?;
    fields.clear();
    for column in 0..row.len() {
        let Raw(field) = row.try_get(column).map_err(|error| Error::new(error.to_string()))?;
        fields.push(field);
    }
    Ok(())
}

/// The bytes of a column's value of any type, as Postgres sent them.
struct Raw<'a>(Field<'a>);

impl<'a> FromSql<'a> for Raw<'a> {
    #[inline]
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(Field { oid: ty.oid(), value: Some(raw), offset: 0 }))
    }

    #[inline]
    fn from_sql_null(ty: &Type) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(Field { oid: ty.oid(), value: None, offset: 0 }))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_of_a_recipe_has_its_rows() {
        let lists = Lists::default();
        assert_eq!(nested(&RECIPE_APART, &lists).unwrap().len(), 6);
        assert!(named(&lists, "guests").is_err());
    }
}

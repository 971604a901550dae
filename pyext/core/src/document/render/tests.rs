use std::sync::Arc;

use super::*;
use crate::document::packed::{Error, Packed};
use crate::document::shape::{Column, Content, Declared, Document, Nest};
use crate::json::binary::Binary;
use crate::postgres::record::Field;
use crate::postgres::types::RECORD_ARRAY;

const INT4: u32 = 23;
const TEXT: u32 = 25;

/// A field's type and its value.
type Value = (u32, Option<Vec<u8>>);

fn int(number: i32) -> Value {
    (INT4, Some(number.to_be_bytes().into()))
}

fn text(text: &str) -> Value {
    (TEXT, Some(text.into()))
}

fn null(oid: u32) -> Value {
    (oid, None)
}

fn length(bytes: usize) -> [u8; 4] {
    i32::try_from(bytes).unwrap().to_be_bytes()
}

/// A row as `record_send` gives it.
fn record(values: &[Value]) -> Vec<u8> {
    let mut bytes = length(values.len()).to_vec();
    for (oid, value) in values {
        bytes.extend(oid.to_be_bytes());
        match value {
            None => bytes.extend((-1_i32).to_be_bytes()),
            Some(value) => {
                bytes.extend(length(value.len()));
                bytes.extend(value);
            }
        }
    }
    bytes
}

/// `ARRAY(SELECT ROW(…))`.
fn array(records: &[Vec<u8>]) -> Value {
    let mut bytes = length(usize::from(!records.is_empty())).to_vec();
    bytes.extend([0; 4]);
    bytes.extend(2249_u32.to_be_bytes());
    if !records.is_empty() {
        bytes.extend(length(records.len()));
        bytes.extend(length(1));
    }
    for record in records {
        bytes.extend(length(record.len()));
        bytes.extend(record);
    }
    (RECORD_ARRAY, Some(bytes))
}

fn column(name: &str) -> Column {
    Column { name: name.into(), content: Content::Value(None) }
}

fn columns(names: &str) -> Vec<Column> {
    names.split_whitespace().map(column).collect()
}

fn shape(names: &str, document: Option<Document>, group_by: Option<&str>) -> Shape {
    Shape::new(columns(names), document, group_by).unwrap()
}

fn member(name: &str, declared: Declared) -> (Box<str>, Declared) {
    (name.into(), declared)
}

fn of_column(name: &str) -> Declared {
    Declared::Column(name.into())
}

fn rendered(shape: &Shape, rows: &[u8], nested: &[&[u8]]) -> Result<String, Error> {
    let nested: Vec<NestedRows<'_, Field<'_>>> = shape
        .nests()
        .iter()
        .zip(nested)
        .map(|(nest, rows)| collect(nest, &Packed::new(rows)))
        .collect::<Result<_, _>>()?;
    let mut out = Vec::new();
    let renderer = Renderer { context: &Binary::Base64, nested: &nested };
    renderer.put_rows(shape, &Packed::new(rows), &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

fn rendered_row(shape: &Shape, rows: &[u8]) -> Result<String, String> {
    let mut out = Vec::new();
    let renderer = Renderer { context: &Binary::Base64, nested: &[] };
    let result = renderer.put_row(shape, &Packed::new(rows), &mut out);
    result.map_err(|error| error.malformed.what.clone())?;
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn rows_are_objects_in_an_array() {
    let shape = shape("id title", None, None);
    let rows = [record(&[int(1), text("Soup")]), record(&[int(2), null(TEXT)])].concat();
    let expected = r#"[{"id":1,"title":"Soup"},{"id":2,"title":null}]"#;
    assert_eq!(rendered(&shape, &rows, &[]).unwrap(), expected);
    assert_eq!(rendered(&shape, b"", &[]).unwrap(), "[]");
}

#[test]
fn members_are_renamed_picked_and_put_into_objects() {
    let person = || vec![member("id", of_column("person")), member("name", of_column("name"))];
    let document = vec![
        member("key", of_column("id")),
        member("by", Declared::Nullable("person".into(), person())),
        member("also", Declared::Object(person())),
    ];
    let shape = shape("name id person", Some(document), None);
    let rows = [record(&[text("Ada"), int(1), int(7)]), record(&[null(TEXT), int(2), null(INT4)])]
        .concat();
    let expected = concat!(
        r#"[{"key":1,"by":{"id":7,"name":"Ada"},"also":{"id":7,"name":"Ada"}},"#,
        r#"{"key":2,"by":null,"also":{"id":null,"name":null}}]"#
    );
    assert_eq!(rendered(&shape, &rows, &[]).unwrap(), expected);
}

#[test]
fn one_row_is_an_object_and_more_are_an_error() {
    let shape = shape("id", None, None);
    let row = record(&[int(1)]);
    assert_eq!(rendered_row(&shape, &row).unwrap(), r#"{"id":1}"#);
    assert_eq!(rendered_row(&shape, b"").unwrap_err(), "no row, where there should be one");
    let two = rendered_row(&shape, &[row.clone(), row].concat());
    assert_eq!(two.unwrap_err(), "2 rows, where there should be one");
}

#[test]
fn columns_hold_rows() {
    let inner = Arc::new(shape("id", None, None));
    let holding = |name: &str, content: fn(Arc<Shape>) -> Content| Column {
        name: name.into(),
        content: content(Arc::clone(&inner)),
    };
    let shape =
        Shape::new(vec![holding("one", Content::One), holding("many", Content::Many)], None, None)
            .unwrap();
    let row = |id| record(&[int(id)]);
    let rows = [
        record(&[(2249, Some(row(1))), array(&[row(2), row(3)])]),
        record(&[null(2249), null(RECORD_ARRAY)]),
        record(&[null(2249), array(&[])]),
    ]
    .concat();
    let expected = concat!(
        r#"[{"one":{"id":1},"many":[{"id":2},{"id":3}]},"#,
        r#"{"one":null,"many":[]},{"one":null,"many":[]}]"#
    );
    assert_eq!(rendered(&shape, &rows, &[]).unwrap(), expected);
}

#[test]
fn rows_of_another_query_go_to_their_parents_in_their_order() {
    let child = Arc::new(shape("parent text", Some(vec![member("text", of_column("text"))]), None));
    let nest =
        Nest { rows: "children".into(), shape: child, keys: Some(("parent".into(), "id".into())) };
    let document = vec![member("id", of_column("id")), member("children", Declared::Nest(nest))];
    let shape = shape("id", Some(document), None);
    let parents = [int(1), int(2), null(INT4)].map(|id| record(&[id])).concat();
    let children = [
        record(&[int(2), text("b")]),
        record(&[null(INT4), text("nobody's")]),
        record(&[int(1), text("a")]),
        record(&[int(9), text("an unseen parent's")]),
        record(&[int(2), text("a")]),
    ]
    .concat();
    let expected = concat!(
        r#"[{"id":1,"children":[{"text":"a"}]},"#,
        r#"{"id":2,"children":[{"text":"b"},{"text":"a"}]},"#,
        r#"{"id":null,"children":[]}]"#
    );
    assert_eq!(rendered(&shape, &parents, &[&children]).unwrap(), expected);
}

#[test]
fn without_keys_all_rows_of_another_query_belong_to_the_row() {
    let nest = Nest { rows: "a".into(), shape: Arc::new(shape("x", None, None)), keys: None };
    let shape = shape("id", Some(vec![member("all", Declared::Nest(nest))]), None);
    let children = [record(&[int(2)]), record(&[int(1)])].concat();
    let rows = rendered(&shape, &record(&[int(1)]), &[&children]).unwrap();
    assert_eq!(rows, r#"[{"all":[{"x":2},{"x":1}]}]"#);
}

#[test]
fn rows_with_the_same_key_make_one_object() {
    let step = vec![member("text", of_column("step"))];
    let document = vec![
        member("id", of_column("id")),
        member("steps", Declared::Group("step".into(), step)),
        member("title", of_column("title")),
    ];
    let shape = shape("id title step", Some(document), Some("id"));
    let soup = |step| record(&[int(1), text("Soup"), text(step)]);
    let bread = record(&[int(2), text("Bread"), null(TEXT)]);
    let rows = [soup("boil"), soup("eat"), bread, soup("wash up")].concat();
    let expected = concat!(
        r#"[{"id":1,"steps":[{"text":"boil"},{"text":"eat"}],"title":"Soup"},"#,
        r#"{"id":2,"steps":[],"title":"Bread"},"#,
        r#"{"id":1,"steps":[{"text":"wash up"}],"title":"Soup"}]"#
    );
    assert_eq!(rendered(&shape, &rows, &[]).unwrap(), expected);
    let several = rendered_row(&shape, &rows);
    assert_eq!(several.unwrap_err(), "rows of several groups, where there should be one");
}

#[test]
fn an_error_says_where() {
    let inner = Arc::new(shape("id", None, None));
    let many = Column { name: "rows".into(), content: Content::Many(inner) };
    let shape = Shape::new(vec![column("id"), many], None, None).unwrap();
    let good = record(&[int(1), array(&[record(&[int(2)])])]);
    let bad = record(&[int(1), array(&[record(&[(INT4, Some(vec![0; 3]))])])]);
    let error = rendered(&shape, &[good.clone(), bad.clone()].concat(), &[]).unwrap_err();
    assert_eq!(error.path.to_string(), "$[1].rows[0].id");
    assert_eq!(error.malformed.offset, good.len() + bad.len() - 3);
}

#[test]
fn rows_of_another_shape_are_refused() {
    let shape = shape("id title", None, None);
    let error = rendered(&shape, &record(&[int(1)]), &[]).unwrap_err();
    assert_eq!(error.malformed.what, "a row of 1 values, where the shape has 2 columns: id, title");
    let error = rendered(&shape, &record(&[int(1), text("a")])[..20], &[]).unwrap_err();
    assert!(error.malformed.what.contains("cut off"), "{error}");
}

#[test]
fn rows_are_not_matched_by_values_that_cannot_be_keys() {
    let keys = Some(("x".into(), "id".into()));
    let nest = Nest { rows: "a".into(), shape: Arc::new(shape("x", None, None)), keys };
    let shape = shape("id", Some(vec![member("all", Declared::Nest(nest))]), None);
    let float = record(&[(701, Some(vec![0; 8]))]);
    let error = rendered(&shape, &record(&[int(1)]), &[&float]).unwrap_err();
    assert_eq!(error.malformed.what, "rows cannot be matched by a value of type OID 701");
    let short = record(&[(INT4, Some(vec![0; 2]))]);
    let error = rendered(&shape, &short, &[&record(&[int(1)])]).unwrap_err();
    assert_eq!(error.malformed.what, "a number of 2 bytes");
}

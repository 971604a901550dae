//! Documents of packed rows: rows in rows, rows of another query, groups.

#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use rowjson_core::document::packed::Packed;
use rowjson_core::document::render::{Renderer, collect};
use rowjson_core::document::shape::{Column, Content, Declared, Nest, Shape};
use rowjson_core::json::binary::Binary;
use rowjson_core::postgres::types::{Kind, Oid, Type};
use rowjson_fuzz::check_json;

/// The types whose JSON is embedded without a check: `json`, its array, `jsonb`, its array.
const EMBEDDED: [Oid; 4] = [114, 199, 3802, 3807];

fuzz_target!(|parts: (&[u8], &[u8], u8)| {
    let (rows, nested, which) = parts;
    let shape = &SHAPES[usize::from(which) % SHAPES.len()];
    let Ok(nested) = shape
        .nests()
        .iter()
        .map(|nest| collect(nest, &Packed::new(nested)))
        .collect::<Result<Vec<_>, _>>()
    else {
        return;
    };
    let renderer = Renderer { context: &Binary::Hex, nested: &nested };
    let mut out = Vec::new();
    match renderer.put_rows(shape, &Packed::new(rows), &mut out) {
        Ok(()) => check_json(&out, mentions_json(rows) || mentions_json(parts.1)),
        Err(error) => assert!(error.malformed.offset <= rows.len().max(parts.1.len()), "{error}"),
    }
    out.clear();
    let _ = renderer.put_row(shape, &Packed::new(rows), &mut out);
});

fn mentions_json(bytes: &[u8]) -> bool {
    bytes.windows(4).any(|window| EMBEDDED.iter().any(|oid| window == oid.to_be_bytes()))
}

static SHAPES: LazyLock<[Shape; 4]> = LazyLock::new(|| {
    let plain = || Arc::new(Shape::new(columns(&["id", "name"]), None, None).unwrap());
    let holding = |name: &str, content| Column { name: name.into(), content };
    let many = Shape::new(
        vec![holding("one", Content::One(plain())), holding("many", Content::Many(plain()))],
        None,
        None,
    );
    let keys = Some(("id".into(), "id".into()));
    let nest = Declared::Nest(Nest { rows: "rows".into(), shape: plain(), keys });
    let name = || vec![("name".into(), Declared::Column("name".into()))];
    let group = Declared::Group("name".into(), name());
    let nested =
        vec![("id".into(), Declared::Nullable("id".into(), name())), ("rows".into(), nest)];
    [
        Shape::new(columns(&["id", "name"]), None, None).unwrap(),
        many.unwrap(),
        Shape::new(columns(&["id", "name"]), Some(nested), None).unwrap(),
        Shape::new(columns(&["id", "name"]), Some(vec![("all".into(), group)]), Some("id"))
            .unwrap(),
    ]
});

/// Columns of values, of which the last is declared as text.
fn columns(names: &[&str]) -> Vec<Column> {
    let kind = |place| (place + 1 == names.len()).then_some(Kind::Scalar(Type::Text));
    let column = |(place, name): (usize, &&str)| Column {
        name: (*name).into(),
        content: Content::Value(kind(place)),
    };
    names.iter().enumerate().map(column).collect()
}

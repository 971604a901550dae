//! The documents for the serializer rowjson: each shape names the columns of a query, in their order, and
//! the document made of them.
//!
//! With one query for each table the lists of a recipe and the reactions to a note are rows of their own,
//! not columns. The shapes that take them so are named `…_APART`.

use std::sync::{Arc, LazyLock};

use rowjson_core::document::shape::{Column, Content, Declared, Document, Nest, Shape};

const INGREDIENT: [&str; 6] = ["id", "position", "quantity", "name", "description", "optional"];
const SECTION: [&str; 3] = ["id", "position", "title"];
const STEP: [&str; 3] = ["id", "position", "text"];
const EVENT: [&str; 5] = ["id", "action", "created_by_id", "created_by_name", "created_at"];
const REACTION: [&str; 5] = ["id", "emoji", "created_by_id", "created_by_name", "created_at"];
const NOTE: [&str; 6] =
    ["id", "text", "created_by_id", "created_by_name", "created_at", "updated_at"];
const ABSTRACT: [&str; 8] =
    ["id", "title", "author", "source", "servings", "minutes", "tags", "archived"];
const OWNER: [&str; 3] = ["owner_type", "owner_id", "owner_name"];
const TIMES: [&str; 2] = ["created_at", "updated_at"];

/// The row of `recipe_single.sql`.
pub static RECIPE: LazyLock<Shape> = LazyLock::new(|| {
    let reactions = many("reactions", &Arc::new(shape(values(&REACTION), reaction())));
    let columns = [values(&NOTE), vec![reactions]].concat();
    let lists = lists(Arc::new(shape(columns, note(column("reactions")))));
    let columns = [values(&ABSTRACT), values(&OWNER), values(&TIMES)].concat();
    let columns = [columns, lists.each_ref().map(|(name, list)| many(name, list)).into()].concat();
    shape(columns, recipe(lists.map(|(name, _)| column(name))))
});

/// The row of `recipe.sql`, and the rows of each list.
pub static RECIPE_APART: LazyLock<Shape> = LazyLock::new(|| {
    let columns = [values(&ABSTRACT), values(&OWNER), values(&TIMES)].concat();
    let lists = lists(Arc::clone(&NOTE_APART));
    shape(columns, recipe(lists.map(|(name, shape)| nest(name, shape, None))))
});

/// A row of `recipe_list.sql`.
pub static SUMMARY: LazyLock<Shape> = LazyLock::new(|| {
    let names = [&ABSTRACT[..], &TIMES].concat();
    shape(values(&names), members(&names))
});

/// A row of `notes.sql` or `note_create.sql`, and the rows of its reactions, if there are any.
pub static NOTE_APART: LazyLock<Arc<Shape>> = LazyLock::new(|| {
    let columns = [&["note_id"], &REACTION[..]].concat();
    let reaction = Arc::new(shape(values(&columns), reaction()));
    let reactions = nest("reactions", reaction, Some(("note_id".into(), "id".into())));
    Arc::new(shape(values(&NOTE), note(reactions)))
});

/// The lists of a recipe, and the shape of the rows of each list.
fn lists(note: Arc<Shape>) -> [(&'static str, Arc<Shape>); 5] {
    let plain = |names: &[&str]| Arc::new(shape(values(names), members(names)));
    [
        ("ingredients", plain(&INGREDIENT)),
        ("sections", plain(&SECTION)),
        ("steps", plain(&STEP)),
        ("events", Arc::new(shape(values(&EVENT), event()))),
        ("notes", note),
    ]
}

fn recipe([ingredients, sections, steps, events, notes]: [Declared; 5]) -> Document {
    let [ty, id, name] = OWNER.map(column);
    let owner = [("type", ty), ("id", id), ("name", name)];
    let timeline = [("events", events), ("notes", notes)];
    let mut document = members(&ABSTRACT);
    document.extend(object([("owner", Declared::Object(object(owner)))]));
    document.extend(members(&TIMES));
    document.extend(object([
        ("ingredients", ingredients),
        ("sections", sections),
        ("steps", steps),
        ("timeline", Declared::Object(object(timeline))),
    ]));
    document
}

fn note(reactions: Declared) -> Document {
    object([
        ("id", column("id")),
        ("text", column("text")),
        ("created_by", Declared::Object(person())),
        ("created_at", column("created_at")),
        ("updated_at", column("updated_at")),
        ("reactions", reactions),
    ])
}

fn reaction() -> Document {
    object([
        ("id", column("id")),
        ("emoji", column("emoji")),
        ("created_by", Declared::Object(person())),
        ("created_at", column("created_at")),
    ])
}

fn event() -> Document {
    object([
        ("id", column("id")),
        ("action", column("action")),
        // NULL if the system acted.
        ("created_by", Declared::Nullable("created_by_id".into(), person())),
        ("created_at", column("created_at")),
    ])
}

fn person() -> Document {
    object([("id", column("created_by_id")), ("name", column("created_by_name"))])
}

fn object<const N: usize>(members: [(&str, Declared); N]) -> Document {
    members.map(|(name, declared)| (name.into(), declared)).into()
}

/// Columns under their own names.
fn members(names: &[&str]) -> Document {
    names.iter().map(|name| ((*name).into(), column(name))).collect()
}

fn column(name: &str) -> Declared {
    Declared::Column(name.into())
}

fn nest(rows: &str, shape: Arc<Shape>, keys: Option<(Box<str>, Box<str>)>) -> Declared {
    Declared::Nest(Nest { rows: rows.into(), shape, keys })
}

fn values(names: &[&str]) -> Vec<Column> {
    names
        .iter()
        .map(|name| Column { name: (*name).into(), content: Content::Value(None) })
        .collect()
}

fn many(name: &str, shape: &Arc<Shape>) -> Column {
    Column { name: name.into(), content: Content::Many(Arc::clone(shape)) }
}

#[expect(
    clippy::expect_used,
    reason = "no request has a say in it, and the tests compile each shape"
)]
fn shape(columns: Vec<Column>, document: Document) -> Shape {
    Shape::new(columns, Some(document), None).expect("a shape that does not contradict itself")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(shape: &Shape) -> Vec<&str> {
        shape.columns().iter().map(|column| &*column.name).collect()
    }

    fn nests(shape: &Shape) -> Vec<&str> {
        shape.nests().iter().map(|nest| &*nest.rows).collect()
    }

    #[test]
    fn a_list_is_a_column_or_rows_of_its_own() {
        let lists = ["ingredients", "sections", "steps", "events", "notes"];
        let apart = columns(&RECIPE_APART);
        assert_eq!(columns(&RECIPE), [&apart[..], &lists].concat());
        assert!(nests(&RECIPE).is_empty());
        for list in lists.iter().chain(&["reactions"]) {
            assert!(nests(&RECIPE_APART).contains(list), "{list}");
        }
    }
}

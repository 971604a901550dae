use super::*;

fn columns(names: &str) -> Vec<Column> {
    let column = |name: &str| Column { name: name.into(), content: Content::Value(None) };
    names.split_whitespace().map(column).collect()
}

fn member(name: &str, declared: Declared) -> (Box<str>, Declared) {
    (name.into(), declared)
}

fn column(name: &str) -> Declared {
    Declared::Column(name.into())
}

fn contradiction(names: &str, document: Document, group_by: Option<&str>) -> String {
    Shape::new(columns(names), Some(document), group_by).unwrap_err().0
}

fn nest(rows: &str, key: &str, parent: &str) -> Declared {
    let shape = Arc::new(Shape::new(columns("id note_id"), None, None).unwrap());
    Declared::Nest(Nest { rows: rows.into(), shape, keys: Some((key.into(), parent.into())) })
}

#[test]
fn unknown_names_are_refused() {
    let complaint = "no column \"nam\" among id, name";
    assert_eq!(contradiction("id name", vec![member("name", column("nam"))], None), complaint);
    let nullable = Declared::Nullable("nam".into(), vec![member("id", column("id"))]);
    assert_eq!(contradiction("id name", vec![member("a", nullable)], None), complaint);
    assert_eq!(contradiction("id name", vec![member("a", column("id"))], Some("nam")), complaint);
    assert_eq!(
        contradiction("id name", vec![member("a", nest("r", "note_id", "nam"))], None),
        complaint
    );
    assert_eq!(
        contradiction("id", vec![member("a", nest("r", "recipe_id", "id"))], None),
        "no column \"recipe_id\" among id, note_id"
    );
}

#[test]
fn names_that_are_used_twice_are_refused() {
    let twice = Shape::new(columns("id id"), None, None).unwrap_err();
    assert_eq!(twice.0, "the column \"id\" is there twice");
    let members = vec![member("a", column("id")), member("a", column("id"))];
    assert_eq!(contradiction("id", members, None), "the member \"a\" is there twice");
    let members = vec![member("a", nest("r", "id", "id")), member("b", nest("r", "id", "id"))];
    assert_eq!(contradiction("id", members, None), "the Nest of rows \"r\" is there twice");
}

#[test]
fn a_document_has_one_group_at_most_and_then_group_by() {
    let group = || Declared::Group("id".into(), vec![member("id", column("id"))]);
    let inner = Declared::Group("id".into(), vec![member("inner", group())]);
    let by = Some("id");
    assert_eq!(
        contradiction("id", vec![member("a", group())], None),
        "a Group needs the shape's group_by"
    );
    assert_eq!(
        contradiction("id", vec![member("a", column("id"))], by),
        "group_by needs a Group in the document"
    );
    assert!(
        contradiction("id", vec![member("a", group()), member("b", group())], by)
            .starts_with("two Groups")
    );
    assert!(contradiction("id", vec![member("a", inner)], by).starts_with("a Group in a Group"));
}

#[test]
fn a_shape_has_columns_and_an_object_has_members() {
    assert_eq!(contradiction("", vec![], None), "a shape without columns");
    assert_eq!(contradiction("id", vec![], None), "an object without members");
}

#[test]
fn a_shape_needs_the_rows_of_the_shapes_in_it() {
    let document = vec![member("reactions", nest("reactions", "note_id", "id"))];
    let note = Arc::new(Shape::new(columns("id"), Some(document), None).unwrap());
    let notes = Column { name: "notes".into(), content: Content::Many(note) };
    let recipe = Shape::new(vec![notes], None, None).unwrap();
    assert_eq!(recipe.nests().iter().map(|nest| &*nest.rows).collect::<Vec<_>>(), ["reactions"]);
}

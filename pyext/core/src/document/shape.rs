//! Shapes: which columns rows have, and which document is made of them.

use std::fmt;
use std::sync::Arc;

use crate::document::key::{is_key, is_number};
use crate::json::DEPTH;
use crate::json::lead::Lead;
use crate::postgres::types::Kind;

/// A column of a shape's rows.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name in the document's declaration. The query may name it otherwise.
    pub name: Box<str>,
    /// What is in it.
    pub content: Content,
}

/// What is in a column.
#[derive(Clone, Debug)]
pub enum Content {
    /// A value, and its type if that is declared, as for a user's enum or a domain.
    Value(Option<Kind>),
    /// A row, or NULL.
    One(Arc<Shape>),
    /// Rows; NULL means no rows.
    Many(Arc<Shape>),
}

/// How a member of a document is declared.
#[derive(Clone, Debug)]
pub enum Declared {
    /// The column of this name.
    Column(Box<str>),
    /// An object in this one, made from the same row.
    Object(Document),
    /// An object, or null where this column is NULL.
    Nullable(Box<str>, Document),
    /// The rows of another query that belong to this row.
    Nest(Nest),
    /// An array with one object for each row of the group, without the rows in which this column is NULL.
    Group(Box<str>, Document),
}

/// Names and declarations of members, in the order of the JSON.
pub type Document = Vec<(Box<str>, Declared)>;

/// Rows of another query.
#[derive(Clone, Debug)]
pub struct Nest {
    /// What the rows are given as.
    pub rows: Box<str>,
    /// What is made of them.
    pub shape: Arc<Shape>,
    /// The column of these rows, and that of the row they belong to, that must be equal. Without them, all
    /// rows belong to each row.
    pub keys: Option<(Box<str>, Box<str>)>,
}

/// Why a declaration contradicts itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction(pub String);

impl fmt::Display for Contradiction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Contradiction {}

/// A document, compiled: columns are known by their places, and what is the same in each row is encoded.
#[derive(Debug)]
pub struct Shape {
    columns: Box<[Column]>,
    pub(crate) object: Object,
    pub(crate) group_by: Option<usize>,
    nests: Vec<Arc<Nested>>,
    height: usize,
}

/// The members of an object.
#[derive(Debug)]
pub(crate) struct Object {
    pub members: Box<[Member]>,
}

#[derive(Debug)]
pub(crate) struct Member {
    pub lead: Lead,
    pub name: Box<str>,
    pub value: Value,
}

#[derive(Debug)]
pub(crate) enum Value {
    Scalar(usize, Option<Kind>),
    One(usize, Arc<Shape>),
    Many(usize, Arc<Shape>),
    Object(Object),
    Nullable(usize, Object),
    Nested(Arc<Nested>),
    Group(usize, Object),
}

/// A [`Nest`], compiled.
#[derive(Debug)]
pub struct Nested {
    /// What the rows are given as.
    pub rows: Box<str>,
    /// What is made of them.
    pub shape: Arc<Shape>,
    /// The place of the column of these rows, and of that of the row they belong to, that must be equal.
    pub(crate) keys: Option<(usize, usize)>,
}

impl Shape {
    /// Compiles a declaration. Without a document, each column is a member under its own name.
    ///
    /// # Errors
    ///
    /// A name is unknown or used twice, the document is nested too deep, or a Group and `group_by` do not go
    /// together.
    pub fn new(
        columns: Vec<Column>,
        document: Option<Document>,
        group_by: Option<&str>,
    ) -> Result<Self, Contradiction> {
        let names = || columns.iter().map(|column| &column.name);
        if columns.is_empty() {
            return Err(Contradiction("a shape without columns".into()));
        }
        refuse_twice(names(), "column")?;
        let document = document.unwrap_or_else(|| {
            names().map(|name| (name.clone(), Declared::Column(name.clone()))).collect()
        });
        let mut compiler = Compiler { columns: &columns, nests: Vec::new(), groups: 0 };
        let group_by = group_by.map(|name| key_column(&columns, name)).transpose()?;
        let object = compiler.object(document)?;
        match (group_by, compiler.groups) {
            (Some(_), 1) | (None, 0) => {}
            (None, _) => return Err(Contradiction("a Group needs the shape's group_by".into())),
            (Some(_), 0) => {
                return Err(Contradiction("group_by needs a Group in the document".into()));
            }
            (Some(_), _) => {
                return Err(Contradiction(
                    "two Groups in one document would multiply each other's rows: nest one of them"
                        .into(),
                ));
            }
        }
        let mut nests = compiler.nests;
        for column in &columns {
            if let Content::One(shape) | Content::Many(shape) = &column.content {
                nests.extend(shape.nests.iter().cloned());
            }
        }
        refuse_twice(nests.iter().map(|nest| &nest.rows), "Nest of rows")?;
        let height = object.height().max(columns.iter().map(Column::height).max().unwrap_or(0));
        if height > DEPTH {
            return Err(Contradiction(format!("a document nested deeper than {DEPTH} levels")));
        }
        Ok(Self { columns: columns.into(), object, group_by, nests, height })
    }

    /// How deep its objects are nested, including those of the shapes in it.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// The columns of its rows.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Checks that a row has as many values as the shape has columns.
    ///
    /// # Errors
    ///
    /// It has not; the message says so.
    pub fn check_width(&self, found: usize) -> Result<(), String> {
        let columns = &self.columns;
        if found == columns.len() {
            return Ok(());
        }
        let names: Vec<_> = columns.iter().map(|column| &*column.name).collect();
        Err(format!(
            "a row of {found} values, where the shape has {} columns: {}",
            columns.len(),
            names.join(", ")
        ))
    }

    /// The rows of other queries that it needs, including those of the shapes in it.
    #[must_use]
    pub fn nests(&self) -> &[Arc<Nested>] {
        &self.nests
    }
}

impl Column {
    fn height(&self) -> usize {
        match &self.content {
            Content::Value(_) => 0,
            Content::One(shape) | Content::Many(shape) => shape.height,
        }
    }
}

impl Object {
    fn height(&self) -> usize {
        let heights = self.members.iter().map(|member| match &member.value {
            Value::Scalar(..) => 0,
            Value::One(_, shape) | Value::Many(_, shape) => shape.height,
            Value::Nested(nested) => nested.shape.height,
            Value::Object(object) | Value::Nullable(_, object) | Value::Group(_, object) => {
                object.height()
            }
        });
        1 + heights.max().unwrap_or(0)
    }
}

struct Compiler<'a> {
    columns: &'a [Column],
    nests: Vec<Arc<Nested>>,
    groups: usize,
}

impl Compiler<'_> {
    fn place(&self, name: &str) -> Result<usize, Contradiction> {
        place(self.columns, name)
    }

    fn object(&mut self, document: Document) -> Result<Object, Contradiction> {
        if document.is_empty() {
            return Err(Contradiction("an object without members".into()));
        }
        refuse_twice(document.iter().map(|(name, _)| name), "member")?;
        let members = document
            .into_iter()
            .enumerate()
            .map(|(index, (name, declared))| {
                Ok(Member {
                    lead: Lead::new(index == 0, &name),
                    name,
                    value: self.value(declared)?,
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Object { members })
    }

    fn value(&mut self, declared: Declared) -> Result<Value, Contradiction> {
        Ok(match declared {
            Declared::Column(name) => {
                let place = self.place(&name)?;
                match &self.columns[place].content {
                    Content::Value(kind) => Value::Scalar(place, *kind),
                    Content::One(shape) => Value::One(place, Arc::clone(shape)),
                    Content::Many(shape) => Value::Many(place, Arc::clone(shape)),
                }
            }
            Declared::Object(document) => Value::Object(self.object(document)?),
            Declared::Nullable(name, document) => {
                Value::Nullable(self.place(&name)?, self.object(document)?)
            }
            Declared::Nest(nest) => Value::Nested(self.nested(nest)?),
            Declared::Group(name, document) => {
                self.groups += 1;
                let before = self.groups;
                let group = Value::Group(self.place(&name)?, self.object(document)?);
                if self.groups > before {
                    return Err(Contradiction("a Group in a Group: nest one of them".into()));
                }
                group
            }
        })
    }

    fn nested(&mut self, Nest { rows, shape, keys }: Nest) -> Result<Arc<Nested>, Contradiction> {
        let keys = keys
            .map(|(key, parent)| {
                let places =
                    (key_column(&shape.columns, &key)?, key_column(self.columns, &parent)?);
                let declared = (&shape.columns[places.0].content, &self.columns[places.1].content);
                if let (Content::Value(Some(one)), Content::Value(Some(other))) = declared
                    && is_number(*one) != is_number(*other)
                {
                    let what = format!("{key:?} is {one} and {parent:?} is {other}: never equal");
                    return Err(Contradiction(what));
                }
                Ok(places)
            })
            .transpose()?;
        self.nests.extend(shape.nests.iter().cloned());
        let nested = Arc::new(Nested { rows, shape, keys });
        self.nests.push(Arc::clone(&nested));
        Ok(nested)
    }
}

fn place(columns: &[Column], name: &str) -> Result<usize, Contradiction> {
    columns.iter().position(|column| &*column.name == name).ok_or_else(|| {
        let names: Vec<_> = columns.iter().map(|column| &*column.name).collect();
        Contradiction(format!("no column {name:?} among {}", names.join(", ")))
    })
}

/// The place of a column by which rows are matched or grouped.
fn key_column(columns: &[Column], name: &str) -> Result<usize, Contradiction> {
    let place = place(columns, name)?;
    let what = match &columns[place].content {
        Content::Value(None) => return Ok(place),
        Content::Value(Some(kind)) if is_key(*kind) => return Ok(place),
        Content::Value(Some(kind)) => kind.to_string(),
        Content::One(_) => "a row".into(),
        Content::Many(_) => "rows".into(),
    };
    Err(Contradiction(format!("rows cannot be matched by {name:?}, which is {what}")))
}

fn refuse_twice<'a>(
    names: impl Iterator<Item = &'a Box<str>>,
    what: &str,
) -> Result<(), Contradiction> {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Contradiction(format!("the {what} {:?} is there twice", pair[0]))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;

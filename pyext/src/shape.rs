//! The classes with which Python code declares documents.

use std::sync::Arc;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping, PyString};
use rowjson_core::document::shape as core;
use rowjson_core::document::sql;
use rowjson_core::json::DEPTH;
use rowjson_core::postgres::types::Kind;

use crate::error::type_name;
use crate::shaped::Shaped;
use crate::stack::{LEVEL, SHAPE_LEVEL, Stack};

/// A column with a declared type.
#[pyclass(frozen, module = "rowjson")]
pub struct Column {
    name: Box<str>,
    kind: Kind,
}

/// A column that holds a row: an object, or null.
#[pyclass(frozen, module = "rowjson")]
pub struct One {
    name: Box<str>,
    shape: Arc<core::Shape>,
}

/// A column that holds rows: an array of objects.
#[pyclass(frozen, module = "rowjson")]
pub struct Many {
    name: Box<str>,
    shape: Arc<core::Shape>,
}

/// An object, or null where a column is NULL.
#[pyclass(frozen, module = "rowjson")]
pub struct Nullable(Part);

/// The rows of another query that belong to this row.
#[pyclass(frozen, module = "rowjson")]
pub struct Nest(core::Nest);

/// An array of objects, one for each of the group's rows.
#[pyclass(frozen, module = "rowjson")]
pub struct Group(Part);

/// A column and a document that depends on it.
struct Part {
    column: Box<str>,
    document: core::Document,
    /// How deep its objects are nested.
    height: usize,
}

impl Part {
    fn new(column: &str, document: &Bound<'_, PyAny>) -> PyResult<Self> {
        let mut height = 0;
        let document = document_of(document, 0, &mut height)?;
        Ok(Self { column: column.into(), document, height })
    }

    /// Its column and its document, for a document in which it is `depth` objects deep.
    fn declared(&self, depth: usize, height: &mut usize) -> PyResult<(Box<str>, core::Document)> {
        reach(depth + self.height, height)?;
        Ok((self.column.clone(), self.document.clone()))
    }
}

/// A document, declared once.
#[pyclass(frozen, module = "rowjson")]
pub struct Shape(Arc<core::Shape>);

#[pymethods]
impl Column {
    #[new]
    fn new(name: &str, r#type: &str) -> PyResult<Self> {
        let kind = Kind::from_name(r#type).ok_or_else(|| {
            PyValueError::new_err(format!("{type:?} is no built-in type that has a JSON"))
        })?;
        Ok(Self { name: name.into(), kind })
    }
}

#[pymethods]
impl One {
    #[new]
    fn new(name: &str, shape: &Bound<'_, Shape>) -> Self {
        Self { name: name.into(), shape: Arc::clone(&shape.get().0) }
    }
}

#[pymethods]
impl Many {
    #[new]
    fn new(name: &str, shape: &Bound<'_, Shape>) -> Self {
        Self { name: name.into(), shape: Arc::clone(&shape.get().0) }
    }
}

#[pymethods]
impl Nullable {
    #[new]
    fn new(column: &str, document: &Bound<'_, PyAny>) -> PyResult<Self> {
        Part::new(column, document).map(Self)
    }
}

#[pymethods]
impl Nest {
    #[new]
    #[pyo3(signature = (rows, shape, *, key=None, parent=None))]
    fn new(
        rows: &str,
        shape: &Bound<'_, Shape>,
        key: Option<&str>,
        parent: Option<&str>,
    ) -> PyResult<Self> {
        let keys = match (key, parent) {
            (Some(key), Some(parent)) => Some((key.into(), parent.into())),
            (None, None) => None,
            _ => return Err(PyValueError::new_err("a Nest needs both key and parent, or neither")),
        };
        Ok(Self(core::Nest { rows: rows.into(), shape: Arc::clone(&shape.get().0), keys }))
    }
}

#[pymethods]
impl Group {
    #[new]
    fn new(column: &str, document: &Bound<'_, PyAny>) -> PyResult<Self> {
        Part::new(column, document).map(Self)
    }
}

/// A query that returns the rows of another as one value.
#[pyfunction]
#[pyo3(signature = (query, shape=None, /))]
pub fn packed(query: &str, shape: Option<&Bound<'_, Shape>>) -> String {
    sql::packed(query, shape.map(|shape| &*shape.get().0))
}

#[pymethods]
impl Shape {
    #[new]
    #[pyo3(signature = (columns, document=None, *, group_by=None))]
    fn new(
        columns: &Bound<'_, PyAny>,
        document: Option<&Bound<'_, PyAny>>,
        group_by: Option<&str>,
    ) -> PyResult<Self> {
        if columns.is_instance_of::<PyString>() {
            return Err(PyTypeError::new_err("columns must be a sequence of names, not str"));
        }
        let columns =
            columns.try_iter()?.map(|column| column_of(&column?)).collect::<PyResult<_>>()?;
        let document = document.map(|document| document_of(document, 0, &mut 0)).transpose()?;
        let shape = core::Shape::new(columns, document, group_by)
            .map_err(|contradiction| PyValueError::new_err(contradiction.0))?;
        Ok(Self(Arc::new(shape)))
    }

    /// Returns itself, because it never changes.
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }

    /// One row, for dumps to write as an object.
    #[pyo3(signature = (row, /, **nested))]
    fn row(&self, row: &Bound<'_, PyAny>, nested: Option<&Bound<'_, PyDict>>) -> PyResult<Shaped> {
        if row.is_none() {
            return Err(PyValueError::new_err(
                "no row to write: None, as a query without rows gives",
            ));
        }
        Shaped::new(&self.0, row, true, nested)
    }

    /// Rows, for dumps to write as an array.
    #[pyo3(signature = (rows, /, **nested))]
    fn rows(
        &self,
        rows: &Bound<'_, PyAny>,
        nested: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Shaped> {
        Shaped::new(&self.0, rows, false, nested)
    }
}

fn column_of(column: &Bound<'_, PyAny>) -> PyResult<core::Column> {
    let (name, content) = if let Ok(name) = column.cast::<PyString>() {
        (name.to_str()?.into(), core::Content::Value(None))
    } else if let Ok(column) = column.cast::<Column>() {
        (column.get().name.clone(), core::Content::Value(Some(column.get().kind)))
    } else if let Ok(one) = column.cast::<One>() {
        (one.get().name.clone(), core::Content::One(Arc::clone(&one.get().shape)))
    } else if let Ok(many) = column.cast::<Many>() {
        (many.get().name.clone(), core::Content::Many(Arc::clone(&many.get().shape)))
    } else {
        let what =
            format!("a column is a str, a Column, a One or a Many, not {}", type_name(column));
        return Err(PyTypeError::new_err(what));
    };
    Ok(core::Column { name, content })
}

/// Reads a document that is `depth` objects deep in another. Raises `height` to the deepest level in it.
fn document_of(
    document: &Bound<'_, PyAny>,
    depth: usize,
    height: &mut usize,
) -> PyResult<core::Document> {
    reach(depth + 1, height)?;
    let Ok(document) = document.cast::<PyMapping>() else {
        let what = format!("a document is a mapping of its members, not {}", type_name(document));
        return Err(PyTypeError::new_err(what));
    };
    let mut members = Vec::new();
    for item in document.items()? {
        let (name, member): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
        let name = name.cast::<PyString>().map_err(|_| {
            PyTypeError::new_err(format!("a member's name is a str, not {}", type_name(&name)))
        })?;
        members.push((name.to_str()?.into(), declared(&member, depth + 1, height)?));
    }
    Ok(members)
}

fn declared(
    member: &Bound<'_, PyAny>,
    depth: usize,
    height: &mut usize,
) -> PyResult<core::Declared> {
    Ok(if let Ok(column) = member.cast::<PyString>() {
        core::Declared::Column(column.to_str()?.into())
    } else if let Ok(nullable) = member.cast::<Nullable>() {
        let (column, document) = nullable.get().0.declared(depth, height)?;
        core::Declared::Nullable(column, document)
    } else if let Ok(nest) = member.cast::<Nest>() {
        core::Declared::Nest(nest.get().0.clone())
    } else if let Ok(group) = member.cast::<Group>() {
        let (column, document) = group.get().0.declared(depth, height)?;
        core::Declared::Group(column, document)
    } else if member.cast::<PyMapping>().is_ok() {
        core::Declared::Object(document_of(member, depth, height)?)
    } else {
        let what = format!(
            "a member is a column's name, a mapping, a Nullable, a Nest or a Group, not {}",
            type_name(member)
        );
        return Err(PyTypeError::new_err(what));
    })
}

fn reach(depth: usize, height: &mut usize) -> PyResult<()> {
    if depth > DEPTH {
        let what =
            format!("a document nested deeper than {DEPTH} levels (does it contain itself?)");
        return Err(PyValueError::new_err(what));
    }
    // Compiling and copying the document recurse as deep as it is nested.
    if !Stack::of_thread().has(LEVEL + depth * SHAPE_LEVEL, &depth) {
        let what =
            format!("a document of {depth} levels, more than this thread's stack has room for");
        return Err(PyValueError::new_err(what));
    }
    *height = depth.max(*height);
    Ok(())
}

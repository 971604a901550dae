//! Rows with their shape, for the encoder to write.

use std::sync::Arc;

use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyMemoryView};
use pyo3::{PyTraverseError, PyVisit};
use rowjson_core::document::shape::{Nested, Shape};

/// Rows with their shape: dumps writes it wherever it stands.
#[pyclass(frozen, module = "rowjson")]
pub struct Shaped {
    pub shape: Arc<Shape>,
    pub source: Source,
    /// An object, not an array.
    pub single: bool,
    pub nested: Vec<(Arc<Nested>, Source)>,
}

/// Where rows come from.
pub enum Source {
    /// Rows packed by Postgres; nobody can change bytes.
    Packed(Py<PyBytes>),
    /// Python objects: one row, or a list or tuple of rows.
    Objects(Py<PyAny>),
    /// No rows at all: what an aggregate of none gives.
    Nothing,
}

impl Source {
    fn new(rows: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(if rows.is_none() {
            Self::Nothing
        } else if let Ok(bytes) = rows.cast::<PyBytes>() {
            Self::Packed(bytes.clone().unbind())
        } else if rows.is_instance_of::<PyByteArray>() || rows.is_instance_of::<PyMemoryView>() {
            let buffer = PyBuffer::<u8>::get(rows).map_err(|_| {
                PyTypeError::new_err("packed rows in a memoryview of other items than bytes")
            })?;
            let copy = buffer.to_vec(rows.py())?;
            Self::Packed(PyBytes::new(rows.py(), &copy).unbind())
        } else {
            Self::Objects(rows.clone().unbind())
        })
    }
}

#[pymethods]
impl Shaped {
    /// Rows may hold what they are written by.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        let nested = self.nested.iter().map(|(_, source)| source);
        for source in nested.chain([&self.source]) {
            if let Source::Objects(rows) = source {
                visit.call(rows)?;
            }
        }
        Ok(())
    }
}

impl Shaped {
    pub fn new(
        shape: &Arc<Shape>,
        rows: &Bound<'_, PyAny>,
        single: bool,
        nested: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let mut sources = Vec::with_capacity(shape.nests().len());
        for nest in shape.nests() {
            let rows = nested.map(|nested| nested.get_item(&*nest.rows)).transpose()?.flatten();
            let rows = rows.ok_or_else(|| {
                PyTypeError::new_err(format!("the shape needs rows for its Nest: {}=…", nest.rows))
            })?;
            sources.push((Arc::clone(nest), Source::new(&rows)?));
        }
        for name in nested.iter().flat_map(|nested| nested.keys()) {
            let name = name.extract::<String>()?;
            if !sources.iter().any(|(nest, _)| *nest.rows == *name) {
                return Err(PyTypeError::new_err(format!(
                    "the shape has no Nest of rows {name:?}"
                )));
            }
        }
        Ok(Self { shape: Arc::clone(shape), source: Source::new(rows)?, single, nested: sources })
    }

    /// How many levels of nesting its objects are.
    pub fn height(&self) -> usize {
        self.shape.height()
    }
}

//! The class of rows with their shape, which the encoder writes.

use std::sync::Arc;

use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyMemoryView};
use pyo3::{PyTraverseError, PyVisit};
use rowjson_core::document::shape::{Nested, Shape};

/// Rows with their shape, which dumps writes wherever they stand.
#[pyclass(frozen, module = "rowjson")]
pub struct Shaped {
    pub shape: Arc<Shape>,
    pub source: Source,
    /// Whether it is one object, and not an array.
    pub single: bool,
    pub nested: Vec<(Arc<Nested>, Source)>,
}

/// Where rows come from.
pub enum Source {
    /// Rows packed by Postgres, in an object that cannot change.
    Packed(Py<PyBytes>),
    /// Python objects: one row, or a list or tuple of rows.
    Objects(Py<PyAny>),
    /// No rows: an aggregate over no rows returns NULL.
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
    /// Needed because rows can refer, through other objects, to this one.
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

    /// How deep its objects are nested.
    pub fn height(&self) -> usize {
        self.shape.height()
    }
}

//! Rows with their shape, for the encoder to write.

use std::sync::Arc;

use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyMemoryView, PyTuple};
use pyo3::{PyTraverseError, PyVisit};
use rowjson_core::document::packed::Packed;
use rowjson_core::document::render::{Cell, Renderer, Rows, collect};
use rowjson_core::document::shape::{Nested, Shape};
use rowjson_core::json::sink::Sink;

use crate::encode::{Encoder, Result};
use crate::error::Error;
use crate::rows::PyRows;

/// Rows with their shape: dumps writes it wherever it stands.
#[pyclass(frozen, module = "rowjson")]
pub struct Shaped {
    shape: Arc<Shape>,
    source: Source,
    /// An object, not an array.
    single: bool,
    nested: Vec<(Arc<Nested>, Source)>,
}

/// Where rows come from.
enum Source {
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

    /// The rows, where they are packed or none.
    fn packed<'a>(&'a self, py: Python<'a>) -> std::result::Result<Packed<'a>, Error> {
        match self {
            Self::Packed(bytes) => Ok(Packed::new(bytes.as_bytes(py))),
            Self::Nothing => Ok(Packed::new(b"")),
            Self::Objects(_) => Err(Error::unsupported(MIXED)),
        }
    }

    /// The rows, where they are objects or none.
    fn objects<'py>(&self, py: Python<'py>) -> std::result::Result<PyRows<'_, 'py>, Error> {
        match self {
            Self::Objects(rows) => PyRows::many(rows.bind(py)),
            Self::Nothing => PyRows::many(PyTuple::empty(py).as_any()),
            Self::Packed(_) => Err(Error::unsupported(MIXED)),
        }
    }
}

#[pymethods]
impl Shaped {
    /// Rows may hold what they are written by.
    fn __traverse__(&self, visit: PyVisit<'_>) -> std::result::Result<(), PyTraverseError> {
        let nested = self.nested.iter().map(|(_, source)| source);
        for source in nested.chain([&self.source]) {
            if let Source::Objects(rows) = source {
                visit.call(rows)?;
            }
        }
        Ok(())
    }
}

const MIXED: &str =
    "packed rows nested in rows that are not, or the other way round: pack all or none";

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

    /// Writes the document.
    pub fn put(&self, encoder: &Encoder<'_, '_>, sink: &mut impl Sink) -> Result {
        match &self.source {
            Source::Objects(rows) => {
                let rows = rows.bind(encoder.py);
                let rows = if self.single { PyRows::one(rows) } else { PyRows::many(rows) }?;
                self.put_objects(&rows, encoder, sink)
            }
            Source::Packed(bytes) => {
                self.put_packed(Packed::new(bytes.as_bytes(encoder.py)), encoder, sink)
            }
            Source::Nothing => {
                sink.put(b"[]");
                Ok(())
            }
        }
    }

    fn put_packed(
        &self,
        rows: Packed<'_>,
        encoder: &Encoder<'_, '_>,
        sink: &mut impl Sink,
    ) -> Result {
        let nested = self
            .nested
            .iter()
            .map(|(nested, source)| Ok(collect(nested, &source.packed(encoder.py)?)?))
            .collect::<std::result::Result<Vec<_>, Error>>()?;
        Ok(self.render(&rows, &Renderer { context: &encoder.binary, nested: &nested }, sink)?)
    }

    fn put_objects<'a, 'py>(
        &self,
        rows: &PyRows<'a, 'py>,
        encoder: &Encoder<'a, 'py>,
        sink: &mut impl Sink,
    ) -> Result {
        let sources = self
            .nested
            .iter()
            .map(|(_, source)| source.objects(encoder.py))
            .collect::<std::result::Result<Vec<_>, Error>>()?;
        let nested = self
            .nested
            .iter()
            .zip(&sources)
            .map(|((nested, _), rows)| collect(nested, rows))
            .collect::<std::result::Result<Vec<_>, Error>>()?;
        self.render(rows, &Renderer { context: encoder, nested: &nested }, sink)
    }

    fn render<C: Cell>(
        &self,
        rows: &impl Rows<C>,
        renderer: &Renderer<'_, C>,
        sink: &mut impl Sink,
    ) -> std::result::Result<(), C::Error> {
        if self.single {
            renderer.put_row(&self.shape, rows, sink)
        } else {
            renderer.put_rows(&self.shape, rows, sink)
        }
    }
}

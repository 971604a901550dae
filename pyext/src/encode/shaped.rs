//! Rows with their shape.

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use rowjson_core::document::packed::Packed;
use rowjson_core::document::render::{Cell, Renderer, Rows, collect};
use rowjson_core::json::sink::Sink;

use crate::encode::Encoder;
use crate::encode::rows::PyRows;
use crate::error::{Error, Result};
use crate::shaped::{Shaped, Source};

impl<'a, 'py> Encoder<'a, 'py> {
    /// Writes rows as their shape says.
    pub fn put_shaped(&self, shaped: &Shaped, sink: &mut impl Sink) -> Result {
        match &shaped.source {
            Source::Objects(rows) => {
                let rows = rows.bind(self.py);
                let rows = if shaped.single { PyRows::one(rows) } else { PyRows::many(rows) }?;
                self.put_objects(shaped, &rows, sink)
            }
            Source::Packed(bytes) => {
                self.put_packed(shaped, Packed::new(bytes.as_bytes(self.py)), sink)
            }
            Source::Nothing => {
                sink.put(b"[]");
                Ok(())
            }
        }
    }

    fn put_packed(&self, shaped: &Shaped, rows: Packed<'_>, sink: &mut impl Sink) -> Result {
        let nested = shaped
            .nested
            .iter()
            .map(|(nested, source)| Ok(collect(nested, &packed(source, self.py)?)?))
            .collect::<Result<Vec<_>>>()?;
        Ok(render(shaped, &rows, &Renderer { context: &self.binary, nested: &nested }, sink)?)
    }

    fn put_objects(&self, shaped: &Shaped, rows: &PyRows<'a, 'py>, sink: &mut impl Sink) -> Result {
        let sources = shaped
            .nested
            .iter()
            .map(|(_, source)| objects(source, self.py))
            .collect::<Result<Vec<_>>>()?;
        let nested = shaped
            .nested
            .iter()
            .zip(&sources)
            .map(|((nested, _), rows)| collect(nested, rows))
            .collect::<Result<Vec<_>>>()?;
        render(shaped, rows, &Renderer { context: self, nested: &nested }, sink)
    }
}

fn render<C: Cell>(
    shaped: &Shaped,
    rows: &impl Rows<C>,
    renderer: &Renderer<'_, C>,
    sink: &mut impl Sink,
) -> Result<(), C::Error> {
    if shaped.single {
        renderer.put_row(&shaped.shape, rows, sink)
    } else {
        renderer.put_rows(&shaped.shape, rows, sink)
    }
}

const MIXED: &str =
    "packed rows nested in rows that are not, or the other way round: pack all or none";

/// The rows, where they are packed or none.
fn packed<'a>(source: &'a Source, py: Python<'a>) -> Result<Packed<'a>> {
    match source {
        Source::Packed(bytes) => Ok(Packed::new(bytes.as_bytes(py))),
        Source::Nothing => Ok(Packed::new(b"")),
        Source::Objects(_) => Err(Error::unsupported(MIXED)),
    }
}

/// The rows, where they are objects or none.
fn objects<'a, 'py>(source: &'a Source, py: Python<'py>) -> Result<PyRows<'a, 'py>> {
    match source {
        Source::Objects(rows) => PyRows::many(rows.bind(py)),
        Source::Nothing => PyRows::many(PyTuple::empty(py).as_any()),
        Source::Packed(_) => Err(Error::unsupported(MIXED)),
    }
}

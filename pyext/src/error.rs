//! Why a value could not be encoded, and the Python exception for it.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};
use rowjson_core::document::packed;
use rowjson_core::json::check::NotJson;
use rowjson_core::json::path::{Path, Step, Traced};
use rowjson_core::postgres::error::Malformed;

/// What the encoder's functions return.
pub type Result<T = (), E = Error> = std::result::Result<T, E>;

/// Why a value could not be encoded, and where it is. It is one pointer, because every result has room for it.
pub struct Error(Box<Fault>);

struct Fault {
    path: Path,
    problem: Problem,
}

enum Problem {
    /// A value that has no JSON form.
    Unsupported(String),
    /// Rows that do not fit their shape.
    Rows(String),
    /// Packed rows whose bytes do not fit their types or their shape.
    Malformed(Malformed),
    /// An exception that Python code raised.
    Raised(PyErr),
}

impl Error {
    fn of(problem: Problem) -> Self {
        Self(Box::new(Fault { path: Path::default(), problem }))
    }

    #[cold]
    pub fn unsupported(what: impl Into<String>) -> Self {
        Self::of(Problem::Unsupported(what.into()))
    }

    /// A text that is not JSON, in a column that is declared as JSON. A codec may have decoded it: that cannot
    /// be told from the value.
    #[cold]
    pub fn not_json(problem: NotJson) -> Self {
        Self::of(Problem::Rows(format!(
            "a str in a column declared as JSON: {problem}; where the connection has a codec for JSON, \
             leave the declaration out"
        )))
    }

    #[cold]
    pub fn raised(error: PyErr) -> Self {
        Self::of(Problem::Raised(error))
    }

    /// The Python exception, which names the path.
    pub fn into_py(self, py: Python<'_>) -> PyErr {
        let Fault { path, problem } = *self.0;
        match problem {
            Problem::Unsupported(what) => PyTypeError::new_err(format!("{what}, at {path}")),
            Problem::Rows(what) => PyValueError::new_err(format!("{what}, at {path}")),
            Problem::Malformed(malformed) => {
                PyValueError::new_err(format!("malformed packed rows: {malformed}, at {path}"))
            }
            Problem::Raised(error) => {
                // Without the note, the exception is still worth raising.
                let _ = add_note(error.value(py), &format!("{NOTE}{path}"));
                error
            }
        }
    }
}

/// How a note begins.
const NOTE: &str = "while encoding ";
/// An exception keeps this many of our notes. Each call that it passes through adds one, so that one object
/// that is raised again and again would collect them without end.
const MOST_NOTES: usize = 8;

/// Adds a note to an exception, and removes the oldest of our notes if there are too many.
fn add_note(error: &Bound<'_, PyAny>, note: &str) -> PyResult<()> {
    error.call_method1("add_note", (note,))?;
    let notes = error.getattr("__notes__")?.cast_into::<PyList>()?;
    let added = |note: &Bound<'_, PyAny>| {
        note.cast::<PyString>().is_ok_and(|note| note.to_string_lossy().starts_with(NOTE))
    };
    if notes.iter().filter(added).count() > MOST_NOTES
        && let Some(oldest) = notes.iter().position(|note| added(&note))
    {
        notes.del_item(oldest)?;
    }
    Ok(())
}

impl Traced for Error {
    fn new(what: String) -> Self {
        Self::of(Problem::Rows(what))
    }

    fn under(mut self, step: Step) -> Self {
        self.0.path.enter(step);
        self
    }
}

impl From<packed::Error> for Error {
    fn from(error: packed::Error) -> Self {
        let packed::Finding { path, malformed } = error.into_finding();
        Self(Box::new(Fault { path, problem: Problem::Malformed(malformed) }))
    }
}

impl From<PyErr> for Error {
    fn from(error: PyErr) -> Self {
        Self::raised(error)
    }
}

/// The full name of a value's type, without `builtins.`, for messages.
pub fn type_name(object: &Bound<'_, PyAny>) -> String {
    let ty = object.get_type();
    ty.fully_qualified_name()
        .map_or_else(|_| "object".into(), |name| name.to_string_lossy().into_owned())
}
